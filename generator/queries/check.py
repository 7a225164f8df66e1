"""List every problem of every file."""

from collections.abc import Collection
from datetime import date

from msgspec.structs import replace

from generator.core.scoring import objection_periods
from generator.loader import load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, Severity, arrange_problems
from generator.project import Project


def check_project(project: Project, today: date, names: Collection[str] = ()) -> CommandResult[list[Problem]]:
    """Validate all files, or list only the problems of the named ones and of what they depend on."""
    load_result = load.load_project(project, today)
    if unknown_names := sorted(set(names) - load_result.file_names):
        return CommandResult(usage_error=f"“{unknown_names[0]}”不是这个站点的资料文件，没有检查")
    problems = [*load_result.problems, *(_find_build_problems(load_result.loaded) if load_result.loaded else [])]
    relevant = [problem for problem in problems if not names or _is_relevant(problem, names)]
    return CommandResult(arrange_problems(_raise_severity(problem, names) for problem in relevant))


def _find_build_problems(loaded: LoadedProject) -> list[Problem]:
    """Return problems that otherwise only a build would meet: a wrong theme, objection days not known for certain."""
    _, theme_problems = load.load_theme_layers(loaded.project, loaded.settings)
    approvals = {key: ledger.approvals for key, ledger in loaded.approved_ledgers.items()}
    notices = objection_periods.find_objection_periods(
        loaded.roster, loaded.rulebooks, approvals, loaded.settings, loaded.today
    )
    years = objection_periods.find_unknown_years(notices.values())
    return [
        *theme_problems,
        *objection_periods.make_calendar_warnings(
            sorted(years), Location(loaded.project.file_name(loaded.project.settings_path))
        ),
    ]


def _raise_severity(problem: Problem, names: Collection[str]) -> Problem:
    """Return the problem, as an error if it is that a named file is not read at all."""
    is_unread = problem.code == "file.unexpected" and problem.where.file in names
    return replace(problem, severity=Severity.ERROR) if is_unread else problem


def _is_relevant(problem: Problem, names: Collection[str]) -> bool:
    """Return whether a problem is a named file's own, or an error in what every ledger depends on.

    That is the roster, the rulebooks, the cycles and the settings.
    """
    is_shared = problem.where.file.count("/") < 2 or problem.where.file.startswith("ledgers/rulebooks/")  # noqa: PLR2004
    is_shared = is_shared or problem.where.file.endswith("/cycle.yaml")
    return problem.where.file in names or (is_shared and problem.is_error)
