"""YAML nodes to typed values: one table of fields per kind of file drives both reading and the hints.

A node reader takes a node and a report and returns the value, or None after it has reported why there is none. The rest
of a file is read in spite of a mistake, so that one run reports all of them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from generator.core.basics import numbers, periods, privacy, written_days
from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.basics.written_days import DayReading
from generator.core.model.ledger import WrittenKeys, WrittenName
from generator.intake.text import shapes, slips, yaml_nodes
from generator.intake.text.problem_list import ProblemList
from generator.intake.text.shapes import Shape, shape_of, shaped
from generator.intake.text.slip_problems import advise_tidy
from generator.intake.text.yaml_nodes import Node, ScalarNode, SequenceNode
from generator.problems import (
    Location,
    Problem,
    Severity,
    find_close_words,
    list_words,
    suggest_words,
)

K = TypeVar("K")
S = TypeVar("S")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class FileReport(Struct):
    """The problems of one file, collected while its fields are read.

    ``sealed`` is True if the file was approved: it can't be changed, and what newer checks find in it is a warning.
    ``broken`` are the places of mappings in which something couldn't be read: what they seem to lack may be there.
    ``chinese`` is True if the keys of the file are in Chinese, None until the first of them are read. ``year`` is
    that of the days that are being read, None if nothing but the file's path says it.
    """

    file: str
    problems: ProblemList = field(default_factory=ProblemList)
    sealed: bool = False
    chinese: bool | None = None
    broken: set[Location] = field(default_factory=set)
    year: int | None = None

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
    and the rest of the file is read as if the value were ``stand_in``. ``near`` are other words that people write for
    it: they are no keys, but lead to the right one.
    """

    key: str
    read_value: NodeReader[T]
    alias: str = ""
    required: bool = False
    blank_hint: str = ""
    stand_in: T | None = None
    near: tuple[str, ...] = ()

    def label(self, *, chinese: bool) -> str:
        """Return the key as messages write it: in Chinese, or in English with its Chinese spelling."""
        return f"{self.key}（{self.alias}）" if self.alias and not chinese else self.spelling(chinese=chinese)

    def spelling(self, *, chinese: bool) -> str:
        """Return the key as it is to be typed."""
        return self.alias if self.alias and chinese else self.key


# --- scalars ---------------------------------------------------------------------------------------------------------


@shaped(shapes.TEXT)
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


@shaped(shapes.TEXT)
def read_verbatim(node: Node, report: FileReport) -> str | None:
    """Read any text, trimmed and on one line: digests, nonces, and the only telephone number meant to be published."""
    if isinstance(node, ScalarNode) and node.text is not None:
        return _join_lines(node.text)
    hint = _suggest_text(node) or "请把它写成文字"
    report.add_error(node, "field.wrong-type", f"这里应写一个词或一段文字，现在是{_node_kind(node)}", hint)
    return None


def _suggest_text(node: Node) -> str:
    """Return the hint for a text in the place of which a list was written, or words with a colon in brackets."""
    if isinstance(node, yaml_nodes.MappingNode) and len(node.pairs) == 1:
        return f"请只写“{node.pairs[0][0].text}”；文字里的冒号请用全角“：”"
    words = _list_texts(node)
    return f"请去掉方括号，写成 {'、'.join(words)}" if words else ""


def _list_texts(node: Node) -> list[str]:
    """Return the texts of a list that holds nothing else."""
    items = node.items if isinstance(node, SequenceNode) else ()
    words = [item.text for item in items if isinstance(item, ScalarNode) and item.text]
    return words if len(words) == len(items) else []


def _join_lines(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if len(lines) == 1 else " ".join(line.strip() for line in lines)


@lru_cache(maxsize=4096)  # the same words occur in ledger after ledger
def _check_public_text(text: str) -> tuple[str, str | None]:
    """Return a text trimmed and on one line, and the private number in it, if any."""
    line = _join_lines(text)
    return line, privacy.find_private_number(line)


@shaped(shapes.TEXT)
def read_name(node: Node, report: FileReport) -> WrittenName | None:
    """Read a word that names something, with its location."""
    if _report_several(node, report):
        return None
    word = read_text(node, report)
    return None if word is None else WrittenName(word, report.where_of(node))


def _report_several(node: Node, report: FileReport) -> bool:
    """Report a list in the place of one word, and return whether it is one."""
    if not isinstance(node, SequenceNode):
        return False
    hint = "请去掉方括号，只写一个；有几个的，各写一条" if _list_texts(node) else "请把它写成文字"
    report.add_error(node, "field.wrong-type", "这里只能写一个，现在是一个列表", hint)
    return True


def _node_kind(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return "空的"
    return "一个列表" if isinstance(node, SequenceNode) else "几个“键: 值”"


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILE_OF_YEAR = re.compile(r"ledgers/([12][0-9]{3})/(?:(?!votes/|filings/)[^/]+/(0[1-9]|1[0-2])\.)?")


def _read_path(file: str) -> tuple[int | None, Period | None]:
    """Return the year of a file by its path, and the month of a ledger."""
    match = _FILE_OF_YEAR.match(file)
    if match is None:
        return None, None
    return int(match[1]), get_period(PeriodKind.MONTH, int(match[1]), int(match[2])) if match[2] else None


def read_loose_day(word: str, file: str) -> DayReading | None:
    """Return the day that a word means in a file, if it names one."""
    return written_days.interpret_day(word, *_read_path(file))


def read_loose_month(word: str, file: str) -> Period | None:
    """Return the month that a word means in a file, in the year of its path if it names none."""
    year, month = _read_path(file)
    if year is None or month:
        return written_days.interpret_month(word, month)
    # Only a word that names a month means the same one wherever it is read.
    meant = {written_days.interpret_month(word, get_period(PeriodKind.MONTH, year, number)) for number in (1, 2)}
    return meant.pop() if len(meant) == 1 else None


def read_whole_month(word: str) -> Period | None:
    """Return the month that a word names with its year; None if it names none."""
    return written_days.interpret_month(word)


@shaped({"type": "string", "pattern": f"^{_DAY.pattern}$"})
def read_day(node: Node, report: FileReport) -> date | None:
    """Read a day, ``YYYY-MM-DD``."""
    if _report_several(node, report):
        return None
    word = read_text(node, report)
    if word is None:
        return None
    if value := _parse_day(word):
        return value
    _report_bad_day(node, word, report)
    return None


def _report_bad_day(node: Node, word: str, report: FileReport) -> None:
    reading = written_days.interpret_day(word, report.year) if report.year else read_loose_day(word, report.file)
    if reading:
        hint = f"请写成 {reading.day.isoformat()}"
        hint += advise_tidy(report.file) if reading.certain and not report.sealed else ""
        hint += "" if reading.certain else "，并请核对"
        report.add_error(node, BAD_DAY, f"“{word}”不是规定的日期写法", hint)
        return
    figures = written_days.read_figures(word)
    message = "没有 {} 年 {} 月 {} 日这一天".format(*figures) if figures else f"“{word}”不是一个日期"
    hint = "请核对，写成 年-月-日，例如 2026-03-05" if figures else "请写成 年-月-日，例如 2026-03-05"
    report.add_error(node, BAD_DAY, message, hint)


BAD_DAY = "field.bad-date"
BAD_MONTH = "field.bad-month"


@lru_cache(maxsize=1024)  # the days of almost three years
def _parse_day(word: str) -> date | None:
    return _make_day(*map(int, word.split("-"))) if _DAY.fullmatch(word) else None


def _make_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@shaped({"type": "string", "pattern": "^[12][0-9]{3}-(0[1-9]|1[0-2])$"})
def read_month(node: Node, report: FileReport) -> WrittenName | None:
    """Read the name of a month, ``YYYY-MM``, with its location."""
    month = read_name(node, report)
    if month is None:
        return None
    period = periods.parse_period(month.text)
    if period is None or period.kind is not PeriodKind.MONTH:
        meant = read_loose_month(month.text, report.file)
        hint = f"请写成 {meant}" if meant else "请写成 年-月，例如 2026-03"
        report.add_error(node, BAD_MONTH, f"“{month.text}”不是规定的月份写法", hint)
        return None
    return month


@shaped(shapes.text_of(numbers.DECIMAL_PATTERN.pattern))
def read_decimal(node: Node, report: FileReport) -> Decimal | None:
    """Read an exact decimal such as ``-0.5``."""
    if _is_blank(node):
        report.add_error(node, "field.wrong-type", "这里应是一个数，现在是空的", _BLANK_NUMBER_HINT)
        return None
    word = read_text(node, report)
    value = None if word is None else numbers.parse_decimal(word)
    if word is not None and value is None:
        meant = numbers.parse_decimal(strip_unit(word))
        hint = (
            f"请写成 {numbers.format_decimal(meant)}"
            if meant is not None
            else "请写成 2、0.5 或 -1 这样的数，小数最多四位"
        )
        report.add_error(node, "field.bad-number", f"“{word}”不是一个数", hint)
    return value


_BLANK_NUMBER_HINT = "请填写；没有的，请删去这一行"


def _is_blank(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.text is None


def strip_unit(word: str) -> str:
    """Return a number as people write it in half width, with Arabic figures, without its unit."""
    text = re.sub(r"\s*[分次回票人天个份篇%]$", "", unicodedata.normalize("NFKC", word).strip())
    return written_days.use_arabic_figures(text.replace("两", "二")).replace("−", "-")


@shaped(
    shapes.any_of({"type": "integer", "minimum": 1, "maximum": 999}, {"type": "string", "pattern": "^[1-9][0-9]{0,2}$"})
)
def read_count(node: Node, report: FileReport) -> int | None:
    """Read a whole number from 1 to 999."""
    word = read_text(node, report)
    if word is None:
        return None
    if re.fullmatch(r"[1-9][0-9]{0,2}", word):
        return int(word)
    meant = re.fullmatch(r"0*([1-9][0-9]{0,2})(?:\.0+)?", strip_unit(word))
    hint = f"请写成 {meant[1]}" if meant else "请写一个整数"
    report.add_error(node, "field.bad-number", f"“{word}”不是 1 到 999 的整数", hint)
    return None


@shaped(shapes.word_of([True, False, "true", "false"]))
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


_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def is_slug(text: str) -> bool:
    """Return whether a text can be an id: only small letters, digits and hyphens."""
    return bool(_SLUG.fullmatch(text))


def is_usable_id(text: str) -> bool:
    """Return whether a text can be an id and is not reserved."""
    return is_slug(text) and text not in _RESERVED


@shaped(shapes.text_of(_SLUG.pattern))
def read_slug(node: Node, report: FileReport) -> str | None:
    """Read an id: it becomes part of file names and URLs, so only small letters, digits and hyphens are allowed."""
    slug = read_text(node, report)
    if slug is None:
        return None
    if not is_slug(slug):
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

    @shaped(shapes.word_of([*by_word]))
    def read_choice(node: Node, report: FileReport) -> E | None:
        word = read_text(node, report)
        if word is None:
            return None
        if word not in by_word:
            choices = [f"{value}（{titles[value]}）" if value in titles else value for value in values]
            # A title of one character is in many words: 到 in 迟到.
            meant = [value for value, title in titles.items() if (len(title) > 1 and title in word) or word in title]
            close = meant if len(meant) == 1 else find_close_words(word, values)
            hint = suggest_words(close) if close else list_words(choices)
            report.add_error(node, "field.bad-choice", f"这里不能写“{word}”", hint)
            return None
        return by_word[word]

    return read_choice


# --- collections -----------------------------------------------------------------------------------------------------


def list_of(read_item: NodeReader[T]) -> NodeReader[tuple[T, ...]]:
    """Return a reader of a list; items that cannot be read are reported and left out."""

    @shaped(lambda: {"type": "array", "items": shape_of(read_item)})
    def read_list(node: Node, report: FileReport) -> tuple[T, ...] | None:
        if not isinstance(node, SequenceNode):
            hint = _suggest_list(node.text) if isinstance(node, ScalarNode) and node.text else ""
            hint = hint if hint and read_item is read_name else _LIST_HINT
            if isinstance(node, yaml_nodes.MappingNode):
                names = ", ".join(key.text or "" for key, _ in node.pairs)
                hint = f"请写成 [{names}]；名单里只写姓名" if read_item is read_name else _ONE_PART_HINT
            report.add_error(node, "field.wrong-type", f"这里应是一个列表，现在是{_describe_node(node)}", hint)
            return None
        if parted := _find_parted_keys(node, read_item):
            example = ", ".join(f"{key.text}: …" for key in parted)
            message = f"“{parted[1].text}”和“{parted[0].text}”是同一项的内容，却写成了两项"
            hint = f"请用花括号写在一起：{{{example}}}；或者只在第一个键前面写短横，其余的与它左对齐"
            report.add_error(parted[1], "field.wrong-type", message, hint)
            return None
        values = [read_item(item, report) for item in report.iterate_until_full(node.items)]
        return tuple([value for value in values if value is not None])

    if read_item is read_name:
        _WORD_LISTS.append(read_list)
    return read_list


def _find_parted_keys(node: SequenceNode, read_item: NodeReader[Any]) -> list[ScalarNode]:
    """Return the keys of a list whose items have one each, all of one record, and lack another; empty if not so."""
    keys = [
        item.pairs[0][0] for item in node.items if isinstance(item, yaml_nodes.MappingNode) and len(item.pairs) == 1
    ]
    words = [key.text for key in keys]
    if len(keys) < 2 or len(set(words)) < len(node.items):  # noqa: PLR2004  of one key nothing was parted
        return []
    shape = shape_of(read_item)
    required = [condition["oneOf"] for condition in shape.get("allOf", ()) if "oneOf" in condition]
    is_lacking = any({"required": [word]} not in choices for word in words for choices in required)
    return keys if is_lacking and set(words) <= shape.get("properties", {}).keys() else []


_LIST_HINT = "请写成 [甲, 乙]，方括号和逗号用半角，或每行一个、以短横加空格开头；没有就写 [] 或删去这一行"


_ONE_PART_HINT = "只有一项也要写成列表：外面加方括号，[{键: 值}]，或者另起一行，以短横加空格开头"


def _suggest_list(word: str) -> str:
    """Return the hint for names that were written as a text."""
    if word in {"无", "没有", "暂无", "/", "-"}:
        return "没有人的，请写 [] 或删去这一行"
    if re.fullmatch(r"全体|全部|全员|所有人?|(全体|全部|所有)(党员|人员)|都.*", word):
        return "全员参加的，请删去这一行；不然请写成 [甲, 乙]"
    if re.search("除|不含|以外", word):
        return "请删去这一行，没有来的人写进请假或缺席的名单；不是全员参加的项目，请逐个写上姓名，例如 [李强, 王芳]"
    if re.search(r"[0-9０-９]\s*(人|名|位)|^[0-9]+$|^[一二两三四五六七八九十]+(人|名|位)|等$", word):
        return "请逐个写上姓名，例如 [李强, 王芳]，不写人数"
    # Brackets round all of it were meant for those of a list; others distinguish a member from namesakes.
    listed = re.sub(r"^[【（(［〔](.*)[】）)］〕]$", r"\1", word.strip())
    names = [name for name in re.split(r"[\s、，,；;/]+", listed) if name]
    return f"请写成 [{', '.join(names)}]，方括号和逗号用半角" if names and len(word) <= 40 else ""  # noqa: PLR2004


_WORD_LISTS: list[NodeReader[Any]] = []  # the readers of lists of names, of which none holds a comma


def set_of(read_item: NodeReader[T]) -> NodeReader[frozenset[T]]:
    """Return a reader of a list whose order means nothing."""
    read_list = list_of(read_item)

    @shaped(lambda: shape_of(read_list))
    def read_set(node: Node, report: FileReport) -> frozenset[T] | None:
        values = read_list(node, report)
        return None if values is None else frozenset(values)

    return read_set


def _describe_node(node: Node) -> str:
    return f"“{node.text}”" if isinstance(node, ScalarNode) and node.text is not None else _node_kind(node)


def mapping_of(
    read_key: NodeReader[K], read_value: NodeReader[T], hint: str = "请写成 {键: 值}，冒号后面空一格"
) -> NodeReader[dict[K, T]]:
    """Return a reader of a mapping whose keys are data; pairs that cannot be read are reported and left out.

    ``hint`` says how it is written.
    """

    @shaped(
        lambda: {"type": "object", "propertyNames": shape_of(read_key), "additionalProperties": shape_of(read_value)}
    )
    def read_mapping(node: Node, report: FileReport) -> dict[K, T] | None:
        if not isinstance(node, yaml_nodes.MappingNode):
            report.add_error(node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_describe_node(node)}", hint)
            return None
        pairs = (
            (read_key(word, report), read_value(value, report)) for word, value in report.iterate_until_full(node.pairs)
        )
        return {word: value for word, value in pairs if word is not None and value is not None}

    return read_mapping


def record_of(
    make: Callable[..., T],
    *fields: Field[Any],
    with_where: bool = False,
    with_keys: bool = False,
    refused: Mapping[str, str] = MappingProxyType({}),
) -> NodeReader[T]:
    """Return a reader of a mapping with known keys, in English or Chinese.

    ``make`` gets the values present as keyword arguments; ``with_where`` adds the mapping's location as ``where``,
    ``with_keys`` those of its keys as ``keys``. There is no value if a required one is missing or unreadable.
    ``refused`` are words that people write for what has no place here, each with its hint.
    """
    by_spelling = {spelling: spec for spec in fields for spelling in (spec.key, spec.alias) if spelling}
    for word, spec in by_spelling.items():
        slips.register_key(word, is_text=spec.read_value is read_text, is_list=spec.read_value in _WORD_LISTS)
    for word in (*refused, *(word for spec in fields for word in spec.near)):
        slips.register_key(word)
    required = [spec for spec in fields if spec.required]

    @shaped(lambda: _shape_record(fields))
    def read_record(node: Node, report: FileReport) -> T | None:
        if not isinstance(node, yaml_nodes.MappingNode):
            keys = "、".join(spec.label(chinese=bool(report.chinese)) for spec in required)
            example = ", ".join(f"{spec.spelling(chinese=bool(report.chinese))}: …" for spec in required)
            hint = f"至少要写：{keys}" + (
                f"，例如 {{{example}}}" if required and report.where_of(node).column > 1 else ""
            )
            report.add_error(node, "field.wrong-type", f"这里应是几个“键: 值”，现在是{_describe_node(node)}", hint)
            return None
        chinese, problem_count = _is_chinese(node, by_spelling, report), len(report.problems)
        values_or_none = _read_fields(node, by_spelling, refused, report, chinese=chinese)
        for spec in required:
            if spec.key not in values_or_none:
                place = "加上" if node.is_flow else "加一行"
                hint = f"请{place} {spec.spelling(chinese=chinese)}: …"
                report.add_error(node, "field.missing-key", f"缺少 {spec.label(chinese=chinese)}", hint)
        report.broken |= {report.where_of(node)} if len(report.problems) > problem_count else set()
        values = {key: value for key, value in values_or_none.items() if value is not None}
        if not all(spec.key in values for spec in required):
            return None
        if with_where:
            values["where"] = report.where_of(node)
        if with_keys:
            places = [(by_spelling.get(key.text or ""), report.where_of(key)) for key, _ in node.pairs]
            values["keys"] = WrittenKeys({spec.key: where for spec, where in places if spec}, chinese)
        return make(**values)

    return read_record


def _shape_record(fields: Sequence[Field[Any]]) -> Shape:
    """Return the shape of a mapping with these keys, each in one of its two spellings."""
    properties: dict[str, Shape] = {}
    conditions: list[Shape] = []
    for spec in fields:
        shape = shape_of(spec.read_value)
        # A blank value counts as left out.
        value = shape if spec.required or spec.blank_hint else shapes.any_of(shape, shapes.NOTHING)
        spellings = [spelling for spelling in (spec.key, spec.alias) if spelling]
        properties |= {spelling: {"description": spec.label(chinese=False), **value} for spelling in spellings}
        choices = [{"required": [spelling]} for spelling in spellings]
        if spec.required:
            conditions.append({"oneOf": choices})
        elif spec.alias:
            conditions.append({"not": {"required": spellings}})
    required = {"allOf": conditions} if conditions else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **required}


def _is_chinese(node: yaml_nodes.MappingNode, by_spelling: Mapping[str, Field[Any]], report: FileReport) -> bool:
    """Return whether most keys are in Chinese, of a mapping without known ones those of the file."""
    aliases = [spec.alias == key.text for key, _ in node.pairs if (spec := by_spelling.get(key.text or ""))]
    chinese = sum(aliases) * 2 > len(aliases) if aliases else bool(report.chinese)
    if report.chinese is None:
        report.chinese = chinese
    return chinese


def _read_fields(
    node: yaml_nodes.MappingNode,
    by_spelling: Mapping[str, Field[Any]],
    refused: Mapping[str, str],
    report: FileReport,
    *,
    chinese: bool,
) -> dict[str, Any]:
    """Read the value of each known key in a mapping; None if it could not be read."""
    values: dict[str, Any] = {}
    seen: dict[str, ScalarNode] = {}
    for key, value in report.iterate_until_full(node.pairs):
        word = key.text or ""
        spec = by_spelling.get(word)
        if spec is None:
            meant = _find_misnamed_field(node, value, by_spelling, report) or _find_meant_fields(word, by_spelling)
            hint = refused.get(word) or (
                _suggest_place(word, by_spelling, chinese=chinese)
                or _suggest_key(meant, value, by_spelling, chinese=chinese)
            )
            report.add_error(key, "field.unknown-key", f"这里没有“{word}”这个键", hint)
            if len(meant) == 1:
                values.setdefault(meant[0].key, None)  # it isn't missing, but misnamed
        elif spec.key in seen:
            message = f"“{word}”和第 {seen[spec.key].line} 行的“{seen[spec.key].text}”是同一个键"
            report.add_error(key, "field.doubled-key", message, "请合并成一处")
        elif not (isinstance(value, ScalarNode) and (value.text is None or (spec.required and not value.text.strip()))):
            seen[spec.key] = key
            values[spec.key] = spec.read_value(value, report)
            if spec.read_value is read_text and isinstance(value, ScalarNode) and not report.sealed:
                _warn_of_key_in_text(value, node, by_spelling, report)
        elif spec.blank_hint or spec.required:
            behind = "后面" if report.where_of(key).line else ""  # of the key; a cell is blank itself
            message = f"{spec.label(chinese=chinese)}{behind}是空的"
            report.add_error(key, "field.blank", message, spec.blank_hint or "请填写")
            values[spec.key] = spec.stand_in
    return values


_KEY_IN_TEXT = re.compile(r"[，,；;、。]\s*([^\W\d_]{2,})\s*[：:]\s*\S")


def _warn_of_key_in_text(
    node: ScalarNode, record: yaml_nodes.MappingNode, by_spelling: Mapping[str, Field[Any]], report: FileReport
) -> None:
    """Warn of a key that full-width punctuation made part of the text before it: its value would be lost in silence."""
    for match in _KEY_IN_TEXT.finditer(node.text or ""):
        word = match[1]
        if word in by_spelling and all(key.text != word for key, _ in record.pairs):
            hint = f"如果它是一个键，请把前面的标点改成半角逗号加空格，写成“, {word}: …”；如果本来就是文字，可以不理"
            report.add_warning(node, "field.key-in-text", f"这段文字里有“{word}：”，没有当作键来读", hint)


def _find_misnamed_field(
    node: yaml_nodes.MappingNode, value: Node, by_spelling: Mapping[str, Field[Any]], report: FileReport
) -> list[Field[Any]]:
    """Return the only required field that a mapping lacks, if its only unknown key has a value for it."""
    words = [key.text or "" for key, _ in node.pairs]
    present = {by_spelling[word].key for word in words if word in by_spelling}
    missing = {spec.key: spec for spec in by_spelling.values() if spec.required and spec.key not in present}
    if len(missing) != 1 or sum(word not in by_spelling for word in words) != 1:
        return []
    trial = FileReport(report.file)
    (spec,) = missing.values()
    is_readable = spec.read_value(value, trial) is not None and not trial.problems
    return [spec] if is_readable else []


def _suggest_place(word: str, by_spelling: Mapping[str, Field[Any]], *, chinese: bool) -> str:
    """Return the hint for a key that has its place within the value of another; empty if it has none."""
    for spec in dict.fromkeys(by_spelling.values()):
        shape = shape_of(spec.read_value)
        inner = shape.get("items", shape)
        if isinstance(inner, Mapping) and word in inner.get("properties", {}):
            owner = spec.spelling(chinese=chinese)
            return f"它写在“{owner}”{'的每一项' if 'items' in shape else ''}里面"
    return ""


def _find_meant_fields(word: str, by_spelling: Mapping[str, Field[Any]]) -> list[Field[Any]]:
    """Return the fields that an unknown key may mean."""
    near = [spec for spec in by_spelling.values() if word.strip().casefold() in spec.near]
    return list(dict.fromkeys(near or [by_spelling[close] for close in find_close_words(word, by_spelling)]))


def _suggest_key(
    meant: Sequence[Field[Any]], value: Node, by_spelling: Mapping[str, Field[Any]], *, chinese: bool
) -> str:
    """Return the hint for an unknown key; a word without a value may be the rest of a text with a comma."""
    known_words = (spec.label(chinese=chinese) for spec in dict.fromkeys(by_spelling.values()))
    spellings = [spec.spelling(chinese=chinese) for spec in meant]
    suggestion = suggest_words(spellings) if spellings else list_words(known_words)
    if isinstance(value, ScalarNode) and value.text is None:
        return f"如果它是上一项文字的一部分，请把前面的逗号改成全角“，”；如果它是一个键，{suggestion}"
    return suggestion
