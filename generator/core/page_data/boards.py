"""Standings → what the organ and the branches may see of them, before any template (四1 to 四3).

A board has names, points, ranks and movement. It does not know deductions, reasons, sanctions or who is last; a vetoed
member has 0 points and stands at the end.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache

from msgspec import Struct

from generator.core.basics import numbers
from generator.core.basics.periods import Period, PeriodKind, get_period, previous_period
from generator.core.model.ledger import Approval
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import BoardRule, Rulebook, Scope
from generator.core.model.settings import NameDisplay
from generator.core.model.tally import Ranking, Standing
from generator.core.scoring.approval_sources import ApprovalsByMonth, ApprovalSource, list_sources
from generator.core.scoring.objection_periods import ObjectionPeriod
from generator.core.scoring.site_data import SiteData


class MovementKind(StrEnum):
    """How a rank changed since the board before."""

    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    NEW = "new"
    NONE = "none"


class Movement(Struct, frozen=True):
    """The change of rank and by how many places; NEW was not on the board before, NONE has no board before."""

    kind: MovementKind
    places: int = 0


class BoardRow(Struct, frozen=True):
    """One line of a board. ``member`` is None where names are masked; ``behind`` is the gap to the row above.

    ``behind`` is None for the first row and where points alone don't tell why the row stands below. ``order`` is the
    place among all rows by name, ``seat`` that of the branch on the roster, both from 1; ``order`` is None where names
    are masked.
    """

    rank: int
    name: str
    member: str | None
    branch: str
    points: Decimal
    total: Decimal
    movement: Movement
    behind: Decimal | None
    partial: bool
    order: int | None
    seat: int


class BranchAverage(Struct, frozen=True):
    """A branch's mean points in the period, rounded as its rulebook says, over how many members."""

    branch: str
    points: Decimal
    members: int


class HistogramBin(Struct, frozen=True):
    """How many members have points from ``low`` up to but without ``high``."""

    low: Decimal
    high: Decimal
    members: int


class Board(Struct, frozen=True):
    """What a board's audience may see of a ranking; ``branch`` None is the organ's.

    ``averages`` and ``spread`` are the organ's only; ``mean`` is of all rows, None if there are none. ``notice`` is
    None for boards that are provisional, or never open to objections. ``revision`` counts from 1 and is the board's
    ``newest`` unless it is superseded. ``heads`` are, by branch, the newest approvals that it rests on. It is
    ``reconstructed`` where a roll was corrected since: then it is not line for line as it was posted.
    """

    rule: BoardRule
    period: Period
    branch: str | None
    rows: tuple[BoardRow, ...]
    missing: tuple[tuple[str, Period], ...]
    averages: tuple[BranchAverage, ...]
    spread: tuple[HistogramBin, ...]
    sources: tuple[ApprovalSource, ...]
    heads: Mapping[str, str]
    rulebook: Rulebook
    mean: Decimal | None
    notice: ObjectionPeriod | None
    revision: int
    newest: int
    reconstructed: bool

    @property
    def provisional(self) -> bool:
        """Whether a month is still missing (R20)."""
        return bool(self.missing)

    @property
    def superseded(self) -> bool:
        """Whether a correction has put another revision in its place."""
        return self.revision < self.newest


def build_boards(ground: SiteData) -> tuple[Board, ...]:
    """Every board as it stands, in the order of the rankings."""
    return tuple(
        _board(
            ground,
            ranking,
            ground.rankings.get((previous_period(ranking.period), ranking.branch)),
            ground.approvals,
            revision=len(ground.revisions.get((ranking.period, ranking.branch), ())) + 1,
        )
        for ranking in ground.rankings.values()
    )


def build_superseded_boards(ground: SiteData) -> tuple[Board, ...]:
    """Every board as it stood before a correction, oldest first."""
    return tuple(
        _board(ground, one.before, one.preceding, one.approvals, revision=one.number)
        for revised in ground.revisions.values()
        for one in revised
    )


def _board(
    ground: SiteData, ranking: Ranking, preceding: Ranking | None, found: ApprovalsByMonth, *, revision: int
) -> Board:
    key = ranking.period, ranking.branch
    rulebook = ground.results.rulebooks[ranking.period.year]
    homes = tuple(ground.results.roster.branch_by_id) if ranking.branch is None else (ranking.branch,)
    rests = list_sources(found, homes, ranking.period)
    points = [one.score.points for one in reversed(ranking.standings)]
    return Board(
        rule=find_board_rule(rulebook, *key),
        period=ranking.period,
        branch=ranking.branch,
        rows=_rows(ranking, preceding, ground),
        missing=tuple(_split(name) for name in ranking.missing),
        averages=_averages(ranking, homes, rulebook) if ranking.branch is None else (),
        spread=_spread(points) if ranking.branch is None else (),
        sources=rests,
        heads=_heads(rests, ground.chains),
        rulebook=rulebook,
        mean=_mean(points, rulebook),
        notice=ground.objection_periods.get(key),
        revision=revision,
        newest=len(ground.revisions.get(key, ())) + 1,
        reconstructed=_reconstructed(rests, found, ground.approvals),
    )


def _reconstructed(rests: Iterable[ApprovalSource], then: ApprovalsByMonth, now: ApprovalsByMonth) -> bool:
    """Whether a month's roll was sealed anew since: boards are always drawn up from the roster of today."""
    keys = {(source.branch, source.month) for source in rests}
    return any(then[key][-1].roll != now[key][-1].roll for key in keys)


def _heads(rests: Iterable[ApprovalSource], chains: Mapping[str, Sequence[Approval]]) -> Mapping[str, str]:
    """The last link of each branch's chain among these approvals: it holds all before it."""
    digests: dict[str, set[str]] = defaultdict(set)
    for source in rests:
        digests[source.branch].add(source.digest)
    return {
        branch: next(one.digest for one in reversed(chains[branch]) if one.digest in own)
        for branch, own in digests.items()
    }


def find_board_rule(rulebook: Rulebook, period: Period, branch: str | None) -> BoardRule:
    """The rule by which there is a board of that kind of period, of a branch or, with None, of the organ."""
    scope = Scope.ORGAN if branch is None else Scope.BRANCH
    return next(one for one in rulebook.boards if (one.period, one.scope) == (period.kind, scope))


def _rows(ranking: Ranking, previous: Ranking | None, ground: SiteData) -> tuple[BoardRow, ...]:
    masked = ground.naming is NameDisplay.MASKED and ranking.branch is None
    ranks = {one.member.id: one.rank for one in previous.standings} if previous else None
    order = {} if masked else _by_name(ranking, ground.results.roster)
    seats = ground.results.roster.branch_positions
    rows: list[BoardRow] = []
    above = None
    for one in ranking.standings:
        row = BoardRow(
            one.rank,
            mask_name(one.member.name) if masked else member_label(one.member),
            None if masked else one.member.id,
            one.branch,
            one.score.points,
            one.score.total,
            _movement(one, ranks),
            _behind(above, one) if above else None,
            one.partial,
            order.get(one.member.id),
            seats[one.branch] + 1,
        )
        rows.append(row)
        above = row
    return tuple(rows)


def _by_name(ranking: Ranking, roster: Roster) -> Mapping[str, int]:
    """The place of each member, by id, among all on the board by name."""
    on = {one.member.id for one in ranking.standings}
    listed = (member.id for member in roster.members_in_name_order[ranking.branch] if member.id in on)
    return {ident: place for place, ident in enumerate(listed, start=1)}


def _behind(above: BoardRow, one: Standing) -> Decimal | None:
    gap = above.points - one.score.points
    return gap if gap > 0 or above.rank == one.rank else None


def mask_name(name: str) -> str:
    """周敏 becomes 周*; how long the name is stays hidden too."""
    return name[:1] + "*"


def member_label(member: Member) -> str:
    """The name, with the word that tells members of one name apart."""
    return f"{member.name}（{member.aka}）" if member.aka else member.name


def _movement(one: Standing, ranks: Mapping[str, int] | None) -> Movement:
    if ranks is None:
        return _UNKNOWN
    before = ranks.get(one.member.id)
    return _NEW if before is None else _moved(before - one.rank)


_UNKNOWN, _NEW = Movement(MovementKind.NONE), Movement(MovementKind.NEW)


@cache
def _moved(places: int) -> Movement:
    return Movement(
        MovementKind.UP if places > 0 else MovementKind.DOWN if places < 0 else MovementKind.LEVEL, abs(places)
    )


def _split(missing: str) -> tuple[str, Period]:
    branch, month = missing.split("/")
    year, number = month.split("-")
    return branch, get_period(PeriodKind.MONTH, int(year), int(number))


def _averages(ranking: Ranking, homes: Iterable[str], rulebook: Rulebook) -> tuple[BranchAverage, ...]:
    points: dict[str, list[Decimal]] = {home: [] for home in homes}
    for one in ranking.standings:
        points[one.branch].append(one.score.points)
    means = ((home, _mean(values, rulebook), len(values)) for home, values in points.items())
    return tuple(BranchAverage(home, mean, count) for home, mean, count in means if mean is not None)


def _mean(points: list[Decimal], rulebook: Rulebook) -> Decimal | None:
    return numbers.mean(points, rulebook.rounding.rule, rulebook.rounding.step) if points else None


_STEPS = [Decimal(figure).scaleb(power) for power in range(-1, 8) for figure in (1, 2, 5)][2:]
_MOST_BINS = 10


def _spread(points: Iterable[Decimal]) -> tuple[HistogramBin, ...]:
    """Points sorted into at most ten bins whose width is a round number."""
    found = sorted(points)
    if not found:
        return ()
    least, most = found[0], found[-1]
    step = next((one for one in _STEPS if (most - least) // one < _MOST_BINS - 1), _STEPS[-1])
    low = (least / step).to_integral_value("ROUND_FLOOR") * step
    bins = []
    while low <= most:
        bins.append(HistogramBin(low, low + step, bisect_left(found, low + step) - bisect_left(found, low)))
        low += step
    return tuple(bins)
