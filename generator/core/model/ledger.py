"""Ledgers and the files beside them: as written, names still words, then with every name resolved."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.model.rulebook import (
    Item,
    Level,
)
from generator.problems import Location


class WrittenName(Struct, frozen=True, array_like=True):
    """A word that should name a member, an item or a level, and where it stands."""

    text: str
    where: Location


_NOTHING = WrittenName("", Location(""))

Evidence = Mapping[str, tuple[str, ...]]


class Activity(Struct, frozen=True, array_like=True):
    """Something held, and who took part."""

    item: WrittenName
    date: date
    where: Location
    title: str = ""
    present: tuple[WrittenName, ...] | None = None
    leave: tuple[WrittenName, ...] = ()
    absent: tuple[WrittenName, ...] = ()
    exempt: tuple[WrittenName, ...] = ()
    evidence: Evidence = field(default_factory=dict)
    late: str | None = None


class Entry(Struct, frozen=True, array_like=True):
    """One member's award or deduction."""

    member: WrittenName
    item: WrittenName
    date: date
    where: Location
    level: WrittenName | None = None
    times: int = 1
    note: str = ""
    evidence: Evidence = field(default_factory=dict)
    late: str | None = None


class Approval(Struct, frozen=True):
    """The seal of a ledger or correction by the branch committee (四1), or of reviews or a poll.

    ``rulebook`` is the digest of what of the rulebook decides what becomes of the file; ``approvers`` is the list of
    those who may sign. The rest is a link of the chain that a branch's approvals form, and None for reviews and polls.
    ``roll`` is the digest of who was on the roll; ``counted`` is what the words came to: who and which item each line
    meant. ``serial`` numbers the organ's approvals. ``previous`` is the branch's approval before this one; ``records``
    are the branch's filings and withdrawals since then; ``consent`` names who allowed a correction after filing. All
    but ``digest`` and ``signature`` are what the signature signs.
    """

    meeting: date
    by: str
    nonce: str
    digest: str
    where: Location
    rulebook: str | None = None
    approvers: str | None = None
    signature: str | None = None
    roll: str | None = None
    counted: str | None = None
    serial: int | None = None
    previous: str | None = None
    records: tuple[str, ...] = ()
    consent: str | None = None


class Ledger(Struct, frozen=True):
    """A branch's month 台账 as its recorder wrote it.

    ``digest`` is of all the file but the approval's own, ``signed`` of all but that and the signature.
    """

    branch: WrittenName
    month: WrittenName
    recorder: str
    where: Location
    digest: str = ""
    signed: str = ""
    activities: tuple[Activity, ...] = ()
    entries: tuple[Entry, ...] = ()
    approval: Approval | None = None


class CorrectionKind(StrEnum):
    """Why a sealed month is corrected: something was left out, was wrong, or was falsified (五6)."""

    OMITTED = "补录"
    MISTAKEN = "误记"
    FALSIFIED = "剔除"


class Correction(Struct, frozen=True):
    """What must change in a sealed month 更正, approved in its own right.

    ``strike`` and ``restate`` name lines: a1 is the first activity, e1 the first entry, c1.e1 the first entry that
    correction 1 added; ``whole`` strikes the month. ``digest`` and ``signed`` as with a ledger.
    """

    branch: WrittenName
    month: WrittenName
    corrects: WrittenName
    recorder: str
    kind: CorrectionKind
    reason: str
    where: Location
    digest: str = ""
    signed: str = ""
    whole: bool = False
    strike: tuple[WrittenName, ...] = ()
    restate: tuple[tuple[WrittenName, Activity | Entry], ...] = ()
    activities: tuple[Activity, ...] = ()
    entries: tuple[Entry, ...] = ()
    approval: Approval | None = None


class Filing(Struct, frozen=True):
    """The organ committee's acceptance of a branch's quarter 备案 (四2).

    ``rests`` are the approvals that it rests on; ``digest`` is of all the file but its own, which it ``claims``.
    """

    period: WrittenName
    branch: WrittenName
    on: date
    by: str
    rests: tuple[str, ...]
    nonce: str
    claims: str
    where: Location
    digest: str = ""


class Withdrawal(Struct, frozen=True):
    """The record that an approval was withdrawn: that of a ledger or correction before anything rested on it.

    It names the ``branch`` and ``month`` of the ledger, or the ``file`` of reviews or a poll; the other is empty.
    ``withdraws`` is the digest of that approval; ``digest`` and ``claims`` as with a filing.
    """

    withdraws: str
    meeting: date
    by: str
    on: date
    reason: str
    nonce: str
    claims: str
    where: Location
    branch: WrittenName = _NOTHING
    month: WrittenName = _NOTHING
    file: WrittenName = _NOTHING
    digest: str = ""


class Reviews(Struct, frozen=True):
    """The democratic appraisal's scores of a year, 0 to 100 (五3); ``digest`` and ``signed`` as with a ledger."""

    year: WrittenName
    scores: Mapping[WrittenName, Decimal]
    where: Location
    digest: str = ""
    signed: str = ""
    approval: Approval | None = None


class Poll(Struct, frozen=True):
    """The votes for an award 投票 (五2): how many could vote, and the votes of each member."""

    award: str
    date: date
    electorate: int
    votes: Mapping[WrittenName, int]
    where: Location
    digest: str = ""
    signed: str = ""
    approval: Approval | None = None


Document: TypeAlias = Ledger | Correction

Ballot: TypeAlias = Reviews | Poll

Record: TypeAlias = Filing | Withdrawal


class AttendanceStatus(StrEnum):
    """What became of a member at an activity."""

    PRESENT = "present"
    LEAVE = "leave"
    ABSENT = "absent"
    EXEMPT = "exempt"


class Attendance(Struct, frozen=True):
    """A member at an activity, and the place that says so."""

    member: str
    how: AttendanceStatus
    where: Location


class ResolvedActivity(Struct, frozen=True):
    """An activity with the attendance of everyone it concerns, the roll written out."""

    item: Item
    date: date
    title: str
    attendance: tuple[Attendance, ...]
    evidence: Evidence
    late: str | None
    where: Location


class ResolvedEntry(Struct, frozen=True):
    """An entry whose member, item and level are known."""

    member: str
    item: Item
    level: Level | None
    date: date
    times: int
    note: str
    evidence: Evidence
    late: str | None
    where: Location


class ValidLedger(Struct, frozen=True):
    """A branch's month, every name known and ``corrections`` applied; only one without an error is ever scored."""

    branch: str
    month: Period
    recorder: str
    held: tuple[ResolvedActivity, ...]
    credits: tuple[ResolvedEntry, ...]
    where: Location
    approval: Approval | None
    corrections: tuple[Correction, ...] = ()

    @property
    def parts(self) -> tuple[ResolvedActivity | ResolvedEntry, ...]:
        """Activities, then entries, each by position: the order in which they count (R4)."""
        return (*self.held, *self.credits)

    @property
    def sealed(self) -> bool:
        """Whether it is approved, and every correction in it."""
        return len(self.approvals) == len(self.files)

    @property
    def files(self) -> tuple[str, ...]:
        """The files it was written in: the ledger, then its corrections."""
        return (self.where.file, *(one.where.file for one in self.corrections))

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """The approval of the month, then those of its corrections."""
        found = (self.approval, *(one.approval for one in self.corrections))
        return tuple(approval for approval in found if approval)


BranchMonth: TypeAlias = tuple[str, Period]
"""A branch and a month."""
