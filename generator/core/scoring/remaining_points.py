"""Points that each item and group has brought in the cycle, what is open under their ceilings, and what can still come.

What can still come is bounded by the ceilings (R4) and by how often an activity is expected in the months ahead.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.numbers import ZERO
from generator.core.basics.periods import Period, PeriodKind, enclosing_period
from generator.core.model.rulebook import Group, Item, Rulebook, Veto, Window
from generator.core.model.tally import ScoreLine, Tally
from generator.core.scoring.tally import drop_reset_lines


class Meter(Struct, frozen=True):
    """Points that an item has brought in the cycle so far, and those left under its ceiling (None without one).

    ``ahead`` is the most that the months ahead can bring: up to the ceiling, and only so often as the activity is
    expected; None where neither bounds it.
    """

    item: Item
    times: int
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None
    ahead: Decimal | None


class GroupMeter(Struct, frozen=True):
    """Points that a group has brought and those still open, with a meter of each item that has a ceiling or a line.

    ``left`` is None where no ceiling bounds what can be earned; a group that only deducts has nothing open. ``ahead``
    is the most that the months ahead can bring.
    """

    group: Group
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None
    ahead: Decimal | None
    meters: tuple[Meter, ...]


def compute_meters(tally: Tally, rulebook: Rulebook, months_ahead: Sequence[Period] = ()) -> tuple[GroupMeter, ...]:
    """Return a meter for each group, in the order of the rulebook; ``months_ahead`` are those not yet counted."""
    standing = drop_reset_lines(tally)
    points_by_item: dict[str, list[Decimal]] = defaultdict(list)
    for line in standing:
        if line.earned:
            points_by_item[line.item.id].append(line.points)
    vetoed = tally.veto is not None and tally.veto.item.veto is Veto.CYCLE
    prospect = None
    if months_ahead and not vetoed:
        prospect = _Prospect(months_ahead, standing, _list_occasions(tally.lines))
    return tuple(
        [
            _measure_group(group, points_by_item, tally, rulebook, vetoed=vetoed, prospect=prospect)
            for group in rulebook.groups
        ]
    )


def sum_open_points(groups: Iterable[GroupMeter]) -> Decimal | None:
    """Return the points that the whole cycle can still bring, or None where no ceiling bounds them."""
    return _sum_bounds(group.left for group in groups)


def sum_points_ahead(groups: Iterable[GroupMeter]) -> Decimal | None:
    """Return the most that the months ahead can bring, or None where nothing bounds it."""
    return _sum_bounds(group.ahead for group in groups)


_KINDS = {
    Window.CYCLE: PeriodKind.YEAR,
    Window.HALF: PeriodKind.HALF,
    Window.QUARTER: PeriodKind.QUARTER,
    Window.MONTH: PeriodKind.MONTH,
}


class _Prospect(Struct, frozen=True):
    """The months ahead; the lines that use up ceilings; and by activity the months in which it took place so far."""

    months: Sequence[Period]
    lines: Sequence[ScoreLine]
    occasions: Mapping[str, Sequence[Period]]

    def bound_item(self, item: Item) -> Decimal | None:
        """Return the most that an item can bring by its expectation and under ceilings shorter than the cycle."""
        bound = self._bound_by_ceilings(item, {item.id})
        if item.expect and item.points and (kind := _KINDS.get(item.expect.per)):
            past = self.occasions.get(item.id, ())
            times = [
                max(item.expect.times - sum([month in part for month in past]), 0) for part in self._parts_ahead(kind)
            ]
            bound = _lower_bound(bound, item.points * sum(times))
        return bound

    def bound_group(self, group: Group, rulebook: Rulebook) -> Decimal | None:
        """Return the most that a group can bring under its own ceilings shorter than the cycle."""
        return self._bound_by_ceilings(group, {item.id for item in rulebook.items_by_group[group.id]})

    def _bound_by_ceilings(self, owner: Item | Group, item_ids: Container[str]) -> Decimal | None:
        bound = None
        for window, cap in owner.cap.items():
            if window is not Window.CYCLE and (kind := _KINDS.get(window)):
                awards = [line for line in self.lines if line.item.id in item_ids and line.points > ZERO]
                parts = self._parts_ahead(kind)
                used = sum([line.points for part in parts for line in awards if line.month in part], ZERO)
                bound = _lower_bound(bound, cap * len(parts) - used)
        return bound

    def _parts_ahead(self, kind: PeriodKind) -> Collection[Period]:
        """Return the periods of a kind with a month ahead in them."""
        if kind is PeriodKind.MONTH:
            return self.months
        return dict.fromkeys([enclosing_period(kind, month) for month in self.months])


def _list_occasions(lines: Iterable[ScoreLine]) -> Mapping[str, Sequence[Period]]:
    occasions: dict[str, list[Period]] = defaultdict(list)
    for line in lines:
        if line.activity:
            occasions[line.activity].append(line.month)
    return occasions


def _measure_group(  # noqa: PLR0913  each bears on it
    group: Group,
    points_by_item: Mapping[str, Sequence[Decimal]],
    tally: Tally,
    rulebook: Rulebook,
    *,
    vetoed: bool,
    prospect: _Prospect | None,
) -> GroupMeter:
    items = rulebook.items_by_group[group.id]
    group_points = {item.id: points_by_item[item.id] for item in items if item.id in points_by_item}
    # Awards alone use up a ceiling: deductions are outside every one (R4), so they free no points again.
    awards = {
        item_id: sum([value for value in points if value > ZERO], ZERO) for item_id, points in group_points.items()
    }
    cycle = Window.CYCLE
    # A ceiling limits awards alone: that of what only deducts has no effect.
    earns = any(item.id in rulebook.earning_item_ids for item in items)
    cap = group.cap.get(cycle) if earns else None
    left_in_group = None if cap is None else cap - sum(awards.values(), ZERO)
    meters, left_by_item, ahead_by_item = [], [], []
    for item in items:
        points = group_points.get(item.id, ())
        item_cap = item.cap.get(cycle) if item.id in rulebook.earning_item_ids else None
        left: Decimal | None = None
        ahead: Decimal | None = ZERO
        if item_cap is not None:
            left = ZERO if vetoed else _lower_bound(item_cap - awards.get(item.id, ZERO), left_in_group)
        if item.id in rulebook.earning_item_ids:
            left_by_item.append(left)
            ahead = _lower_bound(left, prospect.bound_item(item)) if prospect else ZERO
            ahead_by_item.append(ahead)
        if points or item_cap is not None:
            meters.append(Meter(item, len(points), sum(points, ZERO), item_cap, left, ahead))
    group_left = ZERO if vetoed else _lower_bound(left_in_group, _sum_bounds(left_by_item))
    group_ahead: Decimal | None = ZERO
    if prospect and earns:
        by_group = _lower_bound(left_in_group, prospect.bound_group(group, rulebook))
        group_ahead = _lower_bound(by_group, _sum_bounds(ahead_by_item))
    return GroupMeter(group, tally.running_by_group[-1][group.id], cap, group_left, group_ahead, tuple(meters))


def _lower_bound(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    """Return the lower of two bounds, None being no bound."""
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)


def _sum_bounds(bounds: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of bounds, or None if there is an item or a group without one."""
    every_bound = list(bounds)
    finite = [bound for bound in every_bound if bound is not None]
    return sum(finite, ZERO) if len(finite) == len(every_bound) else None
