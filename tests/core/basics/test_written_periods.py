"""Periods as people write them on the command line."""

import pytest

from generator.core.basics.periods import Period
from generator.core.basics.written_periods import interpret_period

SAMPLES = {
    "2026-03": "2026-03 2026/3 2026.03 2026年3月 2026年03月份 ２０２６年３月 2026年三月 二〇二六年三月 202603 2026-3",
    "2026-Q4": "2026-Q4 2026Q4 2026-q4 2026年第四季度 2026年四季度 2026年4季度 2026年第4季度 2026年Q4 2026四季度",
    "2026-Q1": "2026年一季度 2026/Q1 2026年度第一季度 二〇二六年一季度 2026年一季",
    "2026-H1": "2026-H1 2026H1 2026年上半年 2026上半年 2026h1",
    "2026-H2": "2026年下半年 2026年度下半年",
    "2026": "2026 2026年 2026年度 2026全年 2026年全年",
}


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in SAMPLES.items() for word in words.split()])
def test_a_period_is_read_as_people_write_it(name: str, word: str):
    assert interpret_period(word) is Period.from_name(name)
    assert interpret_period(f" {word} ") is Period.from_name(name)


@pytest.mark.parametrize(
    "word",
    ["", "一月", "3月", "2026-13", "2026Q5", "2026年五季度", "2026-H3", "2026-03-05", "2026年3月5日", "26年", "年"],
)
def test_what_is_no_period_or_a_day_is_refused(word: str):
    assert interpret_period(word) is None
