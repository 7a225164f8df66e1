"""Ledgers that are remembered as read: the same as if they were read anew, and none is read twice."""

import re
from pathlib import Path

import pytest

from generator.build import branch, input_cache
from generator.build.cache import decode_value
from generator.build.input_cache import LedgerReader
from generator.intake.files import ledger_file
from tests.build.courses import FIRST, Course, lines, month
from tests.site_project import REPOSITORY, SiteProject

SHEETS = sorted(
    path
    for folder in (REPOSITORY / "ledgers", REPOSITORY / "tests/errors")
    for path in folder.rglob("*.yaml")
    if re.fullmatch(r"\d\d(\.c\d+)?", path.stem) and path.is_file()
)


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
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


def test_what_is_remembered_is_what_was_read():
    cached: bytes | None = b""
    for _ in ("read", "remembered"):
        assert cached is not None
        reader = LedgerReader(cached)
        for path, number in map(numbered, SHEETS):
            raw, name = path.read_bytes(), path.relative_to(REPOSITORY).as_posix()
            assert reader.read_ledger(raw, name, number) == ledger_file.read_ledger(raw, name, number), name
        cached = reader.encode_read()
    assert cached is None  # nothing new


def test_the_place_of_a_file_is_part_of_what_is_read():
    raw, reader = b"branch: [\n", LedgerReader(b"")
    told = [reader.read_ledger(raw, name)[1][0].where.file for name in ("one.yaml", "two.yaml")]
    assert told == ["one.yaml", "two.yaml"]


def test_what_is_no_longer_there_is_forgotten():
    cached: bytes | None = b""
    for raws in ([b"branch: a\n", b"branch: b\n"], [b"branch: b\n"]):
        reader = LedgerReader(cached or b"")
        for raw in raws:
            reader.read_ledger(raw, "01.yaml")
        cached = reader.encode_read()
    kept = decode_value(cached or b"", dict)
    assert kept is not None
    assert len(kept) == 1


def read_by_a_build(organ: SiteProject, monkeypatch: pytest.MonkeyPatch, jobs: int = 1) -> set[str]:
    """The ledgers that a build reads in earnest, in whatever process."""
    log = organ.root / "read.log"
    log.write_text("", encoding="utf-8")

    def noted(raw: bytes, file: str, number: int = 0) -> object:
        with log.open("a", encoding="utf-8") as written:
            written.write(f"{file}\n")
        return ledger_file.read_ledger(raw, file, number)

    branch.clear_caches()
    with monkeypatch.context() as patch:
        patch.setattr(input_cache, "ledger_file", type("Noted", (), {"read_ledger": staticmethod(noted)}))
        done = organ.run("build", "--jobs", jobs, today=FIRST)
    assert done.exit_code == 0, done.output
    return set(log.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_an_approval_only_that_month_is_read(organ: SiteProject, monkeypatch: pytest.MonkeyPatch, jobs: int):
    first = read_by_a_build(organ, monkeypatch, jobs)
    path = organ.ledger("jia", month(3), lines(3, "李四"))
    organ.approve(path, meeting="2027-01-03", today=FIRST)
    approved = path.relative_to(organ.root).as_posix()
    assert len([name for name in first if "/jia/" in name]) > 1
    assert read_by_a_build(organ, monkeypatch, jobs) == {approved}
    assert read_by_a_build(organ, monkeypatch, jobs) == set()


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_task_of_any_kind_reads_is_not_read_again(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch, jobs: int
):
    """Reports and summaries are cached, ledgers lost: whoever draws the pages reads them, for all later builds."""
    first = read_by_a_build(organ, monkeypatch, jobs)
    for name in ("jia", "yi", "bing"):
        key = input_cache.ledger_cache_key(name)
        (organ.root / ".jifenbang/cache" / key[:2] / key).unlink()
    for words, read in (("甲", first), ("乙", set())):
        organ.write("content/pages/about.md", f"---\ntitle: {words}\n---\n")
        assert read_by_a_build(organ, monkeypatch, jobs) == read
