"""Ballots: reviews 民主评议得分, polls 投票 and honours 光荣榜; members are names as written."""

import re
from collections.abc import Sequence
from typing import Any

from generator.core.basics import written_periods
from generator.core.basics.periods import Period
from generator.core.model.ledger import Ballot, BallotKind, Honour, Honours, Poll, Reviews
from generator.intake.files import approval_block
from generator.intake.text import shapes
from generator.intake.text.fields import (
    Field,
    FileReport,
    NodeReader,
    list_of,
    mapping_of,
    read_day,
    read_decimal,
    read_name,
    read_slug,
    read_text,
    record_of,
    strip_unit,
)
from generator.intake.text.shapes import shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Problem


@shaped(shapes.text_of("0|[1-9][0-9]{0,4}"))
def _read_head_count(node: Node, report: FileReport) -> int | None:
    """Read a number of people, 0 to 99999."""
    word = read_text(node, report)
    if word is None:
        return None
    if re.fullmatch(r"0|[1-9][0-9]{0,4}", word):
        return int(word)
    meant = re.fullmatch(r"0|[1-9][0-9]{0,4}", strip_unit(word))
    hint = f"请写成 {meant[0]}" if meant else "请写一个整数"
    report.add_error(node, "field.bad-number", f"“{word}”不是 0 到 99999 的整数", hint)
    return None


@shaped(shapes.text_of("[1-9][0-9]{0,4}"))
def _read_electorate(node: Node, report: FileReport) -> int | None:
    """Read the number of people who could vote, at least 1."""
    electorate = _read_head_count(node, report)
    if electorate == 0:
        report.add_error(node, "field.bad-number", "应到人数不能是 0", "请写有表决权、应当到会的人数")
        return None
    return electorate


@shaped(shapes.TEXT)
def _read_period(node: Node, report: FileReport) -> Period | None:
    """Read a period by its name, or as people write it."""
    word = read_text(node, report)
    period = written_periods.interpret_period(word) if word else None
    if word and period is None:
        hint = "请写成 2026-Q3、2026年三季度 或 2026"
        report.add_error(node, "field.bad-period", f"“{word}”不是一个周期", hint)
    return period


REVIEWS_FIELDS: Sequence[Field[Any]] = (
    Field("year", read_name, "年度", required=True),
    Field("scores", mapping_of(read_name, read_decimal), "得分", required=True),
)
POLL_FIELDS: Sequence[Field[Any]] = (
    Field("award", read_text, "奖项", required=True),
    Field("date", read_day, "日期", required=True),
    Field("electorate", _read_electorate, "应到", required=True),
    Field("votes", mapping_of(read_name, _read_head_count), "得票", required=True),
)
HONOUR_FIELDS: Sequence[Field[Any]] = (
    Field("award", read_text, "奖项", required=True),
    Field("period", _read_period, "周期"),
    Field("date", read_day, "日期", required=True),
    Field("members", list_of(read_name), "党员", required=True),
    Field("note", read_text, "备注"),
)
HONOURS_FIELDS: Sequence[Field[Any]] = (
    Field("year", read_name, "年度", required=True),
    Field("honours", list_of(record_of(Honour, *HONOUR_FIELDS, with_where=True)), "荣誉", required=True),
)

REVIEWS = record_of(Reviews, *REVIEWS_FIELDS, approval_block.BALLOT_APPROVAL, with_where=True)
POLL = record_of(Poll, *POLL_FIELDS, approval_block.BALLOT_APPROVAL, with_where=True)
HONOURS = record_of(Honours, *HONOURS_FIELDS, approval_block.HONOURS_APPROVAL, with_where=True)


def read_ballot(raw: bytes, file: str, kind: BallotKind) -> tuple[Ballot | None, list[Problem], bool]:
    """Read a ballot of a kind; return as ``approval_block.read_sealed_document``."""
    match kind:
        case BallotKind.REVIEWS:
            return approval_block.read_sealed_document(raw, file, REVIEWS)
        case BallotKind.HONOURS:
            return approval_block.read_sealed_document(raw, file, HONOURS)
        case BallotKind.POLL:
            poll = file.rpartition("/")[2].removesuffix(".yaml")
            return approval_block.read_sealed_document(raw, file, _poll_reader(poll))


def _poll_reader(poll_id: str) -> NodeReader[Poll]:
    """Return a reader of the poll with an id, taken from the file's name; reports an id that is not allowed."""

    def read_poll(node: Node, report: FileReport) -> Poll | None:
        read_slug(ScalarNode(poll_id, 1, 1), report)
        return POLL(node, report)

    return read_poll
