"""The contents of a project's source files, looked at again and again for changes."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from generator.disk import atomic_files

Stamp: TypeAlias = tuple[int, ...]
"""What the system knows of a file: if any of it changed, the file is read again."""

_READING_TIME = 0.005  # seconds of each look, for files with the same stamp


class SourceWatch:
    """Folders, and the digest of each file in them when it was last read.

    Contents count, never times: a file may be older than the one that it replaces, and programs that keep folders in
    step touch files without changing them. Where a stamp stays the same though the content changed, as it may on
    Windows and on memory sticks, the file is noticed in its turn: each look reads some of the others again.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._stamps: dict[str, Stamp] = {}
        self._digests: dict[str, str] = {}
        self._turn: list[str] = []

    def find_change(self) -> bool:
        """Look at all files; return whether a content changed, or a file is new or gone, since the last look."""
        stamps = {path: stamp for folder in self._folders for path, stamp in _list_stamps(str(folder))}
        before, self._digests = self._digests, {path: self._digests.get(path, "") for path in stamps}
        for path, stamp in stamps.items():
            if self._stamps.get(path) != stamp:
                self._digests[path] = _digest_content(path)
        self._stamps = stamps
        self._read_some_again()
        return self._digests != before

    def _read_some_again(self) -> None:
        self._turn = self._turn or list(self._stamps)
        last = time.monotonic() + _READING_TIME
        while self._turn and time.monotonic() < last:
            path = self._turn.pop()
            if path in self._stamps:
                self._digests[path] = _digest_content(path)


def _list_stamps(folder: str) -> Iterator[tuple[str, Stamp]]:
    """Yield the paths of all files and links in a folder, with their stamps; of what can't be read, the folder's."""
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        yield folder, (error.errno or 0,)
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _list_stamps(entry.path)
        else:
            yield entry.path, _read_stamp(entry.path)


def _read_stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116  of a link, that of the file behind it
    except OSError as error:
        return (error.errno or 0,)
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode


def _digest_content(path: str) -> str:
    try:
        return atomic_files.digest_file(os.path.realpath(path)) or "special"
    except OSError as error:
        return f"unreadable: {error.errno}"
