"""The part of a rulebook that says what results decide: rules over standings."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from generator.core.model import (
    Condition,
    Consequence,
    Effect,
    Position,
    Status,
    Within,
)
from generator.intake.fields import Field, choice, count, flag, many, record, slug, text
from generator.problems import Problem, Where, suggest


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
