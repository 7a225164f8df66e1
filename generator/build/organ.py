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
from generator.core.model.ledger import Approval, BranchMonth
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.model.tally import Ranking, Score, Standing
from generator.core.outcomes.bookkeeping import LedgerActions
from generator.core.outcomes.year_results import OutcomeInputs
from generator.core.page_data import audit, committee, member_history
from generator.core.page_data.audit import BallotRecords
from generator.core.page_data.committee import CommitteeData, CommitteeFacts, ConcludedYears
from generator.core.page_data.dashboard import DashboardInputs
from generator.core.scoring import board_positions, chronology, objection_periods, revisions
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.branch_scores import ScoredLedger, VersionsByMonth
from generator.core.scoring.chronology import Moment
from generator.core.scoring.ranking import ScoredMember
from generator.core.scoring.results import (
    BoardKey,
    Rankings,
    Results,
    build_ranking,
    list_scored_months,
    list_started_periods,
    sort_rankings,
)
from generator.core.scoring.revisions import PastBoards
from generator.core.scoring.site_data import SiteData
from generator.core.sealing import approval_chain, digests
from generator.loader.load import SharedFiles
from generator.render.site import committee_pages, pages
from generator.render.site.edition import Edition
from generator.render.site.routes import board_path, branch_path, member_path
from generator.render.site.search_index import MemberPages


class OrganResults(Struct, frozen=True, dict=True):
    """All branches of the roster together, by id in roster order; ``committees`` are empty unless it is a reader."""

    inputs: SharedInputs
    shared_files: SharedFiles
    reports: Mapping[str, BranchReport]
    summaries: Mapping[str, BranchSummary]
    committee_summaries: Mapping[str, CommitteeSummary]
    today: date

    @property
    def roster(self) -> Roster:
        """Everybody."""
        return self.inputs.roster

    # --- what is approved and scored

    @cached_property
    def approvals(self) -> ApprovalsByMonth:
        """Every approval by branch and month, as far as boards rest on it."""
        return {
            (branch, Period.from_name(name)): tuple(approvals)
            for branch, one in self.reports.items()
            for name, approvals in one.approvals.items()
        }

    @cached_property
    def chains(self) -> Mapping[str, Sequence[Approval]]:
        """Each branch's approvals in the order in which they rest on each other."""
        return {
            branch: approval_chain.link_approvals([each for approvals in one.approvals.values() for each in approvals])
            for branch, one in self.reports.items()
        }

    @cached_property
    def results(self) -> Results:
        """What is approved and scored; everybody's tallies are the branches' own."""
        scored = frozenset(
            (branch, Period.from_name(name)) for branch, one in self.reports.items() for name in one.scored_months
        )
        rulebooks = self.inputs.rulebooks
        return Results(self.roster, rulebooks, {}, frozenset(self.approvals), scored, self.today)

    @cached_property
    def scored_months(self) -> tuple[Period, ...]:
        """The months that anybody has scored."""
        return list_scored_months(self.results.counted_months)

    # --- rankings, now and then

    @cached_property
    def rankings(self) -> Rankings:
        """Every board of the organ of which a ledger is scored."""
        return {(stretch, None): self._ranking(stretch) for stretch in list_started_periods(self.results, None)}

    def _ranking(self, stretch: Period) -> Ranking:
        figures = {branch: one.figures.get(str(stretch), ()) for branch, one in self.summaries.items()}
        return build_ranking(self.results, (stretch, None), self._candidates(figures), self.results.approved_months)

    def _candidates(self, figures: Mapping[str, Sequence[MemberFigures]]) -> Iterator[ScoredMember]:
        """Candidates in the order of names, from the branches' figures."""
        shares = {one.member: (branch, one) for branch, every in figures.items() for one in every}
        for member in self.roster.members_in_name_order[None]:
            if share := shares.get(member.id):
                branch, one = share
                yield ScoredMember(member, branch, Score(one.points, one.total, {}, one.vetoed))

    @cached_property
    def past_boards(self) -> PastBoards:
        """The organ's boards at earlier moments."""
        return PastBoards(self.results, None, self._versions(), self._candidates_at, self._current)

    def _versions(self) -> VersionsByMonth:
        """Every version of every month, without lines."""
        first = {approvals[0].digest for approvals in self.approvals.values()}
        moments: dict[str, Moment] = {}
        for branch, chain in self.chains.items():
            moments |= chronology.assign_moments(chain, first, self.roster.branch_positions[branch])
        return {
            key: tuple(self._version(key, approvals[: order + 1], moments) for order in range(len(approvals)))
            for key, approvals in self.approvals.items()
        }

    def _version(self, key: BranchMonth, approvals: Sequence[Approval], moments: Mapping[str, Moment]) -> ScoredLedger:
        (branch, month), order = key, len(approvals) - 1
        kind = self.reports[branch].correction_kinds[str(month)][order - 1] if order else None
        return ScoredLedger(branch, month, tuple(approvals), kind, moments[approvals[-1].digest])

    def _candidates_at(self, stretch: Period, moment: Moment, including: bool) -> Iterator[ScoredMember]:  # noqa: FBT001
        figures = {
            branch: _at(one, str(stretch), moment, including=including) for branch, one in self.summaries.items()
        }
        return self._candidates(figures)

    def _current(self, stretch: Period) -> Ranking | None:
        return self.rankings.get((stretch, None))

    # --- what boards, accounts and pages are made from

    @cached_property
    def dataset(self) -> SiteData:
        """What the organ's boards are made from."""
        settings = self.inputs.settings
        return SiteData(
            results=self.results,
            rankings=self.rankings,
            approvals=self.approvals,
            chains=self.chains,
            naming=settings.names,
            objection_periods=self._notices({None}),
            revisions=revisions.list_revisions(self.past_boards),
            amendments=(),
            scored_months=self.scored_months,
            members=(),
            positions={},
        )

    def _notices(self, scopes: set[str | None] | None) -> objection_periods.ObjectionPeriods:
        settings = self.inputs.settings
        return objection_periods.find_objection_periods(
            self.roster, self.results.rulebooks, self.approvals, settings, self.today, branches=scopes
        )

    @cached_property
    def account_months(self) -> Mapping[str, Sequence[Period]]:
        """By member who has an account, the months of it."""
        touched = {
            member: frozenset(map(Period.from_name, months))
            for one in self.summaries.values()
            for member, months in one.extra_months.items()
        }
        present = member_history.find_account_months(self.roster.members, touched, self.scored_months)
        return {member.id: months for member, months in present}

    @cached_property
    def account_years(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """By branch, the years of the account of each member whose account is kept there, newest first."""
        by_branch: dict[str, dict[str, Sequence[int]]] = {branch: {} for branch in self.roster.branch_by_id}
        for member, months in self.account_months.items():
            by_branch[self.roster.member_by_id[member].home][member] = member_history.account_years(months)
        return by_branch

    @cached_property
    def positions_elsewhere(self) -> Mapping[str, Mapping[str, Sequence[BoardPosition]]]:
        """By branch, the places of its members on boards other than its own, as far as their pages show them."""
        elsewhere: dict[str, dict[str, list[BoardPosition]]] = defaultdict(lambda: defaultdict(list))
        shown = {
            board: ranking for board, ranking in self.rankings.items() if board_positions.is_shown_to_members(ranking)
        }
        guests = [one.guest_positions for one in self.summaries.values()]
        for positions in (board_positions.compute_positions(self.results, shown), *guests):
            for member, of_member in positions.items():
                elsewhere[self.roster.member_by_id[member].home][member] += of_member
        return elsewhere

    # --- the committee's

    @cached_property
    def decision_inputs(self) -> OutcomeInputs:
        """What section 五 rests on."""
        complete: set[BoardKey] = {
            (one.period, None) for one in self.rankings.values() if not one.provisional and one.standings
        }
        boards: dict[BoardKey, Ranking] = {}
        for branch, one in self.committee_summaries.items():
            complete |= {(Period.from_name(name), branch) for name in one.complete_periods}
            boards |= dict(self._complete_boards(branch, one))
        totals: dict[int, dict[str, Decimal]] = defaultdict(dict)
        for one in self.committee_summaries.values():
            for year, of_year in one.year_totals.items():
                totals[year] |= of_year
        return OutcomeInputs(
            results=self.results,
            rankings=sort_rankings({**self.rankings, **boards}, self.results),
            complete_boards=complete,
            totals=totals,
            reviews=self.shared_files.reviews,
            polls=self.shared_files.polls,
            actions=LedgerActions(
                self.approvals,
                [each for one in self.committee_summaries.values() for each in one.amendments],
                [each for one in self.committee_summaries.values() for each in one.withdrawals],
            ),
        )

    def _complete_boards(self, branch: str, one: CommitteeSummary) -> Iterator[tuple[BoardKey, Ranking]]:
        for name, rows in one.boards.items():
            standings = tuple(
                Standing(
                    self.roster.member_by_id[row.member],
                    branch,
                    Score(row.points, row.total, {}, row.vetoed),
                    row.rank,
                    row.partial,
                    row.last,
                )
                for row in rows
            )
            stretch = Period.from_name(name)
            yield (stretch, branch), Ranking(stretch, branch, (), standings)

    @cached_property
    def decisions(self) -> ConcludedYears:
        """Section 五 of every year that has a scored ledger."""
        return committee.conclude_years(self.decision_inputs, {month.year for _, month in self.results.counted_months})

    @cached_property
    def committee_facts(self) -> Mapping[str, CommitteeFacts]:
        """What each branch's packs and talk sheets need; nothing unless the committee is a reader."""
        if not self.committee_summaries:
            return dict.fromkeys(self.roster.branch_by_id, CommitteeFacts())
        return committee.build_committee_facts(self.decision_inputs, self.decisions)

    def _committee(self) -> CommitteeData | None:
        if not self.committee_summaries:
            return None
        inputs, urn = self.decision_inputs, self.shared_files.ballot_files
        filings = [each for one in self.committee_summaries.values() for each in one.filings]
        tray = DashboardInputs(
            draft_ledgers=self._months(lambda one: one.draft_ledgers),
            draft_corrections=self._months(lambda one: one.draft_corrections),
            filings=filings,
            reviewed_years=self.shared_files.reviews,
            draft_ballots=sorted(urn.draft_names),
        )
        acts, homes = inputs.actions, self.roster.branch_by_id
        journal = audit.build_journal(
            self.approvals,
            homes,
            amendments=acts.amendments,
            filings=filings,
            withdrawals=acts.withdrawals,
            ballots=self._cast(),
        )
        return committee.build_committee_data(inputs, self.decisions, tray, self._notices(None), journal)

    def _months(self, of: Callable[[CommitteeSummary], Sequence[str]]) -> set[BranchMonth]:
        return {
            (branch, Period.from_name(name)) for branch, one in self.committee_summaries.items() for name in of(one)
        }

    def _cast(self) -> BallotRecords:
        urn = self.shared_files.ballot_files
        return BallotRecords(tuple(slip for slip, _ in urn.approved_files), urn.withdrawals)

    # --- pages

    def make_edition(self, *, preview: bool) -> Edition:
        """What the organ's pages are made of."""
        listed = self.shared_files.approvers_text
        return Edition(
            settings=self.inputs.settings,
            branches=self.roster.branch_by_id,
            articles=self.inputs.articles,
            preview=preview,
            members=self.roster.member_by_id,
            rulebooks=self.inputs.rulebooks,
            site_data=self.dataset,
            fully_struck={
                (branch, Period.from_name(name)): after
                for branch, one in self.reports.items()
                for name, after in one.emptied.items()
            },
            audit=audit.build_audit(
                self.approvals,
                self.chains,
                filings=[each for one in self.reports.values() for each in one.filings],
                withdrawals=[each for one in self.reports.values() for each in one.withdrawals],
                ballots=self._cast(),
                approvers=listed and digests.digest_approvers(listed),
            ),
            committee=self._committee(),
        )

    def branch_facts(self, branch: str, built_paths: frozenset[str]) -> OrganFacts:
        """What a branch's pages need of the organ; ``built`` are the paths that its links may lead to."""
        elsewhere = self.positions_elsewhere.get(branch, {})
        return OrganFacts(
            self.scored_months, self.account_years[branch], elsewhere, self.committee_facts[branch], built_paths
        )

    def branch_paths(self, audiences: Container[Audience]) -> Mapping[str, Sequence[str]]:
        """By branch, the paths of its pages for these readers."""
        return {branch: list(self._paths(branch, audiences)) for branch in self.summaries}

    def _paths(self, branch: str, audiences: Container[Audience]) -> Iterator[str]:
        yield from (path for path, audience in self.summaries[branch].page_audiences.items() if audience in audiences)
        if Audience.MEMBER in audiences:
            for member, years in self.account_years[branch].items():
                yield from pages.member_paths(member, years).values()
        yield from committee_pages.branch_committee_paths(branch, self.committee_facts[branch])

    def search_entries(self, edition: Edition, built_paths: Container[str]) -> MemberPages:
        """Who stands on a page of the site, each with the branch by the newest of these, and a page to go to."""
        entries = {
            member: (member_history.account_branch(self.roster.member_by_id[member], present), path)
            for member, present in self.account_months.items()
            if (path := member_path(member)) in built_paths
        }
        newest: dict[str, tuple[date, str, str]] = {}
        for board in edition.boards:
            path = board_path(board.period, board.branch)
            for row in board.rows if path in built_paths else ():
                if row.member and row.member not in entries and newest.get(row.member, _NEVER)[0] <= board.period.last:
                    newest[row.member] = board.period.last, row.branch, path
        for branch, one in self.summaries.items():
            path = branch_path(branch)
            for member, day in one.last_board_day.items() if path in built_paths else ():
                if member not in entries and newest.get(member, _NEVER)[0] <= day:
                    newest[member] = day, branch, path
        return entries | {member: (branch, path) for member, (_, branch, path) in newest.items()}


_NEVER = (date.min,)


def _at(one: BranchSummary, stretch: str, moment: Moment, *, including: bool) -> Sequence[MemberFigures]:
    """A branch's figures of a period just before a moment, or just after it."""
    for later, before in one.earlier_figures.get(stretch, ()):
        if later > moment or (later == moment and not including):
            return before
    return one.figures.get(stretch, ())
