"""What a member's own page tells: places with gap and median, meters with what is still open."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.basics import numbers
from generator.core.basics.numbers import RoundingMode
from generator.core.page_data.member_history import MemberAccount, YearAccount
from generator.core.scoring.board_positions import BoardPosition
from tests.corrections import digest as seal
from tests.site_project import RULEBOOK, SiteProject, accounts, members, name_numbered, survey

LATE = "{{member: m{0}, item: late-document, times: {1}, date: 2026-03-02}}"
SANCTION = "{{member: m{0}, item: sanction, date: 2026-03-03, evidence: {{document: 决定}}}}"


def march(tmp_path: Path, entries: Iterable[str], count: int, rulebook: str = RULEBOOK) -> dict[str, MemberAccount]:
    """The accounts of m0, m1 and so on after one month of one branch."""
    roster = members(*(f"m{number} {name_numbered(number)} jia" for number in range(count)), branches="jia")
    organ = SiteProject(tmp_path, roster, rulebook)
    organ.ledger("jia", "2026-03", "entries:\n" + "\n".join(f"  - {entry}" for entry in entries))
    return accounts(survey(tmp_path, drafts=True))


def month(account: MemberAccount) -> BoardPosition:
    place = account.years[0].newest.place
    assert place is not None
    return place


# --- gap and median --------------------------------------------------------------------------------------------------

# How many points each has lost in a branch, how far each stands behind the rank above, and the branch's median.
PLACES = [
    ([1], [None], None),
    ([1, 2, 3, 9], [None, 1, 1, 6], None),  # four: the middle would tell too much
    ([1, 2, 3, 9, 9], [None, 1, 1, 6, 6], "-3"),
    ([1, 1, 1, 1, 4], [None, None, None, None, 3], "-1"),
    ([1, 2, 3, 4, 5, 6], [None, 1, 1, 1, 1, 1], "-3.5"),
    ([1, 1, 5, 5, 5, 5], [None, None, 4, 4, 4, 4], "-5"),
]


@pytest.mark.parametrize(("lost", "behind", "median"), PLACES)
def test_a_place_tells_the_gap_above_and_the_median_of_five_or_more(
    tmp_path: Path, lost: list[int], behind: list[int | None], median: str | None
):
    found = march(tmp_path, [LATE.format(*one) for one in enumerate(lost)], len(lost))
    places = [month(found[f"m{number}"]) for number in range(len(lost))]
    assert [place.points for place in places] == [-one for one in lost]
    assert [place.behind for place in places] == behind
    assert {place.median for place in places} == {None if median is None else Decimal(median)}


def test_the_median_of_an_even_count_is_rounded_as_the_rulebook_names(tmp_path: Path):
    rulebook = RULEBOOK.replace("{rule: half-up, step: 0.01}", "{rule: down, step: 1}")
    found = march(tmp_path, [LATE.format(*one) for one in enumerate([1, 2, 3, 4, 5, 6])], 6, rulebook)
    assert month(found["m0"]).median == -3


def test_the_vetoed_are_behind_nobody_by_points(tmp_path: Path):
    found = march(tmp_path, [LATE.format(0, 3), SANCTION.format(1)], 2)
    assert [(month(found[one]).rank, month(found[one]).behind) for one in ("m0", "m1")] == [(1, None), (2, None)]


def test_the_organs_board_gives_no_median_on_a_members_page(tmp_path: Path):
    roster = members(*(f"m{number} {name_numbered(number)} jia" for number in range(6)), branches="jia")
    organ = SiteProject(tmp_path, roster)
    organ.approve(*(organ.ledger("jia", f"2026-{number:02}") for number in range(1, 7)))
    (year,) = accounts(survey(tmp_path))["m0"].years
    assert [(half.of, half.median) for half in year.halves] == [(6, None)]
    assert [quarter.median for quarter in year.quarters] == [0, 0]


@given(st.lists(st.decimals(-50, 200, places=1), min_size=1, max_size=30))
def test_half_of_all_values_lie_on_either_side_of_the_median(values: list[Decimal]):
    middle = numbers.median(values, RoundingMode.HALF_UP, Decimal("0.01"))
    assert 2 * sum(value <= middle for value in values) >= len(values)
    assert 2 * sum(value >= middle for value in values) >= len(values)


# --- what is still open ----------------------------------------------------------------------------------------------

BOUNDED = "{id: feature, title: 特色积分, cap: 40}"
PROOF = "evidence: {sign-in: 签到表, photo: 照片}"
CONTEST = f"{{member: m0, item: contest, level: placed, times: 6, date: 2026-03-05, {PROOF}}}"
SUGGESTION = "{member: m0, item: suggestion, times: 2, date: 2026-03-06}"


def feature(ceiling: str) -> str:
    """The rulebook with another ceiling on its second group."""
    return RULEBOOK.replace(BOUNDED, BOUNDED.replace(", cap: 40", ceiling))


# Rulebook, entries, what is open in the two groups that can be earned, and in the cycle.
OPEN = {
    "as it is": (RULEBOOK, [], ["100", "40"], "140"),
    "an item full": (RULEBOOK, [CONTEST], ["100", "30"], "130"),
    "deductions open nothing": (RULEBOOK, [LATE.format(0, 5)], ["100", "40"], "140"),
    "the group is less than its items": (feature(", cap: 12"), [CONTEST], ["100", "2"], "102"),
    "no ceiling on the group": (feature(""), [SUGGESTION], ["100", "36"], "136"),
    "vetoed": (RULEBOOK, [CONTEST, SANCTION.format(0)], ["0", "0"], "0"),
}


def figures(year: YearAccount) -> list[str | None]:
    return [None if group.left is None else str(group.left) for group in year.groups]


@pytest.mark.parametrize(("rulebook", "entries", "groups", "whole"), OPEN.values(), ids=OPEN)
def test_what_is_open_is_the_least_of_the_ceilings(
    tmp_path: Path, rulebook: str, entries: list[str], groups: list[str], whole: str
):
    (year,) = march(tmp_path, entries, 2, rulebook)["m0"].years
    assert figures(year) == [*groups, "0"]
    assert str(year.left) == whole


def test_without_any_ceiling_nothing_bounds_what_is_open(tmp_path: Path):
    start = RULEBOOK.index("  - id: suggestion")
    item = RULEBOOK[start:].replace("    cap: 10\n", "", 1)
    rulebook = feature("").replace(RULEBOOK[start:], item)
    (year,) = march(tmp_path, [SUGGESTION], 2, rulebook)["m0"].years
    assert figures(year) == ["100", None, "0"]
    assert year.left is None


def test_a_group_counts_awards_and_deductions_apart(tmp_path: Path):
    (year,) = march(tmp_path, [CONTEST, SUGGESTION, LATE.format(0, 2)], 2)["m0"].years
    table = {
        group.group.id: (group.counted, [one.item.id for one in group.meters if one.times]) for group in year.groups
    }
    assert table == {
        "basic": (0, []),
        "feature": (14, ["contest", "suggestion"]),
        "deduction": (-2, ["late-document"]),
    }


# --- which month is the newest ---------------------------------------------------------------------------------------


def test_a_month_of_which_only_other_branches_have_ledgers_is_pending(tmp_path: Path):
    organ = SiteProject(tmp_path, members("wang 王五 jia", "li 李四 yi", "qian 钱七 yi - 2026-03-01"))
    for branch, month in (("yi", "2026-02"), ("yi", "2026-11"), ("jia", "2026-11"), ("jia", "2026-12")):
        organ.ledger(branch, month)
    made = {member: account.years[0] for member, account in accounts(survey(tmp_path, drafts=True)).items()}
    newest = {ident: (str(year.newest.month), year.closed) for ident, year in made.items()}
    assert newest == {"wang": ("2026-12", True), "li": ("2026-11", False), "qian": ("2026-02", True)}
    assert [(str(one.month), one.pending) for one in made["li"].months][:2] == [("2026-12", True), ("2026-11", False)]


def test_a_month_after_leaving_stays_in_the_account_when_its_only_line_is_struck(tmp_path: Path):
    """It has the correction, and whoever once saw the line finds out why it is gone."""
    organ = SiteProject(tmp_path, members("m0 党员甲 jia", "m1 党员乙 jia 2025-01-01 2026-03-01", branches="jia"))
    late = "{member: m1, item: late-document, date: 2026-02-20, late: 二月报送的，三月查明}"
    organ.approve(organ.ledger("jia", "2026-02"), meeting="2026-03-04")
    file = organ.ledger("jia", "2026-03", f"entries: [{late}]\n")
    organ.approve(file, meeting="2026-04-02")
    assert "2026-03" in months(accounts(survey(tmp_path))["m1"])
    head = f"branch: jia\nmonth: 2026-03\ncorrects: {seal(file)}\nrecorder: 登记员\n"
    strike = f"{head}kind: 误记\nreason: 记错人\nstrike: [e1]\n"
    organ.approve(organ.write("ledgers/2026/jia/03.c1.yaml", strike), meeting="2026-04-08")
    assert "2026-03" in months(accounts(survey(tmp_path))["m1"])


def months(account: MemberAccount) -> list[str]:
    return [str(one.month) for year in account.years for one in year.months]
