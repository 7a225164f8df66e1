"""Periods of objection 公示 to the quarter and half-year boards: so many working days from their posting.

A board is provisional 暂计 while a month is missing, then under objection if it is one of these, then settled 已定.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, get_period, periods_within
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook, Scope
from generator.core.model.settings import Settings
from generator.core.scoring import missing_months
from generator.core.scoring.approval_sources import ApprovalsByMonth, ApprovalSource, list_sources
from generator.problems import Location, Problem, Severity


class ObjectionPeriod(Struct, frozen=True):
    """The first and the last day of objection 公示期, both included; ``running`` until they are over.

    ``unknown_years`` are those of its years whose holidays are not known yet.
    """

    first: date
    last: date
    running: bool
    unknown_years: tuple[int, ...] = ()

    @property
    def expected(self) -> bool:
        """True where holidays are not known yet: then the last day may change."""
        return bool(self.unknown_years)


ObjectionPeriods = Mapping[tuple[Period, str | None], ObjectionPeriod]


def find_objection_periods(  # noqa: PLR0913  each bears on it
    roster: Roster,
    rulebooks: Mapping[int, Rulebook],
    approvals: ApprovalsByMonth,
    settings: Settings,
    today: date,
    *,
    branches: Collection[str | None] | None = None,
) -> ObjectionPeriods:
    """Return the objection period of every complete quarter and half-year board, by period and branch.

    Branch None is the organ's. ``branches``, if given, limits the boards to theirs, None among them for the organ's.
    """
    if settings.objection is None:
        return {}
    periods = {}
    for period, branch in list_open_boards(roster, rulebooks):
        if branches is not None and branch not in branches:
            continue
        months = rulebooks[period.year].term.months_of(period)
        if not missing_months.find_missing_months(roster, approvals, months, branch, today):
            branch_ids = tuple(roster.branch_by_id) if branch is None else (branch,)
            sources = list_sources(approvals, branch_ids, period)
            ended, posted = rulebooks[period.year].term.ended_on(period), settings.posted.get(period)
            objection_period = compute_objection_period(settings, period, sources, posted, today, ended=ended)
            if objection_period:
                periods[period, branch] = objection_period
    return periods


def compute_objection_period(  # noqa: PLR0913  each bears on it
    settings: Settings,
    period: Period,
    sources: Iterable[ApprovalSource],
    posted: date | None,
    today: date,
    *,
    ended: date | None = None,
) -> ObjectionPeriod | None:
    """Return the objection period of a complete board by its approvals and the day on which it was posted, if known.

    ``ended`` is the day of the decision that ended the period early (R21): before it, the board was not complete.
    Return None for a board that is not open to objections.
    """
    state = settings.state_on(period.last)
    # The ledgers' approvals alone set the first day: a correction opens no second period.
    meetings = [source.meeting for source in sources if not source.revision]
    if state.objection is None or not state.objection.days or not meetings or period.kind not in _OPEN_KINDS:
        return None
    first = posted or state.calendar.first_workday_after(max([*meetings, ended or date.min]))
    last = state.calendar.last_of_workdays(first, state.objection.days)
    return ObjectionPeriod(first, last, today <= last, tuple(state.calendar.list_unknown_years(first, last)))


_OPEN_KINDS = {PeriodKind.QUARTER, PeriodKind.HALF}


def list_open_boards(roster: Roster, rulebooks: Mapping[int, Rulebook]) -> Iterator[tuple[Period, str | None]]:
    """Yield the period and branch of each board of a kind that is open to objections."""
    return (
        (period, branch)
        for year, rulebook in rulebooks.items()
        for board in rulebook.all_boards
        if board.period in _OPEN_KINDS
        for period in periods_within(get_period(PeriodKind.YEAR, year), board.period)
        if rulebook.has_board(board.id, period.last)
        for branch in (roster.branch_by_id if board.scope is Scope.BRANCH else (None,))
    )


def find_unknown_years(periods: Iterable[ObjectionPeriod]) -> frozenset[int]:
    """Return the years whose holidays an expected last day would need."""
    return frozenset(year for period in periods for year in period.unknown_years)


def make_calendar_warnings(years: Iterable[int], where: Location) -> list[Problem]:
    """Return a warning for each year whose holidays an expected last day needs; ``where`` is the settings' file."""
    hint = "国务院公布放假安排以后，请在 calendar 里补写放假日和调休上班日，并把年份写进 years；或者更新程序"
    return [
        Problem(
            where,
            "site.calendar-unknown",
            f"有榜单的公示期落在{year}年或上年12月28日以后，而程序还没有{year}年的放假安排（元旦前几天的调休也由它定），"
            "截止日注明“预计”",
            hint,
            Severity.WARNING,
        )
        for year in sorted(years)
    ]
