"""What boards and members' accounts are made from: results, the approvals behind them, and what was corrected."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Naming, Settings
from generator.core.scoring import board_positions, objection_periods, results, revisions
from generator.core.scoring.approval_sources import Approvals
from generator.core.scoring.board_positions import Place
from generator.core.scoring.branch_scores import Amendment, BranchScores
from generator.core.scoring.objection_periods import Notices
from generator.core.scoring.results import Rankings, Results
from generator.core.scoring.revisions import Revisions, States


class Ground(Struct, frozen=True):
    """Everything scored and sealed, before it is cut to an audience; ``chains`` by branch in roster order.

    ``begun`` are the months of which anybody in the organ has scored a ledger, in order. ``members`` are those who get
    an account, ``places`` are theirs on every board.
    """

    results: Results
    rankings: Rankings
    approvals: Approvals
    chains: Mapping[str, Sequence[Approval]]
    naming: Naming
    notices: Notices
    revisions: Revisions
    amendments: tuple[Amendment, ...]
    begun: Sequence[Period]
    members: Sequence[Member]
    places: Mapping[str, Sequence[Place]]


class BranchGround(Struct, frozen=True):
    """A branch alone: its ``ground`` and the earlier states of its results."""

    ground: Ground
    states: States


def of_branch(  # noqa: PLR0913  each bears on it
    branch: str,
    scores: BranchScores,
    chain: Sequence[Approval],
    *,
    roster: Roster,
    rulebooks: Mapping[int, Rulebook],
    settings: Settings,
    today: date,
) -> BranchGround:
    """Draw up a branch, as far as it alone can tell.

    ``scores`` are its own and those of its members in other branches, ``roster`` everyone who ever belonged to it.
    """
    known = results.compute(scores.counted.values(), scores.approved, roster=roster, rulebooks=rulebooks, today=today)
    rankings = results.rankings(known, branch)
    past = States(known, scores.versions)
    approvals = {key: versions[-1].approvals for key, versions in scores.versions.items()}
    ground = Ground(
        results=known,
        rankings=rankings,
        approvals=approvals,
        chains={branch: chain},
        naming=settings.names,
        notices=objection_periods.notices(roster, rulebooks, approvals, settings, today, scopes={branch}),
        revisions=revisions.revisions(past.past(branch)),
        amendments=scores.amendments,
        begun=results.begun(known.scored),
        members=[one for one in roster.members if one.home == branch],
        places=board_positions.places(known, rankings),
    )
    return BranchGround(ground, past)


def in_organ(ground: Ground, elsewhere: Mapping[str, Sequence[Place]], begun: Sequence[Period]) -> Ground:
    """Add to a branch what the rest of the organ knows: its members' other places, the months scored there."""
    joined = board_positions.joined(ground.places, elsewhere, ground.results.rulebooks) if elsewhere else ground.places
    return replace(ground, places=joined, begun=begun)
