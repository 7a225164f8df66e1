"""Approve files (四1): what speaks against it, what each approval seals, how a branch's are linked, who signs them."""

import secrets
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import count
from pathlib import Path

from msgspec import Struct

from generator.core.ledgers import approval_rules, filed_quarters
from generator.core.ledgers.approval_rules import Meeting
from generator.core.model.ledger import Ballot, Document
from generator.core.sealing import approval_chain, digests
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.intake.files import ballot_file, ledger_file
from generator.loader import load
from generator.loader.load import LoadedProject, LoadResult
from generator.problems import CommandResult, Location, Problem, sort_problems
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import record_text, sign
from generator.workflow.record_text import RecordFields


class ApprovedFile(Struct, frozen=True):
    """A file that was approved, and whether the organ committee's consent was sealed with it."""

    name: str
    has_consent: bool


def approve_files(
    project: Project, names: Collection[str], meeting: Meeting, key: Path | None
) -> CommandResult[tuple[ApprovedFile, ...]]:
    """Seal all files of these names in the project, or none; ``key`` signs them where there is a list of signers."""
    with lock_project(project):
        reading = load.load_project(project, meeting.today)
        problems = [*_unfit(reading, names, signing=key is not None), *_unwilling(reading, sorted(names), meeting)]
        if any(problem.is_error for problem in problems) or reading.loaded is None:
            return CommandResult(problems=tuple(problems))
        if unready := sign.signing_problems(reading.loaded, key):
            return CommandResult(problems=tuple(unready))
        chosen = sorted((reading.loaded.files_by_name[name] for name in names), key=_place)
        files, refused = seal_files(reading.loaded, chosen, meeting, key)
        if refused:
            return CommandResult(problems=tuple(refused))
        record_text.write_files({project.root / name: raw for name, raw in files.items()})
    filings = reading.loaded.ledger_files.filings
    approved = (ApprovedFile(file.name, approval_rules.needs_consent(file, filings)) for file in chosen)
    return CommandResult(tuple(approved), tuple(sort_problems(problems)))


def _place(file: SealedFile) -> tuple[date, int]:
    """The order in which files are approved: ledgers by month, then reviews and polls."""
    return (file.month.first, file.number) if isinstance(file, LedgerFile) else (date.max, 0)


def _unfit(reading: LoadResult, named: Collection[str], *, signing: bool) -> Iterator[Problem]:
    """Errors in the files themselves and in what every approval rests on; warnings in the files.

    What the approval itself will mend stands in nobody's way: a roll that a correction seals anew, and approvals from
    before there was a list of signers.
    """
    healed = reading.loaded.effective_ledgers.fixed_by_draft if reading.loaded else {}
    mended = {problem for name in named for problem in healed.get(name, ())}
    for problem in reading.problems:
        if problem in mended or (signing and problem.code == "approval.unsigned"):
            continue
        if problem.where.file in named or (problem.is_error and problem.where.file not in reading.draft_names):
            yield problem


def _unwilling(reading: LoadResult, named: Sequence[str], meeting: Meeting) -> Iterator[Problem]:
    """Why a sound file may not be approved now."""
    if reading.loaded is None:
        return
    loaded = reading.loaded
    others = [paper for name, paper in loaded.ledger_files.by_name.items() if not paper.sealed and name not in named]
    for name in named:
        file = loaded.files_by_name.get(name)
        if file is None:
            hint = (
                "台账的位置和名字是 ledgers/年份/支部编号/两位月份.yaml，更正是 两位月份.c1.yaml，"
                "评议得分是 ledgers/年份/reviews.yaml，投票是 ledgers/年份/votes/编号.yaml"
            )
            yield Problem(Location(name), "approve.not-a-ledger", "这不是台账、更正、评议得分或投票文件", hint)
        elif file.sealed:
            yield from _already(file)
        elif file.document is not None:
            yield from approval_rules.find_approval_obstacles(file, meeting, loaded.roster, loaded.ledger_files.filings)
        if isinstance(file, LedgerFile) and file.document is not None and not file.sealed:
            yield from approval_rules.find_earlier_drafts(file, others)
            yield from approval_rules.find_premature_correction(
                file, list(loaded.ledger_files.by_name.values()), meeting
            )
            yield from _unwritten(reading, file)
    papers = [paper for name in named if (paper := loaded.ledger_files.by_name.get(name))]
    yield from approval_rules.find_unneeded_consent(named, papers, meeting, loaded.ledger_files.filings)


def _unwritten(reading: LoadResult, paper: LedgerFile) -> Iterator[Problem]:
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


# --- the blocks ------------------------------------------------------------------------------------------------------


def seal_files(
    loaded: LoadedProject, selected: Sequence[SealedFile], meeting: Meeting, key: Path | None
) -> tuple[dict[str, bytes], list[Problem]]:
    """The new bytes of every chosen file by name; each approval rests on the one before it in its branch."""
    files, problems = dict[str, bytes](), list[Problem]()
    serials = count(_next(loaded))
    links = {file.branch: _links(loaded, file.branch) for file in selected if isinstance(file, LedgerFile)}
    for file in selected:
        block = _block(loaded, file, meeting)
        if isinstance(file, LedgerFile):
            block = {**block, "serial": str(next(serials)), **links[file.branch]}
        raw, digest, wrong = _appended(loaded, file, block, key)
        problems += wrong
        if digest is not None:
            files[file.name] = raw
            if isinstance(file, LedgerFile):
                links[file.branch] = {"previous": digest}
    return files, problems


def _next(loaded: LoadedProject) -> int:
    """The number of the organ's next approval: none was ever given a higher one."""
    approvals = [approval for _, approval in filed_quarters.list_approvals(loaded.ledger_files.by_name.values())]
    return max([len(approvals), *(approval.serial or 0 for approval in approvals)]) + 1


def _links(loaded: LoadedProject, branch: str) -> RecordFields:
    """What a branch's next approval rests on: the one before it, and the records made since."""
    previous = approval_chain.find_chain_head(loaded.ledger_files.branch_approvals(branch))
    records = filed_quarters.list_unreferenced_records(
        loaded.ledger_files.branch_approvals(branch), loaded.ledger_files.branch_records(branch)
    )
    return {**({"previous": previous} if previous else {}), **({"records": records} if records else {})}


def _block(loaded: LoadedProject, file: SealedFile, meeting: Meeting) -> RecordFields:
    """What is approved and by whom."""
    listed = loaded.ledger_files.approvers_text
    return {
        "meeting": meeting.day.isoformat(),
        "by": meeting.approver,
        **_sealing(loaded, file, meeting),
        **({} if listed is None else {"approvers": digests.digest_approvers(listed)}),
        "nonce": secrets.token_hex(16),
    }


def _sealing(loaded: LoadedProject, file: SealedFile, meeting: Meeting) -> RecordFields:
    """What a file of its kind rests on beside itself."""
    assert file.document is not None
    if isinstance(file, LedgerFile):
        consented = approval_rules.needs_consent(file, loaded.ledger_files.filings)
        return {
            **({"consent": meeting.consent} if meeting.consent and consented else {}),
            "roll": digests.digest_roll(loaded.roster, file.branch, file.month),
            "rulebook": digests.digest_relevant_rules(file.document, loaded.rulebooks[file.month.year]),
            "counted": digests.digest_resolved_lines(loaded.effective_ledgers.if_approved[file.name]),
        }
    return {"rulebook": digests.digest_relevant_rules(file.document, loaded.rulebooks[file.year])}


def _appended(
    loaded: LoadedProject, file: SealedFile, block: RecordFields, key: Path | None
) -> tuple[bytes, str | None, list[Problem]]:
    """The file's bytes with the block after them, signed if there is a key, and their digest; or why not."""
    raw, problems = (loaded.project.root / file.name).read_bytes(), list[Problem]()
    document = _as_read(file, raw, block)
    if document and document.approval and key is not None:
        day = document.approval.meeting
        signature, problems = sign.sign_as_approver(loaded, document.signed, file.where, day, key)
        block = {**block, **({"signature": signature} if signature else {})}
        document = _as_read(file, raw, block)
    if document is None:
        return raw, None, [*problems, sign.not_appendable_problem(file.where)]
    return record_text.append_block(raw, {**block, "digest": document.digest}), document.digest, problems


def _as_read(file: SealedFile, raw: bytes, block: RecordFields) -> Document | Ballot | None:
    """The file as it will read; None if the block would not land at the end of the mapping."""
    document, problems = _read(file, record_text.append_block(raw, {**block, "digest": "sha256:"}))
    return document if document and document.approval and not problems else None


def _read(file: SealedFile, raw: bytes) -> tuple[Document | Ballot | None, list[Problem]]:
    if isinstance(file, LedgerFile):
        return ledger_file.read_ledger(raw, file.name, file.number)[:2]
    return ballot_file.read_ballot(raw, file.name, file.poll)[:2]
