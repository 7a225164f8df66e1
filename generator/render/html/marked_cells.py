"""Read the marked cells of a page's rankings: ``data-rank``, ``data-name``, ``data-points`` and ``data-total``.

A theme may be anyone's, so a page is parsed by the rules of browsers, which ignore, move and imply tags. It is readable
if all its elements are known; cells in what browsers hide are not read.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter

from msgspec import Struct, field
from selectolax.lexbor import LexborHTMLParser, LexborNode

KINDS = ("rank", "name", "points", "total")  # of marked cells
_KIND_BY_ATTRIBUTE = {f"data-{kind}": kind for kind in KINDS}
_PERIOD = "data-period"  # the mark of a row that has a member's place on the board of that period


def _name_elements(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Elements that browsers show as they are written.
_WORDS = _name_elements("span a b small em i strong")  # allowed in a cell
_INLINE = _WORDS | _name_elements("code time abbr mark u sub sup kbd label wbr")
_PICTURES = _name_elements("svg select textarea img input button")
_WITHOUT_TEXT = _name_elements("script style title meta link")
_CELLS = _name_elements("td th tr li dt dd div p")  # what is beside them is apart from them
_BLOCKS = _CELLS | _name_elements(
    "html head body thead tbody tfoot table caption colgroup col dl ul ol h1 h2 h3 h4 h5 h6 section header nav figure"
    " figcaption details summary form fieldset legend main article aside footer blockquote pre address br hr"
)
_DRAWN_ELEMENTS = _name_elements("path circle text desc polyline polygon rect line ellipse g tspan option optgroup")
_KNOWN_ELEMENTS = {name.encode() for name in (_INLINE | _PICTURES | _WITHOUT_TEXT | _BLOCKS | _DRAWN_ELEMENTS)}
_START_TAG = re.compile(rb"<([a-zA-Z][^\t\n\f\r />]*)")  # the name is all up to these, whatever it is

_CONCEALING = ("hidden", "style", "dir", "popover")  # attributes that hide an element, or turn its text
_CONCEALED = ",".join((*(f"[{name}]" for name in _CONCEALING), "svg", "select"))
_MARKED = f":is({','.join(f'[{name}]' for name in _KIND_BY_ATTRIBUTE)})"
_ROW_TAGS = ("tr", "li")
_ROWS = ",".join(_ROW_TAGS)
_HEADER = b"http-equiv"
_CONTENT_POLICY = b'http-equiv="Content-Security-Policy"'
_MARK_OR_ROW = re.compile(rf'<(?:tr|li)(?=[ >])| data-({"|".join(KINDS)}|period)="([^"]*)"')
# Characters that no reader sees, some of which turn the direction of writing: a text would not read as written.
# In UTF-8, which is searched thrice as fast: U+00AD, 061C, 200B to 200F, 202A to 202E, 2060 to 2069, FEFF.
_INVISIBLE = re.compile(rb"\xe2(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xa9])")
_INVISIBLE_OTHERS = (b"\xc2\xad", b"\xd8\x9c", b"\xef\xbb\xbf")
_UNCOMMON_REFERENCE = re.compile(rb"&(?!amp;|lt;|gt;|#3[49];)[#\w]")


class MarkedCell(Struct, frozen=True):
    """A cell: the ``value`` of its mark and the visible ``text``, None if something other than words is in it.

    The text includes a character right before or after the cell that readers would take for a part of the value.
    """

    kind: str
    value: str
    text: str | None


Grouped = Mapping[str, tuple[str, ...]]
"""Values by kind of cell, those of a kind in their order."""


class MarkedRow(Struct):
    """The marked cells of a row in their order, and the period that the row is marked with, or an empty text."""

    period: str = ""
    cells: list[MarkedCell] = field(default_factory=list)

    def group_values(self) -> tuple[Grouped, Grouped]:
        """Return by kind what the marks say and what readers see.

        Where the text can't be read, the value of the mark is in its place.
        """
        marked: dict[str, tuple[str, ...]] = {}
        seen: dict[str, tuple[str, ...]] = {}
        for cell in self.cells:
            marked[cell.kind] = (*marked.get(cell.kind, ()), cell.value)
            seen[cell.kind] = (*seen.get(cell.kind, ()), cell.value if cell.text is None else cell.text)
        return marked, seen

    @property
    def is_plain(self) -> bool:
        """True if the text of every cell can be read."""
        return all(cell.text is not None for cell in self.cells)


class UnmarkedRow(Struct, frozen=True):
    """The texts of a row without marks; ``is_in_ranking`` in a table with marked rows, below its head."""

    texts: tuple[str, ...]
    is_in_ranking: bool


class MarkedPage:
    """The rows of a page's tables and lists that have marked cells, and as a row the marked cells ``loose``, in none.

    It is not ``readable`` where readers might see something other than its text.
    """

    def __init__(self, raw: bytes) -> None:
        """Parse a page; raise UnicodeDecodeError if it isn't UTF-8."""
        text = raw.decode()
        self._document = LexborHTMLParser(raw)
        self._concealed = {node.mem_id for node in self._document.css(_CONCEALED)}
        self._periods = {node.mem_id: node.attributes[_PERIOD] or "" for node in self._document.css(f"[{_PERIOD}]")}
        self.loose = MarkedRow()
        self._rows: list[tuple[LexborNode, MarkedRow]] = []
        # By the number of an element: the row that it is or is in, None in what is concealed.
        self._rows_by_node: dict[int, MarkedRow | None] = {}
        for node in self._document.css(_MARKED):
            self._read_marks(node)
        self.rows = [row for _, row in self._rows if row.cells]
        unknown = set(_START_TAG.findall(raw)) - _KNOWN_ELEMENTS
        self.readable = not (unknown or _has_invisible_characters(text, raw) or _may_lead_elsewhere(raw))

    def _read_marks(self, node: LexborNode) -> None:
        row = self._find_row(node)
        if row is None:
            return
        for name, value in node.attributes.items():
            if kind := _KIND_BY_ATTRIBUTE.get(name):
                row.cells.append(MarkedCell(kind, value or "", _read_cell(kind, node)))

    def _find_row(self, node: LexborNode | None) -> MarkedRow | None:
        """Return the row that an element is or is in, ``loose`` if in none; None in what is concealed."""
        within: list[tuple[int, LexborNode]] = []
        row: MarkedRow | None = self.loose
        while node is not None:
            number = node.mem_id
            if number in self._rows_by_node:
                row = self._rows_by_node[number]
                break
            within.append((number, node))
            node = node.parent
        for number, element in reversed(within):
            if number in self._concealed:
                row = None
            elif row is not None and (number in self._periods or element.tag in _ROW_TAGS):
                row = MarkedRow(self._periods.get(number, ""))
                self._rows.append((element, row))
            self._rows_by_node[number] = row
        return row

    def list_unmarked_rows(self) -> Iterator[UnmarkedRow]:
        """Yield the rows of tables and lists that have text and no marks; a row that contains a table is none."""
        rankings = {table.mem_id for node, row in self._rows if row.cells and (table := _find_table(node))}
        for node in self._document.css(_ROWS):
            row = self._find_row(node)
            if row is None or row.cells or node.css_first("table"):
                continue
            if texts := tuple(filter(None, map(str.strip, _list_row_texts(node)))):
                table = _find_table(node)
                is_head = node.parent is not None and node.parent.tag == "thead"
                yield UnmarkedRow(texts, not is_head and table is not None and table.mem_id in rankings)


class PageMarks:
    """The marks of a page of the program's own templates, each with its value as the text: a sixth of the work."""

    readable = True

    def __init__(self, raw: bytes) -> None:
        """Find the marks; raise UnicodeDecodeError if the page isn't UTF-8."""
        row = self.loose = MarkedRow()
        rows: list[MarkedRow] = []
        for kind, value in _MARK_OR_ROW.findall(raw.decode()):
            # The tag that has a period may have begun the row already.
            if not kind or (kind == "period" and (row is self.loose or row.cells or row.period)):
                row = MarkedRow()
                rows.append(row)
            if kind == "period":
                row.period = value
            elif kind:
                text = html.unescape(value)
                row.cells.append(MarkedCell(kind, text, text))
        self.rows = [row for row in rows if row.cells]

    def list_unmarked_rows(self) -> Iterator[UnmarkedRow]:
        """Yield nothing: these templates mark all rows of a ranking."""
        yield from ()


def _has_invisible_characters(text: str, raw: bytes) -> bool:
    characters = html.unescape(text).encode() if _UNCOMMON_REFERENCE.search(raw) else raw
    return bool(_INVISIBLE.search(characters)) or any(character in characters for character in _INVISIBLE_OTHERS)


def _may_lead_elsewhere(raw: bytes) -> bool:
    """Return whether the head may have more than the policy of its content, such as a page to show in its place."""
    return raw.lower().count(_HEADER) > raw.count(_CONTENT_POLICY)


# --- rows and tables


def _find_table(node: LexborNode | None) -> LexborNode | None:
    while node is not None and node.tag != "table":
        node = node.parent
    return node


def _list_children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _list_row_texts(row: LexborNode) -> Iterator[str]:
    """Yield the texts of a row, without those of rows in it."""
    for child in _list_children(row):
        if child.is_text_node:
            yield child.text_content or ""
        elif child.tag not in _ROW_TAGS:
            yield from _list_row_texts(child)


# --- cells


def _read_cell(kind: str, node: LexborNode) -> str | None:
    """Return the text that readers see of a marked element; None if something other than words is in or beside it."""
    only = node.child
    if only is not None and only.is_text_node and only.next is None:  # which is faster, and so for nearly all cells
        text = only.text_content or ""
    elif None in (words := [*_list_words(node)]):
        return None
    else:
        text = "".join(filter(None, words))
    if node.tag in _CELLS:
        return text
    before, after = _read_before(node), _read_after(node)
    if before is None or after is None:
        return None
    belongs = _belongs_to_name if kind == "name" else _belongs_to_number
    return (before if belongs(before) else "") + text + (after if belongs(after) else "")


def _list_words(node: LexborNode) -> Iterator[str | None]:
    """Yield the texts in an element, None for what isn't words."""
    for child in _list_children(node):
        if child.is_text_node:
            yield child.text_content
        elif child.tag in _WORDS and child.attributes.keys().isdisjoint(_CONCEALING):
            yield from _list_words(child)
        elif not child.is_comment_node:
            yield None


_Step = Callable[[LexborNode], LexborNode | None]


def _read_after(node: LexborNode) -> str | None:
    """Return what follows in the same line up to its first character; None if a picture or a control does."""
    text = ""
    for part in _list_texts_beside(node, attrgetter("next"), attrgetter("child")):
        if part is None:
            return None
        text += part
        if text.strip():
            break
    return text[: len(text) - len(text.lstrip()) + 1]


def _read_before(node: LexborNode) -> str | None:
    """Return what precedes in the same line back to its last character; None likewise."""
    text = ""
    for part in _list_texts_beside(node, attrgetter("prev"), attrgetter("last_child")):
        if part is None:
            return None
        text = part + text
        if text.strip():
            break
    return text[max(len(text.rstrip()) - 1, 0) :]


def _list_texts_beside(node: LexborNode, step: _Step, enter: _Step) -> Iterator[str | None]:
    """Yield the texts on one side of an element until its line ends, None for a picture or a control."""
    while True:
        beside = step(node)
        while beside is not None and beside.tag in _INLINE and (within := enter(beside)) is not None:
            beside = within
        neighbour = beside if beside is not None else node.parent  # at the end of an element, what it is in
        if neighbour is None or neighbour.tag in _BLOCKS:
            return
        if neighbour.is_text_node:
            yield neighbour.text_content
        elif neighbour.tag in _PICTURES:
            yield None
        node = neighbour


def _belongs_to_name(neighbour: str) -> bool:
    """Return whether readers take what is beside a name for a part of it, which is so without a blank between."""
    # 的 and figures follow in the title of a member's page; no name has them.
    if len(neighbour) != 1 or neighbour.isspace() or neighbour == "的":
        return False
    category = unicodedata.category(neighbour)
    return category[0] in "LMC" or category == "Nl" or neighbour in _NAME_SIGNS


_NAME_SIGNS = "·•‧∙⋅・･.-‐‑–—（(〔[【"  # between the parts of a name, or before the word that distinguishes namesakes
_NUMBER_SIGNS = "/→，、；："  # beside a number, and no part of it
_MISLEADING_WORDS = "负丨"  # the first is a minus, the second looks like a figure


def _belongs_to_number(neighbour: str) -> bool:
    """Return whether readers take what is beside a number for a part of it, even with a blank between."""
    char = neighbour.strip()
    return bool(char) and not _is_word(char) and char not in _NUMBER_SIGNS


def _is_word(char: str) -> bool:
    """Return whether a character is of a Chinese word that is no figure; letters of other scripts look like figures."""
    is_chinese = "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"
    return is_chinese and not char.isnumeric() and char not in _MISLEADING_WORDS
