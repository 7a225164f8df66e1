"""Marks of attendance as people write them in lists of presence, by the only reading that they have."""

from collections.abc import Mapping

from generator.core.model.ledger import AttendanceStatus

# Not among them are signs that each place uses in a way of its own: ○, △, a slash, 1 and 0.
MARK_WORDS: Mapping[str, AttendanceStatus] = {
    **dict.fromkeys(
        ("到", "参加", "到会", "出席", "出勤", "已到", "已到会", "已参加", "已签到", "签到", "正常", *"√✓✔✅☑"),
        AttendanceStatus.PRESENT,
    ),
    **dict.fromkeys(("假", "请假", "已请假"), AttendanceStatus.LEAVE),
    **dict.fromkeys(("缺", "缺席", "缺勤", *"×✗✘✕✖❌"), AttendanceStatus.ABSENT),
    **dict.fromkeys(("免", "免计"), AttendanceStatus.EXEMPT),
}
