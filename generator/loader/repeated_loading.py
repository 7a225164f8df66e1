"""Load one project again and again: only what has changed is read again, branch by branch."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.ledger import Document
from generator.core.model.roster import Roster, Span
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import NameOrder
from generator.disk import atomic_files
from generator.intake.files import ledger_file, roster_file
from generator.intake.files.discovery import DiscoveredFiles
from generator.intake.files.roster_file import FindSealedMonth
from generator.loader import load
from generator.loader.load import CheckedBranch, LoadResult, SharedFiles
from generator.problems import Problem
from generator.project import Project

ReadDocument: TypeAlias = tuple[Document | None, list[Problem], bool]
"""A ledger or correction as ``ledger_file.read_ledger`` returns it."""


class _ReadRoster(Struct, frozen=True):
    """A roster read from these bytes alone: no ledger was looked at."""

    raw: bytes
    order: NameOrder
    roster: Roster | None
    problems: list[Problem]


class _ReadBranch(Struct, frozen=True):
    """A branch, and the files that it was read from beside the shared ones."""

    discovered: DiscoveredFiles
    checked: CheckedBranch


class ProjectLoader:
    """A loader of one project: like ``load.load_project``, but it reads again only what bears on what has changed."""

    def __init__(self) -> None:
        self._facts: tuple[object, ...] = ()
        self._rulebooks: Mapping[int, Rulebook] = {}
        self._roster: _ReadRoster | None = None
        self._branches: dict[str, _ReadBranch] = {}
        self._ledgers: dict[str, tuple[str, ReadDocument]] = {}

    def load_project(self, project: Project, today: date) -> LoadResult:
        """Read and check a project."""
        shared_files = load.read_shared_files(project, today, self._read_roster)
        facts = _list_facts(shared_files)
        if facts != self._facts:
            self._facts, self._rulebooks, self._branches = facts, shared_files.rulebooks, {}
        # What was checked under a rulebook belongs to that very value: it is equal only to itself.
        return load.complete_load(replace(shared_files, rulebooks=self._rulebooks), self._read_branch)

    def _read_roster(
        self, raw: bytes, file: str, order: NameOrder, find_sealed_month: FindSealedMonth
    ) -> tuple[Roster | None, list[Problem]]:
        earlier = self._roster
        if earlier and (earlier.raw, earlier.order) == (raw, order):
            return earlier.roster, list(earlier.problems)
        has_looked = False

        def note_looking(roster: Roster, spans: Sequence[Span]) -> Period | None:
            nonlocal has_looked
            has_looked = True
            return find_sealed_month(roster, spans)

        roster, problems = roster_file.read_roster(raw, file, order, note_looking)
        self._roster = None if has_looked else _ReadRoster(raw, order, roster, list(problems))
        return roster, problems

    def _read_branch(
        self,
        shared_files: SharedFiles,
        branch: str,
        discovered: DiscoveredFiles,
        copied_approvals: Mapping[str, str],
    ) -> CheckedBranch:
        if copied_approvals:
            return load.read_branch(shared_files, branch, discovered, copied_approvals)
        earlier = self._branches.get(branch)
        if earlier and earlier.discovered == discovered and _is_unchanged(earlier.checked):
            return earlier.checked
        checked = load.read_branch(shared_files, branch, discovered, copied_approvals, self._read_ledger)
        self._branches[branch] = _ReadBranch(discovered, checked)
        return checked

    def _read_ledger(self, raw: bytes, file: str, number: int) -> ReadDocument:
        """Read a ledger or correction unless these bytes were read: parsing is most of the work of a branch."""
        digest = atomic_files.digest_bytes(raw)
        earlier = self._ledgers.get(file)
        if earlier is None or earlier[0] != digest:
            self._ledgers[file] = earlier = digest, ledger_file.read_ledger(raw, file, number)
        document, problems, sealed = earlier[1]
        return document, list(problems), sealed


def _list_facts(shared_files: SharedFiles) -> tuple[object, ...]:
    """Return all that bears on how a branch is checked beside its own files."""
    project = shared_files.project
    rules = {path: digest for path, digest in shared_files.digests.items() if project.ledgers_folder in path.parents}
    years = frozenset(shared_files.rulebooks)
    return project, shared_files.today, rules, years, shared_files.roster, shared_files.approver_lists


def _is_unchanged(checked: CheckedBranch) -> bool:
    """Return whether each file of a branch could be read, and has not changed since."""
    is_all = len(checked.digests) == len(checked.file_names)
    return is_all and all(atomic_files.digest_file(path) == digest for path, digest in checked.digests.items())
