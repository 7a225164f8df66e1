"""Content-addressed cache: results of pure functions, keyed by a digest of all their inputs.

An entry is a line with an authentication code of its key and value, then the value as MessagePack. An entry that is
missing, cut short, damaged, filed under another key, of another type, from another version of the program or written
without the project's secret counts as absent. Nothing in an entry is ever executed.

Only the process that coordinates a build has a cache: workers get what they need with their tasks, and return results.
"""

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from msgspec.msgpack import Decoder, Encoder

from generator.build import cache_secret
from generator.build.cache_secret import Secret
from generator.disk import locked_files
from generator.problems import Problem
from generator.project import Project

T = TypeVar("T")

_ENTRIES_PER_USED_KEY = 4  # on average, so that an edit that is undone finds its results again


def digest_parts(*parts: str) -> str:
    """Return one digest of several texts, such as all that a result is computed from."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()  # a path may be any bytes


_ENCODER = Encoder(enc_hook=str)  # types that MessagePack lacks, such as a period, are written by name


def _from_name(kind: Any, name: Any) -> Any:
    return kind.from_name(name)


@cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind, dec_hook=_from_name)


def digest_value(value: object) -> str:
    """Return the digest of a value with all its fields."""
    return hashlib.sha256(_ENCODER.encode(value)).hexdigest()


def encode_value(value: object) -> bytes | None:
    """Return a value as the cache keeps it, or None if MessagePack can't represent it."""
    with suppress(UnicodeEncodeError, OverflowError):
        return _ENCODER.encode(value)
    return None


def decode_value(raw: bytes, kind: type[T]) -> T | None:
    """Return a value that ``encode_value`` encoded, or None if it is of another type."""
    try:
        value: T = _decoder(kind).decode(raw)  # type: ignore[arg-type]
    except (ValueError, RecursionError):
        return None
    return value


class Cache:
    """Entries by key in one folder, which may be deleted at any time; ``used_keys`` are those that this run needs.

    Entries that were not written with the same secret are none.
    """

    def __init__(self, folder: Path, secret: Secret) -> None:
        self.folder = folder
        self.used_keys: set[str] = set()
        self._secret = secret

    def get(self, key: str, kind: type[T]) -> T | None:
        """Return the value of that type under a key, or None if there is no valid entry."""
        raw = self.get_encoded(key)
        return None if raw is None else decode_value(raw, kind)

    def get_encoded(self, key: str) -> bytes | None:
        """Return the value under a key without decoding it, or None if there is no valid entry."""
        self.used_keys.add(key)
        try:
            with open(self._path(key), "rb") as file:  # noqa: PTH123  a Path costs more than the reading
                code, _, raw = file.read().partition(b"\n")
        except OSError:
            return None
        return raw if self._secret.is_authentic(code, key, raw) else None

    def put(self, key: str, value: object) -> None:
        """Save a value under a key.

        If the disk or the value does not allow that, no entry is written: the next build is slower, but the same.
        """
        if (raw := encode_value(value)) is not None:
            self.put_encoded(key, raw)

    def put_encoded(self, key: str, raw: bytes) -> None:
        """Save a value that is encoded already."""
        self.used_keys.add(key)
        path = self._path(key)
        temporary = f"{path}.{os.getpid()}.tmp"  # until the lock, two builds may write at the same time
        with suppress(OSError):
            self.folder.parent.mkdir(mode=0o700, exist_ok=True)  # entries have data that only the committee may read
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            with locked_files.open_to_write(temporary, path) as file:
                file.write(self._secret.authenticate(key, raw).encode() + b"\n" + raw)
            locked_files.replace_file(temporary, path)

    def prune(self) -> None:
        """Delete the oldest entries, so that there are at most four for each that this run needs."""
        unused = [entry for entry in self._entries() if entry.name not in self.used_keys]
        excess = len(unused) - (_ENTRIES_PER_USED_KEY - 1) * len(self.used_keys)
        if excess > 0:
            for entry in sorted(unused, key=lambda entry: entry.stat().st_mtime_ns)[:excess]:
                with suppress(OSError):
                    locked_files.delete_file(entry.path)

    def _entries(self) -> list[os.DirEntry[str]]:
        entries = []
        with suppress(OSError):
            for folder in os.scandir(self.folder):
                with suppress(OSError):
                    entries += list(os.scandir(folder))
        return entries

    def _path(self, key: str) -> str:
        return f"{self.folder}/{key[:2]}/{key}"


def open_cache(project: Project) -> tuple[Cache | None, list[Problem]]:
    """Return the project's cache, or None with a warning if the secret that authenticates it can't be read or made."""
    secret, problems = cache_secret.load_secret(project)
    return Cache(project.cache_folder, secret) if secret else None, problems
