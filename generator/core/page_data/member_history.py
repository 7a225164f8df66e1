"""Standings → what a member may see of himself: every line and its reason, and his own ranks (一4)."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct, field

from generator.core.basics.periods import Kind, Period, around
from generator.core.model.ledger import Cause
from generator.core.model.roster import Member, Status
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Line
from generator.core.scoring.approval_sources import SignedSource, signed
from generator.core.scoring.board_positions import Place, lasts
from generator.core.scoring.branch_scores import Amendment
from generator.core.scoring.caps import GroupMeter, meters, still_open
from generator.core.scoring.explaining import explain_months
from generator.core.scoring.site_data import Ground
from generator.core.scoring.tally import score_period, sum_period


class Remark(Struct, frozen=True):
    """A correction of the member's own lines, the ``order``-th of that branch's month.

    The reason in words is for whom it gave other points or attendance; it is None for whom only the words changed.
    """

    branch: str
    order: int
    kind: Cause
    reason: str | None
    meeting: date
    by: str


class MonthAccount(Struct, frozen=True):
    """A member's month: points, cycle total at its end, every line, and the approvals the lines rest on.

    It is ``pending`` while the ledger of the member's branch isn't scored. ``remarks`` are the corrections that changed
    the member's own lines.
    """

    month: Period
    points: Decimal
    total: Decimal
    pending: bool
    lines: tuple[Line, ...]
    sources: tuple[SignedSource, ...]
    place: Place | None
    remarks: tuple[Remark, ...]


class YearAccount(Struct, frozen=True):
    """A member's cycle under the rules of its time; ``halves`` are the complete boards of the organ only.

    ``newest`` is the last month that isn't pending. The year is ``closed`` with December or when the member has left;
    ``left`` is what it could still bring, None where no ceiling bounds it.
    """

    year: int
    rulebook: Rulebook
    total: Decimal
    vetoed: bool
    closed: bool
    newest: MonthAccount
    months: tuple[MonthAccount, ...]
    quarters: tuple[Place, ...]
    halves: tuple[Place, ...]
    groups: tuple[GroupMeter, ...]
    left: Decimal | None


class Account(Struct, frozen=True):
    """All that a member may see of himself: newest year first. ``branch`` and ``status`` are the latest."""

    member: Member
    branch: str
    status: Status
    years: tuple[YearAccount, ...]


def accounts(ground: Ground) -> tuple[Account, ...]:
    """The account of every member who was on the roster in a month that anybody in the organ has scored."""
    files = _Files(ground, {home: place for place, home in enumerate(ground.results.roster.branch)})
    remarks = _remarks(ground.amendments)
    return tuple(
        _account(files, member, present, ground.places.get(member.id, ()), remarks.get(member.id, {}))
        for member, present in accounted(ground.members, touched(ground), ground.begun)
    )


def touched(ground: Ground) -> Mapping[str, set[Period]]:
    """By member, the months of which something is written of him: a late line may follow after leaving."""
    found: dict[str, set[Period]] = {member.id: set() for member in ground.members}
    for member, months in found.items():
        for tallies in ground.results.tallies.values():
            months.update(line.month for line in tallies[member].lines)
    for one in ground.amendments:
        for member in {*one.members, *one.others} & found.keys():
            found[member].add(one.corrected[1])
    return found


def accounted(
    members: Iterable[Member], touched: Mapping[str, Container[Period]], begun: Sequence[Period]
) -> Iterator[tuple[Member, Sequence[Period]]]:
    """Everybody with an account, and the months of it among those that have begun."""
    first, last = (begun[0].last, begun[-1].first) if begun else (date.min, date.max)
    for member in members:
        own, since, until = touched.get(member.id, ()), member.since, member.until  # as ``Member.was_in``, but once
        if since <= first and until > last:
            yield member, begun  # of everybody who was there from the first month to the last
        elif present := [month for month in begun if (since <= month.last and until > month.first) or month in own]:
            yield member, present


def years(present: Iterable[Period]) -> list[int]:
    """The years of an account with these months, newest first."""
    return sorted({month.year for month in present}, reverse=True)


def home(member: Member, present: Sequence[Period]) -> str:
    """The branch to which an account with these months belongs: that of the last day there was in the newest."""
    return member.branch_on(_newest(member, present)) or member.home


def _newest(member: Member, present: Sequence[Period]) -> date:
    return min(present[-1].last, _eve(member.until))


Remarks = Mapping[Period, Sequence[Remark]]


def _remarks(amendments: Iterable[Amendment]) -> Mapping[str, Remarks]:
    """By member and month."""
    found: dict[str, dict[Period, list[Remark]]] = defaultdict(lambda: defaultdict(list))
    for one in amendments:
        for member in {*one.members, *one.others}:
            found[member][one.corrected[1]].append(_remark(one, told=member in one.members))
    return found


class _Files(Struct, frozen=True):
    """What accounts are drawn up from; ``order`` is that of the branches on the roster.

    ``signed`` are the approvals of branches' months listed so far: once for all who see them.
    """

    ground: Ground
    order: Mapping[str, int]
    signed: dict[tuple[tuple[str, ...], Period], tuple[SignedSource, ...]] = field(default_factory=dict)

    def sources(self, lines: Iterable[Line], month: Period) -> tuple[SignedSource, ...]:
        """The approvals that a month's lines rest on."""
        key = tuple({line.branch: None for line in lines}), month
        if key not in self.signed:
            homes = sorted(self.order.keys() & key[0], key=self.order.__getitem__)
            self.signed[key] = signed(self.ground.approvals, homes, month)
        return self.signed[key]

    def pending(self, member: Member, month: Period) -> bool:
        """Whether the ledger of the member's branch isn't scored."""
        home = member.branch_on(month.last)
        return home is not None and (home, month) not in self.ground.results.scored


def _account(
    files: _Files, member: Member, present: Sequence[Period], held: Sequence[Place], remarks: Remarks
) -> Account:
    years: dict[int, list[Period]] = defaultdict(list)
    for month in reversed(present):
        years[month.year].append(month)
    return Account(
        member=member,
        branch=home(member, present),
        status=member.status_on(_newest(member, present)),
        years=tuple([_year(files, member, own, held, remarks) for own in years.values()]),
    )


def _eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _year(
    files: _Files, member: Member, present: Sequence[Period], every: Sequence[Place], remarks: Remarks
) -> YearAccount:
    """A year of which the member was ``present`` in these months, newest first."""
    whole, results = around(Kind.YEAR, present[0]), files.ground.results
    tally, rulebook = results.tallies[whole.year][member.id], results.rulebooks[whole.year]
    held = [place for place in every if place.period in whole]
    place = {one.period: one for one in reversed(held)}
    accounted = tuple(
        [
            MonthAccount(
                month,
                *sum_period(tally, month),
                not lines and files.pending(member, month),
                lines,
                files.sources(lines, month),
                place.get(month),
                tuple(remarks.get(month, ())),
            )
            for month, lines in zip(present, explain_months(tally, present, rulebook), strict=True)
        ]
    )
    newest = next((one for one in accounted if not one.pending), accounted[0])
    groups, final = meters(tally, rulebook), score_period(tally, whole, rulebook)
    return YearAccount(
        year=whole.year,
        rulebook=rulebook,
        total=final.total,
        vetoed=final.vetoed,
        closed=newest.month.last == whole.last or member.until <= results.today,
        newest=newest,
        months=accounted,
        quarters=tuple([one for one in held if one.period.kind is Kind.QUARTER and one.branch is not None]),
        halves=tuple(filter(lasts, held)),
        groups=groups,
        left=still_open(groups),
    )


def _remark(amendment: Amendment, *, told: bool) -> Remark:
    correction = amendment.correction
    return Remark(
        branch=amendment.corrected[0],
        order=amendment.order,
        kind=correction.kind,
        reason=correction.reason if told else None,
        meeting=correction.approval.meeting,
        by=correction.approval.by,
    )
