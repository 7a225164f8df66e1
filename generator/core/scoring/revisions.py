"""Revisions of boards: for each correction, the boards that were complete by then, before it and after it.

The serial numbers of approvals give the order in time, so that a revision keeps its number and its address whatever is
approved later. The roster is today's: where it was corrected along with a month, a board before that shows the
corrected roster too; it counts as changed all the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import Period, months_of, next_period, previous_period
from generator.core.model.ledger import Approval, BranchMonth, CorrectionKind
from generator.core.model.rulebook import Scope
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
    list_year_board_periods,
    rank_board,
    score_members,
    tally_year,
)


class Revision(Struct, frozen=True):
    """A board's change by one correction: the board's ``number``-th, ``order``-th of the month it corrects.

    ``preceding`` is the board of the previous period at that time; ``approvals`` are those behind the earlier board,
    and ``approval`` is the correction's.
    """

    number: int
    before: Ranking
    after: Ranking
    preceding: Ranking | None
    approvals: ApprovalsByMonth
    kind: CorrectionKind
    approval: Approval
    corrected: BranchMonth
    order: int


RevisionsByBoard = Mapping[BoardKey, tuple[Revision, ...]]
ScoredMembersAt = Callable[[Period, Moment, bool], Iterable[ScoredMember]]
"""Function giving the members ranked in a period just before a moment or, if the last argument is true, just after."""


class PastBoards(Struct, frozen=True):
    """The boards of a branch or, with None, of the organ at earlier moments.

    ``results`` are today's. ``versions`` are those of all months whose corrections may bear on these boards;
    ``current_board`` gives a board of today, None where there is none.
    """

    results: Results
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

    def rank_board_at(self, period: Period, moment: Moment, approvals: ApprovalsByMonth, *, inclusive: bool) -> Ranking:
        """Rank a board just before a moment or, if ``inclusive``, just after it; ``approvals`` are those before it."""
        candidates = self.score_members_at(period, moment, inclusive)
        return build_ranking(self.results, (period, self.branch), candidates, approvals)


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
            board = revision.after.period, revision.after.branch
            revisions[board].append(replace(revision, number=len(revisions[board]) + 1))
    return {board: tuple(of_board) for board, of_board in revisions.items()}


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
    approvals = past.find_approvals_before(month.year, moment)
    # The board before is ranked with today's roster: a corrected roll counts as a change even where none shows.
    is_roll_changed = earlier.approvals[-1].roll != later.approvals[-1].roll and past.branch in {None, branch}
    for period in _list_complete_periods(past, month.year, approvals):
        before, after = (
            past.rank_board_at(period, moment, approvals, inclusive=inclusive) for inclusive in (False, True)
        )
        if (is_roll_changed and month in period) or is_board_changed(before, after):
            yield Revision(
                number=0,
                before=before,
                after=after,
                preceding=_find_preceding_board(past, period, moment, approvals),
                approvals=approvals,
                kind=later.correction_kind,
                approval=later.approvals[-1],
                corrected=later.branch_month,
                order=order,
            )


def _list_complete_periods(past: PastBoards, year: int, approvals: ApprovalsByMonth) -> Iterator[Period]:
    """Yield the periods of the year's boards that were complete with these approvals."""
    results, scope = past.results, Scope.ORGAN if past.branch is None else Scope.BRANCH
    for period in list_year_board_periods(results.rulebooks[year], year, scope):
        if not missing_months.find_missing_months(results.roster, approvals, period, past.branch, results.today):
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
    past: PastBoards, period: Period, moment: Moment, approvals: ApprovalsByMonth
) -> Ranking | None:
    """Return the board of the previous period: at that moment if of the same year, today's if of the year before."""
    previous = previous_period(period)
    if previous.year != period.year:
        return past.current_board(previous)
    approved = {month for branch_id, month in approvals if past.branch in {None, branch_id}}
    if approved.isdisjoint(months_of(previous)):
        return None
    return past.rank_board_at(previous, moment, approvals, inclusive=False)


# --- a branch's results at earlier moments ---------------------------------------------------------------------------


class PastResults(Struct):
    """Results at earlier moments, from the versions of all months that bear on them.

    Each distinct state is tallied once.
    """

    results: Results
    versions: VersionsByMonth
    _tallies: dict[tuple[int, tuple[int, ...]], Mapping[str, Tally]] = field(default_factory=dict)

    def compute_results_at(self, year: int, moment: Moment, *, inclusive: bool) -> Results:
        """Compute the results of a year just before a moment or, if ``inclusive``, just after it."""
        of_year = [versions for branch_month, versions in self.versions.items() if branch_month[1].year == year]
        newest = [ledger for versions in of_year if (ledger := _newest_version(versions, moment, inclusive=inclusive))]
        # The versions live as long as this object, so that their ids identify a state.
        state = year, tuple(map(id, newest))
        if state not in self._tallies:
            self._tallies[state] = tally_year(newest, self.results.roster, self.results.rulebooks[year])
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

        return PastBoards(self.results, branch, self.versions, score_members_at, current_board)

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
        bounds = [
            self._find_completion(approved, candidate, branch)
            for candidate in (period, next_period(period))
            if candidate.year == period.year
        ]
        return (moment for moment in moments if any(bound is not None and bound < moment for bound in bounds))

    def _find_completion(self, approved: Mapping[Period, Moment | None], period: Period, branch: str) -> Moment | None:
        """Return when the last month of a period that the branch had members in was approved; None if one is missing.

        A month without members may be approved at any later time: no board waits for it.
        """
        roster, today = self.results.roster, self.results.today
        branch_months = [(branch, month) for month in approved]
        if missing_months.find_missing_months(roster, branch_months, period, branch, today):
            return None
        needed = (month for month in approved if month in period and roster.has_members_in(branch, month))
        return max((moment for month in needed if (moment := approved[month])), default=chronology.FIRST_MOMENT)


def score_branch_members(results: Results, period: Period, branch: str) -> list[ScoredMember]:
    """Return the members who are ranked in the organ as a branch's, with their scores."""
    return [scored for scored in score_members(results, period, None) if scored.branch == branch]
