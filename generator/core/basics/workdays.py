"""Working days of the Chinese calendar: weekdays but holidays, and the weekend days worked to make up for them 调休.

The State Council's notices are published year by year. In a year that neither the library nor the site knows, every
weekday is a working day. A year's notice may begin with the last days of December before it: so did those for 2008,
2012, 2019, 2023 and 2024.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from itertools import islice

from msgspec import Struct

_SATURDAY = 5
_SETTLED_BEFORE = timedelta(
    days=4
)  # the days before New Year that the notice for the new year may change: from the 28th


@cache
def _published_calendar() -> tuple[frozenset[int], Callable[[date], bool]]:
    """Return the years that the library knows, and its test of which of their days are working days."""
    import chinese_calendar  # noqa: PLC0415  its tables take long to load, and only the end of a notice needs them

    return frozenset(day.year for day in chinese_calendar.holidays), cache(chinese_calendar.is_workday)


class CalendarChange(Struct, frozen=True):
    """Days ``off`` and at ``work`` from a day on, and ``years`` listed in full; None where they stay the same."""

    since: date
    reason: str
    off: frozenset[date] | None = None
    work: frozenset[date] | None = None
    years: frozenset[int] | None = None


class Calendar(Struct, frozen=True):
    """The days that a site adds, which override the library's: days off, days worked; ``years`` it lists in full.

    ``changes`` are in the order of their days: boards of periods that end earlier keep the days before the change.
    """

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()
    changes: tuple[CalendarChange, ...] = ()

    def state_on(self, day: date) -> "Calendar":
        """Return the calendar by which the boards of a period that ends on a day are open to objections."""
        state = self
        for change in self.changes:
            if change.since <= day:
                state = Calendar(
                    state.off if change.off is None else change.off,
                    state.work if change.work is None else change.work,
                    state.years if change.years is None else change.years,
                    self.changes,
                )
        return state

    def is_working(self, day: date) -> bool:
        """Return whether offices are open that day."""
        if day in self.off or day in self.work:
            return day in self.work
        years, is_workday = _published_calendar()
        return bool(is_workday(day)) if day.year in years else day.weekday() < _SATURDAY

    def is_year_known(self, year: int) -> bool:
        """Return whether the year's holidays are known, to the library or because the site says it lists them all."""
        return year in self.years or year in _published_calendar()[0]

    def list_unknown_years(self, first: date, last: date) -> list[int]:
        """Return the years whose notices decide these days, both included, and that aren't known yet."""
        last_year = (min(last, date.max - _SETTLED_BEFORE) + _SETTLED_BEFORE).year
        return [year for year in range(first.year, last_year + 1) if not self.is_year_known(year)]

    def first_workday_after(self, day: date) -> date:
        """Return the first working day after a day."""
        return next((workday for workday in self._workdays_from(day) if workday > day), date.max)

    def last_of_workdays(self, first: date, count: int) -> date:
        """Return the last of ``count`` working days; ``first`` itself is counted if it is one."""
        return next(islice(self._workdays_from(first), count - 1, None), date.max)

    def _workdays_from(self, first: date) -> Iterator[date]:
        """Yield the working days from a day on, up to the last date there is."""
        days = map(date.fromordinal, range(first.toordinal(), date.max.toordinal() + 1))
        return filter(self.is_working, days)
