"""The chain of themes: each names its parent in ``theme.yaml``, and ``default`` comes last."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from generator.core.model.ledger import WrittenName
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import Field, FileReport, is_slug, read_name, read_text, record_of
from generator.intake.text.reader import ProjectReader
from generator.problems import Location, Problem, suggest_known_word
from generator.project import Project, ThemeLayer

BASE_THEME = "default"
_METADATA_FILE = "theme.yaml"


class ThemeMetadata(Struct, frozen=True):
    """A theme's own ``theme.yaml``: its parent and its title."""

    parent: WrittenName | None = None
    title: str = ""


_METADATA = record_of(ThemeMetadata, Field("parent", read_name), Field("title", read_text))


def read_theme_metadata(raw: bytes, file: str) -> tuple[ThemeMetadata | None, list[Problem]]:
    """Read ``themes/NAME/theme.yaml``."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    metadata = _METADATA(node, report)
    return (None if report.has_errors else metadata), report.problems


def resolve_theme_layers(reader: ProjectReader, theme: str) -> tuple[ThemeLayer, ...]:
    """Return the folders of a theme, then those of its parents; a faulty one is a problem in the reader."""
    layers: list[ThemeLayer] = []
    theme_name: WrittenName | None = WrittenName(theme, _locate_theme(reader.project))
    while theme_name is not None:
        theme_layers = tuple(_find_layers(reader.project, theme_name.text))
        if not theme_layers or theme_layers[0] in layers:
            reader.problems.append(_theme_problem(reader, theme_name, layers))
            return ()
        layers += theme_layers
        theme_name = _find_parent(reader, theme_layers)
    return tuple(layers)


def _locate_theme(project: Project) -> Location:
    """Return the place of the theme in the settings; the file alone if they name none."""
    file = project.file_name(project.settings_path)
    with suppress(OSError):
        text = project.settings_path.read_text(encoding="utf-8-sig", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if match := re.match(r"(?:theme|主题)\s*:\s*", line):
                return Location(file, number, match.end() + 1)
    return Location(file)


def _find_layers(project: Project, name: str) -> Iterator[ThemeLayer]:
    """Yield the folders of one theme: the site project's before the shipped one."""
    if not is_slug(name):
        return
    seen: set[str] = set()
    # A project in a checkout of the program has the same folder as its own and as the shipped one.
    for folder in (themes / name for themes in project.theme_folders()):
        real_path = os.path.realpath(folder)
        if real_path not in seen and _is_theme(folder):
            seen.add(real_path)
            yield ThemeLayer(name, folder)


def _is_theme(folder: Path) -> bool:
    return (folder / "templates").is_dir() or (folder / "assets").is_dir()


def _read_metadata(reader: ProjectReader, theme_layers: tuple[ThemeLayer, ...]) -> ThemeMetadata | None:
    """Read the first ``theme.yaml`` of a theme's folders; a theme without one gets empty metadata."""
    file = next((path for layer in theme_layers if os.path.lexists(path := layer.folder / _METADATA_FILE)), None)
    return reader.read_file(file, read_theme_metadata) if file else ThemeMetadata()


def _find_parent(reader: ProjectReader, theme_layers: tuple[ThemeLayer, ...]) -> WrittenName | None:
    metadata = _read_metadata(reader, theme_layers)
    if metadata is None:
        return None
    if metadata.parent or theme_layers[0].name == BASE_THEME:
        return metadata.parent
    return WrittenName(BASE_THEME, Location(reader.project.file_name(theme_layers[0].folder / _METADATA_FILE)))


def _theme_problem(reader: ProjectReader, theme_name: WrittenName, layers: list[ThemeLayer]) -> Problem:
    """Make the problem of a theme that doesn't exist, or that is among its own parents."""
    names = list(dict.fromkeys(layer.name for layer in layers))
    if theme_name.text in names:
        ring = " → ".join([*names[names.index(theme_name.text) :], theme_name.text])
        hint = f"请改正其中一个主题的 parent；一路往上，最后应当是 {BASE_THEME}，它没有 parent"
        return Problem(theme_name.where, "theme.cycle", f"主题转了一圈又回到自己：{ring}", hint)
    code = "theme.unknown-parent" if names else "site.unknown-theme"
    suggestion = suggest_known_word(theme_name.text, _list_themes(reader.project))
    if not is_slug(theme_name.text):
        message = f"“{theme_name.text}”不能用作主题的名称"
        hint = f"主题的名称就是 themes 里文件夹的名字，只用小写英文字母、数字和短横；{suggestion}"
        return Problem(theme_name.where, code, message, hint)
    hint = f"主题是 themes 里带 templates 或 assets 文件夹的文件夹；{suggestion}"
    return Problem(theme_name.where, code, f"没有“{theme_name.text}”这个主题", hint)


def _list_themes(project: Project) -> Iterator[str]:
    """Yield the names of all themes, each with its title."""
    names = {
        path.name
        for themes in project.theme_folders()
        if themes.is_dir()
        for path in themes.iterdir()
        if _is_theme(path)
    }
    for name in sorted(names):
        # A reader of its own: faults of themes that are only suggested are no problems of this project.
        metadata = _read_metadata(ProjectReader(project), tuple(_find_layers(project, name)))
        yield f"{name}（{metadata.title}）" if metadata and metadata.title else name
