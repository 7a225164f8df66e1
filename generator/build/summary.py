"""A branch's results as the organ-wide step needs them: some hundred bytes a member."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.model.ledger import Approval, Cause, Filing, Withdrawal
from generator.core.model.settings import Audience
from generator.core.page_data.audit import Filed, Withdrawn
from generator.core.scoring.board_positions import Place
from generator.core.scoring.branch_scores import Amendment
from generator.core.scoring.chronology import Moment
from generator.core.sealing.sealed_files import Seal
from generator.problems import Problem, Where


class MemberFigures(Struct, frozen=True, array_like=True):
    """A member's points in a period, and the cycle total at its end."""

    member: str
    points: Decimal
    total: Decimal
    vetoed: bool


class RankedFigures(MemberFigures, frozen=True, array_like=True):
    """The same with the member's place on a board, in the order of the board."""

    rank: int
    partial: bool
    last: bool


class BranchReport(Struct, frozen=True):
    """A branch's own files as read, checked and scored, without what other branches have of its members.

    It holds from ``since`` until before ``until``, which is None if that is for ever. ``errors`` are all of its files;
    they may name members of other branches, so that with errors it holds only along with the same ``shared`` inputs, by
    their digest. ``drafts`` are the files that are not approved. ``approvals`` are a month's, the ledger's first,
    ``kinds`` those of its corrections, and ``emptied`` says after which of these all its lines are struck. ``scored``
    are the months that count, ``sealed`` is all that is sealed, in words, by digest; ``action`` is the newest on
    record. ``counted_drafts`` are files that would count. ``exports`` are the digests of what each other branch needs
    of this one: as long as its members are there and, for a branch that ``names_who_left``, of all months.
    """

    branch: str
    since: date
    until: date | None
    shared: str
    errors: Sequence[Problem]
    drafts: Sequence[str]
    seals: Sequence[Seal]
    action: tuple[date, Where, str] | None
    approvals: Mapping[str, Sequence[Approval]]
    kinds: Mapping[str, Sequence[Cause]]
    emptied: Mapping[str, Sequence[bool]]
    scored: Sequence[str]
    sealed: Mapping[str, str]
    filings: Sequence[Filed]
    withdrawals: Sequence[Withdrawn]
    counted_drafts: Sequence[str]
    exports: Mapping[str, tuple[str, str]]
    names_who_left: bool

    def holds(self, today: date, shared: str) -> bool:
        """Whether it is the branch's on that day with these shared inputs."""
        current = self.since <= today and (self.until is None or today < self.until)
        return current and (not self.errors or self.shared == shared)


class BranchSummary(Struct, frozen=True):
    """A branch's boards as the organ needs them.

    It holds from ``since`` until before ``until``, which is None if that is for ever. ``figures`` are the members' of
    each period that the organ ranks, ``earlier`` those just before moments at which they may have become others.
    ``guests`` are places on its boards of members whose account is kept elsewhere, ``listed`` who is on its boards and
    the last day of the newest of them, ``touched`` the months with lines of those whose account is kept here though
    they were not there. ``pages`` are those that it alone can tell, each with its readers. ``unknown`` are years whose
    holidays an objection period would need.
    """

    since: date
    until: date | None
    figures: Mapping[str, Sequence[MemberFigures]]
    earlier: Mapping[str, Sequence[tuple[Moment, Sequence[MemberFigures]]]]
    guests: Mapping[str, Sequence[Place]]
    listed: Mapping[str, date]
    touched: Mapping[str, Sequence[str]]
    pages: Mapping[str, Audience]
    unknown: Sequence[int]

    def holds(self, today: date) -> bool:
        """Whether it is the branch's on that day."""
        return self.since <= today and (self.until is None or today < self.until)


class CommitteeSummary(Struct, frozen=True):
    """What the committee's pages need of a branch besides.

    ``boards`` are its complete boards of the kinds that section 五 speaks of, ``complete`` all that are complete.
    ``totals`` are its members' cycle totals by year. ``ledgers`` and ``corrections`` are months with a draft.
    """

    boards: Mapping[str, Sequence[RankedFigures]]
    complete: Sequence[str]
    totals: Mapping[int, Mapping[str, Decimal]]
    amendments: Sequence[Amendment]
    filings: Sequence[Filing]
    withdrawals: Sequence[Withdrawal]
    ledgers: Sequence[str]
    corrections: Sequence[str]
