"""The fields of a form as they come from the browser: nothing in them is believed, and no path is among them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from generator.core.basics import written_days
from generator.core.basics.periods import Period, PeriodKind, parse_period
from generator.core.basics.privacy import find_private_number
from generator.loader.load import LoadedProject

_MAX_COUNT = 99_999
_PICK = "pick:"  # before what is picked in the name of a field


class FieldError(Exception):
    """A field that can't be used, and why."""


class Fields:
    """The fields of one request, against the project as it is; ``upload`` is the file that was handed in with them."""

    def __init__(self, values: Mapping[str, str], loaded: LoadedProject, upload: Path | None = None) -> None:
        self._values = values
        self._loaded = loaded
        self._upload = upload

    def text(self, name: str, title: str = "", *, required: bool = False) -> str:
        """Return a text on one line."""
        value = " ".join(self._values.get(name, "").split())
        if required and not value:
            raise FieldError(f"没有填{title}，请返回填上")
        return value

    def label(self, name: str, title: str) -> str:
        """Return a text on one line that has no private number in it."""
        value = self.text(name)
        if find_private_number(value) or not value.isprintable():
            raise FieldError(f"{title}里不能有号码和看不见的字符")
        return value

    def count(self, name: str, title: str) -> int | None:
        """Return a number of people, None if it isn't given."""
        value = self.text(name)
        if value and not (value.isascii() and value.isdigit() and 0 < int(value) <= _MAX_COUNT):
            raise FieldError(f"{title}“{value}”不是一个人数")
        return int(value) if value else None

    def raw(self, name: str) -> str:
        """Return a text as it is."""
        return self._values.get(name, "")

    def upload(self) -> Path:
        """Return the file that was handed in."""
        if self._upload is None:
            raise FieldError("没有选文件，请返回选上")
        return self._upload

    def flag(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return bool(self._values.get(name))

    def picked(self) -> "list[Fields]":
        """Return the files that were picked: each a branch, a month and a number, or the id of a text."""
        words = [name.removeprefix(_PICK) for name in self._values if name.startswith(_PICK)]
        if not words:
            raise FieldError("没有选哪几份，请返回选上")
        keys = "branch", "period", "number"
        parts = [dict(zip(keys, word.split("/"), strict=False)) if "/" in word else {"id": word} for word in words]
        return [Fields(part, self._loaded) for part in parts]

    def branch(self, name: str = "branch") -> str:
        """Return the id of a branch."""
        value = self._values.get(name, "")
        if value not in self._loaded.roster.branch_by_id:
            raise FieldError("没有这个支部，请返回重新选")
        return value

    def member(self, name: str = "member") -> str:
        """Return the id of a member."""
        value = self._values.get(name, "")
        if value not in self._loaded.roster.member_by_id:
            raise FieldError("没有这名党员，请返回重新选")
        return value

    def period(self, kind: PeriodKind | None = None, name: str = "period") -> Period:
        """Return a period, of a kind unless it is None."""
        period = parse_period(self._values.get(name, ""))
        if period is None or (kind and period.kind is not kind):
            raise FieldError("没有这个周期，请返回重新选")
        return period

    def day(self, name: str, title: str, *, required: bool = True) -> date | None:
        """Return a day."""
        word = self.text(name, title, required=required)
        if not word:
            return None
        reading = written_days.interpret_day(word)
        if reading is None or not reading.certain:
            raise FieldError(f"{title}“{word}”不是日期，请写成 2026-03-05 的样子")
        return reading.day

    def check_year(self, year: int) -> int:
        """Return a year; raise FieldError if none of its rules are known."""
        if year not in self._loaded.rulebooks:
            raise FieldError(f"{year} 年还没有立账，请核对年份，或先在“设置”里立账")
        return year

    def number(self, name: str = "number") -> int:
        """Return the number of a file of a month: 0 for the ledger, else that of a correction."""
        value = self._values.get(name, "0")
        if not value.isascii() or not value.isdigit() or len(value) > 2:  # noqa: PLR2004
            raise FieldError("没有这份更正，请返回重新选")
        return int(value)
