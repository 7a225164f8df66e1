"""What boards and members' accounts are made from: results, the approvals behind them, and what was corrected."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from generator.core.model import Approval, Member
from generator.core.periods import Period
from generator.core.places import Place
from generator.core.results import Rankings, Results
from generator.core.revisions import Amendment, Revisions
from generator.core.settings import Naming
from generator.core.sources import Approvals
from generator.core.states import Notices


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
