"""Differences of pages from the rankings that were computed: what ``ranking_check``, slow to import, returns."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

Values = Mapping[str, tuple[str, ...]]
"""The values of a row by kind of cell: two of a kind where a correction changed it, else one."""


class Difference(Struct, frozen=True):
    """The first row of a page that differs: its number among those that are marked, what it shows, what was computed.

    The number is 0 for what is in no row. ``period`` is that of a member's place, else empty; ``computed`` is empty if
    there is no such row. ``count`` is the number of rows that differ.
    """

    path: str
    row: int
    period: str
    page_values: Values
    computed: Values
    count: int


class RankingCheck(Struct, frozen=True):
    """The comparison of ``pages`` with rankings, and of so many ``rows`` on them.

    ``incomparable`` are the pages of which not every row could be compared, ``without_totals`` those on which no cycle
    total is marked though there is one.
    """

    pages: int = 0
    rows: int = 0
    differences: tuple[Difference, ...] = ()
    incomparable: tuple[str, ...] = ()
    without_totals: tuple[str, ...] = ()


def merge_checks(checks: Iterable[RankingCheck]) -> RankingCheck:
    """Return the comparison of the pages of all these comparisons, by path."""
    parts = list(checks)
    differences = (difference for check in parts for difference in check.differences)
    return RankingCheck(
        sum(check.pages for check in parts),
        sum(check.rows for check in parts),
        tuple(sorted(differences, key=lambda difference: difference.path)),
        tuple(sorted(path for check in parts for path in check.incomparable)),
        tuple(sorted(path for check in parts for path in check.without_totals)),
    )
