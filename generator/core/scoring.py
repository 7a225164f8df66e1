"""Ledgers to score lines, lines to a member's tally, a tally to the points of any period (R1 to R9)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.model import (
    Credit,
    Group,
    Held,
    How,
    Item,
    Line,
    Rulebook,
    Score,
    Tally,
    ValidLedger,
    Veto,
    Window,
)
from generator.core.numbers import ZERO, show
from generator.core.periods import Kind, Period, around

PLAIN = ("参加", "按时完成")  # reasons that go without saying
_WORDS = {How.PRESENT: "参加", How.LEAVE: "请假", How.ABSENT: "无故缺席", How.EXEMPT: "免计，不得分也不扣分"}
_CYCLE = Window.CYCLE  # looked up here once: in the enumeration it takes as long as all the rest of a step
_KINDS = {Window.HALF: Kind.HALF, Window.QUARTER: Kind.QUARTER, Window.MONTH: Kind.MONTH}
WINDOW_WORDS = {
    Window.CYCLE: "全年",
    Window.HALF: "半年",
    Window.QUARTER: "每季度",
    Window.MONTH: "每月",
    Window.DAY: "每日",
}


# --- what a ledger earns, ceilings apart -----------------------------------------------------------------------------


def lines(ledger: ValidLedger, rulebook: Rulebook) -> Iterator[Line]:
    """Every line of a ledger in its order: activities before entries, each by position (R4)."""
    branch, month = ledger.branch, ledger.month
    for held in ledger.held:
        brings = {how: _brings(held, how, rulebook) for how in {one.how for one in held.attendance}}
        what = held.title if held.item.title in held.title else f"{held.item.title}：{held.title}".removesuffix("：")
        day, evidence = held.date, held.evidence
        for one in held.attendance:
            item, earned, reason = brings[one.how]
            yield Line(one.member, branch, month, day, item, earned, earned, what, reason, one.where, evidence)
    for credit in ledger.credits:
        yield _credited(ledger, credit)


def _brings(held: Held, how: How, rulebook: Rulebook) -> tuple[Item, Decimal, str]:
    """Presence earns; leave and absence cost what the item names, and earn nothing (R1, R2)."""
    item, earned, reason = held.item, ZERO, _WORDS[how]
    if how is How.PRESENT:
        earned = item.points or ZERO
        reason = "按时完成" if item.roll and not (item.leave or item.absent) else reason
    elif deduction := {How.LEAVE: item.leave, How.ABSENT: item.absent}.get(how):
        item = rulebook.item[deduction]
        earned = item.points or ZERO
    elif how is not How.EXEMPT:
        reason = "请假，本次不得分" if how is How.LEAVE else "未完成，本次不得分"
    return item, earned, _with_late(reason, held.late)


def _credited(ledger: ValidLedger, credit: Credit) -> Line:
    """A level stands for the points (R3); times multiply them before any ceiling."""
    each = credit.level.points if credit.level else credit.item.points or ZERO
    words = [credit.level.title] if credit.level else []
    words += [f"{credit.times} 次"] if credit.times > 1 else []
    words += ["一票否决"] if credit.item.veto else []
    return Line(
        member=credit.member,
        branch=ledger.branch,
        month=ledger.month,
        date=credit.date,
        item=credit.item,
        earned=each * credit.times,
        points=each * credit.times,
        what="：".join(word for word in (credit.item.title, credit.note) if word),
        reason=_with_late("，".join(words), credit.late),
        where=credit.where,
        evidence=credit.evidence,
    )


def _with_late(reason: str, late: str | None) -> str:
    return "，".join(word for word in (reason, f"补登（{late}）" if late else "") if word)


# --- what of it counts -----------------------------------------------------------------------------------------------


class _Room(Struct):
    """What is left of the ceilings, for one member and cycle."""

    left: dict[tuple[type, str, object], Decimal] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def take(self, line: Line, group: Group | None) -> Line:
        """Clamp an award to what its item's and then, if there is one, its group's ceilings leave (R4)."""
        self.times[line.item.id] += 1
        points, full = self._clamp(line, line.earned, line.item)
        by_group = None
        if group:
            points, by_group = self._clamp(line, points, group)
        if points == line.earned:
            return line
        which = group.title if group and by_group else f"第 {self.times[line.item.id]} 次，"
        ceiling = by_group or full
        assert ceiling
        window, cap = ceiling
        kept = f"只计 {show(points)} 分" if points else "不再计分"
        said = f"{which}已达上限（{WINDOW_WORDS[window]} {show(cap)} 分），{kept}"
        return replace(line, points=points, reason="；".join(filter(None, (line.reason, said))))

    def _clamp(self, line: Line, points: Decimal, owner: Item | Group) -> tuple[Decimal, tuple[Window, Decimal] | None]:
        """Cut points to the smallest room left in the owner's windows, use it up, and say which one was full."""
        full, rooms = None, []
        for ceiling in owner.cap.items():
            window, cap = ceiling
            key = type(owner), owner.id, None if window is _CYCLE else _stretch(window, line)
            left = self.left.get(key, cap)
            rooms.append((key, left))
            if left < points:
                points, full = left or ZERO, ceiling
        for key, left in rooms:
            self.left[key] = left - points
        return points, full


def _stretch(window: Window, line: Line) -> Period | date:
    """The stretch of the cycle a line falls into: by the ledger's month (R8), a day by the event's date."""
    return line.date if window is Window.DAY else around(_KINDS[window], line.month)


def tally(ordered: Iterable[Line], rulebook: Rulebook) -> Tally:
    """Count a member's lines of one cycle, given in the order of R4, under the ceilings."""
    written = tuple(ordered)
    veto = next((line for line in written if line.item.veto), None)
    counted = _clamped(written, veto, rulebook)
    running = _running(counted, veto, rulebook)
    return Tally(counted, veto, running, _totals(running, rulebook))


def _clamped(written: tuple[Line, ...], veto: Line | None, rulebook: Rulebook) -> tuple[Line, ...]:
    """The lines with what counts of each; a deduction passes, and so does what no ceiling can cut."""
    crowded = _crowded(written, rulebook)
    if not crowded:
        return written
    rooms: dict[bool, _Room] = defaultdict(_Room)  # a reset frees the ceilings for what comes after its month
    reset = _reset(veto)
    return tuple(
        [
            rooms[line.month.number <= reset].take(line, crowded[line.item.id])
            if line.item.id in crowded and line.earned > ZERO
            else line
            for line in written
        ]
    )


def _crowded(written: Iterable[Line], rulebook: Rulebook) -> Mapping[str, Group | None]:
    """The items whose awards a ceiling may cut: they, or their group's, come to more than it in the cycle.

    Each with the group, if it is the group's ceiling.
    """
    items: dict[str, Decimal] = defaultdict(Decimal)
    groups: dict[str, Decimal] = defaultdict(Decimal)
    for line in written:
        if line.earned > ZERO:
            items[line.item.id] += line.earned
    for ident, earned in items.items():
        groups[rulebook.item[ident].group] += earned
    full = {
        ident: rulebook.group[ident] for ident, earned in groups.items() if _exceeds(earned, rulebook.group[ident].cap)
    }
    found = ((rulebook.item[ident], earned) for ident, earned in items.items())
    return {item.id: full.get(item.group) for item, earned in found if item.group in full or _exceeds(earned, item.cap)}


def _exceeds(earned: Decimal, caps: Mapping[Window, Decimal]) -> bool:
    return any(earned > cap for cap in caps.values())


def _reset(veto: Line | None) -> int:
    """The month of the year up to which a veto wipes lines; 0 if it wipes none."""
    return veto.month.number if veto is not None and veto.item.veto is Veto.RESET else 0


def standing(tally: Tally) -> tuple[Line, ...]:
    """The lines that a reset has not wiped."""
    reset = _reset(tally.veto)
    return tuple([line for line in tally.lines if line.month.number > reset]) if reset else tally.lines


def _running(counted: tuple[Line, ...], veto: Line | None, rulebook: Rulebook) -> tuple[Mapping[str, Decimal], ...]:
    reset = _reset(veto)
    by_month: list[list[Line]] = [[] for _ in range(13)]
    for line in counted:
        by_month[line.month.number].append(line)
    none = dict.fromkeys(rulebook.group, ZERO)
    sums: list[Mapping[str, Decimal]] = [none]
    for number in range(1, 13):
        after = dict(sums[-1])
        for line in by_month[number]:
            after[line.item.group] += line.points
        sums.append(none if number == reset else after)
    return tuple(sums)


def _totals(running: Iterable[Mapping[str, Decimal]], rulebook: Rulebook) -> tuple[Decimal, ...]:
    """The total after each month, not below the rulebook's floor, which is at most zero (R6)."""
    sums = (sum(groups.values(), ZERO) for groups in running)
    return tuple(sums if rulebook.floor is None else (max(rulebook.floor, total) for total in sums))


# --- the points of a period ------------------------------------------------------------------------------------------


def score(tally: Tally, period: Period, rulebook: Rulebook) -> Score:
    """The cycle total at the period's end less the total just before it began (R7); zero once vetoed (R5)."""
    if tally.veto is not None and _vetoed(tally, period):
        return Score(ZERO, ZERO, dict.fromkeys(rulebook.group, ZERO), vetoed=True)
    before, last = period.first.month - 1, period.last.month
    start, total = tally.running[before], tally.totals[last]
    groups = {group: points - start[group] for group, points in tally.running[last].items()}
    return Score(total - tally.totals[before], total, groups, vetoed=False)


def sums(tally: Tally, period: Period) -> tuple[Decimal, Decimal]:
    """The points of a period and the cycle total at its end, as in its score."""
    if tally.veto is not None and _vetoed(tally, period):
        return ZERO, ZERO
    total = tally.totals[period.last.month]
    return total - tally.totals[period.first.month - 1], total


def _vetoed(tally: Tally, period: Period) -> bool:
    return tally.veto is not None and tally.veto.item.veto is Veto.CYCLE and tally.veto.month.last <= period.last


def explain(tally: Tally, period: Period, rulebook: Rulebook) -> tuple[Line, ...]:
    """The period's lines; their points add up to its score exactly, a veto or a floor being lines of their own."""
    return _explained(tally, [line for line in tally.lines if line.month in period], period, rulebook)


def monthly(tally: Tally, months: Iterable[Period], rulebook: Rulebook) -> tuple[tuple[Line, ...], ...]:
    """The same for each of these months."""
    written: dict[Period, list[Line]] = defaultdict(list)
    for line in tally.lines:
        written[line.month].append(line)
    return tuple(_explained(tally, written[month], month, rulebook) for month in months)


def _explained(tally: Tally, written: list[Line], period: Period, rulebook: Rulebook) -> tuple[Line, ...]:
    shown, veto = written, tally.veto
    if veto and (veto.month in period or _vetoed(tally, period)):
        shown = [line for line in written if line is not veto]
        shown.append(replace(veto, points=-_cancelled(tally, veto, shown)))
    if rulebook.floor is None:
        return tuple(shown)
    rest = sums(tally, period)[0] - sum((line.points for line in shown), ZERO)
    return (*shown, _floor_line(shown[-1], rest, rulebook.floor)) if rest else tuple(shown)


def _cancelled(tally: Tally, veto: Line, shown: list[Line]) -> Decimal:
    """What a veto takes away: all of the period, or all of the cycle up to its month."""
    reset = _reset(veto)
    gone = [line for line in tally.lines if line.month.number <= reset] if reset else shown
    return sum((line.points for line in gone), ZERO)


def _floor_line(after: Line, points: Decimal, floor: Decimal) -> Line:
    item = Item(id="floor", group="", title="总分下限", clause="")
    reason = f"本周期总分不低于 {show(floor)} 分"
    return replace(after, item=item, earned=ZERO, points=points, what=item.title, reason=reason, evidence={})
