"""Points that a ledger's lines earn, before any ceiling (R1 to R3)."""

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

_STATUS_REASONS = {
    AttendanceStatus.PRESENT: "参加",
    AttendanceStatus.LEAVE: "请假",
    AttendanceStatus.ABSENT: "无故缺席",
    AttendanceStatus.EXEMPT: "免计，不得分也不扣分",
}


def score_lines(ledger: ValidLedger, rulebook: Rulebook) -> Iterator[ScoreLine]:
    """Yield every line of a ledger in its order: activities before entries, each by position (R4)."""
    branch, month = ledger.branch, ledger.month
    for activity in ledger.held:
        # An activity has many members and few statuses: each status is scored once.
        statuses = {attendance.how for attendance in activity.attendance}
        scored = {status: _score_attendance(activity, status, rulebook) for status in statuses}
        description = _describe(activity)
        day, evidence, item_id = activity.date, activity.evidence, activity.item.id
        for attendance in activity.attendance:
            member, how, where = attendance.member, attendance.how, attendance.where
            item, earned, reason = scored[how]
            yield ScoreLine(
                member, branch, month, day, item, earned, earned, description, reason, where, evidence, item_id, how
            )
    for entry in ledger.credits:
        yield _score_entry(ledger, entry)


def _describe(activity: ResolvedActivity) -> str:
    """Return an activity in words: its title, after the item's unless that is part of it."""
    title, item_title = activity.title, activity.item.title
    return title if item_title in title else f"{item_title}：{title}".removesuffix("：")


def _score_attendance(
    activity: ResolvedActivity, status: AttendanceStatus, rulebook: Rulebook
) -> tuple[Item, Decimal, str]:
    """Return the item that counts for a status, the points it earns, and the reason in words.

    Presence earns; leave and absence cost what the item names, and earn nothing (R1, R2).
    """
    item, earned, reason = activity.item, ZERO, _STATUS_REASONS[status]
    if status is AttendanceStatus.PRESENT:
        earned = item.points or ZERO
        reason = "按时完成" if item.roll and not (item.leave or item.absent) else reason
    elif deduction := {AttendanceStatus.LEAVE: item.leave, AttendanceStatus.ABSENT: item.absent}.get(status):
        item = rulebook.item[deduction]
        earned = item.points or ZERO
    elif status is not AttendanceStatus.EXEMPT:
        reason = "请假，本次不得分" if status is AttendanceStatus.LEAVE else "未完成，本次不得分"
    return item, earned, _append_late(reason, activity.late)


def _score_entry(ledger: ValidLedger, entry: ResolvedEntry) -> ScoreLine:
    """Return the line of an entry: a level gives the points (R3); times multiply them before any ceiling."""
    points = entry.level.points if entry.level else entry.item.points or ZERO
    words = [entry.level.title] if entry.level else []
    words += [f"{entry.times} 次"] if entry.times > 1 else []
    words += ["一票否决"] if entry.item.veto else []
    return ScoreLine(
        member=entry.member,
        branch=ledger.branch,
        month=ledger.month,
        date=entry.date,
        item=entry.item,
        earned=points * entry.times,
        points=points * entry.times,
        what="：".join(word for word in (entry.item.title, entry.note) if word),
        reason=_append_late("，".join(words), entry.late),
        where=entry.where,
        evidence=entry.evidence,
    )


def _append_late(reason: str, late: str | None) -> str:
    return "，".join(word for word in (reason, f"补登（{late}）" if late else "") if word)
