"""What section 五 needs besides points: reviews 民主评议得分 and polls 投票, members still named by words."""

import re

from generator.core.model.ledger import Ballot, Poll, Reviews
from generator.intake.files import approval_block
from generator.intake.text.fields import Field, Reader, Report, day, decimal, name, record, slug, table, text
from generator.intake.text.yaml_nodes import Node, Scalar
from generator.problems import Problem


def _heads(node: Node, report: Report) -> int | None:
    """A number of people."""
    said = text(node, report)
    if said is None:
        return None
    if re.fullmatch(r"0|[1-9][0-9]{0,4}", said):
        return int(said)
    report.add(node, "field.bad-number", f"“{said}”不是 0 到 99999 的整数", "请写一个整数")
    return None


def _electorate(node: Node, report: Report) -> int | None:
    """How many could vote: somebody could."""
    found = _heads(node, report)
    if found == 0:
        report.add(node, "field.bad-number", "应到人数不能是 0", "请写有表决权、应当到会的人数")
        return None
    return found


_REVIEWS = record(
    Reviews,
    Field("year", name, "年度", required=True),
    Field("scores", table(name, decimal), "得分", required=True),
    approval_block.ALONE,
    located=True,
)

_POLL = record(
    Poll,
    Field("award", text, "奖项", required=True),
    Field("date", day, "日期", required=True),
    Field("electorate", _electorate, "应到", required=True),
    Field("votes", table(name, _heads), "得票", required=True),
    approval_block.ALONE,
    located=True,
)


def read(raw: bytes, file: str, poll: str | None) -> tuple[Ballot | None, list[Problem], bool]:
    """Read a year's reviews, or the poll of an id; as ``blocks.document``."""
    return (
        approval_block.document(raw, file, _REVIEWS)
        if poll is None
        else approval_block.document(raw, file, _poll(poll))
    )


def _poll(ident: str) -> Reader[Poll]:
    """The poll of an id, which must be fit to be one."""

    def read_poll(node: Node, report: Report) -> Poll | None:
        slug(Scalar(ident, 1, 1), report)
        return _POLL(node, report)

    return read_poll
