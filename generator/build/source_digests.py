"""Digests of every file that a site is made from: they decide whether anything has changed at all.

Imports next to nothing, because a build without changes needs nothing else.
"""

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from generator.disk import atomic_files
from generator.problems import Location, Problem, ProblemError
from generator.project import Project, ThemeLayer


class InputChangedError(ProblemError):
    """A change of a file while a build was reading."""

    def __init__(self, name: str) -> None:
        hint = "请等文件都写好、同步好以后再运行一次；网站没有改动"
        super().__init__(Problem(Location(name), "build.changed", "生成的过程中，资料被改动了", hint))
        self.args = (name,)  # exceptions from a worker are pickled, and made again from their arguments


UNREADABLE = "unreadable"  # in the place of a digest
_LIBRARIES = ("chinesecalendar", "jinja2", "markdown", "markupsafe", "msgspec", "nh3", "pyyaml")


def digest_sources(project: Project) -> Mapping[str, str]:
    """Return the digests of all files in ``content/`` and ``ledgers/``, by path relative to the project.

    The formats of tables to be imported are not among them: no page depends on them.
    """
    digests: dict[str, str] = {}
    for folder in (project.content_folder, project.ledgers_folder):
        for path in _list_files(str(folder)):
            digests[f"{folder.name}/{path}"] = _digest_file(f"{folder}/{path}")
    digests.pop(relative_name(project, project.import_path), None)
    return digests


def relative_name(project: Project, path: Path) -> str:
    """Return the name under which ``digest_sources`` lists a file of the project."""
    return path.as_posix().removeprefix(f"{project.root.as_posix()}/").lstrip("/")


def digest_themes(project: Project) -> str:
    """Return one digest of all themes of the project and of those shipped with the program."""
    return _digest_folders(*project.theme_folders())


def digest_theme_files(project: Project, layers: Sequence[ThemeLayer]) -> Mapping[str, str]:
    """Return the digests of all files of a theme chain, by path.

    Those of the project are listed by their path in it, those shipped with the program as ``shipped/NAME/…``.
    """
    digests: dict[str, str] = {}
    for layer in layers:
        # Never the path of the machine: the same site is built with the same record elsewhere.
        name = f"{'shipped' if project.is_shipped(layer) else 'themes'}/{layer.name}"
        for path in _list_files(str(layer.folder)):
            digests[f"{name}/{path}"] = _digest_file(f"{layer.folder}/{path}")
    return digests


@cache
def digest_program() -> str:
    """Return one digest of this program's code, the libraries whose output is visible in pages, and Python."""
    # The code and not its version number, which stays the same while the program is being changed.
    return _digest_lines([digest_package(), sys.version, *sorted(_library_versions())])


@cache
def digest_package() -> str:
    """Return one digest of this program's own files, the same on each machine, in a wheel as in a checkout."""
    package = str(Path(__file__).parent.parent)
    paths = [path for path in _list_files(package) if not path.startswith("shipped/")]  # in a checkout not there
    return _digest_lines([f"{path}\0{_digest_file(f'{package}/{path}')}" for path in paths])


def combine_digests(digests: Mapping[str, str]) -> str:
    """Return one digest of many files, given by name."""
    return _digest_lines([f"{name}\0{digests[name]}" for name in sorted(digests)])


def _digest_folders(*folders: Path) -> str:
    return _digest_lines(
        [f"{path}\0{_digest_file(f'{folder}/{path}')}" for folder in folders for path in _list_files(str(folder))]
    )


def _digest_lines(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _list_files(folder: str, prefix: str = "") -> Iterator[str]:
    """Yield the paths of all files and links in a folder, sorted, without Python's bytecode.

    An empty folder is listed, too: it may be where a file should be.
    """
    try:
        entries = sorted(os.scandir(f"{folder}/{prefix}"), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    if prefix and not entries:
        yield prefix
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            yield prefix + entry.name
        elif entry.name != "__pycache__":
            yield from _list_files(folder, f"{prefix}{entry.name}/")


def _digest_file(path: str) -> str:
    """Return the digest of a file's bytes, with a link's target added; a marker for anything that is no file."""
    try:
        raw = atomic_files.read_regular_file(path)
        return atomic_files.digest_bytes(raw) if raw is not None else _digest_special(path)
    except OSError:
        return UNREADABLE  # reading it will report the problem


def _digest_special(path: str) -> str:
    target = os.readlink(path) if os.path.islink(path) else ""  # noqa: PTH114, PTH115
    raw = atomic_files.read_regular_file(os.path.realpath(path, strict=True)) if target else None
    return f"special {target}" if raw is None else atomic_files.digest_bytes(raw) + target


def list_libraries() -> tuple[str, ...]:
    """Return the names and versions of these libraries, however they were installed."""
    names = (name.lower().rsplit(".", 1)[0].split("-")[:2] for name in _library_versions())
    return tuple(sorted({" ".join(name) for name in names if name[0] in _LIBRARIES}))


def _library_versions() -> Iterator[str]:
    """Yield the metadata folders of the installed libraries, whose names contain the versions."""
    # importlib.metadata would take longer to import than a build without changes takes for all its digests.
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")) and name.lower().startswith(_LIBRARIES):
                yield name
