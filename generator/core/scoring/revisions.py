"""What each correction changed on boards that were complete by then: the board before it and after it.

The numbers that approvals are given in their organ say what came before what, so that a revision keeps its number and
its address whatever is approved later. The roster is today's: where it was corrected along with a month, a board before
that shows the corrected roster too; it counts as changed all the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import Period, after, before, months
from generator.core.model.ledger import Approval, Cause, Key
from generator.core.model.rulebook import Scope
from generator.core.model.tally import Ranking, Tally
from generator.core.scoring import chronology, missing_months
from generator.core.scoring import results as scored
from generator.core.scoring.approval_sources import Approvals
from generator.core.scoring.branch_scores import ScoredLedger, Versions
from generator.core.scoring.chronology import Moment
from generator.core.scoring.ranking import Candidate
from generator.core.scoring.results import Board, Results


class Revision(Struct, frozen=True):
    """A board's change by one correction: the board's ``number``-th, ``order``-th of the month it corrects.

    ``preceding`` is the board of the period before as it stood then; ``approvals`` are what the earlier board rests on,
    and ``approval`` is the correction's.
    """

    number: int
    before: Ranking
    after: Ranking
    preceding: Ranking | None
    approvals: Approvals
    kind: Cause
    approval: Approval
    corrected: Key
    order: int


Revisions = Mapping[Board, tuple[Revision, ...]]
CandidatesAt = Callable[[Period, Moment, bool], Iterable[Candidate]]
"""Who was ranked in a period just before a moment, or just after it."""


class Past(Struct, frozen=True):
    """The boards of a branch or, with None, of the organ as they were at earlier moments.

    ``results`` are today's. ``versions`` are those of all months whose corrections may bear on these boards;
    ``current`` gives a board as it is now, None where there is none.
    """

    results: Results
    branch: str | None
    versions: Versions
    candidates: CandidatesAt
    current: Callable[[Period], Ranking | None]

    def approvals(self, year: int, moment: Moment) -> Mapping[Key, Sequence[Approval]]:
        """The approvals of a year before a moment, by branch and month."""
        known = {key: _newest(versions, moment) for key, versions in self.versions.items() if key[1].year == year}
        return {key: one.approvals for key, one in known.items() if one}

    def board(self, stretch: Period, moment: Moment, known: Approvals, *, including: bool) -> Ranking:
        """A board just before a moment, or just after it; ``known`` are the approvals before it."""
        candidates = self.candidates(stretch, moment, including)
        return scored.ranked(self.results, (stretch, self.branch), candidates, known)


def _newest(versions: Sequence[ScoredLedger], moment: Moment, *, including: bool = False) -> ScoredLedger | None:
    """The version of a month that counted just before a moment, or just after it."""
    there = [one for one in versions if one.moment and (one.moment < moment or (including and one.moment == moment))]
    return there[-1] if there else None


def revisions(past: Past) -> Revisions:
    """List every revision by board, oldest first."""
    revised: dict[Board, list[Revision]] = defaultdict(list)
    for order, earlier, later in _corrections(past.versions):
        for revision in _revised(past, order, earlier, later):
            board = revision.after.period, revision.after.branch
            revised[board].append(replace(revision, number=len(revised[board]) + 1))
    return {board: tuple(each) for board, each in revised.items()}


def _corrections(versions: Versions) -> list[tuple[int, ScoredLedger, ScoredLedger]]:
    """Every corrected version of every month, with its number and the version before it, in the order of time."""
    corrected = [
        (order, months_[order - 1], later)
        for months_ in versions.values()
        for order, later in enumerate(months_)
        if order
    ]
    return sorted(corrected, key=lambda one: one[2].moment or chronology.LAST)


def _revised(past: Past, order: int, earlier: ScoredLedger, later: ScoredLedger) -> Iterator[Revision]:
    """The revisions that one correction brought."""
    (branch, month), moment = later.key, later.moment
    assert moment is not None  # drafts are no versions
    assert later.kind is not None
    known = past.approvals(month.year, moment)
    rerolled = earlier.approvals[-1].roll != later.approvals[-1].roll and past.branch in {None, branch}
    for stretch in _complete(past, month.year, known):
        old, new = (past.board(stretch, moment, known, including=including) for including in (False, True))
        if (rerolled and month in stretch) or differ(old, new):
            yield Revision(
                number=0,
                before=old,
                after=new,
                preceding=_preceding(past, stretch, moment, known),
                approvals=known,
                kind=later.kind,
                approval=later.approvals[-1],
                corrected=later.key,
                order=order,
            )


def _complete(past: Past, year: int, known: Approvals) -> Iterator[Period]:
    """The periods of the year's boards that were complete with these approvals."""
    results, scope = past.results, Scope.ORGAN if past.branch is None else Scope.BRANCH
    for stretch in scored.boards_of(results.rulebooks[year], year, scope):
        if not missing_months.missing(results.roster, known, stretch, past.branch, results.today):
            yield stretch


def differ(one: Ranking, other: Ranking) -> bool:
    """Whether anybody's rank, points or total differs on two boards, or who is on them."""
    return _figures(one) != _figures(other)


def _figures(ranking: Ranking) -> object:
    return [(one.member.id, one.rank, one.score.points, one.score.total) for one in ranking.standings]


def _preceding(past: Past, stretch: Period, moment: Moment, known: Approvals) -> Ranking | None:
    """The board of the period before: of the same year as it stood then, of the year before as it stands."""
    last = before(stretch)
    if last.year != stretch.year:
        return past.current(last)
    there = {month for home, month in known if past.branch in {None, home}}
    return past.board(last, moment, known, including=False) if there.intersection(months(last)) else None


# --- the states of a branch ------------------------------------------------------------------------------------------


class States(Struct):
    """Everybody's results at earlier moments, from the versions of all months that bear on them.

    Each distinct state is tallied once.
    """

    results: Results
    versions: Versions
    _tallied: dict[tuple[int, tuple[int, ...]], Mapping[str, Tally]] = field(default_factory=dict)

    def at(self, year: int, moment: Moment, *, including: bool) -> Results:
        """The results of a year just before a moment, or just after it."""
        of_year = [versions for key, versions in self.versions.items() if key[1].year == year]
        newest = [one for versions in of_year if (one := _newest(versions, moment, including=including))]
        state = year, tuple(map(id, newest))
        if state not in self._tallied:
            self._tallied[state] = scored.tally(newest, self.results.roster, self.results.rulebooks[year])
        keys = frozenset(one.key for one in newest)
        return replace(self.results, tallies={year: self._tallied[state]}, approved=keys, scored=keys)

    def past(self, branch: str) -> Past:
        """The boards of a branch at these moments."""

        def candidates(stretch: Period, moment: Moment, including: bool) -> Iterable[Candidate]:  # noqa: FBT001
            return scored.candidates(self.at(stretch.year, moment, including=including), stretch, branch)

        def current(stretch: Period) -> Ranking | None:
            there = any((branch, month) in self.results.scored for month in months(stretch))
            return scored.rank(self.results, stretch, branch) if there else None

        return Past(self.results, branch, self.versions, candidates, current)

    def share(self, stretch: Period, moment: Moment, branch: str) -> list[Candidate]:
        """Who was ranked in the organ as a branch's just before a moment."""
        return share(self.at(stretch.year, moment, including=False), stretch, branch)

    def bearing(self, stretch: Period, branch: str) -> Iterator[Moment]:
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
            self._completed(approved, each, branch) for each in (stretch, after(stretch)) if each.year == stretch.year
        ]
        return (moment for moment in every if any(bound is not None and bound < moment for bound in bounds))

    def _completed(self, approved: Mapping[Period, Moment | None], stretch: Period, branch: str) -> Moment | None:
        """When the last month of a period that the branch had members in was approved; None if one is missing.

        A month without members may be approved at any later time: no board waits for it.
        """
        roster, today = self.results.roster, self.results.today
        known = [(branch, month) for month in approved]
        if missing_months.missing(roster, known, stretch, branch, today):
            return None
        needed = (month for month in approved if month in stretch and roster.peopled(branch, month))
        return max((moment for month in needed if (moment := approved[month])), default=chronology.FIRST)


def share(results: Results, stretch: Period, branch: str) -> list[Candidate]:
    """Who is ranked in the organ as a branch's."""
    return [one for one in scored.candidates(results, stretch, None) if one.branch == branch]
