"""YAML nodes to typed values: one table of fields per kind of file drives both reading and the hints.

A node reader takes a node and a report and returns the value, or None after it has reported why there is none. The rest
of a file is read in spite of a mistake, so that one run reports all of them.
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

from generator.core.basics import numbers, periods, privacy
from generator.core.basics.periods import PeriodKind
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
    """The problems of one file, collected while its fields are read.

    ``sealed`` is True if the file was approved: it can't be changed, and what newer checks find in it is a warning.
    """

    file: str
    problems: ProblemList = field(default_factory=ProblemList)
    sealed: bool = False

    def where_of(self, node: Node) -> Location:
        """Return the location of a node."""
        return Location(self.file, node.line, node.column)

    def add_error(self, node: Node, code: str, message: str, hint: str) -> None:
        """Add an error at a node."""
        self.problems.append(Problem(self.where_of(node), code, message, hint))

    def add_warning(self, node: Node, code: str, message: str, hint: str) -> None:
        """Add a warning at a node."""
        self.problems.append(Problem(self.where_of(node), code, message, hint, Severity.WARNING))

    @property
    def has_errors(self) -> bool:
        """True if any problem is an error."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def iterate_until_full(self, parts: Iterable[S]) -> Iterator[S]:
        """Yield the parts of a node, until the file has more errors than are reported."""
        for part in parts:
            if self.problems and self.problems.is_full(self.file):
                return
            yield part


NodeReader = Callable[[Node, FileReport], T | None]


class Field(Struct, Generic[T], frozen=True):
    """A key of a mapping: the reader of its value, its Chinese spelling ``alias``, and whether it is required.

    A blank value counts as left out, unless that would be a guess: then it is an error with ``blank_hint`` as its hint,
    and the rest of the file is read as if the value were ``stand_in``.
    """

    key: str
    read_value: NodeReader[T]
    alias: str = ""
    required: bool = False
    blank_hint: str = ""
    stand_in: T | None = None

    @property
    def label(self) -> str:
        """The key as messages write it, with its Chinese spelling."""
        return f"{self.key}（{self.alias}）" if self.alias else self.key


# --- scalars ---------------------------------------------------------------------------------------------------------


def read_text(node: Node, report: FileReport) -> str | None:
    """Read text that may be published: trimmed, on one line, and an error if it has a private number in it.

    In a sealed file, in which only a correction can mend it, the number's middle figures are covered instead.
    """
    if not isinstance(node, ScalarNode) or node.text is None:
        return read_verbatim(node, report)
    value, number = _check_public_text(node.text)
    if number and report.sealed:
        value = privacy.cover_private_numbers(value)
        message = f"“{privacy.cover_private_numbers(number)}”像是身份证号或电话号码，网页上已隐去中间几位"
        report.add_warning(node, PRIVATE_NUMBER, message, _SEALED_NUMBER_HINT)
    elif number:
        message = f"“{number}”像是身份证号或电话号码，而这里的文字会公布"
        report.add_error(
            node, PRIVATE_NUMBER, message, "请删去号码；办公电话只写在 content/site.yaml 的 objection.phone 里"
        )
    return value


PRIVATE_NUMBER = "text.private-number"
_SEALED_NUMBER_HINT = "已审核的文件不能改；台账里的，请用 jifenbang correct 起草更正，改写这一条"


def read_verbatim(node: Node, report: FileReport) -> str | None:
    """Read any text, trimmed and on one line: digests, nonces, and the only telephone number meant to be published."""
    if isinstance(node, ScalarNode) and node.text is not None:
        return _join_lines(node.text)
    report.add_error(node, "field.wrong-type", f"这里应写一个词或一段文字，现在是{_node_kind(node)}", "请把它写成文字")
    return None


def _join_lines(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if len(lines) == 1 else " ".join(line.strip() for line in lines)


@lru_cache(maxsize=4096)  # the same words occur in ledger after ledger
def _check_public_text(text: str) -> tuple[str, str | None]:
    """Return a text trimmed and on one line, and the private number in it, if any."""
    line = _join_lines(text)
    return line, privacy.find_private_number(line)


def read_name(node: Node, report: FileReport) -> WrittenName | None:
    """Read a word that names something, with its location."""
    word = read_text(node, report)
    return None if word is None else WrittenName(word, report.where_of(node))


def _node_kind(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "空的"
    return "一个列表" if isinstance(node, SequenceNode) else "几个“键: 值”"


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOOSE_DAY = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?\s*")
_LOOSE_MONTH = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*月?份?\s*")


def read_day(node: Node, report: FileReport) -> date | None:
    """Read a day, ``YYYY-MM-DD``."""
    word = read_text(node, report)
    if word is None:
        return None
    if value := _parse_day(word):
        return value
    loose = _LOOSE_DAY.fullmatch(unicodedata.normalize("NFKC", word))
    suggestion = _make_day(*map(int, loose.groups())) if loose else None
    if suggestion:
        report.add_error(node, "field.bad-date", f"“{word}”不是规定的日期写法", f"请写成 {suggestion.isoformat()}")
    else:
        report.add_error(node, "field.bad-date", f"“{word}”不是一个日期", "请写成 年-月-日，例如 2026-03-05")
    return None


@lru_cache(maxsize=1024)  # the days of almost three years
def _parse_day(word: str) -> date | None:
    return _make_day(*map(int, word.split("-"))) if _DAY.fullmatch(word) else None


def _make_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_month(node: Node, report: FileReport) -> WrittenName | None:
    """Read the name of a month, ``YYYY-MM``, with its location."""
    month = read_name(node, report)
    if month is None:
        return None
    period = periods.parse_period(month.text)
    if period is None or period.kind is not PeriodKind.MONTH:
        loose = _LOOSE_MONTH.fullmatch(unicodedata.normalize("NFKC", month.text))
        hint = f"请写成 {loose[1]}-{int(loose[2]):02}" if loose else "请写成 年-月，例如 2026-03"
        report.add_error(node, "field.bad-month", f"“{month.text}”不是规定的月份写法", hint)
        return None
    return month


def read_decimal(node: Node, report: FileReport) -> Decimal | None:
    """Read an exact decimal such as ``-0.5``."""
    word = read_text(node, report)
    value = None if word is None else numbers.parse_decimal(word)
    if word is not None and value is None:
        report.add_error(node, "field.bad-number", f"“{word}”不是一个数", "请写成 2、0.5 或 -1 这样的数，小数最多四位")
    return value


def read_count(node: Node, report: FileReport) -> int | None:
    """Read a whole number from 1 to 999."""
    word = read_text(node, report)
    if word is None:
        return None
    if re.fullmatch(r"[1-9][0-9]{0,2}", word):
        return int(word)
    report.add_error(node, "field.bad-number", f"“{word}”不是 1 到 999 的整数", "请写一个整数")
    return None


def read_flag(node: Node, report: FileReport) -> bool | None:
    """Read ``true`` or ``false``; anything else is an error."""
    word = read_text(node, report)
    if word in {"true", "false"}:
        return word == "true"
    if word is not None:
        report.add_error(node, "field.bad-choice", f"“{word}”既不是 true 也不是 false", "请写 true（是）或 false（否）")
    return None


# Windows refuses files with the names of its devices; the other names are folders and pages of the project and site.
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
_RESERVED = _DEVICES | {"index", "votes", "filings", "rulebooks"}


def read_slug(node: Node, report: FileReport) -> str | None:
    """Read an id: it becomes part of file names and URLs, so only small letters, digits and hyphens are allowed."""
    slug = read_text(node, report)
    if slug is None:
        return None
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", slug):
        message = f"“{slug}”不能用作编号"
        report.add_error(
            node, "field.bad-id", message, "编号只能用小写英文字母、数字和短横，例如 zhou-min，最长 63 个字符"
        )
        return None
    if slug in _RESERVED:
        report.add_error(node, "field.bad-id", f"“{slug}”是保留的名字，不能用作编号", "请换一个编号")
        return None
    return slug


def choice_of(
    enumeration: type[E], titles: Mapping[str, str] = MappingProxyType({}), *, with_titles: bool = False
) -> NodeReader[E]:
    """Return a reader of one of an enumeration's values; ``titles`` explain them in the hint.

    ``with_titles`` a title may be written in the place of its value.
    """
    values = {member.value: member for member in enumeration}
    by_word = values | ({titles[value]: values[value] for value in titles} if with_titles else {})

    def read_choice(node: Node, report: FileReport) -> E | None:
        word = read_text(node, report)
        if word is None:
            return None
        if word not in by_word:
            choices = [f"{value}（{titles[value]}）" if value in titles else value for value in values]
            report.add_error(node, "field.bad-choice", f"这里不能写“{word}”", suggest_known_word(word, choices))
            return None
        return by_word[word]

    return read_choice


# --- collections -----------------------------------------------------------------------------------------------------


def list_of(read_item: NodeReader[T]) -> NodeReader[tuple[T, ...]]:
    """Return a reader of a list; items that cannot be read are reported and left out."""

    def read_list(node: Node, report: FileReport) -> tuple[T, ...] | None:
        if not isinstance(node, SequenceNode):
            hint = "请写成 [甲, 乙]，方括号和逗号用半角，或每行一个、以短横加空格开头；没有就写 [] 或删去这一行"
            report.add_error(node, "field.wrong-type", f"这里应是一个列表，现在是{_describe_node(node)}", hint)
            return None
        values = [read_item(item, report) for item in report.iterate_until_full(node.items)]
        return tuple([value for value in values if value is not None])

    return read_list


def set_of(read_item: NodeReader[T]) -> NodeReader[frozenset[T]]:
    """Return a reader of a list whose order means nothing."""
    read_list = list_of(read_item)

    def read_set(node: Node, report: FileReport) -> frozenset[T] | None:
        values = read_list(node, report)
        return None if values is None else frozenset(values)

    return read_set


def _describe_node(node: Node) -> str:
    return f"“{node.text}”" if isinstance(node, ScalarNode) and node.text is not None else _node_kind(node)


def mapping_of(read_key: NodeReader[K], read_value: NodeReader[T]) -> NodeReader[dict[K, T]]:
    """Return a reader of a mapping whose keys are data; pairs that cannot be read are reported and left out."""

    def read_mapping(node: Node, report: FileReport) -> dict[K, T] | None:
        if not isinstance(node, yaml_nodes.MappingNode):
            hint = "请写成 {键: 值}，冒号后面空一格"
            report.add_error(node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_describe_node(node)}", hint)
            return None
        pairs = (
            (read_key(word, report), read_value(value, report)) for word, value in report.iterate_until_full(node.pairs)
        )
        return {word: value for word, value in pairs if word is not None and value is not None}

    return read_mapping


def record_of(make: Callable[..., T], *fields: Field[Any], with_where: bool = False) -> NodeReader[T]:
    """Return a reader of a mapping with known keys, in English or Chinese.

    ``make`` gets the values present as keyword arguments; ``with_where`` adds the mapping's location as ``where``.
    There is no value if a required one is missing or unreadable.
    """
    by_spelling = {spelling: spec for spec in fields for spelling in (spec.key, spec.alias) if spelling}
    required = [spec for spec in fields if spec.required]

    def read_record(node: Node, report: FileReport) -> T | None:
        if not isinstance(node, yaml_nodes.MappingNode):
            keys = "、".join(spec.label for spec in required)
            report.add_error(
                node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_describe_node(node)}", f"至少要写：{keys}"
            )
            return None
        values_or_none = _read_fields(node, by_spelling, report)
        for spec in required:
            if spec.key not in values_or_none:
                report.add_error(node, "field.missing-key", f"缺少 {spec.label}", f"请加一行 {spec.key}: …")
        values = {key: value for key, value in values_or_none.items() if value is not None}
        if not all(spec.key in values for spec in required):
            return None
        if with_where:
            values["where"] = report.where_of(node)
        return make(**values)

    return read_record


def _read_fields(
    node: yaml_nodes.MappingNode, by_spelling: Mapping[str, Field[Any]], report: FileReport
) -> dict[str, Any]:
    """Read the value of each known key in a mapping; None if it could not be read."""
    values: dict[str, Any] = {}
    seen: dict[str, ScalarNode] = {}
    for key, value in report.iterate_until_full(node.pairs):
        spec = by_spelling.get(key.text or "")
        if spec is None:
            report.add_error(
                key,
                "field.unknown-key",
                f"这里没有“{key.text}”这个键",
                _suggest_key(key.text or "", value, by_spelling),
            )
        elif spec.key in seen:
            message = f"“{key.text}”和第 {seen[spec.key].line} 行的“{seen[spec.key].text}”是同一个键"
            report.add_error(key, "field.doubled-key", message, "请合并成一处")
        elif not (isinstance(value, ScalarNode) and (value.text is None or (spec.required and not value.text.strip()))):
            seen[spec.key] = key
            values[spec.key] = spec.read_value(value, report)
        elif spec.blank_hint or spec.required:
            report.add_error(key, "field.blank", f"{spec.label}后面是空的", spec.blank_hint or "请填写")
            values[spec.key] = spec.stand_in
    return values


def _suggest_key(word: str, value: Node, by_spelling: Mapping[str, Field[Any]]) -> str:
    """Return the hint for an unknown key; a word without a value may be the rest of a text with a comma."""
    suggestion = suggest_known_word(word, by_spelling)
    if isinstance(value, ScalarNode) and value.text is None:
        return f"如果它是上一项文字的一部分，请把前面的逗号改成全角“，”；如果它是一个键，{suggestion}"
    return suggestion
