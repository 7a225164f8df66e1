"""Archives: one zip with a period's pages and all its sources, the same bytes for the same content.

Nothing in it is compressed: what packs a file today may pack it otherwise in ten years, and a damaged byte spoils one
file alone. ``manifest.json`` has the digest of every other file, and one of itself.
"""

import io
import json
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.disk import atomic_files
from generator.problems import Location, Problem

MANIFEST = "manifest.json"
COVER = "index.html"
SITE = "site/"
SOURCES = "sources/"
FORMAT = 1
_TIME = (1980, 1, 1, 0, 0, 0)
_MAX_FILES = 500_000
_MAX_BYTES = 4_000_000_000
_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/\\:*?\"<>|\x00-\x1f\x7f]+")
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
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
        for path, raw in sorted({**archive.files, MANIFEST: encode_manifest(archive)}.items()):
            entry = zipfile.ZipInfo(path, _TIME)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            packed.writestr(entry, raw)
    return stream.getvalue()


def encode_manifest(archive: Archive) -> bytes:
    """Return the manifest as it is written, for people, too."""
    manifest = archive.manifest
    return _encode_fields(
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


def _encode_fields(fields: Mapping[str, Any]) -> bytes:
    """Return fields as JSON, the last of them a checksum of the others."""
    text = json.dumps(fields, ensure_ascii=False, indent=1)
    checksum = atomic_files.digest_bytes(text.encode())
    return f'{text[:-2]},\n "sha256": "{checksum}"\n}}\n'.encode()


def read_archive(path: Path) -> tuple[Archive | None, list[Problem]]:
    """Read an archive as ``unpack_archive`` does, unless it is too large or no file at all."""
    name = path.as_posix()
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        return None, [_unreadable(name, "不是文件，或者太大")]
    return unpack_archive(path.read_bytes(), name)


def unpack_archive(raw: bytes, name: str) -> tuple[Archive | None, list[Problem]]:
    """Read an archive from its bytes, and compare each file with the manifest; nothing is written.

    Returns what is wrong instead of an archive that isn't whole.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            fault = _find_fault(packed.infolist(), len(raw))
            files = {} if fault else _read_files(packed)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        fault, files = "文件损坏，或者不是 zip 文件", {}
    if fault:
        return None, [_unreadable(name, fault)]
    damaged = sorted(path for path, content in files.items() if content is None)
    contents = {path: content for path, content in files.items() if content is not None}
    if damaged:
        return None, [_changed(name, path, "与归档时不同") for path in damaged]
    return _read_manifest(contents, name)


def _read_files(packed: zipfile.ZipFile) -> dict[str, bytes | None]:
    """Return each file; None of one whose checksum in the zip is wrong."""
    files: dict[str, bytes | None] = {}
    for entry in packed.infolist():
        try:
            files[entry.filename] = packed.read(entry)
        except zipfile.BadZipFile:
            files[entry.filename] = None
    return files


def _find_fault(entries: list[zipfile.ZipInfo], size: int) -> str:
    """Return why a zip can't be an archive of ours, by its directory alone; empty if it may be one."""
    if len(entries) > _MAX_FILES or sum(entry.file_size for entry in entries) > min(size, _MAX_BYTES):
        return "里面的文件太多或太大"  # nothing of ours is compressed
    for entry in entries:
        if not all(map(_SEGMENT.fullmatch, entry.filename.split("/"))) or entry.orig_filename != entry.filename:
            return f"里面有不该有的文件名“{entry.filename}”"
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 0x1:
            return f"“{entry.filename}”是压缩或加密过的"
        if not stat.S_ISREG(entry.external_attr >> 16):
            return f"“{entry.filename}”不是普通文件"
    names = Counter(entry.filename.casefold() for entry in entries)
    doubled = next((name for name, count in names.items() if count > 1), None)
    return f"“{doubled}”有两份" if doubled else ""


def _read_manifest(contents: dict[str, bytes], name: str) -> tuple[Archive | None, list[Problem]]:
    raw = contents.pop(MANIFEST, None)
    if raw is None:
        return None, [_unreadable(name, f"里面没有 {MANIFEST}")]
    try:
        fields = json.loads(raw)
        checksum = fields.pop("sha256")
        is_whole = _encode_fields(fields) == raw and bool(checksum) and fields.keys() >= _FIELDS
        written_format, listed = fields["format"], dict(fields["files"])
        manifest = ArchiveManifest(
            Period.from_name(fields["period"]),
            date.fromisoformat(fields["day"]),
            fields["version"],
            fields["program"],
            tuple(fields["libraries"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, [_changed(name, MANIFEST, "与归档时不同")]
    if not is_whole:
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


def _changed(name: str, path: str, fault: str) -> Problem:
    hint = "请查明是谁改动的，改用另一处保存的那一份"
    return Problem(Location(name, 0), "archive.changed", f"{path} {fault}", hint)
