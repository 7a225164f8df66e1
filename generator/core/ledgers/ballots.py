"""Check ballots as written: the result is scores, votes and honours by member, or every problem in them.

A new check is one function and one name in ``CHECKS``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import Period
from generator.core.ledgers import name_resolution
from generator.core.model.ledger import Approval, Ballot, Honour, Honours, Poll, Reviews, WrittenName
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import sealed_files
from generator.core.sealing.sealed_files import BallotFile
from generator.problems import Problem, Severity, suggest_known_word, suggest_words

# --- names of members ------------------------------------------------------------------------------------------------


def make_eligibility_test(year: int, day: date | None) -> Callable[[Member], bool]:
    """Return the test of which members may be named: those on the organ's roster on the day.

    Without one it is those on the roster on any day of the year.
    """
    if day:
        return lambda member: member.branch_on(day) is not None
    first, last = date(year, 1, 1), date(year, 12, 31)
    return lambda member: member.since <= last and member.until > first


def _resolve_members(
    file: BallotFile, words: Iterable[WrittenName], day: date | None, roster: Roster, problems: list[Problem]
) -> dict[WrittenName, str]:
    """Return the member's id for each word; one that names no member, or one a second time, is a problem.

    ``day`` is that of the poll or honour. A word means first the member of that name as the file was approved.
    """
    is_eligible = make_eligibility_test(file.year, day)
    last = day or date(file.year, 12, 31)
    members, names = dict[WrittenName, str](), dict[str, WrittenName]()
    for name in words:
        meeting = file.approval.meeting if file.approval else last
        eligible = roster.find_namesakes(name.text, meeting, is_eligible, sealed=file.sealed)
        if len(eligible) != 1:
            when = f"{day} " if day else f"{file.year} 年"
            problems.append(
                _unresolved_name(name, eligible, roster, last, when)
                if roster.members_by_name.get(name.text)
                else _unknown_name(name, filter(is_eligible, roster.members))
            )
        elif before := names.get(eligible[0].id):
            message = f"“{name.text}”和第 {before.where.line} 行的“{before.text}”是同一名党员"
            problems.append(Problem(name.where, "ballot.member-twice", message, "请核对，删去一处"))
        else:
            names[eligible[0].id], members[name] = name, eligible[0].id
    return members


def _unknown_name(name: WrittenName, members: Iterable[Member]) -> Problem:
    hint = name_resolution.suggest_member_name(name.text, members)
    return Problem(name.where, "ballot.unknown-member", f"名册里没有“{name.text}”", hint)


def _unresolved_name(name: WrittenName, eligible: Sequence[Member], roster: Roster, day: date, when: str) -> Problem:
    """Return the problem of a name that several eligible members have, or only members off the roster at that time."""
    if eligible:
        message = f"有 {len(eligible)} 名党员叫“{name.text}”"
        hint = f"请改写编号：{roster.describe_candidates(eligible)}"
        return Problem(name.where, "ballot.ambiguous-member", message, hint)
    facts = "；".join(_explain_absence(member, day) for member in roster.members_by_name[name.text])
    hint = f"{facts}。请核对名单，或在 ledgers/roster.yaml 里补记变动"
    return Problem(name.where, "ballot.not-on-roster", f"“{name.text}”{when}不在机关的名册上", hint)


def _explain_absence(member: Member, day: date) -> str:
    if day < member.since:
        return f"{member.name}（{member.id}）{member.since} 才进入名册"
    return f"{member.name}（{member.id}）{member.until} 已离开"


# --- checks of a file ------------------------------------------------------------------------------------------------


def _check_placement(ballot: Ballot, file: BallotFile, _rulebook: Rulebook) -> Iterator[Problem]:
    if not file.is_placed:
        where = ballot.where if isinstance(ballot, Poll) else ballot.year.where
        stated = f"投票日期是 {ballot.date}" if isinstance(ballot, Poll) else f"年度是 {ballot.year.text}"
        message = f"文件放在 {file.year} 年的文件夹里，里面写的{stated}"
        yield Problem(where, "ballot.year", message, "请改正，或移到正确的文件夹")


_FULL_MARK = Decimal(100)


def _check_bounds(ballot: Ballot, file: BallotFile, _rulebook: Rulebook) -> Iterator[Problem]:
    match ballot:
        case Reviews():
            for name, score in ballot.scores.items():
                if not 0 <= score <= _FULL_MARK:
                    message = f"“{name.text}”的得分 {format_decimal(score)} 不在 0 到 100 之间"
                    yield Problem(name.where, "ballot.score", message, "民主评议按百分制，请核对得分")
        case Poll():
            for name, votes in ballot.votes.items():
                if votes > ballot.electorate:
                    message = f"“{name.text}”得 {votes} 票，比应到的 {ballot.electorate} 人还多"
                    yield Problem(name.where, "ballot.votes", message, "每人对一名党员最多一票，请核对票数和应到人数")
        case Honours():
            yield from _check_honours(ballot, file)


def _check_honours(ballot: Honours, file: BallotFile) -> Iterator[Problem]:
    if not ballot.honours and file.clean:
        hint = "请写上机关党委决定的荣誉，或移走这份文件"
        yield Problem(ballot.where, "ballot.empty", "光荣榜里一项荣誉也没有", hint)
    seen: dict[tuple[str, Period | date], Honour] = {}
    for honour in ballot.honours:
        if not honour.members:
            yield Problem(honour.where, "ballot.empty", f"“{honour.award}”没有写人", "请在 members（党员）里写上姓名")
        if honour.period and honour.period.year != file.year:
            message = f"“{honour.award}”的周期 {honour.period} 不在 {file.year} 年"
            yield Problem(honour.where, "ballot.period", message, "请改正，或移到正确年份的文件里")
        elif honour.date < (first := honour.period.first if honour.period else date(file.year, 1, 1)):
            span = f"{honour.period} " if honour.period else f"{file.year} 年"
            message = f"“{honour.award}”的日期 {honour.date} 早于 {span}的第一天（{first}）"
            yield Problem(honour.where, "ballot.honour-date", message, "请写机关党委作出决定的那天")
        # The same award is given again in another quarter or, without a period, on another day.
        before = seen.setdefault((honour.award, honour.period or honour.date), honour)
        if before is not honour:
            message = f"“{honour.award}”{honour.period or honour.date} 已经写在第 {before.where.line} 行"
            yield Problem(honour.where, "ballot.honour-twice", message, "请核对，合在一处")


def _check_use(ballot: Ballot, _file: BallotFile, rulebook: Rulebook) -> Iterator[Problem]:
    """Warn of a file that the year's rulebook has no use for."""
    if isinstance(ballot, Honours):
        return
    key = "appraisal（民主评议）" if isinstance(ballot, Reviews) else "awards（表彰对照）"
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


class NamedHonour(Struct, frozen=True):
    """An honour as ``written``, with the members' ids beside the words; None for a word that names no member.

    ``year`` and ``approval`` are those of the file; a draft has none.
    """

    year: int
    written: Honour
    members: tuple[tuple[WrittenName, str | None], ...]
    approval: Approval | None


class BallotResults(Struct):
    """The results of approved and sound files by year, and the problems of all files.

    ``reviews`` are scores by member, ``polls`` have votes by member; members are named by id. ``honours`` are those of
    sound drafts, too.
    """

    reviews: dict[int, Mapping[str, Decimal]] = field(default_factory=dict)
    polls: dict[int, list[tuple[Poll, VotesByMember]]] = field(default_factory=dict)
    honours: list[NamedHonour] = field(default_factory=list)
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
    """Add a file's problems to the results, and what it decides if it is approved and sound."""
    problems = [problem for check in CHECKS for problem in check(ballot, file, rulebook)]
    named: list[NamedHonour] = []
    match ballot:
        case Reviews():
            members = _resolve_members(file, ballot.scores, None, roster, problems)
        case Poll():
            members = _resolve_members(file, ballot.votes, ballot.date, roster, problems)
        case Honours():
            for honour in ballot.honours:
                members = _resolve_members(file, honour.members, honour.date, roster, problems)
                words = tuple((word, members.get(word)) for word in honour.members)
                named.append(NamedHonour(file.year, honour, words, file.approval))
            problems = [_soften_honours_problem(problem) if file.sealed else problem for problem in problems]
    results.problems += problems
    # A draft or a faulty file has its problems reported, but must not change an outcome.
    if not file.clean or any(problem.is_error for problem in problems):
        return
    if isinstance(ballot, Honours):
        results.honours += named
    elif file.approval and isinstance(ballot, Reviews):
        results.reviews[file.year] = {member: ballot.scores[word] for word, member in members.items()}
    elif file.approval and isinstance(ballot, Poll):
        votes = {member: ballot.votes[word] for word, member in members.items()}
        results.polls.setdefault(file.year, []).append((ballot, votes))


def _soften_honours_problem(problem: Problem) -> Problem:
    """Return a problem of approved honours as a warning, unless the file was altered or moved since.

    No figure depends on them: they stay as the committee decided them until they are approved anew.
    """
    if problem.code in {"approval.digest", "ballot.year"}:
        return problem
    hint = f"{problem.hint}；已审核的，请撤回审核（approve --withdraw），改好以后重新审核"
    return replace(problem, severity=Severity.WARNING, hint=hint)


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
