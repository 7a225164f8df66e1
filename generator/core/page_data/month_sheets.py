"""The workbook of a branch's month, which recorders fill in: its choices, its lines, and the marks by which it is read.

Keys are in a hidden row and a hidden column of each sheet: rows and columns may be sorted, moved and inserted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import Period, enclosing_period
from generator.core.ledgers import plain_lines
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import ActivityLine, EntryLine, PlacedLine
from generator.core.ledgers.validation import PERIOD_KINDS
from generator.core.model.ledger import CHINESE_KEYS, AttendanceStatus, CorrectionKind
from generator.core.model.rulebook import Item, Window
from generator.core.sealing import digests

FORMAT = "1"

# In the cell where the hidden row and the hidden column of a sheet meet.
COVER, ATTENDANCE, ENTRIES, ORIGIN = "jifenbang:cover", "jifenbang:attendance", "jifenbang:entries", "jifenbang:origin"
LABEL, HEADS = "label", "heads"  # the column of names, and the row of headings
MEMBER_PREFIX, EVIDENCE_PREFIX, EXPECTED_PREFIX = "member:", "evidence:", "expected:"

SHEET_TITLES = {COVER: "封面", ATTENDANCE: "考勤", ENTRIES: "逐条登记", ORIGIN: "jifenbang"}

RULES, CHOICES = "规则", "名单"  # sheets that are not read

MARKS = {
    AttendanceStatus.PRESENT: "到",
    AttendanceStatus.LEAVE: "假",
    AttendanceStatus.ABSENT: "缺",
    AttendanceStatus.EXEMPT: "免",
}
ROLL_WORDS = {True: "到", False: "不计"}

ACTIVITY_HEADS = {
    "item": CHINESE_KEYS["item"],
    "date": CHINESE_KEYS["date"],
    "title": CHINESE_KEYS["title"],
    "is_roll": "空格算",
    "late": CHINESE_KEYS["late"],
}
ENTRY_HEADS = {name: CHINESE_KEYS[name] for name in ("member", "item", "level", "date", "times", "note", "late")}
COVER_HEADS = {name: CHINESE_KEYS[name] for name in ("recorder", "kind", "reason")}
KINDS = [kind.value for kind in CorrectionKind]


class SheetOrigin(Struct, frozen=True):
    """The month that a workbook is for, and its sources.

    ``draft`` is the digest of the draft, or of the approval that it corrects; blank where there was no draft.
    ``corrects`` is blank where the month is not sealed. ``members``, ``activity_kinds`` and ``entry_kinds`` are the
    keys of the rows and columns that must be there, each on a line.
    """

    organ: str
    branch: str
    month: str
    rulebook: str
    roster: str
    day: str
    draft: str = ""
    corrects: str = ""
    format: str = FORMAT
    members: str = ""
    activity_kinds: str = ""
    entry_kinds: str = ""


class RuleRow(Struct, frozen=True):
    """An item as the sheet of rules shows it."""

    group: str
    title: str
    points: str
    evidence: str
    sheet: str
    clause: str
    note: str


class ItemChoice(Struct, frozen=True):
    """An item as recorders choose it: on which sheets, with which proofs and levels.

    ``roll`` is True if members without a mark were present.
    """

    title: str
    is_activity: bool
    roll: bool
    evidence: tuple[str, ...]
    levels: tuple[str, ...]


SheetLine: TypeAlias = tuple[str, Mapping[str, str]]
"""The key of a column or row, and its cells by their keys."""


class MonthSheet(Struct, frozen=True):
    """Everything in the workbook of a branch's month.

    ``members`` are labels by id, in the order of the roster; ``activity_kinds`` and ``entry_kinds`` are the titles of
    kinds of proofs by id. Among ``activities`` are those that are due, with nothing but their item.
    """

    origin: SheetOrigin
    branch_name: str
    cover: Mapping[str, str]
    members: Mapping[str, str]
    activities: tuple[SheetLine, ...]
    entries: tuple[SheetLine, ...]
    activity_kinds: Mapping[str, str]
    entry_kinds: Mapping[str, str]
    activity_items: tuple[str, ...]
    entry_items: tuple[str, ...]
    levels: tuple[str, ...]
    choices: tuple[ItemChoice, ...]
    rules: tuple[RuleRow, ...]


def make_origin(context: CheckContext, organ: str, draft: str, *, corrects: bool) -> SheetOrigin:
    """Return the origin of a workbook that is made today."""
    return SheetOrigin(
        organ,
        context.branch,
        str(context.month),
        digests.digest_scoring_rules(context.rulebook),
        digests.digest_roll(context.roster, context.branch, context.month),
        context.today.isoformat(),
        draft,
        "1" if corrects else "",
    )


def build_month_sheet(
    context: CheckContext,
    origin: SheetOrigin,
    cover: Mapping[str, str],
    lines: Sequence[PlacedLine],
    held_before: Mapping[str, int],
) -> MonthSheet:
    """Build the workbook of a month with these lines; ``held_before`` counts earlier activities of the year by item."""
    rulebook = context.rulebook
    items = plain_lines.list_held_items(context)
    activities = [(placed.label, placed.line) for placed in lines if isinstance(placed.line, ActivityLine)]
    entries = [(placed.label, placed.line) for placed in lines if isinstance(placed.line, EntryLine)]
    expected = [] if origin.corrects else _list_expected(context, [line for _, line in activities], held_before)
    members = label_members(context, lines)
    activity_kinds = _list_kinds(context, items, [line for _, line in activities])
    entry_kinds = _list_kinds(context, rulebook.items, [line for _, line in entries])
    return MonthSheet(
        origin=replace(
            origin,
            members="\n".join(members),
            activity_kinds="\n".join(activity_kinds),
            entry_kinds="\n".join(entry_kinds),
        ),
        branch_name=context.roster.branch_by_id[context.branch].named_on(context.month.last).name,
        cover=cover,
        members=members,
        activities=(
            *((label, _activity_cells(line, context)) for label, line in activities),
            *((f"{EXPECTED_PREFIX}{number}", {"item": title}) for number, title in enumerate(expected, start=1)),
        ),
        entries=tuple((label, _entry_cells(line, context)) for label, line in entries),
        activity_kinds=activity_kinds,
        entry_kinds=entry_kinds,
        activity_items=tuple(plain_lines.name_item(item.id, context) for item in items),
        entry_items=tuple(plain_lines.name_item(item.id, context) for item in rulebook.items),
        levels=tuple(dict.fromkeys(level.title for item in rulebook.items for level in item.levels)),
        choices=tuple(_make_choice(item, item in items, context) for item in rulebook.items),
        rules=tuple(_describe_item(item, context) for item in rulebook.items),
    )


def _activity_cells(line: ActivityLine, context: CheckContext) -> Mapping[str, str]:
    return {
        "item": plain_lines.name_item(line.item, context),
        "date": line.date,
        "title": line.title,
        "is_roll": ROLL_WORDS[bool(line.is_roll)],
        "late": line.late,
        **_evidence_cells(line),
        **{f"{MEMBER_PREFIX}{member}": MARKS[status] for member, status in line.marks.items()},
    }


def _entry_cells(line: EntryLine, context: CheckContext) -> Mapping[str, str]:
    return {
        "member": label_member(line.member, context),
        "item": plain_lines.name_item(line.item, context),
        "level": plain_lines.name_level(line.item, line.level, context),
        "date": line.date,
        "times": line.times,
        "note": line.note,
        "late": line.late,
        **_evidence_cells(line),
    }


def _evidence_cells(line: ActivityLine | EntryLine) -> Mapping[str, str]:
    """Return the proofs of a line by kind, each on a line of its cell."""
    return {f"{EVIDENCE_PREFIX}{kind}": "\n".join(proofs) for kind, proofs in line.evidence.items()}


def label_members(context: CheckContext, lines: Sequence[PlacedLine]) -> Mapping[str, str]:
    """Return the label of each member of the month, and of everyone in its lines, by id or the word that is written."""
    days = {context.month.last, *(plain_lines.parse_day(placed.line.date, context) for placed in lines)}
    ids = [member.id for member, _ in context.roster.members_during(context.branch, context.month)]
    ids += [member.id for day in sorted(days) for member in context.roster.members_on(context.branch, day)]
    for placed in lines:
        ids += placed.line.marks if isinstance(placed.line, ActivityLine) else [placed.line.member]
    return {member: label_member(member, context) for member in dict.fromkeys(filter(None, ids))}


def label_member(member: str, context: CheckContext) -> str:
    """Return the name of a member at the month's end, with a word in brackets if anyone else of the roster ever had it.

    The word is the ``aka``, or the id if that isn't the member's alone.
    """
    found_member = context.roster.member_by_id.get(member)
    if found_member is None:
        return member
    named = found_member.named_on(context.month.last)
    members_by_name = context.roster.members_by_name
    known_labels = [named.name, *([f"{named.name}（{named.aka}）"] if named.aka else [])]
    alone = (label for label in known_labels if len(members_by_name.get(label, ())) == 1)
    return next(alone, f"{named.name}（{member}）")


def is_label_of(label: str, member: str, context: CheckContext) -> bool:
    """Return whether a label may be that of a member, by id or the word that is written."""
    found_member = context.roster.member_by_id.get(member)
    labels = found_member.all_labels if found_member else ()
    closed = "".join(label.split())
    with_id = (f"{name}（{member}）" for name in labels)
    return any(closed == "".join(name.split()) for name in (label_member(member, context), *labels, *with_id))


def read_member_label(label: str, context: CheckContext) -> str:
    """Return the id in a label that has one, else the label."""
    name, _, member = label.removesuffix("）").rpartition("（")
    found_member = context.roster.member_by_id.get(member)
    return member if found_member and name in found_member.all_labels else label


def _list_kinds(
    context: CheckContext, items: Sequence[Item], lines: Sequence[ActivityLine | EntryLine]
) -> Mapping[str, str]:
    """Return the kinds of proofs that items demand or lines have, each with its title."""
    kinds = [kind for item in items for kind in item.evidence]
    kinds += [kind for line in lines for kind in line.evidence]
    return {kind: plain_lines.name_kind(kind, context) for kind in dict.fromkeys(kinds)}


def _list_expected(context: CheckContext, lines: Sequence[ActivityLine], held_before: Mapping[str, int]) -> list[str]:
    """Return the titles of activities that should be held by the month's end and were not yet, as often as that."""
    counts = Counter(line.item for line in lines)
    expected = list[str]()
    for item in plain_lines.list_held_items(context):
        if item.expect is None:
            continue
        window = enclosing_period(PERIOD_KINDS[item.expect.per], context.month)
        if window.last == context.month.last:
            count = item.expect.times - counts[item.id] - held_before.get(item.id, 0)
            expected += [plain_lines.name_item(item.id, context)] * max(count, 0)
    return expected


def count_held_before(context: CheckContext, months: Mapping[Period, Sequence[str]]) -> Mapping[str, int]:
    """Count the activities that earlier months of the same window held, by item; ``months`` has their items."""
    counts = Counter[str]()
    for item in plain_lines.list_held_items(context):
        if item.expect and item.expect.per is not Window.MONTH:
            window = enclosing_period(PERIOD_KINDS[item.expect.per], context.month)
            counts[item.id] = sum(
                items.count(item.id)
                for month, items in months.items()
                if month in window and month.first < context.month.first
            )
    return counts


def _make_choice(item: Item, is_activity: bool, context: CheckContext) -> ItemChoice:  # noqa: FBT001
    return ItemChoice(
        plain_lines.name_item(item.id, context),
        is_activity,
        item.roll,
        item.evidence,
        tuple(level.title for level in item.levels),
    )


def _describe_item(item: Item, context: CheckContext) -> RuleRow:
    points = "一票否决" if item.veto else format_decimal(item.points) if item.points is not None else ""
    points = "；".join(f"{level.title} {format_decimal(level.points)}" for level in item.levels) or points
    items = context.rulebook.items
    marks = [MARKS[AttendanceStatus.LEAVE]] if any(activity.leave == item.id for activity in items) else []
    marks += [MARKS[AttendanceStatus.ABSENT]] if any(activity.absent == item.id for activity in items) else []
    sheet = SHEET_TITLES[ATTENDANCE if item.is_activity else ENTRIES]
    if item.is_activity and not item.roll:
        sheet = f"{SHEET_TITLES[ATTENDANCE]}或{SHEET_TITLES[ENTRIES]}"
    return RuleRow(
        context.rulebook.group[item.group].title,
        item.title,
        points,
        "、".join(plain_lines.name_kind(kind, context) for kind in item.evidence),
        f"{SHEET_TITLES[ATTENDANCE]}里标{'、'.join(marks)}" if marks else sheet,
        item.clause,
        item.note,
    )
