"""Standings → what a member may see of himself: every line and its reason, and his own ranks (一4)."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct, field

from generator.core.basics.periods import Period, PeriodKind, enclosing_period
from generator.core.model.ledger import CorrectionKind
from generator.core.model.roster import Member, MembershipStatus
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import ScoreLine
from generator.core.scoring.approval_sources import SignedSource, list_signed_sources
from generator.core.scoring.board_positions import BoardPosition, is_shown_to_members
from generator.core.scoring.branch_scores import Amendment
from generator.core.scoring.explaining import explain_months
from generator.core.scoring.remaining_points import GroupMeter, compute_meters, sum_open_points
from generator.core.scoring.site_data import SiteData
from generator.core.scoring.tally import score_period, sum_period


class CorrectionRemark(Struct, frozen=True):
    """A correction of the member's own lines, the ``order``-th of that branch's month.

    The reason in words is for whom it gave other points or attendance; it is None for whom only the words changed.
    """

    branch: str
    order: int
    kind: CorrectionKind
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
    lines: tuple[ScoreLine, ...]
    sources: tuple[SignedSource, ...]
    place: BoardPosition | None
    remarks: tuple[CorrectionRemark, ...]


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
    quarters: tuple[BoardPosition, ...]
    halves: tuple[BoardPosition, ...]
    groups: tuple[GroupMeter, ...]
    left: Decimal | None


class MemberAccount(Struct, frozen=True):
    """All that a member may see of himself: newest year first. ``branch`` and ``status`` are the latest."""

    member: Member
    branch: str
    status: MembershipStatus
    years: tuple[YearAccount, ...]


def build_accounts(ground: SiteData) -> tuple[MemberAccount, ...]:
    """The account of every member who was on the roster in a month that anybody in the organ has scored."""
    files = _Files(ground, {home: place for place, home in enumerate(ground.results.roster.branch_by_id)})
    remarks = _remarks(ground.amendments)
    return tuple(
        _account(files, member, present, ground.positions.get(member.id, ()), remarks.get(member.id, {}))
        for member, present in find_account_months(ground.members, find_recorded_months(ground), ground.scored_months)
    )


def find_recorded_months(ground: SiteData) -> Mapping[str, set[Period]]:
    """By member, the months of which something is written of him: a late line may follow after leaving."""
    found: dict[str, set[Period]] = {member.id: set() for member in ground.members}
    for member, months in found.items():
        for tallies in ground.results.tallies.values():
            months.update(line.month for line in tallies[member].lines)
    for one in ground.amendments:
        for member in {*one.members, *one.others} & found.keys():
            found[member].add(one.corrected[1])
    return found


def find_account_months(
    members: Iterable[Member], recorded_months: Mapping[str, Container[Period]], scored_months: Sequence[Period]
) -> Iterator[tuple[Member, Sequence[Period]]]:
    """Everybody with an account, and the months of it among those that have begun."""
    first, last = (scored_months[0].last, scored_months[-1].first) if scored_months else (date.min, date.max)
    for member in members:
        own, since, until = (
            recorded_months.get(member.id, ()),
            member.since,
            member.until,
        )  # as ``Member.is_on_roster_in``, but once
        if since <= first and until > last:
            yield member, scored_months  # of everybody who was there from the first month to the last
        elif present := [
            month for month in scored_months if (since <= month.last and until > month.first) or month in own
        ]:
            yield member, present


def account_years(months: Iterable[Period]) -> list[int]:
    """The years of an account with these months, newest first."""
    return sorted({month.year for month in months}, reverse=True)


def account_branch(member: Member, months: Sequence[Period]) -> str:
    """The branch to which an account with these months belongs: that of the last day there was in the newest."""
    return member.branch_on(_newest(member, months)) or member.home


def _newest(member: Member, present: Sequence[Period]) -> date:
    return min(present[-1].last, _eve(member.until))


RemarksByMonth = Mapping[Period, Sequence[CorrectionRemark]]


def _remarks(amendments: Iterable[Amendment]) -> Mapping[str, RemarksByMonth]:
    """By member and month."""
    found: dict[str, dict[Period, list[CorrectionRemark]]] = defaultdict(lambda: defaultdict(list))
    for one in amendments:
        for member in {*one.members, *one.others}:
            found[member][one.corrected[1]].append(_remark(one, told=member in one.members))
    return found


class _Files(Struct, frozen=True):
    """What accounts are drawn up from; ``order`` is that of the branches on the roster.

    ``signed`` are the approvals of branches' months listed so far: once for all who see them.
    """

    ground: SiteData
    order: Mapping[str, int]
    signed: dict[tuple[tuple[str, ...], Period], tuple[SignedSource, ...]] = field(default_factory=dict)

    def sources(self, lines: Iterable[ScoreLine], month: Period) -> tuple[SignedSource, ...]:
        """The approvals that a month's lines rest on."""
        key = tuple({line.branch: None for line in lines}), month
        if key not in self.signed:
            homes = sorted(self.order.keys() & key[0], key=self.order.__getitem__)
            self.signed[key] = list_signed_sources(self.ground.approvals, homes, month)
        return self.signed[key]

    def pending(self, member: Member, month: Period) -> bool:
        """Whether the ledger of the member's branch isn't scored."""
        home = member.branch_on(month.last)
        return home is not None and (home, month) not in self.ground.results.counted_months


def _account(
    files: _Files, member: Member, present: Sequence[Period], held: Sequence[BoardPosition], remarks: RemarksByMonth
) -> MemberAccount:
    years: dict[int, list[Period]] = defaultdict(list)
    for month in reversed(present):
        years[month.year].append(month)
    return MemberAccount(
        member=member,
        branch=account_branch(member, present),
        status=member.status_on(_newest(member, present)),
        years=tuple([_year(files, member, own, held, remarks) for own in years.values()]),
    )


def _eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _year(
    files: _Files, member: Member, present: Sequence[Period], every: Sequence[BoardPosition], remarks: RemarksByMonth
) -> YearAccount:
    """A year of which the member was ``present`` in these months, newest first."""
    whole, results = enclosing_period(PeriodKind.YEAR, present[0]), files.ground.results
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
    groups, final = compute_meters(tally, rulebook), score_period(tally, whole, rulebook)
    return YearAccount(
        year=whole.year,
        rulebook=rulebook,
        total=final.total,
        vetoed=final.vetoed,
        closed=newest.month.last == whole.last or member.until <= results.today,
        newest=newest,
        months=accounted,
        quarters=tuple([one for one in held if one.period.kind is PeriodKind.QUARTER and one.branch is not None]),
        halves=tuple(filter(is_shown_to_members, held)),
        groups=groups,
        left=sum_open_points(groups),
    )


def _remark(amendment: Amendment, *, told: bool) -> CorrectionRemark:
    correction = amendment.correction
    return CorrectionRemark(
        branch=amendment.corrected[0],
        order=amendment.order,
        kind=correction.kind,
        reason=correction.reason if told else None,
        meeting=correction.approval.meeting,
        by=correction.approval.by,
    )
