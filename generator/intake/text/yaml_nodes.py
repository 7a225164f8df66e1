"""YAML text to nodes that know their place, through libyaml; the one module that imports yaml.

Every scalar stays the text that was written; only an empty value, ``~`` and ``null`` are null. Nodes are counted from
line 1, column 1.
"""

from typing import Any

import yaml
from msgspec import Struct
from yaml import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from generator.core.sealing.canonical import PlainData
from generator.intake.text import decoding, yaml_errors
from generator.intake.text.reader import ProblemList
from generator.problems import Location, Problem

MAX_TEXT_LENGTH = (
    5_000  # characters of one text; the longest of a regulation, one reading of a clause, has some hundreds
)
MAX_NODES = 1_250_000  # as many as a roster of a hundred thousand members has

_Event = Any  # the published types know only the parser in Python, not libyaml's


class ScalarNode(Struct, frozen=True):
    """A word or a text; None is null."""

    text: str | None
    line: int
    column: int


class SequenceNode(Struct, frozen=True):
    """A list."""

    items: "tuple[Node, ...]"
    line: int
    column: int


class MappingNode(Struct, frozen=True):
    """Keys and values in the order written; every key is text and given once."""

    pairs: "tuple[tuple[ScalarNode, Node], ...]"
    line: int
    column: int


Node = ScalarNode | SequenceNode | MappingNode


def to_plain_data(node: Node) -> PlainData:
    """The node as plain data: what a digest is taken of."""
    if isinstance(node, MappingNode):
        return {
            key.text or "": value.text if isinstance(value, ScalarNode) else to_plain_data(value)
            for key, value in node.pairs
        }
    return node.text if isinstance(node, ScalarNode) else [to_plain_data(item) for item in node.items]


# --- nodes -----------------------------------------------------------------------------------------------------------


def read_yaml(raw: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document; no node if anything in it could be misunderstood."""
    text, problems = decoding.decode_text(raw, file)
    if problems:
        return None, problems
    return parse_yaml(text, file)


def parse_yaml(text: str, file: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document whose text begins on the given line of the file."""
    builder = _Builder(file, first_line)
    _build(builder, text, file, first_line)
    if not builder.problems and builder.root is None:
        builder.problems.append(Problem(Location(file), "yaml.empty", "文件是空的", "请按手册里的样例填写"))
    return (None if builder.problems else builder.root), builder.problems


def _build(builder: "_Builder", text: str, file: str, first_line: int) -> None:
    try:
        builder.run(text)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(yaml_errors.explain_error(error, text, file, first_line))


_NULLS = {"", "~", "null"}
_UNUSUAL = ("&", "!", '"')  # without one of these in a file there are no anchors, tags or escapes to be looked for
_Open = tuple[list["Node"], int, int]  # the nodes around it, its line and column


class _Builder:
    """Nodes from events, without recursion; what YAML offers beyond plain data is a problem.

    Once it is ``over`` the rest of the file is not worth looking at.
    """

    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.shift = first_line
        self.problems = ProblemList()
        self.over = False
        self.roots: list[Node] = []
        self.documents = 0

    @property
    def root(self) -> Node | None:
        """The node that the document is, if it is one."""
        return self.roots[0] if self.roots else None

    def run(self, text: str) -> None:  # noqa: C901  a call for each event would double the time
        """Build event by event: every word of every file passes this one flat loop, so it calls only what it must."""
        careful = len(text) > MAX_TEXT_LENGTH or any(sign in text for sign in _UNUSUAL)
        shift, nodes, opened, count = self.shift, self.roots, list[_Open](), 0
        get_event = CParser(text).get_event
        while not self.over:
            event: _Event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                count += 1
                if careful:
                    self._refuse_extras(event)
                    self._refuse_text(event)
                word, mark = event.value, event.start_mark
                if word in _NULLS and event.implicit[0]:
                    word = None
                nodes.append(ScalarNode(word, mark.line + shift, mark.column + 1))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                count += 1
                if careful:
                    self._refuse_extras(event)
                mark = event.start_mark
                opened.append((nodes, mark.line + shift, mark.column + 1))
                nodes = []
                if len(opened) > yaml_errors.MAX_DEPTH:
                    self._stop(event, *yaml_errors.TOO_DEEP)
            elif kind is MappingEndEvent:
                outer, line, column = opened.pop()
                outer.append(MappingNode(self._pairs(nodes), line, column))
                nodes = outer
            elif kind is SequenceEndEvent:
                outer, line, column = opened.pop()
                outer.append(SequenceNode(tuple(nodes), line, column))
                nodes = outer
            else:
                self._take_other(event, nodes)
            if count > MAX_NODES:
                self._stop(event, "yaml.too-long", f"内容超过 {MAX_NODES:,} 项", "请核对是不是放错了文件")

    def _take_other(self, event: _Event, nodes: list[Node]) -> None:
        """Build on by an event that is no plain data."""
        if isinstance(event, yaml.AliasEvent):
            self.note(event, "yaml.anchor", f"这里用了 YAML 的引用“*{event.anchor}”", "请把内容原样写出来")
            nodes.append(ScalarNode(None, *self._place(event)))
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:  # noqa: PLR2004
                self._stop(event, "yaml.documents", "一个文件里有两份内容（中间有 --- 一行）", "请分成两个文件")
        elif isinstance(event, yaml.StreamEndEvent):
            self.over = True

    def _pairs(self, nodes: list[Node]) -> "tuple[tuple[ScalarNode, Node], ...]":
        """Keys with their values; what can be no key, or is one already, is a problem."""
        keys, values = nodes[::2], nodes[1::2]
        words = {key.text for key in keys if type(key) is ScalarNode}
        if len(words) == len(keys) and None not in words and "<<" not in words:
            return tuple(zip(keys, values, strict=True))  # type: ignore[arg-type]
        pairs: list[tuple[ScalarNode, Node]] = []
        seen: dict[str, ScalarNode] = {}
        for key, value in zip(keys, values, strict=True):
            where = Location(self.file, key.line, key.column)
            if not isinstance(key, ScalarNode) or key.text is None:
                self._add_problem(where, "yaml.key", "冒号前面不是一个词", "请检查这一行的冒号和缩进")
            elif key.text == "<<":
                self._add_problem(where, "yaml.merge-key", "这里用了 YAML 的合并键“<<”", "请把内容原样写出来")
            elif before := seen.get(key.text):
                message = f"“{key.text}”在第 {before.line} 行已经写过一次"
                self._add_problem(where, "yaml.duplicate-key", message, "请合并成一处，或删去一处")
            else:
                seen[key.text] = key
                pairs.append((key, value))
        return tuple(pairs)

    def _refuse_extras(self, event: _Event) -> None:
        """Refuse what makes a node more than plain data."""
        if event.anchor is not None:
            self.note(event, "yaml.anchor", f"这里用了 YAML 的锚点“&{event.anchor}”", "请删去锚点")
        if event.tag is not None:
            self.note(event, "yaml.tag", f"这里用了 YAML 的标签“{event.tag}”", "请删去感叹号开头的部分")

    def _refuse_text(self, event: _Event) -> None:
        if len(event.value) > MAX_TEXT_LENGTH:
            message = f"这段文字有 {len(event.value):,} 个字，最多 {MAX_TEXT_LENGTH:,} 个"
            self.note(event, "yaml.too-long", message, "请写短一些；长文章请放进 content/pages")
        if event.style == '"' and (hidden := decoding.find_hidden_character(event.value)):
            message = f"这段文字里用反斜杠写了一个看不见的字符 {hidden}"
            self.note(event, "file.hidden-character", message, "请删去它")

    def _stop(self, event: _Event, code: str, message: str, hint: str) -> None:
        self.note(event, code, message, hint)
        self.over = True

    def _place(self, event: _Event) -> tuple[int, int]:
        return event.start_mark.line + self.shift, event.start_mark.column + 1

    def note(self, event: _Event, code: str, message: str, hint: str) -> None:
        """Note a problem where an event begins."""
        self._add_problem(Location(self.file, *self._place(event)), code, message, hint)

    def _add_problem(self, where: Location, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(where, code, message, hint))
        self.over = self.problems.is_full(self.file)
