"""The roster and each branch's ledgers as read, cached by the digest of their bytes.

Reading the roster of twenty thousand members takes longer than all else that a small change needs. After an approval
only the month that was approved is parsed again.
"""

import hashlib
from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from generator.build import source_digests
from generator.build.cache import Cache, decode_value, digest_parts, digest_value, encode_value
from generator.core.model.ledger import Document, Ledger
from generator.core.model.roster import Roster
from generator.core.model.settings import NameOrder
from generator.intake.files import ledger_file, roster_file
from generator.intake.files.roster_file import FindSealedMonth
from generator.problems import Problem

# --- the roster ------------------------------------------------------------------------------------------------------


class _CachedRoster(Struct, frozen=True):
    """A roster without problems, and the digests of its members by branch."""

    roster: Roster
    branch_digests: dict[str, str]


class RosterCache:
    """A reader of rosters that caches those without problems.

    ``branch_digests`` has, by branch, the digest of all members who ever belonged to it, for the roster read last under
    the names of ``today``.
    """

    def __init__(self, cache: Cache, today: date) -> None:
        self.cache = cache
        self.today = today
        self.branch_digests: Mapping[str, str] = {}

    def read_roster(
        self, raw: bytes, file: str, order: NameOrder, find_sealed_month: FindSealedMonth
    ) -> tuple[Roster | None, list[Problem]]:
        """Read a roster; parameters and result as of ``roster_file.read_roster``."""
        # The order of names is part of the key, because members are read with the keys by which they are sorted.
        key = digest_parts("roster", source_digests.digest_program(), order, hashlib.sha256(raw).hexdigest())
        cached = self.cache.get(key, _CachedRoster)
        if cached is not None:
            self.branch_digests = self._digest_today(cached)
            return cached.roster, []
        roster, problems = roster_file.read_roster(raw, file, order, find_sealed_month)
        if roster is not None:
            read = _CachedRoster(roster, _digest_branch_members(roster))
            self.branch_digests = self._digest_today(read)
            # A roster with problems is read again by each build until they are mended: the entry has no field for them.
            if not problems:
                self.cache.put(key, read)
        return roster, problems

    def _digest_today(self, read: _CachedRoster) -> dict[str, str]:
        """Return the digests under the names of today; those read are under the newest, which may be still to come."""
        named = read.roster.named_on(self.today)
        return read.branch_digests if named is read.roster else _digest_branch_members(named)


def _digest_branch_members(roster: Roster) -> dict[str, str]:
    member_digests = {member.id: digest_value(member) for member in roster.members}
    return {
        branch: digest_parts(*(member_digests[member.id] for member in members))
        for branch, members in roster.members_ever_in.items()
    }


# --- a branch's ledgers ----------------------------------------------------------------------------------------------


class _CachedLedger(Struct, frozen=True, array_like=True):
    """The result of reading a ledger: the ledger, unless problems prevent it, and whether the file is sealed."""

    ledger: Ledger | None
    problems: tuple[Problem, ...]
    sealed: bool


def ledger_cache_key(branch: str) -> str:
    """Return the key of a branch's cache entry, which has all its ledgers, each by the digest of its name and bytes."""
    return digest_parts("ledgers", source_digests.digest_program(), branch)


class LedgerReader:
    """A reader of one branch's ledgers that parses none twice, except corrections, which are rare.

    ``cached`` are ledgers as an earlier build read and encoded them; empty if there are none.
    """

    def __init__(self, cached: bytes) -> None:
        self._cached: Mapping[str, _CachedLedger] = decode_value(cached, dict[str, _CachedLedger]) or {}
        self._used: dict[str, _CachedLedger] = {}

    def read_ledger(self, raw: bytes, file: str, number: int = 0) -> tuple[Document | None, list[Problem], bool]:
        """Read a ledger; parameters and result as of ``ledger_file.read_ledger``."""
        if number:
            return ledger_file.read_ledger(raw, file, number)
        digest = digest_parts(file, hashlib.sha256(raw).hexdigest())  # problems name the file
        entry = self._cached.get(digest)
        if entry is None:
            document, problems, sealed = ledger_file.read_ledger(raw, file)
            assert document is None or isinstance(document, Ledger)
            entry = _CachedLedger(document, tuple(problems), sealed)
        self._used[digest] = entry
        return entry.ledger, list(entry.problems), entry.sealed

    def encode_read(self) -> bytes | None:
        """Return what was read, encoded for the next build; None if that is what was cached.

        Ledgers that were not read again are dropped.
        """
        # Each key is a digest of what was read, so that equal keys have equal entries.
        return None if self._used.keys() == self._cached.keys() else encode_value(self._used)
