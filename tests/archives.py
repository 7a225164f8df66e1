"""Archives taken apart and put together again, wrongly."""

import io
import json
import stat
import zipfile
from collections.abc import Mapping

from generator.disk import atomic_files
from generator.publish.archive import MANIFEST


def unzip(raw: bytes) -> dict[str, bytes]:
    """The files of a zip."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def pack(files: Mapping[str, bytes], **changed: int) -> bytes:
    """A zip of these files as an archive has them; ``changed`` are other fields of each entry."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, raw in sorted(files.items()):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            for field, value in changed.items():
                setattr(entry, field, value)
            packed.writestr(entry, raw)
    return stream.getvalue()


def mend_manifest(files: Mapping[str, bytes], **fields: object) -> dict[str, bytes]:
    """The same files with a manifest that lists them as they are; ``fields`` are others of it."""
    manifest = json.loads(files[MANIFEST]) | fields
    listed = {name: atomic_files.digest_bytes(raw) for name, raw in sorted(files.items()) if name != MANIFEST}
    written = {name: value for name, value in manifest.items() if name != "sha256"} | {"files": listed}
    text = json.dumps(written, ensure_ascii=False, indent=1)
    checksum = atomic_files.digest_bytes(text.encode())
    return {**files, MANIFEST: f'{text[:-2]},\n "sha256": "{checksum}"\n}}\n'.encode()}


def change_byte(raw: bytes) -> bytes:
    """The bytes with one of them changed, in the middle."""
    place = len(raw) // 2
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
