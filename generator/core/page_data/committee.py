"""What the organ committee alone sees: section 五, the desk, who has a filing pack or a talk sheet."""

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
    """A filing pack as the desk lists it; its ``ranking`` is without standings."""

    branch: Branch
    quarter: Period
    ranking: Ranking
    filing: Filing | None


class TalkSubject(Struct, frozen=True):
    """Whom a talk sheet is about."""

    member: Member


class ListedTalk(Struct, frozen=True):
    """A talk sheet as the desk lists it."""

    account: TalkSubject
    standing: Standing


class CommitteeData(Struct, frozen=True):
    """``years`` that have a scored ledger, newest first; packs by quarter and branch, talk sheets in roster order."""

    years: tuple[YearResults, ...]
    dashboard: Dashboard
    packs: tuple[ListedPack, ...]
    talks: tuple[ListedTalk, ...]
    journal: Journal


class CommitteeFacts(Struct, frozen=True):
    """What the organ's results mean for a branch's papers: the quarters of its packs, whom they put on a list.

    ``talks`` are what its members' talk sheets rest on, by member id, ``rankings`` the boards that these name.
    """

    pack_quarters: tuple[Period, ...] = ()
    suggested_outcomes: tuple[Outcome, ...] = ()
    talk_bases: Mapping[str, TalkBasis] = field(default_factory=dict)
    rankings: tuple[Ranking, ...] = ()

    def find_ranking(self, board: BoardKey) -> Ranking:
        """The ranking of one of these boards."""
        return next(one for one in self.rankings if (one.period, one.branch) == board)


class ConcludedYears(Struct, frozen=True):
    """Section 五 of every year, and what the talk sheets rest on by member."""

    years: Mapping[int, YearResults]
    talk_bases: Sequence[tuple[Member, TalkBasis]]


def conclude_years(inputs: OutcomeInputs, scored_years: Iterable[int]) -> ConcludedYears:
    """Conclude all years that have a scored ledger, newest first."""
    places = consequences.build_history(inputs.rankings)
    years = {
        year: year_results.compute_year_results(inputs, places, year) for year in sorted(scored_years, reverse=True)
    }
    return ConcludedYears(years, tuple(talk_sheets.find_talk_bases(inputs.results, places, years)))


def build_committee_data(
    inputs: OutcomeInputs,
    concluded: ConcludedYears,
    dashboard_inputs: DashboardInputs,
    notices: ObjectionPeriods,
    journal: Journal,
) -> CommitteeData:
    """Draw up what the committee's own pages show."""
    results = inputs.results
    filings = {(one.branch.text, one.period.text): one for one in reversed(dashboard_inputs.filings)}
    return CommitteeData(
        years=tuple(concluded.years.values()),
        dashboard=dashboard.build_dashboard(results, inputs.actions.approvals, notices, dashboard_inputs),
        packs=tuple(
            ListedPack(branch, quarter, _lacking(results, branch, quarter), filings.get((branch.id, str(quarter))))
            for branch, quarter in filing_packs.find_pack_quarters(results.roster, results.rulebooks, results.today)
        ),
        talks=tuple(ListedTalk(TalkSubject(member), basis.standing) for member, basis in concluded.talk_bases),
        journal=journal,
    )


def _lacking(results: Results, branch: Branch, quarter: Period) -> Ranking:
    missing = missing_months.find_missing_months(
        results.roster, results.approved_months, quarter, branch.id, results.today
    )
    return Ranking(quarter, branch.id, missing, ())


def build_committee_facts(inputs: OutcomeInputs, concluded: ConcludedYears) -> Mapping[str, CommitteeFacts]:
    """Deal out to each branch what its packs and talk sheets need."""
    results = inputs.results
    quarters: dict[str, list[Period]] = {branch: [] for branch in results.roster.branch_by_id}
    for branch, quarter in filing_packs.find_pack_quarters(results.roster, results.rulebooks, results.today):
        quarters[branch.id].append(quarter)
    suggested: dict[str, list[Outcome]] = {home: [] for home in quarters}
    for one in (each for year in concluded.years.values() for each in year.suggested):
        for home in dict.fromkeys(home for stretch, home in _boards(one) if home and stretch in quarters[home]):
            suggested[home].append(one)
    talks_of: dict[str, dict[str, TalkBasis]] = {home: {} for home in quarters}
    for member, basis in concluded.talk_bases:
        talks_of[member.home][member.id] = basis
    named = {home: dict.fromkeys(basis.board for basis in talks.values()) for home, talks in talks_of.items()}
    return {
        home: CommitteeFacts(
            tuple(quarters[home]),
            tuple(suggested[home]),
            talks_of[home],
            tuple(inputs.rankings[board] for board in named[home]),
        )
        for home in quarters
    }


def _boards(one: Outcome) -> Collection[tuple[Period, str | None]]:
    return [place.board for place in one.places]
