"""Bytes on the disk: what lies in a folder, and files that are put in place whole or not at all."""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path


def walk_paths(output: Path) -> Iterator[str]:
    """Paths of all files in a folder, in any order, and of all links, which are never followed."""
    yield from (path for path, _ in walk_entries(output))


def walk_entries(output: Path) -> Iterator[tuple[str, bool]]:
    """The same, each with whether it is a link."""
    folders = [""]
    while folders:
        below = folders.pop()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(f"{output}/{below}") as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{below}{entry.name}/")
                else:
                    yield below + entry.name, entry.is_symlink()


def digest_bytes(raw: bytes) -> str:
    """The sha256 by which bytes are known."""
    return hashlib.sha256(raw).hexdigest()


def digest_file(path: str | Path) -> str | None:
    """The digest of what a file holds; None if there is no file, or a link to one."""
    try:
        raw = read_regular_file(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if raw is None else digest_bytes(raw)


def read_regular_file(path: str | Path) -> bytes | None:
    """The bytes of a file; None if it is a link, or anything but a file.

    A file is read by what the system itself offers: for tens of thousands of small ones, Python's own files cost more
    than the reading.
    """
    found = os.lstat(path)
    if not stat.S_ISREG(found.st_mode):
        return None
    handle = os.open(path, _READING)
    try:
        raw = os.read(handle, found.st_size + 1)  # of one that has grown since, not what it held before
        while len(raw) < found.st_size and (more := os.read(handle, found.st_size - len(raw))):
            raw += more  # some network drives give less at a time
        return raw
    finally:
        os.close(handle)


_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def split_into_chunks(digests: Mapping[str, str], chunk_size: int) -> Iterator[dict[str, str]]:
    """Files by path, with their digests, in pieces of no more than so many."""
    rest = iter(digests.items())
    return iter(lambda: dict(islice(rest, chunk_size)), {})


def find_changed_paths(output: Path, digests: Mapping[str, str]) -> list[str]:
    """Paths that do not hold what they should, in the order given."""
    return [path for path, wanted in digests.items() if digest_file(f"{output}/{path}") != wanted]


def temporary_path(path: str) -> str:
    """Where a file is written before it is put in place: a/b.html is written as a/.b.html.tmp."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.tmp"


def final_path(path: str) -> str:
    """The file that a temporary file was to become; any other path as it is."""
    return re.sub(r"(^|/)\.([^/]+)\.tmp$", r"\1\2", path) if path.endswith(".tmp") else path


def stage_files(output: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file beside its place."""
    for path, raw in contents.items():
        beside = output / temporary_path(path)
        beside.parent.mkdir(parents=True, exist_ok=True)
        _write(beside, raw)


def stage_copies(output: Path, sources: Mapping[str, str]) -> None:
    """Put beside each place a copy of a file that lies elsewhere."""
    for folder in {os.path.dirname(path) for path in sources}:  # noqa: PTH120
        (output / folder).mkdir(parents=True, exist_ok=True)
    for path, source in sources.items():
        with open(source, "rb", buffering=0) as stream:  # noqa: PTH123  of ten thousands of files a Path costs more
            _write(f"{output}/{temporary_path(path)}", stream.read())


def commit_files(output: Path, paths: Iterable[str]) -> None:
    """Put staged files in place, in the order given: readers see the old bytes or the new ones."""
    for path in paths:
        os.replace(f"{output}/{temporary_path(path)}", f"{output}/{path}")  # noqa: PTH105


def delete_files(output: Path, paths: Iterable[str]) -> None:
    """Delete files, and the folders that are empty without them."""
    for path in paths:
        (output / path).unlink(missing_ok=True)
        for folder in (output / path).parents:
            if folder == output:
                break
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def write_atomically(path: str, raw: bytes) -> None:
    """Write a file whole; it outlasts the process at once, a power cut after the next ``flush``."""
    beside = temporary_path(path)
    try:
        _write(beside, raw)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        _write(beside, raw)
    os.replace(beside, path)  # noqa: PTH105


def write_durably(path: Path, raw: bytes) -> None:
    """Write a file whole; it outlasts a power cut from now on."""
    stage_durably(path, raw)
    commit_durably(path)


def stage_durably(path: Path, raw: bytes) -> None:
    """The first half of ``keep``, all that needs room on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path.with_name(temporary_path(path.name)), raw, durably=True)


def commit_durably(path: Path) -> None:
    """The second half of ``keep``, a stroke."""
    path.with_name(temporary_path(path.name)).replace(path)
    if hasattr(os, "O_DIRECTORY"):  # Windows can't flush a folder
        folder = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def append_durably(path: Path, raw: bytes) -> None:
    """Add to the end of a file; it outlasts a power cut from now on."""
    with path.open("ab") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())


def _write(path: str | Path, raw: bytes, *, durably: bool = False) -> None:
    """Write the bytes and, where ``flush`` can't do it for all files together, flush them."""
    with open(path, "wb") as stream:  # noqa: PTH123
        stream.write(raw)
        if durably or not hasattr(os, "sync"):
            stream.flush()
            os.fsync(stream.fileno())


def flush_disk() -> None:
    """Bring all that was written to the disk: once a release, not once a file."""
    if hasattr(os, "sync"):
        os.sync()
