"""Months, quarters, half-years and years: their names, days and neighbours.

A cycle is the calendar year (regulation 三).
"""

import re
from calendar import monthrange
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final


class PeriodKind(StrEnum):
    """The four lengths of a period."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


_LENGTH = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}
_NAMES = {
    PeriodKind.MONTH: "{0:04}-{1:02}",
    PeriodKind.QUARTER: "{0:04}-Q{1}",
    PeriodKind.HALF: "{0:04}-H{1}",
    PeriodKind.YEAR: "{0:04}",
}
_NAME = re.compile(r"([12][0-9]{3})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?")


class Period:
    """A period of whole months in one calendar year; ``first`` and ``last`` are its days, both included.

    ``name`` is ``2026-03``, ``2026-Q1``, ``2026-H1`` or ``2026``; ``year`` is the cycle that it belongs to. A period is
    equal to itself only: ``period`` makes one of each, and whoever copies or keeps it comes back to that one by its
    name.
    """

    __slots__ = ("first", "kind", "last", "name", "number", "year")

    def __init__(self, kind: PeriodKind, number: int, first: date, last: date, name: str) -> None:
        self.kind: Final = kind
        self.number: Final = number
        self.first: Final = first
        self.last: Final = last
        self.name: Final = name
        self.year: Final = first.year

    @staticmethod
    @cache
    def from_name(name: str) -> "Period":
        """The period of a name that is known to be one's; raises ValueError if it is none."""
        found = parse_period(name)
        if found is None:
            raise ValueError(name)
        return found

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Period.from_name, (self.name,)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Period({self})"

    def __contains__(self, other: "Period") -> bool:
        return self.first <= other.first and other.last <= self.last


_MADE: dict[tuple[PeriodKind, int, int], Period] = {}


@cache
def get_period(kind: PeriodKind, year: int, number: int = 1) -> Period:
    """The period of a kind by its number in the year, from 1."""
    length = _LENGTH[kind]
    start, end = (number - 1) * length + 1, number * length
    name = _NAMES[kind].format(year, number)
    made = Period(kind, number, date(year, start, 1), date(year, end, monthrange(year, end)[1]), name)
    return _MADE.setdefault((kind, year, number), made)  # the same one to all threads, with or without the number


def parse_period(name: str) -> Period | None:
    """Read ``2026-03``, ``2026-Q1``, ``2026-H1`` or ``2026``; None if it is none of them."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    year, month, quarter, half = match.groups()
    for kind, number in ((PeriodKind.MONTH, month), (PeriodKind.QUARTER, quarter), (PeriodKind.HALF, half)):
        if number:
            return get_period(kind, int(year), int(number))
    return get_period(PeriodKind.YEAR, int(year))


@cache
def periods_within(whole: Period, kind: PeriodKind) -> tuple[Period, ...]:
    """The periods of a kind that lie wholly in another, in order."""
    length = _LENGTH[kind]
    numbers = range((whole.first.month - 1) // length + 1, whole.last.month // length + 1)
    return tuple(found for n in numbers if (found := get_period(kind, whole.year, n)) in whole)


def months_of(whole: Period) -> tuple[Period, ...]:
    """Its months, in order."""
    return periods_within(whole, PeriodKind.MONTH)


@cache
def enclosing_period(kind: PeriodKind, month: Period) -> Period:
    """The period of a kind that a month lies in."""
    return get_period(kind, month.year, (month.number - 1) // _LENGTH[kind] + 1)


@cache
def previous_period(later: Period) -> Period:
    """The period of the same kind just before; across New Year too."""
    if later.number > 1:
        return get_period(later.kind, later.year, later.number - 1)
    return get_period(later.kind, later.year - 1, 12 // _LENGTH[later.kind])


@cache
def next_period(earlier: Period) -> Period:
    """The period of the same kind just after; across New Year too."""
    last = 12 // _LENGTH[earlier.kind]
    number, years = earlier.number % last + 1, earlier.number // last
    return get_period(earlier.kind, earlier.year + years, number)
