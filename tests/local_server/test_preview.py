"""What a preview shows: drafts counted and marked, the last good site while something is wrong, nothing published."""

import gc
import re
import socket
import struct
from pathlib import Path

import pytest

from generator.local_server.preview import Preview
from generator.project import Project
from tests import corrections
from tests.served import answer, preview
from tests.site_project import TODAY, SiteProject, members


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """January of one branch approved; a correction of it, its February and two months of another branch drafts."""
    organ = SiteProject(tmp_path / "organ", members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi"))
    organ.approve(organ.ledger("jia", "2026-01", "entries: [{member: 张三, item: suggestion, date: 2026-01-05}]"))
    organ.ledger("jia", "2026-02", "entries: [{member: 王五, item: suggestion, date: 2026-02-05}]")
    organ.ledger("yi", "2026-05")
    organ.ledger("yi", "2026-06")
    return organ


def previewed(organ: SiteProject, path: str) -> str:
    preview = Preview(Project(organ.root), TODAY, organ.root.parent / "preview")
    assert preview.rebuild_site() == ()
    page = preview.read_page(path)
    assert page
    return page.decode()


def test_drafts_count_and_all_pages_say_so(organ: SiteProject):
    page = previewed(organ, "branches/jia/2026-02.html")
    assert "预览：未审核的草稿也计入" in page
    assert re.search(r'data-points="[1-9]', page)


# Of boards, the branches and months of which each counts a draft; none of the last two does.
DRAFTS = {
    "branches/jia/2026-01.html": "jia支部 1月。",
    "branches/jia/2026-02.html": "jia支部 2月。",
    "branches/jia/2026-Q1.html": "jia支部 1月、2月。",
    "branches/yi/2026-Q2.html": "yi支部 5月、6月。",
    "boards/2026-H1.html": "jia支部 1月、2月，yi支部 5月、6月。",
    "boards/2026-H1.poster.html": "jia支部 1月、2月，yi支部 5月、6月。",
    "index.html": "jia支部 1月、2月，yi支部 5月、6月。",
    "audit.html": None,
    "members/li.html": None,
}


@pytest.mark.parametrize(("path", "drafts"), DRAFTS.items())
def test_each_board_that_counts_a_draft_is_marked_by_branch(organ: SiteProject, path: str, drafts: str | None):
    corrections.draft(organ, "entries: [{member: 王五, item: suggestion, date: 2026-01-06}]")
    marked = re.findall(r"含未审核的草稿：(?:</strong>)?([^<]*)", previewed(organ, path))
    assert marked == ([drafts] if drafts else [])


def test_a_board_without_drafts_has_no_mark(organ: SiteProject):
    assert "草稿：" not in previewed(organ, "branches/jia/2026-01.html")


def test_lists_of_boards_mark_those_with_drafts(organ: SiteProject):
    listed = re.findall(r"<li><a[^>]*>(2026年[^<]*)</a>([^\n]*)", previewed(organ, "branches/jia/index.html"))
    assert {board: "含草稿" in states for board, states in listed} == {"2026年第一季度": True}


def test_the_last_good_site_stays_while_something_is_wrong(organ: SiteProject, tmp_path: Path):
    preview = Preview(Project(organ.root), TODAY, tmp_path / "preview")
    preview.rebuild_site()
    page, roster = preview.read_page("index.html"), (organ.root / "ledgers/roster.yaml").read_text(encoding="utf-8")
    organ.write("ledgers/roster.yaml", "branches: [")
    assert [one.code for one in preview.rebuild_site() if one.is_error]
    assert preview.read_page("index.html") == page
    organ.write("ledgers/roster.yaml", roster)
    assert preview.rebuild_site() == ()


def test_what_the_system_refuses_is_a_problem(organ: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    preview = Preview(Project(organ.root), TODAY, tmp_path / "preview")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "no", str(organ.root / "content"))

    monkeypatch.setattr("generator.build.engine.build_preview", refuse)
    [problem] = preview.rebuild_site()
    assert (problem.code, problem.where.file) == ("file.in-use", "content")


def test_nothing_previewed_counts_as_published(organ: SiteProject):
    before = sorted(organ.root.rglob("*"))
    previewed(organ, "index.html")
    assert sorted(organ.root.rglob("*")) == before
    words = ("--withdraw", "--reason", "附件不全")
    withdrawn = organ.run("approve", organ.root / "ledgers/2026/jia/01.yaml", *words)
    assert withdrawn.exit_code == 0, withdrawn.output


def test_a_page_that_is_closed_while_it_is_told_to_load_again_is_no_trouble(
    organ: SiteProject, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with preview(organ.root, tmp_path / "kept") as served:
        assert served.next_build() == ()
        host, path = served.address.removeprefix("http://").split("/", 1)
        request = f"""GET /{path}-/live/0 HTTP/1.1
Host: {host}
Origin: http://{host}
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

"""
        for _ in range(100):
            with socket.create_connection((host.split(":")[0], int(host.split(":")[1]))) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # no goodbye
                connection.sendall(request.replace("\n", "\r\n").encode())
                assert connection.recv(1) == b"H"
        assert answer(served.address, f"GET /{path} HTTP/1.1\nHost: {host}\n\n")[0] == 200
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
