"""A correction as the readers of a board may see it 更正公告: points and ranks before and after, never a reason."""

from decimal import Decimal

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import CorrectionKind
from generator.core.model.rulebook import BoardRule
from generator.core.model.settings import NameDisplay
from generator.core.model.tally import Standing
from generator.core.page_data import boards
from generator.core.scoring.approval_sources import ApprovalSource, make_source
from generator.core.scoring.ranking import pair_standings
from generator.core.scoring.revisions import Revision
from generator.core.scoring.site_data import SiteData


class RowFigures(Struct, frozen=True):
    """A member's place on a board."""

    rank: int
    points: Decimal
    total: Decimal


class RowChange(Struct, frozen=True):
    """A row of a board that changed; ``member`` is None where names are masked; a side is None where it has no row."""

    name: str
    member: str | None
    branch: str
    before: RowFigures | None
    after: RowFigures | None

    @property
    def rank_only(self) -> bool:
        """Whether points and total stayed: only what others got moved this row."""
        one, other = self.before, self.after
        return bool(one and other and (one.points, one.total) == (other.points, other.total))


class Bulletin(Struct, frozen=True):
    """What one correction changed on one board: the board's ``number``-th; ``source`` is the correction's approval."""

    rule: BoardRule
    period: Period
    branch: str | None
    number: int
    kind: CorrectionKind
    source: ApprovalSource
    changes: tuple[RowChange, ...]


def build_bulletins(ground: SiteData) -> tuple[Bulletin, ...]:
    """Every bulletin, by board, oldest first."""
    return tuple(_bulletin(ground, revision) for found in ground.revisions.values() for revision in found)


def _bulletin(ground: SiteData, revision: Revision) -> Bulletin:
    period, branch = revision.after.period, revision.after.branch
    return Bulletin(
        rule=boards.find_board_rule(ground.results.rulebooks[period.year], period, branch),
        period=period,
        branch=branch,
        number=revision.number,
        kind=revision.kind,
        source=make_source(revision.corrected, revision.order, revision.approval),
        changes=_changes(revision, masked=ground.naming is NameDisplay.MASKED and branch is None),
    )


def _changes(revision: Revision, *, masked: bool) -> tuple[RowChange, ...]:
    """The rows that differ, in the order of the board after, then those that are gone."""
    rows = pair_standings(revision.before, revision.after)
    return tuple(_change(one, other, masked=masked) for one, other in rows if _figures(one) != _figures(other))


def _figures(one: Standing | None) -> RowFigures | None:
    return RowFigures(one.rank, one.score.points, one.score.total) if one else None


def _change(one: Standing | None, other: Standing | None, *, masked: bool) -> RowChange:
    known = other or one
    assert known is not None
    return RowChange(
        name=boards.mask_name(known.member.name) if masked else boards.member_label(known.member),
        member=None if masked else known.member.id,
        branch=known.branch,
        before=_figures(one),
        after=_figures(other),
    )
