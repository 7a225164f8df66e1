"""Reading the files of one project: bytes, digests, and a bounded list of problems."""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, field

from generator.disk import locked_files
from generator.intake.text import slip_problems
from generator.intake.text.problem_list import ProblemList
from generator.problems import Location, Problem
from generator.project import Project

T = TypeVar("T")

# In bytes. A roster of a hundred thousand members needs about seven million; a ledger, rulebook or settings file a few
# thousand; the longest page of the manual about fifty thousand.
MAX_ROSTER_BYTES = 10_000_000
_MAX_ARTICLE_BYTES = 150_000
MAX_BYTES = 500_000

# Of problems for which a file was not read: another program may hold it only for a moment.
UNREAD_CODES = frozenset({"file.outside", "file.too-large", "file.unreadable"})


class _Folder(Struct, frozen=True):
    """A folder that files are read from: its name, and whether a link below ledgers or content leads out of it."""

    name: str
    linked: bool


class ProjectReader(Struct):
    """A reader of one project's files that collects their problems.

    ``file_names`` has each file requested, read or not; ``digests`` has the sha256 of those read, by path.
    """

    project: Project
    problems: ProblemList = field(default_factory=ProblemList)
    file_names: set[str] = field(default_factory=set)
    digests: dict[Path, str] = field(default_factory=dict)
    _folders: dict[Path, _Folder] = field(default_factory=dict)

    def relative_name(self, path: Path) -> str:
        """Return a file's name in messages: its folder's, and its own even if it is a link."""
        return f"{self._folder(path).name}/{path.name}"

    def read_bytes(self, path: Path, max_bytes: int | None = None) -> bytes | None:
        """Return a file's bytes; None, and a problem, if it is missing, unreadable, too large or a link elsewhere.

        ``max_bytes`` is None for the limit of its kind.
        """
        folder = self._folder(path)
        linked = folder.linked or (path.is_symlink() and self._leads_elsewhere(path))
        name = self.relative_name(path)
        self.file_names.add(name)
        if linked:
            # A link could carry any file of this computer into the site.
            hint = "请把文件本身放在这里；只有 ledgers、content 这两个文件夹可以整个是链接"
            self._add_error(name, "file.outside", "这是一个链接，指向别处，没有读取", hint)
            return None
        limit = max_bytes or self._size_limit(path)
        try:
            raw = read_bounded(path, limit)
        except FileNotFoundError:
            is_cycle = path.name == "cycle.yaml"
            new_site = "请先进入站点的文件夹，或用 -C 指明；新站点用 jifenbang new 文件夹 新建"
            hint = f"请运行 jifenbang year {path.parent.name}" if is_cycle else new_site
            self._add_error(name, "file.missing", "找不到这个文件", hint)
        except OSError:
            hint = "这里应当是一个可以读取的文件，不是文件夹；正在别的程序里打开的请先关闭"
            self._add_error(name, "file.unreadable", "打不开这个文件", hint)
        else:
            if len(raw) <= limit:
                self.digests[path] = hashlib.sha256(raw).hexdigest()
                return raw
            message = f"文件有 {path.stat().st_size:,} 字节，这里最多 {limit:,} 字节，没有读取"
            self._add_error(name, "file.too-large", message, "请核对是不是放错了文件，或分成几个文件")
        return None

    def read_file(self, path: Path, parse: Callable[[bytes, str], tuple[T | None, list[Problem]]]) -> T | None:
        """Read one file that must exist, by the function that parses its kind; None if there is no value."""
        raw = self.read_bytes(path)
        if raw is None:
            return None
        name = self.relative_name(path)
        value, problems = parse(raw, name)
        self.problems += slip_problems.explain_by_slips(raw, name, problems)
        return value

    def _add_error(self, name: str, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(Location(name), code, message, hint))

    def _folder(self, path: Path) -> _Folder:
        """Look up a file's folder, once; the folder of all ledgers, all content or a theme may itself be a link."""
        folder = path.parent
        if folder not in self._folders:
            roots = (self.project.ledgers_folder, self.project.content_folder)
            root = next((root for root in roots if root in path.parents), folder)
            real = Path(os.path.realpath(folder))
            linked = folder != root and real != Path(os.path.realpath(root), folder.relative_to(root))
            self._folders[folder] = _Folder(self.project.real_file_name(real), linked)
        return self._folders[folder]

    def _leads_elsewhere(self, link: Path) -> bool:
        """Return whether a link leads to another file; a link to itself, in a circle, leads to none."""
        return Path(os.path.realpath(link)) != Path(os.path.realpath(link.parent), link.name)

    def _size_limit(self, path: Path) -> int:
        if path == self.project.roster_path:
            return MAX_ROSTER_BYTES
        return _MAX_ARTICLE_BYTES if path.suffix == ".md" else MAX_BYTES


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Read at most one byte more than ``max_bytes``; raise OSError if it is no regular file, as a pipe never ends."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError
    with locked_files.open_to_read(path) as file:
        return file.read(max_bytes + 1)
