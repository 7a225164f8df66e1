"""The canonical form of plain data, and its digest.

A digest is ``sha256:`` and the hex sha256 of plain data as JSON: UTF-8, keys sorted, no spaces.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

Plain: TypeAlias = "str | bool | Sequence[Plain] | Mapping[str, Plain] | None"

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


def digest(value: Plain) -> str:
    """The digest of plain data."""
    return _hashed(_CANONICAL.encode(value))


def _hashed(canonical: str) -> str:
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


@lru_cache(maxsize=4096)  # who is in a branch stands in all its months
def _word(text: str) -> str:
    """A text as canonical JSON, for the two digests that are taken of every month and so are composed at once."""
    return _CANONICAL.encode(text)
