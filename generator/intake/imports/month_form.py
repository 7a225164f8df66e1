"""The saved form of a branch's month (JSON) → the sheets of a workbook, which are read as one.

The form is a page that opens without the program: its file may be from any editor, and nothing in it is believed.
"""

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from generator.core.page_data.month_sheets import (
    ACTIVITY_HEADS,
    ATTENDANCE,
    COVER,
    COVER_HEADS,
    ENTRIES,
    ENTRY_HEADS,
    EVIDENCE_PREFIX,
    FORMAT,
    LABEL,
    MEMBER_PREFIX,
    SHEET_TITLES,
    MonthSheet,
    SheetOrigin,
)
from generator.intake.imports import month_workbook, workbook
from generator.intake.imports.workbook import CellValue, Sheet
from generator.problems import Location, Problem, replace_invisible

MAX_BYTES = 2_000_000
_MAX_LINES = 2_000  # activities, entries or members
_MAX_LABEL = 20  # characters of a name in messages


class _Line(Struct, frozen=True, forbid_unknown_fields=True):
    """An activity or an entry: the key of its column or row, and its cells by their keys."""

    key: str
    cells: dict[str, str]


class _Member(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of marks: its key, which the cells in it have too, and the name in it."""

    key: str
    label: str


class FilledForm(Struct, frozen=True, forbid_unknown_fields=True, rename={"kind": "jifenbang"}):
    """A saved form; ``saved`` is the time by the recorder's clock."""

    kind: str
    saved: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$")]
    origin: SheetOrigin
    cover: dict[str, str]
    members: list[_Member]
    activities: list[_Line]
    entries: list[_Line]


KIND = "form"


class _FormSheet(Sheet, frozen=True):
    """A sheet of a form: ``rows`` and ``columns`` are the words by which people know its parts.

    ``row_first`` if a row holds a line.
    """

    rows: Mapping[int, str] = MappingProxyType({})
    columns: Mapping[int, str] = MappingProxyType({})
    row_first: bool = False

    def place_of(self, row: int, column: int) -> Location:
        """Return the place of a field."""
        words = self.columns.get(column, ""), self.rows.get(row, "")
        return Location(" ".join(filter(None, [self.file, self.title, *(words[::-1] if self.row_first else words)])), 0)


def is_form(raw: bytes) -> bool:
    """Return whether a file looks like a saved form."""
    return raw.lstrip()[:1] == b"{"


def read_form(raw: bytes, file: str) -> tuple[FilledForm | None, list[Problem]]:
    """Read a saved form; None if it is none."""
    if len(raw) > MAX_BYTES:
        return None, [_unreadable(file, f"文件超过 {MAX_BYTES:,} 字节，没有读")]
    try:
        form = msgspec.json.decode(raw, type=FilledForm)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None, [_unreadable(file, "这不是填报页保存的文件，或者被改动过")]
    if max(len(form.members), len(form.activities), len(form.entries)) > _MAX_LINES:
        return None, [_unreadable(file, f"填的条数太多（超过 {_MAX_LINES:,}），没有读")]
    if form.origin.format != FORMAT:
        return None, [month_workbook.other_format_problem(form.origin.format, file)]
    if form.kind != KIND or not _has_known_cells(form):
        return None, [_unreadable(file, "这不是填报页保存的文件，或者被改动过")]
    return form, []


def _unreadable(file: str, message: str) -> Problem:
    hint = "请用浏览器打开填报页，读入上次保存的文件，核对以后再保存一次"
    return Problem(Location(file, 0), "form.unreadable", message, hint)


def _has_known_cells(form: FilledForm) -> bool:
    """Return whether each cell is one that the form has: what is in another would be lost."""
    members = {member.key for member in form.members}
    return (
        form.cover.keys() <= COVER_HEADS.keys()
        and all(_is_known(key, {*ACTIVITY_HEADS, *members}) for line in form.activities for key in line.cells)
        and all(_is_known(key, ENTRY_HEADS) for line in form.entries for key in line.cells)
        and len(members) == len(form.members)
    )


def _is_known(key: str, keys: Container[str]) -> bool:
    return key in keys or key.startswith(EVIDENCE_PREFIX)


def make_untouched_sheets(sheet: MonthSheet) -> tuple[Sequence[Sheet], list[Problem]]:
    """Return the sheets of a form in which nothing was changed; none if it can't be read again."""
    lines = [[_Line(key, dict(cells)) for key, cells in listed] for listed in (sheet.activities, sheet.entries)]
    members = [_Member(f"{MEMBER_PREFIX}{member}", label) for member, label in sheet.members.items()]
    saved = f"{sheet.origin.month}-01T00:00:00"
    form = FilledForm(KIND, saved, sheet.origin, dict(sheet.cover), members, *lines)
    read, problems = read_form(msgspec.json.encode(form), sheet.branch_name)
    return make_sheets(read, sheet.branch_name) if read else (), problems


def make_sheets(form: FilledForm, file: str) -> Sequence[Sheet]:
    """Return the sheets that a workbook of the same content has."""
    cover = [["value"], *([text] for text in form.cover.values())]
    cover_words = dict(enumerate([COVER_HEADS[name] for name in form.cover], start=2))
    return [
        _make_sheet(file, COVER, ["", *form.cover], cover, (cover_words, {})),
        _make_attendance(form, file),
        _make_entries(form, file),
    ]


def _make_attendance(form: FilledForm, file: str) -> Sheet:
    """Make the sheet with an activity a column: heads and kinds of proof, then members, each a row."""
    kinds = _list_kinds(form.activities, form.origin.activity_kinds)
    heads = [*ACTIVITY_HEADS, *kinds]
    rows = [[LABEL, *(line.key for line in form.activities)]]
    rows += [["", *(line.cells.get(key, "") for line in form.activities)] for key in heads]
    rows += [[member.label, *(line.cells.get(member.key, "") for line in form.activities)] for member in form.members]
    # The row of a person who was written in has no key: the name in it is looked up.
    keys = [member.key if member.key.startswith(MEMBER_PREFIX) else "" for member in form.members]
    words = [*ACTIVITY_HEADS.values(), *map(_name_kind, kinds), *(_shorten(member.label) for member in form.members)]
    columns = {number: f"第 {number - 2} 次活动" for number in range(3, len(form.activities) + 3)}
    return _make_sheet(file, ATTENDANCE, ["", *heads, *keys], rows, (dict(enumerate(words, start=2)), columns))


def _make_entries(form: FilledForm, file: str) -> Sheet:
    """Make the sheet with an entry a row."""
    keys = [*ENTRY_HEADS, *_list_kinds(form.entries, form.origin.entry_kinds)]
    rows = [keys, *([line.cells.get(key, "") for key in keys] for line in form.entries)]
    words = {number: f"第 {number - 1} 条" for number in range(2, len(rows) + 1)}
    columns = {number: ENTRY_HEADS.get(key) or _name_kind(key) for number, key in enumerate(keys, start=2)}
    return _make_sheet(file, ENTRIES, ["", *(line.key for line in form.entries)], rows, (words, columns))


def _list_kinds(lines: Sequence[_Line], expected: str) -> Sequence[str]:
    """Return the keys of the kinds of proof that must be there, and of those that lines have."""
    kinds = [f"{EVIDENCE_PREFIX}{kind}" for kind in expected.split("\n") if kind]
    kinds += [key for line in lines for key in line.cells if key.startswith(EVIDENCE_PREFIX)]
    return list(dict.fromkeys(kinds))


def _name_kind(key: str) -> str:
    return key.removeprefix(EVIDENCE_PREFIX)


def _shorten(label: str) -> str:
    return replace_invisible(label[:_MAX_LABEL])


def _make_sheet(
    file: str,
    mark: str,
    row_keys: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: tuple[Mapping[int, str], Mapping[int, str]],
) -> Sheet:
    """Make a sheet whose first column has the keys of rows; the mark is in its corner.

    ``words`` are those by which people know its rows and its columns.
    """
    cells = {
        (number, column): CellValue(text)
        for number, (key, row) in enumerate(zip(row_keys, rows, strict=True), start=1)
        for column, text in enumerate([key, *row], start=1)
        if text.strip()
    }
    cells[1, 1] = CellValue(mark)
    rows_by_number, columns = words
    return _FormSheet(
        file, SHEET_TITLES[mark], cells, (), workbook.EPOCH, rows_by_number, columns, row_first=mark == ENTRIES
    )
