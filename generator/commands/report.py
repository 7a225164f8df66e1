"""``jifenbang report``: a filing pack, a year's results or its polls as one file to print or to calculate with."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import fail_with_problems, project_command, unwrap_result
from generator.commands.output_file import save_output
from generator.commands.period_argument import PERIOD
from generator.commands.value_completion import complete_branches, complete_periods
from generator.core.basics.periods import Period, PeriodKind
from generator.problems import Problem
from generator.project import Project
from generator.queries.report import CommitteeReport, compose_report
from generator.render.export import filing_pack, outcome_tables, pdf
from generator.render.export.tables import Table
from generator.render.site import page_renderer

_KINDS = {"quarter": PeriodKind.QUARTER, "year": PeriodKind.YEAR, "awards": PeriodKind.YEAR}
_FILE_STEMS = {"quarter": "{}", "year": "{}-results", "awards": "{}-awards"}


@click.command(
    "report",
    cls=ExampleCommand,
    help="把一份材料写成一个文件，只供机关党委：quarter 2026-Q1 季度备案材料，year 2026 结果运用，"
    "awards 2026 表彰投票。",
    examples={
        "一季度各支部的备案材料": "jifenbang report quarter 2026-Q1",
        "全年的结果运用，存成 PDF": "jifenbang report year 2026 --format pdf",
        "表彰投票": "jifenbang report awards 2026",
    },
)
@click.argument("kind", type=click.Choice(list(_KINDS)), metavar="quarter|year|awards")
@click.argument("period", type=PERIOD, shell_complete=complete_periods, metavar="周期")
@click.option(
    "--branch",
    shell_complete=complete_branches,
    metavar="支部",
    help="季度备案材料只要这个支部的；不写则各支部合为一个文件",
)
@click.option("--format", "output_format", type=click.Choice(["html", "xlsx", "pdf"]), default="html", help="文件格式")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="写到哪个文件，默认在当前文件夹里按材料命名",
)
@click.option(
    "--browser",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="用哪个浏览器打印 PDF，默认自己找 Chromium、Chrome 或 Edge",
)
@project_command
def command(
    project: Project,
    today: date,
    *,
    kind: str,
    period: Period,
    branch: str | None,
    output_format: str,
    output: Path | None,
    browser: Path | None,
) -> None:
    """Write one file; nothing of it is printed to the screen, which isn't for the committee's data."""
    _check_arguments(kind, period, branch)
    report = unwrap_result(project, compose_report(project, today, kind, period, branch))
    content = _render_xlsx(_report_tables(report, kind)) if output_format == "xlsx" else _render_html(report)
    if output_format == "pdf":
        content = _render_pdf(project, content, browser)
    stem = _FILE_STEMS[kind].format(period) + (f"-{report.branch.id}" if report.branch else "")
    path = output or Path(f"{stem}.{output_format}")
    save_output(project, path, content, f".{output_format}")
    click.echo(f"已写到：{path.resolve()}\n内有扣分、处分和末位，只供机关党委使用，不要张贴，不要外传。")


def _check_arguments(kind: str, period: Period, branch: str | None) -> None:
    if period.kind is not _KINDS[kind]:
        example = "2026-Q1" if kind == "quarter" else "2026"
        raise click.UsageError(f"{kind} 后面的周期请写成 {example} 的样子")
    if branch is not None and kind != "quarter":
        raise click.UsageError("--branch 只用于 quarter，请去掉")


def _report_tables(report: CommitteeReport, kind: str) -> Sequence[Table]:
    if report.year_results is None:
        return tuple(filing_pack.pack_tables(report.packs))
    tables = outcome_tables.award_tables if kind == "awards" else outcome_tables.outcome_tables
    return tables(report.year_results, report.site.branches)


def _render_xlsx(tables: Sequence[Table]) -> bytes:
    from generator.render.export import xlsx  # noqa: PLC0415  it takes longer to import than everything else

    return xlsx.tables_to_xlsx(tables)


def _render_html(report: CommitteeReport) -> bytes:
    return page_renderer.render_standalone(report.site, report.page, report.theme).encode()


def _render_pdf(project: Project, html: bytes, browser: Path | None) -> bytes:
    document = pdf.html_to_pdf(html, browser)
    if isinstance(document, Problem):
        fail_with_problems(project, [document])
    return document
