"""Approval blocks for ledgers and corrections: what each seals, how it is linked, who signs it."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from generator.acts import signing
from generator.books import Books
from generator.core import approving, register, seal
from generator.core.approving import Meeting
from generator.core.model import Document
from generator.core.months import Paper
from generator.intake import ledgers
from generator.problems import Problem
from generator.publish import approvals
from generator.publish.approvals import Block


def sealed(
    found: Books, chosen: Sequence[Paper], meeting: Meeting, key: Path | None
) -> tuple[dict[str, bytes], list[Problem]]:
    """The new bytes of every chosen file by name; each approval rests on the one before it in its branch."""
    problems: list[Problem] = []
    links = {paper.branch: _links(found, paper.branch) for paper in chosen}
    files: dict[str, bytes] = {}
    for serial, paper in enumerate(chosen, start=_next(found)):
        block = {**_block(found, paper, meeting), "serial": str(serial), **links[paper.branch]}
        assert paper.document is not None
        raw = (found.project.root / paper.name).read_bytes()
        signature, wrong = _signature(found, paper, raw, block, key)
        block = {**block, **({"signature": signature} if signature else {})}
        document = _as_read(raw, block, paper)
        problems += wrong or ([] if document else [signing.unappendable(paper.document.where)])
        if document is not None:
            links[paper.branch] = {"previous": document.digest}
            files[paper.name] = approvals.appended(raw, {**block, "digest": document.digest})
    return files, problems


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
    """The signature of the file as it will read; none without a key."""
    document = _as_read(raw, block, paper)
    if key is None or document is None or document.approval is None:
        return None, []
    return signing.signature(found, document.signed, document.where, document.approval.meeting, key)


def _as_read(raw: bytes, block: Block, paper: Paper) -> Document | None:
    """The file as it will read; None if the block would not land at the end of the mapping."""
    appended = approvals.appended(raw, {**block, "digest": "sha256:"})
    document, problems, _ = ledgers.read(appended, paper.name, paper.number)
    return document if document and document.approval and not problems else None
