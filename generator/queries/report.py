"""Compose the committee's documents, each as a single page: filing packs, a year's results, its polls."""

from datetime import date

from msgspec import Struct

from generator.build.survey import OrganView
from generator.core.basics.periods import Period, PeriodKind
from generator.core.model.roster import Branch
from generator.core.outcomes.year_results import YearResults
from generator.core.page_data import filing_packs
from generator.core.page_data.filing_packs import FilingPack
from generator.loader import arguments
from generator.problems import CommandResult
from generator.project import Project
from generator.queries import outcomes
from generator.render.html.theme import Theme
from generator.render.site import committee_pages
from generator.render.site.edition import Page, SiteContext


class CommitteeReport(Struct, frozen=True):
    """One of the committee's documents as a page, and its subject: a year's results, or filing packs.

    ``branch`` is that of the packs if they are those of one branch alone.
    """

    site: SiteContext
    theme: Theme
    page: Page
    branch: Branch | None = None
    year_results: YearResults | None = None
    packs: tuple[FilingPack, ...] = ()


def compose_report(
    project: Project, today: date, kind: str, period: Period, branch: str | None
) -> CommandResult[CommitteeReport]:
    """Compose filing packs of a quarter, a year's results or, for ``awards``, its polls."""
    survey_result = outcomes.survey_for_committee(project, today)
    view = survey_result.value
    if view is None:
        return CommandResult(problems=survey_result.problems)
    organ = view.organ
    selected = arguments.find_branch(organ.roster, branch)
    usage_error = arguments.year_usage_error(organ.inputs.rulebooks, period)
    if usage_error or isinstance(selected, str):
        return CommandResult(problems=survey_result.problems, usage_error=usage_error or str(selected))
    report = (
        _compose_packs(view, period, selected)
        if period.kind is PeriodKind.QUARTER
        else _compose_year(view, kind, period)
    )
    if isinstance(report, str):
        return CommandResult(problems=survey_result.problems, usage_error=report)
    return CommandResult(report, survey_result.problems)


def _compose_packs(view: OrganView, quarter: Period, branch: Branch | None) -> CommitteeReport | str:
    organ = view.organ
    branch_ids = [
        branch_id
        for branch_id in organ.roster.branch_by_id
        if (branch is None or branch.id == branch_id) and quarter in organ.committee_facts[branch_id].pack_quarters
    ]
    if not branch_ids:
        return f"{quarter} 还没有{branch.name if branch else '任何支部'}的台账"
    packs = tuple(_build_pack(view, branch_id, quarter) for branch_id in branch_ids)
    return CommitteeReport(
        view.site, organ.inputs.theme, committee_pages.build_packs_page(view.site, packs), branch=branch, packs=packs
    )


def _build_pack(view: OrganView, branch_id: str, quarter: Period) -> FilingPack:
    edition = view.make_branch_edition(branch_id)
    branch_quarter = edition.branches[branch_id], quarter
    return filing_packs.build_filing_pack(
        edition.site_data, edition.pack_inputs, branch_quarter, edition.committee_facts.suggested_outcomes
    )


def _compose_year(view: OrganView, kind: str, period: Period) -> CommitteeReport | str:
    organ = view.organ
    results = organ.decisions.years.get(period.year)
    if results is None:
        return f"{period.year} 年还没有计分的台账"
    page = (
        committee_pages.build_awards_page(results)
        if kind == "awards"
        else committee_pages.build_results_page(view.site, organ.today, results)
    )
    return CommitteeReport(view.site, organ.inputs.theme, page, year_results=results)
