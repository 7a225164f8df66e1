"""A pytest plugin: every file that the program opens for writing, replaces or deletes is locked at the first attempt.

``make locked`` runs the suite with it: wherever the program gives up at once, a test fails.
"""

import os
import sys
from pathlib import Path
from types import FrameType

import pytest

from generator.disk import locked_files
from tests.site_project import REPOSITORY

PROGRAM = f"{REPOSITORY / 'generator'}{os.sep}"
LIBRARY = str(Path(os.__file__).parent)
EVENTS = {"open", "os.rename", "os.remove"}
# These lock files themselves, and count the attempts or the operations.
LOCKING = (
    "tests/disk/test_locked_files.py",
    "test_a_page_that_stays_open_is_named_and_the_next_run_completes",
    "test_a_command_does_the_same_operations_whatever_ran_here_before",
    "[file.in-use]",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not any(words in item.nodeid for words in LOCKING)]


def pytest_configure() -> None:
    locked_files.DELAYS = (0.0, 0.0)
    locked: set[tuple[str, str]] = set()

    def refuse(event: str, args: tuple[object, ...]) -> None:
        if event not in EVENTS or not isinstance(args[0], str | os.PathLike):
            return
        if event == "open" and not (isinstance(args[1], str) and set(args[1]) & set("wax")):
            return
        if not is_programs(sys._getframe(1)):  # noqa: SLF001
            return
        key = (event, str(args[0]))
        if key in locked:
            locked.remove(key)
        else:
            locked.add(key)
            raise PermissionError(13, "Permission denied", str(args[0]))

    sys.addaudithook(refuse)


def is_programs(frame: FrameType | None) -> bool:
    """Whether a file operation is the program's own: behind it stand, at most, modules of Python itself."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(PROGRAM):
            return True
        if not name.startswith((LIBRARY, "<")) or "site-packages" in name:
            return False
        frame = frame.f_back
    return False
