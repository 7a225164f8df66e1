"""A board on the wall: where each word lies on each sheet that Chromium prints."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import opened
from tests.site_pages import HTML, tree

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("pdftotext")]

MM = 72 / 25.4
UPRIGHT = (210, 297)
LYING = (297, 210)


@dataclass(frozen=True)
class Word:
    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def middle(self) -> float:
        """Its height on the sheet: the box of a Chinese font is taller than its line."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Sheet:
    size: tuple[int, int]  # millimetres
    words: tuple[Word, ...]  # in points from the upper left

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)

    def lines(self) -> list[str]:
        """What stands at one height, from left to right, without blanks."""
        rows: list[list[Word]] = []
        for word in sorted(self.words, key=lambda one: (one.bottom, one.left)):
            if not rows or word.bottom - rows[-1][0].bottom > 3:
                rows.append([])
            rows[-1].append(word)
        return ["".join(word.text for word in sorted(row, key=lambda one: one.left)) for row in rows]


def sheets(browser: Browser, page_: Path, folder: Path) -> list[Sheet]:
    """Print a page and read where the words came to lie."""
    page = opened(browser, 1280)
    page.goto(page_.as_uri())
    page.pdf(path=folder / "page.pdf", prefer_css_page_size=True)
    command = ["pdftotext", "-bbox-layout", folder / "page.pdf", "-"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    number = r'="([\d.]+)"'
    words = re.compile(rf"<word xMin{number} yMin{number} xMax{number} yMax{number}>(.*?)</word>")
    return [
        Sheet(
            (round(float(width) / MM), round(float(height) / MM)),
            tuple(Word(*map(float, place), text) for *place, text in words.findall(body)),
        )
        for width, height, body in re.findall(rf"<page width{number} height{number}>(.*?)</page>", found, re.DOTALL)
    ]


BOARDS = ["branches/first/2026-Q3.html", "branches/fourth/2026-04.html", "boards/2026-H1.html", "boards/2026.html"]


def rows(page: Path) -> list[str]:
    """Rank and name of each row of a board, as its line on paper begins."""
    table = next(one for one in tree(page).iter(HTML + "table") if "ranking" in one.get("class", ""))
    body = table.find(HTML + "tbody")
    assert body is not None
    return [re.sub(r"\s", "", f"{row[0].text}{named(row[1])}") for row in body]


def named(cell: Element) -> str:
    """The name alone, without what a narrow screen or a tag adds beside it."""
    beside = ("small", "narrow", "tag", "aka")
    inner = (named(one) for one in cell if not {one.tag.removeprefix(HTML), one.get("class")} & set(beside))
    return (cell.text or "") + "".join(inner)


@pytest.mark.parametrize("name", BOARDS)
def test_every_row_of_a_board_is_whole_on_one_sheet_under_a_head(
    chromium: Browser, whole_site: Path, tmp_path: Path, name: str
):
    printed = [sheet.lines() for sheet in sheets(chromium, whole_site / name, tmp_path)]
    expected = rows(whole_site / name)
    assert len(expected) > 8
    for row in expected:
        places = [number for number, lines in enumerate(printed) if any(line.startswith(row) for line in lines)]
        assert len(places) == 1, (row, places)
        lines = printed[places[0]]
        heads = [number for number, line in enumerate(lines) if line.startswith("名次姓名")]
        assert heads, lines[:3]
        assert heads[0] < next(number for number, line in enumerate(lines) if line.startswith(row))


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_keeps_the_margins_of_an_official_document(
    chromium: Browser, whole_site: Path, tmp_path: Path, name: str
):
    for sheet in sheets(chromium, whole_site / name, tmp_path):
        assert sheet.size == UPRIGHT
        foot = [word for word in sheet.words if word.middle > (297 - 35) * MM]
        assert re.fullmatch(r"第\d+页共\d+页", "".join(word.text for word in foot))
        body = [word for word in sheet.words if word not in foot]
        assert min(word.middle for word in body) >= 37 * MM
        assert min(word.left for word in body) >= 28 * MM - 1
        assert max(word.right for word in body) <= (210 - 26) * MM + 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("branches/first/2026-Q3.html", ["示例区纪委监委机关第一党支部", "2026年第三季度积分榜", "公示：2026年"]),
        ("boards/2026-H1.html", ["示例区纪委监委机关", "2026年上半年积分榜", "公示：2026年7月9日", "第2版"]),
        ("boards/2026-H1.r1.html", ["示例区纪委监委机关", "2026年上半年积分榜", "已被更正，第1版"]),
        ("boards/2026.html", ["示例区纪委监委机关", "2026年度", "暂计"]),
    ],
)
def test_every_sheet_says_whose_board_which_period_which_state_and_which_sheet_of_how_many(
    chromium: Browser, whole_site: Path, tmp_path: Path, name: str, words: list[str]
):
    printed = sheets(chromium, whole_site / name, tmp_path)
    for number, sheet in enumerate(printed, start=1):
        for word in [*words, f"第{number}页共{len(printed)}页"]:
            assert word in re.sub(r"\s", "", sheet.text), (number, word)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("committee/ledgers/first/2026-03.html", {LYING}),
        ("committee/filings/2026-Q2.fourth.html", {UPRIGHT, LYING}),
        ("members/bai-yawen.html", {UPRIGHT}),
        ("audit.html", {UPRIGHT}),
        ("rules.html", {UPRIGHT}),
        ("honours.html", {UPRIGHT}),
    ],
)
def test_sheets_are_a4_and_lie_where_tables_are_wide(
    chromium: Browser, whole_site: Path, tmp_path: Path, name: str, sizes: set[tuple[int, int]]
):
    printed = sheets(chromium, whole_site / name, tmp_path)
    assert {sheet.size for sheet in printed} == sizes
    for number, sheet in enumerate(printed, start=1):
        width, height = sheet.size
        assert f"第{number}页共{len(printed)}页" in re.sub(r"\s", "", sheet.text)
        assert min(word.left for word in sheet.words) >= 10 * MM
        assert max(word.right for word in sheet.words) <= (width - 10) * MM
        assert max(word.bottom for word in sheet.words) <= height * MM


# --- how many sheets, and who announces ------------------------------------------------------------------------------

# Boards and honours of the sample, sheets, and the words at the lower right of the last: of 13 members one sheet, of 46
# two.
UNSET = {"年", "月", "日"}  # not posted yet: the day is to be written
SIGNED = [
    ("branches/fourth/2026-04.html", 1, {"第四党支部", "2026年5月7日"}),
    ("branches/fourth/2026-09.html", 1, {"第四党支部", "2026年10月8日"}),  # corrected
    ("branches/first/2026-Q2.html", 1, {"第一党支部", "2026年7月6日，2026年7月22日更正"}),
    ("branches/third/2026-Q3.html", 1, {"第三党支部", "2026年10月9日"}),
    ("branches/first/2026-Q4.html", 1, {"第一党支部", *UNSET}),
    ("boards/2026-H1.html", 2, {"机关党委", "2026年7月9日，2026年7月22日更正"}),
    ("boards/2026-H1.r1.html", 2, {"机关党委", "2026年7月9日"}),
    ("boards/2026.html", 2, {"机关党委", *UNSET}),
    ("boards/2026-H1.poster.html", 1, {"机关党委", "2026年7月9日，2026年7月22日更正"}),
    ("boards/2026-H2.poster.html", 1, {"机关党委", *UNSET}),
    ("branches/first/2026-Q2.poster.html", 1, {"第一党支部", "2026年7月6日，2026年7月22日更正"}),
    ("honours.html", 1, {"机关党委", "2026年1月20日"}),
]


@pytest.mark.parametrize("signed", SIGNED, ids=lambda signed: signed[0])
def test_a_board_takes_few_sheets_and_ends_with_who_announces_it_and_when(
    chromium: Browser, whole_site: Path, tmp_path: Path, signed: tuple[str, int, set[str]]
):
    name, count, closing = signed
    printed = sheets(chromium, whole_site / name, tmp_path)
    assert len(printed) == count
    width, height = printed[-1].size
    foot = {word.text for word in printed[-1].words if word.left > width * MM / 2 and word.bottom > height * MM / 3}
    assert closing <= foot


@pytest.mark.parametrize("name", ["boards/2026-H1.poster.html", "branches/first/2026-Q2.poster.html"])
def test_a_sheet_for_the_wall_lies_and_has_every_row_in_its_order(
    chromium: Browser, whole_site: Path, tmp_path: Path, name: str
):
    (sheet,) = sheets(chromium, whole_site / name, tmp_path)
    assert sheet.size == LYING
    expected = rows(whole_site / name.replace(".poster", ""))
    shown = [
        re.sub(r"\s", "", f"{row[0].text}{named(row[1])}")
        for body in tree(whole_site / name).iter(HTML + "tbody")
        for row in body
        if row.get("aria-hidden") is None
    ]
    assert shown == expected
    for row in expected:
        assert set(row) <= set(sheet.text)
    assert max(word.bottom for word in sheet.words) <= (210 - 10) * MM
