"""What a ledger's lines earn, ceilings apart (R1 to R3)."""

from collections.abc import Iterator
from decimal import Decimal

from generator.core.basics.numbers import ZERO
from generator.core.model.ledger import AttendanceStatus, ResolvedActivity, ResolvedEntry, ValidLedger
from generator.core.model.rulebook import (
    Item,
    Rulebook,
)
from generator.core.model.tally import ScoreLine

OBVIOUS_REASONS = ("参加", "按时完成")  # reasons that go without saying

_WORDS = {
    AttendanceStatus.PRESENT: "参加",
    AttendanceStatus.LEAVE: "请假",
    AttendanceStatus.ABSENT: "无故缺席",
    AttendanceStatus.EXEMPT: "免计，不得分也不扣分",
}


def score_lines(ledger: ValidLedger, rulebook: Rulebook) -> Iterator[ScoreLine]:
    """Every line of a ledger in its order: activities before entries, each by position (R4)."""
    branch, month = ledger.branch, ledger.month
    for held in ledger.held:
        brings = {how: _brings(held, how, rulebook) for how in {one.how for one in held.attendance}}
        what = held.title if held.item.title in held.title else f"{held.item.title}：{held.title}".removesuffix("：")
        day, evidence = held.date, held.evidence
        for one in held.attendance:
            item, earned, reason = brings[one.how]
            yield ScoreLine(one.member, branch, month, day, item, earned, earned, what, reason, one.where, evidence)
    for credit in ledger.credits:
        yield _credited(ledger, credit)


def _brings(held: ResolvedActivity, how: AttendanceStatus, rulebook: Rulebook) -> tuple[Item, Decimal, str]:
    """Presence earns; leave and absence cost what the item names, and earn nothing (R1, R2)."""
    item, earned, reason = held.item, ZERO, _WORDS[how]
    if how is AttendanceStatus.PRESENT:
        earned = item.points or ZERO
        reason = "按时完成" if item.roll and not (item.leave or item.absent) else reason
    elif deduction := {AttendanceStatus.LEAVE: item.leave, AttendanceStatus.ABSENT: item.absent}.get(how):
        item = rulebook.item[deduction]
        earned = item.points or ZERO
    elif how is not AttendanceStatus.EXEMPT:
        reason = "请假，本次不得分" if how is AttendanceStatus.LEAVE else "未完成，本次不得分"
    return item, earned, _with_late(reason, held.late)


def _credited(ledger: ValidLedger, credit: ResolvedEntry) -> ScoreLine:
    """A level stands for the points (R3); times multiply them before any ceiling."""
    each = credit.level.points if credit.level else credit.item.points or ZERO
    words = [credit.level.title] if credit.level else []
    words += [f"{credit.times} 次"] if credit.times > 1 else []
    words += ["一票否决"] if credit.item.veto else []
    return ScoreLine(
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
