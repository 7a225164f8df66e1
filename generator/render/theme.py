"""The theme chain: an ordered list of folders, the first that has a file wins."""

import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from generator.problems import Problem, Where
from generator.project import Project
from generator.render import wording

BASE = "default"


@dataclass(frozen=True, slots=True)
class Theme:
    """Folders that hold ``templates/`` and ``assets/``, the most particular first."""

    folders: tuple[Path, ...]

    def assets(self) -> Mapping[str, bytes]:
        """Style sheets and scripts by their path in the site; raises TemplateFaultError for a link out of the theme."""
        found: dict[str, bytes] = {}
        for folder in reversed(self.folders):
            for path in sorted((folder / "assets").rglob("*")):
                self.refuse_outside(path)
                if path.is_file():
                    found["assets/" + path.relative_to(folder / "assets").as_posix()] = path.read_bytes()
        return found

    def refuse_outside(self, path: Path) -> None:
        """Raise TemplateFaultError for a file that is a link to somewhere outside the theme's folders."""
        real = Path(os.path.realpath(path))
        if not any(Path(os.path.realpath(folder)) in real.parents for folder in self.folders):
            hint = "请把文件本身放在主题的文件夹里"
            raise TemplateFaultError(
                Problem(Where(path.as_posix()), "file.outside", "这是一个链接，指向主题文件夹以外，没有读取", hint)
            )


class TemplateFaultError(Exception):
    """A template that can't be rendered: the fault of its author, told like any other problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


# What a mistake in a template raises, from a wrong name to a template that includes itself.
_FAULTS = (TemplateError, TypeError, AttributeError, ValueError, LookupError, ArithmeticError, RecursionError)


def fill(theme: Theme, template: str, data: Mapping[str, object]) -> str:
    """Render a template; raises TemplateFaultError, with file and line, where it is wrong."""
    try:
        return _environment(theme).get_template(template).render(data)
    except TemplateSyntaxError as error:
        where = Where(error.filename or template, error.lineno)
        raise TemplateFaultError(_fault(where, error)) from error
    except _FAULTS as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".html")]
        if not frames and not isinstance(error, TemplateError):
            raise
        where = Where(frames[-1].filename, frames[-1].lineno or 1) if frames else Where(template)
        raise TemplateFaultError(_fault(where, error)) from error


def _fault(where: Where, error: Exception) -> Problem:
    return Problem(where, "theme.template", f"模板有错：{error}", "请改正这个模板，或删去它，改用默认主题的")


class _Loader(FileSystemLoader):
    """Templates of a theme's own folders."""

    def __init__(self, theme: Theme) -> None:
        super().__init__([folder / "templates" for folder in theme.folders])
        self.theme = theme

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Find a template, wherever it really lies."""
        found = super().get_source(environment, template)
        self.theme.refuse_outside(Path(found[1]))
        return found


class _Sandbox(SandboxedEnvironment):
    """Jinja's sandbox, which asks once for every type and attribute: its answer rests on nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._safe: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Whether templates may read an attribute."""
        key = type(obj), attr
        if key not in self._safe:
            self._safe[key] = super().is_safe_attribute(obj, attr, value)
        return self._safe[key]


@cache
def _environment(theme: Theme) -> Environment:
    """Templates that escape everything, stop at a name that is not there and reach nothing but their data."""
    made = _Sandbox(
        loader=_Loader(theme),
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
