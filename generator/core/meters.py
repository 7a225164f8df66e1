"""Tallies → what each item and group has brought in the cycle, and what is still open under their ceilings (R4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from generator.core import scoring
from generator.core.model import Group, Item, Line, Rulebook, Tally, Veto, Window
from generator.core.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Meter:
    """What an item has brought in the cycle so far, and what is still open under its ceiling (None: no ceiling)."""

    item: Item
    times: int
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None


@dataclass(frozen=True, slots=True)
class GroupMeter:
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
    return tuple(_group(group, tally, rulebook) for group in rulebook.groups)


def still_open(groups: Iterable[GroupMeter]) -> Decimal | None:
    """What the whole cycle can still bring; None where no ceiling bounds it."""
    return _bounded(group.left for group in groups)


def _group(group: Group, tally: Tally, rulebook: Rulebook) -> GroupMeter:
    own = [item for item in rulebook.items if item.group == group.id]
    lines = [line for line in scoring.standing(tally) if line.item.group == group.id]
    found = [_meter(item, lines, scoring.left(tally, item, rulebook)) for item in own]
    cap = group.cap.get(Window.CYCLE)
    return GroupMeter(
        group=group,
        counted=sum((line.points for line in lines), ZERO),
        cap=cap,
        left=_left(cap, tally, lines, [one for one in found if _earns(one.item)]),
        meters=tuple(one for one in found if one.times or one.cap is not None),
    )


def _meter(item: Item, lines: Iterable[Line], left: Decimal | None) -> Meter:
    own = [line for line in lines if line.item is item and line.earned]
    return Meter(item, len(own), sum((line.points for line in own), ZERO), item.cap.get(Window.CYCLE), left)


def _left(cap: Decimal | None, tally: Tally, lines: Iterable[Line], earning: Iterable[Meter]) -> Decimal | None:
    """What the group's own ceiling and those of its items leave, whichever is less; nothing after a veto."""
    if tally.veto is not None and tally.veto.item.veto is Veto.CYCLE:
        return ZERO
    items = _bounded([one.left for one in earning])
    if cap is None:
        return items
    room = cap - sum((line.points for line in lines if line.points > 0), ZERO)
    return room if items is None else min(room, items)


def _bounded(lefts: Iterable[Decimal | None]) -> Decimal | None:
    known = list(lefts)
    return None if None in known else sum((left for left in known if left is not None), ZERO)


def _earns(item: Item) -> bool:
    return item.is_activity or any(level.points > 0 for level in item.levels)
