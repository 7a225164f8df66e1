"""Tallies → what each item and group has brought in the cycle, and what is still open under their ceilings (R4)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from generator.core import scoring
from generator.core.model import Group, Item, Rulebook, Tally, Veto, Window
from generator.core.numbers import ZERO


class Meter(NamedTuple):
    """What an item has brought in the cycle so far, and what is still open under its ceiling (None: no ceiling)."""

    item: Item
    times: int
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None


class GroupMeter(NamedTuple):
    """The same for a group with its items: one for each that can be earned, and each deduction that was made.

    ``left`` is None where no ceiling bounds what can be earned; a group that only deducts has nothing open.
    """

    group: Group
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None
    meters: tuple[Meter, ...]


def meters(tally: Tally, rulebook: Rulebook) -> tuple[GroupMeter, ...]:
    """A meter for each group, in the order of the rulebook."""
    brought: dict[str, list[Decimal]] = {item.id: [] for item in rulebook.items}
    for line in scoring.standing(tally):
        if line.earned:
            brought[line.item.id].append(line.points)
    vetoed = tally.veto is not None and tally.veto.item.veto is Veto.CYCLE
    return tuple([_group(group, brought, tally, rulebook, vetoed=vetoed) for group in rulebook.groups])


def still_open(groups: Iterable[GroupMeter]) -> Decimal | None:
    """What the whole cycle can still bring; None where no ceiling bounds it."""
    return _bounded(group.left for group in groups)


def _group(
    group: Group, brought: Mapping[str, Sequence[Decimal]], tally: Tally, rulebook: Rulebook, *, vetoed: bool
) -> GroupMeter:
    cap, items = group.cap.get(Window.CYCLE), rulebook.within[group.id]
    awards = [sum([one for one in brought[item.id] if one > ZERO], ZERO) for item in items]
    room = None if cap is None else cap - sum(awards, ZERO)
    found = []
    for item, awarded in zip(items, awards, strict=True):
        points, most = brought[item.id], item.cap.get(Window.CYCLE)
        left = None if most is None else ZERO if vetoed else _least(most - awarded, room)
        found.append(Meter(item, len(points), sum(points, ZERO), most, left))
    items_left = _bounded([one.left for one in found if one.item.id in rulebook.earning])
    return GroupMeter(
        group=group,
        counted=tally.running[-1][group.id],
        cap=cap,
        left=ZERO if vetoed else _least(room, items_left),
        meters=tuple([one for one in found if one.times or one.cap is not None]),
    )


def _least(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Whichever bound is the lower, None being no bound."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _bounded(lefts: Iterable[Decimal | None]) -> Decimal | None:
    known = list(lefts)
    return None if None in known else sum((left for left in known if left is not None), ZERO)
