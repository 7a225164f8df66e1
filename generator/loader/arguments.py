"""A project opened for a question: read and checked, and words of the question resolved in it."""

from collections.abc import Container, Mapping
from datetime import date
from typing import TypeVar

from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.roster import Branch, Member
from generator.core.scoring.results import Results
from generator.loader import load
from generator.loader.load import Books, Reading
from generator.problems import Answer, Problem, suggest
from generator.project import Project

T = TypeVar("T")


def open_books(project: Project, today: date) -> Answer[Books]:
    """Read the project as all but ``check`` and ``approve`` do: errors in drafts are warnings, and stop nothing."""
    reading = load.read(project, today)
    problems = reading.lenient()
    errors = tuple(problem for problem in problems if problem.is_error)
    if reading.books is None or errors:
        return Answer(problems=errors)
    return Answer(reading.books, tuple(_of_drafts(reading, problems)))


def _of_drafts(reading: Reading, problems: list[Problem]) -> list[Problem]:
    """Errors in drafts, as warnings; the warnings that only ``check`` gives are left to it."""
    errors = {(one.where, one.code) for one in reading.problems if one.is_error}
    return [one for one in problems if (one.where, one.code) in errors]


def unknown_member(loaded: Books, word: str) -> str:
    """Why a word names no single member; empty if it does."""
    called = loaded.roster.named.get(word, ())
    if len(called) == 1:
        return ""
    if not called:
        return f"名册里没有“{word}”。{suggest(word, loaded.roster.named)}"
    ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in called)
    return f"有 {len(called)} 名党员叫“{word}”，请写编号：{ids}"


def member(loaded: Books, word: str) -> Member:
    """The member of an id or unique name."""
    (one,) = loaded.roster.named[word]
    return one


def unknown_branch(branches: Mapping[str, Branch], word: str | None) -> str:
    """Why a word is no branch's id; empty if it is one, or None."""
    if word is None or word in branches:
        return ""
    known = "、".join(f"{one.id}（{one.name}）" for one in branches.values())
    return f"没有“{word}”这个支部，现有：{known}"


def unknown_year(rulebooks: Container[int], period: Period) -> str:
    """Why a period can't be scored: its year has no rulebook; empty if it has one."""
    if period.year in rulebooks:
        return ""
    return f"没有 {period.year} 年的规则（ledgers/{period.year}/cycle.yaml）"


def score_year(loaded: Books, period: Period) -> Results:
    """Score the ledgers of the period's year, on which no other bears."""
    return load.score(replace(loaded, rulebooks={period.year: loaded.rulebooks[period.year]}))
