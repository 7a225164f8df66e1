"""``jifenbang import``: filled workbooks become drafts of ledgers and corrections."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import advise_path, project_command, unwrap_result
from generator.problems import replace_invisible
from generator.project import Project
from generator.workflow import import_workbooks
from generator.workflow.workbook_drafts import ImportedWorkbook

_SUFFIXES = {".xlsx", ".json"}
_OTHER_SUFFIXES = {".xls", ".xlsm", ".et", ".ods", ".csv"}


@click.command(
    "import",
    cls=ExampleCommand,
    help=(
        "把填好的工作簿、填报页保存的文件变成台账草稿；写文件夹的，导入其中每一份。有问题的按表和格子列出，不写草稿；"
        "工作簿本身不改动。"
    ),
    examples={
        "导入一份": 'jifenbang import "2026-11 第一党支部.xlsx"',
        "导入收到的全部": "jifenbang import 收到的工作簿",
        "草稿已经有了，把改动并进去": 'jifenbang import "2026-11 第一党支部.xlsx" --update',
    },
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件或文件夹...")
@click.option("--update", is_flag=True, help="并入已有的草稿，列出改了什么；空白的格子不删草稿里的内容")
@project_command
def command(project: Project, today: date, *, paths: tuple[Path, ...], update: bool) -> None:
    """Write the drafts of sound workbooks and list what is wrong with the others."""
    files = [file for path in paths for file in _list_workbooks(path)]
    result = import_workbooks.import_workbooks(project, today, files, update=update)
    for imported in unwrap_result(project, result):
        _describe(imported)
    if any(problem.is_error for problem in result.problems):
        raise SystemExit(1)


def _list_workbooks(path: Path) -> Sequence[Path]:
    """Return a file, or the workbooks in a folder but for those that a program keeps beside an open one."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise click.UsageError(f"没有“{path}”这个文件或文件夹{advise_path(path)}")
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith(("~$", ".")))
    workbooks = [file for file in files if file.suffix.lower() in _SUFFIXES | _OTHER_SUFFIXES]
    if not workbooks:
        hint = "请核对文件夹；还没有导出的，运行 jifenbang sheet 月份"
        raise click.UsageError(f"“{path}”里没有 .xlsx 工作簿，也没有填报页保存的 .json 文件，{hint}")
    return workbooks


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
