"""Differences between the published rankings and the current ones: new boards, other ranks, points and totals."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import BranchMonth, ValidLedger
from generator.core.model.roster import Member
from generator.core.model.tally import Ranking, Score
from generator.core.scoring.ranking import pair_standings
from generator.core.scoring.results import Rankings


class RankChange(Struct, frozen=True):
    """A member whose rank on a board changes; None where the member is not on it."""

    member: Member
    before: int | None
    after: int | None


class PointsChange(Struct, frozen=True):
    """A member whose points on a board change or, if these stay, whose total does."""

    member: Member
    before: Score
    after: Score

    @property
    def is_total_only(self) -> bool:
        """True if the points of the period itself stay."""
        return self.before.points == self.after.points


class BoardDiff(Struct, frozen=True):
    """A board that changes: ``is_new`` if it was not there before; ``points_changes`` are of points or totals."""

    period: Period
    branch: str | None
    is_new: bool
    rank_changes: tuple[RankChange, ...]
    points_changes: tuple[PointsChange, ...]


def select_published(
    versions: Mapping[BranchMonth, Sequence[ValidLedger]], approvals: Collection[str]
) -> dict[BranchMonth, ValidLedger]:
    """Return the ledgers that counted when only the approvals with these digests were there."""
    published = {}
    for branch_month, ledgers in versions.items():
        sealed = [ledger for ledger in ledgers if all(approval.digest in approvals for approval in ledger.approvals)]
        published.update({branch_month: sealed[-1]} if sealed else {})
    return published


def compare_rankings(before: Rankings, after: Rankings) -> Iterator[BoardDiff]:
    """Yield every board of ``after`` whose ranks, points or totals change, in the order of the rankings."""
    for (period, branch), ranking in after.items():
        earlier = before.get((period, branch))
        rank_changes = tuple(_find_rank_changes(earlier, ranking)) if earlier else ()
        points_changes = tuple(_find_points_changes(earlier, ranking)) if earlier else ()
        if earlier is None or rank_changes or points_changes:
            yield BoardDiff(period, branch, earlier is None, rank_changes, points_changes)


def _find_rank_changes(earlier: Ranking, later: Ranking) -> Iterator[RankChange]:
    for before, after in pair_standings(earlier, later):
        if before is None or after is None or before.rank != after.rank:
            standing = after or before
            assert standing is not None
            yield RankChange(standing.member, before.rank if before else None, after.rank if after else None)


def _find_points_changes(earlier: Ranking, later: Ranking) -> Iterator[PointsChange]:
    earlier_scores = {standing.member.id: standing.score for standing in earlier.standings}
    for standing in later.standings:
        before, after = earlier_scores.get(standing.member.id, standing.score), standing.score
        if (before.points, before.total) != (after.points, after.total):
            yield PointsChange(standing.member, before, after)
