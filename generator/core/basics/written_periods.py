"""Periods as people write them, such as 2026Q4, 2026年一季度 or 2026年上半年."""

import re
import unicodedata

from generator.core.basics.periods import Period, PeriodKind, get_period, parse_period
from generator.core.basics.written_days import interpret_day, interpret_month

_YEAR = r"([12][0-9]{3})\s*(?:年度|年)?\s*[-/._]?\s*"
_QUARTER = re.compile(_YEAR + r"(?:Q\s*([1-4])|第?\s*([1-4])\s*季度?)", re.IGNORECASE)
_HALF = re.compile(_YEAR + r"(?:H\s*([12])|([上下])\s*半年)", re.IGNORECASE)
_WHOLE_YEAR = re.compile(r"([12][0-9]{3})\s*(?:年度|年|全年|年全年)")
_CHINESE_YEAR = re.compile(r"^[〇零一二三四五六七八九]{4}(?=年)")
_FIGURES = str.maketrans("〇零一二三四五六七八九", "00123456789")


def interpret_period(word: str) -> Period | None:
    """Return the period that a word means; None if it means none, or a single day."""
    text = unicodedata.normalize("NFKC", word).strip()
    text = _CHINESE_YEAR.sub(lambda match: match[0].translate(_FIGURES), text)
    if period := parse_period(text):
        return period
    figures = re.sub("[一二三四](?=季)", lambda match: match[0].translate(_FIGURES), text)
    if match := _QUARTER.fullmatch(figures):
        return get_period(PeriodKind.QUARTER, int(match[1]), int(match[2] or match[3]))
    if match := _HALF.fullmatch(text):
        return get_period(PeriodKind.HALF, int(match[1]), int(match[2] or 1 + (match[3] == "下")))
    if match := _WHOLE_YEAR.fullmatch(text):
        return get_period(PeriodKind.YEAR, int(match[1]))
    return None if interpret_day(text) else interpret_month(text)
