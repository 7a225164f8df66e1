"""Reading of files by digest, and writing of files that replace the old ones whole or not at all."""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from generator.disk import locked_files


def walk_paths(output: Path) -> Iterator[str]:
    """Yield the paths of all files in a folder, in any order, and of all links, which are never followed."""
    yield from (path for path, _ in walk_entries(output))


def walk_entries(output: Path) -> Iterator[tuple[str, bool]]:
    """Yield the same paths, each with whether it is a link."""
    folders = [""]
    while folders:
        folder = folders.pop()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(f"{output}/{folder}") as directory:
            for entry in directory:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{folder}{entry.name}/")
                else:
                    yield folder + entry.name, entry.is_symlink()


def digest_bytes(raw: bytes) -> str:
    """Return the sha256 of bytes, in hex."""
    return hashlib.sha256(raw).hexdigest()


def digest_file(path: str | Path) -> str | None:
    """Return the digest of a file's bytes; None if there is no file, or a link to one."""
    try:
        raw = read_regular_file(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if raw is None else digest_bytes(raw)


def read_regular_file(path: str | Path) -> bytes | None:
    """Return the bytes of a file; None if it is a link, or anything but a file."""
    # By system calls: for tens of thousands of small files, Python's own file objects cost more than the reading.
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        return None
    handle = locked_files.open_handle(path, _READ_FLAGS)
    try:
        raw = os.read(handle, status.st_size + 1)  # one more, so that the digest shows a file that grew
        while len(raw) < status.st_size and (more := os.read(handle, status.st_size - len(raw))):
            raw += more  # some network drives give less at a time
        return raw
    finally:
        os.close(handle)


_READ_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def split_into_chunks(digests: Mapping[str, str], chunk_size: int) -> Iterator[dict[str, str]]:
    """Split files and their digests, by path, into chunks of at most ``chunk_size`` files."""
    items = iter(digests.items())
    return iter(lambda: dict(islice(items, chunk_size)), {})


def find_changed_paths(output: Path, digests: Mapping[str, str]) -> list[str]:
    """Return the paths whose files do not have these digests, in the order given."""
    return [path for path, digest in digests.items() if digest_file(f"{output}/{path}") != digest]


def temporary_path(path: str) -> str:
    """Return the path at which a file is staged: a/b.html is first written as a/.b.html.tmp."""
    # In the folder of the file itself, as a rename replaces a file in one step only within a file system.
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.tmp"


def final_path(path: str) -> str:
    """Return the path for which a temporary file was staged; any other path unchanged."""
    return re.sub(r"(^|/)\.([^/]+)\.tmp$", r"\1\2", path) if path.endswith(".tmp") else path


def stage_files(output: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file at its temporary path."""
    for path, raw in contents.items():
        staged = output / temporary_path(path)
        staged.parent.mkdir(parents=True, exist_ok=True)
        _write(staged, raw, output / path, flushed=not _can_flush_disk())


def stage_copies(output: Path, sources: Mapping[str, str]) -> None:
    """Write a copy of each source at the temporary path of its target; ``sources`` are by target."""
    for folder in {os.path.dirname(path) for path in sources}:
        (output / folder).mkdir(parents=True, exist_ok=True)
    for path, source in sources.items():
        staged = f"{output}/{temporary_path(path)}"
        with locked_files.open_to_read(source) as stream:
            _write(staged, stream.read(), f"{output}/{path}", flushed=not _can_flush_disk())
        _set_later_time(staged, f"{output}/{path}")


def _set_later_time(staged: str, target: str) -> None:
    """Give a staged file a later time than that of the file it replaces.

    Web servers that compare whole seconds and the size believe it unchanged else; some disks count every other second.
    """
    try:
        replaced = int(os.stat(target).st_mtime)
    except (FileNotFoundError, NotADirectoryError):
        return
    if int(os.stat(staged).st_mtime) <= replaced:
        with suppress(PermissionError):
            os.utime(staged, (replaced + _TIME_STEP, replaced + _TIME_STEP))
        if int(os.stat(staged).st_mtime) <= replaced:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP), target)


_TIME_STEP = 2  # seconds


def commit_files(output: Path, paths: Iterable[str]) -> None:
    """Rename staged files to their targets, in the order given: readers see the old bytes or the new ones.

    If one can't be renamed, those after it are deleted where they are staged, and its OSError is raised.
    """
    waiting = iter(paths)
    for path in waiting:
        staged = f"{output}/{temporary_path(path)}"
        try:
            locked_files.replace_file(staged, f"{output}/{path}")
        except OSError:
            for leftover in [staged, *(f"{output}/{temporary_path(path)}" for path in waiting)]:
                with suppress(OSError):
                    os.unlink(leftover)
            raise


def delete_files(output: Path, paths: Iterable[str]) -> None:
    """Delete files, and the folders that are then empty."""
    for path in paths:
        locked_files.delete_file(output / path)
        for folder in (output / path).parents:
            if folder == output:
                break
            if folder.is_dir() and not any(folder.iterdir()):
                with suppress(PermissionError):  # an empty folder that a file manager shows does no harm
                    folder.rmdir()


def write_atomically(path: str, raw: bytes, *, durably: bool = True) -> None:
    """Write a file whole; it outlasts the process at once, and a power cut after the next ``flush_disk``.

    Where a system can't flush the whole disk, the latter only if ``durably`` is true.
    """
    staged, flushed = temporary_path(path), durably and not _can_flush_disk()
    try:
        _write(staged, raw, path, flushed=flushed)
    except FileNotFoundError:  # cheaper than to look for the folder before each file
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _write(staged, raw, path, flushed=flushed)
    _replace(staged, path)


def _replace(staged: str | Path, path: str | Path) -> None:
    """Put a staged file in the place of another, or leave nothing of it."""
    try:
        locked_files.replace_file(staged, path)
    except OSError:
        with suppress(OSError):
            os.unlink(staged)
        raise


def write_durably(path: Path, raw: bytes) -> None:
    """Write a file whole; it outlasts a power cut once this returns."""
    stage_durably(path, raw)
    commit_durably(path)


def stage_durably(path: Path, raw: bytes) -> None:
    """Do the first half of ``write_durably``, all that needs room on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path.with_name(temporary_path(path.name)), raw, path, flushed=True)


def commit_durably(path: Path) -> None:
    """Do the second half of ``write_durably``, a rename."""
    _replace(path.with_name(temporary_path(path.name)), path)
    if hasattr(os, "O_DIRECTORY"):  # Windows can't flush a folder
        folder = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def discard_staged(path: Path) -> None:
    """Delete what ``stage_durably`` wrote, if it was not put in place."""
    locked_files.delete_file(path.with_name(temporary_path(path.name)))


def append_durably(path: Path, raw: bytes) -> None:
    """Add bytes to the end of a file; they outlast a power cut once this returns."""
    with locked_files.open_to_append(path) as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())


def _write(path: str | Path, raw: bytes, target: str | Path, *, flushed: bool) -> None:
    """Write the bytes that are meant for a target, which errors name; nothing is left of a file that isn't whole."""
    try:
        with locked_files.open_to_write(path, target) as stream:
            stream.write(raw)
            if flushed:
                stream.flush()
                os.fsync(stream.fileno())
    except OSError as error:
        error.filename = str(target)  # of a full disk Python doesn't know the file
        with suppress(OSError):
            os.unlink(path)
        raise


def flush_disk() -> None:
    """Flush everything written to the disk: once a release, not once a file."""
    if _can_flush_disk():
        os.sync()


def _can_flush_disk() -> bool:
    """Return whether the system can flush all files together."""
    return hasattr(os, "sync")
