"""How a branch keeps its ledgers: late, corrected, struck as false; what counts in its own assessment (五6)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, get_period, months_of
from generator.core.model.ledger import CorrectionKind, Withdrawal
from generator.core.model.roster import Branch
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
        """How many lines were struck as false."""
        return sum(one.struck for one in self.amended)

    @property
    def corrected(self) -> Mapping[CorrectionKind, int]:
        """How many corrections there are of each kind."""
        return {kind: sum(one.kind is kind for one in self.amended) for kind in CorrectionKind}


class LedgerActions(Struct, frozen=True):
    """What was done to ledgers: approvals, corrections, withdrawals."""

    approvals: ApprovalsByMonth
    amendments: Collection[Amendment]
    withdrawals: Collection[Withdrawal]


def compile_bookkeeping(results: Results, actions: LedgerActions, year: int) -> tuple[BookkeepingRecord, ...]:
    """Every branch that had members in the year, in roster order; none where the rulebook does not ask for it."""
    rule = results.rulebooks[year].bookkeeping
    if rule is None:
        return ()
    found = []
    for branch in results.roster.branches:
        stretches = [
            one for one in months_of(get_period(PeriodKind.YEAR, year)) if results.roster.has_members_in(branch.id, one)
        ]
        if stretches:
            due = {month: approval_deadline(month, rule.due) for month in stretches}
            over = {month: day for month, day in due.items() if day < results.today}
            late = tuple(_late(actions.approvals, branch.id, over))
            found.append(
                BookkeepingRecord(
                    branch, len(over), late, _amended(actions, branch.id, year), _withdrawn(actions, branch, year)
                )
            )
    return tuple(found)


def approval_deadline(month: Period, due: int) -> date:
    """The last day on which a month's ledger is approved in time."""
    return month.last + timedelta(days=due)


def _late(approvals: ApprovalsByMonth, branch: str, due: Mapping[Period, date]) -> Iterator[LateMonth]:
    for month, day in due.items():
        own = approvals.get((branch, month), ())
        first = own[0].meeting if own else None
        if first is None or first > day:
            yield LateMonth(month, day, first)


def _amended(acts: LedgerActions, branch: str, year: int) -> tuple[MonthCorrection, ...]:
    return tuple(
        MonthCorrection(one.corrected[1], one.order, one.correction.kind, one.correction.approval.meeting, one.struck)
        for one in acts.amendments
        if one.corrected[0] == branch and one.corrected[1].year == year
    )


def _withdrawn(acts: LedgerActions, branch: Branch, year: int) -> tuple[Withdrawal, ...]:
    return tuple(
        one for one in acts.withdrawals if one.branch.text == branch.id and one.month.text.startswith(f"{year}-")
    )
