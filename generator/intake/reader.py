"""Reading the files of one project: every file looked at is named, every problem kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from generator.problems import Problem, Where
from generator.project import Project

T = TypeVar("T")

_MISSING = {"cycle.yaml": "请新建这个文件，写两行：year: 年份 和 rulebook: 规则编号"}


@dataclass(slots=True)
class Reader:
    """Reads files of one project and keeps all problems; ``files`` names every file looked at."""

    project: Project
    problems: list[Problem] = field(default_factory=list)
    files: set[str] = field(default_factory=set)

    def raw(self, path: Path) -> bytes | None:
        """A file's bytes; None, and a problem, if it can't be read."""
        name = self.project.name(path)
        self.files.add(name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            hint = _MISSING.get(path.name, "请核对 -C 指定的站点文件夹；新站点可以从样例复制这个文件再改")
            self.problems.append(Problem(Where(name), "file.missing", "找不到这个文件", hint))
        except OSError:
            hint = "这里应当是一个可以读取的文件，不是文件夹；正在别的程序里打开的请先关闭"
            self.problems.append(Problem(Where(name), "file.unreadable", "打不开这个文件", hint))
        return None

    def one(self, path: Path, read: Callable[[bytes, str], tuple[T | None, list[Problem]]]) -> T | None:
        """Read one file that must be there."""
        raw = self.raw(path)
        if raw is None:
            return None
        value, problems = read(raw, self.project.name(path))
        self.problems += problems
        return value
