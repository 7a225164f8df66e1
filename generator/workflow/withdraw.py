"""Withdraw an approval, and record that it was withdrawn.

A ledger's approval can be withdrawn while nothing depends on it, that of ballots at any time.
"""

import secrets
from collections.abc import Iterator
from datetime import date
from itertools import count

from generator.core.ledgers import approval_rules
from generator.core.model.ledger import Approval
from generator.core.sealing import digests
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.intake.files import approval_block
from generator.loader import load
from generator.loader.load import LoadedProject, LoadResult
from generator.problems import CommandResult, Location, Problem
from generator.project import Project
from generator.publish import release
from generator.publish.lock import lock_project
from generator.workflow import record_text, sealed_writing


def withdraw_approval(project: Project, today: date, name: str, reason: str) -> CommandResult[str]:
    """Withdraw the approval of the file of that name in the project, and return the name of the record."""
    with lock_project(project):
        contents, problems = compose_withdrawal(load.load_project(project, today), name, reason)
        if problems:
            return CommandResult(problems=tuple(problems))
        sealed_writing.write_sealed_files(project, contents)
    return CommandResult(next(iter(contents)))


def compose_withdrawal(load_result: LoadResult, name: str, reason: str) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the bytes of the record and of the file without its approval, in the order of writing; or the problems."""
    loaded = load_result.loaded
    file = loaded.files_by_name.get(name) if loaded else None
    errors = [
        problem
        for problem in load_result.problems
        if problem.is_error and problem.where.file == name and not _is_fixed_by_withdrawal(problem.code, file)
    ]
    if loaded is None or errors:
        return {}, errors or [problem for problem in load_result.problems if problem.is_error]
    if file is None or file.approval is None:
        kinds = "文件" if isinstance(file, BallotFile) else "台账和更正"
        hint = f"只有已审核的{kinds}可以撤回审核；草稿请直接改"
        return {}, [Problem(Location(name), "withdraw.not-approved", "这份文件没有审核过", hint)]
    if problems := list(_find_obstacles(loaded, file)):
        return {}, problems
    unapproved = approval_block.strip_approval((loaded.project.root / name).read_bytes(), name)
    if unapproved is None:
        hint = "请用记事本把整段审核记录移回文件末尾，一字不改，再撤回"
        return {}, [Problem(file.approval.where, "withdraw.not-removable", "审核记录不在文件末尾，不能整段撤下", hint)]
    # The record is written first, so that no approval disappears without one.
    return {**_compose_record(loaded, file, file.approval, reason), name: unapproved}, []


def _is_fixed_by_withdrawal(code: str, file: SealedFile | None) -> bool:
    """Return whether withdrawing and approving anew fixes the problem; a ledger's other problems need a correction."""
    if isinstance(file, BallotFile) and (code == "approval.rulebook" or code.startswith("ballot.")):
        return True
    return code in {"approval.unsigned", "approval.signature", "approval.stolen-key", "approvers.superseded"}


def _find_obstacles(loaded: LoadedProject, file: SealedFile) -> Iterator[Problem]:
    """Yield the reasons why a ledger's approval may no longer be withdrawn; ballots have none."""
    if isinstance(file, LedgerFile) and file.approval:
        is_published = file.approval.digest in release.read_published_digests(loaded.project)
        yield from approval_rules.find_withdrawal_obstacles(
            file,
            loaded.ledger_files.branch_chain(file.branch),
            loaded.ledger_files.filings,
            loaded.approver_lists,
            released=is_published,
        )


def _compose_record(loaded: LoadedProject, file: SealedFile, approval: Approval, reason: str) -> dict[str, bytes]:
    """Return the record, by its name beside the ledger or ballot whose approval is withdrawn."""
    if isinstance(file, LedgerFile):
        path = loaded.project.ledger_path(file.branch, str(file.month))
        subject = {"branch": file.branch, "month": str(file.month)}
    else:
        path, subject = loaded.project.root / file.name, {"file": file.name}
    free_paths = (
        free_path for number in count(1) if not (free_path := path.with_name(f"{path.stem}.w{number}.yaml")).exists()
    )
    values = {
        **subject,
        "withdraws": approval.digest,
        "meeting": approval.meeting.isoformat(),
        "by": approval.by,
        "on": loaded.today.isoformat(),
        "reason": reason,
        "nonce": secrets.token_hex(16),
    }
    return {
        loaded.project.file_name(next(free_paths)): record_text.format_record(
            {**values, "digest": digests.digest_record(values)}
        )
    }
