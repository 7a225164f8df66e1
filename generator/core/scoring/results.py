"""Scored ledgers to the standing of everybody in any period.

Scoring a ledger is ``scores.score``; here the lines of all branches to which a member belonged are brought together,
counted under the ceilings, and ranked.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Kind, Period, inside, months, period
from generator.core.model.ledger import Key
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook, Scope
from generator.core.model.tally import Line, Ranking, Score, Tally
from generator.core.scoring import missing_months, ranking
from generator.core.scoring.branch_scores import ScoredLedger
from generator.core.scoring.explaining import explain_period
from generator.core.scoring.ranking import Candidate
from generator.core.scoring.tally import score_period, tally_lines


class Results(Struct, frozen=True):
    """Everybody's tallies by year and member, for the members of a roster or of a part of it.

    ``approved`` are the branch-months that make a period complete, ``scored`` all whose lines count: the same, unless
    drafts are previewed.
    """

    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    tallies: Mapping[int, Mapping[str, Tally]]
    approved: frozenset[Key]
    scored: frozenset[Key]
    today: date


def compute(
    counted: Collection[ScoredLedger],
    approved: frozenset[Key],
    *,
    roster: Roster,
    rulebooks: Mapping[int, Rulebook],
    today: date,
) -> Results:
    """Tally everybody on a roster from these ledgers, given in any order."""
    years: dict[int, list[ScoredLedger]] = defaultdict(list)
    for one in counted:
        years[one.month.year].append(one)
    tallies = {year: tally(years[year], roster, rulebook) for year, rulebook in rulebooks.items()}
    return Results(roster, rulebooks, tallies, approved, frozenset(one.key for one in counted), today)


def tally(ledgers: Iterable[ScoredLedger], roster: Roster, rulebook: Rulebook) -> Mapping[str, Tally]:
    """Tally one year: lines count by month, then by branch in roster order, then as written (R4)."""
    lines: dict[str, list[Line]] = {member: [] for member in roster.member}
    for one in sorted(ledgers, key=lambda one: (one.month.number, roster.position[one.branch])):
        for member in one.lines.keys() & lines.keys():
            lines[member] += one.lines[member]
    return {member: tally_lines(ordered, rulebook) for member, ordered in lines.items()}


def rank(results: Results, period: Period, branch: str | None) -> Ranking:
    """Rank a branch, or with None the organ, in a period whose year has a rulebook."""
    return ranked(results, (period, branch), candidates(results, period, branch), results.approved)


def ranked(results: Results, board: "Board", candidates: Iterable[Candidate], approved: Container[Key]) -> Ranking:
    """Rank candidates, given in the order of names; months that are not ``approved`` are missing on the board."""
    period, branch = board
    missing = missing_months.missing(results.roster, approved, period, branch, results.today)
    return Ranking(period, branch, missing, ranking.rank(candidates, period, results.rulebooks[period.year].ties))


def candidates(results: Results, period: Period, branch: str | None) -> Iterator[Candidate]:
    """List who is ranked, with the period's score, in the order of names."""
    rulebook, tallies = results.rulebooks[period.year], results.tallies[period.year]
    for member, home in ranking.eligible(results.roster, period, branch):
        yield Candidate(member, home, score_period(tallies[member.id], period, rulebook))


def begun(scored: Iterable[Key]) -> tuple[Period, ...]:
    """The months of these branch-months, in order."""
    return tuple(sorted({month for _, month in scored}, key=_first))


def _first(month: Period) -> date:
    return month.first


Board = tuple[Period, str | None]
Rankings = Mapping[Board, Ranking]


def boards(rulebooks: Mapping[int, Rulebook], branch: str | None) -> Iterator[Period]:
    """The periods of all boards of a branch or, with None, of the organ, by year and board."""
    scope = Scope.ORGAN if branch is None else Scope.BRANCH
    for year, rulebook in sorted(rulebooks.items()):
        yield from boards_of(rulebook, year, scope)


def boards_of(rulebook: Rulebook, year: int, scope: Scope) -> Iterator[Period]:
    """The periods of a year's boards of a scope."""
    for board in rulebook.boards:
        if board.scope is scope:
            yield from inside(period(Kind.YEAR, year), board.period)


def started(results: Results, branch: str | None) -> Iterator[Period]:
    """The periods of these boards of which a ledger is scored."""
    scored = {month for home, month in results.scored if branch in {None, home}}
    return (stretch for stretch in boards(results.rulebooks, branch) if any(one in scored for one in months(stretch)))


def rankings(results: Results, branch: str | None) -> Rankings:
    """Rank every board of a branch or, with None, of the organ of which a ledger is scored."""
    return {(stretch, branch): rank(results, stretch, branch) for stretch in started(results, branch)}


def in_order(rankings: Rankings, results: Results) -> Rankings:
    """Sort rankings by year, board of the rulebook, period and branch, the organ's first."""

    def place(board: Board) -> tuple[int, int, date, int]:
        (stretch, branch), rules = board, results.rulebooks[board[0].year].boards
        scope = Scope.ORGAN if branch is None else Scope.BRANCH
        rule = next(number for number, one in enumerate(rules) if (one.period, one.scope) == (stretch.kind, scope))
        return stretch.year, rule, stretch.first, -1 if branch is None else results.roster.position[branch]

    return {board: rankings[board] for board in sorted(rankings, key=place)}


def score(results: Results, member: str, period: Period) -> Score:
    """A member's points in a period, whether or not ranked in it."""
    return score_period(results.tallies[period.year][member], period, results.rulebooks[period.year])


def explain(results: Results, member: str, period: Period) -> tuple[Line, ...]:
    """The lines that make up a member's score in a period."""
    return explain_period(results.tallies[period.year][member], period, results.rulebooks[period.year])
