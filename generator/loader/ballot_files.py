"""Read ballots and records of their withdrawal below ``ledgers/``: what the organ decides besides points."""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.ledgers import approval_rules, filings_and_withdrawals
from generator.core.model.ledger import Approval, Withdrawal
from generator.core.model.roster import Roster
from generator.core.sealing.sealed_files import BallotFile
from generator.intake.files import approval_block, ballot_file, record_files
from generator.intake.files.discovery import BallotPath, DiscoveredFiles
from generator.intake.text.reader import ProjectReader


class BallotFiles(Struct, frozen=True):
    """Ballots by name, approved or draft, and the records of withdrawn approvals."""

    by_name: Mapping[str, BallotFile] = field(default_factory=dict)
    withdrawals: tuple[Withdrawal, ...] = ()

    @property
    def draft_names(self) -> frozenset[str]:
        """The names of the files that are not approved."""
        return frozenset(name for name, file in self.by_name.items() if not file.sealed)

    @property
    def approved_files(self) -> tuple[tuple[BallotFile, Approval], ...]:
        """Every file that is approved and can be read, with its approval."""
        return tuple(filings_and_withdrawals.list_approvals(self.by_name.values()))


def read_ballot_files(reader: ProjectReader, discovered: DiscoveredFiles) -> BallotFiles:
    """Read every file, and report what was copied, altered or brought back since it was approved."""
    files = approval_block.drop_copied_approvals(
        reader, [_read_ballot_file(reader, ballot_path) for ballot_path in discovered.ballots if not ballot_path.number]
    )
    withdrawals = record_files.read_withdrawals(
        reader, [ballot_path.path for ballot_path in discovered.ballots if ballot_path.number]
    )
    reader.problems += filings_and_withdrawals.check_withdrawals(files.values(), withdrawals)
    return BallotFiles(files, withdrawals)


def name_approvers(ballot_files: BallotFiles, roster: Roster) -> BallotFiles:
    """Return the files with each approver's name as on the roster."""
    files = {name: approval_rules.name_approver(file, roster) for name, file in ballot_files.by_name.items()}
    return replace(ballot_files, by_name=files)


def _read_ballot_file(reader: ProjectReader, ballot_path: BallotPath) -> BallotFile:
    sealed_fields = approval_block.read_sealed_file(reader, ballot_path.path, ballot_file.read_ballot, ballot_path.kind)
    return BallotFile(*sealed_fields, ballot_path.year, ballot_path.kind)
