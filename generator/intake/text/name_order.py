"""How names are written and sorted: by pinyin or by strokes of the surname 按姓氏笔画 (R10)."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from generator.core.model.settings import NameOrder

_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･﹒．ꞏ᛫", "·"))  # 间隔号 is U+00B7
_STROKES = re.compile("[\u2e80-\u2eff\u31c0-\u31ef]")  # radicals and strokes, drawn like 一 or 人 but other characters


_EVERYDAY = re.compile("[\u4e00-\u9fff]+")


def is_common_chinese(name: str) -> bool:
    """Whether a name is all in common Chinese characters, as most are: then it is plain and not mixed."""
    return _EVERYDAY.fullmatch(name) is not None


def normalize_name(name: str) -> str:
    """The name in everyday characters: no full-width letters, no doubles of old character sets, one kind of dot.

    Punctuation in full width is everyday Chinese.
    """
    dotted = name.translate(_DOTS)
    kept = (one if unicodedata.category(one).startswith("P") else unicodedata.normalize("NFKC", one) for one in dotted)
    return unicodedata.normalize("NFC", "".join(kept))


def has_mixed_scripts(name: str) -> bool:
    """Whether letters of different scripts stand in it, other than Chinese with Latin: Cyrillic а is no Latin a."""
    letters = (unicodedata.name(one, "").split(" ")[0] for one in name if unicodedata.category(one).startswith("L"))
    scripts = {"CJK" if script == "IDEOGRAPHIC" else script for script in letters}
    return bool(_STROKES.search(name)) or (len(scripts) > 1 and not scripts <= {"CJK", "LATIN"})


# Surnames read otherwise than the same character elsewhere, where the table below gives the other reading.
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


def sort_key(name: str, pronunciation: tuple[str, ...], order: NameOrder) -> tuple[str | int, ...]:
    """A sort key; keys of one order compare with each other only."""
    if order is NameOrder.STROKE:
        ranks = _strokes()
        return tuple(ranks.get(character, len(ranks) + ord(character)) for character in name)
    return (*pronunciation, "", name)


def name_syllables(name: str, pinyin: str | None) -> tuple[str, ...]:
    """The syllables of a name, surnames read as surnames: 单丽 is shan li; what the roster says goes first.

    A name in parts (古丽·买买提) has no surname; its dots stay, each as a syllable of its own.
    """
    if pinyin:
        return tuple(pinyin.lower().replace("·", " · ").split())
    for length in (2, 1) if "·" not in name else ():
        if surname := _SURNAMES.get(name[:length]):
            return (*surname.split(), *text_syllables(name[length:]))
    return tuple(syllable for part in re.split("(·)", name) for syllable in text_syllables(part))


# The blocks of Chinese characters; what is none stays together as it is written.
_CHINESE = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\ue815-\ue864\uf900-\ufaff\U00020000-\U0002a6df\U0002a703-\U0002b73f"
    "\U0002b740-\U0002b81d\U0002b825-\U0002bf6e\U0002c029-\U0002ce93\U0002d016\U0002d11b-\U0002ebd9"
    "\U0002f80a-\U0002fa1f\U00030000-\U0003134a\U00031350-\U00032389"
)


@cache
def _parts() -> re.Pattern[str]:
    return re.compile(f"[{_CHINESE}]|[^{_CHINESE}]+")  # which takes five milliseconds, and few names need it


def text_syllables(text: str) -> Iterator[str]:
    """How each Chinese character is read by itself, without tones; what stands between them is left together."""
    return map(_syllable, text if is_common_chinese(text) else _parts().findall(text))


@lru_cache(maxsize=8192)  # more than stand in the names of a province
def _syllable(part: str) -> str:
    """How a character is read, without its tone; what has no reading is left as it is."""
    table = _readings()
    at = table.find(part) if len(part) == 1 and not part.isascii() else -1
    if at < 0:
        return part
    line = table.rfind("\n", 0, at) + 1
    return table[line : table.index(" ", line)]


@cache
def _readings() -> str:
    """A line for each syllable with its characters, as pypinyin 0.55 reads them alone (licence beside the table).

    The table and not the library: names are no phrases, and importing it took longer than reading an organ's ledgers.
    """
    return _table("pinyin/readings.txt")


@cache
def _strokes() -> dict[str, int]:
    """Each character's place in CLDR's order by strokes (``zh-u-co-stroke``, ICU 78.2; licence beside the table)."""
    return {character: rank for rank, character in enumerate(_table("strokes/order.txt"))}


def _table(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").strip()
