"""``jifenbang sheet``: the workbooks in which recorders fill in a month."""

import re
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import fail_with_problems, project_command, unwrap_result
from generator.commands.output_file import make_output_folder, save_output
from generator.commands.period_argument import MONTH
from generator.commands.value_completion import complete_branches, complete_months
from generator.core.basics.periods import Period
from generator.project import Project
from generator.queries import sheet
from generator.queries.sheet import SheetFormat, SheetRequest

_SUFFIXES = {f".{file_format}" for file_format in SheetFormat}


@click.command(
    "sheet",
    cls=ExampleCommand,
    help=(
        "导出一个月的工作簿，每个支部一份，给登记人用电子表格填；有草稿的，带着草稿的内容。没有电子表格的，"
        "--format html 导出填报页，用浏览器填。已审核的月份加 --correct，改动的地方导入后成为更正。"
    ),
    examples={
        "给每个支部导出 11 月的工作簿": "jifenbang sheet 2026-11",
        "只要一个支部的，写到别的文件夹": "jifenbang sheet 2026-11 --branch first --output 发出的工作簿",
        "用浏览器填的": "jifenbang sheet 2026-11 --format html",
        "更正已审核的 3 月": "jifenbang sheet 2026-03 --branch first --correct",
    },
)
@click.argument("month", type=MONTH, shell_complete=complete_months, metavar="月份")
@click.option("--branch", shell_complete=complete_branches, metavar="支部", help="只导出这个支部的")
@click.option("--correct", "corrects", is_flag=True, help="导出已审核的月份，用来起草更正")
@click.option(
    "--format",
    "file_format",
    type=click.Choice([file_format.value for file_format in SheetFormat]),
    default=SheetFormat.WORKBOOK.value,
    help="xlsx 工作簿（默认），或 html 填报页",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="文件夹或文件",
    help="写到这里，默认为当前文件夹；文件夹不存在就新建，不覆盖已有的文件",
)
@project_command
def command(  # noqa: D103
    project: Project,
    today: date,
    *,
    month: Period,
    branch: str | None,
    corrects: bool,
    file_format: str,
    output: Path | None,
) -> None:
    result = sheet.make_month_files(project, today, SheetRequest(month, branch, SheetFormat(file_format), corrects))
    if result.value is not None and not result.value:
        fail_with_problems(project, result.problems)
    files = unwrap_result(project, result)
    folder, suffix = output or Path(), f".{file_format}"
    is_file = not folder.is_dir() and folder.suffix.lower() in _SUFFIXES
    if len(files) == 1 and is_file:
        paths = [folder]
    else:
        if not is_file:
            make_output_folder(project, folder)
        paths = [folder / f"{month} {_file_word(file)}{'更正' if corrects else ''}{suffix}" for file in files]
    for path, file in zip(paths, files, strict=True):
        if path.exists() and path.read_bytes() != file.raw:
            raise click.UsageError(f"已经有“{path}”，可能填过了，没有覆盖；请先移走它，或用 --output 换一个地方")
    for path, file in zip(paths, files, strict=True):
        save_output(project, path, file.raw, suffix)
        click.echo(f"已写到：{path}")
    click.echo(f"共 {len(files)} 份。填好以后运行：jifenbang import 文件")
    if any(problem.is_error for problem in result.problems):
        raise SystemExit(1)


def _file_word(file: sheet.MonthFile) -> str:
    """Return the branch's name, or its id where a file can't be called so."""
    return file.branch if re.search(r'[\\/:*?"<>|\x00-\x1f]|^\.|[. ]$', file.branch_name) else file.branch_name
