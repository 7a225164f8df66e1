"""``jifenbang score``: one board on standard output."""

from datetime import date

import click

from generator.commands.console import project_command, unwrap_result
from generator.commands.period_argument import PERIOD
from generator.core.basics.periods import Period
from generator.project import Project
from generator.queries import score
from generator.render.export import ranking_table


@click.command("score", help="打印一张榜单：PERIOD 写 2026-03、2026-Q1、2026-H1 或 2026。")
@click.argument("period", type=PERIOD, metavar="PERIOD")
@click.option("--branch", metavar="ID", help="只排这个支部；不写则全机关一起排")
@click.option(
    "--format", "form", type=click.Choice(list(ranking_table.RANKING_FORMATS)), default="table", help="输出格式"
)
@project_command
def command(project: Project, today: date, *, period: Period, branch: str | None, form: str) -> None:
    """Rank a branch, or the organ, in a period."""
    board = unwrap_result(project, score.score_board(project, today, period, branch))
    click.echo(ranking_table.RANKING_FORMATS[form](board.ranking, board.rulebook))
