"""Approval blocks: what each seals, how a branch's are linked, who signs them."""

import secrets
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from generator.acts import signing
from generator.books import Books
from generator.core import approving, register, seal
from generator.core.approving import Meeting
from generator.core.model import Ballot, Document
from generator.core.sealedfiles import LedgerFile, SealedFile
from generator.intake import ballots, ledgers
from generator.problems import Problem
from generator.publish import approvals
from generator.publish.approvals import Block


def sealed(
    found: Books, chosen: Sequence[SealedFile], meeting: Meeting, key: Path | None
) -> tuple[dict[str, bytes], list[Problem]]:
    """The new bytes of every chosen file by name; each approval rests on the one before it in its branch."""
    files, problems = dict[str, bytes](), list[Problem]()
    serials = count(_next(found))
    links = {file.branch: _links(found, file.branch) for file in chosen if isinstance(file, LedgerFile)}
    for file in chosen:
        block = _block(found, file, meeting)
        if isinstance(file, LedgerFile):
            block = {**block, "serial": str(next(serials)), **links[file.branch]}
        raw, digest, wrong = _appended(found, file, block, key)
        problems += wrong
        if digest is not None:
            files[file.name] = raw
            if isinstance(file, LedgerFile):
                links[file.branch] = {"previous": digest}
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


def _block(found: Books, file: SealedFile, meeting: Meeting) -> Block:
    """What is approved and by whom."""
    listed = found.shelf.approvers
    return {
        "meeting": meeting.day.isoformat(),
        "by": meeting.by,
        **_sealing(found, file, meeting),
        **({} if listed is None else {"approvers": seal.approvers(listed)}),
        "nonce": secrets.token_hex(16),
    }


def _sealing(found: Books, file: SealedFile, meeting: Meeting) -> Block:
    """What a file of its kind rests on beside itself."""
    assert file.document is not None
    if isinstance(file, LedgerFile):
        consented = approving.needs_consent(file, found.shelf.filings)
        return {
            **({"consent": meeting.consent} if meeting.consent and consented else {}),
            "roll": seal.roll(found.roster, file.branch, file.month),
            "rulebook": seal.relied_on(file.document, found.rulebooks[file.month.year]),
            "counted": seal.counted(found.counted.trials[file.name]),
        }
    return {"rulebook": seal.relied_on(file.document, found.rulebooks[file.year])}


def _appended(
    found: Books, file: SealedFile, block: Block, key: Path | None
) -> tuple[bytes, str | None, list[Problem]]:
    """The file's bytes with the block after them, signed if there is a key, and their digest; or why not."""
    raw, problems = (found.project.root / file.name).read_bytes(), list[Problem]()
    document = _as_read(file, raw, block)
    if document and document.approval and key is not None:
        day = document.approval.meeting
        signature, problems = signing.signature(found, document.signed, file.where, day, key)
        block = {**block, **({"signature": signature} if signature else {})}
        document = _as_read(file, raw, block)
    if document is None:
        return raw, None, [*problems, signing.unappendable(file.where)]
    return approvals.appended(raw, {**block, "digest": document.digest}), document.digest, problems


def _as_read(file: SealedFile, raw: bytes, block: Block) -> Document | Ballot | None:
    """The file as it will read; None if the block would not land at the end of the mapping."""
    document, problems = _read(file, approvals.appended(raw, {**block, "digest": "sha256:"}))
    return document if document and document.approval and not problems else None


def _read(file: SealedFile, raw: bytes) -> tuple[Document | Ballot | None, list[Problem]]:
    if isinstance(file, LedgerFile):
        return ledgers.read(raw, file.name, file.number)[:2]
    return ballots.read(raw, file.name, file.poll)[:2]
