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
# Two readings are in use for some (覃, 牟); the roster's `pinyin` decides for the person.
_SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "解": "xie",
    "查": "zha",
    "仇": "qiu",
    "区": "ou",
    "朴": "piao",
    "盖": "ge",
    "翟": "zhai",
    "乐": "yue",
    "召": "shao",
    "员": "yun",
    "种": "chong",
    "逄": "pang",
    "缪": "miao",
    "卜": "bu",
    "折": "she",
    "祭": "zhai",
    "阚": "kan",
    "洗": "xian",
    "黑": "he",
    "薄": "bo",
    "句": "gou",
    "乜": "nie",
    "繁": "po",
    "秘": "bi",
    "长孙": "zhang sun",
    "澹台": "tan tai",
    "单于": "chan yu",
    "万俟": "mo qi",
    "尉迟": "yu chi",
}


def key(name: str, pinyin: str | None, order: Order) -> tuple[str | int, ...]:
    """A sort key; keys of one order compare with each other only."""
    if order is Order.STROKE:
        ranks = _strokes()
        return tuple(ranks.get(character, len(ranks) + ord(character)) for character in name)
    return (*(pinyin.lower().split() if pinyin else read(name)), "", name)


def read(name: str) -> list[str]:
    """The syllables of a name, surnames read as surnames: 单丽 is shan li."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")  # names are no phrases; loading those takes half the time
    from pypinyin import lazy_pinyin  # noqa: PLC0415  and its other dictionary longer than all of ours

    for length in (2, 1):
        if surname := _SURNAMES.get(name[:length]):
            return [*surname.split(), *lazy_pinyin(name[length:])]
    return lazy_pinyin(name)


@cache
def _strokes() -> dict[str, int]:
    """Each character's place in CLDR's order by strokes (``zh-u-co-stroke``, ICU 78.2; licence beside the table)."""
    text = (Path(__file__).parent / "strokes" / "order.txt").read_text(encoding="utf-8").strip()
    return {character: rank for rank, character in enumerate(text)}
