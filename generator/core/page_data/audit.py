"""Every approval, correction, filing and withdrawal: what the organ may see of it, and what the committee."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval, Filing, Poll, Withdrawal
from generator.core.scoring.approval_sources import Approvals, SignedSource, Source, approved, unsigned
from generator.core.scoring.branch_scores import Amendment
from generator.core.sealing.sealed_files import BallotFile


class Filed(Struct, frozen=True):
    """A quarter filed 备案, without who accepted it."""

    branch: str
    period: Period
    on: date
    digest: str
    rests: tuple[str, ...]


class Withdrawn(Struct, frozen=True):
    """An approval undone, without who had given it or why it was undone."""

    branch: str
    month: Period
    on: date
    withdraws: str
    digest: str


class Endorsed(Struct, frozen=True):
    """An approval of a year's reviews or, if it has a ``poll`` day, of a poll: not which award, no scores, no votes."""

    year: int
    poll: date | None
    meeting: date
    digest: str


class Retracted(Struct, frozen=True):
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

    approvals: tuple[Source, ...]
    filings: tuple[Filed, ...]
    withdrawals: tuple[Withdrawn, ...]
    endorsed: tuple[Endorsed, ...]
    retracted: tuple[Retracted, ...]
    heads: Mapping[str, str]
    approvers: str | None


class Cast(Struct, frozen=True):
    """Approved files of reviews and polls, and the withdrawals of such approvals."""

    slips: tuple[BallotFile, ...]
    retractions: tuple[Withdrawal, ...]


class Journal(Struct, frozen=True):
    """The committee's: who approved, accepted and withdrew what, and every reason in words."""

    approvals: tuple[SignedSource, ...]
    amendments: tuple[Amendment, ...]
    filings: tuple[Filing, ...]
    withdrawals: tuple[Withdrawal, ...]
    cast: Cast


def journal(  # noqa: PLR0913  each bears on it
    approvals: Approvals,
    homes: Collection[str],
    *,
    amendments: Iterable[Amendment],
    filings: Iterable[Filing],
    withdrawals: Iterable[Withdrawal],
    cast: Cast,
) -> Journal:
    """All acts with all that is known of them; ``homes`` are the branches in roster order."""
    places = {branch: place for place, branch in enumerate(homes)}
    return Journal(
        approvals=approved(approvals, homes),
        amendments=tuple(sorted(amendments, key=_by_year)),
        filings=tuple(sorted(filings, key=lambda one: (one.period.text, places[one.branch.text]))),
        withdrawals=tuple(sorted(withdrawals, key=lambda one: (one.month.text[:4], one.branch.text))),
        cast=cast,
    )


def _by_year(one: Amendment) -> tuple[int, str, date, int]:
    branch, month = one.corrected
    return month.year, branch, month.first, one.order


def audit(  # noqa: PLR0913  each bears on it
    approvals: Approvals,
    chains: Mapping[str, Sequence[Approval]],
    *,
    filings: Iterable[Filed],
    withdrawals: Iterable[Withdrawn],
    cast: Cast,
    approvers: str | None,
) -> Audit:
    """The acts of these branches as the organ may see them; ``chains`` are theirs, in roster order."""
    places = {branch: place for place, branch in enumerate(chains)}
    own = {key: found for key, found in approvals.items() if key[0] in chains}
    return Audit(
        approvals=unsigned(approved(own, chains)),
        filings=tuple(sorted(filings, key=lambda one: (str(one.period), places[one.branch]))),
        withdrawals=tuple(sorted(withdrawals, key=lambda one: (one.month.year, one.branch))),
        endorsed=endorsed(cast.slips),
        retracted=retracted(cast.retractions),
        heads={branch: chain[-1].digest for branch, chain in chains.items() if chain},
        approvers=approvers,
    )


def common(whole: Audit) -> Audit:
    """What of it is left beside every branch's own: its head and what is the whole organ's."""
    return replace(whole, approvals=(), filings=(), withdrawals=())


def filed(found: Iterable[Filing]) -> tuple[Filed, ...]:
    """Filings as the organ may see them."""
    return tuple(Filed(one.branch.text, Period.named(one.period.text), one.on, one.digest, one.rests) for one in found)


def withdrawn(found: Iterable[Withdrawal]) -> tuple[Withdrawn, ...]:
    """Withdrawals as the organ may see them."""
    return tuple(
        Withdrawn(one.branch.text, Period.named(one.month.text), one.on, one.withdraws, one.digest) for one in found
    )


def endorsed(found: Iterable[BallotFile]) -> tuple[Endorsed, ...]:
    """Approvals of reviews and polls as the organ may see them."""
    days = {slip.name: slip.document.date if isinstance(slip.document, Poll) else None for slip in found}
    listed = [
        Endorsed(slip.year, days[slip.name], slip.approval.meeting, slip.approval.digest)
        for slip in found
        if slip.approval
    ]
    return tuple(sorted(listed, key=lambda one: (one.year, one.poll or date.max, one.digest)))


def retracted(found: Iterable[Withdrawal]) -> tuple[Retracted, ...]:
    """Withdrawals of such approvals as the organ may see them."""
    return tuple(Retracted(*_placed(one), one.on, one.withdraws, one.digest) for one in found)


def _placed(one: Withdrawal) -> tuple[int, bool]:
    """The year of the file whose approval was withdrawn, and whether it is of a poll."""
    parts = one.file.text.split("/")
    return int(parts[1]), parts[2] == "votes"
