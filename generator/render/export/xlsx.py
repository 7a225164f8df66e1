"""Tables as Excel workbooks: figures are figures, text stays text, heads are frozen, sheets print on A4 landscape."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from generator.problems import display_width
from generator.render.export.tables import Cell, Table, cell_text

_MAX_COLUMN_WIDTH = 60  # characters; longer texts are wrapped
_HEAD_ROWS = 2  # the rows of the title and of the heads
_FORBIDDEN_SIGNS = re.compile(r"[\[\]:*?/\\]")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_FONT = {"font_name": "宋体", "font_size": 11}
_LINED = {**_FONT, "border": 1, "border_color": "#999999", "valign": "top", "text_wrap": True}


def open_workbook(stream: io.BytesIO, title: str, created: datetime = _EPOCH) -> Workbook:
    """Return a new workbook that is written into a stream when it is closed; texts stay texts.

    Its day is part of the file: one of today's would make other bytes of the same content.
    """
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(stream, options)
    book.set_properties({"title": title, "created": created})
    return book


def tables_to_xlsx(tables: Sequence[Table]) -> bytes:
    """Return tables as the bytes of a workbook, a sheet each."""
    stream = io.BytesIO()
    book = open_workbook(stream, tables[0].title)
    styles = {
        "title": book.add_format({**_FONT, "font_size": 14, "bold": True}),
        "head": book.add_format({**_LINED, "bold": True}),
        "cell": book.add_format(_LINED),
        "day": book.add_format({**_LINED, "num_format": "yyyy-mm-dd"}),
        "note": book.add_format(_FONT),
    }
    for number, table in enumerate(tables, start=1):
        _fill_sheet(book.add_worksheet(_sheet_name(number, table.title)), table, styles)
    book.close()
    return stream.getvalue()


def _sheet_name(number: int, title: str) -> str:
    """Return a sheet's name: numbered, hence unique, without signs that Excel forbids, at most 31 characters."""
    return f"{number} {_FORBIDDEN_SIGNS.sub(' ', title)}"[:31].strip(" '")


def _fill_sheet(sheet: Worksheet, table: Table, styles: dict[str, Format]) -> None:
    sheet.write_string(0, 0, table.title, styles["title"])
    for column, text in enumerate(table.head):
        sheet.write_string(_HEAD_ROWS - 1, column, text, styles["head"])
    for number, row in enumerate(table.rows, start=_HEAD_ROWS):
        for column, value in enumerate(row):
            _write_cell(sheet, (number, column), value, styles)
    for number, note in enumerate(table.notes, start=_HEAD_ROWS + len(table.rows) + 1):
        sheet.write_string(number, 0, note, styles["note"])
    _set_up_page(sheet, table)


def _write_cell(sheet: Worksheet, place: tuple[int, int], value: Cell, styles: dict[str, Format]) -> None:
    write: Any = sheet.write_number
    if isinstance(value, str):
        write = sheet.write_string if value else sheet.write_blank
    elif isinstance(value, date):
        write = sheet.write_datetime
    elif value is None:
        write = sheet.write_blank
    write(*place, value, styles["day" if isinstance(value, date) else "cell"])


def _set_up_page(sheet: Worksheet, table: Table) -> None:
    """Set widths by the longest text; freeze title and heads on the screen and repeat them on paper."""
    for column, cells in enumerate(zip(table.head, *table.rows, strict=True)):
        longest = max(display_width(cell_text(cell)) for cell in cells)
        sheet.set_column(column, column, min(_MAX_COLUMN_WIDTH, longest + 2))
    sheet.freeze_panes(_HEAD_ROWS, 0)
    sheet.repeat_rows(0, _HEAD_ROWS - 1)
    fit_to_width(sheet)
    sheet.set_header("&R机关党委内部，不张贴、不外传")
    sheet.set_footer("&C第 &P 页，共 &N 页")


def fit_to_width(sheet: Worksheet) -> None:
    """Print a sheet on A4 in landscape, as wide as a page and as many pages long as it needs."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
