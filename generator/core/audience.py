"""Standings × audience → what that audience may see at all, before any template (四1 to 四3).

The organ and the branches get boards: names, points, ranks, movement. No board knows deductions, reasons, sanctions or
who is last; a vetoed member has 0 points and stands at the end. The member's own account has every line and reason.
The committee has the ledgers themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from generator.core import numbers
from generator.core import results as scored
from generator.core.model import (
    Approval,
    BoardRule,
    Item,
    Line,
    Member,
    Ranking,
    Rulebook,
    Scope,
    Standing,
    Status,
    Tally,
    Ties,
    ValidLedger,
    Window,
)
from generator.core.numbers import ZERO
from generator.core.periods import Kind, Period, before, months, period
from generator.core.results import Rankings, Results
from generator.core.settings import Naming

Approvals = Mapping[tuple[str, Period], Approval]


# --- boards ----------------------------------------------------------------------------------------------------------


class Move(StrEnum):
    """How a rank changed since the board before."""

    UP = "up"
    DOWN = "down"
    LEVEL = "level"
    NEW = "new"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Movement:
    """The change of rank and by how many places; NEW was not on the board before, NONE has no board before."""

    kind: Move
    places: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a board. ``member`` is None where names are masked; ``behind`` is the gap to the row above.

    ``behind`` is None for the first row and where the row above has no more points (one below all others by rule).
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


@dataclass(frozen=True, slots=True)
class Average:
    """A branch's mean points in the period, rounded as its rulebook says, over how many members."""

    branch: str
    points: Decimal
    members: int


@dataclass(frozen=True, slots=True)
class Bin:
    """How many members have points from ``low`` up to but without ``high``."""

    low: Decimal
    high: Decimal
    members: int


@dataclass(frozen=True, slots=True)
class Source:
    """An approval that a board or a page rests on."""

    branch: str
    month: Period
    approval: Approval


@dataclass(frozen=True, slots=True)
class Board:
    """What a board's audience may see of a ranking; ``branch`` None is the organ's."""

    rule: BoardRule
    period: Period
    branch: str | None
    rows: tuple[Row, ...]
    missing: tuple[tuple[str, Period], ...]
    averages: tuple[Average, ...]
    spread: tuple[Bin, ...]
    sources: tuple[Source, ...]
    rulebook: Rulebook
    ties: Ties

    @property
    def provisional(self) -> bool:
        """Whether a month is still missing (R20)."""
        return bool(self.missing)


def boards(results: Results, rankings: Rankings, approvals: Approvals, naming: Naming) -> tuple[Board, ...]:
    """Every board, in the order of the rankings."""
    return tuple(_board(results, rankings, approvals, ranking, naming) for ranking in rankings.values())


def _board(results: Results, rankings: Rankings, approvals: Approvals, ranking: Ranking, naming: Naming) -> Board:
    rulebook = results.rulebooks[ranking.period.year]
    scope = Scope.ORGAN if ranking.branch is None else Scope.BRANCH
    rule = next(one for one in rulebook.boards if (one.period, one.scope) == (ranking.period.kind, scope))
    masked = naming is Naming.MASKED and scope is Scope.ORGAN
    homes = tuple(results.roster.branch) if ranking.branch is None else (ranking.branch,)
    return Board(
        rule=rule,
        period=ranking.period,
        branch=ranking.branch,
        rows=_rows(ranking, rankings.get((before(ranking.period), ranking.branch)), masked=masked),
        missing=tuple(_split(name) for name in ranking.missing),
        averages=_averages(ranking, homes, rulebook) if scope is Scope.ORGAN else (),
        spread=_spread([one.score.points for one in ranking.standings]),
        sources=sources(approvals, homes, ranking.period),
        rulebook=rulebook,
        ties=rulebook.ties,
    )


def _rows(ranking: Ranking, previous: Ranking | None, *, masked: bool) -> tuple[Row, ...]:
    ranks = {one.member.id: one.rank for one in previous.standings} if previous else None
    rows: list[Row] = []
    for one in ranking.standings:
        points = one.score.points
        rows.append(
            Row(
                rank=one.rank,
                name=mask(one.member.name) if masked else label(one.member),
                member=None if masked else one.member.id,
                branch=one.branch,
                points=points,
                total=one.score.total,
                movement=_movement(one, ranks),
                behind=rows[-1].points - points if rows and rows[-1].points >= points else None,
                partial=one.partial,
            )
        )
    return tuple(rows)


def mask(name: str) -> str:
    """周敏 becomes 周*."""
    return name[:1] + "*" * max(1, len(name) - 1)


def label(member: Member) -> str:
    """The name, with the word that tells members of one name apart."""
    return f"{member.name}（{member.aka}）" if member.aka else member.name


def _movement(one: Standing, ranks: Mapping[str, int] | None) -> Movement:
    if ranks is None:
        return Movement(Move.NONE)
    if one.member.id not in ranks:
        return Movement(Move.NEW)
    places = ranks[one.member.id] - one.rank
    kind = Move.UP if places > 0 else Move.DOWN if places < 0 else Move.LEVEL
    return Movement(kind, abs(places))


def _split(missing: str) -> tuple[str, Period]:
    branch, month = missing.split("/")
    year, number = month.split("-")
    return branch, period(Kind.MONTH, int(year), int(number))


def _averages(ranking: Ranking, homes: Iterable[str], rulebook: Rulebook) -> tuple[Average, ...]:
    points: dict[str, list[Decimal]] = {home: [] for home in homes}
    for one in ranking.standings:
        points[one.branch].append(one.score.points)
    quotient = rulebook.rounding
    return tuple(
        Average(home, numbers.mean(values, quotient.rule, quotient.step), len(values))
        for home, values in points.items()
        if values
    )


_STEPS = [Decimal(step) for step in ("0.5", "1", "2", "5", "10", "20", "50", "100", "200", "500", "1000")]
_MOST_BINS = 10


def _spread(points: Sequence[Decimal]) -> tuple[Bin, ...]:
    """Points sorted into at most ten bins whose width is a round number."""
    if not points:
        return ()
    step = next((one for one in _STEPS if (max(points) - min(points)) // one < _MOST_BINS - 1), _STEPS[-1])
    low = (min(points) / step).to_integral_value("ROUND_FLOOR") * step
    bins = []
    while low <= max(points):
        bins.append(Bin(low, low + step, sum(low <= value < low + step for value in points)))
        low += step
    return tuple(bins)


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


# --- a member's own account ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A rank on a board: ``of`` how many; ``branch`` None is the organ's."""

    period: Period
    branch: str | None
    points: Decimal
    rank: int
    of: int
    provisional: bool


@dataclass(frozen=True, slots=True)
class MonthAccount:
    """A member's month: points, cycle total at its end, every line, and the approvals the lines rest on."""

    month: Period
    points: Decimal
    total: Decimal
    lines: tuple[Line, ...]
    sources: tuple[Source, ...]
    place: Place | None


@dataclass(frozen=True, slots=True)
class Meter:
    """What an item has brought in the cycle so far, and what is still open under its ceiling (None: no ceiling)."""

    item: Item
    times: int
    counted: Decimal
    cap: Decimal | None
    left: Decimal | None


@dataclass(frozen=True, slots=True)
class YearAccount:
    """A member's cycle under the rules of its time; ``halves`` are the complete boards of the organ only."""

    year: int
    rulebook: Rulebook
    total: Decimal
    groups: Mapping[str, Decimal]
    vetoed: bool
    months: tuple[MonthAccount, ...]
    quarters: tuple[Place, ...]
    halves: tuple[Place, ...]
    meters: tuple[Meter, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """All that a member may see of himself: newest year first. ``branch`` and ``status`` are the latest."""

    member: Member
    branch: str
    status: Status
    years: tuple[YearAccount, ...]


def accounts(results: Results, rankings: Rankings, approvals: Approvals) -> tuple[Account, ...]:
    """The account of every member who was on the roster in a scored month."""
    found = (_account(results, rankings, approvals, member) for member in results.roster.members)
    return tuple(account for account in found if account.years)


def _account(results: Results, rankings: Rankings, approvals: Approvals, member: Member) -> Account:
    scored_months = sorted({month for _, month in results.scored}, key=lambda month: month.first)
    present = [month for month in scored_months if member.since <= month.last and member.until > month.first]
    years = sorted({month.year for month in present}, reverse=True)
    day = min(present[-1].last, _eve(member.until)) if present else member.since
    return Account(
        member=member,
        branch=member.branch_on(day) or member.spans[-1].branch,
        status=member.status_on(day),
        years=tuple(
            _year(results, rankings, approvals, member, [month for month in present if month.year == year])
            for year in years
        ),
    )


def _eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _year(
    results: Results, rankings: Rankings, approvals: Approvals, member: Member, present: Sequence[Period]
) -> YearAccount:
    year = present[0].year
    tally, final = results.tallies[year][member.id], scored.score(results, member.id, period(Kind.YEAR, year))
    places = [place for ranking in rankings.values() if (place := _place(ranking, member, year))]
    return YearAccount(
        year=year,
        rulebook=results.rulebooks[year],
        total=final.total,
        groups=final.groups,
        vetoed=final.vetoed,
        months=tuple(_month(results, approvals, member, month, places) for month in reversed(present)),
        quarters=tuple(one for one in places if one.period.kind is Kind.QUARTER and one.branch is not None),
        halves=tuple(
            one for one in places if one.period.kind is Kind.HALF and one.branch is None and not one.provisional
        ),
        meters=_meters(tally, results.rulebooks[year]),
    )


def _place(ranking: Ranking, member: Member, year: int) -> Place | None:
    if ranking.period.year != year:
        return None
    one = next((standing for standing in ranking.standings if standing.member is member), None)
    if one is None:
        return None
    of = len(ranking.standings)
    return Place(ranking.period, ranking.branch, one.score.points, one.rank, of, ranking.provisional)


def _month(
    results: Results, approvals: Approvals, member: Member, month: Period, places: Sequence[Place]
) -> MonthAccount:
    lines = scored.explain(results, member.id, month)
    score = scored.score(results, member.id, month)
    homes = [branch for branch in results.roster.branch if any(line.branch == branch for line in lines)]
    return MonthAccount(
        month=month,
        points=score.points,
        total=score.total,
        lines=lines,
        sources=sources(approvals, homes, month),
        place=next((place for place in places if place.period == month), None),
    )


def _meters(tally: Tally, rulebook: Rulebook) -> tuple[Meter, ...]:
    """One for each item that can be earned, and each deduction that was made."""
    meters = []
    for item in rulebook.items:
        lines = [line for line in tally.lines if line.item is item and line.earned]
        counted = sum((line.points for line in lines), ZERO)
        cap = item.cap.get(Window.CYCLE)
        if lines or cap is not None:
            meters.append(Meter(item, len(lines), counted, cap, None if cap is None else cap - counted))
    return tuple(meters)


# --- the committee's ledger form -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A member's row: what counted by item id, its sum, and the cycle total at the month's end."""

    member: Member
    cells: Mapping[str, Decimal]
    points: Decimal
    total: Decimal
    vetoed: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printable ledger form 台账: one row a member, one column an item of the rulebook."""

    ledger: ValidLedger
    rulebook: Rulebook
    rows: tuple[SheetRow, ...]


def sheet(results: Results, ledger: ValidLedger) -> Sheet:
    """The form of a scored ledger: everyone on the branch's roll in that month, and whoever a line names."""
    month, tallies = ledger.month, results.tallies[ledger.month.year]
    roll = {member.id for member, _ in results.roster.during(ledger.branch, month)}
    rows = []
    for member in results.roster.members:
        lines = [one for one in tallies[member.id].lines if one.month == month and one.branch == ledger.branch]
        if lines or member.id in roll:
            cells: dict[str, Decimal] = {}
            for line in lines:
                cells[line.item.id] = cells.get(line.item.id, ZERO) + line.points
            score = scored.score(results, member.id, month)
            rows.append(SheetRow(member, cells, sum(cells.values(), ZERO), score.total, score.vetoed))
    return Sheet(ledger, results.rulebooks[month.year], tuple(rows))
