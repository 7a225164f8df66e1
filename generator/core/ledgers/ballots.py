"""Check reviews and polls as written: the result is scores and votes by member, or every problem in them.

A new check is one function and one name in ``CHECKS``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct, field

from generator.core.basics.numbers import format_decimal
from generator.core.ledgers import name_resolution
from generator.core.model.ledger import Ballot, Poll, Reviews, WrittenName
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import sealed_files
from generator.core.sealing.sealed_files import BallotFile
from generator.problems import Problem, Severity, suggest_known_word, suggest_words

ValueT = TypeVar("ValueT", Decimal, int)


# --- names of members ------------------------------------------------------------------------------------------------


def _eligibility_test(file: BallotFile) -> Callable[[Member], bool]:
    """Return the test of which members a file may name: those on the organ's roster on any day of the year.

    For a poll it is those on the roster on its day.
    """
    if isinstance(file.document, Poll):
        day = file.document.date
        return lambda member: member.branch_on(day) is not None
    first, last = date(file.year, 1, 1), date(file.year, 12, 31)
    return lambda member: member.since <= last and member.until > first


def _naming_day(file: BallotFile) -> date:
    """Return the day whose names a file means first: that of its approval, else of the poll, else the year's last."""
    if file.approval:
        return file.approval.meeting
    return file.document.date if isinstance(file.document, Poll) else date(file.year, 12, 31)


def _resolve_members(
    file: BallotFile, written: Mapping[WrittenName, ValueT], roster: Roster, problems: list[Problem]
) -> dict[str, ValueT]:
    """Return the written values by member id; a word that names no member, or one a second time, is a problem."""
    is_eligible = _eligibility_test(file)
    by_member, names = dict[str, ValueT](), dict[str, WrittenName]()
    day = _naming_day(file)
    for name, value in written.items():
        namesakes = roster.members_by_name.get(name.text, ())
        eligible = roster.find_namesakes(name.text, day, is_eligible, sealed=file.sealed)
        if len(eligible) != 1:
            problems.append(
                _unresolved_name(file, name, namesakes, eligible, roster)
                if namesakes
                else _unknown_name(name, filter(is_eligible, roster.members))
            )
        elif before := names.get(eligible[0].id):
            message = f"“{name.text}”和第 {before.where.line} 行的“{before.text}”是同一名党员"
            problems.append(Problem(name.where, "ballot.member-twice", message, "请核对，删去一处"))
        else:
            names[eligible[0].id], by_member[eligible[0].id] = name, value
    return by_member


def _unknown_name(name: WrittenName, members: Iterable[Member]) -> Problem:
    hint = name_resolution.suggest_member_name(name.text, members)
    return Problem(name.where, "ballot.unknown-member", f"名册里没有“{name.text}”", hint)


def _unresolved_name(
    file: BallotFile, name: WrittenName, namesakes: Sequence[Member], eligible: Sequence[Member], roster: Roster
) -> Problem:
    """Return the problem of a name that several eligible members have, or only members off the roster at that time."""
    if eligible:
        message = f"有 {len(eligible)} 名党员叫“{name.text}”"
        hint = f"请改写编号：{roster.describe_candidates(eligible)}"
        return Problem(name.where, "ballot.ambiguous-member", message, hint)
    day = file.document.date if isinstance(file.document, Poll) else date(file.year, 12, 31)
    when = f"{day} " if isinstance(file.document, Poll) else f"{file.year} 年"
    facts = "；".join(_explain_absence(member, day) for member in namesakes)
    hint = f"{facts}。请核对名单，或在 ledgers/roster.yaml 里补记变动"
    return Problem(name.where, "ballot.not-on-roster", f"“{name.text}”{when}不在机关的名册上", hint)


def _explain_absence(member: Member, day: date) -> str:
    if day < member.since:
        return f"{member.name}（{member.id}）{member.since} 才进入名册"
    return f"{member.name}（{member.id}）{member.until} 已离开"


# --- checks of a file ------------------------------------------------------------------------------------------------


def _check_placement(ballot: Ballot, file: BallotFile, _rulebook: Rulebook) -> Iterator[Problem]:
    if not file.is_placed:
        where = ballot.year.where if isinstance(ballot, Reviews) else ballot.where
        stated = f"年度是 {ballot.year.text}" if isinstance(ballot, Reviews) else f"投票日期是 {ballot.date}"
        message = f"文件放在 {file.year} 年的文件夹里，里面写的{stated}"
        yield Problem(where, "ballot.year", message, "请改正，或移到正确的文件夹")


_FULL_MARK = Decimal(100)


def _check_bounds(ballot: Ballot, _file: BallotFile, _rulebook: Rulebook) -> Iterator[Problem]:
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


def _check_use(ballot: Ballot, _file: BallotFile, rulebook: Rulebook) -> Iterator[Problem]:
    """Warn of a file that the year's rulebook has no use for."""
    key = "appraisal（评议权重）" if isinstance(ballot, Reviews) else "awards（评先对照）"
    if (rulebook.appraisal if isinstance(ballot, Reviews) else rulebook.awarding) is None:
        message = f"《{rulebook.title}》没有 {key}，这份文件不会用到"
        hint = f"需要的请在 ledgers/rulebooks/{rulebook.id}.yaml 里写明，否则请移走这份文件"
        yield Problem(ballot.where, "ballot.unused", message, hint, Severity.WARNING)


def _check_seal(_ballot: Ballot, file: BallotFile, rulebook: Rulebook) -> Iterator[Problem]:
    yield from sealed_files.find_alterations(file, rulebook, file.what)


CHECKS: tuple[Callable[[Ballot, BallotFile, Rulebook], Iterator[Problem]], ...] = (
    _check_placement,
    _check_bounds,
    _check_use,
    _check_seal,
)


# --- all files -------------------------------------------------------------------------------------------------------

VotesByMember = Mapping[str, int]


class BallotResults(Struct):
    """The results of approved and sound files by year, and the problems of all files.

    ``reviews`` are scores by member, ``polls`` have votes by member; members are named by id.
    """

    reviews: dict[int, Mapping[str, Decimal]] = field(default_factory=dict)
    polls: dict[int, list[tuple[Poll, VotesByMember]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def evaluate_ballots(files: Sequence[BallotFile], roster: Roster, rulebooks: Mapping[int, Rulebook]) -> BallotResults:
    """Check every file of a year that has a rulebook; a missing one is reported where the cycle is read."""
    results = BallotResults(problems=[*_find_repeated_polls(files), *_find_unknown_awards(files, rulebooks)])
    for file in files:
        rulebook = rulebooks.get(file.year)
        if file.document and rulebook:
            _evaluate_file(file, file.document, roster, rulebook, results)
    return results


def _evaluate_file(
    file: BallotFile, ballot: Ballot, roster: Roster, rulebook: Rulebook, results: BallotResults
) -> None:
    """Add a file's problems to the results, and its scores or votes if it is approved and sound."""
    problems = [problem for check in CHECKS for problem in check(ballot, file, rulebook)]
    if isinstance(ballot, Reviews):
        scores = _resolve_members(file, ballot.scores, roster, problems)
    else:
        votes = _resolve_members(file, ballot.votes, roster, problems)
    results.problems += problems
    # A draft or a faulty file has its problems reported, but must not change an outcome.
    if not file.approval or not file.clean or any(problem.is_error for problem in problems):
        return
    if isinstance(ballot, Reviews):
        results.reviews[file.year] = scores
    else:
        results.polls.setdefault(file.year, []).append((ballot, votes))


# The names of awards in the words of a rulebook: both in 择优确定优秀共产党员和优秀党务工作者.
_AWARDS = re.compile(r"(?:优秀|先进|模范)[\u4e00-\u9fff]*?(?:党员|工作者|个人|标兵|干部|支部|党组织|集体)")


def _find_unknown_awards(files: Sequence[BallotFile], rulebooks: Mapping[int, Rulebook]) -> Iterator[Problem]:
    """Warn of drafts of polls for an award that neither the year's rulebook nor any approved poll names."""
    voted = {file.document.award for file in files if file.sealed and isinstance(file.document, Poll)}
    for file in files:
        rulebook, poll = rulebooks.get(file.year), file.document
        if file.sealed or rulebook is None or not isinstance(poll, Poll):
            continue
        words = " ".join(text for rule in rulebook.consequences for text in (rule.title, rule.text))
        known_awards = dict.fromkeys([*_AWARDS.findall(words), *sorted(voted)])
        if not known_awards or poll.award in known_awards:
            continue
        meant = [award for award in known_awards if poll.award in award]
        message = f"规则和审核过的投票里都没有“{poll.award}”这个奖项"
        hint = suggest_words(meant) if meant else suggest_known_word(poll.award, known_awards)
        yield Problem(poll.where, "ballot.award", message, f"{hint}；确是新设的奖项，不必改", Severity.WARNING)


def _find_repeated_polls(files: Sequence[BallotFile]) -> Iterator[Problem]:
    """Find polls for one award on one day: they are one poll written twice."""
    seen: dict[tuple[str, date], BallotFile] = {}
    # Approved files come first, so that the problem is reported for a draft if there is one.
    for file in sorted(files, key=lambda candidate: (not candidate.sealed, candidate.name)):
        if isinstance(file.document, Poll):
            before = seen.setdefault((file.document.award, file.document.date), file)
            if before is not file:
                message = f"{file.document.date} 的“{file.document.award}”投票已经写在 {before.name} 里"
                yield Problem(file.document.where, "ballot.poll-twice", message, "请核对两份，移走一份")
