"""What each correction changed on boards that were complete by then: the board before it and after it.

The numbers that approvals are given in their organ say what came before what, so that a revision keeps its number and
its address whatever is approved later. The roster is today's: where it was corrected along with a month, a board before
that shows the corrected roster too; it counts as changed all the same.
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
from generator.core.scoring import results as scored
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.branch_scores import ScoredLedger, VersionsByMonth
from generator.core.scoring.chronology import Moment
from generator.core.scoring.ranking import ScoredMember
from generator.core.scoring.results import BoardKey, Results


class Revision(Struct, frozen=True):
    """A board's change by one correction: the board's ``number``-th, ``order``-th of the month it corrects.

    ``preceding`` is the board of the period before as it stood then; ``approvals`` are what the earlier board rests on,
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
"""Who was ranked in a period just before a moment, or just after it."""


class PastBoards(Struct, frozen=True):
    """The boards of a branch or, with None, of the organ as they were at earlier moments.

    ``results`` are today's. ``versions`` are those of all months whose corrections may bear on these boards;
    ``current`` gives a board as it is now, None where there is none.
    """

    results: Results
    branch: str | None
    versions: VersionsByMonth
    score_members_at: ScoredMembersAt
    current_board: Callable[[Period], Ranking | None]

    def find_approvals_before(self, year: int, moment: Moment) -> Mapping[BranchMonth, Sequence[Approval]]:
        """The approvals of a year before a moment, by branch and month."""
        known = {key: _newest(versions, moment) for key, versions in self.versions.items() if key[1].year == year}
        return {key: one.approvals for key, one in known.items() if one}

    def rank_board_at(self, stretch: Period, moment: Moment, known: ApprovalsByMonth, *, inclusive: bool) -> Ranking:
        """A board just before a moment, or just after it; ``known`` are the approvals before it."""
        candidates = self.score_members_at(stretch, moment, inclusive)
        return scored.build_ranking(self.results, (stretch, self.branch), candidates, known)


def _newest(versions: Sequence[ScoredLedger], moment: Moment, *, including: bool = False) -> ScoredLedger | None:
    """The version of a month that counted just before a moment, or just after it."""
    there = [one for one in versions if one.moment and (one.moment < moment or (including and one.moment == moment))]
    return there[-1] if there else None


def list_revisions(past: PastBoards) -> RevisionsByBoard:
    """List every revision by board, oldest first."""
    revised: dict[BoardKey, list[Revision]] = defaultdict(list)
    for order, earlier, later in _corrections(past.versions):
        for revision in _revised(past, order, earlier, later):
            board = revision.after.period, revision.after.branch
            revised[board].append(replace(revision, number=len(revised[board]) + 1))
    return {board: tuple(each) for board, each in revised.items()}


def _corrections(versions: VersionsByMonth) -> list[tuple[int, ScoredLedger, ScoredLedger]]:
    """Every corrected version of every month, with its number and the version before it, in the order of time."""
    corrected = [
        (order, months_[order - 1], later)
        for months_ in versions.values()
        for order, later in enumerate(months_)
        if order
    ]
    return sorted(corrected, key=lambda one: one[2].moment or chronology.LAST_MOMENT)


def _revised(past: PastBoards, order: int, earlier: ScoredLedger, later: ScoredLedger) -> Iterator[Revision]:
    """The revisions that one correction brought."""
    (branch, month), moment = later.branch_month, later.moment
    assert moment is not None  # drafts are no versions
    assert later.correction_kind is not None
    known = past.find_approvals_before(month.year, moment)
    rerolled = earlier.approvals[-1].roll != later.approvals[-1].roll and past.branch in {None, branch}
    for stretch in _complete(past, month.year, known):
        old, new = (past.rank_board_at(stretch, moment, known, inclusive=including) for including in (False, True))
        if (rerolled and month in stretch) or is_board_changed(old, new):
            yield Revision(
                number=0,
                before=old,
                after=new,
                preceding=_preceding(past, stretch, moment, known),
                approvals=known,
                kind=later.correction_kind,
                approval=later.approvals[-1],
                corrected=later.branch_month,
                order=order,
            )


def _complete(past: PastBoards, year: int, known: ApprovalsByMonth) -> Iterator[Period]:
    """The periods of the year's boards that were complete with these approvals."""
    results, scope = past.results, Scope.ORGAN if past.branch is None else Scope.BRANCH
    for stretch in scored.list_year_board_periods(results.rulebooks[year], year, scope):
        if not missing_months.find_missing_months(results.roster, known, stretch, past.branch, results.today):
            yield stretch


def is_board_changed(one: Ranking, other: Ranking) -> bool:
    """Whether anybody's rank, points or total differs on two boards, or who is on them."""
    return _figures(one) != _figures(other)


def _figures(ranking: Ranking) -> object:
    return [(one.member.id, one.rank, one.score.points, one.score.total) for one in ranking.standings]


def _preceding(past: PastBoards, stretch: Period, moment: Moment, known: ApprovalsByMonth) -> Ranking | None:
    """The board of the period before: of the same year as it stood then, of the year before as it stands."""
    last = previous_period(stretch)
    if last.year != stretch.year:
        return past.current_board(last)
    there = {month for home, month in known if past.branch in {None, home}}
    return past.rank_board_at(last, moment, known, inclusive=False) if there.intersection(months_of(last)) else None


# --- the states of a branch ------------------------------------------------------------------------------------------


class PastResults(Struct):
    """Everybody's results at earlier moments, from the versions of all months that bear on them.

    Each distinct state is tallied once.
    """

    results: Results
    versions: VersionsByMonth
    _tallied: dict[tuple[int, tuple[int, ...]], Mapping[str, Tally]] = field(default_factory=dict)

    def compute_results_at(self, year: int, moment: Moment, *, inclusive: bool) -> Results:
        """The results of a year just before a moment, or just after it."""
        of_year = [versions for key, versions in self.versions.items() if key[1].year == year]
        newest = [one for versions in of_year if (one := _newest(versions, moment, including=inclusive))]
        state = year, tuple(map(id, newest))
        if state not in self._tallied:
            self._tallied[state] = scored.tally_year(newest, self.results.roster, self.results.rulebooks[year])
        keys = frozenset(one.branch_month for one in newest)
        return replace(self.results, tallies={year: self._tallied[state]}, approved_months=keys, counted_months=keys)

    def make_past_boards(self, branch: str) -> PastBoards:
        """The boards of a branch at these moments."""

        def candidates(stretch: Period, moment: Moment, including: bool) -> Iterable[ScoredMember]:  # noqa: FBT001
            return scored.score_members(
                self.compute_results_at(stretch.year, moment, inclusive=including), stretch, branch
            )

        def current(stretch: Period) -> Ranking | None:
            there = any((branch, month) in self.results.counted_months for month in months_of(stretch))
            return scored.rank_board(self.results, stretch, branch) if there else None

        return PastBoards(self.results, branch, self.versions, candidates, current)

    def score_branch_members_before(self, stretch: Period, moment: Moment, branch: str) -> list[ScoredMember]:
        """Who was ranked in the organ as a branch's just before a moment."""
        return score_branch_members(self.compute_results_at(stretch.year, moment, inclusive=False), stretch, branch)

    def find_relevant_moments(self, stretch: Period, branch: str) -> Iterator[Moment]:
        """The moments, in order, after which what the organ ranked in a period may have become another.

        Only those are listed at which the branch's months of the period, or of the next, were complete: before, no
        board of the organ was complete that could have been revised.
        """
        approved = {month: versions[0].moment for (home, month), versions in self.versions.items() if home == branch}
        every = sorted(
            one.moment
            for (_, month), versions in self.versions.items()
            if month.year == stretch.year and month.last <= stretch.last
            for one in versions
            if one.moment
        )
        bounds = [
            self._completed(approved, each, branch)
            for each in (stretch, next_period(stretch))
            if each.year == stretch.year
        ]
        return (moment for moment in every if any(bound is not None and bound < moment for bound in bounds))

    def _completed(self, approved: Mapping[Period, Moment | None], stretch: Period, branch: str) -> Moment | None:
        """When the last month of a period that the branch had members in was approved; None if one is missing.

        A month without members may be approved at any later time: no board waits for it.
        """
        roster, today = self.results.roster, self.results.today
        known = [(branch, month) for month in approved]
        if missing_months.find_missing_months(roster, known, stretch, branch, today):
            return None
        needed = (month for month in approved if month in stretch and roster.has_members_in(branch, month))
        return max((moment for month in needed if (moment := approved[month])), default=chronology.FIRST_MOMENT)


def score_branch_members(results: Results, stretch: Period, branch: str) -> list[ScoredMember]:
    """Who is ranked in the organ as a branch's."""
    return [one for one in scored.score_members(results, stretch, None) if one.branch == branch]
