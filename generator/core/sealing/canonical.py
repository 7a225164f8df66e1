"""The canonical form of plain data, and its digest.

A digest is ``sha256:`` and the hex sha256 of plain data as JSON: UTF-8, keys sorted, no spaces.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

# No numbers: one number has several JSON forms (1, 1.0), so numbers are digested as text.
PlainData: TypeAlias = "str | bool | Sequence[PlainData] | Mapping[str, PlainData] | None"

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


def digest_plain_data(value: PlainData) -> str:
    """Return the digest of plain data."""
    return digest_canonical_text(_CANONICAL.encode(value))


def digest_canonical_text(canonical: str) -> str:
    """Return the digest of a text that is canonical JSON already."""
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


@lru_cache(maxsize=4096)  # the same members recur in all months of a branch
def encode_text(text: str) -> str:
    """Encode a text as canonical JSON, for the two digests of every month that are composed by hand for speed."""
    return _CANONICAL.encode(text)
