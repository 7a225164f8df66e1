"""Names that can't be right: what is wrong with each, and what to write."""

from msgspec import Struct

from generator.core.basics import characters, name_signs
from generator.core.basics.name_signs import NameSign
from generator.intake.text import name_order
from generator.problems import Severity

_LOOK_ALIKE, _NAME_SIGN = "roster.look-alike", "roster.name-sign"
_STATUSES = {"正式", "正式党员", "预备", "预备党员"}


class Doubt(Struct, frozen=True):
    """The reason why a word can't be right; ``meant`` is what it should be, None if only its writer knows."""

    code: str
    message: str
    hint: str
    meant: str | None = None
    severity: Severity = Severity.ERROR


def find_doubt(word: str, *, is_personal: bool) -> Doubt | None:
    """Return why a person's name, or another word that is shown, can't be right; None if it may be."""
    if name_order.is_common_chinese(word):
        return None
    doubt = _describe_lost_character(word) or _describe_mark(word, is_personal=is_personal)
    if doubt is None and is_personal:
        doubt = _describe_sign(word)
    return doubt or _describe_look_alike(word, is_personal=is_personal)


def _describe_lost_character(word: str) -> Doubt | None:
    standard = characters.standardize_characters(word)
    lost = characters.find_lost_character(standard)
    if lost is None:
        return None
    if lost.isprintable():
        message = f"“{word}”里有一个字丢了，成了“{lost}”"
    else:
        message = f"“{word}”里有一个字是字库自造的（U+{ord(lost):04X}），换一台电脑就成了别的字或方框"
    hint = "多半是生僻字，请照身份证重新输入；打不出的，可以从《通用规范汉字表》里复制"
    return Doubt("roster.lost-character", message, hint)


def _describe_mark(word: str, *, is_personal: bool) -> Doubt | None:
    stray = name_signs.find_stray_mark(word)
    if stray is None:
        return None
    mark, base = stray
    message = f"“{word}”里有一个附加符号（U+{ord(mark):04X}）" + (f"，叠在“{base}”上" if base else "")
    meant = name_order.normalize_name(name_signs.drop_stray_marks(word))
    if not meant.strip() or (is_personal and find_doubt(meant, is_personal=True)):
        return Doubt(_NAME_SIGN, message, "请删去后重新输入")
    return Doubt(_NAME_SIGN, message, f"请改写成“{meant}”", meant)


def _describe_sign(word: str) -> Doubt | None:
    """Describe what is no part of a person's name: figures, signs, a word in brackets."""
    name = name_order.close_blanks(name_order.normalize_name(name_signs.spell_figures(word)))
    sign = name_signs.find_name_sign(name)
    if sign is None:
        return None
    if sign.word:
        return _describe_distinction(word, sign, is_normal=word == name)
    is_figure = sign.sign.isnumeric()
    kind = "数字" if is_figure else "符号"
    message = f"“{word}”里有{kind}“{sign.sign}”，姓名里没有{'' if is_figure else '这样的'}{kind}"
    if not sign.name:
        return Doubt(_NAME_SIGN, message, "请照身份证重新输入姓名；写了几个人的，一项只写一名党员")
    hint = f"请改写成“{sign.name}”" + (f"；与别人同名的另写区别，{_show(sign.name, '办公室')}" if is_figure else "")
    return Doubt(_NAME_SIGN, message, hint, sign.name)


def _describe_distinction(word: str, sign: NameSign, *, is_normal: bool) -> Doubt:
    message = f"“{word}”里的“{sign.sign}”不像是姓名"
    if sign.word in _STATUSES:
        return Doubt(_NAME_SIGN, message, f"请改写成“{sign.name}”；身份另写，名册里写 status", sign.name)
    hint = f"请只写姓名；“{sign.word}”是用来区别同名的，{_show(sign.name, sign.word)}"
    # A letter may have been registered as part of the name.
    severity = Severity.ERROR if sign.certain or not is_normal else Severity.WARNING
    return Doubt(_NAME_SIGN, message, hint, f"{sign.name}, aka: {sign.word}", severity)


def _show(name: str, aka: str) -> str:
    return f"名册里写 name: {name}, aka: {aka}，名单里写 {name}（{aka}）"


def _describe_look_alike(word: str, *, is_personal: bool) -> Doubt | None:
    normalized = name_order.normalize_name(word)
    closed = name_order.close_blanks(normalized) if is_personal else normalized
    if word == closed:
        if name_order.has_mixed_scripts(word):
            hint = "请用中文或拼音输入法重新输入这个名字"
            return Doubt(_LOOK_ALIKE, f"“{word}”里混有另一种文字的字符", hint)
        return None
    if closed == normalized:
        message = f"“{word}”里有看上去一样、其实不同的字符"
        if name_signs.find_stray_mark(normalized):
            return Doubt(_LOOK_ALIKE, message, "请照身份证重新输入")
        return Doubt(_LOOK_ALIKE, message, f"请改写成“{normalized}”", normalized)
    is_dotted = "·" in closed and "·" not in normalized
    hint = f"请改写成“{closed}”" + (f"；不分两节的，写“{closed.replace('·', '')}”" if is_dotted else "")
    return Doubt(_LOOK_ALIKE, f"“{word}”的汉字中间有空格，别处写的同一个名字就对不上", hint, closed)
