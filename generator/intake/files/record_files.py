"""Records beside the approvals: quarters filed with the organ committee 备案, and withdrawals of approvals."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from generator.core.basics import periods
from generator.core.basics.periods import PeriodKind
from generator.core.model.ledger import Filing, Record, Withdrawal, WrittenName
from generator.core.sealing import digests
from generator.intake.text import shapes, yaml_nodes
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
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node
from generator.problems import Problem

R = TypeVar("R", Filing, Withdrawal)


@shaped(shapes.text_of("[12][0-9]{3}-Q[1-4]"))
def _read_quarter(node: Node, report: FileReport) -> WrittenName | None:
    """Read the name of a quarter, with its location."""
    quarter = read_name(node, report)
    period = periods.parse_period(quarter.text) if quarter else None
    if quarter and (period is None or period.kind is not PeriodKind.QUARTER):
        report.add_error(node, "field.bad-period", f"“{quarter.text}”不是一个季度", "请写成 2026-Q1 的样子")
        return None
    return quarter


def _make_filing(digest: str, **values: object) -> Filing:
    return Filing(claims=digest, **values)  # type: ignore[arg-type]


def _make_withdrawal(digest: str, **values: object) -> Withdrawal:
    return Withdrawal(claims=digest, **values)  # type: ignore[arg-type]


FILING = record_of(
    _make_filing,
    Field("period", _read_quarter, required=True),
    Field("branch", read_name, required=True),
    Field("on", read_day, required=True),
    Field("by", read_text, required=True),
    Field("acting", read_text),
    Field("rests", list_of(read_verbatim), required=True),
    Field("nonce", read_verbatim, required=True),
    Field("digest", read_verbatim, required=True),
    with_where=True,
)

_WITHDRAWAL_FIELDS = (
    Field("withdraws", read_verbatim, required=True),
    Field("meeting", read_day, required=True),
    Field("by", read_text, required=True),
    Field("on", read_day, required=True),
    Field("reason", read_text, required=True),
    Field("nonce", read_verbatim, required=True),
    Field("digest", read_verbatim, required=True),
)

_LEDGER_WITHDRAWAL = record_of(
    _make_withdrawal,
    Field("branch", read_name, required=True),
    Field("month", read_month, required=True),
    *_WITHDRAWAL_FIELDS,
    with_where=True,
)

_BALLOT_WITHDRAWAL = record_of(
    _make_withdrawal, Field("file", read_name, required=True), *_WITHDRAWAL_FIELDS, with_where=True
)


@shaped(lambda: shapes.any_of(shape_of(_BALLOT_WITHDRAWAL), shape_of(_LEDGER_WITHDRAWAL)))
def read_withdrawal_node(node: Node, report: FileReport) -> Withdrawal | None:
    """Read a withdrawal of a ledger's or correction's approval, or of a ballot's, which names the file."""
    keys = {key.text for key, _ in node.pairs} if isinstance(node, yaml_nodes.MappingNode) else set()
    return (_BALLOT_WITHDRAWAL if "file" in keys else _LEDGER_WITHDRAWAL)(node, report)


def read_filings(reader: ProjectReader, paths: Iterable[Path]) -> tuple[Filing, ...]:
    """Read filings; report those whose branch or quarter differs from the file's name."""
    filings = [(path, filing) for path in paths if (filing := reader.read_file(path, read_filing))]
    for path, filing in filings:
        if path != reader.project.filing_path(filing.branch.text, filing.period.text):
            reader.problems.append(_misplaced_problem(filing, "支部或周期与文件名"))
    return tuple(filing for _, filing in filings)


def read_withdrawals(reader: ProjectReader, paths: Iterable[Path]) -> tuple[Withdrawal, ...]:
    """Read withdrawals; report those that are not beside the file whose approval they withdraw."""
    withdrawals = [(path, withdrawal) for path in paths if (withdrawal := reader.read_file(path, read_withdrawal))]
    for path, withdrawal in withdrawals:
        subject, file = path.with_name(f"{path.name.partition('.')[0]}.yaml"), withdrawal.file.text
        if file and reader.relative_name(subject) != file:
            reader.problems.append(_misplaced_problem(withdrawal, "文件与它自己的文件名"))
        elif not file and subject != reader.project.ledger_path(withdrawal.branch.text, withdrawal.month.text):
            reader.problems.append(_misplaced_problem(withdrawal, "支部或周期与文件名"))
    return tuple(withdrawal for _, withdrawal in withdrawals)


def _misplaced_problem(misplaced: Record, mismatch: str) -> Problem:
    hint = "它由 jifenbang 写成，不能改名、移动或复制；请从备份中恢复"
    return Problem(misplaced.where, "record.misplaced", f"这份记录里写的{mismatch}不一致", hint)


def read_filing(raw: bytes, file: str) -> tuple[Filing | None, list[Problem]]:
    """Read ``ledgers/YEAR/filings/PERIOD.BRANCH.yaml``."""
    return _read_record(FILING, raw, file)


def read_withdrawal(raw: bytes, file: str) -> tuple[Withdrawal | None, list[Problem]]:
    """Read ``MM.wN.yaml`` of a branch, or of a year's ballot, such as ``reviews.wN.yaml`` or ``votes/ID.wN.yaml``."""
    return _read_record(read_withdrawal_node, raw, file)


def _read_record(
    read_fields: Callable[[Node, FileReport], R | None], raw: bytes, file: str
) -> tuple[R | None, list[Problem]]:
    """Read a record; report a faulty one as one problem: a program wrote it, so no key is explained."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report, inner = FileReport(file), FileReport(file, sealed=True)
    record = read_fields(node, inner)
    if record is None or inner.has_errors:
        hint = "它由 jifenbang 写成，不能手写；损坏的请从备份中恢复"
        report.add_error(node, "record.incomplete", "这份备案或撤回记录不完整或被改动过", hint)
        return None, report.problems
    data = yaml_nodes.to_plain_data(node)
    assert isinstance(data, dict)
    # The digest that the file states is kept as its claim; this one is of its actual content.
    return replace(record, digest=digests.digest_record(data)), inner.problems
