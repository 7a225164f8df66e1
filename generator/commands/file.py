"""``jifenbang file``: record that the organ committee accepted a quarter 备案 (四2)."""

from datetime import date

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import DAY, project_command, unwrap_result
from generator.commands.period_argument import QUARTER
from generator.commands.value_completion import complete_branches, complete_quarters
from generator.core.basics.periods import Period
from generator.core.basics.privacy import find_private_number
from generator.project import Project
from generator.workflow import file_quarter
from generator.workflow.file_quarter import Acceptance


@click.command(
    "file",
    cls=ExampleCommand,
    help="记录一个季度的结果已向机关党委备案。",
    examples={
        "各支部三季度都已备案": "jifenbang file 2026-Q3 --on 2026-10-15 --by 孟宪春",
        "只有一个支部": "jifenbang file 2026-Q3 --branch first --on 2026-10-15 --by 孟宪春",
    },
)
@click.argument("period", type=QUARTER, shell_complete=complete_quarters, metavar="季度")
@click.option("--on", "day", type=DAY, required=True, metavar="日期", help="备案的日期")
@click.option("--by", required=True, metavar="姓名", help="机关党委的备案人，当天在机关的名册上")
@click.option("--acting", metavar="原因", help="备案人不在名册上时，写明代行的原因")
@click.option("--branch", shell_complete=complete_branches, metavar="支部", help="只备案这个支部；不写则各支部都备案")
@project_command
def command(project: Project, today: date, *, period: Period, branch: str | None, **options: object) -> None:
    """Write a filing for each branch of the organ, or for one: all of them or none."""
    acceptance = _parse_acceptance(options)
    for name in unwrap_result(project, file_quarter.file_quarter(project, today, period, branch, acceptance)):
        click.echo(f"已备案：{name}（{acceptance.day}，{acceptance.by}）")


def _parse_acceptance(options: dict[str, object]) -> Acceptance:
    day, by, acting = options["day"], str(options["by"]).strip(), options["acting"]
    assert isinstance(day, date)
    if not by or find_private_number(by):
        raise click.UsageError("--by 请写备案人的姓名，不要写号码")
    reason = None if acting is None else str(acting).strip()
    if reason == "" or find_private_number(reason or ""):
        raise click.UsageError("--acting 后面要写代行的原因，不要写号码")
    return Acceptance(day, by, reason)
