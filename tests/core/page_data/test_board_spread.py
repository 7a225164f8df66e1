"""What a board tells beside its rows: how points are spread."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.page_data import boards

SPREADS = {
    "": "",
    "3": "3-3.5:1",
    "-0.2 0 0.2": "-0.5-0:1 0-0.5:2",
    "1.4 5.8": "1-1.5:1 1.5-2:0 2-2.5:0 2.5-3:0 3-3.5:0 3.5-4:0 4-4.5:0 4.5-5:0 5-5.5:0 5.5-6:1",
    "1 2 2 5.5": "1-2:1 2-3:2 3-4:0 4-5:0 5-6:1",
    "9 10 30": "5-10:1 10-15:1 15-20:0 20-25:0 25-30:0 30-35:1",
    "-100 350": "-100-0:1 0-100:0 100-200:0 200-300:0 300-400:1",
}


def spread(points: str) -> str:
    found = boards._compute_histogram(map(Decimal, points.split()))  # noqa: SLF001
    return " ".join(f"{one.low.normalize():f}-{one.high.normalize():f}:{one.members}" for one in found)


@pytest.mark.parametrize("points", SPREADS)
def test_points_are_spread_over_bins_of_a_round_width(points: str):
    assert spread(points) == SPREADS[points]


@given(st.lists(st.decimals(-300, 3000, places=1), min_size=1))
def test_at_most_ten_bins_hold_everybody_once(points: list[Decimal]):
    bins = boards._compute_histogram(points)  # noqa: SLF001
    (width,) = {one.high - one.low for one in bins}
    assert 1 <= len(bins) <= 10
    assert str(width.normalize().as_tuple().digits[0]) in "125"
    assert [one.low for one in bins] == [bins[0].low + number * width for number in range(len(bins))]
    assert [one.members for one in bins] == [sum(one.low <= each < one.high for each in points) for one in bins]
    assert sum(one.members for one in bins) == len(points)
    assert bins[0].members
    assert bins[-1].members
