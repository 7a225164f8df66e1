"""The committee's desk: how far every branch's ledgers are on a day, and what falls due."""

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
    """How far a branch's month is; NONE where it had no members, AHEAD while the month is not over."""

    NONE = "none"
    AHEAD = "ahead"
    MISSING = "missing"
    DRAFT = "draft"
    APPROVED = "approved"
    CORRECTED = "corrected"


class DashboardCell(Struct, frozen=True):
    """A branch's month: ``due`` is the last day for its approval, if the rulebook sets one, ``overdue`` if it is past.

    ``pending``: a correction of it waits to be approved.
    """

    month: Period
    progress: MonthProgress
    due: date | None
    overdue: bool
    pending: bool


class DashboardRow(Struct, frozen=True):
    """A branch's months of the year, all twelve."""

    branch: Branch
    cells: tuple[DashboardCell, ...]


class DutyKind(StrEnum):
    """What somebody has to do."""

    APPROVE = "approve"
    CORRECTION = "correction"
    FILE = "file"
    OBJECTION = "objection"
    REVIEWS = "reviews"
    DRAFT = "draft"


class Duty(Struct, frozen=True):
    """A duty: of which branch (None: the organ committee's) and period or file, and by when, if there is a day."""

    duty: DutyKind
    branch: str | None
    period: Period | None
    day: date | None
    overdue: bool
    file: str = ""


class Dashboard(Struct, frozen=True):
    """How things stand on ``today``: the months of years by branch, and duties, those with the nearest day first.

    ``years`` are the newest and, before it, any with months still open; newest first.
    """

    today: date
    years: tuple[tuple[int, tuple[DashboardRow, ...]], ...]
    dues: tuple[Duty, ...]


class DashboardInputs(Struct, frozen=True):
    """What lies on the shelf and is not scored: drafts of ledgers and of corrections by branch and month, filings.

    ``reviewed`` are the years with approved reviews, ``drafts`` files of reviews and polls that are not approved.
    """

    draft_ledgers: Collection[BranchMonth]
    draft_corrections: Collection[BranchMonth]
    filings: Sequence[Filing]
    reviewed_years: Collection[int]
    draft_ballots: Sequence[str]


def build_dashboard(
    results: Results, approvals: ApprovalsByMonth, notices: ObjectionPeriods, inputs: DashboardInputs
) -> Dashboard:
    """Look through every year that has a rulebook and has begun."""
    today = results.today
    begun = sorted((year for year in results.rulebooks if year <= today.year), reverse=True)
    years = tuple((year, _rows(results, approvals, inputs, year)) for year in begun)
    dues = [one for year, rows in years for one in _dues(results, notices, inputs, (year, rows))]
    dues += [Duty(DutyKind.DRAFT, None, None, None, overdue=False, file=file) for file in inputs.draft_ballots]
    dues.sort(key=lambda one: (one.day or date.max, list(DutyKind).index(one.duty)))
    return Dashboard(today, years, tuple(dues))


# --- months ----------------------------------------------------------------------------------------------------------


def _rows(results: Results, approvals: ApprovalsByMonth, tray: DashboardInputs, year: int) -> tuple[DashboardRow, ...]:
    return tuple(
        DashboardRow(
            branch,
            tuple(
                _cell(results, approvals, tray, (branch.id, month))
                for month in months_of(get_period(PeriodKind.YEAR, year))
            ),
        )
        for branch in results.roster.branches
    )


def _cell(results: Results, approvals: ApprovalsByMonth, tray: DashboardInputs, key: BranchMonth) -> DashboardCell:
    month, today = key[1], results.today
    rule = results.rulebooks[month.year].bookkeeping
    progress = _progress(results, approvals, tray, key)
    due = approval_deadline(month, rule.due) if rule else None
    overdue = due is not None and due < today and progress in {MonthProgress.MISSING, MonthProgress.DRAFT}
    return DashboardCell(month, progress, due, overdue, pending=key in tray.draft_corrections)


def _progress(results: Results, approvals: ApprovalsByMonth, tray: DashboardInputs, key: BranchMonth) -> MonthProgress:
    branch, month = key
    if sealed := approvals.get(key, ()):
        return MonthProgress.CORRECTED if len(sealed) > 1 else MonthProgress.APPROVED
    if not results.roster.has_members_in(branch, month):
        return MonthProgress.NONE
    if key in tray.draft_ledgers:
        return MonthProgress.DRAFT
    return MonthProgress.AHEAD if month.last >= results.today else MonthProgress.MISSING


# --- duties ----------------------------------------------------------------------------------------------------------


def _dues(
    results: Results, notices: ObjectionPeriods, tray: DashboardInputs, of: tuple[int, Sequence[DashboardRow]]
) -> Iterator[Duty]:
    year, rows = of
    yield from _ledgers(rows, results.today)
    yield from _filings(results, tray, year)
    for (stretch, branch), notice in notices.items():
        if stretch.year == year and notice.running:
            yield Duty(DutyKind.OBJECTION, branch, stretch, notice.last, overdue=False)
    cycle = get_period(PeriodKind.YEAR, year)
    if results.rulebooks[year].appraisal and cycle.last < results.today and year not in tray.reviewed_years:
        yield Duty(DutyKind.REVIEWS, None, cycle, None, overdue=False)


def _ledgers(rows: Sequence[DashboardRow], today: date) -> Iterator[Duty]:
    """Months that are over or in their last days and not approved; corrections that wait for approval."""
    for row in rows:
        for cell in row.cells:
            if (
                cell.progress in {MonthProgress.MISSING, MonthProgress.DRAFT, MonthProgress.AHEAD}
                and cell.month.first <= today
            ):
                yield Duty(DutyKind.APPROVE, row.branch.id, cell.month, cell.due, overdue=cell.overdue)
            if cell.pending:
                yield Duty(DutyKind.CORRECTION, row.branch.id, cell.month, None, overdue=False)


def _filings(results: Results, tray: DashboardInputs, year: int) -> Iterator[Duty]:
    """Quarters that are complete and that the organ committee has not accepted yet (四2)."""
    filed = {(one.branch.text, one.period.text) for one in tray.filings}
    for quarter in periods_within(get_period(PeriodKind.YEAR, year), PeriodKind.QUARTER):
        for branch in results.roster.branches:
            there = any(results.roster.has_members_in(branch.id, month) for month in months_of(quarter))
            missing = missing_months.find_missing_months(
                results.roster, results.approved_months, quarter, branch.id, results.today
            )
            if there and not missing and (branch.id, str(quarter)) not in filed:
                yield Duty(DutyKind.FILE, branch.id, quarter, None, overdue=False)
