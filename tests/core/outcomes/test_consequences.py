"""What section 五 decides: the table of quarters is drawn first, then who is caught, and who only just is not."""

from datetime import date

import pytest

from generator.core.model.roster import Member, MembershipStatus, Span
from generator.core.outcomes import consequences
from generator.core.scoring.results import Rankings, Results
from tests.core.outcomes.drawn_boards import bound, draw, member
from tests.site_project import period


def caught(drawn: tuple[Results, Rankings], rule: str, year: int = 2026) -> dict[str, list[str]]:
    """Who falls under a rule in a year, and because of which periods."""
    results, rankings = drawn
    return {
        one.member.id: [str(period) for period in one.because]
        for one in consequences.find_outcomes(results, consequences.build_history(rankings, results.rulebooks), year)
        if one.rule.id == rule
    }


FOUR = """
     2026-Q1 2026-Q2 2026-Q3 2026-Q4
张         9       9       9       9
王         5       5       5       5
李         1       1       1       1
"""


def test_four_quarters_in_a_row_at_the_bottom():
    assert caught(draw(FOUR), "quarter-last-four") == {"李": ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]}


ALMOST = {
    "three only": "2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 9 9 1\n李 1 1 1 9",
    "a gap in the middle": "2025-Q4 2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 9 1 9 9\n李 1 1 9 1 1",
    "a provisional quarter in the middle": "2026-Q1 2026-Q2? 2026-Q3 2026-Q4 2025-Q4\n张 9 9 9 9 9\n李 1 1 1 1 1",
    "nobody is last where all are level": "2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 5 9 9\n李 1 5 1 1",
    "a branch of one": "2026-Q1 2026-Q2 2026-Q3 2026-Q4\n李 1 1 1 1",
    "on no board in one quarter": "2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 9 9 9\n王 5 5 5 5\n李 1 1 - 1",
    "the run ended the year before": "2025-Q1 2025-Q2 2025-Q3 2025-Q4 2026-Q1\n张 9 9 9 9 1\n李 1 1 1 1 9",
}


@pytest.mark.parametrize("table", ALMOST.values(), ids=ALMOST)
def test_only_just_not_four_in_a_row(table: str):
    assert caught(draw(table), "quarter-last-four") == {}


def test_a_run_across_new_year_counts_where_it_ends_and_wherever_it_goes_on():
    drawn = draw("2025-Q2 2025-Q3 2025-Q4 2026-Q1 2026-Q2\n张 9 9 9 9 9\n李 1 1 1 1 1")
    assert caught(drawn, "quarter-last-four", 2025) == {}
    expected = ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
    assert caught(drawn, "quarter-last-four", 2026) == {"李": expected}


def test_those_level_at_the_bottom_are_all_last():
    drawn = draw("2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 9 9 9\n王 1 1 1 1\n李 1 1 1 1")
    assert list(caught(drawn, "quarter-last-four")) == ["王", "李"]


def test_the_vetoed_are_last_whatever_the_others_have():
    drawn = draw("2026-Q1 2026-Q2\n张 9 -3\n王 5 2\n李 veto veto")
    assert caught(drawn, "bar-from-awards") == {"李": ["2026-Q1", "2026-Q2"]}


BARRED = {
    "two quarters of the year": ("2026-Q1 2026-Q3\n张 9 9\n李 1 1", {"李": ["2026-Q1", "2026-Q3"]}),
    "one quarter": ("2026-Q1 2026-Q3\n张 9 1\n李 1 9", {}),
    "two quarters, one of the year before": ("2025-Q4 2026-Q1\n张 9 9\n李 1 1", {}),
    "one half-year of the organ": ("2026-H1\n张 9\n李 1", {"李": ["2026-H1"]}),
    "a provisional half-year": ("2026-H1?\n张 9\n李 1", {}),
    "a half-year and a quarter": ("2026-Q2 2026-H1\n张 9 9\n李 1 1", {"李": ["2026-Q2", "2026-H1"]}),
}


@pytest.mark.parametrize(("table", "expected"), BARRED.values(), ids=BARRED)
def test_full_members_are_barred_from_awards(table: str, expected: dict[str, list[str]]):
    assert caught(draw(table), "bar-from-awards") == expected


HAS_JOINED = {"since": "2025-11-20", "full": "2026-11-20"}


def test_probation_reaches_back_into_the_year_before():
    drawn = draw(
        "2025-Q4 2026-Q1 2026-Q2\n张 9 9 9\n王 5 5 5\n李 3 1 1", member("张"), member("王"), member("李", **HAS_JOINED)
    )
    assert caught(drawn, "delay-probation") == {"李": ["2026-Q1", "2026-Q2"]}
    assert caught(drawn, "bar-from-awards") == {}  # not a full member on those days


def test_who_joined_in_the_period_cannot_be_last_in_it():
    """R13: the newcomer is at the bottom of 2025-Q4 but neither last nor makes anybody else last."""
    drawn = draw("2025-Q4 2026-Q1\n张 9 9\n王 5 5\n李 1 1", member("张"), member("王"), member("李", **HAS_JOINED))
    assert caught(drawn, "delay-probation") == {}
    assert caught(drawn, "bar-from-awards", 2025) == {}


def test_who_moved_counts_each_quarter_on_the_board_of_the_last_days_branch():
    """R17: 李 moves to yi in the second quarter, and is last there, then there again."""
    table = """
       2026-Q1 yi/2026-Q2 yi/2026-Q3 2026-Q2 2026-Q3
    张       9          -          -       9       9
    王       5          -          -       1       1
    赵       -          9          9       -       -
    李       1          1          1       -       -
    """
    moved = Member(
        "李",
        "李",
        (Span("jia", date.min, date(2026, 5, 20)), Span("yi", date(2026, 5, 20), date.max)),
        ((date.min, MembershipStatus.FULL),),
    )
    drawn = draw(table, member("张"), member("王"), member("赵", "yi"), moved)
    assert caught(drawn, "bar-from-awards") == {
        "王": ["2026-Q2", "2026-Q3"],
        "李": ["2026-Q1", "2026-Q2", "2026-Q3"],
    }
    results, rankings = drawn
    boards = [one.board for one in consequences.build_history(rankings, results.rulebooks)["李"]]
    assert boards == [(period("2026-Q1"), "jia"), (period("2026-Q2"), "yi"), (period("2026-Q3"), "yi")]
    assert near(drawn) == [("李", "quarter-last-four", "2026-Q4")]


def test_a_branch_of_two_has_a_last_and_one_of_one_has_none():
    two = draw("2026-Q1 2026-Q2\n张 9 9\n李 1 1", member("张"), member("李"))
    one = draw("2026-Q1 2026-Q2\n李 1 1", member("李"))
    joined = draw("2026-Q1 2026-Q2\n张 9 9\n李 1 1", member("张", since="2026-02-01"), member("李"))
    assert caught(two, "bar-from-awards") == {"李": ["2026-Q1", "2026-Q2"]}
    assert caught(one, "bar-from-awards") == {}
    assert caught(joined, "bar-from-awards") == {}  # in the first quarter there is nobody else of the whole period


def test_becoming_full_between_two_last_places_parts_them():
    table = "2026-Q3 2026-Q4\n张 9 9\n王 5 5\n李 1 1"
    drawn = draw(table, member("张"), member("王"), member("李", since="2025-06-01", full="2026-10-01"))
    assert caught(drawn, "delay-probation") == {}
    assert caught(drawn, "bar-from-awards") == {}


def test_nothing_is_reported_for_a_year_without_a_last_place_of_its_own():
    drawn = draw(
        "2025-Q3 2025-Q4 2026-Q1\n张 9 9 1\n王 5 5 2\n李 1 1 9",
        member("张"),
        member("王"),
        member("李", since="2025-06-01", full="never"),
    )
    assert caught(drawn, "delay-probation", 2025) == {"李": ["2025-Q3", "2025-Q4"]}
    assert caught(drawn, "delay-probation", 2026) == {}


def test_who_has_left_is_reported_too():
    drawn = draw(
        "2026-Q1 2026-Q2\n张 9 9\n王 5 5\n李 1 1",
        member("张"),
        member("王"),
        member("李", since="2025-06-01", full="never", left="2026-08-01"),
    )
    assert caught(drawn, "delay-probation") == {"李": ["2026-Q1", "2026-Q2"]}


def test_lists_for_praise_and_talks():
    drawn = draw("2026-Q1 2026-H1\n张 9 9\n王 9 8\n赵 5 7\n李 1 6")
    assert caught(drawn, "vanguard") == {"张": ["2026-Q1"], "王": ["2026-Q1"]}
    assert caught(drawn, "talk") == {"李": ["2026-Q1"]}
    assert list(caught(drawn, "recommendation")) == ["张", "王", "赵"]


PRAISED = {
    "the only one ranked": ("2026-Q1 2026-H1\n张 veto veto", {}, {}),
    "all of them": ("2026-Q1 2026-H1\n张 veto veto\n王 veto veto", {}, {}),
    "one of two": ("2026-Q1 2026-H1\n张 -9 -9\n王 veto veto", {"张": ["2026-Q1"]}, {"张": ["2026-H1"]}),
    "one of three in the organ": ("2026-H1\n张 9\n王 veto\n赵 8", {}, {"张": ["2026-H1"], "赵": ["2026-H1"]}),
    "only in one of two quarters": ("2026-Q1 2026-Q2\n张 9 veto", {"张": ["2026-Q1"]}, {}),
}


@pytest.mark.parametrize(("table", "first", "recommended"), PRAISED.values(), ids=PRAISED)
def test_the_vetoed_are_on_no_list_of_praise_even_where_nobody_stands_before_them(
    table: str, first: dict[str, list[str]], recommended: dict[str, list[str]]
):
    drawn = draw(table)
    assert caught(drawn, "vanguard") == first
    assert caught(drawn, "recommendation") == recommended


def test_a_list_of_the_first_three_ends_with_them_and_names_all_who_are_level():
    drawn = draw("2026-H1\n张 9\n王 8\n赵 7\n李 7\n孙 6")
    assert list(caught(drawn, "recommendation")) == ["张", "王", "赵", "李"]
    assert list(caught(draw("2026-H1\n张 9\n王 8\n赵 8\n李 8\n孙 7"), "recommendation")) == ["张", "王", "赵", "李"]
    assert list(caught(draw("2026-H1?\n张 9\n王 8"), "recommendation")) == []


# --- a quarter or half that the cycle cuts short (R21) ---------------------------------------------------------------

FIVE = "2025-Q4 2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 9 9 9 9\n王 5 5 5 5 5\n李 1 1 1 1 1"
HALVES = "2026-H1 2026-H2\n张 9 9\n王 8 8\n李 1 1"


@pytest.mark.parametrize(
    ("table", "first", "last", "rule", "because"),
    [
        ("2026-Q3 2026-Q4\n张 9 9\n李 1 1", "2026-07", "", "bar-from-awards", {"李": ["2026-Q3", "2026-Q4"]}),
        ("2026-Q3 2026-Q4\n张 9 9\n李 1 1", "2026-08", "", "bar-from-awards", {}),
        ("2026-Q3 2026-Q4\n张 9 9\n李 1 1", "2026-08", "", "talk", {"李": ["2026-Q4"]}),
        ("2026-Q3 2026-Q4\n张 9 9\n李 1 1", "2026-08", "", "vanguard", {"张": ["2026-Q4"]}),
        ("2026-Q3 2026-Q4\n张 9 9\n李 1 1", "", "2026-11", "vanguard", {"张": ["2026-Q3"]}),
        (HALVES, "2026-02", "", "bar-from-awards", {"李": ["2026-H2"]}),
        (HALVES, "", "2026-10", "bar-from-awards", {"李": ["2026-H1"]}),
        (HALVES, "2026-10", "", "recommendation", {}),
        (HALVES, "", "2026-12", "bar-from-awards", {"李": ["2026-H1", "2026-H2"]}),
        (HALVES, "", "2026-11", "recommendation", {"张": ["2026-H1"], "王": ["2026-H1"], "李": ["2026-H1"]}),
        (FIVE, "", "", "quarter-last-four", {"李": ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]}),
        (FIVE, "2026-02", "", "quarter-last-four", {}),
        (FIVE, "", "2026-11", "quarter-last-four", {"李": ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]}),
    ],
)
def test_what_is_cut_short_decides_nothing_and_breaks_a_row(
    table: str, first: str, last: str, rule: str, because: dict[str, list[str]]
):
    assert caught(bound(draw(table), first, last), rule) == because


def test_a_probation_is_not_delayed_by_what_is_cut_short():
    drawn = draw("2026-Q3 2026-Q4\n张 9 9\n李 1 1", member("张"), member("李", full="never"))
    assert caught(drawn, "delay-probation") == {"李": ["2026-Q3", "2026-Q4"]}
    assert caught(bound(drawn, "2026-08"), "delay-probation") == {}


def test_nobody_is_near_to_what_a_quarter_that_is_cut_short_would_decide():
    drawn = draw("2026-Q1 2026-Q2 2026-Q3\n张 9 9 9\n李 1 1 1")
    assert near(drawn) == [("李", "quarter-last-four", "2026-Q4")]
    assert near(bound(drawn, last="2026-11")) == []


# --- one period away -------------------------------------------------------------------------------------------------


def near(drawn: tuple[Results, Rankings], year: int = 2026) -> list[tuple[str, str, str]]:
    results, rankings = drawn
    complete = {board for board, one in rankings.items() if not one.provisional and one.standings}
    history = consequences.build_history(rankings, results.rulebooks)
    found = consequences.find_near_outcomes(results, history, complete, year)
    return [(one.member.id, one.rule.id, str(one.next)) for one in found]


NEAR = {
    "three in a row": (
        "2026-Q1 2026-Q2 2026-Q3\n张 9 9 9\n李 1 1 1",
        [("李", "quarter-last-four", "2026-Q4")],
    ),
    "three, but not the last three": (
        "2025-Q4 2026-Q1 2026-Q2 2026-Q3\n张 9 9 9 1\n李 1 1 1 9",
        [("张", "bar-from-awards", "2026-Q4")],
    ),
    "one last place this year": ("2026-Q1\n张 9\n李 1", [("李", "bar-from-awards", "2026-Q2")]),
    "a quarter between is still provisional": (
        "2025-Q4 2026-Q1 2026-Q2? 2026-Q3\n张 9 9 9 9\n王 5 5 5 5\n李 1 4 9 1",
        [("李", "quarter-last-four", "2026-Q2")],
    ),
    "a provisional quarter would be the second": (
        "2026-Q1 2026-Q2? 2026-Q3\n张 9 9 1\n李 1 1 5\n王 5 5 9",
        [
            ("张", "bar-from-awards", "2026-Q2"),
            ("李", "bar-from-awards", "2026-Q2"),
        ],
    ),
    "three in a row at the year's end": (
        "2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 1 1 1\n王 5 9 9 9\n李 1 5 5 5",
        [("张", "quarter-last-four", "2027-Q1")],
    ),
    "the year is over": ("2026-Q1 2026-Q2 2026-Q3 2026-Q4\n张 9 1 5 5\n王 5 5 9 1\n李 1 9 1 9", []),
}


def test_a_probation_is_warned_of_across_new_year_and_no_more_once_it_is_delayed():
    people = (member("张"), member("王"), member("李", since="2025-06-01", full="never"))
    once = draw("2025-Q3 2025-Q4\n张 9 9\n王 9 5\n李 9 1", *people)
    assert near(once, 2025) == [("李", "delay-probation", "2026-Q1")]
    twice = draw("2025-Q3 2025-Q4 2026-Q1\n张 9 9 9\n王 5 5 9\n李 1 1 9", *people)
    assert caught(twice, "delay-probation", 2025) == {"李": ["2025-Q3", "2025-Q4"]}
    assert near(twice, 2026) == []


def test_nobody_is_warned_of_a_board_on_which_nobody_can_be_last():
    left = member("张", left="2026-05-01")
    alone = draw("2026-Q1\n张 9\n李 1", left, member("李"))
    assert near(alone) == []
    joined = draw("2026-Q1\n张 9\n李 1", left, member("李"), member("王", since="2026-08-15"))
    assert near(joined) == [("李", "bar-from-awards", "2026-Q4")]  # 王 is there for the whole quarter only then


@pytest.mark.parametrize(("table", "expected"), NEAR.values(), ids=NEAR)
def test_who_is_one_period_away(table: str, expected: list[tuple[str, str, str]]):
    assert near(draw(table)) == expected
