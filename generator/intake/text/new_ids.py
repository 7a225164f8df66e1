"""Ids for people and branches that have none yet, from the pinyin of their names."""

import re
import unicodedata
from collections.abc import Container, Sequence
from itertools import count

from generator.intake.text import fields, name_order

_MAX_LENGTH = 48  # characters, which leaves room for a number behind them
_FALLBACK = "x"
# Surnames of two characters, whose syllables stay together in an id.
_DOUBLE_SURNAME = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台"
    "|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|钟离|长孙|宇文|司徒|鲜于|司空|闾丘"
    "|子车|亓官|司寇|巫马|公西|颛孙|壤驷|公良|漆雕|乐正|宰父|谷梁|拓跋|夹谷|轩辕|令狐"
    "|段干|百里|呼延|东郭|南门|羊舌|微生|左丘|东门|西门|第五|单于|黑齿"
)
_BRANCH_ENDING = re.compile("(?:中共|中国共产党)|(?:党总支|党支部|支部)(?:委员会)?$")


def make_member_id(name: str, pinyin: str | None, used_ids: Container[str]) -> str:
    """Return an id that is not used: ``li-jing``, the surname and the rest of the name, or ``li-jing-2``.

    ``pinyin`` is how the name is read, where the tables would read it otherwise.
    """
    syllables = list(name_order.name_syllables(name, pinyin))
    length = 2 if _DOUBLE_SURNAME.match(name) and len(syllables) > 2 else 1  # noqa: PLR2004  surname and given name
    if "·" in syllables:
        length = syllables.index("·")
    return _find_unused(["".join(syllables[:length]), "".join(syllables[length:])], used_ids)


def make_branch_id(name: str, used_ids: Container[str]) -> str:
    """Return an id that is not used, from what distinguishes a branch's name: ``diyi`` for 第一党支部."""
    return _find_unused(["".join(name_order.text_syllables(_BRANCH_ENDING.sub("", name) or name))], used_ids)


def _find_unused(parts: Sequence[str], used_ids: Container[str]) -> str:
    """Return the parts as an id, with the first number behind it that makes it new."""
    plain = "-".join(filter(None, map(_spell_plainly, parts)))[:_MAX_LENGTH].strip("-") or _FALLBACK
    candidates = (plain if number == 1 else f"{plain}-{number}" for number in count(1))
    return next(candidate for candidate in candidates if fields.is_usable_id(candidate) and candidate not in used_ids)


def _spell_plainly(part: str) -> str:
    """Return a part in small letters and digits; ü is v, and what has no reading is left out."""
    letters = unicodedata.normalize("NFKD", part).lower().replace("u\u0308", "v")
    return re.sub("[^a-z0-9]", "", letters)
