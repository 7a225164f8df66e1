"""Branches and members with their dated changes (一1)."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.dated import DayMend, value_on
from generator.core.basics.name_spellings import derive_spellings, normalize_text, spell_pinyin
from generator.core.basics.periods import Period
from generator.problems import Location


class MembershipStatus(StrEnum):
    """Full member 正式党员 or probationary member 预备党员 (一1)."""

    FULL = "full"
    PROBATIONARY = "probationary"


class Branch(Struct, frozen=True):
    """A Party branch 党支部; ``until`` is the first day on which it no longer exists.

    ``names`` are all names of a branch that was ever renamed, each with its first day. ``secretaries`` are the ids of
    all secretaries, likewise.
    """

    id: str
    name: str
    since: date = date.min
    until: date = date.max
    names: tuple[tuple[date, str], ...] = ()
    secretaries: tuple[tuple[date, str], ...] = ()

    @property
    def all_names(self) -> frozenset[str]:
        """The names of all days."""
        return frozenset({self.name, *(name for _, name in self.names)})

    def named_on(self, day: date) -> "Branch":
        """Return the branch with the name of that day."""
        return replace(self, name=value_on(self.names, day)) if self.names else self

    def secretary_on(self, day: date) -> str | None:
        """Return the id of the secretary on that day; None if there was none yet."""
        return next((member for since, member in reversed(self.secretaries) if since <= day), None)


class Span(Struct, frozen=True):
    """Days spent in one branch: from ``first``, up to but without ``until``."""

    branch: str
    first: date
    until: date


class MemberName(Struct, frozen=True):
    """One of a member's names; ``where`` is the place in the roster that gives it.

    ``order`` and ``reading`` are as with the member.
    """

    name: str
    aka: str | None
    order: tuple[str | int, ...]
    reading: tuple[str, ...]
    where: Location

    @property
    def labels(self) -> frozenset[str]:
        """The words for the member: the name alone, and with the distinguishing ``aka`` in brackets."""
        return make_labels(self.name, self.aka)


_MAX_CANDIDATES = 12  # in a message
_DOUBLE_NAME = 4  # characters of a name whose surname may have two


def make_labels(name: str, aka: str | None) -> frozenset[str]:
    """Return the words for a member of a name, which a distinguishing ``aka`` may follow in brackets."""
    return frozenset({name, f"{name}（{aka}）", f"{name}({aka})"} if aka else {name})


class Member(Struct, frozen=True):
    """A member and all dated changes. ``order`` sorts members with equal points (by pinyin or by strokes).

    ``reading`` are the syllables of the name in pinyin, by which readers can search. ``names`` are all names of a
    member who was ever renamed, each with its first day. ``since_mends`` are the replacements of a wrong first day on
    the roster, the oldest first. ``mark`` distinguishes a member from namesakes where no
    other word does; ``marks`` are all marks, each with its first day, None where none is needed.
    """

    id: str
    name: str
    spans: tuple[Span, ...]
    statuses: tuple[tuple[date, MembershipStatus], ...]
    aka: str | None = None
    order: tuple[str | int, ...] = ()
    reading: tuple[str, ...] = ()
    names: tuple[tuple[date, MemberName], ...] = ()
    since_mends: tuple[DayMend, ...] = ()
    mark: str | None = None
    marks: tuple[tuple[date, str | None], ...] = ()

    @property
    def distinction(self) -> str | None:
        """The word that distinguishes the member from others of the name; None if none is needed."""
        return self.mark or self.aka

    @property
    def home(self) -> str:
        """The id of the branch that the member belonged to last."""
        return self.spans[-1].branch

    @property
    def since(self) -> date:
        """The first day on the organ's roster."""
        return self.spans[0].first

    @property
    def until(self) -> date:
        """The first day off the organ's roster."""
        return self.spans[-1].until

    def is_on_roster_in(self, month: Period) -> bool:
        """Return whether the member was on the organ's roster on any day of the month."""
        return self.since <= month.last and self.until > month.first

    def branch_on(self, day: date) -> str | None:
        """Return the member's branch on that day; None if off the roster."""
        for span in self.spans:
            if span.first <= day < span.until:
                return span.branch
        return None

    def status_on(self, day: date) -> MembershipStatus:
        """Return the status on that day; before the first entry that of the first entry."""
        return value_on(self.statuses, day)

    def named_on(self, day: date) -> "Member":
        """Return the member with the name of that day."""
        named = replace(self, mark=value_on(self.marks, day)) if self.marks else self
        if not self.names:
            return named
        name = value_on(self.names, day)
        return replace(named, name=name.name, aka=name.aka, order=name.order, reading=name.reading)

    def joining_on(self, day: date) -> "Member":
        """Return the member with another first day on the roster."""
        first, *later = self.spans
        status = self.statuses[0][1]
        return replace(self, spans=(replace(first, first=day), *later), statuses=((day, status), *self.statuses[1:]))

    @property
    def all_labels(self) -> frozenset[str]:
        """The words for the member on any day: the id, and each name alone or with its ``aka``."""
        labels = (make_labels(self.name, self.aka), *(name.labels for _, name in self.names))
        return frozenset({self.id}).union(*labels)

    @property
    def marked_labels(self) -> frozenset[str]:
        """The words by which pages and commands distinguish the member from others of the name, on any day."""
        names = {self.name, *(name.name for _, name in self.names)}
        marks = {self.mark, *(mark for _, mark in self.marks)} - {None}
        return frozenset(f"{name}（{mark}）" for name in names for mark in marks)

    @property
    def spellings(self) -> frozenset[str]:
        """The spellings by which search finds the member, of the names of all days."""
        readings = {(self.name, self.reading), *((name.name, name.reading) for _, name in self.names)}
        return frozenset().union(*(derive_spellings(name, " ".join(reading)) for name, reading in readings))

    @property
    def whole_pinyin(self) -> frozenset[str]:
        """The whole pinyin and the initials of the names of all days."""
        readings = {self.reading, *(name.reading for _, name in self.names)}
        return frozenset().union(*(spell_pinyin(" ".join(reading)) for reading in readings))

    def label_distance(self, word: str, day: date) -> tuple[int, int]:
        """Return how far from a day one of the member's labels was in use: (0, 0) on that day, more before, most later.

        Of later ones the soonest is the nearest.
        """
        if not self.names or word == self.id or word in value_on(self.names, day).labels:
            return 0, 0
        first = next(since for since, name in self.names if word in name.labels)
        return (1, 0) if first <= day else (2, first.toordinal())


def member_label(member: Member) -> str:
    """The name as all pages and commands show it, with the word that distinguishes members of one name."""
    return f"{member.name}（{member.distinction}）" if member.distinction else member.name


class Roster(Struct, frozen=True, dict=True):
    """The organ's branches and members, in the order of the file.

    ``full_roster`` is the organ's roster if this one is restricted to a branch. Names to be shown are those of ``day``.
    ``orders`` are the ids of all branches in each order that they ever had, with its first day; empty if there was only
    one.
    """

    branches: tuple[Branch, ...]
    members: tuple[Member, ...]
    full_roster: "Roster | None" = None
    day: date = date.max
    orders: tuple[tuple[date, tuple[str, ...]], ...] = ()

    @cached_property
    def _name_days(self) -> list[date]:
        """The days on which any name, mark or the order changed, without the first, which holds from the start."""
        renamed: tuple[Member | Branch, ...] = (*self.members, *self.branches)
        days = {since for entry in renamed for since, _ in entry.names[1:]}
        days |= {since for member in self.members for since, _ in member.marks[1:]}
        return sorted(days.union(since for since, _ in self.orders[1:]))

    @cached_property
    def _renamed(self) -> dict[int, "Roster"]:
        """The rosters with the names of other days, by the number of name days up to then."""
        return {}

    def named_on(self, day: date) -> "Roster":
        """Return the roster with the names and the order of that day, or of its own day if that is earlier.

        A roster named on today thus never shows a name before its day has come.
        """
        day = min(day, self.day)
        count = bisect_right(self._name_days, day)
        if count == bisect_right(self._name_days, self.day):
            return self
        if count not in self._renamed:
            branches = tuple(branch.named_on(day) for branch in self.branches)
            if self.orders:
                positions = self._positions_on(day)
                branches = tuple(sorted(branches, key=lambda branch: positions[branch.id]))
            self._renamed[count] = Roster(
                branches, tuple(member.named_on(day) for member in self.members), self.full_roster, day, self.orders
            )
        return self._renamed[count]

    def _positions_on(self, day: date) -> Mapping[str, int]:
        """Return the position of each branch of the full roster on a day, from 0."""
        full = self.full_roster or self
        ids = value_on(full.orders, min(day, self.day)) if full.orders else tuple(branch.id for branch in full.branches)
        return {branch: position for position, branch in enumerate(ids)}

    def branch_ids_on(self, day: date) -> Sequence[str]:
        """Return the ids of the branches in the order of that day, or of the roster's own day if that is earlier."""
        return tuple(self.named_on(day).branch_by_id) if self.orders else tuple(self.branch_by_id)

    def branch_positions_on(self, day: date) -> Mapping[str, int]:
        """Return the positions of the branches in the order of that day, in which lines of one month count (R4)."""
        return self._positions_on(day) if self.orders else self.branch_positions

    def next_name_day(self, day: date) -> date | None:
        """Return the first day after this one on which a name or the order changes."""
        return next(iter(self._name_days[bisect_right(self._name_days, day) :]), None)

    @cached_property
    def branch_by_id(self) -> Mapping[str, Branch]:
        """Branches by id, in order."""
        return {branch.id: branch for branch in self.branches}

    @cached_property
    def _branches_by_name(self) -> Mapping[str, Sequence[Branch]]:
        """Branches by each name that they had on any day."""
        by_name: dict[str, list[Branch]] = {}
        for branch in self.branches:
            for name in branch.all_names:
                by_name.setdefault(name, []).append(branch)
        return by_name

    def is_branch_word(self, word: str, branch: str, month: Period) -> bool:
        """Return whether a word may mean a branch in a month: its id, or a name that means it then."""
        candidates = self._branches_by_name.get(word, ())
        days = month.first, month.last
        bearers = [candidate for candidate in candidates if word in {candidate.named_on(day).name for day in days}]
        return word == branch or branch in {bearer.id for bearer in bearers or candidates}

    @cached_property
    def branch_positions(self) -> Mapping[str, int]:
        """The position of each branch in the full roster, from 0."""
        return self.full_roster.branch_positions if self.full_roster else self._positions_on(self.day)

    @cached_property
    def related_branches(self) -> Mapping[str, tuple[str, ...]]:
        """All branches to which members of a branch, present or former, ever belonged, itself included, by branch."""
        related = {
            branch: {branch} | {span.branch for member in members for span in member.spans}
            for branch, members in self.members_ever_in.items()
        }
        position = self.branch_positions.__getitem__
        return {branch: tuple(sorted(branches, key=position)) for branch, branches in related.items()}

    def restrict_to(self, branch: str) -> "Roster":
        """Return the roster of everyone who ever belonged to a branch, and of all branches they ever belonged to."""
        branches = tuple(self.branch_by_id[related] for related in self.related_branches[branch])
        return Roster(branches, self.members_ever_in[branch], self, self.day, self.orders)

    @cached_property
    def member_by_id(self) -> Mapping[str, Member]:
        """Members by id, in order."""
        return {member.id: member for member in self.members}

    @cached_property
    def members_by_name(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each word that may name them on any day: id, name, and name with ``aka`` in brackets."""
        by_name: dict[str, list[Member]] = {}
        for member in self.members:
            for label in member.all_labels:
                by_name.setdefault(label, []).append(member)
        return {label: tuple(members) for label, members in by_name.items()}

    @cached_property
    def shown_names(self) -> frozenset[str]:
        """The names of all members of the organ on any day, as pages show them before a word that distinguishes."""
        members = (self.full_roster or self).members
        return frozenset(name for member in members for name in (member.name, *(past.name for _, past in member.names)))

    @cached_property
    def members_by_given_name(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each name without its surname, of one character or, of four, of two, and by each part of it."""
        by_name: dict[str, list[Member]] = {}
        for member in self.members:
            names = {member.name, *(name.name for _, name in member.names)}
            words = {name[size:] for name in names for size in ((1, 2) if len(name) == _DOUBLE_NAME else (1,))}
            parts = {part for name in names if "·" in name for part in name.split("·")}
            for word in words | parts:
                by_name.setdefault(word, []).append(member)
        return {word: tuple(members) for word, members in by_name.items()}

    def find_namesakes(
        self, word: str, day: date, is_eligible: Callable[[Member], bool], *, sealed: bool = False
    ) -> Sequence[Member]:
        """Return the eligible members whom a word may mean on a day: those called so then, else before, else later.

        Several are left if the word is ambiguous. In a ``sealed`` file a name to come is that of the first to bear it:
        a name given to another since must not change what was sealed.
        """
        eligible = [member for member in self.members_by_name.get(word, ()) if is_eligible(member)]
        if len(eligible) < 2:  # noqa: PLR2004  most words mean one member at most
            return eligible
        depth = 2 if sealed else 1
        distances = [member.label_distance(word, day)[:depth] for member in eligible]
        nearest = min(distances)
        return [member for member, distance in zip(eligible, distances, strict=True) if distance == nearest]

    def find_by_spelling(self, text: str) -> Sequence[Member]:
        """Return the members whom the site's search finds: a spelling of one of their names begins with the text."""
        start = normalize_text(text)
        return [
            member
            for member in self.members
            if start and any(spelling.startswith(start) for spelling in member.spellings)
        ]

    def describe_candidates(self, members: Iterable[Member]) -> str:
        """Describe members whom a word may mean, each with id, name, ``aka`` and branch."""
        listed = list(members)
        described = (
            f"{member.id}（{'，'.join(filter(None, (member.name, member.aka, self._branch_name(member))))}）"
            for member in listed[:_MAX_CANDIDATES]
        )
        return "、".join(described) + (f"等 {len(listed)} 名" if len(listed) > _MAX_CANDIDATES else "")

    def _branch_name(self, member: Member) -> str:
        branch = (self.full_roster or self).branch_by_id.get(member.home)
        return branch.name if branch else ""

    @cached_property
    def members_ever_in(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each branch they ever belonged to, in order."""
        by_branch: dict[str, list[Member]] = {branch.id: [] for branch in self.branches}
        for member in self.members:
            for branch_id in dict.fromkeys(span.branch for span in member.spans):  # each once, even after a return
                by_branch[branch_id].append(member)
        return {branch_id: tuple(members) for branch_id, members in by_branch.items()}

    @cached_property
    def member_spans_in(self) -> Mapping[str, tuple[tuple[Member, Span], ...]]:
        """Members by branch with each of their spans there, if any: a member who left and came back has two."""
        return {
            branch: tuple((member, span) for member in members for span in member.spans if span.branch == branch)
            for branch, members in self.members_ever_in.items()
        }

    @cached_property
    def members_in_name_order(self) -> Mapping[str | None, tuple[Member, ...]]:
        """Present and former members by branch in the order of names; under None all members of the organ."""
        lists: list[tuple[str | None, tuple[Member, ...]]] = [(None, self.members), *self.members_ever_in.items()]
        return {
            branch: tuple(sorted(members, key=lambda member: (member.order, member.id))) for branch, members in lists
        }

    @cached_property
    def earlier_states(self) -> tuple[tuple[DayMend, "Roster"], ...]:
        """Each replacement of a first day on the roster, the oldest first, with the roster before it."""
        mends = [(mend, member.id) for member in self.members for mend in member.since_mends]
        roster, states = self, list[tuple[DayMend, Roster]]()
        for mend, member_id in sorted(mends, key=lambda pair: pair[0].order)[::-1]:
            was = mend.was or date.min
            members = (member.joining_on(was) if member.id == member_id else member for member in roster.members)
            roster = Roster(roster.branches, tuple(members), self.full_roster, self.day, self.orders)
            states.append((mend, roster))
        return tuple(reversed(states))

    def members_on(self, branch: str, day: date) -> tuple[Member, ...]:
        """Return the members who belong to the branch on that day."""
        return tuple([member for member, span in self.member_spans_in[branch] if span.first <= day < span.until])

    def has_members_in(self, branch: str, month: Period) -> bool:
        """Return whether the branch had a member on any day of the month."""
        first, last = month.first, month.last
        return any(span.first <= last and span.until > first for _, span in self.member_spans_in[branch])

    def members_during(self, branch: str, month: Period) -> tuple[tuple[Member, Span], ...]:
        """Return the branch's members on any day of the month, each with the days, cut to the month."""
        first, last, day_after = month.first, month.last, date.fromordinal(month.last.toordinal() + 1)
        return tuple(
            [
                (member, Span(branch, max(span.first, first), min(span.until, day_after)))
                for member, span in self.member_spans_in[branch]
                if span.first <= last and span.until > first
            ]
        )
