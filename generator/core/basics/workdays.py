"""Working days of the Chinese calendar: weekdays but holidays, and the weekend days worked to make up for them 调休.

The State Council's notices come year by year. A year that neither the library nor the site knows has its weekdays.
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import islice

from msgspec import Struct

_SATURDAY = 5


@cache
def _published() -> tuple[frozenset[int], Callable[[date], bool]]:
    """The years that the library knows, and which of their days are working days."""
    import chinese_calendar  # noqa: PLC0415  its tables take long to load, and only the end of a notice asks for them

    return frozenset(day.year for day in chinese_calendar.holidays), chinese_calendar.is_workday


class Calendar(Struct, frozen=True):
    """The days that a site adds, which go before the library's: days off, and days worked; ``years`` it lists whole."""

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether offices are open that day."""
        if day in self.off or day in self.work:
            return day in self.work
        years, is_workday = _published()
        return bool(is_workday(day)) if day.year in years else day.weekday() < _SATURDAY

    def is_year_known(self, year: int) -> bool:
        """Whether the year's holidays are known: to the library, or because the site says that it lists them all."""
        return year in self.years or year in _published()[0]

    def first_workday_after(self, day: date) -> date:
        """The first working day after a day."""
        return next((one for one in self._working(day) if one > day), date.max)

    def last_of_workdays(self, first: date, count: int) -> date:
        """The last of so many working days, of which the first is ``first`` itself, if it is one."""
        return next(islice(self._working(first), count - 1, None), date.max)

    def _working(self, first: date) -> Iterator[date]:
        """The working days from a day on, to the end of time."""
        days = map(date.fromordinal, range(first.toordinal(), date.max.toordinal() + 1))
        return filter(self.is_working, days)
