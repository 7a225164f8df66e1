"""Explain a member's points in a period, line by line."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import Ledger
from generator.core.model.roster import Member
from generator.core.model.tally import ScoreLine
from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import CorrectedLine
from generator.core.scoring import results
from generator.loader import arguments
from generator.loader.load import LoadedProject
from generator.problems import CommandResult
from generator.project import Project


class Explanation(Struct, frozen=True):
    """A member's points in a period and the lines that add up to them.

    ``corrected_lines`` are lines that corrections changed, ``uncounted_drafts`` files of the member's branch that are
    not counted.
    """

    member: Member
    points: Decimal
    lines: tuple[ScoreLine, ...]
    corrected_lines: tuple[CorrectedLine, ...]
    uncounted_drafts: tuple[str, ...]


def explain_points(project: Project, today: date, id_or_name: str, period: Period) -> CommandResult[Explanation]:
    """Explain the points of the member with an id or name, or of whom the site's search finds."""
    result = arguments.load_valid_project(project, today)
    loaded = result.value
    if loaded is None:
        return CommandResult(problems=result.problems)
    member = arguments.find_member(loaded.roster, id_or_name)
    if isinstance(member, str):
        return CommandResult(problems=result.problems, usage_error=member)
    if usage_error := arguments.year_usage_error(loaded.rulebooks, period):
        return CommandResult(problems=result.problems, usage_error=usage_error)
    scores = arguments.score_year(loaded, period)
    explanation = Explanation(
        member=loaded.roster.named_on(period.last).member_by_id[member.id],
        points=results.score_member(scores, member.id, period).points,
        lines=results.explain_score(scores, member.id, period),
        corrected_lines=tuple(_find_corrected_lines(loaded, member, period)),
        uncounted_drafts=tuple(
            ledger.files[-1]
            for (branch, month), ledger in loaded.draft_ledgers.items()
            if month in period and member.branch_on(month.last) == branch
        ),
    )
    return CommandResult(explanation, result.problems)


def _find_corrected_lines(loaded: LoadedProject, member: Member, period: Period) -> Iterator[CorrectedLine]:
    """Yield the member's lines in the period that corrections changed, months in order."""
    corrected = [
        key for key, earlier in loaded.effective_ledgers.before_corrections.items() if earlier and key[1] in period
    ]
    for branch, month in sorted(corrected, key=lambda key: key[1].first):
        document = loaded.ledger_files.by_name[loaded.approved_ledgers[branch, month].files[0]].document
        assert isinstance(document, Ledger)
        versions = (*loaded.effective_ledgers.before_corrections[branch, month], loaded.approved_ledgers[branch, month])
        yield from ledger_forms.find_corrected_lines(document, versions, loaded.rulebooks[month.year], member.id)
