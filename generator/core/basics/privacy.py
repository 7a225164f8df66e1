"""Private numbers, which no published text may contain: of identity cards and telephones, in any usual spelling."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

# Between the figures of a number people write blanks, dashes (一 is often typed for one), dots, or marks of Markdown.
_DASHES = "‐‑‒–—―−─一-"
_MARK = rf"[\s.·•・_*`\\{_DASHES}]"
_GAP = rf"{_MARK}{{0,3}}"
_START, _END = r"(?<![0-9])", r"(?![0-9])"

# Most texts have too few figures for more than a day. \d is a figure of any script, full-width ones among them.
_CUES = ("电话", "手机", "座机", "热线", "传真", "联系方式", "tel", "TEL", "Tel")
_CUE = "(?:" + "|".join(r"\s*".join(cue) for cue in _CUES) + ")"
_ENOUGH_FIGURES = re.compile(rf"(?:\d\D{{0,4}}){{9}}\d|{_CUE}\D{{0,6}}(?:\d\D{{0,3}}){{6}}\d")

_COUNTRY = rf"(?:\+86|{_START}0086)"
_BARE_COUNTRY = rf"{_START}86"
_MOBILE = rf"(?P<number>1{_GAP}[3-9](?:{_GAP}[0-9]){{9}})"
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"
_LOCAL = rf"(?P<local>[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}|[2-9][0-9]{_MARK}[0-9]{{2}}(?:{_MARK}[0-9]{{2}}){{2}})"


def _is_any(_match: re.Match[str]) -> bool:
    return True


def _is_identity_card(match: re.Match[str]) -> bool:
    """Return whether eighteen figures with marks between them hold a province and a day of birth."""
    digits = re.sub(_MARK, "", match["number"])
    return len(digits) == len(match["number"]) or (
        _is_province(digits[:2]) and digits[6:8] in {"18", "19", "20"} and _is_day(digits[6:14])
    )


def _is_old_identity_card(match: re.Match[str]) -> bool:
    """Return whether fifteen figures are in the groups of an identity card, with a province and a day of birth."""
    lengths, digits = [len(group) for group in _split_groups(match["number"])], re.sub(_MARK, "", match["number"])
    return lengths in ([15], [6, 6, 3]) and _is_province(digits[:2]) and _is_day(f"19{digits[6:12]}")


_PROVINCES = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)}
_PROVINCES |= {71, 81, 82, 83}


def _is_province(digits: str) -> bool:
    return int(digits) in _PROVINCES


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def _is_mobile(match: re.Match[str]) -> bool:
    """Return whether the figures are grouped as mobile numbers are, not as a row of figures or a day and a time."""
    lengths = [len(group) for group in _split_groups(match["number"])]
    if lengths in ([11], [3, 4, 4]):
        return True
    is_uniform = len(set(re.findall(rf"{_MARK}+", match["number"]))) == 1
    return is_uniform and (min(lengths) > 2 or lengths == [3, 2, 2, 2, 2] or set(lengths) == {1})  # noqa: PLR2004


def _split_groups(number: str) -> list[str]:
    return re.split(rf"{_MARK}+", number)


def _is_no_time(match: re.Match[str]) -> bool:
    """Return whether a telephone number is no day or hours, as in names of files: 0310 20260315, 0830-2030 2100."""
    local = re.sub(_MARK, "", match["local"])
    if len(local) != len("20260315"):
        return True
    hours = re.fullmatch(rf"({_HOUR}){_MARK}+({_HOUR}){_MARK}+({_HOUR})", match["whole"])
    return not (hours or (local.startswith(("19", "20")) and _is_day(local)))


_HOUR = r"(?:[01][0-9]|2[0-4])[0-5][0-9]"


@cache
def _compile_kinds() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool]], ...]:
    """Return what a number looks like, as the group ``whole``, and a closer look at what matches, for each kind.

    Compiled on first use: it takes thirty milliseconds, and few projects have texts with so many figures.
    """
    # A lookahead lets each be tried at every place, as a number may begin within what looked like another one.
    kinds = (
        (rf"(?P<whole>{_START}(?P<number>[0-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9Xx×]))", _is_identity_card),
        (rf"(?P<whole>{_START}(?P<number>[1-9](?:{_GAP}[0-9]){{14}}))", _is_old_identity_card),
        (rf"(?P<whole>{_START}{_MOBILE})", _is_mobile),
        (rf"(?P<whole>\({_GAP}(?P<number>1[3-9][0-9]{_GAP}\){_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}))", _is_any),
        (rf"(?P<whole>\(?(?:{_COUNTRY}|{_BARE_COUNTRY}|{_START}0)\)?{_GAP}{_MOBILE})", _is_mobile),
        (rf"(?P<whole>{_START}0[0-9]{{2,3}}-[0-9]{{7,8}})", _is_any),
        (rf"(?P<whole>{_START}0(?:10|2[0-9])[){_DASHES}] ?[1-9][0-9]{{3}}{_MARK}?[0-9]{{4}})", _is_any),
        (rf"(?P<whole>\(?{_START}0{_AREA}\)?(?:{_MARK}|/){{0,3}}{_LOCAL})", _is_no_time),
        (rf"(?P<whole>\(?{_COUNTRY}\)?{_GAP}\(?0?{_AREA}\)?{_GAP}{_LOCAL})", _is_any),
        (rf"(?P<whole>\(?{_BARE_COUNTRY}(?:\)|{_MARK}){{1,3}}\(?0?{_AREA}\)?{_GAP}{_LOCAL})", _is_any),
        (rf"(?P<whole>{_START}400[0-9]{{7}})", _is_any),
        (
            rf"(?P<whole>{_START}[48]00[{_DASHES}](?:[0-9]{{3}}{_MARK}?[0-9]{{4}}|[0-9]{{4}}{_MARK}?[0-9]{{3}}))",
            _is_any,
        ),
        (rf"{_CUE}[号码为是:(\s.-]{{0,6}}(?P<whole>{_LOCAL})", _is_no_time),
    )
    return tuple((re.compile(rf"(?={pattern}{_END})"), is_number) for pattern, is_number in kinds)


def find_private_number(text: str) -> str | None:
    """Find the first part of a text that looks like an identity-card or telephone number; None if there is none."""
    first = min(_find_spans(text), default=None)
    return text[slice(*first)] if first else None


def cover_private_numbers(text: str) -> str:
    """Return a text with asterisks for the middle figures of all private numbers in it."""
    characters = list(text)
    for start, end in _find_spans(text):
        figures = [index for index in range(start, end) if text[index].isdigit() or text[index] in "XxＸｘ×"]
        kept_last = 4 if len(figures) > 10 else 2  # noqa: PLR2004  a mobile number has eleven
        for index in figures[3:-kept_last]:
            characters[index] = "*"
    return "".join(characters)


def _find_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each private number starts and ends."""
    if not _ENOUGH_FIGURES.search(text):
        return
    plain = "".join(map(_make_plain, text))
    for pattern, is_number in _compile_kinds():
        for match in pattern.finditer(plain):
            if is_number(match):
                yield match.span("whole")


def _make_plain(character: str) -> str:
    """Return a character as its plain form, of the same length: full-width figures are as readable on a page."""
    normalized = unicodedata.normalize("NFKC", character)
    return normalized if len(normalized) == 1 else character
