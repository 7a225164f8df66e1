"""Votes beside ranking (五2): sorted as the rulebook says, the barred marked, nobody chosen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from generator.core.basics.periods import months_of
from generator.core.model.ledger import Approval, Poll, WrittenName
from generator.core.model.roster import Member
from generator.core.model.rulebook import AwardCriterion, AwardRule
from generator.core.outcomes import awards, consequences
from generator.core.outcomes.awards import AwardInputs, PollResult
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.results import Rankings, Results
from generator.problems import Location
from generator.render.html import filters
from tests.core.outcomes.drawn_boards import RULEBOOK, draw, member
from tests.site_project import period

HERE = Location("votes.yaml")
BOTH = {
    "votes first": (AwardCriterion.VOTES, AwardCriterion.RANK),
    "rank first": (AwardCriterion.RANK, AwardCriterion.VOTES),
}


def awarded(
    table: str,
    votes: dict[str, int],
    *people: Member,
    order: tuple[AwardCriterion, ...] = BOTH["votes first"],
    day: str = "",
) -> PollResult:
    """A poll in late June 2026 over boards drawn as for the rules over standings."""
    results, rankings = drawn(table, people, order)
    when = date.fromisoformat(day or "2026-06-25")
    poll = Poll("优秀共产党员", when, 9, {WrittenName(one, HERE): count for one, count in votes.items()}, HERE)
    found = consequences.find_outcomes(results, consequences.build_history(rankings, results.rulebooks), 2026)
    made = awards.evaluate_poll(results, AwardInputs(rankings, approvals(rankings), found), poll, votes)
    assert made
    return made


def approvals(rankings: Rankings) -> ApprovalsByMonth:
    """Every month of every board approved on the fifth of the month after."""
    stretches = {month for stretch, _ in rankings for month in months_of(stretch)}
    return {
        (home, month): (_approved(month.last + timedelta(days=5)),) for month in stretches for home in ("jia", "yi")
    }


def _approved(meeting: date) -> Approval:
    return Approval(meeting, "", "", "", HERE)


def drawn(table: str, people: tuple[Member, ...], order: tuple[AwardCriterion, ...]) -> tuple[Results, Rankings]:
    assert RULEBOOK
    rulebook = replace(RULEBOOK, awarding=AwardRule("五2", "half", order))
    results, rankings = draw(table, *people)
    return replace(results, rulebooks=dict.fromkeys((2025, 2026), rulebook)), rankings


TABLE = "2025-H2\n张 9\n王 7\n李 7\n赵 1"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("votes first", [(1, "李", 8, 2), (2, "张", 5, 1), (3, "王", 5, 2)]),
        ("rank first", [(1, "张", 5, 1), (2, "李", 8, 2), (3, "王", 5, 2)]),
    ],
)
def test_candidates_stand_in_the_order_that_the_rulebook_says(order: str, expected: list[tuple[int, str, int, int]]):
    found = awarded(TABLE, {"张": 5, "王": 5, "李": 8}, order=BOTH[order])
    assert [(one.position, one.member.id, one.votes, one.rank) for one in found.candidates] == expected


def test_candidates_level_in_everything_share_a_position():
    found = awarded(TABLE, {"王": 5, "李": 5, "赵": 5})
    assert [(one.position, one.member.id) for one in found.candidates] == [(1, "李"), (1, "王"), (3, "赵")]


def test_the_ranking_is_the_newest_complete_board_that_was_over_by_then():
    boards = "2025-H1 2025-H2 2026-H1\n张 9 1 9\n李 1 9 1"
    assert awarded(boards, {"张": 1}).ranking.period == period("2025-H2")
    assert awarded(boards, {"张": 1}, day="2026-07-04").ranking.period == period("2025-H2")  # June not approved yet
    assert awarded(boards, {"张": 1}, day="2026-07-05").ranking.period == period("2026-H1")
    assert awarded(boards.replace("H2", "H2?"), {"张": 1}).ranking.period == period("2025-H1")
    assert awarded(boards, {"张": 1}).candidates[0].points == Decimal(1)


def test_before_the_first_complete_board_there_is_none():
    found = awarded("2026-H1\n张 9\n李 1", {"李": 3, "张": 1})
    assert found.ranking is None
    assert [(one.member.id, one.rank, one.points) for one in found.candidates] == [
        ("李", None, None),
        ("张", None, None),
    ]


def test_who_is_barred_stays_in_place_and_is_marked_with_the_rule_and_its_periods():
    found = awarded("2025-H2 2026-Q1 2026-Q2\n张 9 9 9\n王 5 5 5\n李 1 1 1", {"李": 9, "张": 4})
    first, second = found.candidates
    assert (first.member.id, [one.rule.id for one in first.barred]) == ("李", ["bar-from-awards"])
    assert [str(one) for one in first.barred[0].because] == ["2026-Q1", "2026-Q2"]
    assert second.barred == ()
    assert (
        filters.describe_candidate(found, first)
        == "不得列为表彰对象：五5（2026年第一季度、2026年第二季度，其中有投票以后的榜单）"
    )


def test_lists_that_only_suggest_are_no_remark_and_what_delays_is():
    late = member("李", since="2025-06-20", full="never")
    found = awarded(
        "2025-H2 2026-Q1 2026-Q2\n张 9 9 9\n王 5 5 5\n李 1 1 1", {"李": 9, "张": 4}, member("张"), member("王"), late
    )
    assert [one.rule.id for one in found.candidates[0].remarks] == ["delay-probation"]
    assert found.candidates[0].barred == ()
    assert found.candidates[1].remarks == ()


def test_who_is_off_the_board_stands_behind_by_rank():
    newcomer = member("赵", since="2026-02-01")
    people = (member("张"), member("李"), newcomer)
    found = awarded("2025-H2\n张 9\n李 1", {"赵": 9, "李": 2}, *people, order=BOTH["rank first"])
    assert [(one.member.id, one.rank) for one in found.candidates] == [("李", 2), ("赵", None)]
