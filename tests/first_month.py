"""An organ's first month, as its clerk and its recorder do it: a table of members, and January's workbook."""

from datetime import date
from pathlib import Path

from openpyxl import Workbook

from tests.workbooks import FilledWorkbook

NEW_YEAR, TODAY = date(2026, 1, 20), date(2026, 2, 3)
PEOPLE = [("周敏", "第一党支部", "正式"), ("单小明", "第一党支部", "正式"), ("李静", "第一党支部", "正式")]


def write_members(folder: Path) -> Path:
    """Write a workbook of members."""
    book = Workbook()
    for row in (("姓名", "支部", "身份"), *PEOPLE):
        book.active.append(row)
    book.save(folder / "名单.xlsx")
    return folder / "名单.xlsx"


def fill_january(file: Path) -> Path:
    """Fill the workbook: one meeting, one suggestion; what else was expected was not held."""
    filled = FilledWorkbook(file)
    filled.cover("recorder", "李静")
    meeting = {"item": "支部党员大会", "date": "1月8日", "title": "一月份支部党员大会", "member:shan-xiaoming": "假"}
    filled.mark(3, meeting)
    for column in range(4, 7):
        filled.mark(column, {"item": None})
    filled.enter(3, {"member": "李静", "item": "建言献策", "date": "1月15日", "note": "建议被采用"})
    return filled.save()
