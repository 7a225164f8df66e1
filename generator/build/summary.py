"""A branch's results as the organ-wide step needs them: some hundred bytes a member."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from generator.core.model.ledger import Approval, CorrectionKind, Filing, Withdrawal
from generator.core.model.settings import Audience
from generator.core.page_data.audit import RedactedFiling, RedactedWithdrawal
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.branch_scores import Amendment
from generator.core.scoring.chronology import Moment
from generator.core.sealing.sealed_files import Seal
from generator.problems import Location, Problem


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
    valid_from: date
    valid_until: date | None
    shared_digest: str
    errors: Sequence[Problem]
    drafts: Sequence[str]
    seals: Sequence[Seal]
    latest_action: tuple[date, Location, str] | None
    approvals: Mapping[str, Sequence[Approval]]
    correction_kinds: Mapping[str, Sequence[CorrectionKind]]
    emptied: Mapping[str, Sequence[bool]]
    scored_months: Sequence[str]
    sealed_items: Mapping[str, str]
    filings: Sequence[RedactedFiling]
    withdrawals: Sequence[RedactedWithdrawal]
    countable_drafts: Sequence[str]
    export_digests: Mapping[str, tuple[str, str]]
    has_former_members: bool

    def is_valid(self, today: date, shared_digest: str) -> bool:
        """Whether it is the branch's on that day with these shared inputs."""
        current = self.valid_from <= today and (self.valid_until is None or today < self.valid_until)
        return current and (not self.errors or self.shared_digest == shared_digest)


class BranchSummary(Struct, frozen=True):
    """A branch's boards as the organ needs them.

    It holds from ``since`` until before ``until``, which is None if that is for ever. ``figures`` are the members' of
    each period that the organ ranks, ``earlier`` those just before moments at which they may have become others.
    ``guests`` are places on its boards of members whose account is kept elsewhere, ``listed`` who is on its boards and
    the last day of the newest of them, ``touched`` the months with lines of those whose account is kept here though
    they were not there. ``pages`` are those that it alone can tell, each with its readers. ``unknown`` are years whose
    holidays an objection period would need.
    """

    valid_from: date
    valid_until: date | None
    figures: Mapping[str, Sequence[MemberFigures]]
    earlier_figures: Mapping[str, Sequence[tuple[Moment, Sequence[MemberFigures]]]]
    guest_positions: Mapping[str, Sequence[BoardPosition]]
    last_board_day: Mapping[str, date]
    extra_months: Mapping[str, Sequence[str]]
    page_audiences: Mapping[str, Audience]
    unknown_holiday_years: Sequence[int]

    def is_valid(self, today: date) -> bool:
        """Whether it is the branch's on that day."""
        return self.valid_from <= today and (self.valid_until is None or today < self.valid_until)


class CommitteeSummary(Struct, frozen=True):
    """What the committee's pages need of a branch besides.

    ``boards`` are its complete boards of the kinds that section 五 speaks of, ``complete`` all that are complete.
    ``totals`` are its members' cycle totals by year. ``ledgers`` and ``corrections`` are months with a draft.
    """

    boards: Mapping[str, Sequence[RankedFigures]]
    complete_periods: Sequence[str]
    year_totals: Mapping[int, Mapping[str, Decimal]]
    amendments: Sequence[Amendment]
    filings: Sequence[Filing]
    withdrawals: Sequence[Withdrawal]
    draft_ledgers: Sequence[str]
    draft_corrections: Sequence[str]
