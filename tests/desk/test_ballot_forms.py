"""Reviews, polls and honours as tables on the desk: what is typed is written as a person would, and nothing else."""

import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from tests.desks import RunningDesk
from tests.site_project import SiteProject, members

TODAY = date(2026, 4, 2)
ROSTER = members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 yi", "li1 李静 jia", "li2 李静 yi", branches="jia yi")
REVIEWS = """# 汇总自各支部
年度: 2026
得分:
  # 第一组
  王五: 80  # 复核过
  zhao: 70.50
# 完
"""
POLL = "奖项: 优秀党员\n日期: 2026-04-01\n应到: 30\n得票: {张三: 20, 赵六: 9}\n"
HONOURS = """年度: 2026
荣誉:
  - {奖项: 先进, 日期: 2026-03-01, 党员: [张三, 王五]}  # 会议定的
  - 奖项: 季度之星
    周期: 2026-Q1
    日期: 2026-04-01
    党员: [赵六]
"""
FILES = {
    "2026:reviews": ("ledgers/2026/reviews.yaml", REVIEWS),
    "2026:votes:best": ("ledgers/2026/votes/best.yaml", POLL),
    "2026:honours": ("ledgers/2026/honours.yaml", HONOURS),
}
ODD = [
    "a: b  # c",
    "- x",
    "&a *b",
    "{",
    "'",
    '"',
    "%YAML",
    "!!int 3",
    "null",
    "得分: {}",
    "审核: {by: 我}",
    "\0",
    "<b>",
]


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path / "organ", ROSTER)
    for name, text in FILES.values():
        organ.write(name, text)
    return organ


def read_form(running: RunningDesk, text_id: str) -> tuple[str, dict[str, str]]:
    page = running.get(f"text/{text_id}")[1]
    digest = re.search(r'data-digest="([0-9a-f]+)"', page)
    assert digest, page
    form = page.partition('<form id="ballot"')[2].partition("</form>")[0]
    cells = re.findall(r'<input name="([^"]*)" value="([^"]*)"', form)
    return digest[1], {unescape(name): unescape(text) for name, text in cells}


def save(running: RunningDesk, text_id: str, digest: str, cells: dict[str, str]) -> dict:
    body = json.dumps({"id": text_id, "digest": digest, "cells": cells}).encode()
    status, _, answered = running.post("save-ballot", body)
    assert status == 200
    return json.loads(answered)


@pytest.mark.parametrize("text_id", FILES)
def test_a_form_that_is_saved_as_it_is_changes_no_byte(running: RunningDesk, organ: SiteProject, text_id: str):
    name, text = FILES[text_id]
    digest, cells = read_form(running, text_id)
    answered = save(running, text_id, digest, cells)
    assert (answered["saved"], answered["moved"], answered["digest"]) == (True, False, digest)
    assert (organ.root / name).read_text("utf-8") == text


def test_scores_are_written_with_the_comments_and_the_order_of_the_file(running: RunningDesk, organ: SiteProject):
    digest, cells = read_form(running, "2026:reviews")
    assert (cells["score/wang"], cells["score/zhao"], cells["score/zhang"]) == ("80", "70.50", "")
    answered = save(
        running, "2026:reviews", digest, {**cells, "score/wang": "８１.5", "score/zhang": "95", "score/li2": "60"}
    )
    text = REVIEWS.replace("80  #", "81.5  #").replace("# 完", "# 完\n  张三: 95\n  li2: 60")
    assert (organ.root / "ledgers/2026/reviews.yaml").read_text("utf-8") == text
    cells = read_form(running, "2026:reviews")[1]
    assert (cells["score/wang"], cells["score/zhang"], cells["score/li2"]) == ("81.5", "95", "60")
    assert organ.run("check", "ledgers/2026/reviews.yaml", today=TODAY).exit_code == 0
    answered = save(running, "2026:reviews", answered["digest"], {**cells, "score/wang": "", "score/zhang": ""})
    text = text.replace("  王五: 81.5  # 复核过\n", "").replace("  张三: 95\n", "")
    assert (organ.root / "ledgers/2026/reviews.yaml").read_text("utf-8") == text
    entry = json.loads((organ.root / ".jifenbang/desk.log").read_text("utf-8").splitlines()[-1])
    assert list(entry["files"]) == ["ledgers/2026/reviews.yaml"]


def test_votes_and_the_head_of_a_poll_are_written(running: RunningDesk, organ: SiteProject):
    digest, cells = read_form(running, "2026:votes:best")
    typed = {**cells, "electorate": "３１", "date": "2026年4月2日", "vote/zhang": "21", "vote/wang": "3"}
    assert save(running, "2026:votes:best", digest, typed)["saved"]
    text = (organ.root / "ledgers/2026/votes/best.yaml").read_text("utf-8")
    assert text == "奖项: 优秀党员\n日期: 2026-04-02\n应到: 31\n得票:\n  张三: 21\n  赵六: 9\n  王五: 3\n"


def test_honours_are_added_changed_and_dropped_by_line(running: RunningDesk, organ: SiteProject):
    digest, cells = read_form(running, "2026:honours")
    new = {"award": "新奖", "date": "2026-04-02", "members": "王五，赵六", "period": "", "note": "补发"}
    typed = {**cells, "honour/1/members": "赵六、张三", **{f"honour/2/{key}": text for key, text in new.items()}}
    answered = save(running, "2026:honours", digest, typed)
    assert (answered["saved"], answered["moved"]) == (True, True)
    text = HONOURS.replace("[赵六]", "[赵六, 张三]")
    text += "  - 奖项: 新奖\n    日期: 2026-04-02\n    党员: [王五, 赵六]\n    备注: 补发\n"
    assert (organ.root / "ledgers/2026/honours.yaml").read_text("utf-8") == text
    digest, cells = read_form(running, "2026:honours")
    save(running, "2026:honours", digest, {name: "" if "/0/" in name else typed for name, typed in cells.items()})
    text = (organ.root / "ledgers/2026/honours.yaml").read_text("utf-8")
    assert ("先进" in text, "季度之星" in text, "新奖" in text) == (False, True, True)


@pytest.mark.parametrize(
    ("text_id", "cell", "typed", "code"),
    [
        ("2026:reviews", "score/wang", "101", "ballot.score"),
        ("2026:reviews", "score/wang", "九十", "field.bad-number"),
        ("2026:reviews", "score/zhang", "13800138000", "field.bad-number"),
        ("2026:votes:best", "vote/wang", "31", "ballot.votes"),
        ("2026:votes:best", "vote/wang", "二", "field.bad-number"),
        ("2026:votes:best", "electorate", "0", "field.bad-number"),
        ("2026:votes:best", "date", "某天", "field.bad-date"),
        ("2026:honours", "honour/1/members", "赵六、钱七", "ballot.unknown-member"),
        ("2026:honours", "honour/1/period", "2027-Q1", "ballot.period"),
        ("2026:honours", "honour/0/date", "某天", "field.bad-date"),
    ],
)
def test_a_problem_stands_beside_its_cell_and_nothing_is_written(  # noqa: PLR0913, PLR0917
    running: RunningDesk, organ: SiteProject, text_id: str, cell: str, typed: str, code: str
):
    digest, cells = read_form(running, text_id)
    answered = save(running, text_id, digest, {**cells, cell: typed})
    assert (cell, code) in [(problem["cell"], problem["code"]) for problem in answered["problems"]], answered
    assert "saved" not in answered
    name, text = FILES[text_id]
    assert (organ.root / name).read_text("utf-8") == text


@pytest.mark.parametrize(
    ("text_id", "cell"),
    [("2026:votes:best", "award"), ("2026:honours", "honour/1/note"), ("2026:honours", "honour/1/award")],
)
def test_nothing_typed_becomes_structure(running: RunningDesk, organ: SiteProject, text_id: str, cell: str):
    for odd in ODD:
        digest, cells = read_form(running, text_id)
        answered = save(running, text_id, digest, {**cells, cell: odd})
        if answered.get("saved"):
            assert read_form(running, text_id)[1] == {**cells, cell: odd}, odd
            assert "0 处错误" in organ.run("check", today=TODAY).output


def test_a_file_that_changed_is_shown_and_not_written_over(running: RunningDesk, organ: SiteProject):
    digest, cells = read_form(running, "2026:reviews")
    changed = REVIEWS.replace("80", "82")
    organ.write("ledgers/2026/reviews.yaml", changed)
    answered = save(running, "2026:reviews", digest, {**cells, "score/zhang": "95"})
    assert answered["conflict"] == changed
    assert (organ.root / "ledgers/2026/reviews.yaml").read_text("utf-8") == changed
    assert save(running, "2026:reviews", answered["digest"], {**cells, "score/zhang": "95"})["saved"]


def test_a_row_of_nobody_is_kept_shown_and_can_be_emptied(running: RunningDesk, organ: SiteProject):
    organ.write("ledgers/2026/reviews.yaml", REVIEWS + "  钱七: 60\n")
    digest, cells = read_form(running, "2026:reviews")
    assert cells["score/=钱七"] == "60"
    answered = save(running, "2026:reviews", digest, {**cells, "score/wang": "81"})
    assert [problem["cell"] for problem in answered["problems"]] == ["score/=钱七"]
    answered = save(running, "2026:reviews", digest, {**cells, "score/=钱七": ""})
    assert (answered["saved"], answered["moved"]) == (True, True)
    assert "不对" not in answered
    assert "对不上" in save(running, "2026:reviews", answered["digest"], {**cells, "score/=钱七": "3"})["refused"]


def test_what_is_sealed_or_no_table_is_left_as_it_is(running: RunningDesk, organ: SiteProject):
    path = organ.root / "ledgers/2026/reviews.yaml"
    organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {zhang: [1]}\n")
    assert '<textarea id="text"' in running.get("text/2026:reviews")[1]
    organ.write("ledgers/2026/reviews.yaml", REVIEWS)
    digest, cells = read_form(running, "2026:reviews")
    organ.approve(path, meeting="2026-04-01", today=TODAY)
    sealed = path.read_bytes()
    assert "<fieldset disabled>" in running.get("text/2026:reviews")[1]
    digest = read_form(running, "2026:reviews")[0]
    assert "不是草稿" in save(running, "2026:reviews", digest, {**cells, "score/zhang": "1"})["refused"]
    assert path.read_bytes() == sealed
    for text_id, status in (("site", 400), ("2031:reviews", 404), ("../x", 400)):
        body = json.dumps({"id": text_id, "digest": "", "cells": {}}).encode()
        assert running.post("save-ballot", body)[0] == status
