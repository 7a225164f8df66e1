"""The sample site in a real Chromium, opened from a folder as readers open it."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import KINDS, Windows, address, opened, printed
from tests.conftest import PROVE, sample_of
from tests.site_pages import pages

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.prove
def test_every_page_opens_without_a_complaint_or_a_request_outside(chromium: Browser, whole_site: Path):
    """One of each kind, and a sample of all others."""
    page = opened(chromium, 1280)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
    page.on("requestfailed", lambda request: said.append(f"{request.failure}: {request.url}"))
    page.on("request", lambda request: asked.append(request.url))
    kinds, others = [address(whole_site, kind) for kind in KINDS], sample_of(pages(whole_site), 8)
    for one in [*kinds, *((whole_site / name).as_uri() for name in others)]:
        page.goto(one)
    # An icon still loading when the next page is opened is given up: that is no complaint.
    assert [one for one in said if not re.match(r"net::ERR_ABORTED: .*/icon\.svg$", one)] == []
    assert [url for url in asked if not url.startswith((whole_site.as_uri(), "data:"))] == []
    assert any(".css" in url for url in asked)


@pytest.mark.parametrize("kind", KINDS)
def test_under_the_policy_styles_apply_and_nothing_runs_out_of_the_window(
    windows: Windows, whole_site: Path, kind: str
):
    page = windows(1280)
    page.goto(address(whole_site, kind))
    for width in (1280, 360, 320) if kind != "ledger form" else ():  # a sheet of paper on its own
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelector('main h1').clientWidth") >= min(width, 700) * 0.8
    rules = "[...document.styleSheets].map(sheet => sheet.ownerNode.tagName).length"
    assert page.evaluate(rules) > 0
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"


@pytest.mark.needs("pdftotext")
@pytest.mark.parametrize("kind", ["organ board", "provisional organ board"])
def test_a_board_prints_its_heading_on_every_sheet(chromium: Browser, whole_site: Path, tmp_path: Path, kind: str):
    sheets = printed(chromium, address(whole_site, kind), tmp_path)
    assert len(sheets) > 1
    with_rows = [sheet for sheet in sheets if re.search(r"^\s*\d+\s+\S+", sheet, re.MULTILINE)]
    assert with_rows
    for sheet in with_rows:
        flat = re.sub(r"\s", "", sheet)
        assert "示例区纪委监委机关" in flat
        assert "2026年" in flat
        assert ("暂计" if "provisional" in kind else "公示：2026年7月9日至7月15日") in flat


@pytest.mark.needs("pdftotext")
def test_a_filing_pack_prints_its_cover_standing_and_its_forms_lying(
    chromium: Browser, whole_site: Path, tmp_path: Path
):
    sheets = printed(chromium, address(whole_site, "filing pack"), tmp_path)
    command = ["pdfinfo", "-f", "1", "-l", str(len(sheets)), tmp_path / "page.pdf"]
    info = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lying = [float(width) > float(height) for width, height in re.findall(r"size:\s+([\d.]+) x ([\d.]+)", info)]
    assert lying == [False, True, True, True]
    for number, sheet in enumerate(sheets, start=1):
        flat = re.sub(r"\s", "", sheet)
        assert "第四党支部" in flat
        assert f"第{number}页共4页" in flat
        assert ("支委会审核日期" if lying[number - 1] else "2026年第二季度备案材料齐全，2026年7月15日备案") in flat


@pytest.mark.needs("pdftotext")
@pytest.mark.parametrize("kind", ["results", "desk"])
def test_a_committee_page_prints_its_heading_on_every_sheet(
    chromium: Browser, whole_site: Path, tmp_path: Path, kind: str
):
    sheets = printed(chromium, address(whole_site, kind), tmp_path)
    assert len(sheets) > 1
    for sheet in sheets:
        flat = re.sub(r"\s", "", sheet)
        assert ("2026年度结果运用年度尚未结束机关党委内部" if kind == "results" else "截至2026年11月22日") in flat


@pytest.mark.needs("pdftotext")
def test_a_talk_sheet_is_one_page(chromium: Browser, whole_site: Path, tmp_path: Path):
    (sheet,) = printed(chromium, address(whole_site, "talk"), tmp_path)
    flat = re.sub(r"\s", "", sheet)
    for word in ("史俊峰", "第四党支部", "2026年第三季度", "谈话记录", "本人意见", "后续安排"):
        assert word in flat
    for word in ("谈话日期", "地点", "谈话人", "记录人", "党员本人"):
        assert word in flat


@pytest.mark.needs("pdftotext")
def test_the_ledger_form_prints_on_one_lying_sheet_with_room_to_sign(
    chromium: Browser, whole_site: Path, tmp_path: Path
):
    sheets = printed(chromium, address(whole_site, "ledger form"), tmp_path)
    assert len(sheets) == 1
    info = subprocess.run(["pdfinfo", tmp_path / "page.pdf"], capture_output=True, text=True, check=True).stdout
    width, height = map(float, re.findall(r"Page size:\s+([\d.]+) x ([\d.]+)", info)[0])
    assert width > height
    flat = re.sub(r"\s", "", sheets[0])
    for word in ("登记人", "党支部书记", "支委会成员签字", "应到", "实到", "支委会审核日期"):
        assert word in flat


# All that has been laid out again by itself, once the page is whole.
LAYOUT_SHIFT = """
() => new Promise(resolve => {
  let sum = 0;
  const observer = new PerformanceObserver(list => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) sum += shift.value;
  });
  observer.observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => setTimeout(() => resolve(sum), 50));
})
"""


@pytest.mark.prove
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_page_is_drawn(chromium: Browser, whole_site: Path, width: int):
    """One's own row is remembered: what scripts add must not push down what is read; to prove it, by a slow processor.

    Posters are left out: sheets to print balance their columns as rows arrive.
    """
    page = opened(chromium, width)
    page.goto(address(whole_site, "member"))
    page.get_by_role("button", name="这是我").click()
    processor = page.context.new_cdp_session(page)
    processor.send("Emulation.setCPUThrottlingRate", {"rate": 6 if PROVE else 1})
    shifts = {}
    for kind in ["home", "organ board", "member", *sample_of([kind for kind in KINDS if "poster" not in kind], 5)]:
        page.goto(address(whole_site, kind))
        shifts[kind] = page.evaluate(LAYOUT_SHIFT)
    assert {kind: shift for kind, shift in shifts.items() if shift >= 0.02} == {}


# Below is only the space that neither figures nor 月 take.
OUTSIDE = """() => [...document.querySelectorAll('svg.chart text')].filter(one => {
    const width = one.ownerSVGElement.viewBox.baseVal.width, box = one.getBBox();
    return box.x < 0 || box.y < 0 || box.x + box.width > width;
}).map(one => one.textContent)"""


@pytest.mark.parametrize("kind", ["organ board", "provisional organ board", "branch", "member", "vetoed member"])
def test_no_words_of_a_chart_are_cut_off(windows: Windows, whole_site: Path, kind: str):
    page = windows(1280)
    page.goto(address(whole_site, kind))
    assert page.locator("svg.chart text").count() > 4
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize(
    ("kind", "most"),
    [("home", 380), ("organ board", 560), ("provisional organ board", 560), ("branch quarter", 610)],
)
def test_a_ranking_begins_on_the_first_window_of_a_phone(windows: Windows, whole_site: Path, kind: str, most: int):
    page = windows(360)
    page.goto(address(whole_site, kind))
    assert page.locator("tbody tr:has([data-rank])").first.bounding_box()["y"] <= most
