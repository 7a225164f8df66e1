"""The pages of the committee alone: desk, results, filing packs, talk sheets, ledger forms and the journal."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import groupby

from generator.core.basics.periods import Kind, Period, period
from generator.core.model.ledger import ValidLedger
from generator.core.model.roster import Branch
from generator.core.model.rulebook import Consequence, Effect
from generator.core.model.settings import Audience
from generator.core.outcomes.consequences import Outcome, Placed
from generator.core.outcomes.year_results import Conclusions
from generator.core.page_data import boards, filing_packs, ledger_forms, talk_sheets
from generator.core.page_data.committee import Committee, ForBranch
from generator.core.page_data.filing_packs import Pack
from generator.core.page_data.ledger_forms import Sheet
from generator.core.page_data.talk_sheets import Basis
from generator.render.html import filters
from generator.render.site.edition import Edition, Page, PageSpec, Site
from generator.render.site.routes import awards_path, pack_path, results_path, sheet_path, talk_path

_STYLES = ("theme", "committee")


def of_organ(edition: Edition) -> Iterator[PageSpec]:
    """List the committee's pages that are no branch's, the desk last; none if they were not requested."""
    committee = edition.committee
    if committee is None:
        return
    yield _spec("committee/journal.html", lambda: _journal(committee))
    for year in committee.years:
        yield _spec(awards_path(year.year), partial(awards_page, year))
        yield _spec(results_path(year.year), partial(results_page, committee.desk.today, year))
    yield _spec("committee/index.html", lambda: _desk(edition, committee))


def of_branch(edition: Edition, ident: str) -> Iterator[PageSpec]:
    """List the filing packs of a branch and the talk sheets of its members."""
    branch, papers = edition.branches[ident], edition.papers
    for quarter in papers.quarters:
        yield _spec(pack_path(ident, quarter), partial(_pack, edition, branch, quarter))
    for member, basis in papers.talks.items():
        yield _spec(talk_path(member), partial(_talk, edition, member, basis))


def paths(branch: str, papers: ForBranch) -> list[str]:
    """The paths of these."""
    return [*(pack_path(branch, quarter) for quarter in papers.quarters), *map(talk_path, papers.talks)]


def form(edition: Edition, ledger: ValidLedger) -> PageSpec:
    """A printable ledger form."""
    path = sheet_path(ledger.branch, ledger.month)
    return _spec(path, lambda: sheet_page(edition, ledger_forms.sheet(edition.ground.results, ledger)))


def _spec(path: str, make: Callable[[], Page]) -> PageSpec:
    return PageSpec(path, Audience.COMMITTEE, make)


def _journal(committee: Committee) -> Page:
    path, title = "committee/journal.html", "审核、更正与备案登记"
    return Page(path, Audience.COMMITTEE, title, "journal.html", {"journal": committee.journal})


def _pack(edition: Edition, branch: Branch, quarter: Period) -> Page:
    which, suggested = (branch, quarter), edition.papers.suggested
    return packs_page(edition, [filing_packs.pack(edition.ground, edition.paperwork, which, suggested)])


def sheet_page(site: Site, sheet: Sheet) -> Page:
    """A printable ledger form, or that of a correction."""
    ledger = sheet.ledger
    order = f"更正（第{sheet.amended.number}次）" if sheet.amended else ""
    title = f"{site.branches[ledger.branch].name}{filters.period(ledger.month)}党员积分台账{order}"
    path = sheet_path(ledger.branch, ledger.month)
    return Page(path, Audience.COMMITTEE, title, "sheet.html", {"sheet": sheet}, ("form", "sheet"))


def packs_page(site: Site, listed: Sequence[Pack]) -> Page:
    """The filing packs of a quarter, at the first one's address: what branches send up."""
    first = listed[0]
    of = first.branch.name if len(listed) == 1 else site.settings.organ
    title = f"{of}{filters.period(first.quarter)}备案材料"
    path = pack_path(first.branch.id, first.quarter)
    return Page(path, Audience.COMMITTEE, title, "pack.html", {"packs": listed}, ("theme", "committee", "form"))


def results_page(today: date, year: Conclusions) -> Page:
    """What a year's results decide."""
    cycle = period(Kind.YEAR, year.year)
    data = {
        "year": year,
        "cycle": cycle,
        "over": cycle.last < today,
        "lists": _lists(year.suggested),
    }
    title = f"{year.year}年度结果运用"
    return Page(results_path(year.year), Audience.COMMITTEE, title, "results.html", data, _STYLES)


def awards_page(year: Conclusions) -> Page:
    """A year's polls alone."""
    title = f"{year.year}年度表彰投票与积分对照"
    return Page(awards_path(year.year), Audience.COMMITTEE, title, "awards.html", {"year": year}, _STYLES)


_Lists = list[tuple[Consequence, list[tuple[Period, list[tuple[str, list[Placed]]]]]]]


def _lists(suggested: Sequence[Outcome]) -> _Lists:
    """Those who are suggested: by rule, those to talk to first, then by period, newest first, and branch."""
    found = [
        (rule, _by_period([place for one in group for place in one.places]))
        for rule, group in groupby(suggested, key=lambda one: one.rule)
    ]
    return sorted(found, key=lambda one: one[0].effect is not Effect.TALK)


def _by_period(places: Sequence[Placed]) -> list[tuple[Period, list[tuple[str, list[Placed]]]]]:
    found: dict[Period, dict[str, list[Placed]]] = {}
    for place in sorted(places, key=lambda one: one.period.last, reverse=True):
        found.setdefault(place.period, {}).setdefault(place.standing.branch, []).append(place)
    return [(stretch, list(homes.items())) for stretch, homes in found.items()]


def _talk(edition: Edition, member: str, basis: Basis) -> Page:
    ranking = edition.papers.ranking(basis.board)
    talk = talk_sheets.talk(edition.ground, edition.account[member], basis, ranking)
    title = f"{boards.label(talk.account.member)}谈话提纲"
    return Page(talk_path(member), Audience.COMMITTEE, title, "talk.html", {"talk": talk}, _STYLES)


def _desk(edition: Edition, committee: Committee) -> Page:
    data = {
        "desk": committee.desk,
        "years": committee.years,
        "packs": committee.packs,
        "talks": {
            branch: [one for one in committee.talks if one.standing.branch == branch] for branch in edition.branches
        },
    }
    return Page("committee/index.html", Audience.COMMITTEE, "机关党委工作台", "desk.html", data, _STYLES)
