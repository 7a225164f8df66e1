"""The approvals that a board or a page rests on, as far as its readers may see them; never a nonce or a roll."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from generator.core.model import Approval
from generator.core.periods import Period, months

Approvals = Mapping[tuple[str, Period], Approval]


@dataclass(frozen=True, slots=True)
class Source:
    """An approval: of which branch's month, on what day, and its digest."""

    branch: str
    month: Period
    meeting: date
    digest: str
    previous: str | None


@dataclass(frozen=True, slots=True)
class SignedSource(Source):
    """An approval with the name of who approved it, for the branch and its members."""

    by: str


def sources(approvals: Approvals, branches: Iterable[str], whole: Period) -> tuple[Source, ...]:
    """The approvals of the branches in a period, by branch, then month."""
    return unsigned(signed(approvals, branches, whole))


def signed(approvals: Approvals, branches: Iterable[str], whole: Period) -> tuple[SignedSource, ...]:
    """The same with the approvers' names."""
    keys = [(branch, month) for branch in branches for month in months(whole)]
    return tuple(_signed(key, approvals[key]) for key in keys if key in approvals)


def approved(approvals: Approvals, branches: Sequence[str]) -> tuple[SignedSource, ...]:
    """Every approval, oldest month first, branches in the order given."""
    keys = sorted(approvals, key=lambda key: (key[1].first, branches.index(key[0])))
    return tuple(_signed(key, approvals[key]) for key in keys)


def unsigned(found: Iterable[Source]) -> tuple[Source, ...]:
    """The same approvals without the approvers' names."""
    return tuple(Source(one.branch, one.month, one.meeting, one.digest, one.previous) for one in found)


def _signed(key: tuple[str, Period], approval: Approval) -> SignedSource:
    return SignedSource(*key, approval.meeting, approval.digest, approval.previous, approval.by)
