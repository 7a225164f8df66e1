"""What a branch comes to, as far as anybody beyond it has to know: plain data, some hundred bytes a member."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct

from generator.core import periods
from generator.core.audit import Filed, Withdrawn
from generator.core.model import Approval, Cause
from generator.core.months import Seal
from generator.core.places import Place
from generator.core.settings import Audience
from generator.problems import Problem, Severity, Where


class Figures(NamedTuple):
    """A member's points in a period, and the cycle total at its end."""

    member: str
    points: Decimal
    total: Decimal
    vetoed: bool


class Summary(Struct, frozen=True):
    """A branch as the organ sees it.

    It is what the branch comes to on every day from ``since`` until before ``until``, which is None if that is for
    ever. ``approvals`` are a month's, the ledger's first, ``causes`` those of its corrections, and ``emptied`` says
    after which of these all its lines were struck. ``scored`` are the months that count, and ``figures`` the members'
    of each period that the organ ranks. ``guests`` are places on its boards of members whose account is kept elsewhere,
    ``named`` who stands on its boards and the last day of the newest of them, ``touched`` the months of which something
    is written of those whose account is kept here though they were not there. ``pages`` are those it has besides its
    members', each with its readers; ``sealed`` is all that is sealed, in words, by digest; ``act`` is the newest on
    record; ``unknown`` are years whose holidays an objection period would need; ``drafts`` are the files that would
    count, and ``problems`` what is wrong in drafts.
    """

    branch: str
    since: date
    until: date | None
    approvals: Mapping[str, Sequence[Approval]]
    causes: Mapping[str, Sequence[Cause]]
    emptied: Mapping[str, Sequence[bool]]
    scored: Sequence[str]
    figures: Mapping[str, Sequence[Figures]]
    guests: Mapping[str, Sequence[Place]]
    named: Mapping[str, date]
    touched: Mapping[str, Sequence[str]]
    pages: Mapping[str, Audience]
    sealed: Mapping[str, str]
    seals: Sequence[Seal]
    act: tuple[date, Where, str] | None
    unknown: Sequence[int]
    filings: Sequence[Filed]
    withdrawals: Sequence[Withdrawn]
    drafts: Sequence[str]
    problems: Sequence[Problem]

    def holds(self, today: date) -> bool:
        """Whether it says what the branch comes to on that day."""
        return self.since <= today and (self.until is None or today < self.until)


def stranger(branch: str, today: date, problems: Sequence[Problem]) -> Summary:
    """A folder of drafts that the roster has no branch for: nothing but what is wrong with it."""
    return Summary(
        branch=branch,
        since=today,
        until=today + timedelta(days=1),
        approvals={},
        causes={},
        emptied={},
        scored=(),
        figures={},
        guests={},
        named={},
        touched={},
        pages={},
        sealed={},
        seals=(),
        act=None,
        unknown=(),
        filings=(),
        withdrawals=(),
        drafts=(),
        problems=problems,
    )


# --- plain data ------------------------------------------------------------------------------------------------------


def plain(one: Summary) -> dict[str, Any]:
    """A summary as JSON can hold it."""
    return {
        "branch": one.branch,
        "since": one.since.isoformat(),
        "until": one.until and one.until.isoformat(),
        "approvals": {month: [_approval(each) for each in found] for month, found in one.approvals.items()},
        "causes": {month: list(found) for month, found in one.causes.items()},
        "emptied": {month: list(found) for month, found in one.emptied.items()},
        "scored": list(one.scored),
        "figures": {name: [_figures(each) for each in found] for name, found in one.figures.items()},
        "guests": {member: [place(each) for each in found] for member, found in one.guests.items()},
        "named": {member: day.isoformat() for member, day in one.named.items()},
        "touched": {member: list(months) for member, months in one.touched.items()},
        "pages": dict(one.pages),
        "sealed": dict(one.sealed),
        "seals": [[seal.file, seal.what, seal.digest, seal.original] for seal in one.seals],
        "act": one.act and [one.act[0].isoformat(), *_where(one.act[1]), one.act[2]],
        "unknown": list(one.unknown),
        "filings": [[str(each.period), each.on.isoformat(), each.digest, each.rests] for each in one.filings],
        "withdrawals": [
            [str(each.month), each.on.isoformat(), each.withdraws, each.digest] for each in one.withdrawals
        ],
        "drafts": list(one.drafts),
        "problems": [[*_where(each.where), each.code, each.message, each.hint, each.severity] for each in one.problems],
    }


def summary(found: Mapping[str, Any]) -> Summary:
    """The summary again; whatever is wrong with the data raises some exception."""
    branch, act = found["branch"], found["act"]
    day = date.fromisoformat
    return Summary(
        branch=branch,
        since=day(found["since"]),
        until=found["until"] and day(found["until"]),
        approvals={month: [_approved(each) for each in rows] for month, rows in found["approvals"].items()},
        causes={month: [Cause(each) for each in rows] for month, rows in found["causes"].items()},
        emptied=found["emptied"],
        scored=found["scored"],
        figures={name: [_figured(each) for each in rows] for name, rows in found["figures"].items()},
        guests={member: [placed(each) for each in rows] for member, rows in found["guests"].items()},
        named={member: day(each) for member, each in found["named"].items()},
        touched=found["touched"],
        pages={path: Audience(each) for path, each in found["pages"].items()},
        sealed=found["sealed"],
        seals=[Seal(*row) for row in found["seals"]],
        act=act and (day(act[0]), Where(*act[1:4]), act[4]),
        unknown=found["unknown"],
        filings=[
            Filed(branch, periods.named(name), day(on), digest, tuple(rests))
            for name, on, digest, rests in found["filings"]
        ],
        withdrawals=[
            Withdrawn(branch, periods.named(month), day(on), withdraws, digest)
            for month, on, withdraws, digest in found["withdrawals"]
        ],
        drafts=found["drafts"],
        problems=[_problem(*row) for row in found["problems"]],
    )


def _problem(file: str, line: int, column: int, code: str, *words: str) -> Problem:
    message, hint, severity = words
    return Problem(Where(file, line, column), code, message, hint, Severity(severity))


def _where(where: Where) -> list[Any]:
    return [where.file, where.line, where.column]


def _approval(one: Approval) -> list[Any]:
    return [one.meeting.isoformat(), one.by, one.roll, one.digest, one.previous, one.serial]


def _approved(row: Sequence[Any]) -> Approval:
    """The part of an approval that boards rest on."""
    meeting, by, roll, digest, previous, serial = row
    return Approval(
        meeting=date.fromisoformat(meeting),
        by=by,
        roll=roll,
        rulebook="",
        nonce="",
        digest=digest,
        where=Where(""),
        previous=previous,
        serial=serial,
    )


def _figures(one: Figures) -> list[Any]:
    return [one.member, str(one.points), str(one.total), one.vetoed]


def _figured(row: Sequence[Any]) -> Figures:
    member, points, total, vetoed = row
    return Figures(member, Decimal(points), Decimal(total), vetoed)


def place(one: Place) -> list[Any]:
    """A place as JSON can hold it."""
    return [
        str(one.period),
        one.branch,
        str(one.points),
        one.rank,
        one.of,
        one.provisional,
        None if one.behind is None else str(one.behind),
        None if one.median is None else str(one.median),
    ]


def placed(row: Sequence[Any]) -> Place:
    """The place again."""
    name, branch, points, rank, of, provisional, behind, median = row
    return Place(
        periods.named(name), branch, Decimal(points), rank, of, provisional, _decimal(behind), _decimal(median)
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
