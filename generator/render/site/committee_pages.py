"""Pages for the committee alone: dashboard, results, filing packs, talk sheets, ledger forms and the journal."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.model.ledger import ValidLedger
from generator.core.model.roster import Branch, member_label
from generator.core.model.rulebook import Consequence, Effect
from generator.core.model.settings import Audience
from generator.core.outcomes.consequences import BoardStanding, Outcome
from generator.core.outcomes.year_results import YearResults
from generator.core.page_data import filing_packs, ledger_forms, talk_sheets
from generator.core.page_data.committee import CommitteeData, CommitteeFacts
from generator.core.page_data.filing_packs import FilingPack
from generator.core.page_data.ledger_forms import LedgerForm
from generator.core.page_data.talk_sheets import TalkBasis
from generator.render.html import filters
from generator.render.site.edition import Edition, Page, PageSpec, SiteContext
from generator.render.site.routes import awards_path, ledger_form_path, pack_path, results_path, talk_path

_STYLES = ("theme", "committee")


def list_committee_pages(edition: Edition) -> Iterator[PageSpec]:
    """List the committee's pages that are no branch's, the dashboard last; none if they were not requested."""
    committee = edition.committee
    if committee is None:
        return
    yield _make_spec("committee/journal.html", lambda: _build_journal_page(committee))
    for year in committee.years:
        yield _make_spec(awards_path(year.year), partial(build_awards_page, year))
        yield _make_spec(results_path(year.year), partial(build_results_page, edition, committee.dashboard.today, year))
    yield _make_spec("committee/index.html", lambda: _build_dashboard_page(edition, committee))


def list_branch_committee_pages(edition: Edition, branch_id: str) -> Iterator[PageSpec]:
    """List the filing packs of a branch and the talk sheets of its members."""
    branch, facts = edition.branches[branch_id], edition.committee_facts
    for quarter in facts.pack_quarters:
        yield _make_spec(pack_path(branch_id, quarter), partial(_build_pack_page, edition, branch, quarter))
    for member, basis in facts.talk_bases.items():
        yield _make_spec(talk_path(member), partial(_build_talk_page, edition, member, basis))


def branch_committee_paths(branch: str, facts: CommitteeFacts) -> list[str]:
    """The paths of a branch's filing packs and talk sheets, without the data that their pages need."""
    return [*(pack_path(branch, quarter) for quarter in facts.pack_quarters), *map(talk_path, facts.talk_bases)]


def ledger_form_spec(edition: Edition, ledger: ValidLedger) -> PageSpec:
    """The page of a printable ledger form, to be built later."""
    path = ledger_form_path(ledger.branch, ledger.month)
    return _make_spec(
        path, lambda: build_ledger_form_page(edition, ledger_forms.build_ledger_form(edition.site_data.results, ledger))
    )


def _make_spec(path: str, build_page: Callable[[], Page]) -> PageSpec:
    return PageSpec(path, Audience.COMMITTEE, build_page)


def _build_journal_page(committee: CommitteeData) -> Page:
    path, title = "committee/journal.html", "审核、更正与备案登记"
    return Page(path, Audience.COMMITTEE, title, "journal.html", {"journal": committee.journal})


def _build_pack_page(edition: Edition, branch: Branch, quarter: Period) -> Page:
    suggested = edition.committee_facts.suggested_outcomes
    pack = filing_packs.build_filing_pack(edition.site_data, edition.pack_inputs, (branch, quarter), suggested)
    return build_packs_page(edition, [pack])


def build_ledger_form_page(site: SiteContext, form: LedgerForm) -> Page:
    """Build the page of a printable ledger form, or of a correction's form."""
    ledger = form.ledger
    order = f"更正（第{form.amended.number}次）" if form.amended else ""
    branch, names_on = site.branches_on(ledger.month.last)[ledger.branch], ledger.month.last
    title = f"{branch.name}{filters.format_period(ledger.month)}党员积分台账{order}"
    path, styles = ledger_form_path(ledger.branch, ledger.month), ("form", "sheet")
    return Page(path, Audience.COMMITTEE, title, "sheet.html", {"sheet": form}, styles, names_on=names_on)


def build_packs_page(site: SiteContext, packs: Sequence[FilingPack]) -> Page:
    """Build a page with filing packs of a quarter, at the path of the first pack."""
    first = packs[0]
    owner = first.branch.name if len(packs) == 1 else site.settings_on(first.quarter.last).organ
    title = f"{owner}{filters.format_period(first.quarter)}备案材料"
    path, styles = pack_path(first.branch.id, first.quarter), ("theme", "committee", "form")
    data, names_on = {"packs": packs}, first.quarter.last
    return Page(path, Audience.COMMITTEE, title, "pack.html", data, styles, names_on=names_on)


def build_results_page(site: SiteContext, today: date, year: YearResults) -> Page:
    """Build the page of the decisions that follow from a year's results."""
    cycle = get_period(PeriodKind.YEAR, year.year)
    data = {
        "year": year,
        "cycle": cycle,
        "over": cycle.last < today,
        "lists": _group_suggested(year.suggested, tuple(site.branches_on(cycle.last))),
    }
    path, title = results_path(year.year), f"{year.year}年度结果运用"
    return Page(path, Audience.COMMITTEE, title, "results.html", data, _STYLES, names_on=cycle.last)


def build_awards_page(year: YearResults) -> Page:
    """Build the page of a year's polls alone."""
    path, title = awards_path(year.year), f"{year.year}年度表彰投票与积分对照"
    data, names_on = {"year": year}, get_period(PeriodKind.YEAR, year.year).last
    return Page(path, Audience.COMMITTEE, title, "awards.html", data, _STYLES, names_on=names_on)


_Suggested = list[tuple[Consequence, list[tuple[Period, list[tuple[str, list[BoardStanding]]]]]]]


def _group_suggested(suggested: Sequence[Outcome], branches: Sequence[str]) -> _Suggested:
    """Group suggested outcomes by rule, talks first, then by period, newest first, and by branch, in roster order."""
    grouped = [  # outcomes are by rule already
        (rule, _group_by_period([place for outcome in outcomes for place in outcome.places], branches))
        for rule, outcomes in groupby(suggested, key=lambda outcome: outcome.rule)
    ]
    return sorted(grouped, key=lambda group: group[0].effect is not Effect.TALK)


def _group_by_period(
    places: Sequence[BoardStanding], branches: Sequence[str]
) -> list[tuple[Period, list[tuple[str, list[BoardStanding]]]]]:
    positions = {branch: position for position, branch in enumerate(branches)}
    grouped: dict[Period, dict[str, list[BoardStanding]]] = {}
    for place in sorted(places, key=lambda place: (-place.period.last.toordinal(), positions[place.standing.branch])):
        grouped.setdefault(place.period, {}).setdefault(place.standing.branch, []).append(place)
    return [(period, list(by_branch.items())) for period, by_branch in grouped.items()]


def _build_talk_page(edition: Edition, member: str, basis: TalkBasis) -> Page:
    ranking = edition.committee_facts.find_ranking(basis.board)
    talk = talk_sheets.build_talk_sheet(edition.site_data, edition.account_by_member[member], basis, ranking)
    title = f"{member_label(talk.account.member)}谈话提纲"
    return Page(talk_path(member), Audience.COMMITTEE, title, "talk.html", {"talk": talk}, _STYLES)


def _build_dashboard_page(edition: Edition, committee: CommitteeData) -> Page:
    data = {
        "desk": committee.dashboard,
        "years": committee.years,
        "packs": committee.packs,
        "talks": {
            branch: [talk for talk in committee.talks if talk.standing.branch == branch] for branch in edition.branches
        },
    }
    return Page("committee/index.html", Audience.COMMITTEE, "机关党委总览", "desk.html", data, _STYLES)
