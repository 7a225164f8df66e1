"""When the quarter and half-year boards are open to objections 公示: from their posting, in working days.

A board is provisional 暂计 while a month is missing, then under objection if it is one of these, then settled 已定.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Kind, Period, inside, period
from generator.core.basics.workdays import Calendar
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook, Scope
from generator.core.model.settings import Settings
from generator.core.scoring import missing_months
from generator.core.scoring.approval_sources import Approvals, sources
from generator.problems import Problem, Severity, Where


class Notice(Struct, frozen=True):
    """The days of objection 公示期, both included; ``running`` until they are over.

    ``expected`` where holidays of one of their years are not known yet: then the last day may change.
    """

    first: date
    last: date
    expected: bool
    running: bool


Notices = Mapping[tuple[Period, str | None], Notice]


def notices(  # noqa: PLR0913  each bears on it
    roster: Roster,
    rulebooks: Mapping[int, Rulebook],
    approvals: Approvals,
    settings: Settings,
    today: date,
    *,
    scopes: Collection[str | None] | None = None,
) -> Notices:
    """The notice of every complete quarter and half-year board, by period and branch; ``None`` is the organ's.

    ``scopes``, if given, are the branches that are asked for, None among them for the organ.
    """
    if settings.objection is None:
        return {}
    found = {}
    for stretch, branch in _boards(roster, rulebooks):
        if scopes is not None and branch not in scopes:
            continue
        homes = tuple(roster.branch) if branch is None else (branch,)
        meetings = [source.meeting for source in sources(approvals, homes, stretch) if not source.revision]
        if meetings and not missing_months.missing(roster, approvals, stretch, branch, today):
            first = settings.posted.get(stretch) or settings.calendar.first_after(max(meetings))
            found[stretch, branch] = _notice(first, settings.objection.days, settings.calendar, today)
    return found


def _boards(roster: Roster, rulebooks: Mapping[int, Rulebook]) -> Iterator[tuple[Period, str | None]]:
    return (
        (stretch, branch)
        for year, rulebook in rulebooks.items()
        for board in rulebook.boards
        if board.period in {Kind.QUARTER, Kind.HALF}
        for stretch in inside(period(Kind.YEAR, year), board.period)
        for branch in (roster.branch if board.scope is Scope.BRANCH else (None,))
    )


def _notice(first: date, days: int, calendar: Calendar, today: date) -> Notice:
    last = calendar.stretch(first, days)
    return Notice(first, last, expected=bool(_unknown(first, last, calendar)), running=today <= last)


def unknown(found: Iterable[Notice], calendar: Calendar) -> frozenset[int]:
    """The years whose holidays an expected last day would need."""
    return frozenset(year for notice in found for year in _unknown(notice.first, notice.last, calendar))


def _unknown(first: date, last: date, calendar: Calendar) -> list[int]:
    return [year for year in range(first.year, last.year + 1) if not calendar.is_known(year)]


def warnings(years: Iterable[int], where: Where) -> list[Problem]:
    """One for each year whose holidays an expected last day would need; ``where`` is the settings' file."""
    hint = "国务院公布放假安排以后，请在 calendar 里补写放假日和调休上班日，并把年份写进 years；或者更新程序"
    return [
        Problem(
            where,
            "site.calendar-unknown",
            f"有榜单的公示期落在{year}年，而程序还没有{year}年的放假安排，暂按周一至周五推算，截止日注明“预计”",
            hint,
            Severity.WARNING,
        )
        for year in sorted(years)
    ]
