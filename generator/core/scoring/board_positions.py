"""A member's position on each board: the rank, the gap to the next rank above, the median of the branch's board."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from generator.core.basics import numbers
from generator.core.basics.periods import Period, PeriodKind
from generator.core.model.rulebook import Rulebook, Scope
from generator.core.model.tally import Ranking
from generator.core.scoring.results import Rankings, Results

# Of four points or fewer, the median and one's own come near to naming the others', even where no board is built.
_MIN_FOR_MEDIAN = 5


class BoardPosition(Struct, frozen=True):
    """A member's rank on a board: ``of`` how many; ``branch`` None is the organ's.

    ``behind`` is the distance to the next rank above, None for the first and for the vetoed, whom points don't rank.
    ``median`` is that of all points on the branch's board, None on the organ's and where fewer than five are ranked.
    ``row`` is the number of the member's row, from 1: those of one rank have a row each.
    """

    period: Period
    branch: str | None
    points: Decimal
    rank: int
    of: int
    provisional: bool
    behind: Decimal | None
    median: Decimal | None
    row: int


def compute_positions(results: Results, rankings: Rankings) -> Mapping[str, Sequence[BoardPosition]]:
    """Return every ranked member's positions by member id, in the order of the rankings."""
    positions: dict[str, list[BoardPosition]] = defaultdict(list)
    for ranking in rankings.values():
        median = _compute_branch_median(ranking, results.rulebooks[ranking.period.year])
        for standing, position in zip(ranking.standings, _make_positions(ranking, median), strict=True):
            positions[standing.member.id].append(position)
    return positions


def is_shown_to_members(board: BoardPosition | Ranking) -> bool:
    """Return whether it is a board of the organ on which members see their ranks: a half-year's, once complete."""
    return board.branch is None and board.period.kind is PeriodKind.HALF and not board.provisional


def merge_positions(
    first: Mapping[str, Sequence[BoardPosition]],
    second: Mapping[str, Sequence[BoardPosition]],
    rulebooks: Mapping[int, Rulebook],
) -> Mapping[str, Sequence[BoardPosition]]:
    """Return the positions of both by member id, in the order of rankings."""
    members = first.keys() | second.keys()
    return {
        member: sorted(
            [*first.get(member, ()), *second.get(member, ())], key=lambda position: _sort_key(position, rulebooks)
        )
        for member in members
    }


def _sort_key(position: BoardPosition, rulebooks: Mapping[int, Rulebook]) -> tuple[int, int, date]:
    scope = Scope.ORGAN if position.branch is None else Scope.BRANCH
    kinds = [(rule.period, rule.scope) for rule in rulebooks[position.period.year].all_boards]
    return position.period.year, kinds.index((position.period.kind, scope)), position.period.first


def _make_positions(ranking: Ranking, median: Decimal | None) -> Iterator[BoardPosition]:
    """Yield the positions on a board from the first to the last."""
    period, branch, provisional = ranking.period, ranking.branch, ranking.provisional
    of, gaps = len(ranking.standings), _compute_gaps(ranking)
    for row, standing in enumerate(ranking.standings, start=1):
        rank = standing.rank
        yield BoardPosition(period, branch, standing.score.points, rank, of, provisional, gaps.get(rank), median, row)


def _compute_gaps(ranking: Ranking) -> Mapping[int, Decimal]:
    """Return by rank how many points more the rank above has; none for the first, nor for the vetoed."""
    points = {standing.rank: standing.score.points for standing in ranking.standings if not standing.score.vetoed}
    return {rank: points[above] - points[rank] for above, rank in pairwise(points)}


def _compute_branch_median(ranking: Ranking, rulebook: Rulebook) -> Decimal | None:
    points = [standing.score.points for standing in ranking.standings]
    if ranking.branch is None or len(points) < _MIN_FOR_MEDIAN:
        return None
    rounding = rulebook.state_on(ranking.period.last).rounding
    return numbers.median(points, rounding.rule, rounding.step)
