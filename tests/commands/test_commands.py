"""What commands print: the keys and forms that other programs rest on."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from generator.commands import cli
from generator.render.export import xlsx
from generator.render.export.tables import Table
from tests.conftest import pairs
from tests.site_project import RULEBOOK, TODAY, SiteProject, members, written_once

PROOF = "evidence: {document: 文件.pdf}"


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    made = SiteProject(tmp_path, members("zhang 张三 jia", "wang 王五 jia 2026-01-02", "li 李四 yi"))
    made.approve(
        made.ledger(
            "jia",
            "2026-01",
            f"""
            activities:
              - {{item: general-meeting, date: 2026-01-05, leave: [王五]}}
            entries:
              - {{member: 张三, item: suggestion, times: 6, date: 2026-01-06, note: 建议}}
              - {{member: 张三, item: criticism, date: 2026-01-07, {PROOF}}}
            """,
        )
    )
    return made


def test_score_prints_the_documented_keys(organ: SiteProject):
    board = json.loads(organ.run("score", "2026-Q1", "--branch", "jia", "--format", "json").stdout)
    assert board["period"] == "2026-Q1"
    assert board["branch"] == "jia"
    assert board["provisional"] is True
    assert board["missing"] == ["jia/2026-02", "jia/2026-03"]
    first, second = board["rows"]
    assert first["groups"] == {"basic": "1", "feature": "10", "deduction": "-5"}
    assert {key: first[key] for key in ("rank", "member", "name", "points", "total")} == {
        "rank": 1,
        "member": "zhang",
        "name": "张三",
        "points": "6",
        "total": "6",
    }
    assert [(row["vetoed"], row["partial"], row["last"]) for row in (first, second)] == [
        (False, False, False),
        (False, True, False),
    ]


def test_score_without_a_branch_is_the_organs(organ: SiteProject):
    board = json.loads(organ.run("score", "2026-H1", "--format", "json").stdout)
    assert board["branch"] is None
    assert [row["name"] for row in board["rows"]] == ["张三", "李四", "王五"]
    assert board["missing"] == [f"jia/2026-{n:02}" for n in range(2, 7)] + [f"yi/2026-{n:02}" for n in range(1, 7)]


def test_score_as_csv_and_table_show_the_same_rows(organ: SiteProject):
    rows = list(csv.reader(organ.run("score", "2026-01", "--format", "csv").stdout.removeprefix("\ufeff").splitlines()))
    table = organ.run("score", "2026-01").stdout
    assert [row[2] for row in rows] == ["姓名", "张三", "李四", "王五"]
    assert rows[1][:10] == ["1", "zhang", "张三", "jia支部", "6", "6", "1", "10", "-5", ""]
    assert all(cell in table for row in rows for cell in row)


def test_a_name_is_no_formula_in_a_spreadsheet(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhang =1+1 jia", "wang -a jia"))
    rows = list(csv.reader(organ.run("score", "2026-01", "--format", "csv").stdout.removeprefix("\ufeff").splitlines()))
    assert {row[2] for row in rows[1:]} == {"'=1+1", "'-a"}


def test_explain_prints_the_documented_keys(organ: SiteProject):
    told = json.loads(organ.run("explain", "张三", "2026-01", "--format", "json").stdout)
    assert (told["member"], told["period"], told["points"]) == ("zhang", "2026-01", "6")
    keys = ["file", "line", "date", "branch", "item", "clause", "earned", "points", "reason"]
    assert all(list(line) == keys for line in told["lines"])
    suggestion = told["lines"][1]
    assert (suggestion["line"], suggestion["earned"], suggestion["points"]) == (8, "12", "10")
    assert "已达上限" in suggestion["reason"]
    assert "建议" in suggestion["reason"]


def test_explain_points_at_the_line_that_names_the_member(organ: SiteProject):
    told = json.loads(organ.run("explain", "wang", "2026-01", "--format", "json").stdout)
    (line,) = told["lines"]
    text = (organ.root / line["file"]).read_text(encoding="utf-8").splitlines()
    assert "王五" in text[line["line"] - 1]


def test_check_prints_the_documented_keys(organ: SiteProject):
    organ.ledger("yi", "2026-01", "entries: [{member: 无人, item: suggestion, date: 2026-01-05}]")
    done = organ.run("check", "--format", "json")
    assert done.exit_code == 1
    problems = json.loads(done.stdout)
    keys = ["file", "line", "column", "code", "severity", "message", "hint", "also"]
    assert all(list(problem) == keys for problem in problems)
    assert [problem["code"] for problem in problems if problem["severity"] == "error"] == ["ledger.unknown-member"]


def test_check_of_named_files_tells_only_of_them(organ: SiteProject):
    bad = organ.ledger("yi", "2026-01", "entries: [{member: 无人, item: suggestion, date: 2026-01-05}]")
    good = organ.ledger("jia", "2026-02")
    assert organ.run("check", good).exit_code == 0
    assert organ.run("check", bad).exit_code == 1
    assert organ.run("check").exit_code == 1


def test_files_may_be_named_from_the_project(organ: SiteProject):
    organ.ledger("jia", "2026-02")
    name = "ledgers/2026/jia/02.yaml"
    assert organ.run("check", name).exit_code == 0
    assert organ.run("form", name).exit_code == 0
    assert organ.run("approve", name, "--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行").exit_code == 0
    assert organ.run("check", "ledgers/2026/jia/13.yaml").exit_code == 2


def test_a_form_is_one_file_and_a_drafts_is_stamped(organ: SiteProject, tmp_path: Path):
    draft = organ.ledger("jia", "2026-02", "entries: [{member: 王五, item: suggestion, date: 2026-02-05}]")
    approved = organ.root / "ledgers/2026/jia/01.yaml"
    forms = {}
    for name, file in (("draft", draft), ("approved", approved)):
        output = tmp_path / f"{name}.html"
        assert organ.run("form", file, "--output", output).exit_code == 0
        forms[name] = output.read_text(encoding="utf-8")
        assert "<link" not in forms[name]
        assert forms[name].rstrip() == organ.run("form", file).stdout.rstrip()
    assert "送审稿" in forms["draft"]
    assert "送审稿" not in forms["approved"]
    for word in ("张三", "王五", "登记人", "党支部书记", "支委会"):
        assert all(word in form for form in forms.values()), word


def test_workbooks_are_written_into_a_new_folder_but_never_among_the_sources(organ: SiteProject, tmp_path: Path):
    folder = tmp_path / "发出的工作簿"
    assert organ.run("sheet", "2026-03", "--output", folder).exit_code == 0
    assert len(list(folder.glob("*.xlsx"))) == 2
    for refused in (organ.root / "ledgers/sheets", tmp_path / "none/sheets"):
        assert organ.run("sheet", "2026-03", "--output", refused).exit_code == 2
        assert not refused.exists()


def test_a_form_is_never_a_folder_of_workbooks(organ: SiteProject, tmp_path: Path):
    form = tmp_path / "form.html"
    done = organ.run("sheet", "2026-03", "--branch", "jia", "--output", form)
    assert (done.exit_code, "或者加 --format html" in done.stderr, form.exists()) == (2, True, False)
    assert organ.run("sheet", "2026-03", "--branch", "jia", "--output", form, "--format", "html").exit_code == 0
    assert form.read_bytes().startswith(b"<!DOCTYPE html>")


def test_the_day_decides_what_is_over(organ: SiteProject):
    done = organ.run("score", "2026-01", "--branch", "jia", "--format", "json", today=date(2026, 2, 1))
    assert json.loads(done.stdout)["missing"] == []
    done = organ.run("score", "2026-01", "--branch", "jia", "--format", "json", today=date(2026, 1, 31))
    assert json.loads(done.stdout)["missing"] == ["jia/2026-01"]


@pytest.mark.parametrize(
    "words",
    [
        ("score", "2026-13"),
        ("score", "2031"),
        ("score", "2026", "--branch", "nix"),
        ("explain", "无人", "2026"),
        ("build", "--audience", "organ,everybody"),
        ("approve",),
        ("form", "no-such-file"),
        ("nix",),
    ],
)
def test_wrong_usage_is_exit_2(organ: SiteProject, words: tuple[str, ...]):
    done = organ.run(*words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_too_many_is_told_only_by_the_ledger_that_holds_it(organ: SiteProject):
    """The organisational life meeting is expected twice a year; the third is in March, April has none."""
    for month in ("2026-02", "2026-03", "2026-04"):
        days = ["05", "06"] if month == "2026-02" else ["05"] if month == "2026-03" else []
        meetings = [f"{{item: life-meeting, date: {month}-{day}}}" for day in days]
        organ.ledger("jia", month, f"activities: [{', '.join(meetings)}]")
    problems = json.loads(organ.run("check", "--format", "json").stdout)
    told = [one["file"] for one in problems if one["code"] == "ledger.expected-too-many"]
    assert told == ["ledgers/2026/jia/03.yaml"]


def test_the_rules_in_force_are_those_of_the_newest_board(organ: SiteProject):
    """A rulebook laid down for next year is published at its own address, and in force once it makes a board."""
    newer = RULEBOOK.replace("id: erqi-2021", "id: next-2027").replace("管理办法（试行）", "管理办法（修订）")
    organ.write("ledgers/rulebooks/next-2027.yaml", newer)
    organ.write("ledgers/2027/cycle.yaml", "year: 2027\nrulebook: next-2027\n")
    assert organ.run("build").exit_code == 0
    assert (
        "（试行）" in (organ.root / "site/rules.html").read_text(encoding="utf-8").split("<main")[1].split("</h1>")[0]
    )
    assert (organ.root / "site/rules/next-2027.html").is_file()
    organ.approve(organ.ledger("jia", "2027-01"), meeting="2027-02-03")
    assert organ.run("build").exit_code == 0
    assert (
        "（修订）" in (organ.root / "site/rules.html").read_text(encoding="utf-8").split("<main")[1].split("</h1>")[0]
    )


def test_a_reader_who_closes_the_pipe_is_no_error(organ: SiteProject):
    command = [sys.executable, "-m", "generator", "-C", str(organ.root), "score", "2026", "--today", TODAY.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""


# --- outcomes --------------------------------------------------------------------------------------------------------


def test_outcomes_of_the_sample(sample: Path):
    words = ["-C", str(sample), "outcomes", "2026", "--format", "json", "--today", "2026-11-22"]
    found = json.loads(CliRunner().invoke(cli, words).stdout)
    assert [(row["member"], row["rule"], row["clause"], row["because"]) for row in found["rows"]] == [
        ("han-jianye", "quarter-last-four", "五3", ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]),
        ("lu-ziang", "delay-probation", "五5", ["2025-Q4", "2026-Q1"]),
        ("han-jianye", "bar-from-awards", "五5", ["2026-Q1", "2026-Q2"]),
        ("shi-junfeng", "bar-from-awards", "五5", ["2026-Q2", "2026-H1", "2026-Q3"]),
    ]
    assert {row["rule"] for row in found["lists"]} == {"vanguard", "recommendation", "talk"}
    assert {row["next"] for row in found["near"]} == {"2026-Q4"}


def test_outcomes_are_of_a_year(sample: Path):
    assert CliRunner().invoke(cli, ["-C", str(sample), "outcomes", "2026-Q1"]).exit_code == 2


def test_outcomes_as_a_workbook(sample: Path):
    words = ["-C", str(sample), "outcomes", "2026", "--format", "xlsx", "--today", "2026-11-22"]
    book = load_workbook(io.BytesIO(CliRunner().invoke(cli, words).stdout_bytes))
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [rows[0][0], rows[1]] == ["2026年度结果运用", ["性质", "编号", "姓名", "结果", "条款", "依据", "党支部"]]
    decision = ["决定", "han-jianye", "韩建业", "不合格等次", "五3", "2025-Q3、2025-Q4、2026-Q1、2026-Q2"]
    assert rows[2] == [*decision, "第一党支部"]
    for each in book.worksheets:
        assert (each.freeze_panes, each.print_title_rows) == ("A3", "$1:$2")
        assert (each.page_setup.orientation, each.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)


def test_figures_in_a_workbook_are_figures_and_no_word_becomes_a_formula():
    row = ("=cmd|x", "@SUM(A1)", Decimal("24.5"), Decimal("119.80"), 3, date(2026, 7, 1), None, "007")
    table = Table("a/b:c [甲]" * 9, tuple("abcdefgh"), (row,), ("=1+1",))
    sheet = load_workbook(io.BytesIO(xlsx.tables_to_xlsx([table]))).worksheets[0]
    assert [(cell.data_type, cell.value) for cell in sheet[3]] == [
        ("s", "=cmd|x"),
        ("s", "@SUM(A1)"),
        ("n", 24.5),
        ("n", 119.8),
        ("n", 3),
        ("d", datetime(2026, 7, 1)),
        ("n", None),
        ("s", "007"),
    ]
    assert sheet["A5"].data_type == "s"
    assert len(sheet.title) <= 31


def test_outcomes_as_csv_have_one_head_and_name_every_kind(sample: Path):
    words = ["-C", str(sample), "outcomes", "2026", "--format", "csv", "--today", "2026-11-22"]
    rows = list(csv.reader(io.StringIO(CliRunner().invoke(cli, words).stdout.removeprefix("\ufeff"))))
    assert {len(row) for row in rows} == {7}
    assert {"性质", "决定", "名单", "临界提醒：再有 2026-Q4 一次", "支部台账"} <= {row[0] for row in rows}


# --- results in files and pipes --------------------------------------------------------------------------------------

WRITTEN = {
    ("score", "2026-01"): ["table", "json", "csv", "xlsx"],
    ("outcomes", "2026"): ["table", "json", "csv", "xlsx"],
    ("explain", "zhang", "2026-01"): ["text", "json"],
    ("check",): ["text", "json"],
}
SUFFIXES = {"table": "txt", "text": "txt"}


@pytest.mark.parametrize(("words", "form"), [(words, form) for words, forms in WRITTEN.items() for form in forms])
def test_what_is_printed_can_be_written(organ: SiteProject, words: tuple[str, ...], form: str):
    file = organ.root.parent / f"result.{SUFFIXES.get(form, form)}"
    done = organ.run(*words, "--format", form, "--output", file)
    assert (done.exit_code, f"已写到：{file}" in done.stdout) == (0, True), done.output
    raw = file.read_bytes()
    if form == "xlsx":
        assert raw.startswith(b"PK")
        return
    assert raw.startswith(b"\xef\xbb\xbf") == (form == "csv")
    if words != ("check",) or form == "json":
        assert raw.decode() == organ.run(*words, "--format", form).stdout
    wrong = organ.run(*words, "--format", form, "--output", file.with_suffix(".doc"))
    assert (wrong.exit_code, f"不是 .{SUFFIXES.get(form, form)} 文件名" in wrong.stderr) == (2, True)
    other = next((one for one in WRITTEN[words] if one not in {form, *SUFFIXES}), None)
    if other:
        wrong = organ.run(*words, "--format", form, "--output", file.with_suffix(f".{other}"))
        assert (wrong.exit_code, f"，或者加 --format {other}" in wrong.stderr) == (2, True)


def test_a_workbook_has_the_figures_of_the_table(organ: SiteProject):
    file = organ.root.parent / "board.xlsx"
    assert organ.run("score", "2026-01", "--format", "xlsx", "--output", file).exit_code == 0
    _, head, *rows = load_workbook(file).active.iter_rows(values_only=True)
    cells = [["" if cell is None else str(cell) for cell in row] for row in (head, *rows)]
    printed = csv.reader(organ.run("score", "2026-01", "--format", "csv").stdout.removeprefix("\ufeff").splitlines())
    assert cells == list(printed)


ENCODINGS = ["gbk", "gb18030", "utf-8", "ascii", "latin-1", "cp437"]
PIPED = ["check", *(f"score 2026-01{form}" for form in ("", " --format json", " --format csv"))]


@pytest.mark.prove
@pytest.mark.parametrize(("words", "encoding"), pairs(PIPED, ENCODINGS))
def test_a_pipe_of_any_encoding(organ: SiteProject, words: str, encoding: str):
    """Text is in the encoding of the pipe if that has Chinese; what programs read is always UTF-8."""
    (organ.root / "ledgers/roster.yaml").write_text(
        (organ.root / "ledgers/roster.yaml").read_text("utf-8").replace("李四", "李𬱖四"), "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "generator", "-C", str(organ.root), *words.split(), "--today", TODAY.isoformat()],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert b"Traceback" not in done.stderr
    for_people = "--format" not in words
    text = done.stdout.decode(encoding if for_people and encoding.startswith("gb") else "utf-8")
    assert ("检查完毕" if words == "check" else "张") in text
    if words != "check":
        assert ("李?四" if encoding == "gbk" and for_people else "李𬱖四") in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "--audience", "organ", "--audience", "branch"), "--audience 写了不止一次。几个写在一起，用逗号隔开"),
        (("score", "2026-H1", "--format", "csv", "--format", "json"), "--format 写了不止一次。请只写一次"),
        (
            ("roster", "branch", "add", "x", "--secretary", "a", "--secretary", "b"),
            "--secretary 写了不止一次。请只写一次",
        ),
    ],
)
def test_an_option_given_twice_is_refused(words: tuple[str, ...], said: str):
    done = CliRunner().invoke(cli, [*words], prog_name="jifenbang")
    assert (done.exit_code, said in done.stderr) == (2, True), done.output


def test_a_ledger_in_a_folder_that_is_not_there_is_told_by_those_of_the_month(organ: SiteProject):
    done = organ.run("check", organ.root / "ledgers/2026/first/01.yaml")
    assert (done.exit_code, "ledgers/2026/jia/01.yaml" in done.output) == (2, True), done.output


def test_a_year_may_be_written_as_in_a_sentence(organ: SiteProject):
    assert organ.run("year", "2029年").exit_code == 0
    assert (organ.root / "ledgers/2029/cycle.yaml").is_file()
