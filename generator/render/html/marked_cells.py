r"""Read the marked cells of a page's rankings: ``data-rank``, ``data-name``, ``data-points`` and ``data-total``.

A theme may be anyone's, and so this reads strictly. A page is readable if each tag in it is of a known element and
written plainly, so that no browser can understand it otherwise; cells in what a browser hides are not read. A full
parser of HTML would take longer than a page takes to render.
"""

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

KINDS = ("rank", "name", "points", "total")  # of marked cells
_PERIOD = "period"  # the mark of a row that has a member's place on the board of that period

# Elements that browsers show as they are written, the commonest first.
_WORDS = "span|a|b|small|em|i|strong"  # allowed in a cell
_INLINE = f"{_WORDS}|code|time|abbr|mark|u|sub|sup|kbd|label|wbr"
_BLOCKS = (
    "td|th|dt|dd|div|p|h[1-6]|tbody|tfoot|caption|colgroup|col|ul|ol|dl|section|header|nav|figure|figcaption|details"
    "|summary|form|fieldset|legend|main|article|aside|footer|blockquote|pre|address|br|hr|img|input|button|meta|link"
    "|html|head|body"
)
_STRUCTURE = ("tr", "li", "table", "thead")
_ELEMENT = f"td|tr|{_INLINE}|{_BLOCKS}|{'|'.join(_STRUCTURE)}"
_VOID = frozenset({"wbr", "col", "br", "hr", "img", "input", "meta", "link"})
_CELLS = frozenset({"td", "th", "tr", "li", "dt", "dd", "div", "p"})  # what is beside them is apart from them

# Groups are repeated in atomic groups, not possessively: Python 3.11.2, of Debian 12, doesn't match those correctly.
_ATTRIBUTE_NAME = r"[a-zA-Z_:@][a-zA-Z0-9_:.-]*+"
_VALUE = r"""(?>(?:=(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'=<>`]++))?)"""
_ATTRIBUTE = rf"\s++{_ATTRIBUTE_NAME}{_VALUE}"
_ATTRIBUTES = rf"(?>(?:{_ATTRIBUTE})*)"
_CONCEALING = "hidden|style|dir|popover"  # attributes that hide an element, or turn the direction of its text
_MARK = rf"data-(?:{'|'.join((*KINDS, _PERIOD))})"
_PLAIN_ATTRIBUTE = (
    r' (?:class|href|scope)="[^"<>]*"'  # first the commonest
    rf"|\s++(?!(?=[hHsSdDpP])(?i:{_CONCEALING}|{_MARK})[\s=>/]){_ATTRIBUTE_NAME}{_VALUE}"
)
_PLAIN_ATTRIBUTES = rf"(?>(?:{_PLAIN_ATTRIBUTE})*)"
_END = r"\s*+/?+>"
_DRAWN = "path|circle|text|title|desc|polyline|polygon|rect|line|ellipse|g|tspan"


def _match_whole(element: str, inner: str) -> str:
    """Return a pattern of an element with text and these elements in it."""
    tags = rf"<(?:{inner}){_ATTRIBUTES}{_END}|</(?:{inner})\s*+>" if inner else r"(?!)"
    return rf"<{element}{_ATTRIBUTES}\s*+>(?>(?:[^<]++|{tags})*)</{element}\s*+>"


# What is no text of the page; nothing in it counts.
_APART = "|".join(
    (
        _match_whole("svg", _DRAWN),
        _match_whole("select", "option|optgroup"),
        *(_match_whole(element, "") for element in ("script", "style", "title", "textarea")),
        "<![dD][oO][cC][tT][yY][pP][eE] html>",
        "<!--(?>[^<>-]*(?:-[^<>-]+)*)-->",
    )
)
# By far the most cells and rows: these are read by one match. A name is followed by a blank or the end of its cell.
_COMMON_CELL = (
    rf'<(?P<element>td|span|b)(?: class="[^"<>]*")? data-(?P<kind>{"|".join(KINDS)})="(?P<value>[^"<>&]*)">'
    r"(?P<text>[^<&]*)</(?P=element)>"
)
_COMMON_NAME = (
    r'<(?P<wrapper>a|span)(?: href="[^"<>]*")? data-name="(?P<of_name>[^"<>&]*)">'
    r'(?P<wide><span class="nm">)?(?P<letters>[^<&]*)(?(wide)</span>)</(?P=wrapper)>(?= <|</t[hd]>)'
)
_COMMON_ROW = r'<(?:tr|div) data-period="(?P<period>[^"<>&]*+)">'
_TAG = rf"<(?P<end>/?)(?P<name>{_ELEMENT})(?P<attributes>{_ATTRIBUTES}){_END}"


def _match_next(plain_elements: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the pattern of all that doesn't bear on rows and cells, with the next tag that does, and that without."""
    tag = rf"<(?:{plain_elements}){_PLAIN_ATTRIBUTES}{_END}|</(?:{plain_elements})\s*+>"
    plain = rf"(?>[^<]*(?:(?:</?(?:td|span|b|a|small)>|{tag}|{_APART})[^<]*)*)"
    return re.compile(rf"{plain}(?P<tag>{_COMMON_CELL}|{_COMMON_NAME}|{_COMMON_ROW}|{_TAG})"), re.compile(plain)


_BY_ROW, _BY_PERIOD = _match_next(f"{_INLINE}|{_BLOCKS}"), _match_next(_ELEMENT)
_GROUPS = ("element", "kind", "value", "text", "letters", "period", "end", "name", "attributes")
_ANY_TAG = re.compile(rf"[^<]*+(?:{_APART}|<(?P<end>/?)(?P<name>{_ELEMENT}){_ATTRIBUTES}{_END})")
_NAME_AND_VALUE = re.compile(rf"""\s({_ATTRIBUTE_NAME})(?:="([^"]*)"|='([^']*)'|=(\S+))?""")
_CONCEALED = re.compile(rf"\s(?i:{_CONCEALING})(?:[\s=]|$)")
_MARKED = re.compile(rf"\s(?i:{_MARK})(?:[\s=]|$)")
_WORDS_TO_END = re.compile(r"([^<]*)</([a-z0-9]+)>")
_WORDS_AND_TAG = re.compile(rf"([^<]*)<(?:/(?P<closed>{_ELEMENT})\s*+|(?P<opened>{_WORDS}){_PLAIN_ATTRIBUTES}\s*+)>")
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE}){_ATTRIBUTES}\s*+>")
_PICTURE = re.compile(r"</?(?:svg|select|textarea|img|input|button)\b")
# Characters that no reader sees, some of which turn the direction of writing: a text would not read as written.
# In UTF-8, which is searched thrice as fast: U+00AD, 061C, 200B to 200F, 202A to 202E, 2060 to 2069, FEFF.
_INVISIBLE = re.compile(rb"\xe2(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xa9])")
_INVISIBLE_OTHERS = (b"\xc2\xad", b"\xd8\x9c", b"\xef\xbb\xbf")
_HEADER = b"http-equiv"
_CONTENT_POLICY = b'http-equiv="Content-Security-Policy"'
_ANY_MARKUP = re.compile(r"<[^>]*>")
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
        """Return by kind what the marks say and what readers see, one and the same mapping if all is equal.

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


class MarkedPage(Struct, frozen=True):
    """The marked rows of a page, and as a row the marked cells outside any row.

    It is not ``readable`` where a browser might understand it otherwise. ``has_unmarked_rows`` is set if a table with
    marked rows has others with text in them, below its head. ``unmarked_rows`` are the texts of all rows without marks,
    of any table or list.
    """

    rows: tuple[MarkedRow, ...]
    loose: MarkedRow
    has_unmarked_rows: bool
    readable: bool
    unmarked_rows: tuple[tuple[str, ...], ...] = ()


class _Table(Struct):
    """A table that is open: whether a row of it is marked, and where its other rows begin and end."""

    is_marked: bool = False
    unmarked: list[tuple[int, int]] = field(default_factory=list)


def read_marked_cells(raw: bytes, *, by_period: bool = False) -> MarkedPage:
    """Read the marked cells of a page, as rows of its tables and lists; raise UnicodeDecodeError if it isn't UTF-8.

    ``by_period`` is faster: then a row is all that follows the mark of its period, whatever is between.
    """
    page = _Reader(raw.decode(), by_period=by_period).read()
    is_doubtful = _has_invisible_characters(raw) or _may_lead_elsewhere(raw)
    return replace(page, readable=False) if page.readable and is_doubtful else page


def _has_invisible_characters(raw: bytes) -> bool:
    characters = html.unescape(raw.decode()).encode() if _UNCOMMON_REFERENCE.search(raw) else raw
    return bool(_INVISIBLE.search(characters)) or any(character in characters for character in _INVISIBLE_OTHERS)


def _may_lead_elsewhere(raw: bytes) -> bool:
    """Return whether the head may have more than the policy of its content, such as a page to show in its place."""
    return raw.lower().count(_HEADER) > raw.count(_CONTENT_POLICY)


class _Reader:
    """A reader of one page, tag by tag."""

    def __init__(self, text: str, *, by_period: bool) -> None:
        self.text = text
        self.by_period = by_period
        self.rows: list[MarkedRow] = []
        self.loose = MarkedRow()
        self.row: MarkedRow | None = None
        self.row_start = 0
        self.unmarked: list[tuple[int, int]] = []
        self.tables: list[_Table] = []
        self.in_head = False
        self.has_unmarked_rows = False

    def read(self) -> MarkedPage:
        """Read the page from its beginning to its end."""
        text, position, readable = self.text, 0, True
        next_tag, plain_text = _BY_PERIOD if self.by_period else _BY_ROW
        while readable and (tag := next_tag.match(text, position)):
            position = tag.end()
            element, kind, value, words, letters, period, end, name, attributes = tag.group(*_GROUPS)
            if kind:
                if element != "td" and not self._is_apart(kind, tag.start("tag"), position):
                    words = self._add_neighbours(kind, words, tag.start("tag"), position)
                self._add_cell(MarkedCell(kind, value, words))
            elif letters is not None:
                self._add_common_name(tag, letters)
            elif period is not None:
                self._begin_row(tag, period)
            elif end:
                self._end(name, tag.start("tag"))
            elif _CONCEALED.search(attributes):
                position, readable = self._skip_concealed(name, position)
            else:
                if name in _STRUCTURE:
                    self._start(name, tag)
                if _MARKED.search(attributes):
                    readable = self._read_marks(tag)
        remainder = plain_text.match(text, position)
        return MarkedPage(
            tuple(row for row in self.rows if row.cells),
            self.loose,
            self.has_unmarked_rows,
            readable=readable and remainder is not None and remainder.end() == len(text),
            unmarked_rows=tuple(_list_texts(text[start:end]) for start, end in self.unmarked),
        )

    # --- rows and tables

    def _start(self, name: str, tag: re.Match[str]) -> None:
        if name == "table":
            self.row = None  # of a table around this one: a row that contains a table is none of a ranking
            self.tables.append(_Table())
        elif name == "thead":
            self.in_head = True
        else:
            self._begin_row(tag)

    def _begin_row(self, tag: re.Match[str], period: str = "") -> None:
        self._end_row(tag.start("tag"))  # the end tag may be left out
        self.row, self.row_start = MarkedRow(period), tag.end()
        self.rows.append(self.row)

    def _end_row(self, position: int) -> None:
        if self.row is not None and not self.row.cells:
            self.unmarked.append((self.row_start, position))
            if self.tables and not self.in_head:
                self.tables[-1].unmarked.append((self.row_start, position))
        self.row = None

    def _end(self, name: str, position: int) -> None:
        if name == "thead":
            self.in_head = False
        elif name in _STRUCTURE:
            self._end_row(position)
        if name == "table" and self.tables:
            table = self.tables.pop()
            texts = (self.text[start:end] for start, end in table.unmarked)
            self.has_unmarked_rows |= table.is_marked and any(_ANY_MARKUP.sub("", text).strip() for text in texts)

    def _skip_concealed(self, name: str, position: int) -> tuple[int, bool]:
        """Return where a hidden element ends, and whether that is certain: all in it is closed in order."""
        opened = [] if name in _VOID else [name]
        while opened:
            tag = _ANY_TAG.match(self.text, position)
            if tag is None or (tag["end"] and opened.pop() != tag["name"]):
                return position, False
            position = tag.end()
            if tag["name"] and not tag["end"] and tag["name"] not in _VOID:
                opened.append(tag["name"])
        return position, True

    # --- cells

    def _add_common_name(self, tag: re.Match[str], letters: str) -> None:
        """Add the cell of a name that is linked, or set wide, with nothing else in it."""
        start = tag.start("tag")
        text = letters if self._begins_cell(start) else self._add_neighbours("name", letters, start, tag.end())
        self._add_cell(MarkedCell("name", tag["of_name"], text))

    def _is_apart(self, kind: str, start: int, end: int) -> bool:
        """Return whether a number is clearly apart from what is beside it: letters, with a blank or without."""
        return kind != "name" and _is_apart(self.text[start - 2 : start], self.text[end : end + 2])

    def _begins_cell(self, position: int) -> bool:
        """Return whether the tag before is that of a cell of a table."""
        return self.text[position - 1] == ">" and self.text.startswith(
            ("<th", "<td"), self.text.rfind("<", 0, position)
        )

    def _read_marks(self, tag: re.Match[str]) -> bool:
        """Read the marks of a tag; return whether its attributes are unambiguous."""
        attributes = [(name, "".join(values)) for name, *values in _NAME_AND_VALUE.findall(tag["attributes"])]
        marks = {
            name.removeprefix("data-"): html.unescape(value) for name, value in attributes if _MARKED.match(f" {name}")
        }
        # Of two attributes of one name browsers use the first, and to them DATA-RANK is data-rank.
        if len(dict(attributes)) < len(attributes) or not marks.keys() <= {*KINDS, _PERIOD}:
            return False
        if _PERIOD in marks:
            self._mark_row(tag, marks.pop(_PERIOD))
        for kind, value in marks.items():
            self._add_cell(MarkedCell(kind, value, self._read_cell(kind, tag)))
        return True

    def _mark_row(self, tag: re.Match[str], period: str) -> None:
        """Begin a row of a period, unless the tag has begun one already."""
        if self.row is not None and tag["name"] in _STRUCTURE:
            self.row.period = period
        else:
            self._begin_row(tag, period)

    def _add_cell(self, cell: MarkedCell) -> None:
        if self.row is None:
            self.loose.cells.append(cell)
            return
        self.row.cells.append(cell)
        if self.tables:
            self.tables[-1].is_marked = True

    def _read_cell(self, kind: str, tag: re.Match[str]) -> str | None:
        """Return the text that readers see of a marked element; None if something other than words is in it."""
        text, end = self._read_words(tag["name"], tag.end())
        if text is None or tag["name"] in _CELLS:
            return text
        return self._add_neighbours(kind, text, tag.start("tag"), end)

    def _add_neighbours(self, kind: str, text: str, start: int, end: int) -> str | None:
        """Return the text of an element with what readers take for a part of it; None beside a picture or a control."""
        before, after = self._read_before(start), self._read_after(end)
        if before is None or after is None:
            return None
        belongs = _belongs_to_name if kind == "name" else _belongs_to_number
        return (before if belongs(before) else "") + text + (after if belongs(after) else "")

    def _read_words(self, name: str, position: int) -> tuple[str | None, int]:
        """Return the text of an element from its start tag on, None if other than words is in it, and where it ends."""
        words = _WORDS_TO_END.match(self.text, position)
        if words and words[2] == name:
            return html.unescape(words[1]), words.end()
        texts: list[str] = []
        opened = [name]
        while opened:
            part = _WORDS_AND_TAG.match(self.text, position)
            if part is None or (part["closed"] and opened.pop() != part["closed"]):
                return None, position
            texts.append(part[1])
            position = part.end()
            if part["opened"]:
                opened.append(part["opened"])
        return html.unescape("".join(texts)), position

    def _read_after(self, position: int) -> str | None:
        """Return what follows in the same line up to its first character; None if it is a picture or a control."""
        blank = ""
        while True:
            end = self.text.find("<", position)
            following = html.unescape(self.text[position : end if end >= 0 else None])
            text = following.lstrip()
            blank += following[: len(following) - len(text)]
            if text or end < 0:
                return blank + text[:1]
            tag = _INLINE_TAG.match(self.text, end)
            if tag is None:
                return None if _PICTURE.match(self.text, end) else blank
            position = tag.end()

    def _read_before(self, position: int) -> str | None:
        """Return what precedes in the same line back to its last character; None likewise."""
        blank = ""
        while True:
            end = self.text.rfind(">", 0, position) + 1
            preceding = html.unescape(self.text[end:position])
            text = preceding.rstrip()
            blank = preceding[len(text) :] + blank
            if text or end == 0:
                return text[-1:] + blank
            position = self.text.rfind("<", 0, end)
            if not _INLINE_TAG.fullmatch(self.text, position, end):
                return None if _PICTURE.match(self.text, position) else blank


def _list_texts(markup: str) -> tuple[str, ...]:
    """Return the texts between the tags of a row."""
    texts = (html.unescape(text).strip() for text in _ANY_MARKUP.split(markup))
    return tuple(filter(None, texts))


def _belongs_to_name(neighbour: str) -> bool:
    """Return whether readers take what is beside a name for a part of it, which is so without a blank between."""
    # 的 and figures follow in the title of a member's page; no name has them.
    if len(neighbour) != 1 or neighbour == "的":
        return False
    category = unicodedata.category(neighbour)
    return category[0] in "LMC" or category == "Nl" or neighbour in _NAME_SIGNS


_NAME_SIGNS = "·•‧∙⋅・･.-‐‑–—（(〔[【"  # between the parts of a name, or before the word that distinguishes namesakes
_NUMBER_SIGNS = "/→，、；："  # beside a number, and no part of it
_MISLEADING_WORDS = "负丨"  # the first is a minus, the second looks like a figure


def _is_word(char: str) -> bool:
    """Return whether a character is of a Chinese word that is no figure; letters of other scripts look like figures."""
    is_chinese = "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff"
    return is_chinese and not char.isnumeric() and char not in _MISLEADING_WORDS


@lru_cache(1024)  # a page has hundreds, but few are different
def _is_apart(before: str, after: str) -> bool:
    """Return whether both are Chinese words, blanks aside."""
    return _is_word(before.strip()[-1:]) and _is_word(after.strip()[:1])


def _belongs_to_number(neighbour: str) -> bool:
    """Return whether readers take what is beside a number for a part of it, even with a blank between."""
    char = neighbour.strip()
    return bool(char) and not _is_word(char) and char not in _NUMBER_SIGNS
