"""The pages of the committee alone: desk, results, filing packs, talk sheets, ledger forms and the journal."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.model.ledger import ValidLedger
from generator.core.model.roster import Branch
from generator.core.model.rulebook import Consequence, Effect
from generator.core.model.settings import Audience
from generator.core.outcomes.consequences import BoardStanding, Outcome
from generator.core.outcomes.year_results import YearResults
from generator.core.page_data import boards, filing_packs, ledger_forms, talk_sheets
from generator.core.page_data.committee import CommitteeData, CommitteeFacts
from generator.core.page_data.filing_packs import FilingPack
from generator.core.page_data.ledger_forms import LedgerForm
from generator.core.page_data.talk_sheets import TalkBasis
from generator.render.html import filters
from generator.render.site.edition import Edition, Page, PageSpec, SiteContext
from generator.render.site.routes import awards_path, ledger_form_path, pack_path, results_path, talk_path

_STYLES = ("theme", "committee")


def list_committee_pages(edition: Edition) -> Iterator[PageSpec]:
    """List the committee's pages that are no branch's, the desk last; none if they were not requested."""
    committee = edition.committee
    if committee is None:
        return
    yield _spec("committee/journal.html", lambda: _journal(committee))
    for year in committee.years:
        yield _spec(awards_path(year.year), partial(build_awards_page, year))
        yield _spec(results_path(year.year), partial(build_results_page, committee.dashboard.today, year))
    yield _spec("committee/index.html", lambda: _desk(edition, committee))


def list_branch_committee_pages(edition: Edition, branch_id: str) -> Iterator[PageSpec]:
    """List the filing packs of a branch and the talk sheets of its members."""
    branch, papers = edition.branches[branch_id], edition.committee_facts
    for quarter in papers.pack_quarters:
        yield _spec(pack_path(branch_id, quarter), partial(_pack, edition, branch, quarter))
    for member, basis in papers.talk_bases.items():
        yield _spec(talk_path(member), partial(_talk, edition, member, basis))


def branch_committee_paths(branch: str, facts: CommitteeFacts) -> list[str]:
    """The paths of these."""
    return [*(pack_path(branch, quarter) for quarter in facts.pack_quarters), *map(talk_path, facts.talk_bases)]


def ledger_form_spec(edition: Edition, ledger: ValidLedger) -> PageSpec:
    """A printable ledger form."""
    path = ledger_form_path(ledger.branch, ledger.month)
    return _spec(
        path, lambda: build_ledger_form_page(edition, ledger_forms.build_ledger_form(edition.site_data.results, ledger))
    )


def _spec(path: str, make: Callable[[], Page]) -> PageSpec:
    return PageSpec(path, Audience.COMMITTEE, make)


def _journal(committee: CommitteeData) -> Page:
    path, title = "committee/journal.html", "审核、更正与备案登记"
    return Page(path, Audience.COMMITTEE, title, "journal.html", {"journal": committee.journal})


def _pack(edition: Edition, branch: Branch, quarter: Period) -> Page:
    which, suggested = (branch, quarter), edition.committee_facts.suggested_outcomes
    return build_packs_page(
        edition, [filing_packs.build_filing_pack(edition.site_data, edition.pack_inputs, which, suggested)]
    )


def build_ledger_form_page(site: SiteContext, form: LedgerForm) -> Page:
    """A printable ledger form, or that of a correction."""
    ledger = form.ledger
    order = f"更正（第{form.amended.number}次）" if form.amended else ""
    title = f"{site.branches[ledger.branch].name}{filters.format_period(ledger.month)}党员积分台账{order}"
    path = ledger_form_path(ledger.branch, ledger.month)
    return Page(path, Audience.COMMITTEE, title, "sheet.html", {"sheet": form}, ("form", "sheet"))


def build_packs_page(site: SiteContext, packs: Sequence[FilingPack]) -> Page:
    """The filing packs of a quarter, at the first one's address: what branches send up."""
    first = packs[0]
    of = first.branch.name if len(packs) == 1 else site.settings.organ
    title = f"{of}{filters.format_period(first.quarter)}备案材料"
    path = pack_path(first.branch.id, first.quarter)
    return Page(path, Audience.COMMITTEE, title, "pack.html", {"packs": packs}, ("theme", "committee", "form"))


def build_results_page(today: date, year: YearResults) -> Page:
    """What a year's results decide."""
    cycle = get_period(PeriodKind.YEAR, year.year)
    data = {
        "year": year,
        "cycle": cycle,
        "over": cycle.last < today,
        "lists": _lists(year.suggested),
    }
    title = f"{year.year}年度结果运用"
    return Page(results_path(year.year), Audience.COMMITTEE, title, "results.html", data, _STYLES)


def build_awards_page(year: YearResults) -> Page:
    """A year's polls alone."""
    title = f"{year.year}年度表彰投票与积分对照"
    return Page(awards_path(year.year), Audience.COMMITTEE, title, "awards.html", {"year": year}, _STYLES)


_Lists = list[tuple[Consequence, list[tuple[Period, list[tuple[str, list[BoardStanding]]]]]]]


def _lists(suggested: Sequence[Outcome]) -> _Lists:
    """Those who are suggested: by rule, those to talk to first, then by period, newest first, and branch."""
    found = [
        (rule, _by_period([place for one in group for place in one.places]))
        for rule, group in groupby(suggested, key=lambda one: one.rule)
    ]
    return sorted(found, key=lambda one: one[0].effect is not Effect.TALK)


def _by_period(places: Sequence[BoardStanding]) -> list[tuple[Period, list[tuple[str, list[BoardStanding]]]]]:
    found: dict[Period, dict[str, list[BoardStanding]]] = {}
    for place in sorted(places, key=lambda one: one.period.last, reverse=True):
        found.setdefault(place.period, {}).setdefault(place.standing.branch, []).append(place)
    return [(stretch, list(homes.items())) for stretch, homes in found.items()]


def _talk(edition: Edition, member: str, basis: TalkBasis) -> Page:
    ranking = edition.committee_facts.find_ranking(basis.board)
    talk = talk_sheets.build_talk_sheet(edition.site_data, edition.account_by_member[member], basis, ranking)
    title = f"{boards.member_label(talk.account.member)}谈话提纲"
    return Page(talk_path(member), Audience.COMMITTEE, title, "talk.html", {"talk": talk}, _STYLES)


def _desk(edition: Edition, committee: CommitteeData) -> Page:
    data = {
        "desk": committee.dashboard,
        "years": committee.years,
        "packs": committee.packs,
        "talks": {
            branch: [one for one in committee.talks if one.standing.branch == branch] for branch in edition.branches
        },
    }
    return Page("committee/index.html", Audience.COMMITTEE, "机关党委工作台", "desk.html", data, _STYLES)
