"""``jifenbang explain``: every line behind a member's points, with its place in a file."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.commands.output_file import OUTPUT_OPTION, write_output
from generator.commands.period_argument import PERIOD
from generator.commands.value_completion import complete_members, complete_periods
from generator.core.basics.periods import Period
from generator.project import Project
from generator.queries import explain
from generator.render.export import explanation


@click.command(
    "explain",
    cls=ExampleCommand,
    help="逐条说明一名党员（编号或姓名）某一周期的积分从何而来。",
    examples={
        "田沛 11 月的分": "jifenbang explain 田沛 2026-11",
        "写拼音首字母也行": "jifenbang explain tp 2026-Q4",
    },
)
@click.argument("member", shell_complete=complete_members, metavar="党员")
@click.argument("period", type=PERIOD, shell_complete=complete_periods, metavar="周期")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(explanation.EXPLANATION_FORMATS)),
    default="text",
    help="输出格式",
)
@OUTPUT_OPTION
@project_command
def command(
    project: Project, today: date, *, member: str, period: Period, output_format: str, output: Path | None
) -> None:
    """Print the lines that add up to the member's points in the period."""
    explained = unwrap_result(project, explain.explain_points(project, today, member, period))
    for file in explained.uncounted_drafts:
        click.echo(f"提醒：{file} 还没有审核，没有计入。", err=True)
    text = explanation.EXPLANATION_FORMATS[output_format](
        explained.member, period, explained.points, explained.lines, explained.corrected_lines
    )
    write_output(project, output, text, output_format)
