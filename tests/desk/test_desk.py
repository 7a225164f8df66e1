"""The desk by raw requests: nothing of it is open to others, and nothing that comes from a browser is believed."""

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import yaml
from click.testing import CliRunner

from generator.commands import cli, command_processes
from generator.core.basics.numbers import format_decimal
from generator.core.scoring import results
from generator.desk.desk import CommandOutput
from generator.desk.lifecycle import Windows
from generator.project import Project
from generator.publish import target_folder
from generator.workflow import approve
from tests.conftest import PROVE
from tests.desks import LEDGER, PUBLIC_KEY, TODAY, RunningDesk, desk, files_of, make_organ, table_of
from tests.month_forms import fill
from tests.served import answer
from tests.signing import make_chief, signer
from tests.site_project import SiteProject, period

MARKUP = "<script>alert(1)</script>\n审核: {by: 我}"


# --- who is let in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", "Host: HOST"),
        ("GET", "/wrong-key/people", "Host: HOST"),
        ("GET", "/KEY/people", "Host: evil.example"),
        ("GET", "/KEY/people", "Host: localhost:PORT"),
        ("POST", "/KEY/act/tidy", "Host: HOST"),
        ("POST", "/KEY/act/tidy", "Host: HOST\nOrigin: http://evil.example"),
        ("POST", "/KEY/act/tidy", "Host: HOST\nOrigin: http://127.0.0.1:1"),
        ("POST", "/KEY/close", "Host: HOST\nSec-Fetch-Site: cross-site"),
        ("GET", "/KEY/-/window/1", "Host: HOST\nOrigin: http://evil.example\nConnection: Upgrade\nUpgrade: websocket"),
    ],
)
def test_strangers_are_refused(running: RunningDesk, organ: SiteProject, method: str, path: str, headers: str):
    host, _, key = running.address.removeprefix("http://").partition("/")
    words = {"HOST": host, "PORT": host.split(":")[1], "KEY": key.strip("/")}
    request = f"{method} {path} HTTP/1.1\n{headers}\nContent-Length: 0\n\n"
    for word, value in words.items():
        request = request.replace(word, value)
    before = files_of(organ.root)
    status, answered, body = answer(running.address, request)
    assert status == 403
    assert "张三" not in body.decode()
    assert answered["Cross-Origin-Resource-Policy"] == "same-origin"
    assert files_of(organ.root) == before


def test_the_address_is_private_and_gone_afterwards(organ: SiteProject, tmp_path: Path):
    with desk(organ.root, tmp_path / "desk", TODAY) as running:
        (path,) = (tmp_path / "desk/private").glob("*.desk")
        assert path.read_text("utf-8") == running.address
        assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
        key = running.address.rstrip("/").rpartition("/")[2]
        within = [path for path in organ.root.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
        assert within == []
    assert list((tmp_path / "desk/private").iterdir()) == []


def test_a_desk_comes_back_on_its_port_unless_another_program_has_taken_it(organ: SiteProject, tmp_path: Path):
    with desk(organ.root, tmp_path / "desk", TODAY) as first:
        port = first.host.partition(":")[2]
    with desk(organ.root, tmp_path / "desk", TODAY) as second:
        assert second.host.partition(":")[2] == port
        with desk(organ.root, tmp_path / "other", TODAY) as other:
            assert other.host != second.host
            assert other.get("")[0] == 200


# --- what comes from the browser -------------------------------------------------------------------------------------


PATHS = [
    "../../etc/passwd",
    "..%2f..%2fcontent%2fsite",
    "jia/2026-03/../..",
    "JIA/2026-03",
    "jia/2026-3",
    "jia/9999-99",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_address_leads_out(running: RunningDesk, path: str):
    for prefix in ("month/", "text/", "download/sheet/", "-/", "preview/"):
        status, _ = running.get(prefix + path)
        assert status in {400, 403, 404}, prefix


@pytest.mark.parametrize("name", ["../../x.xlsx", "con.xlsx", MARKUP, "长" * 500, "", "a\0b"])
def test_names_of_files_are_words_only(running: RunningDesk, organ: SiteProject, tmp_path: Path, name: str):
    before = files_of(organ.root)
    status, _, body = running.post(f"tray?name={quote(name)}", b"no workbook")
    answered = json.loads(body)
    assert (status, any(problem["error"] for problem in answered["problems"])) == (200, True)
    assert files_of(organ.root) == before
    assert sorted(path.name for path in (tmp_path / "desk").iterdir() if path.suffix == ".csv") == ["1.csv"]


def test_bombs_and_giants_are_refused(running: RunningDesk, tmp_path: Path):
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    status, _, body = running.post("tray?name=bomb.xlsx", bomb.read_bytes())
    assert (status, json.loads(body)["problems"][0]["code"]) == (200, "workbook.too-large")
    host = running.address.removeprefix("http://").partition("/")[0]
    path = f"/{running.address.split('/', 3)[3]}tray?name=x"
    head = f"POST {path} HTTP/1.1\nHost: {host}\nOrigin: http://{host}\nContent-Length: 50000000\n\n"
    assert answer(running.address, head)[0] in {400, 413}


ACTS = [
    "approve", "withdraw", "tidy", "restore", "file", "add-member", "move-member", "leave", "confirm-member",
    "rename-member", "add-branch", "rename-branch", "secretary", "close-branch", "year", "publish",
    "request", "withdraw-request", "delete-draft",
]  # fmt: skip
VALUES = {
    "branch": "jia",
    "period": "2026-03",
    "number": "0",
    "member": "zhang",
    "id": "site",
    "acting": "",
    **dict.fromkeys(("meeting", "on", "since"), "2026-04-01"),
    "name": "钱七",
    "by": "张三",
    "reason": "缘由",
    "left": "退休",
}


@pytest.mark.parametrize("act", ACTS)
def test_markup_and_line_breaks_in_any_field_stay_words(running: RunningDesk, organ: SiteProject, act: str):
    for name in VALUES:
        pick = f"pick:jia/2026-03/{MARKUP if name == 'number' else 0}"
        status, headers, page = running.post(f"act/{act}", {**VALUES, pick: "1", name: MARKUP, "sure": ""})
        assert status in {200, 303, 400}, (name, page)
        if status == 303:
            path = headers["Location"].rpartition("/done/")[2]
            page = running.get(f"done/{path}")[1]
        assert "<script>alert" not in page, name
    node = (organ.root / "ledgers/roster.yaml").read_text("utf-8")
    assert "审核" not in node


def test_a_value_is_never_an_option(running: RunningDesk):
    running.act("add-member", {**VALUES, "name": "--status=预备"})
    assert running.commands[-1][-2:] == ["--", "--status=预备"]


@pytest.mark.parametrize("seed", range(1000 // 50 if PROVE else 1))
def test_random_requests_end_without_a_traceback(running: RunningDesk, organ: SiteProject, seed: int):
    chance = random.Random(seed)
    words = [
        "month",
        "jia",
        "2026-03",
        "edit",
        "act",
        "approve",
        "..",
        "text",
        "site",
        "tray",
        "import",
        "save",
        "%00",
        "报",
        "9" * 50,
    ]
    before = files_of(organ.root)
    for _ in range(50):
        path = quote("/".join(chance.choices(words, k=chance.randint(1, 4))), safe="/%")
        body = bytes(chance.choices(range(256), k=chance.randint(0, 60)))
        status = running.get(path)[0] if chance.random() < 0.5 else running.post(path, body)[0]
        assert status < 500, path
    assert files_of(organ.root) == before


@pytest.mark.parametrize(
    "path",
    ["import", "save-text", "save-ballot", "save/jia/2026-03", "new-text", "attach/site", "tray", "act/year", "answer"],
)
@pytest.mark.parametrize(
    "body", [b"\xa7", b"[]", b"3", b"{}", b'{"numbers": 3}', b'{"numbers": [1], "fields": []}', b"[" * 9999, b""]
)
def test_any_body_has_an_answer(running: RunningDesk, organ: SiteProject, path: str, body: bytes):
    before = files_of(organ.root)
    assert running.post(path, body)[0] < 500
    assert files_of(organ.root) == before


# --- what it does ----------------------------------------------------------------------------------------------------


def test_the_desk_writes_the_bytes_that_the_commands_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(approve.secrets, "token_hex", lambda count: "0" * 2 * count)
    by_desk, by_command = (make_organ(tmp_path / name) for name in ("desk-organ", "command-organ"))
    with desk(by_desk.root, tmp_path / "desk", TODAY) as running:
        form = fill(table_of(running.get("month/jia/2026-03/edit")[1]))
        form["activities"][0]["cells"]["title"] = "改过的"
        raw = json.dumps(form).encode()
        assert json.loads(running.post("save/jia/2026-03", raw)[2])["saved"] is True
        fields = {"pick:jia/2026-03/0": "1", "meeting": "2026-04-01", "by": "张三"}
        assert running.act("approve", fields)[0] == 303
        assert running.act("build", {})[0] == 303
    (tmp_path / "form.json").write_bytes(raw)
    for words in (
        ["import", str(tmp_path / "form.json"), "--update"],
        ["approve", "ledgers/2026/jia/03.yaml", "--meeting", "2026-04-01", "--by", "张三"],
        ["build", "--yes", "--jobs", "1"],
    ):
        line = ["-C", str(by_command.root), *words, "--today", TODAY.isoformat()]
        done = CliRunner().invoke(cli, line, prog_name="jifenbang")
        assert done.exit_code == 0, done.output
    assert files_of(by_desk.root) == files_of(by_command.root)


ODD = [
    "某天",
    "2026-13-45",
    "a: b  # c",
    "- x",
    "&a *b",
    "{",
    "%YAML 1.2",
    "'",
    '"',
    "!!int 3",
    "null",
    "~",
    "长" * 999,
]
FIELDS = [
    ("activities", "title"), ("activities", "item"), ("activities", "date"), ("activities", "late"),
    ("entries", "member"), ("entries", "item"), ("entries", "date"), ("entries", "level"), ("entries", "times"),
    ("entries", "note"), ("cover", "recorder"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "key"), FIELDS)
def test_an_unfinished_draft_is_saved_and_opened_again_as_it_was_typed(
    running: RunningDesk, organ: SiteProject, part: str, key: str
):
    table = table_of(running.get("month/jia/2026-03/edit")[1])
    for typed in ["", *ODD] if part != "cover" else ODD:  # a blank recorder leaves the one that is written
        form = fill(table)
        form["entries"] = [{"key": "", "cells": {"member": "张三", "item": "建言献策", "date": "2026-03-06"}}]
        cells = form["cover"] if part == "cover" else form[part][0]["cells"]
        cells[key] = typed
        answered = json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2])
        assert answered.get("saved"), (typed, answered)
        table = table_of(running.get("month/jia/2026-03/edit")[1])
        again = table["cover"] if part == "cover" else table[part][0][1]
        assert again.get(key, "").strip() == typed, typed
        read = yaml.load((organ.root / "ledgers/2026/jia/03.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
        keys = read.keys() - {"支部", "月份", "branch", "month"}
        assert keys <= {"登记人", "活动", "记录", "recorder", "activities", "entries"}
        is_faulty = any(problem["error"] for problem in answered["problems"])
        assert organ.run("check", "ledgers/2026/jia/03.yaml", today=TODAY).exit_code == (1 if is_faulty else 0)
        if is_faulty:
            fields = {"pick:jia/2026-03/0": "1", "meeting": "2026-04-01", "by": "张三"}
            running.act("approve", fields)
            assert "approval" not in (organ.root / "ledgers/2026/jia/03.yaml").read_text("utf-8")


def test_the_command_writes_the_same_unfinished_draft(running: RunningDesk, organ: SiteProject, tmp_path: Path):
    path = organ.root / "ledgers/2026/jia/03.yaml"
    before, form = path.read_bytes(), fill(table_of(running.get("month/jia/2026-03/edit")[1]))
    form["activities"][0]["cells"]["date"] = "某天"
    (tmp_path / "form.json").write_text(json.dumps(form), "utf-8")
    assert json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2])["saved"]
    written = path.read_bytes()
    for words in ([], ["--unfinished"]):
        path.write_bytes(before)
        done = organ.run("import", tmp_path / "form.json", "--update", *words, today=TODAY)
        assert (done.exit_code, "field.bad-date" in done.output) == (1, True)
        assert path.read_bytes() == (written if words else before)


@pytest.mark.parametrize(
    ("part", "key", "typed", "place"),
    [
        ("activities", "title", "电话 13800138000", "考勤 第 1 次活动 主题"),
        ("activities", "title", "看不见\u200b", "考勤 第 1 次活动 主题"),
        ("activities", "title", "长" * 5001, "考勤 第 1 次活动 主题"),
    ],
)
def test_what_no_draft_can_hold_is_said_beside_its_field(  # noqa: PLR0913, PLR0917
    running: RunningDesk, organ: SiteProject, part: str, key: str, typed: str, place: str
):
    before, form = files_of(organ.root), fill(table_of(running.get("month/jia/2026-03/edit")[1]))
    form[part][0]["cells"][key] = typed
    answered = json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2])
    assert ("saved" in answered, [problem["place"] for problem in answered["problems"] if problem["error"]]) == (
        False,
        [f"这一页 {place}"],
    )
    assert files_of(organ.root) == before


def test_a_draft_that_the_editor_cannot_hold_is_not_opened(running: RunningDesk, organ: SiteProject):
    organ.ledger("jia", "2026-03", "activities:\n  - {item: study, date: 2026-03-05, title: 学习, leave: ['']}\n")
    page = running.get("month/jia/2026-03/edit")[1]
    assert "有填报页写不下的内容" in page
    assert 'id="month"' not in page


def test_a_correction_is_opened_again_until_it_is_approved(running: RunningDesk, organ: SiteProject):
    organ.approve(organ.root / "ledgers/2026/jia/03.yaml", meeting="2026-04-01", today=TODAY)
    page = "month/jia/2026-03/correct"
    form = fill(table_of(running.get(page)[1]))
    form["activities"][0]["cells"]["title"] = "改一"
    form["entries"] = [{"key": "", "cells": {"member": "张三", "item": "建言献策", "date": "2026-03-06"}}]
    answered = json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2])
    assert answered["saved"], answered
    assert any(problem["error"] for problem in answered["problems"])  # no reason yet
    path = organ.root / "ledgers/2026/jia/03.c1.yaml"
    path.write_text(f"# 记一笔\n{path.read_text('utf-8')}", "utf-8")
    assert "接着改更正" in running.get("month/jia/2026-03")[1]
    table = table_of(running.get(page)[1])
    assert table["activities"][0][1]["title"] == "改一"
    assert len(table["entries"]) == 1
    form = fill(table)
    form["activities"][0]["cells"]["title"] = "改二"
    form["cover"] |= {"reason": "写错了", "recorder": "王五"}
    answered = json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2])
    assert (answered["saved"], answered["problems"]) == (True, [])
    text = path.read_text("utf-8")
    assert ("# 记一笔" in text, "改二" in text, "改一" in text, text.count("2026-03-06")) == (True, True, False, 1)
    assert organ.run("check", "ledgers/2026/jia/03.c1.yaml", today=TODAY).exit_code == 0
    assert json.loads(running.post("save/jia/2026-03", json.dumps(form).encode())[2]).get("conflict") == text
    organ.approve(path, meeting="2026-04-02", today=TODAY)


def test_nothing_is_sealed_that_was_not_shown(running: RunningDesk, organ: SiteProject):
    fields = {"pick:jia/2026-03/0": "1", "meeting": "2026-04-01", "by": "张三"}
    page = running.post("act/approve", fields)[2]
    hidden = dict(re.findall(r'name="(sure|digest)" value="([^"]*)"', page))
    assert "学习" in page
    organ.ledger("jia", "2026-03", LEDGER.replace("学习", "换过的"))
    status, _, refused = running.post("act/approve", {**fields, **hidden})
    assert (status, "刚刚被改动过" in refused) == (400, True)
    assert running.commands == []


def test_what_was_shown_is_done_once(running: RunningDesk, organ: SiteProject):
    fields = {"name": "钱七", "branch": "jia", "since": "2026-04-01"}
    hidden = dict(re.findall(r'name="(sure|digest)" value="([^"]*)"', running.post("act/add-member", fields)[2]))
    assert running.post("act/add-member", {**fields, **hidden})[0] == 303
    status, _, refused = running.post("act/add-member", {**fields, **hidden})
    assert (status, "已经办过了" in refused) == (400, True)
    assert running.post("act/add-member", {**fields, "sure": "1"})[0] == 400
    assert (organ.root / "ledgers/roster.yaml").read_text("utf-8").count("钱七") == 1


def test_each_act_is_noted_with_its_digests(running: RunningDesk, organ: SiteProject):
    fields = {"name": "钱七", "branch": "jia", "since": "2026-04-01"}
    assert running.act("add-member", fields)[0] == 303
    (entry,) = map(json.loads, (organ.root / ".jifenbang/desk.log").read_text("utf-8").splitlines())
    assert (entry["exit"], list(entry["files"])) == (0, ["ledgers/roster.yaml"])
    assert entry["command"].startswith("jifenbang roster add --branch=jia")


def test_texts_are_saved_over_what_was_read_alone(running: RunningDesk, organ: SiteProject):
    page = running.get("text/site")[1]
    digest = re.search(r'data-digest="([0-9a-f]+)"', page)
    assert digest
    path = organ.root / "content/site.yaml"
    text = path.read_text("utf-8") + "banner: 测试\n"
    saved = json.loads(
        running.post("save-text", json.dumps({"id": "site", "text": text, "digest": digest[1]}).encode())[2]
    )
    assert path.read_text("utf-8") == text
    assert "digest" in saved
    again = json.loads(
        running.post("save-text", json.dumps({"id": "site", "text": "x", "digest": digest[1]}).encode())[2]
    )
    assert again["conflict"] == text
    assert path.read_text("utf-8") == text


# --- its life --------------------------------------------------------------------------------------------------------


def test_it_ends_after_ten_minutes_without_a_window_and_never_over_unsaved_input():
    windows = Windows()
    assert not any(windows.tick(5.0, busy=False) for _ in range(119))
    assert windows.tick(5.0, busy=False)
    windows = Windows()
    windows.open("a")
    assert not any(windows.tick(5.0, busy=False) for _ in range(1000))
    windows.report("a", unsaved=True)
    windows.close("a")
    assert not any(windows.tick(5.0, busy=False) for _ in range(1000))
    windows.report("a", unsaved=False)
    assert not any(windows.tick(5.0, busy=True) for _ in range(1000))
    assert any(windows.tick(5.0, busy=False) for _ in range(120))


# --- what moves by an approval ---------------------------------------------------------------------------------------


def test_points_and_ranks_before_and_after_are_shown_before_an_approval(running: RunningDesk, organ: SiteProject):
    attended = "activities:\n  - {item: study, date: 2026-02-05, title: 学习, present: [张三], absent: [王五]}\n"
    organ.approve(organ.ledger("jia", "2026-02", attended), meeting="2026-03-03", today=TODAY)
    organ.ledger("jia", "2026-03", attended.replace("02-05", "03-05"))
    fields = {"pick:jia/2026-03/0": "1", "meeting": "2026-04-01", "by": "张三"}
    page = running.post("act/approve", fields)[2]
    moves = re.search(r'id="moves" data-page="/[^/]+/([^"]+)"', page)
    assert moves
    shown = running.get(moves[1])[1]
    rows = re.findall(r'<tr><th scope="row">(.*?)<td>(.*?)<td>(.*?)<td>(.*?)\n', shown)
    before = {name: members_of(organ, name) for name in ("zhang", "wang")}
    organ.approve(organ.root / "ledgers/2026/jia/03.yaml", meeting="2026-04-01", today=TODAY)
    after = {name: members_of(organ, name) for name in ("zhang", "wang")}
    expected = {
        label: f"{before[name]} → {after[name]}"
        for name, label in (("zhang", "张三"), ("wang", "王五"))
        if before[name] != after[name]
    }
    assert expected
    assert {name: points for name, points, _, _ in rows if "→" in points} == expected
    assert "jia支部2026年3月榜（新榜）" in shown
    assert "缺 1 人（王五）" in page


def members_of(organ: SiteProject, member: str) -> str:
    """A member's approved points of the quarter, as pages write them."""
    score = results.score_member(organ.results(drafts=False), member, period("2026-Q1"))
    return format_decimal(score.points)


@pytest.mark.needs("ssh-keygen")
def test_where_keys_are_used_the_desk_requests_a_signature_and_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(approve.secrets, "token_hex", lambda count: "0" * 2 * count)
    by_desk, by_command = (make_organ(tmp_path / name) for name in ("desk-organ", "command-organ"))
    chief = make_chief(by_desk)
    by_command.write("content/approvers", signer(chief))
    fields = {"pick:jia/2026-03/0": "1", "meeting": "2026-04-01", "by": "张三"}
    request, path = tmp_path / "request.zip", "month/jia/2026-03"
    with desk(by_desk.root, tmp_path / "desk", TODAY) as running:
        assert 'action="/' in running.get(path)[1]
        assert "act/approve" not in running.get(path)[1]
        assert "学习" in running.post("act/request", fields)[2]
        done = running.get(running.act("request", fields)[1]["Location"].split("/", 2)[2])[1]
        assert "--request=request-2026-jia-03.zip" in done
        assert str(tmp_path / "desk") not in done
        address = re.search(r"download/request/[0-9a-f]{64}", done)
        assert address
        assert ("待签名" in running.get("")[1], address[0] in running.get(path)[1]) == (True, True)
        request.write_bytes(running.download(address[0]))
        sign = ["approve", str(request), "--key", str(chief), "--yes", "--today", TODAY.isoformat()]
        assert CliRunner().invoke(cli, sign, prog_name="jifenbang").exit_code == 0
        raw = request.with_name("request-答复.zip").read_bytes()
        refused = json.loads(running.post("answer?name=x.zip", raw[:-9])[2])["done"]
        assert "request.unreadable" in running.get(refused)[1]
        done = running.get(json.loads(running.post(f"answer?name={quote('答复.zip')}", raw)[2])["done"])[1]
        assert ("办好了" in done, "jifenbang approve --answer 答复.zip" in done) == (True, True)
        assert running.get(address[0])[0] == 404
    words = ["approve", "ledgers/2026/jia/03.yaml", "--meeting", "2026-04-01", "--by", "张三", "--key", str(chief)]
    assert by_command.run(*words, today=TODAY).exit_code == 0
    assert files_of(by_desk.root) == files_of(by_command.root)
    journal = [json.loads(line) for line in (by_desk.root / ".jifenbang/desk.log").read_text("utf-8").splitlines()]
    assert [(entry["exit"], list(entry["files"])) for entry in journal] == [
        (0, []),
        (1, []),
        (0, ["ledgers/2026/jia/03.yaml"]),
    ]


def test_a_request_is_withdrawn_on_the_desk(running: RunningDesk, organ: SiteProject):
    organ.write("content/approvers", f'chief namespaces="jifenbang" ssh-ed25519 {PUBLIC_KEY}\n')
    organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {zhang: 90, wang: 80, zhao: 70}\n")
    for pick, page in (("jia/2026-03/0", "month/jia/2026-03"), ("2026:reviews", "text/2026:reviews")):
        fields = {f"pick:{pick}": "1"}
        done = running.act("request", {**fields, "meeting": "2026-04-01", "by": "张三"})[1]["Location"]
        assert "办好了" in running.get(done.split("/", 2)[2])[1]
        assert "待签名" in running.get(page)[1]
        assert running.act("withdraw-request", fields)[0] == 303
        assert "待签名" not in running.get(page)[1]
    page = running.post("answer?name=x", b"x" * 5_000_001)[2]
    assert "太大" in json.loads(page)["refused"]


def test_several_drafts_are_approved_or_requested_at_one_meeting(tmp_path: Path):
    """As ``approve FILE…`` does it: a ledger of each branch and the reviews, in one act."""
    names = ["ledgers/2026/jia/03.yaml", "ledgers/2026/yi/03.yaml", "ledgers/2026/reviews.yaml"]
    organ = make_organ(tmp_path / "organ")
    organ.ledger("yi", "2026-03", LEDGER)
    organ.write(names[2], "year: 2026\nscores: {zhang: 90, wang: 80, zhao: 70}\n")
    fields = dict.fromkeys(("pick:jia/2026-03/0", "pick:yi/2026-03/0", "pick:2026:reviews"), "1")
    fields |= {"meeting": "2026-04-01", "by": "主任", "acting": "机关党委指派"}
    with desk(organ.root, tmp_path / "desk", TODAY) as running:
        page = running.get("approvals")[1]
        assert [pick in page for pick in fields if pick.startswith("pick:")] == [True] * 3
        shown = running.post("act/approve", fields)[2]
        assert ("一共封存 3 份" in shown, "moves/jia/2026-03/yi/2026-03" in shown) == (True, True)
        moved = running.get("moves/jia/2026-03/yi/2026-03")[1]
        assert all(name in moved for name in ("张三", "赵六"))
        assert running.post("act/approve", {"meeting": "2026-04-01", "by": "主任"})[0] == 400
        organ.write("content/approvers", f'chief namespaces="jifenbang" ssh-ed25519 {PUBLIC_KEY}\n')
        done = running.get(running.act("request", fields)[1]["Location"].split("/", 2)[2])[1]
        address = re.search(r"download/request/[0-9a-f]{64}", done)
        assert address
        assert "--request=request-2026-04-01-3.zip" in done
        with zipfile.ZipFile(io.BytesIO(running.download(address[0]))) as request:
            assert {f"files/{name}" for name in names} <= set(request.namelist())
        assert running.get("approvals")[1].count("待签名") == 3
        assert names[1] in running.post("act/withdraw-request", {"pick:jia/2026-03/0": "1"})[2]
        (organ.root / "content/approvers").unlink()
        assert running.act("approve", fields)[0] == 303
    assert all("approval:" in (organ.root / name).read_text("utf-8") for name in names)


# --- tables of other systems -----------------------------------------------------------------------------------------

TABLE = """姓名,所在支部,日期,项目,主题,出勤,身份证号
张三,jia支部,2026-02-05,支部党员大会,二月会议,到,110101199003078515
王五,jia支部,2026-02-05,支部党员大会,二月会议,请假,110101199003078515
"""
SCORES = "姓名,得分\n张三,95.5\n王五,80\n赵六,90\n"


def hand_in(running: RunningDesk, name: str, text: str, **fields: str) -> dict:
    status, _, body = running.post(f"tray?{urlencode({'name': name, **fields})}", text.encode())
    assert status == 200
    return json.loads(body)


def write(running: RunningDesk, number: int, **fields: str) -> dict:
    return json.loads(running.post("import", json.dumps({"numbers": [number], "fields": fields}).encode())[2])


def test_a_table_is_shown_as_understood_and_written_only_then(running: RunningDesk, organ: SiteProject):
    before = files_of(organ.root)
    answered = hand_in(running, "活动.csv", TABLE, recorder="李登记")
    assert not answered["refused"], answered
    assert not any(problem["error"] for problem in answered["problems"]), answered
    (table,) = answered["tables"]
    assert "张三" in table["samples"][0]
    assert table["unread"] == ["G 列"]
    assert [file["draft"] for file in answered["files"]] == ["ledgers/2026/jia/02.yaml"]
    assert files_of(organ.root) == before
    written = write(running, answered["number"], recorder="李登记")
    text = (organ.root / "ledgers/2026/jia/02.yaml").read_text("utf-8")
    assert ("李登记" in text, "110101199003078515" in text) == (True, False)
    assert written["command"] == "jifenbang import 活动.csv --recorder=李登记"
    again = write(running, answered["number"], recorder="李登记")
    assert again["files"] == []


def test_reviews_and_votes_are_taken_as_tables(running: RunningDesk, organ: SiteProject):
    before = files_of(organ.root)
    answered = hand_in(running, "评议.csv", SCORES, kind="reviews", year="2026")
    assert [file["draft"] for file in answered["files"]] == ["ledgers/2026/reviews.yaml"]
    assert files_of(organ.root) == before
    write(running, answered["number"], kind="reviews", year="2026")
    assert "95.5" in (organ.root / "ledgers/2026/reviews.yaml").read_text("utf-8")
    poll = {"kind": "votes", "poll": "youxiu", "award": "优秀共产党员", "day": "2026-03-20", "electorate": "3"}
    answered = hand_in(running, "投票.csv", "姓名,得票\n张三,2\n赵六,1\n", **poll)
    assert write(running, answered["number"], **poll)["command"].endswith("--electorate=3")
    assert "优秀共产党员" in (organ.root / "ledgers/2026/votes/youxiu.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"recorder": "13800138000"}, "登记人里不能有号码"),
        ({"kind": "reviews", "year": "二零二六"}, "没有这个周期"),
        ({"kind": "reviews", "year": "2031"}, "2031 年还没有立账"),
        ({"kind": "votes", "poll": "../x"}, "不能用作投票的编号"),
        ({"kind": "votes"}, "没有填投票的编号"),
        ({"kind": "votes", "poll": "a", "electorate": "-1"}, "不是一个人数"),
        ({"kind": "votes", "poll": "a", "day": "某天"}, "不是日期"),
    ],
)
def test_what_a_table_is_to_become_is_checked(running: RunningDesk, organ: SiteProject, fields: dict, words: str):
    before = files_of(organ.root)
    answered = hand_in(running, "表.csv", SCORES, **fields)
    assert words in answered["refused"]
    assert words in write(running, answered["number"], **fields)["refused"]
    assert files_of(organ.root) == before


def test_a_file_can_be_taken_anew_under_other_choices(running: RunningDesk, tmp_path: Path):
    number = hand_in(running, "评议.csv", SCORES)["number"]
    again = hand_in(running, "评议.csv", SCORES, kind="reviews", year="2026", instead=str(number))["number"]
    assert [path.name for path in (tmp_path / "desk").glob("*.csv")] == [f"{again}.csv"]


def test_a_list_of_members_is_registered_after_it_was_looked_at(running: RunningDesk, organ: SiteProject):
    before = files_of(organ.root)
    table = "姓名,支部,身份,身份证号\n张三,jia支部,正式,110101199003078515\n钱七,yi支部,预备,1\n".encode()
    number = json.loads(running.post(f"tray?kind=members&name={quote('名单.csv')}", table)[2])["number"]
    fields = {"file": str(number), "since": "2026-04-01"}
    shown = running.post("act/import-members", fields)[2]
    assert ("钱七" in shown, "张三" in shown, "110101199003078515" in shown) == (True, False, False)
    assert files_of(organ.root) == before
    done = running.get(running.act("import-members", fields)[1]["Location"].split("/", 2)[2])[1]
    assert ("办好了" in done, "jifenbang roster import --yes --from=2026-04-01 名单.csv" in done) == (True, True)
    assert "钱七" in (organ.root / "ledgers/roster.yaml").read_text("utf-8")
    for wrong in ("", "99", "../x", "一"):
        assert running.post("act/import-members", {"file": wrong})[0] == 400


def test_reports_are_downloaded_as_pages_and_tables(running: RunningDesk, organ: SiteProject):
    organ.approve(organ.root / "ledgers/2026/jia/03.yaml", meeting="2026-04-01", today=TODAY)
    for path, begin in (
        ("pack-html/2026-Q1/jia", b"<!"),
        ("pack-xlsx/2026-Q1/jia", b"PK"),
        ("results-html/2026", b"<!"),
        ("results-xlsx/2026", b"PK"),
    ):
        assert path in running.get("reports")[1]
        assert running.download(f"download/{path}").lstrip()[:2] == begin, path
    assert running.get("download/pack-exe/2026-Q1/jia")[0] == 404


def test_a_theme_lends_its_colours_and_nothing_else(running: RunningDesk, organ: SiteProject):
    plain = running.get("-/desk.css")[1]
    organ.write("content/site.yaml", (organ.root / "content/site.yaml").read_text("utf-8") + "theme: mine\n")
    organ.write("themes/mine/templates/base.html", "mine")
    organ.write("themes/mine/theme.yaml", "parent: default\ntitle: 自己的\ncolours:\n  light: {red: '#004d40'}\n")
    assert running.get("-/desk.css")[1].removeprefix(plain).startswith(":root {")
    assert "--main: #004d40;" in running.get("-/desk.css")[1]
    assert "mine" not in running.get("people")[1]
    organ.write("themes/mine/theme.yaml", "parent: default\ntitle: 自己的\ncolours:\n  light: {red: '#ffffff'}\n")
    assert running.get("-/desk.css")[1] == plain


# --- new texts and attachments ---------------------------------------------------------------------------------------

NEW = {
    "notice": ({"id": "kaoshi", "title": "通知: “考试”", "date": "2026-04-02"}, "content/notices/kaoshi.md"),
    "page": ({"id": "jianjie", "title": "简介"}, "content/pages/jianjie.md"),
    "reviews": ({"period": "2026"}, "ledgers/2026/reviews.yaml"),
    "honours": ({"title": "优秀党员", "date": "2026-04-01", "members": "张三、王五"}, "ledgers/2026/honours.yaml"),
    "poll": (
        {"id": "youxiu", "title": "优秀党员", "date": "2026-04-01", "electorate": "3"},
        "ledgers/2026/votes/youxiu.yaml",
    ),
    "import": ({}, "content/import.yaml"),
}


@pytest.mark.parametrize("kind", NEW)
def test_a_text_begins_sound_and_is_opened(running: RunningDesk, organ: SiteProject, kind: str):
    fields, name = NEW[kind]
    status, headers, _ = running.post("new-text", {"kind": kind, **fields})
    assert status == 303
    page = running.get(headers["Location"].split("/", 2)[2])[1]
    assert f'<span class="name">{name}</span>' in page
    checked = organ.run("check", today=TODAY)
    assert "0 处错误" in checked.output, checked.output
    text = (organ.root / name).read_text("utf-8")
    assert running.post("new-text", {"kind": kind, **fields})[0] == 400
    assert (organ.root / name).read_text("utf-8") == text


@pytest.mark.parametrize("kind", NEW)
def test_a_new_text_is_no_way_out_and_no_markup(running: RunningDesk, organ: SiteProject, kind: str):
    before = files_of(organ.root)
    fields = NEW[kind][0]
    for name in fields:
        for value in ("../../x", "con", "UP", "a/b", "a.b", "", MARKUP, "a\0b", "2031", "2031-01-01"):
            status, _, page = running.post("new-text", {"kind": kind, **fields, name: value})
            assert "<script>alert" not in page
            if status == 303:
                (new,) = files_of(organ.root).keys() - before.keys()
                assert new.rpartition("/")[0] == NEW[kind][1].rpartition("/")[0]
                assert "2031/" not in new
                assert len((organ.root / new).read_text("utf-8").splitlines()) <= 6
                (organ.root / new).unlink()
            else:
                assert status == 400, (name, value)
    assert files_of(organ.root) == before


def attach(running: RunningDesk, text_id: str, name: str, raw: bytes) -> tuple[int, dict]:
    status, _, body = running.post(f"attach/{text_id}?name={quote(name)}", raw)
    return status, json.loads(body) if status == 200 else {}


def test_an_attachment_lies_beside_its_article(running: RunningDesk, organ: SiteProject):
    organ.write("content/notices/a.md", "---\ntitle: 通知\ndate: 2026-04-01\n---\n正文\n")
    assert attach(running, "notices:a", "名单 一.pdf", b"%PDF-1")[1]["link"] == "[名单 一.pdf](<名单 一.pdf>)"
    assert (organ.root / "content/notices/名单 一.pdf").read_bytes() == b"%PDF-1"
    assert "name" in attach(running, "notices:a", "名单 一.pdf", b"%PDF-1")[1]
    assert "内容不同" in attach(running, "notices:a", "名单 一.PDF", b"%PDF-2")[1]["refused"]
    before = files_of(organ.root)
    for name in ("../x.pdf", "..\\x.pdf", "x.html", "x.svg", "a.md", ".pdf", "con.pdf", "a\u200b.pdf", "x.pdf.", ""):
        assert attach(running, "notices:a", name, b"x")[1].get("refused"), name
    for text_id in ("site", "notices:b", "2026:reviews"):
        assert attach(running, text_id, "x.pdf", b"x")[0] == 404
    assert files_of(organ.root) == before


# --- a desk that is killed -------------------------------------------------------------------------------------------


@contextmanager
def started(root: Path, private: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program with a desk that runs as a process of its own, and its address."""
    words = [sys.executable, "-m", "generator", "-C", str(root), "desk", "--today", TODAY.isoformat()]
    folders = {"XDG_RUNTIME_DIR": str(private), "TMPDIR": str(private / "tmp"), "PYTHONUTF8": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, **folders}) as process:
        assert process.stdout
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address
        try:
            yield process, address[0]
        finally:
            process.kill()


def test_what_was_handed_in_outlives_no_next_start(organ: SiteProject, tmp_path: Path):
    private = tmp_path / "run"
    (private / "tmp").mkdir(parents=True)
    with started(organ.root, private) as (process, address):
        host, _, key = address.removeprefix("http://").partition("/")
        head = f"POST /{key}tray?name=a.csv HTTP/1.1\nHost: {host}\nOrigin: http://{host}\n"
        answer(address, f"{head}Content-Length: {len(TABLE.encode())}\n\n", TABLE.encode())
        process.send_signal(signal.SIGKILL)
        process.wait()
    holding = [path for path in private.rglob("*") if path.is_file() and "张三".encode() in path.read_bytes()]
    assert [path.parent.suffix for path in holding] == [".work"]
    assert {path.parent.stat().st_mode & 0o777 for path in holding} == {0o700}
    assert list((private / "tmp").iterdir()) == []
    with started(organ.root, private) as (_, again):
        assert again != address
        assert [path for path in holding if path.exists()] == []


def test_a_desk_says_where_the_site_can_be_carried(organ: SiteProject, tmp_path: Path):
    (tmp_path / "run/tmp").mkdir(parents=True)
    target_folder.note_target(Project(organ.root), tmp_path / "www")
    with started(organ.root, tmp_path / "run") as (process, _):
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(2)]
    assert lines[1].startswith(f"公布以后可以送到：{tmp_path / 'www'}（")


# --- progress --------------------------------------------------------------------------------------------------------


def test_the_progress_of_a_command_is_reported_while_it_runs(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    at_once = "from generator.commands import progress; progress.PATIENCE = 0"
    monkeypatch.setattr(command_processes, "RUN", at_once + command_processes.RUN)
    reports: list[str] = []
    words = ["build", "--yes", "--jobs", "1", "--today", TODAY.isoformat()]
    output = command_processes.run_command(words, organ.root, reports.append)
    assert (output.exit_code, "网站已生成" in output.text) == (0, True)
    assert [line for line in reports if re.match(r"生成 支部 2/2，每秒 [0-9.]+ 个，网页 [0-9]+", line)], reports
    assert not any(line in output.text for line in reports)
    assert "\x1e" not in output.text


def test_the_progress_of_an_act_is_told_to_the_page(running: RunningDesk, monkeypatch: pytest.MonkeyPatch):
    told = []

    def build(_words: object, on_progress: Callable[[str], object]) -> CommandOutput:
        on_progress("生成 支部 3/7，网页 21")
        told.append(running.get("-/progress"))
        return CommandOutput(0, "")

    monkeypatch.setattr(running.session.desk, "_run_command", build)
    running.act("verify", {})
    assert told == [(200, "生成 支部 3/7，网页 21")]
    assert running.get("-/progress") == (200, "")
