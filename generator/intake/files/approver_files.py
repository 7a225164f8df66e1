"""Lists of the keys that may sign approvals, as OpenSSH reads them, and the records that seal such lists."""

import base64
import re
from collections.abc import Mapping

from msgspec.structs import replace

from generator.core.model.approver_lists import ApproverKey, ApproverList, ListRecord
from generator.core.sealing import digests
from generator.intake.text import shapes, yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    list_of,
    mapping_of,
    read_day,
    read_text,
    read_verbatim,
    record_of,
)
from generator.intake.text.shapes import shaped
from generator.intake.text.yaml_nodes import Node
from generator.problems import Location, Problem, Severity

# Principals, options, key type, key, and the comment behind it.
_KEY_LINE = re.compile(
    r"""(?:"[^"]*"|\S+)\s+(?:(?P<options>(?:[^\s"]|"(?:[^"\\]|\\.)*")+)\s+)?"""
    r"(?P<key>(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+\s+[A-Za-z0-9+/]+=*)(?:\s+(?P<comment>.*))?"
)
_NAMESPACES = re.compile(r"""(?:^|,)namespaces="([^"]*)\"""", re.IGNORECASE)
_STOLEN_WORDS = {"stolen", "被盗"}
_LIST_NAME = re.compile(r"content/approvers(?:\.([2-9]|[1-9][0-9]))?")


def parse_list_number(file: str) -> int | None:
    """Return the number of the list that is a file of this name in a project; None if no list is named so."""
    match = _LIST_NAME.fullmatch(file)
    return int(match[1] or 1) if match else None


def read_list(raw: bytes, file: str, number: int = 1) -> tuple[ApproverList, list[Problem]]:
    """Read a list of signers, and find the lines that are none of OpenSSH's.

    Such a line is left to OpenSSH to judge.
    """
    text = raw.decode("utf-8", errors="replace")
    keys: list[ApproverKey] = []
    problems: list[Problem] = []
    for line_number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        # Exactly the lines of the digest: what it leaves out, OpenSSH must never see.
        if not digests.is_approver_line(stripped):
            continue
        key = _parse_key(stripped, Location(file, line_number))
        keys.append(key)
        if not key.key or re.search(r"\s", key.namespaces or ""):
            hint = (
                '一行依次是名字、用途（如 namespaces="jifenbang"，几个用途以逗号隔开，不留空格）、'
                "公钥（.pub 文件的前两段）"
            )
            message = "这一行不是名单的写法，不起作用"
            problems.append(Problem(key.where, "approvers.bad-line", message, hint, Severity.WARNING))
    stolen = {key.key for key in keys if key.is_stolen}
    marked = tuple(replace(key, is_stolen=key.key in stolen) for key in keys)
    return ApproverList(number, file, digests.digest_approvers(text), marked), problems


def _parse_key(line: str, where: Location) -> ApproverKey:
    match = _KEY_LINE.fullmatch(line)
    if match is None:
        return ApproverKey(line, "", None, is_stolen=False, where=where)
    namespaces = _NAMESPACES.search(match["options"] or "")
    is_stolen = (match["comment"] or "").split(maxsplit=1)[:1] in [[word] for word in _STOLEN_WORDS]
    return ApproverKey(line, _normalize_key(match["key"]), namespaces and namespaces[1], is_stolen, where)


def _normalize_key(text: str) -> str:
    """Return a key as signatures contain it: one blank, and the only spelling in base64."""
    kind, encoded = text.split()
    try:
        return f"{kind} {base64.b64encode(base64.b64decode(encoded, validate=True)).decode()}"
    except ValueError:
        return ""  # OpenSSH reads no such key


# --- records ---------------------------------------------------------------------------------------------------------


@shaped(shapes.text_of("[2-9]|[1-9][0-9]"))
def _read_number(node: Node, report: FileReport) -> int | None:
    digits = read_verbatim(node, report)
    if digits is None or not re.fullmatch(r"[2-9]|[1-9][0-9]", digits):
        report.add_error(node, "field.bad-number", "这里应是名单的编号", "请从备份中恢复")
        return None
    return int(digits)


def _make_record(digest: str, **values: object) -> ListRecord:
    return ListRecord(number=values.pop("list"), claims=digest, **values)  # type: ignore[arg-type]


RECORD = record_of(
    _make_record,
    Field("list", _read_number, required=True),
    Field("approvers", read_verbatim, required=True),
    Field("previous", read_verbatim, required=True),
    Field("on", read_day, required=True),
    Field("lost", read_text),
    Field("by", read_text),
    Field("acting", read_text),
    Field("anchor", read_verbatim),
    Field("heads", mapping_of(read_verbatim, read_verbatim), required=True),
    Field("ballots", list_of(read_verbatim), required=True),
    Field("nonce", read_verbatim, required=True),
    Field("signatures", list_of(read_verbatim), required=True),
    Field("digest", read_verbatim, required=True),
    with_where=True,
)


def read_list_record(raw: bytes, file: str) -> tuple[ListRecord | None, list[Problem]]:
    """Read ``approvers.N.yaml``; report a faulty one as one problem: a program wrote it, so no key is explained."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report, inner = FileReport(file), FileReport(file)
    record = RECORD(node, inner)
    if record is None or inner.problems or bool(record.lost) != bool(record.by):
        hint = "它由 jifenbang approve 写成，不能手写；损坏的请从备份中恢复"
        report.add_error(node, "record.incomplete", "这份名单的封存记录不完整或被改动过", hint)
        return None, report.problems
    data = yaml_nodes.to_plain_data(node)
    assert isinstance(data, Mapping)
    signed = digests.digest_record({key: value for key, value in data.items() if key != "signatures"})
    return replace(record, digest=digests.digest_record(data), signed=signed), []
