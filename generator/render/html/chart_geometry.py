"""Places of what charts show, as texts: templates draw with them, and reckon none themselves."""

import math
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from functools import cache, lru_cache

from msgspec import Struct

from generator.core.page_data.boards import Trend
from generator.render.html.filters import format_points

_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000, 50000)  # between the lines of a grid
_MAX_STEP = 1_000_000
_CLOSE = 15  # of the ends of two lines: their words would overlap
_RISE = 12  # of a line that would run through words above its dot

Point = tuple[int, Decimal, str]  # the slot from 0, the value, and words or ''


class GridLine(Struct, frozen=True):
    """A line of the grid: its height, that of the figure beside it, and the figure."""

    y: str
    text_y: str
    figure: int


class PlottedDot(Struct, frozen=True):
    """A dot and the ``words`` at it, if it has some, with their place and their ``side`` of it: beside, end or ''."""

    x: str
    y: str
    words: str = ""
    text_x: str = ""
    text_y: str = ""
    side: str = ""
    open: bool = False


class PlottedLine(Struct, frozen=True):
    """A line by its corners, with its dots; an ``open`` one is provisional."""

    corners: str
    dots: Sequence[PlottedDot] = ()
    open: bool = False


class Plot(Struct, frozen=True):
    """A chart's grid, the places across of its slots, its lines, and the dots that belong to all of them."""

    grid: Sequence[GridLine]
    across: Sequence[str]
    lines: Sequence[PlottedLine]
    dots: Sequence[PlottedDot] = ()


def plot_lines(series: Sequence[tuple[str, Sequence[Point]]], slots: int, width: int) -> Plot:
    """Plot lines that share an axis, given by name and points; the last point's words are beside it."""
    values = [float(value) for _, points in series for _, value, _ in points]
    top, low = max([*values, 1.0]), min([*values, 0.0])
    step = next((step for step in _STEPS if step >= (top - low) / 4), _MAX_STEP)
    high, base = float(math.ceil(top / step)) * step, float(math.floor(low / step)) * step
    dx, dy = width / max(slots - 1, 1), 112 / (high - base)
    across = [f"{34 + slot * dx:.1f}" for slot in range(slots)]
    heights = [round(16 + number * step * dy, 1) for number in range(int((high - base) / step) + 1)]
    grid = [GridLine(str(y), str(y + 4), int(high - number * step)) for number, y in enumerate(heights)]
    ends = [float(points[-1][1]) for _, points in series]
    close = len(ends) > 1 and abs((ends[0] - ends[1]) * dy) < _CLOSE
    lines = []
    for number, (name, points) in enumerate(series):
        places = [(across[slot], f"{16 + (high - float(value)) * dy:.1f}") for slot, value, _ in points]
        dots = [
            PlottedDot(x, y, words, x, str(round(float(y) - 6, 1))) if words else PlottedDot(x, y)
            for (x, y), (_, _, words) in zip(places, points, strict=True)
        ]
        (x, y), words = places[-1], points[-1][2]
        if words:
            below = close and (ends[number] < ends[1 - number] or (number > 0 and ends[0] == ends[1]))
            text_x, text_y = float(x) + 6, float(y) + (0 if not close else 9 if below else -8) + 4
            called = f"{name} {words}" if name else words
            dots[-1] = PlottedDot(x, y, called, str(round(text_x, 1)), str(round(text_y, 1)), "beside")
        lines.append(PlottedLine(_join_corners(places), dots))
    return Plot(grid, across, lines)


def plot_ranks(points: Sequence[tuple[int, int, str]], of: int, slots: int, open_slots: Collection[int]) -> Plot:
    """Plot ranks among at most ``of``, the first at the top; the last ones, in ``open_slots``, are provisional.

    Words are where no line goes: above a dot, or below one whose line rises from it, or beside one that it rises or
    falls through.
    """
    dx, dy = 248 / max(slots - 1, 1), 90 / max(of - 1, 1)
    across = [f"{58 + slot * dx:.1f}" for slot in range(slots)]
    heights = {rank: round(22 + (rank - 1) * dy, 1) for rank in (1, (of + 1) // 2, of)}
    grid = [GridLine(str(y), str(y + 4), rank) for rank, y in heights.items()]
    ys = [22 + (rank - 1) * dy for _, rank, _ in points]
    dots = []
    for number, ((slot, _, words), y) in enumerate(zip(points, ys, strict=True)):
        x, is_first, is_last = 58 + slot * dx, number == 0, number == len(points) - 1
        before = not is_first and ys[number - 1] < y - _RISE
        after = not is_last and ys[number + 1] < y - _RISE
        side = ""
        if before != after:
            side = "end" if after and not is_first else "beside" if before and not is_last else ""
        text_x = x + {"end": -4, "beside": 4}.get(side, 0)
        text_y = y + (17 if not side and (before or after) else -7)
        dots.append(
            PlottedDot(f"{x:.1f}", f"{y:.1f}", words, f"{text_x:.1f}", f"{text_y:.1f}", side, slot in open_slots)
        )
    firm, corners = len(dots) - len(open_slots), [(dot.x, dot.y) for dot in dots]
    lines = [PlottedLine(_join_corners(corners[:firm]))] if corners[:firm] else []
    if len(corners[max(firm - 1, 0) :]) > 1:
        lines.append(PlottedLine(_join_corners(corners[max(firm - 1, 0) :]), open=True))
    return Plot(grid, across, lines, dots)


def _join_corners(places: Iterable[tuple[str, str]]) -> str:
    return "".join([f"{x},{y} " for x, y in places])


class Sparkline(Struct, frozen=True):
    """A small line by its corners, empty without one, and its points in words."""

    corners: str
    words: str


def plot_trend(values: Sequence[Decimal | None], trend: Trend) -> Sparkline:
    """Plot a row's points on the boards of a trend; None where there is no board with the member."""
    heights = _make_heights(trend.low, trend.high)
    corners = [
        f"{x},{heights[value]}" for x, value in zip(_spread_over(len(values)), values, strict=True) if value is not None
    ]
    words = "、".join(["—" if value is None else format_points(value) for value in values])
    return Sparkline(" ".join(corners if len(corners) != 1 else corners * 2), words)


class _Heights(dict[Decimal, Decimal]):
    """The places down of points, each reckoned once: a board has hundreds of points, but few values."""

    def __init__(self, low: Decimal, high: Decimal) -> None:
        super().__init__()
        self._low = low
        self._points_a_unit = high - low or 1

    def __missing__(self, value: Decimal) -> Decimal:
        height = self[value] = round(20 - (value - self._low) * 16 / self._points_a_unit, 1)
        return height


_make_heights = lru_cache(64)(_Heights)


@cache
def _spread_over(count: int) -> Sequence[int]:
    return [int(round(4 + number * 56 / (count - 1), 0)) for number in range(count)]


CHART_FILTERS = {"plotted": plot_lines, "plotted_ranks": plot_ranks, "plotted_trend": plot_trend}
