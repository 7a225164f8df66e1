"""Copies of sealed files, byte for byte: ``.jifenbang/sealed``, which only grows.

A copy is a file named after the sha256 of its bytes. ``index`` has a line for each: the name of the sealed file, the
digest of its approval, filing or withdrawal, and that sha256. A line is added once the bytes are on the disk, so that a
copy counts only if it is whole; a line that a power cut left half written is no JSON, and spoils no other.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from generator.disk import atomic_files
from generator.project import Project
from generator.publish.store import ABSENT_ERRORS


class SealedCopy(Struct, frozen=True, array_like=True):
    """A copy of a sealed file: the file's name in the project, the digest that seals it, the sha256 of its bytes."""

    name: str
    seal: str
    sha256: str


def keep_copies(project: Project, seals: Mapping[str, str], digests: Mapping[str, str]) -> None:
    """Keep a copy of each sealed file, by name with the digest that seals it, unless there is one.

    ``digests`` are the sha256 of the files' bytes, as far as they are known; a file that has other bytes is left out.
    """
    stored = _list_stored(project)
    kept_seals = {(copy.name, copy.seal) for copy in list_copies(project) if copy.sha256 in stored}
    lines = []
    for name, seal in seals.items():
        raw = _read_file(project.root / name) if (name, seal) not in kept_seals else None
        if raw is None:
            continue
        sha256 = atomic_files.digest_bytes(raw)
        # A file that was changed since its digest was computed is kept by the next build, if it is sound.
        if digests.get(name, sha256) == sha256:
            atomic_files.write_atomically(_copy_path(project, sha256), raw)
            lines.append(_ENCODER.encode(SealedCopy(name, seal, sha256)))
    if lines:
        atomic_files.flush_disk()
        # The first line end closes a line that a power cut left open.
        atomic_files.append_durably(_index_path(project), b"\n%b\n" % b"\n".join(lines))


def keep_bytes(project: Project, raw: bytes) -> Path:
    """Keep the bytes of a file that is about to be replaced and is not sealed; return the path of the copy."""
    path = Path(_copy_path(project, atomic_files.digest_bytes(raw)))
    atomic_files.write_durably(path, raw)
    return path


def list_copies(project: Project) -> list[SealedCopy]:
    """List all copies, in the order in which they were kept."""
    copies = []
    for line in (_read_file(_index_path(project)) or b"").splitlines():
        with suppress(msgspec.DecodeError):
            copies.append(_DECODER.decode(line))
    return copies


def read_copy(project: Project, copy: SealedCopy) -> bytes | None:
    """Return the bytes of a copy; None if they are gone or damaged."""
    raw = _read_file(_copy_path(project, copy.sha256))
    return raw if raw is not None and atomic_files.digest_bytes(raw) == copy.sha256 else None


_ENCODER, _DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(SealedCopy)


def _read_file(path: str | Path) -> bytes | None:
    with suppress(*ABSENT_ERRORS):
        return atomic_files.read_regular_file(path)
    return None


def _list_stored(project: Project) -> set[str]:
    with suppress(*ABSENT_ERRORS):
        return set(os.listdir(_index_path(project).parent))  # noqa: PTH208  one Path a copy would cost more
    return set()


def _index_path(project: Project) -> Path:
    return project.state_folder / "sealed" / "index"


def _copy_path(project: Project, sha256: str) -> str:
    return f"{project.state_folder}/sealed/{sha256}"
