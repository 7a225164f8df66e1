"""The theme chain: an ordered list of folders, the first that has a file wins."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from generator.core.model.palette import ROLES, Palette, combine_colours
from generator.problems import Location, Problem, ProblemError
from generator.project import ThemeLayer

TemplateStamps = tuple[tuple[Path, int], ...]


_VERSION_LENGTH = 8  # hex digits
_STYLE_SHEET = "assets/theme.css"
# Where the colours of a medium hold: readers may choose light or dark themselves, and paper has its own either way.
_PALETTE_RULES = (
    ("light", ":root {{ {} }}"),
    ("dark", "@media screen and (prefers-color-scheme: dark) {{ :root:not(.light) {{ {} }} }}"),
    ("dark", "@media screen {{ :root.dark {{ {} }} }}"),
    ("print", "@media print {{ :root {{ {} }} }}"),
)


class Theme(Struct, frozen=True, dict=True):
    """Folders with ``templates/`` and ``assets/``, the most particular first."""

    layers: tuple[ThemeLayer, ...]

    def read_assets(self) -> Mapping[str, bytes]:
        """Read style sheets and scripts, by path in the site; raises TemplateFaultError for a link out of the theme."""
        assets: dict[str, bytes] = {}
        for layer in reversed(self.layers):  # the upper layers last: their files replace those of the same name
            for path in sorted((layer.folder / "assets").rglob("*")):
                self.reject_outside_link(path)
                if path.is_file():
                    assets["assets/" + path.relative_to(layer.folder / "assets").as_posix()] = path.read_bytes()
        if _STYLE_SHEET in assets and self._has_colours_for_style_sheet():
            assets[_STYLE_SHEET] += _format_palette(combine_colours(layer.colours for layer in self.layers)).encode()
        return assets

    def _has_colours_for_style_sheet(self) -> bool:
        """Return whether the theme of the style sheet, or one above it, gives colours.

        A sheet of one's own that knows nothing of colours in ``theme.yaml`` has its own: those of a parent would
        alter it.
        """
        number = next(n for n, layer in enumerate(self.layers) if os.path.lexists(layer.folder / _STYLE_SHEET))
        return any(layer.colours for layer in self.layers[: number + 1])

    @cached_property
    def asset_versions(self) -> Mapping[str, str]:
        """The beginning of each asset's digest, by path in the site: a browser that kept an earlier one fetches it."""
        return {path: hashlib.sha256(raw).hexdigest()[:_VERSION_LENGTH] for path, raw in self.read_assets().items()}

    def read_template_stamps(self) -> TemplateStamps:
        """Return every file in the template folders and its mtime in ns: they differ once a template does."""
        paths = (path for layer in self.layers for path in (layer.folder / "templates").rglob("*") if path.is_file())
        return tuple((path, path.stat().st_mtime_ns) for path in sorted(paths))

    def resolve_template_name(self, template: str) -> tuple[int, str]:
        """Return the number of the layer from which a template is searched downwards, and its path there.

        ``NAME/board.html`` is the file that theme NAME would use: for themes above it, which add to it.
        """
        # The lowest of that name: a project's folder may have the name of the shipped theme that it adds to.
        name, _, path = template.partition("/")
        start = max((number for number, layer in enumerate(self.layers) if layer.name == name), default=None)
        return (0, template) if start is None or not path else (start, path)

    def find_template_files(self, start: int, template: str) -> Iterator[tuple[int, Path]]:
        """Yield the files of a template's name from a layer downwards, each with its layer's number."""
        for number, layer in enumerate(self.layers[start:], start):
            path = layer.folder / "templates" / template
            if path.is_file():
                yield number, path

    @cached_property
    def _real_folders(self) -> frozenset[Path]:
        return frozenset(Path(os.path.realpath(layer.folder)) for layer in self.layers)

    def reject_outside_link(self, path: Path) -> None:
        """Raise TemplateFaultError for a file that is a link to somewhere outside the theme's folders."""
        # A theme may be by a third party: a link in it could publish any file of this machine.
        if self._real_folders.isdisjoint(Path(os.path.realpath(path)).parents):
            hint = "请把文件本身放在主题的文件夹里"
            raise TemplateFaultError(
                Problem(Location(path.as_posix()), "file.outside", "这是一个链接，指向主题文件夹以外，没有读取", hint)
            )


def _format_palette(palette: Palette) -> str:
    """Return the colours as custom properties; those of print last."""
    lines = ["", "/* theme.yaml */"]
    for medium, rule in _PALETTE_RULES:
        colours = " ".join(f"--{role}: {palette[medium, role].value};" for role in ROLES if (medium, role) in palette)
        if colours:
            lines.append(rule.format(colours))
    return "\n".join([*lines, ""])


class TemplateFaultError(ProblemError):
    """A template that can't be rendered: its author's mistake, with file and line."""
