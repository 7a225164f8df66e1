"""Every kind of page for every pair of eyes and hands: axe, zoom, keyboard, reduced motion, forced colours."""

from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checkers import LIGHTS, axe_says
from tests.browser.pages import KINDS, Windows, address, opened
from tests.conftest import PROVE, sample_of

pytestmark = pytest.mark.needs("chromium")

WIDTHS = [1280, 360]
# Drawn by the same parts of the same templates as another kind.
ALIKE = {"branch poster", "branch quarter", "superseded board", "member's earlier year", "corrected filing pack"}
OF_EACH_TEMPLATE = [kind for kind in KINDS if PROVE or kind not in ALIKE]
# Each kind at one width or the other and in one light or the other; to prove it, at both and in both.
VIEWS = [
    (kind, width, LIGHTS[turn // 2 % 2])
    for turn, kind in enumerate(OF_EACH_TEMPLATE)
    for width in (WIDTHS if PROVE else [WIDTHS[turn % 2]])
]
SITE = [kind for kind in KINDS if kind != "ledger form"]  # the form is a sheet of paper on its own


@pytest.mark.prove
@pytest.mark.needs("npm")
@pytest.mark.parametrize(("kind", "width", "light"), VIEWS)
def test_axe_finds_nothing(windows: Windows, whole_site: Path, kind: str, width: int, light: str):
    page = windows(width, color_scheme="light")
    page.goto(address(whole_site, kind))
    assert axe_says(page, light) == {}


@pytest.mark.prove
@pytest.mark.needs("npm")
@pytest.mark.parametrize(
    ("path", "width", "light"), [("index.html", 1920, "dark"), ("boards/2026-H1.html", 360, "light")]
)
def test_axe_finds_nothing_in_the_theme_of_a_hall(windows: Windows, hall_site: Path, path: str, width: int, light: str):
    page = windows(width, color_scheme="light")
    page.goto((hall_site / path).as_uri())
    assert axe_says(page, light) == {}


@pytest.mark.prove
@pytest.mark.needs("npm")
@pytest.mark.parametrize(("width", "light"), [*zip(WIDTHS, LIGHTS, strict=True)])
def test_axe_finds_nothing_while_the_search_is_open(chromium: Browser, whole_site: Path, width: int, light: str):
    page = opened(chromium, width)
    page.goto(address(whole_site, "home"))
    page.fill("header .search input", "z")
    page.wait_for_selector("[role=option]")
    assert axe_says(page, light) == {}


@pytest.mark.needs("npm")
def test_axe_finds_nothing_where_the_own_row_is_marked(chromium: Browser, whole_site: Path):
    page = opened(chromium, 360)
    page.set_viewport_size({"width": 360, "height": 2000})  # no row lies behind the one that stays in sight
    page.goto(address(whole_site, "member"))
    page.click("[data-own]")
    for kind in ("member", "organ board", "home"):
        page.goto(address(whole_site, kind))
        assert axe_says(page, "light") == {}


@pytest.mark.needs("npm")
@pytest.mark.parametrize("light", LIGHTS)
def test_axe_bites(chromium: Browser, light: str):
    page = opened(chromium, 1280)
    page.set_content("<!doctype html><html><title>榜</title><p style='color: #999; background: #fff'>积分榜</p>")
    found = {one.partition(":")[0] for one in axe_says(page, light)[light]}
    assert found >= {"html-has-lang", "color-contrast"}


@pytest.mark.prove
@pytest.mark.parametrize("kind", sample_of(SITE, 10))
def test_at_200_percent_nothing_runs_out_of_the_window(windows: Windows, whole_site: Path, kind: str):
    page = windows(640, device_scale_factor=2)
    page.goto(address(whole_site, kind))
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.prove
@pytest.mark.parametrize("kind", sample_of([*KINDS], 6))
def test_nothing_moves_for_those_who_want_no_motion(windows: Windows, whole_site: Path, kind: str):
    page = windows(1280, reduced_motion="reduce")
    page.goto(address(whole_site, kind))
    moving = """() => [...document.querySelectorAll('*')].filter(one => {
        const style = getComputedStyle(one);
        const lasts = time => time.split(', ').some(part => parseFloat(part) > 0.01);
        return lasts(style.transitionDuration) || (style.animationName !== 'none' && lasts(style.animationDuration));
    }).map(one => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(moving) == []
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


FAINT = """selector => [...document.querySelectorAll(selector)].filter(one => {
    const style = getComputedStyle(one);
    const shown = ['fill', 'stroke'].map(key => style[key]).filter(paint => paint !== 'none');
    const paper = getComputedStyle(document.body).backgroundColor;
    return shown.every(paint => paint === paper);
}).map(one => one.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("light", ["light", "dark"])
def test_forced_colours_leave_charts_lines_and_badges_visible(chromium: Browser, whole_site: Path, light: str):
    page = opened(chromium, 1280, forced_colors="active", color_scheme=light)
    for kind in ("organ board", "branch", "member"):
        page.goto(address(whole_site, kind))
        assert page.evaluate(FAINT, "svg .bar, svg .line, svg .dot, svg .fill, svg text") == []
    page.goto(address(whole_site, "home"))
    borders = (
        "[...document.querySelectorAll('.open, .ranking tbody td')].map(one => getComputedStyle(one).borderBottomStyle)"
    )
    assert set(page.evaluate(borders)) == {"solid"}


# All that the Tab key should reach, in the order of the page: what can be followed, pressed, filled in or scrolled.
FOCUSABLE = """() => {
    const controls = 'a[href], area[href], button, input, select, textarea, summary, iframe, [contenteditable]';
    const seen = {checkVisibilityCSS: true, visibilityProperty: true};
    window.focusable = [...document.querySelectorAll(controls + ', [tabindex]:not([tabindex="-1"])')].filter(one =>
        !one.matches(':disabled') && one.checkVisibility(seen) && one.getClientRects().length);
    return window.focusable.map(one => one.outerHTML.slice(0, 120));
}"""
STOP = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const style = getComputedStyle(one);
    return {text: one.innerText || one.getAttribute('aria-label') || one.id, tag: one.tagName,
            html: one.outerHTML.slice(0, 120), main: !!one.closest('main'), place: window.focusable.indexOf(one),
            ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)};
}"""


def tab_through(page: Page, most: int = 800) -> tuple[list[str], list[dict]]:
    """What the Tab key should reach; where it leads, stop by stop, until it leaves the page."""
    expected, stops = page.evaluate(FOCUSABLE), []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            return expected, stops
        stops.append(stop)
    raise AssertionError(f"no end after {most} stops: {stops[-3:]}")


TABBED = KINDS if PROVE else ["home", "organ board", "branch", "member", "rules", "desk", "filing pack", "ledger form"]


@pytest.mark.prove
@pytest.mark.parametrize("kind", TABBED)
def test_the_tab_key_reaches_everything_in_reading_order_and_shows_where_it_is(
    windows: Windows, whole_site: Path, kind: str
):
    page = windows(1280)
    page.goto(address(whole_site, kind))
    expected, stops = tab_through(page)
    assert [stop["html"] for stop in stops] == expected
    assert [stop["place"] for stop in stops] == list(range(len(expected)))
    assert [stop for stop in stops if stop["ring"] < 2] == []
    if kind not in {"ledger form", "organ poster", "branch poster"}:  # sheets to be printed, without the head of a page
        assert {stop["tag"] for stop in stops} >= {"A", "INPUT", "BUTTON"}
        assert stops[0]["text"] == "跳到正文"
        inside = [stop["main"] for stop in stops]
        # What leads to the page, the page, and the foot of it.
        assert [part for part, _ in groupby(inside)] in ([False, True], [False, True, False])


@pytest.mark.parametrize(
    "fault",
    [
        "document.querySelector('main a').tabIndex = -1",
        "document.querySelector('button').tabIndex = -1",
        "document.querySelector('main a').tabIndex = 1",
        "document.body.prepend(document.querySelector('main'))",
    ],
    ids=["a link left out", "a button left out", "a link before all others", "the page before its navigation"],
)
def test_the_test_of_the_tab_key_bites(windows: Windows, whole_site: Path, fault: str):
    page = windows(1280)
    page.goto(address(whole_site, "notices"))
    page.evaluate(fault)
    expected, stops = tab_through(page)
    inside = [stop["main"] for stop in stops]
    assert [stop["html"] for stop in stops] != expected or inside != sorted(inside)


def test_the_skip_link_leads_past_the_navigation(windows: Windows, whole_site: Path):
    page = windows(1280)
    page.goto(address(whole_site, "organ board"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_search_and_large_type_come_after_the_navigation_and_before_the_page(windows: Windows, whole_site: Path):
    page = windows(1280)
    page.goto(address(whole_site, "notices"))
    tags = [stop["tag"] for stop in tab_through(page)[1]]
    search, large = tags.index("INPUT"), tags.index("BUTTON")
    assert set(tags[:search]) == {"A"}
    assert large == search + 1


def test_a_table_is_sorted_from_the_keyboard_and_restored(chromium: Browser, whole_site: Path):
    page = opened(chromium, 1280)
    page.goto(address(whole_site, "organ board"))
    names = "[...document.querySelectorAll('.ranking tbody th')].map(one => one.textContent)"
    published = page.evaluate(names)
    page.focus(".ranking thead th:nth-child(2) button")
    states = []
    for _ in range(3):
        page.keyboard.press("Enter")
        states.append((page.get_attribute(".ranking thead th:nth-child(2)", "aria-sort"), page.evaluate(names)))
    assert [state for state, _ in states] == ["ascending", None, "ascending"]
    assert states[0][1] != published
    assert sorted(states[0][1]) == sorted(published)
    assert states[1][1] == published
    assert states[2] == states[0]


def test_large_type_stays_from_page_to_page_until_switched_back(chromium: Browser, whole_site: Path):
    page = opened(chromium, 1280)
    page.goto(address(whole_site, "home"))
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    usual = page.evaluate(size)
    page.click("[data-setting=large]")
    assert page.evaluate(size) == usual * 1.25
    page.goto(address(whole_site, "member"))
    assert page.evaluate(size) == usual * 1.25
    page.click("[data-setting=large]")
    assert page.evaluate(size) == usual * 1.5
    page.click("[data-setting=large]")
    page.goto(address(whole_site, "home"))
    assert page.evaluate(size) == usual


@pytest.mark.prove
@pytest.mark.parametrize("kind", sample_of(SITE, 6))
def test_large_type_runs_out_of_no_window(windows: Windows, whole_site: Path, kind: str):
    page = windows(1280)
    page.goto(address(whole_site, kind))
    for step in ("large", "huge"):
        page.evaluate("step => document.documentElement.classList.add(step)", step)
        for width in (1280, 644, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
