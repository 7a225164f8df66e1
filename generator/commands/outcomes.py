"""``jifenbang outcomes``: the decisions of a year's results (section 五), and members one period away from one."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.commands.output_file import OUTPUT_OPTION, write_output
from generator.commands.period_argument import YEAR
from generator.commands.value_completion import complete_years
from generator.core.basics.periods import Period
from generator.project import Project
from generator.queries import outcomes
from generator.render.export import outcome_tables


@click.command(
    "outcomes",
    cls=ExampleCommand,
    help="一年的结果运用：按规定应对谁作出什么决定，依据哪几期榜单，谁再有一次即符合（临界提醒）；民主评议、表彰对照、支部台账。",
    examples={
        "列出 2026 年的": "jifenbang outcomes 2026",
        "存成 Excel 文件": "jifenbang outcomes 2026 --format xlsx --output 结果运用.xlsx",
    },
)
@click.argument("year", type=YEAR, shell_complete=complete_years, metavar="年度")
@click.option(
    "--format",
    "output_format",
    type=click.Choice([*outcome_tables.OUTCOME_FORMATS, "xlsx"]),
    default="table",
    help="输出格式",
)
@OUTPUT_OPTION
@project_command
def command(project: Project, today: date, *, year: Period, output_format: str, output: Path | None) -> None:
    """Print what the year's rulebook decides and suggests from complete boards."""
    year_outcomes = unwrap_result(project, outcomes.conclude_year(project, today, year))
    if output_format == "xlsx":
        from generator.render.export import xlsx  # noqa: PLC0415  it takes longer to import than everything else

        tables = outcome_tables.outcome_tables(year_outcomes.results, year_outcomes.branches)
        content: str | bytes = xlsx.tables_to_xlsx(tables)
    else:
        content = outcome_tables.OUTCOME_FORMATS[output_format](year_outcomes.results, year_outcomes.branches)
    write_output(project, output, content, output_format)
