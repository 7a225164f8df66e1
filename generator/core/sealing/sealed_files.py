"""Files that an approval seals (四1): ledgers, corrections and ballots, each approved or still a draft."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import (
    BALLOT_TITLES,
    Approval,
    Ballot,
    BallotKind,
    Correction,
    Document,
    Honours,
    Ledger,
    Poll,
    Reviews,
)
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import digests, tampering
from generator.problems import Cause, Location, Problem


class _SealedFileBase(Struct, frozen=True):
    """A file that an approval seals or may seal.

    ``sealed`` if the file claims to be approved; ``clean`` if reading it found no problem; ``document`` is None if it
    can't be read.
    """

    name: str
    document: Document | Ballot | None
    sealed: bool
    clean: bool

    @property
    def what(self) -> str:
        """The description of the file in words."""
        raise NotImplementedError

    @property
    def is_placed(self) -> bool:
        """True if the file is in the folder of its month or year."""
        raise NotImplementedError

    @property
    def cycle(self) -> int:
        """The year whose rulebook decides what the file says."""
        raise NotImplementedError

    @property
    def where(self) -> Location:
        """The location that a problem of the file as a whole names."""
        return self.document.where if self.document else Location(self.name)

    @property
    def approval(self) -> Approval | None:
        """The approval, if the file is approved and can be read."""
        return self.document.approval if self.document else None

    @property
    def is_intact(self) -> bool:
        """True if the file is approved and unaltered."""
        # The digest that the approval block states, and the digest of the file as read now.
        return bool(self.document and self.approval and self.approval.digest == self.document.digest)

    @property
    def is_original(self) -> bool:
        """True if the file is approved, unaltered and in its folder: any other file with its seal is a copy."""
        return self.is_intact and self.is_placed


class LedgerFile(_SealedFileBase, frozen=True):
    """A file below ``ledgers/YEAR/BRANCH/``: the ledger is number 0, its corrections count from 1."""

    document: Document | None
    branch: str
    month: Period
    number: int

    @property
    def what(self) -> str:
        """The description of the file in words: its month, and ledger or the number of the correction."""
        return f"{self.month} 更正{self.number}" if self.number else f"{self.month} 台账"

    @property
    def cycle(self) -> int:
        """The year whose rulebook decides what the file says."""
        return self.month.year

    @property
    def is_placed(self) -> bool:
        """True if the month in the file is the month of its path."""
        return self.document is not None and self.document.month.text == str(self.month)


class BallotFile(_SealedFileBase, frozen=True):
    """A file of reviews, of a poll, or of honours; ``year`` is its folder's."""

    document: Ballot | None
    year: int
    kind: BallotKind

    @property
    def poll(self) -> str | None:
        """The poll's id, which is in the file's name alone; None for other kinds."""
        return self.name.rpartition("/")[2].removesuffix(".yaml") if self.kind is BallotKind.POLL else None

    @property
    def ballot(self) -> Ballot | None:
        """The document under the name that templates read; None if it can't be read."""
        return self.document

    @property
    def what(self) -> str:
        """The description of the file in words: its year, its kind and, of polls, the id."""
        poll = f" {self.poll} " if self.poll else ""
        return f"{self.year} 年{poll}{BALLOT_TITLES[self.kind]}"

    @property
    def cycle(self) -> int:
        """The year whose rulebook decides what the file says."""
        return self.year

    @property
    def is_placed(self) -> bool:
        """True if the year in the file is the year of its folder."""
        if isinstance(self.document, Poll):
            return self.document.date.year == self.year
        return self.document is not None and self.document.year.text == str(self.year)


SealedFile: TypeAlias = LedgerFile | BallotFile
"""A ledger, correction or ballot, approved or draft."""


class Seal(Struct, frozen=True):
    """The digest of a file's approval, as far as needed to find copies of it.

    ``description`` is the file in words; ``branch`` is the branch as written in the file, if it names one.
    ``is_original`` if nothing was altered and the file is in its folder: any other file with this digest is a copy.
    """

    file: str
    description: str
    digest: str
    is_original: bool
    branch: str = ""


def list_seals(files: Iterable[SealedFile]) -> list[Seal]:
    """List the seals of the files that are approved and can be read."""
    return [
        Seal(file.name, f"{file.name} ", file.approval.digest, file.is_original, _written_branch(file))
        for file in files
        if file.approval
    ]


def _written_branch(file: SealedFile) -> str:
    """Return the branch as the file names it; empty if it names none."""
    return file.document.branch.text if isinstance(file.document, Ledger | Correction) else ""


def find_copied_approvals(seals: Collection[Seal]) -> Mapping[str, str]:
    """Find the files whose approval was copied from another file; return each with that file in words."""
    originals: dict[str, Seal] = {}
    for seal in seals:
        if seal.is_original:
            originals.setdefault(seal.digest, seal)
    # Without an original there is no copy to report: such files are altered or misplaced, each a problem of its own.
    return {
        seal.file: originals[seal.digest].description for seal in seals if originals.get(seal.digest, seal) is not seal
    }


def find_copies_by_branch(seals: Collection[Seal], roster: Roster | None) -> Mapping[str, Mapping[str, str]]:
    """Find copied approvals of ledgers, by the branch of the copy.

    The original is the file in the folder of the branch that it names, else the first in the order of folders.
    """
    ordered = sorted(seals, key=lambda seal: (not _is_in_own_folder(seal, roster), seal.file.split("/")[:-1]))
    branches: dict[str, dict[str, str]] = defaultdict(dict)
    for file, original in find_copied_approvals(ordered).items():
        branches[_branch_folder(file)][file] = original
    return branches


def _is_in_own_folder(seal: Seal, roster: Roster | None) -> bool:
    """Return whether a file is in the folder of the branch that it names, by id or name."""
    folder = _branch_folder(seal.file)
    branch = roster.branch_by_id.get(folder) if roster else None
    return seal.branch == folder or (branch is not None and seal.branch in branch.all_names)


def _branch_folder(file: str) -> str:
    return file.split("/")[-2]


def find_alterations(file: SealedFile, rulebook: Rulebook, description: str) -> Iterator[Problem]:
    """Find out whether an approved file, or the part of the rulebook that it depends on, was altered since."""
    document, approval = file.document, file.approval
    if document is None or approval is None:
        return
    if not file.is_intact:
        hint = "已审核的文件不能再改，请从备份中恢复原文件"
        message = f"{tampering.describe_approval(approval, description)}在审核之后被改动过"
        yield Problem(approval.where, "approval.digest", message, hint)
    if isinstance(document, Honours):
        return  # no rule bears on them
    # The approval of reviews or a poll may lack this digest.
    if approval.rulebook not in {None, digests.digest_relevant_rules(document, rulebook, file.cycle)}:
        rulebook_file = f"ledgers/rulebooks/{rulebook.id}.yaml"
        basis, hint = _describe_rules(document, rulebook_file)
        message = f"{tampering.describe_approval(approval, description)}所依据的{basis}变了"
        cause = Cause(f"这份规则改动过，已审核的文件所依据的{basis}变了", hint, Location(rulebook_file))
        subject = tampering.split_description(description)
        yield Problem(approval.where, "approval.rulebook", message, hint, cause=cause, subject=subject)


def _describe_rules(document: Document | Reviews | Poll, rulebook_file: str) -> tuple[str, str]:
    """Return, in words, the rules that decide a file's effect, and the advice if they changed."""
    match document:
        case Ledger() | Correction():
            place = f"{rulebook_file} 里的分值、上限和规则，并核对当年的 cycle.yaml"
            return "计分规则", f"请恢复 {place}；新的规则请另立一份规则文件，从新年度起用"
        case Reviews():
            keys = "appraisal 和 consequences"
        case Poll():
            keys = "awards"
    return "规则", f"请恢复 {rulebook_file} 里的 {keys}；规则确已改变的，撤回这次审核，重新审核"
