"""Tallies → what each item and group has brought in the cycle, and what is still open under their ceilings (R4)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.numbers import ZERO
from generator.core.model.rulebook import Group, Item, Rulebook, Veto, Window
from generator.core.model.tally import Tally
from generator.core.scoring.tally import drop_reset_lines


class Meter(Struct, frozen=True):
    """What an item has brought in the cycle so far, and what is still open under its ceiling (None: no ceiling)."""

    item: Item
    times: int
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None


class GroupMeter(Struct, frozen=True):
    """The same for a group with its items: one for each that can be earned, and each deduction that was made.

    ``left`` is None where no ceiling bounds what can be earned; a group that only deducts has nothing open.
    """

    group: Group
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None
    meters: tuple[Meter, ...]


def compute_meters(tally: Tally, rulebook: Rulebook) -> tuple[GroupMeter, ...]:
    """A meter for each group, in the order of the rulebook."""
    brought: dict[str, list[Decimal]] = defaultdict(list)
    for line in drop_reset_lines(tally):
        if line.earned:
            brought[line.item.id].append(line.points)
    vetoed = tally.veto is not None and tally.veto.item.veto is Veto.CYCLE
    return tuple([_group(group, brought, tally, rulebook, vetoed=vetoed) for group in rulebook.groups])


def sum_open_points(groups: Iterable[GroupMeter]) -> Decimal | None:
    """What the whole cycle can still bring; None where no ceiling bounds it."""
    return _bounded(group.left for group in groups)


def _group(
    group: Group, brought: Mapping[str, Sequence[Decimal]], tally: Tally, rulebook: Rulebook, *, vetoed: bool
) -> GroupMeter:
    own = {item.id: brought[item.id] for item in rulebook.items_by_group[group.id] if item.id in brought}
    awards = {ident: sum([one for one in points if one > ZERO], ZERO) for ident, points in own.items()}
    cycle = Window.CYCLE
    cap = group.cap.get(cycle)
    room = None if cap is None else cap - sum(awards.values(), ZERO)
    found, lefts = [], []
    for item in rulebook.items_by_group[group.id]:
        points, most = own.get(item.id, ()), item.cap.get(cycle)
        left = None if most is None else ZERO if vetoed else _least(most - awards.get(item.id, ZERO), room)
        if item.id in rulebook.earning_item_ids:
            lefts.append(left)
        if points or most is not None:
            found.append(Meter(item, len(points), sum(points, ZERO), most, left))
    left = ZERO if vetoed else _least(room, _bounded(lefts))
    return GroupMeter(group, tally.running_by_group[-1][group.id], cap, left, tuple(found))


def _least(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Whichever bound is the lower, None being no bound."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _bounded(lefts: Iterable[Decimal | None]) -> Decimal | None:
    known = list(lefts)
    bounds = [left for left in known if left is not None]
    return sum(bounds, ZERO) if len(bounds) == len(known) else None
