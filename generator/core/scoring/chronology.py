"""Order in time of an organ's approvals: by the serial number that each was given, once and for ever."""

from collections.abc import Container, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from generator.core.model.ledger import Approval

Moment: TypeAlias = tuple[int, date, bool, int, int]
"""Serial number, day, whether it is of a correction, place of the branch on the roster, place in the branch's chain."""

FIRST_MOMENT: Moment = (-1, date.min, False, 0, 0)
LAST_MOMENT: Moment = (10**9, date.max, True, 0, 0)


def assign_moments(chain: Sequence[Approval], ledger_digests: Container[str], position: int) -> Mapping[str, Moment]:
    """Return the moment of each approval of a branch's chain by digest; ``position`` is the branch's on the roster.

    Approvals without a serial number are ordered by day; on one day those in ``ledger_digests`` precede corrections,
    then branches follow in roster order.
    """
    moments: dict[str, Moment] = {}
    day = date.min
    for link, approval in enumerate(chain):
        # The chain proves the order: a meeting dated before that of the approval it follows counts as of the same day.
        day = max(day, approval.meeting)
        moments[approval.digest] = approval.serial or 0, day, approval.digest not in ledger_digests, position, link
    return moments
