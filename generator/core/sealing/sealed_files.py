"""Files that an approval seals (四1): ledgers, corrections, reviews and polls, each approved or still a draft."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval, Ballot, Correction, Document, Ledger, Poll, Reviews
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import digests, tampering
from generator.problems import Location, Problem


class _File(Struct, frozen=True):
    """What sealed files have in common.

    ``sealed`` if it claims to be approved, ``clean`` if nothing in it was misread; ``document`` is None if it can't be
    read.
    """

    name: str
    document: Document | Ballot | None
    sealed: bool
    clean: bool

    @property
    def what(self) -> str:
        """What it is, in words."""
        raise NotImplementedError

    @property
    def is_placed(self) -> bool:
        """Whether it lies in the folder of the month or year that it is of."""
        raise NotImplementedError

    @property
    def where(self) -> Location:
        """The place that a problem of the whole file names."""
        return self.document.where if self.document else Location(self.name)

    @property
    def approval(self) -> Approval | None:
        """Its approval, if it is approved and can be read."""
        return self.document.approval if self.document else None

    @property
    def is_intact(self) -> bool:
        """Whether it is approved and unaltered."""
        return bool(self.document and self.approval and self.approval.digest == self.document.digest)

    @property
    def is_original(self) -> bool:
        """Whether it is approved, unaltered, and lies at its place: what else has its seal is a copy."""
        return self.is_intact and self.is_placed


class LedgerFile(_File, frozen=True):
    """A file below ``ledgers/YEAR/BRANCH/``: the ledger is number 0, its corrections count from 1."""

    document: Document | None
    branch: str
    month: Period
    number: int

    @property
    def what(self) -> str:
        """What it is, in words: of which month, and the how-manieth correction."""
        return f"{self.month} 更正{self.number}" if self.number else f"{self.month} 台账"

    @property
    def is_placed(self) -> bool:
        """Whether it says the month that its path says."""
        return self.document is not None and self.document.month.text == str(self.month)


class BallotFile(_File, frozen=True):
    """A file of reviews, or of the poll with that id; ``year`` is its folder's."""

    document: Ballot | None
    year: int
    poll: str | None

    @property
    def ballot(self) -> Ballot | None:
        """The document, by the name that templates know; None if it can't be read."""
        return self.document

    @property
    def what(self) -> str:
        """What it is, in words."""
        return f"{self.year} 年民主评议得分" if self.poll is None else f"{self.year} 年 {self.poll} 投票"

    @property
    def is_placed(self) -> bool:
        """Whether it says the year that its folder says."""
        if isinstance(self.document, Reviews):
            return self.document.year.text == str(self.year)
        return self.document is not None and self.document.date.year == self.year


SealedFile: TypeAlias = LedgerFile | BallotFile
"""A file that an approval seals or may seal."""


class Seal(Struct, frozen=True):
    """A file's approval by its digest; ``what`` is the file in words, ``branch`` the branch that it says, if it does.

    It is the ``original`` if nothing was altered and the file lies at its place: what else has it is a copy.
    """

    file: str
    description: str
    digest: str
    is_original: bool
    branch: str = ""


def list_seals(files: Iterable[SealedFile]) -> list[Seal]:
    """What seals those that are approved and can be read."""
    return [
        Seal(file.name, _source(file), file.approval.digest, file.is_original, _branch(file))
        for file in files
        if file.approval
    ]


def _branch(file: SealedFile) -> str:
    return file.document.branch.text if isinstance(file.document, Ledger | Correction) else ""


def _source(file: SealedFile) -> str:
    """What a file is in another one's problem; a name is set off from the words after it."""
    return f"{file.branch} {file.what}" if isinstance(file, LedgerFile) else f"{file.name} "


def find_copied_approvals(seals: Collection[Seal]) -> Mapping[str, str]:
    """The files whose approval was copied from another's, with that other in words."""
    intact: dict[str, Seal] = {}
    for one in seals:
        if one.is_original:
            intact.setdefault(one.digest, one)
    return {one.file: intact[one.digest].description for one in seals if intact.get(one.digest, one) is not one}


def find_copies_by_branch(seals: Collection[Seal], roster: Roster | None) -> Mapping[str, Mapping[str, str]]:
    """The same of ledgers, by branch: the original is the one in the folder of its branch, else the first in order."""
    in_order = sorted(seals, key=lambda one: (not _is_home(one, roster), one.file.split("/")[:-1]))
    branches: dict[str, dict[str, str]] = defaultdict(dict)
    for file, original in find_copied_approvals(in_order).items():
        branches[_folder(file)][file] = original
    return branches


def _is_home(one: Seal, roster: Roster | None) -> bool:
    """Whether a file lies in the folder of the branch that it says, by id or name."""
    folder = _folder(one.file)
    home = roster.branch_by_id.get(folder) if roster else None
    return one.branch in {folder, home.name if home else folder}


def _folder(file: str) -> str:
    return file.split("/")[-2]


def find_alterations(file: SealedFile, rules: Rulebook, description: str) -> Iterator[Problem]:
    """Find whether an approved file, or what decides of it in the rulebook, is no longer as it was approved."""
    document, approval = file.document, file.approval
    if document is None or approval is None:
        return
    if not file.is_intact:
        hint = "已审核的文件不能再改，请从备份中恢复原文件"
        message = f"{tampering.describe_approval(approval, description)}在审核之后被改动过"
        yield Problem(approval.where, "approval.digest", message, hint)
    if approval.rulebook not in {None, digests.digest_relevant_rules(document, rules)}:
        basis, hint = _rules(document, f"ledgers/rulebooks/{rules.id}.yaml")
        message = f"{tampering.describe_approval(approval, description)}所依据的{basis}变了"
        yield Problem(approval.where, "approval.rulebook", message, hint)


def _rules(document: Document | Ballot, book: str) -> tuple[str, str]:
    """What of a rulebook decides what becomes of a file, in words, and what to do where it changed."""
    match document:
        case Ledger() | Correction():
            place = f"{book} 里的分值、上限和规则，并核对当年的 cycle.yaml"
            return "计分规则", f"请恢复 {place}；新的规则请另立一份规则文件，从新年度起用"
        case Reviews():
            keys = "appraisal 和 consequences"
        case Poll():
            keys = "awards"
    return "规则", f"请恢复 {book} 里的 {keys}；规则确已改变的，撤回这次审核，重新审核"
