"""Nodes to typed values: one field table a file kind drives decoding and the hints.

A reader takes a node and a report and gives the value, or None after it has reported why there is none. Whatever is
wrong in one place, the rest is still read, so that a run tells all mistakes at once.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from generator.core.basics import numbers, periods
from generator.core.basics.periods import Kind
from generator.core.basics.privacy import private
from generator.core.model.ledger import Name
from generator.intake.text import yaml_nodes
from generator.intake.text.reader import Problems
from generator.intake.text.yaml_nodes import Node, Scalar, Sequence
from generator.problems import Problem, Severity, Where, suggest

K = TypeVar("K")
S = TypeVar("S")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Report(Struct):
    """Collects the problems of one file."""

    file: str
    problems: Problems = field(default_factory=Problems)

    def at(self, node: Node) -> Where:
        """Where a node stands."""
        return Where(self.file, node.line, node.column)

    def add(self, node: Node, code: str, message: str, hint: str) -> None:
        """Note an error at a node."""
        self.problems.append(Problem(self.at(node), code, message, hint))

    @property
    def has_errors(self) -> bool:
        """Whether anything noted is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def each(self, parts: Iterable[S]) -> Iterator[S]:
        """The parts of a node, until there are more errors than are told."""
        for part in parts:
            if self.problems and self.problems.full(self.file):
                return
            yield part


Reader = Callable[[Node, Report], T | None]


class Field(Struct, Generic[T], frozen=True):
    """A key of a mapping: how it is read, its Chinese spelling, whether it must be there, what a blank would mean.

    A blank value counts as left out, unless ``blank`` says why that would be a guess; the rest of the file is then
    read as if it held ``stand_in``.
    """

    key: str
    read: Reader[T]
    alias: str = ""
    required: bool = False
    blank: str = ""
    stand_in: T | None = None

    @property
    def shown(self) -> str:
        """The key as messages write it."""
        return f"{self.key}（{self.alias}）" if self.alias else self.key


# --- scalars ---------------------------------------------------------------------------------------------------------


def text(node: Node, report: Report) -> str | None:
    """Any text that may be published: without blanks around it, on one line, with no private number in it."""
    if not isinstance(node, Scalar) or node.text is None:
        return verbatim(node, report)
    said, number = _public(node.text)
    if number:
        message = f"“{number}”像是身份证号或电话号码，而这里的文字会公布"
        report.add(
            node, "text.private-number", message, "请删去号码；办公电话只写在 content/site.yaml 的 objection.phone 里"
        )
    return said


def verbatim(node: Node, report: Report) -> str | None:
    """Any text at all: digests, nonces, and the one telephone number that is meant to be read."""
    if isinstance(node, Scalar) and node.text is not None:
        return _tidy(node.text)
    report.add(node, "field.wrong-type", f"这里应写一个词或一段文字，现在是{_kind(node)}", "请把它写成文字")
    return None


def _tidy(written: str) -> str:
    lines = written.strip().splitlines()
    return lines[0] if len(lines) == 1 else " ".join(line.strip() for line in lines)


@lru_cache(maxsize=4096)  # the same words stand in one ledger after another
def _public(written: str) -> tuple[str, str | None]:
    """A text as it is read, and the private number in it, if any."""
    said = _tidy(written)
    return said, private(said)


def name(node: Node, report: Report) -> Name | None:
    """A text that names something, with its place."""
    said = text(node, report)
    return None if said is None else Name(said, report.at(node))


def _kind(node: Node) -> str:
    if isinstance(node, Scalar):
        return "空的"
    return "一个列表" if isinstance(node, Sequence) else "几个“键: 值”"


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOOSE_DAY = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?\s*")
_LOOSE_MONTH = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*月?份?\s*")


def day(node: Node, report: Report) -> date | None:
    """A day, ``YYYY-MM-DD``."""
    said = text(node, report)
    if said is None:
        return None
    if found := _day(said):
        return found
    loose = _LOOSE_DAY.fullmatch(unicodedata.normalize("NFKC", said))
    meant = _real_day(*map(int, loose.groups())) if loose else None
    if meant:
        report.add(node, "field.bad-date", f"“{said}”不是规定的日期写法", f"请写成 {meant.isoformat()}")
    else:
        report.add(node, "field.bad-date", f"“{said}”不是一个日期", "请写成 年-月-日，例如 2026-03-05")
    return None


@lru_cache(maxsize=1024)  # some years of days
def _day(said: str) -> date | None:
    return _real_day(*map(int, said.split("-"))) if _DAY.fullmatch(said) else None


def _real_day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def month(node: Node, report: Report) -> Name | None:
    """The name of a month, ``YYYY-MM``, with its place."""
    said = name(node, report)
    if said is None:
        return None
    found = periods.parse(said.text)
    if found is None or found.kind is not Kind.MONTH:
        loose = _LOOSE_MONTH.fullmatch(unicodedata.normalize("NFKC", said.text))
        hint = f"请写成 {loose[1]}-{int(loose[2]):02}" if loose else "请写成 年-月，例如 2026-03"
        report.add(node, "field.bad-month", f"“{said.text}”不是规定的月份写法", hint)
        return None
    return said


def decimal(node: Node, report: Report) -> Decimal | None:
    """An exact decimal such as ``-0.5``."""
    said = text(node, report)
    found = None if said is None else numbers.parse(said)
    if said is not None and found is None:
        report.add(node, "field.bad-number", f"“{said}”不是一个数", "请写成 2、0.5 或 -1 这样的数，小数最多四位")
    return found


def count(node: Node, report: Report) -> int | None:
    """A whole number from 1 to 999."""
    said = text(node, report)
    if said is None:
        return None
    if re.fullmatch(r"[1-9][0-9]{0,2}", said):
        return int(said)
    report.add(node, "field.bad-number", f"“{said}”不是 1 到 999 的整数", "请写一个整数")
    return None


def flag(node: Node, report: Report) -> bool | None:
    """``true`` or ``false``, nothing else."""
    said = text(node, report)
    if said in {"true", "false"}:
        return said == "true"
    if said is not None:
        report.add(node, "field.bad-choice", f"“{said}”既不是 true 也不是 false", "请写 true（是）或 false（否）")
    return None


_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
_RESERVED = _DEVICES | {"index", "votes", "filings", "rulebooks"}


def slug(node: Node, report: Report) -> str | None:
    """An id: it becomes part of file names and addresses, so only small letters, figures and hyphens."""
    said = text(node, report)
    if said is None:
        return None
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", said):
        message = f"“{said}”不能用作编号"
        report.add(node, "field.bad-id", message, "编号只能用小写英文字母、数字和短横，例如 zhou-min，最长 63 个字符")
        return None
    if said in _RESERVED:
        report.add(node, "field.bad-id", f"“{said}”是保留的名字，不能用作编号", "请换一个编号")
        return None
    return said


def choice(kind: type[E], titles: Mapping[str, str] = MappingProxyType({})) -> Reader[E]:
    """One of an enumeration's values; ``titles`` explain them in the hint."""
    values = {member.value: member for member in kind}

    def read(node: Node, report: Report) -> E | None:
        said = text(node, report)
        if said is None:
            return None
        if said not in values:
            shown = [f"{value}（{titles[value]}）" if value in titles else value for value in values]
            report.add(node, "field.bad-choice", f"这里不能写“{said}”", suggest(said, shown))
            return None
        return values[said]

    return read


# --- collections -----------------------------------------------------------------------------------------------------


def many(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list; what cannot be read in it is reported and left out."""

    def read_all(node: Node, report: Report) -> tuple[T, ...] | None:
        if not isinstance(node, Sequence):
            hint = "请写成 [甲, 乙]，方括号和逗号用半角，或每行一个、以短横加空格开头；没有就写 [] 或删去这一行"
            report.add(node, "field.wrong-type", f"这里应是一个列表，现在是{_what(node)}", hint)
            return None
        values = [read(item, report) for item in report.each(node.items)]
        return tuple([value for value in values if value is not None])

    return read_all


def _what(node: Node) -> str:
    return f"“{node.text}”" if isinstance(node, Scalar) and node.text is not None else _kind(node)


def table(key: Reader[K], read: Reader[T]) -> Reader[dict[K, T]]:
    """A mapping whose keys are data."""

    def read_table(node: Node, report: Report) -> dict[K, T] | None:
        if not isinstance(node, yaml_nodes.Mapping):
            hint = "请写成 {键: 值}，冒号后面空一格"
            report.add(node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_what(node)}", hint)
            return None
        pairs = ((key(word, report), read(value, report)) for word, value in report.each(node.pairs))
        return {word: value for word, value in pairs if word is not None and value is not None}

    return read_table


def record(make: Callable[..., T], *fields: Field[Any], located: bool = False) -> Reader[T]:
    """A mapping with known keys, in English or Chinese; ``make`` gets those present as keyword arguments.

    With ``located`` it gets the mapping's place as ``where`` too.
    """
    known = {spelling: one for one in fields for spelling in (one.key, one.alias) if spelling}
    required = [one for one in fields if one.required]

    def read(node: Node, report: Report) -> T | None:
        if not isinstance(node, yaml_nodes.Mapping):
            listed = "、".join(one.shown for one in required)
            report.add(node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_what(node)}", f"至少要写：{listed}")
            return None
        given = _given(node, known, report)
        for one in required:
            if one.key not in given:
                report.add(node, "field.missing-key", f"缺少 {one.shown}", f"请加一行 {one.key}: …")
        values = {key: value for key, value in given.items() if value is not None}
        if not all(one.key in values for one in required):
            return None
        if located:
            values["where"] = report.at(node)
        return make(**values)

    return read


def _given(node: yaml_nodes.Mapping, known: Mapping[str, Field[Any]], report: Report) -> dict[str, Any]:
    """What a mapping gives for each known key; None where it could not be read."""
    values: dict[str, Any] = {}
    seen: dict[str, Scalar] = {}
    for key, value in report.each(node.pairs):
        one = known.get(key.text or "")
        if one is None:
            report.add(key, "field.unknown-key", f"这里没有“{key.text}”这个键", _meant(key.text or "", value, known))
        elif one.key in seen:
            message = f"“{key.text}”和第 {seen[one.key].line} 行的“{seen[one.key].text}”是同一个键"
            report.add(key, "field.doubled-key", message, "请合并成一处")
        elif not (isinstance(value, Scalar) and (value.text is None or (one.required and not value.text.strip()))):
            seen[one.key] = key
            values[one.key] = one.read(value, report)
        elif one.blank or one.required:
            report.add(key, "field.blank", f"{one.shown}后面是空的", one.blank or "请填写")
            values[one.key] = one.stand_in
    return values


def _meant(word: str, value: Node, known: Mapping[str, Field[Any]]) -> str:
    """What an unknown key may have been meant as; a word without a value may be the rest of a text with a comma."""
    if isinstance(value, Scalar) and value.text is None:
        return f"如果它是上一项文字的一部分，请把前面的逗号改成全角“，”；如果它是一个键，{suggest(word, known)}"
    return suggest(word, known)
