"""Data for the organ committee alone: section 五, the dashboard, and who has a filing pack or a talk sheet."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.model.ledger import Filing
from generator.core.model.roster import Branch, Member
from generator.core.model.tally import Ranking, Standing
from generator.core.outcomes import consequences, year_results
from generator.core.outcomes.consequences import Outcome
from generator.core.outcomes.year_results import OutcomeInputs, YearResults
from generator.core.page_data import dashboard, filing_packs, talk_sheets
from generator.core.page_data.audit import Journal
from generator.core.page_data.dashboard import Dashboard, DashboardInputs
from generator.core.page_data.talk_sheets import TalkBasis
from generator.core.scoring import missing_months
from generator.core.scoring.objection_periods import ObjectionPeriods
from generator.core.scoring.results import BoardKey, Results


class ListedPack(Struct, frozen=True):
    """A filing pack as the dashboard lists it; its ``ranking`` is without standings."""

    branch: Branch
    quarter: Period
    ranking: Ranking
    filing: Filing | None


class TalkSubject(Struct, frozen=True):
    """The member with whom a talk is planned."""

    member: Member


class ListedTalk(Struct, frozen=True):
    """A talk sheet as the dashboard lists it."""

    account: TalkSubject
    standing: Standing


class CommitteeData(Struct, frozen=True):
    """Data of the committee's own pages.

    ``years`` are those that have a scored ledger, newest first; ``packs`` are by quarter, then branch; ``talks`` are in
    roster order.
    """

    years: tuple[YearResults, ...]
    dashboard: Dashboard
    packs: tuple[ListedPack, ...]
    talks: tuple[ListedTalk, ...]
    journal: Journal


class CommitteeFacts(Struct, frozen=True):
    """The organ's results as a branch's filing packs and talk sheets need them.

    ``pack_quarters`` are the quarters that have a pack; ``suggested_outcomes`` are those based on one of them.
    ``talk_bases`` are by member id, ``rankings`` the boards that these name.
    """

    pack_quarters: tuple[Period, ...] = ()
    suggested_outcomes: tuple[Outcome, ...] = ()
    talk_bases: Mapping[str, TalkBasis] = field(default_factory=dict)
    rankings: tuple[Ranking, ...] = ()

    def find_ranking(self, board: BoardKey) -> Ranking:
        """Return the ranking of one of these boards."""
        return next(ranking for ranking in self.rankings if (ranking.period, ranking.branch) == board)


class ConcludedYears(Struct, frozen=True):
    """Section 五 of every year, and each talk sheet's basis with its member, in roster order."""

    years: Mapping[int, YearResults]
    talk_bases: Sequence[tuple[Member, TalkBasis]]


def conclude_years(inputs: OutcomeInputs, scored_years: Iterable[int]) -> ConcludedYears:
    """Compute the results of all years that have a scored ledger, newest first."""
    history = consequences.build_history(inputs.rankings, inputs.results.rulebooks)
    years = {
        year: year_results.compute_year_results(inputs, history, year) for year in sorted(scored_years, reverse=True)
    }
    return ConcludedYears(years, tuple(talk_sheets.find_talk_bases(inputs.results, history, years)))


def build_committee_data(
    inputs: OutcomeInputs,
    concluded: ConcludedYears,
    dashboard_inputs: DashboardInputs,
    objection_periods: ObjectionPeriods,
    journal: Journal,
) -> CommitteeData:
    """Build the data of the committee's own pages."""
    results = inputs.results
    # Reversed, so that of two filings of a quarter the first is shown.
    filings = {(filing.branch.text, filing.period.text): filing for filing in reversed(dashboard_inputs.filings)}
    return CommitteeData(
        years=tuple(concluded.years.values()),
        dashboard=dashboard.build_dashboard(results, inputs.actions.approvals, objection_periods, dashboard_inputs),
        packs=tuple(
            ListedPack(branch, quarter, _bare_ranking(results, branch, quarter), filings.get((branch.id, str(quarter))))
            for branch, quarter in filing_packs.find_pack_quarters(results.roster, results.rulebooks, results.today)
        ),
        talks=tuple(ListedTalk(TalkSubject(member), basis.standing) for member, basis in concluded.talk_bases),
        journal=journal,
    )


def _bare_ranking(results: Results, branch: Branch, quarter: Period) -> Ranking:
    """Return a ranking with the quarter's missing months but no standings: the dashboard lists no members."""
    months = results.rulebooks[quarter.year].term.months_of(quarter)
    missing = missing_months.find_missing_months(
        results.roster, results.approved_months, months, branch.id, results.today
    )
    return Ranking(quarter, branch.id, missing, ())


def build_committee_facts(inputs: OutcomeInputs, concluded: ConcludedYears) -> Mapping[str, CommitteeFacts]:
    """Group by branch what its filing packs and talk sheets need of the organ's results."""
    results = inputs.results
    quarters: dict[str, list[Period]] = {branch: [] for branch in results.roster.branch_by_id}
    for branch, quarter in filing_packs.find_pack_quarters(results.roster, results.rulebooks, results.today):
        quarters[branch.id].append(quarter)
    suggested: dict[str, list[Outcome]] = {branch_id: [] for branch_id in quarters}
    for outcome in (outcome for year in concluded.years.values() for outcome in year.suggested):
        boards = _list_boards(outcome)
        for branch_id in dict.fromkeys(
            branch_id for period, branch_id in boards if branch_id and period in quarters[branch_id]
        ):
            suggested[branch_id].append(outcome)
    bases_of: dict[str, dict[str, TalkBasis]] = {branch_id: {} for branch_id in quarters}
    for member, basis in concluded.talk_bases:
        bases_of[member.home][member.id] = basis
    boards_of = {
        branch_id: dict.fromkeys(basis.board for basis in bases.values()) for branch_id, bases in bases_of.items()
    }
    return {
        branch_id: CommitteeFacts(
            tuple(quarters[branch_id]),
            tuple(suggested[branch_id]),
            bases_of[branch_id],
            tuple(inputs.rankings[board] for board in boards_of[branch_id]),
        )
        for branch_id in quarters
    }


def _list_boards(outcome: Outcome) -> Collection[BoardKey]:
    return [place.board for place in outcome.places]
