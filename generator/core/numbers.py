"""Points are exact decimals, from text to text; a binary float never enters (regulation R9)."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from enum import StrEnum

ZERO = Decimal(0)

# At most seven figures before and four after the point: a sum of any number of lines that a ledger can hold stays
# within the 28 figures of the decimal context, so addition and multiplication never round.
_WRITTEN = re.compile(r"[+-]?[0-9]{1,7}(\.[0-9]{1,4})?")


class Rounding(StrEnum):
    """How a quotient is rounded; the rulebook names it."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    UP = "up"
    DOWN = "down"


_MODES = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.UP: ROUND_UP,
    Rounding.DOWN: ROUND_DOWN,
}


def parse(text: str) -> Decimal | None:
    """Read a decimal as people write it (``2``, ``-0.5``); None if it is anything else."""
    return Decimal(text) if _WRITTEN.fullmatch(text) else None


def show(value: Decimal) -> str:
    """Write it without exponent or trailing zeros: 24.5, 24, 0."""
    plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def mean(values: list[Decimal], rule: Rounding, step: Decimal) -> Decimal:
    """The mean of at least one value, rounded by the rule to a multiple of ``step`` such as 0.01."""
    return (sum(values, ZERO) / len(values)).quantize(step, rounding=_MODES[rule])
