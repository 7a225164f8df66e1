"""YAML text to nodes that know their place, through libyaml; the one module that imports yaml.

Every scalar stays the text that was written; only an empty value, ``~`` and ``null`` are null. Nodes are counted from
line 1, column 1.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from generator.core.seal import Plain
from generator.problems import Problem, Where

DEEPEST = 12

_Event = Any  # the published types know only the parser in Python, not libyaml's


class Scalar(NamedTuple):
    """A word or a text; None is null."""

    text: str | None
    line: int
    column: int


class Sequence(NamedTuple):
    """A list."""

    items: "tuple[Node, ...]"
    line: int
    column: int


class Mapping(NamedTuple):
    """Keys and values in the order written; every key is text and given once."""

    pairs: "tuple[tuple[Scalar, Node], ...]"
    line: int
    column: int


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Plain:
    """The node as plain data: what a digest is taken of."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text or "": plain(value) for key, value in node.pairs}


# --- text ------------------------------------------------------------------------------------------------------------

# Control characters, line separators that editors do not count, and characters without a shape of their own: marks of
# writing direction, joiners and spaces of no width. They could make one name look like another.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def decode(raw: bytes, file: str) -> tuple[str, list[Problem]]:
    """Read UTF-8, with or without a BOM; say so if it is something else or holds characters no one can see."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        where = Where(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        return "", [Problem(where, "file.encoding", _encoding(raw), "请用记事本打开，另存为时编码选“UTF-8”")]
    return text, [_hidden(text, match.start(), file) for match in _HIDDEN.finditer(text)][:20]


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "文件是 UTF-16（Unicode）编码，不是 UTF-8"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "文件不是 UTF-8 编码，也可能已损坏"
    return "文件是 GBK（ANSI）编码，不是 UTF-8"


def _hidden(text: str, index: int, file: str) -> Problem:
    before = text[:index]
    where = Where(file, len(before.splitlines()) + before.endswith(("\n", "\r")) or 1, index - before.rfind("\n"))
    message = f"这里有一个看不见的字符 U+{ord(text[index]):04X}"
    return Problem(where, "file.hidden-character", message, "请删去后重新输入这个词")


# --- nodes -----------------------------------------------------------------------------------------------------------


def read(raw: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document; no node if anything in it could be misunderstood."""
    text, problems = decode(raw, file)
    if problems:
        return None, problems
    return parse(text, file)


def parse(text: str, file: str, first_line: int = 1) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document whose text begins on the given line of the file."""
    builder = _Builder(file, first_line)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_syntax(error, text, file, first_line))
    if not builder.problems and builder.root is None:
        builder.problems.append(Problem(Where(file), "yaml.empty", "文件是空的", "请按手册里的样例填写"))
    return (None if builder.problems else builder.root), builder.problems


def _events(text: str) -> Iterator[_Event]:
    parser = CParser(text)
    while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
        yield event


_NULLS = {"", "~", "null"}


class _Builder:
    """Nodes from events, without recursion; what YAML offers beyond plain data is a problem."""

    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.shift = first_line
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.documents = 0
        self.open: list[tuple[_Event, list[Node]]] = []

    def take(self, event: _Event) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._refuse_extras(event)
            null = event.implicit[0] and event.value in _NULLS
            self._add(Scalar(None if null else event.value, *self._place(event)))
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._refuse_extras(event)
            self._descend(event)
        elif kind is yaml.MappingEndEvent:
            start, nodes = self.open.pop()
            self._add(self._mapping(start, nodes))
        elif kind is yaml.SequenceEndEvent:
            start, nodes = self.open.pop()
            self._add(Sequence(tuple(nodes), *self._place(start)))
        elif kind is yaml.AliasEvent:
            self._problem(event, "yaml.anchor", f"这里用了 YAML 的引用“*{event.anchor}”", "请把内容原样写出来")
            self._add(Scalar(None, *self._place(event)))
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents == 2:  # noqa: PLR2004
                self._problem(event, "yaml.documents", "一个文件里有两份内容（中间有 --- 一行）", "请分成两个文件")

    def _descend(self, event: _Event) -> None:
        if len(self.open) >= DEEPEST:
            raise yaml.MarkedYAMLError(problem="too deep", problem_mark=event.start_mark)
        self.open.append((event, []))

    def _add(self, node: Node) -> None:
        if self.open:
            self.open[-1][1].append(node)
        elif self.documents == 1:
            self.root = node

    def _mapping(self, start: _Event, nodes: list[Node]) -> Mapping:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            where = Where(self.file, key.line, key.column)
            if not isinstance(key, Scalar) or key.text is None:
                self._add_problem(where, "yaml.key", "冒号前面不是一个词", "请检查这一行的冒号和缩进")
            elif key.text == "<<":
                self._add_problem(where, "yaml.merge-key", "这里用了 YAML 的合并键“<<”", "请把内容原样写出来")
            elif before := seen.get(key.text):
                message = f"“{key.text}”在第 {before.line} 行已经写过一次"
                self._add_problem(where, "yaml.duplicate-key", message, "请合并成一处，或删去一处")
            else:
                seen[key.text] = key
                pairs.append((key, value))
        return Mapping(tuple(pairs), *self._place(start))

    def _refuse_extras(self, event: _Event) -> None:
        if event.anchor is not None:
            self._problem(event, "yaml.anchor", f"这里用了 YAML 的锚点“&{event.anchor}”", "请删去锚点")
        if event.tag is not None:
            self._problem(event, "yaml.tag", f"这里用了 YAML 的标签“{event.tag}”", "请删去感叹号开头的部分")

    def _place(self, event: _Event) -> tuple[int, int]:
        return event.start_mark.line + self.shift, event.start_mark.column + 1

    def _problem(self, event: _Event, code: str, message: str, hint: str) -> None:
        self._add_problem(Where(self.file, *self._place(event)), code, message, hint)

    def _add_problem(self, where: Where, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(where, code, message, hint))


_FULL_WIDTH = "：，［］｛｝“”‘’－＃　"


def _syntax(error: Any, text: str, file: str, first_line: int) -> Problem:
    mark = _mark(error)
    lines = text.splitlines()
    row = min(mark.line, max(len(lines) - 1, 0))
    where = Where(file, row + first_line, mark.column + 1)
    if error.problem == "too deep":
        return Problem(where, "yaml.too-deep", f"层次超过 {DEEPEST} 层", "请检查缩进和括号")
    indent = re.match(r"\s*", lines[row] if lines else "")
    if indent and "\t" in indent.group():
        column = indent.group().index("\t") + 1
        return Problem(Where(file, row + first_line, column), "yaml.tab", "这里有制表符（Tab）", "请改用空格缩进")
    reason, hint = next((words for english, words in _REASONS.items() if english in (error.problem or "")), _UNKNOWN)
    found = [sign for line in lines[max(row - 1, 0) : row + 1] for sign in _suspicious(line)]
    if found:
        hint = f"附近有全角符号“{found[0]}”，冒号、逗号、引号和括号请用半角，冒号和逗号后面空一格"
    return Problem(where, "yaml.syntax", f"看不懂这里的写法（{reason}）", hint)


def _mark(error: Any) -> Any:
    """Where the mistake began: for what was opened and never closed, its opening."""
    unfinished = ("could not find expected ':'", "',' or ']'", "',' or '}'", "unexpected end of stream")
    if error.context_mark and any(words in (error.problem or "") for words in unfinished):
        return error.context_mark
    return error.problem_mark or error.context_mark


def _suspicious(line: str) -> Iterator[str]:
    """Full-width signs where YAML expects half-width ones: before the first value, or between two keys."""
    yield from (sign for sign in re.split(r": |#", line, maxsplit=1)[0] if sign in _FULL_WIDTH)
    yield from re.findall(r"([，；])\s*\w+: ", line)


_UNKNOWN = ("YAML 语法错误", "请检查这一行和上一行的缩进、冒号后面的空格、括号和引号是否成对")
_START = "以 @ % & * ! | > 开头的文字请放进英文引号"
_INDENT = ("缩进与上面不一致", "同一层的键和短横要左边对齐；短横后面要空一格")
_REASONS = {
    "mapping values are not allowed": (
        "这里不该有冒号",
        "文字里的冒号请用全角“：”，或把整段文字放进英文引号；也请检查上一行的缩进",
    ),
    "could not find expected ':'": ("缺少冒号", "请检查这一行：键后面是半角冒号加空格；短横后面要空一格"),
    "did not find expected key": _INDENT,
    "did not find expected '-' indicator": _INDENT,
    "did not find expected ',' or ']'": (
        "方括号里缺逗号或没有收尾",
        "请检查这个方括号：每项之间用半角逗号，最后要有 ]",
    ),
    "did not find expected ',' or '}'": (
        "花括号里缺逗号或没有收尾",
        "请检查这个花括号：每项之间用半角逗号，最后要有 }",
    ),
    "did not find expected node content": ("这里缺内容", "可能多了一个逗号或冒号"),
    "found unexpected end of stream": ("引号没有收尾", "请检查这个引号：前后都要有，并且都是英文引号"),
    "found character that cannot start any token": ("不能用这个符号开头", _START),
    "alphabetic or numeric": ("不能用这个符号开头", _START),
    "block sequence entries are not allowed": ("这里不该有短横", "短横应当另起一行，与同一列表的其他短横对齐"),
}
