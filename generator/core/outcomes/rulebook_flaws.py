"""Keys of a rulebook that have no effect or mislead, and the rulebook without them, as pages print it.

Scoring needs none of this: what has no effect is passed over there, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.numbers import ZERO, format_decimal
from generator.core.basics.periods import PeriodKind
from generator.core.model.rulebook import (
    Condition,
    Consequence,
    CountingScope,
    EdgeRule,
    EndedEntry,
    Group,
    Item,
    PointsScale,
    Rulebook,
    Window,
)
from generator.core.outcomes import rulebook_wording
from generator.core.outcomes.appraisal import FULL_MARK
from generator.core.scoring import attainable_points
from generator.core.scoring.windows import WINDOW_LABELS

NO_EFFECT = "rulebook.no-effect"
MISLEADING = "rulebook.misleading"
CONTRADICTION = "rulebook.contradiction"

T = TypeVar("T")


class Flaw(Struct, frozen=True):
    """A key that has no effect or misleads; ``mend`` says what to do about it.

    ``part`` is the list of the rulebook that it is in, and ``position`` its entry's position there, from 0.
    ``sealed`` if the digest of the scoring rules covers the key; ``minor`` if scores and decisions don't depend on it.
    """

    part: str
    position: int
    code: str
    message: str
    mend: str
    sealed: bool = True
    minor: bool = False


def find_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    """Yield all flaws, in the order of the parts of a rulebook."""
    yield from _find_group_flaws(rulebook)
    yield from _find_item_flaws(rulebook)
    yield from _find_proof_flaws(rulebook)
    yield from _find_name_flaws(rulebook)
    yield from _find_reading_flaws(rulebook)
    yield from _find_consequence_flaws(rulebook)
    yield from _find_grade_flaws(rulebook)


@lru_cache(maxsize=16)
def select_applied(rulebook: Rulebook) -> Rulebook:
    """Return the rulebook without what is not applied; itself if all of it is."""
    groups = tuple(
        _apply(group, cap=_drop(group.cap, _explain_group_caps(group, rulebook))) for group in rulebook.groups
    )
    items = tuple(_apply_item(item, rulebook) for item in rulebook.items)
    readings = tuple(
        reading
        for reading in rulebook.readings
        if not rulebook_wording.find_in_reading(reading.title, reading.text, reading.clause, rulebook)
    )
    consequences = tuple(_apply_words(rule, rulebook) for rule in rulebook.consequences)
    changes = tuple(
        _apply(change, consequences=tuple(_apply_words(entry, rulebook) for entry in change.consequences))
        for change in rulebook.changes
    )
    parts = {
        "groups": groups,
        "items": items,
        "readings": readings,
        "consequences": consequences,
        "changes": changes,
    }
    return rulebook if parts == {key: getattr(rulebook, key) for key in parts} else replace(rulebook, **parts)


_WITHOUT_WORDS = "（原有的文字与计分所用的规则不一致，待订正。）"


def _apply_words(entry: Consequence | EndedEntry, rulebook: Rulebook) -> Any:
    contradicts = isinstance(entry, Consequence) and rulebook_wording.find_in_consequence(entry, rulebook)
    return replace(entry, text=_WITHOUT_WORDS) if contradicts else entry


def _apply(owner: T, **values: object) -> T:
    changed = {key: value for key, value in values.items() if value != getattr(owner, key)}
    return replace(owner, **changed) if changed else owner  # type: ignore[type-var]


def _apply_item(item: Item, rulebook: Rulebook) -> Item:
    return _apply(
        item,
        cap=_drop(item.cap, _explain_item_caps(item, rulebook)),
        expect=item.expect if item.is_activity else None,
        leave=item.leave if item.is_activity else None,
        absent=item.absent if item.is_activity else None,
        note="" if rulebook_wording.find_in_note(item, rulebook) else item.note,
    )


def _drop(caps: Mapping[Window, Decimal], idle: Mapping[Window, object]) -> Mapping[Window, Decimal]:
    return {window: cap for window, cap in caps.items() if window not in idle}


# --- ceilings --------------------------------------------------------------------------------------------------------

_MONTHS = {Window.MONTH: 1, Window.QUARTER: 3, Window.HALF: 6, Window.CYCLE: 12}
_LENGTHS = (Window.DAY, *_MONTHS)
_EXAMPLE_TIMES = 3


class _IdleCap(Struct, frozen=True):
    """The reason why a ceiling is never met, and how to mend it."""

    reason: str
    mend: str


def _points_of(item: Item) -> tuple[Decimal, ...]:
    """Return the points of an item, or of each of its levels."""
    return tuple(level.points for level in item.levels) or ((item.points or ZERO),)


def _is_earning(item: Item) -> bool:
    return any(points > ZERO for points in _points_of(item))


def _is_deducting(item: Item) -> bool:
    return any(points < ZERO for points in _points_of(item))


def _format_cap(window: Window, cap: Decimal) -> str:
    return f"{WINDOW_LABELS[window]} {format_decimal(cap)} 分"


def _format_most(window: Window, most: Decimal) -> str:
    return f"{WINDOW_LABELS[window]}最多 {format_decimal(most)} 分"


def _count_within(window: Window, longer: Window) -> int | None:
    """Return how many windows a longer one has; None of days, since those of late lines may be of any month."""
    return None if window is Window.DAY else _MONTHS[longer] // _MONTHS[window]


def _list_bounds(caps: Mapping[Window, Decimal], window: Window) -> Iterator[tuple[Window, Decimal, Decimal]]:
    """Yield the most that each ceiling leaves in a window: the ceiling's own window, it, and that sum."""
    position = _LENGTHS.index(window)
    for bound, cap in caps.items():
        if _LENGTHS.index(bound) >= position:
            yield bound, cap, cap
        elif count := _count_within(bound, window):
            yield bound, cap, cap * count


def _find_bound(item: Item, window: Window) -> Decimal | None:
    """Return the most points that an item can bring in a window; None without a bound."""
    if not _is_earning(item):
        return ZERO
    return min((most for _, _, most in _list_bounds(item.cap, window)), default=None)


def _explain_own_caps(caps: Mapping[Window, Decimal]) -> Iterator[tuple[Window, _IdleCap]]:
    """Yield the ceilings that another ceiling of the same owner keeps out of reach."""
    for window, cap in caps.items():
        remaining = {bound: bound_cap for bound, bound_cap in caps.items() if bound is not window}
        for bound, bound_cap, most in _list_bounds(remaining, window):
            is_longer = _LENGTHS.index(bound) > _LENGTHS.index(window)
            if is_longer and most <= cap:
                reason = f"达不到：{_format_cap(bound, bound_cap)}封顶，先到的是它"
                yield window, _IdleCap(reason, f"请改成小于 {format_decimal(bound_cap)} 的数，或删去")
            elif not is_longer and most < cap:
                reason = f"达不到：{_format_cap(bound, bound_cap)}封顶，{_format_most(window, most)}"
                yield window, _IdleCap(reason, f"请改成 {format_decimal(most)}，或改正{WINDOW_LABELS[bound]}的上限")


def _explain_item_caps(item: Item, rulebook: Rulebook) -> dict[Window, _IdleCap]:
    """Return the ceilings of an item that are never met."""
    if item.cap and not _is_earning(item):
        return dict.fromkeys(item.cap, _explain_deduction([item]))
    idle = dict(_explain_own_caps(item.cap))
    for group in rulebook.groups:
        for window, cap in item.cap.items() if group.id == item.group else ():
            for bound, bound_cap in group.cap.items():
                # That a ceiling of 0 leaves nothing is said once, of the group.
                is_longer = _LENGTHS.index(bound) >= _LENGTHS.index(window)
                if is_longer and ZERO < bound_cap < cap and window not in idle:
                    reason = f"达不到：分类“{group.title}”{_format_cap(bound, bound_cap)}封顶，先到的是它"
                    idle[window] = _IdleCap(reason, f"请改成不超过 {format_decimal(bound_cap)} 的数，或删去")
    return idle


def _explain_group_caps(group: Group, rulebook: Rulebook) -> dict[Window, _IdleCap]:
    """Return the ceilings of a group that are never met."""
    items = [item for item in rulebook.items if item.group == group.id]
    if group.cap and items and not any(map(_is_earning, items)):
        return dict.fromkeys(group.cap, _explain_deduction(items))
    idle = dict(_explain_own_caps(group.cap))
    for window, cap in group.cap.items():
        bounds = [_find_bound(item, window) for item in items]
        most = sum((bound for bound in bounds if bound is not None), ZERO)
        if window not in idle and None not in bounds and most < cap:
            reason = f"达不到：它的各项目{WINDOW_LABELS[window]}加起来最多 {format_decimal(most)} 分"
            idle[window] = _IdleCap(reason, f"请改成不超过 {format_decimal(most)} 的数，或删去" if most else "请删去")
    return idle


def _explain_deduction(items: Sequence[Item]) -> _IdleCap:
    """Explain that no ceiling limits deductions, by the sum of a few."""
    worst = min((points for item in items for points in _points_of(item)), default=ZERO)
    reason = "没有作用，上限只限得分，不限扣分"
    if worst:
        total = format_decimal(worst * _EXAMPLE_TIMES)
        reason += f"：{_EXAMPLE_TIMES} 次 {format_decimal(worst)} 分就是 {total} 分"
    return _IdleCap(reason, "请删去；要封底的，写整个规则的 floor（年度总分的下限）")


def _describe_idle_caps(
    part: str, position: int, subject: str, caps: Mapping[Window, Decimal], idle: Mapping[Window, _IdleCap]
) -> Iterator[Flaw]:
    """Yield a flaw for each ceiling that is never met; one for all of them where the reason is the same."""
    for explained in dict.fromkeys(idle.values()):
        ceilings = "、".join(_format_cap(window, caps[window]) for window in caps if idle.get(window) == explained)
        message = f"{subject}的上限（cap）{ceilings}{explained.reason}"
        yield Flaw(part, position, NO_EFFECT, message, explained.mend)


def _describe_zero_cap(part: str, position: int, subject: str, caps: Mapping[Window, Decimal]) -> Iterator[Flaw]:
    zeros = [window for window, cap in caps.items() if not cap]
    if zeros:
        ceilings = "、".join(_format_cap(window, ZERO) for window in zeros)
        message = f"{subject}的上限（cap）{ceilings}，得的分就全部不计，一分也得不到"
        yield Flaw(part, position, MISLEADING, message, "不设上限的请删去；要设的写大于 0 的数")


def _describe_small_caps(position: int, item: Item) -> Iterator[Flaw]:
    """Yield the ceilings below what the item, or its best level, brings at once: not even one line counts in full."""
    best = max(_points_of(item))
    for window, cap in item.cap.items():
        if ZERO < cap < best:
            ceiling, points = _format_cap(window, cap), format_decimal(best)
            message = f"“{item.title}”一次记 {points} 分，上限（cap）却是{ceiling}，一次也计不满"
            yield Flaw("items", position, MISLEADING, message, f"请改成 {points} 或更大的数，或改正分值")


def _explain_mixed(caps: Mapping[Window, Decimal], points: Sequence[Decimal]) -> str:
    """Explain that a ceiling limits the awards alone of what both earns and costs points; empty if nothing does."""
    worst = min(points, default=ZERO)
    if not caps or not worst < ZERO < max(points):
        return ""
    window, cap = next(iter(caps.items()))
    full, lost, left = map(format_decimal, (cap, -worst, cap + worst))
    return (
        f"既有得分又有扣分，上限（cap）{_format_cap(window, cap)}只限得分，不抵扣分："
        f"得满 {full} 分、又扣 {lost} 分的，计 {left} 分，再得分也补不回来"
    )


def _find_group_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    for position, group in enumerate(rulebook.groups):
        subject = f"分类“{group.title}”"
        points = [points for item in rulebook.items if item.group == group.id for points in _points_of(item)]
        yield from _describe_idle_caps("groups", position, subject, group.cap, _explain_group_caps(group, rulebook))
        if mixed := _explain_mixed(group.cap, points):
            mend = "请把扣分的项目移到另一个没有 cap 的分类"
            yield Flaw("groups", position, MISLEADING, subject + mixed, mend)
        if any(points_each > ZERO for points_each in points):
            yield from _describe_zero_cap("groups", position, subject, group.cap)


def _find_item_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    for position, item in enumerate(rulebook.items):
        subject = f"“{item.title}”"
        yield from _describe_idle_caps("items", position, subject, item.cap, _explain_item_caps(item, rulebook))
        if mixed := _explain_mixed(item.cap, _points_of(item)):
            yield Flaw("items", position, MISLEADING, subject + mixed, "请把扣分的档次写成另一个项目")
        if _is_earning(item):
            yield from _describe_zero_cap("items", position, subject, item.cap)
            yield from _describe_small_caps(position, item)
        yield from _find_activity_flaws(position, item)
        if contradiction := rulebook_wording.find_in_note(item, rulebook):
            message = f"{subject}的说明（note）写的“{contradiction.quote}”与字段不一致：{contradiction.field}"
            yield Flaw("items", position, CONTRADICTION, message, "请改正写错的一处", sealed=False, minor=True)


def _find_proof_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    """Yield each kind of proof without a name once, at the first item that demands it."""
    kinds = dict.fromkeys(kind for item in rulebook.items for kind in item.evidence if kind not in rulebook.proofs)
    for kind in kinds:
        demanding = [(position, item) for position, item in enumerate(rulebook.items) if kind in item.evidence]
        titles = "、".join(f"“{item.title}”" for _, item in demanding)
        message = f"{titles}要的佐证“{kind}”在 proofs 里没有名称，网页上只好印编号"
        mend = f"请在 proofs 里加上 {kind} 的名称，例如 proofs: {{{kind}: 签到表}}"
        yield Flaw("items", demanding[0][0], MISLEADING, message, mend, sealed=False)


def _find_activity_flaws(position: int, item: Item) -> Iterator[Flaw]:
    """Yield the keys of activities in an item that is never held as one."""
    if item.is_activity:
        return
    kind = "分档次" if item.levels else "是一票否决" if item.veto else "是扣分" if item.points else "不得分"
    subject = f"“{item.title}”{kind}，只逐人记在 entries（记录）里"
    if item.expect is not None:
        times = f"{WINDOW_LABELS[item.expect.per]} {item.expect.times} 次"
        message = f"{subject}，不算开展的次数，应开展（expect）的{times}永远差 {item.expect.times} 次"
        yield Flaw("items", position, NO_EFFECT, message, "请删去 expect", sealed=False)
    for key, deduction in (("leave", item.leave), ("absent", item.absent)):
        if deduction is not None:
            message = f"{subject}，没有请假、缺席的名单，{key}: {deduction} 没有作用"
            yield Flaw("items", position, NO_EFFECT, message, f"请删去 {key}")


# --- names -----------------------------------------------------------------------------------------------------------


def _find_name_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    """Yield titles that are another's id: the id wins wherever a ledger writes the word."""
    for position, item in enumerate(rulebook.items):
        namesake = rulebook.item.get(item.title)
        if namesake is not None and namesake.id != item.id:
            message = (
                f"项目“{item.id}”的名称“{item.title}”是另一个项目（{namesake.title}）的编号，"
                f"台账里写“{item.title}”，{_describe_points(namesake)}，不是{_describe_points(item)}"
            )
            yield Flaw("items", position, MISLEADING, message, "请换一个名称", sealed=False)
        by_id = {level.id: level for level in item.levels}
        titles = [level.title for level in item.levels]
        for level in item.levels:
            same = by_id.get(level.title)
            if same is not None and same.id != level.id:
                message = (
                    f"“{item.title}”的档次“{level.id}”的名称“{level.title}”是另一档次的编号，台账里写“{level.title}”"
                    f"记 {format_decimal(same.points)} 分，不是 {format_decimal(level.points)} 分"
                )
                yield Flaw("items", position, MISLEADING, message, "请换一个名称", sealed=False)
        for title in sorted({title for title in titles if titles.count(title) > 1}):
            points = "、".join(f"{format_decimal(level.points)} 分" for level in item.levels if level.title == title)
            message = f"“{item.title}”有几个档次都叫“{title}”（{points}），台账里写名称的，只认最后一个"
            yield Flaw("items", position, MISLEADING, message, "请换一个名称", sealed=False)


def _describe_points(item: Item) -> str:
    points = "、".join(format_decimal(points) for points in _points_of(item))
    return "一票否决" if item.veto else f"记 {points} 分"


# --- words -----------------------------------------------------------------------------------------------------------


def _find_reading_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    for position, reading in enumerate(rulebook.readings):
        contradiction = rulebook_wording.find_in_reading(reading.title, reading.text, reading.clause, rulebook)
        if contradiction:
            words = f"执行口径“{reading.title}”写的“{contradiction.quote}”与字段不一致：{contradiction.field}"
            message = f"{words}，计分按字段，网页不印这一条"
            yield Flaw("readings", position, CONTRADICTION, message, "请改正写错的一处", sealed=False)


# --- consequences and grades -----------------------------------------------------------------------------------------

_PERIODS_A_YEAR = {PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.HALF: 2, PeriodKind.YEAR: 1}


def _find_consequence_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    added = [
        ("changes", position, entry)
        for position, change in enumerate(rulebook.changes)
        for entry in change.consequences
        if isinstance(entry, Consequence)
    ]
    first = [("consequences", position, rule) for position, rule in enumerate(rulebook.consequences)]
    for part, position, rule in [*first, *added]:
        for message, mend in _explain_idle_conditions(rule, rulebook):
            yield Flaw(part, position, NO_EFFECT, f"“{rule.title}”{message}", mend, sealed=False)
        if contradiction := rulebook_wording.find_in_consequence(rule, rulebook):
            message = f"“{rule.title}”的文字（text）写的“{contradiction.quote}”与字段不一致：{contradiction.field}"
            yield Flaw(part, position, CONTRADICTION, message, "请改正写错的一处", sealed=False, minor=True)


def _explain_idle_conditions(rule: Consequence, rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """Yield what has no effect in a rule's conditions, and how to mend it."""
    if not rule.when:
        for key in ("members", "within"):
            if getattr(rule, key) not in {None, CountingScope.CYCLE}:
                yield f"没有条件（when），写的 {key} 没有作用", f"请删去 {key}，或补写 when 和 effect"
    for condition in rule.when:
        most = _count_periods(condition, rulebook)
        if rule.within is CountingScope.CYCLE and not condition.consecutive and most and condition.times > most:
            board = rulebook.board[condition.board].title or condition.board
            message = f"要 {condition.times} 次，而{board}一年只有 {most} 期，永远够不上"
            yield message, f"请改成 times: {most} 或更小的数"


def _count_periods(condition: Condition, rulebook: Rulebook) -> int | None:
    board = rulebook.board.get(condition.board)
    return _PERIODS_A_YEAR[board.period] if board else None


def _find_grade_flaws(rulebook: Rulebook) -> Iterator[Flaw]:
    appraisal = rulebook.appraisal
    if appraisal is None:
        return
    attainable = _find_attainable(rulebook)
    most = None if attainable is None else appraisal.points * attainable + appraisal.review * FULL_MARK
    for position, grade in enumerate(appraisal.grades):
        threshold = grade.at_least if grade.at_least is not None else grade.above
        if most is not None and threshold is not None and not grade.is_reached_by(most):
            lowest, highest = format_decimal(threshold), format_decimal(most)
            message = f"等次“{grade.title}”从 {lowest} 分起，而综合得分最多 {highest} 分，没有人够得上"
            yield Flaw("grades", position, NO_EFFECT, message, f"请改成不超过 {highest} 的数")
        if grade.edge is EdgeRule.ALL and grade.share is None:
            message = f"等次“{grade.title}”没有写最多占多少（share），写的 edge: all 没有作用"
            yield Flaw("grades", position, NO_EFFECT, message, "请删去 edge，或补写 share")


def _find_attainable(rulebook: Rulebook) -> Decimal | None:
    """Return the most points that enter the composite."""
    scale = rulebook.appraisal.scale if rulebook.appraisal else PointsScale.RAW
    attainable = FULL_MARK if scale is PointsScale.PERCENT else attainable_points.compute_attainable(rulebook)
    if scale is PointsScale.CAPPED:
        return FULL_MARK if attainable is None else min(attainable, FULL_MARK)
    return attainable
