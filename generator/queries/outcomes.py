"""Section 五 of a year, and the committee's papers as single pages."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from generator.build import survey
from generator.build.request import BuildRequest
from generator.build.survey import OrganView
from generator.core.basics.periods import Kind, Period
from generator.core.model.roster import Branch
from generator.core.model.settings import Audience
from generator.core.outcomes import consequences, year_results
from generator.core.outcomes.year_results import Conclusions
from generator.core.page_data import filing_packs
from generator.core.page_data.filing_packs import Pack
from generator.loader import arguments
from generator.problems import Answer
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import committee_pages
from generator.render.site.edition import Page, Site


class Concluded(Struct, frozen=True):
    """What a year's results decide, and the branches by id."""

    year: Conclusions
    branches: Mapping[str, Branch]


class Report(Struct, frozen=True):
    """One of the committee's papers as a page, and what it is about: a year, or filing packs."""

    site: Site
    theme: Theme
    page: Page
    year: Conclusions | None = None
    packs: tuple[Pack, ...] = ()


def conclude(project: Project, today: date, year: Period) -> Answer[Concluded]:
    """Conclude what a year's results decide and suggest, from complete boards."""
    surveyed = _survey(project, today)
    if surveyed.value is None:
        return Answer(problems=surveyed.problems)
    organ = surveyed.value.organ
    if refused := arguments.unknown_year(organ.inputs.rulebooks, year):
        return Answer(problems=surveyed.problems, refused=refused)
    inputs = organ.decision_inputs
    concluded = year_results.conclude(inputs, consequences.history(inputs.rankings), year.year)
    return Answer(Concluded(concluded, organ.roster.branch), surveyed.problems)


def report(project: Project, today: date, kind: str, period: Period, branch: str | None) -> Answer[Report]:
    """Draw up filing packs of a quarter, a year's results or, for ``awards``, its polls."""
    surveyed = _survey(project, today)
    view = surveyed.value
    if view is None:
        return Answer(problems=surveyed.problems)
    organ = view.organ
    refused = arguments.unknown_year(organ.inputs.rulebooks, period)
    refused = refused or arguments.unknown_branch(organ.roster.branch, branch)
    drawn = refused or (_quarter(view, period, branch) if period.kind is Kind.QUARTER else _year(view, kind, period))
    if isinstance(drawn, str):
        return Answer(problems=surveyed.problems, refused=drawn)
    return Answer(drawn, surveyed.problems)


def _survey(project: Project, today: date) -> Answer[OrganView]:
    return survey.survey(BuildRequest(project.root, today, frozenset({Audience.COMMITTEE})))


def _quarter(view: OrganView, quarter: Period, branch: str | None) -> Report | str:
    organ = view.organ
    wanted = [home for home in organ.roster.branch if branch in {None, home} and quarter in organ.papers[home].quarters]
    if not wanted:
        return f"{quarter} 还没有{branch or '任何支部'}的台账"
    listed = tuple(_pack(view, home, quarter) for home in wanted)
    return Report(view.site, organ.inputs.theme, committee_pages.packs_page(view.site, listed), packs=listed)


def _pack(view: OrganView, home: str, quarter: Period) -> Pack:
    edition = view.edition(home)
    which = edition.branches[home], quarter
    return filing_packs.pack(edition.ground, edition.paperwork, which, edition.papers.suggested)


def _year(view: OrganView, kind: str, period: Period) -> Report | str:
    organ = view.organ
    year = organ.decided.years.get(period.year)
    if year is None:
        return f"{period.year} 年还没有计分的台账"
    page = committee_pages.awards_page(year) if kind == "awards" else committee_pages.results_page(organ.today, year)
    return Report(view.site, organ.inputs.theme, page, year=year)
