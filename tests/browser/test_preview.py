"""The preview in a real Chromium: it follows each save by itself, shows what is wrong, and no other page gets at it."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import opened
from tests.served import PATIENCE, Served, preview
from tests.site_project import SETTINGS, SiteProject, members

pytestmark = pytest.mark.needs("chromium")

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def organ(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    """An organ with a theme of its own, a draft and a notice; each test leaves it as it was."""
    organ = SiteProject(tmp_path_factory.mktemp("organ"), members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi"))
    organ.ledger("jia", "2026-02", "entries: [{member: 王五, item: suggestion, date: 2026-02-05, note: 建议}]")
    organ.write("content/notices/one.md", notice("一号公告"))
    assert organ.run("theme", "mine").exit_code == 0
    organ.write("content/site.yaml", f"{SETTINGS}theme: mine\n")
    return organ


def notice(title: str) -> str:
    return f"---\ntitle: {title}\ndate: 2026-02-05\n---\n正文\n"


@pytest.fixture(scope="module")
def served(organ: SiteProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with preview(organ.root, tmp_path_factory.mktemp("kept")) as running:
        assert running.next_build() == ()
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = opened(chromium, 1280)
    yield page
    page.context.close()


@contextmanager
def overwritten(organ: SiteProject, name: str, raw: bytes) -> Iterator[None]:
    """A file with other bytes for a while."""
    file = organ.root / name
    sound = file.read_bytes() if file.exists() else None
    replace_at_once(organ, file, raw)
    try:
        yield
    finally:
        if sound is None:
            file.unlink()
        else:
            replace_at_once(organ, file, sound)


def replace_at_once(organ: SiteProject, file: Path, raw: bytes) -> None:
    """Replace a file as a whole: whoever saw half of it would build twice, and each build loads open pages again."""
    whole = organ.root / "whole"
    whole.write_bytes(raw)
    whole.replace(file)


def settle(page: Page, served: Served) -> None:
    """Wait until the page shows what was built last: it is not loaded again by itself."""
    expect(page.locator("script[data-state]")).to_have_attribute("data-state", served.settled_state())


def test_ten_saves_in_five_seconds_end_in_the_last_state(organ: SiteProject, served: Served, page: Page):
    organ.write("content/notices/two.md", notice("第 0 次"))
    page.goto(f"{served.address}notices/two.html")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("第 0 次")
    for number in range(1, 11):
        time.sleep(0.05 * (10 - number))  # 2.25 seconds in all, and the last two at once
        organ.write("content/notices/two.md", notice(f"第 {number} 次"))
    expect(heading).to_have_text("第 10 次")


def test_a_file_older_than_the_start_is_there_at_once(organ: SiteProject, served: Served, page: Page):
    page.goto(f"{served.address}notices/old.html")
    expect(page.get_by_role("heading", level=1)).to_have_text("页面不存在")
    expect(page.get_by_role("link", name="回到首页")).to_have_attribute("href", f"/{served.address.split('/')[3]}/")
    old = organ.write("stick/old.md", notice("旧公告"))
    os.utime(old, (1_770_000_000, 1_770_000_000))
    shutil.copy2(old, organ.root / "content/notices")
    expect(page.get_by_role("heading", level=1)).to_have_text("旧公告")


# A file, what it is overwritten with, and the place that the page names.
BROKEN = {
    "a year": ("ledgers/2026/cycle.yaml", b"year: 2026\n", "ledgers/2026/cycle.yaml:1"),
    "the roster": ("ledgers/roster.yaml", b"branches: [", "ledgers/roster.yaml:1"),
    "a notice that is no text": ("content/notices/one.md", b"\xff\xfe\x00", "content/notices/one.md"),
    "a template": ("themes/mine/templates/article.html", b"{% if %}", "themes/mine/templates/article.html:1"),
    "a template, as it is drawn": ("themes/mine/templates/article.html", b"{{ 1 / 0 }}", "themes/mine/templates"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_an_error_appears_and_goes_by_itself(
    organ: SiteProject, served: Served, page: Page, broken: tuple[str, bytes, str]
):
    name, raw, place = broken
    page.goto(f"{served.address}notices/one.html")
    heading, problems = page.get_by_role("heading", level=1), page.locator("#jifenbang-preview li.error")
    expect(heading).to_have_text("一号公告")
    with overwritten(organ, name, raw):
        expect(problems.first.locator("code")).to_contain_text(place)
        expect(problems.first).to_contain_text("错误：")
        expect(page.locator("#jifenbang-preview summary")).to_contain_text("网页还是出错以前的样子")
        expect(heading).to_have_text("一号公告")
    expect(problems).to_have_count(0)
    expect(heading).to_have_text("一号公告")
    assert page.url == f"{served.address}notices/one.html"


def test_an_error_at_the_start_is_shown_until_it_is_mended(organ: SiteProject, tmp_path: Path, page: Page):
    roster = "ledgers/roster.yaml"
    wrong = (organ.root / roster).read_text("utf-8").replace("branch: yi", "branch: bing <script>alert(1)</script>")
    with ExitStack() as wrong_start:
        wrong_start.enter_context(overwritten(organ, roster, wrong.encode()))
        with preview(organ.root, tmp_path / "kept") as served:
            page.goto(served.address)
            problem = page.locator("#jifenbang-preview li.error").first
            expect(problem.locator("code")).to_contain_text("ledgers/roster.yaml:")
            expect(problem.locator("pre")).to_contain_text("<script>alert(1)</script>")
            expect(page.get_by_role("heading", level=1)).to_have_text("还没有可以预览的网站")
            expect(page.locator("script")).to_have_count(1)
            assert page.locator("script").get_attribute("src")
            wrong_start.close()
            expect(page.get_by_role("heading", level=1)).to_have_text("积分榜")
            settle(page, served)
            page.wait_for_load_state()  # its script, too, comes from the server
    expect(page.locator("#jifenbang-preview .stopped")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_problems_are_readable_and_leave_the_page_in_sight(
    organ: SiteProject, served: Served, chromium: Browser, width: int
):
    window = opened(chromium, width)
    panel = window.locator("#jifenbang-preview")
    # Of another name each: the same words about the same cause would be one problem.
    line = "  - {{member: 无此人{0}, item: suggestion, date: 2026-02-05, note: " + "x" * 300 + "}}\n"
    entries = "".join(line.format(sign) for sign in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")
    ledger = f"branch: jia\nmonth: 2026-03\nrecorder: 登记员\nentries:\n{entries}"
    with overwritten(organ, "ledgers/2026/jia/03.yaml", ledger.encode()):
        window.goto(served.address)
        expect(panel.locator("li")).to_have_count(20)
        settle(window, served)
        box = panel.bounding_box()
        assert box
        assert box["width"] == width
        assert box["height"] <= 0.6 * 800
        assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
        place = panel.locator("code").first
        place.click()
        assert window.evaluate("getSelection().toString()") == place.inner_text() == "ledgers/2026/jia/03.yaml:5:14"
        panel.locator("summary").click()
        window.reload()  # what was closed stays closed, until there are other problems
        expect(panel.locator("li").first).to_be_hidden()
        assert (panel.bounding_box() or box)["height"] < 80
        with overwritten(organ, "ledgers/2026/jia/04.yaml", ledger.encode()):
            expect(panel.locator("li").first).to_be_visible()
            window.emulate_media(media="print")
            expect(panel).to_be_hidden()
    window.context.close()


# --- other pages -----------------------------------------------------------------------------------------------------


@contextmanager
def foreign(folder: Path) -> Iterator[str]:
    """The address of another server of this machine, for a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


# What a page tries against an address; each returns what came of it.
TRIES = """async (address) => {
  const script = (path) => new Promise((done) => {
    const element = document.createElement("script");
    element.onload = () => done("loaded"); element.onerror = () => done("refused");
    element.src = address + path; document.head.append(element);
  });
  const picture = () => new Promise((done) => {
    const element = new Image();
    element.onload = () => done("loaded"); element.onerror = () => done("refused");
    element.src = address + "assets/icon.svg";
  });
  const ask = (options) => fetch(address, options).then((answer) => answer.type, () => "refused");
  const socket = () => new Promise((done) => {
    const made = new WebSocket(address.replace("http", "ws") + "-/live/0");
    made.onopen = () => done("opened"); made.onerror = () => done("refused");
  });
  return {
    script: await script("search/0.js"), code: await script("-/live.js"), picture: await picture(), read: await ask({}),
    blind: await ask({mode: "no-cors"}), post: await ask({method: "POST", mode: "no-cors"}),
    socket: await socket(),
  };
}"""


@pytest.mark.parametrize("knows_key", [False, True])
def test_a_page_of_another_port_gets_at_nothing(served: Served, page: Page, tmp_path: Path, knows_key: bool):  # noqa: FBT001
    address = served.address if knows_key else "/".join(served.address.split("/")[:3]) + "/"
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/index.html").write_text(
        f"<!doctype html><iframe src='{address}'></iframe>"
        f"<form method=post action='{address}'><button>送</button></form>",
        encoding="utf-8",
    )
    with foreign(tmp_path / "foreign") as stranger:
        page.goto(stranger)
        came = page.evaluate(TRIES, address)
        assert came == dict.fromkeys(came, "refused")
        frame = page.frames[1]
        assert "示例机关" not in frame.content()
        with page.expect_navigation() as sent:
            page.get_by_role("button").click()
        assert sent.value.status == 403


def test_a_page_of_its_own_gets_at_all_of_it(served: Served, page: Page):
    """The same tries, so that the refusals above are due to the guard."""
    page.goto(served.address)
    came = page.evaluate(TRIES.replace("0.js", "index.js"), served.address)
    assert (came["read"], came["script"], came["picture"]) == ("basic", "loaded", "loaded")
    assert came["socket"] == "opened"
