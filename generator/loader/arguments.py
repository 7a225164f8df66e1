"""Load a project for a command, and resolve the command's arguments in it: members, branches, years."""

from collections.abc import Container, Mapping
from datetime import date

from msgspec.structs import replace

from generator.core.basics import characters
from generator.core.basics.periods import Period
from generator.core.model.roster import Branch, Member
from generator.core.scoring.results import Results
from generator.loader import load
from generator.loader.load import LoadedProject, LoadResult
from generator.problems import CommandResult, Problem, suggest_known_word
from generator.project import Project


def load_valid_project(project: Project, today: date) -> CommandResult[LoadedProject]:
    """Load the project as all but ``check`` and ``approve`` do: errors in drafts are warnings, and stop nothing.

    The result has no value if there is any other error.
    """
    load_result = load.load_project(project, today)
    problems = load_result.downgraded_problems()
    errors = tuple(problem for problem in problems if problem.is_error)
    if load_result.loaded is None or errors:
        return CommandResult(problems=errors)
    return CommandResult(load_result.loaded, tuple(_select_draft_errors(load_result, problems)))


def _select_draft_errors(load_result: LoadResult, problems: list[Problem]) -> list[Problem]:
    """Return the errors in drafts, as warnings; the warnings that only ``check`` gives are left to it."""
    errors = {(problem.where, problem.code) for problem in load_result.problems if problem.is_error}
    return [problem for problem in problems if (problem.where, problem.code) in errors]


def member_usage_error(loaded: LoadedProject, id_or_name: str) -> str:
    """Return why an id or name fits no single member; empty if it does."""
    members = loaded.roster.members_by_name.get(id_or_name, ())
    if len(members) == 1:
        return ""
    if not members:
        labels = filter(characters.is_sound_name, loaded.roster.members_by_name)
        return f"名册里没有“{id_or_name}”。{suggest_known_word(id_or_name, labels)}"
    ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in members)
    return f"有 {len(members)} 名党员叫“{id_or_name}”，请写编号：{ids}"


def find_member(loaded: LoadedProject, id_or_name: str) -> Member:
    """Return the member of an id or unique name."""
    (member,) = loaded.roster.members_by_name[id_or_name]
    return member


def branch_usage_error(branches: Mapping[str, Branch], branch: str | None) -> str:
    """Return why a word is no branch's id; empty if it is one, or None."""
    if branch is None or branch in branches:
        return ""
    listed = "、".join(f"{known_branch.id}（{known_branch.name}）" for known_branch in branches.values())
    return f"没有“{branch}”这个支部，现有：{listed}"


def year_usage_error(rulebooks: Container[int], period: Period) -> str:
    """Return why a period can't be scored, its year having no rulebook; empty if it has one."""
    if period.year in rulebooks:
        return ""
    return f"没有 {period.year} 年的规则（ledgers/{period.year}/cycle.yaml）"


def score_year(loaded: LoadedProject, period: Period) -> Results:
    """Score the ledgers of the period's year; those of other years have no effect on it."""
    return load.score_project(replace(loaded, rulebooks={period.year: loaded.rulebooks[period.year]}))
