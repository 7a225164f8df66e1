"""Tables with a column for each activity, as attendance machines and party systems write them, and spans of days."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from generator.core.basics import written_days
from tests.conftest import few_examples
from tests.editor_yaml import find_fault
from tests.received_tables import IDENTITY, ROSTER, TODAY, bring_in, files_with, marks, rows_told, write_csv
from tests.site_project import SiteProject

FORMATS = """\
formats:
  - title: 考勤机
    columns: {member: 姓名, branch: 部门}
    across: [date]
    item: 支部党课
    branches: {办公室: jia, 财务科: none}
  - title: 标准化系统
    columns: {member: 党员姓名, branch: 所在党组织}
    across: [item, date]
    items: {主题党日: 党员活动日, 理论学习: none}
    attendance: {△: 假}
    skip: [许干事]
  - title: 会议系统
    columns: {member: 参会人员}
    横排: [日期, 项目, 主题]
    空格: 缺
  - title: 起止
    columns: {member: 党员, date: 开始时间, end: 结束时间, item: 会议类型}
"""
Rows = Sequence[Sequence[object]]


def write_merged(path: Path, rows: Rows, *merged: str) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append([value or None for value in row])
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    project = SiteProject(tmp_path / "organ", ROSTER)
    project.write("content/import.yaml", FORMATS)
    return project


@pytest.fixture
def received(tmp_path: Path) -> Path:
    (tmp_path / "received").mkdir()
    return tmp_path / "received"


DAYS = [str(number) for number in range(1, 32)]


def month_row(*words: str, **times: str) -> list[object]:
    """A row of a machine: what stands before the days, and times by day."""
    return [*words, *(times.get(f"on_{day}", "") for day in DAYS), str(len(times))]


def test_a_machine_has_a_column_for_each_day_of_the_month_and_times_in_it(organ: SiteProject, received: Path):
    rows = [
        ["考勤汇总（2026-03-01 至 2026-03-31）"],
        ["工号", "姓名", "身份证号", "部门", *DAYS, "出勤天数"],
        ["", "", "", "", *("日一二三四五六" * 5)[:31]],
        month_row("1", "林远", IDENTITY, "办公室", on_5="08:31 17:40", on_12="8:40"),
        month_row("2", "秦　雨", IDENTITY, "办公室", on_5="请假", on_12="缺勤"),
        month_row("3", "赵磊", IDENTITY, "办公室"),
        month_row("4", "林远", IDENTITY, "办公室", on_12="08：39\n18:00:02"),
        month_row("5", "会计", IDENTITY, "财务科", on_5="08:31"),
        month_row("", "实到人数", "", "", on_5="2", on_12="1"),
        ["打印时间：2026-04-01"],
    ]
    file = received / "machine.csv"
    write_csv("gbk")(file, rows)
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    assert marks(organ) == {
        ("jia", "2026-03-05"): {"lin-yuan": "present", "qin-yu": "leave"},
        ("jia", "2026-03-12"): {"lin-yuan": "present", "qin-yu": "absent"},
    }
    # All days empty; the same person's day again; another department's; the totals; the foot.
    assert rows_told(done.output) == {6, 7, 8, 9, 10}
    assert "没有读、也没有存的：A 列、C 列" in done.output
    file.unlink()
    assert [IDENTITY in done.output, *files_with(received.parent, IDENTITY)] == [False]


MERGED: list[list[object]] = [
    ["示例机关2026年第一季度组织生活参加情况"],
    ["序号", "党员姓名", "所在党组织", "身份证号", "主题党日", "", "支部党课", "理论学习", "参加率"],
    ["", "", "", "", "3月5日", "3月19日", "3月12日（星期四）", "3月2日", ""],
    ["1", "林远", "第一党支部", IDENTITY, "√", "×", "√", "√", "67%"],
    ["2", "秦雨", "第一党支部", IDENTITY, "√", "△", "", "√", "50%"],
    ["3", "何平", "第二党支部", IDENTITY, "到", "假", "缺", "", "33%"],
    ["4", "许干事", "第二党支部", IDENTITY, "√", "√", "√", "√", ""],
    ["合计", "", "", "", "3", "1", "1", "2", ""],
]
OF_MERGED = {
    ("jia", "2026-03-05"): {"lin-yuan": "present", "qin-yu": "present"},
    ("jia", "2026-03-19"): {"lin-yuan": "absent", "qin-yu": "leave"},
    ("jia", "2026-03-12"): {"lin-yuan": "present"},
    ("yi", "2026-03-05"): {"he-ping": "present"},
    ("yi", "2026-03-19"): {"he-ping": "leave"},
    ("yi", "2026-03-12"): {"he-ping": "absent"},
}


@pytest.mark.parametrize("name", ["merged.xlsx", "bom.csv"])
def test_activities_stand_above_their_days_in_merged_heads(organ: SiteProject, received: Path, name: str):
    file = received / name
    if name == "bom.csv":
        write_csv("utf-8-sig")(file, MERGED)
    else:
        write_merged(file, MERGED, "A1:I1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:F2", "I2:I3", "A8:D8")
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    assert marks(organ) == OF_MERGED
    assert rows_told(done.output) == {4, 5, 7, 8}  # what is not wanted of two, one who is no member, the totals
    file.unlink()
    assert [*files_with(received.parent, IDENTITY)] == []


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", "\t"), ("utf-8-sig", ";")])
def test_days_stand_above_their_activities_and_an_empty_cell_means_something(
    organ: SiteProject, received: Path, encoding: str, delimiter: str
):
    rows = [
        ["", "", "2026.3.5", "", "3月19日党员活动日", "签到率"],
        ["参会人员", "电话", "支部党课", "党员活动日", "", ""],
        ["", "", "", "走访", "", ""],
        ["林远", "13800138000", "到", "", "签到", "1"],
        ["秦雨", "13800138000", "", "免", "", "0"],
        ["应到", "", "2", "2", "2", ""],
        ["审核人：某某"],
    ]
    file = received / "meetings.txt.csv"
    write_csv(encoding, delimiter)(file, rows)
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 1, done.output
    assert "E 列上面的“3月19日党员活动日”看不准是哪一天" in done.output  # no year is written above it
    rows.insert(0, ["2026年3月会议签到"])
    write_csv(encoding, delimiter)(file, rows)
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    draft = next(iter(organ.read(TODAY).draft_ledgers.values()))
    assert [(held.item.title, held.title, held.date.day) for held in draft.held] == [
        ("支部党课", "", 5),
        ("党员活动日", "走访", 5),
        ("党员活动日", "", 19),
    ]
    assert [[one.how.value for one in held.attendance] for held in draft.held] == [
        ["present", "absent"],
        ["absent", "exempt"],
        ["present", "absent"],
    ]
    assert "13800138000" not in done.output


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ((4, 5), "迟到", "第 5 行：“迟到”看不出是到、假、缺还是免"),
        ((4, 5), IDENTITY, "第 5 行：“出勤”里像是有身份证号或电话号码"),
        ((2, 5), "2月30日", "第 3 行：F 列上面的“2月30日”看不准是哪一天"),
        ((2, 5), f"3月19日{IDENTITY}", "第 3 行：“主题”里像是有身份证号或电话号码"),
        ((1, 6), "3月6日", "第 2 行：G 列上面的“3月6日”、“3月12日（星期四）”看不准是哪一天"),
        ((1, 4), "", "第 3 行：E 列上面没有写“项目”"),
        ((5, 1), "林远", "第 6 行：“林远”2026-03-05 不在第二党支部的名册上"),
        ((5, 1), "", "第 6 行：没有写“党员”"),
    ],
)
def test_what_leaves_a_doubt_is_told_by_row(
    organ: SiteProject, received: Path, place: tuple[int, int], value: str, said: str
):
    file = received / "faulty.csv"
    rows, (row, column) = [list(cells) for cells in MERGED], place
    rows[row][column] = value
    if place == (1, 4):
        rows[1][3] = ""  # or else it would be merged with this
    write_csv("gb18030")(file, rows)
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 1, done.output
    assert said in done.output
    assert [IDENTITY in done.output, *(organ.root / "ledgers/2026").glob("*/*")] == [False]


@pytest.mark.parametrize(
    ("begin", "end", "day"),
    [
        ("2026-03-05 14:30~16:30", "", "2026-03-05"),
        ("2026-03-05 14:30:00 至 2026-03-05 16:30:00", "", "2026-03-05"),
        ("2026年3月5日14:30", "2026-03-05 16:30", ""),
        ("2026年3月5日", "16:30", "2026-03-05"),
        ("2026年3月5日 下午", "2026/3/5", ""),
        ("3月5日—3月7日", "", ""),
        ("2026-03-05~2026-03-07", "", ""),
        ("2026-03-05-07", "", ""),
        ("2026-03-05", "2026-03-07 09:00", ""),
        ("2026-03-05", "改期", ""),
    ],
)
def test_a_span_of_one_day_is_read_and_one_of_several_told(
    organ: SiteProject, received: Path, begin: str, end: str, day: str
):
    file = received / "spans.csv"
    write_csv("utf-8")(file, [["党员", "会议类型", "开始时间", "结束时间"], ["林远", "党员活动日", begin, end]])
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert [key[1] for key in marks(organ)] == ([day] if day else []), done.output
    assert (done.exit_code, rows_told(done.output)) == ((0, set()) if day else (1, {2}))


@given(
    first=st.dates(min_value=date(2000, 1, 1), max_value=date(2998, 1, 1)),
    days=st.integers(0, 40),
    sign=st.sampled_from("~—–至到-"),
)
@few_examples
def test_a_span_is_read_as_it_is_written(first: date, days: int, sign: str):
    last = first + timedelta(days=days)
    expected = (first, last)
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d 09:05"):
        assert written_days.interpret_range(f"{first.strftime(form)} {sign} {last.strftime(form)}") == expected
    if first.year == last.year:
        assert written_days.interpret_range(f"{first}{sign}{last:%m-%d}") == expected


def test_the_schema_knows_columns_of_activities():
    assert find_fault("content/import.yaml", FORMATS) == ""
    assert find_fault("content/import.yaml", FORMATS.replace("[date]", "[day]")) != ""
    assert find_fault("content/import.yaml", FORMATS.replace("空格: 缺", "空格: 空")) != ""
