"""Content-addressed cache: results of pure functions, keyed by a digest of all their inputs.

An entry is a line with a digest of its key and value, then the value as MessagePack. An entry that is missing, cut
short, damaged, filed under another key, of another type or from another version of the program counts as absent.
Nothing in an entry is ever executed.
"""

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from msgspec.msgpack import Decoder, Encoder

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


def _entry_digest(key: str, raw: bytes) -> str:
    # With the key, so that an entry that was copied to another key's file is not believed.
    return hashlib.sha256(key.encode() + raw).hexdigest()


class Cache:
    """Entries by key in one folder, which may be deleted at any time; ``used_keys`` are those that this run needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used_keys: set[str] = set()

    def get(self, key: str, kind: type[T]) -> T | None:
        """Return the value of that type under a key, or None if there is no valid entry."""
        self.used_keys.add(key)
        try:
            with open(self._path(key), "rb") as file:  # noqa: PTH123  a Path costs more than the reading
                digest, _, raw = file.read().partition(b"\n")
            if digest.decode() == _entry_digest(key, raw):
                value: T = _decoder(kind).decode(raw)  # type: ignore[arg-type]
                return value
        except (OSError, ValueError, RecursionError):
            pass
        return None

    def put(self, key: str, value: object) -> None:
        """Save a value under a key.

        If the disk or the value does not allow that, no entry is written: the next build is slower, but the same.
        """
        self.used_keys.add(key)
        path = self._path(key)
        temporary = f"{path}.{os.getpid()}.tmp"  # workers write the same folder at the same time
        with suppress(OSError, UnicodeEncodeError, OverflowError):
            raw = _ENCODER.encode(value)
            self.folder.parent.mkdir(mode=0o700, exist_ok=True)  # entries have data that only the committee may read
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            with open(temporary, "wb") as file:  # noqa: PTH123
                file.write(_entry_digest(key, raw).encode() + b"\n" + raw)
            os.replace(temporary, path)  # noqa: PTH105

    def prune(self) -> None:
        """Delete the oldest entries, so that there are at most four for each that this run needs."""
        unused = [entry for entry in self._entries() if entry.name not in self.used_keys]
        excess = len(unused) - (_ENTRIES_PER_USED_KEY - 1) * len(self.used_keys)
        if excess > 0:
            for entry in sorted(unused, key=lambda entry: entry.stat().st_mtime_ns)[:excess]:
                with suppress(OSError):
                    os.unlink(entry)  # noqa: PTH108

    def _entries(self) -> list[os.DirEntry[str]]:
        entries = []
        with suppress(OSError):
            for folder in os.scandir(self.folder):
                with suppress(OSError):
                    entries += list(os.scandir(folder))
        return entries

    def _path(self, key: str) -> str:
        return f"{self.folder}/{key[:2]}/{key}"
