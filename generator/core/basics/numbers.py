"""Exact decimals: parsing, formatting, rounding and averages; no binary float is ever used (regulation R9)."""

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

ZERO = Decimal(0)

# At most seven figures before and four after the point: a sum of any number of lines that a ledger can hold stays
# within the 28 figures of the decimal context, so addition and multiplication never round.
DECIMAL_PATTERN = re.compile(r"[+-]?[0-9]{1,7}(\.[0-9]{1,4})?")


class RoundingMode(StrEnum):
    """The direction in which a quotient is rounded, named by the rulebook."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    UP = "up"
    DOWN = "down"


def parse_decimal(text: str) -> Decimal | None:
    """Read a decimal as people write it (``2``, ``-0.5``); return None if it is anything else."""
    return Decimal(text) if DECIMAL_PATTERN.fullmatch(text) else None


def format_decimal(value: Decimal) -> str:
    """Return the number without exponent or trailing zeros: 24.5, 24, 0."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def round_quotient(value: Fraction, mode: RoundingMode, step: Decimal) -> Decimal:
    """Round an exact quotient once, in this mode, to a multiple of ``step`` such as 0.01."""
    return _round_ratio(value.numerator, value.denominator, mode, step)


def _round_ratio(numerator: int, denominator: int, mode: RoundingMode, step: Decimal) -> Decimal:
    """Round a ratio of whole numbers to a multiple of ``step``; the denominator is above zero."""
    # Whole numbers all the way: dividing decimals would round a first time, to the context's 28 figures.
    step_numerator, step_denominator = step.as_integer_ratio()
    divisor = denominator * step_numerator
    steps, remainder = divmod(abs(numerator) * step_denominator, divisor)
    upward = {
        RoundingMode.DOWN: False,
        RoundingMode.UP: remainder > 0,
        RoundingMode.HALF_UP: 2 * remainder >= divisor,
        RoundingMode.HALF_EVEN: 2 * remainder > divisor or (2 * remainder == divisor and steps % 2 == 1),
    }[mode]
    magnitude = (steps + upward) * step
    return -magnitude if numerator < 0 else magnitude


def mean(values: list[Decimal], mode: RoundingMode, step: Decimal) -> Decimal:
    """Return the mean of at least one value, rounded in this mode to a multiple of ``step`` such as 0.01."""
    numerator, denominator = sum(values, ZERO).as_integer_ratio()
    return _round_ratio(numerator, denominator * len(values), mode, step)


def median(values: list[Decimal], mode: RoundingMode, step: Decimal) -> Decimal:
    """Return the middle of at least one value, unrounded; of an even count the rounded mean of the middle two."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else mean(ordered[half - 1 : half + 1], mode, step)
