"""``jifenbang score``: one board on standard output."""

from datetime import date

import click

from generator.commands.console import on_project
from generator.commands.opening import PERIOD, find_branch, open_books, score_year
from generator.core import results
from generator.core.periods import Period
from generator.project import Project
from generator.render import rankings


@click.command("score", help="打印一张榜单：PERIOD 写 2026-03、2026-Q1、2026-H1 或 2026。")
@click.argument("period", type=PERIOD, metavar="PERIOD")
@click.option("--branch", metavar="ID", help="只排这个支部；不写则全机关一起排")
@click.option("--format", "form", type=click.Choice(list(rankings.RANKINGS)), default="table", help="输出格式")
@on_project
def command(project: Project, today: date, *, period: Period, branch: str | None, form: str) -> None:
    """Rank a branch, or the organ, in a period."""
    found = open_books(project, today)
    scored = score_year(found, period)
    if branch is not None:
        find_branch(found, branch)
    ranking = results.rank(scored, period, branch)
    click.echo(rankings.RANKINGS[form](ranking, found.rulebooks[period.year]))
