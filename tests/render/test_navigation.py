"""The way through the site: boards around a board, lists of boards and notices, branches, and the home page."""

import re
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser

from generator.core.basics.periods import PeriodKind
from generator.core.model.settings import Audience
from generator.render.site.pages import find_nearby_boards, list_organ_pages
from tests.browser.pages import opened
from tests.conftest import SAMPLE_DAY, build
from tests.site_project import REPOSITORY, organ_edition, period, survey

browser = pytest.mark.needs("chromium")
BOARDS = [
    *((period(f"2026-0{number}"), "jia") for number in (1, 2, 4)),
    *((period(name), "jia") for name in ("2025-Q4", "2026-Q1", "2026-Q2")),
    *((period(name), None) for name in ("2025-H2", "2026-H1", "2026")),
]


@pytest.mark.parametrize(
    ("name", "branch", "before", "after", "lengths"),
    [
        ("2026-01", "jia", None, "2026-02", "2026-01 2026-Q1 2026-H1 2026"),
        ("2026-02", "jia", "2026-01", "2026-04", "2026-02 2026-Q1 2026-H1 2026"),
        ("2026-Q2", "jia", "2026-Q1", None, "2026-04 2026-Q2 2026-H1 2026"),
        ("2026-Q1", "jia", "2025-Q4", "2026-Q2", "2026-02 2026-Q1 2026-H1 2026"),
        ("2026-H1", None, "2025-H2", None, "2026-H1 2026"),
        ("2026", None, None, None, "2026-H1 2026"),
    ],
)
def test_a_board_leads_to_those_around_it(
    name: str, branch: str | None, before: str | None, after: str | None, lengths: str
):
    nearby = find_nearby_boards(BOARDS, period(name), branch)
    assert (nearby.previous, nearby.next) == tuple(side and period(side) for side in (before, after))
    assert list(nearby.lengths.values()) == [period(one) for one in lengths.split()]
    assert list(nearby.lengths) == [kind for kind in PeriodKind if kind in nearby.lengths]


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_boards_are_listed_by_year_and_notices_too(site: Path):
    boards, notices = text(site / "boards.html"), text(site / "notices.html")
    assert re.findall(r"<h2>(\d+)年</h2>", boards) == re.findall(r"<h2>(\d+)年</h2>", notices) == ["2026", "2025"]
    for folder, listed in (("boards", boards), ("notices", notices)):
        pages = {f"{folder}/{path.name}" for path in (site / folder).glob("*.html")}
        current = {path for path in pages if not re.search(r"\.(r\d+|c\d+|poster(\.\w+)?)\.html$", path)}
        assert current <= set(re.findall(r'href="([^"]+)"', listed))
    assert "boards/2026-H1.c1.html" in notices


def test_the_committees_own_edition_leads_to_its_overview_and_nowhere_else(
    sample: Path, whole_site: Path, tmp_path: Path
):
    own = build(sample, tmp_path / "own", "--audience", "committee")
    for path, state in (("committee/index.html", "page"), ("committee/2026.html", "true")):
        page = text(own / path)
        main = page.partition('aria-label="主导航"')[2].partition("</nav>")[0]
        assert re.findall(r'aria-current="(\w+)">([^<>\n]+)</a>', main) == [(state, "总览")]
        assert "<span>" not in main
        assert "首页" not in page.partition("<main")[2].partition("<h1>")[0]
    main = text(whole_site / "committee/index.html").partition('aria-label="主导航"')[2].partition("</nav>")[0]
    assert "总览" not in main


def test_every_page_has_the_way_on_and_the_rest_at_its_foot(whole_site: Path):
    board = text(whole_site / "branches/first/2026-03.html")
    main = board.partition('aria-label="主导航"')[2].partition("</nav>")[0]
    assert re.findall(r">([^<>\n]+)</a>", main) == ["首页", "积分榜", "党支部", "公告", "规则"]
    assert re.findall(r'aria-current="true">(\w+)', main) == ["党支部"]
    foot = board.partition("<footer")[2]
    assert re.findall(r">([^<>\n]+)</a>", foot) == [
        "审核记录",
        "光荣榜",
        "关于本站",
        "使用手册",
        "总览",
    ]
    periods = board.partition('<nav class="periods"')[2].partition("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', periods) == [
        "../../branches/first/2026-02.html",
        "../../branches/first/2026-04.html",
        "../../branches/first/2026-Q1.html",
        "../../boards/2026-H1.html",
        "../../boards/2026.html",
    ]


def test_branches_are_shown_to_the_organ_without_their_months_points(sample: Path, tmp_path: Path):
    site = build(sample, tmp_path / "site", "--audience", "organ")
    page = text(site / "branches.html")
    card = page.partition("第三党支部")[2].partition("</li>")[0]
    assert re.findall(r"<p>(.+?)</p>", card) == [
        "党员：12 人",
        "台账审核到：2026年9月",
        "最近审核：2026年10月8日",
        "2026年上半年平均积分：52.63 分",
    ]
    home = text(site / "index.html")
    assert "2026年10月榜" not in home
    assert "第三党支部" in home


@pytest.mark.parametrize(
    ("counted", "board"),
    [
        ("2026-H2 2026 2026-H1 2025", "2026-H2"),
        ("2026 2026-H1 2025-H2", "2026-H1"),  # no month of the running half-year
        ("2026 2025", "2026"),  # no shorter boards
        ("", "2026-H2"),
    ],
)
def test_home_begins_with_the_newest_board_that_counts_a_month(counted: str, board: str):
    edition = organ_edition(survey(REPOSITORY, date.fromisoformat(SAMPLE_DAY)))
    sources = edition.boards[0].sources
    edition.__dict__["boards"] = tuple(
        replace(one, sources=sources if str(one.period) in counted.split() else ()) for one in edition.boards
    )
    specs = list_organ_pages(edition, frozenset({Audience.ORGAN}))
    home = next(spec for spec in specs if spec.path == "index.html").build_page()
    assert str(home.data["newest"].period) == board  # type: ignore[attr-defined]


RUNNING = """<!doctype html><meta charset="utf-8"><script src="site.js"></script>
<section><p data-until="2026-07-10">甲<span class="left"></span></p>
<p data-until="2026-07-16">乙<span class="left"></span></p></section>"""


@browser
@pytest.mark.parametrize(
    ("today", "shown"),
    [
        (date(2026, 7, 9), ["甲还有 1 天", "乙还有 7 天"]),
        (date(2026, 7, 10), ["甲今天截止", "乙还有 6 天"]),
        (date(2026, 7, 11), ["乙还有 5 天"]),
        (date(2026, 7, 17), []),
    ],
)
def test_days_are_counted_down_and_what_is_over_goes(
    chromium: Browser, site: Path, tmp_path: Path, today: date, shown: list[str]
):
    (tmp_path / "site.js").write_bytes((site / "assets/site.js").read_bytes())
    (tmp_path / "page.html").write_text(RUNNING, encoding="utf-8")
    page = opened(chromium, 360)
    page.clock.set_fixed_time(f"{today}T12:00:00")
    page.goto((tmp_path / "page.html").as_uri())
    lines = page.locator("p:visible")
    assert lines.all_inner_texts() == shown
    assert page.is_visible("section") == bool(shown)


@browser
def test_the_first_row_is_near_the_top_on_a_phone(chromium: Browser, site: Path):
    page = opened(chromium, 360)
    page.goto((site / "index.html").as_uri())
    assert page.locator(".ranking tbody tr").first.bounding_box()["y"] < 400  # type: ignore[index]
    assert page.locator(".top").bounding_box()["height"] < 130  # type: ignore[index]


@browser
@pytest.mark.parametrize("path", ["boards/2026-H1.html", "branches/first/2026-Q1.html", "index.html"])
def test_large_type_stays_in_the_window_of_a_tablet(chromium: Browser, site: Path, path: str):
    page = opened(chromium, 656)
    page.goto((site / path).as_uri())
    page.evaluate("document.documentElement.classList.add('large')")
    for width in (656, 700, 750, 785, 896, 960):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width


@browser
def test_what_has_the_focus_is_never_under_the_head_that_stays(chromium: Browser, site: Path):
    page = opened(chromium, 360)
    page.goto((site / "boards/2026-H1.html").as_uri())
    page.locator("#ranking tbody a").last.focus()
    hidden = """() => document.activeElement.getBoundingClientRect().top
        < document.querySelector('#ranking thead th').getBoundingClientRect().bottom"""
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        assert not page.evaluate(hidden)


@browser
@pytest.mark.parametrize(
    "path", ["branches/first/index.html", "members/bai-yawen.html", "boards/2026-H1.html", "boards.html"]
)
def test_what_is_pressed_is_at_least_24_pixels_high(chromium: Browser, site: Path, path: str):
    page = opened(chromium, 360)
    page.goto((site / path).as_uri())
    low = """() => [...document.querySelectorAll('table a, ul a, button, summary, select, input')].filter(
        one => one.getClientRects().length && one.getBoundingClientRect().height < 24).map(one => one.outerHTML)"""
    assert page.evaluate(low) == []


@browser
def test_forced_colours_mark_one_entry_alone(chromium: Browser, site: Path):
    page = opened(chromium, 1280, forced_colors="active")
    page.goto((site / "boards.html").as_uri())
    lined = """() => [...document.querySelectorAll('.top li a')].filter(
        one => parseFloat(getComputedStyle(one).borderBottomWidth) > 0).map(one => one.textContent)"""
    assert page.evaluate(lined) == ["积分榜"]
