"""``jifenbang outcomes``: what a year's results decide (section 五), and who is one period away from it."""

from datetime import date

import click

from generator.commands.console import project_command, unwrap_result
from generator.commands.period_argument import PERIOD
from generator.core.basics.periods import Period, PeriodKind
from generator.project import Project
from generator.queries import outcomes
from generator.render.export import outcome_tables


@click.command(
    "outcomes",
    help="一年的结果运用：哪些规则落到谁身上，依据哪几期榜单，谁再有一次就够上；民主评议、表彰对照、支部台账。",
)
@click.argument("year", type=PERIOD, metavar="YEAR")
@click.option(
    "--format", "form", type=click.Choice([*outcome_tables.OUTCOME_FORMATS, "xlsx"]), default="table", help="输出格式"
)
@project_command
def command(project: Project, today: date, *, year: Period, form: str) -> None:
    """Print what the year's rulebook decides and suggests from complete boards."""
    if year.kind is not PeriodKind.YEAR:
        raise click.UsageError("结果运用按年度，请写成 2026 的样子")
    concluded = unwrap_result(project, outcomes.conclude_year(project, today, year))
    if form == "xlsx":
        from generator.render.export import xlsx  # noqa: PLC0415  it takes longer to import than all the rest

        click.echo(xlsx.tables_to_xlsx(outcome_tables.outcome_tables(concluded.results, concluded.branches)), nl=False)
    else:
        click.echo(outcome_tables.OUTCOME_FORMATS[form](concluded.results, concluded.branches))
