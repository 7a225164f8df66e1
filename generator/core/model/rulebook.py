"""A published regulation as data: items, points, ceilings, boards, and the consequences of results (section 五)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.numbers import RoundingMode
from generator.core.basics.periods import PeriodKind
from generator.core.model.cycle_term import WHOLE_YEAR, CycleTerm
from generator.core.model.roster import MembershipStatus


class Window(StrEnum):
    """The time over which a ceiling holds or an activity is expected."""

    CYCLE = "cycle"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    DAY = "day"


class Veto(StrEnum):
    """The effect of a sanction (二（三）4): zero to the end of the cycle, or a fresh start after its month."""

    CYCLE = "cycle"
    RESET = "reset"


class TieRule(StrEnum):
    """The ranks after a tie: competition ranking 1, 2, 2, 4 or dense ranking 1, 2, 2, 3."""

    COMPETITION = "competition"
    DENSE = "dense"


class Scope(StrEnum):
    """The members who are ranked together: those of a branch, or of the whole organ."""

    BRANCH = "branch"
    ORGAN = "organ"


class Group(Struct, frozen=True):
    """A part of the score with its own ceilings, such as 基础积分."""

    id: str
    title: str
    cap: Mapping[Window, Decimal] = field(default_factory=dict)


class Level(Struct, frozen=True):
    """One of an item's alternative results, such as 取得名次."""

    id: str
    title: str
    points: Decimal


class Expectation(Struct, frozen=True):
    """The number of ``times`` that an activity should be held ``per`` window."""

    per: Window
    times: int


class Item(Struct, frozen=True):
    """A matter that earns or costs points; exactly one of ``points``, ``levels`` and ``veto`` is set.

    ``also`` are other names by which ledgers may name it; no approval seals them.
    """

    id: str
    group: str
    title: str
    clause: str
    points: Decimal | None = None
    levels: tuple[Level, ...] = ()
    veto: Veto | None = None
    cap: Mapping[Window, Decimal] = field(default_factory=dict)
    roll: bool = False
    leave: str | None = None
    absent: str | None = None
    expect: Expectation | None = None
    evidence: tuple[str, ...] = ()
    note: str = ""
    also: tuple[str, ...] = ()

    @property
    def is_activity(self) -> bool:
        """True if it can be held as an activity: a fixed award."""
        return self.points is not None and self.points > 0


class BoardRule(Struct, frozen=True):
    """A board to publish: its kind of period and the members who are ranked."""

    id: str
    period: PeriodKind
    scope: Scope
    title: str = ""
    clause: str = ""


class Interpretation(Struct, frozen=True):
    """A choice made where the regulation is silent, in words, with the clause it explains."""

    title: str
    text: str
    clause: str = ""


class PlaceKind(StrEnum):
    """A kind of place on a board: last as R12 defines it, or among the first or the last few."""

    LAST = "last"
    TOP = "top"
    BOTTOM = "bottom"


class Condition(Struct, frozen=True):
    """A place on a board, so many ``times``, in a row if ``consecutive``.

    ``among`` is the size of the top or bottom.
    """

    board: str
    place: PlaceKind
    among: int = 1
    times: int = 1
    consecutive: bool = False


class CountingScope(StrEnum):
    """The periods that count together: those of the assessed cycle, or of the whole probation up to its end (R16)."""

    CYCLE = "cycle"
    PROBATION = "probation"


class Effect(StrEnum):
    """The effect of a rule: fixes a grade, delays full membership, bars from a grade and awards; or only lists."""

    GRADE = "grade"
    DELAY = "delay"
    BAR = "bar"
    TALK = "talk"
    RECOMMEND = "recommend"

    @property
    def is_decision(self) -> bool:
        """True if the effect is decided, not only suggested."""
        return self not in {Effect.TALK, Effect.RECOMMEND}


class Consequence(Struct, frozen=True):
    """A consequence of the results, in words, with its clause (section 五); it is a rule if ``when`` has conditions.

    It concerns ``members`` of that status on a period's last day (None: all). Any one of its conditions is enough.
    ``grade`` is the grade that it fixes or bars from.
    """

    id: str
    title: str
    clause: str
    text: str
    members: MembershipStatus | None = None
    when: tuple[Condition, ...] = ()
    within: CountingScope = CountingScope.CYCLE
    effect: Effect | None = None
    grade: str | None = None


class RoundingRule(Struct, frozen=True):
    """The rounding of a mean or a composite: in mode ``rule``, to a multiple of ``step``."""

    rule: RoundingMode = RoundingMode.HALF_UP
    step: Decimal = Decimal("0.01")


class PointsScale(StrEnum):
    """The scale on which points enter the composite (R18): raw, in per cent of all that can be earned, or up to 100."""

    RAW = "raw"
    PERCENT = "percent"
    CAPPED = "capped"


class EdgeRule(StrEnum):
    """The treatment of a tie across the edge of a grade's largest share: none of the tied gets the grade, or all do."""

    NONE = "none"
    ALL = "all"


class Grade(Struct, frozen=True):
    """A grade of the annual appraisal 等次 and the composites that earn it.

    The composite must be ``at_least`` this, or ``above`` that; the lowest grade has neither. ``share`` is the largest
    part of all appraised members that may have it.
    """

    title: str
    at_least: Decimal | None = None
    above: Decimal | None = None
    share: Fraction | None = None
    edge: EdgeRule = EdgeRule.NONE

    def is_reached_by(self, composite: Decimal) -> bool:
        """Return whether a composite is high enough for the grade."""
        if self.at_least is not None:
            return composite >= self.at_least
        return self.above is None or composite > self.above


class AppraisalRule(Struct, frozen=True):
    """The weights of points and of the democratic appraisal's score, 0 to 100, in the annual appraisal (五3, R18, R19).

    ``grades`` are ordered from the best down; none if the regulation names no thresholds.
    """

    clause: str
    points: Decimal
    review: Decimal
    scale: PointsScale = PointsScale.RAW
    rounding: RoundingRule = field(default_factory=RoundingRule)
    grades: tuple[Grade, ...] = ()


class AwardCriterion(StrEnum):
    """A criterion that sorts the candidates for an award: votes, most first, or the rank on a board."""

    VOTES = "votes"
    RANK = "rank"


class AwardRule(Struct, frozen=True):
    """The comparison of votes with a board's ranking for an award (五2); ``order`` ranks the two criteria."""

    clause: str
    board: str
    order: tuple[AwardCriterion, ...] = (AwardCriterion.VOTES, AwardCriterion.RANK)


class BookkeepingRule(Struct, frozen=True):
    """The duty of a branch towards its own ledgers (五6): approved by the ``due``-th day of the month after."""

    clause: str
    due: int


class EndedEntry(Struct, frozen=True):
    """An entry that there is no more from a day on, by its id."""

    id: str


class RulebookChange(Struct, frozen=True):
    """Entries of a rulebook from a day on.

    A board or consequence replaces the one of its id, or is added to the others. None where something stays the same.
    """

    since: date
    reason: str
    boards: tuple[BoardRule | EndedEntry, ...] = ()
    rounding: RoundingRule | None = None
    consequences: tuple[Consequence | EndedEntry, ...] = ()
    bookkeeping: BookkeepingRule | EndedEntry | None = None


class RuleVersion(Struct, frozen=True):
    """A consequence that is a rule, with its first day and the first day after it.

    ``before`` are the earlier versions under the same id.
    """

    rule: Consequence
    first: date
    until: date
    before: tuple["RuleVersion", ...] = ()

    def is_in_force(self, day: date) -> bool:
        """Return whether the rule decides the boards of a period that ends on that day."""
        return self.first <= day < self.until


# Compared and hashed by identity (``eq=False``), so that results by rulebook can be memoised; ``dict`` holds the cached
# properties.
class Rulebook(Struct, frozen=True, eq=False, dict=True):
    """One regulation as data. ``floor`` None means points may be negative (R6). A rulebook is equal only to itself.

    ``changes`` are in the order of their days; all other fields are those before the first of them. ``origin`` is the
    rulebook of which this one is the state on a day. ``term`` is of the year that uses it, not of its file.
    """

    id: str
    title: str
    issued: date
    groups: tuple[Group, ...]
    items: tuple[Item, ...]
    boards: tuple[BoardRule, ...]
    ties: TieRule = TieRule.COMPETITION
    floor: Decimal | None = None
    rounding: RoundingRule = field(default_factory=RoundingRule)
    proofs: Mapping[str, str] = field(default_factory=dict)
    readings: tuple[Interpretation, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    appraisal: AppraisalRule | None = None
    awarding: AwardRule | None = None
    bookkeeping: BookkeepingRule | None = None
    changes: tuple[RulebookChange, ...] = ()
    origin: "Rulebook | None" = None
    term: CycleTerm = WHOLE_YEAR

    @cached_property
    def _states(self) -> dict[int, "Rulebook"]:
        """The states after so many changes."""
        return {0: self}

    def state_on(self, day: date) -> "Rulebook":
        """Return the rulebook by which the boards of a period that ends on a day are made."""
        count = sum(change.since <= day for change in self.changes)
        if count not in self._states:
            before, change = self.state_on(self.changes[count - 1].since - _DAY), self.changes[count - 1]
            bookkeeping = None if isinstance(change.bookkeeping, EndedEntry) else change.bookkeeping
            self._states[count] = replace(
                self,
                boards=merge_entries(before.boards, change.boards),
                rounding=change.rounding or before.rounding,
                consequences=merge_entries(before.consequences, change.consequences),
                bookkeeping=bookkeeping if change.bookkeeping else before.bookkeeping,
                changes=(),
                origin=self,
            )
        return self._states[count]

    @cached_property
    def all_boards(self) -> tuple[BoardRule, ...]:
        """The boards of all days, in order, each in its first wording; its period and scope never change."""
        if self.origin:
            return self.origin.all_boards
        by_id = {board.id: board for board in self.boards}
        for change in self.changes:
            by_id = {entry.id: entry for entry in change.boards if isinstance(entry, BoardRule)} | by_id
        added = [entry for change in self.changes for entry in change.boards if isinstance(entry, BoardRule)]
        return tuple({board.id: by_id[board.id] for board in [*self.boards, *added]}.values())

    def has_board(self, board: str, day: date) -> bool:
        """Return whether there is such a board, by id, for a period that ends on a day."""
        return not self.changes or any(rule.id == board for rule in self.state_on(day).boards)

    @cached_property
    def rule_versions(self) -> tuple[RuleVersion, ...]:
        """The versions of every rule, in the order of the rules, then of time."""
        days = [date.min, *(change.since for change in self.changes)]
        versions: dict[str, list[RuleVersion]] = {}
        for first, until in zip(days, [*days[1:], date.max], strict=True):
            for rule in self.state_on(first).consequences:
                earlier = versions.setdefault(rule.id, [])
                if earlier and earlier[-1].until == first and earlier[-1].rule == rule:
                    earlier[-1] = replace(earlier[-1], until=until)
                else:
                    earlier.append(RuleVersion(rule, first, until, tuple(earlier)))
        return tuple(version for of_rule in versions.values() for version in of_rule if version.rule.when)

    @cached_property
    def group(self) -> Mapping[str, Group]:
        """Groups by id."""
        return {group.id: group for group in self.groups}

    @cached_property
    def item(self) -> Mapping[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.items}

    @cached_property
    def items_by_group(self) -> Mapping[str, tuple[Item, ...]]:
        """Items by group, in order."""
        return {group.id: tuple(item for item in self.items if item.group == group.id) for group in self.groups}

    @cached_property
    def earning_item_ids(self) -> frozenset[str]:
        """The ids of the items that can bring points."""
        return frozenset(
            item.id for item in self.items if item.is_activity or any(level.points > 0 for level in item.levels)
        )

    @cached_property
    def board(self) -> Mapping[str, BoardRule]:
        """Boards by id, those of other days too."""
        return {board.id: board for board in self.all_boards}

    @cached_property
    def items_by_name(self) -> Mapping[str, Item]:
        """Items by every word that names them: id, title and other names; an id wins over an equal title."""
        by_also = {word: item for item in self.items for word in item.also}
        return by_also | {item.title: item for item in self.items} | dict(self.item)


_DAY = timedelta(days=1)
EntryT = TypeVar("EntryT", BoardRule, Consequence)


def merge_entries(entries: Sequence[EntryT], changed: Sequence[EntryT | EndedEntry]) -> tuple[EntryT, ...]:
    """Return the entries after a change: each in its place, added ones last, without those that end."""
    by_id: dict[str, EntryT] = {entry.id: entry for entry in entries}
    for entry in changed:
        if isinstance(entry, EndedEntry):
            by_id.pop(entry.id, None)
        else:
            by_id[entry.id] = entry
    return tuple(by_id.values())
