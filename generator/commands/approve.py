"""``jifenbang approve``: seal what a committee approved (四1), or a list of signers; undo a mistaken approval."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import DAY, locate_file, project_command, unwrap_result
from generator.core.basics.privacy import find_private_number
from generator.core.ledgers.approval_rules import Meeting
from generator.intake.files import approver_files
from generator.project import Project
from generator.workflow import approve, seal_list
from generator.workflow import withdraw as withdraw_module
from generator.workflow.seal_list import ListSealing


@click.command(
    "approve",
    cls=ExampleCommand,
    help=(
        "会议审核通过后，给台账、更正、评议得分或投票封存；有错误、已审核或为时过早的一律拒绝。也封存新的审核人名单。"
    ),
    examples={
        "12 月 3 日支委会审核通过，由书记主持": "jifenbang approve ledgers/2026/first/11.yaml --meeting 2026-12-03",
        "由别人主持": "jifenbang approve ledgers/2026/first/11.yaml --meeting 2026-12-03 --by 秦书仪",
        "撤回一份误审的": "jifenbang approve ledgers/2026/first/11.yaml --withdraw --reason 用的是旧稿",
    },
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件...")
@click.option("--meeting", type=DAY, metavar="日期", help="支委会（评议得分、投票是确认它的会议）开会的日期")
@click.option("--by", "approver", metavar="姓名", help="主持审核的人，当天在该支部的名册上；不写就是支部书记")
@click.option("--acting", metavar="原因", help="审核人或同意人不在名册上时，写明代行的原因")
@click.option("--consent", metavar="姓名", help="更正已备案的季度时，同意更正的机关党委负责人")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="文件",
    help="用这个 OpenSSH 私钥签名；封存审核人名单时，原保管人、新保管人各写一个",
)
@click.option("--lost-key", "lost", metavar="原因", help="密钥遗失，由机关党委决定更换审核人名单的原因，须写 --by")
@click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="把密钥列为被盗时，给出被盗以前的 audit.json",
)
@click.option("--withdraw", is_flag=True, help="撤回一份误审的审核，须写 --reason")
@click.option("--reason", metavar="原因", help="撤回的原因")
@project_command
def command(project: Project, today: date, *, files: tuple[Path, ...], withdraw: bool, **options: object) -> None:
    """Approve all files or none, or withdraw the approval of one."""
    for option in options.values():
        if isinstance(option, str) and (number := find_private_number(option)):
            raise click.UsageError(f"“{number}”像是身份证号或电话号码，请只写姓名或原因")
    names = list(dict.fromkeys(project.file_name(locate_file(project, file)) for file in files))
    if withdraw:
        _withdraw(project, today, names, options)
    elif any(approver_files.parse_list_number(name) for name in names):
        _seal_list(project, today, names, options)
    else:
        _approve(project, names, _parse_meeting(today, options), options)


def _parse_meeting(today: date, options: dict[str, object]) -> Meeting:
    day = options["meeting"]
    if not isinstance(day, date):
        raise click.UsageError("审核要写支委会日期，例如 --meeting 2026-12-03")
    if options["reason"] is not None:
        raise click.UsageError("--reason 只在撤回审核（--withdraw）时写")
    approver, consent, acting = (_strip_option(options[name]) for name in ("approver", "consent", "acting"))
    if acting == "":
        raise click.UsageError("--acting 后面要写代行的原因，例如 --acting 书记出差，机关党委指派")
    return Meeting(day, approver, consent or None, today, acting)


def _strip_option(value: object) -> str | None:
    """Return what was written after an option; None without it."""
    return None if value is None else str(value).strip()


def _approve(project: Project, names: list[str], meeting: Meeting, options: dict[str, object]) -> None:
    if options["lost"] is not None or options["anchor"]:
        raise click.UsageError("--lost-key 和 --anchor 只在封存审核人名单（content/approvers.2 等）时写")
    keys = options["keys"]
    assert isinstance(keys, tuple)
    if len(keys) > 1:
        raise click.UsageError("审核只写一个 --key")
    key = keys[0] if keys else None
    for approved in unwrap_result(project, approve.approve_files(project, names, meeting, key)):
        approver, consenter = approved.signers.approver, approved.signers.consenter
        acting = f"，代行：{meeting.acting}" if approved.signers.is_acting else ""
        consent = f"，同意人{consenter.name}" if consenter else ""
        click.echo(f"已审核：{approved.name}（{meeting.day}，{approver.name}{consent}{acting}）")


def _seal_list(project: Project, today: date, names: list[str], options: dict[str, object]) -> None:
    if len(names) != 1:
        raise click.UsageError("封存审核人名单一次写一个文件")
    if any(options[name] for name in ("meeting", "consent", "reason")):
        raise click.UsageError("封存审核人名单不写 --meeting、--consent 和 --reason")
    lost, by, acting = (_strip_option(options[name]) for name in ("lost", "approver", "acting"))
    if lost == "":
        raise click.UsageError("--lost-key 后面要写原因")
    if lost is None and (by or acting):
        raise click.UsageError("封存审核人名单，只有加 --lost-key 时才写 --by 和 --acting")
    keys, anchor = options["keys"], options["anchor"]
    assert isinstance(keys, tuple)
    assert anchor is None or isinstance(anchor, Path)
    sealing = ListSealing(keys, anchor, lost, by, acting or None)
    record = unwrap_result(project, seal_list.seal_list(project, today, names[0], sealing))
    click.echo(f"已封存：{names[0]} 从现在起是现行的审核人名单。封存记录：{record}")


def _withdraw(project: Project, today: date, names: list[str], options: dict[str, object]) -> None:
    reason = str(options["reason"] or "").strip()
    if len(names) != 1 or not reason:
        raise click.UsageError("撤回审核一次写一个文件，并写 --reason 原因")
    if any(options[name] for name in ("meeting", "approver", "acting", "consent", "keys", "lost", "anchor")):
        raise click.UsageError("撤回审核只写 --reason，不写 --meeting、--by、--acting、--consent 和 --key 等")
    record = unwrap_result(project, withdraw_module.withdraw_approval(project, today, names[0], reason))
    click.echo(f"已撤回审核：{names[0]} 又是草稿了。撤回记录：{record}")
