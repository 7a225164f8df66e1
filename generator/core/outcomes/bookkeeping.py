"""How a branch keeps its ledgers: late, corrected, struck as false; what counts in its own assessment (五6)."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from generator.core.basics.periods import Kind, Period, months, period
from generator.core.model.ledger import Cause, Withdrawal
from generator.core.model.roster import Branch
from generator.core.scoring.approval_sources import Approvals
from generator.core.scoring.branch_scores import Amendment
from generator.core.scoring.results import Results


class Late(Struct, frozen=True):
    """A month whose ledger was approved after the day it was due, or is still not approved (``approved`` None)."""

    month: Period
    due: date
    approved: date | None


class Amended(Struct, frozen=True):
    """An approved correction of a branch's month, the ``order``-th; ``struck`` are the lines taken out as false."""

    month: Period
    order: int
    kind: Cause
    approved: date
    struck: int


class Keeping(Struct, frozen=True):
    """A branch's year: how many ``months`` are due by now, which were late, what was corrected or withdrawn."""

    branch: Branch
    months: int
    late: tuple[Late, ...]
    amended: tuple[Amended, ...]
    withdrawn: tuple[Withdrawal, ...]

    @property
    def struck(self) -> int:
        """How many lines were struck as false."""
        return sum(one.struck for one in self.amended)

    @property
    def corrected(self) -> Mapping[Cause, int]:
        """How many corrections there are of each kind."""
        return {kind: sum(one.kind is kind for one in self.amended) for kind in Cause}


class Acts(Struct, frozen=True):
    """What was done to ledgers: approvals, corrections, withdrawals."""

    approvals: Approvals
    amendments: Collection[Amendment]
    withdrawals: Collection[Withdrawal]


def keeping(results: Results, acts: Acts, year: int) -> tuple[Keeping, ...]:
    """Every branch that had members in the year, in roster order; none where the rulebook does not ask for it."""
    rule = results.rulebooks[year].bookkeeping
    if rule is None:
        return ()
    found = []
    for branch in results.roster.branches:
        stretches = [one for one in months(period(Kind.YEAR, year)) if results.roster.peopled(branch.id, one)]
        if stretches:
            due = {month: deadline(month, rule.due) for month in stretches}
            over = {month: day for month, day in due.items() if day < results.today}
            late = tuple(_late(acts.approvals, branch.id, over))
            found.append(
                Keeping(branch, len(over), late, _amended(acts, branch.id, year), _withdrawn(acts, branch, year))
            )
    return tuple(found)


def deadline(month: Period, due: int) -> date:
    """The last day on which a month's ledger is approved in time."""
    return month.last + timedelta(days=due)


def _late(approvals: Approvals, branch: str, due: Mapping[Period, date]) -> Iterator[Late]:
    for month, day in due.items():
        own = approvals.get((branch, month), ())
        first = own[0].meeting if own else None
        if first is None or first > day:
            yield Late(month, day, first)


def _amended(acts: Acts, branch: str, year: int) -> tuple[Amended, ...]:
    return tuple(
        Amended(one.corrected[1], one.order, one.correction.kind, one.correction.approval.meeting, one.struck)
        for one in acts.amendments
        if one.corrected[0] == branch and one.corrected[1].year == year
    )


def _withdrawn(acts: Acts, branch: Branch, year: int) -> tuple[Withdrawal, ...]:
    return tuple(
        one for one in acts.withdrawals if one.branch.text == branch.id and one.month.text.startswith(f"{year}-")
    )
