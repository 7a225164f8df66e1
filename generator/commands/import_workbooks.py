"""``jifenbang import``: workbooks and tables of other systems become drafts of ledgers, corrections and ballots."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import (
    DAY,
    NumberType,
    advise_path,
    ask_agreement,
    print_problems,
    project_command,
    unwrap_result,
)
from generator.core.basics.privacy import find_private_number
from generator.problems import CommandResult, replace_invisible
from generator.project import Project
from generator.workflow import import_ballots, import_workbooks
from generator.workflow.import_ballots import BallotRequest
from generator.workflow.import_tables import ReadTable, TableOptions
from generator.workflow.import_workbooks import Confirm, ImportedFiles
from generator.workflow.workbook_drafts import ImportedWorkbook

_SUFFIXES = {".xlsx", ".json", ".csv", ".xls", ".xlsm", ".et", ".ods"}


@click.command(
    "import",
    cls=ExampleCommand,
    help=(
        "把填好的工作簿、填报页保存的文件，或别的系统导出的表（.xlsx、.csv），变成台账草稿；写文件夹的，导入其中每一份。"
        "有问题的按格子、按行列出，不写草稿；别的系统导出的，先列出头几行问您。文件本身不改动。"
    ),
    examples={
        "导入一份": 'jifenbang import "2026-11 第一党支部.xlsx"',
        "导入收到的全部": "jifenbang import 收到的工作簿",
        "草稿已经有了，把改动并进去": 'jifenbang import "2026-11 第一党支部.xlsx" --update',
        "没填好的先写成草稿": 'jifenbang import "2026-11 第一党支部.json" --update --unfinished',
        "别的系统导出的": "jifenbang import 活动情况.csv --recorder 姓名",
        "评议得分汇总表": "jifenbang import 评议.xlsx --reviews 2026",
    },
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件或文件夹...")
@click.option("--update", is_flag=True, help="并入已有的草稿，列出改了什么；空白的格子不删草稿里的内容")
@click.option("--unfinished", is_flag=True, help="没填好的也写成草稿，照样列出问题；改好以前不能审核")
@click.option("--branch", metavar="支部", help="别的系统导出的表，只读这个支部的人")
@click.option("--recorder", default="", metavar="姓名", help="由别的系统导出的表新写的草稿，登记人是谁")
@click.option("--yes", is_flag=True, help="不再问，直接写")
@click.option(
    "--reviews", "year", type=NumberType(1000, 2999), metavar="年度", help="这是民主评议得分的表，写成那一年的"
)
@click.option("--votes", "poll", metavar="编号", help="这是投票结果的表，写成这个编号的投票")
@click.option("--award", metavar="奖项", help="投票：评的是什么")
@click.option("--date", "day", type=DAY, metavar="日期", help="投票：哪一天投的")
@click.option("--electorate", type=NumberType(1, 99999), metavar="人数", help="投票：应到多少人")
@project_command
def command(project: Project, today: date, *, paths: tuple[Path, ...], yes: bool, **options: Any) -> None:
    """Write the drafts of sound files and list what is wrong with the others."""
    for name in ("recorder", "award"):
        if options[name] and (find_private_number(options[name]) or not options[name].isprintable()):
            raise click.UsageError(f"--{name} 里不能有号码和看不见的字符")
    files = [file for path in paths for file in _list_files(path)]

    def confirm(tables: Sequence[ReadTable]) -> bool:
        return _confirm(project, tables, yes=yes)

    result = _import(project, today, files, options, confirm)
    imported_files = unwrap_result(project, result)
    for imported in imported_files.imported:
        _describe(imported)
    if imported_files.is_refused or any(problem.is_error for problem in result.problems):
        raise SystemExit(1)


def _import(
    project: Project, today: date, files: Sequence[Path], options: Mapping[str, Any], confirm: Confirm
) -> CommandResult[ImportedFiles]:
    poll_fields = {name: options[name] for name in ("award", "day", "electorate")}
    if options["year"] is None and options["poll"] is None:
        if any(value is not None for value in poll_fields.values()):
            raise click.UsageError("--award、--date、--electorate 只在导入投票结果（--votes）时写")
        table_options = TableOptions(
            options["branch"], options["recorder"].strip(), options["update"], options["unfinished"]
        )
        names = {file: project.file_name(file) for file in files}
        return import_workbooks.import_files(project, today, names, table_options, confirm)
    if len(files) != 1 or (options["year"] is not None and options["poll"] is not None):
        raise click.UsageError("评议得分（--reviews）和投票结果（--votes）一次只导入一种、一份文件")
    if options["branch"] or options["recorder"] or options["update"] or options["unfinished"]:
        raise click.UsageError("导入评议得分和投票结果，不写 --branch、--recorder、--update 和 --unfinished")
    if options["year"] is None:
        request = BallotRequest(poll=options["poll"], **poll_fields)
    elif any(value is not None for value in poll_fields.values()):
        raise click.UsageError("--award、--date、--electorate 只在导入投票结果（--votes）时写")
    else:
        request = BallotRequest(year=options["year"])
    return import_ballots.import_ballot(project, today, files[0], project.file_name(files[0]), request, confirm)


def _list_files(path: Path) -> Sequence[Path]:
    """Return a file, or the tables in a folder but for those that a program keeps beside an open one."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise click.UsageError(f"没有“{path}”这个文件或文件夹{advise_path(path)}")
    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith(("~$", ".")))
    listed = [file for file in files if file.suffix.lower() in _SUFFIXES]
    if not listed:
        hint = "请核对文件夹；还没有导出的，运行 jifenbang sheet 月份"
        raise click.UsageError(f"“{path}”里没有 .xlsx 工作簿，也没有填报页保存的 .json 文件、.csv 表，{hint}")
    return listed


def _confirm(project: Project, tables: Sequence[ReadTable], *, yes: bool) -> bool:
    """Show what tables mean, and return whether it is to be written."""
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
    if ask_agreement("写这些草稿吗？（y 写入，直接回车不写）"):
        return True
    click.echo("没有写。")
    return False


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
    is_ballot = imported.draft.endswith("/reviews.yaml") or "/votes/" in imported.draft
    click.echo(f"请运行 jifenbang check {draft}，再{'由确认它的会议' if is_ballot else '送支委会'}审核。")
