"""Temporary folders."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def make_temporary_folder() -> Iterator[Path]:
    """Make a folder and delete it in the end; the work is done even if a file in it is still open elsewhere, and stays.

    Only its owner can read it.
    """
    with tempfile.TemporaryDirectory(prefix="jifenbang-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
