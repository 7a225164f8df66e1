"""Load a project for a command, and resolve the command's arguments in it: members, branches, years."""

from collections.abc import Container, Mapping
from datetime import date

from msgspec.structs import replace

from generator.core.basics import characters
from generator.core.basics.name_spellings import normalize_text
from generator.core.basics.periods import Period
from generator.core.model.roster import Branch, Member, Roster
from generator.core.model.rulebook import Rulebook
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


def find_member(roster: Roster, word: str) -> Member | str:
    """Return the member of an id, a name or a name with its mark or, where it is none, whom the site's search finds.

    Else return why there is none.
    """
    namesakes = roster.members_by_name.get(word.strip(), ()) or _find_by_marked_label(roster, word)
    members = namesakes or roster.find_by_spelling(word)
    if len(members) == 1:
        return members[0]
    if not members:
        labels = [label for label in roster.members_by_name if characters.is_sound_name(label) and "(" not in label]
        return f"名册里没有“{word}”。{suggest_known_word(word, labels)}"
    match = f"叫“{word}”" if namesakes else f"的姓名、读音以“{word}”开头"
    return f"有 {len(members)} 名党员{match}，请写编号：{roster.describe_candidates(members)}"


def _find_by_marked_label(roster: Roster, word: str) -> tuple[Member, ...]:
    """Return the members whom pages and commands call so, as 李静（第三党支部）, in brackets of either width."""
    label = normalize_text(word)
    return tuple(
        member for member in roster.members if label in {normalize_text(marked) for marked in member.marked_labels}
    )


def find_branch(roster: Roster, word: str | None) -> Branch | str | None:
    """Return the branch of an id or name, or of a part of a name; None for None, else why there is no such branch."""
    if word is None:
        return None
    branches, text = roster.branch_by_id, normalize_text(word)
    names = {branch.id: [normalize_text(name) for name in branch.all_names] for branch in branches.values()}
    similar = [branch for branch in branches.values() if text in {branch.id, *names[branch.id]}]
    similar = similar or [
        branch for branch in branches.values() if text and any(text in name for name in names[branch.id])
    ]
    if len(similar) == 1:
        return similar[0]
    listed = "、".join(f"{branch.id}（{branch.name}）" for branch in similar or branches.values())
    if similar:
        return f"有 {len(similar)} 个支部像“{word}”，请写编号：{listed}"
    return f"没有“{word}”这个支部，现有：{listed}"


def month_usage_error(rulebooks: Mapping[int, Rulebook], month: Period) -> str:
    """Return why a month can't be recorded: its year has no rulebook, or its cycle leaves it out; empty if it can."""
    error = year_usage_error(rulebooks, month)
    bound = None if error else rulebooks[month.year].term.bound_beside(month)
    return f"{month} 不在计分的月份之内（{bound.where.file} 里的 from、until）" if bound else error


def year_usage_error(rulebooks: Container[int], period: Period) -> str:
    """Return why a period can't be scored, its year having no rulebook; empty if it has one."""
    if period.year in rulebooks:
        return ""
    return f"没有 {period.year} 年的规则（ledgers/{period.year}/cycle.yaml）。新年度请运行 jifenbang year {period.year}"


def score_year(loaded: LoadedProject, period: Period) -> Results:
    """Score the ledgers of the period's year; those of other years have no effect on it."""
    return load.score_project(replace(loaded, rulebooks={period.year: loaded.rulebooks[period.year]}))
