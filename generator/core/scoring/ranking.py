"""Ranks of members on a board (R10 to R13): one key decides both order and equality."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import itemgetter

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import TieRule
from generator.core.model.tally import Ranking, Score, Standing


class ScoredMember(Struct, frozen=True):
    """A member to be ranked, with the branch of the period's last day and the period's score."""

    member: Member
    branch: str
    score: Score


def find_eligible_members(roster: Roster, period: Period, branch: str | None) -> Iterable[tuple[Member, str]]:
    """Yield the members on the branch's roster (None: the organ's) on the period's last day, in the order of names.

    Each is given with name and branch of that day (R11).
    """
    for member in roster.named_on(period.last).members_in_name_order[branch]:
        branch_id = member.branch_on(period.last)
        if branch_id is not None and branch in {None, branch_id}:
            yield member, branch_id


def rank_members(candidates: Iterable[ScoredMember], period: Period, ties: TieRule) -> tuple[Standing, ...]:
    """Return the standings by points, highest first, the vetoed level with each other below all (R5, R10).

    Level members keep the order in which they are given.
    """
    # Sorting in reverse is stable, so that level members stay in the order of names.
    ordered = sorted([(_ranking_key(scored), scored) for scored in candidates], key=itemgetter(0), reverse=True)
    first_day = period.first
    partial = [scored.member.since > first_day for _, scored in ordered]  # joined the organ's roster since (R13)
    full_keys = [key for (key, _), is_partial in zip(ordered, partial, strict=True) if not is_partial]
    # With fewer than two, or with all of them level, there is no last one (R12).
    bottom = full_keys[-1] if full_keys and full_keys[0] != full_keys[-1] else None
    standings: list[Standing] = []
    skips = ties is TieRule.COMPETITION
    rank, previous = 0, None
    for position, ((key, scored), is_partial) in enumerate(zip(ordered, partial, strict=True), start=1):
        if key != previous:
            rank = position if skips else rank + 1
            previous = key
        is_last = key == bottom and not is_partial
        standings.append(Standing(scored.member, scored.branch, scored.score, rank, is_partial, is_last))
    return tuple(standings)


def pair_standings(before: Ranking, after: Ranking) -> Iterator[tuple[Standing | None, Standing | None]]:
    """Yield every member's standing on two boards, in the order of the second, then of those only on the first."""
    old, new = ({standing.member.id: standing for standing in ranking.standings} for ranking in (before, after))
    for member in (*new, *(member for member in old if member not in new)):
        yield old.get(member), new.get(member)


_BELOW_ALL = Decimal("-Infinity")


def _ranking_key(scored: ScoredMember) -> Decimal:
    return _BELOW_ALL if scored.score.vetoed else scored.score.points
