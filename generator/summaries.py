"""What a branch comes to, as far as anybody beyond it has to know: some hundred bytes a member."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from generator.core.audit import Filed, Withdrawn
from generator.core.model import Approval, Cause
from generator.core.places import Place
from generator.core.sealedfiles import Seal
from generator.core.settings import Audience
from generator.problems import Problem, Where


class Figures(Struct, frozen=True, array_like=True):
    """A member's points in a period, and the cycle total at its end."""

    member: str
    points: Decimal
    total: Decimal
    vetoed: bool


class Summary(Struct, frozen=True):
    """A branch as the organ sees it.

    It is what the branch comes to on every day from ``since`` until before ``until``, which is None if that is for
    ever. ``approvals`` are a month's, the ledger's first, ``causes`` those of its corrections, and ``emptied`` says
    after which of these all its lines were struck. ``scored`` are the months that count, and ``figures`` the members'
    of each period that the organ ranks. ``guests`` are places on its boards of members whose account is kept elsewhere,
    ``named`` who stands on its boards and the last day of the newest of them, ``touched`` the months of which something
    is written of those whose account is kept here though they were not there. ``pages`` are those it has besides its
    members', each with its readers; ``sealed`` is all that is sealed, in words, by digest; ``act`` is the newest on
    record; ``unknown`` are years whose holidays an objection period would need; ``drafts`` are the files that would
    count, and ``problems`` what is wrong in drafts.
    """

    branch: str
    since: date
    until: date | None
    approvals: Mapping[str, Sequence[Approval]]
    causes: Mapping[str, Sequence[Cause]]
    emptied: Mapping[str, Sequence[bool]]
    scored: Sequence[str]
    figures: Mapping[str, Sequence[Figures]]
    guests: Mapping[str, Sequence[Place]]
    named: Mapping[str, date]
    touched: Mapping[str, Sequence[str]]
    pages: Mapping[str, Audience]
    sealed: Mapping[str, str]
    seals: Sequence[Seal]
    act: tuple[date, Where, str] | None
    unknown: Sequence[int]
    filings: Sequence[Filed]
    withdrawals: Sequence[Withdrawn]
    drafts: Sequence[str]
    problems: Sequence[Problem]

    def holds(self, today: date) -> bool:
        """Whether it says what the branch comes to on that day."""
        return self.since <= today and (self.until is None or today < self.until)


def stranger(branch: str, today: date, problems: Sequence[Problem]) -> Summary:
    """A folder of drafts that the roster has no branch for: nothing but what is wrong with it."""
    return Summary(
        branch=branch,
        since=today,
        until=today + timedelta(days=1),
        approvals={},
        causes={},
        emptied={},
        scored=(),
        figures={},
        guests={},
        named={},
        touched={},
        pages={},
        sealed={},
        seals=(),
        act=None,
        unknown=(),
        filings=(),
        withdrawals=(),
        drafts=(),
        problems=problems,
    )
