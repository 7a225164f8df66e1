"""What is read of the marked cells of a page, against what a browser makes of it."""

import html
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.render.html.marked_cells import KINDS, MarkedPage, PageMarks

PAGE = "<!doctype html>\n<html><head><title>x</title></head><body>\n{}\n</body></html>\n"
ROW = '<tr><td data-rank="1">1</td><td data-name="周敏">周敏</td><td data-points="37.5">37.5</td></tr>'
TABLE = f"<table><thead><tr><th>名次</th></tr></thead><tbody>{ROW}</tbody></table>"


def read(body: str) -> MarkedPage:
    return MarkedPage(PAGE.format(body).encode())


def cells(page: MarkedPage) -> list[tuple[str, str, str | None]]:
    return [(cell.kind, cell.value, cell.text) for row in (*page.rows, page.loose) for cell in row.cells]


# Tags that change nothing of what is shown, where they stand.
NOTHING = (
    "<!-- -->",
    "<!-- 5 -->",
    "<script></script>",
    "<script>5</script>",
    "<style></style>",
    "</section>",
    "</table></div>",
    "<wbr/>",
    "</wbr>",
    "<i></i>",
    "<b/>",
    "<body>",
    "</body></html>",
    "<meta>",
    "<link>",
    "</hr>",
    "</legend>",
)
READ = [("rank", "1", "1"), ("name", "周敏", "周敏"), ("points", "37.5", "37.5")]


@pytest.mark.parametrize(
    "body",
    [
        TABLE,
        TABLE.replace("<tr>", '<tr class="a b" data-branch="jia" aria-hidden="true">'),
        TABLE.replace('<td data-name="周敏">周敏', '<td><a data-name="周敏" href="x.html"><b class="nm">周敏</b></a>'),
        TABLE.replace("<tbody>", "").replace("</tr>", ""),  # which browsers put in
        TABLE.replace("周敏<", "周<wbr>敏<").replace("<wbr>", ""),
        TABLE.replace('"', "'"),
        TABLE.replace('data-rank="1"', "data-rank=1"),
        f"<!-- a comment -->{TABLE}<!---->",
        f"<div hidden><p>{TABLE}</p></div>{TABLE}",
        f"<svg viewBox='0 0 1 1'><title>t</title><path d='M0 0'/></svg>{TABLE}",
        f"<select><option value='1'>1</option></select>{TABLE}<textarea>x</textarea>",
        f"<ul><li>{ROW.replace('td', 'span').replace('tr>', 'p>').replace('><', '>；<')}</li></ul>",
        f"<p>&copy;&nbsp;&#8594;</p>{TABLE}",
        f"<p title='\n<b>\n'>{TABLE}",
        f"<!--\n<p>x</p>\n-->{TABLE}",
        f"<svg>\n<p>x</p>\n</svg>\n{TABLE}",  # a paragraph ends a drawing
        f"<script>\n<b>x</b>\n</script>\n{TABLE}",
        f"<div hidden>\n<p>x\n</div>\n{TABLE}",
        f"<!-->{TABLE}-->",
        f"<p title=a'>{TABLE}<p title='b>",
        f"<p title='{TABLE}'></p>{TABLE}",
        f"<select><option>{TABLE}</option></select>{TABLE}",
        TABLE.replace('data-rank="1"', 'data-rank="1" data-rank="2"'),  # the first counts
        TABLE.replace('data-rank="1"', 'DATA-RANK="1"'),
    ],
)
def test_a_page_is_read_as_browsers_show_it(body: str):
    page = read(body)
    assert (page.readable, cells(page)) == (True, READ)


@pytest.mark.parametrize(
    "body",
    [
        TABLE.replace("<td ", "<td\n").replace("</td>", "</td\n>"),
        TABLE.replace("</", "\n</").replace("<tr", "\n<tr"),
        f"<svg viewBox='0 0 1 1'>\n<title>t</title>\n\n<path d='M0 0'/>\n</svg>\n{TABLE}",
        f"<div hidden>\n<p>x</p>\n{TABLE}\n</div><p>y</p>\n{TABLE}",
        f"<p title='a\nb'>x\n</p>{TABLE}",
        f"<div\nclass='x'><b>x</b>\n</div>{TABLE}",
    ],
)
def test_lines_bear_on_nothing(body: str):
    page = read(body)
    assert (page.readable, [(cell[0], cell[1], (cell[2] or "").strip()) for cell in cells(page)]) == (True, READ)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<b data-points='1'>1</b>", "1"),
        ("约 <b data-points='1'>1</b> 分", "1"),
        ("第<b data-points='1'>1</b>/20", "1"),
        ("<b data-points='1'>1</b>9", "19"),
        ("<b data-points='1'>1</b> <i> 9</i>", "1  9"),
        ("<b data-points='1'>1</b>.5", "1."),
        ("<b data-points='1'>1</b>万", "1万"),
        ("9<i></i><b data-points='1'>1</b>", "91"),
        ("-<b data-points='1'>1</b>", "-1"),
        ("&minus;<b data-points='1'>1</b>", "−1"),
        ("<b data-points='1'>1</b>&#57;", "19"),
        ("<b data-points='1'>1</b>\u0335", "1\u0335"),
        *((f"{minus}<b data-points='1'>1</b>", f"{minus}1") for minus in "‐‑–—⁻﹣➖~负"),
        *(
            (f"<b data-points='1'>1</b>{sign}9", f"1{sign}")
            for sign in "_*×:·。‚’(٫О\u034f\ufe0f\u3164\u180e\U000e0020"
        ),
        *((f"积分{sign}<b data-points='1'>1</b>{sign}", "1") for sign in "：，、；→/"),
        *((f"<b data-points='1'>1</b>{nothing}9", "19") for nothing in NOTHING),
        *((f"9{nothing}<b data-points='1'>1</b>", "91") for nothing in NOTHING),
        *((f"<b data-points='1'>1</b>{end}9", "1") for end in ("<br>", "</p>", "<p>", "<section>", "</br>", "<hr>")),
        ("<p>9</p><b data-points='1'>1</b><div>9</div>", "1"),
        ("<li><div><li></li><b data-points='1'>1</b></div>9</li>", "19"),  # the second item ended the div
        ("<h2><h3></h3><b data-points='1'>1</b></h2>9", "19"),
        ("<section><td></td></section><b data-points='1'>1</b>", "1"),
        ("<b data-points='1'>1<!--->9</b>", "19"),
        ("<b data-points='1'>1</b><svg></svg>", None),
        ("<img alt=''><b data-points='1'>1</b>", None),
        ("<b data-points='1'>1<img alt='9'></b>", None),
        ("<b data-points='1'><i hidden>1</i></b>", None),
        ("<b data-points='1'>1<u>9</u></b>", None),
        ("<b data-name='周敏'>周敏</b>的积分", "周敏"),
        ("<b data-name='周敏'>周敏</b>2025年度的积分", "周敏"),
        ("<b data-name='周敏'>周敏</b> 本期新进", "周敏"),
        ("<div>\n<b data-name='周敏'>周敏</b>\n</div>", "周敏"),
        ("<b data-name='周敏'>周敏</b>（二）", "周敏（"),  # that would be another 周敏
        ("<b data-name='周敏'>周敏</b>·艾", "周敏·"),
        ("<b data-name='周敏'>周敏</b>\u034f华", "周敏\u034f"),
        ("<b data-name='周敏'>周敏</b>\ue863", "周敏\ue863"),
        ("<b data-name='周敏'>周敏</b>，女", "周敏"),
        ("<b data-name='周敏'>周敏</b><i>华</i>", "周敏华"),
        ("老<b data-name='周敏'>周敏</b>", "老周敏"),
        ("<b data-name='周敏'>周<i>敏</i></b>", "周敏"),
        ("<b data-name='A&amp;B'>A&amp;B</b>", "A&B"),
        ('老<a href="x.html" data-name="周敏">周敏</a>', "老周敏"),
        ('老<i></i><a href="x.html" data-name="周敏">周敏</a>', "老周敏"),
    ],
)
def test_the_text_is_all_that_readers_take_for_the_value(cell: str, text: str | None):
    page = read(cell)
    assert [one[2] for one in cells(page)] == [text]


@pytest.mark.parametrize(
    "cell", ["<td data-points='1'>1</td>9", "9<tr><th data-points='1'>1</th>", "<tr data-name=x>x"]
)
def test_a_cell_outside_a_table_is_none(cell: str):
    assert cells(read(cell)) == []
    assert len(cells(read(f"<table>{cell}</table>"))) == 1


@pytest.mark.parametrize(
    "body",
    [
        f"<textarea>{TABLE}</textarea>",
        f"<title>{TABLE}</title>",
        f"<script>{TABLE}</script>",
        f"<select><option>{TABLE}</option></select>",
        f"<!-- {TABLE} -->",
        f"<!-- -- >{TABLE}-->",
        f"<![CDATA[{TABLE}]]>",
        f"<? {TABLE} ?>",
        f"<p title='{TABLE}'></p>",
        f'<p title="{TABLE}',
        f"<div hidden><table><tr><td></div>{TABLE}",
        f"<div hidden><p><div></p>{TABLE}</div>",
        f"<div hidden>{TABLE}",
    ],
)
def test_what_browsers_do_not_show_is_not_read(body: str):
    assert cells(read(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        f"<template>{TABLE}</template>",
        f"<noscript>{TABLE}</noscript>",
        f"<x-table>{TABLE}</x-table>",
        f"<iframe>{TABLE}</iframe>",
        f"<svg><foreignObject>{TABLE}</foreignObject></svg>",
        f"<TEMPLATE>{TABLE}</TEMPLATE>",
        f"<template\n>\n<p>x</p>\n</template>\n{TABLE}",
        f"<object/>{TABLE}",
        f"<script><!--</script><template>--></script>{TABLE}",
        TABLE.replace("<td ", "<TD "),
        f"<p>\u202e</p>{TABLE}",
        f"<p>&rlm;</p>{TABLE}",
        f"<p>&#x202E;</p>{TABLE}",
        f"{TABLE}<p>&#8203;</p>",
        f"<meta http-equiv='Refresh' content='0;url=assets/x.html'>{TABLE}",
        f"<meta http-equiv=&#114;efresh content='0;url=assets/x.html'>{TABLE}",
        f"<meta\nhttp-equiv='Refresh' content='0;url=x'>{TABLE}",
    ],
)
def test_a_page_on_which_readers_may_see_something_else_is_not_readable(body: str):
    assert not read(body).readable


@pytest.mark.parametrize("attribute", ["hidden", "hidden='until-found'", "style='display:none'", "popover", "DIR=rtl"])
@pytest.mark.parametrize("tag", ["<table", "<tbody", "<tr"])
def test_what_is_hidden_is_not_read(attribute: str, tag: str):
    page = read(TABLE.replace(f"{tag}>", f"{tag} {attribute}>"))
    assert (page.readable, cells(page)) == (True, [])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ROW, False),
        (f"{ROW}<tr aria-hidden='true'><td colspan='3'> </td></tr>", False),
        (f"{ROW}<tr><td>9</td></tr>", True),
        (f"<tr><td>9</td></tr>{ROW}", True),
        (f"<tr><td>9<tr>{ROW[4:]}", True),
        (f"{ROW}<tr><td>9", True),
        ("<tr><td>9</td></tr>", False),
    ],
)
def test_rows_without_marks_beside_others_are_seen(rows: str, *, expected: bool):
    page = read(f"<table><tr><td>a<table><tbody>{rows}</tbody></table></td></tr></table>")
    assert any(row.is_in_ranking for row in page.list_unmarked_rows()) is expected


@pytest.mark.parametrize("reader", [MarkedPage, PageMarks])
def test_a_row_says_of_which_period_it_is(reader: type[MarkedPage | PageMarks]):
    page = reader(
        '<h1 data-name="周敏">周敏</h1><dl><div data-period="2026-Q1"><dd data-rank="2">2</dd></div></dl>'
        '<table><tr data-period="2026"><td data-total="9">9</td></tr></table>'.encode()
    )
    assert [(row.period, row.group_values()[0]) for row in (page.loose, *page.rows)] == [
        ("", {"name": ("周敏",)}),
        ("2026-Q1", {"rank": ("2",)}),
        ("2026", {"total": ("9",)}),
    ]


# --- against a parser of HTML ----------------------------------------------------------------------------------------

UNSEEN = {"template", "select", "textarea", "title", "script", "style", "noscript", "svg", "iframe"}


def shown_text(element: Element) -> str:
    """The text in an element, without comments."""
    inner = "".join(shown_text(child) + (child.tail or "") for child in element)
    return (element.text or "") + inner if isinstance(element.tag, str) else ""


def parsed_cells(text: str) -> Iterator[tuple[str, str, str]]:
    """The marked elements that a browser shows, in their order."""

    def walk(element: Element) -> Iterator[Element]:
        name = str(element.tag).rpartition("}")[2]
        if name in UNSEEN or {"hidden", "style", "dir", "popover"} & set(element.keys()):
            return
        yield element
        for child in element:
            yield from walk(child)

    for element in walk(html5lib.parse(text)):
        for kind in KINDS:
            if (value := element.get(f"data-{kind}")) is not None:
                yield kind, value, shown_text(element)


TEXTS = st.sampled_from(["1", "9", "周敏", " ", "-", "&lt;", "&#57;", '"', "'", ">", "<", "<!--", "-->", "="])
ELEMENTS = "p div span b table tr td li template select textarea script svg title".split()  # noqa: SIM905
TAGS = st.sampled_from(
    [
        *(f"<{name}>" for name in ELEMENTS),
        *(f"</{name}>" for name in ELEMENTS),
        "<div hidden>",
        "<!-- -->",
        """<p title="<b data-rank='1'>1</b>">""",
        "<p title=' '>",
        "<b data-rank='1'>1</b>",
        "<b data-name=周敏>",
    ]
)


def check_against_parser(body: str) -> None:
    """Of a page that can be compared, exactly the cells that a browser shows are read, each with the text it has."""
    page = read(body)
    if page.readable and all(row.is_plain for row in (*page.rows, page.loose)):
        parsed = list(parsed_cells(PAGE.format(body)))
        assert sorted(cell[:2] for cell in cells(page)) == sorted(cell[:2] for cell in parsed)
        for kind, value, text in cells(page):
            assert any(cell == (kind, value, text) or len(text or "") > len(cell[2]) for cell in parsed)


@given(st.lists(st.one_of(TEXTS, TAGS, st.just(TABLE)), max_size=12).map("".join))
def test_of_any_readable_page_the_cells_that_a_browser_shows_are_read(body: str):
    check_against_parser(body)


@given(
    st.integers(0, len(TABLE)),
    st.sampled_from(["<", ">", '"', "'", "<!--", "<p title='", "<template>", "<div hidden>", "9"]),
)
def test_of_a_page_with_one_thing_put_in_likewise(at: int, put_in: str):
    check_against_parser(TABLE[:at] + put_in + TABLE[at:] + TABLE)


@given(
    st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1).filter(
        lambda text: html.unescape(text) == text
    )
)
def test_any_value_is_read_as_it_was_written(value: str):
    escaped = html.escape(value)
    page = read(f'<table><tr><td data-name="{escaped}">{escaped}</td></tr></table>')
    assert (page.readable, cells(page)) == (True, [("name", value, value)])
