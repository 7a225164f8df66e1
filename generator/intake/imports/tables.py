"""Tables that people keep, as .xlsx or CSV: bytes → sheets of cells as text, within bounds."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any

from msgspec import Struct

from generator.problems import Location, Problem

MAX_BYTES = 5_000_000  # of the file
_MAX_UNPACKED_BYTES = 30_000_000
_MAX_PARTS = 100
_MAX_CELLS = 500_000  # of a sheet, empty ones within it counted
_MAX_ROWS, _MAX_COLUMNS = 100_000, 100  # of a CSV file
_DOCTYPE = re.compile(
    rb"<\0?\0?\0?!\0*D\0*O\0*C\0*T\0*Y\0*P\0*E", re.IGNORECASE
)  # UTF-16 and UTF-32 have zeros between
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class TableCell(Struct, frozen=True):
    """A cell that isn't empty: its address such as ``B3`` and its text; None for a formula without a value."""

    address: str
    text: str | None


class TableSheet(Struct, frozen=True):
    """A sheet: its name, and its rows that aren't empty, each with its cells by the number of their column from 1."""

    name: str
    rows: Sequence[dict[int, TableCell]]


def read_tables(raw: bytes, file: str) -> tuple[Sequence[TableSheet], list[Problem]]:
    """Read the sheets of a workbook, or a CSV file as a sheet without a name; none if there is a problem."""
    try:
        if len(raw) > MAX_BYTES:
            return (), [_unreadable_problem(file, f"文件超过 {MAX_BYTES:,} 字节", "请只留下要读的表，另存一份")]
        if raw.startswith(_OLD_EXCEL):
            return (), [_unreadable_problem(file, "这是旧的 .xls 格式", "请用 Excel 或 WPS 另存为 .xlsx")]
        if not raw.startswith(b"PK"):
            return _read_csv(raw, file)
        if message := _find_excess(raw):
            return (), [_unreadable_problem(file, message, "请新建一个工作簿，只把要读的表粘贴进去，再存为 .xlsx")]
        return _read_workbook(raw, file)
    except Exception:  # noqa: BLE001  what the libraries raise for a damaged file is anything
        return (), [
            _unreadable_problem(file, "读不了这个文件，可能已损坏或加了密码", "请用 Excel 或 WPS 打开，另存为 .xlsx")
        ]


def _unreadable_problem(file: str, message: str, hint: str) -> Problem:
    return Problem(Location(file, 0), "table.unreadable", message, hint)


def _find_excess(raw: bytes) -> str:
    """Return why a workbook isn't unpacked; empty if it may be."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = archive.infolist()
        if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED_BYTES:
            return "工作簿里的内容太多"
        # A document type may define entities without end; workbooks have none.
        is_odd = any(_DOCTYPE.search(archive.read(part)) for part in parts if part.filename.endswith((".xml", ".rels")))
        return "工作簿里有不该有的内容（DOCTYPE）" if is_odd else ""


def _read_workbook(raw: bytes, file: str) -> tuple[Sequence[TableSheet], list[Problem]]:
    from openpyxl import load_workbook  # noqa: PLC0415  it takes longer to import than everything else

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that it doesn't keep, in English; nothing is saved
        # Not its read-only mode, which believes the size that a sheet says it has.
        values = load_workbook(io.BytesIO(raw), data_only=True).worksheets
        formulas = load_workbook(io.BytesIO(raw)).worksheets
    sheets = []
    for sheet, with_formulas in zip(values, formulas, strict=True):
        if sheet.max_row * sheet.max_column > _MAX_CELLS:
            message = f"“{sheet.title}”表用到了第 {sheet.max_row:,} 行、第 {sheet.max_column:,} 列，太大了"
            hint = "请把表下面、右边的空行、空列整个删去，再存一次；人很多的，分成几张表"
            return (), [_unreadable_problem(file, message, hint)]
        rows = zip(sheet.iter_rows(), with_formulas.iter_rows(), strict=True)
        cells = [list(zip(*pair, strict=True)) for pair in rows]
        sheets.append(TableSheet(sheet.title, [row for pairs in cells if (row := _read_row(pairs))]))
    return sheets, []


def _read_row(pairs: Sequence[tuple[Any, Any]]) -> dict[int, TableCell]:
    """Return the cells of a row that aren't empty, each read with its value and with its formula."""
    row = {}
    for number, (cell, formula) in enumerate(pairs, start=1):
        text = _format_value(cell.value)
        if text or formula.data_type == "f":
            row[number] = TableCell(cell.coordinate, text or None)
    return row


def _format_value(value: object) -> str:
    """Return a cell's value as it would be typed: whole numbers without a point, days as 2026-03-05."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _read_csv(raw: bytes, file: str) -> tuple[Sequence[TableSheet], list[Problem]]:
    text = _decode_csv(raw)
    if text is None or "\0" in text:
        return (), [_unreadable_problem(file, "这不是 .xlsx，也不是 CSV 文件", "请用 Excel 或 WPS 另存为 .xlsx")]
    first_line = text.partition("\n")[0]
    delimiter = max(",\t;", key=first_line.count)
    rows = list(_read_csv_rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    if len(rows) > _MAX_ROWS:
        return (), [_unreadable_problem(file, f"表里超过 {_MAX_ROWS:,} 行", "请只留下要读的各行，另存一份")]
    return [TableSheet("", [row for row in rows if row])], []


def _decode_csv(raw: bytes) -> str | None:
    """Return the text of a CSV file as editors and Chinese Excel save it; None if it is neither UTF-8 nor GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
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
