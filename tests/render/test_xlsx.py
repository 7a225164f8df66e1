"""Tables as Excel workbooks: how a sheet is set up for the screen and for paper."""

import io
import re
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from generator.render.export import xlsx
from generator.render.export.tables import Table

LONG = Table(
    title="一张长表",
    head=("序号", "姓名", *(f"第{number}项" for number in range(1, 19))),
    rows=tuple((number, f"党员{number}", *([Decimal("1.5")] * 18)) for number in range(1, 301)),
    notes=("注一", "注二"),
)


def opened(*tables: Table) -> Workbook:
    return load_workbook(io.BytesIO(xlsx.tables_to_xlsx(tables)))


def test_a_sheet_fits_the_width_of_a4_lying_and_takes_as_many_pages_as_its_rows_need():
    (sheet,) = opened(LONG).worksheets
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    setup = sheet.page_setup
    assert (setup.orientation, str(setup.paperSize)) == ("landscape", sheet.PAPERSIZE_A4)
    # None: Excel takes 1, the one sheet across; 0 is as many sheets as it takes, of which 1 would make one.
    assert (setup.fitToWidth in {None, 1}, setup.fitToHeight) == (True, 0)
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$2", "A3")
    assert sheet.oddHeader.right.text == "机关党委内部，不张贴、不外传"
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"


@pytest.mark.needs("soffice")
@pytest.mark.needs("pdftotext")
def test_a_long_table_is_printed_on_several_pages_under_its_head_and_no_column_is_lost(tmp_path: Path):
    file = tmp_path / "a.xlsx"
    file.write_bytes(xlsx.tables_to_xlsx([LONG]))
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, file]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = [re.sub(r"\s", "", page) for page in text.split("\f")[:-1]]
    assert 5 <= len(pages) <= 15  # 300 rows on one page could be read by nobody
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页，共{len(pages)}页" in page
        assert "一张长表" in page
        assert "姓名" in page
        assert "第18项" in page
    assert [number for number in range(1, 301) if f"党员{number}1.5" not in "".join(pages)] == []
    assert "注二" in pages[-1]


def test_a_cell_keeps_what_it_is():
    row = (1, Decimal("2.50"), date(2026, 1, 5), "=1+1", None)
    (sheet,) = opened(Table("表", ("甲", "乙", "丙", "丁", "戊"), (row,))).worksheets
    written = [sheet.cell(3, column) for column in range(1, 6)]
    assert [cell.data_type for cell in written[:4]] == ["n", "n", "d", "s"]
    assert [written[place].value for place in (0, 1, 3, 4)] == [1, 2.5, "=1+1", None]
    assert (written[2].value.date(), written[2].number_format) == (date(2026, 1, 5), "yyyy-mm-dd")


def test_a_column_is_as_wide_as_its_longest_word_up_to_a_bound():
    (sheet,) = opened(Table("表", ("甲", "乙", "丙"), (("一二三四五", "a", "长" * 99),))).worksheets
    assert [int(sheet.column_dimensions[one].width) for one in "ABC"] == [12, 4, 60]
    assert sheet.cell(3, 3).alignment.wrap_text


def test_sheets_are_numbered_and_named_without_what_excel_forbids():
    tables = [Table(title, ("甲",), (("乙",),)) for title in ("a/b:c*[d]?", "同名", "同名", "长" * 40)]
    assert opened(*tables).sheetnames == ["1 a b c  d", "2 同名", "3 同名", f"4 {'长' * 29}"]
