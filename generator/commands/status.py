"""``jifenbang status``: how far every branch's months are, and the next command to type."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.commands.output_file import OUTPUT_OPTION, write_output
from generator.commands.period_argument import PERIOD
from generator.commands.value_completion import complete_branches, complete_periods
from generator.core.basics.periods import Period
from generator.project import Project
from generator.queries import status
from generator.render.export import status_table


@click.command(
    "status",
    cls=ExampleCommand,
    help="各支部每个月的台账办到哪一步，下一步运行什么。周期写 2026、2026-Q4 或 2026-11，不写是最近一年。",
    examples={
        "最近一年，各个支部": "jifenbang status",
        "第一党支部的四季度": "jifenbang status 2026-Q4 --branch first",
    },
)
@click.argument("period", type=PERIOD, required=False, shell_complete=complete_periods, metavar="[周期]")
@click.option("--branch", shell_complete=complete_branches, metavar="支部", help="只看这个支部")
@click.option(
    "--format",
    "output_format",
    type=click.Choice([*status_table.STATUS_FORMATS]),
    default="table",
    help="输出格式",
)
@OUTPUT_OPTION
@project_command
def command(
    project: Project,
    today: date,
    *,
    period: Period | None,
    branch: str | None,
    output_format: str,
    output: Path | None,
) -> None:
    """Print the progress of each month and what to type next."""
    view = unwrap_result(project, status.compute_status(project, today, period, branch))
    write_output(project, output, status_table.STATUS_FORMATS[output_format](view), output_format)
