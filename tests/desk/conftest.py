"""A desk that runs, for all files of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desks import TODAY, RunningDesk, desk, make_organ
from tests.site_project import SiteProject


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return make_organ(tmp_path / "organ")


@pytest.fixture
def running(organ: SiteProject, tmp_path: Path) -> Iterator[RunningDesk]:
    with desk(organ.root, tmp_path / "desk", TODAY) as running:
        yield running
