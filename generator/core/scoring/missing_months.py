"""Months that a period still lacks (R20)."""

from collections.abc import Container
from datetime import date

from generator.core.basics.periods import Period, months_of
from generator.core.model.roster import Roster


def find_missing_months(
    roster: Roster, approved: Container[tuple[str, Period]], period: Period, branch: str | None, today: date
) -> tuple[str, ...]:
    """Return the months without an approved ledger though the branch had members, or not yet over (R20).

    ``branch`` None means the whole organ. They are sorted by branch, then month, and written as ``BRANCH/YYYY-MM``.
    """
    return tuple(
        f"{branch_id}/{month}"
        for branch_id in (roster.branch_ids_on(period.last) if branch is None else (branch,))
        for month in months_of(period)
        if (month.last >= today or (branch_id, month) not in approved) and roster.has_members_in(branch_id, month)
    )
