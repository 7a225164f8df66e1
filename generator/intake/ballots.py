"""What section 五 needs besides points: reviews 民主评议得分 and polls 投票, members still named by words."""

import re

from msgspec.structs import replace

from generator.core.model import Ballot, Endorsement, Poll, Reviews
from generator.intake import blocks, yamltext
from generator.intake.fields import Field, Report, day, decimal, name, record, slug, table, text, verbatim
from generator.intake.yamltext import Node, Scalar
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


_APPROVAL = Field(
    "approval",
    blocks.whole(
        record(
            Endorsement,
            Field("meeting", day, required=True),
            Field("by", text, required=True),
            Field("nonce", verbatim, required=True),
            Field("rulebook", verbatim),
            Field("approvers", verbatim),
            Field("signature", verbatim),
            Field("digest", verbatim, required=True),
            located=True,
        )
    ),
    "审核",
)

_REVIEWS = record(
    Reviews,
    Field("year", name, "年度", required=True),
    Field("scores", table(name, decimal), "得分", required=True),
    _APPROVAL,
    located=True,
)

_POLL = record(
    Poll,
    Field("award", text, "奖项", required=True),
    Field("date", day, "日期", required=True),
    Field("electorate", _electorate, "应到", required=True),
    Field("votes", table(name, _heads), "得票", required=True),
    _APPROVAL,
    located=True,
)


def read(raw: bytes, file: str, poll: str | None) -> tuple[Ballot | None, list[Problem], bool]:
    """Read a year's reviews, or the poll of an id; as with ledgers, tell whether the file claims to be approved."""
    node, problems = yamltext.read(raw, file)
    if node is None:
        return None, problems, blocks.claims_approval(raw)
    report = Report(file)
    if poll is not None:
        slug(Scalar(poll, 1, 1), report)
    ballot: Ballot | None = _REVIEWS(node, report) if poll is None else _POLL(node, report)
    if ballot is not None and ballot.approval:
        digest, signed = blocks.digests(node)
        ballot = replace(ballot, digest=digest, signed=signed)
    return ballot, report.problems, blocks.has_approval(node)
