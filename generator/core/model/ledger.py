"""Ledgers and the files beside them: first as written, with names as words, then with every name resolved."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.model.rulebook import Item, Level
from generator.problems import Location


# The lines of a ledger are cached, some ten thousand per organ: ``array_like`` leaves the field names out of the cache.
class WrittenName(Struct, frozen=True, array_like=True):
    """A word that should name a member, an item or a level, and its location."""

    text: str
    where: Location


_NO_NAME = WrittenName("", Location(""))

# The keys of ledgers and corrections, in English and in Chinese.
CHINESE_KEYS = {
    "branch": "支部",
    "month": "月份",
    "recorder": "登记人",
    "activities": "活动",
    "entries": "记录",
    "item": "项目",
    "date": "日期",
    "title": "主题",
    "present": "参加",
    "leave": "请假",
    "absent": "缺席",
    "exempt": "免计",
    "evidence": "佐证",
    "late": "补登",
    "member": "党员",
    "level": "档次",
    "times": "次数",
    "note": "备注",
    "corrects": "所更正",
    "kind": "性质",
    "reason": "原因",
    "strike": "剔除",
    "restate": "改写",
}


class WrittenKeys(Struct, frozen=True, array_like=True):
    """The keys of a file: the ``places`` of the outermost, and whether they are in ``chinese``."""

    places: Mapping[str, Location] = field(default_factory=dict)
    chinese: bool = False

    def name_key(self, key: str) -> str:
        """Return a key as hints name it, in the language of the file; a blank sets an English word off."""
        return CHINESE_KEYS[key] if self.chinese else f" {key}（{CHINESE_KEYS[key]}）"

    def type_key(self, key: str) -> str:
        """Return a key as it is to be typed."""
        return CHINESE_KEYS[key] if self.chinese else key


NO_KEYS = WrittenKeys()

Evidence = Mapping[str, tuple[str, ...]]
UNREAD_EVIDENCE: Evidence = {"…": ()}  # of a line whose proofs can't be read, whatever they are


class Activity(Struct, frozen=True, array_like=True):
    """An activity that was held, with its lists of members as written.

    ``present`` None means that everyone on the branch's roster that day was present, unless in another list.
    """

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
    """The seal of a ledger or correction by the branch committee (四1), or of a ballot.

    ``rulebook`` is the digest of the part of the rulebook that decides the file's effect; ``approvers`` is the digest
    of the list of allowed signers, ``list_number`` its number; approvals of earlier versions have none, and mean list
    1. The other fields link the chain that a branch's approvals form; they are None or
    empty for ballots. ``roll`` is the digest of the branch's roster in the month; ``counted`` is the digest
    of the resolved lines: the member and item that each line meant. ``serial`` numbers the organ's approvals.
    ``previous`` is the digest of the branch's approval before this one; ``records`` are the digests of the branch's
    filings and withdrawals since then; ``consent`` names the person who allowed a correction after filing. ``acting``
    is the reason why a signer was not on the roster. The signature signs everything but ``digest`` and
    ``signature``.
    """

    meeting: date
    by: str
    nonce: str
    digest: str
    where: Location
    rulebook: str | None = None
    approvers: str | None = None
    list_number: int | None = None
    signature: str | None = None
    roll: str | None = None
    counted: str | None = None
    serial: int | None = None
    previous: str | None = None
    records: tuple[str, ...] = ()
    consent: str | None = None
    acting: str | None = None


class Ledger(Struct, frozen=True):
    """A branch's month 台账 as its recorder wrote it.

    ``digest`` is the digest of the file without the approval's own; ``signed`` leaves out the signature too.
    """

    branch: WrittenName
    month: WrittenName
    recorder: str
    where: Location
    keys: WrittenKeys = NO_KEYS
    digest: str = ""
    signed: str = ""
    activities: tuple[Activity, ...] = ()
    entries: tuple[Entry, ...] = ()
    approval: Approval | None = None


class CorrectionKind(StrEnum):
    """The reason to correct a sealed month: an omission, a mistake or a falsified record (五6)."""

    OMITTED = "补录"
    MISTAKEN = "误记"
    FALSIFIED = "剔除"


class Correction(Struct, frozen=True):
    """The changes to a sealed month 更正, approved in their own right.

    ``strike`` and ``restate`` name lines: a1 is the first activity, e1 the first entry, c1.e1 the first entry that
    correction 1 added; ``whole`` strikes the whole month. ``digest`` and ``signed`` are as with a ledger.
    """

    branch: WrittenName
    month: WrittenName
    corrects: WrittenName
    recorder: str
    kind: CorrectionKind
    reason: str
    where: Location
    keys: WrittenKeys = NO_KEYS
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

    ``rests`` are the digests of the accepted approvals; ``claims`` is the digest that the file states for itself;
    ``digest`` is the digest of the file without that one. ``acting`` is as with an approval.
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
    acting: str | None = None


class Withdrawal(Struct, frozen=True):
    """The record that an approval was withdrawn: that of a ledger or correction before anything depended on it.

    It names the ``branch`` and ``month`` of the ledger, or the ``file`` of a ballot; the other is empty.
    ``withdraws`` is the digest of that approval; ``digest`` and ``claims`` are as with a filing.
    """

    withdraws: str
    meeting: date
    by: str
    on: date
    reason: str
    nonce: str
    claims: str
    where: Location
    branch: WrittenName = _NO_NAME
    month: WrittenName = _NO_NAME
    file: WrittenName = _NO_NAME
    digest: str = ""


class Reviews(Struct, frozen=True):
    """The democratic appraisal's scores of a year, 0 to 100 (五3); ``digest`` and ``signed`` are as with a ledger."""

    year: WrittenName
    scores: Mapping[WrittenName, Decimal]
    where: Location
    digest: str = ""
    signed: str = ""
    approval: Approval | None = None


class Poll(Struct, frozen=True):
    """The votes for an award 投票 (五2): the number of people who could vote, and the votes of each member."""

    award: str
    date: date
    electorate: int
    votes: Mapping[WrittenName, int]
    where: Location
    digest: str = ""
    signed: str = ""
    approval: Approval | None = None


class Honour(Struct, frozen=True):
    """An honour that the organ committee gave (五1, 五2): its day, and the members; ``period`` is what it is for."""

    award: str
    date: date
    members: tuple[WrittenName, ...]
    where: Location
    period: Period | None = None
    note: str = ""


class Honours(Struct, frozen=True):
    """The honours of a year 光荣榜 as the committee decided them; nothing is computed from them."""

    year: WrittenName
    honours: tuple[Honour, ...]
    where: Location
    digest: str = ""
    signed: str = ""
    approval: Approval | None = None


class BallotKind(StrEnum):
    """The kinds of ballots: files of the organ's that an approval seals, and that are part of no chain."""

    REVIEWS = "reviews"
    POLL = "poll"
    HONOURS = "honours"


BALLOT_TITLES = {BallotKind.REVIEWS: "民主评议得分", BallotKind.POLL: "投票", BallotKind.HONOURS: "光荣榜"}

Document: TypeAlias = Ledger | Correction

Ballot: TypeAlias = Reviews | Poll | Honours

Record: TypeAlias = Filing | Withdrawal


class AttendanceStatus(StrEnum):
    """The attendance of a member at an activity."""

    PRESENT = "present"
    LEAVE = "leave"
    ABSENT = "absent"
    EXEMPT = "exempt"


class Attendance(Struct, frozen=True):
    """A member's attendance at an activity, and the location that records it."""

    member: str
    how: AttendanceStatus
    where: Location


class ResolvedActivity(Struct, frozen=True):
    """An activity whose item is known, with the attendance of everyone it concerns, the roll written out."""

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
    """A branch's month, every name resolved and ``corrections`` applied; only one without errors is ever scored."""

    branch: str
    month: Period
    recorder: str
    held: tuple[ResolvedActivity, ...]
    credits: tuple[ResolvedEntry, ...]
    where: Location
    approval: Approval | None
    keys: WrittenKeys = NO_KEYS
    corrections: tuple[Correction, ...] = ()

    @property
    def parts(self) -> tuple[ResolvedActivity | ResolvedEntry, ...]:
        """Activities, then entries, each by position: the order in which they count (R4)."""
        return (*self.held, *self.credits)

    @property
    def sealed(self) -> bool:
        """True if the ledger and every correction in it are approved."""
        return len(self.approvals) == len(self.files)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files: the ledger, then its corrections."""
        return (self.where.file, *(correction.where.file for correction in self.corrections))

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """The approval of the month, then those of its corrections."""
        approvals = (self.approval, *(correction.approval for correction in self.corrections))
        return tuple(approval for approval in approvals if approval)


BranchMonth: TypeAlias = tuple[str, Period]
"""A branch's id and a month."""
