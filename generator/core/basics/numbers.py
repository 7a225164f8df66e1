"""Points are exact decimals, from text to text; a binary float never enters (regulation R9)."""

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

ZERO = Decimal(0)

# At most seven figures before and four after the point: a sum of any number of lines that a ledger can hold stays
# within the 28 figures of the decimal context, so addition and multiplication never round.
_WRITTEN = re.compile(r"[+-]?[0-9]{1,7}(\.[0-9]{1,4})?")


class RoundingMode(StrEnum):
    """How a quotient is rounded; the rulebook names it."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    UP = "up"
    DOWN = "down"


def parse_decimal(text: str) -> Decimal | None:
    """Read a decimal as people write it (``2``, ``-0.5``); None if it is anything else."""
    return Decimal(text) if _WRITTEN.fullmatch(text) else None


def format_decimal(value: Decimal) -> str:
    """Write it without exponent or trailing zeros: 24.5, 24, 0."""
    plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def round_quotient(value: Fraction, rule: RoundingMode, step: Decimal) -> Decimal:
    """A quotient rounded once, from its exact value, by the rule to a multiple of ``step`` such as 0.01."""
    return _quotient(value.numerator, value.denominator, rule, step)


def _quotient(over: int, under: int, rule: RoundingMode, step: Decimal) -> Decimal:
    """The same of a quotient of whole numbers; ``under`` is above zero."""
    width, parts = step.as_integer_ratio()
    whole = under * width
    steps, rest = divmod(abs(over) * parts, whole)
    upward = {
        RoundingMode.DOWN: False,
        RoundingMode.UP: rest > 0,
        RoundingMode.HALF_UP: 2 * rest >= whole,
        RoundingMode.HALF_EVEN: 2 * rest > whole or (2 * rest == whole and steps % 2 == 1),
    }[rule]
    found = (steps + upward) * step
    return -found if over < 0 else found


def mean(values: list[Decimal], rule: RoundingMode, step: Decimal) -> Decimal:
    """The mean of at least one value, rounded by the rule to a multiple of ``step`` such as 0.01."""
    over, under = sum(values, ZERO).as_integer_ratio()
    return _quotient(over, under * len(values), rule, step)


def median(values: list[Decimal], rule: RoundingMode, step: Decimal) -> Decimal:
    """The middle of at least one value as it is; of an even count the mean of the two in the middle, rounded."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else mean(ordered[half - 1 : half + 1], rule, step)
