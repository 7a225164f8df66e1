"""Whatever happens to a filled workbook, it is read as it was meant, or refused."""

import io
import re
import resource
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from generator.core.page_data.month_sheets import ATTENDANCE, ENTRIES, SHEET_TITLES
from tests.conftest import PROVE
from tests.site_project import SiteProject, members, period
from tests.workbooks import TODAY, export, meaning

LEDGER = """\
activities:
  - {item: study, date: 2026-03-05, title: 学习一, leave: [张三], evidence: {sign-in: [甲.pdf, 乙.pdf]}}
  - {item: general-meeting, date: 2026-03-06, title: 大会, absent: [王五], exempt: [赵六]}
  - {item: volunteer, date: 2026-03-07, title: 清扫, present: [张三], evidence: {sign-in: 丙.pdf, photo: 丁.jpg}}
entries:
  - {member: 王五, item: suggestion, date: 2026-03-12, note: 窗口}
  - {member: 赵六, item: late-document, date: 2026-03-20, times: 2}
"""
SHEETS = [SHEET_TITLES[mark] for mark in (ATTENDANCE, ENTRIES)]
EPOCH = date(1899, 12, 30)
FULL_WIDTH = {ord(character): ord(character) + 0xFEE0 for character in "0123456789"}


def sort_proofs(line: tuple[object, ...]) -> list[object]:
    return [sorted(part.items()) if isinstance(part, dict) else part for part in line]


class Case:
    """An organ whose March was filled in a workbook; its draft is put away."""

    def __init__(self, folder: Path) -> None:
        self.organ = SiteProject(folder, members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 jia"))
        self.draft = self.organ.ledger("jia", "2026-03", LEDGER)
        self.meaning = self.read_draft()
        (file,) = export(self.organ, "2026-03")
        self.raw, self.file = file.read_bytes(), file
        self.draft.unlink()

    def read_draft(self) -> list[str]:
        """All that the draft says, in no order: a column that is moved moves its activity, a row its kind of proof."""
        parts = meaning(self.organ.read(TODAY).draft_ledgers["jia", period("2026-03")])
        return sorted(repr(sort_proofs(part) if isinstance(part, tuple) else part) for part in parts)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("damaged"))


# --- damage to the file ----------------------------------------------------------------------------------------------


@st.composite
def flip_bytes(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    flips = draw(st.lists(st.tuples(st.floats(0, 0.9999), st.integers(1, 255)), min_size=1, max_size=8))

    def change(raw: bytes) -> bytes:
        changed = bytearray(raw)
        for place, mask in flips:
            changed[int(place * len(raw))] ^= mask
        return bytes(changed)

    return change


@st.composite
def cut_file(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    place, length = draw(st.floats(0, 1)), draw(st.integers(1, 4000))
    return lambda raw: raw[: int(place * len(raw))] + raw[int(place * len(raw)) + length :]


@st.composite
def claim_dimension(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    claim = draw(st.sampled_from([b"A1", b"A1:B2", b"A1:XFD1048576", b"XFD1048576", b"", b"A0", b"Z9:A1"]))

    def change(raw: bytes) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(target, "w") as archive:
            for name in source.namelist():
                part = re.sub(rb'(?<=<dimension ref=")[^"]*', lambda _: claim, source.read(name))
                archive.writestr(name, part)
        return target.getvalue()

    return change


# --- changes in a spreadsheet program --------------------------------------------------------------------------------

Change = Callable[[Workbook], object]


LAST = 40  # the last row and column that changes look at: of a far cell, all before it would be made


def grid(sheet: Worksheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows(max_row=LAST, max_col=LAST)]


def fill_grid(sheet: Worksheet, rows: list[list[object]]) -> None:
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value


@st.composite
def arrange_sheets(draw: st.DrawFn) -> Change:
    place = draw(st.integers(0, 9))
    how = draw(st.sampled_from(["move", "rename", "copy", "delete", "hide", "add"]))

    def change(book: Workbook) -> None:
        sheet = book.worksheets[place % len(book.worksheets)]
        if how == "move":
            book.move_sheet(sheet, place - 4)
        elif how == "rename":
            sheet.title = f"表{place}"
        elif how == "copy":
            book.copy_worksheet(sheet)
        elif how == "delete" and len(book.worksheets) > 1:
            book.remove(sheet)
        elif how == "hide":
            sheet.sheet_state = "veryHidden"
        elif how == "add":
            book.create_sheet(f"另{place}", 0)["A1"].value = "草稿"

    return change


@st.composite
def arrange_lines(draw: st.DrawFn) -> Change:
    title, how = draw(st.sampled_from(SHEETS)), draw(st.sampled_from(["rows", "columns", "row", "column", "far"]))
    first, second = draw(st.tuples(st.integers(0, 12), st.integers(0, 12)))

    def change(book: Workbook) -> None:
        if title not in book.sheetnames:
            return
        sheet = book[title]
        if sheet.max_row > LAST * LAST and how in {"row", "column"}:
            return  # openpyxl would make every cell before the far one
        rows = grid(sheet)
        if how == "rows" and max(first, second) < len(rows):
            rows[first], rows[second] = rows[second], rows[first]
            fill_grid(sheet, rows)
        elif how == "columns" and max(first, second) < len(rows[0]):
            for row in rows:
                row[first], row[second] = row[second], row[first]
            fill_grid(sheet, rows)
        elif how == "row":
            sheet.insert_rows(first + 1, 1 + second % 3)
        elif how == "column":
            sheet.insert_cols(first + 1, 1 + second % 3)
        elif how == "far":
            sheet["XFD1048576"].value = ["", " ", "假", 1, True, "=A1", None][second % 7]

    return change


@st.composite
def retype_cell(draw: st.DrawFn) -> Change:
    title, how = draw(st.sampled_from(SHEETS)), draw(st.sampled_from(sorted(RETYPED)))
    place = draw(st.floats(0, 0.9999))

    def change(book: Workbook) -> None:
        if title not in book.sheetnames:
            return
        filled = [
            cell for row in book[title].iter_rows(max_row=LAST, max_col=LAST) for cell in row if cell.value is not None
        ]
        if filled:
            cell = filled[int(place * len(filled))]
            cell.value = RETYPED[how](cell.value)

    return change


def as_day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if re.fullmatch(r"2026-\d\d-\d\d", str(text)) else None


RETYPED: dict[str, Callable[[object], object]] = {
    "a date": lambda text: as_day(text) or text,
    "a serial": lambda text: (day - EPOCH).days if (day := as_day(text)) else text,
    "full width": lambda text: str(text).translate(FULL_WIDTH),
    "slashes": lambda text: str(text).replace("-", "/") if as_day(text) else text,
    "padded": lambda text: f"\u3000{text} ",
    "a number": lambda text: int(str(text)) if str(text).isdecimal() else text,
    "a truth value": lambda _: True,
    "a formula": lambda _: "=1+1",
    "an error": lambda _: "#REF!",
    "half": lambda _: 0.5,
    "a far date": lambda _: date(1999, 1, 1),
}
IN_A_PROGRAM = arrange_sheets() | arrange_lines() | retype_cell()


def edit(raw: bytes, changes: list[Change]) -> bytes:
    book, target = load_workbook(io.BytesIO(raw)), io.BytesIO()
    for change in changes:
        change(book)
    book.save(target)
    return target.getvalue()


# --- what comes of it ------------------------------------------------------------------------------------------------


def read_or_refuse(case: Case, raw: bytes) -> str:
    """Import it: the draft says what it said or, if the workbook is refused, there is none."""
    case.file.write_bytes(raw)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    done = case.organ.run("import", case.file, today=TODAY)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    assert time.process_time() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KB
    if done.exit_code == 0:
        said = case.read_draft()
        case.draft.unlink()
        assert said == case.meaning, done.output
        return "read"
    assert done.exit_code == 1
    assert re.search(r"错误：.+。.+。〔[a-z]+\.[a-z-]+〕", done.output), done.output
    assert not case.draft.exists()
    return "refused"


EXAMPLES = settings(
    max_examples=1000 if PROVE else 6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@EXAMPLES
@given(damage=flip_bytes() | cut_file() | claim_dimension())
def test_a_damaged_file(case: Case, damage: Callable[[bytes], bytes]):
    read_or_refuse(case, damage(case.raw))


@EXAMPLES
@given(changes=st.lists(IN_A_PROGRAM, min_size=1, max_size=3))
def test_a_workbook_that_was_changed_in_a_program(case: Case, changes: list[Change]):
    read_or_refuse(case, edit(case.raw, changes))


def test_what_is_changed_is_not_always_refused(case: Case):
    assert read_or_refuse(case, case.raw) == "read"
    assert read_or_refuse(case, edit(case.raw, [])) == "read"
