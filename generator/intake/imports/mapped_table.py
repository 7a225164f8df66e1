"""Tables of other systems: the texts of those columns whose heads are known, row by row.

Other columns are never kept, and no message quotes anything of them: they may hold private numbers. Every row is either
returned or reported with its number.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import TypeVar

from msgspec import Struct, field

from generator.core.basics import privacy, written_days
from generator.core.model.table_formats import TITLES, TableColumns
from generator.intake.imports import tables
from generator.intake.imports.tables import TableCell, TableSheet
from generator.intake.text import decoding
from generator.intake.text.problem_list import MAX_PROBLEMS
from generator.problems import Location, Problem, Severity

T = TypeVar("T")

HEADING_ROWS = 20  # above the heads there may be a title and notes
_MAX_LENGTH = 200  # characters of a text that is read
_MAX_RANGES = 100  # of rows in one message
_TOTAL = re.compile(r"[合总小共]\s*计|(应到|实到|出席|到会|请假|缺席|出勤|缺勤)(人数|率)?")
_NOTE = re.compile(
    r"[合总小共]计|平均|(制表|填表|填报|审核|复核|经办|登记|记录|主持|负责|统计|打印|导出|签到|签名|签字)(人|者|员|单位|时间|日期)?[:(]"
    r"|(说明|备注|附注|注|单位|盖章|日期|时间|签名|签字|支部书记|书记|党支部书记)[:(]|(应到|实到|请假|缺席)(人数)?[:0-9]"
    r"|共[0-9]+[人条行]|第[0-9]+页|以下空白"
)


class MappedRow(Struct, frozen=True):
    """A row: the name of its sheet, blank in a CSV file, its number, and its texts by what they are."""

    sheet: str
    number: int
    texts: Mapping[str, str]


class ActivityColumn(Struct, frozen=True):
    """A column with the attendance of one activity: its number, and what its heads say of each of its cells."""

    number: int
    texts: Mapping[str, str]


class HeadMatch(Struct, frozen=True):
    """The columns of a sheet whose heads are known: ``columns`` by what they have, ``doubled`` heads by the same.

    The heads are the rows from the index ``top`` to that before ``first``. ``activities`` are the columns with one of
    them each; ``with_blanks`` their empty cells mean something, too.
    """

    columns: Mapping[str, int]
    doubled: Mapping[str, Sequence[str]]
    top: int
    first: int
    activities: Sequence[ActivityColumn] = ()
    with_blanks: bool = False

    def lacks(self, expected: TableColumns) -> Sequence[str]:
        """Return the columns that must be there and are not."""
        return [key for key in expected.heads if key not in self.columns and key not in expected.optional]


class RowReport(Struct):
    """Problems of rows, those of the same words as one with all its rows; ``error_count`` counts the rows of errors."""

    file: str
    error_count: int = 0
    _rows: dict[tuple[str, str, str, Severity], list[tuple[str, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add_error(self, row: MappedRow, code: str, message: str, hint: str) -> None:
        """Add an error in a row."""
        self._rows[code, message, hint, Severity.ERROR].append((row.sheet, row.number))
        self.error_count += 1

    def add_warning(self, row: MappedRow, code: str, message: str, hint: str) -> None:
        """Add a warning of a row."""
        self._rows[code, message, hint, Severity.WARNING].append((row.sheet, row.number))

    def iterate_until_full(self, rows: Iterable[T]) -> Iterator[T]:
        """Yield rows, until there are more kinds of problems than are reported, and an error among them."""
        for row in rows:
            if self.error_count and len(self._rows) > MAX_PROBLEMS:
                return
            yield row

    def list_problems(self) -> Sequence[Problem]:
        """Return the problems, each with the rows that it concerns: the errors alone if there are too many."""
        problems = [
            # Without a line no column is shown: it only puts the problems into the order of the rows.
            Problem(Location(self.file, 0, min(places)[1]), code, f"{rows}：{message}", hint, severity)
            for (code, message, hint, severity), places in self._rows.items()
            for rows in name_rows(places)
        ]
        if not self.error_count or len(problems) <= MAX_PROBLEMS:
            return problems
        errors = [problem for problem in problems if problem.is_error][: MAX_PROBLEMS - 1]
        message, hint = "这份表里的问题太多，没有全部列出", "请先改正列出的各处，再导入一次"
        return [*errors, Problem(Location(self.file, 0), "file.too-many-problems", message, hint)]


def name_rows(places: Iterable[tuple[str, int]]) -> Iterator[str]:
    """Yield the names of rows by sheet and number, such as 第 3—5、9 行, in parts that a message can hold."""
    for sheet, group in groupby(sorted(set(places)), key=lambda place: place[0]):
        ranges: list[list[int]] = []
        for _, number in group:
            if ranges and number == ranges[-1][1] + 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
        words = [str(first) if first == last else f"{first}—{last}" for first, last in ranges]
        prefix = f"“{sheet}”表" if sheet else ""
        for start in range(0, len(words), _MAX_RANGES):
            yield f"{prefix}第 {'、'.join(words[start : start + _MAX_RANGES])} 行"


def locate_row(file: str, row: MappedRow) -> Location:
    """Return the place of a row."""
    return Location(f"{file} {row.sheet}{'!' if row.sheet else ''}第 {row.number} 行", 0)


# --- heads -----------------------------------------------------------------------------------------------------------


def match_heads(sheet: TableSheet, expected: TableColumns) -> HeadMatch | None:
    """Find the row with the head of the member's column, and the others in it and next to it; None if there is none.

    Heads in two rows, or merged, have their words above one another; a column has the head that any of these is.
    What is above several columns with heads of their own is the head of none.
    """
    keys = {normalize_word(word): key for key, words in expected.heads.items() for word in words}
    rows = [
        {number: keys[word] for number, cell in row.items() if (word := normalize_word(cell.text or "")) in keys}
        for row in sheet.rows[:HEADING_ROWS]
    ]
    for (row, heads), (below, heads_below) in pairwise(zip(sheet.rows, rows, strict=False)):
        for number in _find_group_heads(row, heads, below, heads_below):
            del heads[number]
    anchor = next((index for index, row in enumerate(rows) if "member" in row.values()), None)
    if anchor is None:
        return None
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    first = last = anchor
    _add_heads(rows, anchor, places)
    while last + 1 < len(rows) and _add_heads(rows, last + 1, places):
        last += 1
    while first > 0 and _add_heads(rows, first - 1, places):
        first -= 1
    doubled = {
        key: [sheet.rows[index][number].text or "" for index, number in cells]
        for key, cells in places.items()
        if len(cells) > 1
    }
    return HeadMatch({key: cells[0][1] for key, cells in places.items()}, doubled, first, last + 1)


def _find_group_heads(
    row: Mapping[int, TableCell],
    heads: Mapping[int, str],
    below: Mapping[int, TableCell],
    heads_below: Mapping[int, str],
) -> list[int]:
    """Return the columns of heads in a row that are above several, of which one has a known head in the row below.

    There are none if that row has anything else below another head: then it is the first with people.
    """
    ends = dict(pairwise([*sorted(row), max(below, default=0) + 1]))
    groups = [
        number
        for number in heads
        if sum(number <= column < ends[number] for column in below) > 1
        and any(number <= column < ends[number] for column in heads_below)
    ]
    remaining = heads.keys() - set(groups)
    return groups if remaining & below.keys() <= heads_below.keys() else []


def _add_heads(rows: Sequence[Mapping[int, str]], index: int, places: dict[str, list[tuple[int, int]]]) -> bool:
    """Add the heads in a row that no row has yet, and return whether there are any."""
    used_columns = {number for cells in places.values() for _, number in cells}
    new = [(number, key) for number, key in rows[index].items() if key not in places and number not in used_columns]
    for number, key in new:
        places[key].append((index, number))
    return bool(new)


def normalize_word(text: str) -> str:
    """Return a word as it is compared: in half width, small letters, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def list_unread_columns(sheet: TableSheet, match: HeadMatch) -> list[str]:
    """Return the letters of the columns that are not read."""
    numbers = {number for row in sheet.rows[max(match.first - 1, 0) :] for number in row}
    return [
        f"{f'“{sheet.name}”表 ' if sheet.name else ''}{tables.column_letters(number)} 列"
        for number in sorted(numbers.difference(match.columns.values(), (column.number for column in match.activities)))
    ]


# --- rows ------------------------------------------------------------------------------------------------------------

LEFT_OUT = "import.left-out"
BLANK_HINT = "请补上；合并的单元格只有第一行有值，请取消合并，每一行都填上"


def read_rows(
    sheet: TableSheet,
    match: HeadMatch,
    expected: TableColumns,
    required: Sequence[str],
    report: RowReport,
) -> Sequence[MappedRow]:
    """Return the rows below the heads that have all that is ``required``; report the others by their numbers.

    A row with activities comes once for each.
    """
    heads = {key: {normalize_word(word) for word in words} for key, words in expected.heads.items()}
    rows = []
    for cells in report.iterate_until_full(sheet.rows[match.first :]):
        mapped = {key: cells[number] for key, number in match.columns.items() if number in cells}
        row = MappedRow(sheet.name, next(iter(cells.values())).row_number, {})
        is_complete = all(key in mapped for key in required) and (
            not match.activities or any(column.number in cells for column in match.activities)
        )
        if reason := _find_reason(cells, mapped, heads, is_complete=is_complete):
            report.add_warning(row, LEFT_OUT, f"没有读：{reason}", "不该略过的，请改好表再导入")
            continue
        marked = [column for column in match.activities if match.with_blanks or column.number in cells]
        count = report.error_count
        texts = {key: text for key, cell in mapped.items() if (text := read_cell(row, key, cell, report)) is not None}
        for key in required:
            if key not in mapped:
                report.add_error(row, "table.bad-cell", f"没有写“{TITLES[key]}”", BLANK_HINT)
        marks = [_read_mark_cell(row, cells.get(column.number), report) for column in marked]
        if report.error_count != count:
            continue
        if not match.activities:
            rows.append(MappedRow(sheet.name, row.number, texts))
        elif not marked:
            report.add_warning(row, LEFT_OUT, "没有读：各次活动都空着", "空格有意思的，请在格式里写 blank（空格）")
        rows += [
            MappedRow(sheet.name, row.number, {**texts, **column.texts, "attendance": mark})
            for column, mark in zip(marked, marks, strict=True)
        ]
    return rows


def _read_mark_cell(row: MappedRow, cell: TableCell | None, report: RowReport) -> str:
    return (read_cell(row, "attendance", cell, report) or "") if cell else ""


def _find_reason(
    cells: Mapping[int, TableCell],
    mapped: Mapping[str, TableCell],
    heads: Mapping[str, set[str]],
    *,
    is_complete: bool,
) -> str:
    """Return why a row is none of a member's; blank if it may be one."""
    words = {key: normalize_word(cell.text or "") for key, cell in mapped.items()}
    if not mapped:
        return "要读的各列都空着"
    if all(word in heads[key] for key, word in words.items()):
        return "又写了一遍列名"
    first = unicodedata.normalize("NFKC", cells[min(cells)].text or "")
    is_total = any(_TOTAL.fullmatch(words.get(key, "")) for key in ("member", "date", "branch"))
    is_note = _NOTE.match("".join(first.split())) or (len(cells) == 1 and written_days.interpret_moment(first))
    if is_total or (is_note and not is_complete):
        return "是合计、签名或说明"
    return ""


def read_cell(row: MappedRow, key: str, cell: TableCell, report: RowReport) -> str | None:
    """Return the text of a cell; None after it was reported."""
    title = TITLES[key]
    if cell.text is None:
        hint = "请把这一格写成文字；是公式的，复制以后选择性粘贴为数值"
        report.add_error(row, "table.bad-cell", f"“{title}”没有读得出的值", hint)
    elif privacy.find_private_number(cell.text):
        hint = "请删去号码，核对是不是列错了位；台账不记电话和证件号码"
        report.add_error(row, "text.private-number", f"“{title}”里像是有身份证号或电话号码", hint)
    elif len(cell.text) > _MAX_LENGTH or decoding.find_hidden_character("".join(cell.text.split())):
        report.add_error(row, "table.bad-cell", f"“{title}”太长，或有看不见的字符", "请删去后重新输入")
    else:
        if cell.formula:
            hint = "请核对；不该是公式的，请选择性粘贴为数值"
            report.add_warning(row, "workbook.formula", f"“{title}”是公式，按算出的值读", hint)
        return " ".join(cell.text.split())
    return None
