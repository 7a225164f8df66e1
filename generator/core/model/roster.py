"""Branches and members with their dated changes (一1)."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from generator.core.basics.periods import Period


class MembershipStatus(StrEnum):
    """Full member 正式党员 or probationary member 预备党员 (一1)."""

    FULL = "full"
    PROBATIONARY = "probationary"


class Branch(Struct, frozen=True):
    """A Party branch 党支部; ``until`` is the first day on which it no longer exists."""

    id: str
    name: str
    since: date = date.min
    until: date = date.max


class Span(Struct, frozen=True):
    """Days spent in one branch: from ``first``, up to but without ``until``."""

    branch: str
    first: date
    until: date


class Member(Struct, frozen=True):
    """A member and all dated changes. ``order`` sorts members who level on points (by pinyin or by strokes).

    ``reading`` are the syllables of the name in pinyin, by which it is searched.
    """

    id: str
    name: str
    spans: tuple[Span, ...]
    statuses: tuple[tuple[date, MembershipStatus], ...]
    aka: str | None = None
    order: tuple[str | int, ...] = ()
    reading: tuple[str, ...] = ()

    @property
    def home(self) -> str:
        """The branch belonged to last."""
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
        """Whether the member was on the organ's roster on any day from the first of the month to its last."""
        return self.since <= month.last and self.until > month.first

    def branch_on(self, day: date) -> str | None:
        """The branch on that day; None if off the roster."""
        for span in self.spans:
            if span.first <= day < span.until:
                return span.branch
        return None

    def status_on(self, day: date) -> MembershipStatus:
        """Full or probationary on that day."""
        if len(self.statuses) == 1:
            return self.statuses[0][1]
        return [status for since, status in self.statuses if since <= day or since == self.statuses[0][0]][-1]


class Roster(Struct, frozen=True, dict=True):
    """The organ's branches and members, in the order of the file; ``whole`` is the roster that this is cut from."""

    branches: tuple[Branch, ...]
    members: tuple[Member, ...]
    full_roster: "Roster | None" = None

    @cached_property
    def branch_by_id(self) -> Mapping[str, Branch]:
        """Branches by id, in order."""
        return {branch.id: branch for branch in self.branches}

    @cached_property
    def branch_positions(self) -> Mapping[str, int]:
        """The place of each branch in the whole organ."""
        return (
            self.full_roster.branch_positions
            if self.full_roster
            else {one.id: place for place, one in enumerate(self.branches)}
        )

    @cached_property
    def related_branches(self) -> Mapping[str, tuple[str, ...]]:
        """By branch, every branch to which anyone who ever belonged to it ever belonged, itself among them."""
        found = {
            branch: {branch} | {span.branch for member in members for span in member.spans}
            for branch, members in self.members_ever_in.items()
        }
        return {branch: tuple(sorted(homes, key=self.branch_positions.__getitem__)) for branch, homes in found.items()}

    def restrict_to(self, branch: str) -> "Roster":
        """Everyone who ever belonged to a branch, and all branches that they ever belonged to."""
        return Roster(
            tuple(self.branch_by_id[one] for one in self.related_branches[branch]), self.members_ever_in[branch], self
        )

    @cached_property
    def member_by_id(self) -> Mapping[str, Member]:
        """Members by id, in order."""
        return {member.id: member for member in self.members}

    @cached_property
    def members_by_name(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each word they may be called: id, name, and name with the distinguishing ``aka`` in brackets."""
        found: dict[str, list[Member]] = {}
        for member in self.members:
            labels = {member.id, member.name}
            labels |= {f"{member.name}（{member.aka}）", f"{member.name}({member.aka})"} if member.aka else set()
            for label in labels:
                found.setdefault(label, []).append(member)
        return {label: tuple(members) for label, members in found.items()}

    @cached_property
    def members_ever_in(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each branch they ever belonged to, in order."""
        found: dict[str, list[Member]] = {branch.id: [] for branch in self.branches}
        for member in self.members:
            for home in dict.fromkeys(span.branch for span in member.spans):
                found[home].append(member)
        return {branch: tuple(members) for branch, members in found.items()}

    @cached_property
    def member_spans_in(self) -> Mapping[str, tuple[tuple[Member, Span], ...]]:
        """The same with each stay there, which may be none: a member who came back has two."""
        return {
            branch: tuple((member, span) for member in members for span in member.spans if span.branch == branch)
            for branch, members in self.members_ever_in.items()
        }

    @cached_property
    def members_in_name_order(self) -> Mapping[str | None, tuple[Member, ...]]:
        """The same in the order of names; None is the organ's."""
        homes: list[tuple[str | None, tuple[Member, ...]]] = [(None, self.members), *self.members_ever_in.items()]
        return {home: tuple(sorted(members, key=lambda member: (member.order, member.id))) for home, members in homes}

    def members_on(self, branch: str, day: date) -> tuple[Member, ...]:
        """Who belongs to the branch on that day."""
        return tuple([member for member, span in self.member_spans_in[branch] if span.first <= day < span.until])

    def has_members_in(self, branch: str, month: Period) -> bool:
        """Whether anybody belonged to the branch on any day of the month."""
        first, last = month.first, month.last
        return any(span.first <= last and span.until > first for _, span in self.member_spans_in[branch])

    def members_during(self, branch: str, month: Period) -> tuple[tuple[Member, Span], ...]:
        """Who belonged to the branch on any day of the month, each with the days, cut to the month."""
        first, last, morrow = month.first, month.last, date.fromordinal(month.last.toordinal() + 1)
        return tuple(
            [
                (member, Span(branch, max(span.first, first), min(span.until, morrow)))
                for member, span in self.member_spans_in[branch]
                if span.first <= last and span.until > first
            ]
        )
