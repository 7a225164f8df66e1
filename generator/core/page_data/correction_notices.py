"""Notices of corrections 更正公告 as a board's readers may see them: points and ranks, never a reason of a ledger's."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import CorrectionKind
from generator.core.model.roster import member_label
from generator.core.model.rulebook import BoardRule
from generator.core.model.settings import NameDisplay
from generator.core.model.tally import Standing
from generator.core.page_data import boards
from generator.core.scoring.approval_sources import ApprovalSource, make_source
from generator.core.scoring.ranking import pair_standings
from generator.core.scoring.revisions import BoardMend, Revision
from generator.core.scoring.site_data import SiteData


class RowFigures(Struct, frozen=True):
    """A board row's rank, points and cycle total."""

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
        """True if points and total stayed: only other members' points moved this row."""
        before, after = self.before, self.after
        return bool(before and after and (before.points, before.total) == (after.points, after.total))


class Bulletin(Struct, frozen=True):
    """Changes of one board, its ``number``-th, by a correction or by a mended day.

    ``kind`` and ``source``, the approval, are of a correction, ``mend`` is of a day, with None for the other. ``day``
    is that of the approval, or the day on which the other was mended; if the sources have none, the nearest that they
    have.
    """

    rule: BoardRule
    period: Period
    branch: str | None
    number: int
    day: date
    kind: CorrectionKind | None
    source: ApprovalSource | None
    mend: BoardMend | None
    changes: tuple[RowChange, ...]


def build_bulletins(site_data: SiteData) -> tuple[Bulletin, ...]:
    """Return every bulletin, by board, oldest first."""
    return tuple(
        _build_bulletin(site_data, revision) for revisions in site_data.revisions.values() for revision in revisions
    )


def _build_bulletin(site_data: SiteData, revision: Revision) -> Bulletin:
    period, branch = revision.after.period, revision.after.branch
    correction, mend = revision.correction, revision.mend
    return Bulletin(
        rule=boards.find_board_rule(site_data.results.rulebooks[period.year], period, branch),
        period=period,
        branch=branch,
        number=revision.number,
        day=correction.approval.meeting if correction else _find_day(revision, mend),
        kind=correction.kind if correction else None,
        source=make_source(correction.corrected, correction.order, correction.approval) if correction else None,
        mend=mend,
        changes=_list_changes(revision, masked=site_data.settings.names is NameDisplay.MASKED and branch is None),
    )


def _find_day(revision: Revision, mend: BoardMend | None) -> date:
    """Return the day on which a day was mended, else that day, else that of the board's newest approval."""
    day = mend and (mend.on or mend.day)
    period = revision.after.period
    meetings = (of_month[-1].meeting for (_, month), of_month in revision.approvals.items() if month in period)
    return day or max(meetings)


def _list_changes(revision: Revision, *, masked: bool) -> tuple[RowChange, ...]:
    """Return the rows that differ, in the order of the board after, then those that it no longer has."""
    pairs = pair_standings(revision.before, revision.after)
    return tuple(
        _build_change(before, after, masked=masked)
        for before, after in pairs
        if _row_figures(before) != _row_figures(after)
    )


def _row_figures(standing: Standing | None) -> RowFigures | None:
    return RowFigures(standing.rank, standing.score.points, standing.score.total) if standing else None


def _build_change(before: Standing | None, after: Standing | None, *, masked: bool) -> RowChange:
    standing = after or before
    assert standing is not None
    return RowChange(
        name=boards.mask_name(standing.member.name) if masked else member_label(standing.member),
        member=None if masked else standing.member.id,
        branch=standing.branch,
        before=_row_figures(before),
        after=_row_figures(after),
    )
