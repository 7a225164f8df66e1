"""Days as people and spreadsheets write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.basics.periods import Period
from generator.core.basics.written_days import DayReading, interpret_day, interpret_moment, interpret_month

MARCH = Period.from_name("2026-03")
DAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    "word",
    [
        "2026年3月5日",
        "2026/3/5",
        "2026.3.5",
        "2026-3-5",
        "2026 3 5",
        "２０２６－０３－０５",
        "20260305",
        "2026-03-05 00:00:00",
        "2026-03-05T00:00:00Z",
        "2026-03-05，",
        "2026年3月5号（周四）",
        "二〇二六年三月五日",
        "3月5日",
        "三月五日",
        "3/5",
        "03-05",
        "5日",
        "五号",
        "46086",
    ],
)
def test_in_a_ledger_of_the_month_it_can_only_be_that_day(word):
    assert interpret_day(word, 2026, MARCH) == DayReading(DAY)


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("12月28日", date(2025, 12, 28)),  # written up later: no ledger holds what is to come
        ("2月10日", date(2026, 2, 10)),
        ("26-02-10", date(2026, 2, 10)),
        ("2026-03-05 09:30", DAY),
        ("46200", date(2026, 6, 27)),
        ("5", DAY),
    ],
)
def test_what_may_be_another_day_is_only_offered(word, day):
    assert interpret_day(word, 2026, MARCH) == DayReading(day, certain=False)


@pytest.mark.parametrize("word", ["2026-02-30", "2026年2月30日", "三月初", "上周五", "12345", "0", "", "13月5日", "十"])
def test_what_is_no_day_is_not_guessed(word):
    assert interpret_day(word, 2026, MARCH) is None


def test_without_a_month_only_whole_days_are_read():
    assert interpret_day("3月5日") is None
    assert interpret_day("3月5日", 2026) == DayReading(DAY, certain=False)
    assert interpret_day("2026年3月5日") == DayReading(DAY)


@pytest.mark.parametrize("word", ["2026年3月", "2026/3", "202603", "3月份", "三月", "2026-03-01", "46082"])
def test_months(word):
    assert interpret_month(word, MARCH) is MARCH


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_however_it_is_written(day):
    month = Period.from_name(f"{day:%Y-%m}")
    serial = str((day - date(1899, 12, 30)).days)
    written = [f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}", f"{day.month}月{day.day}日", serial]
    assert {interpret_day(word, day.year, month) for word in written} == {DayReading(day)}


@given(st.text(alphabet="0123456789-/.年月日号 :T十一二〇", max_size=24))
def test_no_word_is_too_odd(word):
    reading = interpret_day(word, 2026, MARCH)
    assert reading is None or reading.day.year < 3000


@pytest.mark.parametrize(
    "word",
    [
        "2026-03-05",
        "2026-03-05 08:31",
        "2026/3/5 8:31:07",
        "2026-03-05T08:31:07.250",
        "2026年3月5日 23:59",
        "20260305 00:00",
    ],
)
def test_a_time_of_day_leaves_the_day_certain(word):
    assert interpret_moment(word) == DayReading(DAY)


@pytest.mark.parametrize(
    "word",
    [
        "2026-03-05T23:31:07Z",
        "2026-03-05 08:31+08:00",
        "26-3-5 08:31",
        "46086",
        "3月5日 08:31",
        "2026-03-05 25:00",
        "08:31",
    ],
)
def test_a_moment_of_elsewhere_or_without_its_year_is_never_certain(word):
    reading = interpret_moment(word)
    assert reading is None or not reading.certain
