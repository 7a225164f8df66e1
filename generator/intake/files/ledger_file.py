"""Ledgers 台账 and their corrections 更正: keys in English or Chinese, names as written."""

import re
from collections.abc import Mapping
from typing import Any

from generator.core.model.ledger import (
    CHINESE_KEYS,
    UNREAD_EVIDENCE,
    Activity,
    Correction,
    CorrectionKind,
    Document,
    Entry,
    Evidence,
    Ledger,
    WrittenName,
)
from generator.core.sealing import digests
from generator.core.sealing.canonical import PlainData
from generator.intake.files import approval_block
from generator.intake.text import shapes, yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    NodeReader,
    choice_of,
    list_of,
    mapping_of,
    read_count,
    read_day,
    read_month,
    read_name,
    read_text,
    read_verbatim,
    record_of,
)
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode, SequenceNode
from generator.problems import Problem


def _field(key: str, read_value: NodeReader[Any], near: str = "", **options: Any) -> Field[Any]:
    """Make the field of a key with its Chinese spelling; ``near`` are other words for it, between blanks."""
    return Field(key, read_value, CHINESE_KEYS[key], near=tuple(near.split()), **options)


@shaped(shapes.any_of(shapes.TEXT, shapes.NOTHING, {"type": "array", "items": shapes.TEXT}))
def _read_proofs(node: Node, report: FileReport) -> tuple[str, ...] | None:
    """Read a proof, or a list of proofs."""
    if isinstance(node, ScalarNode):
        proof = read_text(node, report) if node.text else None
        return (proof,) if proof is not None else ()
    return list_of(read_text)(node, report)


_EVIDENCE_HINT = "请写成 {签到表: 文件名}，花括号、冒号用半角，冒号后面空一格；几种佐证之间用半角逗号"
_read_proof_kinds = mapping_of(read_text, _read_proofs, _EVIDENCE_HINT)


@shaped(lambda: shape_of(_read_proof_kinds))
def _read_evidence(node: Node, report: FileReport) -> Evidence:
    """Read proofs by kind; of what can't be read, it isn't known what it lacks."""
    evidence = _read_proof_kinds(node, report)
    return UNREAD_EVIDENCE if evidence is None else evidence


_NAMES = list_of(read_name)
_DAY = _field("date", read_day, required=True, near="时间 活动时间 活动日期 发生日期 开会时间 time day")
_EVIDENCE = _field("evidence", _read_evidence, near="证明 附件 材料 佐证材料 证明材料 凭证 proof proofs")
_LATE = _field("late", read_text, near="补录 补记 补报 补登原因")

# Words for points, which no line states.
_POINTS = dict.fromkeys(
    ("分值", "得分", "分数", "积分", "加分", "扣分", "分", "points", "point", "score"),
    "请删去它：分值由规则按项目和档次定，台账里不写；分档次的项目请写明档次",
)

_ACTIVITY = record_of(
    Activity,
    _field("item", read_name, required=True, near="活动 名称 项目名称 活动名称 类型 类别 事项 type"),
    _DAY,
    _field("title", read_text, near="标题 题目 内容 议题 活动主题 主要内容 topic subject theme"),
    _field(
        "present",
        _NAMES,
        blank_hint="请写上参加的人；无人参加写 []；全员参加的删去这一行",
        stand_in=(),
        near="参会 出席 到会 参加人 参加人员 参会人员 出席人员 人员 名单 attendees attended",
    ),
    _field("leave", _NAMES, near="请假人 请假人员 事假 病假 公假"),
    _field("absent", _NAMES, near="缺勤 未到 旷会 缺席人员 缺席人"),
    _field("exempt", _NAMES, near="免 不计 免考 免予计分"),
    _EVIDENCE,
    _LATE,
    with_where=True,
    refused=_POINTS,
)

_ENTRY = record_of(
    Entry,
    _field("member", read_name, required=True, near="姓名 名字 党员姓名 人员 成员 对象 name person"),
    _field("item", read_name, required=True, near="事项 名称 项目名称 加分项 扣分项 类型 类别 type"),
    _DAY,
    _field("level", read_name, near="等级 级别 等次 档 层级 grade"),
    _field("times", read_count, near="数量 几次 频次 count"),
    _field("note", read_text, near="说明 事由 内容 理由 原因 情况 remark remarks comment"),
    _EVIDENCE,
    _LATE,
    with_where=True,
    refused=_POINTS,
)


_APPROVERS = dict.fromkeys(
    ("审核人", "审核日期", "审核时间", "审批人", "审批", "审定", "支委会日期", "approver", "approved", "approved_by"),
    "请删去它：开会审核以后，由 jifenbang approve 写入审核人和日期",
)


@shaped(shapes.TEXT)
def _read_approval_digest(node: Node, report: FileReport) -> WrittenName | None:
    """Read a digest that names an approval, verbatim: its digits may look like a telephone number."""
    digest = read_verbatim(node, report)
    return None if digest is None else WrittenName(digest, report.where_of(node))


# Each activity counts for the whole roll: without a bound, a small file could make millions of lines.
_MAX_ACTIVITIES = 300


@shaped(lambda: {**shape_of(list_of(_ACTIVITY)), "maxItems": _MAX_ACTIVITIES})
def _read_activities(node: Node, report: FileReport) -> tuple[Activity, ...] | None:
    """Read the activities of a month; report more than a month can have."""
    if isinstance(node, SequenceNode) and len(node.items) > _MAX_ACTIVITIES:
        message = f"一个月写了 {len(node.items)} 次活动，最多 {_MAX_ACTIVITIES} 次"
        report.add_error(node, "ledger.too-many-activities", message, "请核对是不是重复粘贴了")
        return None
    return list_of(_ACTIVITY)(node, report)


_LINE_FIELDS = (
    _field("activities", _read_activities, near="活动记录 会议 组织生活 events"),
    _field("entries", list_of(_ENTRY), near="加分 扣分 加减分 登记 个人记录 records"),
)

LEDGER = record_of(
    Ledger,
    _field("branch", read_name, required=True, near="党支部 支部名称 所在支部"),
    _field("month", read_month, required=True, near="月 年月 时间 日期"),
    _field("recorder", read_text, required=True, near="记录人 登记员 记录员 填表人 填报人"),
    *_LINE_FIELDS,
    approval_block.LEDGER_APPROVAL,
    with_where=True,
    with_keys=True,
    refused=_APPROVERS,
)

_LABEL_PREFIX = r"c[1-9][0-9]*\."
_LABEL_PATTERN = re.compile(rf"(?:{_LABEL_PREFIX})?([ae])[1-9][0-9]*")
_WHOLE_MONTH_WORDS = {"all", "全部"}


@shaped(shapes.text_of(_LABEL_PATTERN.pattern))
def _read_label(node: Node, report: FileReport) -> WrittenName | None:
    """Read the label of a line: a1, e2, c1.e1."""
    label = read_name(node, report)
    if label is not None and not _LABEL_PATTERN.fullmatch(label.text):
        hint = "a1 是第一条活动，e1 是第一条记录，c1.e1 是更正1增加的第一条记录"
        report.add_error(node, "correction.unknown-line", f"“{label.text}”不是一条的编号", hint)
        return None
    return label


@shaped(
    lambda: {
        "type": "object",
        "patternProperties": {
            f"^(?:{_LABEL_PREFIX})?{letter}[1-9][0-9]*$": shape_of(line)
            for letter, line in (("a", _ACTIVITY), ("e", _ENTRY))
        },
        "additionalProperties": False,
    }
)
def _read_restated_lines(node: Node, report: FileReport) -> tuple[tuple[WrittenName, Activity | Entry], ...] | None:
    """Read the lines that a correction rewrites, with their labels."""
    if not isinstance(node, yaml_nodes.MappingNode):
        report.add_error(
            node, "field.wrong-type", "这里应是几个“编号: 改写后的内容”", "例如 a1: {item: 学习教育, date: …}"
        )
        return None
    lines = []
    for key, value in node.pairs:
        label = _read_label(key, report)
        if label is not None:
            is_activity = label.text.rpartition(".")[2].startswith("a")
            line = _ACTIVITY(value, report) if is_activity else _ENTRY(value, report)
            lines += [(label, line)] if line else []
    return tuple(lines)


@shaped(lambda: shapes.any_of(shapes.word_of(sorted(_WHOLE_MONTH_WORDS)), shape_of(list_of(_read_label))))
def _read_struck_labels(node: Node, report: FileReport) -> tuple[WrittenName, ...] | None:
    """Read labels of lines, or ``all`` for the whole month, which is returned as a label for ``_make_correction``."""
    label = node.items[0] if isinstance(node, SequenceNode) and len(node.items) == 1 else node
    if isinstance(label, ScalarNode) and label.text in _WHOLE_MONTH_WORDS:
        return (WrittenName(label.text, report.where_of(label)),)
    return list_of(_read_label)(node, report)


def _make_correction(strike: tuple[WrittenName, ...] = (), **values: Any) -> Correction:
    is_whole = bool(strike) and strike[0].text in _WHOLE_MONTH_WORDS
    return Correction(**values, whole=is_whole, strike=() if is_whole else strike)


CORRECTION = record_of(
    _make_correction,
    _field("branch", read_name, required=True, near="党支部 支部名称 所在支部"),
    _field("month", read_month, required=True, near="月 年月 时间 日期"),
    _field("corrects", _read_approval_digest, required=True),
    _field("recorder", read_text, required=True, near="记录人 登记员 记录员 填表人 填报人"),
    _field("kind", choice_of(CorrectionKind), required=True),
    _field("reason", read_text, required=True),
    _field("strike", _read_struck_labels),
    _field("restate", _read_restated_lines),
    *_LINE_FIELDS,
    approval_block.LEDGER_APPROVAL,
    with_where=True,
    with_keys=True,
    refused=_APPROVERS,
)


def read_ledger(raw: bytes, file: str, number: int = 0) -> tuple[Document | None, list[Problem], bool]:
    """Read a ledger, or a correction if it has a number; return as ``approval_block.read_sealed_document``."""
    return (
        approval_block.read_sealed_document(raw, file, CORRECTION)
        if number
        else approval_block.read_sealed_document(raw, file, LEDGER)
    )


def read_draft_node(node: Node, report: FileReport, number: int = 0) -> Document | None:
    """Read the nodes of a draft ledger, or of a draft correction if it has a number."""
    return CORRECTION(node, report) if number else LEDGER(node, report)


def digest_draft(raw: bytes, file: str) -> str:
    """Return the digest of a readable draft, whatever its comments."""
    node, _ = yaml_nodes.read_yaml(raw, file)
    data = yaml_nodes.to_plain_data(node) if node else None
    return digests.digest_document(data) if isinstance(data, Mapping) else ""


def read_plain_lines(raw: bytes, file: str, number: int = 0) -> Mapping[str, PlainData]:
    """Return the lines of a readable ledger or correction as plain data by label, with those that it restates."""
    node, _ = yaml_nodes.read_yaml(raw, file)
    values = {key.text: value for key, value in node.pairs} if isinstance(node, yaml_nodes.MappingNode) else {}
    prefix = f"c{number}." if number else ""
    by_label: dict[str, PlainData] = {}
    for letter, spellings in (("a", ("activities", "活动")), ("e", ("entries", "记录"))):
        lines = next((values[key] for key in spellings if key in values), None)
        items = lines.items if isinstance(lines, SequenceNode) else ()
        by_label |= {
            f"{prefix}{letter}{number_in_list}": yaml_nodes.to_plain_data(item)
            for number_in_list, item in enumerate(items, start=1)
        }
    restated = next((values[key] for key in ("restate", "改写") if key in values), None)
    pairs = restated.pairs if isinstance(restated, yaml_nodes.MappingNode) else ()
    return by_label | {label.text or "": yaml_nodes.to_plain_data(value) for label, value in pairs}
