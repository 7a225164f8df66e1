"""Compute one board: a branch or the organ ranked in a period."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Ranking
from generator.core.scoring import results
from generator.loader import arguments
from generator.problems import CommandResult
from generator.project import Project


class ScoredBoard(Struct, frozen=True):
    """A ranking, the rulebook that scored it, and the names of branches by id."""

    ranking: Ranking
    rulebook: Rulebook
    branches: Mapping[str, str]


def score_board(project: Project, today: date, period: Period, branch: str | None) -> CommandResult[ScoredBoard]:
    """Rank a branch, or with None the organ, in a period."""
    result = arguments.load_valid_project(project, today)
    loaded = result.value
    if loaded is None:
        return CommandResult(problems=result.problems)
    ranked = arguments.find_branch(loaded.roster, branch)
    usage_error = arguments.year_usage_error(loaded.rulebooks, period)
    if usage_error or isinstance(ranked, str):
        return CommandResult(problems=result.problems, usage_error=usage_error or str(ranked))
    ranking = results.rank_board(arguments.score_year(loaded, period), period, ranked.id if ranked else None)
    branches = {branch.id: branch.named_on(period.last).name for branch in loaded.roster.branches}
    return CommandResult(ScoredBoard(ranking, loaded.rulebooks[period.year], branches), result.problems)
