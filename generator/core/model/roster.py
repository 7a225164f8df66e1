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
    """A member and all dated changes. ``order`` sorts members with equal points (by pinyin or by strokes).

    ``reading`` are the syllables of the name in pinyin, by which readers can search.
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
        if len(self.statuses) == 1:
            return self.statuses[0][1]
        return [status for since, status in self.statuses if since <= day or since == self.statuses[0][0]][-1]


class Roster(Struct, frozen=True, dict=True):
    """The organ's branches and members, in the order of the file.

    ``full_roster`` is the organ's roster if this one is restricted to a branch.
    """

    branches: tuple[Branch, ...]
    members: tuple[Member, ...]
    full_roster: "Roster | None" = None

    @cached_property
    def branch_by_id(self) -> Mapping[str, Branch]:
        """Branches by id, in order."""
        return {branch.id: branch for branch in self.branches}

    @cached_property
    def branch_positions(self) -> Mapping[str, int]:
        """The position of each branch in the full roster, from 0."""
        return (
            self.full_roster.branch_positions
            if self.full_roster
            else {branch.id: position for position, branch in enumerate(self.branches)}
        )

    @cached_property
    def related_branches(self) -> Mapping[str, tuple[str, ...]]:
        """By branch, all branches, itself included, that any of its present or former members ever belonged to."""
        related = {
            branch: {branch} | {span.branch for member in members for span in member.spans}
            for branch, members in self.members_ever_in.items()
        }
        position = self.branch_positions.__getitem__
        return {branch: tuple(sorted(branches, key=position)) for branch, branches in related.items()}

    def restrict_to(self, branch: str) -> "Roster":
        """Return the roster of everyone who ever belonged to a branch, and of all branches they ever belonged to."""
        branches = tuple(self.branch_by_id[related] for related in self.related_branches[branch])
        return Roster(branches, self.members_ever_in[branch], self)

    @cached_property
    def member_by_id(self) -> Mapping[str, Member]:
        """Members by id, in order."""
        return {member.id: member for member in self.members}

    @cached_property
    def members_by_name(self) -> Mapping[str, tuple[Member, ...]]:
        """Members by each word that may name them: id, name, and name with the distinguishing ``aka`` in brackets."""
        by_name: dict[str, list[Member]] = {}
        for member in self.members:
            labels = {member.id, member.name}
            labels |= {f"{member.name}（{member.aka}）", f"{member.name}({member.aka})"} if member.aka else set()
            for label in labels:
                by_name.setdefault(label, []).append(member)
        return {label: tuple(members) for label, members in by_name.items()}

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
