"""Days and months as people and spreadsheets write them, and the day or month that is meant."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind, get_period


class DayReading(Struct, frozen=True):
    """The day that is meant; ``certain`` if the words leave no other."""

    day: date
    certain: bool = True


_EXCEL_START = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050  # the first day of 2000, the last of 2099

_GAP = r"\s*[-/.,、年~—–−\s]\s*"
_FULL = re.compile(rf"([12][0-9]{{3}}){_GAP}([0-9]{{1,2}})\s*[-/.,、月~—–−\s]\s*([0-9]{{1,2}})\s*[日号]?")
_COMPACT = re.compile(r"([12][0-9]{3})([01][0-9])([0-3][0-9])")
_SHORT_YEAR = re.compile(rf"([0-9]{{2}}){_GAP}([0-9]{{1,2}})\s*[-/.,、月]\s*([0-9]{{1,2}})\s*[日号]?")
_MONTH_AND_DAY = re.compile(r"([0-9]{1,2})\s*[-/.,、月]\s*([0-9]{1,2})\s*[日号]?")
_DAY_ALONE = re.compile(r"([0-9]{1,2})\s*([日号]?)")
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_TIME = re.compile(r"(?:[T\s]\s*)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$")
_CLOCK_TIME = re.compile(r"(?<=[0-9日号])(?:T|\s+)(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?$")
_PART_OF_DAY = re.compile(r"(?<=[日号])\s*(?:上午|下午|早上|晚上|晚|中午)$")
_RANGE_SIGN = re.compile(r"\s*(?:~|—+|–|−|至|到|-)\s*")
_CLOCK_ALONE = re.compile(r"(?:上午|下午|晚上|晚|中午)?(?:[01]?[0-9]|2[0-3])[:：][0-5][0-9](?::[0-5][0-9])?")
_DAY_IN_TEXT = re.compile(
    r"(?<![0-9])(?:([12][0-9]{3})\s*[-/.年]\s*)?(?<![0-9])([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})(?![0-9:])\s*[日号]?"
)
_MONTH_IN_TEXT = re.compile(r"(?<![0-9])([12][0-9]{3})\s*[-/.年]\s*(0?[1-9]|1[0-2])(?![0-9])")
_YEAR_IN_TEXT = re.compile(r"(?<![0-9])([12][0-9]{3})\s*年")
_WEEKDAY = re.compile(r"[(\s]*(?:星期|周|礼拜)[一二三四五六日天][)\s]*$")
_MONTH = re.compile(r"([12][0-9]{3})\s*[-/.,、年~—–−\s]?\s*(0?[1-9]|1[0-2])\s*月?份?")
_MONTH_ALONE = re.compile(r"(0?[1-9]|1[0-2])\s*月份?")

_DIGITS = {sign: str(number) for number, sign in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "Ｏ": "0"}
_TENS = re.compile(r"([一二三四五六七八九]?)十([一二三四五六七八九]?)")


def interpret_day(word: str, year: int | None = None, month: Period | None = None) -> DayReading | None:
    """Return the day that a word means in a file of a year or, as a ledger, of a month; None if it names none."""
    text, at_midnight = _strip_time(_normalize(word))
    if match := _FULL.fullmatch(text) or _COMPACT.fullmatch(text):
        return _make_reading(*map(int, match.groups()), certain=at_midnight)
    if match := _SHORT_YEAR.fullmatch(text):
        return _make_reading(2000 + int(match[1]), int(match[2]), int(match[3]), certain=False)
    if match := _SERIAL.fullmatch(text):
        return _read_serial(int(match[1]), month, certain=at_midnight and "." not in text)
    if (match := _MONTH_AND_DAY.fullmatch(text)) and (year := month.year if month else year):
        number, within = int(match[1]), month is not None and int(match[1]) == month.number
        # A ledger holds what was, not what is to be: a month much later is that of the year before.
        earlier = month is not None and number > month.number + 6
        return _make_reading(year - earlier, number, int(match[2]), certain=within and at_midnight)
    if month and (match := _DAY_ALONE.fullmatch(text)):
        return _make_reading(month.year, month.number, int(match[1]), certain=bool(match[2]) and at_midnight)
    return None


def interpret_moment(word: str) -> DayReading | None:
    """Return the day that a word with its year means; a time of day behind it, as machines write it, changes nothing.

    A time of another place is no such time: there it may be another day.
    """
    text = unicodedata.normalize("NFKC", word).strip()
    match = _CLOCK_TIME.search(text)
    return interpret_day(text[: match.start()] if match else text)


def interpret_range(word: str) -> tuple[date, date] | None:
    """Return the first and the last day of a span that a word with its year means; None if it means none.

    Behind the sign there may be a day, a month and day of the same year, a day of the same month, or a time of the day.
    """
    text = unicodedata.normalize("NFKC", word).strip()
    for sign in _RANGE_SIGN.finditer(text):
        begin = interpret_moment(text[: sign.start()])
        if begin and begin.certain and (end := interpret_end(text[sign.end() :], begin.day)):
            return begin.day, end
    return None


def interpret_end(word: str, begin: date) -> date | None:
    """Return the day on which something ends that began on a day; None if the word leaves a doubt."""
    text = unicodedata.normalize("NFKC", word).strip()
    if _CLOCK_ALONE.fullmatch(text):
        return begin
    if match := _CLOCK_TIME.search(text):
        text = text[: match.start()]
    full = interpret_day(text)
    if full:
        return full.day if full.certain else None
    month = get_period(PeriodKind.MONTH, begin.year, begin.month)
    short = interpret_day(text, begin.year) or interpret_day(text, month=month)
    return short.day if short else None


class DayInText(Struct, frozen=True):
    """A day in a longer text: its year and month if it is written with them, and the words around it."""

    year: int | None
    month: int | None
    day: int
    words: str

    def complete(self, year: int | None, month: int | None) -> date | None:
        """Return the day, with a year and a month for those that it lacks; None if there is no such day."""
        if self.month and not self.year and month and month != self.month:
            return None
        whole_year, whole_month = self.year or year, self.month or month
        if whole_year is None or whole_month is None:
            return None
        reading = _make_reading(whole_year, whole_month, self.day, certain=True)
        return reading.day if reading else None


def find_day(text: str) -> DayInText | None:
    """Find the day in the head of a column, such as 3月5日党课; a day alone is one only without other words."""
    plain = _WEEKDAY.sub("", unicodedata.normalize("NFKC", text).strip())
    if (moment := interpret_moment(plain)) and moment.certain:
        return DayInText(moment.day.year, moment.day.month, moment.day.day, "")
    if match := _DAY_ALONE.fullmatch(plain):
        return DayInText(None, None, int(match[1]), "")
    match = _DAY_IN_TEXT.search(plain)
    if match is None:
        return None
    words = _strip_signs(plain[: match.start()]) + _strip_signs(_WEEKDAY.sub("", plain[match.end() :]))
    if words and not (match[1] or "月" in match[0]):
        return None  # such as the numbers of a paragraph
    return DayInText(int(match[1]) if match[1] else None, int(match[2]), int(match[3]), words)


def _strip_signs(text: str) -> str:
    return text.strip(" \n\t()[]【】《》:;,、。-—·")


def find_year_and_month(texts: Iterable[str]) -> tuple[int | None, int | None]:
    """Return the only year, and the only month of it, that texts name; None where they name none, or several."""
    plain = [unicodedata.normalize("NFKC", text) for text in texts]
    months = {(int(match[1]), int(match[2])) for text in plain for match in _MONTH_IN_TEXT.finditer(text)}
    years = {year for year, _ in months} | {int(match[1]) for text in plain for match in _YEAR_IN_TEXT.finditer(text)}
    year = min(years) if len(years) == 1 else None
    return year, min(months)[1] if year and len(months) == 1 else None


def read_figures(word: str) -> tuple[int, int, int] | None:
    """Return year, month and day that a word names, whether there is such a day or not; None if it names none."""
    text, _ = _strip_time(_normalize(word))
    match = _FULL.fullmatch(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def use_arabic_figures(text: str) -> str:
    """Return a text with Arabic figures for Chinese ones."""
    text = _TENS.sub(lambda match: f"{_DIGITS.get(match[1], '1')}{_DIGITS.get(match[2], '0')}", text)
    return "".join(_DIGITS.get(sign, sign) for sign in text)


def interpret_month(word: str, month: Period | None = None) -> Period | None:
    """Return the month that a word means in the file of a month; that month itself if the word names none."""
    text, _ = _strip_time(_normalize(word))
    if match := _MONTH.fullmatch(text):
        return get_period(PeriodKind.MONTH, int(match[1]), int(match[2]))
    if month and (match := _MONTH_ALONE.fullmatch(text)):
        return get_period(PeriodKind.MONTH, month.year, int(match[1]))
    if reading := interpret_day(text):
        return get_period(PeriodKind.MONTH, reading.day.year, reading.day.month)
    return month


def _normalize(word: str) -> str:
    """Return a word in half width, with Arabic figures, without quotation marks, weekday and a sign at its end."""
    text = unicodedata.normalize("NFKC", word).strip().strip("\"'“”‘’").strip(" ,;。、")
    text = _WEEKDAY.sub("", text)
    if re.search(r"[年月日号]", text):
        text = use_arabic_figures(text)
    return text.strip()


def _strip_time(text: str) -> tuple[str, bool]:
    """Return a text without the time at its end, and whether that is midnight, as spreadsheets write a mere day."""
    if part := _PART_OF_DAY.search(text):
        return text[: part.start()], False
    match = _TIME.search(text)
    if match is None:
        return text, True
    return text[: match.start()].strip(), not any(int(figures or 0) for figures in match.groups())


def _read_serial(serial: int, month: Period | None, *, certain: bool) -> DayReading | None:
    """Return the day that a spreadsheet counts as this number; certain only where it is one of the ledger's month."""
    if not _FIRST_SERIAL <= serial <= _LAST_SERIAL:
        return None
    day = _EXCEL_START + timedelta(days=serial)
    return DayReading(day, certain and month is not None and month.first <= day <= month.last)


def _make_reading(year: int, month: int, day: int, *, certain: bool) -> DayReading | None:
    try:
        return DayReading(date(year, month, day), certain)
    except ValueError:
        return None
