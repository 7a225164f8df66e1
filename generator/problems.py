"""What is wrong with the data, as values: where it is, what it is, what to do about it."""

import heapq
import re
import unicodedata
from collections.abc import Container, Iterable
from enum import StrEnum
from operator import itemgetter
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

T = TypeVar("T")


class Severity(StrEnum):
    """An error stops; a warning is only told."""

    ERROR = "error"
    WARNING = "warning"


SEVERITY_LABELS = {Severity.ERROR: "错误", Severity.WARNING: "提醒"}


class Location(Struct, frozen=True, order=True, array_like=True):
    """A place in a file: path relative to the site project (with ``/``), line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(Struct, frozen=True):
    """One mistake. ``code`` is stable; ``message`` says what is wrong, ``hint`` what to do next."""

    where: Location
    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether it stops the command that met it."""
        return self.severity is Severity.ERROR


class CommandResult(Struct, Generic[T], frozen=True):
    """What a command gets of the function that it calls: a value, or why there is none, and problems to be told.

    ``refused`` says in words why the request itself makes no sense.
    """

    value: T | None = None
    problems: tuple[Problem, ...] = ()
    usage_error: str = ""


class ProblemError(Exception):
    """A command can't go on, for a reason that ``problem`` states."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)  # alone, so that it may come from another process
        self.problem = problem


def downgrade_draft_problems(problems: Iterable[Problem], drafts: Container[str]) -> list[Problem]:
    """Make warnings of the problems in drafts: to all commands but ``check`` and ``approve``, a draft stops nothing."""
    return [replace(one, severity=Severity.WARNING) if one.where.file in drafts else one for one in problems]


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Sort by file, line and column, each problem once."""
    return sorted(set(problems), key=lambda p: (p.where, p.code, p.message))


_WIDEST = 200  # characters of an original line shown whole
_AROUND = 50  # of a longer one, those on either side of the caret


def format_problem(problem: Problem, line: str | None) -> str:
    """Write a problem as people read it: the place, the words and, below, the original line with a caret."""
    words = (
        f"{SEVERITY_LABELS[problem.severity]}：{_brief(problem.message)}。{_brief(problem.hint)}。〔{problem.code}〕"
    )
    head = f"{_visible(str(problem.where))}: {words}"
    if line is None:
        return head
    shown, before = _excerpt(line.rstrip(), problem.where.column - 1)
    number = str(problem.where.line)
    return f"{head}\n  {number} | {shown}\n  {' ' * len(number)} | {' ' * display_width(before)}^"


def _visible(text: str) -> str:
    """The text without what would steer a terminal or turn the direction of writing."""
    return "".join("□" if unicodedata.category(one) in {"Cc", "Cf", "Cs"} else one for one in text)


def _brief(text: str) -> str:
    """The text with what it quotes cut short, and as a whole no longer than a screen."""
    short = re.sub(r"“([^“”]{60})[^“”]{20,}”", r"“\1…”", text)
    return _visible(short[:1000] + "…" if len(short) > 1000 else short)  # noqa: PLR2004


def _excerpt(line: str, caret: int) -> tuple[str, str]:
    """What is shown of a line, and the part of it before the caret."""
    if len(line) <= _WIDEST:
        return _visible(line), _visible(line[:caret])
    first, last = max(caret - _AROUND, 0), caret + _AROUND
    start, end = "…" if first else "", "…" if last < len(line) else ""
    return f"{start}{_visible(line[first:last])}{end}", f"{start}{_visible(line[first:caret])}"


def display_width(text: str) -> int:
    """Columns a terminal needs for the text: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def suggest_known_word(word: str, known_words: Iterable[str]) -> str:
    """Ask 「您是不是要写…」 if a known word is close, else list what is known (at most 12)."""
    import difflib  # noqa: PLC0415  few have to be helped

    words = list(dict.fromkeys(known_words))
    close = difflib.get_close_matches(word.lower(), _near(word.lower(), words), n=2, cutoff=0.5)
    if close:
        return "您是不是要写" + "或".join(f"“{match}”" for match in close)
    listed = "、".join(words[:12]) + ("等" if len(words) > 12 else "")  # noqa: PLR2004
    return f"可以写的有：{listed}" if words else "目前没有可写的值"


def _near(word: str, words: Iterable[str]) -> list[str]:
    """The few words that share the most letters: all that is worth comparing closely, which takes long."""
    if len(word) > 100:  # noqa: PLR2004  no name is that long
        return []
    letters = set(word)
    alike = ((len(letters.intersection(one)), one) for one in words if len(one) <= 3 * len(word))
    return [one for _, one in heapq.nlargest(20, ((count, one) for count, one in alike if count), key=itemgetter(0))]
