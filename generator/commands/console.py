"""What commands share: naming the project and the day, reading it, telling problems, stopping."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import NoReturn

import click

from generator import books
from generator.books import Books, Reading
from generator.core import periods
from generator.core.model import Branch, Member
from generator.core.periods import Period
from generator.inventory import ChangedError
from generator.problems import Problem, Where, in_order, render, suggest
from generator.project import Project
from generator.publish.lock import LockedError
from generator.render.theme import TemplateFaultError


def on_project(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the site project and today's date as its first arguments."""

    @click.option("-C", "root", type=click.Path(path_type=Path), metavar="DIR", help="站点文件夹，默认为当前文件夹")
    @click.option("--today", type=DAY, metavar="DATE", help="把这一天当作今天，例如 2026-04-02")
    @wraps(function)
    def with_project(*, root: Path | None, today: date | None, **rest: object) -> None:
        project = Project(root or click.get_current_context().obj)
        if not project.root.is_dir():
            raise click.UsageError(f"没有“{project.root}”这个文件夹")
        try:
            function(project, today or date.today(), **rest)  # noqa: DTZ011  the day where the reader is
        except BrokenPipeError:
            raise  # the reader of a pipe has seen enough: click ends quietly
        except OSError as error:
            stop(project, [_failed(project, error)])
        except (LockedError, ChangedError) as refused:
            stop(project, [refused.problem])
        except TemplateFaultError as fault:
            problem = fault.problem
            stop(project, [replace(problem, where=problem.where._replace(file=project.name(Path(problem.where.file))))])

    return with_project


def _failed(project: Project, error: OSError) -> Problem:
    """What the machine refused: a full disk, a folder that may not be written, a file gone meanwhile."""
    where = Where(project.name(Path(error.filename)) if error.filename else ".")
    hint = "请核对磁盘空间、权限和网络盘后重试；已经换上的网页都是完整的，再运行一次就会补齐"
    return Problem(where, "file.failed", f"读写失败（{error.strerror or error}）", hint)


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 2026-04-02 的样子", param, ctx)


class _PeriodType(click.ParamType[Period]):
    name = "period"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        found = periods.parse(value)
        if found is None:
            self.fail(f"“{value}”不是周期，请写成 2026-03、2026-Q1、2026-H1 或 2026 的样子", param, ctx)
        return found


DAY = _Day()
PERIOD = _PeriodType()


def locate(project: Project, file: Path) -> Path:
    """A file of the project, named from where the user stands or from the project; wrong usage if there is none."""
    found = [path for path in (file, project.root / file) if path.is_file()]
    if not found:
        raise click.UsageError(f"没有“{file}”这个文件")
    return next((path for path in found if project.root.resolve() in path.resolve().parents), found[0])


def tell(project: Project, problems: Sequence[Problem]) -> None:
    """Print problems to standard error, each with its original line."""
    for problem in problems:
        click.echo(render(problem, project.line(problem.where)), err=True)


def stop(project: Project, problems: Sequence[Problem]) -> NoReturn:
    """Tell the problems and end: the data has errors."""
    tell(project, in_order(problems))
    errors = sum(problem.is_error for problem in problems)
    click.echo(f"\n有 {errors} 处错误，改正以后请再运行一次。", err=True)
    raise SystemExit(1)


def open_books(project: Project, today: date) -> Books:
    """Read the project as all but ``check`` and ``approve`` do: what is wrong in a draft is only told."""
    reading = books.read(project, today)
    problems = reading.lenient()
    if reading.books is None or any(problem.is_error for problem in problems):
        stop(project, [problem for problem in problems if problem.is_error])
    tell(project, _of_drafts(reading, problems))
    return reading.books


def _of_drafts(reading: Reading, problems: list[Problem]) -> list[Problem]:
    """Errors in drafts, told as warnings; the warnings that only ``check`` gives are left to it."""
    errors = {(one.where, one.code) for one in reading.problems if one.is_error}
    return [one for one in problems if (one.where, one.code) in errors]


def find_member(open_: Books, word: str) -> Member:
    """The member of an id or unique name; wrong usage if there is none or more than one."""
    found = open_.roster.named.get(word, ())
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError(f"名册里没有“{word}”。{suggest(word, open_.roster.named)}")
    ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in found)
    raise click.UsageError(f"有 {len(found)} 名党员叫“{word}”，请写编号：{ids}")


def find_branch(open_: Books, word: str) -> Branch:
    """The branch of an id; wrong usage if there is none."""
    if word not in open_.roster.branch:
        known = "、".join(f"{one.id}（{one.name}）" for one in open_.roster.branches)
        raise click.UsageError(f"没有“{word}”这个支部，现有：{known}")
    return open_.roster.branch[word]


def check_year(open_: Books, period: Period) -> None:
    """Wrong usage if the period's year has no rulebook."""
    if period.year not in open_.rulebooks:
        raise click.UsageError(f"没有 {period.year} 年的规则（ledgers/{period.year}/cycle.yaml）")
