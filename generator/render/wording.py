"""Periods, days, points and digests as readers see them; the filters of the templates."""

import re
from datetime import date

from generator.core.boards import Board
from generator.core.bulletins import Bulletin
from generator.core.numbers import show
from generator.core.periods import Kind, Period, parse
from generator.core.states import Notice
from generator.problems import Where

_ORDINALS = "一二三四"
_HALVES = "上下"


def period(value: Period) -> str:
    """2026年3月, 2026年第一季度, 2026年上半年, 2026年度."""
    if value.kind is Kind.MONTH:
        return f"{value.year}年{value.number}月"
    if value.kind is Kind.QUARTER:
        return f"{value.year}年第{_ORDINALS[value.number - 1]}季度"
    if value.kind is Kind.HALF:
        return f"{value.year}年{_HALVES[value.number - 1]}半年"
    return f"{value.year}年度"


def spoken(name: str) -> str:
    """A period by its name in files and commands, such as 2026-Q1."""
    found = parse(name)
    return period(found) if found else name


def board(value: Board | Bulletin) -> str:
    """2026年上半年积分榜: the rule's title without the word for its length, which the period says already."""
    words = {Kind.MONTH: "月度", Kind.QUARTER: "季度", Kind.HALF: "半年", Kind.YEAR: "年度"}
    return period(value.period) + (value.rule.title or "积分榜").removeprefix(words[value.period.kind])


def day(value: date) -> str:
    """2026年4月2日."""
    return f"{value.year}年{value.month}月{value.day}日"


def notice(value: Notice) -> str:
    """2026年7月6日至7月10日; 2026年12月30日至预计2027年1月6日, where a holiday not known yet may come between."""
    last = day(value.last) if value.last.year != value.first.year else _same_year(value.last)
    return f"{day(value.first)}至{'预计' if value.expected else ''}{last}"


def until(value: Notice) -> str:
    """公示至7月10日, while the year goes without saying; 预计公示至7月10日."""
    return f"{'预计' if value.expected else ''}公示至{_same_year(value.last)}"


def _same_year(value: date) -> str:
    return f"{value.month}月{value.day}日"


def short(digest: str) -> str:
    """The first eight hex figures of a digest: enough to compare a sheet on the wall with the audit page."""
    return digest.removeprefix("sha256:")[:8]


def grouped(digest: str) -> str:
    """A whole digest in groups of eight, as it is read out from a sheet."""
    figures = digest.removeprefix("sha256:")
    return " ".join(figures[at : at + 8] for at in range(0, len(figures), 8))


def place(where: Where) -> str:
    """Where a line stands in the month's ledger, or in its correction: 第 12 行, 更正1 第 9 行."""
    order = correction(where)
    return f"更正{order} 第 {where.line} 行" if order else f"第 {where.line} 行"


def correction(where: Where) -> str:
    """The number of the correction that a place is in, as its file says; nothing if it is in none."""
    match = re.search(r"\.c([0-9]+)\.yaml$", where.file)
    return match[1] if match else ""


FILTERS = {
    "points": show,
    "period": period,
    "spoken": spoken,
    "board": board,
    "day": day,
    "notice": notice,
    "until": until,
    "short": short,
    "grouped": grouped,
    "place": place,
}
