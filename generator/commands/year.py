"""``jifenbang year``: open the ledgers of a year."""

from datetime import date

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.commands.period_argument import PERIOD, YEAR
from generator.commands.value_completion import complete_rulebooks
from generator.core.basics.periods import Period, PeriodKind
from generator.project import Project
from generator.workflow import start_year


@click.command(
    "year",
    cls=ExampleCommand,
    help="新年度立账：新建 ledgers/年份/cycle.yaml，写明用哪份规则；已有的不动。",
    examples={
        "2027 年沿用同一份规则": "jifenbang year 2027",
        "换一份规则": "jifenbang year 2027 --rulebook erqi-2027",
    },
)
@click.argument("year_period", type=YEAR, metavar="年份")
@click.option(
    "--rulebook", shell_complete=complete_rulebooks, metavar="规则编号", help="用哪份规则，默认与最近一年相同"
)
@click.option("--from", "first", type=PERIOD, metavar="月份", help="年中才开始的，从哪个月起计分，例如 2027-10")
@project_command
def command(project: Project, today: date, *, year_period: Period, rulebook: str | None, first: Period | None) -> None:
    """Write the year's cycle file and say where ledgers go."""
    del today
    year = year_period.year
    if first and (first.kind is not PeriodKind.MONTH or first.year != year):
        raise click.UsageError(f"--from 写 {year} 年的一个月份，例如 {year}-10")
    name = unwrap_result(project, start_year.start_year(project, year, rulebook, first))
    click.echo(f"{year} 年已立账：{name}。台账写在 ledgers/{year}/支部编号/两位月份.yaml。")
