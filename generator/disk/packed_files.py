"""Packed files: a zip that has the same bytes for the same content, and a manifest with a checksum of itself.

Nothing in it is compressed: what packs a file today may pack it otherwise in ten years, and a damaged byte spoils one
file alone.
"""

import io
import json
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from generator.disk import atomic_files

_TIME = (1980, 1, 1, 0, 0, 0)
_SEGMENT = re.compile(r"(?!\.{1,2}$)[^/\\:*?\"<>|\x00-\x1f\x7f]+")


class UnpackedFiles(Struct, frozen=True):
    """The files of a zip by path, None for one whose checksum in the zip is wrong.

    ``fault`` says in words why nothing of it can be used; empty if it can.
    """

    files: Mapping[str, bytes | None] = {}
    fault: str = ""


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a zip of these files by path."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
        for path, raw in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _TIME)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            packed.writestr(entry, raw)
    return stream.getvalue()


def unpack_files(raw: bytes, max_files: int, max_bytes: int) -> UnpackedFiles:
    """Read a zip that ``pack_files`` made, within these bounds; nothing is written."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            entries = packed.infolist()
            if len(entries) > max_files or sum(entry.file_size for entry in entries) > min(len(raw), max_bytes):
                return UnpackedFiles(fault="里面的文件太多或太大")  # nothing of ours is compressed
            fault = _find_fault(entries)
            return UnpackedFiles(fault=fault) if fault else UnpackedFiles(_read_entries(packed))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return UnpackedFiles(fault="文件损坏，或者不是 zip 文件")


def _find_fault(entries: list[zipfile.ZipInfo]) -> str:
    """Return why a zip can't be ours, by its directory alone; empty if it may be."""
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


def _read_entries(packed: zipfile.ZipFile) -> dict[str, bytes | None]:
    """Return each file; None of one whose checksum in the zip is wrong."""
    files: dict[str, bytes | None] = {}
    for entry in packed.infolist():
        try:
            files[entry.filename] = packed.read(entry)
        except zipfile.BadZipFile:
            files[entry.filename] = None
    return files


def encode_manifest(fields: Mapping[str, Any]) -> bytes:
    """Return fields as JSON, the last of them a checksum of the others."""
    text = json.dumps(fields, ensure_ascii=False, indent=1)
    checksum = atomic_files.digest_bytes(text.encode())
    return f'{text[:-2]},\n "sha256": "{checksum}"\n}}\n'.encode()


def decode_manifest(raw: bytes) -> dict[str, Any] | None:
    """Return the fields of a manifest, without the checksum; None unless it is what was written."""
    try:
        fields = json.loads(raw)
        checksum = fields.pop("sha256")
        return fields if checksum and encode_manifest(fields) == raw else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
