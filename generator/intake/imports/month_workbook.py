"""The filled workbook of a branch's month → its lines, each field with its cell.

Rows and columns are recognised by their keys: they may have been sorted, moved or inserted. What can't be read is a
problem, and never a guess.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec import Struct

from generator.core.basics import written_days
from generator.core.basics.periods import Period
from generator.core.ledgers import plain_lines
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import ActivityLine, EntryLine, PlacedLine, PlainLine
from generator.core.model.ledger import AttendanceStatus, WrittenName
from generator.core.page_data import month_sheets
from generator.core.page_data.month_sheets import (
    ACTIVITY_HEADS,
    ATTENDANCE,
    COVER,
    COVER_HEADS,
    ENTRIES,
    ENTRY_HEADS,
    EVIDENCE_PREFIX,
    EXPECTED_PREFIX,
    FORMAT,
    HEADS,
    LABEL,
    MEMBER_PREFIX,
    ORIGIN,
    ROLL_WORDS,
    SHEET_TITLES,
    SheetOrigin,
)
from generator.intake.imports.attendance_marks import MARK_WORDS
from generator.intake.imports.mapped_table import normalize_word
from generator.intake.imports.workbook import CellReader, Sheet
from generator.problems import Cause, Location, Problem, Severity, list_words

_MARKS = {COVER, ATTENDANCE, ENTRIES}  # of sheets
_MAX_LINES = 2_000  # entries or members of a branch's month
_LABEL = re.compile(r"(?:c[1-9][0-9]*\.)?[ae][1-9][0-9]*")
_EMOJI = re.compile("[\ufe0e\ufe0f]")  # behind a sign, for its shape in colours or in black
_MARK_HINT = "到会的写 到（或 √），请假的写 假，缺席的写 缺（或 ×），免计的写 免"
_ROLL_BY_WORD = {word: is_roll for is_roll, word in ROLL_WORDS.items()}


T = TypeVar("T")


class CoverField(Struct, frozen=True):
    """A field of the cover, and its cell."""

    text: str
    where: Location


class FilledMonth(Struct, frozen=True):
    """The content of a workbook: the fields of its cover, and its activities and entries in the order of the sheets."""

    cover: Mapping[str, CoverField]
    lines: tuple[PlacedLine, ...]


class _KeyedSheet(Struct, frozen=True):
    """A sheet with the keys of its rows and columns; ``by_row`` and ``by_column`` are the places of filled cells."""

    sheet: Sheet
    row_keys: Mapping[int, str]
    column_keys: Mapping[int, str]
    by_row: Mapping[int, Sequence[int]]
    by_column: Mapping[int, Sequence[int]]


def read_origin(sheets: Sequence[Sheet], file: str) -> tuple[SheetOrigin | None, list[Problem]]:
    """Read for which branch and month a workbook was made, and from what."""
    for sheet in sheets:
        corner = next((place for place, cell in sheet.cells.items() if cell.value == ORIGIN), None)
        if corner is None:
            continue
        row, column = corner
        values = {
            str(cell.value): sheet.cells[place_row, column + 1].value
            for (place_row, place_column), cell in sheet.cells.items()
            if place_column == column and place_row > row and (place_row, column + 1) in sheet.cells
        }
        if values.get("format") != FORMAT:
            return None, [other_format_problem(str(values.get("format")), file)]
        return SheetOrigin(**{name: str(values.get(name, "")) for name in SheetOrigin.__struct_fields__}), []
    message = "这不是 jifenbang sheet 导出的工作簿，或者它的隐藏表被删去了"
    hint = "请运行 jifenbang sheet 月份，重新导出一份，把内容抄过去"
    return None, [Problem(Location(file, 0), "workbook.foreign", message, hint)]


def is_of_program(sheets: Sequence[Sheet]) -> bool:
    """Return whether a sheet has the mark of one that the program made, even if the workbook has lost its origin."""
    return any(cell.value in {*_MARKS, ORIGIN} for sheet in sheets for cell in sheet.cells.values())


def other_format_problem(other_format: str, file: str) -> Problem:
    """Make the problem of a file that another version of the program made."""
    message = f"这份文件是第 {other_format} 种格式，这里只读第 {FORMAT} 种"
    return Problem(Location(file, 0), "workbook.format", message, "请用现在的程序重新导出一份")


def read_month(
    sheets: Sequence[Sheet], file: str, origin: SheetOrigin, context: CheckContext
) -> tuple[FilledMonth | None, list[Problem]]:
    """Read a workbook's month, None if its sheets can't be recognised; it is complete only if there are no errors."""
    report = CellReader(file)
    keyed_sheets = _find_keys(sheets, report)
    if any(problem.is_error for problem in report.problems):
        return None, report.problems
    cover = _read_cover(keyed_sheets[COVER], report)
    activities = _read_activities(keyed_sheets[ATTENDANCE], origin, report, context)
    entries = _read_entries(keyed_sheets[ENTRIES], origin, report, context)
    return FilledMonth(cover, (*activities, *entries)), report.problems


# --- keys ------------------------------------------------------------------------------------------------------------


def _find_keys(sheets: Sequence[Sheet], report: CellReader) -> Mapping[str, _KeyedSheet]:
    """Return the sheets by their marks; report those that are missing, doubled or foreign, and merged cells."""
    keyed_sheets: dict[str, _KeyedSheet] = {}
    for sheet in sheets:
        corners = [place for place, cell in sheet.cells.items() if cell.value in _MARKS]
        if not corners:
            _report_foreign(sheet, report)
            continue
        mark = str(sheet.cells[corners[0]].value)
        where = sheet.place_of(*corners[0])
        if mark in keyed_sheets or len(corners) > 1:
            hint = "请删去多出来的一张，内容写在原来的表里"
            report.add_error(where, "workbook.sheet-twice", f"“{SHEET_TITLES[mark]}”有两张", hint)
            continue
        for row, column in sheet.merged[:1]:
            hint = "请取消合并，每一格都填上"
            report.add_error(sheet.place_of(row, column), "workbook.merged", "这里有合并的单元格", hint)
        keyed_sheets[mark] = _key_sheet(sheet, *corners[0])
    for mark in sorted(_MARKS - set(keyed_sheets)):
        message = f"没有“{SHEET_TITLES[mark]}”这张表，或者它隐藏的编号被删去了"
        report.add_error(Location(report.file, 0), "workbook.damaged", message, _EXPORT_AGAIN)
    return keyed_sheets


_EXPORT_AGAIN = "请重新导出一份，把填好的内容抄过去"


def _report_foreign(sheet: Sheet, report: CellReader) -> None:
    unread_titles = {SHEET_TITLES[ORIGIN], month_sheets.RULES, month_sheets.CHOICES}
    if sheet.cells and sheet.title not in unread_titles:
        hint = "要登记的请写进“考勤”或“逐条登记”"
        message = f"“{sheet.title}”不是这份工作簿的表，没有读"
        report.problems.append(
            Problem(Location(report.file, 0), "workbook.foreign-sheet", message, hint, Severity.WARNING)
        )


def _key_sheet(sheet: Sheet, corner_row: int, corner_column: int) -> _KeyedSheet:
    by_row, by_column = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    row_keys, column_keys = dict[int, str](), dict[int, str]()
    for (row, column), cell in sheet.cells.items():
        if row == corner_row:
            column_keys[column] = str(cell.value)
        elif column == corner_column:
            row_keys[row] = str(cell.value)
        else:
            by_row[row].append(column)
            by_column[column].append(row)
    return _KeyedSheet(sheet, row_keys, column_keys, dict(sorted(by_row.items())), dict(sorted(by_column.items())))


def _invert_keys(
    keys: Mapping[int, str],
    expected: Sequence[str],
    where: Callable[[int], Location],
    report: CellReader,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, int]:
    """Return the row or column of each key that must be there once; ``names`` are those of some keys."""
    counts = Counter(keys.values())
    places = {key: place for place, key in keys.items()}
    for key in expected:
        if counts[key] > 1:
            hint = "请删去抄出来的一份，内容写在原来的地方"
            report.add_error(where(places[key]), "workbook.key-twice", "这一行或这一列有两份", hint)
    if missing := [key for key in expected if key not in places]:
        sheet = where(1).file.rpartition("!")[0]
        named = "、".join(names.get(key) or _name_key(key) for key in missing[:5])
        message = f"有 {len(missing)} 行或列被删去了：{named}"
        report.add_error(Location(sheet, 0), "workbook.damaged", message, _EXPORT_AGAIN)
    return places


def _name_key(key: str) -> str:
    heads = {**ACTIVITY_HEADS, **ENTRY_HEADS, **COVER_HEADS}
    return heads.get(key) or key.removeprefix(MEMBER_PREFIX).removeprefix(EVIDENCE_PREFIX)


def _take_label(key: str, seen: set[str]) -> str:
    """Return the label in a key; blank if it has none, or if it was copied along."""
    label = key if _LABEL.fullmatch(key) and key not in seen else ""
    seen.add(key)
    return label


# --- sheets ----------------------------------------------------------------------------------------------------------


def _read_cover(keyed: _KeyedSheet, report: CellReader) -> Mapping[str, CoverField]:
    sheet = keyed.sheet
    columns = _invert_keys(keyed.column_keys, ["value"], lambda column: sheet.place_of(1, column), report)
    rows = _invert_keys(keyed.row_keys, ["recorder"], lambda row: sheet.place_of(row, 1), report)
    if "value" not in columns:
        return {}
    return {
        name: CoverField(
            report.read_text(sheet, rows[name], columns["value"]), sheet.place_of(rows[name], columns["value"])
        )
        for name in COVER_HEADS
        if name in rows
    }


def _read_activities(
    keyed: _KeyedSheet, origin: SheetOrigin, report: CellReader, context: CheckContext
) -> Iterator[PlacedLine]:
    sheet = keyed.sheet
    kinds = [f"{EVIDENCE_PREFIX}{kind}" for kind in origin.activity_kinds.split("\n") if kind]
    members = [f"{MEMBER_PREFIX}{member}" for member in origin.members.split("\n") if member]
    columns = _invert_keys(keyed.column_keys, [LABEL], lambda column: sheet.place_of(1, column), report)
    if LABEL not in columns:
        return
    names = {key: month_sheets.label_member(key.removeprefix(MEMBER_PREFIX), context) for key in members}
    places = partial(sheet.place_of, column=columns[LABEL])
    rows = _invert_keys(keyed.row_keys, [*ACTIVITY_HEADS, *kinds, *members], places, report, names)
    if not rows.keys() >= ACTIVITY_HEADS.keys():
        return
    heads = {row: key for key, row in rows.items() if key in {*ACTIVITY_HEADS, *kinds}}
    member_rows = dict(_read_members(keyed, heads, columns[LABEL], report, context))
    seen = set[str]()
    for column, filled_rows in keyed.by_column.items():
        if column == columns[LABEL] or not any(row in heads or row in member_rows for row in filled_rows):
            continue
        key, cells = keyed.column_keys.get(column, ""), _LineCells(sheet, report, context, {})
        # Of a blank field, too.
        cells.places.update({head: sheet.place_of(row, column) for row, head in heads.items()})
        cells.places[""] = sheet.place_of(rows["item"], column)
        if key.startswith(EXPECTED_PREFIX) and list(filled_rows) == [rows["item"]]:
            title = report.read_text(sheet, rows["item"], column)
            report.problems.append(_not_held(title, cells.places[""], context))
            continue
        cells.places["date"] = sheet.place_of(rows["date"], column)  # blank ones, too
        fields: dict[str, Any] = {"evidence": {}, "marks": {}}
        for row in filled_rows:
            if row in heads:
                cells.read_field(heads[row], (row, column), fields)
        for row in filled_rows:  # after the date, by which names are looked up
            if row in member_rows and (mark := cells.read_mark((row, column))):
                _add_mark(member_rows[row], mark, fields, cells, sheet.place_of(row, column))
        yield _finish(ActivityLine, _take_label(key, seen), fields, cells)


def _not_held(title: str, where: Location, context: CheckContext) -> Problem:
    """Return the warning of an activity that was listed beforehand and not filled in."""
    hint = "开展了的请填日期，再导入一次；没有开展的可以不理"
    cause = Cause("预先列出的活动没有填日期，没有写进台账", hint, unit="次")
    message = f"预先列出的“{title}”没有填日期，没有写进台账"
    branch = context.roster.branch_by_id[context.branch].name
    return Problem(where, "workbook.not-held", message, hint, Severity.WARNING, cause, (branch, title))


def _read_members(
    keyed: _KeyedSheet, heads: Mapping[int, str], label_column: int, report: CellReader, context: CheckContext
) -> Iterator[tuple[int, str]]:
    """Yield the member of each row of marks: the id, or the name that was written into a new row."""
    sheet = keyed.sheet
    for row, columns in keyed.by_row.items():
        if row in heads:
            continue
        key = keyed.row_keys.get(row, "")
        label = report.read_text(sheet, row, label_column)
        where = sheet.place_of(row, label_column)
        if not label:
            if list(columns) != [label_column]:
                report.add_error(
                    sheet.place_of(row, columns[0]), "workbook.stray", "这一行没有姓名", "请写上姓名，或清空这一行"
                )
        elif not key.startswith(MEMBER_PREFIX):
            yield row, month_sheets.read_member_label(label, context)
        elif month_sheets.is_label_of(label, key.removeprefix(MEMBER_PREFIX), context):
            yield row, key.removeprefix(MEMBER_PREFIX)
        else:
            key_label = month_sheets.label_member(key.removeprefix(MEMBER_PREFIX), context)
            message = f"这一行写的是“{label}”，隐藏的编号却是“{key_label}”的"
            hint = "请把姓名改回去；排序请选整行，要加的人写在新的一行"
            report.add_error(where, "workbook.row-mixed", message, hint)


def _add_mark(
    word: str, mark: AttendanceStatus, fields: Mapping[str, Any], cells: "_LineCells", where: Location
) -> None:
    """Add the mark of a member, of whom there may be only one."""
    member = plain_lines.find_member_id(WrittenName(word, where), fields.get("date", ""), cells.context)
    if member in fields["marks"]:
        name = month_sheets.label_member(member, cells.context)
        cells.report.add_error(where, "workbook.key-twice", f"“{name}”有两行，都写了出勤", "请只留一行")
    fields["marks"][member] = mark
    cells.places[f"{MEMBER_PREFIX}{member}"] = where


def _read_entries(
    keyed: _KeyedSheet, origin: SheetOrigin, report: CellReader, context: CheckContext
) -> Iterator[PlacedLine]:
    sheet = keyed.sheet
    kinds = [f"{EVIDENCE_PREFIX}{kind}" for kind in origin.entry_kinds.split("\n") if kind]
    columns = _invert_keys(keyed.column_keys, [*ENTRY_HEADS, *kinds], lambda column: sheet.place_of(1, column), report)
    keys = {column: key for key, column in columns.items() if key in {*ENTRY_HEADS, *kinds}}
    seen = set[str]()
    lines = [row for row in keyed.by_row if keyed.row_keys.get(row) != HEADS]
    if len(lines) > _MAX_LINES:
        message = f"写了 {len(lines)} 条，最多 {_MAX_LINES} 条"
        report.add_error(sheet.place_of(lines[0], 1), "workbook.too-many-lines", message, "请核对是不是重复粘贴了")
        return
    for row in lines:
        cells = _LineCells(sheet, report, context, {name: sheet.place_of(row, at) for at, name in keys.items()})
        cells.places[""] = sheet.place_of(row, min(keyed.by_row[row]))
        fields: dict[str, Any] = {"evidence": {}}
        for column in keyed.by_row[row]:
            if column in keys:
                cells.read_field(keys[column], (row, column), fields)
            else:
                hint = "请写进有标题的列，或清空这一格"
                report.add_error(sheet.place_of(row, column), "workbook.stray", "这一列不是这张表的", hint)
        if any(column in keys for column in keyed.by_row[row]):
            yield _finish(EntryLine, _take_label(keyed.row_keys.get(row, ""), seen), fields, cells)


def _finish(make: type[PlainLine], label: str, fields: Mapping[str, Any], cells: "_LineCells") -> PlacedLine:
    """Make a line, with ids for the words that name something."""
    item = plain_lines.find_item_id(fields.get("item", ""), cells.context)
    named = {**fields, "item": item}
    if make is EntryLine:
        word = month_sheets.read_member_label(fields.get("member", ""), cells.context)
        member = WrittenName(word, cells.places[""])
        named["member"] = plain_lines.find_member_id(member, fields.get("date", ""), cells.context)
        named["level"] = plain_lines.find_level_id(item, fields.get("level", ""), cells.context)
    return PlacedLine(label, make(**named), cells.places)


class _LineCells(Struct, frozen=True):
    """The cells of one line, and the places of its fields as they are read."""

    sheet: Sheet
    report: CellReader
    context: CheckContext
    places: dict[str, Location]

    def read_field(self, key: str, cell: tuple[int, int], fields: dict[str, Any]) -> None:
        """Read one field into ``fields``."""
        sheet, report = self.sheet, self.report
        self.places[key] = sheet.place_of(*cell)
        if key.startswith(EVIDENCE_PREFIX):
            fields["evidence"][key.removeprefix(EVIDENCE_PREFIX)] = report.read_lines(sheet, *cell)
        elif key == "date":
            fields[key] = self._read_day(cell)
        elif key == "times":
            fields[key] = unicodedata.normalize("NFKC", report.read_figure(sheet, *cell))
        elif key == "is_roll":
            word = report.read_text(sheet, *cell)
            fields[key] = self._choose(word, _ROLL_BY_WORD, cell)
        else:
            fields[key] = report.read_text(sheet, *cell)

    def read_mark(self, cell: tuple[int, int]) -> AttendanceStatus | None:
        """Read a mark of attendance."""
        value = self.report.peek(self.sheet, *cell)
        if isinstance(value, bool):
            word = str(value).upper()  # as spreadsheets show it
        elif isinstance(value, str) and _EMOJI.sub("", value).strip() in MARK_WORDS:
            word = _EMOJI.sub("", value)
        else:
            word = self.report.read_figure(self.sheet, *cell)
        mark = MARK_WORDS.get(normalize_word(word))
        if word and mark is None:
            message = f"“{word}”看不出是到、假、缺还是免"
            self.report.add_error(self.sheet.place_of(*cell), "field.bad-choice", message, _MARK_HINT)
        return mark

    def _choose(self, word: str, values: Mapping[str, T], cell: tuple[int, int]) -> T | None:
        if word and word not in values:
            where = self.sheet.place_of(*cell)
            self.report.add_error(where, "field.bad-choice", f"这里不能写“{word}”", list_words(values))
        return values.get(word)

    def _read_day(self, cell: tuple[int, int]) -> str:
        """Read a day: one of the spreadsheet's, or text that leaves no other reading; else the text itself."""
        value, month = self.report.read_day(self.sheet, *cell), self.context.month
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, int):
            day = self.sheet.day_of_serial(value)
            if day and month.first <= day <= month.last:
                return day.isoformat()
            hint = f"如果是 {day}，请照这样写，并请核对" if day else "请写成 年-月-日，例如 2026-03-05"
            where = self.sheet.place_of(*cell)
            self.report.add_error(where, "field.bad-date", f"“{value}”不是规定的日期写法", hint)
            return str(value)
        return settle_day(value, month)


def settle_day(text: str, month: Period) -> str:
    """Return a day that was written in a month's ledger in the one spelling; the text itself if there is a doubt."""
    # A serial number as text may be of either system of dates.
    is_serial = re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", unicodedata.normalize("NFKC", text)) is not None
    reading = None if is_serial else written_days.interpret_day(text, month.year, month)
    return reading.day.isoformat() if reading and reading.certain else text
