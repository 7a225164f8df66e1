"""``jifenbang explain``: every line behind a member's points, with its place in a file."""

from datetime import date

import click

from generator import books
from generator.commands.console import PERIOD, check_year, find_member, on_project, open_books
from generator.core import results
from generator.core.periods import Period
from generator.project import Project
from generator.render import reports


@click.command("explain", help="逐条说明一名党员（编号或姓名）某一周期的积分从何而来。")
@click.argument("member", metavar="MEMBER")
@click.argument("period", type=PERIOD, metavar="PERIOD")
@click.option("--format", "form", type=click.Choice(list(reports.EXPLANATIONS)), default="text", help="输出格式")
@on_project
def command(project: Project, today: date, *, member: str, period: Period, form: str) -> None:
    """Print the lines that add up to the member's points in the period."""
    found = open_books(project, today)
    who = find_member(found, member)
    check_year(found, period)
    for (branch, month), ledger in found.drafts.items():
        if month in period and who.branch_on(month.last) == branch:
            click.echo(f"提醒：{ledger.files[-1]} 还没有审核，没有计入。", err=True)
    scored = books.score(found)
    points = results.score(scored, who.id, period).points
    click.echo(reports.EXPLANATIONS[form](who, period, points, results.explain(scored, who.id, period)))
