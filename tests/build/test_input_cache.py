"""Ledgers that are remembered as read: the same as if they were read anew, and none is read twice."""

import re
from pathlib import Path

import pytest

from generator.build import input_cache
from generator.build.cache import Cache
from generator.build.input_cache import LedgerCache
from generator.intake.files import ledger_file
from tests.build.test_warm_equals_cold import FIRST, Course, lines, month
from tests.site_project import REPOSITORY, Organ

SHEETS = sorted(
    path
    for folder in (REPOSITORY / "ledgers", REPOSITORY / "tests/errors")
    for path in folder.rglob("*.yaml")
    if re.fullmatch(r"\d\d(\.c\d+)?", path.stem) and path.is_file()
)


@pytest.fixture
def organ(tmp_path: Path) -> Organ:
    return Course(tmp_path).organ


def test_there_are_sheets_of_all_kinds():
    found = [
        (number, ledger_file.read_ledger(path.read_bytes(), "x.yaml", number)) for path, number in map(numbered, SHEETS)
    ]
    kinds = {(number > 0, document is None, bool(problems), sealed) for number, (document, problems, sealed) in found}
    assert {(False, False, False, True), (False, False, False, False), (False, True, True, False)} <= kinds
    assert any(corrects for corrects, *_ in kinds)


def numbered(path: Path) -> tuple[Path, int]:
    """A ledger, or a correction with its number."""
    found = re.search(r"c(\d+)$", path.stem)
    return path, int(found[1]) if found else 0


def test_what_is_remembered_is_what_was_read(tmp_path: Path):
    memo = Cache(tmp_path / "cache")
    for _ in ("read", "remembered"):
        drawer = LedgerCache(memo, "jia")
        for path, number in map(numbered, SHEETS):
            raw, name = path.read_bytes(), path.relative_to(REPOSITORY).as_posix()
            assert drawer.read_ledger(raw, name, number) == ledger_file.read_ledger(raw, name, number), name
        drawer.save()


def test_the_place_of_a_file_is_part_of_what_is_read(tmp_path: Path):
    raw, drawer = b"branch: [\n", LedgerCache(Cache(tmp_path / "cache"), "jia")
    told = [drawer.read_ledger(raw, name)[1][0].where.file for name in ("one.yaml", "two.yaml")]
    assert told == ["one.yaml", "two.yaml"]


def test_what_is_no_longer_there_is_forgotten(tmp_path: Path):
    memo = Cache(tmp_path / "cache")
    for raws in ([b"branch: a\n", b"branch: b\n"], [b"branch: b\n"]):
        drawer = LedgerCache(memo, "jia")
        for raw in raws:
            drawer.read_ledger(raw, "01.yaml")
        drawer.save()
    kept = memo.get(input_cache.ledger_cache_key("jia"), dict)
    assert kept is not None
    assert len(kept) == 1


def read_by_a_build(organ: Organ, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ledgers that a build reads in earnest."""
    found: set[str] = set()

    def noted(raw: bytes, file: str, number: int = 0) -> object:
        found.add(file)
        return ledger_file.read_ledger(raw, file, number)

    with monkeypatch.context() as patch:
        patch.setattr(input_cache, "ledger_file", type("Noted", (), {"read_ledger": staticmethod(noted)}))
        done = organ.run("build", "--jobs", "1", today=FIRST)
    assert done.exit_code == 0, done.output
    return found


def test_after_an_approval_only_that_month_is_read(organ: Organ, monkeypatch: pytest.MonkeyPatch):
    first = read_by_a_build(organ, monkeypatch)
    path = organ.ledger("jia", month(3), lines(3, "李四"))
    organ.approve(path, meeting="2027-01-03", today=FIRST)
    approved = path.relative_to(organ.root).as_posix()
    assert len([name for name in first if "/jia/" in name]) > 1
    assert read_by_a_build(organ, monkeypatch) == {approved}
    assert read_by_a_build(organ, monkeypatch) == set()
