"""Draw pages of the program's own, which no theme changes, from templates in the package."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def draw_page(folder: Path, template: str, data: dict[str, object]) -> str:
    """Return a page drawn by a template of a folder of the package; all in ``data`` is escaped."""
    return _open_folder(folder).get_template(template).render(data)


@cache
def _open_folder(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
