"""Marks that distinguish each of several members of one name, on every day; pages and commands show them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from generator.core.model.roster import Branch, Member

_Marks = dict[date, str | None]


def mark_namesakes(members: Sequence[Member], branches: Iterable[Branch]) -> tuple[Member, ...]:
    """Return the members, those who ever had a name in common with their marks.

    A mark is the member's ``aka``; without one, the branch, or the id where a namesake is in the same branch. A member
    is a namesake from the first day on the roster, so that later members leave the boards of earlier periods unchanged.
    """
    bearers: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        for name in {member.name, *(former.name for _, former in member.names)}:
            bearers[name].append(member)
    # From a day of renaming on, the new name may need no mark.
    marks: dict[str, _Marks] = {
        member.id: dict.fromkeys((since for since, _ in member.names), None) for member in members if member.names
    }
    branch_by_id = {branch.id: branch for branch in branches}
    for name, group in bearers.items():
        if len(group) > 1:
            for day, member_id, mark in _find_marks(name, group, branch_by_id):
                marks.setdefault(member_id, {})[day] = mark
    return tuple(_add_marks(member, marks.get(member.id, {})) for member in members)


def _add_marks(member: Member, by_day: _Marks) -> Member:
    if not any(by_day.values()):
        return member
    marks: list[tuple[date, str | None]] = []
    for day, mark in sorted(by_day.items()):
        if not marks or marks[-1][1] != mark:
            marks.append((day, mark))
    return replace(member, mark=marks[-1][1], marks=tuple(marks))


def _find_marks(
    name: str, group: Sequence[Member], branches: Mapping[str, Branch]
) -> Iterator[tuple[date, str, str | None]]:
    """Yield the marks of all who bear a name, by day and id, on each day on which one may change."""
    for day in sorted({date.min, *(day for member in group for day in _list_days(member, branches))}):
        named = [member for member in (member.named_on(day) for member in group) if member.name == name]
        present = [member for member in named if member.since <= day]
        words = Counter(member.aka for member in present if member.aka)
        homes = Counter(_find_branch(member, day) for member in present)
        for member in named:
            is_present = member.since <= day
            if len(present) - is_present < 1:
                yield day, member.id, None
            elif member.aka:
                is_shared = words[member.aka] > is_present
                yield day, member.id, f"{member.aka}，{member.id}" if is_shared else None
            else:
                home = _find_branch(member, day)
                branch_name = branches[home].named_on(day).name
                is_shared = homes[home] > is_present or branch_name in words
                yield day, member.id, member.id if is_shared else branch_name


def _list_days(member: Member, branches: Mapping[str, Branch]) -> Iterator[date]:
    """Yield the days on which the member joined, moved or got another name, or a branch of theirs did."""
    yield from (since for since, _ in member.names)
    for span in member.spans:
        yield span.first
        yield from (since for since, _ in branches[span.branch].names)


def _find_branch(member: Member, day: date) -> str:
    """Return the branch of a day, else the last one before it, else the first."""
    so_far = [span.branch for span in member.spans if span.first <= day]
    return so_far[-1] if so_far else member.spans[0].branch
