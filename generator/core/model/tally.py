"""The scores of ledgers: score lines, tallies, scores, standings and rankings."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import AttendanceStatus, Evidence
from generator.core.model.roster import Member
from generator.core.model.rulebook import Group, Item, Window
from generator.problems import Location


class ScoreLine(Struct, frozen=True):
    """One score line: the points ``earned`` before ceilings, the ``points`` that counted, and the reason.

    Of an activity, ``activity`` is the item that was held and ``how`` the member's attendance; leave and absence cost
    another ``item``. Of an entry both are None.
    """

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
    activity: str | None = None
    how: AttendanceStatus | None = None


class FullCeiling(Struct, frozen=True):
    """A ceiling that cut lines (R4): that of an item or a group over one ``window``.

    ``fillers`` are the lines that used it up, each with the points that it used, which add up to ``cap``; ``cuts`` are
    the lines that it cut, each with the points lost. A line cut in part is in both. Lines are numbered from 0 in the
    order in which they count.
    """

    owner: Item | Group
    window: Window
    cap: Decimal
    fillers: tuple[tuple[int, Decimal], ...]
    cuts: tuple[tuple[int, Decimal], ...]


class Tally(Struct, frozen=True):
    """A member's cycle: all lines in the order in which they count (R4), and the line that vetoes, if any (R5).

    ``running_by_group`` holds the counted points by group after each month: 13 sums, the first of which is all zero.
    ``running_totals`` are the same over all groups, not below the rulebook's floor (R6). ``full_ceilings`` are those
    that cut lines.
    """

    lines: tuple[ScoreLine, ...]
    veto: ScoreLine | None
    running_by_group: tuple[Mapping[str, Decimal], ...]
    running_totals: tuple[Decimal, ...]
    full_ceilings: tuple[FullCeiling, ...] = ()


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
