"""An approval withdrawn, and the record that it was: while nothing rests on it, or of reviews and polls at any time."""

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
from generator.workflow import record_text


def withdraw_approval(project: Project, today: date, name: str, reason: str) -> CommandResult[str]:
    """Withdraw the approval of the file of that name in the project; gives the name of the record."""
    with lock_project(project):
        files, problems = compose_withdrawal(load.load_project(project, today), name, reason)
        if problems:
            return CommandResult(problems=tuple(problems))
        record_text.write_files({project.root / one: raw for one, raw in files.items()})
    return CommandResult(next(iter(files)))


def compose_withdrawal(reading: LoadResult, name: str, reason: str) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of the record and of the file without its approval, in the order to be written; or why not."""
    loaded = reading.loaded
    file = loaded.files_by_name.get(name) if loaded else None
    own = [one for one in reading.problems if one.is_error and one.where.file == name and not _mended(one.code, file)]
    if loaded is None or own:
        return {}, own or [problem for problem in reading.problems if problem.is_error]
    if file is None or file.approval is None:
        kinds = "文件" if isinstance(file, BallotFile) else "台账和更正"
        hint = f"只有已审核的{kinds}可以撤回审核"
        return {}, [Problem(Location(name), "withdraw.not-approved", "这份文件没有审核过", hint)]
    if problems := list(_bound(loaded, file)):
        return {}, problems
    kept = approval_block.strip_approval((loaded.project.root / name).read_bytes(), name)
    if kept is None:
        hint = "请用记事本把整段审核记录移回文件末尾，一字不改，再撤回"
        return {}, [Problem(file.approval.where, "withdraw.not-removable", "审核记录不在文件末尾，不能整段撤下", hint)]
    return {**_record(loaded, file, file.approval, reason), name: kept}, []


def _mended(code: str, file: SealedFile | None) -> bool:
    """Whether withdrawing the approval and approving anew mends it; a ledger's rest is mended by a correction."""
    if isinstance(file, BallotFile) and (code == "approval.rulebook" or code.startswith("ballot.")):
        return True
    return code == "approval.unsigned"


def _bound(loaded: LoadedProject, file: SealedFile) -> Iterator[Problem]:
    if isinstance(file, LedgerFile) and file.approval:
        released = file.approval.digest in release.read_published_digests(loaded.project)
        yield from approval_rules.find_withdrawal_obstacles(
            file, loaded.ledger_files.branch_chain(file.branch), loaded.ledger_files.filings, released=released
        )


def _record(loaded: LoadedProject, file: SealedFile, approval: Approval, reason: str) -> dict[str, bytes]:
    """The record, beside the ledger, reviews or poll that it is of."""
    if isinstance(file, LedgerFile):
        path = loaded.project.ledger_path(file.branch, str(file.month))
        of = {"branch": file.branch, "month": str(file.month)}
    else:
        path, of = loaded.project.ballot_path(file.year, file.poll), {"file": file.name}
    unused = (one for n in count(1) if not (one := path.with_name(f"{path.stem}.w{n}.yaml")).exists())
    values = {
        **of,
        "withdraws": approval.digest,
        "meeting": approval.meeting.isoformat(),
        "by": approval.by,
        "on": loaded.today.isoformat(),
        "reason": reason,
        "nonce": secrets.token_hex(16),
    }
    return {
        loaded.project.file_name(next(unused)): record_text.format_record(
            {**values, "digest": digests.digest_record(values)}
        )
    }
