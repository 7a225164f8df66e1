"""What happens to workbooks on the way: sorted, moved, retyped, damaged, enormous. They are read rightly or refused."""

import io
import os
import re
import resource
import subprocess
import time
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from generator.core.page_data.month_sheets import ATTENDANCE, ENTRIES
from generator.intake.imports import workbook
from generator.render.export import month_workbook
from tests.site_project import REPOSITORY, SiteProject, members, period
from tests.workbooks import TODAY, FilledWorkbook, bring_in, export, meaning

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 jia")
LEDGER = """\
activities:
  - {item: study, date: 2026-03-05, title: 学习一, leave: [张三], evidence: {sign-in: [甲.pdf, 乙.pdf]}}
  - {item: general-meeting, date: 2026-03-06, title: 大会, absent: [王五], exempt: [赵六]}
entries:
  - {member: 王五, item: suggestion, date: 2026-03-12, note: 窗口}
  - {member: 赵六, item: late-document, date: 2026-03-20, times: 2}
"""
MARCH = period("2026-03")


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path, ROSTER)
    organ.ledger("jia", "2026-03", LEDGER)
    return organ


def exported(organ: SiteProject) -> FilledWorkbook:
    """The workbook of the draft, which is put away."""
    (file,) = export(organ, "2026-03")
    (organ.root / "ledgers/2026/jia/03.yaml").unlink()
    return FilledWorkbook(file)


def drafted(organ: SiteProject) -> list[object]:
    return meaning(organ.read(TODAY).draft_ledgers["jia", MARCH])


def sort_members(filled: FilledWorkbook) -> None:
    """Turn the rows of the members over, with their keys."""
    sheet = filled.sheet(ATTENDANCE)
    first = min(cell.row for cell in sheet["A"] if str(cell.value).startswith("member:"))
    rows = [[cell.value for cell in sheet[number]] for number in range(first, first + 3)]
    for number, row in enumerate(reversed(rows), start=first):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value


def insert_lines(filled: FilledWorkbook) -> None:
    filled.sheet(ATTENDANCE).insert_cols(3)
    filled.sheet(ATTENDANCE).insert_rows(3, 2)
    filled.sheet(ENTRIES).insert_rows(3)
    filled.sheet(ENTRIES).insert_cols(4)


def sort_entries(filled: FilledWorkbook) -> None:
    sheet = filled.sheet(ENTRIES)
    rows = [[cell.value for cell in sheet[number]] for number in (3, 4)]
    for number, row in zip((4, 3), rows, strict=True):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value


def filter_entries(filled: FilledWorkbook) -> None:
    filled.sheet(ENTRIES).auto_filter.ref = "A2:L40"
    filled.sheet(ENTRIES).row_dimensions[3].hidden = True


def rename_sheets(filled: FilledWorkbook) -> None:
    filled.sheet(ATTENDANCE).title = "三月考勤"
    filled.book.move_sheet(filled.book["三月考勤"], 3)


def retype_dates(filled: FilledWorkbook) -> None:
    """Real dates, a serial number, and spellings that leave no other reading."""
    filled.mark(3, {"date": date(2026, 3, 5)})
    filled.mark(4, {"date": "３月６日"})
    filled.enter(3, {"date": (date(2026, 3, 12) - date(1899, 12, 30)).days})
    filled.enter(4, {"date": "2026年3月20日", "times": "２"})


def use_1904(filled: FilledWorkbook) -> None:
    filled.book.epoch = CALENDAR_MAC_1904
    filled.mark(3, {"date": datetime(2026, 3, 5)})
    filled.enter(3, {"date": (date(2026, 3, 12) - date(1904, 1, 1)).days})


def pad_cells(filled: FilledWorkbook) -> None:
    filled.mark(3, {"title": "\u3000学习一 ", "item": " 学习教育 "})
    filled.enter(4, {"times": 2})


def pad_names(filled: FilledWorkbook) -> None:
    sheet = filled.sheet(ATTENDANCE)
    sheet.cell(filled.row(ATTENDANCE, "member:zhao"), 2).value = "赵\u3000六"
    sheet.cell(filled.row(ATTENDANCE, "member:wang"), 2).value = "王 五 "


def write_far_away(filled: FilledWorkbook) -> None:
    filled.sheet(ATTENDANCE)["XFD1048576"].value = " "


def copy_a_column(filled: FilledWorkbook) -> None:
    """A column that was copied to begin another, and emptied again but for its key."""
    sheet = filled.sheet(ATTENDANCE)
    sheet.cell(1, 8).value = sheet.cell(1, 3).value


HARMLESS = [
    *(sort_members, insert_lines, sort_entries, filter_entries, rename_sheets, retype_dates, use_1904, pad_cells),
    *(write_far_away, copy_a_column, pad_names),
]


@pytest.mark.parametrize("change", HARMLESS)
def test_a_workbook_that_says_the_same_is_read_the_same(organ: SiteProject, change: Callable[[FilledWorkbook], None]):
    before = drafted(organ)
    filled = exported(organ)
    change(filled)
    bring_in(organ, filled.save())
    assert drafted(organ) == before


def refused(organ: SiteProject, file: Path, *codes: str) -> str:
    done = organ.run("import", file, today=TODAY)
    assert done.exit_code == 1
    assert re.findall(r"错误：.*〔(.*)〕", done.output) == list(codes), done.output
    assert not (organ.root / "ledgers/2026/jia/03.yaml").exists()
    return done.output


WRONG: dict[str, tuple[Callable[[FilledWorkbook], object], str, str]] = {
    "a far cell": (
        lambda book: setattr(book.sheet(ATTENDANCE)["XFD1048576"], "value", "假"),
        "!XFD1048576",
        "workbook.stray",
    ),
    "another year": (lambda book: book.mark(3, {"date": date(2027, 3, 5)}), "!C2", "ledger.date-outside"),
    "a serial of another month": (lambda book: book.mark(3, {"date": 46000}), "!C3", "field.bad-date"),
    "a serial as text": (lambda book: book.mark(3, {"date": "46086"}), "!C3", "field.bad-date"),
    "a time": (lambda book: book.mark(3, {"date": datetime(2026, 3, 5, 9, 30)}), "!C3", "workbook.not-text"),
    "a day alone": (lambda book: book.mark(3, {"date": "5"}), "!C3", "field.bad-date"),
    "a truth value": (lambda book: book.mark(3, {"title": True}), "!C4", "workbook.not-text"),
    "an error value": (lambda book: book.mark(3, {"title": "#N/A"}), "!C4", "workbook.not-text"),
    "half a number": (lambda book: book.enter(4, {"times": 2.5}), "逐条登记!F4", "workbook.not-text"),
    "an unknown name": (lambda book: book.enter(4, {"member": "赵七"}), "逐条登记!B4", "ledger.unknown-member"),
    "another branch's item": (lambda book: book.mark(3, {"item": "学习教肓"}), "!C2", "ledger.unknown-item"),
    "an escape": (lambda book: book.enter(4, {"note": "甲_x0001_"}), "逐条登记!G4", "file.hidden-character"),
    "an unknown mark": (lambda book: book.mark(3, {"member:zhao": "○"}), "!C11", "field.bad-choice"),
    "an unknown figure": (lambda book: book.mark(3, {"member:zhao": 1}), "!C11", "field.bad-choice"),
    "a ticked box": (lambda book: book.mark(3, {"member:zhao": True}), "!C11", "field.bad-choice"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_cell_that_cannot_be_read_is_named(organ: SiteProject, name: str):
    change, place, code = WRONG[name]
    filled = exported(organ)
    change(filled)
    assert place in refused(organ, filled.save(), code)


SPOKEN: dict[str, tuple[Callable[[FilledWorkbook], object], str]] = {
    "a blank day": (lambda book: book.mark(3, {"date": None}), "考勤!C3: 错误：日期是空的。请填写"),
    "a late day": (lambda book: book.mark(4, {"date": "2026-02-06"}), "请在“补登”里写原因"),
    "nobody": (lambda book: book.mark(5, {"item": "志愿服务", "date": "2026-03-09"}), "请给到会的人标“到”"),
    "no proof": (lambda book: book.mark(5, {"item": "志愿服务", "date": "2026-03-09"}), "请在“佐证：签到表”里写文件名"),
    "no level": (lambda book: book.enter(3, {"item": "比赛表演"}), "请在“档次”里选一个"),
    "no item": (lambda book: book.enter(3, {"item": None}), "逐条登记!C3: 错误：项目是空的"),
    "a row twice": (
        lambda book: [
            setattr(book.sheet(ATTENDANCE).cell(row, column), "value", word)
            for row, column, word in ((20, 2, "张三"), (20, 3, "缺"))
        ],
        "“张三”有两行",
    ),
    "a row gone": (
        lambda book: book.sheet(ATTENDANCE).delete_rows(book.row(ATTENDANCE, "member:wang")),
        "被删去了：王五",
    ),
}


@pytest.mark.parametrize("name", SPOKEN)
def test_a_workbook_is_spoken_of_as_one_and_not_as_a_text(organ: SiteProject, name: str):
    change, words = SPOKEN[name]
    filled = exported(organ)
    change(filled)
    assert words in organ.run("import", filled.save(), today=TODAY).output


@pytest.mark.parametrize("signs", ["√×", "✓✗", "✔✘", "✔\ufe0f✖\ufe0f", "✅❌", "☑✕", " √  × "])
def test_signs_of_attendance_are_read_where_they_have_one_meaning(organ: SiteProject, signs: str):
    present, absent = re.findall("[^ \ufe0f]\ufe0f?", signs)
    filled = exported(organ)
    filled.mark(3, {"member:zhang": present, "member:wang": f" {absent} ", "member:zhao": "请 假"})
    bring_in(organ, filled.save())
    study = organ.read(TODAY).draft_ledgers["jia", MARCH].held[0]
    assert {(attendance.member, attendance.how.value) for attendance in study.attendance} == {
        ("zhang", "present"),
        ("wang", "absent"),
        ("zhao", "leave"),
    }


@pytest.mark.parametrize("sign", ["○", "△", "/", "、", "x", "1", 1, 0, True, False])
def test_of_other_signs_it_is_said_what_to_type(organ: SiteProject, sign: object):
    filled = exported(organ)
    filled.mark(3, {"member:zhao": sign})
    said = refused(organ, filled.save(), "field.bad-choice")
    shown = str(sign).upper() if isinstance(sign, bool) else sign
    assert (
        f"“{shown}”看不出是到、假、缺还是免。到会的写 到（或 √），请假的写 假，缺席的写 缺（或 ×），免计的写 免" in said
    )


def test_cells_are_named_in_their_order(organ: SiteProject):
    filled = exported(organ)
    for row in (9, 10, 11):
        filled.sheet(ATTENDANCE).cell(row, 3).value = "△"
    told = refused(organ, filled.save(), *["field.bad-choice"] * 3)
    assert re.findall("!(C[0-9]+): 错误", told) == ["C9", "C10", "C11"]


def rewrite(file: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(file) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(name, change(raw) if name == part else raw)


@pytest.mark.parametrize("claim", [b"A1", b"A1:A1", b"A1:XFD1048576", b"Z9"])
def test_a_wrong_dimension_is_not_believed(organ: SiteProject, claim: bytes):
    before = drafted(organ)
    file = exported(organ).file
    for number in (1, 2, 3):
        rewrite(
            file,
            f"xl/worksheets/sheet{number}.xml",
            lambda raw: re.sub(b'<dimension ref="[^"]*"/>', b'<dimension ref="%s"/>' % claim, raw),
        )
    bring_in(organ, file)
    assert drafted(organ) == before


ROWS = {
    "a million": (b'<row r="%d" s="1" customFormat="1"/>', 1_000_100),
    "cells": (b'<row r="%d"><c r="C1" s="1"/></row>', 400_100),
}


@pytest.mark.parametrize("rows", ROWS)
def test_a_bloated_sheet_is_refused_before_it_is_parsed(organ: SiteProject, rows: str):
    file = exported(organ).file
    row, end = ROWS[rows]
    more = b"".join(row % number for number in range(100, end)) + b"</sheetData>"
    rewrite(file, "xl/worksheets/sheet2.xml", lambda raw: raw.replace(b"</sheetData>", more))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    refused(organ, file, "workbook.too-large")
    assert time.process_time() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KB


def test_a_bomb_is_refused_by_its_directory(organ: SiteProject):
    file = exported(organ).file
    rewrite(file, "xl/styles.xml", lambda raw: raw + bytes(40_000_000))
    refused(organ, file, "workbook.too-large")


@pytest.mark.parametrize("size", [0, 100, 3_000, -100])
def test_a_cut_file_is_no_workbook(organ: SiteProject, size: int):
    file = exported(organ).file
    file.write_bytes(file.read_bytes()[:size])
    refused(organ, file, "workbook.unreadable")


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("damage", [b"", b"<a/>", b"\xff\xfe", b"<worksheet>"])
def test_a_damaged_part_is_told_and_never_a_traceback(organ: SiteProject, part: str, damage: bytes):
    file = exported(organ).file
    rewrite(file, part, lambda _: damage)
    done = organ.run("import", file, today=TODAY)
    assert done.exit_code == 1
    assert "〔workbook." in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("key", ["None", "备注", "evidence:nothing", "member"])
def test_a_column_whose_key_was_changed_is_named(organ: SiteProject, key: str):
    filled = exported(organ)
    filled.sheet(ENTRIES).cell(1, filled.column(ENTRIES, "note")).value = key
    done = organ.run("import", filled.save(), today=TODAY)
    assert isinstance(done.exception, SystemExit), done.output
    assert "被删去了：备注" in done.output


def test_a_name_in_a_new_row_is_read_as_a_name(organ: SiteProject):
    filled = exported(organ)
    row = filled.row(ATTENDANCE, "member:zhao")
    filled.sheet(ATTENDANCE).cell(row + 1, 2).value = "张三"
    filled.sheet(ATTENDANCE).cell(row + 1, 4).value = "缺"
    bring_in(organ, filled.save())
    assert "absent: [王五, 张三]" in (organ.root / "ledgers/2026/jia/03.yaml").read_text("utf-8").replace(
        "缺席", "absent"
    )


# --- what is written -------------------------------------------------------------------------------------------------

HEAD = "# Part, element and attributes of workbooks that are exported: what Excel, WPS and LibreOffice have in common."
SUBSET = REPOSITORY / "tests/files/workbook-parts.txt"


def test_only_listed_parts_and_attributes_are_written(organ: SiteProject):
    """Those that Excel, WPS and LibreOffice have in common, in each kind of part."""
    (file,) = export(organ, "2026-03")
    with zipfile.ZipFile(file) as archive:
        used = {
            " ".join([re.sub(r"[0-9]+", "N", name), local(element.tag), *sorted(map(local, element.keys()))])
            for name in archive.namelist()
            for element in ET.fromstring(archive.read(name)).iter()
        }
    if os.environ.get("UPDATE_GOLDEN") == "1":
        SUBSET.write_text("\n".join([HEAD, *sorted(used), ""]), "utf-8")
    listed = {line for line in SUBSET.read_text("utf-8").splitlines() if line and not line.startswith("#")}
    assert used == listed
    assert not {line.split()[1] for line in listed} & {
        "mergeCell",
        "f",
        "tablePart",
        "drawing",
        "extLst",
        "conditionalFormatting",
    }


def local(name: str) -> str:
    return re.sub(r"{.*}", "", name)


def test_the_same_content_gives_the_same_bytes(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    (first,) = export(organ, "2026-03")
    monkeypatch.setattr(time, "time", lambda: 0)
    (second,) = export(organ, "2026-03")
    assert first.read_bytes() == second.read_bytes()


def test_another_rulebook_makes_another_workbook(organ: SiteProject):
    rules = organ.root / "ledgers/rulebooks/erqi-2021.yaml"
    rules.write_text(rules.read_text("utf-8").replace("title: 学习教育", "title: 理论学习"), "utf-8")
    (file,) = export(organ, "2026-03")
    book = FilledWorkbook(file).book
    words = {cell.value for sheet in ("考勤", "规则", "名单") for row in book[sheet].iter_rows() for cell in row}
    assert "理论学习" in words
    assert "学习教育" not in words


def test_cells_to_fill_are_text_that_anyone_may_change_and_choices_are_ranges(organ: SiteProject):
    filled = exported(organ)
    sheet = filled.sheet(ATTENDANCE)
    cell = sheet.cell(filled.row(ATTENDANCE, "date"), 3)
    assert (cell.number_format, cell.protection.locked, sheet.protection.sheet) == ("@", False, True)
    sources = {rule.formula1 for sheet in filled.book for rule in sheet.data_validations.dataValidation}
    entries = filled.sheet(ENTRIES)
    areas = [area for rule in entries.data_validations.dataValidation for area in rule.sqref.ranges]
    assert {(area.min_row, area.max_row) for area in areas} == {(3, entries.max_row)}
    assert all(re.fullmatch(r"'名单'!\$[A-Z]+\$1:\$[A-Z]+\$[0-9]+", source) for source in sources)
    assert [sheet.title for sheet in filled.book if sheet.sheet_state == "hidden"] == ["名单", "jifenbang"]


@pytest.mark.parametrize(
    ("text", "lines"), [("", 1), ("四个汉字", 1), ("四个汉字五", 2), ("四个汉字又四个字", 2), ("一\n\n二", 3)]
)
def test_a_row_is_as_high_as_the_lines_of_its_text(text: str, lines: int):
    assert month_workbook._row_height(text, 9) == 18 * lines  # noqa: SLF001


@pytest.mark.needs("soffice")
def test_libreoffice_opens_and_saves_it_and_it_is_read_the_same(organ: SiteProject, tmp_path: Path):
    before = drafted(organ)
    file = exported(organ).file
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    saved = tmp_path / "saved"
    command = ["soffice", home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", saved, file]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    (again,) = saved.iterdir()
    assert again.read_bytes() != file.read_bytes()
    bring_in(organ, again)
    assert drafted(organ) == before
    kept = FilledWorkbook(again)
    assert len([rule for sheet in kept.book for rule in sheet.data_validations.dataValidation]) >= 5


def test_reading_stops_at_a_bound_that_an_ordinary_workbook_is_far_from(organ: SiteProject):
    raw = exported(organ).file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    assert len(raw) * 20 < workbook.MAX_BYTES
    assert unpacked < 1_000_000
