"""Two states of the rankings, as they were published and as they are now: which boards are new, who moved."""

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
        """Whether the points of the period itself stay."""
        return self.before.points == self.after.points


class BoardDiff(Struct, frozen=True):
    """A board that changes: ``new`` if it was not there before, ``figures`` are those with other points or totals."""

    period: Period
    branch: str | None
    is_new: bool
    rank_changes: tuple[RankChange, ...]
    points_changes: tuple[PointsChange, ...]


def select_published(
    versions: Mapping[BranchMonth, Sequence[ValidLedger]], approvals: Collection[str]
) -> dict[BranchMonth, ValidLedger]:
    """The ledgers that counted when only these approvals were there."""
    found = {}
    for key, known in versions.items():
        sealed = [one for one in known if all(approval.digest in approvals for approval in one.approvals)]
        found.update({key: sealed[-1]} if sealed else {})
    return found


def compare_rankings(before: Rankings, after: Rankings) -> Iterator[BoardDiff]:
    """Every board whose ranks, points or totals change, in the order of the rankings."""
    for (period, branch), ranking in after.items():
        earlier = before.get((period, branch))
        moves = tuple(_moves(earlier, ranking)) if earlier else ()
        figures = tuple(_figures(earlier, ranking)) if earlier else ()
        if earlier is None or moves or figures:
            yield BoardDiff(period, branch, earlier is None, moves, figures)


def _moves(earlier: Ranking, later: Ranking) -> Iterator[RankChange]:
    for one, other in pair_standings(earlier, later):
        if one is None or other is None or one.rank != other.rank:
            known = other or one
            assert known is not None
            yield RankChange(known.member, one.rank if one else None, other.rank if other else None)


def _figures(earlier: Ranking, later: Ranking) -> Iterator[PointsChange]:
    old = {one.member.id: one.score for one in earlier.standings}
    for one in later.standings:
        before = old.get(one.member.id, one.score)
        if (before.points, before.total) != (one.score.points, one.score.total):
            yield PointsChange(one.member, before, one.score)
