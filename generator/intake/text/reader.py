"""Reading the files of one project: every file looked at is named, every problem kept, and never too much of either."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self, TypeVar

from msgspec import Struct, field

from generator.problems import Location, Problem, Severity
from generator.project import Project

T = TypeVar("T")

_MISSING = {"cycle.yaml": "请新建这个文件，写两行：year: 年份 和 rulebook: 规则编号"}

# In bytes. A roster of a hundred thousand members needs some seven million; a ledger, rulebook or settings file some
# thousands; the longest article, the manual, some seventy thousand.
_LARGEST_ROSTER = 10_000_000
_LARGEST_ARTICLE = 150_000
MAX_BYTES = 500_000

MAX_PROBLEMS = 100


class ProblemList(list[Problem]):
    """Problems of files: of each file and severity the first hundred, then one that says there are more.

    Nobody reads more at once, and each costs time to word and to show.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, Severity], int] = {}

    def append(self, one: Problem) -> None:
        """Keep a problem, unless its file has too many."""
        key = (one.where.file, one.severity)
        told = self._told.get(key, 0)
        if told < MAX_PROBLEMS:
            super().append(one)
        elif told == MAX_PROBLEMS:
            super().append(one if one.code == "file.too-many-problems" else self._more(one))
        self._told[key] = told + 1

    def extend(self, more: Iterable[Problem]) -> None:
        """Keep several."""
        for one in more:
            self.append(one)

    def __iadd__(self, more: Iterable[Problem]) -> Self:  # type: ignore[misc, override]
        self.extend(more)
        return self

    def is_full(self, file: str) -> bool:
        """Whether no more errors of a file are kept."""
        return self._told.get((file, Severity.ERROR), 0) > MAX_PROBLEMS

    def _more(self, one: Problem) -> Problem:
        """At the place of the last one told, so that it is read after them."""
        last = max(each.where for each in self if each.where.file == one.where.file)
        message = f"这个文件里的问题太多，只列出 {MAX_PROBLEMS} 处"
        return Problem(last, "file.too-many-problems", message, "请先改正以上各处，再检查一次", one.severity)


class _Folder(Struct, frozen=True):
    """A folder that files are read from: its name, and whether a link below ledgers or content leads out of it."""

    name: str
    linked: bool


class ProjectReader(Struct):
    """Reads files of one project and keeps their problems; ``files`` names every file looked at.

    ``digests`` are the sha256 of what was read, by path.
    """

    project: Project
    problems: ProblemList = field(default_factory=ProblemList)
    file_names: set[str] = field(default_factory=set)
    digests: dict[Path, str] = field(default_factory=dict)
    _folders: dict[Path, _Folder] = field(default_factory=dict)

    def relative_name(self, path: Path) -> str:
        """A file's name in messages, as the project has it, wherever a link there leads; folders are looked at once."""
        return f"{self._folder(path).name}/{path.name}"

    def read_bytes(self, path: Path) -> bytes | None:
        """A file's bytes; None, and a problem, if it can't be read."""
        folder = self._folder(path)
        linked = folder.linked or (path.is_symlink() and self._leads_away(path))
        name = self.relative_name(path)
        self.file_names.add(name)
        if linked:
            hint = "请把文件本身放在这里；只有 ledgers、content 这两个文件夹可以整个是链接"
            self._add(name, "file.outside", "这是一个链接，指向别处，没有读取", hint)
            return None
        most = self._most(path)
        try:
            raw = read_bounded(path, most)
        except FileNotFoundError:
            hint = _MISSING.get(path.name, "请核对 -C 指定的站点文件夹；新站点可以从样例复制这个文件再改")
            self._add(name, "file.missing", "找不到这个文件", hint)
        except OSError:
            hint = "这里应当是一个可以读取的文件，不是文件夹；正在别的程序里打开的请先关闭"
            self._add(name, "file.unreadable", "打不开这个文件", hint)
        else:
            if len(raw) <= most:
                self.digests[path] = hashlib.sha256(raw).hexdigest()
                return raw
            message = f"文件有 {path.stat().st_size:,} 字节，这里最多 {most:,} 字节，没有读取"
            self._add(name, "file.too-large", message, "请核对是不是放错了文件，或分成几个文件")
        return None

    def read_file(self, path: Path, parse: Callable[[bytes, str], tuple[T | None, list[Problem]]]) -> T | None:
        """Read one file that must be there."""
        raw = self.read_bytes(path)
        if raw is None:
            return None
        value, problems = parse(raw, self.relative_name(path))
        self.problems += problems
        return value

    def _add(self, name: str, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(Location(name), code, message, hint))

    def _folder(self, path: Path) -> _Folder:
        """The folder of a file; that of all ledgers, all content or a theme may itself be a link."""
        folder = path.parent
        if folder not in self._folders:
            home = next(
                (one for one in (self.project.ledgers_folder, self.project.content_folder) if one in path.parents),
                folder,
            )
            linked = Path(os.path.realpath(folder)) != Path(os.path.realpath(home), folder.relative_to(home))
            self._folders[folder] = _Folder(self.project.file_name(folder), linked)
        return self._folders[folder]

    def _leads_away(self, link: Path) -> bool:
        """Whether a link is to another file; one that turns in a circle is to none."""
        return Path(os.path.realpath(link)) != Path(os.path.realpath(link.parent), link.name)

    def _most(self, path: Path) -> int:
        if path == self.project.roster_path:
            return _LARGEST_ROSTER
        return _LARGEST_ARTICLE if path.suffix == ".md" else MAX_BYTES


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """A file's bytes up to one more than the most; OSError if it is no file on a disk: a pipe never ends."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError
    with path.open("rb") as file:
        return file.read(max_bytes + 1)
