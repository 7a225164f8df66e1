"""What section 五 needs besides points, as it lies below ``ledgers/``: reviews, polls, and their withdrawals."""

from collections.abc import Mapping

from msgspec import Struct, field

from generator.core.ledgers import filed_quarters
from generator.core.model.ledger import Approval, Withdrawal
from generator.core.sealing.sealed_files import BallotFile
from generator.intake.files import approval_block, ballot_file, record_files
from generator.intake.files.discovery import BallotPath, Found
from generator.intake.text.reader import Reader


class Ballots(Struct, frozen=True):
    """Files of reviews and polls by name, approved or draft, and the records of approvals withdrawn."""

    files: Mapping[str, BallotFile] = field(default_factory=dict)
    withdrawals: tuple[Withdrawal, ...] = ()

    @property
    def drafts(self) -> frozenset[str]:
        """The files that are not approved."""
        return frozenset(name for name, file in self.files.items() if not file.sealed)

    @property
    def approvals(self) -> tuple[tuple[BallotFile, Approval], ...]:
        """Every file that is approved and can be read, with its approval."""
        return tuple(filed_quarters.approvals(self.files.values()))


def read(reader: Reader, found: Found) -> Ballots:
    """Read every file, and find what was copied, altered or brought back since it was approved."""
    files = approval_block.originals(reader, [_file(reader, path) for path in found.ballots if not path.number])
    withdrawals = record_files.withdrawals(reader, [one.path for one in found.ballots if one.number])
    reader.problems += filed_quarters.withdrawn(files.values(), withdrawals)
    return Ballots(files, withdrawals)


def _file(reader: Reader, found: BallotPath) -> BallotFile:
    held = approval_block.read(reader, found.path, ballot_file.read, found.poll)
    return BallotFile(*held, found.year, found.poll)
