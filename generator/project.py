"""Where things are in a site project: one frozen value, no knowledge of what the files hold."""

import os
import stat
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from generator.problems import Location

_QUOTED = 10_000_000  # bytes; no file that is read is larger


class ThemeLayer(Struct, frozen=True):
    """One folder of a theme, which holds ``templates/`` and ``assets/``, and the theme's name.

    A theme has two of them where a site project adds to one that is shipped under the same name.
    """

    name: str
    folder: Path


class Project(Struct, frozen=True):
    """A site project: the folder that holds ``content/``, ``ledgers/``, ``themes/`` and ``site/``."""

    root: Path

    @property
    def content_folder(self) -> Path:
        """Settings, notices and pages."""
        return self.root / "content"

    @property
    def settings_path(self) -> Path:
        """The settings of the site."""
        return self.content_folder / "site.yaml"

    @property
    def approvers_path(self) -> Path:
        """Who may sign approvals: an OpenSSH list of allowed signers; it need not be there."""
        return self.content_folder / "approvers"

    @property
    def ledgers_folder(self) -> Path:
        """Roster, rulebooks, and a folder for each year."""
        return self.root / "ledgers"

    @property
    def roster_path(self) -> Path:
        """Who belongs to which branch, and since when."""
        return self.ledgers_folder / "roster.yaml"

    @property
    def site_folder(self) -> Path:
        """Where a build writes unless told otherwise."""
        return self.root / "site"

    @property
    def state_folder(self) -> Path:
        """What is ours but not the site, readable by the owner only."""
        return self.root / ".jifenbang"

    @property
    def cache_folder(self) -> Path:
        """What builds remember; it may be deleted at any time."""
        return self.state_folder / "cache"

    def ledger_path(self, branch: str, month: str) -> Path:
        """The ledger of a branch in a month such as ``2026-03``."""
        year, number = month.split("-")
        return self.ledgers_folder / year / branch / f"{number}.yaml"

    def correction_path(self, branch: str, month: str, number: int) -> Path:
        """A correction of that ledger, by its number from 1."""
        ledger = self.ledger_path(branch, month)
        return ledger.with_name(f"{ledger.stem}.c{number}.yaml")

    def ballot_path(self, year: int, poll: str | None) -> Path:
        """A year's reviews, or its poll of that id."""
        folder = self.ledgers_folder / str(year)
        return folder / "reviews.yaml" if poll is None else folder / "votes" / f"{poll}.yaml"

    def filing_path(self, branch: str, quarter: str) -> Path:
        """The record that a branch's quarter such as ``2026-Q1`` was filed."""
        return self.ledgers_folder / quarter[:4] / "filings" / f"{quarter}.{branch}.yaml"

    def file_name(self, path: Path) -> str:
        """A file's name in messages: relative to the project, with ``/``; its whole path if it lies outside."""
        try:
            return Path(os.path.realpath(path)).relative_to(os.path.realpath(self.root)).as_posix()
        except ValueError:
            return Path(os.path.realpath(path)).as_posix()

    def source_line(self, location: Location) -> str | None:
        """The original line of a place, or None where there is none to show."""
        path = self.root / location.file
        try:
            found = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode) or found.st_size > _QUOTED:
            return None  # what was too large to read, or a link, is not quoted either
        lines = _lines(os.path.realpath(path), found.st_mtime_ns)
        return lines[location.line - 1] if location.line <= len(lines) else None

    def theme_folders(self) -> tuple[Path, Path]:
        """Folders that hold themes, the site project's own before the ones shipped with the program."""
        package = Path(__file__).parent
        shipped = package / "themes"  # put there by the build of the package; in a checkout they lie beside it
        return (self.root / "themes", shipped if shipped.is_dir() else package.parent / "themes")


@lru_cache(maxsize=1)  # problems come file by file
def _lines(path: str, _stamp: int) -> list[str]:
    try:
        raw = Path(path).read_bytes()
    except OSError:
        return []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    return text.splitlines()
