"""What is recorded beside approvals: quarters filed with the organ committee 备案, approvals withdrawn."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from generator.core.basics import periods
from generator.core.basics.periods import PeriodKind
from generator.core.model.ledger import Filing, Record, Withdrawal, WrittenName
from generator.core.sealing import digests
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    list_of,
    read_day,
    read_month,
    read_name,
    read_text,
    read_verbatim,
    record_of,
)
from generator.intake.text.reader import ProjectReader
from generator.intake.text.yaml_nodes import Node
from generator.problems import Problem

R = TypeVar("R", Filing, Withdrawal)


def _quarter(node: Node, report: FileReport) -> WrittenName | None:
    """The name of a quarter, with its place."""
    said = read_name(node, report)
    found = periods.parse_period(said.text) if said else None
    if said and (found is None or found.kind is not PeriodKind.QUARTER):
        report.add_error(node, "field.bad-period", f"“{said.text}”不是一个季度", "请写成 2026-Q1 的样子")
        return None
    return said


def _filing(digest: str, **values: object) -> Filing:
    return Filing(claims=digest, **values)  # type: ignore[arg-type]


def _withdrawal(digest: str, **values: object) -> Withdrawal:
    return Withdrawal(claims=digest, **values)  # type: ignore[arg-type]


_FILING = record_of(
    _filing,
    Field("period", _quarter, required=True),
    Field("branch", read_name, required=True),
    Field("on", read_day, required=True),
    Field("by", read_text, required=True),
    Field("rests", list_of(read_verbatim), required=True),
    Field("nonce", read_verbatim, required=True),
    Field("digest", read_verbatim, required=True),
    with_where=True,
)

_WITHDRAWN = (
    Field("withdraws", read_verbatim, required=True),
    Field("meeting", read_day, required=True),
    Field("by", read_text, required=True),
    Field("on", read_day, required=True),
    Field("reason", read_text, required=True),
    Field("nonce", read_verbatim, required=True),
    Field("digest", read_verbatim, required=True),
)

_OF_LEDGER = record_of(
    _withdrawal,
    Field("branch", read_name, required=True),
    Field("month", read_month, required=True),
    *_WITHDRAWN,
    with_where=True,
)

_OF_BALLOT = record_of(_withdrawal, Field("file", read_name, required=True), *_WITHDRAWN, with_where=True)


def _either(node: Node, report: FileReport) -> Withdrawal | None:
    """A withdrawal of a ledger's or correction's approval, or of that of reviews or a poll, which names the file."""
    keys = {key.text for key, _ in node.pairs} if isinstance(node, yaml_nodes.MappingNode) else set()
    return (_OF_BALLOT if "file" in keys else _OF_LEDGER)(node, report)


def read_filings(reader: ProjectReader, paths: Iterable[Path]) -> tuple[Filing, ...]:
    """Filings, each with the branch and quarter of its file's name."""
    found = [(path, one) for path in paths if (one := reader.read_file(path, read_filing))]
    for path, one in found:
        if path != reader.project.filing_path(one.branch.text, one.period.text):
            reader.problems.append(_misplaced(one, "支部或周期与文件名"))
    return tuple(one for _, one in found)


def read_withdrawals(reader: ProjectReader, paths: Iterable[Path]) -> tuple[Withdrawal, ...]:
    """Records of withdrawals, each beside the file that it is of."""
    found = [(path, one) for path in paths if (one := reader.read_file(path, read_withdrawal))]
    for path, one in found:
        beside, file = path.with_name(f"{path.name.partition('.')[0]}.yaml"), one.file.text
        if file and reader.relative_name(beside) != file:
            reader.problems.append(_misplaced(one, "文件与它自己的文件名"))
        elif not file and beside != reader.project.ledger_path(one.branch.text, one.month.text):
            reader.problems.append(_misplaced(one, "支部或周期与文件名"))
    return tuple(one for _, one in found)


def _misplaced(found: Record, what: str) -> Problem:
    hint = "它由 jifenbang 写成，不能改名、移动或复制；请从备份中恢复"
    return Problem(found.where, "record.misplaced", f"这份记录里写的{what}不一致", hint)


def read_filing(raw: bytes, file: str) -> tuple[Filing | None, list[Problem]]:
    """Read ``ledgers/YEAR/filings/PERIOD.BRANCH.yaml``."""
    return _read(_FILING, raw, file)


def read_withdrawal(raw: bytes, file: str) -> tuple[Withdrawal | None, list[Problem]]:
    """Read ``MM.wN.yaml`` of a branch, or ``reviews.wN.yaml`` or ``votes/ID.wN.yaml`` of a year."""
    return _read(_either, raw, file)


def _read(table: Callable[[Node, FileReport], R | None], raw: bytes, file: str) -> tuple[R | None, list[Problem]]:
    """A record whole; written by a program, it is not explained key by key."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report, inner = FileReport(file), FileReport(file)
    found = table(node, inner)
    if found is None or inner.problems:
        hint = "它由 jifenbang 写成，不能手写；损坏的请从备份中恢复"
        report.add_error(node, "record.incomplete", "这份备案或撤回记录不完整或被改动过", hint)
        return None, report.problems
    written = yaml_nodes.to_plain_data(node)
    assert isinstance(written, dict)
    return replace(found, digest=digests.digest_record(written)), []
