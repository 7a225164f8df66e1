"""``jifenbang new``: start a site project, by options or by a dialogue."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import NumberType, is_terminal, project_command, unwrap_result
from generator.commands.member_file import MEMBER_FILE, read_members
from generator.commands.period_argument import PERIOD
from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.basics.privacy import find_private_number
from generator.core.model.roster import MembershipStatus
from generator.intake.imports import member_table
from generator.intake.imports.member_table import MemberRow
from generator.project import Project
from generator.workflow import start_project
from generator.workflow.start_project import LINUX_STARTER, WINDOWS_STARTER, NewProject

_COMMITTEE = "机关党委"


@click.command(
    "new",
    cls=ExampleCommand,
    help=(
        "在一个空文件夹里新建站点，马上能生成网站。在命令窗口里运行，没有写的会问您。"
        "名单是 .xlsx 或 .csv，第一行写列名：姓名、支部、身份（正式或预备）、日期（进入名册的第一天，可以不写）；"
        "别的列不读、不存。编号由程序按拼音编。"
    ),
    examples={
        "用一份党员名单": "jifenbang new 积分榜 --organ 示例区审计局 --members 党员名单.xlsx",
        "一项一项地问": "jifenbang new 积分榜",
    },
)
@click.argument("folder", type=click.Path(path_type=Path), metavar="文件夹")
@click.option("--organ", metavar="名称", help="机关名称")
@click.option("--committee", metavar="名称", help="机关党委名称，默认“机关党委”")
@click.option("--members", "member_file", type=MEMBER_FILE, metavar="文件", help="党员名单")
@click.option("--year", type=NumberType(1000, 2999), metavar="年份", help="从哪一年开始，默认今年")
@click.option("--from", "first", type=PERIOD, metavar="月份", help="从哪个月起计分，例如 2026-10；默认今年的从本月起")
@project_command
def command(
    project: Project,
    today: date,
    *,
    folder: Path,
    organ: str | None,
    committee: str | None,
    member_file: Path | None,
    year: int | None,
    first: Period | None,
) -> None:
    """Write the project and say what to type next."""
    if error := start_project.find_obstacle(folder):
        raise click.UsageError(error)
    if organ is None or member_file is None:
        if not is_terminal():
            raise click.UsageError("请写明 --organ 机关名称 和 --members 党员名单；在命令窗口里运行的，不写也会问您")
        organ = organ or _ask("机关名称")
        committee = committee or _ask("机关党委名称", _COMMITTEE)
        member_file = member_file or _ask_for_file()
    first_month = find_first_month(first, year, today)
    rows = read_members(project, member_file).rows if member_file else tuple(_ask_for_members())
    source = member_file.name if member_file else "名单"
    new = NewProject(organ, committee or _COMMITTEE, today, first_month, rows, source)
    names = unwrap_result(project, start_project.start_project(folder, new))
    _describe_project(folder, names, new)


def find_first_month(first: Period | None, year: int | None, today: date) -> Period:
    """Return the month from which a new project counts: this one, or January of another year, if none is named."""
    if first is None:
        number = today.month if year in {None, today.year} else 1
        return get_period(PeriodKind.MONTH, year or today.year, number)
    if first.kind is not PeriodKind.MONTH:
        raise click.UsageError("--from 写一个月份，例如 2026-10")
    if year not in {None, first.year}:
        raise click.UsageError(f"--from {first} 不在 {year} 年")
    return first


def _ask(question: str, default: str = "") -> str:
    """Return the answer, or the default for none; without a default, go on until there is an answer."""
    prompt = f"{question}（直接回车是“{default}”）" if default else question
    while True:
        answer = str(click.prompt(prompt, default=default, show_default=False, prompt_suffix="："))
        if answer.strip():
            return answer.strip()


def _ask_for_file() -> Path | None:
    """Return the file of the table of members; None if there is none and they will be typed."""
    while True:
        answer = str(click.prompt("党员名单文件（没有就直接回车）", default="", show_default=False, prompt_suffix="："))
        path = Path(answer.strip().strip("\"'“”"))
        if not answer.strip():
            return None
        if path.is_file():
            return path
        click.echo(f"没有“{path}”这个文件")


def _ask_for_members() -> Iterator[MemberRow]:
    """Yield the members as they are typed, branch by branch."""
    count = 0
    while True:
        question = "党支部名称（没有了就直接回车）" if count else "党支部名称"
        branch = str(click.prompt(question, default="", show_default=False, prompt_suffix="：")).strip()
        if not branch and count:
            return
        if branch:
            count += 1
            names = _ask(f"{branch}的党员，用顿号隔开，预备党员写成 李静（预备）")
            yield from (_read_typed_member(branch, word) for word in re.split(r"[、，,；;\s]+", names) if word)


def _read_typed_member(branch: str, word: str) -> MemberRow:
    if find_private_number(word) or not word.isprintable():
        raise click.UsageError(f"{branch}的党员里像是有身份证号或电话号码；请只写姓名")
    name, aka = member_table.split_name(word)
    is_probationary = aka in {"预备", "预备党员"}
    status = MembershipStatus.PROBATIONARY if is_probationary else MembershipStatus.FULL
    return MemberRow(f"{branch}的{name}", name, branch, status, None if is_probationary else aka)


def _describe_project(folder: Path, names: Sequence[str], new: NewProject) -> None:
    branches = list(dict.fromkeys(row.branch for row in new.members))
    click.echo(f"已新建站点 {folder}：{len(branches)} 个党支部，{len(new.members)} 名党员，自 {new.first} 起计分。")
    for name in names:
        click.echo(f"  {name}")
    if not new.first.opens_cycle:
        click.echo(f"要从别的月份起的，在审核第一份台账以前改 ledgers/{new.year}/cycle.yaml 里的 from。")
    click.echo("接下来，先进入这个文件夹：")
    click.echo(f'  cd "{folder}"' if " " in str(folder) else f"  cd {folder}")
    click.echo(f"  jifenbang roster branch secretary {branches[0]} 姓名    记下各支部的书记，审核时要用")
    click.echo(f"  jifenbang sheet {new.first}    给各支部的登记人导出工作簿")
    click.echo("  jifenbang build    生成网站")
    click.echo("  jifenbang manual    使用手册")
    click.echo(
        f"不用命令的，双击 {WINDOWS_STARTER}（Windows）或 {LINUX_STARTER}（Linux）打开工作台，在浏览器里办全部事情；"
        f"{WINDOWS_STARTER} 还没有在 Windows 上试过。"
    )
