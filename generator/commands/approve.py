"""``jifenbang approve``: seal what the branch committee approved (四1), or undo a mistaken approval."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from generator import books
from generator.acts import approval, signing, withdrawal
from generator.books import Reading
from generator.commands.console import DAY, locate, on_project, stop, tell
from generator.core import approving
from generator.core.approving import Meeting
from generator.core.privacy import private
from generator.core.sealedfiles import LedgerFile, SealedFile
from generator.problems import Problem, Where, in_order
from generator.project import Project
from generator.publish import approvals
from generator.publish.lock import lock


@click.command("approve", help="会议审核通过后，给台账、更正、评议得分或投票封存；有错误、已审核或为时过早的一律拒绝。")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--meeting", type=DAY, metavar="DATE", help="支委会（评议得分、投票是确认它的会议）开会的日期")
@click.option("--by", "approver", metavar="NAME", help="主持审核的人")
@click.option("--consent", metavar="NAME", help="更正已备案的季度时，同意更正的机关党委负责人")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="用这个 OpenSSH 私钥签名")
@click.option("--withdraw", is_flag=True, help="撤回一份误审的审核，须写 --reason")
@click.option("--reason", metavar="TEXT", help="撤回的原因")
@on_project
def command(project: Project, today: date, *, files: tuple[Path, ...], withdraw: bool, **words: object) -> None:
    """Approve all files or none, or withdraw the approval of one."""
    for word in words.values():
        if isinstance(word, str) and (number := private(word)):
            raise click.UsageError(f"“{number}”像是身份证号或电话号码，请只写姓名或原因")
    named = {project.name(path): path for path in (locate(project, file) for file in files)}
    with lock(project):
        if withdraw:
            _withdraw(project, today, list(named), words)
        else:
            _approve(project, named, _meeting(today, words), words["key"])


# --- approve ---------------------------------------------------------------------------------------------------------


def _meeting(today: date, words: dict[str, object]) -> Meeting:
    day, by, consent = words["meeting"], words["approver"], words["consent"]
    if not isinstance(day, date) or not isinstance(by, str):
        raise click.UsageError("审核要写 --meeting 支委会日期 和 --by 主持审核的人")
    if words["reason"] is not None:
        raise click.UsageError("--reason 只在撤回审核（--withdraw）时写")
    return Meeting(day, by.strip(), str(consent).strip() if consent else None, today)


def _approve(project: Project, named: dict[str, Path], meeting: Meeting, key: object) -> None:
    assert key is None or isinstance(key, Path)
    reading = books.read(project, meeting.today)
    problems = [*_unfit(reading, set(named), signing=key is not None), *_unwilling(reading, sorted(named), meeting)]
    if any(problem.is_error for problem in problems):
        stop(project, problems)
    assert reading.books is not None
    if unready := signing.unready(reading.books, key):
        stop(project, unready)
    chosen = sorted((reading.books.files[name] for name in named), key=_place)
    sealed, refused = approval.sealed(reading.books, chosen, meeting, key)
    if refused:
        stop(project, refused)
    tell(project, in_order(problems))
    approvals.write({named[name]: raw for name, raw in sealed.items()})
    for file in chosen:
        consent = f"，同意人{meeting.consent}" if approving.needs_consent(file, reading.books.shelf.filings) else ""
        click.echo(f"已审核：{file.name}（{meeting.day}，{meeting.by}{consent}）")


def _place(file: SealedFile) -> tuple[date, int]:
    """The order in which files are approved: ledgers by month, then reviews and polls."""
    return (file.month.first, file.number) if isinstance(file, LedgerFile) else (date.max, 0)


def _unfit(reading: Reading, named: Collection[str], *, signing: bool) -> Iterator[Problem]:
    """Errors in the files themselves and in what every approval rests on; warnings in the files.

    What the approval itself will mend stands in nobody's way: a roll that a correction seals anew, and approvals from
    before there was a list of signers.
    """
    healed = reading.books.counted.healed if reading.books else {}
    mended = {problem for name in named for problem in healed.get(name, ())}
    for problem in reading.problems:
        if problem in mended or (signing and problem.code == "approval.unsigned"):
            continue
        if problem.where.file in named or (problem.is_error and problem.where.file not in reading.drafts):
            yield problem


def _unwilling(reading: Reading, named: Sequence[str], meeting: Meeting) -> Iterator[Problem]:
    """Why a sound file may not be approved now."""
    if reading.books is None:
        return
    found = reading.books
    others = [paper for name, paper in found.shelf.papers.items() if not paper.sealed and name not in named]
    for name in named:
        file = found.files.get(name)
        if file is None:
            hint = (
                "台账的位置和名字是 ledgers/年份/支部编号/两位月份.yaml，更正是 两位月份.c1.yaml，"
                "评议得分是 ledgers/年份/reviews.yaml，投票是 ledgers/年份/votes/编号.yaml"
            )
            yield Problem(Where(name), "approve.not-a-ledger", "这不是台账、更正、评议得分或投票文件", hint)
        elif file.sealed:
            yield from _already(file)
        elif file.document is not None:
            yield from approving.refusals(file, meeting, found.roster, found.shelf.filings)
        if isinstance(file, LedgerFile) and file.document is not None and not file.sealed:
            yield from approving.earlier_open(file, others)
            yield from approving.after(file, list(found.shelf.papers.values()), meeting)
            yield from _unwritten(reading, file)
    papers = [paper for name in named if (paper := found.shelf.papers.get(name))]
    yield from approving.unneeded(named, papers, meeting, found.shelf.filings)


def _unwritten(reading: Reading, paper: LedgerFile) -> Iterator[Problem]:
    """The branch's earlier months that have no ledger at all."""
    folder = paper.name.rpartition("/")[0] + "/"
    for problem in reading.problems:
        file = problem.where.file
        if problem.code == "ledger.missing" and file.startswith(folder) and file < paper.name:
            yield problem


def _already(file: SealedFile) -> Iterator[Problem]:
    if approval := file.approval:
        message = f"{file.what}已由{approval.by}于 {approval.meeting} 审核"
        yield Problem(approval.where, "approve.already", message, "已审核的文件不能再审核一次")


# --- withdraw --------------------------------------------------------------------------------------------------------


def _withdraw(project: Project, today: date, named: list[str], words: dict[str, object]) -> None:
    reason = str(words["reason"] or "").strip()
    if len(named) != 1 or not reason:
        raise click.UsageError("撤回审核一次写一个文件，并写 --reason 原因")
    if words["meeting"] or words["approver"] or words["consent"] or words["key"]:
        raise click.UsageError("撤回审核只写 --reason，不写 --meeting、--by、--consent 和 --key")
    reading = books.read(project, today)
    files, problems = withdrawal.withdrawn(reading, named[0], reason)
    if problems:
        stop(project, problems)
    approvals.write({project.root / name: raw for name, raw in files.items()})
    record = next(iter(files))
    click.echo(f"已撤回审核：{named[0]} 又是草稿了。撤回记录：{record}")
