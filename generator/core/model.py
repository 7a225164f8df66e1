"""Every frozen type of the domain.

::

    Roster ── Branch                      Rulebook ── Group
      └────── Member ── Span                └──────── Item ── Level, Expectation

    Ledger, Correction, Reviews, Poll (as written) ── Approval ◄── Filing, Withdrawal
        │       └── Activity, Entry
        │ corrections.amend, rules.resolve                  names are still words with a place
        ▼
    ValidLedger ── Held ── Attendance                       names are members, items are items
              └─── Credit
        │ scoring.lines, scoring.tally
        ▼
    Line … Tally                                            what each line earned, and what counted
        │ scoring.score, ranking.rank
        ▼
    Score … Standing                                        points, rank, last

Points are exact decimals; days are ``date``; a month is a ``Period`` of kind month. Every value of ours is a struct of
msgspec: there are millions, and it makes one ten times as fast as a frozen dataclass is made.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct, field

from generator.core.numbers import Rounding
from generator.core.periods import Kind, Period
from generator.problems import Where

# --- the roster ------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """Full member 正式党员 or probationary member 预备党员 (一1)."""

    FULL = "full"
    PROBATIONARY = "probationary"


class Branch(Struct, frozen=True):
    """A Party branch 党支部; ``until`` is the first day on which it no longer exists."""

    id: str
    name: str
    since: date = date.min
    until: date = date.max


class Span(Struct, frozen=True):
    """Days spent in one branch: from ``first``, up to but without ``until``."""

    branch: str
    first: date
    until: date


class Member(Struct, frozen=True):
    """A member and all dated changes. ``order`` sorts members who level on points (by pinyin or by strokes).

    ``reading`` are the syllables of the name in pinyin, by which it is searched.
    """

    id: str
    name: str
    spans: tuple[Span, ...]
    statuses: tuple[tuple[date, Status], ...]
    aka: str | None = None
    order: tuple[str | int, ...] = ()
    reading: tuple[str, ...] = ()

    @property
    def home(self) -> str:
        """The branch belonged to last."""
        return self.spans[-1].branch

    @property
    def since(self) -> date:
        """The first day on the organ's roster."""
        return self.spans[0].first

    @property
    def until(self) -> date:
        """The first day off the organ's roster."""
        return self.spans[-1].until

    def was_in(self, month: Period) -> bool:
        """Whether the member was on the organ's roster on any day from the first of the month to its last."""
        return self.since <= month.last and self.until > month.first

    def branch_on(self, day: date) -> str | None:
        """The branch on that day; None if off the roster."""
        for span in self.spans:
            if span.first <= day < span.until:
                return span.branch
        return None

    def status_on(self, day: date) -> Status:
        """Full or probationary on that day."""
        if len(self.statuses) == 1:
            return self.statuses[0][1]
        return [status for since, status in self.statuses if since <= day or since == self.statuses[0][0]][-1]


class Roster(Struct, frozen=True, dict=True):
    """The organ's branches and members, in the order of the file; ``whole`` is the roster that this is cut from."""

    branches: tuple[Branch, ...]
    members: tuple[Member, ...]
    whole: "Roster | None" = None

    @cached_property
    def branch(self) -> Mapping[str, Branch]:
        """Branches by id, in order."""
        return {branch.id: branch for branch in self.branches}

    @cached_property
    def position(self) -> Mapping[str, int]:
        """The place of each branch in the whole organ."""
        return self.whole.position if self.whole else {one.id: place for place, one in enumerate(self.branches)}

    @cached_property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """By branch, every branch to which anyone who ever belonged to it ever belonged, itself among them."""
        found = {
            branch: {branch} | {span.branch for member in members for span in member.spans}
            for branch, members in self.ever.items()
        }
        return {branch: tuple(sorted(homes, key=self.position.__getitem__)) for branch, homes in found.items()}

    def cut(self, branch: str) -> "Roster":
        """Everyone who ever belonged to a branch, and all branches that they ever belonged to."""
        return Roster(tuple(self.branch[one] for one in self.homes[branch]), self.ever[branch], self)

    @cached_property
    def member(self) -> Mapping[str, Member]:
        """Members by id, in order."""
        return {member.id: member for member in self.members}

    @cached_property
    def named(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each word they may be called: id, name, and name with the distinguishing ``aka`` in brackets."""
        found: dict[str, list[Member]] = {}
        for member in self.members:
            labels = {member.id, member.name}
            labels |= {f"{member.name}（{member.aka}）", f"{member.name}({member.aka})"} if member.aka else set()
            for label in labels:
                found.setdefault(label, []).append(member)
        return {label: tuple(members) for label, members in found.items()}

    @cached_property
    def ever(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each branch they ever belonged to, in order."""
        found: dict[str, list[Member]] = {branch.id: [] for branch in self.branches}
        for member in self.members:
            for home in dict.fromkeys(span.branch for span in member.spans):
                found[home].append(member)
        return {branch: tuple(members) for branch, members in found.items()}

    @cached_property
    def stays(self) -> Mapping[str, tuple[tuple[Member, Span], ...]]:
        """The same with each stay there, which may be none: a member who came back has two."""
        return {
            branch: tuple((member, span) for member in members for span in member.spans if span.branch == branch)
            for branch, members in self.ever.items()
        }

    @cached_property
    def listed(self) -> Mapping[str | None, tuple[Member, ...]]:
        """The same in the order of names; None is the organ's."""
        homes: list[tuple[str | None, tuple[Member, ...]]] = [(None, self.members), *self.ever.items()]
        return {home: tuple(sorted(members, key=lambda member: (member.order, member.id))) for home, members in homes}

    def on(self, branch: str, day: date) -> tuple[Member, ...]:
        """Who belongs to the branch on that day."""
        return tuple([member for member, span in self.stays[branch] if span.first <= day < span.until])

    def peopled(self, branch: str, month: Period) -> bool:
        """Whether anybody belonged to the branch on any day of the month."""
        first, last = month.first, month.last
        return any(span.first <= last and span.until > first for _, span in self.stays[branch])

    def during(self, branch: str, month: Period) -> tuple[tuple[Member, Span], ...]:
        """Who belonged to the branch on any day of the month, each with the days, cut to the month."""
        first, last, morrow = month.first, month.last, date.fromordinal(month.last.toordinal() + 1)
        return tuple(
            [
                (member, Span(branch, max(span.first, first), min(span.until, morrow)))
                for member, span in self.stays[branch]
                if span.first <= last and span.until > first
            ]
        )


# --- the rulebook ----------------------------------------------------------------------------------------------------


class Window(StrEnum):
    """The time over which a ceiling holds or an activity is expected."""

    CYCLE = "cycle"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    DAY = "day"


class Veto(StrEnum):
    """What a sanction does (二（三）4): zero to the end of the cycle, or a fresh start after its month."""

    CYCLE = "cycle"
    RESET = "reset"


class Ties(StrEnum):
    """Competition ranking 1, 2, 2, 4 or dense ranking 1, 2, 2, 3."""

    COMPETITION = "competition"
    DENSE = "dense"


class Scope(StrEnum):
    """Who is ranked together."""

    BRANCH = "branch"
    ORGAN = "organ"


class Group(Struct, frozen=True):
    """A part of the score with its own ceilings, such as 基础积分."""

    id: str
    title: str
    cap: Mapping[Window, Decimal] = field(default_factory=dict)


class Level(Struct, frozen=True):
    """One of an item's alternative results, such as 取得名次."""

    id: str
    title: str
    points: Decimal


class Expectation(Struct, frozen=True):
    """How often an activity should be held."""

    per: Window
    times: int


class Item(Struct, frozen=True):
    """What earns or costs points. Exactly one of ``points``, ``levels`` and ``veto`` says how."""

    id: str
    group: str
    title: str
    clause: str
    points: Decimal | None = None
    levels: tuple[Level, ...] = ()
    veto: Veto | None = None
    cap: Mapping[Window, Decimal] = field(default_factory=dict)
    roll: bool = False
    leave: str | None = None
    absent: str | None = None
    expect: Expectation | None = None
    evidence: tuple[str, ...] = ()
    note: str = ""

    @property
    def is_activity(self) -> bool:
        """Whether it can be held as an activity: a fixed award."""
        return self.points is not None and self.points > 0


class BoardRule(Struct, frozen=True):
    """A board to publish: its kind of period and who is ranked."""

    id: str
    period: Kind
    scope: Scope
    title: str = ""
    clause: str = ""


class Reading(Struct, frozen=True):
    """A choice made where the regulation is silent, in words, with the clause it explains."""

    title: str
    text: str
    clause: str = ""


class Position(StrEnum):
    """A place on a board: last as R12 has it, or among the first or last so many."""

    LAST = "last"
    TOP = "top"
    BOTTOM = "bottom"


class Condition(Struct, frozen=True):
    """A place on a board, so many times, in a row if ``consecutive``; ``among`` how many at the top or bottom."""

    board: str
    place: Position
    among: int = 1
    times: int = 1
    consecutive: bool = False


class Within(StrEnum):
    """Which periods count together: those of the assessed cycle, or of the whole probation up to its end (R16)."""

    CYCLE = "cycle"
    PROBATION = "probation"


class Effect(StrEnum):
    """What a rule does: fixes a grade, delays full membership, bars from awards; or only puts on a list."""

    GRADE = "grade"
    DELAY = "delay"
    BAR = "bar"
    TALK = "talk"
    RECOMMEND = "recommend"

    @property
    def decides(self) -> bool:
        """Whether something is decided, not only suggested."""
        return self not in {Effect.TALK, Effect.RECOMMEND}


class Consequence(Struct, frozen=True):
    """What the results decide, in words, with its clause (section 五); a rule if it says ``when``.

    It concerns ``members`` of that status on a period's last day (None: all). Any of its conditions is enough. A grade
    that is fixed, or above which nobody barred is graded, is ``grade``.
    """

    id: str
    title: str
    clause: str
    text: str
    members: Status | None = None
    when: tuple[Condition, ...] = ()
    within: Within = Within.CYCLE
    effect: Effect | None = None
    grade: str | None = None


class Quotient(Struct, frozen=True):
    """How a mean or a composite is rounded: by which rule and to a multiple of what."""

    rule: Rounding = Rounding.HALF_UP
    step: Decimal = Decimal("0.01")


class PointsScale(StrEnum):
    """How points enter the composite (R18): as they are, in per cent of all that can be earned, or up to 100."""

    RAW = "raw"
    PERCENT = "percent"
    CAPPED = "capped"


class Edge(StrEnum):
    """What a grade's largest share does with those level across its edge: none of them gets the grade, or all do."""

    NONE = "none"
    ALL = "all"


class Grade(Struct, frozen=True):
    """A grade of the annual appraisal 等次 and the composites that earn it.

    From ``at_least`` on, or only ``above``; the lowest grade has neither. ``share`` is the largest part of all who are
    appraised that may have it.
    """

    title: str
    at_least: Decimal | None = None
    above: Decimal | None = None
    share: Fraction | None = None
    edge: Edge = Edge.NONE

    def reached(self, composite: Decimal) -> bool:
        """Whether a composite is high enough."""
        if self.at_least is not None:
            return composite >= self.at_least
        return self.above is None or composite > self.above


class Appraisal(Struct, frozen=True):
    """How the annual appraisal weighs points and the democratic appraisal's score, 0 to 100 (五3, R18, R19).

    ``grades`` from the best down; none if the regulation names no thresholds.
    """

    clause: str
    points: Decimal
    review: Decimal
    scale: PointsScale = PointsScale.RAW
    rounding: Quotient = field(default_factory=Quotient)
    grades: tuple[Grade, ...] = ()


class Weight(StrEnum):
    """What sorts the candidates for an award: votes, most first, or the rank on a board."""

    VOTES = "votes"
    RANK = "rank"


class Awarding(Struct, frozen=True):
    """How an award sets votes and ranking side by side (五2): on which board, and which of both comes first."""

    clause: str
    board: str
    order: tuple[Weight, ...] = (Weight.VOTES, Weight.RANK)


class Bookkeeping(Struct, frozen=True):
    """What a branch's own ledgers are held to (五6): approved by the ``due``-th day of the month after."""

    clause: str
    due: int


class Rulebook(Struct, frozen=True, eq=False, dict=True):
    """One regulation as data. ``floor`` None means points may be negative (R6). It is equal to itself alone."""

    id: str
    title: str
    issued: date
    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    boards: tuple[BoardRule, ...]
    ties: Ties = Ties.COMPETITION
    floor: Decimal | None = None
    rounding: Quotient = field(default_factory=Quotient)
    proofs: Mapping[str, str] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    appraisal: Appraisal | None = None
    awarding: Awarding | None = None
    bookkeeping: Bookkeeping | None = None

    @cached_property
    def group(self) -> Mapping[str, Group]:
        """Groups by id."""
        return {group.id: group for group in self.groups}

    @cached_property
    def item(self) -> Mapping[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.items}

    @cached_property
    def within(self) -> Mapping[str, tuple[Item, ...]]:
        """Items by group, in order."""
        return {group.id: tuple(item for item in self.items if item.group == group.id) for group in self.groups}

    @cached_property
    def earning(self) -> frozenset[str]:
        """The items, by id, that can bring points."""
        return frozenset(
            item.id for item in self.items if item.is_activity or any(level.points > 0 for level in item.levels)
        )

    @cached_property
    def board(self) -> Mapping[str, BoardRule]:
        """Boards by id."""
        return {board.id: board for board in self.boards}

    @cached_property
    def called(self) -> Mapping[str, Item]:
        """Items by every word that names them: id and title."""
        return {item.title: item for item in self.items} | dict(self.item)


# --- a ledger as written ---------------------------------------------------------------------------------------------


class Name(Struct, frozen=True, array_like=True):
    """A word that should name a member, an item or a level, and where it stands."""

    text: str
    where: Where


_NOTHING = Name("", Where(""))

Evidence = Mapping[str, tuple[str, ...]]


class Activity(Struct, frozen=True, array_like=True):
    """Something held, and who took part."""

    item: Name
    date: date
    where: Where
    title: str = ""
    present: tuple[Name, ...] | None = None
    leave: tuple[Name, ...] = ()
    absent: tuple[Name, ...] = ()
    exempt: tuple[Name, ...] = ()
    evidence: Evidence = field(default_factory=dict)
    late: str | None = None


class Entry(Struct, frozen=True, array_like=True):
    """One member's award or deduction."""

    member: Name
    item: Name
    date: date
    where: Where
    level: Name | None = None
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
    where: Where
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

    branch: Name
    month: Name
    recorder: str
    where: Where
    digest: str = ""
    signed: str = ""
    activities: tuple[Activity, ...] = ()
    entries: tuple[Entry, ...] = ()
    approval: Approval | None = None


class Cause(StrEnum):
    """Why a sealed month is corrected: something was left out, was wrong, or was falsified (五6)."""

    OMITTED = "补录"
    MISTAKEN = "误记"
    FALSIFIED = "剔除"


class Correction(Struct, frozen=True):
    """What must change in a sealed month 更正, approved in its own right.

    ``strike`` and ``restate`` name lines: a1 is the first activity, e1 the first entry, c1.e1 the first entry that
    correction 1 added; ``whole`` strikes the month. ``digest`` and ``signed`` as with a ledger.
    """

    branch: Name
    month: Name
    corrects: Name
    recorder: str
    kind: Cause
    reason: str
    where: Where
    digest: str = ""
    signed: str = ""
    whole: bool = False
    strike: tuple[Name, ...] = ()
    restate: tuple[tuple[Name, Activity | Entry], ...] = ()
    activities: tuple[Activity, ...] = ()
    entries: tuple[Entry, ...] = ()
    approval: Approval | None = None


class Filing(Struct, frozen=True):
    """The organ committee's acceptance of a branch's quarter 备案 (四2).

    ``rests`` are the approvals that it rests on; ``digest`` is of all the file but its own, which it ``claims``.
    """

    period: Name
    branch: Name
    on: date
    by: str
    rests: tuple[str, ...]
    nonce: str
    claims: str
    where: Where
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
    where: Where
    branch: Name = _NOTHING
    month: Name = _NOTHING
    file: Name = _NOTHING
    digest: str = ""


class Reviews(Struct, frozen=True):
    """The democratic appraisal's scores of a year, 0 to 100 (五3); ``digest`` and ``signed`` as with a ledger."""

    year: Name
    scores: Mapping[Name, Decimal]
    where: Where
    digest: str = ""
    signed: str = ""
    approval: Approval | None = None


class Poll(Struct, frozen=True):
    """The votes for an award 投票 (五2): how many could vote, and the votes of each member."""

    award: str
    date: date
    electorate: int
    votes: Mapping[Name, int]
    where: Where
    digest: str = ""
    signed: str = ""
    approval: Approval | None = None


Document: TypeAlias = Ledger | Correction
Ballot: TypeAlias = Reviews | Poll
Record: TypeAlias = Filing | Withdrawal


# --- a ledger whose every name is known ------------------------------------------------------------------------------


class How(StrEnum):
    """What became of a member at an activity."""

    PRESENT = "present"
    LEAVE = "leave"
    ABSENT = "absent"
    EXEMPT = "exempt"


class Attendance(Struct, frozen=True):
    """A member at an activity, and the place that says so."""

    member: str
    how: How
    where: Where


class Held(Struct, frozen=True):
    """An activity with the attendance of everyone it concerns, the roll written out."""

    item: Item
    date: date
    title: str
    attendance: tuple[Attendance, ...]
    evidence: Evidence
    late: str | None
    where: Where


class Credit(Struct, frozen=True):
    """An entry whose member, item and level are known."""

    member: str
    item: Item
    level: Level | None
    date: date
    times: int
    note: str
    evidence: Evidence
    late: str | None
    where: Where


class ValidLedger(Struct, frozen=True):
    """A branch's month, every name known and ``corrections`` applied; only one without an error is ever scored."""

    branch: str
    month: Period
    recorder: str
    held: tuple[Held, ...]
    credits: tuple[Credit, ...]
    where: Where
    approval: Approval | None
    corrections: tuple[Correction, ...] = ()

    @property
    def parts(self) -> tuple[Held | Credit, ...]:
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


Key: TypeAlias = tuple[str, Period]
"""A branch and a month."""


# --- what comes of it ------------------------------------------------------------------------------------------------


class Line(Struct, frozen=True):
    """One score line: what it ``earned`` before ceilings, the ``points`` that counted, and why."""

    member: str
    branch: str
    month: Period
    date: date
    item: Item
    earned: Decimal
    points: Decimal
    what: str
    reason: str
    where: Where
    evidence: Evidence


class Tally(Struct, frozen=True):
    """A member's cycle: all lines in the order in which they count (R4), and the line that vetoes, if any (R5).

    ``running`` holds what counts by group after each month: 13 sums, the first of which is all zero. ``totals`` are
    the same over all groups, not below the rulebook's floor (R6).
    """

    lines: tuple[Line, ...]
    veto: Line | None
    running: tuple[Mapping[str, Decimal], ...]
    totals: tuple[Decimal, ...]


class Score(Struct, frozen=True):
    """A member's period: its points, the cycle total at its end, and the period's points by group."""

    points: Decimal
    total: Decimal
    groups: Mapping[str, Decimal]
    vetoed: bool


class Standing(Struct, frozen=True):
    """A member's place on a board. ``partial``: joined in the period (R13); ``last``: as R12 has it."""

    member: Member
    branch: str
    score: Score
    rank: int
    partial: bool
    last: bool


class Ranking(Struct, frozen=True):
    """All who are ranked together in a period; ``branch`` None is the organ; ``missing`` are ``BRANCH/YYYY-MM``."""

    period: Period
    branch: str | None
    missing: tuple[str, ...]
    standings: tuple[Standing, ...]

    @property
    def provisional(self) -> bool:
        """Whether a month is still missing (R20)."""
        return bool(self.missing)
