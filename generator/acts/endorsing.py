"""Approval blocks for reviews and polls: each stands alone, on no roll and no approval before it."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from generator.acts import signing
from generator.books import Books
from generator.core import seal
from generator.core.approving import Meeting
from generator.core.ballots import Slip
from generator.core.model import Ballot
from generator.intake import ballots
from generator.problems import Problem
from generator.publish import approvals
from generator.publish.approvals import Block


def sealed(
    found: Books, chosen: Sequence[Slip], meeting: Meeting, key: Path | None
) -> tuple[dict[str, bytes], list[Problem]]:
    """The new bytes of every chosen file by name."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for slip in chosen:
        assert slip.ballot is not None
        raw = (found.project.root / slip.name).read_bytes()
        block = _block(found, slip.year, slip.ballot, meeting)
        document = _as_read(raw, block, slip)
        if document and key is not None:
            signature, wrong = signing.signature(found, document.signed, slip.ballot.where, meeting.day, key)
            problems += wrong
            block = {**block, **({"signature": signature} if signature else {})}
            document = _as_read(raw, block, slip)
        if document is None:
            problems.append(signing.unappendable(slip.ballot.where))
        else:
            files[slip.name] = approvals.appended(raw, {**block, "digest": document.digest})
    return files, problems


def _block(found: Books, year: int, ballot: Ballot, meeting: Meeting) -> Block:
    listed = found.shelf.approvers
    return {
        "meeting": meeting.day.isoformat(),
        "by": meeting.by,
        "rulebook": seal.weighing(ballot, found.rulebooks[year]),
        **({} if listed is None else {"approvers": seal.approvers(listed)}),
        "nonce": secrets.token_hex(16),
    }


def _as_read(raw: bytes, block: Block, slip: Slip) -> Ballot | None:
    """The file as it will read; None if the block would not land at the end of the mapping."""
    appended = approvals.appended(raw, {**block, "digest": "sha256:"})
    ballot, problems, _ = ballots.read(appended, slip.name, slip.poll)
    return ballot if ballot and ballot.approval and not problems else None
