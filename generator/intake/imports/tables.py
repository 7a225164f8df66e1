"""Tables that people keep, as .xlsx or CSV: bytes → sheets of cells as text."""

import codecs
import csv
import io
import string
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.basics import privacy
from generator.intake.text import file_kinds
from generator.problems import Location, Problem

if TYPE_CHECKING:
    from generator.intake.imports.workbook import Sheet

MAX_BYTES = 5_000_000
_MAX_ROWS, _MAX_COLUMNS = 100_000, 100  # of a CSV file
_SAMPLE_LINES = 20  # that show what parts the columns


class TableCell(Struct, frozen=True):
    """A cell that isn't empty: its address such as ``B3`` and its text; None if that can't be known.

    ``formula`` if the text was computed.
    """

    address: str
    text: str | None
    formula: bool = False

    @property
    def row_number(self) -> int:
        """The number of its row, from 1."""
        return int(self.address.lstrip(string.ascii_uppercase))


class TableSheet(Struct, frozen=True):
    """A sheet: its name, and its rows that aren't empty, each with its cells by the number of their column from 1."""

    name: str
    rows: Sequence[dict[int, TableCell]]


def read_tables(raw: bytes, file: str) -> tuple[Sequence[TableSheet], list[Problem]]:
    """Read the sheets of a workbook, or a CSV file as a sheet without a name; none if there is a problem."""
    if raw.startswith(b"PK"):
        return _read_workbook(raw, file)
    if len(raw) > MAX_BYTES:
        return (), [_unreadable_problem(file, f"文件超过 {MAX_BYTES:,} 字节", "请只留下要读的表，另存一份")]
    if kind := file_kinds.describe_no_table(raw):
        hint = "请用 Excel 或 WPS 打开，另存为 .xlsx，不加密码；打不开的请重新导出"
        return (), [_unreadable_problem(file, f"这是{kind}", hint)]
    return _read_csv(raw, file)


def _unreadable_problem(file: str, message: str, hint: str) -> Problem:
    return Problem(Location(file, 0), "table.unreadable", message, hint)


def _read_workbook(raw: bytes, file: str) -> tuple[Sequence[TableSheet], list[Problem]]:
    from generator.intake.imports import workbook  # noqa: PLC0415  its library takes longer to import than all else

    sheets, problems = workbook.read_workbook(raw, file)
    return make_tables(sheets), problems


def make_tables(sheets: Iterable["Sheet"]) -> Sequence[TableSheet]:
    """Return the sheets of a workbook as tables."""
    tables = []
    for sheet in sheets:
        rows: dict[int, dict[int, TableCell]] = defaultdict(dict)
        for (row, column), cell in sheet.cells.items():
            rows[row][column] = TableCell(f"{column_letters(column)}{row}", _format_value(cell.value), cell.formula)
        name = privacy.cover_private_numbers(sheet.title)  # messages quote it
        tables.append(TableSheet(name, [rows[number] for number in sorted(rows)]))
    return tables


def _format_value(value: object) -> str | None:
    """Return a cell's value as it would be typed: whole numbers without a point, days as 2026-03-05."""
    if isinstance(value, date):  # or a day with a time
        return value.isoformat()
    return str(value).strip() if isinstance(value, str | int | float) else None


def _read_csv(raw: bytes, file: str) -> tuple[Sequence[TableSheet], list[Problem]]:
    text = _decode_csv(raw)
    if text is None or "\0" in text:
        return (), [_unreadable_problem(file, "这不是 .xlsx，也不是 CSV 文件", "请用 Excel 或 WPS 另存为 .xlsx")]
    first_lines = "\n".join(text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])  # a title may be above the heads
    delimiter = max(",\t;", key=first_lines.count)
    if delimiter not in first_lines:
        delimiter = max("，|", key=first_lines.count)
    try:
        rows = list(_read_csv_rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error:
        return (), [_unreadable_problem(file, "这份 CSV 的引号或换行不对", "请用 Excel 或 WPS 打开，另存为 .xlsx")]
    if len(rows) > _MAX_ROWS:
        return (), [_unreadable_problem(file, f"表里超过 {_MAX_ROWS:,} 行", "请只留下要读的各行，另存一份")]
    return [TableSheet("", [row for row in rows if row])], []


def _decode_csv(raw: bytes) -> str | None:
    """Return the text of a CSV file as editors and Chinese Excel save it; None if its encoding is another.

    UTF-16 is what Excel calls Unicode 文本.
    """
    has_mark = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _read_csv_rows(lines: Iterator[list[str]]) -> Iterator[dict[int, TableCell]]:
    for row_number, fields in enumerate(lines, start=1):
        texts = ((column, field.strip()) for column, field in enumerate(fields[:_MAX_COLUMNS], start=1))
        yield {column: TableCell(f"{column_letters(column)}{row_number}", text) for column, text in texts if text}


def column_letters(number: int) -> str:
    """Return the letters of a column by its number from 1."""
    letters = ""
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters
