"""Characters that no name can have: private ones, and the signs that programs leave for a character that was lost."""

import re
from functools import cache

from generator.core.basics import name_signs

# What the old GBK kept in the private area from U+E815 on, until Unicode had it; in the order of GB 18030-2005, table
# D.1. Some are radicals, which are no characters of names.
_FORMER_PRIVATE = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
    "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
_RADICALS = re.compile("[\u2e80-\u2eff\u31c0-\u31ef]")  # radicals and strokes, drawn like 一 or 人 but other characters
_STANDARD_CHARACTERS = {
    code_point: character
    for code_point, character in enumerate(_FORMER_PRIVATE, start=0xE815)
    if not _RADICALS.match(character)
}

_CHINESE = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"


# Compiling a pattern with all Chinese characters takes a millisecond for each time that they are in it.


@cache
def _lost_pattern() -> re.Pattern[str]:
    """Return the pattern of the private areas, and of the signs that programs write for what they can't read or draw.

    Those that have other uses are in it only beside Chinese characters.
    """
    return re.compile(
        "[\ue000-\uf8ff\ufffd\u2370\u2580-\u25ff\u2b1b\u2b1c\u2ff0-\u2fff〓\U000f0000-\U0010ffff]"
        rf"|(?:(?<={_CHINESE})|(?<={_CHINESE}\s))[?？*＊]|[?？*＊](?={_CHINESE})|^[?？*＊]+$"
    )


@cache
def blank_pattern() -> re.Pattern[str]:
    """Return the pattern of blanks between Chinese characters."""
    return re.compile(rf"(?<={_CHINESE})\s+(?={_CHINESE})")


@cache
def dot_pattern() -> re.Pattern[str]:
    """Return the pattern of a full stop between Chinese characters."""
    return re.compile(rf"(?<={_CHINESE})[.。](?={_CHINESE})")


def has_radical(text: str) -> bool:
    """Return whether a text has a radical or a single stroke, which looks like a Chinese character but is another."""
    return _RADICALS.search(text) is not None


def standardize_characters(text: str) -> str:
    """Return the text with standard characters for the private ones that were used before they were in Unicode."""
    return text.translate(_STANDARD_CHARACTERS)


def find_lost_character(text: str) -> str | None:
    """Return the first sign that was left for a character that was lost; None if there is none."""
    match = _lost_pattern().search(text)
    return match.group() if match else None


def is_sound_name(name: str) -> bool:
    """Return whether a name may be recommended: nothing in it is lost, parts Chinese characters or is no part of it."""
    if name.isalpha():
        return True
    sign = name_signs.find_name_sign(name)
    return not (
        find_lost_character(name)
        or blank_pattern().search(name)
        or name_signs.find_stray_mark(name)
        or (sign and sign.certain)
    )


def might_be(damaged: str, name: str) -> bool:
    """Return whether a text in which characters were lost may have been a name."""
    return len(damaged) == len(name) and all(
        mark == character or find_lost_character(mark) for mark, character in zip(damaged, name, strict=True)
    )
