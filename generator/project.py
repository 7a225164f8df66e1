"""Paths of a site project: one frozen value, without knowledge of the files' content."""

import os
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from generator.problems import Location, Problem

ProgressCallback: TypeAlias = Callable[[str, int, int, int], None]
"""Called with a label of the work, the numbers of tasks done and of all tasks, and the number of pages so far."""

_MAX_QUOTED_SIZE = 10_000_000  # bytes; no file that is read is larger


def ignore_progress(*_: object) -> None:
    """Do nothing with a report of progress."""


class ThemeColour(Struct, frozen=True):
    """A colour ``#rrggbb`` that a ``theme.yaml`` gives a role in a medium: light, dark or print."""

    medium: str
    role: str
    value: str
    where: Location


class ThemeLayer(Struct, frozen=True):
    """One folder of a theme, which holds ``templates/`` and ``assets/``, the theme's name, and its colours.

    A theme has two of them where a site project adds to one that is shipped under the same name.
    """

    name: str
    folder: Path
    colours: tuple[ThemeColour, ...] = ()


class Project(Struct, frozen=True):
    """A site project: the folder that holds ``content/``, ``ledgers/``, ``themes/`` and ``site/``.

    ``progress`` is called while work on it goes on that may take long.
    """

    root: Path
    progress: ProgressCallback = ignore_progress

    @property
    def content_folder(self) -> Path:
        """The folder of settings, notices and pages."""
        return self.root / "content"

    @property
    def settings_path(self) -> Path:
        """The settings of the site."""
        return self.content_folder / "site.yaml"

    def approvers_path(self, number: int) -> Path:
        """Return the path of a list of allowed signers in OpenSSH's format, by its number from 1."""
        return self.content_folder / ("approvers" if number == 1 else f"approvers.{number}")

    def approvers_record_path(self, number: int) -> Path:
        """Return the path of the record that seals a list of signers, from number 2 on."""
        return self.content_folder / f"approvers.{number}.yaml"

    @property
    def import_path(self) -> Path:
        """The formats of tables from other systems; no page depends on them."""
        return self.content_folder / "import.yaml"

    @property
    def ledgers_folder(self) -> Path:
        """The folder of the roster, the rulebooks, and a folder for each year."""
        return self.root / "ledgers"

    @property
    def roster_path(self) -> Path:
        """The roster: who belongs to which branch, and since when."""
        return self.ledgers_folder / "roster.yaml"

    @property
    def site_folder(self) -> Path:
        """The output folder of a build, unless another is given."""
        return self.root / "site"

    @property
    def state_folder(self) -> Path:
        """The folder of the program's own files that are not the site, readable by the owner only."""
        return self.root / ".jifenbang"

    @property
    def cache_folder(self) -> Path:
        """The folder of the build cache; it may be deleted at any time."""
        return self.state_folder / "cache"

    @property
    def schemas_folder(self) -> Path:
        """The folder of the schemas that drafts name for editors; it may be deleted at any time."""
        return self.state_folder / "schemas"

    @property
    def requests_path(self) -> Path:
        """The file with the approvals that wait for a signature from another machine."""
        return self.state_folder / "requests.json"

    @property
    def target_path(self) -> Path:
        """The file with the path of the folder to which the site was carried last, and nothing else."""
        return self.state_folder / "target"

    @property
    def anchors_folder(self) -> Path:
        """The folder of each published ``audit.json``."""
        return self.state_folder / "anchors"

    @property
    def secret_path(self) -> Path:
        """The secret that authenticates cache entries; only its owner can read it."""
        return self.state_folder / "secret"

    def ledger_path(self, branch: str, month: str) -> Path:
        """Return the path of a branch's ledger in a month such as ``2026-03``."""
        year, number = month.split("-")
        return self.ledgers_folder / year / branch / f"{number}.yaml"

    def correction_path(self, branch: str, month: str, number: int) -> Path:
        """Return the path of a correction of that ledger, by its number from 1."""
        ledger = self.ledger_path(branch, month)
        return ledger.with_name(f"{ledger.stem}.c{number}.yaml")

    def filing_path(self, branch: str, quarter: str) -> Path:
        """Return the path of the record that a branch's quarter such as ``2026-Q1`` was filed."""
        return self.ledgers_folder / quarter[:4] / "filings" / f"{quarter}.{branch}.yaml"

    def file_name(self, path: Path) -> str:
        """Return a file's name in messages: relative to the project, with ``/``; the whole path if it is outside."""
        return self.real_file_name(Path(os.path.realpath(path)))

    def real_file_name(self, real: Path) -> str:
        """Return the name of a file whose path has no links in it, as ``file_name`` does."""
        try:
            return real.relative_to(os.path.realpath(self.root)).as_posix()
        except ValueError:
            return real.as_posix()

    def name_within(self, problem: Problem) -> Problem:
        """Return the problem with its file named from the project: a template is known by its absolute path."""
        file = Path(problem.where.file)
        if not file.is_absolute():
            return problem
        return replace(problem, where=replace(problem.where, file=self.file_name(file)))

    def source_line(self, location: Location) -> str | None:
        """Return the original line of a location, or None if there is none to show."""
        path = self.root / location.file
        if not location.line:
            return None
        try:
            status = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_QUOTED_SIZE:
            return None  # what was too large to read, or a link, is not quoted either
        stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        lines = _read_lines(os.path.realpath(path), stamp)
        return lines[location.line - 1] if location.line <= len(lines) else None

    def theme_folders(self) -> tuple[Path, Path]:
        """Return the folders that contain themes: the site project's own before the ones shipped with the program."""
        return (self.root / "themes", find_shipped_path("themes"))

    def is_shipped(self, layer: ThemeLayer) -> bool:
        """Return whether a theme's folder came with the program, even where a checkout of it is the project."""
        _, shipped = self.theme_folders()
        return shipped.resolve() in layer.folder.resolve().parents


def find_shipped_path(path: str) -> Path:
    """Return a file or folder that is shipped with the program, by its path in the repository."""
    package = Path(__file__).parent
    shipped = package / "shipped"  # copied there when the package is built; a checkout has all in its place
    return (shipped if shipped.is_dir() else package.parent) / path


@lru_cache(maxsize=1)  # problems come file by file
def _read_lines(path: str, _stamp: tuple[int, ...]) -> list[str]:
    """Read a file's lines as UTF-8, else as GB18030; ``_stamp`` is part of the cache key, for files that change."""
    try:
        raw = Path(path).read_bytes()
    except OSError:
        return []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    return text.splitlines()
