"""Draw pages of the program's own, which no theme changes, from templates in the package."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def draw_page(folders: tuple[Path, ...], template: str, data: dict[str, object]) -> str:
    """Return a page drawn by a template of one of these folders of the package; all in ``data`` is escaped."""
    return _open_folders(folders).get_template(template).render(data)


@cache
def _open_folders(folders: tuple[Path, ...]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Scripts keep the order of members, kinds and choices.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return environment
