"""Standings → the account that a member may see of himself: every line and its reason, and his own ranks (一4)."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct, field

from generator.core.basics.periods import Period, PeriodKind, enclosing_period
from generator.core.model.ledger import CorrectionKind
from generator.core.model.roster import Member, MembershipStatus
from generator.core.model.rulebook import Item, Rulebook
from generator.core.model.tally import ScoreLine
from generator.core.page_data.year_overview import YearOverview, build_overview, place_of, sort_by_day
from generator.core.scoring.approval_sources import SignedSource, list_signed_sources
from generator.core.scoring.board_positions import BoardPosition, is_shown_to_members
from generator.core.scoring.branch_scores import Amendment
from generator.core.scoring.explaining import explain_months
from generator.core.scoring.remaining_points import GroupMeter, compute_meters, sum_open_points, sum_points_ahead
from generator.core.scoring.site_data import SiteData
from generator.core.scoring.tally import is_vetoed, score_period, sum_period


class CorrectionRemark(Struct, frozen=True):
    """A correction of the member's own lines, the ``order``-th of that branch's month.

    ``reason`` is in words for members whose points or attendance it changed, None where only the words changed.
    """

    branch: str
    order: int
    kind: CorrectionKind
    reason: str | None
    meeting: date
    by: str


class MonthAccount(Struct, frozen=True):
    """A member's month: points, cycle total at its end, every line by day, and the approvals that they are based on.

    It is ``pending`` while the ledger of the member's branch isn't scored. A veto of an earlier month makes it
    ``zeroed``: its lines don't count. ``remarks`` are the corrections that changed the member's own lines.
    """

    month: Period
    points: Decimal
    total: Decimal
    pending: bool
    zeroed: bool
    lines: tuple[ScoreLine, ...]
    sources: tuple[SignedSource, ...]
    place: BoardPosition | None
    remarks: tuple[CorrectionRemark, ...]

    @property
    def placed_lines(self) -> tuple[tuple[str, ScoreLine], ...]:
        """Every line with its place in the account: 3.7 is the seventh of March by day."""
        number = self.month.number
        return tuple([(place_of(number, position), line) for position, line in enumerate(self.lines, start=1)])


class YearAccount(Struct, frozen=True):
    """A member's cycle under the rules of its time; ``halves`` are the complete boards of the organ only.

    ``newest`` is the last month that isn't pending. The year is ``closed`` with the cycle's last month or when the
    member has left; ``left`` is the distance to the ceilings, ``ahead`` the most that the ``months_ahead``, which are
    not counted yet, can bring of it; None where nothing bounds it.
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
    months_ahead: int
    ahead: Decimal | None
    overview: YearOverview

    @property
    def recorded_items(self) -> tuple[Item, ...]:
        """The items of all lines, in the order of the first line of each."""
        lines = (line for month in reversed(self.months) for line in month.lines)
        return tuple({line.item.id: line.item for line in lines}.values())


class MemberAccount(Struct, frozen=True):
    """All data that a member may see of himself, newest year first. ``branch`` and ``status`` are the latest."""

    member: Member
    branch: str
    status: MembershipStatus
    years: tuple[YearAccount, ...]


def build_accounts(site_data: SiteData) -> tuple[MemberAccount, ...]:
    """Return the account of every member who was on the roster in a month scored anywhere in the organ."""
    inputs = _AccountInputs(
        site_data, {branch: position for position, branch in enumerate(site_data.results.roster.branch_by_id)}
    )
    remarks = _group_remarks(site_data.amendments)
    months_of_members = find_account_months(site_data.members, find_recorded_months(site_data), site_data.scored_months)
    return tuple(
        _build_account(inputs, member, months, site_data.positions.get(member.id, ()), remarks.get(member.id, {}))
        for member, months in months_of_members
    )


def find_recorded_months(site_data: SiteData) -> Mapping[str, set[Period]]:
    """Return, by member, the months with a line or a correction of his: a late line may follow after leaving."""
    recorded: dict[str, set[Period]] = {member.id: set() for member in site_data.members}
    for member, months in recorded.items():
        for tallies in site_data.results.tallies.values():
            months.update(line.month for line in tallies[member].lines)
    for amendment in site_data.amendments:
        for member in {*amendment.members, *amendment.others} & recorded.keys():
            recorded[member].add(amendment.corrected[1])
    return recorded


def find_account_months(
    members: Iterable[Member], recorded_months: Mapping[str, Container[Period]], scored_months: Sequence[Period]
) -> Iterator[tuple[Member, Sequence[Period]]]:
    """Yield every member who has an account, with its months among ``scored_months``, which are in order.

    These are the months in which the member was on the roster or of which something is recorded.
    """
    first, last = (scored_months[0].last, scored_months[-1].first) if scored_months else (date.min, date.max)
    for member in members:
        recorded = recorded_months.get(member.id, ())
        since, until = member.since, member.until  # read once: ``is_on_roster_in`` would read them for each month
        if since <= first and until > last:
            yield member, scored_months  # of everyone on the roster from the first month to the last: the same object
        elif months := [
            month for month in scored_months if (since <= month.last and until > month.first) or month in recorded
        ]:
            yield member, months


def account_years(months: Iterable[Period]) -> list[int]:
    """The years of an account with these months, newest first."""
    return sorted({month.year for month in months}, reverse=True)


def account_branch(member: Member, months: Sequence[Period]) -> str:
    """The branch of an account with these months: that of the member's last day in the newest month."""
    return member.branch_on(_last_day(member, months)) or member.home


def _last_day(member: Member, months: Sequence[Period]) -> date:
    """Return the last day of the newest month, or the last day of membership if that is earlier."""
    return min(months[-1].last, _day_before(member.until))


RemarksByMonth = Mapping[Period, Sequence[CorrectionRemark]]


def _group_remarks(amendments: Iterable[Amendment]) -> Mapping[str, RemarksByMonth]:
    """Return remarks by member and month."""
    remarks: dict[str, dict[Period, list[CorrectionRemark]]] = defaultdict(lambda: defaultdict(list))
    for amendment in amendments:
        for member in {*amendment.members, *amendment.others}:
            remark = _make_remark(amendment, with_reason=member in amendment.members)
            remarks[member][amendment.corrected[1]].append(remark)
    return remarks


class _AccountInputs(Struct, frozen=True):
    """Inputs of all accounts; ``order`` has the positions of branches on the roster.

    ``signed`` caches the approvals of branches' months, which are the same for all members of a branch.
    """

    site_data: SiteData
    order: Mapping[str, int]
    signed: dict[tuple[tuple[str, ...], Period], tuple[SignedSource, ...]] = field(default_factory=dict)

    def list_sources(self, lines: Iterable[ScoreLine], month: Period) -> tuple[SignedSource, ...]:
        """Return the approvals that a month's lines are based on."""
        key = tuple({line.branch: None for line in lines}), month
        if key not in self.signed:
            branches = sorted(self.order.keys() & key[0], key=self.order.__getitem__)
            self.signed[key] = list_signed_sources(self.site_data.approvals, branches, month)
        return self.signed[key]

    def is_pending(self, member: Member, month: Period) -> bool:
        """Return whether the ledger of the member's branch isn't scored."""
        branch = member.branch_on(month.last)
        return branch is not None and (branch, month) not in self.site_data.results.counted_months


def _build_account(
    inputs: _AccountInputs,
    member: Member,
    months: Sequence[Period],
    positions: Sequence[BoardPosition],
    remarks: RemarksByMonth,
) -> MemberAccount:
    years: dict[int, list[Period]] = defaultdict(list)
    for month in reversed(months):
        years[month.year].append(month)
    return MemberAccount(
        member=member,
        branch=account_branch(member, months),
        status=member.status_on(_last_day(member, months)),
        years=tuple([_build_year(inputs, member, of_year, positions, remarks) for of_year in years.values()]),
    )


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _build_year(
    inputs: _AccountInputs,
    member: Member,
    months: Sequence[Period],
    positions: Sequence[BoardPosition],
    remarks: RemarksByMonth,
) -> YearAccount:
    """Build the account of a year from these months of it, newest first."""
    cycle, results = enclosing_period(PeriodKind.YEAR, months[0]), inputs.site_data.results
    tally, rulebook = results.tallies[cycle.year][member.id], results.rulebooks[cycle.year]
    of_cycle = [position for position in positions if position.period in cycle]
    # Reversed, so that of two boards of a period the first counts.
    by_period = {position.period: position for position in reversed(of_cycle)}
    explained: Iterable[tuple[Period, Sequence[ScoreLine]]]
    explained = zip(months, explain_months(tally, months, rulebook), strict=True)
    if tally.veto is not None:
        explained = ((month, _drop_repeated_veto(lines, month)) for month, lines in explained)
    lines_by_day = [(month, sort_by_day(lines)) for month, lines in explained]
    month_accounts = tuple(
        [
            MonthAccount(
                month,
                *sum_period(tally, month),
                not lines and inputs.is_pending(member, month),
                is_vetoed(tally, month) and tally.veto is not None and tally.veto.month is not month,
                tuple(lines),
                inputs.list_sources(lines, month),
                by_period.get(month),
                tuple(remarks.get(month, ())),
            )
            for month, lines in lines_by_day
        ]
    )
    newest = next((account for account in month_accounts if not account.pending), month_accounts[0])
    months_of_cycle = rulebook.term.months_of(cycle)
    closed = newest.month is months_of_cycle[-1] or member.until <= results.today
    months_ahead = [] if closed else [month for month in months_of_cycle if inputs.is_pending(member, month)]
    groups, final = compute_meters(tally, rulebook, months_ahead), score_period(tally, cycle, rulebook)
    quarters = [
        position for position in of_cycle if position.period.kind is PeriodKind.QUARTER and position.branch is not None
    ]
    return YearAccount(
        year=cycle.year,
        rulebook=rulebook,
        total=final.total,
        vetoed=final.vetoed,
        closed=closed,
        newest=newest,
        months=month_accounts,
        quarters=tuple(quarters),
        halves=tuple(filter(is_shown_to_members, of_cycle)),
        groups=groups,
        left=sum_open_points(groups),
        months_ahead=len(months_ahead),
        ahead=sum_points_ahead(groups),
        overview=build_overview(tally, rulebook, lines_by_day),
    )


def _drop_repeated_veto(lines: Iterable[ScoreLine], month: Period) -> list[ScoreLine]:
    """Return a month's lines without that of an earlier month's veto, which says no more than that they don't count."""
    return [line for line in lines if not line.item.veto or line.month is month]


def _make_remark(amendment: Amendment, *, with_reason: bool) -> CorrectionRemark:
    correction = amendment.correction
    return CorrectionRemark(
        branch=amendment.corrected[0],
        order=amendment.order,
        kind=correction.kind,
        reason=correction.reason if with_reason else None,
        meeting=correction.approval.meeting,
        by=correction.approval.by,
    )
