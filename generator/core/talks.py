"""The sheet for the branch secretary's talk with a member 谈话 (五4): what there is to talk about, on one page."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from generator.core import results as scored
from generator.core.accounts import Account
from generator.core.conclusions import Conclusions
from generator.core.ground import Ground
from generator.core.meters import Meter
from generator.core.model import Line, Ranking, Standing
from generator.core.numbers import ZERO
from generator.core.outcomes import History, Near, Outcome, Placed
from generator.core.periods import Kind, period
from generator.core.scoring import PLAIN

_MOST_LINES = 14  # what fits on the sheet beside everything else; the member's own page has every line


class Talk(Struct, frozen=True):
    """A member's newest complete quarter, for the committee and the branch secretary.

    ``above`` and ``below`` are the nearest of the board who have other points, None at its ends. ``lines`` are those of
    the quarter that cost points or did not count as written, ``more`` of them are not listed; all the others brought
    ``earned``. ``outcomes`` and ``near`` are the year's; ``over`` once nothing more can be earned in it.
    """

    account: Account
    ranking: Ranking
    standing: Standing
    above: Standing | None
    below: Standing | None
    meters: tuple[Meter, ...]
    lines: tuple[Line, ...]
    more: int
    earned: Decimal
    outcomes: tuple[Outcome, ...]
    near: tuple[Near, ...]
    over: bool


def talks(
    ground: Ground, accounts: Sequence[Account], places: History, concluded: Mapping[int, Conclusions]
) -> tuple[Talk, ...]:
    """A sheet for everyone who is on the roster today and stands on a complete quarter board of a branch."""
    return tuple(
        _talk(ground, account, quarter, concluded[quarter.period.year])
        for account in accounts
        if account.member.branch_on(ground.results.today) is not None
        for quarter in _newest(places.get(account.member.id, ()))
    )


def _newest(places: Sequence[Placed]) -> Sequence[Placed]:
    """The newest quarter in a branch; none if there is none."""
    return [one for one in places if one.period.kind is Kind.QUARTER and one.board[1] is not None][-1:]


def _talk(ground: Ground, account: Account, quarter: Placed, year: Conclusions) -> Talk:
    ranking, member = ground.rankings[quarter.board], account.member
    lines = scored.explain(ground.results, member.id, quarter.period)
    told = tuple(line for line in lines if _worth_telling(line))
    others = [one for one in ranking.standings if one.score.points != quarter.standing.score.points]
    return Talk(
        account=account,
        ranking=ranking,
        standing=quarter.standing,
        above=next((one for one in reversed(others) if one.rank < quarter.standing.rank), None),
        below=next((one for one in others if one.rank > quarter.standing.rank), None),
        meters=tuple(
            meter
            for one in account.years
            if one.year == quarter.period.year
            for group in one.groups
            for meter in group.meters
        ),
        lines=told[:_MOST_LINES],
        more=len(told[_MOST_LINES:]),
        earned=sum((line.points for line in lines if line not in told), ZERO),
        outcomes=tuple(one for one in year.outcomes if one.member is member),
        near=tuple(one for one in year.near if one.member is member),
        over=period(Kind.YEAR, year.year).last < ground.results.today,
    )


def _worth_telling(line: Line) -> bool:
    return line.points < 0 or line.points != line.earned or line.reason.partition("；")[0] not in PLAIN
