"""What was measured, as a table; and the goals, met or missed."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from unicodedata import east_asian_width

from tests.bench.measuring import Usage

COLD, SAME, CHANGED, COPY = "jifenbang 全新生成", "jifenbang 没有变化", "jifenbang 审核一份", "cp -r 成品"
EDITIONS = "，四种读者"  # a row of ours with all four editions has this behind its name
OURS = {name + words for name in (COLD, SAME, CHANGED) for words in ("", EDITIONS)}
SCORE, IMPORTS = "jifenbang score 样例", "python 引入 yaml、jinja2"
HTML, FASTEST = "hugo-html", "hugo"  # Hugo as it is by itself, against which goals are judged; as fast as it can be

Runs = Mapping[str, Sequence[Usage]]


@dataclass(frozen=True, slots=True)
class Goal:
    """A row's median against others', the first of which judges, at most so much at 2,000 members and at 20,000."""

    title: str
    row: str
    against: tuple[str, ...]
    most: tuple[float, float]
    what: str = "wall"

    def limit(self, size: int) -> float | None:
        """What holds at a size; none between the two and below."""
        return {2_000: self.most[0], 20_000: self.most[1], 100_000: self.most[1]}.get(size)


GOALS = (
    Goal("全新生成", COLD, (HTML, FASTEST), (0.35, 0.30)),
    Goal("审核一份", CHANGED, (HTML, FASTEST), (0.09, 0.05)),
    Goal("没有变化", SAME, (HTML, FASTEST), (0.03, 0.03)),
    Goal("全新生成", COLD, (COPY,), (7, 5)),
    Goal("最大进程的内存", COLD, (HTML, FASTEST), (0.25, 0.25), "memory"),
)
GROWTH = 10.5
START = 2.0


def median(runs: Sequence[Usage], what: str = "wall") -> float:
    return statistics.median(getattr(one, what) for one in runs)


def rows(runs: Runs) -> Iterator[list[str]]:
    """The table of one size, its head first."""
    yield [
        "",
        "轮",
        "秒（中位）",
        "最短–最长",
        "处理器秒",
        "内存 MB，各进程",
        "文件",
        "写出 MB",
        f"/ {HTML}",
        f"/ {FASTEST}",
    ]
    for name, found in runs.items():
        walls = [one.wall for one in found]
        yield [
            name,
            str(len(found)),
            f"{median(found):.3f}",
            f"{min(walls):.3f}–{max(walls):.3f}",
            f"{median(found, 'cpu'):.2f}",
            _peaks(found),
            f"{median(found, 'files'):.0f}",
            f"{median(found, 'written') / 1e6:.1f}",
            *(f"{median(found) / median(runs[whole]):.3f}" if whole in runs else "—" for whole in (HTML, FASTEST)),
        ]


def _peaks(runs: Sequence[Usage]) -> str:
    """The peak of the largest process, and those of the others in one of the runs."""
    others = sorted(max(runs, key=lambda one: len(one.others)).others, reverse=True)
    return " + ".join([f"{median(runs, 'memory') / 1e6:.0f}", *(f"{peak / 1e6:.0f}" for peak in others)])


def waits(saves: Mapping[int, Sequence[float]]) -> Iterator[list[str]]:
    """How long ``serve`` takes to follow a save, by members."""
    yield ["serve：从存盘到网页换好", "次", "秒（中位）", "最短–最长"]
    for members, found in saves.items():
        spread = f"{min(found):.3f}–{max(found):.3f}"
        yield [f"{members:,} 人", str(len(found)), f"{statistics.median(found):.3f}", spread]


class Reached(NamedTuple):
    """A ratio that runs give: of what, at which number of members, and what it may be at most."""

    title: str
    size: str
    ratio: float
    most: float | None

    @property
    def name(self) -> str:
        """What it is recorded under."""
        return f"{self.title}，{self.size} 人" if self.size else self.title


def reached(measured: Mapping[int, Runs], start: Runs) -> Iterator[Reached]:
    """Every ratio that these runs can tell of."""
    for size, runs in measured.items():
        for goal in GOALS:
            for against in goal.against:
                if runs.get(goal.row) and runs.get(against):
                    ratio = median(runs[goal.row], goal.what) / median(runs[against], goal.what)
                    yield Reached(f"{goal.title} / {against}", f"{size:,}", ratio, goal.limit(size))
    if COLD in measured.get(2_000, {}) and COLD in measured.get(20_000, {}):
        small, large = measured[2_000][COLD], measured[20_000][COLD]
        yield Reached("全新生成的时间 20,000 / 2,000", "", median(large) / median(small), GROWTH)
        yield Reached("最大进程的内存 20,000 / 2,000", "", median(large, "memory") / median(small, "memory"), None)
    if start.get(SCORE) and start.get(IMPORTS):
        yield Reached(f"{SCORE} / {IMPORTS}", "", median(start[SCORE]) / median(start[IMPORTS]), START)


def goals(ratios: Iterable[Reached]) -> Iterator[list[str]]:
    """Every goal beside what was reached, met or missed."""
    yield ["目标", "人数", "实测", "至多", ""]
    for title, size, ratio, most in ratios:
        verdict = "" if most is None else "达到" if ratio <= most else "没有达到"
        yield [title, size, f"{ratio:.3f}", "—" if most is None else f"{most:g}", verdict]


def compared(ratios: Iterable[Reached], recorded: Mapping[str, float]) -> Iterator[list[str]]:
    """Every ratio that was recorded before, then and now."""
    yield ["与上次记录相比", "上次", "这次", "变化"]
    for one in ratios:
        if last := recorded.get(one.name):
            yield [one.name, f"{last:.3f}", f"{one.ratio:.3f}", f"{one.ratio / last - 1:+.1%}"]


def weights(pages: Mapping[str, Mapping[str, Sequence[int]]]) -> Iterator[list[str]]:
    """Mean bytes of a page by kind, ours first; and by how much each peer's differ."""
    kinds = list(next(iter(pages.values())))
    yield ["每页字节", *kinds, "差"]
    ours = next(iter(pages.values()))
    for name, found in pages.items():
        most = max((sum(found[kind]) / sum(ours[kind]) - 1 for kind in kinds), key=abs)
        yield [name, *(f"{statistics.mean(found[kind]):,.0f}" for kind in kinds), f"{most:+.1%}"]


def text(table: Sequence[Sequence[str]]) -> str:
    """Columns that stand below each other, the first to the left, figures to the right."""
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    lines = []
    for row in table:
        cells = [
            _padded(cell, width, left=not place) for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _padded(cell: str, width: int, *, left: bool) -> str:
    gap = " " * (width - _width(cell))
    return cell + gap if left else gap + cell


def _width(cell: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in cell)


def plain(runs: Runs) -> dict[str, Any]:
    """The same for a file: every round of every row."""
    return {
        name: [{key: getattr(one, key) for key in Usage.__slots__} for one in found] for name, found in runs.items()
    }
