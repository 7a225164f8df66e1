"""The chain of themes: each names its parent in ``theme.yaml``, and ``default`` is the last of all."""

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from generator.core.model.ledger import Name
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import Field, Report, record, slug, text
from generator.intake.text.reader import Reader
from generator.intake.text.yaml_nodes import Node
from generator.problems import Problem, Where, suggest
from generator.project import Layer, Project

BASE = "default"
_FILE = "theme.yaml"


class Heading(Struct, frozen=True):
    """What a theme says about itself."""

    parent: Name | None = None
    title: str = ""


def _name(node: Node, report: Report) -> Name | None:
    said = slug(node, report)
    return None if said is None else Name(said, report.at(node))


_HEADING = record(Heading, Field("parent", _name), Field("title", text))


def read(raw: bytes, file: str) -> tuple[Heading | None, list[Problem]]:
    """Read ``themes/NAME/theme.yaml``."""
    node, problems = yaml_nodes.read(raw, file)
    if node is None:
        return None, problems
    report = Report(file)
    heading = _HEADING(node, report)
    return (None if report.has_errors else heading), report.problems


def chain(reader: Reader, theme: str) -> tuple[Layer, ...]:
    """The folders of a theme, then those of its parents; what is wrong with one of them is noted in the reader."""
    layers: list[Layer] = []
    wanted: Name | None = Name(theme, Where(reader.project.name(reader.project.settings)))
    while wanted is not None:
        own = tuple(_layers(reader.project, wanted.text))
        if not own or own[0] in layers:
            reader.problems.append(_wrong(reader, wanted, layers))
            return ()
        layers += own
        wanted = _parent(reader, own)
    return tuple(layers)


def _layers(project: Project, name: str) -> Iterator[Layer]:
    """The folders of one theme: the site project's before the one that is shipped."""
    seen: set[str] = set()
    for folder in (home / name for home in project.themes()):
        real = os.path.realpath(folder)
        if real not in seen and _is_theme(folder):
            seen.add(real)
            yield Layer(name, folder)


def _is_theme(folder: Path) -> bool:
    return (folder / "templates").is_dir() or (folder / "assets").is_dir()


def _heading(reader: Reader, own: tuple[Layer, ...]) -> Heading | None:
    """What the first of a theme's files says; nothing in particular if it has none."""
    file = next((path for layer in own if os.path.lexists(path := layer.folder / _FILE)), None)
    return reader.one(file, read) if file else Heading()


def _parent(reader: Reader, own: tuple[Layer, ...]) -> Name | None:
    heading = _heading(reader, own)
    if heading is None:
        return None
    if heading.parent or own[0].name == BASE:
        return heading.parent
    return Name(BASE, Where(reader.project.name(own[0].folder / _FILE)))


def _wrong(reader: Reader, wanted: Name, layers: list[Layer]) -> Problem:
    """That a theme isn't there, or comes a second time."""
    names = list(dict.fromkeys(layer.name for layer in layers))
    if wanted.text in names:
        ring = " → ".join([*names[names.index(wanted.text) :], wanted.text])
        hint = f"请改正其中一个主题的 parent；一路往上，最后应当是 {BASE}，它没有 parent"
        return Problem(wanted.where, "theme.cycle", f"主题转了一圈又回到自己：{ring}", hint)
    code = "theme.unknown-parent" if names else "site.unknown-theme"
    hint = f"主题是 themes 里带 templates 或 assets 文件夹的文件夹；{suggest(wanted.text, _known(reader.project))}"
    return Problem(wanted.where, code, f"没有“{wanted.text}”这个主题", hint)


def _known(project: Project) -> Iterator[str]:
    """Every theme there is, with its title."""
    names = {path.name for home in project.themes() if home.is_dir() for path in home.iterdir() if _is_theme(path)}
    for name in sorted(names):
        heading = _heading(Reader(project), tuple(_layers(project, name)))
        yield f"{name}（{heading.title}）" if heading and heading.title else name
