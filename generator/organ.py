"""Summaries of all branches → what is the whole organ's: its boards, their revisions, the audit, everybody's places."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from generator.core import (
    accounts,
    audit,
    boards,
    bulletins,
    coverage,
    places,
    ranking,
    results,
    revisions,
    seal,
    sources,
    states,
)
from generator.core.audit import Audit, Cast, Journal
from generator.core.ground import Ground
from generator.core.model import Approval, Cause, Key, Ranking, Roster, Scope, Score
from generator.core.periods import Period, before, months
from generator.core.places import Place
from generator.core.ranking import Candidate
from generator.core.results import Rankings, Results
from generator.core.revisions import Moment, Point, Revision, Revisions
from generator.core.sealedfiles import Seal, copied
from generator.core.settings import Audience
from generator.render import pages
from generator.render.editions import Edition, board_path, branch_path, member_path
from generator.render.search import Named
from generator.shards import Frame
from generator.summaries import Figures, Summary
from generator.urn import Urn

Shares = Sequence[tuple[str, Sequence[Figures]]]  # of a ranking, by branch
Told = Mapping[Point, Shares]
History = Callable[[Sequence[Point]], Sequence[Shares]]


class Organ(Struct, frozen=True, dict=True):
    """All branches together, by id in roster order, under what bears on all of them."""

    frame: Frame
    summaries: Mapping[str, Summary]
    urn: Urn
    approvers: str | None
    today: date

    @property
    def roster(self) -> Roster:
        """Everybody."""
        return self.frame.roster

    @cached_property
    def scored(self) -> frozenset[Key]:
        """Every branch-month that counts."""
        return frozenset((branch, Period.named(name)) for branch, one in self.summaries.items() for name in one.scored)

    @cached_property
    def begun(self) -> tuple[Period, ...]:
        """The months that anybody has scored."""
        return results.begun(self.scored)

    @cached_property
    def accounts(self) -> Mapping[str, Sequence[Period]]:
        """By member who has an account, the months of it."""
        touched = {
            member: frozenset(map(Period.named, months))
            for one in self.summaries.values()
            for member, months in one.touched.items()
        }
        found = accounts.accounted(self.roster.members, touched, self.begun)
        return {member.id: present for member, present in found}

    def paths(self, audiences: Container[Audience]) -> Mapping[str, Sequence[str]]:
        """By branch, the paths of its pages for these readers."""
        found = {
            branch: [path for path, audience in one.pages.items() if audience in audiences]
            for branch, one in self.summaries.items()
        }
        for member, present in self.accounts.items() if Audience.MEMBER in audiences else ():
            found[self.roster.member[member].home] += pages.member_paths(member, accounts.years(present))
        return found

    def approvals(self) -> Mapping[Key, Sequence[Approval]]:
        """Every approval by branch and month, as far as boards rest on it."""
        return {
            (branch, Period.named(name)): found
            for branch, one in self.summaries.items()
            for name, found in one.approvals.items()
        }


def copies(found: Sequence[Summary]) -> Mapping[str, Mapping[str, str]]:
    """By branch, the files whose approval was copied from another branch's, each with the one it was copied from."""
    seals = sorted(
        ((_folder(one), summary.branch, one) for summary in found for one in summary.seals), key=lambda each: each[0]
    )
    wrong = copied([one for _, _, one in seals])
    by_branch: dict[str, dict[str, str]] = defaultdict(dict)
    for _, branch, one in seals:
        if one.file in wrong:
            by_branch[branch][one.file] = wrong[one.file]
    return by_branch


def _folder(one: Seal) -> list[str]:
    return one.file.split("/")[:-1]


def ground(organ: Organ, history: History) -> Ground:
    """What the organ's boards are made from; ``history`` tells what it ranked at earlier moments."""
    approvals, roster = organ.approvals(), organ.roster
    chains = {
        branch: seal.chain([each for found in one.approvals.values() for each in found])
        for branch, one in organ.summaries.items()
    }
    known = Results(roster, organ.frame.rulebooks, {}, frozenset(approvals), organ.scored, organ.today)
    ranked = _Ranked(organ, known)
    rankings: Rankings = {(stretch, None): ranked.now(stretch) for stretch in _begun(known)}
    moments = revisions.moments(chains, {found[0].digest for found in approvals.values()}, roster)
    revised = _Revised(organ, ranked, approvals, moments)
    return Ground(
        results=known,
        rankings=rankings,
        approvals=approvals,
        chains=chains,
        naming=organ.frame.settings.names,
        notices=states.notices(
            roster, known.rulebooks, approvals, organ.frame.settings, organ.today, scopes=frozenset({None})
        ),
        revisions=revised.all(history),
        amendments=(),
        begun=organ.begun,
        members=(),
        places={},
    )


def edition(organ: Organ, made: Ground, *, preview: bool) -> Edition:
    """All that the organ's pages are made of."""
    years = {month.year for _, month in made.results.scored}
    return Edition(
        settings=organ.frame.settings,
        branches=organ.roster.branch,
        members=organ.roster.member,
        rulebooks=organ.frame.rulebooks,
        boards=boards.boards(made),
        superseded=boards.superseded(made),
        bulletins=bulletins.bulletins(made),
        latest=max((year for year in years if organ.frame.rulebooks[year].boards), default=None),
        accounts=(),
        emptied={
            (branch, Period.named(name)): after
            for branch, one in organ.summaries.items()
            for name, after in one.emptied.items()
        },
        journal=Journal((), (), (), (), Cast((), ())),
        audit=_audit(organ, made),
        articles=organ.frame.articles,
        sheets=(),
        preview=preview,
    )


def _audit(organ: Organ, made: Ground) -> Audit:
    homes = list(organ.roster.branch)
    summaries = organ.summaries.values()
    filings = [one for each in summaries for one in each.filings]
    undone = [one for each in sorted(summaries, key=lambda each: each.branch) for one in each.withdrawals]
    return Audit(
        approvals=sources.unsigned(sources.approved(made.approvals, homes)),
        filings=tuple(sorted(filings, key=lambda one: (str(one.period), homes.index(one.branch)))),
        withdrawals=tuple(sorted(undone, key=lambda one: one.month.year)),
        endorsed=audit.endorsed([slip for slip, _ in organ.urn.approvals]),
        retracted=audit.retracted(organ.urn.retractions),
        heads={branch: chain[-1].digest for branch, chain in made.chains.items() if chain},
        approvers=organ.approvers and seal.approvers(organ.approvers),
    )


# --- what others have to know ----------------------------------------------------------------------------------------


def elsewhere(organ: Organ, made: Ground) -> Mapping[str, Mapping[str, Sequence[Place]]]:
    """By branch, the places of its members on boards other than its own, as far as their pages show them."""
    found: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
    shown = {board: ranking for board, ranking in made.rankings.items() if places.lasts(ranking)}
    for member, own in places.places(made.results, shown).items():
        found[organ.roster.member[member].home][member] += own
    for one in organ.summaries.values():
        for member, own in one.guests.items():
            found[organ.roster.member[member].home][member] += own
    return found


def named(organ: Organ, made: Edition, built: Container[str]) -> Named:
    """Who stands on a page of the site, each with the branch by the newest of these, and a page where he is found."""
    found = {
        ident: (accounts.home(organ.roster.member[ident], present), path)
        for ident, present in organ.accounts.items()
        if (path := member_path(ident)) in built
    }
    newest: dict[str, tuple[date, str, str]] = {}
    for board in made.boards:
        path = board_path(board.period, board.branch)
        for row in board.rows if path in built else ():
            if row.member and row.member not in found and newest.get(row.member, _NEVER)[0] <= board.period.last:
                newest[row.member] = board.period.last, row.branch, path
    for branch, one in organ.summaries.items():
        path = branch_path(branch)
        for member, day in one.named.items() if path in built else ():
            if member not in found and newest.get(member, _NEVER)[0] <= day:
                newest[member] = day, branch, path
    return found | {member: (branch, path) for member, (_, branch, path) in newest.items()}


_NEVER = (date.min,)


# --- rankings now and then -------------------------------------------------------------------------------------------


class _Ranked(Struct, frozen=True):
    """The organ's rankings, from what each branch has of them."""

    organ: Organ
    results: Results

    def now(self, stretch: Period) -> Ranking:
        """The ranking as it stands."""
        found = [(branch, one.figures.get(str(stretch), ())) for branch, one in self.organ.summaries.items()]
        return self.of(stretch, found, self.results.approved)

    def of(self, stretch: Period, found: Shares, known: Container[Key]) -> Ranking:
        """A ranking of these figures by branch; what it lacks is told by what was approved by then."""
        ties = self.organ.frame.rulebooks[stretch.year].ties
        shares = {one.member: (branch, one) for branch, figures in found for one in figures}
        candidates = [
            Candidate(member, branch, Score(one.points, one.total, {}, one.vetoed))
            for member in self.organ.roster.listed[None]
            if member.id in shares
            for branch, one in [shares[member.id]]
        ]
        missing = coverage.missing(self.organ.roster, known, stretch, None, self.organ.today)
        return Ranking(stretch, None, missing, ranking.rank(candidates, stretch, ties))


def _begun(known: Results) -> Iterator[Period]:
    """The periods that the organ ranks and in which anything is scored."""
    scored = {month for _, month in known.scored}
    for stretch in results.ranked(known.rulebooks, Scope.ORGAN):
        if any(month in scored for month in months(stretch)):
            yield stretch


class _Correction(Struct, frozen=True):
    """The ``order``-th correction of a branch's month, when it took its place, and whether it sealed another roll."""

    key: Key
    order: int
    moment: Moment
    kind: Cause
    approval: Approval
    rerolled: bool


class _Revised(Struct, frozen=True):
    """What corrections changed on boards of the organ that were complete by then, as in ``core.revisions``."""

    organ: Organ
    ranked: _Ranked
    approvals: Mapping[Key, Sequence[Approval]]
    moments: Mapping[str, Moment]

    def all(self, history: History) -> Revisions:
        """Every revision by board, oldest first."""
        asked = [(one, stretch) for one in self._corrections() for stretch in self._complete(one)]
        points = list(dict.fromkeys(point for one, stretch in asked for point in self._points(one, stretch)))
        told = dict(zip(points, history(points), strict=True)) if points else {}
        found: dict[tuple[Period, str | None], list[Revision]] = defaultdict(list)
        for one, stretch in asked:
            if revision := self._revision(one, stretch, told):
                found[stretch, None].append(replace(revision, number=len(found[stretch, None]) + 1))
        return {board: tuple(revised) for board, revised in found.items()}

    def _corrections(self) -> list[_Correction]:
        """Every correction, in the order of time."""
        found = [
            _Correction(
                (branch, month),
                order,
                self.moments[later.digest],
                self.organ.summaries[branch].causes[str(month)][order - 1],
                later,
                rerolled=approvals[order - 1].roll != later.roll,
            )
            for (branch, month), approvals in self.approvals.items()
            for order, later in enumerate(approvals)
            if order
        ]
        return sorted(found, key=lambda one: one.moment)

    def _complete(self, one: _Correction) -> list[Period]:
        """The organ's periods of that year that were complete just before."""
        year = one.key[1].year
        known = self._known(year, one.moment)
        return [
            stretch
            for stretch in results.ranked({year: self.organ.frame.rulebooks[year]}, Scope.ORGAN)
            if not coverage.missing(self.organ.roster, known, stretch, None, self.organ.today)
        ]

    def _known(self, year: int, moment: Moment) -> dict[Key, Sequence[Approval]]:
        """The approvals of a year before a moment, by branch and month."""
        earlier = {
            key: [one for one in found if self.moments[one.digest] < moment]
            for key, found in self.approvals.items()
            if key[1].year == year
        }
        return {key: found for key, found in earlier.items() if found}

    def _points(self, one: _Correction, stretch: Period) -> Iterator[Point]:
        yield stretch, one.moment, False
        yield stretch, one.moment, True
        if before(stretch).year == stretch.year:
            yield before(stretch), one.moment, False

    def _revision(self, one: _Correction, stretch: Period, told: Told) -> Revision | None:
        """What a correction changed on a board, if it did; the number is given to it later."""
        known = self._known(stretch.year, one.moment)
        old, new = (self.ranked.of(stretch, told[stretch, one.moment, after], known) for after in (False, True))
        if not (one.rerolled and one.key[1] in stretch) and not revisions.differ(old, new):
            return None
        return Revision(
            number=0,
            before=old,
            after=new,
            preceding=self._preceding(one, before(stretch), told, known),
            approvals=known,
            kind=one.kind,
            approval=one.approval,
            corrected=one.key,
            order=one.order,
        )

    def _preceding(
        self, one: _Correction, last: Period, told: Told, known: Mapping[Key, Sequence[Approval]]
    ) -> Ranking | None:
        """The board of the period before: of the same year as it stood then, of the year before as it stands."""
        if last.year == one.key[1].year:
            there = any(month in last for _, month in known)
            return self.ranked.of(last, told[last, one.moment, False], known) if there else None
        return self.ranked.now(last) if last in _begun(self.ranked.results) else None
