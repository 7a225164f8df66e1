"""Bring all branches together: the organ's boards and revisions, the audit, section 五, the paths of all pages."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from msgspec import Struct

from generator.build.messages import OrganFacts, SharedInputs
from generator.build.summary import BranchReport, BranchSummary, CommitteeSummary, MemberFigures
from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval, Key
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.model.tally import Ranking, Score, Standing
from generator.core.outcomes.bookkeeping import Acts
from generator.core.outcomes.year_results import Inputs
from generator.core.page_data import audit, committee, member_history
from generator.core.page_data.audit import Cast
from generator.core.page_data.committee import Committee, Decided, ForBranch
from generator.core.page_data.dashboard import Tray
from generator.core.scoring import board_positions, chronology, objection_periods, revisions
from generator.core.scoring.approval_sources import Approvals
from generator.core.scoring.board_positions import Place
from generator.core.scoring.branch_scores import ScoredLedger, Versions
from generator.core.scoring.chronology import Moment
from generator.core.scoring.ranking import Candidate
from generator.core.scoring.results import Board, Rankings, Results, begun, in_order, ranked, started
from generator.core.scoring.revisions import Past
from generator.core.scoring.site_data import Ground
from generator.core.sealing import approval_chain, subjects
from generator.loader.load import Shared
from generator.render.site import committee_pages, pages
from generator.render.site.edition import Edition
from generator.render.site.routes import board_path, branch_path, member_path
from generator.render.site.search_index import Named


class Organ(Struct, frozen=True, dict=True):
    """All branches of the roster together, by id in roster order; ``committees`` are empty unless it is a reader."""

    inputs: SharedInputs
    shared: Shared
    reports: Mapping[str, BranchReport]
    summaries: Mapping[str, BranchSummary]
    committees: Mapping[str, CommitteeSummary]
    today: date

    @property
    def roster(self) -> Roster:
        """Everybody."""
        return self.inputs.roster

    # --- what is approved and scored

    @cached_property
    def approvals(self) -> Approvals:
        """Every approval by branch and month, as far as boards rest on it."""
        return {
            (branch, Period.named(name)): tuple(approvals)
            for branch, one in self.reports.items()
            for name, approvals in one.approvals.items()
        }

    @cached_property
    def chains(self) -> Mapping[str, Sequence[Approval]]:
        """Each branch's approvals in the order in which they rest on each other."""
        return {
            branch: approval_chain.chain([each for approvals in one.approvals.values() for each in approvals])
            for branch, one in self.reports.items()
        }

    @cached_property
    def results(self) -> Results:
        """What is approved and scored; everybody's tallies are the branches' own."""
        scored = frozenset((branch, Period.named(name)) for branch, one in self.reports.items() for name in one.scored)
        rulebooks = self.inputs.rulebooks
        return Results(self.roster, rulebooks, {}, frozenset(self.approvals), scored, self.today)

    @cached_property
    def begun(self) -> tuple[Period, ...]:
        """The months that anybody has scored."""
        return begun(self.results.scored)

    # --- rankings, now and then

    @cached_property
    def rankings(self) -> Rankings:
        """Every board of the organ of which a ledger is scored."""
        return {(stretch, None): self._ranking(stretch) for stretch in started(self.results, None)}

    def _ranking(self, stretch: Period) -> Ranking:
        figures = {branch: one.figures.get(str(stretch), ()) for branch, one in self.summaries.items()}
        return ranked(self.results, (stretch, None), self._candidates(figures), self.results.approved)

    def _candidates(self, figures: Mapping[str, Sequence[MemberFigures]]) -> Iterator[Candidate]:
        """Candidates in the order of names, from the branches' figures."""
        shares = {one.member: (branch, one) for branch, every in figures.items() for one in every}
        for member in self.roster.listed[None]:
            if share := shares.get(member.id):
                branch, one = share
                yield Candidate(member, branch, Score(one.points, one.total, {}, one.vetoed))

    @cached_property
    def past(self) -> Past:
        """The organ's boards at earlier moments."""
        return Past(self.results, None, self._versions(), self._candidates_at, self._current)

    def _versions(self) -> Versions:
        """Every version of every month, without lines."""
        first = {approvals[0].digest for approvals in self.approvals.values()}
        moments: dict[str, Moment] = {}
        for branch, chain in self.chains.items():
            moments |= chronology.moments(chain, first, self.roster.position[branch])
        return {
            key: tuple(self._version(key, approvals[: order + 1], moments) for order in range(len(approvals)))
            for key, approvals in self.approvals.items()
        }

    def _version(self, key: Key, approvals: Sequence[Approval], moments: Mapping[str, Moment]) -> ScoredLedger:
        (branch, month), order = key, len(approvals) - 1
        kind = self.reports[branch].kinds[str(month)][order - 1] if order else None
        return ScoredLedger(branch, month, tuple(approvals), kind, moments[approvals[-1].digest])

    def _candidates_at(self, stretch: Period, moment: Moment, including: bool) -> Iterator[Candidate]:  # noqa: FBT001
        figures = {
            branch: _at(one, str(stretch), moment, including=including) for branch, one in self.summaries.items()
        }
        return self._candidates(figures)

    def _current(self, stretch: Period) -> Ranking | None:
        return self.rankings.get((stretch, None))

    # --- what boards, accounts and pages are made from

    @cached_property
    def ground(self) -> Ground:
        """What the organ's boards are made from."""
        settings = self.inputs.settings
        return Ground(
            results=self.results,
            rankings=self.rankings,
            approvals=self.approvals,
            chains=self.chains,
            naming=settings.names,
            notices=self._notices({None}),
            revisions=revisions.revisions(self.past),
            amendments=(),
            begun=self.begun,
            members=(),
            places={},
        )

    def _notices(self, scopes: set[str | None] | None) -> objection_periods.Notices:
        settings = self.inputs.settings
        return objection_periods.notices(
            self.roster, self.results.rulebooks, self.approvals, settings, self.today, scopes=scopes
        )

    @cached_property
    def accounts(self) -> Mapping[str, Sequence[Period]]:
        """By member who has an account, the months of it."""
        touched = {
            member: frozenset(map(Period.named, months))
            for one in self.summaries.values()
            for member, months in one.touched.items()
        }
        present = member_history.accounted(self.roster.members, touched, self.begun)
        return {member.id: months for member, months in present}

    @cached_property
    def years(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """By branch, the years of the account of each member whose account is kept there, newest first."""
        by_branch: dict[str, dict[str, Sequence[int]]] = {branch: {} for branch in self.roster.branch}
        for member, months in self.accounts.items():
            by_branch[self.roster.member[member].home][member] = member_history.years(months)
        return by_branch

    @cached_property
    def places(self) -> Mapping[str, Mapping[str, Sequence[Place]]]:
        """By branch, the places of its members on boards other than its own, as far as their pages show them."""
        elsewhere: dict[str, dict[str, list[Place]]] = defaultdict(lambda: defaultdict(list))
        shown = {board: ranking for board, ranking in self.rankings.items() if board_positions.lasts(ranking)}
        guests = [one.guests for one in self.summaries.values()]
        for positions in (board_positions.places(self.results, shown), *guests):
            for member, of_member in positions.items():
                elsewhere[self.roster.member[member].home][member] += of_member
        return elsewhere

    # --- the committee's

    @cached_property
    def decision_inputs(self) -> Inputs:
        """What section 五 rests on."""
        complete: set[Board] = {
            (one.period, None) for one in self.rankings.values() if not one.provisional and one.standings
        }
        boards: dict[Board, Ranking] = {}
        for branch, one in self.committees.items():
            complete |= {(Period.named(name), branch) for name in one.complete}
            boards |= dict(self._complete_boards(branch, one))
        totals: dict[int, dict[str, Decimal]] = defaultdict(dict)
        for one in self.committees.values():
            for year, of_year in one.totals.items():
                totals[year] |= of_year
        return Inputs(
            results=self.results,
            rankings=in_order({**self.rankings, **boards}, self.results),
            complete=complete,
            totals=totals,
            reviews=self.shared.reviews,
            polls=self.shared.polls,
            acts=Acts(
                self.approvals,
                [each for one in self.committees.values() for each in one.amendments],
                [each for one in self.committees.values() for each in one.withdrawals],
            ),
        )

    def _complete_boards(self, branch: str, one: CommitteeSummary) -> Iterator[tuple[Board, Ranking]]:
        for name, rows in one.boards.items():
            standings = tuple(
                Standing(
                    self.roster.member[row.member],
                    branch,
                    Score(row.points, row.total, {}, row.vetoed),
                    row.rank,
                    row.partial,
                    row.last,
                )
                for row in rows
            )
            stretch = Period.named(name)
            yield (stretch, branch), Ranking(stretch, branch, (), standings)

    @cached_property
    def decided(self) -> Decided:
        """Section 五 of every year that has a scored ledger."""
        return committee.decide(self.decision_inputs, {month.year for _, month in self.results.scored})

    @cached_property
    def papers(self) -> Mapping[str, ForBranch]:
        """What each branch's packs and talk sheets need; nothing unless the committee is a reader."""
        if not self.committees:
            return dict.fromkeys(self.roster.branch, ForBranch())
        return committee.for_branches(self.decision_inputs, self.decided)

    def _committee(self) -> Committee | None:
        if not self.committees:
            return None
        inputs, urn = self.decision_inputs, self.shared.urn
        filings = [each for one in self.committees.values() for each in one.filings]
        tray = Tray(
            ledgers=self._months(lambda one: one.ledgers),
            corrections=self._months(lambda one: one.corrections),
            filings=filings,
            reviewed=self.shared.reviews,
            drafts=sorted(urn.drafts),
        )
        acts, homes = inputs.acts, self.roster.branch
        journal = audit.journal(
            self.approvals,
            homes,
            amendments=acts.amendments,
            filings=filings,
            withdrawals=acts.withdrawals,
            cast=self._cast(),
        )
        return committee.committee(inputs, self.decided, tray, self._notices(None), journal)

    def _months(self, of: Callable[[CommitteeSummary], Sequence[str]]) -> set[Key]:
        return {(branch, Period.named(name)) for branch, one in self.committees.items() for name in of(one)}

    def _cast(self) -> Cast:
        urn = self.shared.urn
        return Cast(tuple(slip for slip, _ in urn.approvals), urn.withdrawals)

    # --- pages

    def edition(self, *, preview: bool) -> Edition:
        """What the organ's pages are made of."""
        listed = self.shared.approvers
        return Edition(
            settings=self.inputs.settings,
            branches=self.roster.branch,
            articles=self.inputs.articles,
            preview=preview,
            members=self.roster.member,
            rulebooks=self.inputs.rulebooks,
            ground=self.ground,
            emptied={
                (branch, Period.named(name)): after
                for branch, one in self.reports.items()
                for name, after in one.emptied.items()
            },
            audit=audit.audit(
                self.approvals,
                self.chains,
                filings=[each for one in self.reports.values() for each in one.filings],
                withdrawals=[each for one in self.reports.values() for each in one.withdrawals],
                cast=self._cast(),
                approvers=listed and subjects.approvers(listed),
            ),
            committee=self._committee(),
        )

    def facts(self, branch: str, built: frozenset[str]) -> OrganFacts:
        """What a branch's pages need of the organ; ``built`` are the paths that its links may lead to."""
        elsewhere = self.places.get(branch, {})
        return OrganFacts(self.begun, self.years[branch], elsewhere, self.papers[branch], built)

    def paths(self, audiences: Container[Audience]) -> Mapping[str, Sequence[str]]:
        """By branch, the paths of its pages for these readers."""
        return {branch: list(self._paths(branch, audiences)) for branch in self.summaries}

    def _paths(self, branch: str, audiences: Container[Audience]) -> Iterator[str]:
        yield from (path for path, audience in self.summaries[branch].pages.items() if audience in audiences)
        if Audience.MEMBER in audiences:
            for member, years in self.years[branch].items():
                yield from pages.member_paths(member, years).values()
        yield from committee_pages.paths(branch, self.papers[branch])

    def search_entries(self, edition: Edition, built: Container[str]) -> Named:
        """Who stands on a page of the site, each with the branch by the newest of these, and a page to go to."""
        entries = {
            member: (member_history.home(self.roster.member[member], present), path)
            for member, present in self.accounts.items()
            if (path := member_path(member)) in built
        }
        newest: dict[str, tuple[date, str, str]] = {}
        for board in edition.boards:
            path = board_path(board.period, board.branch)
            for row in board.rows if path in built else ():
                if row.member and row.member not in entries and newest.get(row.member, _NEVER)[0] <= board.period.last:
                    newest[row.member] = board.period.last, row.branch, path
        for branch, one in self.summaries.items():
            path = branch_path(branch)
            for member, day in one.listed.items() if path in built else ():
                if member not in entries and newest.get(member, _NEVER)[0] <= day:
                    newest[member] = day, branch, path
        return entries | {member: (branch, path) for member, (_, branch, path) in newest.items()}


_NEVER = (date.min,)


def _at(one: BranchSummary, stretch: str, moment: Moment, *, including: bool) -> Sequence[MemberFigures]:
    """A branch's figures of a period just before a moment, or just after it."""
    for later, before in one.earlier.get(stretch, ()):
        if later > moment or (later == moment and not including):
            return before
    return one.figures.get(stretch, ())
