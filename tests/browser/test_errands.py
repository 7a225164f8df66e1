"""What members come for, on a phone, from the home page: counted in actions, and answered in the window where they end.

A tap is an action, and so is one query typed with its Enter; to scroll to what is tapped is none. At most two, and
three where a member has to be looked up first:

| errand | actions |
| --- | --- |
| my rank on the newest half-year board that is complete | 1 |
| my rank this half-year, from the home page ever after | 3, then 0 |
| why I lost a point | 2 |
| what changed since March | 1 |
| who leads my branch | 1 |
| when an objection period ends | 1 |
| to print the board for the wall | 2 |
| to check a sheet on the wall | 2 |
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.needs("chromium")


class Visitor:
    """A reader at the home page with a phone, and how often they have tapped or asked."""

    def __init__(self, page: Page, site: Path) -> None:
        self.page = page
        self.actions = 0
        page.goto((site / "index.html").as_uri())

    def tap(self, words: str, inside: str = "body") -> None:
        """Tap the first link or button of these words, wherever on the page it is."""
        self.actions += 1
        scope = self.page.locator(inside)
        link, button = (scope.get_by_role(role, name=words, exact=True) for role in ("link", "button"))
        link.or_(button).first.tap()

    def look_up(self, words: str) -> None:
        """Type a query into the search of the page, and Enter."""
        self.actions += 1
        self.page.locator("header .search input").tap()
        self.page.keyboard.type(words)
        self.page.wait_for_selector("[role=option]")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type_code(self, code: str) -> None:
        """Type the figures on a sheet into the field of the audit page, and Enter."""
        self.actions += 1
        self.page.get_by_label("查对榜单上的核对码").fill(code)
        self.page.keyboard.press("Enter")

    def sees(self, answer: Locator, *words: str) -> None:
        """Read the answer where the last action left the window."""
        expect(answer).to_be_in_viewport(ratio=1)
        for one in words:
            expect(answer).to_contain_text(one)


@pytest.fixture
def visitor(chromium: Browser, whole_site: Path) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    yield Visitor(context.new_page(), whole_site)
    context.close()


def test_my_rank_on_the_newest_complete_half_year_board(visitor: Visitor):
    visitor.look_up("byw")
    visitor.sees(visitor.page.locator(".keys div", has_text="上半年全机关名次"), "第 9 名", "共 46 人")
    assert visitor.actions == 1


def test_my_rank_this_half_year_and_ever_after_at_once(visitor: Visitor, whole_site: Path):
    visitor.look_up("byw")
    visitor.tap("这是我")
    visitor.tap("首页")
    visitor.sees(visitor.page.locator(".reader"), "白雅文", "2026年下半年", "第 27 名")
    assert visitor.actions == 3
    back = Visitor(visitor.page, whole_site)
    back.sees(back.page.locator(".reader"), "第 27 名")
    assert back.actions == 0


def test_why_i_lost_a_point(visitor: Visitor):
    visitor.look_up("tianpei")
    visitor.tap("扣分和没有得的分")
    visitor.sees(visitor.page.locator("#lost tbody tr").first, "请假", "二（三）2")
    assert visitor.actions == 2


def test_what_changed_since_march(visitor: Visitor):
    visitor.tap("公告")
    expect(visitor.page.locator("h1")).to_have_text("公告")
    news = visitor.page.locator("main section", has_text="2026年").first.locator("li")
    dates = [date or "" for date in news.locator("time").evaluate_all("all => all.map(one => one.dateTime)")]
    assert dates == sorted(dates, reverse=True)
    since = [number for number, date in enumerate(dates) if date >= "2026-03"]
    assert len(since) > 3
    for number in since:
        visitor.sees(news.nth(number))
    assert any("更正公告" in text for text in news.all_inner_texts())
    assert visitor.actions == 1


def test_who_leads_my_branch(visitor: Visitor):
    visitor.tap("第一党支部", inside="main")
    visitor.sees(visitor.page.locator(".ranking tbody tr").first, "方立群")
    assert visitor.actions == 1


def test_when_an_objection_period_ends(visitor: Visitor):
    visitor.tap("2026年上半年积分榜", inside="main")
    visitor.sees(visitor.page.locator(".facts div", has_text="状态"), "至7月15日（5 个工作日）")
    assert visitor.actions == 1


def test_to_print_the_board_for_the_wall(visitor: Visitor):
    visitor.tap("2026年上半年积分榜", inside="main")
    visitor.tap("张贴版")
    visitor.sees(visitor.page.get_by_text("用 A4 纸横向打印，共 1 张"))
    assert visitor.actions == 2


def test_to_check_a_sheet_on_the_wall(visitor: Visitor):
    visitor.tap("审核记录")
    visitor.type_code("63ef 4277 8c7f e383")
    visitor.sees(visitor.page.locator(".lookup [role=status]"), "相同：2026年5月 第一党支部")
    visitor.sees(visitor.page.locator(".digest .hit").last, "63ef 4277 8c7f e383")
    assert visitor.actions == 2
