"""What section 五 needs besides points, as it lies below ``ledgers/``: reviews, polls, and their withdrawals."""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core import ballots as checks
from generator.core.ballots import Slip
from generator.core.model import Endorsement, Retraction
from generator.intake import ballots, records
from generator.intake.folders import BallotFile, Found
from generator.intake.reader import Reader
from generator.problems import Problem


class Urn(Struct, frozen=True):
    """Files of reviews and polls by name, approved or draft, and the records of approvals withdrawn."""

    slips: Mapping[str, Slip] = field(default_factory=dict)
    retractions: tuple[Retraction, ...] = ()

    @property
    def drafts(self) -> frozenset[str]:
        """The files that are not approved."""
        return frozenset(name for name, slip in self.slips.items() if not slip.sealed)

    @property
    def approvals(self) -> tuple[tuple[Slip, Endorsement], ...]:
        """Every slip that is approved and can be read, with its approval."""
        return tuple((slip, slip.approval) for slip in self.slips.values() if slip.approval)


def read(reader: Reader, found: Found) -> Urn:
    """Read every file, and find what was copied, altered or brought back since it was approved."""
    slips = [_slip(reader, file) for file in found.ballots if not file.number]
    retractions = [_retraction(reader, file) for file in found.ballots if file.number]
    copies = checks.copied(slips)
    reader.problems += [_copied(slip, copies[slip.name]) for slip in slips if slip.name in copies]
    kept = [replace(slip, ballot=None, sealed=False) if slip.name in copies else slip for slip in slips]
    known = tuple(filter(None, retractions))
    reader.problems += checks.check(kept, known)
    return Urn({slip.name: slip for slip in kept}, known)


def _slip(reader: Reader, file: BallotFile) -> Slip:
    name, raw = reader.name(file.path), reader.raw(file.path)
    if raw is None:
        return Slip(name, file.year, file.poll, ballot=None, sealed=True, clean=False)
    ballot, problems, sealed = ballots.read(raw, name, file.poll)
    reader.problems += problems
    return Slip(name, file.year, file.poll, ballot, sealed=sealed, clean=not problems)


def _copied(slip: Slip, original: Slip) -> Problem:
    assert slip.approval is not None
    message = f"这段审核记录是从 {original.name} 复制来的"
    return Problem(slip.approval.where, "approval.copied", message, "请删去 approval: 起的各行，这份文件仍是草稿")


def _retraction(reader: Reader, file: BallotFile) -> Retraction | None:
    found = reader.one(file.path, records.read_retraction)
    if found is not None and found.file.text != reader.project.name(reader.project.ballot(file.year, file.poll)):
        reader.problems.append(_misplaced(found))
        return None
    return found


def _misplaced(record: Retraction) -> Problem:
    hint = "它由 jifenbang 写成，不能改名、移动或复制；请从备份中恢复"
    return Problem(record.where, "record.misplaced", "这份记录里写的文件与它自己的文件名不一致", hint)
