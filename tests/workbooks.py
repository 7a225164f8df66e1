"""Workbooks as recorders have them: exported, opened and filled by another program, and imported."""

import io
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import Result
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from generator.core.model.ledger import Evidence, ResolvedActivity, ResolvedEntry, ValidLedger
from generator.core.page_data import month_sheets
from tests.site_project import SiteProject

TODAY = date(2026, 8, 20)


class FilledWorkbook:
    """A workbook in the hands of a recorder; cells are found by their keys, as the import finds them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.book: Workbook = load_workbook(io.BytesIO(file.read_bytes()))

    def sheet(self, mark: str) -> Worksheet:
        return self.book[month_sheets.SHEET_TITLES[mark]]

    def row(self, mark: str, key: str) -> int:
        return next(cell.row for cell in self.sheet(mark)["A"] if cell.value == key)

    def column(self, mark: str, key: str) -> int:
        return next(cell.column for cell in self.sheet(mark)[1] if cell.value == key)

    def cover(self, key: str, text: str) -> None:
        self.sheet(month_sheets.COVER).cell(self.row(month_sheets.COVER, key), 3).value = text

    def mark(self, column: int, fields: dict[str, Any]) -> None:
        """Fill a column of the sheet of attendance, by the keys of its rows."""
        for key, value in fields.items():
            self.sheet(month_sheets.ATTENDANCE).cell(self.row(month_sheets.ATTENDANCE, key), column).value = value

    def enter(self, row: int, fields: dict[str, Any]) -> None:
        """Fill a row of the sheet of entries, by the keys of its columns."""
        for key, value in fields.items():
            self.sheet(month_sheets.ENTRIES).cell(row, self.column(month_sheets.ENTRIES, key)).value = value

    def save(self) -> Path:
        self.book.save(self.file)
        return self.file


def export(organ: SiteProject, month: str, *words: object, today: date = TODAY) -> list[Path]:
    """Export a month's workbooks into a folder of their own."""
    folder = organ.root / f"workbooks-{len(list(organ.root.glob('workbooks-*')))}"
    folder.mkdir()
    done = organ.run("sheet", month, "--output", folder, *words, today=today)
    assert done.exit_code == 0, done.output
    return sorted(folder.iterdir())


def bring_in(organ: SiteProject, *words: object, today: date = TODAY) -> Result:
    """Import workbooks that have no errors."""
    done = organ.run("import", *words, today=today)
    assert done.exit_code == 0, done.output
    return done


def meaning(ledger: ValidLedger) -> list[object]:
    """All that a ledger says, whatever words it is written in; the order in a list of names means nothing."""
    return [ledger.branch, str(ledger.month), ledger.recorder, *(_line_meaning(line) for line in ledger.parts)]


def _line_meaning(line: ResolvedActivity | ResolvedEntry) -> tuple[object, ...]:
    common = line.item.id, line.date, _proofs(line.evidence), line.late or None
    if isinstance(line, ResolvedActivity):
        return (*common, line.title, sorted((attended.member, attended.how) for attended in line.attendance))
    return (*common, line.member, line.level, line.times, line.note)


def _proofs(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    titles = {"签到表": "sign-in", "活动照片": "photo", "文件": "document"}
    return {titles.get(kind, kind): proofs for kind, proofs in evidence.items() if proofs}
