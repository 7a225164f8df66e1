"""``jifenbang approve``: seal the files that the branch committee approved (四1), or undo a mistaken approval."""

from datetime import date
from pathlib import Path

import click

from generator.commands.console import DAY, locate_file, project_command, unwrap_result
from generator.core.basics.privacy import find_private_number
from generator.core.ledgers.approval_rules import Meeting
from generator.project import Project
from generator.workflow import approve
from generator.workflow import withdraw as withdraw_module


@click.command("approve", help="会议审核通过后，给台账、更正、评议得分或投票封存；有错误、已审核或为时过早的一律拒绝。")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--meeting", type=DAY, metavar="DATE", help="支委会（评议得分、投票是确认它的会议）开会的日期")
@click.option("--by", "approver", metavar="NAME", help="主持审核的人")
@click.option("--consent", metavar="NAME", help="更正已备案的季度时，同意更正的机关党委负责人")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="用这个 OpenSSH 私钥签名")
@click.option("--withdraw", is_flag=True, help="撤回一份误审的审核，须写 --reason")
@click.option("--reason", metavar="TEXT", help="撤回的原因")
@project_command
def command(project: Project, today: date, *, files: tuple[Path, ...], withdraw: bool, **options: object) -> None:
    """Approve all files or none, or withdraw the approval of one."""
    for option in options.values():
        if isinstance(option, str) and (number := find_private_number(option)):
            raise click.UsageError(f"“{number}”像是身份证号或电话号码，请只写姓名或原因")
    names = list(dict.fromkeys(project.file_name(locate_file(project, file)) for file in files))
    if withdraw:
        _withdraw(project, today, names, options)
    else:
        _approve(project, names, _parse_meeting(today, options), options["key"])


def _parse_meeting(today: date, options: dict[str, object]) -> Meeting:
    day, approver, consent = options["meeting"], options["approver"], options["consent"]
    if not isinstance(day, date) or not isinstance(approver, str):
        raise click.UsageError("审核要写 --meeting 支委会日期 和 --by 主持审核的人")
    if options["reason"] is not None:
        raise click.UsageError("--reason 只在撤回审核（--withdraw）时写")
    return Meeting(day, approver.strip(), str(consent).strip() if consent else None, today)


def _approve(project: Project, names: list[str], meeting: Meeting, key: object) -> None:
    assert key is None or isinstance(key, Path)
    for approved in unwrap_result(project, approve.approve_files(project, names, meeting, key)):
        consent = f"，同意人{meeting.consent}" if approved.has_consent else ""
        click.echo(f"已审核：{approved.name}（{meeting.day}，{meeting.approver}{consent}）")


def _withdraw(project: Project, today: date, names: list[str], options: dict[str, object]) -> None:
    reason = str(options["reason"] or "").strip()
    if len(names) != 1 or not reason:
        raise click.UsageError("撤回审核一次写一个文件，并写 --reason 原因")
    if options["meeting"] or options["approver"] or options["consent"] or options["key"]:
        raise click.UsageError("撤回审核只写 --reason，不写 --meeting、--by、--consent 和 --key")
    record = unwrap_result(project, withdraw_module.withdraw_approval(project, today, names[0], reason))
    click.echo(f"已撤回审核：{names[0]} 又是草稿了。撤回记录：{record}")
