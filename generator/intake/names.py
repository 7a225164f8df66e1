"""How names are sorted: by pinyin or by strokes of the surname 按姓氏笔画 (R10)."""

from functools import cache
from pathlib import Path

from generator.core.settings import Order

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
}


def key(name: str, pinyin: str | None, order: Order) -> tuple[str | int, ...]:
    """A sort key; keys of one order compare with each other only."""
    if order is Order.STROKE:
        ranks = _strokes()
        return tuple(ranks.get(character, len(ranks) + ord(character)) for character in name)
    return (*(pinyin.lower().split() if pinyin else read(name)), "", name)


def read(name: str) -> list[str]:
    """The syllables of a name, surnames read as surnames: 单丽 is shan li."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  its dictionary takes longer to load than all else

    if name[:1] in _SURNAMES and name[:2] not in _COMPOUND:
        return [_SURNAMES[name[0]], *(lazy_pinyin(name[1:]) if name[1:] else ())]
    return lazy_pinyin(name)


_COMPOUND = {"单于"}


@cache
def _strokes() -> dict[str, int]:
    """Each character's place in CLDR's order by strokes (``zh-u-co-stroke``, ICU 78.2; licence beside the table)."""
    text = (Path(__file__).parent / "strokes" / "order.txt").read_text(encoding="utf-8").strip()
    return {character: rank for rank, character in enumerate(text)}
