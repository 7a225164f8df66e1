"""A member's tally of a cycle, and the points of any period (R5 to R7)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from generator.core.basics.numbers import ZERO
from generator.core.basics.periods import Period
from generator.core.model.rulebook import (
    Rulebook,
    Veto,
)
from generator.core.model.tally import Score, ScoreLine, Tally
from generator.core.scoring.windows import clamp_lines, reset_month


def tally_lines(ordered: Iterable[ScoreLine], rulebook: Rulebook) -> Tally:
    """Tally a member's lines of one cycle, given in the order of R4, under the ceilings."""
    written = tuple(ordered)
    veto = next((line for line in written if line.item.veto), None)
    counted, full_ceilings = clamp_lines(written, veto, rulebook)
    running = _sum_by_group(counted, veto, rulebook)
    return Tally(counted, veto, running, _sum_totals(running, rulebook), full_ceilings)


def drop_reset_lines(tally: Tally) -> tuple[ScoreLine, ...]:
    """Return the lines that a reset has not wiped (R5)."""
    reset = reset_month(tally.veto)
    return tuple([line for line in tally.lines if line.month.number > reset]) if reset else tally.lines


def _sum_by_group(
    counted: tuple[ScoreLine, ...], veto: ScoreLine | None, rulebook: Rulebook
) -> tuple[Mapping[str, Decimal], ...]:
    """Return the sums by group after each month: 13 of them, the first of which is all zero."""
    reset = reset_month(veto)
    by_month: list[list[ScoreLine]] = [[] for _ in range(13)]
    for line in counted:
        by_month[line.month.number].append(line)
    zeros = dict.fromkeys(rulebook.group, ZERO)
    sums: list[Mapping[str, Decimal]] = [zeros]
    for number in range(1, 13):
        after = dict(sums[-1])
        for line in by_month[number]:
            after[line.item.group] += line.points
        sums.append(zeros if number == reset else after)  # a reset wipes its own month too (R5)
    return tuple(sums)


def _sum_totals(running: Iterable[Mapping[str, Decimal]], rulebook: Rulebook) -> tuple[Decimal, ...]:
    """Return the total after each month, not below the rulebook's floor, which is at most zero (R6)."""
    sums = (sum(groups.values(), ZERO) for groups in running)
    return tuple(sums if rulebook.floor is None else (max(rulebook.floor, total) for total in sums))


def score_period(tally: Tally, period: Period, rulebook: Rulebook) -> Score:
    """Score a period: the cycle total at its end less the total just before it began (R7); zero once vetoed (R5)."""
    if tally.veto is not None and is_vetoed(tally, period):
        return Score(ZERO, ZERO, dict.fromkeys(rulebook.group, ZERO), vetoed=True)
    before, last = period.first.month - 1, period.last.month
    start, total = tally.running_by_group[before], tally.running_totals[last]
    groups = {group: points - start[group] for group, points in tally.running_by_group[last].items()}
    return Score(total - tally.running_totals[before], total, groups, vetoed=False)


def sum_period(tally: Tally, period: Period) -> tuple[Decimal, Decimal]:
    """Return the points of a period and the cycle total at its end, as in its score."""
    if tally.veto is not None and is_vetoed(tally, period):
        return ZERO, ZERO
    total = tally.running_totals[period.last.month]
    return total - tally.running_totals[period.first.month - 1], total


def is_vetoed(tally: Tally, period: Period) -> bool:
    """Return whether a veto that lasts the whole cycle zeroes the period (R5)."""
    return tally.veto is not None and tally.veto.item.veto is Veto.CYCLE and tally.veto.month.last <= period.last
