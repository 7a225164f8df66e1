"""Months that a period still lacks (R20)."""

from collections.abc import Container, Sequence
from datetime import date

from generator.core.basics.periods import Period
from generator.core.model.roster import Roster


def find_missing_months(
    roster: Roster, approved: Container[tuple[str, Period]], months: Sequence[Period], branch: str | None, today: date
) -> tuple[str, ...]:
    """Return the months without an approved ledger though the branch had members, or not yet over (R20).

    ``months`` are those of a period that belong to its cycle (R21). ``branch`` None means the whole organ. They are
    sorted by branch, then month, and written as ``BRANCH/YYYY-MM``.
    """
    if not months:
        return ()
    return tuple(
        f"{branch_id}/{month}"
        for branch_id in (roster.branch_ids_on(months[-1].last) if branch is None else (branch,))
        for month in months
        if (month.last >= today or (branch_id, month) not in approved) and roster.has_members_in(branch_id, month)
    )
