"""Section 五 of a year, and the committee's papers as single pages."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from generator.build import survey
from generator.build.request import BuildRequest
from generator.build.survey import OrganView
from generator.core.basics.periods import Period, PeriodKind
from generator.core.model.roster import Branch
from generator.core.model.settings import Audience
from generator.core.outcomes import consequences, year_results
from generator.core.outcomes.year_results import YearResults
from generator.core.page_data import filing_packs
from generator.core.page_data.filing_packs import FilingPack
from generator.loader import arguments
from generator.problems import CommandResult
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import committee_pages
from generator.render.site.edition import Page, SiteContext


class YearOutcomes(Struct, frozen=True):
    """What a year's results decide, and the branches by id."""

    results: YearResults
    branches: Mapping[str, Branch]


class CommitteeReport(Struct, frozen=True):
    """One of the committee's papers as a page, and what it is about: a year, or filing packs."""

    site: SiteContext
    theme: Theme
    page: Page
    year_results: YearResults | None = None
    packs: tuple[FilingPack, ...] = ()


def conclude_year(project: Project, today: date, year: Period) -> CommandResult[YearOutcomes]:
    """Conclude what a year's results decide and suggest, from complete boards."""
    surveyed = _survey(project, today)
    if surveyed.value is None:
        return CommandResult(problems=surveyed.problems)
    organ = surveyed.value.organ
    if refused := arguments.year_usage_error(organ.inputs.rulebooks, year):
        return CommandResult(problems=surveyed.problems, usage_error=refused)
    inputs = organ.decision_inputs
    concluded = year_results.compute_year_results(inputs, consequences.build_history(inputs.rankings), year.year)
    return CommandResult(YearOutcomes(concluded, organ.roster.branch_by_id), surveyed.problems)


def compose_report(
    project: Project, today: date, kind: str, period: Period, branch: str | None
) -> CommandResult[CommitteeReport]:
    """Draw up filing packs of a quarter, a year's results or, for ``awards``, its polls."""
    surveyed = _survey(project, today)
    view = surveyed.value
    if view is None:
        return CommandResult(problems=surveyed.problems)
    organ = view.organ
    refused = arguments.year_usage_error(organ.inputs.rulebooks, period)
    refused = refused or arguments.branch_usage_error(organ.roster.branch_by_id, branch)
    drawn = refused or (
        _quarter(view, period, branch) if period.kind is PeriodKind.QUARTER else _year(view, kind, period)
    )
    if isinstance(drawn, str):
        return CommandResult(problems=surveyed.problems, usage_error=drawn)
    return CommandResult(drawn, surveyed.problems)


def _survey(project: Project, today: date) -> CommandResult[OrganView]:
    return survey.survey_organ(BuildRequest(project.root, today, frozenset({Audience.COMMITTEE})))


def _quarter(view: OrganView, quarter: Period, branch: str | None) -> CommitteeReport | str:
    organ = view.organ
    wanted = [
        home
        for home in organ.roster.branch_by_id
        if branch in {None, home} and quarter in organ.committee_facts[home].pack_quarters
    ]
    if not wanted:
        return f"{quarter} 还没有{branch or '任何支部'}的台账"
    listed = tuple(_pack(view, home, quarter) for home in wanted)
    return CommitteeReport(
        view.site, organ.inputs.theme, committee_pages.build_packs_page(view.site, listed), packs=listed
    )


def _pack(view: OrganView, home: str, quarter: Period) -> FilingPack:
    edition = view.make_branch_edition(home)
    which = edition.branches[home], quarter
    return filing_packs.build_filing_pack(
        edition.site_data, edition.pack_inputs, which, edition.committee_facts.suggested_outcomes
    )


def _year(view: OrganView, kind: str, period: Period) -> CommitteeReport | str:
    organ = view.organ
    year = organ.decisions.years.get(period.year)
    if year is None:
        return f"{period.year} 年还没有计分的台账"
    page = (
        committee_pages.build_awards_page(year)
        if kind == "awards"
        else committee_pages.build_results_page(organ.today, year)
    )
    return CommitteeReport(view.site, organ.inputs.theme, page, year_results=year)
