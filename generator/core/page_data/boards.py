"""Rankings → boards, cut to what the organ and the branches may see of them, before any template (四1 to 四3).

A board has names, points, ranks and movement. It has no deductions, reasons or sanctions and does not mark who is last;
a vetoed member has 0 points and is listed at the end.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from msgspec import Struct

from generator.core.basics import numbers
from generator.core.basics.periods import Period, PeriodKind, get_period, months_of, previous_period
from generator.core.model.ledger import Approval
from generator.core.model.roster import Roster, member_label
from generator.core.model.rulebook import BoardRule, Rulebook, Scope
from generator.core.model.settings import NameDisplay
from generator.core.model.tally import Ranking, Standing
from generator.core.scoring.approval_sources import ApprovalsByMonth, ApprovalSource, list_sources
from generator.core.scoring.board_positions import is_shown_to_members
from generator.core.scoring.objection_periods import ObjectionPeriod, compute_objection_period
from generator.core.scoring.results import Results
from generator.core.scoring.site_data import SiteData


class MovementKind(StrEnum):
    """Direction in which a rank changed since the board before."""

    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    NEW = "new"
    NONE = "none"


class Movement(Struct, frozen=True):
    """Change of rank and by how many places; NEW was not on the board before, NONE has no board before."""

    kind: MovementKind
    places: int = 0


class BoardRow(Struct, frozen=True):
    """One line of a board. ``member`` is None where names are masked; ``behind`` is the gap to the row above.

    ``behind`` is None for the first row and where points alone don't explain why the row is below. ``order`` is the
    position by name among all rows, None where names are masked; ``seat`` is the branch's position on the roster, and
    ``number`` the row's own on the board. These three count from 1. ``trend`` are the points on the boards of the
    board's trend, None where the member isn't on one.
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
    number: int
    trend: tuple[Decimal | None, ...] = ()


class Trend(Struct, frozen=True):
    """The ``periods`` whose boards of the same owner give each row a small line; ``low`` and ``high`` bound its points.

    On a branch's board these are the cycle's months up to then, on the organ's its last complete half-years: what has
    been posted to the readers of the board (四1, 四3).
    """

    periods: tuple[Period, ...]
    low: Decimal
    high: Decimal


class BranchAverage(Struct, frozen=True):
    """A branch's mean points in the period, rounded by its rulebook's rule, and over how many members."""

    branch: str
    points: Decimal
    members: int


class HistogramBin(Struct, frozen=True):
    """Number of members with points from ``low`` up to but without ``high``."""

    low: Decimal
    high: Decimal
    members: int


class Board(Struct, frozen=True):
    """A ranking as its audience may see it; ``branch`` is None for the organ's board.

    ``averages`` and ``spread`` are the organ's only; ``mean`` is of all rows, None if there are none. ``notice`` is
    None for boards that are provisional, or never open to objections; ``objection_days`` are the working days of those
    that are, 0 for none; ``posted`` is the day on which the board was put up, None if the settings have none.
    ``revision`` counts from 1; ``newest`` is the number of the current revision, higher if this board is superseded.
    ``heads`` are, by branch, the digests of the newest approvals that the board is based on. ``trend`` is None where
    names are masked, for a superseded board, and where there are fewer than two boards to compare. A board is
    ``reconstructed`` where a roll was corrected since: then it is not line for line what was posted. ``drafts`` are the
    branches and months of which the board counts a draft, as only one in a preview does.
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
    objection_days: int
    posted: date | None
    revision: int
    newest: int
    reconstructed: bool
    trend: Trend | None = None
    drafts: tuple[tuple[str, Period], ...] = ()

    @property
    def provisional(self) -> bool:
        """True if a month is still missing (R20)."""
        return bool(self.missing)

    @property
    def cut_short(self) -> str:
        """The months of the period that belong to the cycle (R21), in words; empty if all do."""
        return self.rulebook.term.describe_cut(self.period)

    @property
    def superseded(self) -> bool:
        """True if a correction has put another revision in its place."""
        return self.revision < self.newest

    @property
    def announced(self) -> date | None:
        """The day below a printed board 落款: when it was posted; of a branch's month, when it was last approved."""
        if self.posted:
            return self.posted
        if self.branch is not None and self.period.kind is PeriodKind.MONTH:
            return self.sources[-1].meeting if self.sources else None
        return self.notice.first if self.notice else None

    @property
    def amended(self) -> date | None:
        """The day of the newest correction approved since the board was announced; None without one."""
        since = self.announced
        days = (source.meeting for source in self.sources if source.revision)
        return max((day for day in days if since and day > since), default=None)


def build_boards(site_data: SiteData) -> tuple[Board, ...]:
    """Return the current revision of every board, in the order of the rankings."""
    return tuple(
        _build_board(
            site_data,
            ranking,
            site_data.rankings.get((previous_period(ranking.period), ranking.branch)),
            site_data.approvals,
            revision=len(site_data.revisions.get((ranking.period, ranking.branch), ())) + 1,
            posted=site_data.settings.posted.get(ranking.period),
        )
        for ranking in site_data.rankings.values()
    )


def build_superseded_boards(site_data: SiteData) -> tuple[Board, ...]:
    """Return every board in its state before each correction, by board, oldest first."""
    return tuple(
        _build_board(
            site_data,
            revision.before,
            revision.preceding,
            revision.approvals,
            revision=revision.number,
            posted=revision.posted,
        )
        for revisions in site_data.revisions.values()
        for revision in revisions
    )


def _build_board(  # noqa: PLR0913  each bears on it
    site_data: SiteData,
    ranking: Ranking,
    preceding: Ranking | None,
    approvals: ApprovalsByMonth,
    *,
    revision: int,
    posted: date | None,
) -> Board:
    """Build a board from its ranking, the ranking of the period before, and approvals and posting of its time."""
    key, last, results = (ranking.period, ranking.branch), ranking.period.last, site_data.results
    newest = len(site_data.revisions.get(key, ())) + 1
    past = _find_past_rankings(site_data, ranking) if revision == newest else ()
    rows = _build_rows(ranking, preceding, past, site_data)
    rulebook, settings = results.rulebooks[ranking.period.year].state_on(last), site_data.settings.state_on(last)
    branches = tuple(results.roster.branch_ids_on(last)) if ranking.branch is None else (ranking.branch,)
    sources = list_sources(approvals, branches, ranking.period)
    points = [standing.score.points for standing in reversed(ranking.standings)]
    return Board(
        rule=find_board_rule(rulebook, *key),
        period=ranking.period,
        branch=ranking.branch,
        rows=rows,
        missing=tuple(_parse_missing_month(name) for name in ranking.missing),
        averages=_compute_averages(ranking, branches, rulebook) if ranking.branch is None else (),
        spread=_compute_histogram(points) if ranking.branch is None else (),
        sources=sources,
        heads=_find_heads(sources, site_data.chains),
        rulebook=rulebook,
        mean=_compute_mean(points, rulebook),
        notice=None
        if ranking.provisional
        else compute_objection_period(
            settings, ranking.period, sources, posted, results.today, ended=rulebook.term.ended_on(ranking.period)
        ),
        objection_days=settings.objection.days if settings.objection else 0,
        posted=posted,
        revision=revision,
        newest=newest,
        reconstructed=_is_reconstructed(sources, approvals, site_data.approvals),
        trend=_measure_trend(past, rows),
        drafts=_find_drafts(site_data.results, ranking) if revision == newest else (),
    )


def _find_drafts(results: Results, ranking: Ranking) -> tuple[tuple[str, Period], ...]:
    """Return the branches and months of the period whose draft bears on a board, by branch in roster order.

    On a branch's board these are its own, and those of branches to which a ranked member belonged that month.
    """
    if not results.draft_months:
        return ()
    spans = [span for standing in ranking.standings for span in standing.member.spans]

    def bears(branch: str, month: Period) -> bool:
        return ranking.branch in {None, branch} or any(
            span.branch == branch and span.first <= month.last and span.until > month.first for span in spans
        )

    return tuple(
        (branch, month)
        for branch in results.roster.branch_by_id
        for month in months_of(ranking.period)
        if (branch, month) in results.draft_months and bears(branch, month)
    )


_MAX_HALVES = 6  # in a trend


def _find_past_rankings(site_data: SiteData, ranking: Ranking) -> Sequence[Ranking]:
    """Return the rankings whose points a board may show beside its own; none if there are fewer than two."""
    branch, last = ranking.branch, ranking.period.last
    if branch is not None:
        months = months_of(get_period(PeriodKind.YEAR, last.year))
        past = [site_data.rankings[month, branch] for month in months if (month, branch) in site_data.rankings]
    elif site_data.settings.names is NameDisplay.MASKED:
        return ()  # a line would lead from one masked row to the same member's on another board
    else:
        past = sorted(filter(is_shown_to_members, site_data.rankings.values()), key=_last_day)
    past = [board for board in past if board.period.last <= last]
    if branch is None:
        past = past[-_MAX_HALVES:]
    return past if len(past) > 1 else ()


def _last_day(ranking: Ranking) -> date:
    return ranking.period.last


def _measure_trend(past: Sequence[Ranking], rows: Iterable[BoardRow]) -> Trend | None:
    points = [value for row in rows for value in row.trend if value is not None]
    return Trend(tuple([ranking.period for ranking in past]), min(points), max(points)) if points else None


def _is_reconstructed(
    sources: Iterable[ApprovalSource], past_approvals: ApprovalsByMonth, current_approvals: ApprovalsByMonth
) -> bool:
    """Return whether a month's roll was sealed anew since: boards are always drawn up from the roster of today."""
    keys = {(source.branch, source.month) for source in sources}
    return any(past_approvals[key][-1].roll != current_approvals[key][-1].roll for key in keys)


def _find_heads(sources: Iterable[ApprovalSource], chains: Mapping[str, Sequence[Approval]]) -> Mapping[str, str]:
    """Return, by branch, the digest of the last of these approvals in its chain; it covers all links before it."""
    digests: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        digests[source.branch].add(source.digest)
    return {
        branch: next(approval.digest for approval in reversed(chains[branch]) if approval.digest in of_branch)
        for branch, of_branch in digests.items()
    }


def find_board_rule(rulebook: Rulebook, period: Period, branch: str | None) -> BoardRule:
    """Return the rule by which there is a board of that kind of period, of a branch or, with None, of the organ."""
    scope = Scope.ORGAN if branch is None else Scope.BRANCH
    boards = rulebook.state_on(period.last).boards
    return next(rule for rule in boards if (rule.period, rule.scope) == (period.kind, scope))


def _build_rows(
    ranking: Ranking, previous: Ranking | None, past: Sequence[Ranking], site_data: SiteData
) -> tuple[BoardRow, ...]:
    # The setting is about the organ's pages: a branch's board always has full names.
    masked = site_data.settings.names is NameDisplay.MASKED and ranking.branch is None
    ranks = {standing.member.id: standing.rank for standing in previous.standings} if previous else None
    order = {} if masked else _positions_by_name(ranking, site_data.results.roster.named_on(ranking.period.last))
    seats = site_data.results.roster.branch_positions_on(ranking.period.last)
    past_points = [{standing.member.id: standing.score.points for standing in board.standings} for board in past]
    rows: list[BoardRow] = []
    above = None
    for standing in ranking.standings:
        row = BoardRow(
            standing.rank,
            mask_name(standing.member.name) if masked else member_label(standing.member),
            None if masked else standing.member.id,
            standing.branch,
            standing.score.points,
            standing.score.total,
            _find_movement(standing, ranks),
            _gap_to(above, standing) if above else None,
            standing.partial,
            order.get(standing.member.id),
            seats[standing.branch] + 1,
            len(rows) + 1,
            tuple([points.get(standing.member.id) for points in past_points]),
        )
        rows.append(row)
        above = row
    return tuple(rows)


def _positions_by_name(ranking: Ranking, roster: Roster) -> Mapping[str, int]:
    """Return the position by name, from 1, of each member on the board, by id."""
    ranked = {standing.member.id for standing in ranking.standings}
    listed = (member.id for member in roster.members_in_name_order[ranking.branch] if member.id in ranked)
    return {member_id: position for position, member_id in enumerate(listed, start=1)}


def _gap_to(above: BoardRow, standing: Standing) -> Decimal | None:
    """Return the gap to the row above; None where points don't explain the order: the vetoed are below negatives."""
    gap = above.points - standing.score.points
    return gap if gap > 0 or above.rank == standing.rank else None


def mask_name(name: str) -> str:
    """Return a name's first character and ``*``: 周敏 becomes 周*; the length of the name stays hidden too."""
    return name[:1] + "*"


def _find_movement(standing: Standing, ranks: Mapping[str, int] | None) -> Movement:
    if ranks is None:
        return _NO_BOARD_BEFORE
    before = ranks.get(standing.member.id)
    return _NEW_ON_BOARD if before is None else _movement_by(before - standing.rank)


_NO_BOARD_BEFORE, _NEW_ON_BOARD = Movement(MovementKind.NONE), Movement(MovementKind.NEW)


@cache  # boards have many more rows than there are distances
def _movement_by(places: int) -> Movement:
    return Movement(
        MovementKind.UP if places > 0 else MovementKind.DOWN if places < 0 else MovementKind.LEVEL, abs(places)
    )


def _parse_missing_month(missing: str) -> tuple[str, Period]:
    """Return branch and month of a ranking's ``BRANCH/YYYY-MM``."""
    branch, month = missing.split("/")
    year, number = month.split("-")
    return branch, get_period(PeriodKind.MONTH, int(year), int(number))


def _compute_averages(ranking: Ranking, branches: Iterable[str], rulebook: Rulebook) -> tuple[BranchAverage, ...]:
    points: dict[str, list[Decimal]] = {branch: [] for branch in branches}
    for standing in ranking.standings:
        points[standing.branch].append(standing.score.points)
    means = ((branch, _compute_mean(values, rulebook), len(values)) for branch, values in points.items())
    return tuple(BranchAverage(branch, mean, count) for branch, mean, count in means if mean is not None)


def _compute_mean(points: list[Decimal], rulebook: Rulebook) -> Decimal | None:
    return numbers.mean(points, rulebook.rounding.rule, rulebook.rounding.step) if points else None


_BIN_WIDTHS = [Decimal(figure).scaleb(power) for power in range(-1, 8) for figure in (1, 2, 5)][2:]  # 0.5, 1, 2, 5, …
_MAX_BINS = 10


def _compute_histogram(points: Iterable[Decimal]) -> tuple[HistogramBin, ...]:
    """Sort points into at most ten bins whose width is a round number."""
    ordered = sorted(points)
    if not ordered:
        return ()
    least, most = ordered[0], ordered[-1]
    # One bin fewer than allowed: the first starts at a multiple of its width, so values may reach into one more.
    width = next((width for width in _BIN_WIDTHS if (most - least) // width < _MAX_BINS - 1), _BIN_WIDTHS[-1])
    low = (least / width).to_integral_value("ROUND_FLOOR") * width
    bins = []
    while low <= most:
        bins.append(HistogramBin(low, low + width, bisect_left(ordered, low + width) - bisect_left(ordered, low)))
        low += width
    return tuple(bins)
