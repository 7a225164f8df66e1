"""Lines that explain a period's points and add up to them exactly."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from msgspec.structs import replace

from generator.core.basics.numbers import ZERO, format_decimal
from generator.core.basics.periods import Period
from generator.core.model.rulebook import (
    Item,
    Rulebook,
)
from generator.core.model.tally import ScoreLine, Tally
from generator.core.scoring.tally import is_vetoed, sum_period
from generator.core.scoring.windows import reset_month


def explain_period(tally: Tally, period: Period, rulebook: Rulebook) -> tuple[ScoreLine, ...]:
    """Return the period's lines; their points add up to its score exactly.

    A veto is a line of its own, and so is the floor where it changes the sum.
    """
    return _explain_lines(tally, [line for line in tally.lines if line.month in period], period, rulebook)


def explain_months(tally: Tally, months: Iterable[Period], rulebook: Rulebook) -> tuple[tuple[ScoreLine, ...], ...]:
    """Return the lines of each of these months, as ``explain_period`` does for one."""
    written: dict[Period, list[ScoreLine]] = defaultdict(list)
    for line in tally.lines:
        written[line.month].append(line)
    return tuple(_explain_lines(tally, written[month], month, rulebook) for month in months)


def explain_adjustments(tally: Tally, period: Period, rulebook: Rulebook) -> tuple[ScoreLine, ...]:
    """Return the lines of the veto and of the floor alone, where these bear on the period.

    Together with the points of the period's lines in ledgers they add up to its score: there a veto has none.
    """
    written = [line for line in tally.lines if line.month in period and line is not tally.veto]
    return _list_adjustments(tally, written, period, rulebook)


def _explain_lines(tally: Tally, written: list[ScoreLine], period: Period, rulebook: Rulebook) -> tuple[ScoreLine, ...]:
    lines = [line for line in written if line is not tally.veto] if tally.veto else written
    return (*lines, *_list_adjustments(tally, lines, period, rulebook))


def _list_adjustments(
    tally: Tally, lines: list[ScoreLine], period: Period, rulebook: Rulebook
) -> tuple[ScoreLine, ...]:
    """Return what the veto and the floor add to the other lines of a period."""
    adjustments, veto = [], tally.veto
    if veto and (veto.month in period or is_vetoed(tally, period)):
        adjustments.append(replace(veto, points=-_sum_cancelled(tally, veto, lines)))
    if rulebook.floor is not None:
        # The floor bounds the cycle total (R6), so what it adds to a period is the difference that the lines leave.
        explained = [*lines, *adjustments]
        difference = sum_period(tally, period)[0] - sum((line.points for line in explained), ZERO)
        if difference:
            adjustments.append(_make_floor_line(explained[-1], difference, rulebook.floor))
    return tuple(adjustments)


def _sum_cancelled(tally: Tally, veto: ScoreLine, lines: list[ScoreLine]) -> Decimal:
    """Return the points that a veto cancels: of the period or, by a reset, of the cycle up to its month (R5)."""
    reset = reset_month(veto)
    cancelled = [line for line in tally.lines if line.month.number <= reset] if reset else lines
    return sum((line.points for line in cancelled), ZERO)


def _make_floor_line(last_line: ScoreLine, points: Decimal, floor: Decimal) -> ScoreLine:
    item = Item(id="floor", group="", title="总分下限", clause="")
    reason = f"本周期总分不低于 {format_decimal(floor)} 分"
    return replace(last_line, item=item, earned=ZERO, points=points, what=item.title, reason=reason, evidence={})
