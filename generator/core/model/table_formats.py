"""Formats of tables from other systems: which column has what, and what their words mean (``content/import.yaml``)."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from generator.core.model.ledger import AttendanceStatus

TITLES = {
    "member": "党员",
    "date": "日期",
    "end": "结束",
    "item": "项目",
    "title": "主题",
    "attendance": "出勤",
    "branch": "支部",
    "level": "档次",
    "times": "次数",
    "note": "备注",
    "score": "得分",
    "votes": "得票",
}

# Of a column with branches in any table; other systems call them organisations, too.
BRANCH_HEADS = (
    "支部",
    "党支部",
    "所在支部",
    "所在党支部",
    "所属支部",
    "所属党支部",
    "支部名称",
    "党支部名称",
    "branch",
)
_BRANCH_HEADS = (*BRANCH_HEADS, "所在党组织", "所属党组织")
_MEMBER_HEADS = ("姓名", "党员姓名", "人员姓名", "员工姓名", "参会人员", "参会人", "党员", "name", "member")

Words = Mapping[str, str | None]
"""What words of a table mean, by the word; None for what is left out."""


class TableColumns(Struct, frozen=True):
    """The heads of columns by what these have, each in any of its spellings; of ``optional`` ones there may be none."""

    heads: Mapping[str, tuple[str, ...]]
    optional: frozenset[str] = frozenset()


class TableFormat(Struct, frozen=True):
    """A table of attendance or of single records, a row for each person.

    ``item`` is that of all rows where no column has it. In a table with a column for each activity, ``across`` are
    the heads of these columns, from top to bottom; their cells are the attendance. ``blank`` is the attendance that an
    empty cell means, None if it means nothing. ``items`` and ``branches`` say what words of the table mean,
    None for rows that are left out; ``skip`` are people who are no members.
    """

    columns: TableColumns
    title: str = ""
    item: str = ""
    across: tuple[str, ...] = ()
    blank: AttendanceStatus | None = None
    items: Words = MappingProxyType({})
    branches: Words = MappingProxyType({})
    attendance: Mapping[str, AttendanceStatus] = MappingProxyType({})
    skip: frozenset[str] = frozenset()


class TableFormats(Struct, frozen=True):
    """The formats of a site project: of attendance and records, of reviews, and of votes."""

    formats: tuple[TableFormat, ...]
    reviews: TableColumns
    votes: TableColumns


DEFAULT_FORMATS = TableFormats(
    (
        TableFormat(
            TableColumns(
                {
                    "member": _MEMBER_HEADS,
                    "date": (
                        *("日期", "活动日期", "活动时间", "会议日期", "会议时间", "召开时间", "召开日期", "开展时间"),
                        *("开展日期", "考勤日期", "考勤时间", "签到日期", "签到时间", "打卡日期", "打卡时间", "date"),
                    ),
                    "item": (
                        "项目",
                        "积分项目",
                        "活动类型",
                        "活动类别",
                        "会议类型",
                        "会议类别",
                        "组织生活类型",
                        "item",
                    ),
                    "title": ("主题", "活动主题", "会议主题", "活动名称", "会议名称", "title"),
                    "attendance": (
                        *("出勤", "出勤情况", "出席情况", "参会情况", "到会情况", "参加情况", "签到情况", "签到状态"),
                        *("考勤结果", "考勤状态", "考勤情况", "打卡结果", "打卡状态", "attendance"),
                    ),
                    "branch": _BRANCH_HEADS,
                    "level": ("档次", "level"),
                    "times": ("次数", "times"),
                    "note": ("备注", "note"),
                },
                frozenset({"title", "attendance", "branch", "level", "times", "note"}),
            )
        ),
    ),
    TableColumns(
        {
            "member": _MEMBER_HEADS,
            "score": ("得分", "评议得分", "评议分", "分数", "平均分", "score"),
            "branch": _BRANCH_HEADS,
        },
        frozenset({"branch"}),
    ),
    TableColumns(
        {"member": _MEMBER_HEADS, "votes": ("得票", "得票数", "票数", "赞成票", "votes"), "branch": _BRANCH_HEADS},
        frozenset({"branch"}),
    ),
)
