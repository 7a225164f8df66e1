"""Boards drawn as tables of points, for rules that look at standings alone."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from generator.core.model.cycle_term import CycleBound, CycleTerm
from generator.core.model.roster import Branch as Home
from generator.core.model.roster import Member, MembershipStatus, Roster, Span
from generator.core.model.rulebook import TieRule
from generator.core.model.tally import Ranking, Score
from generator.core.scoring import ranking
from generator.core.scoring.ranking import ScoredMember
from generator.core.scoring.results import Rankings, Results
from generator.intake.files import rulebook_file
from generator.problems import Location
from tests.site_project import REPOSITORY, period

BOOK = "ledgers/rulebooks/erqi-2021.yaml"
RULEBOOK, _ = rulebook_file.read_rulebook(Path(REPOSITORY, BOOK).read_bytes(), BOOK)
TODAY = date(2030, 1, 1)


def member(name: str, branch: str = "jia", *, since: str = "", full: str = "", left: str = "") -> Member:
    """A member of one branch; ``full`` is the day of becoming a full member (left out: always was)."""
    first = date.fromisoformat(since) if since else date.min
    until = date.fromisoformat(left) if left else date.max
    statuses = [(first, MembershipStatus.PROBATIONARY if full else MembershipStatus.FULL)]
    statuses += [(date.fromisoformat(full), MembershipStatus.FULL)] if full and full != "never" else []
    return Member(name, name, (Span(branch, first, until),), tuple(statuses))


def draw(table: str, *people: Member) -> tuple[Results, Rankings]:
    """Boards from a table of points: a line a member, a column a period; ? marks a board that is provisional.

    A column is of branch jia unless it names another: yi/2026-Q1. Halves are the organ's.
    """
    lines = [line.split() for line in table.strip().splitlines()]
    names, rows = lines[0], {line[0]: line[1:] for line in lines[1:]}
    roster = Roster((Home("jia", "甲"), Home("yi", "乙")), people or tuple(member(name) for name in rows))
    rankings = {}
    for column, name in enumerate(names):
        home, _, stretch_ = name.rstrip("?").rpartition("/")
        stretch, provisional = period(stretch_), name.endswith("?")
        branch = None if stretch.kind == "half" else home or "jia"
        points = {one: row[column] for one, row in rows.items() if row[column] != "-"}
        standings = ranking.rank_members(
            (
                ScoredMember(roster.member_by_id[one], there, _score(points[one]))
                for one, there in (
                    (who.id, where) for who, where in ranking.find_eligible_members(roster, stretch, branch)
                )
                if one in points
            ),
            stretch,
            TieRule.COMPETITION,
        )
        rankings[stretch, branch] = Ranking(stretch, branch, ("jia/x",) if provisional else (), standings)
    assert RULEBOOK is not None
    years = {stretch.year for stretch, _ in rankings}
    return Results(roster, dict.fromkeys(years, RULEBOOK), {}, frozenset(), frozenset(), TODAY), rankings


def _score(points: str) -> Score:
    vetoed = points == "veto"
    value = Decimal(0 if vetoed else points)
    return Score(value, value, {}, vetoed)


def bound(drawn: tuple[Results, Rankings], first: str = "", last: str = "") -> tuple[Results, Rankings]:
    """The same boards in a cycle of 2026 from one month to another (R21)."""
    results, rankings = drawn
    bounds = [CycleBound(period(month), Location("cycle.yaml")) if month else None for month in (first, last)]
    rulebook = replace(results.rulebooks[2026], term=CycleTerm(*bounds))
    return replace(results, rulebooks={**results.rulebooks, 2026: rulebook}), rankings
