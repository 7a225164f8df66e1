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
from generator.core.basics.periods import PeriodKind
from generator.core.basics.privacy import find_private_number
from generator.core.model.ledger import WrittenName
from generator.intake.text import yaml_nodes
from generator.intake.text.reader import ProblemList
from generator.intake.text.yaml_nodes import Node, ScalarNode, SequenceNode
from generator.problems import Location, Problem, Severity, suggest_known_word

K = TypeVar("K")
S = TypeVar("S")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class FileReport(Struct):
    """Collects the problems of one file."""

    file: str
    problems: ProblemList = field(default_factory=ProblemList)

    def where_of(self, node: Node) -> Location:
        """Where a node stands."""
        return Location(self.file, node.line, node.column)

    def add_error(self, node: Node, code: str, message: str, hint: str) -> None:
        """Note an error at a node."""
        self.problems.append(Problem(self.where_of(node), code, message, hint))

    @property
    def has_errors(self) -> bool:
        """Whether anything noted is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def iterate_until_full(self, parts: Iterable[S]) -> Iterator[S]:
        """The parts of a node, until there are more errors than are told."""
        for part in parts:
            if self.problems and self.problems.is_full(self.file):
                return
            yield part


NodeReader = Callable[[Node, FileReport], T | None]


class Field(Struct, Generic[T], frozen=True):
    """A key of a mapping: how it is read, its Chinese spelling, whether it must be there, what a blank would mean.

    A blank value counts as left out, unless ``blank`` says why that would be a guess; the rest of the file is then
    read as if it held ``stand_in``.
    """

    key: str
    read_value: NodeReader[T]
    alias: str = ""
    required: bool = False
    blank_hint: str = ""
    stand_in: T | None = None

    @property
    def label(self) -> str:
        """The key as messages write it."""
        return f"{self.key}（{self.alias}）" if self.alias else self.key


# --- scalars ---------------------------------------------------------------------------------------------------------


def read_text(node: Node, report: FileReport) -> str | None:
    """Any text that may be published: without blanks around it, on one line, with no private number in it."""
    if not isinstance(node, ScalarNode) or node.text is None:
        return read_verbatim(node, report)
    said, number = _public(node.text)
    if number:
        message = f"“{number}”像是身份证号或电话号码，而这里的文字会公布"
        report.add_error(
            node, "text.private-number", message, "请删去号码；办公电话只写在 content/site.yaml 的 objection.phone 里"
        )
    return said


def read_verbatim(node: Node, report: FileReport) -> str | None:
    """Any text at all: digests, nonces, and the one telephone number that is meant to be read."""
    if isinstance(node, ScalarNode) and node.text is not None:
        return _tidy(node.text)
    report.add_error(node, "field.wrong-type", f"这里应写一个词或一段文字，现在是{_kind(node)}", "请把它写成文字")
    return None


def _tidy(written: str) -> str:
    lines = written.strip().splitlines()
    return lines[0] if len(lines) == 1 else " ".join(line.strip() for line in lines)


@lru_cache(maxsize=4096)  # the same words stand in one ledger after another
def _public(written: str) -> tuple[str, str | None]:
    """A text as it is read, and the private number in it, if any."""
    said = _tidy(written)
    return said, find_private_number(said)


def read_name(node: Node, report: FileReport) -> WrittenName | None:
    """A text that names something, with its place."""
    said = read_text(node, report)
    return None if said is None else WrittenName(said, report.where_of(node))


def _kind(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "空的"
    return "一个列表" if isinstance(node, SequenceNode) else "几个“键: 值”"


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOOSE_DAY = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?\s*")
_LOOSE_MONTH = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*月?份?\s*")


def read_day(node: Node, report: FileReport) -> date | None:
    """A day, ``YYYY-MM-DD``."""
    said = read_text(node, report)
    if said is None:
        return None
    if found := _day(said):
        return found
    loose = _LOOSE_DAY.fullmatch(unicodedata.normalize("NFKC", said))
    meant = _real_day(*map(int, loose.groups())) if loose else None
    if meant:
        report.add_error(node, "field.bad-date", f"“{said}”不是规定的日期写法", f"请写成 {meant.isoformat()}")
    else:
        report.add_error(node, "field.bad-date", f"“{said}”不是一个日期", "请写成 年-月-日，例如 2026-03-05")
    return None


@lru_cache(maxsize=1024)  # some years of days
def _day(said: str) -> date | None:
    return _real_day(*map(int, said.split("-"))) if _DAY.fullmatch(said) else None


def _real_day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def read_month(node: Node, report: FileReport) -> WrittenName | None:
    """The name of a month, ``YYYY-MM``, with its place."""
    said = read_name(node, report)
    if said is None:
        return None
    found = periods.parse_period(said.text)
    if found is None or found.kind is not PeriodKind.MONTH:
        loose = _LOOSE_MONTH.fullmatch(unicodedata.normalize("NFKC", said.text))
        hint = f"请写成 {loose[1]}-{int(loose[2]):02}" if loose else "请写成 年-月，例如 2026-03"
        report.add_error(node, "field.bad-month", f"“{said.text}”不是规定的月份写法", hint)
        return None
    return said


def read_decimal(node: Node, report: FileReport) -> Decimal | None:
    """An exact decimal such as ``-0.5``."""
    said = read_text(node, report)
    found = None if said is None else numbers.parse_decimal(said)
    if said is not None and found is None:
        report.add_error(node, "field.bad-number", f"“{said}”不是一个数", "请写成 2、0.5 或 -1 这样的数，小数最多四位")
    return found


def read_count(node: Node, report: FileReport) -> int | None:
    """A whole number from 1 to 999."""
    said = read_text(node, report)
    if said is None:
        return None
    if re.fullmatch(r"[1-9][0-9]{0,2}", said):
        return int(said)
    report.add_error(node, "field.bad-number", f"“{said}”不是 1 到 999 的整数", "请写一个整数")
    return None


def read_flag(node: Node, report: FileReport) -> bool | None:
    """``true`` or ``false``, nothing else."""
    said = read_text(node, report)
    if said in {"true", "false"}:
        return said == "true"
    if said is not None:
        report.add_error(node, "field.bad-choice", f"“{said}”既不是 true 也不是 false", "请写 true（是）或 false（否）")
    return None


_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
_RESERVED = _DEVICES | {"index", "votes", "filings", "rulebooks"}


def read_slug(node: Node, report: FileReport) -> str | None:
    """An id: it becomes part of file names and addresses, so only small letters, figures and hyphens."""
    said = read_text(node, report)
    if said is None:
        return None
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", said):
        message = f"“{said}”不能用作编号"
        report.add_error(
            node, "field.bad-id", message, "编号只能用小写英文字母、数字和短横，例如 zhou-min，最长 63 个字符"
        )
        return None
    if said in _RESERVED:
        report.add_error(node, "field.bad-id", f"“{said}”是保留的名字，不能用作编号", "请换一个编号")
        return None
    return said


def choice_of(enumeration: type[E], titles: Mapping[str, str] = MappingProxyType({})) -> NodeReader[E]:
    """One of an enumeration's values; ``titles`` explain them in the hint."""
    values = {member.value: member for member in enumeration}

    def read(node: Node, report: FileReport) -> E | None:
        said = read_text(node, report)
        if said is None:
            return None
        if said not in values:
            shown = [f"{value}（{titles[value]}）" if value in titles else value for value in values]
            report.add_error(node, "field.bad-choice", f"这里不能写“{said}”", suggest_known_word(said, shown))
            return None
        return values[said]

    return read


# --- collections -----------------------------------------------------------------------------------------------------


def list_of(read_item: NodeReader[T]) -> NodeReader[tuple[T, ...]]:
    """A list; what cannot be read in it is reported and left out."""

    def read_all(node: Node, report: FileReport) -> tuple[T, ...] | None:
        if not isinstance(node, SequenceNode):
            hint = "请写成 [甲, 乙]，方括号和逗号用半角，或每行一个、以短横加空格开头；没有就写 [] 或删去这一行"
            report.add_error(node, "field.wrong-type", f"这里应是一个列表，现在是{_what(node)}", hint)
            return None
        values = [read_item(item, report) for item in report.iterate_until_full(node.items)]
        return tuple([value for value in values if value is not None])

    return read_all


def _what(node: Node) -> str:
    return f"“{node.text}”" if isinstance(node, ScalarNode) and node.text is not None else _kind(node)


def mapping_of(read_key: NodeReader[K], read_value: NodeReader[T]) -> NodeReader[dict[K, T]]:
    """A mapping whose keys are data."""

    def read_table(node: Node, report: FileReport) -> dict[K, T] | None:
        if not isinstance(node, yaml_nodes.MappingNode):
            hint = "请写成 {键: 值}，冒号后面空一格"
            report.add_error(node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_what(node)}", hint)
            return None
        pairs = (
            (read_key(word, report), read_value(value, report)) for word, value in report.iterate_until_full(node.pairs)
        )
        return {word: value for word, value in pairs if word is not None and value is not None}

    return read_table


def record_of(make: Callable[..., T], *fields: Field[Any], with_where: bool = False) -> NodeReader[T]:
    """A mapping with known keys, in English or Chinese; ``make`` gets those present as keyword arguments.

    With ``located`` it gets the mapping's place as ``where`` too.
    """
    known = {spelling: one for one in fields for spelling in (one.key, one.alias) if spelling}
    required = [one for one in fields if one.required]

    def read(node: Node, report: FileReport) -> T | None:
        if not isinstance(node, yaml_nodes.MappingNode):
            listed = "、".join(one.label for one in required)
            report.add_error(
                node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_what(node)}", f"至少要写：{listed}"
            )
            return None
        given = _given(node, known, report)
        for one in required:
            if one.key not in given:
                report.add_error(node, "field.missing-key", f"缺少 {one.label}", f"请加一行 {one.key}: …")
        values = {key: value for key, value in given.items() if value is not None}
        if not all(one.key in values for one in required):
            return None
        if with_where:
            values["where"] = report.where_of(node)
        return make(**values)

    return read


def _given(node: yaml_nodes.MappingNode, known: Mapping[str, Field[Any]], report: FileReport) -> dict[str, Any]:
    """What a mapping gives for each known key; None where it could not be read."""
    values: dict[str, Any] = {}
    seen: dict[str, ScalarNode] = {}
    for key, value in report.iterate_until_full(node.pairs):
        one = known.get(key.text or "")
        if one is None:
            report.add_error(
                key, "field.unknown-key", f"这里没有“{key.text}”这个键", _meant(key.text or "", value, known)
            )
        elif one.key in seen:
            message = f"“{key.text}”和第 {seen[one.key].line} 行的“{seen[one.key].text}”是同一个键"
            report.add_error(key, "field.doubled-key", message, "请合并成一处")
        elif not (isinstance(value, ScalarNode) and (value.text is None or (one.required and not value.text.strip()))):
            seen[one.key] = key
            values[one.key] = one.read_value(value, report)
        elif one.blank_hint or one.required:
            report.add_error(key, "field.blank", f"{one.label}后面是空的", one.blank_hint or "请填写")
            values[one.key] = one.stand_in
    return values


def _meant(word: str, value: Node, known: Mapping[str, Field[Any]]) -> str:
    """What an unknown key may have been meant as; a word without a value may be the rest of a text with a comma."""
    if isinstance(value, ScalarNode) and value.text is None:
        return (
            f"如果它是上一项文字的一部分，请把前面的逗号改成全角“，”；如果它是一个键，{suggest_known_word(word, known)}"
        )
    return suggest_known_word(word, known)
