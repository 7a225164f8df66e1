"""Tables of members: any order of columns, what else they hold is never read, and each mistake has its cell."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from generator.core.model.roster import MembershipStatus
from generator.intake.imports import member_table
from generator.intake.imports.member_table import MemberRow

HEAD = ["姓名", "支部", "身份", "日期"]
IDENTITY = "110101199001011234"


def workbook(*rows: list[object], title: str = "名单", edit: object = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if callable(edit):
        edit(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(raw: bytes) -> list[MemberRow]:
    table, problems = member_table.read_member_table(raw, "名单.xlsx")
    assert problems == []
    assert table is not None
    return list(table.rows)


def mistakes(raw: bytes) -> list[tuple[str, str]]:
    table, problems = member_table.read_member_table(raw, "名单.xlsx")
    assert table is None
    assert all(problem.where.line == 0 for problem in problems)  # no line of the file is quoted
    return [(problem.code, problem.message) for problem in problems]


WANG = MemberRow("“名单”表 第 2 行", "王强", "第一党支部", MembershipStatus.FULL)


@pytest.mark.parametrize(
    "rows",
    [
        [HEAD, ["王强", "第一党支部", "正式", None]],
        [["序号", "党员类型", "所在党支部", "姓 名", "身份证号"], [1, "正式党员", "第一党支部", "王　强", IDENTITY]],
        [["name", "branch", "status"], ["王强", "第一党支部", "full"]],
        [["姓名", "支部", "政治面貌"], ["王强", " 第一党支部 ", "中共党员"]],
    ],
)
def test_columns_are_known_by_their_heads(rows: list[list[object]]):
    assert read(workbook(*rows)) == [WANG]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 3, 5), date(2026, 3, 5)),
        (datetime(2026, 3, 5), date(2026, 3, 5)),
        ("2026.3.5", date(2026, 3, 5)),
        ("２０２６年３月５日", date(2026, 3, 5)),
        (20260305, date(2026, 3, 5)),
        (None, None),
    ],
)
def test_days_are_read_as_they_are_written(value: object, expected: date | None):
    assert [row.since for row in read(workbook(HEAD, ["王强", "一", "正式", value]))] == [expected]


def test_days_of_the_1904_system_are_the_days_that_are_shown():
    def use_1904(book: Workbook) -> None:
        book.epoch = datetime(1904, 1, 1)

    raw = workbook(HEAD, ["王强", "一", "正式", date(2026, 3, 5)], edit=use_1904)
    assert [row.since for row in read(raw)] == [date(2026, 3, 5)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_csv_is_read_as_editors_save_it(encoding: str, mark: str):
    text = "\r\n".join(mark.join(row) for row in (HEAD, ["王强", "第一党支部", "预备", "2026-03-01"]))
    (row,) = read(text.encode(encoding))
    assert (row.name, row.status, row.since) == ("王强", MembershipStatus.PROBATIONARY, date(2026, 3, 1))


def test_a_word_in_brackets_distinguishes_namesakes():
    rows = read(
        workbook(HEAD, ["李静（办公室）", "一", "正式"], ["李静 (信访室)", "一", "正式"], ["李静", "二", "正式"])
    )
    assert [(row.name, row.aka) for row in rows] == [("李静", "办公室"), ("李静", "信访室"), ("李静", None)]


def test_what_is_not_mapped_is_nowhere_but_its_letter():
    head, row = ["姓名", "支部", "身份", "手机"], ["王强", "一", "正式", "13800000000"]
    table, problems = member_table.read_member_table(workbook(head, row), "名单.xlsx")
    assert (problems, table and table.unread) == ([], ["“名单”表 D 列"])
    assert "138" not in repr(table)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ([IDENTITY, "一", "正式"], "A2"),
        (["王强", int(IDENTITY[:15]) * 1000 + 234, "正式"], "B2"),
        (["王强", "一", 13800000000], "C2"),
        (["王强", "一", "正式", "0371-66666666"], "D2"),
        (["王强 １３８００００００００", "一", "正式"], "A2"),
    ],
)
def test_private_numbers_are_refused_by_cell_and_not_quoted(row: list[object], place: str):
    ((code, message),) = mistakes(workbook(HEAD, row))
    assert code == "text.private-number"
    assert place in message
    assert not any(digit in message.replace(place, "") for digit in "0123456789")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["=A1&B1", "一", "正式"], "A2没有读得出的值"),
        (["王强", "一", "群众"], "C2的“群众”不是党员的身份"),
        (["王强", None, "正式"], "第 2 行没有写“支部”"),
        (["王强", "一", None], "第 2 行没有写“身份”"),
        (["王强", "一", "正式", "去年"], "D2的“去年”不是日期"),
        (["王强", "一", "正式", 46086], "D2的“46086”看不准是哪一天"),
        (["——", "一", "正式"], "A2的“——”不是姓名"),
        (["王\u202e强", "一", "正式"], "A2太长，或有看不见的字符"),
    ],
)
def test_what_cannot_be_read_is_told_by_cell(row: list[object], words: str):
    ((code, message),) = mistakes(workbook(HEAD, row))
    assert (code, message.startswith(f"“名单”表 {words}")) == ("table.bad-cell", True), message


def test_a_formula_with_its_value_is_taken():
    raw = workbook(HEAD, ["=X", "一", "正式"])
    parts = zipfile.ZipFile(io.BytesIO(raw))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part in parts.infolist():
            content = parts.read(part).replace(
                b'<c r="A2"><f>X</f><v /></c>', b'<c r="A2" t="str"><f>X</f><v>WANG</v></c>'
            )
            archive.writestr(part, content)
    assert [row.name for row in read(stream.getvalue())] == ["WANG"]


def test_rows_of_other_things_below_and_sheets_without_heads_are_left():
    def add_sheet(book: Workbook) -> None:
        book.create_sheet("说明").append(["填表说明"])

    raw = workbook(
        ["示例机关党员名单"],
        [],
        HEAD,
        ["王强", "第一党支部", "正式"],
        [],
        [None, None, None, None, "合计"],
        edit=add_sheet,
    )
    table, _ = member_table.read_member_table(raw, "名单.xlsx")
    assert table is not None
    assert ([row.name for row in table.rows], table.unread) == (["王强"], ["“名单”表 E 列", "“说明”表"])


# --- what a file may not be ------------------------------------------------------------------------------------------


def with_part(raw: bytes, name: str, content: bytes) -> bytes:
    stream = io.BytesIO(raw)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


GOOD = workbook(HEAD, ["王强", "一", "正式"])
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04",
        GOOD[:-40],
        b"\xd0\xcf\x11\xe0" + bytes(600),
        b"\x89PNG\x00",
        bytes(5_000_001),
        with_part(GOOD, "xl/more.xml", ENTITIES.encode()),
        with_part(GOOD, "xl/more.xml", ENTITIES.encode("utf-16")),
        with_part(GOOD, "xl/more.bin", bytes(31_000_000)),
        b'a,"b\r',
    ],
    ids=["empty", "no zip", "cut", "old", "picture", "large", "entities", "utf-16", "bomb", "open quote"],
)
def test_a_damaged_or_hostile_file_is_refused(raw: bytes):
    ((code, _),) = mistakes(raw)
    assert code.partition(".")[0] in {"table", "workbook"}


def test_a_cell_far_away_hides_nobody():
    def write_far_away(book: Workbook) -> None:
        book.worksheets[0]["XFD1048576"] = "x"

    table, _ = member_table.read_member_table(workbook(HEAD, ["王强", "一", "正式"], edit=write_far_away), "名单.xlsx")
    assert table is not None
    assert ([row.name for row in table.rows], table.unread) == (["王强"], ["“名单”表 XFD 列"])


def test_a_wrong_dimension_hides_nobody():
    parts = zipfile.ZipFile(io.BytesIO(workbook(HEAD, *[[f"王{n}强", "一", "正式"] for n in range(50)])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part in parts.infolist():
            archive.writestr(part, parts.read(part).replace(b'<dimension ref="A1:D51"', b'<dimension ref="A1:A1"'))
    assert b"A1:A1" in zipfile.ZipFile(stream).read("xl/worksheets/sheet1.xml")
    assert len(read(stream.getvalue())) == 50
