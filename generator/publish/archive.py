"""Archives: one zip with a period's pages and all its sources, the same bytes for the same content.

``manifest.json`` has the digest of every other file, and one of itself.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.disk import atomic_files, packed_files
from generator.problems import Location, Problem, Severity

MANIFEST = "manifest.json"
COVER = "index.html"
SITE = "site/"
SOURCES = "sources/"
FORMAT = 1
_MAX_FILES = 500_000
_MAX_BYTES = 4_000_000_000
_FIELDS = {"format", "period", "day", "version", "program", "libraries", "files"}


class ArchiveManifest(Struct, frozen=True):
    """The period of an archive, the day of its pages, the program that wrote it and the libraries used."""

    period: Period
    day: date
    version: str
    program: str
    libraries: tuple[str, ...]


class Archive(Struct, frozen=True):
    """An archive as read: its manifest and its files by path, without the manifest."""

    manifest: ArchiveManifest
    files: Mapping[str, bytes]


def pack_archive(archive: Archive) -> bytes:
    """Return the bytes of the zip."""
    return packed_files.pack_files({**archive.files, MANIFEST: encode_manifest(archive)})


def encode_manifest(archive: Archive) -> bytes:
    """Return the manifest as it is written, for people, too."""
    manifest = archive.manifest
    return packed_files.encode_manifest(
        {
            "format": FORMAT,
            "period": str(manifest.period),
            "day": manifest.day.isoformat(),
            "version": manifest.version,
            "program": manifest.program,
            "libraries": list(manifest.libraries),
            "files": {path: atomic_files.digest_bytes(raw) for path, raw in sorted(archive.files.items())},
        }
    )


def read_archive(path: Path) -> tuple[Archive | None, list[Problem]]:
    """Read an archive as ``unpack_archive`` does, unless it is too large or no file at all."""
    name = path.as_posix()
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        return None, [_unreadable(name, "不是文件，或者太大")]
    return unpack_archive(path.read_bytes(), name)


def unpack_archive(raw: bytes, name: str) -> tuple[Archive | None, list[Problem]]:
    """Read an archive from its bytes, and compare each file with the manifest; nothing is written.

    Returns what is wrong instead of an archive that isn't whole, and a warning with one whose bytes around the files
    are others than were written.
    """
    unpacked = packed_files.unpack_files(raw, _MAX_FILES, _MAX_BYTES)
    if unpacked.fault:
        return None, [_unreadable(name, unpacked.fault)]
    files = unpacked.files
    damaged = sorted(path for path, content in files.items() if content is None)
    contents = {path: content for path, content in files.items() if content is not None}
    if damaged:
        return None, [_changed(name, path, "与归档时不同") for path in damaged]
    is_as_written = packed_files.pack_files(contents) == raw
    archive, problems = _read_manifest(contents, name)
    return archive, problems if archive is None or is_as_written else [_repacked(name)]


def _read_manifest(contents: dict[str, bytes], name: str) -> tuple[Archive | None, list[Problem]]:
    raw = contents.pop(MANIFEST, None)
    if raw is None:
        return None, [_unreadable(name, f"里面没有 {MANIFEST}")]
    fields = packed_files.decode_manifest(raw)
    if fields is None or not fields.keys() >= _FIELDS:
        return None, [_changed(name, MANIFEST, "与归档时不同")]
    try:
        written_format, listed = fields["format"], dict(fields["files"])
        manifest = ArchiveManifest(
            Period.from_name(fields["period"]),
            date.fromisoformat(fields["day"]),
            fields["version"],
            fields["program"],
            tuple(fields["libraries"]),
        )
    except (ValueError, TypeError, AttributeError):
        return None, [_changed(name, MANIFEST, "与归档时不同")]
    if written_format != FORMAT:
        return None, [_unreadable(name, f"它是程序的 {manifest.version} 版写的，这个版本读不了")]
    digests = {path: atomic_files.digest_bytes(content) for path, content in contents.items()}
    differences = (
        ("不见了", listed.keys() - digests.keys()),
        ("不是归档时的文件", digests.keys() - listed.keys()),
        ("与归档时不同", {path for path in listed.keys() & digests.keys() if listed[path] != digests[path]}),
    )
    problems = [_changed(name, path, fault) for fault, paths in differences for path in sorted(paths)]
    return (None, problems) if problems else (Archive(manifest, contents), [])


def _unreadable(name: str, fault: str) -> Problem:
    hint = "请找出 jifenbang archive 写成的原件；原件也读不出来的，用另一处保存的那一份"
    return Problem(Location(name, 0), "archive.unreadable", f"这不是完好的归档文件：{fault}", hint)


def _repacked(name: str) -> Problem:
    message = "里面的文件都没有变，文件之外的字节却与写成时不同：另存过、传坏了，或者夹带了别的内容"
    hint = "请与移交清单上的 SHA-256 比对，不符的，改用另一处保存的那一份"
    return Problem(Location(name, 0), "archive.repacked", message, hint, Severity.WARNING)


def _changed(name: str, path: str, fault: str) -> Problem:
    hint = "请查明是谁改动的，改用另一处保存的那一份"
    return Problem(Location(name, 0), "archive.changed", f"{path} {fault}", hint)
