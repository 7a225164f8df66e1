"""A project opened for a question: read and checked, and words of the question resolved in it."""

from collections.abc import Container, Mapping
from datetime import date
from typing import TypeVar

from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.roster import Branch, Member
from generator.core.scoring.results import Results
from generator.loader import load
from generator.loader.load import LoadedProject, LoadResult
from generator.problems import CommandResult, Problem, suggest_known_word
from generator.project import Project

T = TypeVar("T")


def load_valid_project(project: Project, today: date) -> CommandResult[LoadedProject]:
    """Read the project as all but ``check`` and ``approve`` do: errors in drafts are warnings, and stop nothing."""
    reading = load.load_project(project, today)
    problems = reading.downgraded_problems()
    errors = tuple(problem for problem in problems if problem.is_error)
    if reading.loaded is None or errors:
        return CommandResult(problems=errors)
    return CommandResult(reading.loaded, tuple(_of_drafts(reading, problems)))


def _of_drafts(reading: LoadResult, problems: list[Problem]) -> list[Problem]:
    """Errors in drafts, as warnings; the warnings that only ``check`` gives are left to it."""
    errors = {(one.where, one.code) for one in reading.problems if one.is_error}
    return [one for one in problems if (one.where, one.code) in errors]


def member_usage_error(loaded: LoadedProject, id_or_name: str) -> str:
    """Why a word names no single member; empty if it does."""
    called = loaded.roster.members_by_name.get(id_or_name, ())
    if len(called) == 1:
        return ""
    if not called:
        return f"名册里没有“{id_or_name}”。{suggest_known_word(id_or_name, loaded.roster.members_by_name)}"
    ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in called)
    return f"有 {len(called)} 名党员叫“{id_or_name}”，请写编号：{ids}"


def find_member(loaded: LoadedProject, id_or_name: str) -> Member:
    """The member of an id or unique name."""
    (one,) = loaded.roster.members_by_name[id_or_name]
    return one


def branch_usage_error(branches: Mapping[str, Branch], branch: str | None) -> str:
    """Why a word is no branch's id; empty if it is one, or None."""
    if branch is None or branch in branches:
        return ""
    known = "、".join(f"{one.id}（{one.name}）" for one in branches.values())
    return f"没有“{branch}”这个支部，现有：{known}"


def year_usage_error(rulebooks: Container[int], period: Period) -> str:
    """Why a period can't be scored: its year has no rulebook; empty if it has one."""
    if period.year in rulebooks:
        return ""
    return f"没有 {period.year} 年的规则（ledgers/{period.year}/cycle.yaml）"


def score_year(loaded: LoadedProject, period: Period) -> Results:
    """Score the ledgers of the period's year, on which no other bears."""
    return load.score_project(replace(loaded, rulebooks={period.year: loaded.rulebooks[period.year]}))
