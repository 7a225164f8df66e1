"""Rankings → a member's own place on each board: the rank, the gap to the next above, the branch's median."""

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

# Of four or fewer, the middle and one's own points come near to naming the others', even where no board is built.
_FEWEST = 5


class BoardPosition(Struct, frozen=True):
    """A rank on a board: ``of`` how many; ``branch`` None is the organ's.

    ``behind`` is the distance to the next rank above, None for the first and for the vetoed, whom points don't rank.
    ``median`` is that of all points on the branch's board, None on the organ's and where fewer than five are ranked.
    """

    period: Period
    branch: str | None
    points: Decimal
    rank: int
    of: int
    provisional: bool
    behind: Decimal | None
    median: Decimal | None


def compute_positions(results: Results, rankings: Rankings) -> Mapping[str, Sequence[BoardPosition]]:
    """Every member's places, in the order of the rankings."""
    found: dict[str, list[BoardPosition]] = defaultdict(list)
    for ranking in rankings.values():
        median = _median(ranking, results.rulebooks[ranking.period.year])
        for one, place in zip(ranking.standings, _placed(ranking, median), strict=True):
            found[one.member.id].append(place)
    return found


def is_shown_to_members(one: BoardPosition | Ranking) -> bool:
    """Whether members are shown their ranks there though it is the organ's: on half-year boards, once complete."""
    return one.branch is None and one.period.kind is PeriodKind.HALF and not one.provisional


def merge_positions(
    one: Mapping[str, Sequence[BoardPosition]],
    other: Mapping[str, Sequence[BoardPosition]],
    rulebooks: Mapping[int, Rulebook],
) -> Mapping[str, Sequence[BoardPosition]]:
    """The places of both, in the order of rankings."""
    members = one.keys() | other.keys()
    return {
        member: sorted([*one.get(member, ()), *other.get(member, ())], key=lambda place: _position(place, rulebooks))
        for member in members
    }


def _position(place: BoardPosition, rulebooks: Mapping[int, Rulebook]) -> tuple[int, int, date]:
    scope = Scope.ORGAN if place.branch is None else Scope.BRANCH
    kinds = [(rule.period, rule.scope) for rule in rulebooks[place.period.year].boards]
    return place.period.year, kinds.index((place.period.kind, scope)), place.period.first


def _placed(ranking: Ranking, median: Decimal | None) -> Iterator[BoardPosition]:
    """The places on a board from the first to the last."""
    period, branch, provisional = ranking.period, ranking.branch, ranking.provisional
    of, gaps = len(ranking.standings), _gaps(ranking)
    for one in ranking.standings:
        yield BoardPosition(period, branch, one.score.points, one.rank, of, provisional, gaps.get(one.rank), median)


def _gaps(ranking: Ranking) -> Mapping[int, Decimal]:
    """By rank, how many points more the rank above has; none for the first, nor for the vetoed."""
    points = {one.rank: one.score.points for one in ranking.standings if not one.score.vetoed}
    return {rank: points[above] - points[rank] for above, rank in pairwise(points)}


def _median(ranking: Ranking, rulebook: Rulebook) -> Decimal | None:
    points = [one.score.points for one in ranking.standings]
    if ranking.branch is None or len(points) < _FEWEST:
        return None
    return numbers.median(points, rulebook.rounding.rule, rulebook.rounding.step)
