"""The parts that all commands share: the project and the day, printing problems, ending with an error."""

import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import wraps
from glob import escape
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from generator.commands.progress import Progress
from generator.disk import os_errors
from generator.problems import (
    SEVERITY_LABELS,
    CommandResult,
    Location,
    Problem,
    ProblemError,
    Severity,
    arrange_problems,
    find_close_words,
    format_problem,
    suggest_words,
)
from generator.project import Project

T = TypeVar("T")


def project_command(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the site project and today's date as its first arguments.

    An error of the machine, and a problem that stops the command, are printed like those of the data.
    """

    @click.option("-C", "root", type=click.Path(path_type=Path), metavar="文件夹", help="站点文件夹，默认为当前文件夹")
    @click.option("--today", type=DAY, metavar="日期", help="把这一天当作今天，例如 2026-04-02")
    @wraps(command)
    def with_project(*, root: Path | None, today: date | None, **options: object) -> None:
        folder = root or click.get_current_context().obj
        if not folder.is_dir():
            raise click.UsageError(f"没有“{folder}”这个文件夹，请核对 -C；新建站点请运行 jifenbang new 文件夹")
        progress = Progress()
        project = Project(folder, progress.report)
        try:
            with progress:
                command(project, today or date.today(), **options)  # noqa: DTZ011  the day where the reader is
        except BrokenPipeError:
            raise  # the reader of a pipe has seen enough: click ends quietly
        except OSError as error:
            fail_with_problems(project, [os_errors.describe_failure(project, error)])
        except ProblemError as stopped:
            fail_with_problems(project, [project.name_within(stopped.problem)])

    return with_project


def is_terminal() -> bool:
    """Return whether questions can be answered."""
    return sys.stdin.isatty()


def ask_agreement(question: str, *, err: bool = False) -> bool:
    """Return whether a question, on standard error if ``err``, is answered with yes; any other word is no."""
    answer = click.prompt(question, default="", show_default=False, prompt_suffix="", err=err)
    return answer.strip().lower() in {"y", "yes", "是"}


class _DayType(click.ParamType[date]):
    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if len(value) == len("2026-04-02") and value[4] == value[7] == "-":
            with suppress(ValueError):
                return date.fromisoformat(value)
        from generator.core.basics import written_days  # noqa: PLC0415  few days are written otherwise

        reading = written_days.interpret_day(value)
        if reading is None or not reading.certain:
            example = f" {reading.day}，并请核对" if reading else "成 2026-04-02 的样子"
            self.fail(f"“{value}”不是日期，请写{example}", param, ctx)
        return reading.day


DAY = _DayType()


class NumberType(click.ParamType[int]):
    """A whole number within bounds."""

    name = "number"

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of a word; fail with a message if it is none, or out of bounds."""
        text = str(value)
        if not (text.isascii() and text.isdigit() and self.minimum <= int(text) <= self.maximum):
            self.fail(f"“{value}”不是 {self.minimum} 到 {self.maximum} 的整数", param, ctx)
        return int(text)


def locate_file(project: Project, file: Path) -> Path:
    """Return a file of the project, named from the current folder or from the project.

    Raises click.UsageError if there is no such file.
    """
    existing = [path for path in (file, project.root / file) if path.is_file()]
    if not existing:
        is_folder = file.is_dir() or (project.root / file).is_dir()
        advice = "，它是文件夹，请写其中的文件" if is_folder else _advise_ledger(project, file) or advise_path(file)
        raise click.UsageError(f"没有“{file}”这个文件{advice}")
    return next((path for path in existing if project.root.resolve() in path.resolve().parents), existing[0])


def _advise_ledger(project: Project, file: Path) -> str:
    """Return the ledgers of the same month in other branches, where a branch has no folder of that name."""
    if any(folder.is_dir() for folder in (file.parent, project.root / file.parent)):
        return ""
    ledgers = project.ledgers_folder.glob(f"{escape(file.parent.parent.name)}/*/{escape(file.name)}")
    names = sorted(project.file_name(path) for path in ledgers)
    return f"，{suggest_words(names[:_MAX_SUGGESTED])}" if names else ""


_MAX_SUGGESTED = 3


def advise_path(path: Path) -> str:
    """Return what follows the message that there is nothing at a path: a name like it, or where to look."""
    siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    if close := find_close_words(path.name, siblings):
        return f"，{suggest_words(str(path.with_name(name)) for name in close)}"
    return "，请核对名字；站点在别处的，用 -C 指明"


def format_problems(project: Project, problems: Sequence[Problem]) -> list[str]:
    """Format problems as people read them, each with its original line."""
    return [format_problem(problem, project.source_line(problem.where)) for problem in problems]


def print_problems(project: Project, problems: Sequence[Problem]) -> int:
    """Print problems to standard error, those of one cause as one; return how many of these are errors."""
    arranged = arrange_problems(problems)
    for problem, text in zip(arranged, format_problems(project, arranged), strict=True):
        label = f": {SEVERITY_LABELS[problem.severity]}："
        click.echo(text.replace(label, click.style(label, fg="red" if problem.is_error else "yellow"), 1), err=True)
    return sum(problem.is_error for problem in arranged)


def unwrap_result(project: Project, result: CommandResult[T]) -> T:
    """Print a result's problems and return its value; end the command if there is none."""
    if result.usage_error:
        print_problems(project, result.problems)
        raise click.UsageError(result.usage_error)
    if result.value is None:
        fail_with_problems(project, result.problems)
    print_problems(project, result.problems)
    return result.value


def fail_with_problems(project: Project, problems: Sequence[Problem]) -> NoReturn:
    """Print the problems and exit with code 1: the data has errors."""
    errors = print_problems(project, problems)
    click.echo(f"\n有 {errors} 处错误，改正以后请再运行一次。", err=True)
    raise SystemExit(1)


def check_readable(project: Project, page: Path) -> list[Problem]:
    """Return a warning if only the owner can read the pages, as under a umask of 077."""
    if stat.S_IMODE(page.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH):
        return []
    hint = "只给自己看的可以不理；要由网页服务器发布的，请运行 chmod -R a+rX，今后生成以前先运行 umask 022"
    where = Location(project.file_name(page), 0)
    return [Problem(where, "output.private", "网站的文件只有本人能读，网页服务器可能读不到", hint, Severity.WARNING)]


_MAX_LISTED = 10  # changed files


def describe_changed_files(paths: Sequence[str]) -> str:
    """Return a line that names the files changed since the release before; ledgers are not among them."""
    listed = "、".join(paths[:_MAX_LISTED]) + (f"等 {len(paths)} 个" if len(paths) > _MAX_LISTED else "")
    return f"与上一次发布相比，改动过的资料（台账除外）：{listed}"
