"""Standings over time × rulebook → what follows from them, and because of which periods (section 五).

Only complete boards count (R20). A row of last places is broken by a quarter in which the member was not last, could
not be last, or stood on no complete board (R17).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import cache, partial
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.numbers import ZERO
from generator.core.basics.periods import Period, PeriodKind, get_period, periods_within, previous_period
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import BoardRule, Condition, Consequence, CountingScope, PlaceKind, Rulebook, Scope
from generator.core.model.tally import Ranking, Score, Standing
from generator.core.scoring import ranking
from generator.core.scoring.results import BoardKey, Rankings, Results


class BoardStanding(Struct, frozen=True):
    """A member's standing on a complete board of ``of`` rows; ``below`` of the whole period stand lower."""

    period: Period
    scope: Scope
    standing: Standing
    of: int
    below: int

    @property
    def board(self) -> BoardKey:
        """Which board it is: the period, and the branch or, of the organ's, None."""
        return self.period, self.standing.branch if self.scope is Scope.BRANCH else None


StandingHistory = Mapping[str, Sequence[BoardStanding]]


class Outcome(Struct, frozen=True):
    """What a rule decides about a member, and the places that made it so, oldest first."""

    member: Member
    rule: Consequence
    places: tuple[BoardStanding, ...]

    @property
    def because(self) -> tuple[Period, ...]:
        """The periods of these places."""
        return tuple(dict.fromkeys(one.period for one in self.places))


class NearOutcome(Outcome, frozen=True):
    """A member whom one more such place would bring under a rule: the places counted, and the period that may do it."""

    next: Period


def build_history(rankings: Rankings) -> StandingHistory:
    """Every member's places on complete boards, oldest first; of periods that end together the shorter first."""
    found: dict[str, list[BoardStanding]] = defaultdict(list)
    complete = [one for one in rankings.values() if not one.provisional]
    for board in sorted(complete, key=_in_time):
        for placed in _placed(board):
            found[placed.standing.member.id].append(placed)
    return found


def _in_time(one: Ranking | BoardStanding) -> tuple[date, int]:
    return one.period.last, -one.period.first.toordinal()


def _placed(board: Ranking) -> Iterator[BoardStanding]:
    scope = Scope.ORGAN if board.branch is None else Scope.BRANCH
    whole = sorted(one.rank for one in board.standings if not one.partial)
    for one in board.standings:
        below = len(whole) - bisect_right(whole, one.rank)
        yield BoardStanding(board.period, scope, one, len(board.standings), below)


def find_outcomes(results: Results, history: StandingHistory, year: int) -> tuple[Outcome, ...]:
    """All that the year's rulebook decides or suggests for that year, by rule, then by roster."""
    rulebook = results.rulebooks[year]
    concerned = _Concerned(history, rulebook)
    return tuple(
        Outcome(member, rule, counted)
        for rule in rulebook.consequences
        if rule.when
        for member in concerned.by(rule, results.roster)
        if (counted := _because(rule, _eligible(rule, member, history.get(member.id, ()), year), rulebook, year))
    )


class _Concerned:
    """Whom a rule may concern: only they are looked at more closely."""

    def __init__(self, places: StandingHistory, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._boards: dict[tuple[PeriodKind, Scope], list[BoardStanding]] = defaultdict(list)
        for own in places.values():
            for one in own:
                self._boards[one.period.kind, one.scope].append(one)

    def by(self, rule: Consequence, roster: Roster) -> Iterator[Member]:
        """Everybody with a place that counts towards a condition of the rule, in the order of the roster."""
        found = {one.standing.member.id for condition in rule.when for one in self._matching(condition)}
        return (member for member in roster.members if member.id in found)

    def _matching(self, condition: Condition) -> Iterator[BoardStanding]:
        board = self._rulebook.board[condition.board]
        return (one for one in self._boards[board.period, board.scope] if _matches(condition, one))


def _eligible(rule: Consequence, member: Member, places: Sequence[BoardStanding], year: int) -> list[BoardStanding]:
    """The places that may count: of the right status on the period's last day, and not after the year (R16)."""
    return [
        one for one in places if one.period.year <= year and rule.members in {None, member.status_on(one.period.last)}
    ]


def _because(
    rule: Consequence, places: Sequence[BoardStanding], rulebook: Rulebook, year: int
) -> tuple[BoardStanding, ...]:
    """The places that bring the rule about in that year, oldest first; none if they don't.

    Once one condition is met, the places that count towards the others are named with it.
    """
    hits = [_hits(condition, rule, places, rulebook, year) for condition in rule.when]
    met = any(len(found) >= condition.times for found, condition in zip(hits, rule.when, strict=True))
    counted = {one.board for found in hits for one in found}
    in_order = tuple(one for one in places if one.board in counted)
    return in_order if met and any(one.period.year == year for one in in_order) else ()


def _hits(
    condition: Condition, rule: Consequence, places: Sequence[BoardStanding], rulebook: Rulebook, year: int
) -> list[BoardStanding]:
    """The places that count towards a condition."""
    there = [one for one in _on(condition, places, rulebook) if _matches(condition, one)]
    if condition.consecutive:
        return _runs(there, condition.times, year)
    return [one for one in there if rule.within is CountingScope.PROBATION or one.period.year == year]


def _on(condition: Condition, places: Iterable[BoardStanding], rulebook: Rulebook) -> list[BoardStanding]:
    """The places on the boards that a condition speaks of."""
    board = rulebook.board[condition.board]
    return [one for one in places if (one.period.kind, one.scope) == (board.period, board.scope)]


def _matches(condition: Condition, one: BoardStanding) -> bool:
    if condition.place is PlaceKind.LAST:
        return one.standing.last
    if condition.place is PlaceKind.TOP:
        return one.standing.rank <= condition.among and not one.standing.score.vetoed
    return one.below < condition.among and not one.standing.partial


def _runs(there: Sequence[BoardStanding], times: int, year: int) -> list[BoardStanding]:
    """The places in a row of so many periods, one right after the other, the last of them in the year (R17)."""
    found: dict[Period, BoardStanding] = {}
    for end in range(times, len(there) + 1):
        row = there[end - times : end]
        if row[-1].period.year == year and all(previous_period(b.period) == a.period for a, b in pairwise(row)):
            found |= {one.period: one for one in row}
    return list(found.values())


def find_near_outcomes(
    results: Results, history: StandingHistory, complete: AbstractSet[BoardKey], year: int
) -> tuple[NearOutcome, ...]:
    """Who is one period away from a rule that decides something, while that period is not among the complete boards.

    Periods of the year count and, until one of the next is complete, those of the next: rows and probations cross New
    Year. A rule that one such place is enough for is near to everybody: it is not told. Neither is one that has come
    true already, in a probation once and for all.
    """
    rulebook = results.rulebooks[year]
    years = (year,) if any(stretch.year > year for stretch, _ in complete) else (year, year + 1)
    there = cache(partial(_there_throughout, results.roster))
    concerned = _Concerned(history, rulebook)
    return tuple(
        found
        for rule in rulebook.consequences
        if rule.effect and rule.effect.is_decision
        for member in concerned.by(rule, results.roster)
        if not _met(rule, own := _eligible(rule, member, history.get(member.id, ()), year), rulebook, year)
        for condition in rule.when
        if condition.times > 1 and any(_matches(condition, one) for one in _on(condition, own, rulebook))
        for board in [rulebook.board[condition.board]]
        for found in _nearest(
            replace(rule, when=(condition,)), own, _open(there, member, complete, board, years), rulebook
        )
    )


def _met(rule: Consequence, own: Sequence[BoardStanding], rulebook: Rulebook, year: int) -> bool:
    """Whether a rule has come true in the year, or in a probation in any year before."""
    years = {one.period.year for one in own} if rule.within is CountingScope.PROBATION else {year}
    return any(_because(rule, _until(own, one), rulebook, one) for one in years)


def _until(own: Sequence[BoardStanding], year: int) -> list[BoardStanding]:
    return [one for one in own if one.period.year <= year]


MembersThroughout = Callable[[Period, str | None], AbstractSet[str]]


def _open(
    there: MembersThroughout, member: Member, complete: AbstractSet[BoardKey], rule: BoardRule, years: Iterable[int]
) -> Iterator[BoardStanding]:
    """The member first, last and at the bottom of each such board that is not complete yet, where that is possible."""
    score = Score(ZERO, ZERO, {}, vetoed=False)
    for stretch in (one for year in years for one in periods_within(get_period(PeriodKind.YEAR, year), rule.period)):
        home = member.branch_on(stretch.last)
        if home is not None:
            standing = Standing(member, home, score, rank=1, partial=False, last=True)
            placed = BoardStanding(stretch, rule.scope, standing, of=0, below=0)
            if placed.board not in complete and _can_be_last(there(*placed.board), member):
                yield placed


def _can_be_last(there: AbstractSet[str], member: Member) -> bool:
    """Whether the member is there for the whole period, and another member is (R12, R13)."""
    return member.id in there and len(there) > 1


def _there_throughout(roster: Roster, stretch: Period, branch: str | None) -> AbstractSet[str]:
    """The members who are ranked in a period and were on the organ's roster through all of it."""
    return {one.id for one, _ in ranking.find_eligible_members(roster, stretch, branch) if one.since <= stretch.first}


def _nearest(
    rule: Consequence, own: Sequence[BoardStanding], supposed: Iterable[BoardStanding], rulebook: Rulebook
) -> Iterator[NearOutcome]:
    """The first of the supposed places that would bring about a rule of one condition, if it came true."""
    for one in supposed:
        member, year = one.standing.member, one.period.year
        there = sorted([*own, *_eligible(rule, member, [one], year)], key=_in_time)
        counted = _because(rule, there, rulebook, year)
        if one in counted and len(counted) > 1:
            yield NearOutcome(member, rule, tuple(place for place in counted if place is not one), one.period)
            return
