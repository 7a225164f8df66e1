"""Lists as people type them: what CommonMark takes as a list is one on the page, whatever the library wants."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.render.html.list_lines import arrange_lists
from generator.render.html.markdown import markdown_to_html
from tests.site_project import REPOSITORY


def html(text: str) -> str:
    """A page's text with its lists alone: no other element, and no blank."""
    page = markdown_to_html(text, "notices/a.html", lambda _: True)
    return re.sub(r"\s", "", re.sub(r"<(?!/?(?:ul|ol|li)\b)[^>]*>", "", page))


LISTS = {
    # right after a line of text
    "请各支部：\n- 核对名单\n- 报送台账": "请各支部：<ul><li>核对名单</li><li>报送台账</li></ul>",
    "请各支部：\n* 核对\n* 报送": "请各支部：<ul><li>核对</li><li>报送</li></ul>",
    "请各支部：\n+ 核对\n+ 报送": "请各支部：<ul><li>核对</li><li>报送</li></ul>",
    "请各支部：\n1. 核对\n2. 报送": "请各支部：<ol><li>核对</li><li>报送</li></ol>",
    "请各支部：\n1) 核对\n2) 报送": "请各支部：<ol><li>核对</li><li>报送</li></ol>",
    "请各支部：\n  - 核对\n  - 报送": "请各支部：<ul><li>核对</li><li>报送</li></ul>",
    "一\n二\n- 三\n\n四\n- 五": "一二<ul><li>三</li></ul>四<ul><li>五</li></ul>",
    "> 引：\n> - 甲\n> - 乙": "引：<ul><li>甲</li><li>乙</li></ul>",
    ">引：\n>- 甲\n\n后": "引：<ul><li>甲</li></ul>后",
    "一：\r\n- 甲\r\n- 乙": "一：<ul><li>甲</li><li>乙</li></ul>",
    "| 甲 | 乙 |\n| --- | --- |\n| 一 | 二 |\n- 丙": "甲乙一二<ul><li>丙</li></ul>",
    "**注意**\n- 甲": "注意<ul><li>甲</li></ul>",
    # indented by two or three
    "1. 一\n   - 甲\n   - 乙\n2. 二": "<ol><li>一<ul><li>甲</li><li>乙</li></ul></li><li>二</li></ol>",
    "- 一\n  - 甲\n    - 子\n- 二": "<ul><li>一<ul><li>甲<ul><li>子</li></ul></li></ul></li><li>二</li></ul>",
    "- 一\n  1. 甲\n  2. 乙": "<ul><li>一<ol><li>甲</li><li>乙</li></ol></li></ul>",
    "- 一\n   - 甲": "<ul><li>一<ul><li>甲</li></ul></li></ul>",
    "10. 一\n    - 甲": '<olstart="10"><li>一<ul><li>甲</li></ul></li></ol>',
    "1. 一\n\t- 甲": "<ol><li>一<ul><li>甲</li></ul></li></ol>",
    "- 一\n    - 甲\n        - 子": "<ul><li>一<ul><li>甲<ul><li>子</li></ul></li></ul></li></ul>",
    "请：\n1. 一\n   - 甲\n2. 二": "请：<ol><li>一<ul><li>甲</li></ul></li><li>二</li></ol>",
    # an item of several paragraphs
    "1. 一\n\n   续\n\n2. 二": "<ol><li>一续</li><li>二</li></ol>",
    "- 一\n\n  续\n- 二": "<ul><li>一续</li><li>二</li></ul>",
    "- 一\n  续行\n- 二": "<ul><li>一续行</li><li>二</li></ul>",
    "- 一\n  - 甲\n\n    续\n- 二": "<ul><li>一<ul><li>甲续</li></ul></li><li>二</li></ul>",
    "- 一\n- 二\n\n后文": "<ul><li>一</li><li>二</li></ul>后文",
    # one list after another
    "- 一\n1. 甲": "<ul><li>一</li></ul><ol><li>甲</li></ol>",
    "1. 一\n- 甲\n2. 二": '<ol><li>一</li></ol><ul><li>甲</li></ul><olstart="2"><li>二</li></ol>',
    "1. 一\n  - 甲": "<ol><li>一</li></ol><ul><li>甲</li></ul>",
    # what is no list to CommonMark either
    "一段\n2026. 年": "一段2026.年",
    "一段\n2. 二": "一段2.二",
    "一段\n-5 分": "一段-5分",
    "一段\n-": "一段",  # a heading's underline
    "3月5日 - 3月9日\n地点 - 会议室": "3月5日-3月9日地点-会议室",
    "1、一\n2、二": "1、一2、二",
    "一段\n\n    - 代码\n    - 代码": "一段-代码-代码",
    "一段\n\n* * *\n二段": "一段二段",
    "<div>\n- 甲\n</div>": "-甲",
}


@pytest.mark.parametrize(("text", "wanted"), LISTS.items())
def test_lists(text: str, wanted: str):
    assert html(text) == wanted


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("见下表：\n| 甲 | 乙 |\n| --- | --- |\n| 一 | 二 |", 1),
        ("见下表：\n甲 | 乙\n:--|--:\n一 | 二", 1),
        ("> 见下表：\n> | 甲 | 乙 |\n> |---|---|\n> | 一 | 二 |", 1),
        ("| 甲 |\n|---|\n| 一 |\n\n又一张：\n| 乙 |\n|---|\n| 二 |", 2),
        ("甲 | 乙\n一 | 二", 0),
        ("```\n甲 | 乙\n---|---\n```", 0),
    ],
)
def test_a_table_right_after_a_line_of_text_is_one(text: str, tables: int):
    page = markdown_to_html(text, "notices/a.html", lambda _: True)
    assert page.count("<table>") == page.count("<thead>") == tables


def articles() -> list[Path]:
    return sorted((REPOSITORY / "content").glob("*/*.md"))


@pytest.mark.parametrize("path", articles(), ids=lambda path: path.name)
def test_articles_of_the_sample_have_their_lists_as_the_library_wants_them(path: Path, monkeypatch: pytest.MonkeyPatch):
    text = path.read_text("utf-8")
    arranged = markdown_to_html(text, "notices/a.html", lambda _: True)
    monkeypatch.setattr("generator.render.html.list_lines.arrange_lists", lambda text: text)
    assert arranged == markdown_to_html(text, "notices/a.html", lambda _: True)


@given(
    st.lists(
        st.sampled_from(
            ["", "文", "- 甲", "  - 乙", "   1. 丙", "    - 丁", "2. 戊", "> - 己", "# 题", "```", "\t- 庚"]
        )
    )
)
def test_nothing_is_lost_or_moved(lines: list[str]):
    text = "\n".join(lines)
    arranged = arrange_lists(text)
    assert [line.split() for line in arranged.splitlines() if line.strip(" >")] == [
        line.split() for line in text.splitlines() if line.strip(" >")
    ]
