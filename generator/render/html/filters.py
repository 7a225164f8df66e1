"""Periods, days, points and digests as readers see them; the filters of the templates."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache

from generator.core.basics.numbers import ZERO, RoundingMode, format_decimal
from generator.core.basics.periods import Period, PeriodKind, parse_period
from generator.core.model.roster import MembershipStatus
from generator.core.model.rulebook import AwardCriterion, EdgeRule, PointsScale
from generator.core.outcomes.appraisal import FULL_MARK, AppraisalResult, CompositeScore, GradeBasis, GradingStep
from generator.core.outcomes.awards import AwardCandidate, PollResult
from generator.core.outcomes.bookkeeping import LateMonth
from generator.core.outcomes.consequences import BoardStanding, Outcome
from generator.core.page_data.boards import Board, member_label
from generator.core.page_data.correction_notices import Bulletin
from generator.core.page_data.dashboard import Duty, DutyKind
from generator.core.scoring.objection_periods import ObjectionPeriod
from generator.problems import Location

_ORDINALS = "一二三四"
_HALVES = "上下"


@cache
def format_period(value: Period) -> str:
    """2026年3月, 2026年第一季度, 2026年上半年, 2026年度."""
    if value.kind is PeriodKind.MONTH:
        return f"{value.year}年{value.number}月"
    if value.kind is PeriodKind.QUARTER:
        return f"{value.year}年第{_ORDINALS[value.number - 1]}季度"
    if value.kind is PeriodKind.HALF:
        return f"{value.year}年{_HALVES[value.number - 1]}半年"
    return f"{value.year}年度"


def format_period_name(name: str) -> str:
    """A period by its name in files and commands, such as 2026-Q1."""
    found = parse_period(name)
    return format_period(found) if found else name


def format_board_title(value: Board | Bulletin) -> str:
    """2026年上半年积分榜: the rule's title without the word for its length, which the period says already."""
    words = {PeriodKind.MONTH: "月度", PeriodKind.QUARTER: "季度", PeriodKind.HALF: "半年", PeriodKind.YEAR: "年度"}
    return format_period(value.period) + (value.rule.title or "积分榜").removeprefix(words[value.period.kind])


@lru_cache(4096)
def format_day(value: date) -> str:
    """2026年4月2日."""
    return f"{value.year}年{value.month}月{value.day}日"


def format_notice(value: ObjectionPeriod) -> str:
    """2026年7月6日至7月10日; 2026年12月30日至预计2027年1月6日, where a holiday not known yet may come between."""
    last = format_day(value.last) if value.last.year != value.first.year else format_month_day(value.last)
    return f"{format_day(value.first)}至{'预计' if value.expected else ''}{last}"


def format_notice_end(value: ObjectionPeriod) -> str:
    """公示至7月10日, while the year goes without saying; 预计公示至7月10日."""
    return f"{'预计' if value.expected else ''}公示至{format_month_day(value.last)}"


@lru_cache(1024)
def format_month_day(value: date) -> str:
    """4月2日."""
    return f"{value.month}月{value.day}日"


def shorten_digest(digest: str) -> str:
    """The first eight hex figures of a digest: enough to compare a sheet on the wall with the audit page."""
    return digest.removeprefix("sha256:")[:8]


def group_digest(digest: str) -> str:
    """A whole digest in groups of eight, as it is read out from a sheet."""
    figures = digest.removeprefix("sha256:")
    return " ".join(figures[at : at + 8] for at in range(0, len(figures), 8))


def format_place(where: Location) -> str:
    """Where a line stands in the month's ledger, or in its correction: 第 12 行, 更正1 第 9 行."""
    order = _order(where.file)
    return f"更正{order} 第 {where.line} 行" if order else f"第 {where.line} 行"


def correction_number(where: Location) -> str:
    """The number of the correction that a place is in, as its file says; nothing if it is in none."""
    return _order(where.file)


@lru_cache(4096)
def _order(file: str) -> str:
    match = re.search(r"\.c([0-9]+)\.yaml$", file)
    return match[1] if match else ""


# --- what results decide ---------------------------------------------------------------------------------------------


def format_grounds(value: Outcome) -> str:
    """2026年第一季度、2026年上半年."""
    return "、".join(format_period(one) for one in value.because)


def format_formula(found: AppraisalResult, one: CompositeScore) -> str:
    """How a composite comes about: 0.7 × 131.5 + 0.3 × 92.5."""
    points = format_decimal(one.points)
    if found.rule.scale is PointsScale.CAPPED and one.points > FULL_MARK:
        points = f"{format_decimal(FULL_MARK)}（{points} 超过的不计）"
    elif found.rule.scale is PointsScale.PERCENT:
        points = f"{points} ÷ {format_decimal(found.attainable or ZERO)} × 100"
    review = f"{format_decimal(found.rule.review)} × {format_decimal(one.review)}"
    return f"{format_decimal(found.rule.points)} × {points} + {review}"


def explain_grade(one: CompositeScore) -> str:
    """Why a grade was given or withheld, step by step."""
    return "；".join(_step(each) for each in one.steps)


def _step(one: GradingStep) -> str:
    if one.basis is GradeBasis.REST:
        return "其余的"
    if one.basis is GradeBasis.THRESHOLD:
        tied = f"，与名额边上的同分，一并评为{one.grade}（名额 {one.most} 个）"
        room = "" if one.most is None else tied if one.level else f"，在 {one.most} 个名额以内"
        return f"达到{one.grade}的分数线{room}"
    if one.basis is GradeBasis.SHARE:
        tied = "，与名额边上的同分，都不评"
        return f"{one.grade}名额 {one.most} 个" + (tied if one.level else "，已满" if one.most else "")
    assert one.outcome is not None
    rule = f"{one.outcome.rule.clause}（{format_grounds(one.outcome)}）"
    return f"按{rule}不得评为{one.grade}" if one.basis is GradeBasis.BARRED else f"按{rule}定为{one.grade}"


def list_appraisal_notes(found: AppraisalResult) -> Iterator[str]:
    """What a reader of composites must know: rounding, whose review is lacking, whether points are final."""
    rounding = {
        RoundingMode.HALF_UP: "四舍五入",
        RoundingMode.HALF_EVEN: "四舍六入五成双",
        RoundingMode.UP: "向上取",
        RoundingMode.DOWN: "向下取",
    }
    step = format_decimal(found.rule.rounding.step)
    yield f"依据{found.rule.clause}。综合得分按算式一次算出，{rounding[found.rule.rounding.rule]}到 {step}。"
    if found.provisional:
        yield "暂计：还有台账没有审核，积分会变动，只列出由规则定下的等次。"
    for grade in found.rule.grades:
        if grade.share is not None:
            tied = "都不评" if grade.edge is EdgeRule.NONE else "都评"
            yield f"{grade.title}不超过参加评议人数的 {grade.share}，舍去零头；名额边上同分的{tied}，不得评的不占名额。"
    if not found.rule.grades:
        yield "办法没有规定各等次的分数线，只列出由规则定下的等次。"
    if found.unreviewed:
        yield f"没有评议得分的：{'、'.join(member.name for member in found.unreviewed)}。"


def describe_candidate(found: PollResult, one: AwardCandidate) -> str:
    """What speaks against a candidate, and what else the committee should know."""
    said = [f"不得列为表彰对象：{_ruled(found, each)}" for each in one.barred]
    said += [f"{each.rule.title}：{_ruled(found, each)}" for each in one.remarks]
    said += ["预备党员"] if one.status is MembershipStatus.PROBATIONARY else []
    said += ["不在榜上"] if found.ranking and one.rank is None else []
    return "；".join(said)


def _ruled(found: PollResult, one: Outcome) -> str:
    """The clause and the periods of a rule, and whether it came true only after the poll."""
    after = "，其中有投票以后的榜单" if any(each.last >= found.date for each in one.because) else ""
    return f"{one.rule.clause}（{format_grounds(one)}{after}）"


def list_award_notes(found: PollResult) -> Iterator[str]:
    """Who could vote, which board the ranks are from, and that nobody is chosen here."""
    order = {AwardCriterion.VOTES: "票数", AwardCriterion.RANK: "名次"}
    board = "投票那天还没有台账齐全的榜单，没有名次可以对照"
    if found.ranking:
        board = f"名次和积分出自投票那天台账已经齐全的最近一期{format_period(found.ranking.period)}全机关榜"
    by = "、".join(order[weight] for weight in found.rule.order)
    yield f"应到会有表决权的 {found.electorate} 人。{board}。先后按{by}。"
    yield f"依据{found.rule.clause}，由机关党委择优确定；本表只作对照，不作决定。"


def format_late_month(one: LateMonth) -> str:
    """2026年3月（4月15日审核，应在4月10日前）."""
    done = f"{_in(one.month.year, one.approved)}审核" if one.approved else "尚未审核"
    return f"{format_period(one.month)}（{done}，应在{_in(one.month.year, one.due)}前）"


def _in(year: int, value: date) -> str:
    """A day, with its year unless it is that one."""
    return format_month_day(value) if value.year == year else format_day(value)


# --- what the committee has to do ------------------------------------------------------------------------------------

_DUTIES = {
    DutyKind.APPROVE: "{}台账报支委会审核",
    DutyKind.CORRECTION: "{}台账的更正报支委会审核",
    DutyKind.FILE: "{}台账已齐全，办理备案",
    DutyKind.OBJECTION: "{}积分榜公示期满",
    DutyKind.REVIEWS: "{}民主评议得分登记、审核",
    DutyKind.DRAFT: "{}还是草稿，报会议审核",
}


def format_duty(value: Duty) -> str:
    """What is to be done: 2026年10月台账报支委会审核."""
    return _DUTIES[value.duty].format(format_period(value.period) if value.period else value.file)


def format_days_left(value: Duty, today: date) -> str:
    """How far off the day is: 逾期 12 天, 今天到期, 还有 5 天; nothing without a day."""
    if value.day is None:
        return ""
    days = (value.day - today).days
    return f"逾期 {-days} 天" if days < 0 else f"还有 {days} 天" if days else "今天到期"


def format_missing_months(missing: Iterable[str]) -> str:
    """Which months a branch's board lacks: 缺7月、9月; 齐全 if none."""
    months = "、".join(f"{int(name[-2:])}月" for name in missing)
    return f"缺{months}" if months else "齐全"


def format_rank(value: BoardStanding) -> str:
    """第 9 名/共 9 人."""
    return f"第 {value.standing.rank} 名/共 {value.of} 人"


format_points = lru_cache(4096)(format_decimal)  # values that are equal are written alike

FILTERS = {
    "points": format_points,
    "period": format_period,
    "spoken": format_period_name,
    "board": format_board_title,
    "day": format_day,
    "month_day": format_month_day,
    "notice": format_notice,
    "until": format_notice_end,
    "short": shorten_digest,
    "grouped": group_digest,
    "place": format_place,
    "label": member_label,
    "because": format_grounds,
    "formula": format_formula,
    "steps": explain_grade,
    "appraisal_notes": list_appraisal_notes,
    "standing": describe_candidate,
    "award_notes": list_award_notes,
    "late": format_late_month,
    "duty": format_duty,
    "remaining": format_days_left,
    "lacking": format_missing_months,
    "place_of": format_rank,
}

ESCAPE_FREE_FILTERS = {
    format_points,
    format_day,
    format_month_day,
    format_period,
    format_place,
}  # filters whose text has nothing to escape
