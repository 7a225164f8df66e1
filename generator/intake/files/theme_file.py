"""The chain of themes: each names its parent in ``theme.yaml``, and ``default`` comes last."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.core.model.ledger import WrittenName
from generator.core.model.palette import MEDIA, ROLES, WeakContrast, combine_colours, find_weak_contrasts
from generator.intake.files import discovery
from generator.intake.text import shapes, yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    NodeReader,
    is_slug,
    mapping_of,
    read_name,
    read_text,
    record_of,
)
from generator.intake.text.reader import ProjectReader
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Location, Problem, find_close_words, list_words, suggest_known_word, suggest_words
from generator.project import Project, ThemeColour, ThemeLayer

BASE_THEME = "default"
_METADATA_FILE = "theme.yaml"


class ThemeMetadata(Struct, frozen=True):
    """A theme's own ``theme.yaml``: its parent, its title and its colours."""

    parent: WrittenName | None = None
    title: str = ""
    colours: tuple[ThemeColour, ...] = ()


_COLOURS_HINT = "请写成几行，先写 light（浅色）、dark（深色）、print（打印）之一，下面缩进写用处和颜色"
_COLOUR_HINT = '请写 # 和六个十六进制数字，连同引号，例如 "#0b5a4a"；不写引号的，# 以后不算数'
_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


def _word_of(titles: Mapping[str, str], kind: str) -> NodeReader[WrittenName]:
    """Return a reader of a key that is one of these words, each with its title for the hint."""

    @shaped(shapes.word_of([*titles]))
    def read_word(node: Node, report: FileReport) -> WrittenName | None:
        word = read_text(node, report)
        if word is None or word in titles:
            return None if word is None else WrittenName(word, report.where_of(node))
        meant = [key for key, title in titles.items() if title == word] or find_close_words(word, titles)
        hint = suggest_words(meant) if meant else list_words(f"{key}（{title}）" for key, title in titles.items())
        report.add_error(node, "field.unknown-key", f"没有“{word}”这种{kind}", hint)
        return None

    return read_word


@shaped({"type": "string", "pattern": "^(#[0-9a-fA-F]{3}|#[0-9a-fA-F]{6})$"})
def _read_colour(node: Node, report: FileReport) -> str | None:
    """Read ``#rgb`` or ``#rrggbb``; a colour without quotation marks is a comment to YAML, and its value blank."""
    text = node.text.strip() if isinstance(node, ScalarNode) and node.text else ""
    if not _COLOUR.fullmatch(text):
        message = f"“{text}”不是一个颜色" if text else "这里应写一个颜色，现在是空的"
        report.add_error(node, "theme.bad-colour", message, _COLOUR_HINT)
        return None
    figures = text[1:].lower()
    return "#" + (figures if len(figures) == 6 else "".join(figure * 2 for figure in figures))  # noqa: PLR2004


_COLOURS_BY_MEDIUM = mapping_of(
    _word_of(MEDIA, "场合"), mapping_of(_word_of(ROLES, "颜色"), _read_colour, _COLOURS_HINT), _COLOURS_HINT
)


@shaped(lambda: shape_of(_COLOURS_BY_MEDIUM))
def _read_colours(node: Node, report: FileReport) -> tuple[ThemeColour, ...] | None:
    by_medium = _COLOURS_BY_MEDIUM(node, report)
    if by_medium is None:
        return None
    return tuple(
        ThemeColour(medium.text, role.text, value, role.where)
        for medium, colours in by_medium.items()
        for role, value in colours.items()
    )


METADATA = record_of(
    ThemeMetadata, Field("parent", read_name), Field("title", read_text), Field("colours", _read_colours)
)


def read_theme_metadata(raw: bytes, file: str) -> tuple[ThemeMetadata | None, list[Problem]]:
    """Read ``themes/NAME/theme.yaml``."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    metadata = METADATA(node, report)
    return (None if report.has_errors else metadata), report.problems


def resolve_theme_layers(reader: ProjectReader, theme: str) -> tuple[ThemeLayer, ...]:
    """Return the folders of a theme, then those of its parents; a faulty one is a problem in the reader."""
    layers: list[ThemeLayer] = []
    theme_name: WrittenName | None = WrittenName(theme, _locate_theme(reader.project))
    while theme_name is not None:
        theme_layers = tuple(_find_layers(reader.project, theme_name.text))
        if not theme_layers or theme_layers[0].folder in {layer.folder for layer in layers}:
            reader.problems.append(_theme_problem(reader, theme_name, layers))
            return ()
        metadata = [_read_metadata(reader, layer) for layer in theme_layers]
        for layer, description in zip(theme_layers, metadata, strict=True):
            layers.append(replace(layer, colours=description.colours if description else ()))
        theme_name = _find_parent(reader, theme_layers, metadata)
    reader.problems += _find_weak_contrasts(layers)
    reader.problems += _find_unreadable_names(reader.project, layers)
    return tuple(layers)


def _find_unreadable_names(project: Project, layers: Iterable[ThemeLayer]) -> Iterator[Problem]:
    """Yield the files of a project's own themes whose names are in another encoding."""
    for layer in layers:
        for path in () if project.is_shipped(layer) else filter(discovery.has_unreadable_name, layer.folder.rglob("*")):
            message, hint = f"主题里有一个文件的名字读不出来：“{path.name}”", discovery.explain_unreadable_name(path)
            yield Problem(Location(project.file_name(path), 0), "file.unexpected", message, hint)


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


def _read_metadata(reader: ProjectReader, layer: ThemeLayer) -> ThemeMetadata | None:
    """Read the ``theme.yaml`` of one of a theme's folders; a folder without one gets empty metadata."""
    file = layer.folder / _METADATA_FILE
    return reader.read_file(file, read_theme_metadata) if os.path.lexists(file) else ThemeMetadata()


def _find_parent(
    reader: ProjectReader, theme_layers: Sequence[ThemeLayer], metadata: Sequence[ThemeMetadata | None]
) -> WrittenName | None:
    """Return the parent that the first ``theme.yaml`` of a theme's folders names."""
    if None in metadata:
        return None  # a problem of its own
    parent = next((described.parent for described in metadata if described and described.parent), None)
    if parent or theme_layers[0].name == BASE_THEME:
        return parent
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
        reader = ProjectReader(project)
        metadata = (_read_metadata(reader, layer) for layer in _find_layers(project, name))
        title = next((described.title for described in metadata if described and described.title), "")
        yield f"{name}（{title}）" if title else name


def _find_weak_contrasts(layers: Sequence[ThemeLayer]) -> Iterator[Problem]:
    """Yield the colours that readers could not make out, where the most particular theme gives them or their ground."""
    depths = {colour.where: depth for depth, layer in enumerate(layers) for colour in layer.colours}
    for weak in find_weak_contrasts(combine_colours(layer.colours for layer in layers)):
        colour, ground = weak.colour, weak.ground
        where = min((colour.where, ground.where), key=lambda place: depths[place])
        message = (
            f"{MEDIA[colour.medium]}的{_describe_colour(colour)}在{_describe_colour(ground)}上看不清："
            f"对比度 {_floor(weak.ratio)}，至少要 {weak.needed}"
        )
        yield Problem(where, "theme.contrast", message, _contrast_hint(weak))


def _describe_colour(colour: ThemeColour) -> str:
    return f"{ROLES[colour.role]}（{colour.role} {colour.value}）"


def _floor(ratio: Decimal) -> Decimal:
    return ratio.quantize(Decimal("0.01"), ROUND_FLOOR)  # what is too little is never written as enough


def _contrast_hint(weak: WeakContrast) -> str:
    role, medium = weak.colour.role, weak.colour.medium
    if weak.better:
        return f'请在 {medium} 下写 {role}: "{weak.better}" 或反差更大的颜色，或改 {weak.ground.role}'
    return "没有一种颜色在几种底色上都看得清，请把 paper、sheet、tint 改得深浅相近"
