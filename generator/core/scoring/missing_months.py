"""Which months a period still lacks (R20)."""

from collections.abc import Container
from datetime import date

from generator.core.basics.periods import Period, months_of
from generator.core.model.roster import Roster


def find_missing_months(
    roster: Roster, approved: Container[tuple[str, Period]], period: Period, branch: str | None, today: date
) -> tuple[str, ...]:
    """Months without an approved ledger though the branch had members, or not yet over; by branch, then month.

    ``branch`` None asks for the whole organ. Written as ``BRANCH/YYYY-MM``.
    """
    return tuple(
        f"{one}/{month}"
        for one in (roster.branch_by_id if branch is None else (branch,))
        for month in months_of(period)
        if (month.last >= today or (one, month) not in approved) and roster.has_members_in(one, month)
    )
