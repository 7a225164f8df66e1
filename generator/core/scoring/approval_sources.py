"""The approvals that a board or a page rests on, as far as its readers may see them; never a nonce or a roll."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period, months_of
from generator.core.model.ledger import Approval, BranchMonth
from generator.problems import Location

ApprovalsByMonth = Mapping[BranchMonth, Sequence[Approval]]


class ApprovalSource(Struct, frozen=True):
    """An approval: of which branch's month, on what day, its digest, and whether of a correction (0: of the ledger)."""

    branch: str
    month: Period
    meeting: date
    digest: str
    previous: str | None
    revision: int


class SignedSource(ApprovalSource, frozen=True):
    """An approval with the name of who approved it, for the branch and its members."""

    by: str


def trim_approval(approval: Approval) -> Approval:
    """The part of an approval that boards, pages and the committee's journal show or depend on."""
    return Approval(
        meeting=approval.meeting,
        by=approval.by,
        roll=approval.roll,
        rulebook="",
        nonce="",
        digest=approval.digest,
        where=Location(""),
        serial=approval.serial,
        previous=approval.previous,
        consent=approval.consent,
    )


def list_sources(approvals: ApprovalsByMonth, branches: Iterable[str], period: Period) -> tuple[ApprovalSource, ...]:
    """The approvals of the branches in a period, by branch, then month."""
    return tuple(
        make_source((branch, month), number, one)
        for branch in branches
        for month in months_of(period)
        for number, one in enumerate(approvals.get((branch, month), ()))
    )


def list_signed_sources(
    approvals: ApprovalsByMonth, branches: Iterable[str], period: Period
) -> tuple[SignedSource, ...]:
    """The same with the approvers' names."""
    keys = [(branch, month) for branch in branches for month in months_of(period)]
    return tuple(source for key in keys for source in _signed(key, approvals.get(key, ())))


def list_all_signed_sources(approvals: ApprovalsByMonth, branches: Iterable[str]) -> tuple[SignedSource, ...]:
    """Every approval, oldest month first, branches in the order given."""
    places = {branch: place for place, branch in enumerate(branches)}
    keys = sorted(approvals, key=lambda key: (key[1].first, places[key[0]]))
    return tuple(source for key in keys for source in _signed(key, approvals[key]))


def drop_approvers(found: Iterable[ApprovalSource]) -> tuple[ApprovalSource, ...]:
    """The same approvals without the approvers' names."""
    return tuple(
        ApprovalSource(one.branch, one.month, one.meeting, one.digest, one.previous, one.revision) for one in found
    )


def make_source(branch_month: tuple[str, Period], revision: int, approval: Approval) -> ApprovalSource:
    """One approval of a branch's month: the ledger's, or that of its correction."""
    return ApprovalSource(*branch_month, approval.meeting, approval.digest, approval.previous, revision)


def _signed(key: tuple[str, Period], found: Sequence[Approval]) -> Iterable[SignedSource]:
    for number, one in enumerate(found):
        yield SignedSource(*key, one.meeting, one.digest, one.previous, number, one.by)
