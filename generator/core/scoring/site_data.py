"""Data of boards and members' accounts: results, the approvals behind them, and the corrections."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Settings
from generator.core.scoring import board_positions, objection_periods, results, revisions
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.branch_scores import Amendment, BranchScores
from generator.core.scoring.objection_periods import ObjectionPeriods
from generator.core.scoring.results import Rankings, Results
from generator.core.scoring.revisions import PastResults, RevisionsByBoard


class SiteData(Struct, frozen=True):
    """All that is scored and sealed, before it is cut to an audience; ``chains`` by branch in roster order.

    ``scored_months`` are the months of which a branch of the organ has a scored ledger, in order. ``members`` are those
    who get an account. ``positions`` are those on every board, by member id.
    """

    results: Results
    rankings: Rankings
    approvals: ApprovalsByMonth
    chains: Mapping[str, Sequence[Approval]]
    settings: Settings
    objection_periods: ObjectionPeriods
    revisions: RevisionsByBoard
    amendments: tuple[Amendment, ...]
    scored_months: Sequence[Period]
    members: Sequence[Member]
    positions: Mapping[str, Sequence[BoardPosition]]


class BranchData(Struct, frozen=True):
    """A branch alone: its ``site_data`` and its results at earlier moments."""

    site_data: SiteData
    past_results: PastResults


def build_branch_data(  # noqa: PLR0913  each bears on it
    branch: str,
    scores: BranchScores,
    chain: Sequence[Approval],
    *,
    roster: Roster,
    rulebooks: Mapping[int, Rulebook],
    settings: Settings,
    today: date,
) -> BranchData:
    """Compute a branch's data, as far as it needs nothing of the rest of the organ.

    ``scores`` are its own and those of its members in other branches, ``roster`` everyone who ever belonged to it.
    """
    branch_results = results.compute_results(
        scores.counted_ledgers.values(), scores.approved_months, roster=roster, rulebooks=rulebooks, today=today
    )
    branch_results = replace(branch_results, draft_months=scores.draft_months)
    rankings = results.compute_rankings(branch_results, branch)
    past_results = PastResults(branch_results, settings, scores.versions)
    approvals = {branch_month: versions[-1].approvals for branch_month, versions in scores.versions.items()}
    site_data = SiteData(
        results=branch_results,
        rankings=rankings,
        approvals=approvals,
        chains={branch: chain},
        settings=settings,
        objection_periods=objection_periods.find_objection_periods(
            roster, rulebooks, approvals, settings, today, branches={branch}
        ),
        revisions=revisions.list_revisions(past_results.make_past_boards(branch)),
        amendments=scores.amendments,
        scored_months=results.list_scored_months(branch_results.counted_months),
        members=[member for member in roster.members if member.home == branch],
        positions=board_positions.compute_positions(branch_results, rankings),
    )
    return BranchData(site_data, past_results)


def add_organ_facts(
    site_data: SiteData, positions_elsewhere: Mapping[str, Sequence[BoardPosition]], scored_months: Sequence[Period]
) -> SiteData:
    """Add to a branch's data its members' positions on other boards and the months scored in the organ."""
    positions = site_data.positions
    if positions_elsewhere:
        positions = board_positions.merge_positions(positions, positions_elsewhere, site_data.results.rulebooks)
    return replace(site_data, positions=positions, scored_months=scored_months)
