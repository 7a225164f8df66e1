"""How names are written and sorted: by pinyin or by strokes of the surname 按姓氏笔画 (R10)."""

import os
import re
import unicodedata
from functools import cache
from pathlib import Path

from generator.core.settings import Order

_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･﹒．ꞏ᛫", "·"))  # 间隔号 is U+00B7
_STROKES = re.compile("[\u2e80-\u2eff\u31c0-\u31ef]")  # radicals and strokes, drawn like 一 or 人 but other characters


def plain(name: str) -> str:
    """The name in everyday characters: no full-width letters, no doubles of old character sets, one kind of dot.

    Punctuation in full width is everyday Chinese.
    """
    dotted = name.translate(_DOTS)
    kept = (one if unicodedata.category(one).startswith("P") else unicodedata.normalize("NFKC", one) for one in dotted)
    return unicodedata.normalize("NFC", "".join(kept))


def mixed(name: str) -> bool:
    """Whether letters of different scripts stand in it, other than Chinese with Latin: Cyrillic а is no Latin a."""
    letters = (unicodedata.name(one, "").split(" ")[0] for one in name if unicodedata.category(one).startswith("L"))
    scripts = {"CJK" if script == "IDEOGRAPHIC" else script for script in letters}
    return bool(_STROKES.search(name)) or (len(scripts) > 1 and not scripts <= {"CJK", "LATIN"})


# Surnames read otherwise than the same character elsewhere, where the dictionary of pypinyin gives the other reading.
# Two readings are in use for some (覃, 乐, 隗); the roster's `pinyin` decides for the person.
_SURNAMES = {
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


def key(name: str, reading: tuple[str, ...], order: Order) -> tuple[str | int, ...]:
    """A sort key; keys of one order compare with each other only."""
    if order is Order.STROKE:
        ranks = _strokes()
        return tuple(ranks.get(character, len(ranks) + ord(character)) for character in name)
    return (*reading, "", name)


def reading(name: str, pinyin: str | None) -> tuple[str, ...]:
    """The syllables of a name, surnames read as surnames: 单丽 is shan li; what the roster says goes first.

    A name in parts (古丽·买买提) has no surname; its dots stay, each as a syllable of its own.
    """
    if pinyin:
        return tuple(pinyin.lower().replace("·", " · ").split())
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # names are no phrases; loading those takes half the time
    from pypinyin import lazy_pinyin  # noqa: PLC0415  and its other dictionary longer than all of ours

    for length in (2, 1) if "·" not in name else ():
        if surname := _SURNAMES.get(name[:length]):
            return (*surname.split(), *lazy_pinyin(name[length:]))
    return tuple(syllable for part in re.split("(·)", name) for syllable in lazy_pinyin(part))


@cache
def _strokes() -> dict[str, int]:
    """Each character's place in CLDR's order by strokes (``zh-u-co-stroke``, ICU 78.2; licence beside the table)."""
    text = (Path(__file__).parent / "strokes" / "order.txt").read_text(encoding="utf-8").strip()
    return {character: rank for rank, character in enumerate(text)}
