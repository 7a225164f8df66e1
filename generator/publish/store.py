"""What is remembered of an output folder: a manifest of each release, the bytes of its files, and a journal.

``.jifenbang/outputs/KEY/`` holds ``releases/NUMBER.json``, ``blobs/SHA256`` and ``journal.json``. The journal names the
releases of which files may lie in the folder: one when the site is whole, two while one takes the place of the other.
It is the only thing that is ever changed, in one stroke. Manifest and journal carry a digest of themselves, so that a
damaged one is never believed.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator.project import Project
from generator.publish import atomic_files

RELEASES_KEPT = 5  # releases: the current one and four before it
ABSENT_ERRORS = (FileNotFoundError, IsADirectoryError, NotADirectoryError)  # any other failure of the disk may pass
_REREAD = 4  # sealed files that are not trusted anew each time: a manifest may tell of ten thousands of files
_NAMES = re.compile(r"[0-9a-f]{64}|\d+\.json")


class Manifest(Struct, frozen=True):
    """One release: its day, all sealed that it rests on, and each file's digest in the order written.

    ``rests`` are approvals, filings and withdrawals by their digests, each with what it is in words.
    """

    number: int
    before: int | None
    output: Path
    day: date
    rests: Mapping[str, str]
    files: Mapping[str, str]


EMPTY_MANIFEST = Manifest(0, None, Path(), date.min, {}, {})


class Store(Struct, frozen=True):
    """The memory of one output folder."""

    project: Project
    folder: Path

    @staticmethod
    def for_output(project: Project, output: Path) -> "Store":
        """The memory of an output folder, known by where it is: from the project if inside, so that both may move."""
        return Store(project, _folder(project) / atomic_files.digest_bytes(os.fsencode(project.file_name(output)))[:16])

    # --- the journal

    def read_journal(self) -> tuple[int, ...] | None:
        """Numbers of the releases of which files may lie in the folder, 0 for none; None if that isn't known."""
        found = _read(self.folder / "journal.json", {"releases"})
        return tuple(found["releases"]) if found else None

    def write_journal(self, *numbers: int) -> None:
        """Write the journal."""
        self.stage_journal(*numbers)
        self.commit_journal()

    def stage_journal(self, *numbers: int) -> None:
        """Write what the journal is to be once a switch is done, while there is room on the disk."""
        atomic_files.stage_durably(self.folder / "journal.json", _sealed({"releases": sorted(set(numbers))}))

    def commit_journal(self) -> None:
        """Make that the journal."""
        atomic_files.commit_durably(self.folder / "journal.json")

    def find_present_numbers(self) -> tuple[int, ...]:
        """The journal or, failing that, the likeliest: the newest release that can be read."""
        readable = (number for number in reversed(self.list_numbers()) if self.read_manifest(number))
        return self.read_journal() or (next(readable, 0),)

    def read_present_releases(self) -> list[Manifest]:
        """What lies in the folder, if it can be read: one release or, after an interruption, both."""
        return [one for number in self.find_present_numbers() if (one := self.read_manifest(number)) and one.number]

    # --- manifests

    def list_numbers(self) -> list[int]:
        """Numbers of all manifests, readable or not."""
        return sorted(int(path.stem) for path in (self.folder / "releases").glob("*.json") if path.stem.isdecimal())

    def find_unused_number(self) -> int:
        """The number of the next release."""
        return max(0, *self.list_numbers(), *self.find_present_numbers()) + 1

    def read_manifest(self, number: int) -> Manifest | None:
        """A release's manifest; None if there is none, or a damaged one."""
        if number == 0:
            return EMPTY_MANIFEST
        found = _read(self._manifest(number), set(Manifest.__struct_fields__))
        if found is None or found["number"] != number:
            return None
        output = self.project.root.resolve() / found["output"]
        return Manifest(**{**found, "output": output, "day": date.fromisoformat(found["day"])})

    def write_manifest(self, made: Manifest) -> None:
        """Remember a release."""
        fields = {name: getattr(made, name) for name in Manifest.__struct_fields__}
        text = {"output": self.project.file_name(made.output), "day": made.day.isoformat()}
        atomic_files.write_durably(self._manifest(made.number), _sealed(fields | text))

    def _manifest(self, number: int) -> Path:
        return self.folder / "releases" / f"{number:05}.json"

    # --- the bytes of files

    def save_blob(self, raw: bytes) -> str:
        """Remember bytes; gives their digest."""
        digest = atomic_files.digest_bytes(raw)
        blob = self.blob_path(digest)
        if atomic_files.digest_file(blob) != digest:
            atomic_files.write_atomically(blob, raw)
        return digest

    def save_output_files(self, output: Path, digests: Mapping[str, str]) -> None:
        """Remember the bytes of files in a folder, of which the digests are known, unless they are remembered."""
        known = _names(self.folder / "blobs")
        for path, digest in digests.items():
            if digest not in known:
                with suppress(*ABSENT_ERRORS):  # it may be gone since, or changed: then it is kept as what it is
                    self.save_blob((output / path).read_bytes())

    def blob_path(self, digest: str) -> str:
        """Where the bytes of that digest are remembered."""
        return f"{self.folder}/blobs/{digest}"

    def prune_releases(self, newest: Manifest) -> None:
        """Forget what neither a release and the four before it nor the journal needs."""
        kept = list(self._lineage(newest))
        numbers = {one.number for one in kept} | set(self.find_present_numbers())
        needed = {digest for one in kept for digest in one.files.values()}
        _sweep(self.folder / "blobs", needed)
        _sweep(self.folder / "releases", {self._manifest(number).name for number in numbers})

    def keep_only_blobs(self, digests: Iterable[str]) -> None:
        """Forget the bytes of all files but these."""
        _sweep(self.folder / "blobs", set(digests))

    def _lineage(self, newest: Manifest) -> Iterator[Manifest]:
        found: Manifest | None = newest
        for _ in range(RELEASES_KEPT):
            if found is None:
                break
            yield found
            found = self.read_manifest(found.before or 0)


def read_releases_of_all_outputs(project: Project) -> tuple[Manifest, ...]:
    """What lies in each known output folder that still exists: one release or, after an interruption, both."""
    return tuple(one for store in list_stores(project) for one in store.read_present_releases() if one.output.is_dir())


def list_stores(project: Project) -> list[Store]:
    """The memory of every output folder, there or not."""
    return [Store(project, _folder(project) / name) for name in sorted(_names(_folder(project)))]


def _folder(project: Project) -> Path:
    return project.state_folder / "outputs"


def _names(folder: Path) -> AbstractSet[str]:
    """The names of all that lies in a folder: of ten thousands, a Path for each would cost more than the rest."""
    return set(os.listdir(folder)) if folder.is_dir() else set()  # noqa: PTH208


def _sweep(folder: Path, keep: AbstractSet[str]) -> None:
    for name in _names(folder) - keep:
        if _NAMES.fullmatch(atomic_files.final_path(name)) and not (folder / name).is_dir():
            (folder / name).unlink()


def _sealed(fields: dict[str, Any]) -> bytes:
    """Fields as JSON, last among them a digest of the others."""
    raw = json.dumps(fields).encode()
    return raw[:-1] + f', "sha256": "{atomic_files.digest_bytes(raw)}"}}'.encode()


_SEAL = re.compile(rb', "sha256": "([0-9a-f]{64})"\}')
_END = len(', "sha256": ""}') + 64


def _read(path: Path, names: set[str]) -> Mapping[str, Any] | None:
    """Sealed fields of these names; None if there are none that can be trusted."""
    try:
        found = _trusted(path.read_bytes())
    except ABSENT_ERRORS:
        return None
    return found if found is not None and found.keys() == names else None


@lru_cache(maxsize=_REREAD)
def _trusted(raw: bytes) -> Mapping[str, Any] | None:
    """The fields, if their text is the one that was sealed: it is compared itself, not what can be read in it."""
    rest, seal = raw[:-_END], _SEAL.fullmatch(raw[-_END:])
    if seal is None or atomic_files.digest_bytes(rest + b"}") != seal[1].decode():
        return None
    fields: Mapping[str, Any] = json.loads(rest + b"}")
    return fields
