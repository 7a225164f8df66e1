"""What readers do with a board: mark their own row, sort, filter, pass the view on, choose type and light."""

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import Windows, address, opened
from tests.conftest import build, pairs
from tests.site_project import copy_sample

pytestmark = pytest.mark.needs("chromium")

OWN = "bai-yawen"
ROW = f"row-{OWN}"
BOARD = "boards/2026-H1.html"


@pytest.fixture
def page(windows: Windows) -> Iterator[Page]:
    """A page of a desk's window whose store is empty, before and after."""
    desk = windows(1280)
    yield desk
    desk.emulate_media(media="screen", color_scheme="light")
    desk.evaluate("try { localStorage.clear() } catch (refused) {}")


def goto(page: Page, site: Path, path: str) -> None:
    """Open a page of the site anew, even where only the part of the address after # differs."""
    page.goto("about:blank")
    page.goto(f"{site.as_uri()}/{path}")


# --- 这是我 ----------------------------------------------------------------------------------------------------------


def test_one_press_on_a_board_marks_my_row_and_home_begins_with_it(page: Page, whole_site: Path):
    goto(page, whole_site, "boards/2026-H2.html")
    row, star = page.locator(f"#{ROW}"), page.get_by_role("button", name="这是我：白雅文")
    rank, points = row.locator("[data-rank]").get_attribute("data-rank"), row.locator("[data-points]").inner_text()
    star.click()
    expect(row).to_have_class("mine")
    assert star.get_attribute("aria-pressed") == "true"
    page.evaluate("scrollTo(0, 0)")
    expect(row.locator("th")).to_be_in_viewport()
    page.evaluate("scrollTo(0, document.getElementById('ranking').getBoundingClientRect().bottom - innerHeight / 2)")
    expect(row.locator("th")).to_be_in_viewport()
    page.get_by_role("link", name="首页", exact=True).first.click()
    own = page.locator(".reader")
    expect(own).to_contain_text(f"白雅文2026年下半年第 {rank} 名，{points} 分")
    assert own.bounding_box()["y"] < page.locator(".ranking").bounding_box()["y"]  # type: ignore[index]
    own.get_by_role("link").first.click()
    expect(page).to_have_url(f"{whole_site.as_uri()}/boards/2026-H2.html#{ROW}")
    expect(row).to_be_in_viewport()


def test_one_press_on_a_members_page_marks_the_row_and_one_at_home_forgets_it(page: Page, whole_site: Path):
    goto(page, whole_site, f"members/{OWN}.html")
    page.get_by_role("button", name="这是我").click()
    goto(page, whole_site, BOARD)
    expect(page.locator("tr.mine")).to_have_id(ROW)
    goto(page, whole_site, "index.html")
    page.get_by_role("button", name="不再记住").click()
    expect(page.locator(".reader")).to_be_hidden()
    goto(page, whole_site, BOARD)
    assert page.locator("tr.mine").count() == 0
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('mine'))") == []


def test_another_site_of_the_same_server_has_its_own_reader(page: Page, whole_site: Path, tmp_path: Path):
    goto(page, whole_site, f"members/{OWN}.html")
    page.get_by_role("button", name="这是我").click()
    (tmp_path / "other").symlink_to(whole_site)
    goto(page, tmp_path / "other", BOARD)
    assert page.locator("tr.mine").count() == 0
    assert page.locator(".star").count() == 46


def test_where_nothing_can_be_kept_nothing_is_offered(chromium: Browser, whole_site: Path):
    page, complaints = opened(chromium, 1280), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError') }})"
    )
    for path in (BOARD, f"members/{OWN}.html", "index.html"):
        goto(page, whole_site, path)
        assert page.locator(".star, [data-own]:visible:not(table), .reader:visible").count() == 0
    page.click("[data-setting=large]")
    assert page.evaluate("document.documentElement.className") == "js large"
    assert complaints == []


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def served(whole_site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=whole_site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_what_a_device_remembers_is_in_no_request_and_in_no_address(chromium: Browser, served: str):
    page = opened(chromium, 1280)
    page.goto(f"{served}{BOARD}")
    page.locator(f"#{ROW} .star").click()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(f"{one.url} {one.all_headers()} {one.post_data}"))
    for path in ("index.html", "boards.html", "boards/2026-H2.html", "members/tian-pei.html", BOARD, "rules.html"):
        page.goto(f"{served}{path}")
        if path.startswith("boards/"):
            page.click("thead th[data-sort=points]")
            page.select_option("form.filters select", "third")
            page.evaluate("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() }")
            page.click("[data-do=copy]")
            assert page.evaluate("window.copied") == page.url == f"{served}{path}#sort=points&branch=third"
        assert OWN not in page.url
    page.fill("header .search input", "tianpei")
    page.wait_for_selector("[role=option]")
    assert len(sent) > 20
    assert [one for one in sent if OWN in one or "#" in one or "branch=" in one] == []
    assert page.context.cookies() == []


@pytest.fixture(scope="module")
def masked_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copy_sample(tmp_path_factory.mktemp("masked"))
    settings = root / "content/site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("names: full", "names: masked"), encoding="utf-8")
    return build(root, root / "site", "--audience", "organ,member")


def test_masked_rows_have_numbers_and_nobody_is_remembered(page: Page, masked_site: Path):
    goto(page, masked_site, BOARD)
    root = f"{masked_site.as_uri()}/"
    page.evaluate(
        "([key, own]) => localStorage.setItem(key, own)", [f"jifenbang.mine {root}", '{"id":"9","name":"白"}']
    )
    page.reload()
    rows = page.locator("#ranking tbody tr")
    assert [row.get_attribute("id") for row in rows.all()] == [f"row-{number}" for number in range(1, 47)]
    page.click("thead th[data-sort=move]")
    expect(page).to_have_url(f"{root}{BOARD}#sort=move")
    assert page.locator(".star, .mine, .reader, [data-own]").count() == 0
    goto(page, masked_site, "index.html")
    assert page.locator(".reader").count() == 0
    goto(page, masked_site, f"members/{OWN}.html")
    assert page.locator("button[data-own]").count() == 0
    page.locator(".places a[href*='2026-H1']").click()
    expect(page).to_have_url(re.compile(r"/boards/2026-H1\.html#row-\d+$"))
    expect(page.locator(":target [data-rank]")).to_have_text("9")


# --- the view in the address -----------------------------------------------------------------------------------------


def shown(page: Page) -> list[str]:
    return page.locator("#ranking tbody tr:visible").evaluate_all("rows => rows.map(row => row.id)")


def test_the_view_is_restored_on_loading_and_on_coming_back(page: Page, whole_site: Path):
    goto(page, whole_site, BOARD)
    published = shown(page)
    page.select_option("form.filters select", "third")
    page.click("thead th[data-sort=move]")
    view, view_address = shown(page), f"{whole_site.as_uri()}/{BOARD}#branch=third&sort=move"
    expect(page).to_have_url(view_address)
    assert 0 < len(view) < len(published)
    assert view != [row for row in published if row in view]
    goto(page, whole_site, view_address.removeprefix(f"{whole_site.as_uri()}/"))
    assert shown(page) == view
    page.locator("#ranking tbody tr:visible a").first.click()
    page.go_back()
    expect(page.locator("#ranking")).to_be_visible()
    assert (shown(page), page.url) == (view, view_address)
    page.focus(".skip")
    page.keyboard.press("Enter")
    page.wait_for_url(view_address)
    assert (shown(page), page.url) == (view, view_address)
    page.click("thead th[data-sort=move]")
    page.select_option("form.filters select", "")
    expect(page).to_have_url(f"{whole_site.as_uri()}/{BOARD}")
    assert shown(page) == published


def test_an_address_that_means_nothing_leaves_the_board_as_it_is(page: Page, whole_site: Path):
    goto(page, whole_site, BOARD)
    published = shown(page)
    for after in ("branch=none", "sort=none", "%", "a=b=c", "nobody", "__proto__=1&sort=%E0%A4%A", "&&="):
        goto(page, whole_site, f"{BOARD}#{after}")
        assert shown(page) == published
        assert page.input_value("form.filters select") == ""


# The heads of columns over which something of a row is seen.
COVERED = """[...document.querySelectorAll('#ranking thead th')].filter(head => {
    const box = head.getBoundingClientRect(), x = box.right - 8;
    return [box.top + 8, box.top + box.height / 2].some(y => !document.elementFromPoint(x, y).closest('thead'));
}).map(head => head.textContent)"""


def test_a_row_is_found_within_a_view_and_is_never_under_the_head(page: Page, whole_site: Path):
    view_address = "branch=third&sort=points"
    for after in (ROW, f"{ROW}&{view_address}", OWN, f"{OWN}&{view_address}"):  # the last two are of an earlier version
        goto(page, whole_site, f"{BOARD}#{after}")
        row = page.locator(f"#{ROW}")
        expect(row).to_have_class("here")
        expect(row).to_be_in_viewport()
        head = page.locator("#ranking thead th").first.bounding_box()
        assert row.bounding_box()["y"] >= head["y"] + head["height"] - 1  # type: ignore[index]
        page.evaluate("scrollBy(0, 10)")
        assert page.evaluate(COVERED) == []


def test_nobody_who_was_vetoed_comes_to_the_top(page: Page, whole_site: Path):
    """By no column of figures, pressed once or again: 史俊峰 has 0 points and stands at the end."""
    goto(page, whole_site, BOARD)
    for key in ("points", "move", "rank"):
        for _ in range(2):
            page.click(f"thead th[data-sort={key}]")
            assert "row-shi-junfeng" in shown(page)[-23:]
    assert page.locator("thead [data-sort]").count() == 5


def test_a_link_is_copied_where_there_is_no_clipboard(chromium: Browser, whole_site: Path):
    page = opened(chromium, 360)
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined}); window.fine = true;"
        "document.execCommand = () => { window.copied = getSelection().toString() || document.activeElement.value;"
        " return window.fine }"
    )
    goto(page, whole_site, f"{BOARD}#sort=points")
    page.click("[data-do=copy]")
    expect(page.locator(".pagetools [role=status]")).to_have_text("链接已复制")
    assert page.evaluate("window.copied") == page.url
    assert page.locator(".address").count() == 0
    page.evaluate("window.fine = false")
    page.click("[data-do=copy]")
    expect(page.locator(".pagetools [role=status]")).to_have_text("请按 Ctrl+C 复制")
    assert page.input_value(".address") == page.url
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_button_to_print_prints_rows_in_their_order_and_nothing_of_the_reader(page: Page, whole_site: Path):
    goto(page, whole_site, f"{BOARD}#sort=move&branch=third")
    page.locator(f"#{ROW} .star").click()
    page.evaluate("window.print = () => { window.printed = true }")
    page.click("[data-do=print]")
    assert page.evaluate("window.printed")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert len(shown(page)) == 46
    assert page.locator(".star:visible, .pagetools:visible").count() == 0
    looks = """id => [...document.getElementById(id).cells].map(cell => ['backgroundColor', 'boxShadow', 'position']
        .map(key => getComputedStyle(cell)[key]))"""
    assert page.evaluate(looks, ROW) == page.evaluate(looks, "row-cui-yanan")
    page.emulate_media(media="screen")


# --- type and light --------------------------------------------------------------------------------------------------

PAPER = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize(("system", "labels"), [("light", "深色 浅色 自动"), ("dark", "浅色 深色 自动")])
def test_light_and_dark_are_chosen_by_hand_and_stay(page: Page, whole_site: Path, system: str, labels: str):
    goto(page, whole_site, "rules.html")
    papers = {}
    for light in ("light", "dark"):
        page.emulate_media(color_scheme=light)  # type: ignore[arg-type]
        papers[light] = page.evaluate(PAPER)
    page.emulate_media(color_scheme=system)  # type: ignore[arg-type]
    page.reload()
    button, other = page.locator("[data-setting=light]"), "dark" if system == "light" else "light"
    for label, expected in zip(labels.split(), (other, system, system), strict=True):
        assert button.inner_text() == label
        assert f"明暗改为{label}" in (button.get_attribute("aria-label") or "")
        button.click()
        goto(page, whole_site, BOARD)
        assert page.evaluate(PAPER) == papers[expected]
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme").split()[-1] in (expected, "dark")
    button.click()
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')").strip() == "#ffffff"
    page.emulate_media(media="screen", color_scheme="light")


@pytest.mark.parametrize("path", [BOARD, "index.html", f"members/{OWN}.html", "audit.html"])
@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_moves_while_the_scripts_start(windows: Windows, whole_site: Path, path: str, width: int):
    """What is seen lies where it lay before the first script touched the page, the own row at home included."""
    page = windows(width)
    goto(page, whole_site, f"members/{OWN}.html")
    page.click("[data-own]")
    page.context.add_init_script(
        "window.places = () => [...document.querySelectorAll('header, nav, h1, h2, p, form, table, tr')]"
        ".filter(one => one.getClientRects().length && !one.closest('.count')).map(one => {"
        " const box = one.getBoundingClientRect();"
        " return one.tagName + one.className.replace(/ ?mine/, '') + [box.x, box.y, box.width].map(Math.round)"
        "});"
        "document.addEventListener('DOMContentLoaded', () => { window.before = window.places() });"
    )
    goto(page, whole_site, path)
    before, after = page.evaluate("[window.before, window.places()]")
    assert len(before) > 20
    assert [pair for pair in zip(before, after, strict=False) if pair[0] != pair[1]][:3] == []
    page.evaluate("localStorage.clear()")


@pytest.mark.prove
@pytest.mark.parametrize(
    ("kind", "step"),
    pairs(
        ["organ board", "provisional organ board", "branch quarter", "home", "results", "audit"],
        ["large", "large huge"],
    ),
)
def test_both_steps_of_large_type_stay_in_the_window_of_a_tablet(
    windows: Windows, whole_site: Path, kind: str, step: str
):
    page = windows(1280)
    page.goto(address(whole_site, kind))
    page.evaluate("step => { document.documentElement.className = 'js ' + step }", step)
    for width in (360, 656, 700, 768, 785, 900, 960, 1024):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
