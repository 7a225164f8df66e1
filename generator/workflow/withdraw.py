"""An approval withdrawn, and the record that it was: while nothing rests on it, or of reviews and polls at any time."""

import secrets
from collections.abc import Iterator
from datetime import date
from itertools import count

from generator.core.ledgers import approval_rules
from generator.core.model.ledger import Approval
from generator.core.sealing import subjects
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.intake.files import approval_block
from generator.loader import load
from generator.loader.load import Books, Reading
from generator.problems import Answer, Problem, Where
from generator.project import Project
from generator.publish import release
from generator.publish.lock import lock
from generator.workflow import record_text


def withdraw(project: Project, today: date, name: str, reason: str) -> Answer[str]:
    """Withdraw the approval of the file of that name in the project; gives the name of the record."""
    with lock(project):
        files, problems = withdrawn(load.read(project, today), name, reason)
        if problems:
            return Answer(problems=tuple(problems))
        record_text.write({project.root / one: raw for one, raw in files.items()})
    return Answer(next(iter(files)))


def withdrawn(reading: Reading, name: str, reason: str) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of the record and of the file without its approval, in the order to be written; or why not."""
    loaded = reading.books
    file = loaded.files.get(name) if loaded else None
    own = [one for one in reading.problems if one.is_error and one.where.file == name and not _mended(one.code, file)]
    if loaded is None or own:
        return {}, own or [problem for problem in reading.problems if problem.is_error]
    if file is None or file.approval is None:
        kinds = "文件" if isinstance(file, BallotFile) else "台账和更正"
        hint = f"只有已审核的{kinds}可以撤回审核"
        return {}, [Problem(Where(name), "withdraw.not-approved", "这份文件没有审核过", hint)]
    if problems := list(_bound(loaded, file)):
        return {}, problems
    kept = approval_block.unsealed((loaded.project.root / name).read_bytes(), name)
    if kept is None:
        hint = "请用记事本把整段审核记录移回文件末尾，一字不改，再撤回"
        return {}, [Problem(file.approval.where, "withdraw.not-removable", "审核记录不在文件末尾，不能整段撤下", hint)]
    return {**_record(loaded, file, file.approval, reason), name: kept}, []


def _mended(code: str, file: SealedFile | None) -> bool:
    """Whether withdrawing the approval and approving anew mends it; a ledger's rest is mended by a correction."""
    if isinstance(file, BallotFile) and (code == "approval.rulebook" or code.startswith("ballot.")):
        return True
    return code == "approval.unsigned"


def _bound(loaded: Books, file: SealedFile) -> Iterator[Problem]:
    if isinstance(file, LedgerFile) and file.approval:
        released = file.approval.digest in release.published(loaded.project)
        yield from approval_rules.bound(file, loaded.shelf.chain(file.branch), loaded.shelf.filings, released=released)


def _record(loaded: Books, file: SealedFile, approval: Approval, reason: str) -> dict[str, bytes]:
    """The record, beside the ledger, reviews or poll that it is of."""
    if isinstance(file, LedgerFile):
        path = loaded.project.ledger(file.branch, str(file.month))
        of = {"branch": file.branch, "month": str(file.month)}
    else:
        path, of = loaded.project.ballot(file.year, file.poll), {"file": file.name}
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
    return {loaded.project.name(next(unused)): record_text.text({**values, "digest": subjects.record(values)})}
