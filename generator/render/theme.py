"""The theme chain: an ordered list of folders, the first that has a file wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.project import Project
from generator.render import wording

BASE = "default"


@dataclass(frozen=True, slots=True)
class Theme:
    """Folders that hold ``templates/`` and ``assets/``, the most particular first."""

    folders: tuple[Path, ...]

    def assets(self) -> Mapping[str, bytes]:
        """Style sheets and scripts by their path in the site."""
        found: dict[str, bytes] = {}
        for folder in reversed(self.folders):
            for path in sorted((folder / "assets").rglob("*")):
                if path.is_file():
                    found["assets/" + path.relative_to(folder / "assets").as_posix()] = path.read_bytes()
        return found


@cache
def environment(theme: Theme) -> Environment:
    """Templates that escape everything and stop at a name that is not there."""
    made = Environment(
        loader=FileSystemLoader([folder / "templates" for folder in theme.folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(wording.FILTERS)
    return made


def find(project: Project, name: str) -> Theme | None:
    """The named theme above the default one, the site project's folders before those shipped; None if unknown."""
    named = [folder / name for folder in project.themes() if (folder / name / "templates").is_dir()]
    base = [folder / BASE for folder in project.themes() if (folder / BASE / "templates").is_dir()]
    return Theme(tuple(dict.fromkeys([*named, *base]))) if named else None
