"""Standings → what a member may see of himself: every line and its reason, and his own ranks (一4)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from generator.core import results as scored
from generator.core import scoring
from generator.core.ground import Ground
from generator.core.model import Cause, Item, Line, Member, Rulebook, Status, Tally, Window
from generator.core.numbers import ZERO
from generator.core.periods import Kind, Period, period
from generator.core.results import Rankings
from generator.core.revisions import Amendment
from generator.core.sources import SignedSource, signed


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
class Remark:
    """A correction of the member's own lines, the ``order``-th of that branch's month.

    The reason in words is for whom it gave other points or attendance; it is None for whom only the words changed.
    """

    branch: str
    order: int
    kind: Cause
    reason: str | None
    meeting: date
    by: str


@dataclass(frozen=True, slots=True)
class MonthAccount:
    """A member's month: points, cycle total at its end, every line, and the approvals the lines rest on.

    ``remarks`` are the corrections that changed the member's own lines.
    """

    month: Period
    points: Decimal
    total: Decimal
    lines: tuple[Line, ...]
    sources: tuple[SignedSource, ...]
    place: Place | None
    remarks: tuple[Remark, ...]


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


def accounts(ground: Ground) -> tuple[Account, ...]:
    """The account of every member who was on the roster in a scored month."""
    scored_months = sorted({month for _, month in ground.results.scored}, key=lambda month: month.first)
    places = _places(ground.rankings)
    found = (
        _account(ground, member, scored_months, places.get(member.id, ())) for member in ground.results.roster.members
    )
    return tuple(account for account in found if account.years)


def _places(rankings: Rankings) -> Mapping[str, Sequence[Place]]:
    """Every member's places, in the order of the rankings."""
    found: dict[str, list[Place]] = defaultdict(list)
    for ranking in rankings.values():
        of = len(ranking.standings)
        for one in ranking.standings:
            place = Place(ranking.period, ranking.branch, one.score.points, one.rank, of, ranking.provisional)
            found[one.member.id].append(place)
    return found


def _account(ground: Ground, member: Member, scored_months: Sequence[Period], places: Sequence[Place]) -> Account:
    tallies = [years[member.id] for years in ground.results.tallies.values()]
    touched = {line.month for tally in tallies for line in tally.lines}  # a late line may follow after leaving
    touched |= {one.corrected[1] for one in ground.amendments if member.id in one.members | one.others}
    present = [month for month in scored_months if month in touched or _belonged(member, month)]
    years = sorted({month.year for month in present}, reverse=True)
    day = min(present[-1].last, _eve(member.until)) if present else member.since
    return Account(
        member=member,
        branch=member.branch_on(day) or member.spans[-1].branch,
        status=member.status_on(day),
        years=tuple(
            _year(
                ground,
                member,
                [month for month in present if month.year == year],
                [place for place in places if place.period.year == year],
            )
            for year in years
        ),
    )


def _belonged(member: Member, month: Period) -> bool:
    return member.since <= month.last and member.until > month.first


def _eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _year(ground: Ground, member: Member, present: Sequence[Period], places: Sequence[Place]) -> YearAccount:
    year, results = present[0].year, ground.results
    tally, final = results.tallies[year][member.id], scored.score(results, member.id, period(Kind.YEAR, year))
    return YearAccount(
        year=year,
        rulebook=results.rulebooks[year],
        total=final.total,
        groups=final.groups,
        vetoed=final.vetoed,
        months=tuple(_month(ground, member, month, places) for month in reversed(present)),
        quarters=tuple(one for one in places if one.period.kind is Kind.QUARTER and one.branch is not None),
        halves=tuple(
            one for one in places if one.period.kind is Kind.HALF and one.branch is None and not one.provisional
        ),
        meters=_meters(tally, results.rulebooks[year]),
    )


def _month(ground: Ground, member: Member, month: Period, places: Sequence[Place]) -> MonthAccount:
    lines = scored.explain(ground.results, member.id, month)
    score = scored.score(ground.results, member.id, month)
    homes = [branch for branch in ground.results.roster.branch if any(line.branch == branch for line in lines)]
    return MonthAccount(
        month=month,
        points=score.points,
        total=score.total,
        lines=lines,
        sources=signed(ground.approvals, homes, month),
        place=next((place for place in places if place.period == month), None),
        remarks=tuple(
            _remark(one, told=member.id in one.members)
            for one in ground.amendments
            if one.corrected[1] == month and member.id in one.members | one.others
        ),
    )


def _remark(amendment: Amendment, *, told: bool) -> Remark:
    correction = amendment.correction
    assert correction.approval is not None
    return Remark(
        branch=amendment.corrected[0],
        order=amendment.order,
        kind=correction.kind,
        reason=correction.reason if told else None,
        meeting=correction.approval.meeting,
        by=correction.approval.by,
    )


def _meters(tally: Tally, rulebook: Rulebook) -> tuple[Meter, ...]:
    """One for each item that can be earned, and each deduction that was made."""
    standing = scoring.standing(tally)
    meters = []
    for item in rulebook.items:
        lines = [line for line in standing if line.item is item and line.earned]
        counted = sum((line.points for line in lines), ZERO)
        cap = item.cap.get(Window.CYCLE)
        if lines or cap is not None:
            meters.append(Meter(item, len(lines), counted, cap, scoring.left(tally, item, rulebook)))
    return tuple(meters)
