"""Problems in the data, as values: the location, what is wrong, and what to do about it."""

import heapq
import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from enum import StrEnum
from operator import itemgetter
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

T = TypeVar("T")


class Severity(StrEnum):
    """Severity of a problem: an error stops the command, a warning is only printed."""

    ERROR = "error"
    WARNING = "warning"


SEVERITY_LABELS = {Severity.ERROR: "错误", Severity.WARNING: "提醒"}


class Location(Struct, frozen=True, order=True, array_like=True):
    """A place in a file: path relative to the site project (with ``/``), line and column from 1.

    Line 0 is the file as a whole, or a folder: no line of it is to blame, and none is quoted.
    """

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def within_file(self) -> str:
        """The place as messages about the same file name it: its line, or the cell of a workbook."""
        return f"第 {self.line} 行" if self.line else f"“{self.file}”"


class Cause(Struct, frozen=True):
    """The cause that several problems of a code may have in common.

    ``message`` says what is wrong, ``hint`` what to do about it. ``where`` is its place; without one it is that of the
    first problem. ``unit`` counts what is concerned.
    """

    message: str
    hint: str
    where: Location | None = None
    unit: str = "份"


class Problem(Struct, frozen=True):
    """One mistake. ``code`` is stable; ``message`` says what is wrong, ``hint`` what to do next.

    Where there are several problems of a ``cause``, they are reported as one of it, which names the ``subject`` of
    each, an owner and what of it, and has their files in ``also``.
    """

    where: Location
    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR
    cause: Cause | None = None
    subject: tuple[str, str] = ("", "")
    also: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """True if the problem stops the command that met it."""
        return self.severity is Severity.ERROR


class CommandResult(Struct, Generic[T], frozen=True):
    """The result of the function behind a command: a value, or the reason why there is none, and problems to print.

    ``usage_error`` says in words why the request itself makes no sense; it is empty if the request does.
    """

    value: T | None = None
    problems: tuple[Problem, ...] = ()
    usage_error: str = ""


class ProblemError(Exception):
    """A problem that stops a command, as an exception."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)  # the only argument, so that it can be pickled and sent by another process
        self.problem = problem


def downgrade_draft_problems(problems: Iterable[Problem], draft_names: Container[str]) -> list[Problem]:
    """Make warnings of the problems in drafts: to all commands but ``check`` and ``approve``, a draft stops nothing."""
    return [
        replace(problem, severity=Severity.WARNING) if problem.where.file in draft_names else problem
        for problem in problems
    ]


# What these say follows from what is wrong in the files themselves.
_CONSEQUENCES = ("approval.", "approvers.", "signature.", "record.", "filing.", "release.", "anchor.")


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Sort errors before warnings, causes before what follows from them, then by place; drop duplicates."""
    return sorted(set(problems), key=_sort_key)


def _sort_key(problem: Problem) -> tuple[bool, bool, Location, str, str]:
    follows, where = problem.code.startswith(_CONSEQUENCES), problem.where
    if not where.line:  # the cell of a workbook, or a file's name: 9 before 10
        where = replace(where, file=_NUMBER.sub(lambda number: number[0].zfill(_WIDEST), where.file))
    return not problem.is_error, follows, where, problem.code, problem.message


_NUMBER, _WIDEST = re.compile("[0-9]+"), 8


PLACES = "处"  # the unit of causes whose subjects are places in files
_MANY_FILES, _MANY_PLACES = 3, 10  # from these numbers on, what is said in the same words is taken to have one cause


def arrange_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems as people read them: sorted, and those of one cause as one.

    What is wrong in the same words in many files, or in many places of one, has one cause too.
    """
    groups: dict[tuple[object, ...], list[Problem]] = defaultdict(list)
    for problem in sort_problems(problems):
        groups[problem.code, problem.severity, problem.cause or problem.message].append(problem)
    return sort_problems(arranged for group in groups.values() for arranged in _arrange_group(group))


def _arrange_group(group: Sequence[Problem]) -> Sequence[Problem]:
    """Return one problem for several of one cause; one that has nothing in common with others stays as it is."""
    if len(group) == 1:
        return group
    if cause := group[0].cause:
        return [_merge_problems(group, cause, _list_subjects(group, cause))]
    # Cells of a workbook have no lines, and each has a problem of its own.
    files = {problem.where.file for problem in group if problem.where.line}
    # A slip of the pen is shown with its line, wherever it is.
    is_repeated = len(files) == 1 and len(group) > _MANY_PLACES and not group[0].code.startswith("yaml.")
    if len(files) < _MANY_FILES and not is_repeated:
        return group
    cause = Cause(group[0].message, group[0].hint, unit=PLACES)
    return [_merge_problems(group, cause, _list_places(problem.where for problem in group))]


def name_owner(problems: Iterable[Problem], owner: str) -> list[Problem]:
    """Return the problems of one owner, as a branch, with its name for those of one cause that have none."""
    return [
        replace(problem, subject=(owner, problem.subject[1])) if problem.cause and not problem.subject[0] else problem
        for problem in problems
    ]


def _merge_problems(group: Sequence[Problem], cause: Cause, listed: str) -> Problem:
    """Return one problem for several of one cause; ``listed`` are their subjects or places in words."""
    first = group[0]
    where = cause.where or first.where
    concerned = dict.fromkeys(file for problem in group for file in (problem.where.file, *problem.also))
    files = tuple(file for file in concerned if file != where.file)
    message = f"{cause.message}，共 {len(group)} {cause.unit}：{listed}"
    return Problem(where, first.code, message, _merge_hints(group, cause), first.severity, also=files)


_MAX_SUBJECTS = 12  # of one owner, and owners, in one message


def _list_subjects(group: Iterable[Problem], cause: Cause) -> str:
    """List the subjects by their owners."""
    by_owner: dict[str, list[str]] = defaultdict(list)
    for problem in group:
        words = by_owner[problem.subject[0]]
        # Several places may have one subject, which is named once.
        if cause.unit != PLACES or problem.subject[1] not in words:
            words.append(problem.subject[1])
    return _list_by_owner([f"{owner} {_list_words(words)}".strip() for owner, words in by_owner.items()])


def _list_by_owner(listed: Sequence[str]) -> str:
    return "；".join(listed[:_MAX_SUBJECTS]) + ("等" if len(listed) > _MAX_SUBJECTS else "")


def _list_words(words: Sequence[str]) -> str:
    more = f"等 {len(words)} 项" if len(words) > _MAX_SUBJECTS else ""
    return "、".join(words[:_MAX_SUBJECTS]) + more


def _list_places(places: Iterable[Location]) -> str:
    """List lines by files, and files by folders; the lines of a single file, and the files of one, are named once."""
    by_file: dict[str, dict[int, None]] = defaultdict(dict)
    for place in places:
        by_file[place.file][place.line] = None
    if len(by_file) == 1:
        return f"第 {_list_words([str(line) for lines in by_file.values() for line in lines])} 行"
    by_folder: dict[str, list[str]] = defaultdict(list)
    for file, lines in by_file.items():
        folder, _, name = file.rpartition("/")
        listed = _list_words([str(line) for line in lines if line])
        by_folder[folder].append(f"{name}:{listed}" if listed else name)
    return _list_by_owner([_list_files(folder, files) for folder, files in by_folder.items()])


def _list_files(folder: str, files: Sequence[str]) -> str:
    if len(files) == 1:
        return f"{folder}/{files[0]}".removeprefix("/")
    more = f"等 {len(files)} 个文件" if len(files) > _MAX_SUBJECTS else ""
    return f"{folder} {'，'.join(files[:_MAX_SUBJECTS])}".strip() + more


_RESTORE, _TIDY = (re.compile(rf"jifenbang {command} (\S+)") for command in ("restore", "tidy"))


def _merge_hints(group: Iterable[Problem], cause: Cause) -> str:
    """Return the hint of the cause, with all files that the same command mends, or restores from their copies."""
    problems = list(group)
    restored, tidied = (
        dict.fromkeys(file for problem in problems for file in command.findall(problem.hint))
        for command in (_RESTORE, _TIDY)
    )
    hint = _TIDY.sub(f"jifenbang tidy {' '.join(tidied)}", cause.hint)
    return f"请运行 jifenbang restore {' '.join(restored)} 恢复原文件；{hint}" if restored else hint


_MAX_LINE_WIDTH = 200  # characters of an original line shown whole
_EXCERPT_RADIUS = 50  # of a longer one, those on either side of the caret


class ProblemText(Struct, frozen=True):
    """A problem as people read it, with nothing in it that would steer a terminal.

    ``excerpt`` is the original line, of a long one the part around the column; None if there is none to show. ``caret``
    counts its characters before the column.
    """

    place: str
    label: str
    message: str
    hint: str
    code: str
    excerpt: str | None = None
    caret: int = 0


def describe_problem(problem: Problem, line: str | None) -> ProblemText:
    """Return the texts of a problem; ``line`` is the original line, None if there is none to show."""
    place, label = replace_invisible(str(problem.where)), SEVERITY_LABELS[problem.severity]
    text = ProblemText(place, label, _shorten(problem.message), _shorten(problem.hint), problem.code)
    if line is None:
        return text
    excerpt, before_caret = _cut_excerpt(line.rstrip(), problem.where.column - 1)
    return replace(text, excerpt=excerpt, caret=len(before_caret))


def format_problem(problem: Problem, line: str | None) -> str:
    """Format a problem as a terminal shows it: the location, the text and, below, the original line with a caret."""
    text = describe_problem(problem, line)
    heading = f"{text.place}: {text.label}：{text.message}。{text.hint}。〔{text.code}〕"
    if text.excerpt is None:
        return heading
    number = str(problem.where.line)
    before_caret = " " * display_width(text.excerpt[: text.caret])
    return f"{heading}\n  {number} | {text.excerpt}\n  {' ' * len(number)} | {before_caret}^"


def replace_invisible(text: str) -> str:
    """Replace the characters that would steer a terminal, turn the direction of writing or have no set shape by □."""
    return "".join(
        "□" if unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} else character for character in text
    )


def _shorten(text: str) -> str:
    """Cut long quotations short, and the whole text to at most a screen."""
    short = re.sub(r"“([^“”]{60})[^“”]{20,}”", r"“\1…”", text)
    return replace_invisible(short[:1000] + "…" if len(short) > 1000 else short)  # noqa: PLR2004


def _cut_excerpt(line: str, caret: int) -> tuple[str, str]:
    """Return the part of a line that is printed, and of it the part before the caret."""
    if len(line) <= _MAX_LINE_WIDTH:
        return replace_invisible(line), replace_invisible(line[:caret])
    first, last = max(caret - _EXCERPT_RADIUS, 0), caret + _EXCERPT_RADIUS
    start, end = "…" if first else "", "…" if last < len(line) else ""
    return f"{start}{replace_invisible(line[first:last])}{end}", f"{start}{replace_invisible(line[first:caret])}"


def display_width(text: str) -> int:
    """Return the number of terminal columns that the text needs: a Chinese character needs two."""
    wide = 0 if text.isascii() else sum(map("WF".__contains__, map(unicodedata.east_asian_width, text)))
    return len(text) + wide


def suggest_known_word(word: str, known_words: Iterable[str]) -> str:
    """Return 「您是不是要写…」 with the words that are close, or else a list of known words (at most 12)."""
    candidates = list(dict.fromkeys(known_words))
    closed = "".join(word.split())
    close = [closed] if closed != word and closed in candidates else find_close_words(word, candidates)
    return suggest_words(close) if close else list_words(candidates)


def suggest_id(word: str, titles: Mapping[str, str]) -> str:
    """Return a hint with the id of a title that was written in its place, or with ids that look like it."""
    meant = [ident for ident, title in titles.items() if title == word.strip()]
    if meant:
        return f"这里要写编号：{meant[0]}"
    by_word = {title: ident for ident, title in titles.items()} | {ident: ident for ident in titles}
    close = list(dict.fromkeys(by_word[label] for label in find_close_words(word, by_word)))
    labels = [f"{ident}（{titles[ident]}）" for ident in close or titles]
    return f"这里要写编号，您是不是要写 {'或 '.join(labels)}" if close else f"这里要写编号，{list_words(labels)}"


def suggest_words(words: Iterable[str]) -> str:
    """Return 「您是不是要写…」 with these words."""
    return "您是不是要写" + "或".join(f"“{word}”" for word in words)


def list_words(known_words: Iterable[str]) -> str:
    """Return a list of known words, at most 12."""
    words = list(known_words)
    listed = "、".join(words[:12]) + ("等" if len(words) > 12 else "")  # noqa: PLR2004
    return f"可以写的有：{listed}" if words else "目前没有可写的值"


def find_close_words(word: str, candidates: Iterable[str]) -> list[str]:
    """Return at most two words that are close to another."""
    import difflib  # noqa: PLC0415  slow to import and seldom needed

    return difflib.get_close_matches(word.lower(), _most_similar(word.lower(), candidates), n=2, cutoff=0.5)


def _most_similar(word: str, candidates: Iterable[str]) -> list[str]:
    """Return the 20 candidates that share the most letters with the word, none for a word longer than any name.

    Comparing all of them closely would be slow.
    """
    if len(word) > 100:  # noqa: PLR2004  no name is that long
        return []
    letters = set(word)
    shared_counts = (
        (len(letters.intersection(candidate)), candidate) for candidate in candidates if len(candidate) <= 3 * len(word)
    )
    return [
        candidate
        for _, candidate in heapq.nlargest(
            20, ((count, candidate) for count, candidate in shared_counts if count), key=itemgetter(0)
        )
    ]
