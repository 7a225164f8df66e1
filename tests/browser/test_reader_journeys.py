"""What readers come for, from the first page to the answer, as they would do it."""

import functools
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.pages import opened

pytestmark = pytest.mark.needs("chromium")

SEARCH = "header .search input"


def home(browser: Browser, site: Path, width: int = 1280, **options: object) -> Page:
    page = opened(browser, width, **options)
    page.goto((site / "index.html").as_uri())
    return page


def link(page: Page, words: str) -> Locator:
    """The first link of these words in what the page is about."""
    return page.locator("main").get_by_role("link", name=words, exact=True).first


def looked_up(page: Page, words: str) -> str:
    """The heading of the page that the first answer to a search leads to, from the keyboard alone."""
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.wait_for_selector("[role=option]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page.inner_text("main h1")


@pytest.mark.parametrize("words", ["byw", "bai yawen", "白雅", "雅文"])
def test_i_find_myself_by_my_initials(chromium: Browser, whole_site: Path, words: str):
    assert "白雅文" in looked_up(home(chromium, whole_site), words)


@pytest.mark.parametrize(("surname", "words"), [("单晓萌", "sxm"), ("曾凡玲", "zfl")])
def test_i_find_a_surname_as_it_is_said(chromium: Browser, whole_site: Path, surname: str, words: str):
    assert surname in looked_up(home(chromium, whole_site), words)


def test_two_of_one_name_are_told_apart_before_i_choose(chromium: Browser, whole_site: Path):
    page = home(chromium, whole_site)
    page.fill(SEARCH, "李静")
    page.wait_for_selector("[role=option]")
    answers = page.locator("[role=option]").all_inner_texts()
    assert len(answers) == len(set(answers)) >= 2


def test_i_see_why_i_lost_half_a_point(chromium: Browser, whole_site: Path):
    page = home(chromium, whole_site)
    link(page, "第一党支部").click()
    link(page, "田沛").click()
    expect(page.locator("main h1")).to_contain_text("田沛")
    line = page.locator("table.lines tbody tr", has_text="−0.5").first
    expect(line).to_contain_text("请假")
    line.locator("a[href*='rules']").click()
    clause = page.locator(":target")
    expect(clause).to_contain_text("请假")
    expect(clause).to_contain_text("0.5")
    expect(clause).to_be_in_viewport()
    assert "/rules" in page.url


def rank_of(page: Page, name: str) -> int:
    row = page.locator(".ranking tbody tr", has_text=name)
    return int(row.locator("td").first.get_attribute("data-rank") or "")


def test_i_compare_with_last_quarter(chromium: Browser, whole_site: Path):
    page = home(chromium, whole_site)
    link(page, "第一党支部").click()
    page.click("main a:has-text('2026年第三季度')")
    expect(page.locator("main h1")).to_contain_text("2026年第三季度")
    now = rank_of(page, "单晓萌")
    moved = page.locator(".ranking tbody tr", has_text="单晓萌").locator(".move").inner_text()
    link(page, "第一党支部").click()
    page.click("main a:has-text('2026年第二季度')")
    expect(page.locator("main h1")).to_contain_text("2026年第二季度")
    before = rank_of(page, "单晓萌")
    assert before != now
    assert f"{'升' if now < before else '降'}{abs(now - before)}位" in re.sub(r"\s", "", moved)


def test_i_read_on_a_phone(chromium: Browser, whole_site: Path):
    page = home(chromium, whole_site, 360, is_mobile=True, has_touch=True, device_scale_factor=3)
    link(page, "第三党支部").tap()
    link(page, "白雅文").tap()
    expect(page.locator("main h1")).to_contain_text("白雅文")
    assert page.evaluate("visualViewport.scale") == 1
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    smallest = """Math.min(...[...document.querySelectorAll('main *')].filter(
        one => one.getClientRects().length && !one.closest('svg') && [...one.childNodes].some(
            node => node.nodeType === 3 && node.data.trim())).map(one => parseFloat(getComputedStyle(one).fontSize)))"""
    assert page.evaluate(smallest) >= 11.5


def test_i_read_with_javascript_off(chromium: Browser, whole_site: Path):
    page = home(chromium, whole_site, java_script_enabled=False)
    assert page.locator("input:visible, select:visible, button:visible").count() == 0
    link(page, "第三党支部").click()
    link(page, "白雅文").click()
    expect(page.locator("main h1")).to_contain_text("白雅文")
    expect(page.locator("table.lines tbody tr:visible", has_text="收缴党费").nth(5)).to_be_visible()
    assert page.locator("input:visible, select:visible, button:visible").count() == 0


def test_i_open_it_from_a_memory_stick(chromium: Browser, whole_site: Path, tmp_path: Path):
    stick = tmp_path / "积分榜 #1 (副本)"
    shutil.copytree(whole_site, stick)
    page = home(chromium, stick)
    assert "白雅文" in looked_up(page, "byw")
    with page.expect_navigation():
        page.click("nav >> text=规则")
    assert page.url.startswith(stick.as_uri())
    assert "白雅文" in looked_up(page, "byw")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(whole_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site at some depth of a server."""
    root = tmp_path_factory.mktemp("server")
    shutil.copytree(whole_site, root / "dangjian/2026/jifen")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/dangjian/2026/jifen/"
    server.shutdown()
    server.server_close()


def test_i_open_it_somewhere_on_a_server(chromium: Browser, served: str):
    page = opened(chromium, 1280)
    answers: list[tuple[int, str]] = []
    page.on("response", lambda response: answers.append((response.status, response.url)))
    page.goto(served)
    assert "白雅文" in looked_up(page, "byw")
    with page.expect_navigation():
        page.click("nav >> text=规则")
    assert "白雅文" in looked_up(page, "byw")
    assert [answer for answer in answers if answer[0] >= 400 or not answer[1].startswith(served)] == []


def test_i_see_only_my_months_of_one_item_and_get_all_back(chromium: Browser, whole_site: Path):
    page = opened(chromium, 1280)
    page.goto((whole_site / "members/tian-pei.html").as_uri())
    rows = page.locator("tr[data-item]:visible")
    whole = rows.count()
    page.select_option("form.filters select[name=item]", "leave")
    assert {row.get_attribute("data-item") for row in rows.all()} == {"leave"}
    expect(page.locator("form.filters [role=status]")).to_contain_text(str(rows.count()))
    page.select_option("form.filters select[name=item]", "")
    expect(rows).to_have_count(whole)


# --- a sheet on the wall against the site ----------------------------------------------------------------------------


@pytest.fixture
def audit_page(chromium: Browser, whole_site: Path) -> Page:
    page = opened(chromium, 360)
    page.goto((whole_site / "audit.html").as_uri())
    return page


def record(page: Page) -> tuple[Locator, str]:
    """The row of an approval of the first branch, and its code as sheets have it."""
    row = page.locator("[id='first-2026-03']")
    return row, row.locator("summary").inner_text()


def answer(page: Page) -> Locator:
    return page.locator(".lookup [role=status]")


@pytest.mark.parametrize("way", ["as printed", "full width", "capitals", "no blanks", "misread", "whole line"])
def test_sixteen_digits_of_a_sheet_light_up_their_record_and_prove_it(audit_page: Page, way: str):
    row, code = record(audit_page)
    typed = {
        "as printed": code,
        "full width": code.translate({ord(one): ord(one) + 0xFEE0 for one in "0123456789abcdef"}),
        "capitals": code.upper(),
        "no blanks": code.replace(" ", ""),
        "misread": code.replace("0", "O").replace("1", "l"),
        "whole line": f"第一党支部 {code}；",
    }[way]
    audit_page.fill("#digits", typed)
    expect(row).to_have_class("hit")
    expect(row).to_be_in_viewport()
    assert audit_page.locator("tr.hit").count() == 1
    same = re.compile(r"^相同：2026年3月 第一党支部 2026年4月\d+日。.*没有改动。$")
    expect(answer(audit_page)).to_have_text(same)


def test_eight_digits_find_a_record_and_prove_nothing(audit_page: Page):
    row, code = record(audit_page)
    audit_page.fill("#digits", code[:6])
    expect(answer(audit_page)).to_contain_text("请接着输入")
    assert audit_page.locator("tr.hit").count() == 0
    audit_page.fill("#digits", code[:9])
    expect(row).to_have_class("hit")
    expect(answer(audit_page)).to_contain_text("只有 8 位，能找到是哪一条，不能证明没有改动")


def test_digits_of_no_record_are_told_and_the_newest_of_a_branch_light_up_twice(audit_page: Page):
    _, code = record(audit_page)
    other = code[:-1] + ("0" if code[-1] != "0" else "1")
    audit_page.fill("#digits", other)
    expect(answer(audit_page)).to_have_text(re.compile("^没有这一条。"))
    assert audit_page.locator("tr.hit").count() == 0
    newest = audit_page.locator("table.digest").first.locator("summary").first.inner_text()
    audit_page.fill("#digits", newest)
    expect(audit_page.locator("tr.hit")).to_have_count(2)


def test_a_short_digest_opens_without_a_script_and_leads_to_the_board(chromium: Browser, whole_site: Path):
    page = opened(chromium, 1280, java_script_enabled=False)
    page.goto((whole_site / "audit.html").as_uri())
    row, _ = record(page)
    expect(page.locator(".lookup")).to_be_hidden()
    row.locator("summary").click()
    expect(row.locator(".rest")).to_have_text(re.compile("^[0-9a-f]{48}$"))
    row.get_by_role("link").click()
    expect(page.locator("main h1")).to_contain_text("2026年3月积分榜")
    assert page.url.endswith("/branches/first/2026-03.html")
