"""The approvals that a board or a page rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.core.model import Approval
from generator.core.periods import Period, months

Approvals = Mapping[tuple[str, Period], Approval]


@dataclass(frozen=True, slots=True)
class Source:
    """An approval that a board or a page rests on."""

    branch: str
    month: Period
    approval: Approval


def sources(approvals: Approvals, branches: Iterable[str], whole: Period) -> tuple[Source, ...]:
    """The approvals of the branches in a period, by branch, then month."""
    return tuple(
        Source(branch, month, approvals[branch, month])
        for branch in branches
        for month in months(whole)
        if (branch, month) in approvals
    )


def approved(approvals: Approvals, branches: Sequence[str]) -> tuple[Source, ...]:
    """Every approval, oldest month first, branches in roster order."""
    keys = sorted(approvals, key=lambda key: (key[1].first, branches.index(key[0])))
    return tuple(Source(branch, month, approvals[branch, month]) for branch, month in keys)
