"""Ledgers 台账 and their corrections 更正: keys in English or Chinese, names still words."""

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


def _files(node: Node, report: FileReport) -> tuple[str, ...] | None:
    """One proof, or a list of them."""
    if isinstance(node, ScalarNode) and node.text is None:
        return ()
    if isinstance(node, ScalarNode):
        return (node.text.strip(),) if node.text else ()
    return list_of(read_text)(node, report)


_NAMES = list_of(read_name)
_EVIDENCE = Field("evidence", mapping_of(read_text, _files), "佐证")
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


def _sealed(node: Node, report: FileReport) -> WrittenName | None:
    """A digest that names an approval: no one's telephone number, whatever its figures."""
    said = read_verbatim(node, report)
    return None if said is None else WrittenName(said, report.where_of(node))


# Each activity counts for the whole roll: without a bound, a small file could ask for millions of lines.
_MOST_ACTIVITIES = 300


def _activities(node: Node, report: FileReport) -> tuple[Activity, ...] | None:
    """The activities of a month, no more than can be meant."""
    if isinstance(node, SequenceNode) and len(node.items) > _MOST_ACTIVITIES:
        message = f"一个月写了 {len(node.items)} 次活动，最多 {_MOST_ACTIVITIES} 次"
        report.add_error(node, "ledger.too-many-activities", message, "请核对是不是重复粘贴了")
        return None
    return list_of(_ACTIVITY)(node, report)


_LINES = (Field("activities", _activities, "活动"), Field("entries", list_of(_ENTRY), "记录"))

_LEDGER = record_of(
    Ledger,
    Field("branch", read_name, "支部", required=True),
    Field("month", read_month, "月份", required=True),
    Field("recorder", read_text, "登记人", required=True),
    *_LINES,
    approval_block.LEDGER_APPROVAL,
    with_where=True,
)

_LABEL = re.compile(r"(?:c[1-9][0-9]*\.)?([ae])[1-9][0-9]*")
_WHOLE = {"all", "全部"}


def _label(node: Node, report: FileReport) -> WrittenName | None:
    """The label of a line: a1, e2, c1.e1."""
    said = read_name(node, report)
    if said is not None and not _LABEL.fullmatch(said.text):
        hint = "a1 是第一条活动，e1 是第一条记录，c1.e1 是更正1增加的第一条记录"
        report.add_error(node, "correction.unknown-line", f"“{said.text}”不是一条的编号", hint)
        return None
    return said


def _restate(node: Node, report: FileReport) -> tuple[tuple[WrittenName, Activity | Entry], ...] | None:
    """Lines written anew, by label."""
    if not isinstance(node, yaml_nodes.MappingNode):
        report.add_error(
            node, "field.wrong-type", "这里应是几个“编号: 改写后的内容”", "例如 a1: {item: 学习教育, date: …}"
        )
        return None
    found = []
    for key, value in node.pairs:
        label = _label(key, report)
        if label is not None:
            activity = label.text.rpartition(".")[2].startswith("a")
            line = _ACTIVITY(value, report) if activity else _ENTRY(value, report)
            found += [(label, line)] if line else []
    return tuple(found)


def _strike(node: Node, report: FileReport) -> tuple[WrittenName, ...] | None:
    """Labels of lines, or ``all`` for the whole month; that is kept as a label of its own until it is read."""
    only = node.items[0] if isinstance(node, SequenceNode) and len(node.items) == 1 else node
    if isinstance(only, ScalarNode) and only.text in _WHOLE:
        return (WrittenName(only.text, report.where_of(only)),)
    return list_of(_label)(node, report)


def _correction(strike: tuple[WrittenName, ...] = (), **values: Any) -> Correction:
    whole = bool(strike) and strike[0].text in _WHOLE
    return Correction(**values, whole=whole, strike=() if whole else strike)


_CORRECTION = record_of(
    _correction,
    Field("branch", read_name, "支部", required=True),
    Field("month", read_month, "月份", required=True),
    Field("corrects", _sealed, "所更正", required=True),
    Field("recorder", read_text, "登记人", required=True),
    Field("kind", choice_of(CorrectionKind), "性质", required=True),
    Field("reason", read_text, "原因", required=True),
    Field("strike", _strike, "剔除"),
    Field("restate", _restate, "改写"),
    *_LINES,
    approval_block.LEDGER_APPROVAL,
    with_where=True,
)


def read_ledger(raw: bytes, file: str, number: int = 0) -> tuple[Document | None, list[Problem], bool]:
    """Read a ledger, or a correction if it has a number; as ``blocks.document``."""
    return (
        approval_block.read_sealed_document(raw, file, _CORRECTION)
        if number
        else approval_block.read_sealed_document(raw, file, _LEDGER)
    )


def read_plain_lines(raw: bytes, file: str, number: int = 0) -> Mapping[str, PlainData]:
    """The lines of a readable ledger or correction as plain data, by label."""
    node, _ = yaml_nodes.read_yaml(raw, file)
    values = {key.text: value for key, value in node.pairs} if isinstance(node, yaml_nodes.MappingNode) else {}
    prefix = f"c{number}." if number else ""
    found: dict[str, PlainData] = {}
    for letter, spellings in (("a", ("activities", "活动")), ("e", ("entries", "记录"))):
        lines = next((values[key] for key in spellings if key in values), None)
        items = lines.items if isinstance(lines, SequenceNode) else ()
        found |= {
            f"{prefix}{letter}{place}": yaml_nodes.to_plain_data(item) for place, item in enumerate(items, start=1)
        }
    restated = next((values[key] for key in ("restate", "改写") if key in values), None)
    pairs = restated.pairs if isinstance(restated, yaml_nodes.MappingNode) else ()
    return found | {label.text or "": yaml_nodes.to_plain_data(value) for label, value in pairs}
