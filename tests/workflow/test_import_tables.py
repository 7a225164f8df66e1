"""Tables in the shapes that other systems write: each row is taken as it is meant, or told with its number."""

import io
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from generator.commands import cli
from generator.core.model.ledger import AttendanceStatus
from tests.editor_yaml import find_fault
from tests.received_tables import IDENTITY, ROSTER, TODAY, Write, bring_in, files_with, marks, rows_told, write_csv
from tests.site_project import SiteProject

FORMATS = """\
formats:
  - title: 标准化系统
    columns: {member: 姓名, branch: 所在党组织, date: 活动时间, item: 活动类型, title: 活动主题, attendance: 参会情况}
    items: {党员大会: 支部党员大会, 理论中心组: none}
    branches: {中共示例机关第一支部委员会: 第一党支部, 中共示例机关第二支部委员会: yi, 中共外单位支部委员会: none}
    attendance: {因公请假: leave, 无故缺席: 缺}
    skip: [许干事]
  - title: 考勤机
    columns: {member: 员工, date: 打卡时间}
    item: 支部党课
"""
HEADS = [
    ["2026年3月组织生活情况"],
    ["序号", "姓名", "身份证号", "所在党组织", "活动信息", "", "", "参会情况", "联系电话"],
    ["", "", "", "", "活动时间", "活动类型", "活动主题", "", ""],
]
FIRST, SECOND = "中共示例机关第一支部委员会", "中共示例机关第二支部委员会"
SHAPES: list[list[object]] = [
    ["1", "林　远", IDENTITY, FIRST, "2026-03-05 14:00:00", "党员大会", "三月会议", "参加", "13800138000"],
    ["2", "秦雨", IDENTITY, FIRST, "2026/3/5", "党员大会", "三月会议", "因公请假", ""],
    ["3", "赵磊", IDENTITY, FIRST, "2026年3月5日", "党员大会", "三月会议", "无故缺席", ""],
    ["4", "许干事", IDENTITY, FIRST, "2026年3月5日", "党员大会", "三月会议", "参加", ""],
    ["5", "何 平", IDENTITY, SECOND, "2026-03-05", "党员大会", "三月会议", "参加", ""],
    ["6", "唐博", IDENTITY, SECOND, "2026-03-05", "党员大会", "三月会议", "免计", ""],
    ["7", "唐博", IDENTITY, FIRST, "2026-03-12", "支部党课", "", "到会", ""],
    ["8", "唐博", IDENTITY, FIRST, "2026-03-12", "支部党课", "", "到会", ""],
    ["9", "外来人", IDENTITY, "中共外单位支部委员会", "2026-03-12", "支部党课", "", "到会", ""],
    ["10", "林远", IDENTITY, FIRST, "2026-03-12", "理论中心组", "", "到会", ""],
    ["合计", "", "", "", "", "", "", "8", ""],
    ["制表人：某某", "", "", "", "审核人：某某", "", "", "", ""],
]
MARKS = {
    ("jia", "2026-03-05"): {"lin-yuan": "present", "qin-yu": "leave", "zhao-lei": "absent"},
    ("jia", "2026-03-12"): {"tang-bo": "present"},
    ("yi", "2026-03-05"): {"he-ping": "present", "tang-bo": "exempt"},
}


def write_xlsx(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """A workbook with merged heads, days as such, and a sheet of notes."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append([value or None for value in row])
    for merged in ("A1:I1", "A2:A3", "B2:B3", "E2:G2", "H2:H3"):
        sheet.merge_cells(merged)
    for cell in [*sheet["E"]]:
        if isinstance(cell.value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", cell.value):
            cell.value = datetime.fromisoformat(cell.value)
    book.create_sheet("说明").append(["由系统导出", IDENTITY])
    book.save(path)


WRITERS: Mapping[str, Write] = {
    "utf-8.csv": write_csv("utf-8"),
    "bom.csv": write_csv("utf-8-sig"),
    "gbk.csv": write_csv("gbk"),
    "gb18030.csv": write_csv("gb18030"),
    "tabs.csv": write_csv("gb18030", "\t"),
    "merged.xlsx": write_xlsx,
}


@pytest.fixture
def organ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SiteProject:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    project = SiteProject(tmp_path / "organ", ROSTER)
    project.write("content/import.yaml", FORMATS)
    return project


@pytest.mark.parametrize("name", WRITERS)
def test_each_row_of_an_export_is_taken_or_told(organ: SiteProject, tmp_path: Path, name: str):
    file = tmp_path / "received" / name
    file.parent.mkdir()
    WRITERS[name](file, [*HEADS, *SHAPES])
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    assert marks(organ) == MARKS
    # Of twelve rows from the fourth on: no member, the second of a person, not wanted twice, the foot.
    assert rows_told(done.output) == {7, 11, 12, 13, 14, 15}
    file.unlink()
    assert IDENTITY not in done.output
    assert [*files_with(tmp_path, IDENTITY), *files_with(tmp_path, "13800138000")] == []


def test_what_stands_above_several_heads_is_the_head_of_none(organ: SiteProject, tmp_path: Path):
    """Of groups named like columns, too: the people's first column, the meeting's first day."""
    rows: list[list[object]] = [
        ["三月情况"],
        ["序号", "参会人员", "", "", "活动时间", "", "积分项目", "出勤"],
        ["", "身份证号", "所在党支部", "姓名", "报备", "召开时间", "", ""],
        ["1", IDENTITY, "第一党支部", "林远", "2026-03-01", "2026-03-05", "支部党课", "到"],
        ["2", IDENTITY, "第一党支部", "秦雨", "2026-03-01", "2026-03-05", "支部党课", "假"],
    ]
    (organ.root / "content/import.yaml").unlink()
    file = tmp_path / "a.csv"
    write_csv("utf-8")(file, rows)
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    assert marks(organ) == {("jia", "2026-03-05"): {"lin-yuan": "present", "qin-yu": "leave"}}
    assert "没有读、也没有存的：A 列、B 列、E 列。" in done.output


def test_several_people_in_a_cell_are_told_as_such(organ: SiteProject, tmp_path: Path):
    file = tmp_path / "a.csv"
    write_csv("utf-8")(file, [*HEADS, ["1", "林远、秦雨,某人", "", FIRST, "2026-03-05", "党员大会", "", "参加", ""]])
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert (done.exit_code, "第 4 行：一格里写了 3 个人：林远、秦雨、某人" in done.output) == (1, True), done.output


def test_a_sheet_of_mere_people_is_left_aside_and_its_name_covered(organ: SiteProject, tmp_path: Path):
    file = tmp_path / "a.xlsx"
    write_xlsx(file, [*HEADS, *SHAPES[:3]])
    book = load_workbook(file)
    people = book.create_sheet(f"人员 {IDENTITY}", 0)
    people.append(["姓名", "身份证号", "所在党组织"])
    people.append(["林远", IDENTITY, FIRST])
    book.save(file)
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert (done.exit_code, list(marks(organ))) == (0, [("jia", "2026-03-05")]), done.output
    assert "“人员 110***********8515”表" in done.output
    assert IDENTITY not in done.output


def test_one_branch_of_a_table_of_all_leaves_the_others_told(organ: SiteProject, tmp_path: Path):
    file = tmp_path / "a.csv"
    write_csv("utf-8")(file, [*HEADS, *SHAPES])
    done = bring_in(organ, file, "--branch", "jia", "--recorder", "林远", "--yes")
    assert (done.exit_code, rows_told(done.output)) == (0, {7, 8, 9, 11, 12, 13, 14, 15})
    assert marks(organ) == {key: held for key, held in MARKS.items() if key[0] == "jia"}


@pytest.mark.parametrize("name", ["gb18030.csv", "merged.xlsx"])
def test_a_faulty_export_leaves_nothing_behind(organ: SiteProject, tmp_path: Path, name: str):
    file = tmp_path / "received" / name
    file.parent.mkdir()
    wrong: list[list[object]] = [
        ["11", "何平", IDENTITY, FIRST, "2026-03-05", "党员大会", "三月会议", "参加", ""],
        ["12", "林原", IDENTITY, FIRST, "3月5日", "党员大会", "三月会议", "参加", ""],
        ["13", f"林远{IDENTITY}", IDENTITY, FIRST, "2026-03-05", "党员大会", "三月会议", "参加", ""],
        ["14", "林远", IDENTITY, FIRST, "2026-03-05", "党员大会", "三月会议", "因公请假", ""],
        ["15", "林远", IDENTITY, FIRST, "", "党员大会", "三月会议", "参加", ""],
        ["16", "林远", IDENTITY, FIRST, "2026-03-06", "党员大会", "三月会议", "迟到", ""],
    ]
    WRITERS[name](file, [*HEADS, *SHAPES[:3], *wrong])
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert (done.exit_code, rows_told(done.output)) == (1, {7, 8, 9, 10, 11, 12})
    assert not list((organ.root / "ledgers/2026").glob("*/*"))
    file.unlink()
    assert IDENTITY not in done.output
    assert [*files_with(tmp_path, IDENTITY)] == []


def test_an_attendance_machine_has_clock_times_and_several_records_of_a_day(organ: SiteProject, tmp_path: Path):
    rows = [
        ["工号", "员工", "部门", "打卡时间"],
        ["1001", "林远", "办公室", "2026-03-19 08:31:07"],
        ["1001", "林远", "办公室", "2026-03-19 17:40"],
        ["1002", "秦雨", "办公室", "2026/3/19 8:45"],
        ["1003", "何平", "财务", "2026-03-19T08:50:11"],
    ]
    file = tmp_path / "machine.csv"
    write_csv("gbk")(file, rows)
    refused = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert (refused.exit_code, rows_told(refused.output)) == (1, {2, 3, 4, 5})
    done = bring_in(organ, file, "--branch", "第一", "--recorder", "林远", "--yes")
    assert (done.exit_code, rows_told(done.output)) == (0, {3, 5})
    assert marks(organ) == {("jia", "2026-03-19"): {"lin-yuan": "present", "qin-yu": "present"}}
    assert "表里没有赵磊、唐博" in done.output


def test_awards_become_entries_with_their_levels_and_notes(organ: SiteProject, tmp_path: Path):
    (organ.root / "content/import.yaml").unlink()
    rows = [
        ["姓名", "日期", "项目", "主题", "档次", "次数", "备注"],
        ["林远", "2026-03-05", "比赛表演", "书法比赛", "参加", "", "机关工会"],
        ["林远", "2026-03-06", "建言献策", "", "", "２", "窗口导办"],
    ]
    file = tmp_path / "awards.csv"
    write_csv("utf-8")(file, rows)
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    text = (organ.root / "ledgers/2026/jia/03.yaml").read_text(encoding="utf-8")
    assert text.partition("记录:\n")[2] == (
        '  - 党员: 林远\n    项目: 比赛表演\n    档次: 参加\n    日期: 2026-03-05\n    备注: "书法比赛：机关工会"\n'
        "  - 党员: 林远\n    项目: 建言献策\n    日期: 2026-03-06\n    次数: 2\n    备注: 窗口导办\n"
    )


def test_a_table_of_strangers_is_told_within_bounds_and_soon(organ: SiteProject, tmp_path: Path):
    """Each unknown name is looked up for names like it, which takes its time."""
    file = tmp_path / "a.csv"
    strangers = [["", f"生人{number}", "", FIRST, "2026-03-05", "支部党课", "", "到", ""] for number in range(5000)]
    write_csv("utf-8")(file, [*HEADS, *strangers])
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert (done.exit_code, done.output.count("错误：")) == (1, 100)
    assert "〔file.too-many-problems〕" in done.output


def test_many_rows_that_are_left_out_are_all_told(organ: SiteProject, tmp_path: Path):
    file = tmp_path / "a.csv"
    outsiders = [["", "外人", "", "中共外单位支部委员会", "2026-03-05", "支部党课", "", "到", ""]] * 900
    rows = [row for pair in zip(outsiders, SHAPES[:1] * 900, strict=True) for row in pair]
    write_csv("utf-8")(file, [*HEADS, *rows])
    done = bring_in(organ, file, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    assert rows_told(done.output) == set(range(4, 1804)) - {5}


def test_the_schema_takes_what_the_program_takes():
    assert find_fault("content/import.yaml", FORMATS) == ""
    assert find_fault("content/import.yaml", FORMATS.replace("leave", "vacation")) != ""
    assert find_fault("content/import.yaml", FORMATS.replace("member: 员工, ", "")) != ""


@pytest.mark.parametrize(("is_sealed", "is_written"), [(False, True), (True, False)])
def test_votes_fill_a_draft_that_has_none_and_never_a_sealed_poll(
    organ: SiteProject, tmp_path: Path, *, is_sealed: bool, is_written: bool
):
    path = "ledgers/2026/votes/dangyuan.yaml"
    poll = organ.write(path, "award: 优秀共产党员\ndate: 2026-03-20\nelectorate: 5\nvotes: {}\n")
    if is_sealed:
        organ.approve(poll, meeting="2026-03-25", today=TODAY)
    before, file = poll.read_bytes(), tmp_path / "a.csv"
    write_csv("gbk")(file, [["姓名", "身份证号", "赞成票"], ["林远", IDENTITY, "4"], ["何平", IDENTITY, "0"]])
    done = bring_in(organ, file, "--votes", "dangyuan", "--yes")
    assert (done.exit_code, poll.read_bytes() != before) == (int(not is_written), is_written), done.output
    if is_written:
        assert poll.read_text(encoding="utf-8").endswith("应到: 5\n得票:\n  林远: 4\n  何平: 0\n")
    assert IDENTITY not in done.output + poll.read_text(encoding="utf-8")


# --- what is asked ---------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """Standard input that a person types."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("是\n", 0), ("\n", 1), ("否\n", 1)])
def test_a_terminal_is_asked_and_no_is_the_default(
    organ: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
):
    file = tmp_path / "a.csv"
    write_csv("utf-8")(file, [*HEADS, *SHAPES])
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    words = ["-C", str(organ.root), "import", str(file), "--recorder", "林远", "--today", TODAY.isoformat()]
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert (ended.value.code, (organ.root / "ledgers/2026/jia/03.yaml").exists()) == (code, code == 0)


def test_a_draft_is_changed_only_to_update_it(organ: SiteProject, tmp_path: Path):
    draft = organ.ledger("jia", "2026-03", "activities:\n  - {item: dues, date: 2026-03-02}  # 已收\n")
    file = tmp_path / "a.csv"
    write_csv("utf-8")(file, [*HEADS, *SHAPES[:3]])
    before = draft.read_bytes()
    refused = bring_in(organ, file, "--yes")
    assert (refused.exit_code, "〔workbook.draft-exists〕" in refused.output, draft.read_bytes()) == (1, True, before)
    assert bring_in(organ, file, "--yes", "--update").exit_code == 0
    assert draft.read_bytes().startswith(before)
    assert marks(organ)["jia", "2026-03-05"] == MARKS["jia", "2026-03-05"]
    again = bring_in(organ, file)
    assert (again.exit_code, "没有改动" in again.output) == (0, True)


def test_mistakes_in_the_formats_stop_only_check_and_import(organ: SiteProject, tmp_path: Path):
    organ.write("content/import.yaml", "formats:\n  - {columns: {member: 姓名}}\n")
    file = tmp_path / "a.csv"
    write_csv("utf-8")(file, [*HEADS, *SHAPES])
    for words, code in ((["check"], 1), (["import", file], 1), (["score", "2026-Q1"], 0), (["tidy", "ledgers"], 0)):
        assert organ.run(*words, today=TODAY).exit_code == code, words


# --- attendance by chance --------------------------------------------------------------------------------------------

PEOPLE = {"lin-yuan": "林远", "qin-yu": "秦雨", "zhao-lei": "赵磊"}
WORDS = {
    AttendanceStatus.PRESENT: ["到", "参加", "已签到", " 到会"],
    AttendanceStatus.LEAVE: ["假", "请 假", "因公请假"],
    AttendanceStatus.ABSENT: ["缺", "无故缺席"],
    AttendanceStatus.EXEMPT: ["免", "免计"],
}
DAY_FORMS = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y-%m-%d 09:05", "%Y.%m.%d", "%Y%m%d"]
MARKED = st.dictionaries(st.sampled_from(sorted(PEOPLE)), st.sampled_from(AttendanceStatus), min_size=1)
HELD = st.dictionaries(st.integers(0, 30), MARKED, min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(HELD, st.sampled_from(sorted(WRITERS)), st.randoms(use_true_random=False))
def test_a_draft_has_exactly_the_marks_of_its_table(
    tmp_path_factory: pytest.TempPathFactory, held: dict[int, dict[str, AttendanceStatus]], name: str, chance: Random
):
    folder = tmp_path_factory.mktemp("marks")
    organ = SiteProject(folder / "organ", ROSTER)
    organ.write("content/import.yaml", FORMATS)
    days = {date(2026, 3, 1) + timedelta(number): marked for number, marked in held.items()}
    rows = [
        [
            "",
            PEOPLE[member],
            IDENTITY,
            FIRST,
            day.strftime(chance.choice(DAY_FORMS)),
            "支部党课",
            "",
            chance.choice(WORDS[mark]),
            "",
        ]
        for day, marked in days.items()
        for member, mark in marked.items()
    ]
    chance.shuffle(rows)
    WRITERS[name](folder / name, [*HEADS, *rows])
    done = bring_in(organ, folder / name, "--recorder", "林远", "--yes")
    assert done.exit_code == 0, done.output
    assert marks(organ) == {("jia", day.isoformat()): marked for day, marked in days.items()}
