"""Spelling and sort order of names: by pinyin, or by strokes of the surname 按姓氏笔画 (R10)."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from generator.core.basics import characters
from generator.core.model.settings import NameOrder

_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･﹒．ꞏ᛫", "·"))  # 间隔号 is U+00B7


_COMMON_CHINESE = re.compile("[\u4e00-\u9fff]+")


def is_common_chinese(name: str) -> bool:
    """Return whether a name is all in common Chinese characters, as most are: then it is normalized, in one script."""
    return _COMMON_CHINESE.fullmatch(name) is not None


def normalize_name(name: str) -> str:
    """Return the name in common characters: no full-width letters, no compatibility or private ones, one kind of dot.

    Full-width punctuation is common in Chinese and stays.
    """
    dotted = characters.dot_pattern().sub("·", characters.standardize_characters(name).translate(_MIDDLE_DOTS))
    normalized = (
        character if unicodedata.category(character).startswith("P") else unicodedata.normalize("NFKC", character)
        for character in dotted
    )
    return unicodedata.normalize("NFC", "".join(normalized))


_LONGEST_CHINESE_NAME = 4


def close_blanks(name: str) -> str:
    """Return a person's name without blanks between Chinese characters, as tables pad names of two (李　强).

    A longer name in two parts (阿迪力 吐尔逊) has a dot between them, and no blanks beside it.
    """
    parts = characters.blank_pattern().split(re.sub(r"\s*·\s*", "·", name))
    is_in_parts = len("".join(parts)) > _LONGEST_CHINESE_NAME and min(map(len, parts)) > 1
    return ("·" if is_in_parts else "").join(parts)


def has_mixed_scripts(name: str) -> bool:
    """Return whether a name has letters of different scripts, other than Chinese with Latin: Cyrillic а is no Latin a.

    Also true of a name with a radical or a single stroke, which looks like a Chinese character but is another.
    """
    letters = (
        unicodedata.name(character, "").split(" ")[0]
        for character in name
        if unicodedata.category(character).startswith("L")
    )
    scripts = {"CJK" if script == "IDEOGRAPHIC" else script for script in letters}
    return characters.has_radical(name) or (len(scripts) > 1 and not scripts <= {"CJK", "LATIN"})


# Surnames pronounced otherwise than the same character elsewhere, for which the table of readings has the other one.
# Two pronunciations are in use for some (覃, 乐, 隗); the roster's `pinyin` decides for the person.
_SURNAME_PINYIN = {
    "单": "shan",
    "曾": "zeng",
    "解": "xie",
    "查": "zha",
    "仇": "qiu",
    "区": "ou",
    "盖": "ge",
    "朴": "piao",
    "员": "yun",
    "乐": "yue",
    "缪": "miao",
    "洗": "xian",
    "种": "chong",
    "折": "she",
    "秘": "bi",
    "黑": "he",
    "召": "shao",
    "覃": "qin",
    "隗": "wei",
    "阚": "kan",
    "翟": "zhai",
    "卜": "bu",
    "祭": "zhai",
    "薄": "bo",
    "句": "gou",
    "乜": "nie",
    "繁": "po",
    "逄": "pang",
    "逢": "pang",
    "佴": "nai",
    "郇": "xun",
    "圈": "juan",
    "角": "jue",
    "能": "nai",
    "适": "kuo",
    "都": "du",
    "重": "chong",
    "给": "ji",
    "粘": "nian",
    "且": "ju",
    "厦": "xia",
    "么": "yao",
    "藏": "zang",
    "什": "shi",
    "炅": "gui",
    "勒": "le",
    "了": "liao",
    "似": "si",
    "澹": "tan",
    "长孙": "zhang sun",
    "澹台": "tan tai",
    "单于": "chan yu",
    "万俟": "mo qi",
    "尉迟": "yu chi",
    "乐正": "yue zheng",
    "黑齿": "hei chi",
}


_SHORTEST_NAME = 2


def sort_key(name: str, pronunciation: tuple[str, ...], order: NameOrder) -> tuple[str | int, ...]:
    """Return the sort key of a name; only keys of the same order compare with each other."""
    if order is NameOrder.STROKE:
        places = [_stroke_place(character) for character in name]
        # As published lists have it: of one surname, names of two characters come first (李强 before 李干杰).
        return (*places[:1], len(name) > _SHORTEST_NAME, *places[1:])
    return (*pronunciation, "", name)


def name_syllables(name: str, pinyin: str | None) -> tuple[str, ...]:
    """Return the syllables of a name, surnames read as surnames (单丽 is shan li).

    The roster's ``pinyin`` overrides the tables. A name in parts (古丽·买买提) has no surname; its dots are kept, each
    as a syllable of its own.
    """
    if pinyin:
        return tuple(pinyin.lower().replace("·", " · ").split())
    for length in (2, 1) if "·" not in name else ():
        if surname := _SURNAME_PINYIN.get(name[:length]):
            return (*surname.split(), *text_syllables(name[length:]))
    return tuple(syllable for part in re.split("(·)", name) for syllable in text_syllables(part))


# The blocks of Chinese characters; any other characters in a row form one syllable, unchanged.
_CHINESE = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\ue815-\ue864\uf900-\ufaff\U00020000-\U0002a6df\U0002a703-\U0002b73f"
    "\U0002b740-\U0002b81d\U0002b825-\U0002bf6e\U0002c029-\U0002ce93\U0002d016\U0002d11b-\U0002ebd9"
    "\U0002f80a-\U0002fa1f\U00030000-\U0003134a\U00031350-\U00032389"
)


@cache
def _syllable_pattern() -> re.Pattern[str]:
    # Compiled on first use: it takes five milliseconds, and few names need it.
    return re.compile(f"[{_CHINESE}]|[^{_CHINESE}]+")


def text_syllables(text: str) -> Iterator[str]:
    """Return the pinyin of each Chinese character by itself, without tones; text between them is left together."""
    return map(_character_pinyin, text if is_common_chinese(text) else _syllable_pattern().findall(text))


@lru_cache(maxsize=8192)  # more different characters than the names of a province have
def _character_pinyin(part: str) -> str:
    """Return the pinyin of a character, without its tone; text without a reading is returned unchanged."""
    table = _pinyin_table()
    index = table.find(part) if len(part) == 1 and not part.isascii() else -1
    if index < 0:
        return part
    line_start = table.rfind("\n", 0, index) + 1
    return table[line_start : table.index(" ", line_start)]


@cache
def _pinyin_table() -> str:
    """Load the lines of syllables with their characters, as pypinyin 0.55 reads them alone (licence beside the table).

    A table instead of the library: names are no phrases, and importing it took longer than reading an organ's ledgers.
    """
    return _load_table("pinyin/readings.txt")


@lru_cache(maxsize=8192)
def _stroke_place(character: str) -> int:
    """Return a character's place in the order by strokes; those without one go last, by code point."""
    table = _stroke_table()
    place = table.find(character)
    return place if place >= 0 else len(table) + ord(character)


@cache
def _stroke_table() -> str:
    """Load the characters in the order of GF 3003-1999 (sources and licences beside the table)."""
    lines = _load_table("strokes/order.txt").splitlines()  # a line: a number of strokes, and its characters in order
    return "".join(line.partition(" ")[2] for line in lines)


def _load_table(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").strip()
