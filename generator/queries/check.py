"""Every problem of every file."""

from collections.abc import Collection
from datetime import date

from msgspec.structs import replace

from generator.core.scoring import objection_periods
from generator.loader import load
from generator.loader.load import Books
from generator.problems import Answer, Problem, Severity, Where, in_order
from generator.project import Project


def check(project: Project, today: date, named: Collection[str] = ()) -> Answer[list[Problem]]:
    """Validate all files, or list only what concerns the named ones and what they rest on."""
    reading = load.read(project, today)
    if strange := sorted(set(named) - reading.files):
        return Answer(refused=f"“{strange[0]}”不是这个站点的资料文件，没有检查")
    problems = in_order([*reading.problems, *(_besides(reading.books) if reading.books else [])])
    return Answer([_judged(one, named) for one in problems if not named or _concerns(one, named)])


def _besides(loaded: Books) -> list[Problem]:
    """What otherwise only a build would meet: a theme that is wrong, days of objection not known for certain."""
    _, wrong = load.theme(loaded.project, loaded.settings)
    approvals = {key: ledger.approvals for key, ledger in loaded.approved.items()}
    notices = objection_periods.notices(loaded.roster, loaded.rulebooks, approvals, loaded.settings, loaded.today)
    years = objection_periods.unknown(notices.values(), loaded.settings.calendar)
    return [*wrong, *objection_periods.warnings(sorted(years), Where(loaded.project.name(loaded.project.settings)))]


def _judged(problem: Problem, named: Collection[str]) -> Problem:
    """That a file is not read at all is an error to whoever names that file."""
    unread = problem.code == "file.unexpected" and problem.where.file in named
    return replace(problem, severity=Severity.ERROR) if unread else problem


def _concerns(problem: Problem, named: Collection[str]) -> bool:
    """A named file's own problems, and errors in what every ledger rests on: roster, rulebooks, cycles, settings."""
    shared = problem.where.file.count("/") < 2 or problem.where.file.startswith("ledgers/rulebooks/")  # noqa: PLR2004
    shared = shared or problem.where.file.endswith("/cycle.yaml")
    return problem.where.file in named or (shared and problem.is_error)
