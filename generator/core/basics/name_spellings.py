"""Spellings by which a name is found: characters, pinyin, initials; the theme's script has the same rules."""

import re
import unicodedata


def normalize_text(text: str) -> str:
    """Return text for comparison: in small letters without tones, blanks, dots or apostrophes; ü as v."""
    letters = unicodedata.normalize("NFKD", text).lower().replace("u\u0308", "v")
    return re.sub("[\u0300-\u036f\\s·.'’-]", "", letters)


def derive_spellings(name: str, reading: str) -> set[str]:
    """Return the name from any character on, its pinyin from any syllable on, and initials of syllables and parts."""
    written, syllables = normalize_text(name), _list_syllables(reading)
    suffixes = {written[start:] for start in range(len(written))}
    suffixes |= {"".join(syllables[start:]) for start in range(len(syllables))}
    return (suffixes | spell_pinyin(reading)) - {""}


def spell_pinyin(reading: str) -> set[str]:
    """Return the whole pinyin of a reading, and the initials of its syllables and parts."""
    syllables = _list_syllables(reading)
    parts = [normalize_text(part) for part in reading.split("·")] if "·" in reading else []
    initials = {"".join(word[:1] for word in words) for words in (syllables, parts)}
    return ({"".join(syllables)} | initials) - {""}


def _list_syllables(reading: str) -> list[str]:
    return [normalize_text(syllable) for syllable in reading.split() if syllable != "·"]
