"""Every problem of every file."""

from collections.abc import Collection
from datetime import date

from msgspec.structs import replace

from generator.core.scoring import objection_periods
from generator.loader import load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, Severity, sort_problems
from generator.project import Project


def check_project(project: Project, today: date, names: Collection[str] = ()) -> CommandResult[list[Problem]]:
    """Validate all files, or list only what concerns the named ones and what they rest on."""
    reading = load.load_project(project, today)
    if strange := sorted(set(names) - reading.file_names):
        return CommandResult(usage_error=f"“{strange[0]}”不是这个站点的资料文件，没有检查")
    problems = sort_problems([*reading.problems, *(_besides(reading.loaded) if reading.loaded else [])])
    return CommandResult([_judged(one, names) for one in problems if not names or _concerns(one, names)])


def _besides(loaded: LoadedProject) -> list[Problem]:
    """What otherwise only a build would meet: a theme that is wrong, days of objection not known for certain."""
    _, wrong = load.load_theme_layers(loaded.project, loaded.settings)
    approvals = {key: ledger.approvals for key, ledger in loaded.approved_ledgers.items()}
    notices = objection_periods.find_objection_periods(
        loaded.roster, loaded.rulebooks, approvals, loaded.settings, loaded.today
    )
    years = objection_periods.find_unknown_years(notices.values(), loaded.settings.calendar)
    return [
        *wrong,
        *objection_periods.make_calendar_warnings(
            sorted(years), Location(loaded.project.file_name(loaded.project.settings_path))
        ),
    ]


def _judged(problem: Problem, named: Collection[str]) -> Problem:
    """That a file is not read at all is an error to whoever names that file."""
    unread = problem.code == "file.unexpected" and problem.where.file in named
    return replace(problem, severity=Severity.ERROR) if unread else problem


def _concerns(problem: Problem, named: Collection[str]) -> bool:
    """A named file's own problems, and errors in what every ledger rests on: roster, rulebooks, cycles, settings."""
    shared = problem.where.file.count("/") < 2 or problem.where.file.startswith("ledgers/rulebooks/")  # noqa: PLR2004
    shared = shared or problem.where.file.endswith("/cycle.yaml")
    return problem.where.file in named or (shared and problem.is_error)
