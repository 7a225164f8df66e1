"""Tables as Excel workbooks: what is text stays text, heads are frozen, a sheet prints on A4 lying."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from generator.core.outcomes import Near, Outcome
from generator.problems import width
from generator.render import reports

_WIDEST = 60  # characters; longer texts are wrapped


def outcomes(year: int, found: Sequence[Outcome], near: Sequence[Near]) -> bytes:
    """What a year's results decide, as a workbook of one sheet."""
    return _workbook(f"{year}年度结果运用", reports.outcome_cells(found, near))


def _workbook(title: str, rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook()
    sheet = book.create_sheet(title, 0)
    del book[book.sheetnames[1]]
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value, cell.data_type = text, "s"  # a word that begins like a formula is a word
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(name="宋体", bold=number == 1)
    _set_up(sheet, rows)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _set_up(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    """Widths by the longest word; head frozen on the screen and repeated on paper."""
    for column, cells in enumerate(zip(*rows, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(map(width, cells)) + 2)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"  # type: ignore[union-attr]  # always there
