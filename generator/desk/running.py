"""The desk that runs: its address and what was handed in, where only its user can read it, and never in the project."""

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.disk import locked_files
from generator.local_server import preview_pages
from generator.project import Project

_SECONDS = 2.0  # to wait for an answer on the same machine
# Below those that systems hand out by themselves.
_PORTS = range(20_000, 30_000)


def private_folder() -> Path:
    """Return the folder of what this user alone may read while the program runs."""
    base = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "jifenbang"


def address_path(project: Project) -> Path:
    """Return the file with the address of a project's desk."""
    return private_folder() / f"{_project_digest(project)}.desk"


def usual_port(project: Project) -> int:
    """Return the port of a project's desk: browsers offer unsaved input again on the port where it was typed."""
    return _PORTS[int(_project_digest(project), 16) % len(_PORTS)]


def _project_digest(project: Project) -> str:
    return hashlib.sha256(os.fsencode(project.root.resolve())).hexdigest()[:16]


def redirect_path(project: Project) -> Path:
    """Return the page that leads a browser to a project's desk: no list of processes has an address with a key."""
    return address_path(project).with_suffix(".html")


def find_running(project: Project) -> str:
    """Return the address of the desk that runs for a project; empty if none does."""
    try:
        address = address_path(project).read_text(encoding="utf-8")
    except OSError:
        return ""
    if not address.startswith("http://127.0.0.1:"):
        return ""
    try:
        with urllib.request.urlopen(f"{address}-/alive", timeout=_SECONDS) as answer:  # noqa: S310  checked above
            return address if answer.status == 200 else ""  # noqa: PLR2004
    except (OSError, urllib.error.URLError, ValueError):
        return ""


@contextmanager
def open_work_folder(project: Project) -> Iterator[Path]:
    """Make the folder of what a desk needs only while it runs; one that a killed desk left is removed first."""
    folder = address_path(project).with_suffix(".work")
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def note_address(project: Project, address: str) -> None:
    """Write the address of a desk that begins."""
    path = address_path(project)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget_address(project)
    for private_path, raw in (
        (path, address.encode()),
        (redirect_path(project), preview_pages.render_redirect(address)),
    ):
        with locked_files.create_private(private_path) as file:
            file.write(raw)


def forget_address(project: Project) -> None:
    """Remove the address of a desk that ended."""
    for path in (address_path(project), redirect_path(project)):
        locked_files.delete_file(path)
