"""What each correction changed on boards that were complete by then: the board before it and after it.

The numbers that approvals are given in their organ say what came before what, so that a revision keeps its number and
its address whatever is approved later. The roster is today's: where it was corrected along with a month, a board before
that shows the corrected roster too; it counts as changed all the same.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from generator.core import coverage
from generator.core import results as scored
from generator.core.model import Approval, Correction, Key, Line, Ranking, Rulebook, Scope, Tally, ValidLedger
from generator.core.periods import Kind, Period, around, before, inside, months
from generator.core.results import Results, Shard

Moment = tuple[int, date, bool, int, int]
_Written = tuple[tuple[str, Period, int], ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """A board's change by one correction: the board's ``number``-th, ``order``-th of the month it corrects.

    ``preceding`` is the board of the period before as it stood then; ``ledgers`` are what its branches had that year.
    """

    number: int
    before: Ranking
    after: Ranking
    preceding: Ranking | None
    ledgers: Mapping[Key, ValidLedger]
    correction: Correction
    corrected: Key
    order: int


Revisions = Mapping[tuple[Period, str | None], tuple[Revision, ...]]


class _Home(NamedTuple):
    """A branch's ledgers of a year in one of their states, which ``written`` tells from every other."""

    written: _Written
    ledgers: tuple[ValidLedger, ...]


@dataclass(slots=True)
class _History:
    """Every state that the ledgers were in, scored for whom it is asked and once for all states alike.

    ``versions`` by branch, then year.
    """

    results: Results
    versions: Mapping[tuple[str, int], Mapping[Key, Sequence[ValidLedger]]]
    moments: Mapping[str, Moment]
    shards: dict[_Written, Shard] = field(default_factory=dict)
    tallies: dict[tuple[str, tuple[_Written, ...]], Tally] = field(default_factory=dict)

    def moment(self, ledger: ValidLedger) -> Moment:
        """When a month's newest approval took its place."""
        return self.moments[ledger.approvals[-1].digest]

    def shard(self, home: _Home, year: int) -> Shard:
        """What one branch's ledgers of a year come to."""
        if home.written not in self.shards:
            self.shards[home.written] = scored.shard(home.ledgers, self.results.rulebooks[year])
        return self.shards[home.written]

    def tally(self, member: str, homes: Sequence[_Home], year: int) -> Tally:
        """What the ledgers of the branches that a member ever belonged to come to for him."""
        key = member, tuple([home.written for home in homes])
        if key not in self.tallies:
            shards = (self.shard(home, year) for home in homes)
            parts = [shard[member] for shard in shards if member in shard]
            self.tallies[key] = scored.tally(parts, self.results.rulebooks[year])
        return self.tallies[key]


@dataclass(slots=True, eq=False)
class _State(Mapping[str, Tally]):
    """Everybody's tally of a year just before a moment, or ``including`` it just after: made for whom it is asked."""

    history: _History
    year: int
    moment: Moment
    including: bool
    known: dict[str, _Home] = field(default_factory=dict)
    made: dict[str | None, Results] = field(default_factory=dict)

    def home(self, branch: str) -> _Home:
        """What counted of a branch."""
        if branch not in self.known:
            versions = self.history.versions.get((branch, self.year), {}).values()
            there = ([one for one in found if self._there(one)][-1:] for found in versions)
            ledgers = tuple(one for found in there for one in found)
            written = tuple((one.branch, one.month, len(one.corrections)) for one in ledgers)
            self.known[branch] = _Home(written, ledgers)
        return self.known[branch]

    def _there(self, ledger: ValidLedger) -> bool:
        own = self.history.moment(ledger)
        return own < self.moment or (self.including and own == self.moment)

    def results(self, branch: str | None) -> Results:
        """The standing of everybody on a branch's board; None: on the organ's."""
        if branch not in self.made:
            keys = frozenset(self.keyed(branch))
            self.made[branch] = replace(self.history.results, tallies={self.year: self}, approved=keys, scored=keys)
        return self.made[branch]

    def keyed(self, branch: str | None) -> Mapping[Key, ValidLedger]:
        """What a branch's board of the year rests on; None: the organ's."""
        homes = self.history.results.roster.branch if branch is None else (branch,)
        return {(home, one.month): one for home in homes for one in self.home(home).ledgers}

    def __getitem__(self, member: str) -> Tally:
        homes = self.history.results.roster.homes[member]
        return self.history.tally(member, [self.home(home) for home in homes], self.year)

    def __iter__(self) -> Iterator[str]:
        return iter(self.history.results.roster.member)

    def __len__(self) -> int:
        return len(self.history.results.roster.member)


@dataclass(frozen=True, slots=True)
class Amendment:
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


def moments(
    chains: Mapping[str, Sequence[Approval]], versions: Mapping[Key, Sequence[ValidLedger]]
) -> Mapping[str, Moment]:
    """When each approval takes its place, by digest: by its number in the organ, given once and for ever.

    Where it has none, by day; on one day ledgers come before corrections.
    """
    ledgers = {found[0].approvals[0].digest for found in versions.values()}
    found: dict[str, Moment] = {}
    for position, chain in enumerate(chains.values()):
        day = date.min
        for link, approval in enumerate(chain):
            day = max(day, approval.meeting)
            found[approval.digest] = approval.serial or 0, day, approval.digest not in ledgers, position, link
    return found


def revisions(
    results: Results, versions: Mapping[Key, Sequence[ValidLedger]], chains: Mapping[str, Sequence[Approval]]
) -> Revisions:
    """Every revision by board, oldest first; ``versions`` are a month's, before any correction and after each."""
    homes: dict[tuple[str, int], dict[Key, Sequence[ValidLedger]]] = defaultdict(dict)
    for key, known in versions.items():
        homes[key[0], key[1].year][key] = known
    history = _History(results, homes, moments(chains, versions))
    found: dict[tuple[Period, str | None], list[Revision]] = defaultdict(list)
    for key, order, ledger in _corrected(history, versions):
        for revision in _revised(history, key, order, ledger):
            board = revision.after.period, revision.after.branch
            found[board].append(replace(revision, number=len(found[board]) + 1))
    return {board: tuple(revised) for board, revised in found.items()}


def _corrected(history: _History, versions: Mapping[Key, Sequence[ValidLedger]]) -> list[tuple[Key, int, ValidLedger]]:
    """Every corrected version of every month, with the number of its newest correction, in the order of time."""
    found = [(key, order, ledger) for key, known in versions.items() for order, ledger in enumerate(known) if order]
    return sorted(found, key=lambda one: history.moment(one[2]))


def _revised(history: _History, key: Key, order: int, ledger: ValidLedger) -> Iterator[Revision]:
    year, moment = key[1].year, history.moment(ledger)
    earlier = _State(history, year, moment, including=False)
    later = _State(history, year, moment, including=True)
    homes = _homes(earlier, later, key[0]) | ({key[0]} if _rerolled(ledger) else set())
    for stretch, branch in _boards(earlier, key[1], homes):
        old, new = (scored.rank(state.results(branch), stretch, branch) for state in (earlier, later))
        rerolled = _rerolled(ledger) and key[1] in stretch and branch in {None, key[0]}
        if rerolled or _figures(old) != _figures(new):
            yield Revision(
                number=0,
                before=old,
                after=new,
                preceding=_preceding(earlier.results(branch), history.results, stretch, branch),
                ledgers=earlier.keyed(branch),
                correction=ledger.corrections[-1],
                corrected=key,
                order=order,
            )


def _rerolled(ledger: ValidLedger) -> bool:
    """Whether the newest correction sealed another roll than the approval before it."""
    before, after = ledger.approvals[-2:]
    return before.roll != after.roll


def _homes(earlier: _State, later: _State, branch: str) -> set[str]:
    """The branches whose boards a correction of this one may have changed.

    These are all that a member whose tally changed ever belonged to.
    """
    history, year = earlier.history, earlier.year
    named = {one for state in (earlier, later) for one in history.shard(state.home(branch), year)}
    changed = (one for one in named if _sums(earlier[one]) != _sums(later[one]))
    return {home for one in changed for home in history.results.roster.homes[one]}


def _sums(tally: Tally) -> object:
    return tally.running, tally.veto and tally.veto.month


def _boards(earlier: _State, month: Period, homes: Collection[str]) -> Iterator[tuple[Period, str | None]]:
    """The boards of a year that a change of a month may have changed (R7) and that were complete before."""
    results = earlier.history.results
    changed = [one for one in results.roster.branch if one in homes]
    for rule in results.rulebooks[earlier.year].boards if changed else ():
        for stretch in inside(around(Kind.YEAR, month), rule.period):
            for branch in changed if rule.scope is Scope.BRANCH else (None,):
                approved = earlier.results(branch).approved
                complete = not coverage.missing(results.roster, approved, stretch, branch, results.today)
                if stretch.last >= month.last and complete:
                    yield stretch, branch


def _figures(ranking: Ranking) -> object:
    return [(one.member.id, one.rank, one.score.points, one.score.total) for one in ranking.standings]


def _preceding(earlier: Results, now: Results, stretch: Period, branch: str | None) -> Ranking | None:
    """The board of the period before: of the same year as it stood then, of the year before as it stands."""
    last = before(stretch)
    known = earlier if last.year == stretch.year else now
    homes = known.roster.branch if branch is None else (branch,)
    there = any((home, month) in known.scored for home in homes for month in months(last))
    return scored.rank(known, last, branch) if there and last.year in known.tallies else None
