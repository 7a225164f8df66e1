"""Inputs that bear on names, ranks, figures, states or decisions: which are sealed, which are dated, which are free.

This is the one table of them. ``SECURITY.md`` and the manual print it, and a test compares all three.
"""

from enum import StrEnum

from msgspec import Struct


class Protection(StrEnum):
    """The way in which the past keeps an input: sealed by approvals, by dated values, by a mended day, or not at all.

    What is fixed never changes once a month that depends on it is published. What is free bears on nothing that was
    published but words and looks.
    """

    SEALED = "sealed"
    DATED = "dated"
    MENDED = "mended"
    FIXED = "fixed"
    FREE = "free"


class InputKind(Struct, frozen=True):
    """A kind of input: the ``key`` as written in a file of the name, and its ``title`` in words.

    A dated value has its changes ``with_reason``, or the reason may be left out.
    """

    key: str
    file: str
    title: str
    protection: Protection
    with_reason: bool = False


SETTINGS, ROSTER, CYCLE = "content/site.yaml", "ledgers/roster.yaml", "ledgers/YEAR/cycle.yaml"
RULEBOOK, LEDGERS = "ledgers/rulebooks/ID.yaml", "ledgers/YEAR/"

BOARDS = InputKind("boards", RULEBOOK, "榜单", Protection.DATED, with_reason=True)
ROUNDING = InputKind("rounding", RULEBOOK, "平均分和中位数的进位", Protection.DATED, with_reason=True)
CONSEQUENCES = InputKind("consequences", RULEBOOK, "结果运用的规则", Protection.DATED, with_reason=True)
BOOKKEEPING = InputKind("bookkeeping", RULEBOOK, "台账最迟哪天审核", Protection.DATED, with_reason=True)
ORGAN = InputKind("organ", SETTINGS, "机关的名称", Protection.DATED, with_reason=True)
COMMITTEE = InputKind("committee", SETTINGS, "机关党委的名称", Protection.DATED, with_reason=True)
OBJECTION_DAYS = InputKind("objection.days", SETTINGS, "公示期的工作日数", Protection.DATED, with_reason=True)
CALENDAR = InputKind("calendar", SETTINGS, "放假和调休上班的日子", Protection.DATED, with_reason=True)
BRANCH_NAME = InputKind("branches.name", ROSTER, "支部的名称", Protection.DATED)
BRANCH_ORDER = InputKind("branches", ROSTER, "支部的次序", Protection.DATED)
AKA = InputKind("members.aka", ROSTER, "区别字样", Protection.DATED)
POSTED = InputKind("posted", SETTINGS, "公布日期", Protection.MENDED, with_reason=True)
CYCLE_FROM = InputKind("from", CYCLE, "当年从哪个月起计分", Protection.FIXED)
CYCLE_UNTIL = InputKind("until", CYCLE, "当年计分到哪个月为止", Protection.FIXED)
SINCE = InputKind("members.since", ROSTER, "进入名册的日期", Protection.MENDED)


def _list_kinds(protection: Protection, file: str, **titles: str) -> tuple[InputKind, ...]:
    return tuple(InputKind(key.replace("__", "."), file, title, protection) for key, title in titles.items())


INPUT_KINDS: tuple[InputKind, ...] = (
    BOARDS,
    ROUNDING,
    CONSEQUENCES,
    BOOKKEEPING,
    ORGAN,
    COMMITTEE,
    OBJECTION_DAYS,
    CALENDAR,
    BRANCH_NAME,
    BRANCH_ORDER,
    AKA,
    POSTED,
    SINCE,
    CYCLE_FROM,
    CYCLE_UNTIL,
    *_list_kinds(
        Protection.SEALED,
        ROSTER,
        members__name="姓名",
        members__branch="所在支部",
        members__status="身份",
        members__left="离开",
    ),
    *_list_kinds(Protection.SEALED, RULEBOOK, groups="分类", items="项目", ties="并列", floor="总分下限"),
    *_list_kinds(Protection.SEALED, RULEBOOK, appraisal="民主评议", awards="表彰对照"),
    *_list_kinds(Protection.SEALED, CYCLE, rulebook="当年用哪份规则"),
    *_list_kinds(
        Protection.FREE,
        RULEBOOK,
        title="名称",
        issued="印发日期",
        readings="执行口径",
        proofs="佐证的名称",
    ),
    *_list_kinds(
        Protection.FREE,
        SETTINGS,
        title="网站标题",
        theme="主题",
        order="同名次的排列",
        names="写全名还是隐去",
        objection__contact="受理异议的部门",
        objection__phone="电话",
        banner="横幅",
        address="网址",
        publish="给哪些读者",
    ),
    *_list_kinds(
        Protection.FREE,
        ROSTER,
        members__pinyin="读音",
        branches__secretary="书记",
        branches__since="成立之日",
        branches__until="撤销之日",
    ),
)
