"""Every file that a site is made of, by the digest of its bytes: what tells whether anything has changed at all.

It imports next to nothing: where nothing has changed, nothing else is needed.
"""

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from generator.problems import Location, Problem, ProblemError
from generator.project import Project
from generator.publish import atomic_files


class InputChangedError(ProblemError):
    """A file was changed while a build was reading."""

    def __init__(self, name: str) -> None:
        hint = "请等文件都写好、同步好以后再运行一次；网站没有改动"
        super().__init__(Problem(Location(name), "build.changed", "生成的过程中，资料被改动了", hint))
        self.args = (name,)  # with which another process makes it anew


UNREADABLE = "unreadable"  # in the place of a digest
_LIBRARIES = ("chinesecalendar", "jinja2", "markdown", "markupsafe", "msgspec", "nh3", "pypinyin", "pyyaml")


def digest_sources(project: Project) -> Mapping[str, str]:
    """The digests of all that lies in ``content/`` and ``ledgers/``, by path from the project's folder."""
    found: dict[str, str] = {}
    for folder in (project.content_folder, project.ledgers_folder):
        for path in _files(str(folder)):
            found[f"{folder.name}/{path}"] = _digest(f"{folder}/{path}")
    return found


def relative_name(project: Project, path: Path) -> str:
    """A file of the project as it is called here."""
    return path.as_posix().removeprefix(f"{project.root.as_posix()}/").lstrip("/")


def digest_themes(project: Project) -> str:
    """The digest of every theme that the project has and the program ships."""
    return _whole(*project.theme_folders())


@cache
def digest_program() -> str:
    """The digest of this program: its own text, the libraries whose work can be seen in pages, and Python."""
    return _joined([_whole(Path(__file__).parent.parent), sys.version, *sorted(_versions())])


def combine_digests(digests: Mapping[str, str]) -> str:
    """One digest of many files."""
    return _joined([f"{name}\0{digests[name]}" for name in sorted(digests)])


def _whole(*folders: Path) -> str:
    return _joined([f"{path}\0{_digest(f'{folder}/{path}')}" for folder in folders for path in _files(str(folder))])


def _joined(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _files(folder: str, below: str = "") -> Iterator[str]:
    """List all files and links in a folder, in order, without what Python keeps beside a program.

    An empty folder is listed, too: one may be where a file should be.
    """
    try:
        entries = sorted(os.scandir(f"{folder}/{below}"), key=lambda one: one.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    if below and not entries:
        yield below
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield below + entry.name
        elif entry.name != "__pycache__":
            yield from _files(folder, f"{below}{entry.name}/")


def _digest(path: str) -> str:
    """What a file holds; of a link also where it leads, of anything else that it is there."""
    try:
        raw = atomic_files.read_regular_file(path)
        return atomic_files.digest_bytes(raw) if raw is not None else _leading(path)
    except OSError:
        return UNREADABLE


def _leading(path: str) -> str:
    leads = os.readlink(path) if os.path.islink(path) else ""  # noqa: PTH114, PTH115
    raw = atomic_files.read_regular_file(os.path.realpath(path, strict=True)) if leads else None
    return f"special {leads}" if raw is None else atomic_files.digest_bytes(raw) + leads


def _versions() -> Iterator[str]:
    """The installed libraries with their versions, as their installers name the folders with what is known of them."""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")) and name.lower().startswith(_LIBRARIES):
                yield name
