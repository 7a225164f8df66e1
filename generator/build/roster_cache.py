"""The roster, remembered.

Reading one of twenty thousand members takes longer than all else that a small change needs.
"""

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from generator.build import source_digests
from generator.build.cache import Cache, digest_parts, digest_value
from generator.core.model.roster import Roster
from generator.core.model.settings import NameOrder
from generator.intake.files import roster_file
from generator.problems import Problem


class _CachedRoster(Struct, frozen=True):
    roster: Roster
    branch_digests: dict[str, str]


class RosterCache:
    """A reader of rosters that remembers those in which nothing was wrong.

    ``slices`` is, of the one read last, the digest of everyone who ever belonged to a branch, by branch.
    """

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.branch_digests: Mapping[str, str] = {}

    def read_roster(self, raw: bytes, file: str, order: NameOrder) -> tuple[Roster | None, list[Problem]]:
        """Read a roster, as ``rosters.read``."""
        name = digest_parts("roster", source_digests.digest_program(), order, hashlib.sha256(raw).hexdigest())
        kept = self.cache.get(name, _CachedRoster)
        if kept is not None:
            self.branch_digests = kept.branch_digests
            return kept.roster, []
        found, problems = roster_file.read_roster(raw, file, order)
        if found is not None:
            self.branch_digests = _slices(found)
            if not problems:
                self.cache.put(name, _CachedRoster(found, self.branch_digests))
        return found, problems


def _slices(roster: Roster) -> dict[str, str]:
    said = {one.id: digest_value(one) for one in roster.members}
    return {
        branch: digest_parts(*(said[member.id] for member in members))
        for branch, members in roster.members_ever_in.items()
    }
