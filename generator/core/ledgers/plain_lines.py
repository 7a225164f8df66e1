"""Lines of a ledger whatever words they were written in: members, items and levels by id, days and counts as text.

A workbook shows them, and what people fill in is compared with them. A word that names nothing is kept as it is, so
that a check reports it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.ledgers import name_resolution
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.model.ledger import Activity, AttendanceStatus, Entry, Evidence, WrittenName
from generator.core.model.rulebook import Item, Level
from generator.problems import Location

_ONCE = "1"


class ActivityLine(Struct, frozen=True):
    """An activity; ``is_roll`` if members without a mark were present, None if the item decides.

    ``marks`` are by member. ``date`` is text, since people may have written something else; what is left out is blank.
    """

    item: str = ""
    date: str = ""
    title: str = ""
    is_roll: bool | None = None
    marks: Mapping[str, AttendanceStatus] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=dict)
    late: str = ""


class EntryLine(Struct, frozen=True):
    """An entry; ``times`` is blank for once."""

    member: str = ""
    item: str = ""
    date: str = ""
    level: str = ""
    times: str = ""
    note: str = ""
    evidence: Evidence = field(default_factory=dict)
    late: str = ""


PlainLine: TypeAlias = ActivityLine | EntryLine


class PlacedLine(Struct, frozen=True):
    """A line with its ``label`` in the ledger, such as a1 or c1.e2, blank for a new line, and the places of its fields.

    The place of a mark is under "member:" and the member's id, that of a kind of proof under "evidence:" and the kind,
    the whole line's under "".
    """

    label: str
    line: PlainLine
    places: Mapping[str, Location]

    def place_of(self, name: str) -> Location:
        """Return the place of a field, that of the line if it has none."""
        return self.places.get(name, self.places[""])


# --- from the words of a ledger --------------------------------------------------------------------------------------


def plain_line(line: Activity | Entry, context: CheckContext) -> PlainLine:
    """Return a line as written in the terms of the rulebook and the roster."""
    item = find_item_id(line.item.text, context)
    day, late, evidence = line.date.isoformat(), line.late or "", _plain_evidence(line.evidence, context)
    if isinstance(line, Entry):
        member = find_member_id(line.member, day, context)
        level = find_level_id(item, line.level.text, context) if line.level else ""
        return settle_line(EntryLine(member, item, day, level, str(line.times), line.note, evidence, late), context)
    lists = (
        (AttendanceStatus.PRESENT, line.present or ()),
        (AttendanceStatus.LEAVE, line.leave),
        (AttendanceStatus.ABSENT, line.absent),
        (AttendanceStatus.EXEMPT, line.exempt),
    )
    marks = {find_member_id(name, day, context): status for status, names in lists for name in names}
    return settle_line(ActivityLine(item, day, line.title, line.present is None, marks, evidence, late), context)


def _plain_evidence(evidence: Evidence, context: CheckContext) -> Evidence:
    by_kind: dict[str, tuple[str, ...]] = {}
    for word, proofs in evidence.items():
        kind = find_kind_id(word, context)
        by_kind[kind] = (*by_kind.get(kind, ()), *filter(None, proofs))
    return {kind: proofs for kind, proofs in by_kind.items() if proofs}


def settle_line(line: PlainLine, context: CheckContext) -> PlainLine:
    """Return a line in the one form that lines of the same meaning have in common."""
    if isinstance(line, EntryLine):
        return replace(line, times="" if line.times == _ONCE else line.times)
    item = context.rulebook.item.get(line.item)
    is_roll = bool(item and item.roll) if line.is_roll is None else line.is_roll
    day = parse_day(line.date, context)
    marks = {
        member: status
        for member, status in line.marks.items()
        if not (is_roll and status is AttendanceStatus.PRESENT and is_on_roll(member, day, context))
    }
    return replace(line, is_roll=is_roll, marks=marks)


def is_on_roll(member: str, day: date, context: CheckContext) -> bool:
    """Return whether an id is that of a member of the branch on a day."""
    found_member = context.roster.member_by_id.get(member)
    return found_member is not None and found_member.branch_on(day) == context.branch


def parse_day(text: str, context: CheckContext) -> date:
    """Return a day; the month's last for a text that is none, so that names can be looked up."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return context.month.last


def find_item_id(word: str, context: CheckContext) -> str:
    """Return the id of the item that a word names."""
    item = context.rulebook.items_by_name.get(word)
    return item.id if item else word


def find_level_id(item: str, word: str, context: CheckContext) -> str:
    """Return the id of the level of an item that a word names; an id wins over an equal title."""
    levels = _levels_of(item, context)
    return next((level.id for level in levels if word == level.id), "") or next(
        (level.id for level in levels if word == level.title), word
    )


def find_kind_id(word: str, context: CheckContext) -> str:
    """Return the id of the kind of proof that a word names."""
    proofs = context.rulebook.proofs
    return word if word in proofs else next((kind for kind, title in proofs.items() if title == word), word)


def find_member_id(name: WrittenName, day: str, context: CheckContext) -> str:
    """Return the id of the member whom a name means on a day."""
    members = name_resolution.find_members(name, parse_day(day, context), context)
    return members[0].id if len(members) == 1 else name.text


def _levels_of(item: str, context: CheckContext) -> Sequence[Level]:
    rule = context.rulebook.item.get(item)
    return rule.levels if rule else ()


# --- to the words of a ledger ----------------------------------------------------------------------------------------


def name_item(item: str, context: CheckContext) -> str:
    """Return the title of an item, its id where another item has that title."""
    rule = context.rulebook.item.get(item)
    return rule.title if rule and find_item_id(rule.title, context) == item else item


def name_level(item: str, level: str, context: CheckContext) -> str:
    """Return the title of a level, its id where another level has that title."""
    title = next((choice.title for choice in _levels_of(item, context) if choice.id == level), level)
    return title if find_level_id(item, title, context) == level else level


def name_kind(kind: str, context: CheckContext) -> str:
    """Return the title of a kind of proof, its id where another kind has that title."""
    title = context.rulebook.proofs.get(kind, kind)
    return title if find_kind_id(title, context) == kind else kind


def name_member(member: str, day: str, context: CheckContext) -> str:
    """Return the name of a member of the branch where it means no other member on a day; else the id."""
    found_member = context.roster.member_by_id.get(member)
    if found_member is None:
        return member
    name = found_member.named_on(parse_day(day, context)).name
    return name if find_member_id(WrittenName(name, Location("")), day, context) == member else member


def list_held_items(context: CheckContext) -> Sequence[Item]:
    """Return the items that can be held as activities."""
    return [item for item in context.rulebook.items if item.is_activity]


# --- two versions of a line ------------------------------------------------------------------------------------------


def merge_lines(before: PlainLine, filled: PlainLine) -> PlainLine:
    """Return a line with what was filled in over what it had; a blank leaves what was there."""
    merged = {name: getattr(filled, name) or getattr(before, name) for name in before.__struct_fields__}
    merged["evidence"] = {**before.evidence, **filled.evidence}
    if isinstance(before, ActivityLine) and isinstance(filled, ActivityLine):
        merged["is_roll"] = before.is_roll if filled.is_roll is None else filled.is_roll
        merged["marks"] = {**before.marks, **filled.marks}
    return type(before)(**merged)


def is_same_matter(before: PlainLine, filled: PlainLine) -> bool:
    """Return whether two lines that agree in what identifies them can be versions of one line: no wording differs.

    Neither does it for whom an activity is held, everyone or those that it lists.
    """
    names = ("title", "is_roll") if isinstance(before, ActivityLine) else ("level", "note")
    wordings = [(getattr(before, name), getattr(filled, name)) for name in names]
    return all(old == new or new in {"", None} or old == "" for old, new in wordings)


def identify_line(line: PlainLine) -> tuple[str, ...]:
    """Return what two versions of a line have in common."""
    return (line.item, line.date) if isinstance(line, ActivityLine) else (line.member, line.item, line.date)
