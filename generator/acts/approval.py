"""Approval blocks for ledgers and corrections: what each seals, how it is linked, who signs it."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from generator import signatures
from generator.books import Books
from generator.core import approving, register, seal
from generator.core.approving import Meeting
from generator.core.model import Document
from generator.core.months import Paper
from generator.intake import ledgers
from generator.problems import Problem, Where
from generator.publish import approvals
from generator.publish.approvals import Block


def sealed(
    found: Books, chosen: Sequence[Paper], meeting: Meeting, key: Path | None
) -> tuple[dict[str, bytes], list[Problem]]:
    """The new bytes of every chosen file by name; each approval rests on the one before it in its branch."""
    if problems := _signing(found, key):
        return {}, problems
    links = {paper.branch: _links(found, paper.branch) for paper in chosen}
    files: dict[str, bytes] = {}
    for serial, paper in enumerate(chosen, start=_next(found)):
        block = {**_block(found, paper, meeting), "serial": str(serial), **links[paper.branch]}
        raw = (found.project.root / paper.name).read_bytes()
        signature, wrong = _signature(found, paper, raw, block, key)
        block = {**block, **({"signature": signature} if signature else {})}
        document = _as_read(raw, block, paper)
        problems += wrong or ([] if document else [_unappendable(paper)])
        if document is not None:
            links[paper.branch] = {"previous": document.digest}
            files[paper.name] = approvals.appended(raw, {**block, "digest": document.digest})
    return files, problems


def _signing(found: Books, key: Path | None) -> list[Problem]:
    """With a list of allowed signers every approval is signed, without one none can be checked."""
    where = Where(found.project.name(found.project.approvers))
    listed = found.shelf.approvers is not None
    if key is not None and not listed:
        hint = "请先把审核人的公钥写进 content/approvers（OpenSSH allowed signers 格式），或去掉 --key"
        return [Problem(where, "approve.no-approvers", "没有审核人名单，签名无从核对", hint)]
    if key is None and listed:
        return [Problem(where, "approve.no-key", "有审核人名单的站点，审核必须签名", "请加 --key 私钥文件")]
    if key is not None and not signatures.available():
        return [signatures.no_tool(where)]
    return []


def _next(found: Books) -> int:
    """The number of the organ's next approval: none was ever given a higher one."""
    approvals = [approval for _, approval in register.approvals(found.shelf.papers.values())]
    return max([len(approvals), *(approval.serial or 0 for approval in approvals)]) + 1


def _links(found: Books, branch: str) -> Block:
    """What a branch's next approval rests on: the one before it, and the records made since."""
    previous = seal.head(found.shelf.approvals(branch))
    records = register.unreferenced(found.shelf.approvals(branch), found.shelf.records(branch))
    return {**({"previous": previous} if previous else {}), **({"records": records} if records else {})}


def _block(found: Books, paper: Paper, meeting: Meeting) -> Block:
    listed = found.shelf.approvers
    consented = approving.needs_consent(paper, found.shelf.filings)
    return {
        "meeting": meeting.day.isoformat(),
        "by": meeting.by,
        **({"consent": meeting.consent} if meeting.consent and consented else {}),
        "roll": seal.roll(found.roster, paper.branch, paper.month),
        "rulebook": seal.rulebook(found.rulebooks[paper.month.year]),
        "counted": seal.counted(found.counted.trials[paper.name]),
        **({} if listed is None else {"approvers": seal.approvers(listed)}),
        "nonce": secrets.token_hex(16),
    }


def _signature(
    found: Books, paper: Paper, raw: bytes, block: Block, key: Path | None
) -> tuple[str | None, list[Problem]]:
    """Sign with the key, which must be an allowed signer's on the day of the meeting."""
    document = _as_read(raw, block, paper)
    if key is None or document is None or document.approval is None:
        return None, []
    signature, said = signatures.sign(document.signed, key)
    if signature is None:
        hint = "请核对 --key 指的是 OpenSSH 私钥文件，并且口令正确"
        return None, [Problem(document.where, "approve.signing", f"签名没有成功：{said}", hint)]
    if signatures.signer(document.signed, signature, found.project.approvers, document.approval.meeting) is None:
        hint = "请换用名单上的人的密钥，或由机关党委把公钥写进 content/approvers"
        message = f"{key.name} 不是审核人名单上的密钥，或者在支委会那天无效"
        return None, [Problem(document.where, "approve.not-an-approver", message, hint)]
    return signature, []


def _as_read(raw: bytes, block: Block, paper: Paper) -> Document | None:
    """The file as it will read; None if the block would not land at the end of the mapping."""
    appended = approvals.appended(raw, {**block, "digest": "sha256:"})
    document, problems, _ = ledgers.read(appended, paper.name, paper.number)
    return document if document and document.approval and not problems else None


def _unappendable(paper: Paper) -> Problem:
    assert paper.document is not None
    hint = "请删去文件末尾空的 approval: 一行或 ... 一行；整个文件不要缩进，也不要写在花括号里"
    return Problem(paper.document.where, "approve.not-appendable", "文件末尾接不上审核记录", hint)
