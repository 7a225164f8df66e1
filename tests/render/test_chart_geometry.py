"""What charts show, at which places: within the picture, the larger value the higher, words where no line goes."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from generator.core.basics.periods import PeriodKind, get_period
from generator.core.page_data.boards import Trend
from generator.render.html.chart_geometry import PlottedDot, plot_lines, plot_ranks, plot_trend

WIDTH, HEIGHT = 360, 150
VALUES = st.decimals(-500, 500, places=1)


def inside(x: str, y: str) -> bool:
    return 0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT


def places(corners: str) -> list[tuple[str, ...]]:
    return [tuple(corner.split(",")) for corner in corners.split()]


@given(st.lists(st.lists(VALUES, min_size=12, max_size=12), min_size=1, max_size=2))
def test_lines_stay_inside_and_rise_with_their_values(series: list[list[Decimal]]):
    plot = plot_lines([("", [(slot, value, "") for slot, value in enumerate(values)]) for values in series], 12, 218)
    for values, line in zip(series, plot.lines, strict=True):
        assert [(dot.x, dot.y) for dot in line.dots] == places(line.corners)
        assert all(inside(dot.x, dot.y) for dot in line.dots)
        # The higher on the page, the smaller the number.
        heights = [(-value, float(dot.y)) for value, dot in zip(values, line.dots, strict=True)]
        assert [y for _, y in sorted(heights)] == sorted(y for _, y in heights)
    figures = [line.figure for line in plot.grid]
    assert figures == sorted(figures, reverse=True)
    assert figures[-1] <= min(0, *map(min, series))
    assert figures[0] >= max(map(max, series))


def test_the_words_of_lines_that_end_close_together_stand_apart():
    last = (1, Decimal(10), "10")
    plot = plot_lines([("本人", [(0, Decimal(9), ""), last]), ("中位数", [last])], 2, 218)
    own, median = (line.dots[-1] for line in plot.lines)
    assert (own.x, own.y) == (median.x, median.y)
    assert (own.words, median.words) == ("本人 10", "中位数 10")
    assert float(median.text_y) - float(own.text_y) > 15
    assert {own.side, median.side} == {"beside"}


def test_slots_stand_beside_the_figures_and_ranks_have_the_middle_one_among_them():
    assert plot_lines([("", [(0, Decimal(1), ""), (1, Decimal(2), "")])], 2, 218).across == ["34.0", "252.0"]
    assert [(line.y, line.figure) for line in plot_ranks([(0, 1, "")], 20, 2, []).grid] == [
        ("22.0", 1),
        ("64.6", 10),
        ("112.0", 20),
    ]


def test_words_at_the_end_of_a_line_stand_beside_its_dot_to_a_tenth():
    dot = plot_lines([("", [(0, Decimal(1), ""), (1, Decimal("2.3"), "2.3")])], 2, 218).lines[0].dots[-1]
    assert (dot.x, dot.y, dot.text_x, dot.text_y) == ("252.0", "42.1", "258.0", "46.1")


def test_words_before_the_end_stand_above_their_dot():
    first, last = plot_lines([("", [(0, Decimal(1), "1"), (1, Decimal(2), "2")])], 2, 218).lines[0].dots
    assert (first.text_x, first.side) == (first.x, "")
    assert float(first.text_y) < float(first.y)
    assert float(last.text_x) > float(last.x)


def ranked(*ranks: int, open_slots: tuple[int, ...] = ()) -> list[PlottedDot]:
    points = [(slot, rank, str(rank)) for slot, rank in enumerate(ranks)]
    return list(plot_ranks(points, 20, len(ranks), open_slots).dots)


def test_the_words_of_a_rank_stand_where_no_line_goes():
    assert [dot.side for dot in ranked(1, 10, 20)] == ["", "beside", ""]
    assert [dot.side for dot in ranked(20, 10, 1)] == ["", "end", ""]
    level, valley = ranked(5, 5, 5)[1], ranked(1, 20, 1)[1]
    assert float(level.text_y) < float(level.y)
    assert float(valley.text_y) > float(valley.y)


def test_provisional_ranks_are_a_line_of_their_own():
    points = [(slot, rank, "") for slot, rank in enumerate((1, 2, 3, 4))]
    firm, loose = plot_ranks(points, 4, 4, [3]).lines
    assert (firm.open, len(places(firm.corners))) == (False, 3)
    assert (loose.open, len(places(loose.corners))) == (True, 2)
    assert [line.open for line in plot_ranks(points[:1], 4, 4, [0]).lines] == []
    assert [dot.open for dot in ranked(1, 2, open_slots=(1,))] == [False, True]


def trend(low: int, high: int, count: int) -> Trend:
    months = tuple(get_period(PeriodKind.MONTH, 2026, number) for number in range(1, count + 1))
    return Trend(months, Decimal(low), Decimal(high))


def test_a_trend_leaves_out_boards_without_the_member():
    drawn = plot_trend((Decimal(2), None, Decimal("4.5")), trend(2, 6, 3))
    assert (drawn.words, drawn.corners) == ("2、—、4.5", "4,20.0 60,10.0")


def test_a_trend_of_one_point_or_of_none():
    assert plot_trend((None, Decimal(3)), trend(3, 3, 2)).corners == "60,20.0 60,20.0"
    assert plot_trend((None, None), trend(3, 3, 2)).corners == ""
