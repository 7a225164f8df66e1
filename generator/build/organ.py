"""Results of all branches together: the organ's boards and revisions, the audit, section 五, the paths of all pages."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from generator.build.messages import OrganFacts, SharedInputs
from generator.build.summary import BranchReport, BranchSummary, CommitteeSummary, MemberFigures
from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval, BranchMonth
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.model.tally import Ranking, Score, Standing
from generator.core.outcomes import barred_honours
from generator.core.outcomes.bookkeeping import LedgerActions
from generator.core.outcomes.year_results import OutcomeInputs
from generator.core.page_data import audit, committee, honours, member_history
from generator.core.page_data.audit import BallotRecords
from generator.core.page_data.committee import CommitteeData, CommitteeFacts, ConcludedYears
from generator.core.page_data.dashboard import DashboardInputs, DraftFile
from generator.core.page_data.honours import OwnHonour
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
from generator.core.sealing import approval_chain
from generator.core.sealing.canonical import PlainData
from generator.intake.files import discovery
from generator.loader import decisive_values
from generator.loader.decisive_values import ValueInputs
from generator.loader.load import SharedFiles
from generator.problems import Problem
from generator.render.site import committee_pages, pages
from generator.render.site.edition import Edition
from generator.render.site.routes import board_path, branch_path, member_path
from generator.render.site.search_index import MemberPages


class OrganResults(Struct, frozen=True, dict=True):
    """The reports and summaries of all branches, by id in roster order, and all that is computed from them.

    ``committee_summaries`` are empty unless the committee is a reader.
    """

    inputs: SharedInputs
    shared_files: SharedFiles
    reports: Mapping[str, BranchReport]
    summaries: Mapping[str, BranchSummary]
    committee_summaries: Mapping[str, CommitteeSummary]
    today: date

    @property
    def roster(self) -> Roster:
        """The roster with all members and branches."""
        return self.inputs.roster

    # --- what is approved and scored

    @cached_property
    def approvals(self) -> ApprovalsByMonth:
        """Every approval by branch and month, with the fields that boards need."""
        return {
            (branch, Period.from_name(month)): tuple(approvals)
            for branch, report in self.reports.items()
            for month, approvals in report.approvals.items()
        }

    @cached_property
    def decisive_values(self) -> Mapping[str, PlainData]:
        """The values of the inputs that decide something without being sealed."""
        return decisive_values.collect_values(self.value_inputs)

    @property
    def value_inputs(self) -> ValueInputs:
        """The inputs that decide something without being sealed."""
        return ValueInputs(self.inputs.settings, self.roster, self.inputs.rulebooks, self.approvals, self.today)

    @cached_property
    def chains(self) -> Mapping[str, Sequence[Approval]]:
        """Each branch's approvals in the order of their chain: each names the one before."""
        return {
            branch: approval_chain.link_approvals(
                [approval for approvals in report.approvals.values() for approval in approvals]
            )
            for branch, report in self.reports.items()
        }

    @cached_property
    def results(self) -> Results:
        """The approved and counted months, without tallies, which only the branches have."""
        counted = self._collect_reported_months(lambda report: report.scored_months)
        drafts = self._collect_reported_months(lambda report: report.draft_months)
        return Results(self.roster, self.inputs.rulebooks, {}, frozenset(self.approvals), counted, self.today, drafts)

    def _collect_reported_months(self, months_of: Callable[[BranchReport], Sequence[str]]) -> frozenset[BranchMonth]:
        return frozenset(
            (branch, Period.from_name(month)) for branch, report in self.reports.items() for month in months_of(report)
        )

    @cached_property
    def scored_months(self) -> tuple[Period, ...]:
        """The months of which any branch has a scored ledger."""
        return list_scored_months(self.results.counted_months)

    # --- rankings, now and then

    @cached_property
    def rankings(self) -> Rankings:
        """Every board of the organ for whose period there is a scored ledger."""
        return {(period, None): self._build_ranking(period) for period in list_started_periods(self.results, None)}

    def _build_ranking(self, period: Period) -> Ranking:
        figures = {branch: summary.figures.get(str(period), ()) for branch, summary in self.summaries.items()}
        candidates = self._score_members(period, figures)
        return build_ranking(self.results, (period, None), candidates, self.results.approved_months)

    def _score_members(
        self, period: Period, figures_by_branch: Mapping[str, Sequence[MemberFigures]]
    ) -> Iterator[ScoredMember]:
        """Yield the scored members in the order of the period's names, in which those level on points are listed."""
        by_member = {
            figures.member: (branch, figures)
            for branch, branch_figures in figures_by_branch.items()
            for figures in branch_figures
        }
        for member in self.roster.named_on(period.last).members_in_name_order[None]:
            if scored := by_member.get(member.id):
                branch, figures = scored
                yield ScoredMember(member, branch, Score(figures.points, figures.total, {}, figures.vetoed))

    @cached_property
    def past_boards(self) -> PastBoards:
        """The organ's boards at earlier moments."""
        return PastBoards(
            self.results,
            self.inputs.settings,
            None,
            self._list_versions(),
            self._score_members_at,
            self._current_board,
        )

    def _list_versions(self) -> VersionsByMonth:
        """Return every version of every month, without lines: the branches' earlier figures replace them."""
        first = {approvals[0].digest for approvals in self.approvals.values()}
        moments: dict[str, Moment] = {}
        for branch, chain in self.chains.items():
            moments |= chronology.assign_moments(chain, first, self.roster.branch_positions_on(date.min)[branch])
        return {
            branch_month: tuple(
                self._make_version(branch_month, approvals[: number + 1], moments) for number in range(len(approvals))
            )
            for branch_month, approvals in self.approvals.items()
        }

    def _make_version(
        self, branch_month: BranchMonth, approvals: Sequence[Approval], moments: Mapping[str, Moment]
    ) -> ScoredLedger:
        (branch, month), number = branch_month, len(approvals) - 1
        # The first approval is that of the ledger, which is no correction and has no kind.
        kind = self.reports[branch].correction_kinds[str(month)][number - 1] if number else None
        return ScoredLedger(branch, month, tuple(approvals), kind, moments[approvals[-1].digest])

    def _score_members_at(self, period: Period, moment: Moment, inclusive: bool) -> Iterator[ScoredMember]:  # noqa: FBT001
        figures = {
            branch: _figures_at(summary, str(period), moment, inclusive=inclusive)
            for branch, summary in self.summaries.items()
        }
        return self._score_members(period, figures)

    def _current_board(self, period: Period) -> Ranking | None:
        return self.rankings.get((period, None))

    # --- the data of boards, accounts and pages

    @cached_property
    def site_data(self) -> SiteData:
        """The data of the organ's boards."""
        return SiteData(
            results=self.results,
            rankings=self.rankings,
            approvals=self.approvals,
            chains=self.chains,
            settings=self.inputs.settings,
            objection_periods=self._find_objection_periods({None}),
            revisions=revisions.list_revisions(self.past_boards),
            # Corrections and accounts are shown on the branches' pages, from their own data.
            amendments=(),
            scored_months=self.scored_months,
            members=(),
            positions={},
        )

    def _find_objection_periods(self, branches: set[str | None] | None) -> objection_periods.ObjectionPeriods:
        settings = self.inputs.settings
        return objection_periods.find_objection_periods(
            self.roster, self.results.rulebooks, self.approvals, settings, self.today, branches=branches
        )

    @cached_property
    def account_months(self) -> Mapping[str, Sequence[Period]]:
        """The months in each account, by member."""
        extra_months = {
            member: frozenset(map(Period.from_name, months))
            for summary in self.summaries.values()
            for member, months in summary.extra_months.items()
        }
        accounts = member_history.find_account_months(self.roster.members, extra_months, self.scored_months)
        return {member.id: months for member, months in accounts}

    @cached_property
    def account_years(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """The years of each account, newest first, by the branch where it is kept and by member."""
        # Every branch has an entry: one without accounts still gets its facts from here.
        by_branch: dict[str, dict[str, Sequence[int]]] = {branch: {} for branch in self.roster.branch_by_id}
        for member, months in self.account_months.items():
            by_branch[self.roster.member_by_id[member].home][member] = member_history.account_years(months)
        return by_branch

    @cached_property
    def positions_elsewhere(self) -> Mapping[str, Mapping[str, Sequence[BoardPosition]]]:
        """The positions of members on boards of the organ and of other branches, by their own branch and member."""
        elsewhere: dict[str, dict[str, list[BoardPosition]]] = defaultdict(lambda: defaultdict(list))
        public_rankings = {
            board: ranking for board, ranking in self.rankings.items() if board_positions.is_shown_to_members(ranking)
        }
        guests = [summary.guest_positions for summary in self.summaries.values()]
        for positions_by_member in (board_positions.compute_positions(self.results, public_rankings), *guests):
            for member, positions in positions_by_member.items():
                elsewhere[self.roster.member_by_id[member].home][member] += positions
        return elsewhere

    @cached_property
    def own_honours(self) -> Mapping[str, Mapping[str, Sequence[OwnHonour]]]:
        """The approved honours of members, by their own branch and member."""
        by_branch: dict[str, dict[str, Sequence[OwnHonour]]] = defaultdict(dict)
        for member, listed in honours.list_own_honours(self.shared_files.honours).items():
            by_branch[self.roster.member_by_id[member].home][member] = listed
        return by_branch

    # --- the committee's data

    @cached_property
    def decision_inputs(self) -> OutcomeInputs:
        """The inputs of section 五: complete boards, cycle totals, reviews, polls, and actions on ledgers."""
        summaries = self.committee_summaries
        complete: set[BoardKey] = {
            (ranking.period, None)
            for ranking in self.rankings.values()
            if not ranking.provisional and ranking.standings
        }
        boards: dict[BoardKey, Ranking] = {}
        totals: dict[int, dict[str, Decimal]] = defaultdict(dict)
        for branch, summary in summaries.items():
            complete |= {(Period.from_name(name), branch) for name in summary.complete_periods}
            boards |= dict(self._restore_boards(branch, summary))
            for year, year_totals in summary.year_totals.items():
                totals[year] |= year_totals
        return OutcomeInputs(
            results=self.results,
            rankings=sort_rankings({**self.rankings, **boards}, self.results),
            complete_boards=complete,
            totals=totals,
            reviews=self.shared_files.reviews,
            polls=self.shared_files.polls,
            actions=LedgerActions(
                self.approvals,
                [amendment for summary in summaries.values() for amendment in summary.amendments],
                [withdrawal for summary in summaries.values() for withdrawal in summary.withdrawals],
            ),
        )

    def _restore_boards(self, branch: str, summary: CommitteeSummary) -> Iterator[tuple[BoardKey, Ranking]]:
        for name, rows in summary.boards.items():
            period = Period.from_name(name)
            members = self.roster.named_on(period.last).member_by_id
            standings = tuple(
                Standing(
                    members[row.member],
                    branch,
                    Score(row.points, row.total, {}, row.vetoed),
                    row.rank,
                    row.partial,
                    row.last,
                )
                for row in rows
            )
            # Only complete boards are summarised, so that no month is missing.
            yield (period, branch), Ranking(period, branch, (), standings)

    @cached_property
    def decisions(self) -> ConcludedYears:
        """The results under section 五 of every year with a scored ledger."""
        return committee.conclude_years(self.decision_inputs, {month.year for _, month in self.results.counted_months})

    @cached_property
    def committee_facts(self) -> Mapping[str, CommitteeFacts]:
        """The facts for packs and talk sheets, by branch; empty ones unless the committee is a reader."""
        if not self.committee_summaries:
            return dict.fromkeys(self.roster.branch_by_id, CommitteeFacts())
        return committee.build_committee_facts(self.decision_inputs, self.decisions)

    def find_barred_honours(self) -> Iterator[Problem]:
        """Yield warnings of honours that the year's rules bar; none unless the committee is a reader."""
        if self.committee_summaries:
            yield from barred_honours.find_barred_honours(self.shared_files.honours, self.decisions.years)

    def _build_committee_data(self) -> CommitteeData | None:
        if not self.committee_summaries:
            return None
        inputs, ballot_files = self.decision_inputs, self.shared_files.ballot_files
        filings = [filing for summary in self.committee_summaries.values() for filing in summary.filings]
        dashboard = DashboardInputs(
            drafts=list(self._list_drafts()),
            filings=filings,
            reviewed_years=self.shared_files.reviews,
            draft_ballots=sorted(ballot_files.draft_names),
        )
        journal = audit.build_journal(
            self.approvals,
            self.roster.branch_by_id,
            amendments=inputs.actions.amendments,
            filings=filings,
            withdrawals=inputs.actions.withdrawals,
            ballots=self._list_ballot_records(),
        )
        # The duties of the dashboard concern the boards of all branches, too.
        notices = self._find_objection_periods(None)
        return committee.build_committee_data(inputs, self.decisions, dashboard, notices, journal)

    def _list_drafts(self) -> Iterator[DraftFile]:
        for branch, report in self.reports.items():
            with_errors = {problem.where.file for problem in report.errors}
            for name in report.drafts:
                month, number = discovery.split_ledger_name(name)
                yield DraftFile(name, branch, month, is_correction=number > 0, has_errors=name in with_errors)

    def _list_ballot_records(self) -> BallotRecords:
        ballot_files = self.shared_files.ballot_files
        return BallotRecords(tuple(file for file, _ in ballot_files.approved_files), ballot_files.withdrawals)

    # --- pages

    def make_edition(self, *, preview: bool) -> Edition:
        """Make the edition of the organ's pages; ``preview`` marks them as counting drafts."""
        reports = self.reports.values()
        return Edition(
            settings=self.inputs.settings,
            roster=self.roster,
            articles=self.inputs.articles,
            today=self.today,
            preview=preview,
            members=self.roster.member_by_id,
            rulebooks=self.inputs.rulebooks,
            site_data=self.site_data,
            fully_struck={
                (branch, Period.from_name(month)): after_corrections
                for branch, report in self.reports.items()
                for month, after_corrections in report.fully_struck.items()
            },
            audit=replace(
                audit.build_audit(
                    self.approvals,
                    self.chains,
                    filings=[filing for report in reports for filing in report.filings],
                    withdrawals=[withdrawal for report in reports for withdrawal in report.withdrawals],
                    ballots=self._list_ballot_records(),
                    lists=self.shared_files.approver_lists,
                ),
                values=decisive_values.select_public_values(self.decisive_values, self.today),
                member_values={report.branch: report.member_values for report in reports if report.member_values},
            ),
            honours=honours.build_honours(
                (honour for honour in self.shared_files.honours if honour.approval or preview),
                self.roster,
                self.inputs.settings,
                self.today,
            ),
            committee=self._build_committee_data(),
        )

    def branch_facts(self, branch: str, built_paths: frozenset[str]) -> OrganFacts:
        """Return the organ's facts for a branch's pages; ``built_paths`` are the paths that links may lead to."""
        return OrganFacts(
            scored_months=self.scored_months,
            account_years=self.account_years[branch],
            positions_elsewhere=self.positions_elsewhere.get(branch, {}),
            honours=self.own_honours.get(branch, {}),
            committee_facts=self.committee_facts[branch],
            built_paths=built_paths,
        )

    def branch_paths(self, audiences: Container[Audience]) -> Mapping[str, Sequence[str]]:
        """Return the paths of pages for these audiences, by branch."""
        # From the summaries alone, so that all paths are known before the first page with links is rendered.
        return {branch: list(self._list_paths(branch, audiences)) for branch in self.summaries}

    def _list_paths(self, branch: str, audiences: Container[Audience]) -> Iterator[str]:
        page_audiences = self.summaries[branch].page_audiences
        yield from (path for path, audience in page_audiences.items() if audience in audiences)
        if Audience.MEMBER in audiences:
            for member, years in self.account_years[branch].items():
                yield from pages.member_paths(member, years).values()
        yield from committee_pages.branch_committee_paths(branch, self.committee_facts[branch])

    def search_entries(self, edition: Edition, built_paths: Container[str]) -> MemberPages:
        """Return, by member who is on a page of the site, a branch and the path of that page.

        The page is the member's own if it is built, else the newest board or branch page; the branch is that by then.
        """
        entries = {
            member: (member_history.account_branch(self.roster.member_by_id[member], months), path)
            for member, months in self.account_months.items()
            if (path := member_path(member)) in built_paths
        }
        newest: dict[str, tuple[date, str, str]] = {}
        for board in edition.boards:
            path = board_path(board.period, board.branch)
            for row in board.rows if path in built_paths else ():
                if row.member and row.member not in entries and newest.get(row.member, _NEVER)[0] <= board.period.last:
                    newest[row.member] = board.period.last, row.branch, path
        for branch, summary in self.summaries.items():
            path = branch_path(branch)
            # With ``<=``, a branch's page wins over a board of the same day.
            for member, day in summary.last_board_day.items() if path in built_paths else ():
                if member not in entries and newest.get(member, _NEVER)[0] <= day:
                    newest[member] = day, branch, path
        return entries | {member: (branch, path) for member, (_, branch, path) in newest.items()}


_NEVER = (date.min,)


def _figures_at(summary: BranchSummary, period: str, moment: Moment, *, inclusive: bool) -> Sequence[MemberFigures]:
    """Return a branch's figures of a period just before a moment, or just after it if that is ``inclusive``."""
    # The figures before the next change after the moment are those at the moment.
    for change, before in summary.earlier_figures.get(period, ()):
        if change > moment or (change == moment and not inclusive):
            return before
    return summary.figures.get(period, ())
