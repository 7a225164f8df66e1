"""The lock of a project: one writer at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from generator.problems import Location, Problem, ProblemError
from generator.project import Project


class LockedError(ProblemError):
    """A lock that another process has, which is writing to the project."""


@contextmanager
def lock_project(project: Project) -> Iterator[None]:
    """Keep other commands from writing; raises LockedError at once if a command is writing.

    The lock ends with its process, however that ends. Processes must not be forked under it: they would inherit it, and
    keep it if their parent were killed.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  28 ms that most commands do not need

    project.state_folder.mkdir(mode=0o700, exist_ok=True)
    file_lock = FileLock(project.state_folder / "lock")
    try:
        file_lock.acquire(blocking=False)
    except Timeout:
        hint = "请等它结束以后再运行一次"
        where = Location(project.file_name(project.state_folder))
        raise LockedError(Problem(where, "build.locked", "另一个命令正在写这个站点的文件", hint)) from None
    try:
        yield
    finally:
        file_lock.release()
