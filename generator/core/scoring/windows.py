"""What of the awards counts under the ceilings of items and groups (R4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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
from generator.core.model.tally import ScoreLine

_CYCLE = Window.CYCLE  # looked up here once: in the enumeration it takes as long as all the rest of a step

_KINDS = {Window.HALF: PeriodKind.HALF, Window.QUARTER: PeriodKind.QUARTER, Window.MONTH: PeriodKind.MONTH}

WINDOW_LABELS = {
    Window.CYCLE: "全年",
    Window.HALF: "半年",
    Window.QUARTER: "每季度",
    Window.MONTH: "每月",
    Window.DAY: "每日",
}


class _Room(Struct):
    """What is left of the ceilings, for one member and cycle."""

    left: dict[tuple[type, str, object], Decimal] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, line: ScoreLine, group: Group | None) -> ScoreLine:
        """Clamp an award to what its item's and then, if there is one, its group's ceilings leave (R4)."""
        self.times[line.item.id] += 1
        points, full = self._clamp(line, line.earned, line.item)
        by_group = None
        if group:
            points, by_group = self._clamp(line, points, group)
        if points == line.earned:
            return line
        which = group.title if group and by_group else f"第 {self.times[line.item.id]} 次，"
        ceiling = by_group or full
        assert ceiling
        window, cap = ceiling
        kept = f"只计 {format_decimal(points)} 分" if points else "不再计分"
        said = f"{which}已达上限（{WINDOW_LABELS[window]} {format_decimal(cap)} 分），{kept}"
        return replace(line, points=points, reason="；".join(filter(None, (line.reason, said))))

    def _clamp(
        self, line: ScoreLine, points: Decimal, owner: Item | Group
    ) -> tuple[Decimal, tuple[Window, Decimal] | None]:
        """Cut points to the smallest room left in the owner's windows, use it up, and say which one was full."""
        full, rooms = None, []
        for ceiling in owner.cap.items():
            window, cap = ceiling
            key = type(owner), owner.id, None if window is _CYCLE else _stretch(window, line)
            left = self.left.get(key, cap)
            rooms.append((key, left))
            if left < points:
                points, full = left or ZERO, ceiling
        for key, left in rooms:
            self.left[key] = left - points
        return points, full


def _stretch(window: Window, line: ScoreLine) -> Period | date:
    """The stretch of the cycle a line falls into: by the ledger's month (R8), a day by the event's date."""
    return line.date if window is Window.DAY else enclosing_period(_KINDS[window], line.month)


def clamp_lines(written: tuple[ScoreLine, ...], veto: ScoreLine | None, rulebook: Rulebook) -> tuple[ScoreLine, ...]:
    """The lines with what counts of each; a deduction passes, and so does what no ceiling can cut."""
    crowded = _crowded(written, rulebook)
    if not crowded:
        return written
    rooms: dict[bool, _Room] = defaultdict(_Room)  # a reset frees the ceilings for what comes after its month
    reset = reset_month(veto)
    return tuple(
        [
            rooms[line.month.number <= reset].take(line, crowded[line.item.id])
            if line.item.id in crowded and line.earned > ZERO
            else line
            for line in written
        ]
    )


def _crowded(written: Iterable[ScoreLine], rulebook: Rulebook) -> Mapping[str, Group | None]:
    """The items whose awards a ceiling may cut: they, or their group's, come to more than it in the cycle.

    Each with the group, if it is the group's ceiling.
    """
    items: dict[str, Decimal] = defaultdict(Decimal)
    groups: dict[str, Decimal] = defaultdict(Decimal)
    for line in written:
        if line.earned > ZERO:
            items[line.item.id] += line.earned
    for ident, earned in items.items():
        groups[rulebook.item[ident].group] += earned
    full = {
        ident: rulebook.group[ident] for ident, earned in groups.items() if _exceeds(earned, rulebook.group[ident].cap)
    }
    found = ((rulebook.item[ident], earned) for ident, earned in items.items())
    return {item.id: full.get(item.group) for item, earned in found if item.group in full or _exceeds(earned, item.cap)}


def _exceeds(earned: Decimal, caps: Mapping[Window, Decimal]) -> bool:
    return any(earned > cap for cap in caps.values())


def reset_month(veto: ScoreLine | None) -> int:
    """The month of the year up to which a veto wipes lines; 0 if it wipes none."""
    return veto.month.number if veto is not None and veto.item.veto is Veto.RESET else 0
