"""Points that each item and group has brought in the cycle, and what is still open under their ceilings (R4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.numbers import ZERO
from generator.core.model.rulebook import Group, Item, Rulebook, Veto, Window
from generator.core.model.tally import Tally
from generator.core.scoring.tally import drop_reset_lines


class Meter(Struct, frozen=True):
    """Points that an item has brought in the cycle so far, and those left under its ceiling (None without one)."""

    item: Item
    times: int
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None


class GroupMeter(Struct, frozen=True):
    """Points that a group has brought and those still open, with a meter of each item that has a ceiling or a line.

    ``left`` is None where no ceiling bounds what can be earned; a group that only deducts has nothing open.
    """

    group: Group
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None
    meters: tuple[Meter, ...]


def compute_meters(tally: Tally, rulebook: Rulebook) -> tuple[GroupMeter, ...]:
    """Return a meter for each group, in the order of the rulebook."""
    points_by_item: dict[str, list[Decimal]] = defaultdict(list)
    for line in drop_reset_lines(tally):
        if line.earned:
            points_by_item[line.item.id].append(line.points)
    vetoed = tally.veto is not None and tally.veto.item.veto is Veto.CYCLE
    return tuple([_measure_group(group, points_by_item, tally, rulebook, vetoed=vetoed) for group in rulebook.groups])


def sum_open_points(groups: Iterable[GroupMeter]) -> Decimal | None:
    """Return the points that the whole cycle can still bring, or None where no ceiling bounds them."""
    return _sum_bounds(group.left for group in groups)


def _measure_group(
    group: Group, points_by_item: Mapping[str, Sequence[Decimal]], tally: Tally, rulebook: Rulebook, *, vetoed: bool
) -> GroupMeter:
    items = rulebook.items_by_group[group.id]
    group_points = {item.id: points_by_item[item.id] for item in items if item.id in points_by_item}
    # Awards alone use up a ceiling: deductions are outside every one (R4), so they free no points again.
    awards = {
        item_id: sum([value for value in points if value > ZERO], ZERO) for item_id, points in group_points.items()
    }
    cycle = Window.CYCLE
    # A ceiling limits awards alone: that of what only deducts has no effect.
    cap = group.cap.get(cycle) if any(item.id in rulebook.earning_item_ids for item in items) else None
    left_in_group = None if cap is None else cap - sum(awards.values(), ZERO)
    meters, left_by_item = [], []
    for item in items:
        points = group_points.get(item.id, ())
        item_cap = item.cap.get(cycle) if item.id in rulebook.earning_item_ids else None
        left: Decimal | None = None
        if item_cap is not None:
            left = ZERO if vetoed else _lower_bound(item_cap - awards.get(item.id, ZERO), left_in_group)
        if item.id in rulebook.earning_item_ids:
            left_by_item.append(left)
        if points or item_cap is not None:
            meters.append(Meter(item, len(points), sum(points, ZERO), item_cap, left))
    group_left = ZERO if vetoed else _lower_bound(left_in_group, _sum_bounds(left_by_item))
    return GroupMeter(group, tally.running_by_group[-1][group.id], cap, group_left, tuple(meters))


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
