"""Forms in which readers write what they look for: traditional characters, and readings that a name doesn't have."""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path

from generator.intake.text import name_order

# What the tables of readings don't have: second readings of characters in names, and frequent misreadings.
_OTHER_PINYIN = {
    "行": "hang",
    "长": "chang",
    "朝": "zhao",
    "晟": "sheng",
    "茜": "xi",
    "莘": "xin",
    "盛": "cheng",
    "祎": "wei",
    "烨": "hua",
    "晔": "hua",
    "骁": "yao",
    "赟": "bin",
    "劼": "ji",
    "翀": "yu",
    "彧": "huo",
    "垚": "tu",
    "缪": "miu",
    "柏": "bo",
    "贾": "gu",
    "牟": "mu",
    "谌": "shen",
    "褚": "zhu",
    "尉": "yu",
    "炜": "hui",
    "臧": "zhuang",
    "珩": "hang",
}


def list_readings(name: str, reading: Sequence[str]) -> tuple[str, ...]:
    """Return the readings by which readers look for a name: the one it has, then those that its characters may have.

    Such are the readings of 单 or 查 as words instead of surnames, one character at a time or all of them.
    """
    syllables = tuple(reading)
    readings = [syllables, name_order.name_syllables(name, None), tuple(name_order.text_syllables(name))]
    if len(syllables) == len(name):
        readings += [
            (*syllables[:place], changed, *syllables[place + 1 :])
            for place, character in enumerate(name)
            for changed in _list_character_readings(character)
        ]
    return tuple(dict.fromkeys(map(" ".join, readings)))


@lru_cache(4096)  # names have few different characters
def _list_character_readings(character: str) -> Sequence[str]:
    misread = [_OTHER_PINYIN[character]] if character in _OTHER_PINYIN else []
    return [*name_order.text_syllables(character), *name_order.name_syllables(character, None), *misread]


def read_text(text: str) -> str:
    """Return the pinyin of a title."""
    return " ".join(name_order.text_syllables(text))


def simplify(text: str) -> str:
    """Return the text with each traditional character in its simplified form."""
    return text.translate(_simplified_forms())


def list_traditional_forms(texts: Iterable[str]) -> str:
    """Return the simplified characters of texts that have traditional forms, each followed by one of these."""
    used = {ord(character) for text in texts for character in text}
    pairs = sorted((form, simple) for form, simple in _simplified_forms().items() if simple in used)
    return "".join(chr(simple) + chr(form) for form, simple in pairs)


@cache
def _simplified_forms() -> dict[int, int]:
    """Load the simplified form of each traditional character (source and licence beside the table)."""
    table = (Path(__file__).parent / "traditional/forms.txt").read_text(encoding="utf-8")
    lines = (line.split(" ") for line in table.splitlines())
    return {ord(form): ord(simple) for simple, forms in lines for form in forms}
