"""Scored ledgers to the standing of everybody in any period.

Scoring a ledger is ``scores.score``; here the lines of all branches to which a member belonged are brought together,
counted under the ceilings, and ranked.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, get_period, months_of, periods_within
from generator.core.model.ledger import BranchMonth
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook, Scope
from generator.core.model.tally import Ranking, Score, ScoreLine, Tally
from generator.core.scoring import missing_months, ranking
from generator.core.scoring.branch_scores import ScoredLedger
from generator.core.scoring.explaining import explain_period
from generator.core.scoring.ranking import ScoredMember
from generator.core.scoring.tally import score_period, tally_lines


class Results(Struct, frozen=True):
    """Everybody's tallies by year and member, for the members of a roster or of a part of it.

    ``approved`` are the branch-months that make a period complete, ``scored`` all whose lines count: the same, unless
    drafts are previewed.
    """

    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    tallies: Mapping[int, Mapping[str, Tally]]
    approved_months: frozenset[BranchMonth]
    counted_months: frozenset[BranchMonth]
    today: date


def compute_results(
    counted: Collection[ScoredLedger],
    approved: frozenset[BranchMonth],
    *,
    roster: Roster,
    rulebooks: Mapping[int, Rulebook],
    today: date,
) -> Results:
    """Tally everybody on a roster from these ledgers, given in any order."""
    years: dict[int, list[ScoredLedger]] = defaultdict(list)
    for one in counted:
        years[one.month.year].append(one)
    tallies = {year: tally_year(years[year], roster, rulebook) for year, rulebook in rulebooks.items()}
    return Results(roster, rulebooks, tallies, approved, frozenset(one.branch_month for one in counted), today)


def tally_year(ledgers: Iterable[ScoredLedger], roster: Roster, rulebook: Rulebook) -> Mapping[str, Tally]:
    """Tally one year: lines count by month, then by branch in roster order, then as written (R4)."""
    lines: dict[str, list[ScoreLine]] = {member: [] for member in roster.member_by_id}
    for one in sorted(ledgers, key=lambda one: (one.month.number, roster.branch_positions[one.branch])):
        for member in one.lines_by_member.keys() & lines.keys():
            lines[member] += one.lines_by_member[member]
    return {member: tally_lines(ordered, rulebook) for member, ordered in lines.items()}


def rank_board(results: Results, period: Period, branch: str | None) -> Ranking:
    """Rank a branch, or with None the organ, in a period whose year has a rulebook."""
    return build_ranking(results, (period, branch), score_members(results, period, branch), results.approved_months)


def build_ranking(
    results: Results, board: "BoardKey", candidates: Iterable[ScoredMember], approved: Container[BranchMonth]
) -> Ranking:
    """Rank candidates, given in the order of names; months that are not ``approved`` are missing on the board."""
    period, branch = board
    missing = missing_months.find_missing_months(results.roster, approved, period, branch, results.today)
    return Ranking(
        period, branch, missing, ranking.rank_members(candidates, period, results.rulebooks[period.year].ties)
    )


def score_members(results: Results, period: Period, branch: str | None) -> Iterator[ScoredMember]:
    """List who is ranked, with the period's score, in the order of names."""
    rulebook, tallies = results.rulebooks[period.year], results.tallies[period.year]
    for member, home in ranking.find_eligible_members(results.roster, period, branch):
        yield ScoredMember(member, home, score_period(tallies[member.id], period, rulebook))


def list_scored_months(scored: Iterable[BranchMonth]) -> tuple[Period, ...]:
    """The months of these branch-months, in order."""
    return tuple(sorted({month for _, month in scored}, key=_first))


def _first(month: Period) -> date:
    return month.first


BoardKey = tuple[Period, str | None]
Rankings = Mapping[BoardKey, Ranking]


def list_board_periods(rulebooks: Mapping[int, Rulebook], branch: str | None) -> Iterator[Period]:
    """The periods of all boards of a branch or, with None, of the organ, by year and board."""
    scope = Scope.ORGAN if branch is None else Scope.BRANCH
    for year, rulebook in sorted(rulebooks.items()):
        yield from list_year_board_periods(rulebook, year, scope)


def list_year_board_periods(rulebook: Rulebook, year: int, scope: Scope) -> Iterator[Period]:
    """The periods of a year's boards of a scope."""
    for board in rulebook.boards:
        if board.scope is scope:
            yield from periods_within(get_period(PeriodKind.YEAR, year), board.period)


def list_started_periods(results: Results, branch: str | None) -> Iterator[Period]:
    """The periods of these boards of which a ledger is scored."""
    scored = {month for home, month in results.counted_months if branch in {None, home}}
    return (
        stretch
        for stretch in list_board_periods(results.rulebooks, branch)
        if any(one in scored for one in months_of(stretch))
    )


def compute_rankings(results: Results, branch: str | None) -> Rankings:
    """Rank every board of a branch or, with None, of the organ of which a ledger is scored."""
    return {
        (stretch, branch): rank_board(results, stretch, branch) for stretch in list_started_periods(results, branch)
    }


def sort_rankings(rankings: Rankings, results: Results) -> Rankings:
    """Sort rankings by year, board of the rulebook, period and branch, the organ's first."""

    def place(board: BoardKey) -> tuple[int, int, date, int]:
        (stretch, branch), rules = board, results.rulebooks[board[0].year].boards
        scope = Scope.ORGAN if branch is None else Scope.BRANCH
        rule = next(number for number, one in enumerate(rules) if (one.period, one.scope) == (stretch.kind, scope))
        return stretch.year, rule, stretch.first, -1 if branch is None else results.roster.branch_positions[branch]

    return {board: rankings[board] for board in sorted(rankings, key=place)}


def score_member(results: Results, member: str, period: Period) -> Score:
    """A member's points in a period, whether or not ranked in it."""
    return score_period(results.tallies[period.year][member], period, results.rulebooks[period.year])


def explain_score(results: Results, member: str, period: Period) -> tuple[ScoreLine, ...]:
    """The lines that make up a member's score in a period."""
    return explain_period(results.tallies[period.year][member], period, results.rulebooks[period.year])
