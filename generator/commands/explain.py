"""``jifenbang explain``: every line behind a member's points, with its place in a file."""

from collections.abc import Iterator
from datetime import date

import click

from generator.books import Books
from generator.commands.console import on_project
from generator.commands.opening import PERIOD, find_member, open_books, score_year
from generator.core import results, sheets
from generator.core.model import Ledger, Member
from generator.core.periods import Period
from generator.core.sheets import Redone
from generator.project import Project
from generator.render import explanations


@click.command("explain", help="逐条说明一名党员（编号或姓名）某一周期的积分从何而来。")
@click.argument("member", metavar="MEMBER")
@click.argument("period", type=PERIOD, metavar="PERIOD")
@click.option("--format", "form", type=click.Choice(list(explanations.EXPLANATIONS)), default="text", help="输出格式")
@on_project
def command(project: Project, today: date, *, member: str, period: Period, form: str) -> None:
    """Print the lines that add up to the member's points in the period."""
    found = open_books(project, today)
    who = find_member(found, member)
    scored = score_year(found, period)
    for (branch, month), ledger in found.drafts.items():
        if month in period and who.branch_on(month.last) == branch:
            click.echo(f"提醒：{ledger.files[-1]} 还没有审核，没有计入。", err=True)
    points = results.score(scored, who.id, period).points
    lines = results.explain(scored, who.id, period)
    click.echo(explanations.EXPLANATIONS[form](who, period, points, lines, list(_redone(found, who, period))))


def _redone(found: Books, member: Member, period: Period) -> Iterator[Redone]:
    """What corrections made of the member's lines in the period, months in order."""
    corrected = [key for key, earlier in found.counted.earlier.items() if earlier and key[1] in period]
    for branch, month in sorted(corrected, key=lambda key: key[1].first):
        document = found.shelf.papers[found.approved[branch, month].files[0]].document
        assert isinstance(document, Ledger)
        versions = (*found.counted.earlier[branch, month], found.approved[branch, month])
        yield from sheets.redone(document, versions, found.rulebooks[month.year], member.id)
