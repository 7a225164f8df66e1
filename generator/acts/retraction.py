"""The approval of reviews or of a poll undone: these files have no correction, so it may be undone at any time."""

import secrets
from itertools import count

from generator.books import Books, Reading
from generator.core import seal
from generator.core.ballots import Slip
from generator.core.model import Endorsement
from generator.intake import blocks
from generator.problems import Problem, Where
from generator.publish import approvals

# By withdrawing it, mending it and approving it anew.
_MENDED = {"approval.unsigned", "approval.rulebook"}


def retracted(reading: Reading, name: str, reason: str) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of the record and of the file without its approval, in the order to be written; or why not."""
    found = reading.books
    own = [one for one in reading.problems if one.is_error and one.where.file == name and not _mended(one.code)]
    if found is None or own:
        return {}, own or [problem for problem in reading.problems if problem.is_error]
    slip = found.urn.slips[name]
    if slip.approval is None:
        hint = "只有已审核的文件可以撤回审核"
        return {}, [Problem(Where(name), "withdraw.not-approved", "这份文件没有审核过", hint)]
    kept = blocks.unsealed((found.project.root / name).read_bytes(), name)
    if kept is None:
        hint = "请用记事本把整段审核记录移回文件末尾，一字不改，再撤回"
        return {}, [Problem(slip.approval.where, "withdraw.not-removable", "审核记录不在文件末尾，不能整段撤下", hint)]
    return {**_record(found, slip, slip.approval, reason), name: kept}, []


def _mended(code: str) -> bool:
    return code in _MENDED or code.startswith("ballot.")


def _record(found: Books, slip: Slip, approval: Endorsement, reason: str) -> dict[str, bytes]:
    values = {
        "file": slip.name,
        "withdraws": approval.digest,
        "meeting": approval.meeting.isoformat(),
        "by": approval.by,
        "on": found.today.isoformat(),
        "reason": reason,
        "nonce": secrets.token_hex(16),
    }
    file = found.project.ballot(slip.year, slip.poll)
    unused = (path for n in count(1) if not (path := file.with_name(f"{file.stem}.w{n}.yaml")).exists())
    return {found.project.name(next(unused)): approvals.text({**values, "digest": seal.record(values)})}
