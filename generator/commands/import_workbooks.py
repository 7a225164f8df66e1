"""``jifenbang import``: workbooks and tables of other systems become drafts of ledgers, corrections and ballots."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from generator.commands.console import print_problems, project_command, unwrap_result
from generator.core.basics.privacy import find_private_number
from generator.problems import replace_invisible
from generator.project import Project
from generator.workflow import import_workbooks
from generator.workflow.import_tables import ReadTable, TableOptions
from generator.workflow.workbook_drafts import ImportedWorkbook

_SUFFIXES = {".xlsx", ".csv", ".xls", ".xlsm", ".et", ".ods"}


@click.command(
    "import",
    help=(
        "把填好的工作簿，或别的系统导出的表（.xlsx、.csv），变成台账草稿；写文件夹的，导入其中每一份。"
        "有问题的按格子、按行列出，不写草稿；别的系统导出的，先列出头几行问您。文件本身不改动。"
        "例如：jifenbang import 收到的工作簿"
    ),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件或文件夹...")
@click.option("--update", is_flag=True, help="并入已有的草稿，列出改了什么；空白的格子不删草稿里的内容")
@click.option("--branch", metavar="支部", help="别的系统导出的表，只读这个支部的人")
@click.option("--recorder", default="", metavar="姓名", help="由别的系统导出的表新写的草稿，登记人是谁")
@click.option("--yes", is_flag=True, help="不再问，直接写")
@project_command
def command(project: Project, today: date, *, paths: tuple[Path, ...], yes: bool, **options: object) -> None:
    """Write the drafts of sound files and list what is wrong with the others."""
    recorder = str(options["recorder"]).strip()
    if find_private_number(recorder) or not recorder.isprintable():
        raise click.UsageError("--recorder 请只写姓名")
    files = [file for path in paths for file in _list_files(path)]
    branch = options["branch"]
    table_options = TableOptions(None if branch is None else str(branch), recorder, bool(options["update"]))

    def confirm(tables: Sequence[ReadTable]) -> bool:
        return _confirm(project, tables, yes=yes)

    result = import_workbooks.import_files(project, today, files, table_options, confirm)
    imported_files = unwrap_result(project, result)
    for imported in imported_files.imported:
        _describe(imported)
    if imported_files.is_refused or any(problem.is_error for problem in result.problems):
        raise SystemExit(1)


def _list_files(path: Path) -> Sequence[Path]:
    """Return a file, or the tables in a folder but for those that a program keeps beside an open one."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise click.UsageError(f"没有“{path}”这个文件或文件夹")
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith(("~$", ".")))
    listed = [file for file in files if file.suffix.lower() in _SUFFIXES]
    if not listed:
        raise click.UsageError(f"“{path}”里没有 .xlsx 工作簿，也没有 .csv 文件")
    return listed


def _confirm(project: Project, tables: Sequence[ReadTable], *, yes: bool) -> bool:
    """Show what tables mean, and ask whether it is to be written."""
    for table in tables:
        click.echo(f"{replace_invisible(table.file)}：头几行这样读：")
        for sample in table.samples:
            click.echo(f"  {replace_invisible(sample)}")
        if table.unread:
            click.echo(f"没有读、也没有存的：{'、'.join(table.unread)}。")
        print_problems(project, table.warnings)
        click.echo("要写的草稿：")
        for draft in table.drafts:
            click.echo(f"  {_summarize(draft.imported)}")
    if yes or not any(draft.imported.is_written for table in tables for draft in table.drafts):
        return True
    if not sys.stdin.isatty():
        click.echo("还没有写。看过没有错的，请再运行一次，加上 --yes。")
        return False
    is_agreed = click.prompt("写这些草稿吗？写 是 或 否", default="否", prompt_suffix="：") in {"是", "y", "yes"}
    if not is_agreed:
        click.echo("没有写。")
    return is_agreed


def _summarize(imported: ImportedWorkbook) -> str:
    draft = replace_invisible(imported.draft)
    if imported.summary:
        return f"{draft}，新写（{imported.summary}）"
    return f"{draft}，并入已有的" if imported.changes else f"{draft}，与现有的一样"


def _describe(imported: ImportedWorkbook) -> None:
    draft = replace_invisible(imported.draft)
    if imported.summary:
        click.echo(f"{imported.workbook}：已写成草稿 {draft}（{imported.summary}）。")
    elif imported.changes:
        click.echo(f"{imported.workbook}：已并入草稿 {draft}，改了这些地方（- 原来，+ 现在）：")
        for line in imported.changes:
            click.echo(f"  {replace_invisible(line)}")
    else:
        click.echo(f"{imported.workbook}：与现有的一样，没有改动。")
        return
    click.echo(f"请运行 jifenbang check {draft}，再送支委会审核。")
