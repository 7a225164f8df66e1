"""Signs that no person's name has: figures, punctuation, words in brackets, marks on Chinese characters."""

import re
import unicodedata

from msgspec import Struct

_CHINESE = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_BRACKETS = re.compile(r"(.+?)\s*[（(\[［【〔《「](.+)[）)\]］】〕》」]")
_GLOSS = re.compile(r"[^\W\d_]{2,}(?:[ ·'’-][^\W\d_]+)*")  # 古丽 (Güli)
_LETTER = re.compile(r"(.*\S)\s?([A-Za-z])")
_ROMAN = re.compile("[\u2160-\u2188]")
_SHORTEST_NAME = 2
_JOINING = "· .,'’-"


class NameSign(Struct, frozen=True):
    """The ``sign`` in a text that is no part of a name, and the ``name`` without it, blank if only its writer knows.

    ``word`` is there to distinguish namesakes; ``certain`` is false if the sign may be part of the name.
    """

    sign: str
    name: str
    word: str = ""
    certain: bool = True


def find_stray_mark(text: str) -> tuple[str, str] | None:
    """Return the first combining mark that is on a Chinese character, a figure or nothing, and what it is on."""
    base = ""
    for character in text:
        if not _is_mark(character):
            base = character
        elif not _is_letter(base) or _CHINESE.match(base):
            return character, base
    return None


def drop_stray_marks(text: str) -> str:
    """Return the text without such marks."""
    while mark := find_stray_mark(text):
        text = text.replace(f"{mark[1]}{mark[0]}", mark[1])
    return text


def spell_figures(text: str) -> str:
    """Return the text with 2 for Ⅱ, which in common characters would be two letters."""
    return _ROMAN.sub(lambda figure: str(int(unicodedata.numeric(figure[0]))), text)


def find_name_sign(name: str) -> NameSign | None:
    """Return what in a name is no part of it, for a name in common characters; None if all may be."""
    brackets = _BRACKETS.fullmatch(name)
    if brackets and all(character == "·" or _CHINESE.match(character) for character in brackets[1]):
        is_gloss = _GLOSS.fullmatch(brackets[2]) and not _CHINESE.search(brackets[2])
        return None if is_gloss else NameSign(name[len(brackets[1]) :].strip(), brackets[1], brackets[2].strip())
    if sign := _find_sign(name):
        stripped = _strip_signs(name)
        return NameSign(sign, stripped if len(stripped) >= _SHORTEST_NAME and not _find_sign(stripped) else "")
    letter = _LETTER.fullmatch(name)
    if letter and len(letter[1]) >= _SHORTEST_NAME and all(map(_CHINESE.match, letter[1])):
        return NameSign(letter[2], letter[1], letter[2], certain=False)
    return None


def _find_sign(name: str) -> str:
    """Return the first figure or other sign in a Chinese name, the first figure in another; blank if there is none.

    Names in other letters have signs of their own.
    """
    letters = list(filter(_is_letter, name))
    signs = [character for character in name if not _is_letter(character)]
    if letters and all(map(_CHINESE.match, letters)):
        around = zip(["", *name], name, [*name[1:], ""], strict=False)
        return next(
            (character for before, character, after in around if not _may_be_part(before, character, after)), ""
        )
    figures = [character for character in signs if character.isnumeric()]
    is_plain = all(character.isnumeric() or character in _JOINING or _is_mark(character) for character in signs)
    return figures[0] if letters and figures and is_plain else ""


def _may_be_part(before: str, character: str, after: str) -> bool:
    """Return whether a character between two others may be part of a Chinese name."""
    is_between = before != "" and after not in {"", character}
    return _is_letter(character) or _is_mark(character) or (character in "· " and is_between)


def _is_letter(character: str) -> bool:
    """Return whether a character is a letter or looks like a Chinese one, as radicals and strokes do."""
    return re.match("[\u2e80-\u2eff\u3007\u31c0-\u31ef]", character) is not None or (
        character != "" and unicodedata.category(character).startswith("L")
    )


def _is_mark(character: str) -> bool:
    return character != "" and unicodedata.category(character).startswith("M")


def _strip_signs(name: str) -> str:
    """Return the name without signs around it; a figure right before it stays, as it may count something (1组)."""
    first, last = 0, len(name)
    while last > first and not _is_letter(name[last - 1]):
        last -= 1
    while first < last and not _is_letter(name[first]):
        first += 1
    return name[first:last] if first == 0 or not name[first - 1].isnumeric() else name
