"""The months of a year that count, where its cycle begins in mid-year or ends early (R21)."""

from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, months_of
from generator.problems import Location

# The regulation decides by boards of these: a year is as long as its cycle.
_CUT_KINDS = {PeriodKind.QUARTER, PeriodKind.HALF}

_DECEMBER = 12
_WORDS = {PeriodKind.MONTH: "本月", PeriodKind.QUARTER: "本季度", PeriodKind.HALF: "本半年", PeriodKind.YEAR: "本年度"}


class CycleBound(Struct, frozen=True):
    """The first or the last month of a cycle, as written at a place; an early end has a ``reason`` and its day."""

    month: Period
    where: Location
    reason: str = ""
    on: date | None = None


class CycleTerm(Struct, frozen=True):
    """The bounds of a cycle; None where it begins or ends with the year."""

    first: CycleBound | None = None
    last: CycleBound | None = None

    @property
    def effective_bounds(self) -> tuple[CycleBound | None, CycleBound | None]:
        """The bounds that leave out a month."""
        first = self.first if self.first and not self.first.month.opens_cycle else None
        return first, self.last if self.last and self.last.month.last.month < _DECEMBER else None

    def has_month(self, month: Period) -> bool:
        """Return whether a month belongs to the cycle: others are neither expected nor missing."""
        return self.bound_beside(month) is None

    def bound_beside(self, month: Period) -> CycleBound | None:
        """Return the bound that a month is beyond; None if it belongs to the cycle."""
        if self.first and month.first < self.first.month.first:
            return self.first
        return self.last if self.last and month.last > self.last.month.last else None

    def months_of(self, period: Period) -> tuple[Period, ...]:
        """Return the months of a period that belong to the cycle, in order."""
        months = months_of(period)
        return months if self == WHOLE_YEAR else tuple([month for month in months if self.has_month(month)])

    def has_all_of(self, period: Period) -> bool:
        """Return whether all months of a period belong to the cycle."""
        return self.months_of(period) == months_of(period)

    def cuts(self, period: Period) -> bool:
        """Return whether a quarter or half-year is cut short: then its boards decide nothing."""
        return period.kind in _CUT_KINDS and not self.has_all_of(period)

    def ended_on(self, period: Period) -> date | None:
        """Return the day of the decision that ended a period early; None if it ends with its last month."""
        is_ended = self.last is not None and self.last.month in period and self.last.month.last < period.last
        return self.last.on if self.last and is_ended else None

    def describe_cut(self, period: Period) -> str:
        """Say which months of a period count, and that it decides nothing if it is cut short; empty if all do."""
        if self.has_all_of(period):
            return ""
        if not self.months_of(period):
            return f"{_WORDS[period.kind]}不在计分的月份之内"
        starts = f"自{self.first.month.number}月起计" if self.first and period.first < self.first.month.first else ""
        ends = f"计至{self.last.month.number}月" if self.last and self.last.month.last < period.last else ""
        effect = "，不作表彰与处理依据" if self.cuts(period) else ""
        return f"{_WORDS[period.kind]}{'，'.join(filter(None, (starts, ends)))}{effect}"


WHOLE_YEAR = CycleTerm()
