"""A member's year by line: what was deducted, what was not earned and why, and a table of months by items."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from operator import attrgetter

from msgspec import Struct

from generator.core.basics.numbers import ZERO, format_decimal
from generator.core.basics.periods import Period
from generator.core.model.ledger import AttendanceStatus
from generator.core.model.rulebook import Item, Rulebook
from generator.core.model.tally import ScoreLine, Tally
from generator.core.scoring.windows import WINDOW_LABELS

_PRESENT = AttendanceStatus.PRESENT  # looked up here once: in the enumeration it takes longer than the comparison

MonthLines = tuple[Period, Sequence[ScoreLine]]


class Loss(Struct, frozen=True):
    """A line that costs points or brings none: ``deducted`` is at most zero.

    ``missed`` is what attendance brings each time at the activity that the member missed, before any ceiling. ``place``
    is that of the line in the account: 3.7 is the seventh of March by day.
    """

    place: str
    line: ScoreLine
    deducted: Decimal
    missed: Decimal


class LineShare(Struct, frozen=True):
    """A line by its ``place`` in the account, with the points that it used of a ceiling or lost by it."""

    place: str
    day: date
    points: Decimal


class CeilingAccount(Struct, frozen=True):
    """A ceiling that cut lines: the ``fillers`` used it up and add up to ``cap``, the ``cuts`` lost ``lost`` by it.

    ``title`` is that of the item or group, ``window`` the time over which it holds, in words.
    """

    title: str
    window: str
    cap: Decimal
    fillers: tuple[LineShare, ...]
    cuts: tuple[LineShare, ...]
    lost: Decimal


class ItemMonth(Struct, frozen=True):
    """An item in a month, in ``words`` such as 出席, 请假 or 已满, and the ``place`` of the first line about it."""

    place: str
    words: str


class ItemYear(Struct, frozen=True):
    """An item over the months of an account, oldest first; None where nothing is recorded."""

    item: Item
    months: tuple[ItemMonth | None, ...]


class YearOverview(Struct, frozen=True):
    """Losses of a year, newest first, the ceilings that cut lines, and the year at a glance by item.

    ``ceiling_by_place`` has, for the place of each cut line, the position of its ceiling among ``ceilings``, from 1.
    ``deducted`` and ``missed`` are the sums of the losses, ``lost`` that of the ceilings.
    """

    losses: tuple[Loss, ...]
    ceilings: tuple[CeilingAccount, ...]
    ceiling_by_place: Mapping[str, int]
    deducted: Decimal
    missed: Decimal
    lost: Decimal
    by_item: tuple[ItemYear, ...]


def sort_by_day(lines: Sequence[ScoreLine]) -> list[ScoreLine]:
    """Return a month's lines as an account shows them: by day, and last what is no line of a ledger."""
    end = len(lines) - 1 if lines and not lines[-1].item.group else len(lines)
    return [*sorted(lines[:end], key=attrgetter("date")), *lines[end:]]


@cache
def place_of(month: int, position: int) -> str:
    """Return the place of a line in an account: 3.7 is the seventh of March by day."""
    return f"{month}.{position}"


def build_overview(tally: Tally, rulebook: Rulebook, months: Sequence[MonthLines]) -> YearOverview:
    """Build the overview from the account's months, newest first, each with its lines by day."""
    losses = tuple(_list_losses(rulebook, months))
    ceilings = tuple(_list_ceilings(tally, months)) if tally.full_ceilings else ()
    return YearOverview(
        losses=losses,
        ceilings=ceilings,
        ceiling_by_place={
            cut.place: position for position, ceiling in enumerate(ceilings, start=1) for cut in ceiling.cuts
        },
        deducted=sum([loss.deducted for loss in losses], ZERO),
        missed=sum([loss.missed for loss in losses], ZERO),
        lost=sum([ceiling.lost for ceiling in ceilings], ZERO),
        by_item=_list_item_years(rulebook, months),
    )


# --- what was not earned ---------------------------------------------------------------------------------------------


def _list_losses(rulebook: Rulebook, months: Iterable[MonthLines]) -> Iterator[Loss]:
    for month, lines in months:
        for position in range(len(lines), 0, -1):
            line = lines[position - 1]
            if line.how is _PRESENT or not line.item.group:
                continue
            missed = ZERO if line.activity is None else rulebook.item[line.activity].points or ZERO
            if line.earned < ZERO or missed or line.item.veto:
                # The points of a veto's line are those that it cancels: no deduction beside those of other lines.
                deducted = ZERO if line.item.veto else min(line.points, ZERO)
                yield Loss(place_of(month.number, position), line, deducted, missed)


def _list_ceilings(tally: Tally, months: Iterable[MonthLines]) -> Iterator[CeilingAccount]:
    """Yield the ceilings that cut a line of these months."""
    # By identity: a veto's line alone is another object in the account, and no ceiling bears on it.
    place_by_line = {
        id(line): place_of(month.number, position) for month, lines in months for position, line in enumerate(lines, 1)
    }

    def share(numbered: Iterable[tuple[int, Decimal]]) -> tuple[LineShare, ...]:
        lines = ((tally.lines[number], points) for number, points in numbered)
        return tuple([LineShare(place_by_line[id(line)], line.date, points) for line, points in lines])

    for full in tally.full_ceilings:
        cuts = share(full.cuts)
        lost = sum([cut.points for cut in cuts], ZERO)
        yield CeilingAccount(full.owner.title, WINDOW_LABELS[full.window], full.cap, share(full.fillers), cuts, lost)


# --- the year at a glance --------------------------------------------------------------------------------------------


def _list_item_years(rulebook: Rulebook, months: Sequence[MonthLines]) -> tuple[ItemYear, ...]:
    """Return the items of which something is recorded or expected, in the order of the rulebook."""
    columns = []
    for month, lines in reversed(months):
        column: dict[str, list[ScoreLine]] = {}
        first: dict[str, int] = {}
        for position, line in enumerate(lines, start=1):
            item_id = line.activity or line.item.id
            if item_id in column:
                column[item_id].append(line)
            else:
                column[item_id], first[item_id] = [line], position
        items = rulebook.item
        columns.append(
            {
                item_id: ItemMonth(place_of(month.number, first[item_id]), _describe_month(items[item_id], of_item))
                for item_id, of_item in column.items()
                if item_id in items  # what the floor adds is of no item
            }
        )
    recorded = {item_id for column in columns for item_id in column}
    return tuple(
        [
            ItemYear(item, tuple([column.get(item.id) for column in columns]))
            for item in rulebook.items
            if item.expect or item.id in recorded
        ]
    )


def _describe_month(item: Item, lines: Sequence[ScoreLine]) -> str:
    """Return an item's lines of a month in few words: 出席2次、请假."""
    if len(lines) == 1 and lines[0].how is not None:
        line = lines[0]
        # Most months by far: once present, and within the ceilings.
        return _present_word(item) if line.how is _PRESENT and line.points else _describe_attendance(item, line)
    words = [_describe_attendance(item, line) for line in lines if line.how is not None]
    if len(words) > 1:
        counts = Counter(words)
        words = [word if count == 1 else f"{word}{count}次" for word, count in counts.items()]
    if entries := [line for line in lines if line.how is None]:
        words.append(_describe_entries(item, entries))
    return "、".join(words)


def _describe_attendance(item: Item, line: ScoreLine) -> str:
    if line.earned and not line.points:
        return "已满"
    # By identity: hashing a member of an enumeration takes longer.
    if line.how is _PRESENT:
        return _present_word(item)
    if line.how is AttendanceStatus.ABSENT:
        return "缺席" if item.leave or item.absent or not item.roll else "未完成"
    return "请假" if line.how is AttendanceStatus.LEAVE else "免计"


def _present_word(item: Item) -> str:
    """Return the word for presence: dues are paid, not attended."""
    return "出席" if item.leave or item.absent or not item.roll else "完成"


def _describe_entries(item: Item, entries: Sequence[ScoreLine]) -> str:
    if item.veto:
        return "否决"
    points = sum([line.points for line in entries], ZERO)
    is_cut = not points and any(line.earned for line in entries)
    return "已满" if is_cut else f"{format_decimal(points).replace('-', '−')}分"
