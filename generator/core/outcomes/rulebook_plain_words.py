"""Set phrases without figures that contradict a field: 请假的不扣分, 全员参加, 无须佐证, 跨年累计, 先看名次再看票数."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from generator.core.basics.numbers import RoundingMode, format_decimal
from generator.core.basics.periods import PeriodKind
from generator.core.model.roster import MembershipStatus
from generator.core.model.rulebook import (
    AwardCriterion,
    Consequence,
    Item,
    PlaceKind,
    PointsScale,
    RoundingRule,
    Rulebook,
    Scope,
)
from generator.core.outcomes.rulebook_sentences import Comparison, Contradiction, Sentence

# --- sentences about items -------------------------------------------------------------------------------------------

_WHO = "(?:的|者|人员|党员)?"
_NOT_DEDUCTED = f"{_WHO}(?:1律|均|都|也)?不(?:另|再|予|用)?扣分"
_DEDUCTED = f"{_WHO}(?:按规定|照样|1律|均|都|也|同样)+扣分"
_ROLL = re.compile(
    "全员(?:都|均|应|应当|须|要)?参加|(?:全体|所有)党员(?:都|均|应|应当|必须|须)参加|人人(?:都|均|应|须|要)?参加"
)
_NO_ROLL = re.compile("自愿(?:参加|报名)")
_NO_PROOF = re.compile("(?:不需|不需要|无需|无须|不必|不用)(?:附|提供|提交|上传|留存)?(?:任何)?(?:佐证|证明)")
_PROOF = re.compile("(?<!不)(?<!无)(?:必须|须|应当|应|需要|需)(?:附上|附|有|提供|提交|上传|留存)(?P<what>.*)")
_VETO = re.compile("1票否决|清零")
_NO_VETO = re.compile("不(?:实行|适用|作|予)?1票否决|不清零")


def _named(sentence: Sentence) -> Sequence[Item]:
    """Return the items that the words themselves name."""
    return [item for item in sentence.scored_items if item.title in sentence.written]


def _compare_deductions(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 请假的不扣分 with the deductions that leave and absence bring."""
    activities = [item for item in _named(sentence) if item.is_activity]
    brought = {deduction for item in rulebook.items for deduction in (item.leave, item.absent) if deduction}
    for deduction in (rulebook.item[ident] for ident in sorted(brought) if ident in rulebook.item):
        is_brought = {deduction.id in {item.leave, item.absent} for item in activities}
        title = re.escape(deduction.title)
        if is_brought == {True} and (match := re.search(f"{title}{_NOT_DEDUCTED}", sentence.text)):
            yield Contradiction(sentence.quote(match), f"{_key_of(deduction, activities[0])} 是 {deduction.id}，要扣分")
        elif is_brought == {False} and (match := re.search(f"{title}{_DEDUCTED}", sentence.text)):
            yield Contradiction(sentence.quote(match), "没有写 leave、absent，不扣分")
        elif (
            not activities and deduction.points and (match := re.match(f"(?:因)?{title}{_NOT_DEDUCTED}", sentence.text))
        ):
            yield Contradiction(sentence.quote(match), f"points 是 {format_decimal(deduction.points)}")


def _key_of(deduction: Item, activity: Item) -> str:
    return "leave" if activity.leave == deduction.id else "absent"


def _compare_roll(sentence: Sentence, _rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 全员参加 and 自愿参加 with the roll of the one activity that is named."""
    activities = [item for item in _named(sentence) if item.is_activity]
    if len(activities) != 1:
        return
    if activities[0].roll and (match := _NO_ROLL.search(sentence.text)):
        yield Contradiction(sentence.quote(match), "roll 是 true，没有登记请假、缺席的都算参加")
    elif not activities[0].roll and (match := _ROLL.search(sentence.text)):
        yield Contradiction(sentence.quote(match), "没有写 roll: true，登记了参加的才得分")


def _compare_proofs(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 无须佐证 and 须附签到表 with the proofs that the items demand."""
    items = _named(sentence)
    demanded = {kind for item in items for kind in item.evidence}
    if demanded and (match := _NO_PROOF.search(sentence.text)):
        yield Contradiction(sentence.quote(match), f"evidence 是 {'、'.join(sorted(demanded))}")
    elif items and (match := _PROOF.search(sentence.text)):
        named = {kind: title for kind, title in rulebook.proofs.items() if title in match["what"]}
        if lacking := [title for kind, title in named.items() if kind not in demanded]:
            yield Contradiction(sentence.quote(match), f"evidence 里没有{'、'.join(lacking)}")
        elif "佐证" in match["what"] and not demanded:
            yield Contradiction(sentence.quote(match), "没有写 evidence")


def _compare_item_veto(sentence: Sentence, _rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 一票否决 with the items that are named."""
    vetoes = {item.veto is not None for item in _named(sentence)}
    if vetoes == {True} and (match := _NO_VETO.search(sentence.text)):
        yield Contradiction(sentence.quote(match), "写着 veto")
    elif vetoes == {False} and (match := _VETO.search(sentence.text)) and not _NO_VETO.search(sentence.text):
        yield Contradiction(sentence.quote(match), "没有写 veto")


OF_ITEMS: tuple[Comparison, ...] = (_compare_deductions, _compare_roll, _compare_proofs, _compare_item_veto)


# --- sentences about the rulebook ------------------------------------------------------------------------------------

_CARRIED = re.compile("(?<![不无未])(?:跨年度?(?:累计|累加)|(?:结转|转入|计入|带入)到?(?:下1?年度?|次年|下1?周期))")
_RESTARTED = re.compile("每(?:季度?|半年|个?月)(?:重新(?:计分|积分|累计)|从0|清零|归0)")
_OF_APPRAISAL = re.compile("评议|综合得分|等次")
_SCALES = (
    (PointsScale.PERCENT, re.compile("(?<!不)(?:折算|折合|换算|折)(?:成|为)(?:100|1?百)分")),
    (PointsScale.CAPPED, re.compile("(?:超过|高于)(?:100|1?百)分的?,?(?:均|都|只)?[按以计记](?:100|1?百)分")),
    (PointsScale.RAW, re.compile("[按用取以]原(?:始|积)?分")),
)
_PERIODS = {
    **dict.fromkeys(("月度", "月"), PeriodKind.MONTH),
    **dict.fromkeys(("季度", "季"), PeriodKind.QUARTER),
    **dict.fromkeys(("半年度", "半年"), PeriodKind.HALF),
    **dict.fromkeys(("年度", "全年"), PeriodKind.YEAR),
}
_BOARD = rf"(?<!半)(?P<period>{'|'.join(sorted(_PERIODS, key=len, reverse=True))})(?:积分)?(?:榜单|榜|排名)"
_NAMED_BOARD = re.compile(_BOARD)
_RANKED = re.compile(rf"{_BOARD}[在以按](?P<scope>全机关|本?党?支部)(?:范围)?(?:内|中)?(?:排名|排列|为单位)")
_SCOPES = {Scope.ORGAN: "organ（全机关）", Scope.BRANCH: "branch（党支部）"}
_CRITERIA = {AwardCriterion.VOTES: "得?票数?", AwardCriterion.RANK: "(?:积分)?(?:排名|名次)|积分"}
_ORDER = re.compile(
    f"先[看按比](?:(?P<votes>{_CRITERIA[AwardCriterion.VOTES]})|(?:{_CRITERIA[AwardCriterion.RANK]}))[^。;]{{0,4}}[再后][看按比]"
)
_MEAN = "(?:平均积?分|平均数|中位数|综合得分)"
_ROUNDED = re.compile(rf"(?P<of>{_MEAN})[^。;]{{0,12}}?(?P<how>不?(?:作|做)?4舍5入|舍去|截去|只舍不入|只入不舍)")
_DECIMALS = re.compile(rf"(?P<of>{_MEAN})[^。;]{{0,12}}?(?:保留(?:到)?(?P<places>[0-4])位小数|取整数?)")
_ROUNDINGS = {"4舍5入": RoundingMode.HALF_UP, "只入不舍": RoundingMode.UP}


def _compare_cycle(sentence: Sentence, _rulebook: Rulebook) -> Iterator[Contradiction]:
    if match := _CARRIED.search(sentence.text) or _RESTARTED.search(sentence.text):
        yield Contradiction(sentence.quote(match), "cycle 是 year，每年1月1日重新计分")


def _compare_any_veto(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    has_veto = any(item.veto for item in rulebook.items)
    match = re.search("1票否决", sentence.text)
    if match and not has_veto and not _NO_VETO.search(sentence.text):
        yield Contradiction(sentence.quote(match), "没有一个项目写着 veto")


def _compare_scale(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 折算成百分 with the scale of the appraisal, in a text about it."""
    appraisal = rulebook.appraisal
    if appraisal is None or not _OF_APPRAISAL.search(sentence.text):
        return
    matches = {scale: match for scale, pattern in _SCALES if (match := pattern.search(sentence.text))}
    if len(matches) == 1 and appraisal.scale not in matches:
        yield Contradiction(sentence.quote(*matches.values()), f"points_scale 是 {appraisal.scale}")


def _compare_scopes(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 季度榜在全机关排名 with the boards of that period."""
    for match in _RANKED.finditer(sentence.text):
        scopes = {board.scope for board in rulebook.boards if board.period is _PERIODS[match["period"]]}
        scope = Scope.ORGAN if match["scope"] == "全机关" else Scope.BRANCH
        if scopes and scope not in scopes:
            written = "、".join(_SCOPES[written_scope] for written_scope in sorted(scopes))
            yield Contradiction(sentence.quote(match), f"boards 里它的 scope 是 {written}")


def _compare_order(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    match = _ORDER.search(sentence.text) if rulebook.awarding else None
    if match and rulebook.awarding:
        first = AwardCriterion.VOTES if match["votes"] else AwardCriterion.RANK
        if rulebook.awarding.order[0] is not first:
            yield Contradiction(sentence.quote(match), f"awards 的 order 是 {'、'.join(rulebook.awarding.order)}")


def _compare_rounding(sentence: Sentence, rulebook: Rulebook) -> Iterator[Contradiction]:
    """Compare 平均分保留一位小数 and 综合得分四舍五入 with the rounding of each."""
    if match := _ROUNDED.search(sentence.text):
        rounding = _rounding_of(match["of"], rulebook)
        mode = _ROUNDINGS.get(match["how"], RoundingMode.DOWN)
        is_rounded = match["how"].startswith("不") or (rounding and rounding.rule is not mode)
        if rounding and is_rounded and rounding.rule is not RoundingMode.HALF_EVEN:
            yield Contradiction(sentence.quote(match), f"rounding 的 rule 是 {rounding.rule}")
    if match := _DECIMALS.search(sentence.text):
        rounding = _rounding_of(match["of"], rulebook)
        step = Decimal(1).scaleb(-int(match["places"] or 0))
        if rounding and rounding.step != step:
            yield Contradiction(sentence.quote(match), f"rounding 的 step 是 {format_decimal(rounding.step)}")


def _rounding_of(word: str, rulebook: Rulebook) -> RoundingRule | None:
    if word != "综合得分":
        return rulebook.rounding
    return rulebook.appraisal.rounding if rulebook.appraisal else None


OF_RULEBOOK: tuple[Comparison, ...] = (
    _compare_cycle,
    _compare_any_veto,
    _compare_scale,
    _compare_scopes,
    _compare_order,
    _compare_rounding,
)


# --- rules in words --------------------------------------------------------------------------------------------------

_STATUSES = {MembershipStatus.FULL: "正式党员", MembershipStatus.PROBATIONARY: "预备党员"}
_PLACES = ((PlaceKind.LAST, re.compile("最后1名")), (PlaceKind.TOP, re.compile("(?<!倒数)第1名")))


def find_in_rule(sentence: Sentence, rule: Consequence, rulebook: Rulebook) -> Contradiction | None:
    """Return the first contradiction between the words of a rule and its conditions."""
    return next(_compare_rule(sentence, rule, rulebook), None) if rule.when else None


def _compare_rule(sentence: Sentence, rule: Consequence, rulebook: Rulebook) -> Iterator[Contradiction]:
    named = {status: match for status, word in _STATUSES.items() if (match := re.search(word, sentence.text))}
    if rule.members and named and rule.members not in named:
        yield Contradiction(sentence.quote(*named.values()), f"members 是 {rule.members}（{_STATUSES[rule.members]}）")
    kinds = {rulebook.board[condition.board].period for condition in rule.when if condition.board in rulebook.board}
    for match in _NAMED_BOARD.finditer(sentence.text):
        if kinds and _PERIODS[match["period"]] not in kinds:
            boards = "、".join(dict.fromkeys(condition.board for condition in rule.when))
            yield Contradiction(sentence.quote(match), f"when 的 board 是 {boards}")
    for place, pattern in _PLACES:
        match = pattern.search(sentence.text)
        if match and all(condition.place is not place for condition in rule.when):
            yield Contradiction(sentence.quote(match), f"when 里没有 place: {place}")
