"""What boards and members' accounts are made from: results, the approvals behind them, and what was corrected."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import NameDisplay, Settings
from generator.core.scoring import board_positions, objection_periods, results, revisions
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.branch_scores import Amendment, BranchScores
from generator.core.scoring.objection_periods import ObjectionPeriods
from generator.core.scoring.results import Rankings, Results
from generator.core.scoring.revisions import PastResults, RevisionsByBoard


class SiteData(Struct, frozen=True):
    """Everything scored and sealed, before it is cut to an audience; ``chains`` by branch in roster order.

    ``begun`` are the months of which anybody in the organ has scored a ledger, in order. ``members`` are those who get
    an account, ``places`` are theirs on every board.
    """

    results: Results
    rankings: Rankings
    approvals: ApprovalsByMonth
    chains: Mapping[str, Sequence[Approval]]
    naming: NameDisplay
    objection_periods: ObjectionPeriods
    revisions: RevisionsByBoard
    amendments: tuple[Amendment, ...]
    scored_months: Sequence[Period]
    members: Sequence[Member]
    positions: Mapping[str, Sequence[BoardPosition]]


class BranchData(Struct, frozen=True):
    """A branch alone: its ``ground`` and the earlier states of its results."""

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
    """Draw up a branch, as far as it alone can tell.

    ``scores`` are its own and those of its members in other branches, ``roster`` everyone who ever belonged to it.
    """
    known = results.compute_results(
        scores.counted_ledgers.values(), scores.approved_months, roster=roster, rulebooks=rulebooks, today=today
    )
    rankings = results.compute_rankings(known, branch)
    past = PastResults(known, scores.versions)
    approvals = {key: versions[-1].approvals for key, versions in scores.versions.items()}
    ground = SiteData(
        results=known,
        rankings=rankings,
        approvals=approvals,
        chains={branch: chain},
        naming=settings.names,
        objection_periods=objection_periods.find_objection_periods(
            roster, rulebooks, approvals, settings, today, branches={branch}
        ),
        revisions=revisions.list_revisions(past.make_past_boards(branch)),
        amendments=scores.amendments,
        scored_months=results.list_scored_months(known.counted_months),
        members=[one for one in roster.members if one.home == branch],
        positions=board_positions.compute_positions(known, rankings),
    )
    return BranchData(ground, past)


def add_organ_facts(
    ground: SiteData, elsewhere: Mapping[str, Sequence[BoardPosition]], begun: Sequence[Period]
) -> SiteData:
    """Add to a branch what the rest of the organ knows: its members' other places, the months scored there."""
    joined = (
        board_positions.merge_positions(ground.positions, elsewhere, ground.results.rulebooks)
        if elsewhere
        else ground.positions
    )
    return replace(ground, positions=joined, scored_months=begun)
