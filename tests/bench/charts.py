"""The coordinates of our charts, reckoned as the theme's macros reckon them, so that peers need only print them."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor
from typing import Any

Point = tuple[int, Decimal | int, str]
Marks = Sequence[tuple[int, str]]
Chart = dict[str, Any]
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000, 50000)


def share(counted: Decimal, cap: Decimal) -> str:
    """How much of a ceiling is used, in hundredths."""
    return str(round(float(min(counted / cap, 1) * 100), 1))


def last(values: Sequence[Decimal]) -> list[tuple[Decimal, str]]:
    """Values of which only the last has its figure written."""
    return [*((value, "") for value in values[:-1]), (values[-1], f"{values[-1].normalize():f}")]


def lines(series: Sequence[tuple[str, Sequence[Point]]], slots: int, marks: Marks, width: int) -> Chart:
    """Lines that share an axis, each with its name beside its end."""
    values = [float(value) for _, points in series for _, value, _ in points]
    top, low = max([*values, 1.0]), min([*values, 0.0])
    step = next((one for one in STEPS if one >= (top - low) / 4), 1000000)
    high, base = ceil(top / step) * step, floor(low / step) * step
    dx, dy = width / (slots - 1), 112 / (high - base)
    ends = [float(points[-1][1]) for _, points in series]
    apart = [0.0] if len(ends) == 1 or abs((ends[0] - ends[1]) * dy) >= 15 else _apart(ends)
    grid = [(16 + k * step * dy, high - k * step) for k in range(int((high - base) / step) + 1)]
    dots = [[(34 + slot * dx, 16 + (high - float(value)) * dy) for slot, value, _ in points] for _, points in series]
    texts = [
        _texts(found, [words for _, _, words in points], name, apart[number % len(apart)])
        for number, (found, (name, points)) in enumerate(zip(dots, series, strict=True))
    ]
    return {**_frame(grid, [(34 + slot * dx, words) for slot, words in marks]), "series": _series(dots, texts)}


def _apart(ends: Sequence[float]) -> list[float]:
    """Names of lines that end close together: the lower one below its dot, the other above."""
    below = [ends[0] < ends[1], ends[1] <= ends[0]]
    return [9.0 if one else -8.0 for one in below]


def _texts(dots: Sequence[tuple[float, float]], words: Sequence[str], name: str, shift: float) -> list[list[str]]:
    """Words above their dots, the last one's beside it with the line's name."""
    (x, y), said = dots[-1], f"{name} {words[-1]}".strip()
    above = [(_above(dot, each)) for dot, each in zip(dots[:-1], words[:-1], strict=True) if each]
    return [*above, [" beside", _shown(x + 6), _shown(y + shift + 4), said]]


def _above(dot: tuple[float, float], words: str) -> list[str]:
    return ["", _shown(dot[0]), _shown(dot[1] - 6), words]


def _shown(value: float) -> str:
    return str(round(value, 1))


def _frame(grid: Sequence[tuple[float, int]], marks: Sequence[tuple[float, str]]) -> Chart:
    """Lines across with their figures, and words below the axis."""
    return {
        "grid": [[_shown(y), _shown(y + 4), str(words)] for y, words in grid],
        "marks": [[_shown(x), words] for x, words in marks],
    }


def _series(dots: Sequence[Sequence[tuple[float, float]]], texts: Sequence[list[list[str]]]) -> list[Chart]:
    return [
        {
            "other": " other" if number else "",
            "points": "".join(f"{_shown(x)},{_shown(y)} " for x, y in found),
            "dots": [{"x": _shown(x), "y": _shown(y)} for x, y in found],
            "texts": words,
        }
        for number, (found, words) in enumerate(zip(dots, texts, strict=True))
    ]


def ranks(points: Sequence[Point], of: int, slots: int, marks: Marks, provisional: int) -> Chart:
    """Ranks, the first at the top; so many at the end are drawn hollow, and words are where no line goes."""
    dx, dy = 248 / (slots - 1), 90 / max(of - 1, 1)
    grid = [(22 + (rank - 1) * dy, rank) for rank in dict.fromkeys((1, (of + 1) // 2, of))]
    dots = [(58 + slot * dx, 22 + (int(rank) - 1) * dy) for slot, rank, _ in points]
    texts = [_off_the_line(dots, at, words) for at, (_, _, words) in enumerate(points)]
    firm = len(dots) - provisional
    series = [{**_series([dots[:firm]], [texts])[0]}] if firm else []
    if provisional and len(dots) > 1:
        (drawn,) = _series([dots[max(firm - 1, 0) :]], [[] if firm else texts])
        series.append({**drawn, "other": " open", "dots": drawn["dots"][1 if firm else 0 :]})
    elif provisional:
        series.append({**_series([dots], [texts])[0], "points": "", "other": " open"})
    return {**_frame(grid, [(58 + slot * dx, words) for slot, words in marks]), "series": series}


def _off_the_line(dots: Sequence[tuple[float, float]], at: int, words: str) -> list[str]:
    x, y = dots[at]
    first, last_ = at == 0, at == len(dots) - 1
    before, after = not first and dots[at - 1][1] < y - 12, not last_ and dots[at + 1][1] < y - 12
    if after and not before and not first:
        return [" end", _shown(x - 4), _shown(y - 7), words]
    if before and not after and not last_:
        return [" beside", _shown(x + 4), _shown(y - 7), words]
    return ["", _shown(x), _shown(y + (17 if before or after else -7)), words]


def spread(bins: Sequence[Any]) -> Chart:
    """Columns: how many members have points in each stretch."""
    most, w = max([1, *(one.members for one in bins)]), 340 / len(bins)
    found = []
    for number, one in enumerate(bins):
        h, x = round(one.members / most * 108, 1), round(10 + number * w, 1)
        bar = [_shown(x + 1), _shown(130 - h), _shown(w - 2), _shown(h), _shown(x + w / 2), _shown(125 - h)]
        found.append([_shown(x), f"{one.low.normalize():f}", str(one.members), *(bar if one.members else [""] * 6)])
    stretches = [
        f"{one.low.normalize():f} 分至不足 {one.high.normalize():f} 分 {one.members} 人" for one in bins if one.members
    ]
    return {"desc": "，".join(stretches) + "。", "bars": found, "high": f"{bins[-1].high.normalize():f}"}


def spark(values: Sequence[Decimal | None], low: Decimal, high: Decimal) -> Chart:
    """A small line in a cell, and its points in words."""
    step = 56 / (len(values) - 1)
    places = [
        f"{round(4 + at * step)},{round(20 - (value - low) * 16 / ((high - low) or 1), 1)}"
        for at, value in enumerate(values)
        if value is not None
    ]
    words = "、".join("—" if value is None else f"{value.normalize():f}" for value in values).replace("-", "−")
    return {"spark": " ".join(places if len(places) != 1 else places * 2), "said": words}
