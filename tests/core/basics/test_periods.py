import copy
import pickle
from datetime import date

import pytest

from generator.core.basics import periods
from generator.core.basics.periods import PeriodKind


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2026-H1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_its_days(name: str, first: date, last: date):
    found = periods.parse_period(name)
    assert found is not None
    assert (found.first, found.last, str(found)) == (first, last, name)


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-00", "2026-3", "2026-Q5", "2026-q1", "2026-H3", "26", "2026-", "0026", "2026-03-01"]
)
def test_anything_else_is_no_period(name: str):
    assert periods.parse_period(name) is None


@pytest.mark.parametrize(
    ("name", "before"), [("2026-01", "2025-12"), ("2026-Q1", "2025-Q4"), ("2026-H2", "2026-H1"), ("2026", "2025")]
)
def test_the_one_before_crosses_new_year(name: str, before: str):
    found = periods.parse_period(name)
    assert found is not None
    assert str(periods.previous_period(found)) == before


def test_a_year_divides_without_gap_or_overlap():
    year = periods.get_period(PeriodKind.YEAR, 2026)
    for kind, count in ((PeriodKind.MONTH, 12), (PeriodKind.QUARTER, 4), (PeriodKind.HALF, 2), (PeriodKind.YEAR, 1)):
        parts = periods.periods_within(year, kind)
        assert len(parts) == count
        assert [month for part in parts for month in periods.months_of(part)] == list(periods.months_of(year))
        assert all(periods.enclosing_period(kind, month) == part for part in parts for month in periods.months_of(part))


@pytest.mark.parametrize("kind", PeriodKind)
def test_there_is_one_of_each_period(kind: PeriodKind):
    one = periods.get_period(kind, 2026, 1)
    others = [
        periods.parse_period(str(one)),
        periods.previous_period(periods.get_period(kind, 2026, 2))
        if kind is not PeriodKind.YEAR
        else periods.get_period(kind, 2026),
        pickle.loads(pickle.dumps(one)),
        copy.deepcopy(one),
    ]
    assert [other is one for other in others] == [True] * 4
