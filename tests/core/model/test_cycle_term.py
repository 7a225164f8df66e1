"""Cycles that begin in mid-year or end early (R21): which months count, and which periods are cut short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.basics.periods import PeriodKind, months_of, periods_within
from generator.core.model.cycle_term import WHOLE_YEAR, CycleBound, CycleTerm
from generator.problems import Location
from tests.site_project import period

YEAR = period("2026")
MONTHS = months_of(YEAR)


def term(first: str = "", last: str = "") -> CycleTerm:
    """A cycle from one month to another; ``""`` where it begins or ends with the year."""
    bounds = [CycleBound(period(month), Location("cycle.yaml")) if month else None for month in (first, last)]
    return CycleTerm(*bounds)


@pytest.mark.parametrize(
    ("first", "last", "name", "months", "words"),
    [
        ("", "", "2026-H2", "7 8 9 10 11 12", ""),
        ("2026-10", "", "2026-Q4", "10 11 12", ""),
        ("2026-10", "", "2026-H2", "10 11 12", "本半年自10月起计，不作表彰与处理依据"),
        ("2026-10", "", "2026", "10 11 12", "本年度自10月起计"),
        ("2026-11", "", "2026-Q4", "11 12", "本季度自11月起计，不作表彰与处理依据"),
        ("2026-10", "", "2026-Q3", "", "本季度不在计分的月份之内"),
        ("", "2026-10", "2026-Q4", "10", "本季度计至10月，不作表彰与处理依据"),
        ("2026-02", "2026-11", "2026", "2 3 4 5 6 7 8 9 10 11", "本年度自2月起计，计至11月"),
        ("2026-01", "2026-12", "2026", "1 2 3 4 5 6 7 8 9 10 11 12", ""),
    ],
)
def test_which_months_of_a_period_count(first: str, last: str, name: str, months: str, words: str):
    found = term(first, last)
    assert [month.number for month in found.months_of(period(name))] == [int(number) for number in months.split()]
    assert found.describe_cut(period(name)) == words
    assert found.cuts(period(name)) is (bool(words) and name != "2026")


@given(st.sampled_from(MONTHS), st.sampled_from(MONTHS))
def test_the_months_of_all_quarters_are_those_of_the_year_and_none_is_beyond_a_bound(one: object, other: object):
    first, last = sorted((str(one), str(other)))
    found = term(first, last)
    quarters = periods_within(YEAR, PeriodKind.QUARTER)
    counted = [month for quarter in quarters for month in found.months_of(quarter)]
    assert counted == [*found.months_of(YEAR)] == [month for month in MONTHS if first <= str(month) <= last]
    assert [month for month in MONTHS if found.bound_beside(month)] == [m for m in MONTHS if m not in counted]
    assert not any(found.cuts(month) for month in MONTHS)


def test_a_year_without_bounds_is_whole():
    assert term() == WHOLE_YEAR
    assert all(WHOLE_YEAR.has_month(month) for month in MONTHS)
