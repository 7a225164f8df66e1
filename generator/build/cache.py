"""What pure functions came to, kept by a digest of all that went into them: asked again, they need not be run again.

An entry is a line with the digest of its key and of the rest, then a value as MessagePack. One that is missing, cut
short, damaged, in another's place, of another shape or from another program is no entry. Nothing in one is ever run.
"""

import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from msgspec.msgpack import Decoder, Encoder

T = TypeVar("T")

_ROOM = 4  # entries that are kept for each that was used last


def digest_parts(*parts: str) -> str:
    """The digest of everything that a result rests on."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()  # a path may be any bytes


_ENCODER = Encoder(enc_hook=str)  # what the format does not know, such as a period, has a text


def _named(kind: Any, text: Any) -> Any:
    return kind.from_name(text)  # by which it is known


@cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind, dec_hook=_named)


def digest_value(value: object) -> str:
    """The digest of all that a value holds."""
    return hashlib.sha256(_ENCODER.encode(value)).hexdigest()


def _entry_digest(name: str, raw: bytes) -> str:
    return hashlib.sha256(name.encode() + raw).hexdigest()


class Cache:
    """Entries by key in one folder, which may be deleted at any time; ``used`` are the keys that this run needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used_keys: set[str] = set()

    def get(self, key: str, kind: type[T]) -> T | None:
        """A value of that type, or None if there is no such entry of it."""
        self.used_keys.add(key)
        try:
            with open(self._path(key), "rb") as file:  # noqa: PTH123  a Path costs more than the reading
                digest, _, raw = file.read().partition(b"\n")
            if digest.decode() == _entry_digest(key, raw):
                found: T = _decoder(kind).decode(raw)  # type: ignore[arg-type]
                return found
        except (OSError, ValueError, RecursionError):
            pass
        return None

    def put(self, key: str, value: object) -> None:
        """Keep a value, if the disk and what is in it allow: the next build is slower without it, but the same."""
        self.used_keys.add(key)
        path = self._path(key)
        beside = f"{path}.{os.getpid()}.tmp"
        with suppress(OSError, UnicodeEncodeError, OverflowError):
            raw = _ENCODER.encode(value)
            self.folder.parent.mkdir(mode=0o700, exist_ok=True)  # it holds what is the committee's alone
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            with open(beside, "wb") as file:  # noqa: PTH123
                file.write(_entry_digest(key, raw).encode() + b"\n" + raw)
            os.replace(beside, path)  # noqa: PTH105

    def prune(self) -> None:
        """Forget the oldest entries, so that there are at most four for each that is needed."""
        found = [entry for entry in self._entries() if entry.name not in self.used_keys]
        spare = len(found) - (_ROOM - 1) * len(self.used_keys)
        if spare > 0:
            for entry in sorted(found, key=lambda one: one.stat().st_mtime_ns)[:spare]:
                with suppress(OSError):
                    os.unlink(entry)  # noqa: PTH108

    def _entries(self) -> list[os.DirEntry[str]]:
        found = []
        with suppress(OSError):
            for folder in os.scandir(self.folder):
                with suppress(OSError):
                    found += list(os.scandir(folder))
        return found

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name[:2]}/{name}"
