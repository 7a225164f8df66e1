"""``jifenbang roster``: write dated changes into the roster."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import StrictGroup
from generator.commands.console import DAY, ask_agreement, project_command, unwrap_result
from generator.commands.member_file import MEMBER_FILE, read_members
from generator.commands.value_completion import complete_branches, complete_members
from generator.core.model.roster import MembershipStatus, Roster
from generator.intake.files.roster_file import CHINESE_STATUSES
from generator.problems import replace_invisible
from generator.project import Project
from generator.workflow import edit_roster, roster_changes
from generator.workflow.edit_roster import EditedRoster
from generator.workflow.roster_changes import Changes, NewMember

_FROM = click.option("--from", "since", type=DAY, metavar="日期", help="从哪一天起，默认今天")
_REASON = click.option("--reason", metavar="原因", help="只写在名册里，不公布")
_STATUSES = {title: MembershipStatus(status) for status, title in CHINESE_STATUSES.items()}


@click.group(
    "roster",
    cls=StrictGroup,
    options_metavar="[选项]",
    subcommand_metavar="命令 [内容]...",
    help="改名册：只写注明日期的变动，别的行一个字也不动；会改变已封存月份的，不写，并说明最早可以从哪一天起。",
)
def command() -> None:
    """Hold the commands of the roster."""


@command.command(
    "add",
    help="新进一名党员，编号由程序按拼音编。",
    examples={
        "新进一名党员": "jifenbang roster add 李敏 --branch 第六党支部 --from 2026-11-10",
        "预备党员": "jifenbang roster add 陈静 --branch 第二党支部 --status 预备",
    },
)
@click.argument("name", metavar="姓名")
@click.option("--branch", shell_complete=complete_branches, required=True, metavar="支部", help="支部的编号或名称")
@click.option("--status", type=click.Choice(list(_STATUSES)), default="正式", help="身份，默认正式")
@click.option("--pinyin", metavar="读音", help="姓名怎样读，如 shan li；读错时才要写")
@click.option("--aka", metavar="区别", help="与别人同名时的区别字样，如 办公室")
@_FROM
@project_command
def add(  # noqa: D103
    project: Project,
    today: date,
    *,
    name: str,
    branch: str,
    status: str,
    pinyin: str | None,
    aka: str | None,
    since: date | None,
) -> None:
    new = NewMember(name, branch, _STATUSES[status], since or today, aka, pinyin)
    _edit(project, today, lambda roster: roster_changes.add_member(roster, new))


@command.command(
    "move",
    help="一名党员转到另一个支部。",
    examples={"3 月 1 日起转到第一党支部": "jifenbang roster move 陈静 第一党支部 --from 2027-03-01"},
)
@click.argument("member", shell_complete=complete_members, metavar="党员")
@click.argument("branch", shell_complete=complete_branches, metavar="支部")
@_FROM
@_REASON
@project_command
def move(  # noqa: D103
    project: Project, today: date, *, member: str, branch: str, since: date | None, reason: str | None
) -> None:
    fields = {"branch": branch, "reason": reason}
    _edit(project, today, lambda roster: roster_changes.change_member(roster, member, since or today, fields))


@command.command(
    "leave",
    help="一名党员离开本机关；日期是不在册的第一天。",
    examples={"9 月 1 日起不在册": "jifenbang roster leave 陈静 调离 --from 2028-09-01"},
)
@click.argument("member", shell_complete=complete_members, metavar="党员")
@click.argument("cause", metavar="去向")
@_FROM
@project_command
def leave(project: Project, today: date, *, member: str, cause: str, since: date | None) -> None:  # noqa: D103
    fields = {"left": cause}
    _edit(project, today, lambda roster: roster_changes.change_member(roster, member, since or today, fields))


@command.command(
    "confirm",
    help="一名预备党员转为正式党员。",
    examples={"按期转正": "jifenbang roster confirm 陈静 --from 2027-11-20"},
)
@click.argument("member", shell_complete=complete_members, metavar="党员")
@_FROM
@project_command
def confirm(project: Project, today: date, *, member: str, since: date | None) -> None:  # noqa: D103
    fields = {"status": MembershipStatus.FULL.value}
    _edit(project, today, lambda roster: roster_changes.change_member(roster, member, since or today, fields))


@command.command(
    "rename",
    help="一名党员改名，或换区别字样、读音；以前的榜单照旧。",
    examples={
        "依法改名": "jifenbang roster rename 陈静 陈静怡 --from 2028-02-01",
        "与别人同名了，写明区别": "jifenbang roster rename 陈静 --aka 信访室",
    },
)
@click.argument("member", shell_complete=complete_members, metavar="党员")
@click.argument("name", required=False, metavar="[新姓名]")
@click.option("--pinyin", metavar="读音", help="姓名怎样读")
@click.option("--aka", metavar="区别", help="区别字样；不再要的写 none")
@_FROM
@_REASON
@project_command
def rename(  # noqa: D103
    project: Project,
    today: date,
    *,
    member: str,
    name: str | None,
    pinyin: str | None,
    aka: str | None,
    since: date | None,
    reason: str | None,
) -> None:
    if not (name or pinyin or aka):
        raise click.UsageError("请写新姓名，或者 --pinyin、--aka")
    fields = {"name": name, "pinyin": pinyin, "aka": aka, "reason": reason}
    _edit(project, today, lambda roster: roster_changes.change_member(roster, member, since or today, fields))


@command.command(
    "import",
    help="照一份党员名单登记新进、转接和转正；名单里没有的人不动。",
    examples={"照新的名单登记": "jifenbang roster import 党员名单.xlsx --from 2027-01-01"},
)
@click.argument("file", type=MEMBER_FILE, metavar="文件")
@click.option("--yes", is_flag=True, help="不再问，直接写")
@_FROM
@project_command
def import_(project: Project, today: date, *, file: Path, yes: bool, since: date | None) -> None:  # noqa: D103
    table = read_members(project, file)

    def agree(edited: EditedRoster) -> bool:
        _print_lines(edited)
        return yes or ask_agreement("写入名册吗？（y 写入，直接回车不写）")

    _edit(project, today, lambda roster: roster_changes.merge_table(roster, table, since or today), agree)


@command.group(
    "branch",
    cls=StrictGroup,
    options_metavar="[选项]",
    subcommand_metavar="命令 [内容]...",
    help="支部的成立、改名、书记、撤销。",
)
def branch_group() -> None:
    """Hold the commands of branches."""


@branch_group.command(
    "add",
    help="成立一个支部，编号由程序按拼音编。",
    examples={"成立一个支部": "jifenbang roster branch add 第六党支部 --from 2026-11-01"},
)
@click.argument("name", metavar="名称")
@click.option("--secretary", shell_complete=complete_members, metavar="党员", help="书记")
@_FROM
@project_command
def add_branch(  # noqa: D103
    project: Project, today: date, *, name: str, secretary: str | None, since: date | None
) -> None:
    _edit(project, today, lambda roster: roster_changes.add_branch(roster, name, since or today, secretary))


@branch_group.command(
    "rename",
    help="一个支部改名；以前的榜单照旧。",
    examples={"改名": "jifenbang roster branch rename 第六党支部 派驻党支部 --from 2027-03-01"},
)
@click.argument("branch", shell_complete=complete_branches, metavar="支部")
@click.argument("name", metavar="新名称")
@_FROM
@_REASON
@project_command
def rename_branch(  # noqa: D103
    project: Project, today: date, *, branch: str, name: str, since: date | None, reason: str | None
) -> None:
    fields = {"name": name, "reason": reason}
    _edit(project, today, lambda roster: roster_changes.change_branch(roster, branch, since or today, fields))


@branch_group.command(
    "secretary",
    help="记下支部书记，或换书记。第一次记的，不写日期就是一直由他任书记。",
    examples={
        "记下书记": "jifenbang roster branch secretary 第一党支部 周敏",
        "换届以后换书记": "jifenbang roster branch secretary 第六党支部 陈静 --from 2027-01-10 --reason 换届",
    },
)
@click.argument("branch", shell_complete=complete_branches, metavar="支部")
@click.argument("member", shell_complete=complete_members, metavar="党员")
@_FROM
@_REASON
@project_command
def set_secretary(  # noqa: D103
    project: Project, today: date, *, branch: str, member: str, since: date | None, reason: str | None
) -> None:
    fields = {"secretary": member, "reason": reason}
    _edit(project, today, lambda roster: roster_changes.set_secretary(roster, branch, since, today, fields))


@branch_group.command(
    "close",
    help="撤销一个支部：从写的那一天起不再有这个支部，党员要先转走。",
    examples={"撤销": "jifenbang roster branch close 第六党支部 --from 2027-07-01"},
)
@click.argument("branch", shell_complete=complete_branches, metavar="支部")
@_FROM
@project_command
def close_branch(project: Project, today: date, *, branch: str, since: date | None) -> None:  # noqa: D103
    _edit(project, today, lambda roster: roster_changes.close_branch(roster, branch, since or today))


def _edit(
    project: Project,
    today: date,
    plan_changes: Callable[[Roster], Changes],
    agree: Callable[[EditedRoster], bool] | None = None,
) -> None:
    """Write the changes; print the lines that are new, and which sealed months they leave as they are."""
    edited = unwrap_result(project, edit_roster.edit_roster(project, today, plan_changes, agree or (lambda _: True)))
    if not edited.lines:
        click.echo("名册里已经都是这样，没有改动。")
        return
    if not edited.is_written:
        click.echo("没有写入，名册没有改动。")
        raise SystemExit(1)
    if agree is None:
        _print_lines(edited)
    click.echo(f"已写入名册。{edit_roster.describe_sealed_months(edited)}")


def _print_lines(edited: EditedRoster) -> None:
    click.echo("ledgers/roster.yaml 改了这些地方（- 原来，+ 现在）：")
    for line in edited.lines:
        click.echo(f"  {replace_invisible(line)}")
