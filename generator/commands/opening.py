"""What commands share that read the whole project: opening it, and naming what is in it."""

from datetime import date

import click
from msgspec.structs import replace

from generator import books
from generator.books import Books, Reading
from generator.commands.console import stop, tell
from generator.core import periods
from generator.core.model import Branch, Member
from generator.core.periods import Period
from generator.core.results import Results
from generator.problems import Problem, suggest
from generator.project import Project


class _PeriodType(click.ParamType[Period]):
    name = "period"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        found = periods.parse(value)
        if found is None:
            self.fail(f"“{value}”不是周期，请写成 2026-03、2026-Q1、2026-H1 或 2026 的样子", param, ctx)
        return found


PERIOD = _PeriodType()


def open_books(project: Project, today: date) -> Books:
    """Read the project as all but ``check`` and ``approve`` do: what is wrong in a draft is only told."""
    reading = books.read(project, today)
    problems = reading.lenient()
    if reading.books is None or any(problem.is_error for problem in problems):
        stop(project, [problem for problem in problems if problem.is_error])
    tell(project, _of_drafts(reading, problems))
    return reading.books


def _of_drafts(reading: Reading, problems: list[Problem]) -> list[Problem]:
    """Errors in drafts, told as warnings; the warnings that only ``check`` gives are left to it."""
    errors = {(one.where, one.code) for one in reading.problems if one.is_error}
    return [one for one in problems if (one.where, one.code) in errors]


def find_member(open_: Books, word: str) -> Member:
    """The member of an id or unique name; wrong usage if there is none or more than one."""
    found = open_.roster.named.get(word, ())
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError(f"名册里没有“{word}”。{suggest(word, open_.roster.named)}")
    ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in found)
    raise click.UsageError(f"有 {len(found)} 名党员叫“{word}”，请写编号：{ids}")


def find_branch(open_: Books, word: str) -> Branch:
    """The branch of an id; wrong usage if there is none."""
    if word not in open_.roster.branch:
        known = "、".join(f"{one.id}（{one.name}）" for one in open_.roster.branches)
        raise click.UsageError(f"没有“{word}”这个支部，现有：{known}")
    return open_.roster.branch[word]


def check_year(open_: Books, period: Period) -> None:
    """Wrong usage if the period's year has no rulebook."""
    if period.year not in open_.rulebooks:
        raise click.UsageError(f"没有 {period.year} 年的规则（ledgers/{period.year}/cycle.yaml）")


def score_year(open_: Books, period: Period) -> Results:
    """What the ledgers of the period's year come to, on which no other bears; wrong usage if it has no rulebook."""
    check_year(open_, period)
    return books.score(replace(open_, rulebooks={period.year: open_.rulebooks[period.year]}))
