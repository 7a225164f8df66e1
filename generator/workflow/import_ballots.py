"""Make drafts of reviews 民主评议得分 and polls 投票 from a table: a row for each member, all of them or nothing."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics import numbers
from generator.core.ledgers import ballots, name_resolution
from generator.core.model.ledger import Ballot, BallotKind, Poll, Reviews, WrittenName
from generator.core.model.roster import Member, Roster
from generator.core.model.table_formats import TITLES
from generator.core.sealing.sealed_files import BallotFile
from generator.intake.files import ballot_file, import_file
from generator.intake.imports import mapped_table, member_table, tables
from generator.intake.imports.mapped_table import MappedRow, RowReport
from generator.intake.text import fields, reader
from generator.loader import load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import editor_schemas, import_tables, record_text
from generator.workflow.import_tables import ReadTable
from generator.workflow.import_workbooks import Confirm, ImportedFiles, write_drafts
from generator.workflow.workbook_drafts import ImportedWorkbook, MadeDraft

_MAX_SAMPLES = 3
_HEAD_COUNT = re.compile(r"0|[1-9][0-9]{0,4}")


class BallotRequest(Struct, frozen=True):
    """The ballot that a table is for: the reviews of a ``year``, or else a poll by its id.

    What else a poll needs is None where it isn't given: then it is that of the draft that there is. Nothing is written
    unless it ``writes``: then the result says only what would be.
    """

    year: int | None = None
    poll: str = ""
    award: str | None = None
    day: date | None = None
    electorate: int | None = None
    writes: bool = True

    @property
    def kind(self) -> BallotKind:
        """The kind of the ballot."""
        return BallotKind.REVIEWS if self.year else BallotKind.POLL

    @property
    def value_key(self) -> str:
        """The key of the column with what each member has."""
        return "score" if self.year else "votes"


class _Result(Struct, frozen=True):
    """The score or votes of a member, and the row that it is from; ``word`` names the member in the ballot."""

    row: MappedRow
    member: Member
    word: str
    value: str


def import_ballot(  # noqa: PLR0913, PLR0917  as for other files, with what people call this one
    project: Project, today: date, path: Path, name: str, request: BallotRequest, confirm: Confirm
) -> CommandResult[ImportedFiles]:
    """Write the draft that a table means, unless it has an error; ``confirm`` sees it before.

    ``name`` is the one by which people know the file.
    """
    with lock_project(project):
        load_result = load.load_project(project, today)
        loaded = load_result.loaded
        if loaded is None:
            return CommandResult(problems=tuple(problem for problem in load_result.problems if problem.is_error))
        completed = _complete_request(loaded, request)
        if isinstance(completed, str):
            return CommandResult(usage_error=completed)
        table, problems = _read_table(loaded, path, name, completed)
        if table is None:
            return CommandResult(ImportedFiles(), tuple(problems))
        is_agreed = confirm([table])
        drafts = [draft for draft in table.drafts if is_agreed]
        if request.writes:
            write_drafts(project, drafts)
    return CommandResult(ImportedFiles([draft.imported for draft in drafts], not is_agreed))


def _complete_request(loaded: LoadedProject, request: BallotRequest) -> BallotRequest | str:
    """Return the request with what its draft has, or why it can't be one."""
    if request.kind is BallotKind.POLL:
        if not fields.is_usable_id(request.poll):
            return f"“{request.poll}”不能用作投票的编号：只能用小写英文字母、数字和短横，例如 dangyuan"
        polls = [
            file.document
            for file in loaded.ballot_files.by_name.values()
            if file.poll == request.poll
            and isinstance(file.document, Poll)
            and (request.day is None or file.year == request.day.year)
        ]
        if len(polls) == 1:
            poll = polls[0]
            request = replace(
                request,
                award=request.award or poll.award,
                day=request.day or poll.date,
                electorate=request.electorate or poll.electorate,
            )
        options = {"--award 奖项": request.award, "--date 日期": request.day, "--electorate 人数": request.electorate}
        if missing := [option for option, value in options.items() if value is None]:
            return f"投票还要写：{'、'.join(missing)}"
    year = _year_of(request)
    if year not in loaded.rulebooks:
        return f"{year} 年还没有立账；请核对年份，或先运行 jifenbang year {year}"
    return request


def _year_of(request: BallotRequest) -> int:
    year = request.year or (request.day and request.day.year)
    assert year
    return year


def _read_table(
    loaded: LoadedProject, path: Path, file: str, request: BallotRequest
) -> tuple[ReadTable | None, Sequence[Problem]]:
    formats, problems = import_file.load_formats(loaded.project)
    if formats is None:
        return None, problems
    sheets, problems = tables.read_tables(reader.read_bounded(path, tables.MAX_BYTES), file)
    expected = formats.reviews if request.year else formats.votes
    report, unread, rows = RowReport(file), list[str](), list[MappedRow]()
    for sheet in sheets:
        match = mapped_table.match_heads(sheet, expected)
        if match is None:
            unread += [f"“{sheet.name}”表"] if sheet.rows else []
            continue
        if problem := import_tables.check_heads(sheet, expected, match, file):
            return None, [problem]
        unread += mapped_table.list_unread_columns(sheet, match)
        rows += mapped_table.read_rows(sheet, match, expected, ["member", request.value_key], report)
    results = _read_results(loaded.roster, rows, request, report)
    problems = [*problems, *report.list_problems()]
    if not results and not problems:
        problems.append(import_tables.no_people_problem(file))
    if any(problem.is_error for problem in problems):
        return None, problems
    draft, draft_problems = _make_draft(loaded, results, request, file)
    problems += draft_problems
    if draft is None or any(problem.is_error for problem in problems):
        return None, problems
    samples = [_describe(result) for result in results[:_MAX_SAMPLES]]
    return ReadTable(file, samples, unread, problems, [draft]), ()


def _describe(result: _Result) -> str:
    rows = next(mapped_table.name_rows([(result.row.sheet, result.row.number)]))
    return f"{rows}：{result.word}，{result.value}"


# --- rows ------------------------------------------------------------------------------------------------------------


def _read_results(
    roster: Roster, rows: Sequence[MappedRow], request: BallotRequest, report: RowReport
) -> Sequence[_Result]:
    is_eligible = ballots.make_eligibility_test(_year_of(request), request.day)
    day = request.day or date(_year_of(request), 12, 31)
    results: dict[str, _Result] = {}
    for row in report.iterate_until_full(rows):
        value = _read_value(row, request, report)
        member = _find_member(roster, row, day, is_eligible, report)
        if value is None or member is None:
            continue
        name = member.named_on(day).name
        word = choose_word(roster, member, day, is_eligible)
        before = results.setdefault(member.id, _Result(row, member, word, value))
        if before.row is not row:
            place = next(mapped_table.name_rows([(before.row.sheet, before.row.number)]))
            report.add_error(row, "ballot.member-twice", f"“{name}”已经写在{place}", "请核对，只留一行")
    return list(results.values())


def _read_value(row: MappedRow, request: BallotRequest, report: RowReport) -> str | None:
    """Return a score or a number of votes as a ballot has it."""
    text = unicodedata.normalize("NFKC", row.texts[request.value_key]).strip()
    if request.year:
        score = numbers.parse_decimal(text)
        if score is not None:
            return numbers.format_decimal(score)
    elif _HEAD_COUNT.fullmatch(text):
        return text
    hint = "请写成 95 或 95.5 的样子，小数最多四位" if request.year else "请写一个整数"
    report.add_error(row, "field.bad-number", f"{TITLES[request.value_key]}“{text}”不是一个数", hint)
    return None


def _find_member(
    roster: Roster, row: MappedRow, day: date, is_eligible: Callable[[Member], bool], report: RowReport
) -> Member | None:
    name, aka = member_table.split_name(row.texts["member"])
    word = f"{name}（{aka}）" if aka else name
    branch = row.texts.get("branch")
    members = [
        member
        for member in roster.find_namesakes(word, day, is_eligible)
        if branch is None or _is_branch(roster, branch, member, day)
    ]
    if len(members) == 1:
        return members[0]
    if members:
        hint = f"请在表里改写编号：{roster.describe_candidates(members)}"
        report.add_error(row, "ballot.ambiguous-member", f"有 {len(members)} 名党员叫“{word}”", hint)
    elif namesakes := roster.members_by_name.get(word, ()):
        hint = name_resolution.explain_absence(namesakes, day, roster)
        place = f"{branch}的" if branch else "机关的"
        report.add_error(row, "ballot.not-on-roster", f"“{word}”不在{place}名册上", hint)
    else:
        hint = name_resolution.suggest_member_name(word, filter(is_eligible, roster.members))
        report.add_error(row, "ballot.unknown-member", f"名册里没有“{word}”", hint)
    return None


def _is_branch(roster: Roster, word: str, member: Member, day: date) -> bool:
    """Return whether a word names the branch of a member on a day, or the last one of a member who has left."""
    branch = roster.branch_by_id[member.branch_on(day) or member.home]
    normalized = mapped_table.normalize_word(word)
    return normalized in {branch.id, *(mapped_table.normalize_word(name) for name in branch.all_names)}


# --- the draft -------------------------------------------------------------------------------------------------------


def _make_draft(
    loaded: LoadedProject, results: Sequence[_Result], request: BallotRequest, file: str
) -> tuple[MadeDraft | None, Sequence[Problem]]:
    """Make the draft and check it as ``check`` does; one that there is may only be the same, or have no results yet."""
    year = _year_of(request)
    project = loaded.project
    folder = project.ledgers_folder / str(year)
    path = folder / "reviews.yaml" if request.year else folder / "votes" / f"{request.poll}.yaml"
    name = project.file_name(path)
    text, rows_by_line = _compose_text(project, path, results, request)
    raw = text.encode()
    ballot, problems = check_draft(loaded, raw, name, year, request.kind)
    problems = [_place(problem, file, rows_by_line) for problem in problems]
    summary = f"{len(results)} 人"
    existing = loaded.ballot_files.by_name.get(name)
    if existing and ballot:
        if _say_same(existing.document, ballot):
            summary = ""
        elif problem := _find_obstacle(existing, file):
            return None, [*problems, problem]
    return MadeDraft(path, raw, ImportedWorkbook(file, name, summary)), problems


def check_draft(
    loaded: LoadedProject, raw: bytes, name: str, year: int, kind: BallotKind
) -> tuple[Ballot | None, list[Problem]]:
    """Read the bytes of a draft of a ballot, and return it with its own problems as ``check`` finds them."""
    ballot, problems, _ = ballot_file.read_ballot(raw, name, kind)
    file = BallotFile(name, ballot, False, not problems, year, kind)  # noqa: FBT003  as its files are read
    other_files = [saved for saved in loaded.ballot_files.by_name.values() if saved.name != name]
    problems += ballots.evaluate_ballots([*other_files, file], loaded.roster, loaded.rulebooks).problems
    return ballot, [problem for problem in problems if problem.where.file == name]


def choose_word(roster: Roster, member: Member, day: date, is_eligible: Callable[[Member], bool]) -> str:
    """Return the word for a member in a ballot: the name, or the id where others have it, too."""
    name = member.named_on(day).name
    return name if roster.find_namesakes(name, day, is_eligible) == [member] else member.id


def _compose_text(
    project: Project, path: Path, results: Sequence[_Result], request: BallotRequest
) -> tuple[str, Mapping[int, MappedRow]]:
    """Return the text of a draft, and the row that each of its lines is from."""
    kind = "reviews" if request.year else "poll"
    head = [editor_schemas.name_schema(project, path, kind)]
    if request.year:
        head += [f"年度: {request.year}", "得分:"]
    else:
        head += [f"奖项: {record_text.inline_yaml(request.award)}", f"日期: {request.day}"]
        head += [f"应到: {request.electorate}", "得票:"]
    lines = [f"  {record_text.inline_yaml(result.word)}: {result.value}" for result in results]
    rows_by_line = {len(head) + number: result.row for number, result in enumerate(results, start=1)}
    return "\n".join([*head, *lines, ""]), rows_by_line


def _place(problem: Problem, file: str, rows_by_line: Mapping[int, MappedRow]) -> Problem:
    """Return a problem of a line of the draft as one of the row that the line is from."""
    row = rows_by_line.get(problem.where.line)
    where = mapped_table.locate_row(file, row) if row else Location(file, 0)
    return replace(problem, where=where)


def _find_obstacle(existing: BallotFile, file: str) -> Problem | None:
    """Return why a ballot can't be replaced; None if it is a draft without results."""
    document = existing.document
    results = document.scores if isinstance(document, Reviews) else isinstance(document, Poll) and document.votes
    if results == {} and not existing.sealed:
        return None
    if existing.sealed:
        hint, state = f"审错了的，先运行 jifenbang approve {existing.name} --withdraw --reason 原因", "已经审核"
    else:
        hint, state = f"请核对；要用这张表的，先移走 {existing.name} 再导入", "已经有了，内容不同"
    return Problem(Location(file, 0), "import.ballot-exists", f"{existing.name} {state}，没有改动", hint)


def _say_same(before: Ballot | None, now: Ballot) -> bool:
    """Return whether two ballots say the same, whatever the order of their lines."""
    match before, now:
        case Reviews(), Reviews():
            return _by_word(before.scores) == _by_word(now.scores)
        case Poll(), Poll():
            is_same_vote = (before.award, before.date, before.electorate) == (now.award, now.date, now.electorate)
            return is_same_vote and _by_word(before.votes) == _by_word(now.votes)
    return False


def _by_word(values: Mapping[WrittenName, object]) -> Mapping[str, object]:
    return {word.text: value for word, value in values.items()}
