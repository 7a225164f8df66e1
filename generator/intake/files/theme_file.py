"""The chain of themes: each names its parent in ``theme.yaml``, and ``default`` is the last of all."""

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from generator.core.model.ledger import WrittenName
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import Field, FileReport, read_slug, read_text, record_of
from generator.intake.text.reader import ProjectReader
from generator.intake.text.yaml_nodes import Node
from generator.problems import Location, Problem, suggest_known_word
from generator.project import Project, ThemeLayer

BASE_THEME = "default"
_FILE = "theme.yaml"


class ThemeMetadata(Struct, frozen=True):
    """What a theme says about itself."""

    parent: WrittenName | None = None
    title: str = ""


def _name(node: Node, report: FileReport) -> WrittenName | None:
    said = read_slug(node, report)
    return None if said is None else WrittenName(said, report.where_of(node))


_HEADING = record_of(ThemeMetadata, Field("parent", _name), Field("title", read_text))


def read_theme_metadata(raw: bytes, file: str) -> tuple[ThemeMetadata | None, list[Problem]]:
    """Read ``themes/NAME/theme.yaml``."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    heading = _HEADING(node, report)
    return (None if report.has_errors else heading), report.problems


def resolve_theme_layers(reader: ProjectReader, theme: str) -> tuple[ThemeLayer, ...]:
    """The folders of a theme, then those of its parents; what is wrong with one of them is noted in the reader."""
    layers: list[ThemeLayer] = []
    wanted: WrittenName | None = WrittenName(theme, Location(reader.project.file_name(reader.project.settings_path)))
    while wanted is not None:
        own = tuple(_layers(reader.project, wanted.text))
        if not own or own[0] in layers:
            reader.problems.append(_wrong(reader, wanted, layers))
            return ()
        layers += own
        wanted = _parent(reader, own)
    return tuple(layers)


def _layers(project: Project, name: str) -> Iterator[ThemeLayer]:
    """The folders of one theme: the site project's before the one that is shipped."""
    seen: set[str] = set()
    for folder in (home / name for home in project.theme_folders()):
        real = os.path.realpath(folder)
        if real not in seen and _is_theme(folder):
            seen.add(real)
            yield ThemeLayer(name, folder)


def _is_theme(folder: Path) -> bool:
    return (folder / "templates").is_dir() or (folder / "assets").is_dir()


def _heading(reader: ProjectReader, own: tuple[ThemeLayer, ...]) -> ThemeMetadata | None:
    """What the first of a theme's files says; nothing in particular if it has none."""
    file = next((path for layer in own if os.path.lexists(path := layer.folder / _FILE)), None)
    return reader.read_file(file, read_theme_metadata) if file else ThemeMetadata()


def _parent(reader: ProjectReader, own: tuple[ThemeLayer, ...]) -> WrittenName | None:
    heading = _heading(reader, own)
    if heading is None:
        return None
    if heading.parent or own[0].name == BASE_THEME:
        return heading.parent
    return WrittenName(BASE_THEME, Location(reader.project.file_name(own[0].folder / _FILE)))


def _wrong(reader: ProjectReader, wanted: WrittenName, layers: list[ThemeLayer]) -> Problem:
    """That a theme isn't there, or comes a second time."""
    names = list(dict.fromkeys(layer.name for layer in layers))
    if wanted.text in names:
        ring = " → ".join([*names[names.index(wanted.text) :], wanted.text])
        hint = f"请改正其中一个主题的 parent；一路往上，最后应当是 {BASE_THEME}，它没有 parent"
        return Problem(wanted.where, "theme.cycle", f"主题转了一圈又回到自己：{ring}", hint)
    code = "theme.unknown-parent" if names else "site.unknown-theme"
    suggestion = suggest_known_word(wanted.text, _known(reader.project))
    hint = f"主题是 themes 里带 templates 或 assets 文件夹的文件夹；{suggestion}"
    return Problem(wanted.where, code, f"没有“{wanted.text}”这个主题", hint)


def _known(project: Project) -> Iterator[str]:
    """Every theme there is, with its title."""
    names = {
        path.name for home in project.theme_folders() if home.is_dir() for path in home.iterdir() if _is_theme(path)
    }
    for name in sorted(names):
        heading = _heading(ProjectReader(project), tuple(_layers(project, name)))
        yield f"{name}（{heading.title}）" if heading and heading.title else name
