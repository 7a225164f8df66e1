"""Ledgers 台账 and their corrections 更正: keys in English or Chinese, names as written."""

import re
from collections.abc import Mapping
from typing import Any

from generator.core.model.ledger import Activity, Correction, CorrectionKind, Document, Entry, Ledger, WrittenName
from generator.core.sealing.canonical import PlainData
from generator.intake.files import approval_block
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
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
from generator.intake.text.yaml_nodes import Node, ScalarNode, SequenceNode
from generator.problems import Problem


def _read_proofs(node: Node, report: FileReport) -> tuple[str, ...] | None:
    """Read a proof, or a list of proofs."""
    if isinstance(node, ScalarNode):
        proof = read_text(node, report) if node.text else None
        return (proof,) if proof is not None else ()
    return list_of(read_text)(node, report)


_NAMES = list_of(read_name)
_EVIDENCE = Field("evidence", mapping_of(read_text, _read_proofs), "佐证")
_LATE = Field("late", read_text, "补登")

_ACTIVITY = record_of(
    Activity,
    Field("item", read_name, "项目", required=True),
    Field("date", read_day, "日期", required=True),
    Field("title", read_text, "主题"),
    Field("present", _NAMES, "参加", blank_hint="请写上参加的人；无人参加写 []；全员参加的删去这一行", stand_in=()),
    Field("leave", _NAMES, "请假"),
    Field("absent", _NAMES, "缺席"),
    Field("exempt", _NAMES, "免计"),
    _EVIDENCE,
    _LATE,
    with_where=True,
)

_ENTRY = record_of(
    Entry,
    Field("member", read_name, "党员", required=True),
    Field("item", read_name, "项目", required=True),
    Field("date", read_day, "日期", required=True),
    Field("level", read_name, "档次"),
    Field("times", read_count, "次数"),
    Field("note", read_text, "备注"),
    _EVIDENCE,
    _LATE,
    with_where=True,
)


def _read_approval_digest(node: Node, report: FileReport) -> WrittenName | None:
    """Read a digest that names an approval, verbatim: its digits may look like a telephone number."""
    digest = read_verbatim(node, report)
    return None if digest is None else WrittenName(digest, report.where_of(node))


# Each activity counts for the whole roll: without a bound, a small file could make millions of lines.
_MAX_ACTIVITIES = 300


def _read_activities(node: Node, report: FileReport) -> tuple[Activity, ...] | None:
    """Read the activities of a month; report more than a month can have."""
    if isinstance(node, SequenceNode) and len(node.items) > _MAX_ACTIVITIES:
        message = f"一个月写了 {len(node.items)} 次活动，最多 {_MAX_ACTIVITIES} 次"
        report.add_error(node, "ledger.too-many-activities", message, "请核对是不是重复粘贴了")
        return None
    return list_of(_ACTIVITY)(node, report)


_LINE_FIELDS = (Field("activities", _read_activities, "活动"), Field("entries", list_of(_ENTRY), "记录"))

_LEDGER = record_of(
    Ledger,
    Field("branch", read_name, "支部", required=True),
    Field("month", read_month, "月份", required=True),
    Field("recorder", read_text, "登记人", required=True),
    *_LINE_FIELDS,
    approval_block.LEDGER_APPROVAL,
    with_where=True,
)

_LABEL_PATTERN = re.compile(r"(?:c[1-9][0-9]*\.)?([ae])[1-9][0-9]*")
_WHOLE_MONTH_WORDS = {"all", "全部"}


def _read_label(node: Node, report: FileReport) -> WrittenName | None:
    """Read the label of a line: a1, e2, c1.e1."""
    label = read_name(node, report)
    if label is not None and not _LABEL_PATTERN.fullmatch(label.text):
        hint = "a1 是第一条活动，e1 是第一条记录，c1.e1 是更正1增加的第一条记录"
        report.add_error(node, "correction.unknown-line", f"“{label.text}”不是一条的编号", hint)
        return None
    return label


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


def _read_struck_labels(node: Node, report: FileReport) -> tuple[WrittenName, ...] | None:
    """Read labels of lines, or ``all`` for the whole month, which is returned as a label for ``_make_correction``."""
    label = node.items[0] if isinstance(node, SequenceNode) and len(node.items) == 1 else node
    if isinstance(label, ScalarNode) and label.text in _WHOLE_MONTH_WORDS:
        return (WrittenName(label.text, report.where_of(label)),)
    return list_of(_read_label)(node, report)


def _make_correction(strike: tuple[WrittenName, ...] = (), **values: Any) -> Correction:
    is_whole = bool(strike) and strike[0].text in _WHOLE_MONTH_WORDS
    return Correction(**values, whole=is_whole, strike=() if is_whole else strike)


_CORRECTION = record_of(
    _make_correction,
    Field("branch", read_name, "支部", required=True),
    Field("month", read_month, "月份", required=True),
    Field("corrects", _read_approval_digest, "所更正", required=True),
    Field("recorder", read_text, "登记人", required=True),
    Field("kind", choice_of(CorrectionKind), "性质", required=True),
    Field("reason", read_text, "原因", required=True),
    Field("strike", _read_struck_labels, "剔除"),
    Field("restate", _read_restated_lines, "改写"),
    *_LINE_FIELDS,
    approval_block.LEDGER_APPROVAL,
    with_where=True,
)


def read_ledger(raw: bytes, file: str, number: int = 0) -> tuple[Document | None, list[Problem], bool]:
    """Read a ledger, or a correction if it has a number; return as ``approval_block.read_sealed_document``."""
    return (
        approval_block.read_sealed_document(raw, file, _CORRECTION)
        if number
        else approval_block.read_sealed_document(raw, file, _LEDGER)
    )


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
