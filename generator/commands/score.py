"""``jifenbang score``: one board on standard output."""

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
from generator.queries import score
from generator.render.export import ranking_table


@click.command(
    "score",
    cls=ExampleCommand,
    help="列出一张榜单：周期写 2026-03、2026-Q1、2026-H1 或 2026。",
    examples={
        "第一党支部一季度的榜": "jifenbang score 2026-Q1 --branch first",
        "全机关上半年的榜，存成 Excel 文件": "jifenbang score 2026-H1 --format xlsx --output 半年榜.xlsx",
    },
)
@click.argument("period", type=PERIOD, shell_complete=complete_periods, metavar="周期")
@click.option("--branch", shell_complete=complete_branches, metavar="支部", help="只排这个支部；不写则全机关一起排")
@click.option(
    "--format",
    "output_format",
    type=click.Choice([*ranking_table.RANKING_FORMATS, "xlsx"]),
    default="table",
    help="输出格式",
)
@OUTPUT_OPTION
@project_command
def command(
    project: Project, today: date, *, period: Period, branch: str | None, output_format: str, output: Path | None
) -> None:
    """Rank a branch, or the organ, in a period."""
    board = unwrap_result(project, score.score_board(project, today, period, branch))
    if output_format == "xlsx":
        from generator.render.export import xlsx  # noqa: PLC0415  it takes longer to import than everything else

        table = ranking_table.build_ranking_table(board.ranking, board.rulebook, board.branches)
        content: str | bytes = xlsx.tables_to_xlsx([table])
    else:
        content = ranking_table.RANKING_FORMATS[output_format](board.ranking, board.rulebook, board.branches)
    write_output(project, output, content, output_format)
