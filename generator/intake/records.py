"""What is recorded beside approvals: quarters filed with the organ committee 备案, approvals withdrawn."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from generator.core import periods, seal
from generator.core.model import Filing, Name, Retraction, Withdrawal
from generator.core.periods import Kind
from generator.intake import yamltext
from generator.intake.fields import Field, Report, day, many, month, name, record, text, verbatim
from generator.intake.yamltext import Node
from generator.problems import Problem

T = TypeVar("T", Filing, Withdrawal, Retraction)


def _quarter(node: Node, report: Report) -> Name | None:
    """The name of a quarter, with its place."""
    said = name(node, report)
    found = periods.parse(said.text) if said else None
    if said and (found is None or found.kind is not Kind.QUARTER):
        report.add(node, "field.bad-period", f"“{said.text}”不是一个季度", "请写成 2026-Q1 的样子")
        return None
    return said


def _filing(digest: str, **values: object) -> Filing:
    return Filing(claims=digest, **values)  # type: ignore[arg-type]


def _withdrawal(digest: str, **values: object) -> Withdrawal:
    return Withdrawal(claims=digest, **values)  # type: ignore[arg-type]


def _retraction(digest: str, **values: object) -> Retraction:
    return Retraction(claims=digest, **values)  # type: ignore[arg-type]


_FILING = record(
    _filing,
    Field("period", _quarter, required=True),
    Field("branch", name, required=True),
    Field("on", day, required=True),
    Field("by", text, required=True),
    Field("rests", many(verbatim), required=True),
    Field("nonce", verbatim, required=True),
    Field("digest", verbatim, required=True),
    located=True,
)

_UNDONE = (
    Field("withdraws", verbatim, required=True),
    Field("meeting", day, required=True),
    Field("by", text, required=True),
    Field("on", day, required=True),
    Field("reason", text, required=True),
    Field("nonce", verbatim, required=True),
    Field("digest", verbatim, required=True),
)

_WITHDRAWAL = record(
    _withdrawal,
    Field("branch", name, required=True),
    Field("month", month, required=True),
    *_UNDONE,
    located=True,
)

_RETRACTION = record(_retraction, Field("file", name, required=True), *_UNDONE, located=True)


def read_filing(raw: bytes, file: str) -> tuple[Filing | None, list[Problem]]:
    """Read ``ledgers/YEAR/filings/PERIOD.BRANCH.yaml``."""
    return _read(_FILING, raw, file)


def read_withdrawal(raw: bytes, file: str) -> tuple[Withdrawal | None, list[Problem]]:
    """Read ``ledgers/YEAR/BRANCH/MM.wN.yaml``."""
    return _read(_WITHDRAWAL, raw, file)


def read_retraction(raw: bytes, file: str) -> tuple[Retraction | None, list[Problem]]:
    """Read ``ledgers/YEAR/reviews.wN.yaml`` or ``ledgers/YEAR/votes/ID.wN.yaml``."""
    return _read(_RETRACTION, raw, file)


def _read(table: Callable[[Node, Report], T | None], raw: bytes, file: str) -> tuple[T | None, list[Problem]]:
    """A record whole; written by a program, it is not explained key by key."""
    node, problems = yamltext.read(raw, file)
    if node is None:
        return None, problems
    report, inner = Report(file), Report(file)
    found = table(node, inner)
    if found is None or inner.problems:
        hint = "它由 jifenbang 写成，不能手写；损坏的请从备份中恢复"
        report.add(node, "record.incomplete", "这份备案或撤回记录不完整或被改动过", hint)
        return None, report.problems
    written = yamltext.plain(node)
    assert isinstance(written, dict)
    return replace(found, digest=seal.record(written)), []
