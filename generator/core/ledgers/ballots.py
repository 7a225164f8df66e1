"""Reviews and polls as written → scores and votes by member, or every problem in them.

A new check is one function and one name in ``CHECKS``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct, field

from generator.core.basics.numbers import format_decimal
from generator.core.model.ledger import Ballot, Poll, Reviews, WrittenName
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import sealed_files
from generator.core.sealing.sealed_files import BallotFile
from generator.problems import Problem, Severity, suggest_known_word

T = TypeVar("T", Decimal, int)


# --- who is meant ----------------------------------------------------------------------------------------------------


def _meant(file: BallotFile) -> Callable[[Member], bool]:
    """Who may stand in a file: on the organ's roster on any day of the year, or on the day of the poll."""
    if isinstance(file.document, Poll):
        day = file.document.date
        return lambda member: member.branch_on(day) is not None
    first, last = date(file.year, 1, 1), date(file.year, 12, 31)
    return lambda member: member.since <= last and member.until > first


def _members(
    file: BallotFile, written: Mapping[WrittenName, T], roster: Roster, problems: list[Problem]
) -> dict[str, T]:
    """What is written, by member id; a word that names nobody, or somebody again, is a problem."""
    meant, found, seen = _meant(file), dict[str, T](), dict[str, WrittenName]()
    for name, value in written.items():
        called = roster.members_by_name.get(name.text, ())
        here = [member for member in called if meant(member)]
        if len(here) != 1:
            problems.append(
                _nobody(file, name, called, here) if called else _unknown(name, filter(meant, roster.members))
            )
        elif before := seen.get(here[0].id):
            message = f"“{name.text}”和第 {before.where.line} 行的“{before.text}”是同一名党员"
            problems.append(Problem(name.where, "ballot.member-twice", message, "请核对，删去一处"))
        else:
            seen[here[0].id], found[here[0].id] = name, value
    return found


def _unknown(name: WrittenName, members: Iterable[Member]) -> Problem:
    words = [word for member in members for word in (member.name, member.id)]
    return Problem(
        name.where, "ballot.unknown-member", f"名册里没有“{name.text}”", suggest_known_word(name.text, words)
    )


def _nobody(file: BallotFile, name: WrittenName, called: Sequence[Member], here: Sequence[Member]) -> Problem:
    """A name of several members, or of some who weren't there."""
    if here:
        ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in here)
        message = f"有 {len(here)} 名党员叫“{name.text}”"
        return Problem(name.where, "ballot.ambiguous-member", message, f"请改写编号：{ids}")
    day = file.document.date if isinstance(file.document, Poll) else date(file.year, 12, 31)
    when = f"{day} " if isinstance(file.document, Poll) else f"{file.year} 年"
    facts = "；".join(_whereabouts(member, day) for member in called)
    hint = f"{facts}。请核对名单，或在 ledgers/roster.yaml 里补记变动"
    return Problem(name.where, "ballot.not-on-roster", f"“{name.text}”{when}不在机关的名册上", hint)


def _whereabouts(member: Member, day: date) -> str:
    if day < member.since:
        return f"{member.name}（{member.id}）{member.since} 才进入名册"
    return f"{member.name}（{member.id}）{member.until} 已离开"


# --- checks of a file ------------------------------------------------------------------------------------------------


def _placed(ballot: Ballot, file: BallotFile, _rules: Rulebook) -> Iterator[Problem]:
    if not file.is_placed:
        where = ballot.year.where if isinstance(ballot, Reviews) else ballot.where
        said = f"年度是 {ballot.year.text}" if isinstance(ballot, Reviews) else f"投票日期是 {ballot.date}"
        message = f"文件放在 {file.year} 年的文件夹里，里面写的{said}"
        yield Problem(where, "ballot.year", message, "请改正，或移到正确的文件夹")


_FULL_MARK = Decimal(100)


def _bounds(ballot: Ballot, _file: BallotFile, _rules: Rulebook) -> Iterator[Problem]:
    if isinstance(ballot, Reviews):
        for name, score in ballot.scores.items():
            if not 0 <= score <= _FULL_MARK:
                message = f"“{name.text}”的得分 {format_decimal(score)} 不在 0 到 100 之间"
                yield Problem(name.where, "ballot.score", message, "民主评议按百分制，请核对得分")
    else:
        for name, votes in ballot.votes.items():
            if votes > ballot.electorate:
                message = f"“{name.text}”得 {votes} 票，比应到的 {ballot.electorate} 人还多"
                yield Problem(name.where, "ballot.votes", message, "每人对一名党员最多一票，请核对票数和应到人数")


def _used(ballot: Ballot, _file: BallotFile, rules: Rulebook) -> Iterator[Problem]:
    key = "appraisal（评议权重）" if isinstance(ballot, Reviews) else "awards（评先对照）"
    if (rules.appraisal if isinstance(ballot, Reviews) else rules.awarding) is None:
        message = f"《{rules.title}》没有 {key}，这份文件不会用到"
        hint = f"需要的请在 ledgers/rulebooks/{rules.id}.yaml 里写明，否则请移走这份文件"
        yield Problem(ballot.where, "ballot.unused", message, hint, Severity.WARNING)


def _sealed(_ballot: Ballot, file: BallotFile, rules: Rulebook) -> Iterator[Problem]:
    yield from sealed_files.find_alterations(file, rules, file.what)


CHECKS: tuple[Callable[[Ballot, BallotFile, Rulebook], Iterator[Problem]], ...] = (_placed, _bounds, _used, _sealed)


# --- all files -------------------------------------------------------------------------------------------------------

VotesByMember = Mapping[str, int]


class BallotResults(Struct):
    """What approved and sound files come to: by year scores by member, and polls with votes by member."""

    reviews: dict[int, Mapping[str, Decimal]] = field(default_factory=dict)
    polls: dict[int, list[tuple[Poll, VotesByMember]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def evaluate_ballots(files: Sequence[BallotFile], roster: Roster, rulebooks: Mapping[int, Rulebook]) -> BallotResults:
    """Judge every file of a year that has a rulebook; that one is lacking is told at the cycle."""
    counted = BallotResults(problems=list(_repeated(files)))
    for file in files:
        rules = rulebooks.get(file.year)
        if file.document and rules:
            _judge(file, file.document, roster, rules, counted)
    return counted


def _judge(file: BallotFile, ballot: Ballot, roster: Roster, rules: Rulebook, counted: BallotResults) -> None:
    problems = [problem for check in CHECKS for problem in check(ballot, file, rules)]
    if isinstance(ballot, Reviews):
        scores = _members(file, ballot.scores, roster, problems)
    else:
        votes = _members(file, ballot.votes, roster, problems)
    counted.problems += problems
    if not file.approval or not file.clean or any(problem.is_error for problem in problems):
        return
    if isinstance(ballot, Reviews):
        counted.reviews[file.year] = scores
    else:
        counted.polls.setdefault(file.year, []).append((ballot, votes))


def _repeated(files: Sequence[BallotFile]) -> Iterator[Problem]:
    """Two polls for one award on one day are one poll written twice; the approved one is believed."""
    seen: dict[tuple[str, date], BallotFile] = {}
    for file in sorted(files, key=lambda one: (not one.sealed, one.name)):
        if isinstance(file.document, Poll):
            before = seen.setdefault((file.document.award, file.document.date), file)
            if before is not file:
                message = f"{file.document.date} 的“{file.document.award}”投票已经写在 {before.name} 里"
                yield Problem(file.document.where, "ballot.poll-twice", message, "请核对两份，移走一份")
