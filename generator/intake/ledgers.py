"""Ledger files 台账: keys in English or Chinese, names still words."""

import re
from dataclasses import replace

from generator.core import seal
from generator.core.model import Activity, Approval, Entry, Ledger
from generator.intake import yamltext
from generator.intake.fields import Field, Report, count, day, many, month, name, record, table, text, verbatim
from generator.intake.yamltext import Node, Scalar
from generator.problems import Problem


def _files(node: Node, report: Report) -> tuple[str, ...] | None:
    """One proof, or a list of them."""
    if isinstance(node, Scalar) and node.text is None:
        return ()
    if isinstance(node, Scalar):
        return (node.text.strip(),) if node.text else ()
    return many(text)(node, report)


_NAMES = many(name)
_EVIDENCE = Field("evidence", table(text, _files), "佐证")
_LATE = Field("late", text, "补登")

_ACTIVITY = record(
    Activity,
    Field("item", name, "项目", required=True),
    Field("date", day, "日期", required=True),
    Field("title", text, "主题"),
    Field("present", _NAMES, "参加", blank="请写上参加的人；无人参加写 []；全员参加的删去这一行", stand_in=()),
    Field("leave", _NAMES, "请假"),
    Field("absent", _NAMES, "缺席"),
    Field("exempt", _NAMES, "免计"),
    _EVIDENCE,
    _LATE,
    located=True,
)

_ENTRY = record(
    Entry,
    Field("member", name, "党员", required=True),
    Field("item", name, "项目", required=True),
    Field("date", day, "日期", required=True),
    Field("level", name, "档次"),
    Field("times", count, "次数"),
    Field("note", text, "备注"),
    _EVIDENCE,
    _LATE,
    located=True,
)

_APPROVAL = record(
    Approval,
    Field("meeting", day, required=True),
    Field("by", text, required=True),
    Field("roll", verbatim, required=True),
    Field("rulebook", verbatim, required=True),
    Field("nonce", verbatim, required=True),
    Field("previous", verbatim),
    Field("digest", verbatim, required=True),
    located=True,
)


def _approval(node: Node, report: Report) -> Approval | None:
    """The approval block, whole; written by a program, it is not explained key by key."""
    inner = Report(report.file)
    approval = _APPROVAL(node, inner)
    if inner.problems:
        hint = "它由 jifenbang approve 写入：手写的请整段删去，损坏的请从备份中恢复文件"
        report.add(node, "approval.incomplete", "审核记录不完整或被改动过", hint)
        return None
    return approval


_LEDGER = record(
    Ledger,
    Field("branch", name, "支部", required=True),
    Field("month", month, "月份", required=True),
    Field("recorder", text, "登记人", required=True),
    Field("activities", many(_ACTIVITY), "活动"),
    Field("entries", many(_ENTRY), "记录"),
    Field("approval", _approval, "审核"),
    located=True,
)

# Seen in a file that can't be read as YAML, this makes it count as approved: a damaged seal must stop the build.
_SEALED = re.compile(r"""^[ {"']*(approval|审核)["']?\s*[:：]""", re.MULTILINE)


def claims_approval(raw: bytes) -> bool:
    """Whether a file that may not even be YAML seems to hold an approval."""
    return bool(_SEALED.search(raw.decode("utf-8", errors="replace")))


def read(raw: bytes, file: str) -> tuple[Ledger | None, list[Problem], bool]:
    """Read a ledger file: the ledger, if it can be read at all; its problems; whether it claims to be approved."""
    node, problems = yamltext.read(raw, file)
    if node is None:
        return None, problems, claims_approval(raw)
    report = Report(file)
    ledger = _LEDGER(node, report)
    if ledger is not None and ledger.approval:
        ledger = replace(ledger, digest=_digest(node))
    return ledger, report.problems, _has_approval(node)


def _digest(node: Node) -> str:
    assert isinstance(node, yamltext.Mapping)
    written = yamltext.plain(node)
    assert isinstance(written, dict)
    return seal.ledger(written)


def _has_approval(node: Node) -> bool:
    """Whether the approval has anything in it; a bare ``approval:`` is a form waiting to be filled."""
    pairs = node.pairs if isinstance(node, yamltext.Mapping) else ()
    return any(key.text in {"approval", "审核"} and yamltext.plain(value) is not None for key, value in pairs)
