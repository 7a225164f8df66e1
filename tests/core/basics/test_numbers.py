from decimal import Decimal

import pytest

from generator.core.basics import numbers
from generator.core.basics.numbers import RoundingMode


@pytest.mark.parametrize(
    ("text", "shown"),
    [("24.50", "24.5"), ("24.0", "24"), ("-0.5", "-0.5"), ("0.0", "0"), ("-0", "0"), ("100", "100"), ("+2", "2")],
)
def test_points_are_shown_without_trailing_zeros(text: str, shown: str):
    value = numbers.parse_decimal(text)
    assert value is not None
    assert numbers.format_decimal(value) == shown


@pytest.mark.parametrize(
    "text", ["", "1e3", "NaN", "Infinity", "1,5", "１", "0x10", "1.", ".5", "1.23456", "12345678", " 1", "--1"]
)
def test_anything_else_is_no_number(text: str):
    assert numbers.parse_decimal(text) is None


@pytest.mark.parametrize(
    ("values", "rule", "mean"),
    [
        (["0.01", "0.02"], RoundingMode.HALF_UP, "0.02"),
        (["0.01", "0.04"], RoundingMode.HALF_EVEN, "0.02"),
        (["1", "1", "2"], RoundingMode.HALF_UP, "1.33"),
        (["1", "1", "2"], RoundingMode.UP, "1.34"),
        (["-1", "-1", "-2"], RoundingMode.DOWN, "-1.33"),
        (["-0.01", "-0.02"], RoundingMode.HALF_UP, "-0.02"),
    ],
)
def test_a_mean_is_rounded_by_the_named_rule(values: list[str], rule: RoundingMode, mean: str):
    assert numbers.mean([Decimal(value) for value in values], rule, Decimal("0.01")) == Decimal(mean)
