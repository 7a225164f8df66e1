"""One board: a branch or the organ ranked in a period."""

from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Ranking
from generator.core.scoring import results
from generator.loader import arguments
from generator.problems import Answer
from generator.project import Project


class Board(Struct, frozen=True):
    """A ranking and the rulebook that scored it."""

    ranking: Ranking
    rulebook: Rulebook


def rank(project: Project, today: date, period: Period, branch: str | None) -> Answer[Board]:
    """Rank a branch, or with None the organ, in a period."""
    opened = arguments.open_books(project, today)
    loaded = opened.value
    if loaded is None:
        return Answer(problems=opened.problems)
    refused = arguments.unknown_year(loaded.rulebooks, period)
    if refused := refused or arguments.unknown_branch(loaded.roster.branch, branch):
        return Answer(problems=opened.problems, refused=refused)
    ranking = results.rank(arguments.score_year(loaded, period), period, branch)
    return Answer(Board(ranking, loaded.rulebooks[period.year]), opened.problems)
