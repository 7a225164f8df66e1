"""Compute section 五 of a year: what its results decide and suggest."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from generator.build import survey
from generator.build.request import BuildRequest
from generator.build.survey import OrganView
from generator.core.basics.periods import Period
from generator.core.model.roster import Branch
from generator.core.model.settings import Audience
from generator.core.outcomes import consequences, year_results
from generator.core.outcomes.year_results import YearResults
from generator.loader import arguments
from generator.problems import CommandResult
from generator.project import Project


class YearOutcomes(Struct, frozen=True):
    """The decisions of a year's results, and the branches by id."""

    results: YearResults
    branches: Mapping[str, Branch]


def conclude_year(project: Project, today: date, year: Period) -> CommandResult[YearOutcomes]:
    """Compute what a year's results decide and suggest, from complete boards."""
    survey_result = survey_for_committee(project, today)
    if survey_result.value is None:
        return CommandResult(problems=survey_result.problems)
    organ = survey_result.value.organ
    if usage_error := arguments.year_usage_error(organ.inputs.rulebooks, year):
        return CommandResult(problems=survey_result.problems, usage_error=usage_error)
    inputs = organ.decision_inputs
    history = consequences.build_history(inputs.rankings, inputs.results.rulebooks)
    results = year_results.compute_year_results(inputs, history, year.year)
    branches = organ.roster.named_on(year.last).branch_by_id
    return CommandResult(YearOutcomes(results, branches), survey_result.problems)


def survey_for_committee(project: Project, today: date) -> CommandResult[OrganView]:
    """Compute the organ as the committee reads it, without its pages."""
    return survey.survey_organ(BuildRequest(project.root, today, frozenset({Audience.COMMITTEE})), project.progress)
