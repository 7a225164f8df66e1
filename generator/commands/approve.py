"""``jifenbang approve``: seal what the branch committee approved (四1)."""

import re
import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from generator import books
from generator.books import Books, Reading
from generator.commands.console import DAY, locate, on_project, stop, tell
from generator.core import seal
from generator.core.model import ValidLedger
from generator.core.privacy import private
from generator.intake import ledgers
from generator.problems import Problem, Severity, Where, in_order, suggest
from generator.project import Project
from generator.publish import approvals


@click.command("approve", help="支委会审核通过后，给台账加上审核记录；有错误、已审核或月份未结束的一律拒绝。")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--meeting", type=DAY, required=True, metavar="DATE", help="支委会开会的日期")
@click.option("--by", "approver", required=True, metavar="NAME", help="主持审核的人")
@on_project
def command(project: Project, today: date, *, files: tuple[Path, ...], meeting: date, approver: str) -> None:
    """Check the files, then append an approval to each: all of them or none."""
    if private(approver):
        raise click.UsageError(f"--by 里的“{private(approver)}”像是身份证号或电话号码，请只写姓名")
    reading = books.read(project, today)
    named = {project.name(path): path for path in (locate(project, file) for file in files)}
    problems = [*_unfit(reading, set(named)), *_unwilling(reading, set(named), meeting, approver.strip())]
    if any(problem.is_error for problem in problems):
        stop(project, problems)
    assert reading.books is not None
    drafts = {ledger.where.file: ledger for ledger in reading.books.drafts.values()}
    chosen = sorted((drafts[name] for name in named), key=lambda ledger: ledger.month.first)
    sealed, unappendable = _sealed(reading.books, chosen, named, meeting=meeting, approver=approver.strip())
    if unappendable:
        stop(project, unappendable)
    tell(project, in_order(problems))
    approvals.write(sealed)
    for ledger in chosen:
        click.echo(f"已审核：{ledger.where.file}（{meeting}，{approver.strip()}）")


def _unfit(reading: Reading, named: set[str]) -> Iterator[Problem]:
    """Errors in the files themselves and in what every approval rests on; warnings in the files."""
    for problem in reading.problems:
        if problem.where.file in named or (problem.is_error and problem.where.file not in reading.drafts):
            yield problem


def _unwilling(reading: Reading, named: set[str], meeting: date, approver: str) -> Iterator[Problem]:
    """Why a sound file may not be approved now."""
    if reading.books is None:
        return
    known = {ledger.where.file: ledger for ledger in reading.books.approved.values()}
    drafts = {ledger.where.file: ledger for ledger in reading.books.drafts.values()}
    for name in sorted(named):
        if name in known:
            approval = known[name].approval
            assert approval is not None
            message = f"这份台账已由{approval.by}于 {approval.meeting} 审核"
            yield Problem(approval.where, "approve.already", message, "已审核的台账不能再审核一次")
        elif name in drafts:
            yield from _untimely(drafts[name], reading.books, meeting, approver)
        elif name not in reading.drafts and not _has_errors(name, reading):
            hint = "台账的位置和名字是 ledgers/年份/支部编号/两位月份.yaml"
            yield Problem(Where(name), "approve.not-a-ledger", "这不是台账文件", hint)


def _has_errors(name: str, reading: Reading) -> bool:
    return any(problem.where.file == name and problem.is_error for problem in reading.problems)


def _untimely(ledger: ValidLedger, found: Books, meeting: date, approver: str) -> Iterator[Problem]:
    month, where = ledger.month, ledger.where
    if month.last >= found.today:
        hint = "请等月末结束后再由支委会审核；电脑日期不对时请先校正"
        yield Problem(where, "approve.month-open", f"{month} 还没有结束（今天是 {found.today}）", hint)
    if meeting <= month.last:
        message = f"支委会日期 {meeting} 在 {month} 结束之前"
        yield Problem(where, "approve.meeting-early", message, "请核对 --meeting，应为次月初支委会的日期")
    if meeting > found.today:
        message = f"支委会日期 {meeting} 还没有到（今天是 {found.today}）"
        yield Problem(where, "approve.meeting-future", message, "请核对 --meeting")
    if not approver or _people(approver, found) & _people(ledger.recorder, found):
        message = f"审核人“{approver}”就是这份台账的登记人" if approver else "没有写审核人"
        yield Problem(where, "approve.same-person", message, "登记和审核不能是同一人，请核对 --by")
    if approver and approver not in found.roster.named:
        hint = f"不是党员的可以不理；写错了的，{suggest(approver, [one.name for one in found.roster.members])}"
        message = f"审核人“{approver}”不在名册上"
        yield Problem(where, "approve.unknown-approver", message, hint, Severity.WARNING)
    for (branch, earlier), draft in found.drafts.items():
        if branch == ledger.branch and earlier.first < month.first:
            hint = "两份都可以审核，但请确认没有漏审"
            yield Problem(draft.where, "approve.earlier-open", f"{earlier} 的台账还没有审核", hint, Severity.WARNING)


def _people(words: str, found: Books) -> set[str]:
    """Whom names or ids may mean, spaces and a word in brackets apart; someone outside the roster is his name."""
    names = [re.sub(r"\s|[（(].*", "", word) for word in re.split("[、，,；;]", words)]
    return {ident for name in names for ident in _ids(name, found)}


def _ids(name: str, found: Books) -> set[str]:
    return {member.id for member in found.roster.named.get(name, ())} or {name}


def _sealed(
    found: Books, chosen: list[ValidLedger], paths: dict[str, Path], *, meeting: date, approver: str
) -> tuple[dict[Path, bytes], list[Problem]]:
    """The new bytes of every chosen file; each approval rests on the one before it in its branch."""
    heads = {branch.id: seal.head(found.chain(branch.id)) for branch in found.roster.branches}
    files: dict[Path, bytes] = {}
    problems: list[Problem] = []
    for ledger in chosen:
        previous = heads[ledger.branch]
        block = {
            "meeting": meeting.isoformat(),
            "by": approver,
            "roll": seal.roll(found.roster, ledger.branch, ledger.month),
            "rulebook": seal.rulebook(found.rulebooks[ledger.month.year]),
            "nonce": secrets.token_hex(16),
            **({"previous": previous} if previous else {}),
        }
        path = paths[ledger.where.file]
        raw = path.read_bytes()
        digest = _digest(raw, block, ledger.where.file)
        if digest is None:
            hint = "请删去文件末尾空的 approval: 一行或 ... 一行；整个文件不要缩进，也不要写在花括号里"
            problems.append(Problem(ledger.where, "approve.not-appendable", "文件末尾接不上审核记录", hint))
            continue
        heads[ledger.branch] = block["digest"] = digest
        files[path] = approvals.appended(raw, block)
    return files, problems


def _digest(raw: bytes, block: dict[str, str], file: str) -> str | None:
    """The digest of the file as it will read; None if the block would not land at the end of the mapping."""
    provisional = {**block, "digest": "sha256:"}
    ledger, problems, _ = ledgers.read(approvals.appended(raw, provisional), file)
    return ledger.digest if ledger and ledger.approval and not problems else None
