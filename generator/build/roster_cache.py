"""The roster, remembered.

Reading one of twenty thousand members takes longer than all else that a small change needs.
"""

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from generator.build import source_digests
from generator.build.cache import Memo, key, told
from generator.core.model.roster import Roster
from generator.core.model.settings import Order
from generator.intake.files import roster_file
from generator.problems import Problem


class _Roll(Struct, frozen=True):
    roster: Roster
    slices: dict[str, str]


class Rolls:
    """A reader of rosters that remembers those in which nothing was wrong.

    ``slices`` is, of the one read last, the digest of everyone who ever belonged to a branch, by branch.
    """

    def __init__(self, memo: Memo) -> None:
        self.memo = memo
        self.slices: Mapping[str, str] = {}

    def read(self, raw: bytes, file: str, order: Order) -> tuple[Roster | None, list[Problem]]:
        """Read a roster, as ``rosters.read``."""
        name = key("roster", source_digests.program(), order, hashlib.sha256(raw).hexdigest())
        kept = self.memo.get(name, _Roll)
        if kept is not None:
            self.slices = kept.slices
            return kept.roster, []
        found, problems = roster_file.read(raw, file, order)
        if found is not None:
            self.slices = _slices(found)
            if not problems:
                self.memo.put(name, _Roll(found, self.slices))
        return found, problems


def _slices(roster: Roster) -> dict[str, str]:
    said = {one.id: told(one) for one in roster.members}
    return {branch: key(*(said[member.id] for member in members)) for branch, members in roster.ever.items()}
