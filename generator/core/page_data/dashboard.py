"""The committee's dashboard: the progress of every branch's ledgers on a day, and the duties that fall due."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, get_period, months_of, periods_within
from generator.core.model.ledger import BranchMonth, Filing
from generator.core.model.roster import Branch
from generator.core.outcomes.bookkeeping import approval_deadline
from generator.core.scoring import missing_months
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.objection_periods import ObjectionPeriods
from generator.core.scoring.results import Results


class MonthProgress(StrEnum):
    """Progress of a branch's month; NONE where it had no members or outside the cycle, AHEAD while it is not over."""

    NONE = "none"
    AHEAD = "ahead"
    MISSING = "missing"
    DRAFT = "draft"
    APPROVED = "approved"
    CORRECTED = "corrected"


class DashboardCell(Struct, frozen=True):
    """A branch's month: ``due`` is the last day for its approval, None if the rulebook sets none.

    ``overdue`` is set if that day is past and the ledger is not approved; ``pending`` is set if a correction of the
    month waits to be approved.
    """

    month: Period
    progress: MonthProgress
    due: date | None
    overdue: bool
    pending: bool


class DashboardRow(Struct, frozen=True):
    """A branch's twelve months of a year."""

    branch: Branch
    cells: tuple[DashboardCell, ...]


class DutyKind(StrEnum):
    """The action that a duty requires."""

    APPROVE = "approve"
    CORRECTION = "correction"
    FILE = "file"
    OBJECTION = "objection"
    REVIEWS = "reviews"
    DRAFT = "draft"


class Duty(Struct, frozen=True):
    """A duty of a branch or, with None, of the organ committee, about a period or a file.

    ``day`` is the last day for it, None if there is none.
    """

    duty: DutyKind
    branch: str | None
    period: Period | None
    day: date | None
    overdue: bool
    file: str = ""


class Dashboard(Struct, frozen=True):
    """Months by year and branch, and the duties on ``today``, those with the nearest day first.

    ``years`` are all that have a rulebook and have begun, newest first.
    """

    today: date
    years: tuple[tuple[int, tuple[DashboardRow, ...]], ...]
    dues: tuple[Duty, ...]


class DashboardInputs(Struct, frozen=True):
    """Files besides the scored ones: drafts of ledgers and of corrections, by branch and month, and filings.

    ``reviewed_years`` are the years with approved reviews; ``draft_ballots`` are files of reviews and polls that are
    not approved.
    """

    draft_ledgers: Collection[BranchMonth]
    draft_corrections: Collection[BranchMonth]
    filings: Sequence[Filing]
    reviewed_years: Collection[int]
    draft_ballots: Sequence[str]


def build_dashboard(
    results: Results, approvals: ApprovalsByMonth, objection_periods: ObjectionPeriods, inputs: DashboardInputs
) -> Dashboard:
    """Build the dashboard of every year that has a rulebook and has begun."""
    today = results.today
    years = sorted((year for year in results.rulebooks if year <= today.year), reverse=True)
    rows_by_year = tuple((year, _build_rows(results, approvals, inputs, year)) for year in years)
    duties = [
        duty for year, rows in rows_by_year for duty in _list_duties(results, objection_periods, inputs, (year, rows))
    ]
    duties += [Duty(DutyKind.DRAFT, None, None, None, overdue=False, file=file) for file in inputs.draft_ballots]
    duties.sort(key=lambda duty: (duty.day or date.max, list(DutyKind).index(duty.duty)))
    return Dashboard(today, rows_by_year, tuple(duties))


# --- months ----------------------------------------------------------------------------------------------------------


def _build_rows(
    results: Results, approvals: ApprovalsByMonth, inputs: DashboardInputs, year: int
) -> tuple[DashboardRow, ...]:
    return tuple(
        DashboardRow(
            branch,
            tuple(
                _build_cell(results, approvals, inputs, (branch.id, month))
                for month in months_of(get_period(PeriodKind.YEAR, year))
            ),
        )
        for branch in results.roster.branches
    )


def _build_cell(
    results: Results, approvals: ApprovalsByMonth, inputs: DashboardInputs, key: BranchMonth
) -> DashboardCell:
    month, today = key[1], results.today
    rule = results.rulebooks[month.year].state_on(month.last).bookkeeping
    progress = _find_progress(results, approvals, inputs, key)
    due = approval_deadline(month, rule.due) if rule else None
    overdue = due is not None and due < today and progress in {MonthProgress.MISSING, MonthProgress.DRAFT}
    return DashboardCell(month, progress, due, overdue, pending=key in inputs.draft_corrections)


def _find_progress(
    results: Results, approvals: ApprovalsByMonth, inputs: DashboardInputs, key: BranchMonth
) -> MonthProgress:
    branch, month = key
    if versions := approvals.get(key, ()):
        return MonthProgress.CORRECTED if len(versions) > 1 else MonthProgress.APPROVED
    if not (results.rulebooks[month.year].term.has_month(month) and results.roster.has_members_in(branch, month)):
        return MonthProgress.NONE
    if key in inputs.draft_ledgers:
        return MonthProgress.DRAFT
    return MonthProgress.AHEAD if month.last >= results.today else MonthProgress.MISSING


# --- duties ----------------------------------------------------------------------------------------------------------


def _list_duties(
    results: Results,
    objection_periods: ObjectionPeriods,
    inputs: DashboardInputs,
    year_rows: tuple[int, Sequence[DashboardRow]],
) -> Iterator[Duty]:
    year, rows = year_rows
    yield from _list_ledger_duties(rows, results.today)
    yield from _list_filing_duties(results, inputs, year)
    for (period, branch), objection_period in objection_periods.items():
        if period.year == year and objection_period.running:
            yield Duty(DutyKind.OBJECTION, branch, period, objection_period.last, overdue=False)
    cycle = get_period(PeriodKind.YEAR, year)
    if results.rulebooks[year].appraisal and cycle.last < results.today and year not in inputs.reviewed_years:
        yield Duty(DutyKind.REVIEWS, None, cycle, None, overdue=False)


def _list_ledger_duties(rows: Sequence[DashboardRow], today: date) -> Iterator[Duty]:
    """Yield a duty for each month that has begun and is not approved, and for each correction not approved."""
    for row in rows:
        for cell in row.cells:
            if (
                cell.progress in {MonthProgress.MISSING, MonthProgress.DRAFT, MonthProgress.AHEAD}
                and cell.month.first <= today
            ):
                yield Duty(DutyKind.APPROVE, row.branch.id, cell.month, cell.due, overdue=cell.overdue)
            if cell.pending:
                yield Duty(DutyKind.CORRECTION, row.branch.id, cell.month, None, overdue=False)


def _list_filing_duties(results: Results, inputs: DashboardInputs, year: int) -> Iterator[Duty]:
    """Yield a duty for each complete quarter that the organ committee has not accepted yet (四2)."""
    filed = {(filing.branch.text, filing.period.text) for filing in inputs.filings}
    for quarter in periods_within(get_period(PeriodKind.YEAR, year), PeriodKind.QUARTER):
        months = results.rulebooks[year].term.months_of(quarter)
        for branch in results.roster.branches:
            # A quarter in which the branch had no members lacks no month, yet there is nothing to file.
            had_members = any(results.roster.has_members_in(branch.id, month) for month in months)
            missing = missing_months.find_missing_months(
                results.roster, results.approved_months, months, branch.id, results.today
            )
            if had_members and not missing and (branch.id, str(quarter)) not in filed:
                yield Duty(DutyKind.FILE, branch.id, quarter, None, overdue=False)
