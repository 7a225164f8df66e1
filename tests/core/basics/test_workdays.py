"""Working days of the Chinese calendar, against the State Council's notice for 2026."""

from datetime import date, timedelta

import pytest

from generator.core.basics.workdays import Calendar

PUBLISHED = Calendar()
NEW_YEAR = Calendar(off=frozenset({date(2027, 1, 1)}), work=frozenset({date(2027, 1, 3)}))


def days(first: str, count: int) -> list[date]:
    return [date.fromisoformat(first) + timedelta(n) for n in range(count)]


@pytest.mark.parametrize(
    ("first", "working"),
    [
        ("2026-01-01", "...*"),  # 元旦: Thursday to Saturday off, Sunday worked
        ("2026-02-13", "**.........*****.*"),  # 春节: Saturdays 14th and 28th worked
        ("2026-04-03", "*...*"),  # 清明
        ("2026-04-30", "*.....****"),  # 劳动节: Saturday 9 May worked
        ("2026-06-18", "*...*"),  # 端午
        ("2026-09-19", ".*****...***......."),  # 中秋: Sunday 20th worked; 国庆 follows
        ("2026-10-01", ".......***.*"),  # 国庆: Saturday 10th worked
        ("2003-10-01", "***..*"),  # before the library's first year: weekdays
        ("2031-10-01", "***..*"),  # after its last
    ],
)
def test_the_days_one_by_one(first: str, working: str):
    assert "".join(".*"[PUBLISHED.is_working(day)] for day in days(first, len(working))) == working


@pytest.mark.parametrize(
    ("calendar", "working"),
    [(PUBLISHED, "*..*****"), (NEW_YEAR, "..******"), (Calendar(off=frozenset(days("2027-01-05", 1))), "*..*.***")],
)
def test_days_added_by_the_site_go_first(calendar: Calendar, working: str):
    assert "".join(".*"[calendar.is_working(day)] for day in days("2027-01-01", len(working))) == working


def test_the_site_may_differ_from_the_published_calendar():
    calendar = Calendar(off=frozenset({date(2026, 7, 6)}), work=frozenset({date(2026, 10, 1)}))
    assert (calendar.is_working(date(2026, 7, 6)), calendar.is_working(date(2026, 10, 1))) == (False, True)


@pytest.mark.parametrize(
    ("calendar", "year", "known"),
    [
        (PUBLISHED, 2003, False),
        (PUBLISHED, 2004, True),
        (PUBLISHED, 2026, True),
        (PUBLISHED, 2031, False),
        (Calendar(off=frozenset({date(2031, 1, 1)})), 2031, False),
        (Calendar(off=frozenset({date(2031, 1, 1)}), years=frozenset({2031})), 2031, True),
        (Calendar(years=frozenset({2031})), 2032, False),
    ],
)
def test_which_years_are_known(calendar: Calendar, year: int, *, known: bool):
    assert calendar.is_year_known(year) is known


# Days that the notice for the year after them moved, in the past.
MOVED = ["2007-12-29", "2007-12-31", "2011-12-31", "2018-12-29", "2018-12-31", "2022-12-31", "2023-12-30"]


@pytest.mark.parametrize("day", MOVED)
def test_a_years_notice_decides_the_last_days_before_it(day: str):
    moved = date.fromisoformat(day)
    assert moved >= date(moved.year, 12, 28)
    assert PUBLISHED.list_unknown_years(moved, moved) == []  # the year after is long known
    end_of_known = Calendar(years=frozenset({2050}))
    assert end_of_known.list_unknown_years(moved.replace(year=2050), moved.replace(year=2050)) == [2051]


@pytest.mark.parametrize(
    ("first", "last", "unknown"),
    [
        ("2050-12-20", "2050-12-27", []),
        ("2050-12-20", "2050-12-28", [2051]),
        ("2050-12-25", "2050-12-31", [2051]),
        ("2050-12-31", "2050-12-31", [2051]),
        ("2050-12-25", "2051-01-04", [2051]),
        ("2051-01-04", "2051-01-08", [2051]),
        ("2049-12-28", "2050-01-04", [2049]),
        ("2052-12-28", "2052-12-30", [2052, 2053]),
        ("9999-12-28", "9999-12-31", [9999]),
    ],
)
def test_which_years_days_depend_on(first: str, last: str, unknown: list[int]):
    calendar = Calendar(years=frozenset({2050}))
    assert calendar.list_unknown_years(date.fromisoformat(first), date.fromisoformat(last)) == unknown


def test_the_next_years_notice_settles_the_end_of_december():
    both = Calendar(years=frozenset({2050, 2051}))
    assert both.list_unknown_years(date(2050, 12, 25), date(2050, 12, 31)) == []


@pytest.mark.parametrize(
    ("day", "first"),
    [
        ("2026-07-02", "2026-07-03"),
        ("2026-07-03", "2026-07-06"),
        ("2026-02-13", "2026-02-14"),
        ("2026-02-14", "2026-02-24"),
        ("2026-09-30", "2026-10-08"),
        ("2026-12-31", "2027-01-01"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_the_first_working_day_after(day: str, first: str):
    assert PUBLISHED.first_workday_after(date.fromisoformat(day)).isoformat() == first


@pytest.mark.parametrize(
    ("first", "count", "last"),
    [
        ("2026-07-06", 1, "2026-07-06"),
        ("2026-07-06", 5, "2026-07-10"),
        ("2026-07-04", 5, "2026-07-10"),  # put up on a Saturday
        ("2026-02-13", 5, "2026-02-26"),
        ("2026-09-28", 5, "2026-10-09"),
        ("2026-10-09", 5, "2026-10-14"),
        ("2026-12-30", 5, "2027-01-05"),
        ("9999-12-28", 999, "9999-12-31"),
    ],
)
def test_the_last_of_so_many(first: str, count: int, last: str):
    assert PUBLISHED.last_of_workdays(date.fromisoformat(first), count).isoformat() == last


def test_the_last_of_so_many_with_days_added():
    assert NEW_YEAR.last_of_workdays(date(2026, 12, 31), 5) == date(2027, 1, 6)
