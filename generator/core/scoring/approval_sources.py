"""The approvals that a board or a page rests on, as far as its readers may see them; never a nonce or a roll."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period, months
from generator.core.model.ledger import Approval, Key
from generator.problems import Where

Approvals = Mapping[Key, Sequence[Approval]]


class Source(Struct, frozen=True):
    """An approval: of which branch's month, on what day, its digest, and whether of a correction (0: of the ledger)."""

    branch: str
    month: Period
    meeting: date
    digest: str
    previous: str | None
    revision: int


class SignedSource(Source, frozen=True):
    """An approval with the name of who approved it, for the branch and its members."""

    by: str


def lean(one: Approval) -> Approval:
    """The part of an approval that boards, pages and the committee's journal show or depend on."""
    return Approval(
        meeting=one.meeting,
        by=one.by,
        roll=one.roll,
        rulebook="",
        nonce="",
        digest=one.digest,
        where=Where(""),
        serial=one.serial,
        previous=one.previous,
        consent=one.consent,
    )


def sources(found: Approvals, branches: Iterable[str], whole: Period) -> tuple[Source, ...]:
    """The approvals of the branches in a period, by branch, then month."""
    return tuple(
        source((branch, month), number, one)
        for branch in branches
        for month in months(whole)
        for number, one in enumerate(found.get((branch, month), ()))
    )


def signed(found: Approvals, branches: Iterable[str], whole: Period) -> tuple[SignedSource, ...]:
    """The same with the approvers' names."""
    keys = [(branch, month) for branch in branches for month in months(whole)]
    return tuple(source for key in keys for source in _signed(key, found.get(key, ())))


def approved(found: Approvals, branches: Iterable[str]) -> tuple[SignedSource, ...]:
    """Every approval, oldest month first, branches in the order given."""
    places = {branch: place for place, branch in enumerate(branches)}
    keys = sorted(found, key=lambda key: (key[1].first, places[key[0]]))
    return tuple(source for key in keys for source in _signed(key, found[key]))


def unsigned(found: Iterable[Source]) -> tuple[Source, ...]:
    """The same approvals without the approvers' names."""
    return tuple(Source(one.branch, one.month, one.meeting, one.digest, one.previous, one.revision) for one in found)


def source(key: tuple[str, Period], revision: int, approval: Approval) -> Source:
    """One approval of a branch's month: the ledger's, or that of its correction."""
    return Source(*key, approval.meeting, approval.digest, approval.previous, revision)


def _signed(key: tuple[str, Period], found: Sequence[Approval]) -> Iterable[SignedSource]:
    for number, one in enumerate(found):
        yield SignedSource(*key, one.meeting, one.digest, one.previous, number, one.by)
