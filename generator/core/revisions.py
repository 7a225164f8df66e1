"""What each correction changed on boards that were complete by then: the board before it and after it.

The numbers that approvals are given in their organ say what came before what, so that a revision keeps its number and
its address whatever is approved later. The roster is today's: where it was corrected along with a month, a board before
that shows the corrected roster too; it counts as changed all the same.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core import coverage
from generator.core import results as scored
from generator.core.model import (
    Approval,
    Cause,
    Correction,
    Key,
    Line,
    Ranking,
    Roster,
    Rulebook,
    Scope,
    Tally,
    ValidLedger,
)
from generator.core.periods import Kind, Period, before, inside, months, period
from generator.core.ranking import Candidate
from generator.core.results import Results, Scopes, Shard
from generator.core.sources import Approvals, approvals

Moment = tuple[int, date, bool, int, int]


class Revision(Struct, frozen=True):
    """A board's change by one correction: the board's ``number``-th, ``order``-th of the month it corrects.

    ``preceding`` is the board of the period before as it stood then; ``approvals`` are what the earlier board rests on,
    and ``approval`` is the correction's.
    """

    number: int
    before: Ranking
    after: Ranking
    preceding: Ranking | None
    approvals: Approvals
    kind: Cause
    approval: Approval
    corrected: Key
    order: int


Revisions = Mapping[tuple[Period, str | None], tuple[Revision, ...]]


class _History(Struct):
    """Every state that a year's ledgers were in, scored on demand; a branch-year is scored once for all its states."""

    results: Results
    versions: Mapping[Key, Sequence[ValidLedger]]
    moments: Mapping[str, Moment]
    shards: dict[tuple[str, int, tuple[tuple[Period, int], ...]], Shard] = field(default_factory=dict)

    def ledgers(self, year: int, moment: Moment, *, including: bool) -> dict[Key, ValidLedger]:
        """What counted in a year just before a moment, or just after it."""
        found = {}
        for key, versions in self.versions.items():
            known = [one for one in versions if key[1].year == year and self._there(one, moment, including=including)]
            found.update({key: known[-1]} if known else {})
        return found

    def _there(self, ledger: ValidLedger, moment: Moment, *, including: bool) -> bool:
        own = self.moments[ledger.approvals[-1].digest]
        return own < moment or (including and own == moment)

    def state(self, year: int, ledgers: Mapping[Key, ValidLedger]) -> Results:
        """The standing of everybody in a year from these ledgers."""
        homes: dict[str, list[ValidLedger]] = defaultdict(list)
        for (branch, _), ledger in ledgers.items():
            homes[branch].append(ledger)
        shards = [self._shard(branch, year, homes[branch]) for branch in self.results.roster.branch]
        tallies = scored.merge(shards, self.results.roster, self.results.rulebooks[year])
        keys = frozenset(ledgers)
        return replace(self.results, tallies={year: tallies}, approved=keys, scored=keys)

    def _shard(self, branch: str, year: int, ledgers: Sequence[ValidLedger]) -> Shard:
        key = branch, year, tuple((one.month, len(one.corrections)) for one in ledgers)
        if key not in self.shards:
            self.shards[key] = scored.shard(ledgers, self.results.rulebooks[year])
        return self.shards[key]


class Amendment(Struct, frozen=True):
    """An approved correction of a branch's month, the ``order``-th.

    ``members`` are those whose own points or attendance it changed: they are told why. ``others`` have a line that only
    reads otherwise, such as an activity's title.
    """

    corrected: Key
    order: int
    correction: Correction
    members: frozenset[str]
    others: frozenset[str]


def amendments(results: Results, versions: Mapping[Key, Sequence[ValidLedger]]) -> tuple[Amendment, ...]:
    """Every approved correction, by branch, month and number."""
    return tuple(
        _amendment(key, order, earlier, later, results.rulebooks[key[1].year])
        for key, found in versions.items()
        for order, (earlier, later) in enumerate(pairwise(found), start=1)
    )


def emptied(found: Iterable[Amendment]) -> Mapping[Key, Sequence[bool]]:
    """By corrected month, after each of its corrections: whether all its lines are struck, and none added since."""
    after: dict[Key, list[bool]] = defaultdict(list)
    for one in found:
        added, empty = one.correction.activities or one.correction.entries, after[one.corrected][-1:] == [True]
        after[one.corrected].append(one.correction.whole or (empty and not added))
    return after


def _amendment(key: Key, order: int, earlier: ValidLedger, later: ValidLedger, rulebook: Rulebook) -> Amendment:
    old, new = scored.shard([earlier], rulebook), scored.shard([later], rulebook)
    changed = {one for one in {*old, *new} if _told(old.get(one, ())) != _told(new.get(one, ()))}
    worded = {one for one in {*old, *new} if _worded(old.get(one, ())) != _worded(new.get(one, ()))}
    return Amendment(key, order, later.corrections[-1], frozenset(changed), frozenset(worded - changed))


def _told(lines: Iterable[Line]) -> object:
    """What a member's lines come to: items, points and how he took part, whatever they are called."""
    return [(line.item.id, line.earned, line.reason) for line in lines]


def _worded(lines: Iterable[Line]) -> object:
    """A member's lines apart from where they are written."""
    return [(line.date, line.what, line.reason, line.evidence) for line in lines]


def moments(chains: Mapping[str, Sequence[Approval]], ledgers: Container[str], roster: Roster) -> Mapping[str, Moment]:
    """When each approval takes its place, by digest: by its number in the organ, given once and for ever.

    Where it has none, by day; on one day those of ``ledgers`` come before corrections, then branches in roster order.
    """
    found: dict[str, Moment] = {}
    for branch, chain in chains.items():
        position = roster.position[branch]
        day = date.min
        for link, approval in enumerate(chain):
            day = max(day, approval.meeting)
            found[approval.digest] = approval.serial or 0, day, approval.digest not in ledgers, position, link
    return found


Versions = Mapping[Key, Sequence[ValidLedger]]
Chains = Mapping[str, Sequence[Approval]]


def revisions(results: Results, versions: Versions, chains: Chains, scopes: Scopes | None = None) -> Revisions:
    """Every revision by board, oldest first; ``versions`` are a month's, before any correction and after each.

    ``scopes``, if given, are the branches that are asked for, None among them for the organ.
    """
    history = _history(results, versions, chains)
    found: dict[tuple[Period, str | None], list[Revision]] = defaultdict(list)
    for key, order, ledger in _corrected(history):
        for revision in _revised(history, key, order, ledger, scopes=scopes):
            board = revision.after.period, revision.after.branch
            found[board].append(replace(revision, number=len(found[board]) + 1))
    return {board: tuple(revised) for board, revised in found.items()}


def _corrected(history: _History) -> list[tuple[Key, int, ValidLedger]]:
    """Every corrected version of every month, with the number of its newest correction, in the order of time."""
    found = [
        (key, order, ledger)
        for key, versions in history.versions.items()
        for order, ledger in enumerate(versions)
        if order
    ]
    return sorted(found, key=lambda one: history.moments[one[2].approvals[-1].digest])


Point = tuple[Period, Moment, bool]


def candidates(
    results: Results, versions: Versions, chains: Chains, points: Iterable[Point]
) -> Iterator[Iterator[Candidate]]:
    """Who was ranked in the organ in periods just before a moment or, if the point says so, just after it."""
    history = _history(results, versions, chains)
    for stretch, moment, including in points:
        state = history.state(stretch.year, history.ledgers(stretch.year, moment, including=including))
        yield scored.candidates(state, stretch, None)


def _history(results: Results, versions: Versions, chains: Chains) -> _History:
    ledgers = {found[0].approvals[0].digest for found in versions.values()}
    return _History(results, versions, moments(chains, ledgers, results.roster))


def _revised(
    history: _History, key: Key, order: int, ledger: ValidLedger, *, scopes: Scopes | None
) -> Iterator[Revision]:
    year, moment = key[1].year, history.moments[ledger.approvals[-1].digest]
    ledgers = history.ledgers(year, moment, including=False)
    earlier = history.state(year, ledgers)
    later = history.state(year, history.ledgers(year, moment, including=True))
    homes = _homes(earlier, later, year) | ({key[0]} if _rerolled(ledger) else set())
    for stretch, branch in _boards(earlier, year, homes):
        if scopes is not None and branch not in scopes:
            continue
        old, new = scored.rank(earlier, stretch, branch), scored.rank(later, stretch, branch)
        rerolled = _rerolled(ledger) and key[1] in stretch and branch in {None, key[0]}
        if rerolled or differ(old, new):
            yield Revision(
                number=0,
                before=old,
                after=new,
                preceding=_preceding(earlier, history.results, stretch, branch),
                approvals=approvals(ledgers),
                kind=ledger.corrections[-1].kind,
                approval=ledger.approvals[-1],
                corrected=key,
                order=order,
            )


def _rerolled(ledger: ValidLedger) -> bool:
    """Whether the newest correction sealed another roll than the approval before it."""
    before, after = ledger.approvals[-2:]
    return before.roll != after.roll


def _homes(earlier: Results, later: Results, year: int) -> set[str]:
    """The branches whose boards may have changed: all that a member whose tally changed ever belonged to."""
    one, other = earlier.tallies[year], later.tallies[year]
    return {
        span.branch
        for member in earlier.roster.members
        if _sums(one[member.id]) != _sums(other[member.id])
        for span in member.spans
    }


def _sums(tally: Tally) -> object:
    return tally.running, tally.veto and tally.veto.month


def _boards(earlier: Results, year: int, homes: Iterable[str]) -> Iterator[tuple[Period, str | None]]:
    """The boards of a year that may have changed and were complete before."""
    changed = set(homes)
    for rule in earlier.rulebooks[year].boards:
        branches = [one for one in earlier.roster.branch if one in changed] if rule.scope is Scope.BRANCH else [None]
        for stretch in inside(period(Kind.YEAR, year), rule.period):
            for branch in branches if changed else []:
                if not coverage.missing(earlier.roster, earlier.approved, stretch, branch, earlier.today):
                    yield stretch, branch


def differ(one: Ranking, other: Ranking) -> bool:
    """Whether anybody's rank, points or total differs on two boards, or who is on them."""
    return _figures(one) != _figures(other)


def _figures(ranking: Ranking) -> object:
    return [(one.member.id, one.rank, one.score.points, one.score.total) for one in ranking.standings]


def _preceding(earlier: Results, now: Results, stretch: Period, branch: str | None) -> Ranking | None:
    """The board of the period before: of the same year as it stood then, of the year before as it stands."""
    last = before(stretch)
    known = earlier if last.year == stretch.year else now
    homes = known.roster.branch if branch is None else (branch,)
    there = any((home, month) in known.scored for home in homes for month in months(last))
    return scored.rank(known, last, branch) if there and last.year in known.tallies else None
