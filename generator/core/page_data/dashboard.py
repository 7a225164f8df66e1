"""The committee's dashboard: the progress of every branch's ledgers on a day, what comes next, and what falls due.

The overview page and ``jifenbang status`` show this one view.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import (
    Period,
    PeriodKind,
    enclosing_period,
    get_period,
    months_of,
    periods_within,
)
from generator.core.model.ledger import BranchMonth, Filing
from generator.core.model.roster import Branch
from generator.core.outcomes.bookkeeping import approval_deadline
from generator.core.scoring import missing_months
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.objection_periods import ObjectionPeriods
from generator.core.scoring.results import Results


class MonthProgress(StrEnum):
    """Progress of a branch's month.

    NONE where it had no members or outside the cycle, AHEAD while the month is not over, DRAFT with errors, READY
    without.
    """

    NONE = "none"
    AHEAD = "ahead"
    MISSING = "missing"
    DRAFT = "draft"
    READY = "ready"
    APPROVED = "approved"
    CORRECTED = "corrected"


class StepKind(StrEnum):
    """The next action about a month.

    Fill a workbook, mend a draft, approve a file, take the answer to a request for its signature, publish, or file the
    quarter.
    """

    FILL = "fill"
    MEND = "mend"
    APPROVE = "approve"
    SIGN = "sign"
    PUBLISH = "publish"
    FILE = "file"


class NextStep(Struct, frozen=True):
    """The next action about a month; ``file`` is the draft that it concerns, empty if it concerns none."""

    action: StepKind
    file: str = ""


class DashboardCell(Struct, frozen=True):
    """A branch's month: ``due`` is the last day for its approval, None if the rulebook sets none.

    ``overdue`` is set if that day is past and the ledger is not approved; ``pending`` is set if a correction of the
    month waits to be approved; ``filed`` is set if the committee accepted the quarter, ``published`` if a build
    published all of the month's approvals. ``step`` is None where nothing is to be done yet.
    """

    month: Period
    progress: MonthProgress
    due: date | None
    overdue: bool
    pending: bool
    filed: bool
    published: bool
    step: NextStep | None


def waits_for_signature(cell: DashboardCell) -> bool:
    """Return whether the next file of a month waits for the answer to a request for its signature."""
    return cell.step is not None and cell.step.action is StepKind.SIGN


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
    SIGN = "sign"


class Duty(Struct, frozen=True):
    """A duty of a branch or, with None, of the organ committee, about a period or a file.

    ``day`` is the last day for it, None if there is none. ``months`` are all months whose ledgers are to be approved,
    of which ``period`` and ``day`` are the first.
    """

    duty: DutyKind
    branch: str | None
    period: Period | None
    day: date | None
    overdue: bool
    file: str = ""
    months: tuple[Period, ...] = ()


class Dashboard(Struct, frozen=True):
    """Months by year and branch, and the duties on ``today``, those with the nearest day first.

    ``years`` are all that have a rulebook and have begun, newest first.
    """

    today: date
    years: tuple[tuple[int, tuple[DashboardRow, ...]], ...]
    dues: tuple[Duty, ...]


class DraftFile(Struct, frozen=True):
    """A ledger or correction that is not approved, and whether there are errors in it."""

    name: str
    branch: str
    month: Period
    is_correction: bool
    has_errors: bool


class DashboardInputs(Struct, frozen=True):
    """Files besides the scored ones: drafts of ledgers and of corrections in the order of their numbers, and filings.

    ``reviewed_years`` are the years with approved reviews; ``draft_ballots`` are files of reviews and polls that are
    not approved. ``published`` are the digests of all approvals that were ever published; None counts all as such, as
    on a page that publishes them. ``requested`` are the files whose approval waits for a signature elsewhere.
    """

    drafts: Sequence[DraftFile]
    filings: Sequence[Filing]
    reviewed_years: Collection[int]
    draft_ballots: Sequence[str]
    published: Container[str] | None = None
    requested: Container[str] = frozenset()


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
    duties += [
        Duty(DutyKind.SIGN if file in inputs.requested else DutyKind.DRAFT, None, None, None, overdue=False, file=file)
        for file in inputs.draft_ballots
    ]
    duties.sort(key=lambda duty: (duty.day or date.max, list(DutyKind).index(duty.duty)))
    return Dashboard(today, rows_by_year, tuple(duties))


def select_part(view: Dashboard, period: Period | None, branch: str | None) -> Dashboard:
    """Return the dashboard of a period, None for the newest year, and of one branch or, with None, of all."""
    years = view.years if period else view.years[:1]
    selected = tuple(
        (
            year,
            tuple(
                replace(row, cells=tuple([cell for cell in row.cells if period is None or cell.month in period]))
                for row in rows
                if branch in {None, row.branch.id}
            ),
        )
        for year, rows in years
        if period is None or period.year == year
    )
    duties = tuple(duty for duty in view.dues if branch in {None, duty.branch})
    return Dashboard(view.today, selected, duties)


# --- months ----------------------------------------------------------------------------------------------------------


def _build_rows(
    results: Results, approvals: ApprovalsByMonth, inputs: DashboardInputs, year: int
) -> tuple[DashboardRow, ...]:
    builder = _CellBuilder(results, approvals, inputs)
    months = months_of(get_period(PeriodKind.YEAR, year))
    return tuple(
        DashboardRow(branch, tuple(builder.build_cell((branch.id, month)) for month in months))
        for branch in results.roster.branches
    )


class _CellBuilder:
    """A builder of the cells of all branches and months."""

    def __init__(self, results: Results, approvals: ApprovalsByMonth, inputs: DashboardInputs) -> None:
        self.results, self.approvals, self.published = results, approvals, inputs.published
        self.requested = inputs.requested
        self.filed = _list_filed_quarters(inputs)
        self.drafts: Mapping[BranchMonth, list[DraftFile]] = defaultdict(list)
        for draft in inputs.drafts:
            self.drafts[draft.branch, draft.month].append(draft)

    def build_cell(self, key: BranchMonth) -> DashboardCell:
        """Build the cell of a branch's month."""
        (branch, month), today = key, self.results.today
        rule = self.results.rulebooks[month.year].state_on(month.last).bookkeeping
        progress = self._find_progress(key)
        due = approval_deadline(month, rule.due) if rule else None
        quarter = enclosing_period(PeriodKind.QUARTER, month)
        cell = DashboardCell(
            month=month,
            progress=progress,
            due=due,
            overdue=due is not None and due < today and progress in UNAPPROVED,
            pending=any(draft.is_correction for draft in self.drafts.get(key, ())),
            filed=(branch, str(quarter)) in self.filed,
            published=self._is_published(key),
            step=None,
        )
        return replace(cell, step=self._find_step(branch, cell))

    def _find_progress(self, key: BranchMonth) -> MonthProgress:
        (branch, month), results = key, self.results
        if versions := self.approvals.get(key, ()):
            return MonthProgress.CORRECTED if len(versions) > 1 else MonthProgress.APPROVED
        is_counted = results.rulebooks[month.year].term.has_month(month)
        if not (is_counted and results.roster.has_members_in(branch, month)):
            return MonthProgress.NONE
        ledgers = [draft for draft in self.drafts.get(key, ()) if not draft.is_correction]
        if ledgers:
            return MonthProgress.DRAFT if ledgers[0].has_errors else MonthProgress.READY
        return MonthProgress.AHEAD if month.last >= results.today else MonthProgress.MISSING

    def _is_published(self, key: BranchMonth) -> bool:
        of_month = self.approvals.get(key, ())
        return bool(of_month) and all(
            self.published is None or approval.digest in self.published for approval in of_month
        )

    def _find_step(self, branch: str, cell: DashboardCell) -> NextStep | None:
        """Return what to do next about a month; None if nothing is to be done, or not before the month has passed."""
        month, today = cell.month, self.results.today
        drafts = self.drafts.get((branch, month), ())
        if cell.progress is MonthProgress.NONE or month.first > today:
            return None
        if drafts:
            return self._find_draft_step(drafts[0])
        if cell.progress in UNAPPROVED:
            return NextStep(StepKind.FILL)
        if not cell.published:
            return NextStep(StepKind.PUBLISH)
        quarter = enclosing_period(PeriodKind.QUARTER, month)
        return NextStep(StepKind.FILE) if _is_to_be_filed(self.results, self.filed, branch, quarter) else None

    def _find_draft_step(self, draft: DraftFile) -> NextStep | None:
        """Return what to do next about a draft; None if its month is not over."""
        if draft.has_errors:
            return NextStep(StepKind.MEND, draft.name)
        if draft.name in self.requested:
            return NextStep(StepKind.SIGN, draft.name)
        return NextStep(StepKind.APPROVE, draft.name) if draft.month.last < self.results.today else None


UNAPPROVED = {MonthProgress.AHEAD, MonthProgress.MISSING, MonthProgress.DRAFT, MonthProgress.READY}


def _list_filed_quarters(inputs: DashboardInputs) -> Collection[tuple[str, str]]:
    return {(filing.branch.text, filing.period.text) for filing in inputs.filings}


def _is_to_be_filed(results: Results, filed: Container[tuple[str, str]], branch: str, quarter: Period) -> bool:
    """Return whether a branch's quarter is complete, and the organ committee has not accepted it yet (四2)."""
    months = results.rulebooks[quarter.year].term.months_of(quarter)
    # A quarter in which the branch had no members lacks no month, yet there is nothing to file.
    return (
        (branch, str(quarter)) not in filed
        and any(results.roster.has_members_in(branch, month) for month in months)
        and not missing_months.find_missing_months(
            results.roster, results.approved_months, months, branch, results.today
        )
    )


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
    """Yield one duty for all past months of a branch that are not approved, and others for what else is open.

    These are the month that has begun, and the corrections that are not approved.
    """
    for row in rows:
        waiting = [cell for cell in row.cells if cell.progress in UNAPPROVED and cell.month.first <= today]
        past, running = (
            [cell for cell in waiting if (cell.month.last < today) is is_past] for is_past in (True, False)
        )
        for cells in (past, running):
            if cells:
                first, months = cells[0], tuple(cell.month for cell in cells)
                overdue = any(cell.overdue for cell in cells)
                yield Duty(DutyKind.APPROVE, row.branch.id, first.month, first.due, overdue, months=months)
        for cell in row.cells:
            if cell.pending:
                yield Duty(DutyKind.CORRECTION, row.branch.id, cell.month, None, overdue=False)


def _list_filing_duties(results: Results, inputs: DashboardInputs, year: int) -> Iterator[Duty]:
    """Yield a duty for each complete quarter that the organ committee has not accepted yet (四2)."""
    filed = _list_filed_quarters(inputs)
    for quarter in periods_within(get_period(PeriodKind.YEAR, year), PeriodKind.QUARTER):
        for branch in results.roster.branches:
            if _is_to_be_filed(results, filed, branch.id, quarter):
                yield Duty(DutyKind.FILE, branch.id, quarter, None, overdue=False)
