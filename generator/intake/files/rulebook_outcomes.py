"""The part of a rulebook file on outcomes: consequences of standings, appraisal, awards, bookkeeping."""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct, field

from generator.core.basics import numbers
from generator.core.basics.numbers import RoundingMode
from generator.core.model.roster import MembershipStatus
from generator.core.model.rulebook import (
    AppraisalRule,
    AwardCriterion,
    AwardRule,
    BoardRule,
    BookkeepingRule,
    Condition,
    Consequence,
    CountingScope,
    EdgeRule,
    Effect,
    Grade,
    PlaceKind,
    PointsScale,
    RoundingRule,
    Scope,
)
from generator.intake.text import shapes
from generator.intake.text.fields import (
    Field,
    FileReport,
    choice_of,
    list_of,
    read_count,
    read_decimal,
    read_flag,
    read_slug,
    read_text,
    record_of,
)
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node
from generator.problems import Location, Problem, suggest_known_word


class WrittenConsequence(Struct, frozen=True):
    """A consequence as written, with its location."""

    value: Consequence
    where: Location


def _make_consequence(where: Location, **values: object) -> WrittenConsequence:
    return WrittenConsequence(Consequence(**values), where)  # type: ignore[arg-type]


_CONDITION = record_of(
    Condition,
    Field("board", read_slug, required=True),
    Field("place", choice_of(PlaceKind, {"last": "最后一名", "top": "靠前", "bottom": "靠后"}), required=True),
    Field("among", read_count),
    Field("times", read_count),
    Field("consecutive", read_flag),
)

CONSEQUENCE = record_of(
    _make_consequence,
    Field("id", read_slug, required=True),
    Field("title", read_text, required=True),
    Field("clause", read_text, required=True),
    Field("text", read_text, required=True),
    Field("members", choice_of(MembershipStatus, {"full": "正式", "probationary": "预备"})),
    Field("when", list_of(_CONDITION)),
    Field("within", choice_of(CountingScope, {"cycle": "当年", "probation": "整个预备期"})),
    Field("effect", choice_of(Effect)),
    Field("grade", read_text),
    with_where=True,
)


def check_consequences(written: Collection[WrittenConsequence], boards: Collection[str]) -> Iterator[Problem]:
    """Find rules that can't be applied: an unknown board, an effect without a condition, a missing or useless grade."""
    for consequence in written:
        rule = consequence.value
        for condition in rule.when:
            if condition.board not in boards:
                message = f"“{rule.title}”的条件里没有“{condition.board}”这种榜单"
                yield Problem(
                    consequence.where, "rulebook.unknown-board", message, suggest_known_word(condition.board, boards)
                )
            if condition.among > 1 and condition.place is PlaceKind.LAST:
                hint = "最后一名不写 among；要算后几名的，写 place: bottom"
                yield Problem(consequence.where, "rulebook.rule", f"“{rule.title}”的条件里 among 没有用处", hint)
            if condition.consecutive and condition.times == 1:
                hint = "请加上 times: 次数，或删去 consecutive"
                yield Problem(consequence.where, "rulebook.rule", f"“{rule.title}”写了连续，却没有写多少次", hint)
        if rule.grade and rule.effect not in {Effect.GRADE, Effect.BAR}:
            hint = "只有 effect: grade（定为）和 effect: bar（不得评为）才写 grade"
            yield Problem(consequence.where, "rulebook.rule", f"“{rule.title}”写的 grade 没有用处", hint)
        if bool(rule.when) != bool(rule.effect):
            hint = "要由程序判断的，when 和 effect 都要写；只印在规则页上的，都不写"
            yield Problem(consequence.where, "rulebook.rule", f"“{rule.title}”只写了 when 和 effect 中的一个", hint)
        if rule.effect in {Effect.GRADE, Effect.BAR} and not rule.grade:
            decision = "定为" if rule.effect is Effect.GRADE else "不得评为"
            yield Problem(
                consequence.where, "rulebook.rule", f"“{rule.title}”没有写{decision}什么等次", "请加一行 grade: 等次"
            )
        if rule.within is CountingScope.PROBATION and rule.members is not MembershipStatus.PROBATIONARY:
            hint = "within: probation 只能和 members: probationary 一起写"
            yield Problem(consequence.where, "rulebook.rule", f"“{rule.title}”按预备期计算，对象却不是预备党员", hint)


# --- rounding --------------------------------------------------------------------------------------------------------


@shaped(lambda: shape_of(read_decimal))
def _read_step(node: Node, report: FileReport) -> Decimal | None:
    step = read_decimal(node, report)
    if step is not None and step <= 0:
        report.add_error(node, "field.bad-number", "进位单位必须大于 0", "例如 0.01")
        return None
    return step


ROUNDING = record_of(RoundingRule, Field("rule", choice_of(RoundingMode)), Field("step", _read_step))


# --- appraisal -------------------------------------------------------------------------------------------------------


@shaped(shapes.text_of("[0-9]{1,3}/[1-9][0-9]{0,2}|[0-9]{1,7}(?:[.][0-9]{1,4})?%?"))
def _read_share(node: Node, report: FileReport) -> Fraction | None:
    """Read a share: ``1/3``, ``30%`` or ``0.3``; more than 0 and at most 1."""
    word = read_text(node, report)
    if word is None:
        return None
    share = None
    if match := re.fullmatch(r"([0-9]{1,3})/([1-9][0-9]{0,2})", word):
        share = Fraction(int(match[1]), int(match[2]))
    elif (value := numbers.parse_decimal(word.removesuffix("%"))) is not None:
        share = Fraction(value) / (100 if word.endswith("%") else 1)
    if share is None or not 0 < share <= 1:
        report.add_error(
            node, "field.bad-number", f"“{word}”不是一个比例", "请写成 1/3、30% 或 0.3 的样子，大于 0，不超过 1"
        )
        return None
    return share


class WrittenGrade(Struct, frozen=True):
    """A grade as written, with its location."""

    value: Grade
    where: Location


def _make_grade(where: Location, **values: object) -> WrittenGrade:
    return WrittenGrade(Grade(at_least=values.pop("from", None), **values), where)  # type: ignore[arg-type]


_GRADE = record_of(
    _make_grade,
    Field("title", read_text, required=True),
    Field("from", read_decimal),
    Field("above", read_decimal),
    Field("share", _read_share),
    Field("edge", choice_of(EdgeRule, {"none": "都不评", "all": "都评"})),
    with_where=True,
)


class WrittenAppraisal(Struct, frozen=True):
    """An appraisal as written, with its location."""

    clause: str
    weights: tuple[Decimal, Decimal]
    where: Location
    points_scale: PointsScale = PointsScale.RAW
    rounding: RoundingRule = field(default_factory=RoundingRule)
    grades: tuple[WrittenGrade, ...] = ()

    @property
    def value(self) -> AppraisalRule:
        """The appraisal rule without locations."""
        grades = tuple(grade.value for grade in self.grades)
        return AppraisalRule(self.clause, *self.weights, self.points_scale, self.rounding, grades)


def _make_weights(points: Decimal, review: Decimal) -> tuple[Decimal, Decimal]:
    return points, review


APPRAISAL = record_of(
    WrittenAppraisal,
    Field("clause", read_text, required=True),
    Field(
        "weights",
        record_of(
            _make_weights, Field("points", read_decimal, required=True), Field("review", read_decimal, required=True)
        ),
        required=True,
    ),
    Field("points_scale", choice_of(PointsScale, {"raw": "原分", "percent": "百分比", "capped": "最多按 100 分"})),
    Field("rounding", ROUNDING),
    Field("grades", list_of(_GRADE)),
    with_where=True,
)


def check_appraisal(
    written: WrittenAppraisal | None, consequences: Collection[WrittenConsequence], *, open_ended: bool
) -> Iterator[Problem]:
    """Find weights that don't sum to 1, grades with gaps, and rules about grades that don't exist.

    ``open_ended``: the points that can be earned have no upper limit, so that there is nothing to compute a percentage
    of.
    """
    if written is None:
        return
    if min(written.weights) < 0 or sum(written.weights) != 1:
        hint = "请写成 {points: 0.7, review: 0.3} 的样子"
        yield Problem(written.where, "rulebook.weights", "积分和评议得分的权重相加不是 1", hint)
    if written.points_scale is PointsScale.PERCENT and open_ended:
        hint = "请给每个得分的项目或分类写上全年上限（cap），或改用 points_scale: raw"
        yield Problem(written.where, "rulebook.open-ended", "积分要折算成百分比，而能得的分没有上限", hint)
    yield from _check_grades(written.grades)
    titles = [grade.value.title for grade in written.grades]
    for consequence in consequences:
        if titles and consequence.value.grade is not None and consequence.value.grade not in titles:
            message = f"“{consequence.value.title}”写的等次“{consequence.value.grade}”不在 grades 里"
            hint = suggest_known_word(consequence.value.grade, titles)
            yield Problem(consequence.where, "rulebook.grades", message, hint)
        if titles and consequence.value.effect is Effect.BAR and consequence.value.grade == titles[-1]:
            message = f"“{consequence.value.title}”不许评最低的等次“{titles[-1]}”，就没有等次可评了"
            yield Problem(consequence.where, "rulebook.grades", message, "请改写 grade")


def _check_grades(written: Collection[WrittenGrade]) -> Iterator[Problem]:
    """Check that grades go from the best down without a gap: each threshold below the one before, none for the last."""
    for number, written_grade in enumerate(written, start=1):
        grade, is_lowest = written_grade.value, number == len(written)
        if grade.at_least is not None and grade.above is not None:
            yield _grade_problem(written_grade, "的 from 和 above 只能写一个", "包括这个数写 from，不包括写 above")
        elif is_lowest and (grade.at_least is not None or grade.above is not None or grade.share is not None):
            hint = "请删去它的 from、above 和 share，或在后面再写一个更低的等次"
            yield _grade_problem(written_grade, "是最低的等次，再低的分就没有等次了", hint)
        elif not is_lowest and grade.at_least is None and grade.above is None:
            yield _grade_problem(
                written_grade, "没有写从多少分起，后面的等次就轮不到了", "请加一行 from: 分数，或把它移到最后"
            )
    titles = [written_grade.value.title for written_grade in written]
    for number, written_grade in enumerate(written):
        if written_grade.value.title in titles[:number]:
            yield _grade_problem(written_grade, "写了两次", "请删去一处")
    for above, below in pairwise(written):
        if not _is_lower(below.value, above.value):
            yield _grade_problem(below, f"的分数线不低于前一等次“{above.value.title}”", "请从最高的等次写到最低的")


def _is_lower(below: Grade, above: Grade) -> bool:
    """Return whether the threshold of a grade is lower; at the same number, ``above`` is higher than ``from``."""
    low = below.at_least if below.at_least is not None else below.above
    high = above.at_least if above.at_least is not None else above.above
    if low is None or high is None:
        return True
    return low < high or (low == high and above.above is not None and below.at_least is not None)


def _grade_problem(written_grade: WrittenGrade, message: str, hint: str) -> Problem:
    return Problem(written_grade.where, "rulebook.grades", f"等次“{written_grade.value.title}”{message}", hint)


# --- awards and bookkeeping ------------------------------------------------------------------------------------------


class WrittenAwarding(Struct, frozen=True):
    """The rule that sets votes and ranking side by side for awards, as written, with its location."""

    value: AwardRule
    where: Location


def _make_awarding(where: Location, **values: object) -> WrittenAwarding:
    return WrittenAwarding(AwardRule(**values), where)  # type: ignore[arg-type]


AWARDS = record_of(
    _make_awarding,
    Field("clause", read_text, required=True),
    Field("board", read_slug, required=True),
    Field("order", list_of(choice_of(AwardCriterion, {"votes": "票数", "rank": "名次"}))),
    with_where=True,
)


def check_awards(written: WrittenAwarding | None, boards: Collection[BoardRule]) -> Iterator[Problem]:
    """Find awards without a board of the whole organ, or without criteria to sort by."""
    if written is None:
        return
    board_ids = [board.id for board in boards if board.scope is Scope.ORGAN]
    if written.value.board not in board_ids:
        message = f"awards 要用全机关的榜单，没有“{written.value.board}”这一种"
        yield Problem(
            written.where, "rulebook.unknown-board", message, suggest_known_word(written.value.board, board_ids)
        )
    if not written.value.order or len(set(written.value.order)) < len(written.value.order):
        message = "order 要写明先看什么、后看什么，每样一次"
        yield Problem(written.where, "rulebook.awards", message, "例如 order: [votes, rank]，先看票数，后看名次")


@shaped(shapes.any_of({"type": "integer", "minimum": 1, "maximum": 28}, shapes.text_of("[1-9]|1[0-9]|2[0-8]")))
def _read_due_day(node: Node, report: FileReport) -> int | None:
    """Read a day of the month, 1 to 28, as each month has it."""
    due = read_count(node, report)
    if due is not None and due > 28:  # noqa: PLR2004
        report.add_error(
            node, "field.bad-number", f"不是每个月都有 {due} 日", "请写 1 到 28，例如 10 表示次月 10 日以前"
        )
        return None
    return due


BOOKKEEPING = record_of(
    BookkeepingRule, Field("clause", read_text, required=True), Field("due", _read_due_day, required=True)
)
