"""Revisions of boards: for each correction, the boards that were complete by then, before it and after it.

The serial numbers of approvals give the order in time, so that a revision keeps its number and its address whatever is
approved later. The roster is today's: where it was corrected along with a month, a board before that shows the
corrected roster too; it counts as changed all the same. Days that no approval seals, of posting and of joining, make
revisions of their own where they were mended: the sources name the wrong day, too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.dated import DayMend
from generator.core.basics.periods import Period, months_of, next_period, previous_period
from generator.core.model.ledger import Approval, BranchMonth, CorrectionKind
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Scope
from generator.core.model.settings import Settings
from generator.core.model.tally import Ranking, Tally
from generator.core.scoring import chronology, missing_months
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.branch_scores import ScoredLedger, VersionsByMonth
from generator.core.scoring.chronology import Moment
from generator.core.scoring.ranking import ScoredMember
from generator.core.scoring.results import (
    BoardKey,
    Results,
    build_ranking,
    list_started_periods,
    list_year_board_periods,
    rank_board,
    score_members,
    tally_year,
)


class MendKind(StrEnum):
    """The day that was mended: that on which a board was posted, or on which a member joined."""

    POSTED = "posted"
    SINCE = "since"


class BoardMend(Struct, frozen=True):
    """The replacement of a wrong day that changed a board, as the board's readers may see it.

    ``was`` is the wrong day, ``day`` the right one, ``on`` the day of the replacement. Of a member's day, only the kind
    is theirs to see.
    """

    kind: MendKind
    was: date | None = None
    day: date | None = None
    reason: str = ""
    on: date | None = None


class BoardCorrection(Struct, frozen=True):
    """A correction that changed a board, the ``order``-th of the month it corrects, with its approval."""

    kind: CorrectionKind
    approval: Approval
    corrected: BranchMonth
    order: int
    moment: Moment


class Revision(Struct, frozen=True):
    """A board's change, its ``number``-th: by a correction or by a mended day, with None for the other.

    ``preceding`` is the board of the previous period at that time; ``approvals`` are those behind the earlier board,
    and ``posted`` is the day on which it was said to be posted.
    """

    number: int
    before: Ranking
    after: Ranking
    preceding: Ranking | None
    approvals: ApprovalsByMonth
    correction: BoardCorrection | None = None
    mend: BoardMend | None = None
    posted: date | None = None


RevisionsByBoard = Mapping[BoardKey, tuple[Revision, ...]]
ScoredMembersAt = Callable[[Period, Moment, bool], Iterable[ScoredMember]]
"""Function giving the members ranked in a period just before a moment or, if the last argument is true, just after."""


class PastBoards(Struct, frozen=True):
    """The boards of a branch or, with None, of the organ at earlier moments.

    ``results`` and ``settings`` are today's. ``versions`` are those of all months whose corrections may bear on these
    boards; ``current_board`` gives a board of today, None where there is none.
    """

    results: Results
    settings: Settings
    branch: str | None
    versions: VersionsByMonth
    score_members_at: ScoredMembersAt
    current_board: Callable[[Period], Ranking | None]

    def find_approvals_before(self, year: int, moment: Moment) -> Mapping[BranchMonth, Sequence[Approval]]:
        """Return the approvals of a year before a moment, by branch and month."""
        newest = {
            branch_month: _newest_version(versions, moment)
            for branch_month, versions in self.versions.items()
            if branch_month[1].year == year
        }
        return {branch_month: ledger.approvals for branch_month, ledger in newest.items() if ledger}

    def rank_board_at(
        self, period: Period, moment: Moment, approvals: ApprovalsByMonth, *, inclusive: bool, roster: Roster
    ) -> Ranking:
        """Rank a board just before a moment or, if ``inclusive``, just after it; ``approvals`` are those before it.

        ``roster`` is that of the time: of another only the days of joining differ.
        """
        candidates = self.score_members_at(period, moment, inclusive)
        if roster is not self.results.roster:
            members = roster.named_on(period.last).member_by_id
            candidates = [replace(scored, member=members[scored.member.id]) for scored in candidates]
        results = replace(self.results, roster=roster)
        return build_ranking(results, (period, self.branch), candidates, approvals)

    def find_roster_at(self, day: date) -> Roster:
        """Return the roster known on a day; days of joining that were mended on that day are still the wrong ones."""
        roster = self.results.roster
        return next((before for mend, before in roster.earlier_states if mend.order >= day), roster)


def _newest_version(
    versions: Sequence[ScoredLedger], moment: Moment, *, inclusive: bool = False
) -> ScoredLedger | None:
    """Return the version of a month that counted just before a moment or, if ``inclusive``, just after it."""
    earlier = [
        ledger
        for ledger in versions
        if ledger.moment and (ledger.moment < moment or (inclusive and ledger.moment == moment))
    ]
    return earlier[-1] if earlier else None


def list_revisions(past: PastBoards) -> RevisionsByBoard:
    """List every revision by board, oldest first."""
    revisions: dict[BoardKey, list[Revision]] = defaultdict(list)
    for order, earlier, later in _list_corrections(past.versions):
        for revision in _find_revisions(past, order, earlier, later):
            revisions[revision.after.period, revision.after.branch].append(revision)
    if past.settings.posted_mends or past.results.roster.earlier_states:
        for period in list_started_periods(past.results, past.branch):
            board = period, past.branch
            if with_mends := list(_insert_mends(past, period, revisions.get(board, ()))):
                revisions[board] = with_mends
    return {
        board: tuple(replace(revision, number=number) for number, revision in enumerate(of_board, start=1))
        for board, of_board in revisions.items()
    }


def _insert_mends(past: PastBoards, period: Period, corrections: Sequence[Revision]) -> Iterator[Revision]:
    """Yield a board's corrections with the mended days that changed it among them, in the order of time."""
    posted_mends = past.settings.posted_mends.get(period, ())
    rosters = [roster for _, roster in past.results.roster.earlier_states] + [past.results.roster]
    mends: list[tuple[DayMend, MendKind, Roster, Roster]] = [
        (mend, MendKind.POSTED, roster, roster) for mend in posted_mends for roster in [past.find_roster_at(mend.order)]
    ]
    mends += [
        (mend, MendKind.SINCE, before, after)
        for (mend, before), after in zip(past.results.roster.earlier_states, rosters[1:], strict=True)
    ]
    posted = posted_mends[0].was if posted_mends else past.settings.posted.get(period)
    pending = list(corrections)
    for mend, kind, before, after in sorted(mends, key=lambda entry: entry[0].order):
        while pending and pending[0].correction and pending[0].correction.moment[1] <= mend.order:
            yield replace(pending.pop(0), posted=posted)
        following = pending[0].correction if pending else None
        moment = following.moment if following else chronology.LAST_MOMENT
        revision = _make_mend_revision(past, period, moment, (before, after))
        if revision and (kind is MendKind.POSTED or _is_shown_differently(revision.before, revision.after)):
            reads_days = kind is MendKind.POSTED
            board_mend = BoardMend(kind, mend.was, mend.day, mend.reason, mend.on) if reads_days else BoardMend(kind)
            yield replace(revision, mend=board_mend, posted=posted)
        posted = mend.day if kind is MendKind.POSTED else posted
    yield from (replace(revision, posted=posted) for revision in pending)


def _make_mend_revision(
    past: PastBoards, period: Period, moment: Moment, rosters: tuple[Roster, Roster]
) -> Revision | None:
    """Make the revision of a board just before a moment by two rosters; None if it was not complete by the first."""
    approvals = past.find_approvals_before(period.year, moment)
    before, after = (
        past.rank_board_at(period, moment, approvals, inclusive=False, roster=roster) for roster in rosters
    )
    if before.provisional:
        return None
    preceding = _find_preceding_board(past, period, moment, approvals, rosters[0])
    return Revision(number=0, before=before, after=after, preceding=preceding, approvals=approvals)


def _is_shown_differently(before: Ranking, after: Ranking) -> bool:
    """Return whether two boards differ in what they show or decide, or in the months that they lack."""
    marks = ([(standing.partial, standing.last) for standing in board.standings] for board in (before, after))
    first_marks, second_marks = marks
    return is_board_changed(before, after) or before.missing != after.missing or first_marks != second_marks


def _list_corrections(versions: VersionsByMonth) -> list[tuple[int, ScoredLedger, ScoredLedger]]:
    """Return every corrected version with its number in the month and the version before it, in the order of time."""
    corrected = [
        (order, ledgers[order - 1], later)
        for ledgers in versions.values()
        for order, later in enumerate(ledgers)
        if order
    ]
    return sorted(corrected, key=lambda correction: correction[2].moment or chronology.LAST_MOMENT)


def _find_revisions(past: PastBoards, order: int, earlier: ScoredLedger, later: ScoredLedger) -> Iterator[Revision]:
    """Yield the revisions that one correction brought."""
    (branch, month), moment = later.branch_month, later.moment
    assert moment is not None  # drafts are no versions
    assert later.correction_kind is not None
    approvals, roster = past.find_approvals_before(month.year, moment), past.find_roster_at(moment[1])
    # The board before is ranked with today's roster: a corrected roll counts as a change even where none shows.
    is_roll_changed = earlier.approvals[-1].roll != later.approvals[-1].roll and past.branch in {None, branch}
    for period in _list_complete_periods(past, month.year, approvals, roster):
        before, after = (
            past.rank_board_at(period, moment, approvals, inclusive=inclusive, roster=roster)
            for inclusive in (False, True)
        )
        if (is_roll_changed and month in period) or is_board_changed(before, after):
            yield Revision(
                number=0,
                before=before,
                after=after,
                preceding=_find_preceding_board(past, period, moment, approvals, roster),
                approvals=approvals,
                correction=BoardCorrection(
                    later.correction_kind, later.approvals[-1], later.branch_month, order, moment
                ),
                posted=past.settings.posted.get(period),
            )


def _list_complete_periods(
    past: PastBoards, year: int, approvals: ApprovalsByMonth, roster: Roster
) -> Iterator[Period]:
    """Yield the periods of the year's boards that were complete with these approvals."""
    results, scope = past.results, Scope.ORGAN if past.branch is None else Scope.BRANCH
    for period in list_year_board_periods(results.rulebooks[year], year, scope):
        months = results.rulebooks[year].term.months_of(period)
        if not missing_months.find_missing_months(roster, approvals, months, past.branch, results.today):
            yield period


def is_board_changed(before: Ranking, after: Ranking) -> bool:
    """Return whether the members on two boards, or a rank, points or total of theirs, differ."""
    return _comparable_rows(before) != _comparable_rows(after)


def _comparable_rows(ranking: Ranking) -> object:
    return [
        (standing.member.id, standing.rank, standing.score.points, standing.score.total)
        for standing in ranking.standings
    ]


def _find_preceding_board(
    past: PastBoards, period: Period, moment: Moment, approvals: ApprovalsByMonth, roster: Roster
) -> Ranking | None:
    """Return the board of the previous period: at that moment if of the same year, today's if of the year before."""
    previous = previous_period(period)
    if previous.year != period.year:
        return past.current_board(previous)
    approved = {month for branch_id, month in approvals if past.branch in {None, branch_id}}
    if approved.isdisjoint(months_of(previous)):
        return None
    return past.rank_board_at(previous, moment, approvals, inclusive=False, roster=roster)


# --- a branch's results at earlier moments ---------------------------------------------------------------------------


class PastResults(Struct):
    """Results at earlier moments, from the versions of all months that bear on them.

    Each distinct state is tallied once.
    """

    results: Results
    settings: Settings
    versions: VersionsByMonth
    _tallies: dict[tuple[int, tuple[int, ...]], Mapping[str, Tally]] = field(default_factory=dict)

    def compute_results_at(self, year: int, moment: Moment, *, inclusive: bool) -> Results:
        """Compute the results of a year just before a moment or, if ``inclusive``, just after it."""
        of_year = [versions for branch_month, versions in self.versions.items() if branch_month[1].year == year]
        newest = [ledger for versions in of_year if (ledger := _newest_version(versions, moment, inclusive=inclusive))]
        # The versions live as long as this object, so that their ids identify a state.
        state = year, tuple(map(id, newest))
        if state not in self._tallies:
            self._tallies[state] = tally_year(
                newest, self.results.roster, self.results.rulebooks[year], self.results.roster.member_by_id
            )
        months = frozenset(ledger.branch_month for ledger in newest)
        return replace(
            self.results, tallies={year: self._tallies[state]}, approved_months=months, counted_months=months
        )

    def make_past_boards(self, branch: str) -> PastBoards:
        """Return the boards of a branch at these moments."""

        def score_members_at(period: Period, moment: Moment, inclusive: bool) -> Iterable[ScoredMember]:  # noqa: FBT001
            return score_members(self.compute_results_at(period.year, moment, inclusive=inclusive), period, branch)

        def current_board(period: Period) -> Ranking | None:
            has_ledger = any((branch, month) in self.results.counted_months for month in months_of(period))
            return rank_board(self.results, period, branch) if has_ledger else None

        return PastBoards(self.results, self.settings, branch, self.versions, score_members_at, current_board)

    def score_branch_members_before(self, period: Period, moment: Moment, branch: str) -> list[ScoredMember]:
        """Return the members who were ranked in the organ as a branch's just before a moment, with their scores."""
        return score_branch_members(self.compute_results_at(period.year, moment, inclusive=False), period, branch)

    def find_relevant_moments(self, period: Period, branch: str) -> Iterator[Moment]:
        """Yield the moments, in order, after which the organ's ranking of a period may have become another.

        Only those are listed at which the branch's months of the period, or of the next, were complete: before, no
        board of the organ was complete that could have been revised.
        """
        approved = {
            month: versions[0].moment for (branch_id, month), versions in self.versions.items() if branch_id == branch
        }
        moments = sorted(
            ledger.moment
            for (_, month), versions in self.versions.items()
            if month.year == period.year and month.last <= period.last
            for ledger in versions
            if ledger.moment
        )
        # The next period counts as well: its revised boards show this one as the board before.
        rosters = [self.results.roster, *(roster for _, roster in self.results.roster.earlier_states)]
        bounds = [
            self._find_completion(approved, candidate, branch, roster)
            for candidate in (period, next_period(period))
            if candidate.year == period.year
            for roster in rosters
        ]
        return (moment for moment in moments if any(bound is not None and bound < moment for bound in bounds))

    def _find_completion(
        self, approved: Mapping[Period, Moment | None], period: Period, branch: str, roster: Roster
    ) -> Moment | None:
        """Return when the last month of a period that the branch had members in was approved; None if one is missing.

        A month without members may be approved at any later time: no board waits for it.
        """
        today = self.results.today
        branch_months = [(branch, month) for month in approved]
        months = self.results.rulebooks[period.year].term.months_of(period)
        if missing_months.find_missing_months(roster, branch_months, months, branch, today):
            return None
        needed = (month for month in approved if month in period and roster.has_members_in(branch, month))
        return max((moment for month in needed if (moment := approved[month])), default=chronology.FIRST_MOMENT)


def score_branch_members(results: Results, period: Period, branch: str) -> list[ScoredMember]:
    """Return the members who are ranked in the organ as a branch's, with their scores."""
    return [scored for scored in score_members(results, period, None) if scored.branch == branch]
