"""Who stands where (R10 to R13): one key decides both order and equality."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import itemgetter

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import TieRule
from generator.core.model.tally import Ranking, Score, Standing


class ScoredMember(Struct, frozen=True):
    """A member who is ranked, with the branch of the period's last day and the period's score."""

    member: Member
    branch: str
    score: Score


def find_eligible_members(roster: Roster, period: Period, branch: str | None) -> Iterable[tuple[Member, str]]:
    """Who is on the branch's roster (``None``: the organ's) on the period's last day, with that day's branch (R11).

    They come in the order of names.
    """
    for member in roster.members_in_name_order[branch]:
        home = member.branch_on(period.last)
        if home is not None and branch in {None, home}:
            yield member, home


def rank_members(candidates: Iterable[ScoredMember], period: Period, ties: TieRule) -> tuple[Standing, ...]:
    """Order by points, highest first, the vetoed level with each other below all (R5, R10).

    Members who level keep the order in which they come.
    """
    ordered = sorted([(_height(one), one) for one in candidates], key=itemgetter(0), reverse=True)
    first = period.first
    partial = [one.member.since > first for _, one in ordered]  # joined the organ's roster since (R13)
    whole = [height for (height, _), new in zip(ordered, partial, strict=True) if not new]
    # Of fewer than two, or where all are level, nobody is last (R12).
    bottom = whole[-1] if whole and whole[0] != whole[-1] else None
    standings: list[Standing] = []
    skips = ties is TieRule.COMPETITION
    place, previous = 0, None
    for position, ((height, one), new) in enumerate(zip(ordered, partial, strict=True), start=1):
        if height != previous:
            place = position if skips else place + 1
            previous = height
        standings.append(Standing(one.member, one.branch, one.score, place, new, height == bottom and not new))
    return tuple(standings)


def pair_standings(before: Ranking, after: Ranking) -> Iterator[tuple[Standing | None, Standing | None]]:
    """Every member's standing on two boards, in the order of the second, then who is only on the first."""
    old, new = ({one.member.id: one for one in ranking.standings} for ranking in (before, after))
    for ident in (*new, *(one for one in old if one not in new)):
        yield old.get(ident), new.get(ident)


_BELOW_ALL = Decimal("-Infinity")


def _height(one: ScoredMember) -> Decimal:
    return _BELOW_ALL if one.score.vetoed else one.score.points
