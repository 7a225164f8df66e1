"""One writer at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from generator.problems import Location, Problem, ProblemError
from generator.project import Project


class LockedError(ProblemError):
    """Another process is writing."""


@contextmanager
def lock_project(project: Project) -> Iterator[None]:
    """Keep other commands from writing; raises ``LockedError`` at once if one is at it.

    It ends with the process that holds it, however that ends. It is not to be held while processes are forked: they
    would inherit it, and hold it on if their parent were killed.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415  most commands do without its 28 ms

    project.state_folder.mkdir(mode=0o700, exist_ok=True)
    held = FileLock(project.state_folder / "lock")
    try:
        held.acquire(blocking=False)
    except Timeout:
        hint = "请等它结束以后再运行一次"
        where = Location(project.file_name(project.state_folder))
        raise LockedError(Problem(where, "build.locked", "另一个命令正在写这个站点的文件", hint)) from None
    try:
        yield
    finally:
        held.release()
