"""Marks that distinguish each of several members of one name, on every day; pages and commands show it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from generator.core.model.roster import Branch, Member


def mark_namesakes(members: Sequence[Member], branches: Iterable[Branch]) -> tuple[Member, ...]:
    """Return the members, those who ever had a name in common with their marks.

    A mark is the member's ``aka``; without one, the branch, or the id where a namesake is in the same branch. A member
    is a namesake from the first day on the roster, so that later members leave the boards of earlier periods unchanged.
    """
    bearers: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        for name in {member.name, *(former.name for _, former in member.names)}:
            bearers[name].append(member)
    groups = [group for group in bearers.values() if len(group) > 1]
    if not groups:
        return tuple(members)
    branch_by_id = {branch.id: branch for branch in branches}
    namesakes: dict[str, dict[str, Member]] = defaultdict(dict)
    for group in groups:
        for member in group:
            namesakes[member.id] |= {namesake.id: namesake for namesake in group if namesake.id != member.id}
    return tuple(
        _add_marks(member, tuple(namesakes[member.id].values()), branch_by_id) if member.id in namesakes else member
        for member in members
    )


def _add_marks(member: Member, namesakes: Sequence[Member], branches: dict[str, Branch]) -> Member:
    days = {date.min, *(day for bearer in (member, *namesakes) for day in _list_days(bearer, branches))}
    marks: list[tuple[date, str | None]] = []
    for day in sorted(days):
        mark = _find_mark(member, namesakes, branches, day)
        if not marks or marks[-1][1] != mark:
            marks.append((day, mark))
    return replace(member, mark=marks[-1][1], marks=tuple(marks)) if any(mark for _, mark in marks) else member


def _list_days(member: Member, branches: dict[str, Branch]) -> Iterator[date]:
    """Yield the days on which the member joined, moved or got another name, or a branch of theirs did."""
    yield from (since for since, _ in member.names)
    for span in member.spans:
        yield span.first
        yield from (since for since, _ in branches[span.branch].names)


def _find_mark(member: Member, namesakes: Sequence[Member], branches: dict[str, Branch], day: date) -> str | None:
    """Return the mark on a day; None if there is no namesake yet, or if the ``aka`` is enough."""
    named = member.named_on(day)
    named_then = [namesake.named_on(day) for namesake in namesakes if namesake.since <= day]
    present = [namesake for namesake in named_then if namesake.name == named.name]
    if not present:
        return None
    if named.aka:
        return f"{named.aka}，{member.id}" if any(namesake.aka == named.aka for namesake in present) else None
    branch = _find_branch(member, day)
    if any(_find_branch(namesake, day) == branch for namesake in present):
        return member.id
    mark = branches[branch].named_on(day).name
    return member.id if any(namesake.aka == mark for namesake in present) else mark


def _find_branch(member: Member, day: date) -> str:
    """Return the branch of a day, else the last one before it, else the first."""
    branches_so_far = [span.branch for span in member.spans if span.first <= day]
    return branches_so_far[-1] if branches_so_far else member.spans[0].branch
