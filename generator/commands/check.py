"""``jifenbang check``: every problem of every file, in one run."""

from datetime import date
from pathlib import Path

import click
from msgspec.structs import replace

from generator import assembly, books
from generator.books import Books
from generator.commands.console import locate, on_project, tell
from generator.problems import Problem, Severity, in_order
from generator.project import Project
from generator.render import reports


@click.command("check", help="检查全部或指定的文件，列出所有问题；有错误时退出码为 1。")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="输出格式")
@on_project
def command(project: Project, today: date, *, files: tuple[Path, ...], form: str) -> None:
    """Validate all files, or tell only what concerns the named ones and what they rest on."""
    reading = books.read(project, today)
    found = reading.problems + (_besides(reading.books) if reading.books else [])
    named = {project.name(locate(project, file)) for file in files}
    if strange := sorted(named - reading.files):
        raise click.UsageError(f"“{strange[0]}”不是这个站点的资料文件，没有检查")
    problems = [_judged(problem, named) for problem in in_order(found) if not named or _concerns(problem, named)]
    errors = sum(problem.is_error for problem in problems)
    if form == "json":
        click.echo(reports.problems(problems))
    else:
        tell(project, problems)
        click.echo(f"检查完毕：{errors} 处错误，{len(problems) - errors} 处提醒。")
    raise SystemExit(1 if errors else 0)


def _besides(found: Books) -> list[Problem]:
    """What only a build would meet: a theme that is wrong, days of objection not known for certain."""
    return assembly.find_theme(found)[1] + assembly.warnings(found)


def _judged(problem: Problem, named: set[str]) -> Problem:
    """That a file is not read at all is an error to who asks for that file."""
    unread = problem.code == "file.unexpected" and problem.where.file in named
    return replace(problem, severity=Severity.ERROR) if unread else problem


def _concerns(problem: Problem, named: set[str]) -> bool:
    """A named file's own problems, and errors in what every ledger rests on: roster, rulebooks, cycles, settings."""
    shared = problem.where.file.count("/") < 2 or problem.where.file.startswith("ledgers/rulebooks/")  # noqa: PLR2004
    shared = shared or problem.where.file.endswith("/cycle.yaml")
    return problem.where.file in named or (shared and problem.is_error)
