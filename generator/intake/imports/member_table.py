"""Tables of members 党员名单: name, branch, status and day, whatever else the table holds.

Columns that aren't among these are never kept, and no message quotes anything of them: they may hold private numbers.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from generator.core.basics import privacy, written_days
from generator.core.model.roster import MembershipStatus
from generator.core.model.table_formats import BRANCH_HEADS
from generator.intake.imports import tables
from generator.intake.imports.tables import TableCell, TableSheet
from generator.intake.text import decoding, name_order, reader
from generator.problems import Location, Problem

T = TypeVar("T")

_HEADINGS = {
    "name": ("姓名", "党员姓名", "党员", "name"),
    "branch": BRANCH_HEADS,
    "status": ("身份", "党员身份", "类别", "人员类别", "党员类别", "党员类型", "政治面貌", "status"),
    "since": ("日期", "进入日期", "转入日期", "在册日期", "进入", "date", "since"),
}
_TITLES = {"name": "姓名", "branch": "支部", "status": "身份", "since": "日期"}
_REQUIRED = ("name", "branch", "status")
_STATUSES = {
    **dict.fromkeys(("正式", "正式党员", "中共党员", "党员", "full"), MembershipStatus.FULL),
    **dict.fromkeys(("预备", "预备党员", "中共预备党员", "probationary"), MembershipStatus.PROBATIONARY),
}
_HEADING_ROWS = 20  # above the heads there may be a title and notes
_MAX_LENGTH = 100  # characters of a name or a branch's name
_NAME_WITH_AKA = re.compile(r"([^（(]+)[（(]([^（）()]+)[）)]")


class MemberRow(Struct, frozen=True):
    """A row of the table; ``place`` names it in messages. ``since`` is None where the table has no day."""

    place: str
    name: str
    branch: str
    status: MembershipStatus
    aka: str | None = None
    since: date | None = None


class MemberTable(Struct, frozen=True):
    """The rows of a table, and what of the file was not read: columns by their letters, sheets by their names."""

    rows: Sequence[MemberRow]
    unread: Sequence[str] = ()


def read_member_file(path: Path) -> tuple[MemberTable | None, list[Problem]]:
    """Read a table of members from a file of any folder."""
    return read_member_table(reader.read_bounded(path, tables.MAX_BYTES), path.name)


def read_member_table(raw: bytes, file: str) -> tuple[MemberTable | None, list[Problem]]:
    """Read a table of members, all sheets that have one; no table if there is a problem."""
    sheets, problems = tables.read_tables(raw, file)
    if problems:
        return None, problems
    rows, unread = list[MemberRow](), list[str]()
    for sheet in sheets:
        index, columns = _find_columns(sheet)
        if not columns:
            unread += [f"“{sheet.name}”表"] if sheet.rows else []
            continue
        unread += _list_unread_columns(sheet, sheet.rows[index:], columns.values())
        problems += _check_columns(file, sheet, columns)
        if all(key in columns for key in _REQUIRED):
            reader = _RowReader(file, sheet.name, {column: key for key, column in columns.items()}, problems)
            rows += filter(None, map(reader.read_row, sheet.rows[index + 1 :]))
    if not rows and not problems:
        hint = f"请在第一行写上列名：{'、'.join(_TITLES.values())}（日期可以不写），下面一行一名党员"
        problems.append(Problem(Location(file, 0), "table.no-column", "表里没有“姓名”一列，或者没有人", hint))
    problems += _find_repeated(file, rows)
    return (None if problems else MemberTable(rows, unread)), problems


def _find_columns(sheet: TableSheet) -> tuple[int, Mapping[str, int]]:
    """Return the index of the row of heads, and the column of each field that it names, the first if there are more."""
    for index, row in enumerate(sheet.rows[:_HEADING_ROWS]):
        columns: dict[str, int] = {}
        for number, cell in row.items():
            word = _normalize(cell.text or "").lower()
            for key, words in _HEADINGS.items():
                if word in words:
                    columns.setdefault(key, number)
        if "name" in columns:
            return index, columns
    return 0, {}


def _list_unread_columns(
    sheet: TableSheet, rows: Sequence[Mapping[int, TableCell]], columns: Collection[int]
) -> list[str]:
    unread = sorted({number for row in rows for number in row}.difference(columns))
    return [f"{f'“{sheet.name}”表 ' if sheet.name else ''}{tables.column_letters(number)} 列" for number in unread]


def _check_columns(file: str, sheet: TableSheet, columns: Mapping[str, int]) -> Iterator[Problem]:
    for key in _REQUIRED:
        if key not in columns:
            place = f"“{sheet.name}”表" if sheet.name else "表"
            hint = f"请加一列，列名写“{_TITLES[key]}”"
            yield Problem(Location(file, 0), "table.no-column", f"{place}里没有“{_TITLES[key]}”一列", hint)


def _find_repeated(file: str, rows: Sequence[MemberRow]) -> Iterator[Problem]:
    """Find members written twice: of one name in one branch, without a word that distinguishes them."""
    first_places: dict[tuple[str, str | None, str], str] = {}
    for row in rows:
        before = first_places.setdefault((row.name, row.aka, row.branch), row.place)
        if before != row.place:
            message = f"{row.place}的党员与{before}的同名，又同在一个支部"
            hint = "写重了的删去一行；确是两个人的，在姓名后面写上区别，如 李静（办公室）"
            yield Problem(Location(file, 0), "table.same-person", message, hint)


class _RowReader:
    """A reader of the rows of one sheet, which collects what is wrong with their cells."""

    def __init__(self, file: str, sheet: str, keys: Mapping[int, str], problems: list[Problem]) -> None:
        self.where = Location(file, 0)
        self.prefix = f"“{sheet}”表 " if sheet else ""
        self.keys = keys
        self.problems = problems

    def read_row(self, row: Mapping[int, TableCell]) -> MemberRow | None:
        """Return a row's member; None if the row has none, or a cell can't be read."""
        cells = {key: row[number] for number, key in self.keys.items() if number in row}
        if not cells:
            return None
        row_number = re.sub("[A-Z]", "", next(iter(cells.values())).address)
        place = f"{self.prefix}第 {row_number} 行"
        count = len(self.problems)
        for key in _REQUIRED:
            if key not in cells:
                self._add("table.bad-cell", f"{place}没有写“{_TITLES[key]}”", "请补上；这一行不是党员的，请删去")
        name, aka = self._read(cells, "name", _read_name) or ("", None)
        branch = self._read(cells, "branch", _read_word)
        status = self._read(cells, "status", _read_status)
        since = self._read(cells, "since", _read_day)
        if len(self.problems) > count or branch is None or status is None:
            return None
        return MemberRow(place, name, branch, status, aka, since)

    def _read(self, cells: Mapping[str, TableCell], key: str, convert: "Callable[[str], T | _Refusal]") -> T | None:
        cell = cells.get(key)
        if cell is None:
            return None
        place = f"{self.prefix}{cell.address}"
        if cell.text is None:
            hint = "请把这一格写成文字；是公式的，复制以后选择性粘贴为数值"
            self._add("table.bad-cell", f"{place}没有读得出的值", hint)
        elif privacy.find_private_number(cell.text):
            hint = "请删去号码，核对是不是列错了位；名册不记电话和证件号码"
            self._add("text.private-number", f"{place}像是身份证号或电话号码", hint)
        elif len(cell.text) > _MAX_LENGTH or decoding.find_hidden_character(cell.text):
            self._add("table.bad-cell", f"{place}太长，或有看不见的字符", "请删去后重新输入")
        else:
            value = convert(cell.text)
            if not isinstance(value, _Refusal):
                return value
            self._add("table.bad-cell", f"{place}的“{cell.text}”{value.message}", value.hint)
        return None

    def _add(self, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(self.where, code, message, hint))


class _Refusal(Struct, frozen=True):
    """The reason why a text is no value, and what to write."""

    message: str
    hint: str


def _normalize(text: str) -> str:
    """Return a word in half width and without blanks, as tables pad words of two characters."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _read_word(text: str) -> str | _Refusal:
    word = name_order.normalize_name(" ".join(text.split()))
    return name_order.close_blanks(word)


def split_name(text: str) -> tuple[str, str | None]:
    """Return a name, and the word behind it in brackets that distinguishes it from others."""
    word = name_order.normalize_name(" ".join(text.split()))
    match = _NAME_WITH_AKA.fullmatch(word)
    name, aka = (match[1].strip(), match[2].strip()) if match else (word, None)
    return name_order.close_blanks(name), aka


def _read_name(text: str) -> tuple[str, str | None] | _Refusal:
    name, aka = split_name(text)
    return (name, aka) if re.search(r"[^\W\d_]", name) else _Refusal("不是姓名", "请写党员的姓名")


def _read_status(text: str) -> MembershipStatus | _Refusal:
    status = _STATUSES.get(_normalize(text).lower())
    return status or _Refusal("不是党员的身份", "请写 正式 或 预备；不是党员的，请删去这一行")


def _read_day(text: str) -> date | _Refusal:
    reading = written_days.interpret_day(text)
    if reading is None:
        return _Refusal("不是日期", "请写成 2026-03-05 的样子，或者空着（表示一直在册）")
    return reading.day if reading.certain else _Refusal("看不准是哪一天", f"是 {reading.day} 的，请照这样写")
