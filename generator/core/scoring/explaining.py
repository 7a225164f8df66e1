"""The lines that explain a period's points and add up to them exactly."""

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
    """The period's lines; their points add up to its score exactly, a veto or a floor being lines of their own."""
    return _explained(tally, [line for line in tally.lines if line.month in period], period, rulebook)


def explain_months(tally: Tally, months: Iterable[Period], rulebook: Rulebook) -> tuple[tuple[ScoreLine, ...], ...]:
    """The same for each of these months."""
    written: dict[Period, list[ScoreLine]] = defaultdict(list)
    for line in tally.lines:
        written[line.month].append(line)
    return tuple(_explained(tally, written[month], month, rulebook) for month in months)


def _explained(tally: Tally, written: list[ScoreLine], period: Period, rulebook: Rulebook) -> tuple[ScoreLine, ...]:
    shown, veto = written, tally.veto
    if veto and (veto.month in period or is_vetoed(tally, period)):
        shown = [line for line in written if line is not veto]
        shown.append(replace(veto, points=-_cancelled(tally, veto, shown)))
    if rulebook.floor is None:
        return tuple(shown)
    rest = sum_period(tally, period)[0] - sum((line.points for line in shown), ZERO)
    return (*shown, _floor_line(shown[-1], rest, rulebook.floor)) if rest else tuple(shown)


def _cancelled(tally: Tally, veto: ScoreLine, shown: list[ScoreLine]) -> Decimal:
    """What a veto takes away: all of the period, or all of the cycle up to its month."""
    reset = reset_month(veto)
    gone = [line for line in tally.lines if line.month.number <= reset] if reset else shown
    return sum((line.points for line in gone), ZERO)


def _floor_line(after: ScoreLine, points: Decimal, floor: Decimal) -> ScoreLine:
    item = Item(id="floor", group="", title="总分下限", clause="")
    reason = f"本周期总分不低于 {format_decimal(floor)} 分"
    return replace(after, item=item, earned=ZERO, points=points, what=item.title, reason=reason, evidence={})
