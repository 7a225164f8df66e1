"""Insert keys and items into YAML text as a careful hand would: every line that was there stays as it is."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate

from msgspec import Struct

from generator.intake.text import yaml_nodes
from generator.intake.text.yaml_nodes import MappingNode, Node, SequenceNode


class YamlText(Struct, frozen=True, dict=True):
    """A sound document without a byte order mark: its text and its root node."""

    text: str
    root: Node

    @cached_property
    def newline(self) -> str:
        """The line ending of the text."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def _line_starts(self) -> list[int]:
        return list(accumulate(map(len, self.text.splitlines(keepends=True)), initial=0))

    @cached_property
    def _ends(self) -> dict[int, tuple[int, int]]:
        """The ends of all nodes by identity; the root keeps them alive."""
        return dict(zip(map(id, _walk(self.root)), yaml_nodes.list_ends(self.text), strict=True))

    def find_start(self, node: Node) -> int:
        """Return the index of a node's first character."""
        return self._line_starts[node.line - 1] + node.column - 1

    def find_end(self, node: Node) -> int:
        """Return the index behind a node's last character."""
        line, column = self._ends[id(node)]
        return self._line_starts[line - 1] + column - 1

    def find_line_end(self, node: Node) -> int:
        """Return the index at the end of a node's last line, behind the comment that may follow it."""
        end = self.find_end(node)
        if end and self.text[end - 1] in "\r\n":  # a block of text, which ends where the next line begins
            end -= len(self.newline)
        breaks = (index for sign in "\r\n" if (index := self.text.find(sign, end)) >= 0)
        return min(breaks, default=len(self.text))

    def insert(self, index: int, text: str) -> str:
        """Return the document's text with more text at an index."""
        return self.replace([(index, index, text)])

    def replace(self, edits: Iterable[tuple[int, int, str]]) -> str:
        """Return the text with another in the place of each span; those that begin together stay in their order."""
        parts, position = list[str](), 0
        for start, end, text in sorted(edits, key=lambda edit: edit[0]):
            parts += [self.text[position:start], text]
            position = end
        return "".join([*parts, self.text[position:]])


def read_text(text: str, file: str) -> YamlText:
    """Return a document that was read before without a problem."""
    root, problems = yaml_nodes.parse_yaml(text, file)
    assert root is not None, problems
    return YamlText(text, root)


def _walk(node: Node) -> Iterator[Node]:
    """Yield a node and those within it, in the order in which they begin."""
    yield node
    if isinstance(node, MappingNode):
        for key, value in node.pairs:
            yield key
            yield from _walk(value)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _walk(item)


def find_value(mapping: Node, *keys: str) -> Node | None:
    """Return the value of the first of these keys that a mapping has."""
    pairs = {key.text: value for key, value in mapping.pairs} if isinstance(mapping, MappingNode) else {}
    return next((pairs[key] for key in keys if key in pairs), None)


def set_keys(document: YamlText, mapping: MappingNode, fields: Mapping[str, str]) -> str:
    """Return the text with new keys in a mapping, or values of those that have none; values are YAML on one line."""
    blanks = {key.text: value for key, value in mapping.pairs if key.text in fields}
    edits = [
        (document.find_start(value), document.find_end(value), f" {fields[key]}")
        for key, value in blanks.items()
        if key is not None
    ]
    last = mapping.pairs[-1][1]
    end = document.find_end(last) if mapping.is_flow else document.find_line_end(last)
    before = ", " if mapping.is_flow else document.newline + " " * (mapping.column - 1)
    new_keys = "".join(f"{before}{key}: {value}" for key, value in fields.items() if key not in blanks)
    return document.replace([*edits, (end, end, new_keys)])


def set_list(document: YamlText, mapping: MappingNode, key: str, item: str) -> str:
    """Return the text with a list of one item, YAML on one line, as a new key of a mapping or one without a value."""
    if mapping.is_flow or find_value(mapping, key) is not None:
        return set_keys(document, mapping, {key: f"[{item}]"})
    indent = document.newline + " " * (mapping.column - 1)
    end = document.find_line_end(mapping.pairs[-1][1])
    return document.insert(end, f"{indent}{key}:{indent}  - {item}")


def insert_item(document: YamlText, sequence: SequenceNode, index: int, item: str) -> str:
    """Return the text with an item of a list, on one line, before the item that has this index now."""
    start = document.find_start(sequence)
    if document.text[start] == "[":
        if not sequence.items:
            return document.insert(start + 1, item)
        if index == len(sequence.items):
            return document.insert(document.find_end(sequence.items[-1]), f", {item}")
        return document.insert(document.find_start(sequence.items[index]), f"{item}, ")
    indent = " " * (sequence.column - 1)
    if index:  # behind the one before: the comments above the next one are about that
        return document.insert(document.find_line_end(sequence.items[index - 1]), f"{document.newline}{indent}- {item}")
    return document.insert(start, f"- {item}{document.newline}{indent}")
