"""The means of branches over the organ's complete half-year boards: what has been posted to the whole organ (四3)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind
from generator.core.page_data.boards import Board

_MAX_PERIODS = 8
_MAX_LINES = 12  # that colours and dashes set apart


class BranchTrend(Struct, frozen=True):
    """The ``means`` of a branch on each of the boards, None where it had no member on one."""

    branch: str
    means: tuple[Decimal | None, ...]


class BranchTrends(Struct, frozen=True):
    """The means of branches, in the order of the roster, over the ``periods`` of the boards, oldest first.

    They are ``drawn`` as lines unless there are too many branches, or a single board.
    """

    periods: tuple[Period, ...]
    branches: tuple[BranchTrend, ...]

    @property
    def drawn(self) -> bool:
        """True if there is a chart of them beside the table."""
        return len(self.periods) > 1 and len(self.branches) <= _MAX_LINES


def build_branch_trends(boards: Iterable[Board], branches: Iterable[str]) -> BranchTrends | None:
    """Build the trends from the organ's boards; None if no half-year's is complete."""
    halves = [board for board in boards if board.period.kind is PeriodKind.HALF and not board.provisional]
    halves = sorted(halves, key=_last_day)[-_MAX_PERIODS:]
    means = [{average.branch: average.points for average in board.averages} for board in halves]
    trends = [BranchTrend(branch, tuple([of_board.get(branch) for of_board in means])) for branch in branches]
    trends = [trend for trend in trends if any(mean is not None for mean in trend.means)]
    return BranchTrends(tuple([board.period for board in halves]), tuple(trends)) if trends else None


def _last_day(board: Board) -> date:
    return board.period.last
