"""A branch's ledgers, remembered as read: after an approval only the month that was approved is read in earnest."""

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from generator.build import source_digests
from generator.build.cache import Cache, digest_parts
from generator.core.model.ledger import Document, Ledger
from generator.intake.files import ledger_file
from generator.problems import Problem


class _CachedLedger(Struct, frozen=True, array_like=True):
    """A ledger as it was read."""

    ledger: Ledger | None
    problems: tuple[Problem, ...]
    sealed: bool


def ledger_cache_key(branch: str) -> str:
    """The key of a branch's drawer: each sheet in it is under a key of its own, the digest of what it was read from."""
    return digest_parts("drawer", source_digests.digest_program(), branch)


class LedgerCache:
    """A reader of one branch's ledgers that remembers what it read; a correction, which is rare, it reads anew."""

    def __init__(self, cache: Cache, branch: str) -> None:
        self._memo = cache
        self._name = ledger_cache_key(branch)
        self._kept: Mapping[str, _CachedLedger] = cache.get(self._name, dict[str, _CachedLedger]) or {}
        self._used: dict[str, _CachedLedger] = {}

    def read_ledger(self, raw: bytes, file: str, number: int = 0) -> tuple[Document | None, list[Problem], bool]:
        """Read a ledger, as ``ledgers.read``."""
        if number:
            return ledger_file.read_ledger(raw, file, number)
        digest = digest_parts(file, hashlib.sha256(raw).hexdigest())
        sheet = self._kept.get(digest)
        if sheet is None:
            found, problems, sealed = ledger_file.read_ledger(raw, file)
            assert found is None or isinstance(found, Ledger)
            sheet = _CachedLedger(found, tuple(problems), sealed)
        self._used[digest] = sheet
        return sheet.ledger, list(sheet.problems), sheet.sealed

    def save(self) -> None:
        """Keep what was read, for the next build."""
        if self._used.keys() != self._kept.keys():
            self._memo.put(self._name, self._used)
