"""Approved ledgers to the standing of everybody in any period.

The branch is the shard: ``shard`` is a pure function of one branch-year; ``merge`` is the small reduction that brings
together the lines of members who moved.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

from generator.core import coverage, ranking, scoring
from generator.core.model import Line, Ranking, Roster, Rulebook, Score, Tally, ValidLedger
from generator.core.periods import Period
from generator.core.ranking import Candidate


@dataclass(frozen=True, slots=True)
class Results:
    """All that ledgers come to; ``tallies`` by year and member, ``counted`` the branch-months that were scored."""

    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    tallies: Mapping[int, Mapping[str, Tally]]
    counted: frozenset[tuple[str, Period]]
    today: date


Shard = Mapping[str, tuple[Line, ...]]


def shard(ledgers: Iterable[ValidLedger], rulebook: Rulebook) -> Shard:
    """One branch-year, its ledgers by month: what each member earned in it, ceilings apart."""
    found: dict[str, list[Line]] = defaultdict(list)
    for ledger in ledgers:
        for line in scoring.lines(ledger, rulebook):
            found[line.member].append(line)
    return {member: tuple(lines) for member, lines in found.items()}


def merge(shards: Iterable[Shard], roster: Roster, rulebook: Rulebook) -> Mapping[str, Tally]:
    """The tally of every member in one year, from the branches' shards in roster order.

    Sorting by month keeps branches in roster order and lines in file order: the order of R4.
    """
    parts = tuple(shards)
    return {
        member: scoring.tally(sorted(chain(*(part.get(member, ()) for part in parts)), key=_month), rulebook)
        for member in roster.member
    }


def _month(line: Line) -> date:
    return line.month.first


def rank(results: Results, period: Period, branch: str | None) -> Ranking:
    """The ranking of a branch, or with None of the organ, in a period whose year has a rulebook."""
    rulebook, tallies = results.rulebooks[period.year], results.tallies[period.year]
    candidates = (
        Candidate(member, home, scoring.score(tallies[member.id], period, rulebook))
        for member, home in ranking.eligible(results.roster, period, branch)
    )
    missing = coverage.missing(results.roster, results.counted, period, branch, results.today)
    return Ranking(period, branch, missing, ranking.rank(candidates, period, rulebook.ties))


def score(results: Results, member: str, period: Period) -> Score:
    """A member's points in a period, whether or not ranked in it."""
    return scoring.score(results.tallies[period.year][member], period, results.rulebooks[period.year])


def explain(results: Results, member: str, period: Period) -> tuple[Line, ...]:
    """The lines that make up a member's score in a period."""
    return scoring.explain(results.tallies[period.year][member], period, results.rulebooks[period.year])
