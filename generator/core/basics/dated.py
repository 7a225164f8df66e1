"""Values that hold from a day on, and days that were mended: the past keeps what was published of it."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T")


def value_on(dated_values: Sequence[tuple[date, T]], day: date) -> T:
    """Return the value on a day, of several in the order of their first days; before the first day the first value."""
    if len(dated_values) == 1:
        return dated_values[0][1]
    return next((value for since, value in reversed(dated_values) if since <= day), dated_values[0][1])


class DayMend(Struct, frozen=True):
    """The replacement of a wrong ``day``; ``was`` is None where there was none before.

    ``on`` is the day of the replacement. Without it, it counts as earlier than every correction.
    """

    was: date | None
    day: date
    reason: str = ""
    on: date | None = None

    @property
    def order(self) -> date:
        """The day by which replacements and corrections are ordered."""
        return self.on or date.min
