"""YAML text to nodes with their line and column, through libyaml; the only module that imports yaml.

A scalar keeps its text as written: nothing becomes a number, a date or a truth value. Only an empty value, ``~`` and
``null`` are null. Lines and columns count from 1.
"""

from collections.abc import Callable, Sequence
from typing import Any

import yaml
from msgspec import Struct
from yaml import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from generator.core.sealing.canonical import PlainData
from generator.intake.text import decoding, yaml_errors
from generator.intake.text.problem_list import ProblemList
from generator.problems import Location, Problem

# Characters of one scalar; the longest in a regulation, the interpretation of a clause, has a few hundred.
MAX_TEXT_LENGTH = 5_000
MAX_NODES = 1_250_000  # enough for a roster of a hundred thousand members

_Event = Any  # the published type stubs describe PyYAML's own parser only, not libyaml's


class ScalarNode(Struct, frozen=True):
    """A word or a text; ``text`` is None for null."""

    text: str | None
    line: int
    column: int


class SequenceNode(Struct, frozen=True):
    """A list."""

    items: "tuple[Node, ...]"
    line: int
    column: int


class MappingNode(Struct, frozen=True):
    """Keys and values in the order written; each key is text and unique."""

    pairs: "tuple[tuple[ScalarNode, Node], ...]"
    line: int
    column: int

    @property
    def is_flow(self) -> bool:
        """True if it is written in braces: they come before the first key."""
        return not self.pairs or (self.line, self.column) != (self.pairs[0][0].line, self.pairs[0][0].column)


Node = ScalarNode | SequenceNode | MappingNode


def to_plain_data(node: Node) -> PlainData:
    """Return the node as plain data, the form that digests are computed from."""
    if isinstance(node, MappingNode):
        return {
            key.text or "": value.text if isinstance(value, ScalarNode) else to_plain_data(value)
            for key, value in node.pairs
        }
    return node.text if isinstance(node, ScalarNode) else [to_plain_data(item) for item in node.items]


# --- nodes -----------------------------------------------------------------------------------------------------------


def read_yaml(raw: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document; return no node if anything in it could be misunderstood."""
    text, problems = decoding.decode_text(raw, file)
    if problems:
        return None, problems
    return parse_yaml(text, file)


def parse_yaml(text: str, file: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document whose text begins on the given line of the file; return no node if there is a problem."""
    builder = _NodeBuilder(file, first_line)
    _build_nodes(builder, text, file, first_line)
    if not builder.problems and builder.root is None:
        hint = "请照手册里的例子填写（运行 jifenbang manual 打开手册），或移走这个文件"
        builder.problems.append(Problem(Location(file), "yaml.empty", "文件是空的", hint))
    return (None if builder.problems else builder.root), builder.problems


def _build_nodes(builder: "_NodeBuilder", text: str, file: str, first_line: int) -> None:
    try:
        builder.build(text)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(yaml_errors.explain_error(error, text, file, first_line))


def list_ends(text: str) -> Sequence[tuple[int, int]]:
    """Return line and column where each node of a sound document ends, in the order in which the nodes begin."""
    # Of a block the parser gives as its end the beginning of what follows, comments passed over: its last node ends it.
    ends: list[tuple[int, int]] = []
    opened: list[tuple[int, bool]] = []
    end = (1, 1)
    get_event: Callable[[], _Event] = CParser(text).get_event
    while not isinstance(event := get_event(), yaml.StreamEndEvent):
        mark = event.end_mark
        if isinstance(event, ScalarEvent):
            end = (mark.line + 1, mark.column + 1)
            ends.append(end)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            opened.append((len(ends), bool(event.flow_style)))
            ends.append(end)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            index, is_flow = opened.pop()
            end = (mark.line + 1, mark.column + 1) if is_flow else end
            ends[index] = end
    return ends


_NULLS = {"", "~", "null"}
# Without one of these signs in a file, it has no anchors, tags or escapes to look for.
_SPECIAL_SIGNS = ("&", "!", '"')
_OpenCollection = tuple[list["Node"], int, int]  # the list of the enclosing collection; its own line and column


class _NodeBuilder:
    """A builder of nodes from libyaml's events, without recursion; YAML features beyond plain data are problems.

    Once ``finished``, the rest of the file is skipped: the stream has ended, or there are too many problems to go on.
    """

    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.first_line = first_line
        self.problems = ProblemList()
        self.finished = False
        self.roots: list[Node] = []
        self.documents = 0

    @property
    def root(self) -> Node | None:
        """The document's node; None if the document is empty."""
        return self.roots[0] if self.roots else None

    def build(self, text: str) -> None:  # noqa: C901  a call per event would double the time
        """Build nodes event by event, in one flat loop: all input passes through it, so it makes few calls."""
        careful = len(text) > MAX_TEXT_LENGTH or any(sign in text for sign in _SPECIAL_SIGNS)
        first_line, nodes, opened, count = self.first_line, self.roots, list[_OpenCollection](), 0
        get_event = CParser(text).get_event
        while not self.finished:
            event: _Event = get_event()
            kind = type(event)  # identity of types is much cheaper than isinstance, and libyaml makes no subclasses
            if kind is ScalarEvent:
                count += 1
                if careful:
                    self._refuse_anchor_and_tag(event)
                    self._refuse_long_or_hidden_text(event)
                word, mark = event.value, event.start_mark
                if word in _NULLS and event.implicit[0]:
                    word = None
                nodes.append(ScalarNode(word, mark.line + first_line, mark.column + 1))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                count += 1
                if careful:
                    self._refuse_anchor_and_tag(event)
                mark = event.start_mark
                opened.append((nodes, mark.line + first_line, mark.column + 1))
                nodes = []
                if len(opened) > yaml_errors.MAX_DEPTH:
                    self._stop(event, *yaml_errors.TOO_DEEP)
            elif kind is MappingEndEvent:
                outer, line, column = opened.pop()
                outer.append(MappingNode(self._pair_keys(nodes), line, column))
                nodes = outer
            elif kind is SequenceEndEvent:
                outer, line, column = opened.pop()
                outer.append(SequenceNode(tuple(nodes), line, column))
                nodes = outer
            else:
                self._handle_other_event(event, nodes)
            if count > MAX_NODES:
                self._stop(event, "yaml.too-long", f"内容超过 {MAX_NODES:,} 项", "请核对是不是放错了文件")

    def _handle_other_event(self, event: _Event, nodes: list[Node]) -> None:
        """Handle an event that is neither a scalar nor the start or end of a collection."""
        if isinstance(event, yaml.AliasEvent):
            self._add_event_problem(
                event, "yaml.anchor", f"这里用了 YAML 的引用“*{event.anchor}”", "请把内容原样写出来"
            )
            nodes.append(ScalarNode(None, *self._position(event)))  # keys and values must stay paired
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:  # noqa: PLR2004
                self._stop(event, "yaml.documents", "一个文件里有两份内容（中间有 --- 一行）", "请分成两个文件")
        elif isinstance(event, yaml.StreamEndEvent):
            self.finished = True

    def _pair_keys(self, nodes: list[Node]) -> "tuple[tuple[ScalarNode, Node], ...]":
        """Pair keys with values; report keys that are not text, are merge keys, or appear twice."""
        keys, values = nodes[::2], nodes[1::2]
        # The common case first: all keys are text and differ, as in nearly all mappings.
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

    def _refuse_anchor_and_tag(self, event: _Event) -> None:
        """Report an anchor or a tag of the node."""
        if event.anchor is not None:
            self._add_event_problem(event, "yaml.anchor", f"这里用了 YAML 的锚点“&{event.anchor}”", "请删去锚点")
        if event.tag is not None:
            self._add_event_problem(event, "yaml.tag", f"这里用了 YAML 的标签“{event.tag}”", "请删去感叹号开头的部分")

    def _refuse_long_or_hidden_text(self, event: _Event) -> None:
        """Report a text that is too long, or an invisible character written as an escape.

        Only double quotation marks allow escapes; invisible characters written as such are refused when decoding.
        """
        if len(event.value) > MAX_TEXT_LENGTH:
            message = f"这段文字有 {len(event.value):,} 个字，最多 {MAX_TEXT_LENGTH:,} 个"
            self._add_event_problem(event, "yaml.too-long", message, "请写短一些；长文章请放进 content/pages")
        if event.style == '"' and (code_point := decoding.find_hidden_character(event.value)):
            message = f"这段文字里用反斜杠写了一个看不见的字符 {code_point}"
            self._add_event_problem(event, "file.hidden-character", message, "请删去它")

    def _stop(self, event: _Event, code: str, message: str, hint: str) -> None:
        """Report a problem and skip the rest of the file."""
        self._add_event_problem(event, code, message, hint)
        self.finished = True

    def _position(self, event: _Event) -> tuple[int, int]:
        return event.start_mark.line + self.first_line, event.start_mark.column + 1

    def _add_event_problem(self, event: _Event, code: str, message: str, hint: str) -> None:
        """Report a problem at the start of an event."""
        self._add_problem(Location(self.file, *self._position(event)), code, message, hint)

    def _add_problem(self, where: Location, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(where, code, message, hint))
        self.finished = self.problems.is_full(self.file)
