"""File operations that wait for another program to let go of a file: a virus scanner, WPS or Excel, a sync disk.

Windows refuses to open, replace or delete a file that is open elsewhere, and most programs let go within a second.
"""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from io import BufferedReader, BufferedWriter, FileIO
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

DELAYS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds between attempts: about three in all


def open_to_read(path: str | Path) -> BufferedReader:
    """Open a file to read bytes. Raises PermissionError, as do all functions here, if it stays locked."""
    return wait_while_locked(path, lambda: open(path, "rb"), lambda: os.access(path, os.R_OK))


def open_to_write(path: str | Path, target: str | Path) -> BufferedWriter:
    """Open a file to write bytes, for the time being at a path of its own; errors name the ``target``."""
    return wait_while_locked(target, lambda: open(path, "wb"))


def open_to_append(path: str | Path) -> BufferedWriter:
    """Open a file to add bytes to its end; it is made if there is none."""
    return wait_while_locked(path, lambda: open(path, "ab"))


def create_private(path: str | Path) -> FileIO:
    """Open a new file to write bytes that its owner alone may read; raises FileExistsError if there is one."""
    return wait_while_locked(path, lambda: open(path, "xb", buffering=0, opener=_open_private))


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def open_handle(path: str | Path, flags: int) -> int:
    """Return the handle of an existing file."""
    return wait_while_locked(path, lambda: os.open(path, flags), lambda: os.access(path, os.R_OK))


def copy_file(source: str | Path, target: str | Path) -> None:
    """Write a copy of a file's bytes."""
    wait_while_locked(target, lambda: shutil.copyfile(source, target))


def replace_file(source: str | Path, target: str | Path) -> None:
    """Rename a file to a path whose file it replaces in one step; errors name the target."""
    wait_while_locked(target, lambda: os.replace(source, target))


def delete_file(path: str | Path) -> None:
    """Delete a file, if there is one."""
    with suppress(FileNotFoundError):
        wait_while_locked(path, lambda: os.unlink(path))


def wait_while_locked(
    path: str | Path, operation: Callable[[], T], is_permitted: Callable[[], bool] | None = None
) -> T:
    """Return an operation's result, tried again while it is refused though the permissions allow it.

    By default it is permitted if the folder of ``path``, the file that errors name, may be written.
    """
    for delay in DELAYS:
        try:
            return operation()
        except PermissionError:
            if not (is_permitted() if is_permitted else _is_folder_writable(path)):
                break
            time.sleep(delay)
    try:
        return operation()
    except PermissionError as error:
        raise PermissionError(error.errno, error.strerror, str(path)) from error


def _is_folder_writable(path: str | Path) -> bool:
    return os.access(os.path.dirname(path) or ".", os.W_OK)
