"""A talk sheet names the neighbours on the board only where points decide who is above and who below."""

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from generator.core.basics.periods import PeriodKind
from generator.core.page_data import talk_sheets
from generator.core.page_data.talk_sheets import TalkSheet
from tests.site_project import RULEBOOK, SiteProject, branch_pages, members, survey

LATE = "  - {{member: {0}, item: late-document, date: 2026-03-02, times: {1}}}\n"
SANCTION = "  - {{member: {0}, item: sanction, date: 2026-03-03, evidence: {{document: 决定}}}}\n"
NAMES = ("a", "b", "c")


def sheets(root: Path, entries: str, rulebook: str = RULEBOOK) -> dict[str, TalkSheet]:
    """The talk sheets of a branch of three after a quarter."""
    organ = SiteProject(root, members(*(f"{name} 员{name} jia" for name in NAMES), branches="jia"), rulebook)
    files = [organ.ledger("jia", month) for month in ("2026-01", "2026-02")]
    activity = "activities: [{item: study, date: 2026-03-01, title: 学习}]\n"
    organ.approve(*files, organ.ledger("jia", "2026-03", f"{activity}entries:\n{entries}"), meeting="2026-04-03")
    pages = (spec.build_page() for _, spec in branch_pages(survey(root)) if "/talks/" in spec.path)
    found = (page.data["talk"] for page in pages)
    return {sheet.account.member.id: sheet for sheet in found}


# Each has 2 points less what is lost; whose sheet names whom above and below.
NEIGHBOURS = {
    "by points": (LATE.format("b", 1) + LATE.format("c", 2), {"a": (None, "b"), "b": ("a", "c"), "c": ("b", None)}),
    "level": (LATE.format("b", 1) + LATE.format("c", 1), {"a": (None, "b"), "b": ("a", None), "c": ("a", None)}),
    "vetoed below more": (
        LATE.format("b", 1) + SANCTION.format("c"),
        {"a": (None, "b"), "b": ("a", "c"), "c": (None, None)},
    ),
    "vetoed below less than zero": (
        LATE.format("b", 5) + SANCTION.format("c"),
        {"a": (None, "b"), "b": ("a", None), "c": (None, None)},
    ),
    "two vetoed": (
        SANCTION.format("b") + SANCTION.format("c"),
        {"a": (None, "b"), "b": (None, None), "c": (None, None)},
    ),
}


@pytest.mark.parametrize(("entries", "wanted"), NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_neighbours_are_those_from_whom_points_tell_apart(
    tmp_path: Path, entries: str, wanted: dict[str, tuple[str | None, str | None]]
):
    found = sheets(tmp_path, entries)
    named = {name: tuple(one and one.member.id for one in (sheet.above, sheet.below)) for name, sheet in found.items()}
    assert named == wanted


def test_a_reset_says_what_it_took(tmp_path: Path):
    root = tmp_path / "reset"
    found = sheets(root, SANCTION.format("c"), RULEBOOK.replace("veto: cycle ", "veto: reset "))["c"]
    assert found.standing.score.points == 0
    assert [(line.item.id, line.points) for line in found.lines] == [("sanction", Decimal(-2))]
    assert found.earned == 2
    organ = SiteProject.__new__(SiteProject)
    organ.root = root
    assert organ.run("build", "--audience", "committee").exit_code == 0
    assert ">否决 −2<" in (root / "site/committee/talks/c.html").read_text(encoding="utf-8")


def test_a_sheet_lists_the_lines_that_fit_and_counts_the_others(tmp_path: Path):
    late = [LATE.format("c", 1).replace("03-02", f"03-{day:02}") for day in range(2, 18)]
    found = sheets(tmp_path, "".join(late))["c"]
    assert (len(found.lines), found.more) == (14, 2)


def test_a_sheet_rests_on_the_newest_quarter_of_the_branch():
    boards = [
        (PeriodKind.QUARTER, "jia"),
        (PeriodKind.QUARTER, "yi"),
        (PeriodKind.HALF, "yi"),
        (PeriodKind.QUARTER, None),
    ]
    places = [SimpleNamespace(period=SimpleNamespace(kind=kind), board=(None, branch)) for kind, branch in boards]
    assert talk_sheets._newest_quarter(places) is places[1]  # noqa: SLF001
    assert talk_sheets._newest_quarter(places[2:]) is None  # noqa: SLF001
