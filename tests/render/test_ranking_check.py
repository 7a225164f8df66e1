"""Rows of a page against what was computed: whatever is altered is told, whatever is left out makes it incomparable."""

import html
from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.render.site.ranking_check import Listing, NoRanking, Places, _list_changes, check_page
from generator.render.site.ranking_differences import RankingCheck, Values, merge_checks

Row = dict[str, tuple[str, ...]]
NAMES = ("周敏", "王芳", "王芳（二组）", "李*", "A&B")


def values(rank: int, name: str, points: str, total: str) -> Row:
    return {"rank": (str(rank),), "name": (name,), "points": (points,), "total": (total,)}


NUMBERS = st.integers(-99, 999).map(lambda number: f"{number / 2:g}")
ROWS = st.lists(st.builds(values, st.integers(1, 30), st.sampled_from(NAMES), NUMBERS, NUMBERS), min_size=1, max_size=8)


def draw(rows: Sequence[Values]) -> bytes:
    """A page that shows these rows, marked as the contract of themes says."""
    drawn = "".join(
        f"<tr>{''.join(cell(kind, value) for kind, several in row.items() for value in several)}</tr>" for row in rows
    )
    return f"<!doctype html>\n<html><body><table>{drawn}</table></body></html>".encode()


def cell(kind: str, value: str) -> str:
    escaped = html.escape(value)
    return f'<td data-{kind}="{escaped}">{escaped}</td>'


def check(rows: Sequence[Values], listing: Listing) -> RankingCheck:
    return check_page("x.html", draw(rows), listing)


@given(rows=ROWS, may_be_sorted=st.booleans())
def test_a_page_with_the_rows_is_sound(rows: list[Row], *, may_be_sorted: bool):
    listing = Listing(tuple(rows), len(rows), may_be_sorted)
    assert check(rows, listing) == RankingCheck(1, len(rows))
    if may_be_sorted:
        assert check(rows[::-1], listing) == RankingCheck(1, len(rows))


def test_a_page_may_write_a_minus_or_a_hyphen():
    listing = Listing((values(1, "周敏", "-0.5", "-8"),), 1)
    for points, total in (("−0.5", "−8"), ("-0.5", "-8"), ("−0.5", "-8")):
        assert check([values(1, "周敏", points, total)], listing) == RankingCheck(1, 1)
    assert check([values(1, "周敏", "0.5", "−8")], listing).differences


@given(rows=ROWS, data=st.data(), may_be_sorted=st.booleans())
def test_any_value_altered_is_told(rows: list[Row], data: st.DataObject, *, may_be_sorted: bool):
    at, kind = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(["rank", "name", "points", "total"]))
    altered = {**rows[at], kind: (rows[at][kind][0] + "9",)}
    result = check([*rows[:at], altered, *rows[at + 1 :]], Listing(tuple(rows), len(rows), may_be_sorted))
    [difference] = result.differences
    assert (difference.path, difference.row) == ("x.html", at + 1)
    assert difference.page_values[kind] == altered[kind]


def test_an_altered_row_is_compared_with_that_of_its_name():
    first, second = values(1, "A", "3", "3"), values(2, "B", "2", "2")
    [difference] = check(
        [{**second, "points": ("9",)}, first], Listing((first, second), 2, may_be_sorted=True)
    ).differences
    assert difference.computed == second


def test_a_notice_may_have_its_rows_in_any_order():
    assert _list_changes({"bulletin": SimpleNamespace(changes=())}).may_be_sorted


@given(ROWS, st.data())
def test_two_rows_exchanged_are_told_where_order_counts(rows: list[Row], data: st.DataObject):
    one, other = sorted(data.draw(st.tuples(*(st.integers(0, len(rows) - 1),) * 2)))
    page = [*rows]
    page[one], page[other] = page[other], page[one]
    result = check(page, Listing(tuple(rows), len(rows)))
    assert bool(result.differences) is (page != rows)


@given(ROWS, st.data())
def test_a_row_left_out_is_not_sound(rows: list[Row], data: st.DataObject):
    at = data.draw(st.integers(0, len(rows) - 1))
    result = check([*rows[:at], *rows[at + 1 :]], Listing(tuple(rows), len(rows)))
    assert result.incomparable == ("x.html",)


@given(ROWS, st.data())
def test_a_row_too_many_is_told(rows: list[Row], data: st.DataObject):
    at = data.draw(st.integers(0, len(rows)))
    result = check([*rows[:at], values(1, "钱八", "0", "0"), *rows[at:]], Listing(tuple(rows), len(rows)))
    assert result.differences


@given(ROWS, st.data(), st.sampled_from(["rank", "name", "points"]))
def test_a_mark_left_out_is_not_sound(rows: list[Row], data: st.DataObject, kind: str):
    at = data.draw(st.integers(0, len(rows) - 1))
    unmarked = {other: value for other, value in rows[at].items() if other != kind}
    result = check([*rows[:at], unmarked, *rows[at + 1 :]], Listing(tuple(rows), len(rows)))
    assert result.differences or result.incomparable == ("x.html",)


@pytest.mark.parametrize(
    ("more", "is_ranking"),
    [
        ("<b>1</b><i>周敏</i><b>99.5</b>", True),
        ("<b>1 周敏 99</b>", True),
        ("周敏：99分", True),
        ("周敏九十九分", True),
        ("<i>周敏</i><i>甲支部</i><i>99 分</i>", True),
        ("<i>第一</i><i>周敏</i>", True),
        ("<b>钱八</b><b>99</b>", True),  # another member of the organ
        ("<b>周敏</b><b>甲</b>", False),
        ("周敏 2026年1月5日入党，<i>主持人周敏</i>，更正1", False),
        ("<i>8.5</i><i>2026年1月5日</i><i>周敏</i>", False),
        ("<i>吴九</i><b>99</b>", False),  # no member
    ],
)
@pytest.mark.parametrize(
    "around",
    [
        "<table><tr><td>{}</td></tr></table>",
        "<table><thead><tr><td>{}</td></tr></thead></table>",
        "<ol><li>{}</li></ol>",
        "<div>{}</div>",
        "<footer><p>{}</p></footer>",
        "<details>{}</details>",
        "<dl><dd>{}</dd></dl>",
        "<svg><text>{}</text></svg>",
    ],
)
def test_a_second_ranking_without_marks_is_not_sound(more: str, around: str, *, is_ranking: bool):
    listing = Listing((values(1, "周敏", "3", "9"),), 1)
    if around.startswith("<svg"):  # in which no other elements are
        more = f"<tspan>{more.replace('<b>', '</tspan><tspan>').replace('<i>', '</tspan><tspan>')}</tspan>"
        more = more.replace("</b>", "").replace("</i>", "")
    for page, computed in (
        (draw(listing.rows), listing),
        ((f"<html><body>{NAME}{YEAR}{QUARTER}</body>").encode(), PLACES),
        (b"<html><body><p>x</p></body>", NoRanking()),
    ):
        shown = page.replace(b"</body>", f"{around.format(more)}</body>".encode())
        result = check_page("x.html", shown, computed, {"周敏", "钱八"})
        assert (result.incomparable, result.differences) == (("x.html",) if is_ranking else (), ())
    assert not check_page("x.html", draw(listing.rows), replace(listing, has_other_tables=True)).incomparable


def test_an_article_may_have_names_beside_numbers_and_no_marks():
    page = "<html><body><p>周敏 99</p></body></html>".encode()
    assert check_page("x.html", page, NoRanking("周敏 99"), {"周敏"}) == RankingCheck()
    assert check_page("x.html", page, NoRanking(has_other_tables=True), {"周敏"}) == RankingCheck()
    assert check_page("x.html", page, NoRanking("周敏"), {"周敏", "敏 9"}).incomparable
    assert check_page("x.html", draw([values(1, "周敏", "3", "9")]), NoRanking("周敏"), {"周敏"}).incomparable


def test_a_second_number_in_a_row_and_rows_to_be_opened_are_not_sound():
    listing = Listing((values(1, "周敏", "3", "9"),), 1)
    page = draw(listing.rows)
    assert check_page("x.html", page.replace(b"</tr>", b"<td><b>99</b></td></tr>"), listing).incomparable
    assert not check_page("x.html", page.replace(b"</tr>", b"<td>+2</td></tr>"), listing).incomparable
    assert check_page("x.html", page.replace(b"<table>", b"<details><table>"), listing).incomparable
    quarter = f"<details>{QUARTER}</details>"
    assert check_page("x.html", f"<body>{NAME}{YEAR}{quarter}</body>".encode(), PLACES).incomparable
    assert not check_page("x.html", f"<body>{NAME}{YEAR}{quarter}{QUARTER}</body>".encode(), PLACES).incomparable


@pytest.mark.parametrize(("count", "incomparable"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_home_page_shows_at_least_the_first_rows(count: int, *, incomparable: bool):
    rows = [values(rank, NAMES[rank], "1", "1") for rank in range(3)]
    assert check(rows[:count], Listing(tuple(rows), 2)).incomparable == (("x.html",) if incomparable else ())


@pytest.mark.parametrize(
    ("total", "page_total", "without"), [("1", None, False), ("2", None, True), ("2", "2", False), ("1", "1", False)]
)
def test_totals_that_are_not_marked_are_counted(total: str, page_total: str | None, *, without: bool):
    row = values(1, "周敏", "1", total)
    page = {kind: value for kind, value in row.items() if kind != "total" or page_total}
    result = check([page], Listing((row,), 1))
    assert (result.without_totals, result.incomparable, result.differences) == (("x.html",) if without else (), (), ())


WHO = {"name": ("周敏",)}
PLACES = Places("周敏", {"2026": [{**WHO, "total": ("9",)}], "2026-Q1": [{**WHO, "rank": ("2",), "points": ("5",)}]})
NAME, YEAR = '<h1 data-name="周敏">周敏</h1>', '<p data-period="2026"><b data-total="9">9</b></p>'
QUARTER = '<p data-period="2026-Q1"><b data-rank="2">2</b> <i data-points="5">5</i></p>'.replace("</b> ", "</b>：")


@pytest.mark.parametrize(
    ("body", "differs", "comparable"),
    [
        (NAME + YEAR + QUARTER, False, True),
        (YEAR + QUARTER + QUARTER + NAME, False, True),
        (NAME + QUARTER, False, True),  # a total may be missing
        (NAME + YEAR, False, False),
        (YEAR + QUARTER, False, False),
        (NAME + YEAR + QUARTER.replace(' data-rank="2"', ""), False, False),
        (NAME + YEAR + QUARTER.replace("2026-Q1", "2026-Q2"), True, False),
        (NAME + YEAR + QUARTER.replace("2</b>", "1</b>"), True, False),
        (NAME + YEAR.replace("9", "8") + QUARTER, True, True),
        (NAME.replace("周敏<", "周敏敏<") + YEAR + QUARTER, True, False),
        (NAME + '<b data-rank="1">1</b>' + YEAR + QUARTER, True, False),
        (NAME + YEAR + QUARTER + '<ul><li><b data-rank="2">2</b></li></ul>', False, False),  # of which period?
        (NAME + YEAR + QUARTER + '<ul><li><b data-rank="1">1</b></li></ul>', True, True),
        (NAME + f"<ul><li>{QUARTER}</li></ul>".replace(' data-period="2026-Q1"', ""), False, False),
        (NAME + YEAR + QUARTER + YEAR.replace(' data-period="2026"', "").replace("9", "8"), True, False),
    ],
)
def test_a_members_places(body: str, *, differs: bool, comparable: bool):
    page = f"<!doctype html><html><body>{body}</body></html>".encode()
    result = check_page("x.html", page, PLACES)
    assert (bool(result.differences), not result.incomparable) == (differs, comparable)


def test_a_page_that_is_no_text_is_not_compared():
    assert check_page("x.html", b"\xff", PLACES) == RankingCheck(1, incomparable=("x.html",))


def test_comparisons_are_merged_by_path():
    one, other = RankingCheck(1, 2, incomparable=("b.html",)), RankingCheck(1, 3, incomparable=("a.html",))
    assert merge_checks([one, other]) == RankingCheck(2, 5, incomparable=("a.html", "b.html"))


@pytest.mark.parametrize("put_in", [b"\xff", b"<b data-rank=1>" + b"<i>" * 3000])
def test_a_page_that_no_browser_shows_so_is_not_sound(put_in: bytes):
    listing = Listing((values(1, "周敏", "3", "9"),), 1)
    page = draw(listing.rows).replace(b"</body>", put_in + b"</body>")
    assert check_page("x.html", page, listing).incomparable == ("x.html",)
