"""Tables as Excel workbooks: figures are figures, text stays text, heads are frozen, sheets print on A4 landscape."""

import io
import re
from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as ExcelCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from generator.problems import display_width
from generator.render.export.tables import Cell, Table, cell_text

_MAX_COLUMN_WIDTH = 60  # characters; longer texts are wrapped
_HEAD_ROWS = 2  # the rows of the title and of the heads
_FORBIDDEN_SIGNS = re.compile(r"[\[\]:*?/\\]")
_EDGE = Side(style="thin", color="999999")
_LINES = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)


def tables_to_xlsx(tables: Sequence[Table]) -> bytes:
    """Return tables as the bytes of a workbook, a sheet each."""
    book = Workbook()
    book.properties.title = tables[0].title
    del book[book.sheetnames[0]]  # the empty sheet of a new workbook
    for number, table in enumerate(tables, start=1):
        _fill_sheet(book.create_sheet(_sheet_name(number, table.title)), table)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _sheet_name(number: int, title: str) -> str:
    """Return a sheet's name: numbered, hence unique, without signs that Excel forbids, at most 31 characters."""
    return f"{number} {_FORBIDDEN_SIGNS.sub(' ', title)}"[:31].strip(" '")


def _fill_sheet(sheet: Worksheet, table: Table) -> None:
    _write_cell(sheet.cell(1, 1), table.title, size=14, bold=True)
    for column, text in enumerate(table.head, start=1):
        _write_cell(sheet.cell(_HEAD_ROWS, column), text, bold=True, lined=True)
    for number, row in enumerate(table.rows, start=_HEAD_ROWS + 1):
        for column, value in enumerate(row, start=1):
            _write_cell(sheet.cell(number, column), value, lined=True)
    for number, note in enumerate(table.notes, start=_HEAD_ROWS + len(table.rows) + 2):
        _write_cell(sheet.cell(number, 1), note)
    _set_up_page(sheet, table)


def _write_cell(
    cell: ExcelCell | MergedCell, value: Cell, *, size: int = 11, bold: bool = False, lined: bool = False
) -> None:
    assert isinstance(cell, ExcelCell)  # nothing is merged
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl would make a formula of text that begins with =
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    cell.font = Font(name="宋体", size=size, bold=bold)
    if lined:
        cell.border = _LINES
        cell.alignment = Alignment(vertical="top", wrap_text=True)


def _set_up_page(sheet: Worksheet, table: Table) -> None:
    """Set widths by the longest text; freeze title and heads on the screen and repeat them on paper."""
    for column, cells in enumerate(zip(table.head, *table.rows, strict=True), start=1):
        longest = max(display_width(cell_text(cell)) for cell in cells)
        sheet.column_dimensions[get_column_letter(column)].width = min(_MAX_COLUMN_WIDTH, longest + 2)
    sheet.freeze_panes = f"A{_HEAD_ROWS + 1}"
    sheet.print_title_rows = f"1:{_HEAD_ROWS}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddHeader.right.text = "机关党委内部，不张贴、不外传"  # type: ignore[union-attr]  # always there
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"  # type: ignore[union-attr]  # always there
