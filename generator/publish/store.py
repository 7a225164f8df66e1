"""The store of an output folder: a manifest of each release, the bytes of its files, and a journal.

``.jifenbang/outputs/KEY/`` has ``releases/NUMBER.json``, ``blobs/SHA256`` and ``journal.json``. The journal names the
releases of which files may be in the folder: one when the site is whole, two while one replaces the other. It is the
only file that is ever changed, by a single rename. Manifest and journal contain a checksum of themselves, so that a
damaged one is never trusted.
"""

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct, ValidationError, convert, to_builtins

from generator.disk import atomic_files, locked_files
from generator.project import Project

SCHEMA = 2  # of manifests and journals; those of version 0.1.0 have no number and count as 1
RELEASES_KEPT = 5  # the current release and four before it
# Any other failure of the disk may be temporary: it must not count as a missing file.
ABSENT_ERRORS = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
_CACHED_MANIFESTS = 4  # that are not read again from the same bytes: one may list tens of thousands of files
_OUTSIDE = ("//", "/./", "/../", "\\")  # in paths of a site's files, each with a slash before and behind
_OWN_NAMES = re.compile(r"[0-9a-f]{64}|\d+\.json")


class BuildRecord(Struct, frozen=True):
    """The options and inputs of a release, so that it can be compared and computed again.

    ``program`` is the digest of the program that built it, ``version`` its version number. ``inputs`` are the digests
    of all files in ``content/`` and ``ledgers/`` by path, ``theme`` those of the files of the theme chain. ``values``
    are those of the inputs that decide something without being sealed, as plain data; None in releases that have none.
    """

    program: str
    version: str
    audiences: tuple[str, ...]
    with_gzip: bool
    theme: Mapping[str, str]
    inputs: Mapping[str, str]
    values: Mapping[str, Any] | None = None


class Manifest(Struct, frozen=True):
    """One release: its day, all sealed documents on which it is based, and each file's digest in the order written.

    ``rests`` are the titles of approvals, filings and withdrawals by their digests. ``before`` is the number of the
    last whole release before this one, None if there is none. ``record`` is None in a release of version 0.1.0.
    """

    number: int
    before: int | None
    output: Path
    day: date
    rests: Mapping[str, str]
    files: Mapping[str, str]
    record: BuildRecord | None = None


class _StoredManifest(Struct, frozen=True):
    """A manifest as its file has it; what a later version added is left out."""

    number: int
    before: int | None
    output: str
    day: date
    rests: dict[str, str]
    files: dict[str, str]
    record: BuildRecord | None = None


_MANIFEST_FIELDS = {"number", "before", "output", "day", "rests", "files"}  # in every schema
EMPTY_MANIFEST = Manifest(0, None, Path(), date.min, {}, {})


class Store(Struct, frozen=True):
    """The manifests, blobs and journal of one output folder."""

    project: Project
    folder: Path

    @staticmethod
    def for_output(project: Project, output: Path) -> "Store":
        """Return the store of an output folder, by its path: relative if inside the project, so that both may move."""
        key = atomic_files.digest_bytes(os.fsencode(project.file_name(output)))[:16]
        return Store(project, _stores_folder(project) / key)

    # --- the journal

    def read_journal(self) -> tuple[int, ...] | None:
        """Return the numbers of the releases of which files may be in the folder, 0 for none; None if unknown."""
        raw = _read_file(self.folder / "journal.json")
        fields = _parse_checked(raw) if raw is not None else None
        with suppress(ValidationError):
            return convert((fields or {}).get("releases"), tuple[Annotated[int, Meta(ge=0)], ...])
        return None

    def write_journal(self, *numbers: int) -> None:
        """Replace the journal."""
        self.stage_journal(*numbers)
        self.commit_journal()

    def stage_journal(self, *numbers: int) -> None:
        """Write the journal for the end of a switch, while there is room on the disk, without putting it in place."""
        atomic_files.stage_durably(
            self.folder / "journal.json", _with_checksum({"schema": SCHEMA, "releases": sorted(set(numbers))})
        )

    def commit_journal(self) -> None:
        """Put the staged journal in place."""
        atomic_files.commit_durably(self.folder / "journal.json")

    def find_present_numbers(self) -> tuple[int, ...]:
        """Return the journal's numbers or, failing that, the likeliest: that of the newest readable release, or 0."""
        readable = (number for number in reversed(self.list_numbers()) if self.read_manifest(number))
        return self.read_journal() or (next(readable, 0),)

    def read_present_releases(self) -> list[Manifest]:
        """Return the readable manifests of the releases in the folder: one or, after an interruption, both."""
        manifests = map(self.read_manifest, self.find_present_numbers())
        return [manifest for manifest in manifests if manifest and manifest.number]

    # --- manifests

    def list_numbers(self) -> list[int]:
        """Return the numbers of all manifests, readable or not."""
        return sorted(int(path.stem) for path in (self.folder / "releases").glob("*.json") if path.stem.isdecimal())

    def find_unused_number(self) -> int:
        """Return the number of the next release."""
        return max(0, *self.list_numbers(), *self.find_present_numbers()) + 1

    def read_manifest(self, number: int) -> Manifest | None:
        """Return a release's manifest, an empty one for 0; None if there is none, or a damaged one."""
        if number == 0:
            return EMPTY_MANIFEST
        raw = _read_file(self._manifest_path(number))
        stored = _parse_manifest(raw) if raw is not None else None
        # A copy of another release's manifest passes too: only its number shows that it is in the wrong file.
        if stored is None or stored.number != number:
            return None
        output = self.project.root.resolve() / stored.output
        return Manifest(number, stored.before, output, stored.day, stored.rests, stored.files, stored.record)

    def write_manifest(self, manifest: Manifest) -> None:
        """Store a release's manifest."""
        fields = {name: getattr(manifest, name) for name in _MANIFEST_FIELDS}
        text = {"output": self.project.file_name(manifest.output), "day": manifest.day.isoformat()}
        text["record"] = to_builtins(manifest.record)
        atomic_files.write_durably(
            self._manifest_path(manifest.number), _with_checksum({"schema": SCHEMA} | fields | text)
        )

    def _manifest_path(self, number: int) -> Path:
        return self.folder / "releases" / f"{number:05}.json"

    # --- the bytes of files

    def save_blob(self, raw: bytes) -> str:
        """Store bytes; returns their digest."""
        digest = atomic_files.digest_bytes(raw)
        blob = self.blob_path(digest)
        # The bytes of a blob are read too: this repairs a damaged one.
        if atomic_files.digest_file(blob) != digest:
            atomic_files.write_atomically(blob, raw, durably=False)  # a lost blob is written again
        return digest

    def save_output_files(self, output: Path, digests: Mapping[str, str]) -> None:
        """Store the bytes of files in a folder, by path with their digests, unless the store has them."""
        stored = _list_names(self.folder / "blobs")
        for path, digest in digests.items():
            if digest not in stored:
                # The file may be deleted since; a changed one is stored by its new digest.
                with suppress(*ABSENT_ERRORS):
                    self.save_blob((output / path).read_bytes())

    def blob_path(self, digest: str) -> str:
        """Return the path at which bytes of a digest are stored."""
        return f"{self.folder}/blobs/{digest}"

    def find_blob(self, digest: str) -> str:
        """Return a path at which bytes of a digest are stored: here or, carried from there, for another folder."""
        stores = (self, *list_stores(self.project))
        paths = [store.blob_path(digest) for store in stores]
        return next((path for path in paths if os.path.exists(path)), paths[0])  # noqa: PTH110

    def prune_releases(self, newest: Manifest) -> None:
        """Delete all that neither a release and the four before it nor the journal needs."""
        manifests = list(self._read_kept_manifests(newest))
        numbers = {manifest.number for manifest in manifests} | set(self.find_present_numbers())
        needed = {digest for manifest in manifests for digest in manifest.files.values()}
        _delete_all_but(needed, self.folder / "blobs")
        _delete_all_but({self._manifest_path(number).name for number in numbers}, self.folder / "releases")

    def keep_only_blobs(self, digests: Iterable[str]) -> None:
        """Delete all blobs but those of these digests."""
        _delete_all_but(set(digests), self.folder / "blobs")

    def _read_kept_manifests(self, newest: Manifest) -> Iterator[Manifest]:
        # By ``before``, not by number: after a rollback the newest numbers are of releases that were given up.
        manifest: Manifest | None = newest
        for _ in range(RELEASES_KEPT):
            if manifest is None:
                break
            yield manifest
            manifest = self.read_manifest(manifest.before or 0)


def read_releases_of_all_outputs(project: Project) -> tuple[Manifest, ...]:
    """Return the releases in all known output folders that still exist: one each or, after an interruption, both."""
    releases = (release for store in list_stores(project) for release in store.read_present_releases())
    return tuple(release for release in releases if release.output.is_dir())


def list_stores(project: Project) -> list[Store]:
    """Return the stores of all output folders, whether these exist or not."""
    return [Store(project, _stores_folder(project) / name) for name in sorted(_list_names(_stores_folder(project)))]


def _stores_folder(project: Project) -> Path:
    return project.state_folder / "outputs"


def _list_names(folder: Path) -> AbstractSet[str]:
    """Return the names of all entries of a folder; empty if it is none."""
    # For tens of thousands of entries, a Path for each would cost more than the rest.
    return set(os.listdir(folder)) if folder.is_dir() else set()  # noqa: PTH208


def _delete_all_but(names: AbstractSet[str], folder: Path) -> None:
    # Temporary files of a killed command go with the rest; files with other names are not ours to delete.
    for name in _list_names(folder) - names:
        if _OWN_NAMES.fullmatch(atomic_files.final_path(name)) and not (folder / name).is_dir():
            locked_files.delete_file(folder / name)


def _with_checksum(fields: dict[str, Any]) -> bytes:
    """Return fields as JSON, the last of them a checksum of the others."""
    raw = json.dumps(fields).encode()
    return raw[:-1] + f', "sha256": "{atomic_files.digest_bytes(raw)}"}}'.encode()


_CHECKSUM_PATTERN = re.compile(rb', "sha256": "([0-9a-f]{64})"\}')
_CHECKSUM_LENGTH = len(', "sha256": ""}') + 64


def _read_file(path: Path) -> bytes | None:
    with suppress(*ABSENT_ERRORS):
        return path.read_bytes()
    return None


def _parse_checked(raw: bytes) -> Mapping[str, Any] | None:
    """Return the fields if their text has the checksum that was written with it; None if not."""
    # The text itself is digested: JSON that was changed and reads alike is not trusted either.
    checked, checksum = raw[:-_CHECKSUM_LENGTH] + b"}", _CHECKSUM_PATTERN.fullmatch(raw[-_CHECKSUM_LENGTH:])
    if checksum is None or atomic_files.digest_bytes(checked) != checksum[1].decode():
        return None
    fields = json.loads(checked)
    return fields if isinstance(fields, dict) else None


@lru_cache(maxsize=_CACHED_MANIFESTS)
def _parse_manifest(raw: bytes) -> _StoredManifest | None:
    """Return the manifest of these bytes; None if it is damaged, or lacks a field that every schema has."""
    fields = _parse_checked(raw)
    try:
        stored = convert(fields, _StoredManifest)
    except ValidationError:
        return None
    # No build wrote such a path, and none deletes what it names.
    return None if _names_a_file_outside(stored.files) else stored


def _names_a_file_outside(paths: Collection[str]) -> bool:
    """Return whether a path isn't plainly below the folder to which it is relative."""
    text = f"/{'/'.join(paths)}/" if paths else ""
    return any(part in text for part in _OUTSIDE) or any(path[1:2] == ":" for path in paths)
