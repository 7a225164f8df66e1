"""What git leaves of two versions is named as that in every kind of file, unless it may be the text's own."""

import re
from pathlib import Path

import pytest

from generator.core.basics.periods import Period
from generator.intake.text import conflict_markers
from generator.problems import Problem
from tests.site_project import SiteProject, members

LEFT_OVER = ["=======", ">>>>>>> second", "|||||||", "||||||| 1a2b3c4", ">>>>>>>", "<<<<<<< HEAD", "======= "]
FILES = {
    "ledgers/2026/jia/03.yaml": "branch: jia\nmonth: 2026-03\n@\nrecorder: 周敏\nentries: []\n",
    "ledgers/roster.yaml": "branches:\n  - {id: jia, name: 甲}\n@\nmembers: []\n",
    "ledgers/rulebooks/erqi-2021.yaml": "id: erqi-2021\n@\ntitle: 一\n",
    "ledgers/2026/cycle.yaml": "year: 2026\n@\nrulebook: erqi-2021\n",
    "ledgers/2026/honours.yaml": "year: 2026\n@\nhonours: []\n",
    "content/import.yaml": "formats:\n  - columns: {member: 姓名, date: 日期}\n@\n    item: study\n",
    "content/site.yaml": "organ: 示例机关\n@\ncommittee: 机关党委\n",
    "content/notices/x.md": "---\ntitle: 通知\n@\ndate: 2026-03-01\n---\n正文\n",
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("marker", LEFT_OVER)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_marker_that_was_left_over_is_named(tmp_path: Path, file: str, marker: str, end: str):
    organ = SiteProject(tmp_path, members("zhang 张三 jia"))
    text = FILES[file].replace("@", marker)
    organ.write(file, "").write_bytes(text.replace("\n", end).encode())
    said = organ.run("check", file).output
    number = text.split("\n").index(marker) + 1
    (problem,) = re.findall("^.*: 错误：.*$", said, re.MULTILINE)
    assert problem.startswith(f"{file}:{number}:1: 错误：这一行是版本管理（git）合并两个版本时留下的冲突标记。请看上下")
    assert f"再删去“{marker.strip()}”这一行" in problem


def problem_of(text: str, file: str = "content/notices/x.md") -> Problem | None:
    return conflict_markers.find_conflict(f"---\ntitle: 通知\n---\n{text}", file)


@pytest.mark.parametrize(
    "text",
    [
        "一\n=======\n二\n>>>>>>> second\n",
        "<<<<<<< HEAD\n一\n=======\n二\n",
        "一\n||||||| 1a2b3c4\n二\n=======\n三\n",
        "一\n>>>>>>> second\n",
        "<<<<<<< HEAD\n一\n",
        "```\n例\n```\n一\n=======\n二\n>>>>>>> second\n",
    ],
)
def test_in_an_article_too_where_nothing_else_can_be_meant(text: str):
    problem = problem_of(text)
    assert problem is not None
    assert problem.code == "file.conflict"


@pytest.mark.parametrize(
    "text",
    [
        "通知\n=======\n正文\n",
        "一\n\n=======\n",
        "> 一\n>>>>>>> 二\n",
        "|||||||\n|-|-|-|-|-|-|\n|1|2|3|4|5|6|\n\n通知\n=======\n",
        "```\n<<<<<<< HEAD\n一\n=======\n二\n>>>>>>> second\n```\n",
        "~~~ text\n=======\n>>>>>>> second\n",
        "========\n",
        "a >>>>>>> b\n",
    ],
)
def test_headings_quotations_tables_and_examples_pass(text: str):
    assert problem_of(text) is None


def test_a_text_in_quotation_marks_keeps_such_a_line(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhang 张三 jia"))
    organ.ledger(
        "jia", "2026-03", 'entries:\n  - {member: 张三, item: suggestion, date: 2026-03-02, note: "一\n=======\n二"}\n'
    )
    (entry,) = organ.read().draft_ledgers["jia", Period.from_name("2026-03")].credits
    assert entry.note == "一 ======= 二"
