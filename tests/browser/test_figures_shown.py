"""Of any page that is read as sound, a browser shows exactly the figures that were read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from generator.render.html.marked_cells import MarkedPage

FIGURE = "<b data-points='1'>1</b>"
ELEMENTS = "p div span b i a table tr td ul li dl dd h2 h3 section form body legend button caption tbody svg select"
# Each is ignored, moved, implied or not shown in some place.
PIECES = st.sampled_from(
    [
        *("9", " 9 ", "-", ".", "，"),
        *("<!-- 9 -->", "<script></script>", "<style></style>", "<title>9</title>", "<textarea>", "</textarea>"),
        *("<br>", "</br>", "<hr>", "<wbr/>", "<p hidden>", "<i hidden>", "<td hidden>"),
        *(f"<{end}{name}>" for name in ELEMENTS.split() for end in ("", "/")),
    ]
)
SOUP = st.tuples(st.lists(PIECES, max_size=5), st.just([FIGURE]), st.lists(PIECES, max_size=5)).map(
    lambda parts: "".join(piece for part in parts for piece in part)
)
ALONE = re.compile(r"(?<![\d.-])(?<![\d.-] )1(?! ?[\d.-])")


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Page:
    return chromium.new_page()


def test_a_figure_that_is_read_alone_is_shown_alone(page: Page):
    read_alone = 0

    @given(SOUP)
    def check(body: str) -> None:
        nonlocal read_alone
        text = f"<!doctype html><html><head><title>x</title></head><body>{body}</body></html>"
        read = MarkedPage(text.encode())
        cells = [cell.text for row in (*read.rows, read.loose) for cell in row.cells]
        if read.readable and cells == ["1"]:
            read_alone += 1
            page.set_content(text)
            assert ALONE.search(page.inner_text("body")), body

    check()
    assert read_alone > 5
