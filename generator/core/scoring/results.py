"""Tallies of a year and, from them, scores and rankings of any period.

Scoring a ledger is ``branch_scores.score_ledger``; here the lines of all branches to which a member belonged are
brought together, counted under the ceilings, and ranked.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import date
from functools import partial

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, get_period, months_of, periods_within
from generator.core.model.ledger import BranchMonth
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook, Scope
from generator.core.model.tally import Ranking, Score, ScoreLine, Tally
from generator.core.scoring import missing_months, ranking
from generator.core.scoring.branch_scores import ScoredLedger
from generator.core.scoring.explaining import explain_adjustments, explain_period
from generator.core.scoring.ranking import ScoredMember
from generator.core.scoring.tally import score_period, tally_lines

BoardKey = tuple[Period, str | None]
Rankings = Mapping[BoardKey, Ranking]


class Results(Struct, frozen=True):
    """Tallies by year and member id, for the members of a roster or of a part of it.

    ``approved_months`` are the branch-months that make a period complete, ``counted_months`` all whose lines count: the
    same, unless drafts are previewed. ``draft_months`` are those of which a draft counts, a correction or a ledger.
    """

    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    tallies: Mapping[int, Mapping[str, Tally]]
    approved_months: frozenset[BranchMonth]
    counted_months: frozenset[BranchMonth]
    today: date
    draft_months: frozenset[BranchMonth] = frozenset()


def compute_results(
    ledgers: Collection[ScoredLedger],
    approved_months: frozenset[BranchMonth],
    *,
    roster: Roster,
    rulebooks: Mapping[int, Rulebook],
    today: date,
) -> Results:
    """Tally all members of a roster from these ledgers, given in any order."""
    by_year: dict[int, list[ScoredLedger]] = defaultdict(list)
    for ledger in ledgers:
        by_year[ledger.month.year].append(ledger)
    tallies = {
        year: tally_year(by_year[year], roster, rulebook, roster.member_by_id) for year, rulebook in rulebooks.items()
    }
    counted_months = frozenset(ledger.branch_month for ledger in ledgers)
    return Results(roster, rulebooks, tallies, approved_months, counted_months, today)


def tally_year(
    ledgers: Iterable[ScoredLedger], roster: Roster, rulebook: Rulebook, members: Iterable[str]
) -> Mapping[str, Tally]:
    """Tally one year by the ids of these members: lines count by month, then by branch in roster order (R4)."""
    lines: dict[str, list[ScoreLine]] = {member: [] for member in members}
    for ledger in sorted(ledgers, key=partial(_counting_order, roster)):
        for member in ledger.lines_by_member.keys() & lines.keys():
            lines[member] += ledger.lines_by_member[member]
    return {member: tally_lines(ordered, rulebook) for member, ordered in lines.items()}


def _counting_order(roster: Roster, ledger: ScoredLedger) -> tuple[int, int]:
    return ledger.month.number, roster.branch_positions_on(ledger.month.last)[ledger.branch]


def rank_board(results: Results, period: Period, branch: str | None) -> Ranking:
    """Rank a branch, or with None the organ, in a period whose year has a rulebook."""
    return build_ranking(results, (period, branch), score_members(results, period, branch), results.approved_months)


def build_ranking(
    results: Results, board: BoardKey, candidates: Iterable[ScoredMember], approved: Container[BranchMonth]
) -> Ranking:
    """Rank candidates, given in the order of names; months that are not ``approved`` are missing on the board."""
    period, branch = board
    months = results.rulebooks[period.year].term.months_of(period)
    missing = missing_months.find_missing_months(results.roster, approved, months, branch, results.today)
    standings = ranking.rank_members(candidates, period, results.rulebooks[period.year].ties)
    return Ranking(period, branch, missing, standings)


def score_members(results: Results, period: Period, branch: str | None) -> Iterator[ScoredMember]:
    """Yield the members who are ranked, with the period's score, in the order of names."""
    rulebook, tallies = results.rulebooks[period.year], results.tallies[period.year]
    for member, branch_id in ranking.find_eligible_members(results.roster, period, branch):
        yield ScoredMember(member, branch_id, score_period(tallies[member.id], period, rulebook))


def list_scored_months(branch_months: Iterable[BranchMonth]) -> tuple[Period, ...]:
    """Return the months of these branch-months, in order."""
    return tuple(sorted({month for _, month in branch_months}, key=_first_day))


def _first_day(month: Period) -> date:
    return month.first


def list_board_periods(rulebooks: Mapping[int, Rulebook], branch: str | None) -> Iterator[Period]:
    """Yield the periods of all boards of a branch or, with None, of the organ, by year and board."""
    scope = Scope.ORGAN if branch is None else Scope.BRANCH
    for year, rulebook in sorted(rulebooks.items()):
        yield from list_year_board_periods(rulebook, year, scope)


def list_year_board_periods(rulebook: Rulebook, year: int, scope: Scope) -> Iterator[Period]:
    """Yield the periods of a year's boards of a scope."""
    for board in rulebook.all_boards:
        if board.scope is scope:
            for period in periods_within(get_period(PeriodKind.YEAR, year), board.period):
                if rulebook.has_board(board.id, period.last):
                    yield period


def list_started_periods(results: Results, branch: str | None) -> Iterator[Period]:
    """Yield the periods of a branch's boards or, with None, of the organ's, of which a ledger counts."""
    counted = {month for branch_id, month in results.counted_months if branch in {None, branch_id}}
    return (
        period
        for period in list_board_periods(results.rulebooks, branch)
        if any(month in counted for month in months_of(period))
    )


def compute_rankings(results: Results, branch: str | None) -> Rankings:
    """Rank every board of a branch or, with None, of the organ of which a ledger counts."""
    return {(period, branch): rank_board(results, period, branch) for period in list_started_periods(results, branch)}


def compute_all_rankings(results: Results, branches: Collection[str]) -> Rankings:
    """Rank all boards of the organ and of these branches, in the order of the rulebooks and the roster."""
    rankings = {**compute_rankings(results, None)}
    for branch in branches:
        rankings |= compute_rankings(results, branch)
    return sort_rankings(rankings, results)


def sort_rankings(rankings: Rankings, results: Results) -> Rankings:
    """Sort rankings by year, board of the rulebook, period and branch, the organ's first."""

    def sort_key(board: BoardKey) -> tuple[int, int, date, int]:
        (period, branch), rules = board, results.rulebooks[board[0].year].all_boards
        scope = Scope.ORGAN if branch is None else Scope.BRANCH
        number = next(number for number, rule in enumerate(rules) if (rule.period, rule.scope) == (period.kind, scope))
        return period.year, number, period.first, -1 if branch is None else results.roster.branch_positions[branch]

    return {board: rankings[board] for board in sorted(rankings, key=sort_key)}


def score_member(results: Results, member: str, period: Period) -> Score:
    """Return a member's score in a period, whether or not ranked in it."""
    return score_period(results.tallies[period.year][member], period, results.rulebooks[period.year])


def explain_score(results: Results, member: str, period: Period) -> tuple[ScoreLine, ...]:
    """Return the lines that make up a member's score in a period."""
    return explain_period(results.tallies[period.year][member], period, results.rulebooks[period.year])


def explain_score_adjustments(results: Results, member: str, period: Period) -> tuple[ScoreLine, ...]:
    """Return the lines by which a veto and the floor make a member's score differ from the lines of ledgers."""
    return explain_adjustments(results.tallies[period.year][member], period, results.rulebooks[period.year])
