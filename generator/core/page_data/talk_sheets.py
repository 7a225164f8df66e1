"""Sheets for the branch secretary's talks with members 谈话 (五4): the subjects of a talk on one page."""

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
from generator.core.scoring import results as scoring_results
from generator.core.scoring.remaining_points import Meter
from generator.core.scoring.results import BoardKey, Results
from generator.core.scoring.site_data import SiteData
from generator.core.scoring.values import OBVIOUS_REASONS

_MAX_LINES = 14  # that fit on the sheet beside everything else; the member's own page has every line


class TalkSheet(Struct, frozen=True):
    """A member's newest complete quarter, for the committee and the branch secretary.

    ``above`` has the next more points on the board, ``below`` the next fewer; None at its ends and where points don't
    decide the order, as for the vetoed. ``lines`` are those of the quarter that need explaining: they cost points, did
    not count as written, or have a reason that isn't obvious; ``more`` is the number of such lines beyond those listed.
    ``earned`` is the sum of all other lines. ``outcomes`` and ``near`` are the year's; ``over`` is set once nothing
    more can be earned in it.
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
    """The inputs of a talk sheet beyond the member's own lines.

    ``board`` is the member's board of the newest complete quarter in a branch, ``standing`` the member's on it;
    ``outcomes`` and ``near`` are the year's; ``over`` is set once nothing more can be earned in it.
    """

    board: BoardKey
    standing: Standing
    outcomes: tuple[Outcome, ...]
    near: tuple[NearOutcome, ...]
    over: bool


def find_talk_bases(
    results: Results, history: StandingHistory, year_results: Mapping[int, YearResults]
) -> Iterator[tuple[Member, TalkBasis]]:
    """Yield each member on today's roster who is on a complete quarter board of a branch, in roster order."""
    outcomes = {year: _group_by_member(result.outcomes) for year, result in year_results.items()}
    near = {year: _group_by_member(result.near) for year, result in year_results.items()}
    for member in results.roster.members:
        if member.branch_on(results.today) is not None and (quarter := _newest_quarter(history.get(member.id, ()))):
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


def _group_by_member(outcomes: Iterable[AnyOutcome]) -> Mapping[str, list[AnyOutcome]]:
    grouped: dict[str, list[AnyOutcome]] = defaultdict(list)
    for outcome in outcomes:
        grouped[outcome.member.id].append(outcome)
    return grouped


def _newest_quarter(places: Sequence[BoardStanding]) -> BoardStanding | None:
    """Return the newest quarter in a branch; None if there is none."""
    quarters = [place for place in places if place.period.kind is PeriodKind.QUARTER and place.board[1] is not None]
    return quarters[-1] if quarters else None


def build_talk_sheet(site_data: SiteData, account: MemberAccount, basis: TalkBasis, ranking: Ranking) -> TalkSheet:
    """Build the sheet of a member of the branch; ``ranking`` is that of the basis' board."""
    standing = basis.standing
    lines = scoring_results.explain_score(site_data.results, account.member.id, ranking.period)
    listed = tuple(line for line in lines if _needs_explaining(line))
    above, below = _find_neighbours(ranking, standing)
    return TalkSheet(
        account=account,
        ranking=ranking,
        standing=standing,
        above=above,
        below=below,
        meters=tuple(
            meter
            for year in account.years
            if year.year == ranking.period.year
            for group in year.groups
            for meter in group.meters
        ),
        lines=listed[:_MAX_LINES],
        more=len(listed[_MAX_LINES:]),
        earned=sum((line.points for line in lines if line not in listed), ZERO),
        outcomes=basis.outcomes,
        near=basis.near,
        over=basis.over,
    )


def _find_neighbours(ranking: Ranking, standing: Standing) -> tuple[Standing | None, Standing | None]:
    """Return who has the next more points and who the next fewer, None where points don't decide the order.

    The vetoed are below all others whatever their points (R5): below a member with fewer points than zero, too.
    """
    if standing.score.vetoed:
        return None, None
    points, rank = standing.score.points, standing.rank
    higher = [ranked for ranked in ranking.standings if ranked.rank < rank]
    lower = [ranked for ranked in ranking.standings if ranked.rank > rank and ranked.score.points < points]
    return (higher[-1] if higher else None), (lower[0] if lower else None)


def _needs_explaining(line: ScoreLine) -> bool:
    return line.points < 0 or line.points != line.earned or line.reason.partition("；")[0] not in OBVIOUS_REASONS
