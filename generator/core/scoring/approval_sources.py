"""Approvals behind a board or a page, as far as its readers may see them: never a nonce or a roll."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period, months_of
from generator.core.model.ledger import Approval, BranchMonth
from generator.problems import Location

ApprovalsByMonth = Mapping[BranchMonth, Sequence[Approval]]


class ApprovalSource(Struct, frozen=True):
    """An approval of a branch's month: its day, its digest, and whether it is of a correction (0: of the ledger)."""

    branch: str
    month: Period
    meeting: date
    digest: str
    previous: str | None
    revision: int


class SignedSource(ApprovalSource, frozen=True):
    """An approval with the name of who approved it, for the branch and its members."""

    by: str


class ReasonedSource(SignedSource, frozen=True):
    """The same for the committee alone; ``acting`` is the reason why a signer was not on the roster."""

    acting: str | None


def trim_approval(approval: Approval) -> Approval:
    """Return the part of an approval that boards, pages and the committee's journal show or depend on."""
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
        acting=approval.acting,
    )


def list_sources(approvals: ApprovalsByMonth, branches: Iterable[str], period: Period) -> tuple[ApprovalSource, ...]:
    """Return the approvals of the branches in a period, by branch, then month."""
    return tuple(
        make_source((branch, month), revision, approval)
        for branch in branches
        for month in months_of(period)
        for revision, approval in enumerate(approvals.get((branch, month), ()))
    )


def list_signed_sources(
    approvals: ApprovalsByMonth, branches: Iterable[str], period: Period
) -> tuple[SignedSource, ...]:
    """Return the approvals of the branches in a period with the approvers' names, by branch, then month."""
    keys = [(branch, month) for branch in branches for month in months_of(period)]
    return tuple(source for key in keys for source in _make_signed_sources(key, approvals.get(key, ())))


def list_reasoned_sources(approvals: ApprovalsByMonth, branch: str, period: Period) -> tuple[ReasonedSource, ...]:
    """Return the approvals of a branch in a period as the committee may see them, by month."""
    return tuple(
        ReasonedSource(
            branch, month, approval.meeting, approval.digest, approval.previous, revision, approval.by, approval.acting
        )
        for month in months_of(period)
        for revision, approval in enumerate(approvals.get((branch, month), ()))
    )


def list_all_signed_sources(approvals: ApprovalsByMonth, branches: Iterable[str]) -> tuple[SignedSource, ...]:
    """Return every approval with its approver's name, oldest month first, branches in the order of ``branches``."""
    positions = {branch: position for position, branch in enumerate(branches)}
    keys = sorted(approvals, key=lambda key: (key[1].first, positions[key[0]]))
    return tuple(source for key in keys for source in _make_signed_sources(key, approvals[key]))


def drop_approvers(sources: Iterable[ApprovalSource]) -> tuple[ApprovalSource, ...]:
    """Return the same approvals without the approvers' names."""
    return tuple(
        ApprovalSource(source.branch, source.month, source.meeting, source.digest, source.previous, source.revision)
        for source in sources
    )


def make_source(branch_month: BranchMonth, revision: int, approval: Approval) -> ApprovalSource:
    """Return an approval of a branch's month: the ledger's (``revision`` 0) or that of its correction."""
    return ApprovalSource(*branch_month, approval.meeting, approval.digest, approval.previous, revision)


def _make_signed_sources(branch_month: BranchMonth, approvals: Sequence[Approval]) -> Iterable[SignedSource]:
    for revision, approval in enumerate(approvals):
        yield SignedSource(*branch_month, approval.meeting, approval.digest, approval.previous, revision, approval.by)
