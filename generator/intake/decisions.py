"""The part of a rulebook that says what results decide: rules over standings, the annual appraisal, its grades."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from generator.core.model import (
    Appraisal,
    Condition,
    Consequence,
    Edge,
    Effect,
    Grade,
    Position,
    Quotient,
    Scale,
    Status,
    Within,
)
from generator.core.numbers import ZERO, Rounding
from generator.intake.fields import Field, Report, choice, count, decimal, flag, many, record, slug, text
from generator.intake.yamltext import Node
from generator.problems import Problem, Where, suggest


def _step(node: Node, report: Report) -> Decimal | None:
    step = decimal(node, report)
    if step is not None and step <= 0:
        report.add(node, "field.bad-number", "进位单位必须大于 0", "例如 0.01")
        return None
    return step


ROUNDING = record(Quotient, Field("rule", choice(Rounding)), Field("step", _step))


@dataclass(frozen=True, slots=True)
class Written:
    """A consequence as written, with its place."""

    value: Consequence
    where: Where


def _consequence(where: Where, **values: object) -> Written:
    return Written(Consequence(**values), where)  # type: ignore[arg-type]


_CONDITION = record(
    Condition,
    Field("board", slug, required=True),
    Field("place", choice(Position, {"last": "最后一名", "top": "靠前", "bottom": "靠后"}), required=True),
    Field("among", count),
    Field("times", count),
    Field("consecutive", flag),
)

CONSEQUENCE = record(
    _consequence,
    Field("id", slug, required=True),
    Field("title", text, required=True),
    Field("clause", text, required=True),
    Field("text", text, required=True),
    Field("members", choice(Status, {"full": "正式", "probationary": "预备"})),
    Field("when", many(_CONDITION)),
    Field("within", choice(Within, {"cycle": "当年", "probation": "整个预备期"})),
    Field("effect", choice(Effect)),
    Field("grade", text),
    located=True,
)


def consequences(written: Collection[Written], boards: Collection[str]) -> Iterator[Problem]:
    """Find rules that can't be carried out: a board that isn't there, an effect without a condition, no grade."""
    for one in written:
        rule = one.value
        for condition in rule.when:
            if condition.board not in boards:
                message = f"“{rule.title}”的条件里没有“{condition.board}”这种榜单"
                yield Problem(one.where, "rulebook.unknown-board", message, suggest(condition.board, boards))
        if bool(rule.when) != bool(rule.effect):
            hint = "要由程序判断的，when 和 effect 都要写；只印在规则页上的，都不写"
            yield Problem(one.where, "rulebook.rule", f"“{rule.title}”只写了 when 和 effect 中的一个", hint)
        if rule.effect is Effect.GRADE and not rule.grade:
            yield Problem(one.where, "rulebook.rule", f"“{rule.title}”没有写定为什么等次", "请加一行 grade: 等次")
        if rule.within is Within.PROBATION and rule.members is not Status.PROBATIONARY:
            hint = "within: probation 只能和 members: probationary 一起写"
            yield Problem(one.where, "rulebook.rule", f"“{rule.title}”按预备期计算，对象却不是预备党员", hint)


# --- the annual appraisal --------------------------------------------------------------------------------------------


def _share(node: Node, report: Report) -> Decimal | None:
    """A part of one, such as 0.7."""
    found = decimal(node, report)
    if found is not None and not ZERO <= found <= 1:
        report.add(node, "field.bad-number", f"“{found}”不在 0 和 1 之间", "比例写成 0.7 的样子")
        return None
    return found


def _threshold(key: str) -> Field[Decimal]:
    return Field(key, decimal)


def _grade(**values: object) -> Grade:
    values["least"] = values.pop("from", None)
    return Grade(**values)  # type: ignore[arg-type]


_GRADE = record(
    _grade,
    Field("title", text, required=True),
    _threshold("from"),
    _threshold("above"),
    Field("share", _share),
    Field("edge", choice(Edge, {"in": "同分都评", "out": "同分都不评"})),
)

_WEIGHTS = record(
    lambda points, review: (points, review),
    Field("points", _share, required=True),
    Field("review", _share, required=True),
)


def _appraisal(weights: tuple[Decimal, Decimal], **values: object) -> Appraisal:
    return Appraisal(points_weight=weights[0], review_weight=weights[1], **values)  # type: ignore[arg-type]


_APPRAISAL = record(
    _appraisal,
    Field("clause", text, required=True),
    Field("weights", _WEIGHTS, required=True),
    Field("points_scale", choice(Scale, {"raw": "原分", "percent": "占满分的百分比", "capped": "超过 100 按 100"})),
    Field("rounding", ROUNDING),
    Field("grades", many(_GRADE)),
)


def appraisal(node: Node, report: Report) -> Appraisal | None:
    """How the composite is made up and graded; grades go from the highest threshold down, the last has none."""
    found = _APPRAISAL(node, report)
    if found is None:
        return None
    if found.points_weight + found.review_weight != 1:
        report.add(node, "rulebook.weights", "两项权重加起来不是 1", "例如 weights: {points: 0.7, review: 0.3}")
    thresholds = [(grade.least, grade.above) for grade in found.grades]
    limits = [least if above is None else above for least, above in thresholds[:-1]]
    doubled = any(least is not None and above is not None for least, above in thresholds)
    if found.grades and (
        doubled or None in limits or thresholds[-1] != (None, None) or limits != sorted(limits, reverse=True)  # type: ignore[type-var]
    ):
        hint = "从高到低写，每一等写 from（含）或 above（不含）中的一个，最后一等都不写"
        report.add(node, "rulebook.grades", "等次的分数线不连贯", hint)
    return found
