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


_LENGTH_IN_MONTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}
_NAME_FORMATS = {
    PeriodKind.MONTH: "{0:04}-{1:02}",
    PeriodKind.QUARTER: "{0:04}-Q{1}",
    PeriodKind.HALF: "{0:04}-H{1}",
    PeriodKind.YEAR: "{0:04}",
}
NAME_PATTERN = re.compile(r"([12][0-9]{3})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?")


class Period:
    """A period of whole months in one calendar year; ``first`` and ``last`` are its days, both included.

    ``name`` is ``2026-03``, ``2026-Q1``, ``2026-H1`` or ``2026``; ``year`` is the cycle that it belongs to. A period is
    equal only to itself: ``get_period`` makes one instance of each, and copying or unpickling returns that instance
    by its name.
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
        """Return the period of a name that is expected to be valid; raise ValueError if it isn't."""
        period = parse_period(name)
        if period is None:
            raise ValueError(name)
        return period

    def __reduce__(self) -> tuple[object, tuple[str]]:
        # Equality is identity, so a copied or unpickled period must be the same instance.
        return Period.from_name, (self.name,)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"Period({self})"

    @property
    def opens_cycle(self) -> bool:
        """True if the period begins with its cycle: then its points are the cycle total at its end as well."""
        return self.first.month == 1

    def __contains__(self, period: "Period") -> bool:
        return self.first <= period.first and period.last <= self.last


_INSTANCES: dict[tuple[PeriodKind, int, int], Period] = {}


@cache
def get_period(kind: PeriodKind, year: int, number: int = 1) -> Period:
    """Return the period of a kind by its number in the year, from 1."""
    length = _LENGTH_IN_MONTHS[kind]
    start, end = (number - 1) * length + 1, number * length
    name = _NAME_FORMATS[kind].format(year, number)
    period = Period(kind, number, date(year, start, 1), date(year, end, monthrange(year, end)[1]), name)
    # ``cache`` alone is not enough: two threads may both make the period, and a call with the default number and one
    # that writes it out are cached apart. ``setdefault`` is atomic: all callers get the same instance.
    return _INSTANCES.setdefault((kind, year, number), period)


def parse_period(name: str) -> Period | None:
    """Read ``2026-03``, ``2026-Q1``, ``2026-H1`` or ``2026``; return None if it is none of them."""
    match = NAME_PATTERN.fullmatch(name)
    if match is None:
        return None
    year, month, quarter, half = match.groups()
    for kind, number in ((PeriodKind.MONTH, month), (PeriodKind.QUARTER, quarter), (PeriodKind.HALF, half)):
        if number:
            return get_period(kind, int(year), int(number))
    return get_period(PeriodKind.YEAR, int(year))


@cache
def periods_within(container: Period, kind: PeriodKind) -> tuple[Period, ...]:
    """Return the periods of a kind that are wholly within another period, in order."""
    length = _LENGTH_IN_MONTHS[kind]
    numbers = range((container.first.month - 1) // length + 1, container.last.month // length + 1)
    return tuple(period for number in numbers if (period := get_period(kind, container.year, number)) in container)


def months_of(period: Period) -> tuple[Period, ...]:
    """Return the months of a period, in order."""
    return periods_within(period, PeriodKind.MONTH)


@cache
def enclosing_period(kind: PeriodKind, month: Period) -> Period:
    """Return the period of a kind that contains a month."""
    return get_period(kind, month.year, (month.number - 1) // _LENGTH_IN_MONTHS[kind] + 1)


@cache
def previous_period(period: Period) -> Period:
    """Return the period of the same kind just before; across New Year too."""
    if period.number > 1:
        return get_period(period.kind, period.year, period.number - 1)
    return get_period(period.kind, period.year - 1, 12 // _LENGTH_IN_MONTHS[period.kind])


@cache
def next_period(period: Period) -> Period:
    """Return the period of the same kind just after; across New Year too."""
    per_year = 12 // _LENGTH_IN_MONTHS[period.kind]
    number, years = period.number % per_year + 1, period.number // per_year
    return get_period(period.kind, period.year + years, number)
