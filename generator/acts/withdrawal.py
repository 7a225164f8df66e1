"""An approval undone while nothing rests on it, and the record that it was."""

import secrets
from collections.abc import Iterator

from generator.books import Books, Reading
from generator.core import approving, seal
from generator.core.months import Paper
from generator.intake import blocks
from generator.problems import Problem, Where
from generator.publish import approvals, release

_MENDED = {"approval.unsigned"}  # by withdrawing it, and approving anew with a key


def withdrawn(reading: Reading, name: str, reason: str) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of the record and of the file without its approval, in the order to be written; or why not."""
    found = reading.books
    own = [one for one in reading.problems if one.is_error and one.where.file == name and one.code not in _MENDED]
    if found is None or own:
        return {}, own or [problem for problem in reading.problems if problem.is_error]
    paper = found.shelf.papers.get(name)
    approval = paper.document.approval if paper and paper.document else None
    if paper is None or approval is None:
        hint = "只有已审核的台账和更正可以撤回审核"
        return {}, [Problem(Where(name), "withdraw.not-approved", "这份文件没有审核过", hint)]
    if problems := list(_bound(found, paper)):
        return {}, problems
    kept = blocks.unsealed((found.project.root / name).read_bytes(), name)
    if kept is None:
        hint = "请用记事本把整段审核记录移回文件末尾，一字不改，再撤回"
        return {}, [Problem(approval.where, "withdraw.not-removable", "审核记录不在文件末尾，不能整段撤下", hint)]
    return {**_record(found, paper, reason), name: kept}, []


def _bound(found: Books, paper: Paper) -> Iterator[Problem]:
    assert paper.document is not None
    assert paper.document.approval is not None
    digest = paper.document.approval.digest
    released = digest in release.published(found.project)
    yield from approving.bound(paper, found.shelf.chain(paper.branch), found.shelf.filings, released=released)


def _record(found: Books, paper: Paper, reason: str) -> dict[str, bytes]:
    assert paper.document is not None
    approval = paper.document.approval
    assert approval is not None
    earlier = [one for one in found.shelf.withdrawals if (one.branch.text, one.month.text) == _key(paper)]
    path = found.project.withdrawal(paper.branch, str(paper.month), len(earlier) + 1)
    values = {
        "branch": paper.branch,
        "month": str(paper.month),
        "withdraws": approval.digest,
        "meeting": approval.meeting.isoformat(),
        "by": approval.by,
        "on": found.today.isoformat(),
        "reason": reason,
        "nonce": secrets.token_hex(16),
    }
    return {found.project.name(path): approvals.text({**values, "digest": seal.record(values)})}


def _key(paper: Paper) -> tuple[str, str]:
    return paper.branch, str(paper.month)
