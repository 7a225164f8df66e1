"""Every line behind a member's points in a period."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import Ledger
from generator.core.model.roster import Member
from generator.core.model.tally import Line
from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import Redone
from generator.core.scoring import results
from generator.loader import arguments
from generator.loader.load import Books
from generator.problems import Answer
from generator.project import Project


class Explanation(Struct, frozen=True):
    """A member's points in a period and the lines that add up to them.

    ``redone`` are lines that corrections changed, ``drafts`` files of the member's branch that are not counted.
    """

    member: Member
    points: Decimal
    lines: tuple[Line, ...]
    redone: tuple[Redone, ...]
    drafts: tuple[str, ...]


def explain(project: Project, today: date, word: str, period: Period) -> Answer[Explanation]:
    """Explain the points of the member of an id or unique name."""
    opened = arguments.open_books(project, today)
    loaded = opened.value
    if loaded is None:
        return Answer(problems=opened.problems)
    if refused := arguments.unknown_member(loaded, word) or arguments.unknown_year(loaded.rulebooks, period):
        return Answer(problems=opened.problems, refused=refused)
    member, scored = arguments.member(loaded, word), arguments.score_year(loaded, period)
    explanation = Explanation(
        member=member,
        points=results.score(scored, member.id, period).points,
        lines=results.explain(scored, member.id, period),
        redone=tuple(_redone(loaded, member, period)),
        drafts=tuple(
            ledger.files[-1]
            for (branch, month), ledger in loaded.drafts.items()
            if month in period and member.branch_on(month.last) == branch
        ),
    )
    return Answer(explanation, opened.problems)


def _redone(loaded: Books, member: Member, period: Period) -> Iterator[Redone]:
    """What corrections made of the member's lines in the period, months in order."""
    corrected = [key for key, earlier in loaded.counted.earlier.items() if earlier and key[1] in period]
    for branch, month in sorted(corrected, key=lambda key: key[1].first):
        document = loaded.shelf.papers[loaded.approved[branch, month].files[0]].document
        assert isinstance(document, Ledger)
        versions = (*loaded.counted.earlier[branch, month], loaded.approved[branch, month])
        yield from ledger_forms.redone(document, versions, loaded.rulebooks[month.year], member.id)
