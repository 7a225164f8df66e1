"""The scores of ledgers: score lines, tallies, scores, standings and rankings."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import Evidence
from generator.core.model.roster import Member
from generator.core.model.rulebook import Item
from generator.problems import Location


class ScoreLine(Struct, frozen=True):
    """One score line: the points ``earned`` before ceilings, the ``points`` that counted, and the reason."""

    member: str
    branch: str
    month: Period
    date: date
    item: Item
    earned: Decimal
    points: Decimal
    what: str
    reason: str
    where: Location
    evidence: Evidence


class Tally(Struct, frozen=True):
    """A member's cycle: all lines in the order in which they count (R4), and the line that vetoes, if any (R5).

    ``running_by_group`` holds the counted points by group after each month: 13 sums, the first of which is all zero.
    ``running_totals`` are the same over all groups, not below the rulebook's floor (R6).
    """

    lines: tuple[ScoreLine, ...]
    veto: ScoreLine | None
    running_by_group: tuple[Mapping[str, Decimal], ...]
    running_totals: tuple[Decimal, ...]


class Score(Struct, frozen=True):
    """A member's period: its points, the cycle total at its end, and the period's points by group."""

    points: Decimal
    total: Decimal
    groups: Mapping[str, Decimal]
    vetoed: bool


class Standing(Struct, frozen=True):
    """A member's place on a board. ``partial``: joined in the period (R13); ``last``: as R12 defines it."""

    member: Member
    branch: str
    score: Score
    rank: int
    partial: bool
    last: bool


class Ranking(Struct, frozen=True):
    """All who are ranked together in a period; ``branch`` None is the organ; ``missing`` are ``BRANCH/YYYY-MM``."""

    period: Period
    branch: str | None
    missing: tuple[str, ...]
    standings: tuple[Standing, ...]

    @property
    def provisional(self) -> bool:
        """True if a month is still missing (R20)."""
        return bool(self.missing)
