"""A plain run of pytest finds every test file."""

from fnmatch import fnmatch
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
FOLDERS = sorted(
    {
        folder
        for path in TESTS.rglob("test_*.py")
        if "node_modules" not in path.parts
        for folder in path.relative_to(TESTS).parent.parts
    }
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_folder_of_tests_is_passed_over(pytestconfig: pytest.Config, folder: str):
    """By default pytest enters no folder that is called build or dist."""
    assert [pattern for pattern in pytestconfig.getini("norecursedirs") if fnmatch(folder, pattern)] == []
