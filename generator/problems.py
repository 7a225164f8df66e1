"""What is wrong with the data, as values: where it is, what it is, what to do about it."""

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops; a warning is only told."""

    ERROR = "error"
    WARNING = "warning"


WORDS = {Severity.ERROR: "错误", Severity.WARNING: "提醒"}


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a file: path relative to the site project (with ``/``), line and column from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``code`` is stable; ``message`` says what is wrong, ``hint`` what to do next."""

    where: Where
    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether it stops the command that met it."""
        return self.severity is Severity.ERROR


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort by file, line and column, each problem once."""
    return sorted(set(problems), key=lambda p: (p.where, p.code, p.message))


def render(problem: Problem, line: str | None) -> str:
    """Write a problem as people read it: the place, the words and, below, the original line with a caret."""
    head = f"{problem.where}: {WORDS[problem.severity]}：{problem.message}。{problem.hint}。〔{problem.code}〕"
    if line is None:
        return head
    shown = "".join("□" if unicodedata.category(one) in {"Cc", "Cf", "Cs"} else one for one in line.rstrip())
    number = str(problem.where.line)
    indent = " " * width(shown[: problem.where.column - 1])
    return f"{head}\n  {number} | {shown}\n  {' ' * len(number)} | {indent}^"


def width(text: str) -> int:
    """Columns a terminal needs for the text: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def suggest(word: str, known: Iterable[str]) -> str:
    """Ask 「您是不是要写…」 if a known word is close, else list what is known (at most 12)."""
    words = list(dict.fromkeys(known))
    close = difflib.get_close_matches(word.lower(), words, n=2, cutoff=0.5)
    if close:
        return "您是不是要写" + "或".join(f"“{match}”" for match in close)
    listed = "、".join(words[:12]) + ("等" if len(words) > 12 else "")  # noqa: PLR2004
    return f"可以写的有：{listed}" if words else "目前没有可写的值"
