"""Tables of other systems: where their heads are, which rows are members', and how rows are named."""

import codecs
from collections.abc import Callable, Sequence

import pytest

from generator.core.model.table_formats import DEFAULT_FORMATS, TableColumns
from generator.intake.imports import mapped_table, tables, workbook
from generator.intake.imports.mapped_table import RowReport
from generator.intake.imports.tables import TableSheet
from generator.problems import Problem

Reader = Callable[[bytes, str], tuple[Sequence[object], Sequence[Problem]]]

WANTED = TableColumns({"member": ("姓名",), "date": ("活动时间",), "note": ("备注",)}, frozenset({"note"}))


def sheet_of(text: str) -> TableSheet:
    (sheet,), problems = tables.read_tables(text.encode(), "a.csv")
    assert problems == []
    return sheet


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        *(("王镕", "gbk"), ("王𬭎", "gb18030"), ("王㛃", "gb18030"), ("王𬭎", "utf-8"), ("王𬭎", "utf-8-sig")),
        ("王𬭎", "utf-16"),  # 另存为 Unicode 文本
    ],
)
def test_each_usual_encoding_is_read(name: str, encoding: str):
    (sheet,), problems = tables.read_tables(f"姓名,活动时间\n{name},1\n".encode(encoding), "a.csv")
    assert (problems, sheet.rows[1][1].text) == ([], name)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"<html xmlns:x=''><table><tr><td>x</td></tr></table></html>", "HTML"),
        (codecs.BOM_UTF8 + b"\r\n<meta charset=utf-8><table>", "HTML"),
        ("<table><tr>".encode("utf-16"), "HTML"),
        (b"<?xml version='1.0'?><Workbook>", "XML"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "密码"),
        (b"", "空文件"),
    ],
)
@pytest.mark.parametrize("read", [tables.read_tables, workbook.read_workbook])
def test_what_only_has_the_name_of_a_table_is_told_by_its_kind(raw: bytes, kind: str, read: Reader):
    sheets, (problem,) = read(raw, "参会.xls")
    assert (sheets, kind in problem.message, "另存为 .xlsx" in problem.hint) == ((), True, True)


@pytest.mark.parametrize(
    ("text", "columns", "first"),
    [
        ("姓名,活动时间\n甲,1\n", {"member": 1, "date": 2}, 1),
        ("三月\n姓 名,活动时间\n甲,1\n", {"member": 1, "date": 2}, 2),
        ("人员,,活动\n姓名,编号,活动时间\n甲,,1\n", {"member": 1, "date": 3}, 2),
        ("姓名,活动,\n,活动时间,备注\n甲,1,\n", {"member": 1, "date": 2, "note": 3}, 2),
        ("活动时间,人员\n,姓名\n1,甲\n", {"date": 1, "member": 2}, 2),
        ("姓名,别的\n甲,活动时间\n", {"member": 1, "date": 2}, 2),
        ("标题\n姓名;活动时间;备注\n甲;1;\n", {"member": 1, "date": 2, "note": 3}, 2),
        ("姓名|活动时间|备注\n甲|1|一，二\n", {"member": 1, "date": 2, "note": 3}, 1),
        ("姓名，活动时间\n甲，1\n", {"member": 1, "date": 2}, 1),
    ],
)
def test_heads_are_in_one_row_or_above_one_another(text: str, columns: dict[str, int], first: int):
    match = mapped_table.match_heads(sheet_of(text), WANTED)
    assert match is not None
    assert (match.columns, match.doubled, match.first) == (columns, {}, first)


def test_heads_that_are_there_twice_are_told_and_missing_ones_too():
    match = mapped_table.match_heads(sheet_of("姓名,备注,备注\n甲,乙,丙\n"), WANTED)
    assert match is not None
    assert (match.doubled, match.lacks(WANTED)) == ({"note": ["备注", "备注"]}, ["date"])
    assert mapped_table.match_heads(sheet_of("\n" * 3 + "名字,活动时间\n"), WANTED) is None
    below = "".join(f"第{number}行\n" for number in range(20)) + "姓名,活动时间\n"
    assert mapped_table.match_heads(sheet_of(below), WANTED) is None


@pytest.mark.parametrize("key", ["member", "date", "item", "attendance", "branch"])
def test_no_common_head_means_two_things(key: str):
    heads = DEFAULT_FORMATS.formats[0].columns.heads
    others = {word for other, words in heads.items() if other != key for word in words}
    assert others.isdisjoint(heads[key])


@pytest.mark.parametrize(
    ("row", "is_foot"),
    [
        ("合计,,", True),
        (",合 计,", True),
        ("小计,5,", True),
        ("制表人：某某,,", True),
        ("审核人(签字)：,,", True),
        ("2026年3月31日,,", True),
        (",,第1页", True),
        ("注：以上由系统导出,,", True),
        ("姓名,活动时间,备注", True),
        ("甲,,", False),
        ("合立计,,", False),
        ("制表人,2026-03-05,", False),
    ],
)
def test_totals_and_signatures_are_told_apart_from_members(row: str, *, is_foot: bool):
    sheet, report = sheet_of(f"姓名,活动时间,备注\n甲,2026-03-05,\n{row}\n"), RowReport("a.csv")
    match = mapped_table.match_heads(sheet, WANTED)
    assert match is not None
    rows = mapped_table.read_rows(sheet, match, WANTED, ["member", "date"], report)
    problems = [(problem.code, problem.message[:7]) for problem in report.list_problems()]
    if is_foot:
        assert ([one.number for one in rows], problems) == ([2], [("import.left-out", "第 3 行：没")])
    else:
        assert [one.number for one in rows] + [3] * report.error_count == [2, 3]


def test_rows_are_named_in_ranges():
    places = [("", 3), ("", 4), ("", 5), ("", 9), ("", 9), ("表", 2)]
    assert list(mapped_table.name_rows(places)) == ["第 3—5、9 行", "“表”表第 2 行"]
    scattered = [("", number) for number in range(1, 500, 2)]
    assert max(map(len, mapped_table.name_rows(scattered))) < 500
