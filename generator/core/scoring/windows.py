"""Awards as they count under the ceilings of items and groups (R4), over the windows of time of each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.numbers import ZERO, format_decimal
from generator.core.basics.periods import Period, PeriodKind, enclosing_period
from generator.core.model.rulebook import (
    Group,
    Item,
    Rulebook,
    Veto,
    Window,
)
from generator.core.model.tally import FullCeiling, ScoreLine

_CYCLE = Window.CYCLE  # looked up here once: in the enumeration it costs as much as all the rest of a step

_KINDS = {Window.HALF: PeriodKind.HALF, Window.QUARTER: PeriodKind.QUARTER, Window.MONTH: PeriodKind.MONTH}

WINDOW_LABELS = {
    Window.CYCLE: "全年",
    Window.HALF: "半年",
    Window.QUARTER: "每季度",
    Window.MONTH: "每月",
    Window.DAY: "每日",
}


_Ceiling = tuple[Item | Group, Window, Decimal]
_CeilingKey = tuple[type, str, object]


class _RemainingPoints(Struct):
    """Points left under the ceilings, for one member and cycle; ``times`` counts the awards by item.

    ``fillers`` are, by ceiling and part of the cycle, the numbers of the lines that used it up, with what each used;
    ``cuts`` those that it cut, with what each lost, beside the ceiling.
    """

    left: dict[_CeilingKey, Decimal] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    fillers: dict[_CeilingKey, list[tuple[int, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    cuts: dict[_CeilingKey, tuple[_Ceiling, list[tuple[int, Decimal]]]] = field(default_factory=dict)

    def clamp_award(self, line: ScoreLine, number: int, group: Group | None) -> ScoreLine:
        """Clamp an award to what its item's and then, if there is one, its group's ceilings leave (R4)."""
        self.times[line.item.id] += 1
        points, full = self._use_up(line, number, line.earned, line.item)
        by_group = None
        if group:
            points, by_group = self._use_up(line, number, points, group)
        if points == line.earned:
            return line
        subject = group.title if group and by_group else f"第 {self.times[line.item.id]} 次，"
        full = by_group or full
        assert full
        key, ceiling = full
        _, cuts = self.cuts.setdefault(key, (ceiling, []))
        cuts.append((number, line.earned - points))
        _, window, cap = ceiling
        result = f"只计 {format_decimal(points)} 分" if points else "不再计分"
        note = f"{subject}已达上限（{WINDOW_LABELS[window]} {format_decimal(cap)} 分），{result}"
        return replace(line, points=points, reason="；".join(filter(None, (line.reason, note))))

    def _use_up(
        self, line: ScoreLine, number: int, points: Decimal, owner: Item | Group
    ) -> tuple[Decimal, tuple[_CeilingKey, _Ceiling] | None]:
        """Cut points to the fewest left in the owner's windows, use those up, and return the ceiling that cut."""
        full, left_by_window = None, []
        for window, cap in owner.cap.items():
            key = type(owner), owner.id, None if window is _CYCLE else _find_window(window, line)
            left = self.left.get(key, cap)
            left_by_window.append((key, left))
            if left < points:
                points, full = left or ZERO, (key, (owner, window, cap))
        for key, left in left_by_window:
            self.left[key] = left - points
            if points:
                self.fillers[key].append((number, points))
        return points, full

    def list_full_ceilings(self) -> Iterator[FullCeiling]:
        """Yield the ceilings that cut lines, in the order in which they did first."""
        for key, (ceiling, cuts) in self.cuts.items():
            yield FullCeiling(*ceiling, tuple(self.fillers[key]), tuple(cuts))


def _find_window(window: Window, line: ScoreLine) -> Period | date:
    """Return the part of the cycle in which a line counts: by the ledger's month (R8), a day by the event's date."""
    return line.date if window is Window.DAY else enclosing_period(_KINDS[window], line.month)


def clamp_lines(
    written: tuple[ScoreLine, ...], veto: ScoreLine | None, rulebook: Rulebook
) -> tuple[tuple[ScoreLine, ...], tuple[FullCeiling, ...]]:
    """Return the lines with the points that count, and the ceilings that cut some; deductions pass uncut (R4)."""
    # Where the sums of the cycle stay within every ceiling, there is no need to follow the lines one by one.
    capped = _find_capped_items(written, rulebook)
    if not capped:
        return written, ()
    # A reset frees the ceilings for the lines after its month (R5): those before it are counted apart.
    remaining_points: dict[bool, _RemainingPoints] = defaultdict(_RemainingPoints)
    reset = reset_month(veto)
    counted = [
        remaining_points[line.month.number <= reset].clamp_award(line, number, capped[line.item.id])
        if line.item.id in capped and line.earned > ZERO
        else line
        for number, line in enumerate(written)
    ]
    full_ceilings = [full for remaining in remaining_points.values() for full in remaining.list_full_ceilings()]
    return tuple(counted), tuple(full_ceilings)


def _find_capped_items(written: Iterable[ScoreLine], rulebook: Rulebook) -> Mapping[str, Group | None]:
    """Return the items whose awards a ceiling may cut: the sum of theirs, or of their group's, exceeds it in the cycle.

    Each is mapped to the group, if it is the group's ceiling.
    """
    items: dict[str, Decimal] = defaultdict(Decimal)
    groups: dict[str, Decimal] = defaultdict(Decimal)
    for line in written:
        if line.earned > ZERO:
            items[line.item.id] += line.earned
    for item_id, earned in items.items():
        groups[rulebook.item[item_id].group] += earned
    full_groups = {
        group_id: rulebook.group[group_id]
        for group_id, earned in groups.items()
        if _is_over(earned, rulebook.group[group_id].cap)
    }
    earned_by_item = ((rulebook.item[item_id], earned) for item_id, earned in items.items())
    return {
        item.id: full_groups.get(item.group)
        for item, earned in earned_by_item
        if item.group in full_groups or _is_over(earned, item.cap)
    }


def _is_over(earned: Decimal, caps: Mapping[Window, Decimal]) -> bool:
    return any(earned > cap for cap in caps.values())


def reset_month(veto: ScoreLine | None) -> int:
    """Return the month of the year up to which a veto wipes lines (R5), or 0 if it wipes none."""
    return veto.month.number if veto is not None and veto.item.veto is Veto.RESET else 0
