"""Records of approvals, corrections, filings and withdrawals, as the organ and as the committee may see them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.approver_lists import ApproverLists
from generator.core.model.ledger import Approval, BallotKind, Filing, Poll, Withdrawal
from generator.core.scoring.approval_sources import (
    ApprovalsByMonth,
    ApprovalSource,
    SignedSource,
    drop_approvers,
    list_all_signed_sources,
)
from generator.core.scoring.branch_scores import Amendment
from generator.core.sealing.sealed_files import BallotFile


class RedactedFiling(Struct, frozen=True):
    """A quarter filed 备案, without who accepted it."""

    branch: str
    period: Period
    on: date
    digest: str
    rests: tuple[str, ...]


class RedactedWithdrawal(Struct, frozen=True):
    """A withdrawal of an approval, without who had given the approval or why it was withdrawn."""

    branch: str
    month: Period
    on: date
    withdraws: str
    digest: str


class RedactedBallotApproval(Struct, frozen=True):
    """An approval of a year's ballot, without award, scores, votes and names; ``poll`` is the day of a poll."""

    year: int
    poll: date | None
    meeting: date
    digest: str
    kind: BallotKind


class RedactedBallotWithdrawal(Struct, frozen=True):
    """A withdrawal of an approval of a ballot."""

    year: int
    kind: BallotKind
    on: date
    withdraws: str
    digest: str

    @property
    def is_poll(self) -> bool:
        """True for a poll, under the name that themes of before there were honours read."""
        return self.kind is BallotKind.POLL


class RedactedList(Struct, frozen=True):
    """A list of allowed signers by its number and digest, without any key.

    ``record`` is the digest of the record that sealed it, ``on`` the day; list 1 has none. ``is_lost_key`` is true if
    no keeper of the list before sealed it.
    """

    number: int
    digest: str
    record: str | None
    on: date | None
    is_lost_key: bool


class Audit(Struct, frozen=True):
    """Records for the organ, without names and reasons; approvals by month, oldest first, then in roster order.

    ``heads`` are the digests of each branch's newest approval; ``approvers`` is the digest of the list of allowed
    signers in force, None if there is none; ``lists`` are all of them, by number. ``values`` are those of the inputs
    that decide something without being sealed; ``member_values`` has, by branch, the month of the newest approval and
    the digest of those of its members by then.
    """

    approvals: tuple[ApprovalSource, ...]
    filings: tuple[RedactedFiling, ...]
    withdrawals: tuple[RedactedWithdrawal, ...]
    endorsed: tuple[RedactedBallotApproval, ...]
    retracted: tuple[RedactedBallotWithdrawal, ...]
    heads: Mapping[str, str]
    approvers: str | None
    lists: tuple[RedactedList, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    member_values: Mapping[str, tuple[str, str]] = field(default_factory=dict)


class BallotRecords(Struct, frozen=True):
    """Approved ballots, and the withdrawals of such approvals."""

    slips: tuple[BallotFile, ...]
    retractions: tuple[Withdrawal, ...]


class Journal(Struct, frozen=True):
    """Records for the committee: who approved, accepted and withdrew what, and every reason in words."""

    approvals: tuple[SignedSource, ...]
    amendments: tuple[Amendment, ...]
    filings: tuple[Filing, ...]
    withdrawals: tuple[Withdrawal, ...]
    cast: BallotRecords


def build_journal(  # noqa: PLR0913  one argument per kind of record
    approvals: ApprovalsByMonth,
    branches: Collection[str],
    *,
    amendments: Iterable[Amendment],
    filings: Iterable[Filing],
    withdrawals: Iterable[Withdrawal],
    ballots: BallotRecords,
) -> Journal:
    """Build the journal of all records, with nothing redacted; ``branches`` are ids in roster order."""
    positions = {branch: position for position, branch in enumerate(branches)}
    return Journal(
        approvals=list_all_signed_sources(approvals, branches),
        amendments=tuple(sorted(amendments, key=_amendment_order)),
        filings=tuple(sorted(filings, key=lambda filing: (filing.period.text, positions[filing.branch.text]))),
        # Sorting is stable: within a year, a branch's withdrawals keep the order in which they were read.
        withdrawals=tuple(sorted(withdrawals, key=lambda record: (record.month.text[:4], record.branch.text))),
        cast=ballots,
    )


def _amendment_order(amendment: Amendment) -> tuple[int, str, date, int]:
    branch, month = amendment.corrected
    return month.year, branch, month.first, amendment.order


def build_audit(  # noqa: PLR0913  one argument per kind of record
    approvals: ApprovalsByMonth,
    chains: Mapping[str, Sequence[Approval]],
    *,
    filings: Iterable[RedactedFiling],
    withdrawals: Iterable[RedactedWithdrawal],
    ballots: BallotRecords,
    lists: ApproverLists,
) -> Audit:
    """Build the audit of some branches as the organ may see it; ``chains`` are theirs, in roster order."""
    positions = {branch: position for position, branch in enumerate(chains)}
    # A branch also knows approvals of other branches that its members passed through; those are not its to publish.
    of_branches = {key: versions for key, versions in approvals.items() if key[0] in chains}
    return Audit(
        approvals=drop_approvers(list_all_signed_sources(of_branches, chains)),
        filings=tuple(sorted(filings, key=lambda filing: (str(filing.period), positions[filing.branch]))),
        withdrawals=tuple(sorted(withdrawals, key=lambda record: (record.month.year, record.branch))),
        endorsed=redact_ballot_approvals(ballots.slips),
        retracted=redact_ballot_withdrawals(ballots.retractions),
        heads={branch: chain[-1].digest for branch, chain in chains.items() if chain},
        approvers=lists.current.digest if lists.current else None,
        lists=redact_lists(lists),
    )


def without_branch_records(audit: Audit) -> Audit:
    """Return an audit without the records that each branch's audit page lists: its head and the organ's remain."""
    return replace(audit, approvals=(), filings=(), withdrawals=())


def redact_filings(filings: Iterable[Filing]) -> tuple[RedactedFiling, ...]:
    """Return filings as the organ may see them."""
    return tuple(
        RedactedFiling(filing.branch.text, Period.from_name(filing.period.text), filing.on, filing.digest, filing.rests)
        for filing in filings
    )


def redact_withdrawals(withdrawals: Iterable[Withdrawal]) -> tuple[RedactedWithdrawal, ...]:
    """Return withdrawals as the organ may see them."""
    return tuple(
        RedactedWithdrawal(
            record.branch.text, Period.from_name(record.month.text), record.on, record.withdraws, record.digest
        )
        for record in withdrawals
    )


def redact_lists(lists: ApproverLists) -> tuple[RedactedList, ...]:
    """Return lists of signers as the organ may see them."""
    return tuple(
        RedactedList(listed.number, listed.digest, record.digest, record.on, record.lost is not None)
        if (record := listed.record)
        else RedactedList(listed.number, listed.digest, None, None, is_lost_key=False)
        for listed in lists.in_force
    )


def redact_ballot_approvals(files: Iterable[BallotFile]) -> tuple[RedactedBallotApproval, ...]:
    """Return approvals of ballots as the organ may see them."""
    days = {file.name: file.document.date if isinstance(file.document, Poll) else None for file in files}
    approvals = [
        RedactedBallotApproval(file.year, days[file.name], file.approval.meeting, file.approval.digest, file.kind)
        for file in files
        if file.approval
    ]
    return tuple(sorted(approvals, key=lambda record: (record.year, record.poll or date.max, record.digest)))


def redact_ballot_withdrawals(withdrawals: Iterable[Withdrawal]) -> tuple[RedactedBallotWithdrawal, ...]:
    """Return withdrawals of such approvals as the organ may see them."""
    return tuple(
        RedactedBallotWithdrawal(*_parse_ballot_path(record), record.on, record.withdraws, record.digest)
        for record in withdrawals
    )


def _parse_ballot_path(withdrawal: Withdrawal) -> tuple[int, BallotKind]:
    """Return the year and the kind of the file whose approval was withdrawn."""
    _, year, name, *_ = withdrawal.file.text.split("/")
    return int(year), BallotKind.POLL if name == "votes" else BallotKind(name.removesuffix(".yaml"))
