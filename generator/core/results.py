"""Approved ledgers to the standing of everybody in any period.

The branch is the shard: ``shard`` is a pure function of one branch-year; ``merge`` is the small reduction that brings
together the lines of members who moved.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from msgspec import Struct

from generator.core import coverage, ranking, scoring
from generator.core.model import BoardRule, Line, Ranking, Roster, Rulebook, Scope, Score, Tally, ValidLedger
from generator.core.periods import Kind, Period, inside, months, period
from generator.core.ranking import Candidate


class Results(Struct, frozen=True):
    """All that ledgers come to; ``tallies`` by year and member.

    ``approved`` are the branch-months that make a period complete, ``scored`` all whose lines count: the same, unless
    drafts are previewed.
    """

    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    tallies: Mapping[int, Mapping[str, Tally]]
    approved: frozenset[tuple[str, Period]]
    scored: frozenset[tuple[str, Period]]
    today: date


Shard = Mapping[str, tuple[Line, ...]]


def shard(ledgers: Iterable[ValidLedger], rulebook: Rulebook) -> Shard:
    """One branch-year, its ledgers in any order: what each member earned in it, month by month, ceilings apart."""
    found: dict[str, list[Line]] = defaultdict(list)
    for ledger in sorted(ledgers, key=lambda one: one.month.number):
        for line in scoring.lines(ledger, rulebook):
            found[line.member].append(line)
    return {member: tuple(lines) for member, lines in found.items()}


def merge(shards: Iterable[Shard], roster: Roster, rulebook: Rulebook) -> Mapping[str, Tally]:
    """The tally of every member in one year, from the branches' shards in roster order."""
    parts: dict[str, list[tuple[Line, ...]]] = {member: [] for member in roster.member}
    for one in shards:
        for member, lines in one.items():
            if member in parts:
                parts[member].append(lines)
    return {member: tally(found, rulebook) for member, found in parts.items()}


def tally(parts: Sequence[tuple[Line, ...]], rulebook: Rulebook) -> Tally:
    """A member's year from his lines in each branch's shard, in roster order.

    Sorting by month keeps branches in roster order and lines in file order: the order of R4.
    """
    ordered = parts[0] if len(parts) == 1 else sorted(chain(*parts), key=lambda line: line.month.number)
    return scoring.tally(ordered, rulebook)


def rank(results: Results, period: Period, branch: str | None) -> Ranking:
    """The ranking of a branch, or with None of the organ, in a period whose year has a rulebook."""
    missing = coverage.missing(results.roster, results.approved, period, branch, results.today)
    ordered = ranking.rank(candidates(results, period, branch), period, results.rulebooks[period.year].ties)
    return Ranking(period, branch, missing, ordered)


def candidates(results: Results, period: Period, branch: str | None) -> Iterator[Candidate]:
    """Who is ranked, with the period's score, in roster order."""
    rulebook, tallies = results.rulebooks[period.year], results.tallies[period.year]
    for member, home in ranking.eligible(results.roster, period, branch):
        yield Candidate(member, home, scoring.score(tallies[member.id], period, rulebook))


def begun(scored: Iterable[tuple[str, Period]]) -> tuple[Period, ...]:
    """The months of these branch-months, in order."""
    return tuple(sorted({month for _, month in scored}, key=_first))


def _first(month: Period) -> date:
    return month.first


def ranked(rulebooks: Mapping[int, Rulebook], scope: Scope) -> Iterator[Period]:
    """The periods of all boards of a scope, by year and board."""
    for year, rulebook in sorted(rulebooks.items()):
        for board in rulebook.boards:
            if board.scope is scope:
                yield from inside(period(Kind.YEAR, year), board.period)


Board = tuple[Period, str | None]
Rankings = Mapping[Board, Ranking]
Scopes = Collection[str | None]


def rankings(results: Results, scopes: Scopes | None = None) -> Rankings:
    """Every ranking that the rulebooks make a board of, once a ledger of its period is scored; by year and board.

    ``scopes``, if given, are the branches that are asked for, None among them for the organ.
    """
    return {
        (stretch, branch): rank(results, stretch, branch)
        for year, rulebook in sorted(results.rulebooks.items())
        for board in rulebook.boards
        for stretch in inside(period(Kind.YEAR, year), board.period)
        for branch in _ranked_together(results, board)
        if scopes is None or branch in scopes
        if any((home, month) in results.scored for month in months(stretch) for home in _homes(results, branch))
    }


def _ranked_together(results: Results, board: BoardRule) -> tuple[str | None, ...]:
    return tuple(results.roster.branch) if board.scope is Scope.BRANCH else (None,)


def _homes(results: Results, branch: str | None) -> Iterable[str]:
    return results.roster.branch if branch is None else (branch,)


def score(results: Results, member: str, period: Period) -> Score:
    """A member's points in a period, whether or not ranked in it."""
    return scoring.score(results.tallies[period.year][member], period, results.rulebooks[period.year])


def explain(results: Results, member: str, period: Period) -> tuple[Line, ...]:
    """The lines that make up a member's score in a period."""
    return scoring.explain(results.tallies[period.year][member], period, results.rulebooks[period.year])
