"""The committee's desk: how far every branch's ledgers are on a day, and what falls due."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from generator.core.basics.periods import Kind, Period, inside, months, period
from generator.core.model.ledger import Filing, Key
from generator.core.model.roster import Branch
from generator.core.outcomes.bookkeeping import deadline
from generator.core.scoring import missing_months
from generator.core.scoring.approval_sources import Approvals
from generator.core.scoring.objection_periods import Notices
from generator.core.scoring.results import Results


class Progress(StrEnum):
    """How far a branch's month is; NONE where it had no members, AHEAD while the month is not over."""

    NONE = "none"
    AHEAD = "ahead"
    MISSING = "missing"
    DRAFT = "draft"
    APPROVED = "approved"
    CORRECTED = "corrected"


class Cell(Struct, frozen=True):
    """A branch's month: ``due`` is the last day for its approval, if the rulebook sets one, ``overdue`` if it is past.

    ``pending``: a correction of it waits to be approved.
    """

    month: Period
    progress: Progress
    due: date | None
    overdue: bool
    pending: bool


class Row(Struct, frozen=True):
    """A branch's months of the year, all twelve."""

    branch: Branch
    cells: tuple[Cell, ...]


class Duty(StrEnum):
    """What somebody has to do."""

    APPROVE = "approve"
    CORRECTION = "correction"
    FILE = "file"
    OBJECTION = "objection"
    REVIEWS = "reviews"
    DRAFT = "draft"


class Due(Struct, frozen=True):
    """A duty: of which branch (None: the organ committee's) and period or file, and by when, if there is a day."""

    duty: Duty
    branch: str | None
    period: Period | None
    day: date | None
    overdue: bool
    file: str = ""


class Desk(Struct, frozen=True):
    """How things stand on ``today``: the months of years by branch, and duties, those with the nearest day first.

    ``years`` are the newest and, before it, any with months still open; newest first.
    """

    today: date
    years: tuple[tuple[int, tuple[Row, ...]], ...]
    dues: tuple[Due, ...]


class Tray(Struct, frozen=True):
    """What lies on the shelf and is not scored: drafts of ledgers and of corrections by branch and month, filings.

    ``reviewed`` are the years with approved reviews, ``drafts`` files of reviews and polls that are not approved.
    """

    ledgers: Collection[Key]
    corrections: Collection[Key]
    filings: Sequence[Filing]
    reviewed: Collection[int]
    drafts: Sequence[str]


def desk(results: Results, approvals: Approvals, notices: Notices, tray: Tray) -> Desk:
    """Look through every year that has a rulebook and has begun."""
    today = results.today
    begun = sorted((year for year in results.rulebooks if year <= today.year), reverse=True)
    years = tuple((year, _rows(results, approvals, tray, year)) for year in begun)
    dues = [one for year, rows in years for one in _dues(results, notices, tray, (year, rows))]
    dues += [Due(Duty.DRAFT, None, None, None, overdue=False, file=file) for file in tray.drafts]
    dues.sort(key=lambda one: (one.day or date.max, list(Duty).index(one.duty)))
    return Desk(today, years, tuple(dues))


# --- months ----------------------------------------------------------------------------------------------------------


def _rows(results: Results, approvals: Approvals, tray: Tray, year: int) -> tuple[Row, ...]:
    return tuple(
        Row(
            branch,
            tuple(_cell(results, approvals, tray, (branch.id, month)) for month in months(period(Kind.YEAR, year))),
        )
        for branch in results.roster.branches
    )


def _cell(results: Results, approvals: Approvals, tray: Tray, key: Key) -> Cell:
    month, today = key[1], results.today
    rule = results.rulebooks[month.year].bookkeeping
    progress = _progress(results, approvals, tray, key)
    due = deadline(month, rule.due) if rule else None
    overdue = due is not None and due < today and progress in {Progress.MISSING, Progress.DRAFT}
    return Cell(month, progress, due, overdue, pending=key in tray.corrections)


def _progress(results: Results, approvals: Approvals, tray: Tray, key: Key) -> Progress:
    branch, month = key
    if sealed := approvals.get(key, ()):
        return Progress.CORRECTED if len(sealed) > 1 else Progress.APPROVED
    if not results.roster.peopled(branch, month):
        return Progress.NONE
    if key in tray.ledgers:
        return Progress.DRAFT
    return Progress.AHEAD if month.last >= results.today else Progress.MISSING


# --- duties ----------------------------------------------------------------------------------------------------------


def _dues(results: Results, notices: Notices, tray: Tray, of: tuple[int, Sequence[Row]]) -> Iterator[Due]:
    year, rows = of
    yield from _ledgers(rows, results.today)
    yield from _filings(results, tray, year)
    for (stretch, branch), notice in notices.items():
        if stretch.year == year and notice.running:
            yield Due(Duty.OBJECTION, branch, stretch, notice.last, overdue=False)
    cycle = period(Kind.YEAR, year)
    if results.rulebooks[year].appraisal and cycle.last < results.today and year not in tray.reviewed:
        yield Due(Duty.REVIEWS, None, cycle, None, overdue=False)


def _ledgers(rows: Sequence[Row], today: date) -> Iterator[Due]:
    """Months that are over or in their last days and not approved; corrections that wait for approval."""
    for row in rows:
        for cell in row.cells:
            if cell.progress in {Progress.MISSING, Progress.DRAFT, Progress.AHEAD} and cell.month.first <= today:
                yield Due(Duty.APPROVE, row.branch.id, cell.month, cell.due, overdue=cell.overdue)
            if cell.pending:
                yield Due(Duty.CORRECTION, row.branch.id, cell.month, None, overdue=False)


def _filings(results: Results, tray: Tray, year: int) -> Iterator[Due]:
    """Quarters that are complete and that the organ committee has not accepted yet (四2)."""
    filed = {(one.branch.text, one.period.text) for one in tray.filings}
    for quarter in inside(period(Kind.YEAR, year), Kind.QUARTER):
        for branch in results.roster.branches:
            there = any(results.roster.peopled(branch.id, month) for month in months(quarter))
            missing = missing_months.missing(results.roster, results.approved, quarter, branch.id, results.today)
            if there and not missing and (branch.id, str(quarter)) not in filed:
                yield Due(Duty.FILE, branch.id, quarter, None, overdue=False)
