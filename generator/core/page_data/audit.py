"""Every approval, correction, filing and withdrawal: what the organ may see of it, and what the committee."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval, Filing, Poll, Withdrawal
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
    """An approval undone, without who had given it or why it was undone."""

    branch: str
    month: Period
    on: date
    withdraws: str
    digest: str


class RedactedBallotApproval(Struct, frozen=True):
    """An approval of a year's reviews or, if it has a ``poll`` day, of a poll: not which award, no scores, no votes."""

    year: int
    poll: date | None
    meeting: date
    digest: str


class RedactedBallotWithdrawal(Struct, frozen=True):
    """An approval of reviews or of a poll undone."""

    year: int
    is_poll: bool
    on: date
    withdraws: str
    digest: str


class Audit(Struct, frozen=True):
    """The organ's: no names, no reasons. Approvals are given oldest month first, branches in roster order.

    ``heads`` are each branch's newest approval, ``approvers`` the digest of the list of allowed signers, if any.
    """

    approvals: tuple[ApprovalSource, ...]
    filings: tuple[RedactedFiling, ...]
    withdrawals: tuple[RedactedWithdrawal, ...]
    endorsed: tuple[RedactedBallotApproval, ...]
    retracted: tuple[RedactedBallotWithdrawal, ...]
    heads: Mapping[str, str]
    approvers: str | None


class BallotRecords(Struct, frozen=True):
    """Approved files of reviews and polls, and the withdrawals of such approvals."""

    slips: tuple[BallotFile, ...]
    retractions: tuple[Withdrawal, ...]


class Journal(Struct, frozen=True):
    """The committee's: who approved, accepted and withdrew what, and every reason in words."""

    approvals: tuple[SignedSource, ...]
    amendments: tuple[Amendment, ...]
    filings: tuple[Filing, ...]
    withdrawals: tuple[Withdrawal, ...]
    cast: BallotRecords


def build_journal(  # noqa: PLR0913  each bears on it
    approvals: ApprovalsByMonth,
    branches: Collection[str],
    *,
    amendments: Iterable[Amendment],
    filings: Iterable[Filing],
    withdrawals: Iterable[Withdrawal],
    ballots: BallotRecords,
) -> Journal:
    """All acts with all that is known of them; ``homes`` are the branches in roster order."""
    places = {branch: place for place, branch in enumerate(branches)}
    return Journal(
        approvals=list_all_signed_sources(approvals, branches),
        amendments=tuple(sorted(amendments, key=_by_year)),
        filings=tuple(sorted(filings, key=lambda one: (one.period.text, places[one.branch.text]))),
        withdrawals=tuple(sorted(withdrawals, key=lambda one: (one.month.text[:4], one.branch.text))),
        cast=ballots,
    )


def _by_year(one: Amendment) -> tuple[int, str, date, int]:
    branch, month = one.corrected
    return month.year, branch, month.first, one.order


def build_audit(  # noqa: PLR0913  each bears on it
    approvals: ApprovalsByMonth,
    chains: Mapping[str, Sequence[Approval]],
    *,
    filings: Iterable[RedactedFiling],
    withdrawals: Iterable[RedactedWithdrawal],
    ballots: BallotRecords,
    approvers: str | None,
) -> Audit:
    """The acts of these branches as the organ may see them; ``chains`` are theirs, in roster order."""
    places = {branch: place for place, branch in enumerate(chains)}
    own = {key: found for key, found in approvals.items() if key[0] in chains}
    return Audit(
        approvals=drop_approvers(list_all_signed_sources(own, chains)),
        filings=tuple(sorted(filings, key=lambda one: (str(one.period), places[one.branch]))),
        withdrawals=tuple(sorted(withdrawals, key=lambda one: (one.month.year, one.branch))),
        endorsed=redact_ballot_approvals(ballots.slips),
        retracted=redact_ballot_withdrawals(ballots.retractions),
        heads={branch: chain[-1].digest for branch, chain in chains.items() if chain},
        approvers=approvers,
    )


def without_branch_records(audit: Audit) -> Audit:
    """What of it is left beside every branch's own: its head and what is the whole organ's."""
    return replace(audit, approvals=(), filings=(), withdrawals=())


def redact_filings(filings: Iterable[Filing]) -> tuple[RedactedFiling, ...]:
    """Filings as the organ may see them."""
    return tuple(
        RedactedFiling(one.branch.text, Period.from_name(one.period.text), one.on, one.digest, one.rests)
        for one in filings
    )


def redact_withdrawals(withdrawals: Iterable[Withdrawal]) -> tuple[RedactedWithdrawal, ...]:
    """Withdrawals as the organ may see them."""
    return tuple(
        RedactedWithdrawal(one.branch.text, Period.from_name(one.month.text), one.on, one.withdraws, one.digest)
        for one in withdrawals
    )


def redact_ballot_approvals(files: Iterable[BallotFile]) -> tuple[RedactedBallotApproval, ...]:
    """Approvals of reviews and polls as the organ may see them."""
    days = {slip.name: slip.document.date if isinstance(slip.document, Poll) else None for slip in files}
    listed = [
        RedactedBallotApproval(slip.year, days[slip.name], slip.approval.meeting, slip.approval.digest)
        for slip in files
        if slip.approval
    ]
    return tuple(sorted(listed, key=lambda one: (one.year, one.poll or date.max, one.digest)))


def redact_ballot_withdrawals(withdrawals: Iterable[Withdrawal]) -> tuple[RedactedBallotWithdrawal, ...]:
    """Withdrawals of such approvals as the organ may see them."""
    return tuple(RedactedBallotWithdrawal(*_placed(one), one.on, one.withdraws, one.digest) for one in withdrawals)


def _placed(one: Withdrawal) -> tuple[int, bool]:
    """The year of the file whose approval was withdrawn, and whether it is of a poll."""
    parts = one.file.text.split("/")
    return int(parts[1]), parts[2] == "votes"
