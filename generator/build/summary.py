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


# Encoded as arrays, because every build decodes the figures of all members from the cache.
class MemberFigures(Struct, frozen=True, array_like=True):
    """A member's points in a period, and the cycle total at its end."""

    member: str
    points: Decimal
    total: Decimal
    vetoed: bool


class RankedFigures(MemberFigures, frozen=True, array_like=True):
    """A member's figures with the position on a board, in the order of the board."""

    rank: int
    partial: bool
    last: bool


class BranchReport(Struct, frozen=True):
    """A branch's own files as read, checked and scored, without its members' scores in other branches.

    Valid on the days from ``valid_from`` to before ``valid_until``, without end if that is None. ``errors`` are all
    errors in its files; they may name members of other branches, so that a report with errors is valid only with the
    same shared inputs, by ``shared_digest``. ``drafts`` are the files that are not approved. ``latest_action`` is the
    newest dated action on record, ``sealed_items`` describes everything sealed, by digest. ``record_digests`` are those
    of filings and withdrawals, by file name.

    By month: ``approvals`` has that of the ledger, then those of its corrections; ``correction_kinds`` the kinds of
    these corrections; ``fully_struck`` whether, after each of them, all lines of the month are struck.
    ``scored_months`` are the months that count, ``draft_months`` those of them of which a draft counts; no draft does
    but in a preview. ``countable_drafts`` are the draft files that would count.

    ``export_digests`` has, by other branch, two digests of the scores that it needs of this one: of the months that
    bear on it while the shared members belong to it, and of all months. The second is for a branch with
    ``has_former_members``, which has lines of members who had left it for good by then. ``member_values`` are the month
    of its newest approval and the digest of its members' distinguishing words and first days by then.
    """

    branch: str
    valid_from: date
    valid_until: date | None
    shared_digest: str
    errors: Sequence[Problem]
    drafts: Sequence[str]
    seals: Sequence[Seal]  # only all branches together show that an approval was copied from one to another
    latest_action: tuple[date, Location, str] | None
    approvals: Mapping[str, Sequence[Approval]]
    correction_kinds: Mapping[str, Sequence[CorrectionKind]]
    fully_struck: Mapping[str, Sequence[bool]]
    scored_months: Sequence[str]
    draft_months: Sequence[str]
    sealed_items: Mapping[str, str]
    record_digests: Mapping[str, str]
    filings: Sequence[RedactedFiling]
    withdrawals: Sequence[RedactedWithdrawal]
    countable_drafts: Sequence[str]
    export_digests: Mapping[str, tuple[str, str]]
    has_former_members: bool
    member_values: tuple[str, str] | None = None

    def is_valid(self, today: date, shared_digest: str) -> bool:
        """Return whether the report is valid on a day, with these shared inputs."""
        # Today may be before ``valid_from``, after a build for a later day or with a wrong clock.
        current = self.valid_from <= today and (self.valid_until is None or today < self.valid_until)
        return current and (not self.errors or self.shared_digest == shared_digest)


class BranchSummary(Struct, frozen=True):
    """A branch's boards as the organ needs them.

    Valid on the days from ``valid_from`` to before ``valid_until``, without end if that is None. By period that the
    organ ranks: ``figures`` are those of the branch's members, ``earlier_figures`` those just before each moment that
    changed them. By member: ``guest_positions`` are positions on the branch's boards of members whose account is kept
    elsewhere; ``last_board_day`` is the last day of the newest board of the branch that lists the member;
    ``extra_months`` are months with lines of a member whose account is kept here, outside the time on the roster.
    ``page_audiences`` has the paths of pages that the branch alone determines. The end of an objection period depends
    on the holidays of ``unknown_holiday_years``, for which there is no calendar.
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
        """Return whether the summary is valid on a day."""
        return self.valid_from <= today and (self.valid_until is None or today < self.valid_until)


class CommitteeSummary(Struct, frozen=True):
    """A branch's results that only the committee's pages need.

    ``boards`` are its complete boards, of the kinds of period that section 五 uses; ``complete_periods`` are those of
    all its complete boards. ``year_totals`` are its members' cycle totals by year.
    """

    boards: Mapping[str, Sequence[RankedFigures]]
    complete_periods: Sequence[str]
    year_totals: Mapping[int, Mapping[str, Decimal]]
    amendments: Sequence[Amendment]
    filings: Sequence[Filing]
    withdrawals: Sequence[Withdrawal]
