"""Marks that distinguish each of several members of one name, on every day; pages and commands show them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct
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
    changing: dict[date, list[Member]] = defaultdict(list)
    renamed: dict[date, list[str]] = defaultdict(list)
    for member in group:
        for day in {date.min, *_list_days(member)}:
            changing[day].append(member)
    for branch_id in {span.branch for member in group for span in member.spans}:
        for since, _ in branches[branch_id].names:
            renamed[since].append(branch_id)
    bearers = _Bearers(name, branches)
    for day in sorted({*changing, *renamed}):
        for member_id in bearers.advance(day, changing.get(day, ()), renamed.get(day, ())):
            yield day, member_id, bearers.find_mark(member_id)


def _list_days(member: Member) -> Iterator[date]:
    """Yield the days on which the member joined, moved or got another name."""
    yield from (since for since, _ in member.names)
    yield from (span.first for span in member.spans)


class _Bearer(Struct, frozen=True):
    """A member who bears the name on a day: one who is not present yet is no namesake to others.

    ``keys`` are those of the groups to which the bearer belongs: all, those of the branch, those of the ``aka``.
    """

    aka: str | None
    home: str
    is_present: bool
    keys: tuple[tuple[str, str], ...]


class _Group:
    """Bearers who have something in common, by id, and how many of them are present."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.present = 0

    @property
    def extent(self) -> int:
        """The number of those present as far as marks depend on it: none, one or several."""
        return min(self.present, 2)


class _Bearers:
    """All who bear a name on a day.

    From day to day only what changed is counted anew: a name may have hundreds of bearers, and as many days.
    """

    def __init__(self, name: str, branches: Mapping[str, Branch]) -> None:
        self._name, self._branches = name, branches
        self._bearers: dict[str, _Bearer] = {}
        self._groups: dict[tuple[str, str], _Group] = defaultdict(_Group)
        self._branch_names: dict[str, str] = {}
        self._homes_by_name: dict[str, set[str]] = defaultdict(set)

    def advance(self, day: date, changing: Sequence[Member], renamed: Iterable[str]) -> set[str]:
        """Go on to a day on which these members and branches changed; return whose marks may have changed."""
        extents: dict[tuple[str, str], int] = {}
        affected = {member.id for member in changing}
        for member in changing:
            self._replace_bearer(member, day, extents)
        for branch_id in renamed:
            self._name_branch(branch_id, day)
            affected |= self._groups["home", branch_id].ids
        for key, extent in extents.items():
            group, (kind, word) = self._groups[key], key
            if group.extent != extent:
                affected |= group.ids
            if kind == "aka" and bool(group.extent) != bool(extent):
                # Whether a branch of that name distinguishes its members depends on it.
                affected = affected.union(*(self._groups["home", home].ids for home in self._homes_by_name[word]))
        return affected & self._bearers.keys()

    def _replace_bearer(self, member: Member, day: date, extents: dict[tuple[str, str], int]) -> None:
        """Count a member as on this day; ``extents`` are those of the groups before."""
        if before := self._bearers.pop(member.id, None):
            for group in self._count_bearer(before, -1, extents):
                group.ids.discard(member.id)
        named = member.named_on(day)
        if named.name != self._name:
            return
        home = _find_branch(member, day)
        keys: tuple[tuple[str, str], ...] = (("all", ""), ("home", home))
        bearer = _Bearer(named.aka, home, member.since <= day, (*keys, ("aka", named.aka)) if named.aka else keys)
        self._bearers[member.id] = bearer
        for group in self._count_bearer(bearer, 1, extents):
            group.ids.add(member.id)
        if home not in self._branch_names:
            self._name_branch(home, day)

    def _count_bearer(self, bearer: _Bearer, count: int, extents: dict[tuple[str, str], int]) -> Iterator[_Group]:
        """Count a bearer in or out of all groups, and yield each."""
        for key in bearer.keys:
            group = self._groups[key]
            if key not in extents:
                extents[key] = group.extent
            if bearer.is_present:
                group.present += count
            yield group

    def _name_branch(self, branch_id: str, day: date) -> None:
        self._homes_by_name[self._branch_names.get(branch_id, "")].discard(branch_id)
        name = self._branches[branch_id].named_on(day).name
        self._branch_names[branch_id] = name
        self._homes_by_name[name].add(branch_id)

    def find_mark(self, member_id: str) -> str | None:
        """Return what distinguishes a bearer; None without a namesake."""
        bearer = self._bearers[member_id]
        if self._groups["all", ""].present - bearer.is_present < 1:
            return None
        if bearer.aka:
            is_shared = self._groups["aka", bearer.aka].present > bearer.is_present
            return f"{bearer.aka}，{member_id}" if is_shared else None
        branch_name = self._branch_names[bearer.home]
        is_shared = self._groups["home", bearer.home].present > bearer.is_present
        is_a_word = ("aka", branch_name) in self._groups and self._groups["aka", branch_name].present > 0
        return member_id if is_shared or is_a_word else branch_name


def _find_branch(member: Member, day: date) -> str:
    """Return the branch of a day, else the last one before it, else the first."""
    so_far = [span.branch for span in member.spans if span.first <= day]
    return so_far[-1] if so_far else member.spans[0].branch
