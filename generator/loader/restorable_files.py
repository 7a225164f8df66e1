"""Sealed files that were changed or removed and of which the project has a copy: the changed lines, and the remedy."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.core.sealing import changed_lines
from generator.intake.files import approval_block, record_files
from generator.intake.text import reader
from generator.problems import Problem
from generator.project import Project
from generator.publish import sealed_copies
from generator.publish.sealed_copies import SealedCopy

_SEAL = re.compile(r"sha256:[0-9a-f]{64}")
# Of several errors in one file, these say by themselves that it was changed.
_ALTERED_CODES = ("approval.digest", "record.digest", "correct.damaged")


class RestorableFile(Struct, frozen=True):
    """A sealed file of which there is a copy: the digest that seals it, its bytes as sealed, and its bytes now.

    ``current`` is None if there is no such file now, or none that can be read, and cut off if it is too large.
    """

    name: str
    seal: str
    original: bytes
    current: bytes | None

    def describe_changes(self) -> str:
        """Describe on one line what differs from the copy."""
        if self.current is None:
            return "文件不见了或读不出来"
        return changed_lines.describe_changed_lines(_split_lines(self.original), _split_lines(self.current))

    def list_changes(self) -> list[str]:
        """List every line that differs from the copy, the current ones and the original ones."""
        return changed_lines.list_changed_lines(_split_lines(self.original), _split_lines(self.current or b""))


def _split_lines(raw: bytes) -> list[str]:
    """Split a file into lines even if it is in another encoding, or no text at all."""
    try:
        return raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace").splitlines()


def read_current_bytes(project: Project, name: str) -> bytes | None:
    """Return a file's bytes, cut off if it is too large to be read; None if there is no such file, or only a link."""
    path = project.root / name
    try:
        return None if path.is_symlink() else reader.read_bounded(path, reader.MAX_BYTES)
    except OSError:
        return None


def read_current_seal(current: bytes | None, name: str) -> str | None:
    """Return the digest that seals a file of these bytes; None if it is not sealed, or was altered."""
    if current is None or len(current) > reader.MAX_BYTES:
        return None
    return approval_block.read_intact_seal(current, name)


class RestorableFiles:
    """The copies of a project, of which none is valid whose approval was withdrawn.

    ``problems`` are those of the project: an error that names a digest says that what it seals is missing.
    """

    def __init__(self, project: Project, problems: Iterable[Problem]) -> None:
        self.project = project
        self.missing_seals = frozenset(
            seal for problem in problems if problem.is_error for seal in _SEAL.findall(problem.message)
        )
        self._files: dict[str, RestorableFile | None] = {}
        self._copies: Mapping[str, list[SealedCopy]] = defaultdict(list)
        self._names: dict[str, str] = {}
        for copy in sealed_copies.list_copies(project):
            self._copies[copy.name].append(copy)
            self._names[copy.seal] = copy.name

    def has_copies(self, name: str) -> bool:
        """Return whether there are copies of a file, valid or not."""
        return name in self._copies

    def find(self, name: str) -> RestorableFile | None:
        """Find the bytes that a file should have; None if there is no valid copy of it."""
        if name not in self._files:
            self._files[name] = self._find(name) if self.has_copies(name) else None
        return self._files[name]

    def find_by_seal(self, seal: str) -> RestorableFile | None:
        """Find the file that a digest seals; None if there is no valid copy of it."""
        file = self.find(self._names[seal]) if seal in self._names else None
        return file if file and file.seal == seal else None

    def _find(self, name: str) -> RestorableFile | None:
        withdrawn = frozenset(self._list_withdrawn_seals(name))
        valid = [copy for copy in self._copies[name] if copy.seal not in withdrawn]
        # The newest, unless another file says that an earlier one is missing: then the newest is a forgery.
        least_likely_first = sorted(valid, key=lambda copy: copy.seal in self.missing_seals)
        for copy in least_likely_first[::-1]:
            original = sealed_copies.read_copy(self.project, copy)
            # The list of copies is a file like others: what it names has to be sealed as it says.
            if original is not None and read_current_seal(original, name) == copy.seal:
                return RestorableFile(name, copy.seal, original, read_current_bytes(self.project, name))
        return None

    def is_withdrawn(self, name: str) -> bool:
        """Return whether every approval of which there is a copy of the file was withdrawn."""
        withdrawn = frozenset(self._list_withdrawn_seals(name))
        return self.has_copies(name) and all(copy.seal in withdrawn for copy in self._copies[name])

    def _list_withdrawn_seals(self, name: str) -> Iterator[str]:
        """Yield the digests of the approvals of a file that were withdrawn, by the records beside it and their copies.

        The copies count, too: a record that is lost must not make the approval valid again.
        """
        folder, _, file = name.rpartition("/")
        prefix = f"{folder}/{file.partition('.')[0]}.w"
        for record_name in [copied for copied in self._copies if copied.startswith(prefix)]:
            for copy in self._copies[record_name]:
                yield from _read_withdrawn_seal(sealed_copies.read_copy(self.project, copy), record_name)
        for path in Path(self.project.root / folder).glob(f"{file.partition('.')[0]}.w*.yaml"):
            record_name = f"{folder}/{path.name}"
            yield from _read_withdrawn_seal(read_current_bytes(self.project, record_name), record_name)


def _read_withdrawn_seal(raw: bytes | None, name: str) -> Iterator[str]:
    record = record_files.read_withdrawal(raw, name)[0] if raw is not None else None
    if record:
        yield record.withdraws


_UNREAD = ("yaml.", "field.", "file.")  # problems of files that can't be read
# What these say of a missing digest may follow from a file that can't be read.
_FOLLOWING = ("approval.", "filing.", "record.", "release.rests", "anchor.missing")
_OWN_DIGEST = re.compile(rb"(?m)^\s*digest:\s*[\"']?(sha256:[0-9a-f]{64})")


def merge_consequences(
    project: Project, problems: Sequence[Problem], draft_names: Container[str] = frozenset()
) -> list[Problem]:
    """Leave out the errors that a file's digest is missing which only can't be read: its own error names where.

    The digest is known from the file's text or, where that is damaged, from its copy. What counts as a draft stops
    nothing by its own errors, and so those of other files stay.
    """
    unread: dict[str, Problem] = {}
    for problem in problems:
        is_unread = problem.is_error and problem.code.startswith(_UNREAD)
        if is_unread and problem.where.file.startswith("ledgers/") and problem.where.file not in draft_names:
            unread.setdefault(problem.where.file, problem)
    following = [problem for problem in problems if problem.is_error and problem.code.startswith(_FOLLOWING)]
    if not unread or not following:
        return list(problems)
    files = RestorableFiles(project, following)
    owners: dict[str, str] = {}
    for name in unread:
        raw, copied = read_current_bytes(project, name) or b"", files.find(name)
        seals = [seal.decode() for seal in _OWN_DIGEST.findall(raw)] + ([copied.seal] if copied else [])
        owners |= dict.fromkeys(seals, name)
    consequences: set[Problem] = set()
    names_by_cause: dict[str, list[str]] = defaultdict(list)
    for problem in following:
        named = [owners[seal] for seal in _SEAL.findall(problem.message) if seal in owners]
        if named and problem.where.file != named[0]:
            consequences.add(problem)
            names_by_cause[named[0]].append(problem.where.file)
    return [
        _name_consequences(problem, names_by_cause[problem.where.file])
        if problem is unread.get(problem.where.file)
        else problem
        for problem in problems
        if problem not in consequences
    ]


def _name_consequences(problem: Problem, names: Iterable[str]) -> Problem:
    """Return the error of a file that can't be read, with the files that depend on it."""
    resting = [name for name in dict.fromkeys(names) if name.startswith("ledgers/") and name not in problem.also]
    also = (*problem.also, *resting)
    message = f"{problem.message}；依据它的 {'、'.join(resting)} 因此也对不上" if resting else problem.message
    return replace(problem, message=message, also=also)


def add_restore_hints(
    project: Project, problems: Sequence[Problem], draft_names: Container[str] = frozenset()
) -> list[Problem]:
    """Say of each changed or missing sealed file, in the hint of one error about it, what restores it.

    What merely follows from a file that can't be read is left out: see ``merge_consequences``.

    Every error that names the digest of a missing approval or record says so, too. Errors in drafts are not excepted:
    a file counts as a draft if too little is left of it to show that it was approved.
    """
    problems = merge_consequences(project, problems, draft_names)
    errors = [problem for problem in problems if problem.is_error]
    if not errors:
        return problems
    files = RestorableFiles(project, errors)
    hints = {
        **{error: _format_hint(file, error) for error, file in _choose_errors(files, errors)},
        **{error: _format_hint(file, error) for error, file in _find_missing_files(files, errors)},
    }
    return [replace(problem, hint=hints.get(problem, problem.hint)) for problem in problems]


def _choose_errors(files: RestorableFiles, errors: Sequence[Problem]) -> Iterator[tuple[Problem, RestorableFile]]:
    """Yield one error of each file that was changed, the one that says so or else the first."""
    errors_by_file: dict[str, list[Problem]] = defaultdict(list)
    for error in errors:
        errors_by_file[error.where.file].append(error)
    for name, file_errors in errors_by_file.items():
        file = files.find(name)
        # A file that is sealed by itself is wrong for reasons that are not in its text.
        if file and read_current_seal(file.current, name) is None:
            yield min(file_errors, key=lambda error: (error.code not in _ALTERED_CODES, error.where)), file


def _find_missing_files(files: RestorableFiles, errors: Sequence[Problem]) -> Iterator[tuple[Problem, RestorableFile]]:
    """Yield the errors that name the digest of what is missing, each with the file that it seals."""
    for error in errors:
        for seal in _SEAL.findall(error.message):
            file = files.find_by_seal(seal)
            if file and file.current != file.original:
                yield error, file


def _format_hint(file: RestorableFile, error: Problem) -> str:
    subject = "" if error.where.file == file.name else f"{file.name} "
    return f"对照封存时的留底，{subject}{file.describe_changes()}；请运行 jifenbang restore {file.name} 恢复原文件"
