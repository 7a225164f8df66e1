"""Write drafts of ledgers, corrections and ballots as a person would: a key a line, a line of them as a list item.

Of an earlier text, whatever stays the same is written as it is, with its comments.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from generator.core.sealing.canonical import PlainData
from generator.intake.text import yaml_nodes
from generator.intake.text.yaml_nodes import MappingNode, Node, SequenceNode
from generator.workflow.record_text import inline_yaml

_Lines = Sequence[str]
_FIGURE = re.compile(r"[0-9]{1,5}(\.[0-9]{1,4})?")
_COMMENT = re.compile(r"\s+#.*$")


class _WrittenItem(Struct, frozen=True):
    """An item of a list, or of a mapping under its ``key``, and its lines as they are written."""

    value: PlainData
    lines: _Lines
    key: str = ""


class _WrittenField(Struct, frozen=True):
    """A field of a draft and its lines; if each of its ``items`` begins a line, these, and the lines before them."""

    value: PlainData
    lines: _Lines
    head: _Lines = ()
    items: Sequence[_WrittenItem] = ()

    @property
    def indent(self) -> str:
        """The blanks before an item."""
        first = self.items[0].lines[0]
        return first[: len(first) - len(first.lstrip())]


def format_draft(data: Mapping[str, PlainData], before: str = "", node: Node | None = None) -> str:
    """Return the text of a draft; ``before`` is the text that it replaces, ``node`` what is in there."""
    comments, written = _cut_fields(before.splitlines(), node)
    lines = [*comments, *(line for key, value in data.items() for line in _format_field(key, value, written.get(key)))]
    newline = "\r\n" if "\r\n" in before else "\n"
    return "".join(f"{line}{newline}" for line in lines)


def _cut_fields(lines: _Lines, node: Node | None) -> tuple[_Lines, Mapping[str, _WrittenField]]:
    """Return the lines before the first field, and the fields by key; none if they don't begin lines of their own."""
    pairs = node.pairs if isinstance(node, MappingNode) else ()
    if not pairs or node is None or any(key.column != 1 or not key.text for key, _ in pairs):
        return (), {}
    starts = [key.line - 1 for key, _ in pairs]
    fields = {
        key.text or "": _cut_items(lines[start:end], start, value)
        for (key, value), (start, end) in zip(pairs, pairwise([*starts, len(lines)]), strict=True)
    }
    return lines[: starts[0]], fields


def says(text: str, data: PlainData) -> bool:
    """Return whether a text reads as these data."""
    node, _ = yaml_nodes.read_yaml(text.encode(), "")
    return node is not None and yaml_nodes.to_plain_data(node) == data


def _cut_items(lines: _Lines, start: int, node: Node) -> _WrittenField:
    """Return a field whose lines begin at a line of the text, with its items if each begins a line of its own."""
    value = yaml_nodes.to_plain_data(node)
    items: Sequence[tuple[str, Node, int]] = ()
    if isinstance(node, SequenceNode):
        items = [("", item, item.line - 1 - start) for item in node.items]
    elif isinstance(node, MappingNode) and not node.is_flow:
        items = [(key.text or "", item, key.line - 1 - start) for key, item in node.pairs]
    places = [place for _, _, place in items]
    begins = [lines[place].lstrip() for place in places]
    is_list = isinstance(node, SequenceNode)
    if not places or len(set(places)) < len(places) or (is_list and not all(map(_begins_item, begins))):
        return _WrittenField(value, lines)
    cut = [
        _WrittenItem(yaml_nodes.to_plain_data(item), lines[first:end], key)
        for (key, item, _), (first, end) in zip(items, pairwise([*places, len(lines)]), strict=True)
    ]
    return _WrittenField(value, lines, lines[: places[0]], cut)


def _begins_item(line: str) -> bool:
    return line.startswith("- ")


def _format_field(key: str, value: PlainData, written: _WrittenField | None) -> Iterator[str]:
    if written and written.value == value:
        yield from written.lines
    elif isinstance(value, Mapping) and value and all(isinstance(item, str) for item in value.values()):
        yield from _format_values(key, value, written)
    elif isinstance(value, Mapping) and value:  # lines by their labels
        yield f"{key}:"
        for label, line in value.items():
            yield f"  {label}:"
            yield from (f"    {text}" for text in _format_line(line))
    elif lines := _list_lines(value):
        items = list(written.items) if written else []
        indent = written.indent if written and items else "  "
        yield from written.head if written and items else [f"{key}:"]
        for line in lines:
            written_item = next((item for item in items if item.value == line), None)
            if written_item is not None:
                items.remove(written_item)
                yield from written_item.lines
            else:
                first, *more_fields = _format_line(line)
                yield f"{indent}- {first}"
                yield from (f"{indent}  {text}" for text in more_fields)
    else:
        yield f"{key}: {inline_yaml(value)}"


def _format_values(key: str, values: Mapping[str, PlainData], written: _WrittenField | None) -> Iterator[str]:
    """Yield the lines of words by their keys; of one that changed, the comments stay."""
    items = {item.key: item for item in written.items} if written else {}
    indent = written.indent if written and items else "  "
    yield from written.head if written and items else [f"{key}:"]
    for name, value in values.items():
        item = items.get(name)
        if item and item.value == value:
            yield from item.lines
            continue
        comment = _COMMENT.search(item.lines[0]) if item else None
        text = value if isinstance(value, str) and _FIGURE.fullmatch(value) else inline_yaml(value)
        yield f"{indent}{inline_yaml(name)}: {text}{comment[0] if comment else ''}"
        yield from item.lines[1:] if item else ()


def _format_line(line: PlainData) -> Sequence[str]:
    assert isinstance(line, Mapping)
    return [f"{name}: {inline_yaml(field)}" for name, field in line.items()]


def _list_lines(value: PlainData) -> Sequence[Mapping[str, PlainData]]:
    """Return the lines of a list of lines; none of any other value."""
    if isinstance(value, str | bool | None | Mapping):
        return ()
    lines = [line for line in value if isinstance(line, Mapping)]
    return lines if len(lines) == len(value) else ()
