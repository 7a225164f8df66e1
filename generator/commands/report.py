"""``jifenbang report``: a filing pack, a year's results or its polls as one file to print or to reckon with."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from generator.commands.console import fail_with_problems, project_command, unwrap_result
from generator.commands.output_file import save_output
from generator.commands.period_argument import PERIOD
from generator.core.basics.periods import Period, PeriodKind
from generator.problems import Problem
from generator.project import Project
from generator.queries import outcomes
from generator.queries.outcomes import CommitteeReport
from generator.render.export import filing_pack, outcome_tables, pdf
from generator.render.export.tables import Table
from generator.render.site import page_renderer

_KINDS = {"quarter": PeriodKind.QUARTER, "year": PeriodKind.YEAR, "awards": PeriodKind.YEAR}
_NAMES = {"quarter": "{}", "year": "{}-results", "awards": "{}-awards"}


@click.command(
    "report",
    help="把一份材料打印成一个文件，只供机关党委：quarter 2026-Q1 季度备案材料，year 2026 结果运用，"
    "awards 2026 表彰投票。",
)
@click.argument("kind", type=click.Choice(list(_KINDS)), metavar="quarter|year|awards")
@click.argument("period", type=PERIOD, metavar="PERIOD")
@click.option("--branch", metavar="ID", help="季度备案材料只要这个支部的；不写则各支部合为一个文件")
@click.option("--format", "form", type=click.Choice(["html", "xlsx", "pdf"]), default="html", help="文件格式")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="写到哪个文件，默认在当前文件夹里按材料命名",
)
@click.option(
    "--browser",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
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
    form: str,
    output: Path | None,
    browser: Path | None,
) -> None:
    """Write one file; nothing of it goes to the screen, where it would be the committee's data."""
    _check(kind, period, branch)
    made = unwrap_result(project, outcomes.compose_report(project, today, kind, period, branch))
    raw = _workbook(_tables(made, kind)) if form == "xlsx" else _html(made)
    if form == "pdf":
        raw = _printed(project, raw, browser)
    file = output or Path(f"{'-'.join(filter(None, [_NAMES[kind].format(period), branch]))}.{form}")
    save_output(project, file, raw, f".{form}")
    click.echo(f"已写到：{file.resolve()}\n内有扣分、处分和末位，只供机关党委使用，不要张贴，不要外传。")


def _check(kind: str, period: Period, branch: str | None) -> None:
    if period.kind is not _KINDS[kind]:
        example = "2026-Q1" if kind == "quarter" else "2026"
        raise click.UsageError(f"{kind} 后面的周期请写成 {example} 的样子")
    if branch is not None and kind != "quarter":
        raise click.UsageError("--branch 只用于 quarter")


def _tables(made: CommitteeReport, kind: str) -> Sequence[Table]:
    if made.year_results is None:
        return tuple(filing_pack.pack_tables(made.packs))
    tables = outcome_tables.award_tables if kind == "awards" else outcome_tables.outcome_tables
    return tables(made.year_results, made.site.branches)


def _workbook(tables: Sequence[Table]) -> bytes:
    from generator.render.export import xlsx  # noqa: PLC0415  it takes longer to import than all the rest

    return xlsx.tables_to_xlsx(tables)


def _html(made: CommitteeReport) -> bytes:
    return page_renderer.render_standalone(made.site, made.page, made.theme).encode()


def _printed(project: Project, html: bytes, browser: Path | None) -> bytes:
    printed = pdf.html_to_pdf(html, browser)
    if isinstance(printed, Problem):
        fail_with_problems(project, [printed])
    return printed
