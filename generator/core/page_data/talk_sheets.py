"""The sheet for the branch secretary's talk with a member 谈话 (五4): what there is to talk about, on one page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from generator.core.basics.numbers import ZERO
from generator.core.basics.periods import PeriodKind, get_period
from generator.core.model.roster import Member
from generator.core.model.tally import Ranking, ScoreLine, Standing
from generator.core.outcomes.consequences import BoardStanding, NearOutcome, Outcome, StandingHistory
from generator.core.outcomes.year_results import YearResults
from generator.core.page_data.member_history import MemberAccount
from generator.core.scoring import results as scored
from generator.core.scoring.remaining_points import Meter
from generator.core.scoring.results import BoardKey, Results
from generator.core.scoring.site_data import SiteData
from generator.core.scoring.values import OBVIOUS_REASONS

_MOST_LINES = 14  # what fits on the sheet beside everything else; the member's own page has every line


class TalkSheet(Struct, frozen=True):
    """A member's newest complete quarter, for the committee and the branch secretary.

    ``above`` and ``below`` are the nearest of the board who have other points, None at its ends. ``lines`` are those of
    the quarter that cost points or did not count as written, ``more`` of them are not listed; all the others brought
    ``earned``. ``outcomes`` and ``near`` are the year's; ``over`` once nothing more can be earned in it.
    """

    account: MemberAccount
    ranking: Ranking
    standing: Standing
    above: Standing | None
    below: Standing | None
    meters: tuple[Meter, ...]
    lines: tuple[ScoreLine, ...]
    more: int
    earned: Decimal
    outcomes: tuple[Outcome, ...]
    near: tuple[NearOutcome, ...]
    over: bool


class TalkBasis(Struct, frozen=True):
    """What a talk sheet rests on beyond the member's own lines.

    ``board`` is that of the newest complete quarter of a branch, ``standing`` the member's on it; ``outcomes`` and
    ``near`` are the year's; ``over`` once nothing more can be earned in it.
    """

    board: BoardKey
    standing: Standing
    outcomes: tuple[Outcome, ...]
    near: tuple[NearOutcome, ...]
    over: bool


def find_talk_bases(
    results: Results, places: StandingHistory, concluded: Mapping[int, YearResults]
) -> Iterator[tuple[Member, TalkBasis]]:
    """List everyone who is on the roster today and stands on a complete quarter board of a branch, in roster order."""
    outcomes = {year: _by_member(one.outcomes) for year, one in concluded.items()}
    near = {year: _by_member(one.near) for year, one in concluded.items()}
    for member in results.roster.members:
        if member.branch_on(results.today) is not None and (quarter := _newest(places.get(member.id, ()))):
            year = quarter.period.year
            yield (
                member,
                TalkBasis(
                    board=quarter.board,
                    standing=quarter.standing,
                    outcomes=tuple(outcomes[year].get(member.id, ())),
                    near=tuple(near[year].get(member.id, ())),
                    over=get_period(PeriodKind.YEAR, year).last < results.today,
                ),
            )


AnyOutcome = TypeVar("AnyOutcome", bound=Outcome)


def _by_member(every: Iterable[AnyOutcome]) -> Mapping[str, list[AnyOutcome]]:
    grouped: dict[str, list[AnyOutcome]] = defaultdict(list)
    for one in every:
        grouped[one.member.id].append(one)
    return grouped


def _newest(places: Sequence[BoardStanding]) -> BoardStanding | None:
    """The newest quarter in a branch; None if there is none."""
    quarters = [one for one in places if one.period.kind is PeriodKind.QUARTER and one.board[1] is not None]
    return quarters[-1] if quarters else None


def build_talk_sheet(ground: SiteData, account: MemberAccount, basis: TalkBasis, ranking: Ranking) -> TalkSheet:
    """Draw up the sheet of a member of the branch; ``ranking`` is that of the basis' board."""
    standing = basis.standing
    lines = scored.explain_score(ground.results, account.member.id, ranking.period)
    listed = tuple(line for line in lines if _worth_telling(line))
    others = [one for one in ranking.standings if one.score.points != standing.score.points]
    return TalkSheet(
        account=account,
        ranking=ranking,
        standing=standing,
        above=next((one for one in reversed(others) if one.rank < standing.rank), None),
        below=next((one for one in others if one.rank > standing.rank), None),
        meters=tuple(
            meter
            for one in account.years
            if one.year == ranking.period.year
            for group in one.groups
            for meter in group.meters
        ),
        lines=listed[:_MOST_LINES],
        more=len(listed[_MOST_LINES:]),
        earned=sum((line.points for line in lines if line not in listed), ZERO),
        outcomes=basis.outcomes,
        near=basis.near,
        over=basis.over,
    )


def _worth_telling(line: ScoreLine) -> bool:
    return line.points < 0 or line.points != line.earned or line.reason.partition("；")[0] not in OBVIOUS_REASONS
