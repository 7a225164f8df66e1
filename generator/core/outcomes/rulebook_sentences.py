"""Sentences of a rulebook as they are compared with its fields: numbers in figures, and what they are about."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from generator.core.model.rulebook import Group, Item, Rulebook


class Contradiction(Struct, frozen=True):
    """The words of a text that contradict a field, and what the field says instead."""

    quote: str
    field: str


_DIGITS = {**{character: number for number, character in enumerate("零一二三四五六七八九")}, "两": 2, "〇": 0}


def _read_number(match: re.Match[str]) -> str:
    """Return a Chinese number below a hundred in figures."""
    tens, ten, units = match[0].partition("十")
    if not ten:
        return "".join(str(_DIGITS[character]) for character in match[0])
    return str(10 * (_DIGITS.get(tens, 1) if tens else 1) + (_DIGITS[units] if units else 0))


_NUMBER = re.compile(r"(?<!清)[零一二三四五六七八九两〇]?十[一二三四五六七八九]?|(?<!清)[零一二三四五六七八九两〇]+")


class Sentence(Struct, frozen=True):
    """A text with all numbers in half-width figures, and the items and groups that it is about.

    ``scored_items`` are those whose points it may name; ``places`` are the places in ``written`` of the characters, and
    of its end.
    """

    written: str
    text: str
    places: Sequence[int]
    items: Sequence[Item] = ()
    groups: Sequence[Group] = ()
    scored_items: Sequence[Item] = ()

    def quote(self, match: re.Match[str]) -> str:
        """Return the words of a match as they are written."""
        return self.written[self.places[match.start()] : self.places[match.end()]].strip()


def make_sentence(
    written: str,
    items: Sequence[Item] = (),
    groups: Sequence[Group] = (),
    scored_items: Sequence[Item] = (),
) -> Sentence:
    """Make a sentence of what is written."""
    return Sentence(written, *_write_figures(written), items, groups, scored_items)


@lru_cache(1024)  # a preview reads the same rulebook after every change of another file
def _write_figures(written: str) -> tuple[str, Sequence[int]]:
    """Return a text with all numbers in half-width figures, and the places of its characters in what is written."""
    pairs = [
        (character, place)
        for place, original in enumerate(written)
        for character in unicodedata.normalize("NFKC", original)
        if not character.isspace()
    ]
    closed, places = "".join(character for character, _ in pairs), [place for _, place in pairs]
    text, ends, last = "", list[int](), 0
    for match in _NUMBER.finditer(closed):
        number = _read_number(match)
        text += closed[last : match.start()] + number
        ends += [*places[last : match.start()], *[places[match.start()]] * len(number)]
        last = match.end()
    return text + closed[last:], (*ends, *places[last:], len(written))


Comparison = Callable[[Sentence, Rulebook], Iterator[Contradiction]]
