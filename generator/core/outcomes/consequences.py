"""Consequences of standings over time by the rulebook, and the periods behind them (section 五).

Only complete boards count (R20), and none that a cycle cuts short (R21). A run of last places is broken by a quarter in
which the member was not last, could not be last, or was on no board that counts (R17).
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
from generator.core.model.rulebook import (
    BoardRule,
    Condition,
    Consequence,
    CountingScope,
    PlaceKind,
    Rulebook,
    RuleVersion,
    Scope,
)
from generator.core.model.tally import Ranking, Score, Standing
from generator.core.scoring import ranking
from generator.core.scoring.results import BoardKey, Rankings, Results


class BoardStanding(Struct, frozen=True):
    """A member's standing on a board that counts, of ``of`` rows; ``below`` of the whole period are ranked lower."""

    period: Period
    scope: Scope
    standing: Standing
    of: int
    below: int

    @property
    def board(self) -> BoardKey:
        """The board's key: the period, and the branch or, of the organ's, None."""
        return self.period, self.standing.branch if self.scope is Scope.BRANCH else None


StandingHistory = Mapping[str, Sequence[BoardStanding]]


class Outcome(Struct, frozen=True):
    """A rule's decision about a member, and the places that brought it about, oldest first."""

    member: Member
    rule: Consequence
    places: tuple[BoardStanding, ...]

    @property
    def because(self) -> tuple[Period, ...]:
        """The periods of these places."""
        return tuple(dict.fromkeys(place.period for place in self.places))


class NearOutcome(Outcome, frozen=True):
    """A member whom one more such place would bring under a rule: the places counted, and the period that may do it."""

    next: Period


def build_history(rankings: Rankings, rulebooks: Mapping[int, Rulebook]) -> StandingHistory:
    """Return every member's places on the boards that count by member id, oldest first.

    Of periods that end together the shorter is first.
    """
    history: dict[str, list[BoardStanding]] = defaultdict(list)
    counting = [
        ranking
        for ranking in rankings.values()
        if not ranking.provisional and not rulebooks[ranking.period.year].term.cuts(ranking.period)
    ]
    for board in sorted(counting, key=_time_key):
        for place in _list_places(board):
            history[place.standing.member.id].append(place)
    return history


def _time_key(board: Ranking | BoardStanding) -> tuple[date, int]:
    return board.period.last, -board.period.first.toordinal()


def _list_places(board: Ranking) -> Iterator[BoardStanding]:
    scope = Scope.ORGAN if board.branch is None else Scope.BRANCH
    # A member who joined in the period is never at the bottom, and puts no other member there (R13).
    full_ranks = sorted(standing.rank for standing in board.standings if not standing.partial)
    for standing in board.standings:
        below = len(full_ranks) - bisect_right(full_ranks, standing.rank)
        yield BoardStanding(board.period, scope, standing, len(board.standings), below)


def find_outcomes(results: Results, history: StandingHistory, year: int) -> tuple[Outcome, ...]:
    """Return all that the year's rulebook decides or suggests for that year, by rule, then by roster.

    Each version of a rule decides by the periods that ended while it was in force. What an earlier version decided
    stays decided, and isn't decided again by a later one.
    """
    rulebook = results.rulebooks[year]
    index = _PlaceIndex(history, rulebook)
    outcomes: list[Outcome] = []
    for version in rulebook.rule_versions:
        rule, decided = version.rule, {_decision_key(outcome) for outcome in outcomes}
        for member in index.find_members(rule, results.roster):
            eligible = _select_eligible(version, member, history.get(member.id, ()), year)
            places = _find_decisive_places(version, eligible, rulebook, year)
            outcome = Outcome(member, rule, places)
            if places and _decision_key(outcome) not in decided:
                outcomes.append(outcome)
    return tuple(outcomes)


def _decision_key(outcome: Outcome) -> tuple[object, ...]:
    """Return a key that two outcomes share only if they are the same decision by one rule; a suggestion has its own."""
    rule = outcome.rule
    is_decision = rule.effect is not None and rule.effect.is_decision
    return rule.id, outcome.member.id, rule.effect, rule.grade, () if is_decision else rule


class _PlaceIndex:
    """Places by kind of board, to find the few members whom a rule may concern: only they are examined."""

    def __init__(self, history: StandingHistory, rulebook: Rulebook) -> None:
        self._rulebook = rulebook
        self._places: dict[tuple[PeriodKind, Scope], list[BoardStanding]] = defaultdict(list)
        for of_member in history.values():
            for place in of_member:
                self._places[place.period.kind, place.scope].append(place)

    def find_members(self, rule: Consequence, roster: Roster) -> Iterator[Member]:
        """Yield all with a place that counts towards a condition of the rule, in the order of the roster."""
        members = {place.standing.member.id for condition in rule.when for place in self._find_matches(condition)}
        return (member for member in roster.members if member.id in members)

    def _find_matches(self, condition: Condition) -> Iterator[BoardStanding]:
        board = self._rulebook.board[condition.board]
        return (place for place in self._places[board.period, board.scope] if _is_match(condition, place))


def _select_eligible(
    version: RuleVersion, member: Member, places: Sequence[BoardStanding], year: int
) -> list[BoardStanding]:
    """Return the places that may count: of the right status on the period's last day, and not after the year (R16).

    Nor do those count of periods that ended when the rule was no longer in force.
    """
    members = version.rule.members
    return [
        place
        for place in places
        if place.period.year <= year
        and place.period.last < version.until
        and members in {None, member.status_on(place.period.last)}
    ]


def _find_decisive_places(
    version: RuleVersion, places: Sequence[BoardStanding], rulebook: Rulebook, year: int
) -> tuple[BoardStanding, ...]:
    """Return the places that bring the rule about in that year, oldest first; none if they don't.

    Once one condition is met, the places that count towards the others are named with it. One of them must be of a
    period that ended in the year while the rule was in force.
    """
    rule = version.rule
    matches = [_select_matches(condition, version, places, rulebook, year) for condition in rule.when]
    is_met = any(len(counted) >= condition.times for counted, condition in zip(matches, rule.when, strict=True))
    boards = {place.board for counted in matches for place in counted}
    in_order = tuple(place for place in places if place.board in boards)
    decides = any(place.period.year == year and version.is_in_force(place.period.last) for place in in_order)
    return in_order if is_met and decides else ()


def _select_matches(
    condition: Condition, version: RuleVersion, places: Sequence[BoardStanding], rulebook: Rulebook, year: int
) -> list[BoardStanding]:
    """Return the places that count towards a condition."""
    rule = version.rule
    matches = [
        place
        for place in _select_on_board(condition, places, rulebook)
        if _is_match(condition, place) and _is_counted(condition, version, place)
    ]
    if condition.consecutive:
        return _find_runs(matches, condition.times, year)
    # The quarters and halves of a whole probation count together (R16), all others within the year alone.
    return [place for place in matches if rule.within is CountingScope.PROBATION or place.period.year == year]


def _is_counted(condition: Condition, version: RuleVersion, place: BoardStanding) -> bool:
    """Return whether a place counts under a version of a rule: it does if the version was in force by then.

    Of the time before, it counts where several places are needed, if it counted under the version of its time, too.
    """
    day = place.period.last
    if version.is_in_force(day):
        return True
    return condition.times > 1 and any(
        _is_match(earlier_condition, place)
        for earlier in version.before
        if earlier.is_in_force(day)
        for earlier_condition in earlier.rule.when
        if earlier_condition.board == condition.board
    )


def _select_on_board(condition: Condition, places: Iterable[BoardStanding], rulebook: Rulebook) -> list[BoardStanding]:
    """Return the places on the boards that a condition names."""
    board = rulebook.board[condition.board]
    return [place for place in places if (place.period.kind, place.scope) == (board.period, board.scope)]


def _is_match(condition: Condition, place: BoardStanding) -> bool:
    if condition.place is PlaceKind.LAST:
        return place.standing.last
    if condition.place is PlaceKind.TOP:
        return place.standing.rank <= condition.among and not place.standing.score.vetoed
    return place.below < condition.among and not place.standing.partial


def _find_runs(matches: Sequence[BoardStanding], times: int, year: int) -> list[BoardStanding]:
    """Return the places in runs of so many periods, one right after the other, the last of them in the year (R17)."""
    by_period: dict[Period, BoardStanding] = {}
    for end in range(times, len(matches) + 1):
        run = matches[end - times : end]
        if run[-1].period.year == year and all(
            previous_period(later.period) == earlier.period for earlier, later in pairwise(run)
        ):
            by_period |= {place.period: place for place in run}
    return list(by_period.values())


def find_near_outcomes(
    results: Results, history: StandingHistory, complete_boards: AbstractSet[BoardKey], year: int
) -> tuple[NearOutcome, ...]:
    """Return the members one period away from a decisive rule, while that period is not among the complete boards.

    Periods of the year count and, until one of the next is complete, those of the next: runs and probations cross New
    Year. Rules that one such place is enough for are left out: they are near to every member. So are those that have
    come true already, in a probation once and for all.
    """
    rulebook = results.rulebooks[year]
    years = (year,) if any(period.year > year for period, _ in complete_boards) else (year, year + 1)
    # The same boards are looked up for one member after another.
    full_members = cache(partial(_find_full_members, results.roster))
    index = _PlaceIndex(history, rulebook)
    return tuple(
        near_outcome
        for version in rulebook.rule_versions
        if version.rule.effect and version.rule.effect.is_decision
        for member in index.find_members(version.rule, results.roster)
        if not _has_come_true(
            version, places := _select_eligible(version, member, history.get(member.id, ()), year), rulebook, year
        )
        for condition in version.rule.when
        if condition.times > 1
        and any(_is_match(condition, place) for place in _select_on_board(condition, places, rulebook))
        for board in [rulebook.board[condition.board]]
        for near_outcome in _find_nearest(
            replace(version, rule=replace(version.rule, when=(condition,))),
            places,
            (
                place
                for place in _suppose_places(full_members, member, complete_boards, board, years)
                if version.is_in_force(place.period.last) and rulebook.has_board(board.id, place.period.last)
                if not _is_cut_short(results, place.period)
            ),
            rulebook,
        )
    )


def _is_cut_short(results: Results, period: Period) -> bool:
    rulebook = results.rulebooks.get(period.year)
    return rulebook is not None and rulebook.term.cuts(period)


def _has_come_true(version: RuleVersion, places: Sequence[BoardStanding], rulebook: Rulebook, year: int) -> bool:
    """Return whether a rule has come true in the year, or in a probation in any year before."""
    is_lasting = version.rule.within is CountingScope.PROBATION
    years = {place.period.year for place in places} if is_lasting else {year}
    return any(_find_decisive_places(version, _select_up_to(places, end), rulebook, end) for end in years)


def _select_up_to(places: Sequence[BoardStanding], year: int) -> list[BoardStanding]:
    return [place for place in places if place.period.year <= year]


MembersThroughout = Callable[[Period, str | None], AbstractSet[str]]


def _suppose_places(
    full_members: MembersThroughout,
    member: Member,
    complete_boards: AbstractSet[BoardKey],
    rule: BoardRule,
    years: Iterable[int],
) -> Iterator[BoardStanding]:
    """Yield the member first, last and at the bottom of each such board not complete yet, where that is possible."""
    score = Score(ZERO, ZERO, {}, vetoed=False)
    periods = (period for year in years for period in periods_within(get_period(PeriodKind.YEAR, year), rule.period))
    for period in periods:
        branch_id = member.branch_on(period.last)
        if branch_id is not None:
            standing = Standing(member, branch_id, score, rank=1, partial=False, last=True)
            place = BoardStanding(period, rule.scope, standing, of=0, below=0)
            if place.board not in complete_boards and _can_be_last(full_members(*place.board), member):
                yield place


def _can_be_last(full_members: AbstractSet[str], member: Member) -> bool:
    """Return whether the member is there for the whole period, and another member is (R12, R13)."""
    return member.id in full_members and len(full_members) > 1


def _find_full_members(roster: Roster, period: Period, branch: str | None) -> AbstractSet[str]:
    """Return the members who are ranked in a period and were on the organ's roster through all of it."""
    eligible = ranking.find_eligible_members(roster, period, branch)
    return {member.id for member, _ in eligible if member.since <= period.first}


def _find_nearest(
    version: RuleVersion, places: Sequence[BoardStanding], supposed_places: Iterable[BoardStanding], rulebook: Rulebook
) -> Iterator[NearOutcome]:
    """Yield the first of the supposed places that would bring about a rule of one condition, if it came true."""
    for supposed in supposed_places:
        member, year = supposed.standing.member, supposed.period.year
        in_order = sorted([*places, *_select_eligible(version, member, [supposed], year)], key=_time_key)
        decisive = _find_decisive_places(version, in_order, rulebook, year)
        if supposed in decisive and len(decisive) > 1:
            other_places = tuple(place for place in decisive if place is not supposed)
            yield NearOutcome(member, version.rule, other_places, supposed.period)
            return
