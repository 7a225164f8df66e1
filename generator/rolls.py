"""The roster, remembered as plain data.

Reading one of twenty thousand members takes longer than all else that a small change needs.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from generator import inventory
from generator.core.model import Branch, Member, Roster, Span, Status
from generator.core.settings import Order
from generator.intake import rosters
from generator.memo import Memo, key
from generator.problems import Problem


class Rolls:
    """A reader of rosters that remembers those in which nothing was wrong.

    ``slices`` is, of the one read last, the digest of everyone who ever belonged to a branch, by branch.
    """

    def __init__(self, memo: Memo) -> None:
        self.memo = memo
        self.slices: Mapping[str, str] = {}

    def read(self, raw: bytes, file: str, order: Order) -> tuple[Roster | None, list[Problem]]:
        """Read a roster, as ``rosters.read``."""
        name = key("roster", inventory.program(), order, hashlib.sha256(raw).hexdigest())
        kept = self.memo.get(name)
        if kept is not None:
            self.slices = kept["slices"]
            return _roster(kept), []
        found, problems = rosters.read(raw, file, order)
        if found is not None:
            made = _plain(found)
            self.slices = made["slices"]
            if not problems:
                self.memo.put(name, made)
        return found, problems


def _plain(roster: Roster) -> dict[str, Any]:
    branches = [[one.id, one.name, one.since.toordinal(), one.until.toordinal()] for one in roster.branches]
    rows = {one.id: _member(one) for one in roster.members}
    said = {ident: repr(row) for ident, row in rows.items()}
    slices = {branch: key(*(said[member.id] for member in members)) for branch, members in roster.ever.items()}
    return {"branches": branches, "members": list(rows.values()), "slices": slices}


def _member(one: Member) -> list[Any]:
    spans = [[branch, first.toordinal(), until.toordinal()] for branch, first, until in one.spans]
    statuses = [[since.toordinal(), status] for since, status in one.statuses]
    return [one.id, one.name, one.aka, list(one.order), list(one.reading), spans, statuses]


def _roster(kept: Mapping[str, Any]) -> Roster:
    days: dict[int, date] = {}  # most members have the same few

    def day(number: int) -> date:
        return days.setdefault(number, date.fromordinal(number))

    status = {one.value: one for one in Status}
    return Roster(
        tuple(Branch(ident, name, day(since), day(until)) for ident, name, since, until in kept["branches"]),
        tuple(
            Member(
                ident,
                name,
                tuple([Span(branch, day(first), day(until)) for branch, first, until in spans]),
                tuple([(day(since), status[what]) for since, what in statuses]),
                aka,
                tuple(order),
                tuple(reading),
            )
            for ident, name, aka, order, reading, spans, statuses in kept["members"]
        ),
    )
