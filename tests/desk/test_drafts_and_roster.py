"""Drafts that are deleted, changes of the roster before they are written, and the folder to which the site goes."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from tests.desks import PUBLIC_KEY, ROSTER, TODAY, RunningDesk, files_of, table_of
from tests.month_forms import fill
from tests.site_project import SiteProject

DRAFT = {"pick:jia/2026-03/0": "1"}


def done(running: RunningDesk, act: str, fields: dict[str, str]) -> str:
    status, headers, page = running.act(act, fields)
    assert status == 303, page
    return running.get(headers["Location"].split("/", 2)[2])[1]


# --- drafts ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_shown_whole_before_it_is_deleted(running: RunningDesk, organ: SiteProject):
    before = files_of(organ.root)
    assert "删去草稿" in running.get("month/jia/2026-03")[1]
    shown = running.post("act/delete-draft", DRAFT)[2]
    assert ("title: 学习" in shown, "在文件夹里删去 ledgers/2026/jia/03.yaml" in shown) == (True, True)
    assert files_of(organ.root) == before
    assert "已删去草稿 ledgers/2026/jia/03.yaml" in done(running, "delete-draft", DRAFT)
    assert before.keys() - files_of(organ.root).keys() == {"ledgers/2026/jia/03.yaml"}
    entry = json.loads((organ.root / ".jifenbang/desk.log").read_text("utf-8").splitlines()[-1])
    assert entry["files"]["ledgers/2026/jia/03.yaml"] == ""
    assert running.post("act/delete-draft", DRAFT)[0] == 400


def test_a_draft_of_a_ballot_is_deleted_and_its_request_with_it(running: RunningDesk, organ: SiteProject):
    organ.write("content/approvers", f'chief namespaces="jifenbang" ssh-ed25519 {PUBLIC_KEY}\n')
    organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {zhang: 90}\n")
    fields = {"pick:2026:reviews": "1"}
    done(running, "request", {**fields, "meeting": "2026-04-01", "by": "张三"})
    assert "还在等签名的请求" in running.post("act/delete-draft", fields)[2]
    done(running, "delete-draft", fields)
    assert not (organ.root / "ledgers/2026/reviews.yaml").exists()


def test_nothing_sealed_is_ever_deleted(running: RunningDesk, organ: SiteProject):
    path = organ.root / "ledgers/2026/jia/03.yaml"
    hidden = dict(re.findall(r'name="(sure|digest)" value="([^"]*)"', running.post("act/delete-draft", DRAFT)[2]))
    organ.approve(path, meeting="2026-04-01", today=TODAY)
    before = files_of(organ.root)
    assert running.post("act/delete-draft", {**DRAFT, **hidden})[0] == 400
    page = running.post("act/delete-draft", DRAFT)
    assert (page[0], "不能删去" in page[2]) == (400, True)
    assert "删去草稿" not in running.get("month/jia/2026-03")[1]
    assert files_of(organ.root) == before


def test_a_correction_whose_changes_are_undone_is_offered_to_be_deleted(running: RunningDesk, organ: SiteProject):
    organ.approve(organ.root / "ledgers/2026/jia/03.yaml", meeting="2026-04-01", today=TODAY)
    page, path = "month/jia/2026-03/correct", organ.root / "ledgers/2026/jia/03.c1.yaml"
    form = fill(table_of(running.get(page)[1]))
    form["activities"][0]["cells"]["title"] = "改一"
    form["cover"] |= {"reason": "写错了", "recorder": "王五"}
    assert json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2])["saved"]
    written = path.read_bytes()
    shown = running.get(page)[1]
    assert 'id="nothing-corrected"' in shown
    assert 'name="pick:jia/2026-03/1"' in shown
    form = fill(table_of(shown))
    form["activities"][0]["cells"]["title"] = "学习"
    answered = json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2])
    errors = [problem["code"] for problem in answered["problems"] if problem["error"]]
    assert ("saved" in answered, errors) == (False, ["correction.empty"])
    assert path.read_bytes() == written
    done(running, "delete-draft", {"pick:jia/2026-03/1": "1"})
    assert not path.exists()


# --- people ----------------------------------------------------------------------------------------------------------

SINCE = {"since": "2026-04-01"}
CHANGES = {
    "add-member": {"name": "钱七", "branch": "jia", "status": "预备"},
    "move-member": {"member": "zhang", "branch": "yi", "reason": "轮岗"},
    "leave": {"member": "zhang", "left": "退休"},
    "rename-member": {"member": "zhang", "name": "张三丰", "aka": "办公室", "pinyin": "zhang san feng"},
    "confirm-member": {"member": "sun"},
    "add-branch": {"name": "丙支部", "secretary": "zhang"},
    "rename-branch": {"branch": "jia", "name": "甲支部", "reason": "改制"},
    "secretary": {"branch": "jia", "member": "wang"},
    "close-branch": {"branch": "bing"},
}


@pytest.fixture
def staffed(organ: SiteProject) -> SiteProject:
    roster = ROSTER.rstrip() + "\n  - {id: sun, name: 孙八, branch: yi, status: probationary, since: 2025-12-01}\n"
    roster = roster.replace("branches:\n", "branches:\n  - {id: bing, name: 并支部}\n")
    organ.write("ledgers/roster.yaml", roster)
    organ.approve(organ.root / "ledgers/2026/jia/03.yaml", meeting="2026-04-01", today=TODAY)
    return organ


@pytest.mark.parametrize("act", CHANGES)
def test_the_lines_that_an_act_shows_are_those_that_its_command_writes(
    running: RunningDesk, staffed: SiteProject, act: str
):
    fields = CHANGES[act] | SINCE
    path = staffed.root / "ledgers/roster.yaml"
    before = path.read_bytes()
    shown = running.post(f"act/{act}", fields)[2]
    facts = re.findall(r"<li>(.*?)(?=<li>|</ul>)", shown.partition('<ul class="facts">')[2], re.DOTALL)
    assert path.read_bytes() == before
    said = done(running, act, fields).partition('<pre class="said" tabindex="0">')[2].partition("</pre>")[0]
    lines = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    assert lines
    assert [fact.strip() for fact in facts[1 : len(lines) + 1]] == lines
    assert said.rstrip().endswith(facts[len(lines) + 1].strip())
    assert ("jia支部到 2026-03 为止" in said) == (act in {"add-member", "move-member", "leave", "rename-member",
                                                     "rename-branch", "secretary"})  # fmt: skip


def chair_field(page: str) -> str:
    match = re.search(r'<label>(?:(?!<label>).)*name="by"[^>]*>', page, re.DOTALL)
    assert match
    return match[0]


def test_a_secretary_is_recorded_from_the_beginning_and_shown(running: RunningDesk, organ: SiteProject):
    roster = organ.root / "ledgers/roster.yaml"
    assert running.get("people")[1].count("没有记") == 2
    assert "required" in chair_field(running.get("month/jia/2026-03")[1])
    done(running, "secretary", {"branch": "jia", "member": "wang"})
    assert "secretary: wang}" in roster.read_text("utf-8")
    page = running.get("people")[1]
    assert (page.count("没有记"), "<td>王五<td><code>jia" in page) == (1, True)
    assert "不写就是支部书记" in chair_field(running.get("month/jia/2026-03")[1])


def test_drafts_of_one_meeting_stand_in_the_order_of_the_roster(running: RunningDesk, organ: SiteProject):
    roster = organ.root / "ledgers/roster.yaml"
    first, second = re.findall(r"  - \{id: (?:jia|yi), name: \w+支部\}\n", roster.read_text("utf-8"))
    organ.write("ledgers/roster.yaml", roster.read_text("utf-8").replace(first + second, second + first))
    organ.ledger("yi", "2026-03", "activities:\n  - {item: study, date: 2026-03-05}\n")
    organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {zhang: 90}\n")
    picks = re.findall(r'name="pick:([^"]*)"', running.get("approvals")[1])
    assert picks == ["yi/2026-03/0", "jia/2026-03/0", "2026:reviews"]
    assert "可登记" in running.get("")[1]


def test_who_was_in_the_chair_of_a_ballot_has_to_be_written(running: RunningDesk, organ: SiteProject):
    organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {zhang: 90}\n")
    assert "required" in chair_field(running.get("text/2026:reviews")[1])


def test_what_would_change_a_sealed_month_is_refused_before_it_is_confirmed(running: RunningDesk, staffed: SiteProject):
    before = files_of(staffed.root)
    status, _, page = running.post("act/move-member", CHANGES["move-member"] | {"since": "2026-03-10"})
    assert (status, "最早可以从 2026-04-01 起" in page, 'name="sure"' in page) == (400, True, False)
    status, _, page = running.post("act/confirm-member", {"member": "zhang", **SINCE})
    assert (status, "已经是正式党员" in page) == (400, True)
    assert files_of(staffed.root) == before


def test_a_roster_that_changed_since_it_was_shown_is_not_written(running: RunningDesk, staffed: SiteProject):
    fields = CHANGES["move-member"] | SINCE
    hidden = dict(re.findall(r'name="(sure|digest)" value="([^"]*)"', running.post("act/move-member", fields)[2]))
    path = staffed.root / "ledgers/roster.yaml"
    path.write_text(path.read_text("utf-8") + "# 改过\n", "utf-8")
    assert running.post("act/move-member", {**fields, **hidden})[0] == 400
    assert "轮岗" not in path.read_text("utf-8")


# --- the folder to which the site goes -------------------------------------------------------------------------------


def test_the_folder_of_the_last_publication_is_remembered(running: RunningDesk, organ: SiteProject, tmp_path: Path):
    organ.approve(organ.root / "ledgers/2026/jia/03.yaml", meeting="2026-04-01", today=TODAY)
    assert "写明一次送到哪里" in running.get("publish")[1]
    assert running.post("act/publish", {})[0] == 400
    done(running, "build", {})
    first, second = tmp_path / "www", tmp_path / "share"
    assert organ.run("publish", first, today=TODAY).exit_code == 0
    assert str(first) in running.get("publish")[1]
    hidden = dict(re.findall(r'name="(sure|digest)" value="([^"]*)"', running.post("act/publish", {})[2]))
    assert organ.run("publish", second, today=TODAY).exit_code == 0
    assert running.post("act/publish", hidden)[0] == 400  # another folder than was shown
    assert f"已送到：{second}" in done(running, "publish", {"target": str(first)})
    named = [path for path in (organ.root / "site").rglob("*") if path.is_file() and b"/share" in path.read_bytes()]
    assert named == []
    assert organ.run("archive", "2026-Q1", "--output", tmp_path / "a.zip", today=date(2026, 7, 1)).exit_code == 0
    assert str(second).encode() not in (tmp_path / "a.zip").read_bytes()


def test_a_target_that_cannot_be_is_refused_at_once_as_publish_does(organ: SiteProject, tmp_path: Path):
    for target in (tmp_path / "none/www", organ.root / "www", organ.root / "site"):
        by_desk, by_publish = (
            organ.run(*words, today=TODAY) for words in (["desk", "--target", target], ["publish", target])
        )
        assert (by_desk.exit_code, by_desk.output.splitlines()[-1]) == (2, by_publish.output.splitlines()[-1])
    assert not (organ.root / ".jifenbang/target").exists()


def test_pages_have_the_icon_of_the_site(running: RunningDesk):
    icon = re.search(r'<link rel="icon" type="image/svg\+xml" href="/[^/]+/([^"]+)">', running.get("people")[1])
    assert icon
    assert (running.get(icon[1])[0], "<svg" in running.get(icon[1])[1]) == (200, True)
