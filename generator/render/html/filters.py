"""Format periods, days, points and digests as readers see them: the filters of the templates."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from generator.core.basics.numbers import ZERO, RoundingMode, format_decimal
from generator.core.basics.periods import Period, PeriodKind, parse_period
from generator.core.model.ledger import Evidence
from generator.core.model.roster import MembershipStatus, member_label
from generator.core.model.rulebook import AwardCriterion, EdgeRule, PointsScale, Rulebook
from generator.core.outcomes.appraisal import FULL_MARK, AppraisalResult, CompositeScore, GradeBasis, GradingStep
from generator.core.outcomes.awards import AwardCandidate, PollResult
from generator.core.outcomes.bookkeeping import LateMonth
from generator.core.outcomes.consequences import BoardStanding, Outcome
from generator.core.page_data.boards import Board
from generator.core.page_data.correction_notices import Bulletin
from generator.core.page_data.dashboard import Duty, DutyKind
from generator.core.page_data.ledger_forms import LedgerFormRow
from generator.core.scoring.objection_periods import ObjectionPeriod
from generator.problems import Location

MINUS = "\N{MINUS SIGN}"
_ORDINALS = "一二三四"
_HALVES = "上下"


@cache
def format_period(period: Period) -> str:
    """Format a period as 2026年3月, 2026年第一季度, 2026年上半年 or 2026年度."""
    if period.kind is PeriodKind.MONTH:
        return f"{period.year}年{period.number}月"
    if period.kind is PeriodKind.QUARTER:
        return f"{period.year}年第{_ORDINALS[period.number - 1]}季度"
    if period.kind is PeriodKind.HALF:
        return f"{period.year}年{_HALVES[period.number - 1]}半年"
    return f"{period.year}年度"


def format_period_name(name: str) -> str:
    """Format a period given by its name in files and commands, such as 2026-Q1; any other text is unchanged."""
    period = parse_period(name)
    return format_period(period) if period else name


def format_board_title(board: Board | Bulletin) -> str:
    """Format a board's title as 2026年上半年积分榜: the rule's title, its word for the length left to the period."""
    words = {PeriodKind.MONTH: "月度", PeriodKind.QUARTER: "季度", PeriodKind.HALF: "半年", PeriodKind.YEAR: "年度"}
    return format_period(board.period) + (board.rule.title or "积分榜").removeprefix(words[board.period.kind])


@lru_cache(4096)
def format_day(day: date) -> str:
    """Format a day as 2026年4月2日."""
    return f"{day.year}年{day.month}月{day.day}日"


def format_notice(notice: ObjectionPeriod) -> str:
    """Format the days of a notice as 2026年7月6日至7月10日, over New Year as 2026年12月30日至预计2027年1月6日.

    With 预计, a holiday that is not known yet may fall in it.
    """
    last = format_day(notice.last) if notice.last.year != notice.first.year else format_month_day(notice.last)
    return f"{format_day(notice.first)}至{'预计' if notice.expected else ''}{last}"


def format_notice_end(notice: ObjectionPeriod) -> str:
    """Format the last day of a notice as 公示至7月10日 or 预计公示至7月10日, for readers who know the year."""
    return f"{'预计' if notice.expected else ''}公示至{format_month_day(notice.last)}"


@lru_cache(1024)
def format_month_day(day: date) -> str:
    """Format a day without its year as 4月2日."""
    return f"{day.month}月{day.day}日"


def shorten_digest(digest: str) -> str:
    """Return the first eight hex figures of a digest: a label on the screen, too short to prove anything on paper."""
    return digest.removeprefix("sha256:")[:8]


def format_check_code(digest: str) -> str:
    """Return the 核对码 of an approval: the first sixteen hex figures of its digest in four groups of four.

    Fewer could be hit by trial; ``verify --anchor`` takes these as they are printed.
    """
    figures = digest.removeprefix("sha256:")
    return " ".join(figures[at : at + 4] for at in range(0, 16, 4))


def group_digest(digest: str) -> str:
    """Return a whole digest in groups of eight figures, as it is read out from a sheet."""
    figures = digest.removeprefix("sha256:")
    return " ".join(figures[at : at + 8] for at in range(0, len(figures), 8))


def format_place(where: Location) -> str:
    """Format the place of a line in the month's ledger or in its correction: 第 12 行, 更正1 第 9 行."""
    order = _correction_order(where.file)
    return f"更正{order} 第 {where.line} 行" if order else f"第 {where.line} 行"


def correction_number(where: Location) -> str:
    """Return the number of the correction that a place is in, by its file's name; empty if it is in none."""
    return _correction_order(where.file)


@lru_cache(4096)
def _correction_order(file: str) -> str:
    match = re.search(r"\.c([0-9]+)\.yaml$", file)
    return match[1] if match else ""


def format_proofs(evidence: Evidence, rulebook: Rulebook) -> str:
    """Format the proofs of a line by the titles of their kinds: 签到表：一月.pdf 照片：1.jpg、2.jpg."""
    return " ".join([f"{rulebook.proofs.get(kind, kind)}：{'、'.join(files)}" for kind, files in evidence.items()])


def format_adjusted_sum(row: LedgerFormRow) -> str:
    """Format how the cells of a ledger form's row lead to its sum: 张三各格共 8 分，一票否决 -8 分，本月合计 0 分."""
    parts = [f"{member_label(row.member)}各格共 {format_points(row.cell_sum)} 分"]
    parts += [f"{adjustment.reason} {format_points(adjustment.points)} 分" for adjustment in row.adjustments]
    return "，".join([*parts, f"本月合计 {format_points(row.points)} 分"])


# --- what results decide ---------------------------------------------------------------------------------------------


def format_grounds(outcome: Outcome) -> str:
    """Format the periods on which an outcome is based as 2026年第一季度、2026年上半年."""
    return "、".join(format_period(period) for period in outcome.because)


def format_formula(result: AppraisalResult, score: CompositeScore) -> str:
    """Format the formula of a composite score: 0.7 × 131.5 + 0.3 × 92.5."""
    points = format_decimal(score.points)
    if result.rule.scale is PointsScale.CAPPED and score.points > FULL_MARK:
        points = f"{format_decimal(FULL_MARK)}（{points} 超过的不计）"
    elif result.rule.scale is PointsScale.PERCENT:
        points = f"{points} ÷ {format_decimal(result.attainable or ZERO)} × 100"
    review = f"{format_decimal(result.rule.review)} × {format_decimal(score.review)}"
    return f"{format_decimal(result.rule.points)} × {points} + {review}"


def _show_formula(result: AppraisalResult, score: CompositeScore) -> str:
    """Format the formula with the minus sign of pages; there are only numbers in it."""
    return format_formula(result, score).replace("-", MINUS)


def explain_grade(score: CompositeScore) -> str:
    """Explain step by step why a grade was given or withheld."""
    return "；".join(_explain_step(step) for step in score.steps)


def _explain_step(step: GradingStep) -> str:
    if step.basis is GradeBasis.LOWEST:
        return "其余的"
    if step.basis is GradeBasis.THRESHOLD:
        tied = f"，与名额边上的同分，一并评为{step.grade}（名额 {step.most} 个）"
        room = "" if step.most is None else tied if step.level else f"，在 {step.most} 个名额以内"
        return f"达到{step.grade}的分数线{room}"
    if step.basis is GradeBasis.SHARE:
        tied = "，与名额边上的同分，都不评"
        return f"{step.grade}名额 {step.most} 个" + (tied if step.level else "，已满" if step.most else "")
    assert step.outcome is not None
    rule = f"{step.outcome.rule.clause}（{format_grounds(step.outcome)}）"
    return f"按{rule}不得评为{step.grade}" if step.basis is GradeBasis.BARRED else f"按{rule}定为{step.grade}"


def list_appraisal_notes(result: AppraisalResult) -> Iterator[str]:
    """Yield the notes below composite scores: rounding, missing reviews, whether points are final."""
    rounding = {
        RoundingMode.HALF_UP: "四舍五入",
        RoundingMode.HALF_EVEN: "四舍六入五成双",
        RoundingMode.UP: "向上取",
        RoundingMode.DOWN: "向下取",
    }
    rounding_step = format_decimal(result.rule.rounding.step)
    yield f"依据{result.rule.clause}。综合得分按算式一次算出，{rounding[result.rule.rounding.rule]}到 {rounding_step}。"
    if result.provisional:
        yield "暂计：还有台账没有审核，积分会变动，只列出由规则定下的等次。"
    for grade in result.rule.grades:
        if grade.share is not None:
            tied = "都不评" if grade.edge is EdgeRule.NONE else "都评"
            yield f"{grade.title}不超过参加评议人数的 {grade.share}，舍去零头；名额边上同分的{tied}，不得评的不占名额。"
    if not result.rule.grades:
        yield "办法没有规定各等次的分数线，只列出由规则定下的等次。"
    if result.unreviewed:
        yield f"没有评议得分的：{'、'.join(map(member_label, result.unreviewed))}。"


def describe_candidate(poll: PollResult, candidate: AwardCandidate) -> str:
    """Describe the rules against a candidate, and all else that the committee should know."""
    remarks = [f"不得列为表彰对象：{_format_rule(poll, outcome)}" for outcome in candidate.barred]
    remarks += [f"{outcome.rule.title}：{_format_rule(poll, outcome)}" for outcome in candidate.remarks]
    remarks += ["预备党员"] if candidate.status is MembershipStatus.PROBATIONARY else []
    remarks += ["不在榜上"] if poll.ranking and candidate.rank is None else []
    return "；".join(remarks)


def _format_rule(poll: PollResult, outcome: Outcome) -> str:
    """Format a rule's clause and periods, and whether a period was not over before the poll's day."""
    after = "，其中有投票以后的榜单" if any(period.last >= poll.date for period in outcome.because) else ""
    return f"{outcome.rule.clause}（{format_grounds(outcome)}{after}）"


def list_award_notes(poll: PollResult) -> Iterator[str]:
    """Yield the notes below a poll: the electorate, the board of the ranks, and that the committee decides."""
    order = {AwardCriterion.VOTES: "票数", AwardCriterion.RANK: "名次"}
    board = "投票当日尚无台账齐全的榜单，没有名次可对照"
    if poll.ranking:
        board = f"名次和积分取自投票当日台账已经齐全的最近一期全机关榜，即{format_period(poll.ranking.period)}榜"
    by = "、".join(order[weight] for weight in poll.rule.order)
    yield f"应到会有表决权的党员 {poll.electorate} 人。{board}。先后按{by}。"
    yield f"依据{poll.rule.clause}，由机关党委择优确定；本表只作对照，不作决定。"


def format_late_month(late: LateMonth) -> str:
    """Format a month that was approved late as 2026年3月（4月15日审核，应在4月10日前）."""
    approval = f"{_format_day_in(late.month.year, late.approved)}审核" if late.approved else "尚未审核"
    return f"{format_period(late.month)}（{approval}，应在{_format_day_in(late.month.year, late.due)}前）"


def _format_day_in(year: int, day: date) -> str:
    """Format a day, with its year unless it is the given one."""
    return format_month_day(day) if day.year == year else format_day(day)


# --- what the committee has to do ------------------------------------------------------------------------------------

_DUTY_FORMATS = {
    DutyKind.APPROVE: "{}台账报支委会审核",
    DutyKind.CORRECTION: "{}台账的更正报支委会审核",
    DutyKind.FILE: "{}台账已齐全，办理备案",
    DutyKind.OBJECTION: "{}积分榜公示期满",
    DutyKind.REVIEWS: "{}民主评议得分登记、审核",
    DutyKind.DRAFT: "{}还是草稿，报会议审核",
    DutyKind.SIGN: "{}已请审核人签名，等他的答复",
}


def format_duty(duty: Duty) -> str:
    """Format a duty of the committee's as 2026年10月台账报支委会审核."""
    subject = format_month_list(duty.months) if duty.months else format_period(duty.period) if duty.period else ""
    return _DUTY_FORMATS[duty.duty].format(subject or duty.file)


def format_month_list(months: Sequence[Period]) -> str:
    """Format months of a year as 2026年1月至3月、5月, three and more in a row by the first and the last."""
    parts: list[list[Period]] = []
    for month in months:
        if parts and parts[-1][-1].number + 1 == month.number:
            parts[-1].append(month)
        else:
            parts.append([month])
    words = [
        f"{part[0].number}月至{part[-1].number}月"
        if len(part) > 2  # noqa: PLR2004  two are not shorter that way
        else "、".join(f"{month.number}月" for month in part)
        for part in parts
    ]
    return f"{months[0].year}年{'、'.join(words)}"


def format_days_left(duty: Duty, today: date) -> str:
    """Format the days left until a duty is due as 逾期 12 天, 今天到期 or 还有 5 天; empty without a day."""
    if duty.day is None:
        return ""
    days = (duty.day - today).days
    return f"逾期 {-days} 天" if days < 0 else f"还有 {days} 天" if days else "今天到期"


def format_missing_months(missing: Iterable[str]) -> str:
    """Format the months that a branch's board lacks as 缺7月、9月, or 齐全 if none."""
    months = "、".join(f"{int(name[-2:])}月" for name in missing)
    return f"缺{months}" if months else "齐全"


def format_rank(position: BoardStanding) -> str:
    """Format a rank as 第 9 名/共 9 人."""
    return f"第 {position.standing.rank} 名/共 {position.of} 人"


@lru_cache(4096)  # a page has thousands of points but few values; equal ones are written alike, and may share a key
def format_points(points: Decimal) -> str:
    """Format points as readers see them, below zero with a minus sign: 24.5, −0.5."""
    return format_decimal(points).replace("-", MINUS)


# Themes outside this repository read filters by these names.
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
    "code": format_check_code,
    "place": format_place,
    "label": member_label,
    "proofs": format_proofs,
    "adjusted": format_adjusted_sum,
    "because": format_grounds,
    "formula": _show_formula,
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

# Their text has no <, >, & or quotation mark: fast templates print it unescaped.
ESCAPE_FREE_FILTERS = {
    format_points,
    format_day,
    format_month_day,
    format_period,
    format_place,
}
