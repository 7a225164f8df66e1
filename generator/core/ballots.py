"""Reviews and polls as written → scores and votes by member, or every problem in them.

Each file is one ``Slip``. A new check is one function and one name in ``CHECKS``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct, field

from generator.core import seal
from generator.core.model import Ballot, Endorsement, Member, Name, Poll, Retraction, Reviews, Roster, Rulebook
from generator.core.numbers import show
from generator.problems import Problem, Severity, suggest

T = TypeVar("T", Decimal, int)


class Slip(Struct, frozen=True):
    """A file of reviews, or of the poll with that id, as read; ``year`` is its folder's.

    ``sealed`` if it claims to be approved, ``clean`` if nothing in it was misread; ``ballot`` is None if it can't be
    read.
    """

    name: str
    year: int
    poll: str | None
    ballot: Ballot | None
    sealed: bool
    clean: bool

    @property
    def what(self) -> str:
        """What it is, in words."""
        return f"{self.year} 年民主评议得分" if self.poll is None else f"{self.year} 年 {self.poll} 投票"

    @property
    def approval(self) -> Endorsement | None:
        """Its approval, if it is approved and can be read."""
        return self.ballot.approval if self.sealed and self.ballot else None

    @property
    def is_original(self) -> bool:
        """Whether it is approved, unaltered, and lies in its year's folder: what else has its seal is a copy."""
        intact = self.ballot and self.ballot.approval and self.ballot.approval.digest == self.ballot.digest
        return bool(intact and self.ballot and year(self.ballot) == str(self.year))


def year(ballot: Ballot) -> str:
    """The year that a file says it is of."""
    return ballot.year.text if isinstance(ballot, Reviews) else str(ballot.date.year)


def copied(slips: Sequence[Slip]) -> Mapping[str, Slip]:
    """The slips whose approval was copied from another, by file, with the one it is copied from."""
    intact: dict[str, Slip] = {}
    for slip in slips:
        if slip.is_original and slip.approval:
            intact.setdefault(slip.approval.digest, slip)
    claimed = [(slip, slip.approval.digest) for slip in slips if slip.approval]
    return {slip.name: intact[digest] for slip, digest in claimed if intact.get(digest, slip) is not slip}


# --- who is meant ----------------------------------------------------------------------------------------------------


def _meant(slip: Slip) -> Callable[[Member], bool]:
    """Who may stand in a file: on the organ's roster on any day of the year, or on the day of the poll."""
    if isinstance(slip.ballot, Poll):
        day = slip.ballot.date
        return lambda member: member.branch_on(day) is not None
    first, last = date(slip.year, 1, 1), date(slip.year, 12, 31)
    return lambda member: member.since <= last and member.until > first


def _members(slip: Slip, written: Mapping[Name, T], roster: Roster, problems: list[Problem]) -> dict[str, T]:
    """What is written, by member id; a word that names nobody, or somebody again, is a problem."""
    meant, found, seen = _meant(slip), dict[str, T](), dict[str, Name]()
    for name, value in written.items():
        called = roster.named.get(name.text, ())
        here = [member for member in called if meant(member)]
        if len(here) != 1:
            problems.append(
                _nobody(slip, name, called, here) if called else _unknown(name, filter(meant, roster.members))
            )
        elif before := seen.get(here[0].id):
            message = f"“{name.text}”和第 {before.where.line} 行的“{before.text}”是同一名党员"
            problems.append(Problem(name.where, "ballot.member-twice", message, "请核对，删去一处"))
        else:
            seen[here[0].id], found[here[0].id] = name, value
    return found


def _unknown(name: Name, members: Iterable[Member]) -> Problem:
    words = [word for member in members for word in (member.name, member.id)]
    return Problem(name.where, "ballot.unknown-member", f"名册里没有“{name.text}”", suggest(name.text, words))


def _nobody(slip: Slip, name: Name, called: Sequence[Member], here: Sequence[Member]) -> Problem:
    """A name of several members, or of some who weren't there."""
    if here:
        ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in here)
        message = f"有 {len(here)} 名党员叫“{name.text}”"
        return Problem(name.where, "ballot.ambiguous-member", message, f"请改写编号：{ids}")
    day = slip.ballot.date if isinstance(slip.ballot, Poll) else date(slip.year, 12, 31)
    when = f"{day} " if isinstance(slip.ballot, Poll) else f"{slip.year} 年"
    facts = "；".join(_whereabouts(member, day) for member in called)
    hint = f"{facts}。请核对名单，或在 ledgers/roster.yaml 里补记变动"
    return Problem(name.where, "ballot.not-on-roster", f"“{name.text}”{when}不在机关的名册上", hint)


def _whereabouts(member: Member, day: date) -> str:
    if day < member.since:
        return f"{member.name}（{member.id}）{member.since} 才进入名册"
    return f"{member.name}（{member.id}）{member.until} 已离开"


# --- checks of a file ------------------------------------------------------------------------------------------------


def _placed(ballot: Ballot, slip: Slip, _rules: Rulebook) -> Iterator[Problem]:
    if year(ballot) != str(slip.year):
        where = ballot.year.where if isinstance(ballot, Reviews) else ballot.where
        said = f"年度是 {ballot.year.text}" if isinstance(ballot, Reviews) else f"投票日期是 {ballot.date}"
        message = f"文件放在 {slip.year} 年的文件夹里，里面写的{said}"
        yield Problem(where, "ballot.year", message, "请改正，或移到正确的文件夹")


_FULL_MARK = Decimal(100)


def _bounds(ballot: Ballot, _slip: Slip, _rules: Rulebook) -> Iterator[Problem]:
    if isinstance(ballot, Reviews):
        for name, score in ballot.scores.items():
            if not 0 <= score <= _FULL_MARK:
                message = f"“{name.text}”的得分 {show(score)} 不在 0 到 100 之间"
                yield Problem(name.where, "ballot.score", message, "民主评议按百分制，请核对得分")
    else:
        for name, votes in ballot.votes.items():
            if votes > ballot.electorate:
                message = f"“{name.text}”得 {votes} 票，比应到的 {ballot.electorate} 人还多"
                yield Problem(name.where, "ballot.votes", message, "每人对一名党员最多一票，请核对票数和应到人数")


def _used(ballot: Ballot, _slip: Slip, rules: Rulebook) -> Iterator[Problem]:
    key = "appraisal（评议权重）" if isinstance(ballot, Reviews) else "awards（评先对照）"
    if (rules.appraisal if isinstance(ballot, Reviews) else rules.awarding) is None:
        message = f"《{rules.title}》没有 {key}，这份文件不会用到"
        hint = f"需要的请在 ledgers/rulebooks/{rules.id}.yaml 里写明，否则请移走这份文件"
        yield Problem(ballot.where, "ballot.unused", message, hint, Severity.WARNING)


def _sealed(ballot: Ballot, slip: Slip, rules: Rulebook) -> Iterator[Problem]:
    if ballot.approval:
        yield from seal.weighed_otherwise(ballot, rules, slip.what)


CHECKS: tuple[Callable[[Ballot, Slip, Rulebook], Iterator[Problem]], ...] = (_placed, _bounds, _used, _sealed)


# --- all files -------------------------------------------------------------------------------------------------------

Votes = Mapping[str, int]


class Counted(Struct):
    """What approved and sound files come to: by year scores by member, and polls with votes by member."""

    reviews: dict[int, Mapping[str, Decimal]] = field(default_factory=dict)
    polls: dict[int, list[tuple[Poll, Votes]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def judge(slips: Sequence[Slip], roster: Roster, rulebooks: Mapping[int, Rulebook]) -> Counted:
    """Judge every file of a year that has a rulebook; that one is lacking is told at the cycle."""
    counted = Counted(problems=list(_repeated(slips)))
    for slip in slips:
        rules = rulebooks.get(slip.year)
        if slip.ballot and rules:
            _judge(slip, slip.ballot, roster, rules, counted)
    return counted


def _judge(slip: Slip, ballot: Ballot, roster: Roster, rules: Rulebook, counted: Counted) -> None:
    problems = [problem for check in CHECKS for problem in check(ballot, slip, rules)]
    if isinstance(ballot, Reviews):
        scores = _members(slip, ballot.scores, roster, problems)
    else:
        votes = _members(slip, ballot.votes, roster, problems)
    counted.problems += problems
    if not slip.approval or not slip.clean or any(problem.is_error for problem in problems):
        return
    if isinstance(ballot, Reviews):
        counted.reviews[slip.year] = scores
    else:
        counted.polls.setdefault(slip.year, []).append((ballot, votes))


def _repeated(slips: Sequence[Slip]) -> Iterator[Problem]:
    """Two polls for one award on one day are one poll written twice; the approved one is believed."""
    seen: dict[tuple[str, date], Slip] = {}
    for slip in sorted(slips, key=lambda one: (not one.sealed, one.name)):
        if isinstance(slip.ballot, Poll):
            before = seen.setdefault((slip.ballot.award, slip.ballot.date), slip)
            if before is not slip:
                message = f"{slip.ballot.date} 的“{slip.ballot.award}”投票已经写在 {before.name} 里"
                yield Problem(slip.ballot.where, "ballot.poll-twice", message, "请核对两份，移走一份")


# --- withdrawn -------------------------------------------------------------------------------------------------------


def check(slips: Sequence[Slip], retractions: Sequence[Retraction]) -> Iterator[Problem]:
    """Find records of withdrawals that were altered, and withdrawn approvals that are there again."""
    for one in retractions:
        if one.claims != one.digest:
            message = f"{one.on} 撤回 {one.file.text} 审核的记录在写成之后被改动过"
            yield Problem(one.where, "record.digest", message, "请从备份中恢复原文件")
    undone = {one.withdraws: one for one in retractions}
    for slip in slips:
        approval = slip.approval
        if approval and (found := undone.get(approval.digest)):
            message = f"{seal.said(approval, slip.what)}已于 {found.on} 撤回，又重新出现了"
            yield Problem(approval.where, "approval.withdrawn", message, "请删去这段审核记录，改好以后重新审核")
