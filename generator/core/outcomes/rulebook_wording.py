"""Sentences of a rulebook that contradict the fields that score: its readings, notes and rules in words.

Only set phrases are compared, here mostly with figures, such as 每次扣 1 分, 全年最多 12 分 or 上不封顶: other words
are left to their readers.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from generator.core.basics.numbers import format_decimal
from generator.core.model.rulebook import (
    Consequence,
    Expectation,
    Group,
    Item,
    PlaceKind,
    Rulebook,
    TieRule,
    Veto,
    Window,
)
from generator.core.outcomes import rulebook_plain_words
from generator.core.outcomes.rulebook_sentences import Comparison, Contradiction, Sentence, make_sentence
from generator.core.scoring.windows import WINDOW_LABELS

_WINDOWS = {
    **dict.fromkeys(("全年", "每年", "年度", "一年", "1年"), Window.CYCLE),
    **dict.fromkeys(("每半年", "半年"), Window.HALF),
    **dict.fromkeys(("每季度", "每季", "季度"), Window.QUARTER),
    **dict.fromkeys(("每个月", "每月", "当月"), Window.MONTH),
    **dict.fromkeys(("每日", "每天", "当日", "当天"), Window.DAY),
}
_TIMES_A_YEAR = {Window.CYCLE: 1, Window.HALF: 2, Window.QUARTER: 4, Window.MONTH: 12}
_WINDOW = f"(?P<window>{'|'.join(sorted(_WINDOWS, key=len, reverse=True))})"
_AMOUNT = r"(?P<amount>[0-9]+(?:\.[0-9]+)?)分"
_LIMIT = r"(?:最多|至多|不超过|不得超过|上限|封顶)"
_CEILING = re.compile(
    rf"(?:{_WINDOW}[^0-9,。;、:]{{0,10}})?{_LIMIT}[^0-9,。;]{{0,6}}{_AMOUNT}"
    rf"|(?:{_WINDOW.replace('window', 'before')}[^0-9,。;、]{{0,6}})?{_AMOUNT.replace('amount', 'most')}封顶"
)
_AWARD = re.compile(rf"(?:每[次场项条件回]|[记计得加扣奖])[^0-9,。;、每记计得加扣奖]{{0,4}}[记计得加扣奖]?{_AMOUNT}")
_EXPECTED = re.compile(rf"{_WINDOW}(?P<between>[^0-9,。;]{{0,10}})(?P<times>[0-9]+)次(?!以上)")
_EXAMPLES = {
    TieRule.COMPETITION: re.compile(r"1[、,]2[、,]2[、,]4"),
    TieRule.DENSE: re.compile(r"1[、,]2[、,]2[、,]3"),
}
_GAPS = {
    TieRule.COMPETITION: re.compile(r"(?<!不)(?:空缺|跳号|顺延空)"),
    TieRule.DENSE: re.compile(r"不(?:空缺|跳号|留空)"),
}
_TIE_WORDS = {TieRule.COMPETITION: "1、2、2、4", TieRule.DENSE: "1、2、2、3"}
_NO_FLOOR = re.compile(r"(?:总分|积分|累计)?(?:不设下限|可以是负数|可以为负|可为负)")
_FLOOR = re.compile(
    r"扣完为止|扣到0分为止|不(?:出现|计|得为|能为)负(?:分|数)?|(?:总分|积分|累计)(?:不得?低于|最低)(-?[0-9.]+)分"
)
_VETO = {
    Veto.CYCLE: re.compile(r"(?:到|至)年底[^。;]{0,16}(?:为0|清零|不计)|全年[^。;,]{0,6}(?:为0|清零)"),
    Veto.RESET: re.compile(r"次月起[^。;,]{0,4}(?:照常|重新|继续)"),
}
_VETO_WORDS = {Veto.CYCLE: "veto: cycle，到年底都是 0 分", Veto.RESET: "veto: reset，次月起重新计分"}
_DUE = re.compile(r"次月([0-9]+)日(?:以前|之前|前)")
_NO_CEILING = re.compile(r"(?:不设|没有|无)上限|(?:上)?不封顶")
_ONCE = re.compile(r"只[加记计得](?:分)?1次(?!分)|不重复(?:加分|记分|计分|得分)")
_DEDUCTS = re.compile(r"(?<![不免未另再])(?:扣分|扣减|减分)(?![^。;,]{0,3}(?:不|除外))")
_ADDS = re.compile(r"(?<![不免未另再])加分")
_WEIGHTS = (
    ("points", re.compile(r"积分占([0-9.]+)%")),
    ("review", re.compile(r"评议(?:得分|分|结果)?占([0-9.]+)%")),
)
_COUNT = re.compile(r"(?P<run>连续)?(?P<times>[0-9]+)次")
_AMONG = (
    (PlaceKind.TOP, re.compile(r"(?<![之以年月日])前([0-9]+)名")),
    (PlaceKind.BOTTOM, re.compile(r"(?<!最)[后末]([0-9]+)名")),
)


def find_in_reading(title: str, text: str, clause: str, rulebook: Rulebook) -> Contradiction | None:
    """Return the first contradiction between a reading and a field.

    Figures of points belong to the items of their own part of a sentence, or of the title or clause; ceilings and times
    also to those of the part before.
    """
    in_head = [item for item in rulebook.items if item.title in title or (clause and item.clause == clause)]
    groups_in_head = [group for group in rulebook.groups if group.title in title]
    items, groups = in_head, groups_in_head
    for part in _PART.findall(text):
        items_in_part = [item for item in rulebook.items if item.title in part]
        groups_in_part = [group for group in rulebook.groups if group.title in part]
        if items_in_part or groups_in_part:
            items, groups = items_in_part, groups_in_part
        sentence = make_sentence(part, items, groups, items_in_part or in_head)
        if contradiction := _find_first(sentence, rulebook, _OF_ITEMS):
            return contradiction
        if part[-1] in "。；;":
            items, groups = in_head, groups_in_head
    return _find_first(make_sentence(f"{title}：{text}", groups=groups_in_head), rulebook, _OF_RULEBOOK)


_PART = re.compile(r"[^，。；,;]+[，。；,;]?")


def find_in_note(item: Item, rulebook: Rulebook) -> Contradiction | None:
    """Return the first contradiction between an item's note and its fields."""
    return _find_first(make_sentence(item.note, [item], (), [item]), rulebook, _OF_ITEMS)


def find_in_consequence(rule: Consequence, rulebook: Rulebook) -> Contradiction | None:
    """Return the first contradiction between a consequence in words and its conditions, or the appraisal's weights."""
    sentence = make_sentence(rule.text)
    in_rule = next(_compare_conditions(sentence, rule), None) if rule.when else None
    in_rule = in_rule or rulebook_plain_words.find_in_rule(sentence, rule, rulebook)
    return in_rule or _find_first(sentence, rulebook, _OF_RULEBOOK)


def _find_first(sentence: Sentence, rulebook: Rulebook, comparisons: Sequence[Comparison]) -> Contradiction | None:
    return next((contradiction for compare in comparisons for contradiction in compare(sentence, rulebook)), None)


# --- sentences about items -------------------------------------------------------------------------------------------


def _compare_points(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 每次记 2 分 with the points of the items, and of the deductions that leave and absence bring."""
    brought = {deduction for item in sentence.scored_items for deduction in (item.leave, item.absent) if deduction}
    items = [*sentence.scored_items, *(item for item in rulebook.items if item.id in brought)]
    points = [point for item in items for point in (item.points, *(level.points for level in item.levels)) if point]
    text = _CEILING.sub("", sentence.text)
    for match in _AWARD.finditer(text) if points else ():
        if Decimal(match["amount"]) not in {abs(point) for point in points}:
            yield Contradiction(sentence.quote(match), f"points 是 {_list_points(points)}")


def _compare_ceilings(sentence: Sentence, _rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 全年最多 12 分 with the ceilings of the items and groups."""
    owners: list[Item | Group] = [*sentence.items, *sentence.groups]
    for match in _CEILING.finditer(sentence.text) if owners else ():
        word, most = match["window"] or match["before"], Decimal(match["amount"] or match["most"])
        window = _WINDOWS.get(word) if word else None
        caps = [(at, cap) for owner in owners for at, cap in owner.cap.items() if window in {None, at}]
        if most not in {cap for _, cap in caps}:
            written = "、".join(f"{WINDOW_LABELS[at]} {format_decimal(cap)} 分" for at, cap in caps)
            yield Contradiction(sentence.quote(match), f"cap 是{written}" if written else "没有写这样的 cap")


def _compare_expectations(sentence: Sentence, _rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 每月一次 with the times that the items are expected."""
    expected = [item.expect for item in sentence.items if item.expect]
    rates = {_rate(expectation.per, expectation.times) for expectation in expected}
    for match in _EXPECTED.finditer(sentence.text) if expected else ():
        window, between = _WINDOWS[match["window"]], match["between"]
        if any(word in between for word in ("至少", "不少于", "最多", "不超过", "第")) or window is Window.DAY:
            continue
        if _rate(window, int(match["times"])) not in rates:
            yield Contradiction(sentence.quote(match), f"expect 是{'、'.join(map(_describe_expectation, expected))}")


def _rate(window: Window, times: int) -> int:
    return times * _TIMES_A_YEAR.get(window, 0)


def _describe_expectation(expected: Expectation) -> str:
    return f"{WINDOW_LABELS[expected.per]} {expected.times} 次"


def _compare_kinds(sentence: Sentence, _rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 扣分 and 加分 with the signs of the items' points, where all of them have one."""
    items = sentence.scored_items
    points = [point for item in items for point in (item.points, *(level.points for level in item.levels)) if point]
    brings_more = any(item.leave or item.absent or item.veto for item in items)
    if not points or brings_more:
        return
    for pattern, is_wrong in ((_DEDUCTS, min(points) > 0), (_ADDS, max(points) < 0)):
        match = pattern.search(sentence.text)
        if match and is_wrong and not (_ADDS.search(sentence.text) and _DEDUCTS.search(sentence.text)):
            yield Contradiction(sentence.quote(match), f"points 是 {_list_points(points)}")


def _list_points(points: Sequence[Decimal]) -> str:
    return "、".join(dict.fromkeys(format_decimal(point) for point in points))


def _compare_bounds(sentence: Sentence, _rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 不设上限 with the ceilings of the items and groups, and 只加一次 with the lack of one that allows one."""
    owners: list[Item | Group] = [*sentence.items, *sentence.groups]
    caps = [(at, cap) for owner in owners for at, cap in owner.cap.items()]
    if caps and (match := _NO_CEILING.search(sentence.text)):
        written = "、".join(f"{WINDOW_LABELS[at]} {format_decimal(cap)} 分" for at, cap in caps)
        yield Contradiction(sentence.quote(match), f"cap 是{written}")
    match = _ONCE.search(sentence.text)
    for item in sentence.scored_items if match else ():
        most = max((level.points for level in item.levels), default=item.points or Decimal(0))
        if match and most > 0 and all(cap > most for cap in item.cap.values()):
            written = "、".join(f"{WINDOW_LABELS[at]} {format_decimal(cap)} 分" for at, cap in item.cap.items())
            field = f"cap 是{written}" if written else "没有写 cap"
            yield Contradiction(sentence.quote(match), f"{field}，可以多次加分")


# --- sentences about the rulebook ------------------------------------------------------------------------------------


def _compare_ties(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    text, right = sentence.text, rulebook.ties
    wrong = TieRule.DENSE if right is TieRule.COMPETITION else TieRule.COMPETITION
    match = _EXAMPLES[wrong].search(text)
    if match is None and re.search("名次|并列|同分", text):
        match = _GAPS[wrong].search(text)
    # A text with both may explain the difference.
    if match and not _EXAMPLES[right].search(text) and not _GAPS[right].search(text):
        yield Contradiction(sentence.quote(match), f"ties 是 {right}（{_TIE_WORDS[right]}）")


def _compare_floor(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    if sentence.groups or "分类" in sentence.text:
        return
    floor = rulebook.floor
    field = "floor 是 null，不设下限" if floor is None else f"floor 是 {format_decimal(floor)}"
    if (floor is not None and (match := _NO_FLOOR.search(sentence.text))) or (
        (match := _FLOOR.search(sentence.text)) and (floor is None or Decimal(match[1] or 0) != floor)
    ):
        yield Contradiction(sentence.quote(match), field)


def _compare_veto(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    vetoes = {item.veto for item in rulebook.items if item.veto}
    if len(vetoes) != 1 or not re.search("清零|1票否决", sentence.text):
        return
    (right,) = vetoes
    wrong = Veto.RESET if right is Veto.CYCLE else Veto.CYCLE
    if (match := _VETO[wrong].search(sentence.text)) and not _VETO[right].search(sentence.text):
        yield Contradiction(sentence.quote(match), _VETO_WORDS[right])


def _compare_bookkeeping(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    due = rulebook.bookkeeping.due if rulebook.bookkeeping else None
    match = _DUE.search(sentence.text)
    if due and match and "审核" in sentence.text and int(match[1]) != due:
        yield Contradiction(sentence.quote(match), f"bookkeeping 的 due 是 {due}")


def _compare_weights(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    appraisal = rulebook.appraisal
    for key, pattern in _WEIGHTS if appraisal else ():
        weight = getattr(appraisal, key) * 100
        match = pattern.search(sentence.text)
        if match and Decimal(match[1]) != weight:
            yield Contradiction(sentence.quote(match), f"weights 的 {key} 是 {format_decimal(weight / 100)}")


def _compare_conditions(sentence: Sentence, rule: Consequence) -> Iterator[Contradiction]:
    """Compare 连续四次 and 前三名 with the conditions of a rule."""
    times = {condition.times for condition in rule.when}
    runs = {condition.times for condition in rule.when if condition.consecutive}
    for match in _COUNT.finditer(sentence.text):
        allowed = runs if match["run"] else times
        if int(match["times"]) not in allowed:
            written = "、".join(map(str, sorted(allowed)))
            field = f"when 的次数（times）是 {written}" if allowed else "when 里没有 consecutive: true"
            yield Contradiction(sentence.quote(match), field)
    for place, pattern in _AMONG:
        among = {condition.among for condition in rule.when if condition.place is place}
        for match in pattern.finditer(sentence.text):
            if int(match[1]) not in among:
                written = "、".join(map(str, sorted(among)))
                field = f"place: {place} 的 among 是 {written}" if among else f"when 里没有 place: {place}"
                yield Contradiction(sentence.quote(match), field)


_OF_ITEMS: tuple[Comparison, ...] = (
    _compare_points,
    _compare_kinds,
    _compare_ceilings,
    _compare_bounds,
    _compare_expectations,
    *rulebook_plain_words.OF_ITEMS,
)
_OF_RULEBOOK: tuple[Comparison, ...] = (
    _compare_ties,
    _compare_floor,
    _compare_veto,
    _compare_bookkeeping,
    _compare_weights,
    *rulebook_plain_words.OF_RULEBOOK,
)
