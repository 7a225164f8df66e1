"""Bookkeeping of a branch: ledgers late, corrected or struck as false, which count in its own assessment (五6)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.model.ledger import CorrectionKind, Withdrawal
from generator.core.model.roster import Branch
from generator.core.model.rulebook import BookkeepingRule, Rulebook
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.branch_scores import Amendment
from generator.core.scoring.results import Results


class LateMonth(Struct, frozen=True):
    """A month whose ledger was approved after the day it was due, or is still not approved (``approved`` None)."""

    month: Period
    due: date
    approved: date | None


class MonthCorrection(Struct, frozen=True):
    """An approved correction of a branch's month, the ``order``-th; ``struck`` are the lines taken out as false."""

    month: Period
    order: int
    kind: CorrectionKind
    approved: date
    struck: int


class BookkeepingRecord(Struct, frozen=True):
    """A branch's year: how many ``months`` are due by now, which were late, what was corrected or withdrawn."""

    branch: Branch
    months: int
    late: tuple[LateMonth, ...]
    amended: tuple[MonthCorrection, ...]
    withdrawn: tuple[Withdrawal, ...]

    @property
    def struck(self) -> int:
        """The number of lines struck as false."""
        return sum(correction.struck for correction in self.amended)

    @property
    def corrected(self) -> Mapping[CorrectionKind, int]:
        """The number of corrections of each kind."""
        return {kind: sum(correction.kind is kind for correction in self.amended) for kind in CorrectionKind}


class LedgerActions(Struct, frozen=True):
    """Actions on ledgers: approvals, corrections, withdrawals."""

    approvals: ApprovalsByMonth
    amendments: Collection[Amendment]
    withdrawals: Collection[Withdrawal]


def compile_bookkeeping(results: Results, actions: LedgerActions, year: int) -> tuple[BookkeepingRecord, ...]:
    """Return a record of every branch that had members in the year, in roster order.

    There are none where the rulebook sets no rule for bookkeeping.
    """
    rules = list_rules(results.rulebooks[year], year)
    if not rules:
        return ()
    records = []
    for branch in results.roster.branches:
        deadlines = {
            month: approval_deadline(month, rule.due)
            for month, rule in rules.items()
            if results.roster.has_members_in(branch.id, month)
        }
        if deadlines:
            passed = {month: day for month, day in deadlines.items() if day < results.today}
            late = tuple(_find_late_months(actions.approvals, branch.id, passed))
            corrections = _list_corrections(actions, branch.id, year)
            records.append(
                BookkeepingRecord(branch, len(passed), late, corrections, _list_withdrawals(actions, branch, year))
            )
    return tuple(records)


def list_rules(rulebook: Rulebook, year: int) -> Mapping[Period, BookkeepingRule]:
    """Return the rule for bookkeeping of each month of a year, as far as there is one."""
    months = rulebook.term.months_of(get_period(PeriodKind.YEAR, year))
    return {month: rule for month in months if (rule := rulebook.state_on(month.last).bookkeeping)}


def approval_deadline(month: Period, due: int) -> date:
    """Return the last day on which a month's ledger is approved in time: the ``due``-th of the month after."""
    return month.last + timedelta(days=due)


def _find_late_months(
    approvals: ApprovalsByMonth, branch: str, deadlines: Mapping[Period, date]
) -> Iterator[LateMonth]:
    for month, day in deadlines.items():
        of_month = approvals.get((branch, month), ())
        first = of_month[0].meeting if of_month else None
        if first is None or first > day:
            yield LateMonth(month, day, first)


def _list_corrections(actions: LedgerActions, branch: str, year: int) -> tuple[MonthCorrection, ...]:
    return tuple(
        MonthCorrection(
            amendment.corrected[1],
            amendment.order,
            amendment.correction.kind,
            amendment.correction.approval.meeting,
            amendment.struck,
        )
        for amendment in actions.amendments
        if amendment.corrected[0] == branch and amendment.corrected[1].year == year
    )


def _list_withdrawals(actions: LedgerActions, branch: Branch, year: int) -> tuple[Withdrawal, ...]:
    return tuple(
        withdrawal
        for withdrawal in actions.withdrawals
        if withdrawal.branch.text == branch.id and withdrawal.month.text.startswith(f"{year}-")
    )
