"""What the organ committee alone sees: section 五, the desk, who has a filing pack or a talk sheet."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.model.ledger import Filing
from generator.core.model.roster import Branch, Member
from generator.core.model.tally import Ranking, Standing
from generator.core.outcomes import consequences, year_results
from generator.core.outcomes.consequences import Outcome
from generator.core.outcomes.year_results import Conclusions, Inputs
from generator.core.page_data import dashboard, filing_packs, talk_sheets
from generator.core.page_data.audit import Journal
from generator.core.page_data.dashboard import Desk, Tray
from generator.core.page_data.talk_sheets import Basis
from generator.core.scoring import missing_months
from generator.core.scoring.objection_periods import Notices
from generator.core.scoring.results import Board, Results


class ListedPack(Struct, frozen=True):
    """A filing pack as the desk lists it; its ``ranking`` is without standings."""

    branch: Branch
    quarter: Period
    ranking: Ranking
    filing: Filing | None


class Subject(Struct, frozen=True):
    """Whom a talk sheet is about."""

    member: Member


class ListedTalk(Struct, frozen=True):
    """A talk sheet as the desk lists it."""

    account: Subject
    standing: Standing


class Committee(Struct, frozen=True):
    """``years`` that have a scored ledger, newest first; packs by quarter and branch, talk sheets in roster order."""

    years: tuple[Conclusions, ...]
    desk: Desk
    packs: tuple[ListedPack, ...]
    talks: tuple[ListedTalk, ...]
    journal: Journal


class ForBranch(Struct, frozen=True):
    """What the organ's results mean for a branch's papers: the quarters of its packs, whom they put on a list.

    ``talks`` are what its members' talk sheets rest on, by member id, ``rankings`` the boards that these name.
    """

    quarters: tuple[Period, ...] = ()
    suggested: tuple[Outcome, ...] = ()
    talks: Mapping[str, Basis] = field(default_factory=dict)
    rankings: tuple[Ranking, ...] = ()

    def ranking(self, board: Board) -> Ranking:
        """The ranking of one of these boards."""
        return next(one for one in self.rankings if (one.period, one.branch) == board)


class Decided(Struct, frozen=True):
    """Section 五 of every year, and what the talk sheets rest on by member."""

    years: Mapping[int, Conclusions]
    talks: Sequence[tuple[Member, Basis]]


def decide(inputs: Inputs, scored: Iterable[int]) -> Decided:
    """Conclude all years that have a scored ledger, newest first."""
    places = consequences.history(inputs.rankings)
    years = {year: year_results.conclude(inputs, places, year) for year in sorted(scored, reverse=True)}
    return Decided(years, tuple(talk_sheets.bases(inputs.results, places, years)))


def committee(inputs: Inputs, decided: Decided, tray: Tray, notices: Notices, journal: Journal) -> Committee:
    """Draw up what the committee's own pages show."""
    results = inputs.results
    filings = {(one.branch.text, one.period.text): one for one in reversed(tray.filings)}
    return Committee(
        years=tuple(decided.years.values()),
        desk=dashboard.desk(results, inputs.acts.approvals, notices, tray),
        packs=tuple(
            ListedPack(branch, quarter, _lacking(results, branch, quarter), filings.get((branch.id, str(quarter))))
            for branch, quarter in filing_packs.quarters(results.roster, results.rulebooks, results.today)
        ),
        talks=tuple(ListedTalk(Subject(member), basis.standing) for member, basis in decided.talks),
        journal=journal,
    )


def _lacking(results: Results, branch: Branch, quarter: Period) -> Ranking:
    missing = missing_months.missing(results.roster, results.approved, quarter, branch.id, results.today)
    return Ranking(quarter, branch.id, missing, ())


def for_branches(inputs: Inputs, decided: Decided) -> Mapping[str, ForBranch]:
    """Deal out to each branch what its packs and talk sheets need."""
    results = inputs.results
    quarters: dict[str, list[Period]] = {branch: [] for branch in results.roster.branch}
    for branch, quarter in filing_packs.quarters(results.roster, results.rulebooks, results.today):
        quarters[branch.id].append(quarter)
    suggested: dict[str, list[Outcome]] = {home: [] for home in quarters}
    for one in (each for year in decided.years.values() for each in year.suggested):
        for home in dict.fromkeys(home for stretch, home in _boards(one) if home and stretch in quarters[home]):
            suggested[home].append(one)
    talks_of: dict[str, dict[str, Basis]] = {home: {} for home in quarters}
    for member, basis in decided.talks:
        talks_of[member.home][member.id] = basis
    named = {home: dict.fromkeys(basis.board for basis in talks.values()) for home, talks in talks_of.items()}
    return {
        home: ForBranch(
            tuple(quarters[home]),
            tuple(suggested[home]),
            talks_of[home],
            tuple(inputs.rankings[board] for board in named[home]),
        )
        for home in quarters
    }


def _boards(one: Outcome) -> Collection[tuple[Period, str | None]]:
    return [place.board for place in one.places]
