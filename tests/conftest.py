"""The sample site, built once for all workers."""

import gc
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner
from filelock import FileLock
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page

from generator.commands import cli
from tests.browser.pages import Windows, launched, opened
from tests.site_project import REPOSITORY, copy_sample

PROVE = os.environ.get("PROVE") == "1"

settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a time: the tables of characters are made by the first who asks
    max_examples=1000 if PROVE else 25,
)
settings.load_profile("any machine")
# For properties of which each example is a whole organ, read and scored or written.
few_examples = settings(max_examples=400 if PROVE else 6)

# No test cuts the power: none waits until the disk holds what all of them write.
os.sync = lambda: None
os.fsync = lambda _file: None

# What the tests themselves are made of never dies, and is not looked through over and over for what did.
gc.set_threshold(50_000, 20, 20)

# What tests write lies in memory where there is room: a disk takes longer over each file, most of all to delete it.
MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 * 1024**3:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# The shell without windows opens a page in a tenth of the time that the whole browser takes.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
SAMPLE_DAY = "2026-11-22"

T = TypeVar("T")
U = TypeVar("U")


def sample_of(everyone: Sequence[T], count: int) -> list[T]:
    """A sample, the same each time and in order; all of them to prove it."""
    if PROVE:
        return list(everyone)
    places = random.Random(len(everyone)).sample(range(len(everyone)), min(count, len(everyone)))
    return [everyone[place] for place in sorted(places)]


def pairs(first: Sequence[T], second: Sequence[U]) -> list[tuple[T, U]]:
    """Each of the one with some of the other, each of either at least once; to prove it, each with each."""
    if PROVE:
        return [*product(first, second)]
    return [(first[n % len(first)], second[n % len(second)]) for n in range(max(len(first), len(second)))]


def build(root: Path, output: Path, *words: str) -> Path:
    """Build a site project on the sample's day."""
    done = CliRunner().invoke(cli, ["-C", str(root), "build", "--output", str(output), "--today", SAMPLE_DAY, *words])
    assert done.exit_code == 0, done.output
    return output


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample organ, for reading only."""
    return copy_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site that ``jifenbang build`` makes of the sample."""
    return copy_site(tmp_path_factory)


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's site for all four audiences."""
    return copy_site(tmp_path_factory, "--audience", "organ,branch,member,committee")


def copy_site(folders: pytest.TempPathFactory, *words: str) -> Path:
    """A worker's copy of the sample's site, which the first of all workers that needs it builds."""
    common = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent
    organ, built = common / "organ", common / "-".join(("site", *words))
    with FileLock(common / "sites.lock"):
        if not organ.exists():
            copy_sample(organ)
        if not built.exists():
            build(organ, built, *words)
    return shutil.copytree(built, folders.mktemp("site") / "site")


@pytest.fixture(scope="session")
def hall_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's site for the organ, in the theme for a hall."""
    root = copy_sample(tmp_path_factory.mktemp("hall"))
    settings = root / "content/site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("theme: default", "theme: hall"), encoding="utf-8")
    return build(root, tmp_path_factory.mktemp("hall-site") / "site", "--audience", "organ")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with launched(CHROMIUM) as browser:
        yield browser


@pytest.fixture(scope="module")
def windows(chromium: Browser) -> Windows:
    """Windows for tests that leave nothing in the browser's store."""
    opened_once = cache(partial(opened, chromium))

    def window(width: int, **options: object) -> Page:
        page = opened_once(width, **options)
        page.set_viewport_size({"width": width, "height": 800})
        return page

    return window


WEB = REPOSITORY / "tests/web/node_modules"
INSTALLED_BY = {
    "chromium": "apt install chromium-headless-shell, or chromium",
    "pdftotext": "apt install poppler-utils",
    "soffice": "apt install libreoffice-calc",
    "ssh-keygen": "apt install openssh-client",
    "java": "apt install default-jre-headless",
    "nginx": "apt install nginx-light",
    "npm": "apt install npm, then make test",
}


def is_here(tool: str) -> bool:
    """Whether a program is installed; of npm, whether it has brought what tests/web/package.json names."""
    if tool == "npm":
        return (WEB / ".tests").exists()
    return bool(CHROMIUM if tool == "chromium" else shutil.which(tool))


# A file of tests is one worker's. These folders have the long ones, which begin first: no worker ends with one, alone.
LONG = ["browser", "publish", "system", "build", "queries", "bench"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what needs a tool that isn't here, and say so; on CI that is an error, not an excuse."""
    items.sort(key=lambda item: LONG.index(item.path.parent.name) if item.path.parent.name in LONG else len(LONG))
    for item in items:
        for mark in item.iter_markers("needs"):
            (tool,) = mark.args
            if not is_here(tool) and not os.environ.get("CI"):
                item.add_marker(pytest.mark.skip(reason=f"needs {tool} (Debian: {INSTALLED_BY[tool]})"))


def pytest_collection_finish() -> None:
    """Exclude all tests and libraries from garbage collection."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End a run that left out tests for want of a tool with a line that says so."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    reasons = Counter(str(report.longrepr[2]) for report in skipped if "needs " in str(report.longrepr))
    if reasons:
        tools = "; ".join(f"{count} × {reason.removeprefix('Skipped: ')}" for reason, count in reasons.items())
        sys.stdout.write(f"NOT ALL WAS TESTED: {sum(reasons.values())} tests were left out: {tools}\n")
