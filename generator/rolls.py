"""The roster, remembered as plain data.

Reading one of twenty thousand members takes longer than all else that a small change needs.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from generator import inventory
from generator.books import ReadRoster
from generator.core.model import Branch, Member, Roster, Span, Status
from generator.core.settings import Order
from generator.intake import rosters
from generator.memo import Memo, key
from generator.problems import Problem


def reading(memo: Memo) -> ReadRoster:
    """A reader of rosters that remembers those in which nothing was wrong."""

    def read(raw: bytes, file: str, order: Order) -> tuple[Roster | None, list[Problem]]:
        name = key("roster", inventory.program(), order, hashlib.sha256(raw).hexdigest())
        kept = memo.get(name)
        if kept is not None:
            return _roster(kept), []
        found, problems = rosters.read(raw, file, order)
        if found is not None and not problems:
            memo.put(name, _plain(found))
        return found, problems

    return read


def slices(roster: Roster) -> Mapping[str, str]:
    """By branch, the digest of everyone who ever belonged to it."""
    rows = {member.id: repr(_member(member)) for member in roster.members}
    return {branch: key(*(rows[member.id] for member in members)) for branch, members in roster.ever.items()}


def _plain(roster: Roster) -> dict[str, Any]:
    branches = [[one.id, one.name, one.since.toordinal(), one.until.toordinal()] for one in roster.branches]
    return {"branches": branches, "members": [_member(one) for one in roster.members]}


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
