"""The theme for a screen in a hall: the newest board whole, nothing to scroll, nothing too small to read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.conftest import SAMPLE_DAY
from tests.site_project import SiteProject, members

SMALLEST = 24  # pixels at 1080 lines
MEASURE = """() => ({
  scrolls: [...document.querySelectorAll('html, body, main, th, td:not(.move)')]
    .filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
    .map(one => one.outerHTML.slice(0, 90)),
  ranks: [...document.querySelectorAll('td.rank')].map(one => one.textContent),
  sizes: [...document.querySelectorAll('body *')].filter(one => one.textContent.trim() && !one.children.length)
    .map(one => parseFloat(getComputedStyle(one).fontSize)),
  outside: [...document.querySelectorAll('.screen:first-child tr')].filter(one => {
    const box = one.getBoundingClientRect()
    return box.top < 0 || box.bottom > innerHeight || box.left < 0 || box.right > innerWidth
  }).length,
})"""


def measured(chromium: Browser, page: Path, width: int, height: int) -> dict[str, list[float]]:
    context = chromium.new_context(viewport={"width": width, "height": height})
    shown = context.new_page()
    shown.goto(page.as_uri())
    found: dict[str, list[float]] = shown.evaluate(MEASURE)
    context.close()
    return found


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_the_whole_board_fits_the_screen_and_is_legible(chromium: Browser, hall_site: Path, width: int, height: int):
    found = measured(chromium, hall_site / "index.html", width, height)
    assert found["scrolls"] == []
    assert found["outside"] == 0
    assert len(found["ranks"]) == 46
    assert min(found["sizes"]) >= SMALLEST * height / 1080


@pytest.mark.needs("chromium")
def test_a_larger_organ_is_shown_in_turn(chromium: Browser, tmp_path: Path):
    organ = SiteProject(tmp_path, members(*(f"m{number} 王{chr(0x4E00 + number)} jia" for number in range(130))))
    organ.write("content/site.yaml", (tmp_path / "content/site.yaml").read_text(encoding="utf-8") + "theme: hall\n")
    organ.approve(*(organ.ledger("jia", f"2026-{month:02}") for month in range(1, 7)))
    assert organ.run("build", "--audience", "organ").exit_code == 0
    found = measured(chromium, tmp_path / "site/index.html", 1920, 1080)
    assert (len(found["ranks"]), found["outside"]) == (130, 0)
    page = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert page.count('class="screen"') == 3
    sheet = (tmp_path / "site/assets/hall.css").read_text(encoding="utf-8")
    assert re.search(r"\.of-3 \.strip \{ animation: turn 60s steps\(3\)", sheet)


def test_it_overrides_little_and_holds_what_the_organ_may_see(hall_site: Path):
    text = (hall_site / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<a |<nav|members/", text)
    assert "default-src 'none'" in text
    assert "积分规则" in (hall_site / "rules.html").read_text(encoding="utf-8")
    assert SAMPLE_DAY not in text
