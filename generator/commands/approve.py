"""``jifenbang approve``: seal what a committee approved (四1), or a list of signers; undo a mistaken approval.

What is signed on another machine goes there as a request and returns as an answer.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import DAY, ask_agreement, is_terminal, locate_file, project_command, unwrap_result
from generator.commands.output_file import check_output, save_output
from generator.core.basics.privacy import find_private_number
from generator.core.ledgers.approval_rules import Meeting
from generator.core.sealing.sealed_files import LedgerFile
from generator.disk.temporary_folder import make_temporary_folder
from generator.intake.files import approver_files
from generator.problems import replace_invisible
from generator.project import Project
from generator.workflow import approve, seal_list, signing_requests
from generator.workflow import withdraw as withdraw_module
from generator.workflow.approve import ApprovedFile
from generator.workflow.seal_list import ListSealing
from generator.workflow.signing_requests import OpenedRequest

# What the approval of a file may be given; a request has it within, and what is withdrawn needs none of it.
_APPROVAL_OPTIONS = ("meeting", "approver", "acting", "consent", "lost", "anchor", "request")


@click.command(
    "approve",
    cls=ExampleCommand,
    help=(
        "会议审核通过后，封存台账、更正、评议得分、投票或光荣榜；有错误的、已经审核的、月份还没有结束的，一律拒绝。也封存新的审核人名单。"
    ),
    examples={
        "12 月 3 日支委会审核通过，由书记主持": "jifenbang approve ledgers/2026/first/11.yaml --meeting 2026-12-03",
        "由别人主持": "jifenbang approve ledgers/2026/first/11.yaml --meeting 2026-12-03 --by 秦书仪",
        "撤回一份误审的": "jifenbang approve ledgers/2026/first/11.yaml --withdraw --reason 用的是旧稿",
        "密钥在书记的电脑上，请他签名": (
            "jifenbang approve ledgers/2026/first/11.yaml --meeting 2026-12-03 --request 请求.zip"
        ),
        "书记在自己的电脑上签名，不必有站点": "jifenbang approve 请求.zip --key 私钥文件",
        "收下书记签好的答复": "jifenbang approve --answer 请求-答复.zip",
    },
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件...")
@click.option("--meeting", type=DAY, metavar="日期", help="支委会的日期；评议得分、投票、光荣榜写确认它的会议的日期")
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
@click.option("--withdraw", is_flag=True, help="撤回一份误审的审核，须写 --reason；还在等签名的，撤回请求")
@click.option("--reason", metavar="原因", help="撤回的原因")
@click.option(
    "--request",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件.zip",
    help="不在这里签名，写一份签名请求，交给审核人在他的电脑上签",
)
@click.option("--answer", is_flag=True, help="收下审核人签好的答复：文件写答复")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件.zip",
    help="签名请求的答复写到哪里，默认在请求旁边",
)
@click.option("--yes", "is_confirmed", is_flag=True, help="给签名请求签名时不再询问")
@project_command
def command(
    project: Project, today: date, *, files: tuple[Path, ...], withdraw: bool, answer: bool, **options: object
) -> None:
    """Approve all files or none, or withdraw the approval of one; request a signature, give or take it."""
    for option in options.values():
        if isinstance(option, str) and (number := find_private_number(option)):
            raise click.UsageError(f"“{number}”像是身份证号或电话号码，请只写姓名或原因")
    paths = [locate_file(project, file) for file in files]
    is_package = any(path.suffix.lower() == ".zip" for path in paths)
    if (options["output"] or options["is_confirmed"]) and (answer or not is_package):
        raise click.UsageError("--output 和 --yes 只在给签名请求签名（approve 请求.zip --key 私钥文件）时写")
    if answer:
        _take_answers(project, today, paths, withdraw=withdraw, options=options)
        return
    if is_package:
        _sign_request(project, today, paths, withdraw=withdraw, options=options)
        return
    names = list(dict.fromkeys(map(project.file_name, paths)))
    if withdraw:
        _withdraw(project, today, names, options)
    elif any(approver_files.parse_list_number(name) for name in names):
        _seal_list(project, today, names, options)
    elif options["request"]:
        _request_signatures(project, names, _parse_meeting(today, options), options)
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
        click.echo(f"已审核：{_describe_approved(approved)}")


def _describe_approved(approved: ApprovedFile) -> str:
    approver, consenter, meeting = approved.signers.approver, approved.signers.consenter, approved.meeting
    acting = f"，代行：{meeting.acting}" if approved.signers.is_acting else ""
    consent = f"，同意人{consenter.name}" if consenter else ""
    return f"{approved.name}（{meeting.day}，{approver.name}{consent}{acting}）"


# --- signing on another machine --------------------------------------------------------------------------------------


def _request_signatures(project: Project, names: list[str], meeting: Meeting, options: dict[str, object]) -> None:
    output = options["request"]
    assert isinstance(output, Path)
    if options["keys"] or options["lost"] is not None or options["anchor"]:
        raise click.UsageError("写签名请求（--request）时不写 --key、--lost-key 和 --anchor：私钥在审核人的电脑上")
    check_output(project, output, ".zip")
    raw = unwrap_result(project, signing_requests.request_signatures(project, names, meeting))
    save_output(project, output, raw, ".zip")
    click.echo(f"待签名：{'、'.join(names)}")
    click.echo(f"签名请求已写到：{output.resolve()}")
    click.echo(
        f"请交给审核人，在他的电脑上运行 jifenbang approve {output.name} --key 私钥文件；"
        f"拿回答复以后运行 jifenbang approve --answer {answer_path(output).name}"
    )


def answer_path(request: Path) -> Path:
    """Return the path of the answer beside a request."""
    return request.with_name(f"{request.stem}-答复.zip")


def _sign_request(
    project: Project, today: date, paths: Sequence[Path], *, withdraw: bool, options: dict[str, object]
) -> None:
    """Show what a request would seal, and sign it: no site project is needed."""
    keys = options["keys"]
    assert isinstance(keys, tuple)
    if len(paths) != 1:
        raise click.UsageError("给签名请求签名，一次写一份请求")
    if withdraw or any(options[name] for name in (*_APPROVAL_OPTIONS, "reason")):
        raise click.UsageError("给签名请求签名，只写 --key，可以写 --output 和 --yes：会议、审核人都在请求里")
    if len(keys) != 1:
        raise click.UsageError("给签名请求签名，请加一个 --key 私钥文件；这是签好的答复的，用 --answer 收下")
    if not options["is_confirmed"] and not is_terminal():
        raise click.UsageError("这里不能询问，请看过要封存的内容以后加上 --yes")
    output = options["output"] or answer_path(paths[0])
    assert isinstance(output, Path)
    check_output(project, output, ".zip")
    with make_temporary_folder() as folder:
        result = signing_requests.open_request(paths[0], folder, today)
        unpacked = Project(folder)
        opened = unwrap_result(unpacked, result)
        for line in _describe_request(opened):
            click.echo(replace_invisible(line))
        question = "以上内容签名封存吗？（y 签名，直接回车不签）"
        if not options["is_confirmed"] and not ask_agreement(question):
            click.echo("没有签名，什么也没有写。")
            raise SystemExit(1)
        raw = unwrap_result(unpacked, signing_requests.sign_request(opened, keys[0]))
    save_output(project, output, raw, ".zip")
    click.echo(f"签好的答复已写到：{output.resolve()}")
    click.echo(f"请交回经办人，运行 jifenbang approve --answer {output.name}")


def _describe_request(opened: OpenedRequest) -> Iterator[str]:
    """Yield what the approval of a request's files seals."""
    from generator.queries import sealing_preview  # noqa: PLC0415  only requests show it

    loaded = opened.loaded
    yield f"{loaded.settings.organ}请您签名封存："
    for file, approved in zip(opened.selected, opened.approved, strict=True):
        yield ""
        counts, moved = list[str](), ""
        title = file.what
        if isinstance(file, LedgerFile):
            title = f"{loaded.roster.branch_by_id[file.branch].named_on(file.month.last).name} {title}"
            counts = [sealing_preview.count_lines(loaded, file)]
            if names := "、".join(sealing_preview.list_moved_points(loaded, file)):
                moved = f"{file.month} 的积分（封存以前 → 以后，只凭本支部的台账）：{names}"
        yield f"{title}　{_describe_approved(approved)}"
        yield from (f"  {line}" for line in (*counts, *sealing_preview.describe_draft(loaded, file), moved) if line)
    yield ""
    yield "封存以后不能改，写错的只能更正。"


def _take_answers(
    project: Project, today: date, paths: Sequence[Path], *, withdraw: bool, options: dict[str, object]
) -> None:
    if withdraw or any(options[name] for name in (*_APPROVAL_OPTIONS, "keys", "reason")):
        raise click.UsageError("收下答复（--answer）时，不写别的选项：会议、审核人都在请求里")
    for path in paths:
        for approved in unwrap_result(project, signing_requests.take_answer(project, today, path)):
            click.echo(f"已审核：{_describe_approved(approved)}")


# --- lists and withdrawals -------------------------------------------------------------------------------------------


def _seal_list(project: Project, today: date, names: list[str], options: dict[str, object]) -> None:
    if len(names) != 1:
        raise click.UsageError("封存审核人名单一次写一个文件")
    if any(options[name] for name in ("meeting", "consent", "reason", "request")):
        raise click.UsageError("封存审核人名单不写 --meeting、--consent、--reason 和 --request")
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
    if any(options[name] for name in (*_APPROVAL_OPTIONS, "keys")):
        raise click.UsageError("撤回审核只写 --reason，不写 --meeting、--by、--acting、--consent 和 --key 等")
    if len(names) == 1 and (request := signing_requests.withdraw_request(project, today, names[0])):
        click.echo(f"已撤回签名请求：{'、'.join(request.names)}；签好的答复不再有效。")
        return
    if len(names) != 1 or not reason:
        raise click.UsageError("撤回审核一次写一个文件，并写 --reason 原因")
    record = unwrap_result(project, withdraw_module.withdraw_approval(project, today, names[0], reason))
    click.echo(f"已撤回审核：{names[0]} 又是草稿了。撤回记录：{record}")
