"""The manual in pages by reader: an index that leads to all, and on each page its contents and the way back."""

import re
from pathlib import Path

import pytest

from generator.render.html.markdown import outline_article
from tests.manual_pages import MANUAL_PAGES, manual_page


def test_the_index_leads_to_every_page():
    assert set(MANUAL_PAGES[1:]) == set(
        re.findall(r"^\| [^|]+ \| \[[^]]+\]\((\w+)\.html\)", manual_page("manual"), re.MULTILINE)
    )


@pytest.mark.parametrize("name", MANUAL_PAGES[1:])
def test_a_page_says_whose_it_is_and_begins_with_its_contents(name: str):
    text = manual_page(name)
    assert "(manual.html)" in text.partition("[TOC]")[0]
    assert text.index("[TOC]\n") < text.index("\n## ")
    assert re.findall("第[一二三四五六七八九十]+节", text) == []
    targets = outline_article(text).targets
    contents = [target[1:] for target in targets if target.startswith("#")]
    assert {*contents} == outline_article(text).anchors


def test_pages_below_another_have_the_way_back_and_no_place_at_the_foot(site: Path):
    page = (site / "pages/recorder.html").read_text(encoding="utf-8")
    trail = page.partition('aria-label="当前位置"')[2].partition("</nav>")[0]
    assert re.findall(r">([^<>\n]+)</(?:a|li)>", trail) == ["首页", "使用手册", "登记人手册"]
    foot = page.partition("<footer")[2]
    assert re.findall(r'aria-current="(\w+)">([^<]+)', foot) == [("true", "使用手册")]
    assert "登记人手册" not in foot


def test_contents_lead_to_each_heading(site: Path):
    page = (site / "pages/recorder.html").read_text(encoding="utf-8")
    contents = page.partition('<div class="toc">')[2].partition("</div>")[0]
    assert re.findall(r'href="#([^"]+)"', contents) == re.findall(r'<h[23] id="([^"]+)"', page)
