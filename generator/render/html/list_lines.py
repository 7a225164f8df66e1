"""Lists and tables as CommonMark and editors read them, rewritten as the Markdown library reads them.

The library wants a blank line before a list or a table, and four blanks of indent for each level of a list; most
editors write neither.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

_INDENT = 4  # of the library, for each level

_ITEM = re.compile(r"(?P<marker>[-*+]|(?P<number>[0-9]{1,9})(?P<end>[.)]))(?P<gap> +|$)(?P<text>.*)")
_RULE = re.compile(r"(?:[-_*] *){3,}")
_FENCE = re.compile(r"```|~~~")
_QUOTE = re.compile(r" {0,3}> ?")
_TABLE_RULE = re.compile(r" {0,3}\|?( *:?-+:? *\|)+( *:?-+:? *)?")


class _OpenItem(Struct, frozen=True):
    """An item whose list may go on: the column of its text, and its kind, which is its sign."""

    text_column: int
    kind: str


def arrange_lists(text: str) -> str:
    """Return Markdown in which the library finds the lists, and the tables, that editors find."""
    return "\n".join(_arrange(text.expandtabs(_INDENT).splitlines() if "\t" in text else text.splitlines()))


def _arrange(lines: list[str]) -> Iterator[str]:
    """Yield the lines, items indented by their level, and a blank line where a list begins."""
    position = 0
    state = _ListState()
    while position < len(lines):
        end = position
        while end < len(lines) and not state.opened and not state.fence and _QUOTE.match(lines[end]):
            end += 1
        if end > position:
            quoted = [_QUOTE.sub("", line, count=1) for line in lines[position:end]]
            yield from (f"> {line}".rstrip() for line in _arrange(quoted))
            state, position = _ListState(in_paragraph=True), end
        else:
            if state.begins_table(lines[position : position + 2]):
                yield from state.arrange_line("")
            yield from state.arrange_line(lines[position])
            position += 1


class _ListState:
    """The context of a line: open items, the innermost last, and whether a paragraph or verbatim text may go on."""

    def __init__(self, *, in_paragraph: bool = False) -> None:
        self.opened: list[_OpenItem] = []
        self.in_paragraph = in_paragraph
        self.in_verbatim = False
        self.after_text = False  # of an item, in a paragraph by itself
        self.block_level: int | None = None  # of the first line since the last blank one
        self.fence = ""

    def begins_table(self, lines: list[str]) -> bool:
        """Return whether a line that goes on with a paragraph is the head of a table: so the line below says."""
        return (
            self.in_paragraph
            and not self.opened
            and "|" in lines[0]
            and len(lines) > 1
            and _TABLE_RULE.fullmatch(lines[1].rstrip()) is not None
        )

    def arrange_line(self, line: str) -> Iterator[str]:
        """Yield a line as the library needs it, after a blank one where a list begins."""
        words = line.lstrip(" ")
        indent = len(line) - len(words)
        if self.fence or (_FENCE.match(words) and indent < _INDENT):
            mark = words[:3]
            self.fence = "" if mark == self.fence else self.fence or mark
            self.in_paragraph = False
            yield line
        elif not words:
            self.in_paragraph = self.in_verbatim = False
            self.block_level = None
            yield line
        elif self.in_verbatim or (not self.opened and not self.in_paragraph and (indent >= _INDENT or words[0] == "<")):
            self.in_verbatim = self.in_verbatim or words[0] == "<"  # up to the next blank line
            yield line
        elif (item := _ITEM.fullmatch(words)) and not _RULE.fullmatch(words) and self._begins_item(item, indent):
            yield from self._arrange_item(item, indent)
        else:
            yield self._arrange_text(line, words, indent)

    def _begins_item(self, item: re.Match[str], indent: int) -> bool:
        """Return whether a line with the sign of an item begins one: a paragraph is interrupted by few lists."""
        outer = self._outer_items(indent)
        column = outer[-1].text_column if outer else 0
        if indent - column >= _INDENT:
            return False
        interrupts_paragraph = self.in_paragraph and len(outer) == len(self.opened)
        return not interrupts_paragraph or (bool(item["text"]) and item["number"] in {None, "1"})

    def _outer_items(self, indent: int) -> list[_OpenItem]:
        """Return the open items in which a line of this indent may be."""
        return [opened for opened in self.opened if opened.text_column <= indent]

    def _arrange_item(self, item: re.Match[str], indent: int) -> Iterator[str]:
        outer = self._outer_items(indent)
        level, kind = len(outer), _kind_of(item)
        is_sibling = level < len(self.opened) and self.opened[level].kind == kind
        is_other_kind = level < len(self.opened) and not is_sibling
        # Within an item a list needs no blank line; after another list of the same level, a paragraph by itself in an
        # item, or lines that began further in, it does.
        begins_list = self.in_paragraph and not is_sibling and not outer
        if begins_list or is_other_kind or self.after_text or level < (self.block_level or 0):
            yield ""
            self.block_level = None
        self.after_text = False
        self.block_level = level if self.block_level is None else self.block_level
        gap = len(item["gap"])
        self.opened = [*outer, _OpenItem(indent + len(item["marker"]) + (gap if 0 < gap <= _INDENT else 1), kind)]
        self.in_paragraph = bool(item["text"])
        marker = f"{item['number']}." if item["number"] else item["marker"]
        yield f"{' ' * _INDENT * level}{marker} {item['text']}"

    def _arrange_text(self, line: str, words: str, indent: int) -> str:
        """Return a line that is no item: of an open item if it is indented enough, or goes on with its paragraph."""
        outer = self._outer_items(indent)
        if self.in_paragraph:
            level = len(outer)
            is_heading = words.startswith("#") and not outer
            if is_heading:
                self.opened, self.in_paragraph = [], False
            return f"{' ' * max(indent, _INDENT * (level - 1))}{words}" if level else line
        self.opened = outer
        self.in_paragraph = not words.startswith("#")
        self.after_text = bool(outer)
        self.block_level = len(outer) if self.block_level is None else self.block_level
        if not outer:
            return line
        further = (indent - outer[-1].text_column) // _INDENT  # code within an item
        return f"{' ' * _INDENT * (len(outer) + further)}{words}"


def _kind_of(item: re.Match[str]) -> str:
    return item["end"] or item["marker"]
