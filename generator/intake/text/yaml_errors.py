"""Explanations of libyaml's syntax errors for people who do not know YAML: where the mistake began, what to do."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator.intake.text import conflict_markers
from generator.problems import Location, Problem

MAX_DEPTH = 12
TOO_DEEP = ("yaml.too-deep", f"层次超过 {MAX_DEPTH} 层", "请检查缩进和括号")

# A blank of another kind in an indent, or after the dash of a list.
_OTHER_BLANK = re.compile(r" *(?:- *)?([^\S ])")
_BLANKS = {
    "\t": ("yaml.tab", "这里有制表符（Tab）"),
    "\u3000": ("yaml.blank", "这里有全角空格"),
    "\u00a0": ("yaml.blank", "这里有不换行空格（U+00A0），看上去与空格一样，常见于从网页和文档里复制来的文字"),
}
_UNUSUAL_BLANK = ("yaml.blank", "这里有一个特殊的空格，看上去与空格一样")

# What a word processor puts before the items of a list.
_OTHER_DASH = re.compile(
    r" *([·•●▪◦○*+]|[0-9]{1,2}[.．、)）]|[（(][0-9]{1,2}[)）]|[①-⑳])[^\S\n]*(?=[{｛]|[^\s:：{]{1,20}: )"
)

_FULL_WIDTH = "：，［］｛｝“”‘’－＃　"


def explain_error(error: Any, text: str, file: str, first_line: int) -> Problem:
    """Explain an error of libyaml's, in a text that begins on the given line of the file."""
    if conflict := conflict_markers.find_remnant(text, file, first_line):
        return conflict
    mark = _find_mark(error)
    lines = text.splitlines()
    row = min(mark.line, max(len(lines) - 1, 0))
    where = Location(file, row + first_line, mark.column + 1)
    if "nesting depth" in (error.problem or ""):
        return Problem(where, *TOO_DEEP)  # newer versions of libyaml have a bound of their own and look ahead
    for number in (row, row - 1):  # libyaml may notice it only on the next line
        if 0 <= number < len(lines) and (blank := _OTHER_BLANK.match(lines[number])):
            place = Location(file, number + first_line, blank.end())
            return Problem(place, *_BLANKS.get(blank[1], _UNUSUAL_BLANK), "请删去，改用半角空格")
    for number in (row, row - 1):
        if 0 <= number < len(lines) and (mark := _OTHER_DASH.match(lines[number])):
            place = Location(file, number + first_line, mark.start(1) + 1)
            message = f"列表的一项要以短横开头，这里是“{mark[1]}”"
            return Problem(place, "yaml.syntax", message, "请改成半角短横“-”，后面空一格，与别的短横左对齐")
    if "mapping values are not allowed" in (error.problem or "") and (number := _find_line_without_colon(lines, row)):
        text_before = lines[number - 1].strip()
        key, _, value = text_before.partition(" ")
        example = f"{key}: {value.strip() or '…'}"
        place = Location(file, number - 1 + first_line, len(lines[number - 1]) - len(lines[number - 1].lstrip()) + 1)
        hint = f"请写成“{example}”，用半角冒号，后面空一格"
        return Problem(place, "yaml.syntax", f"“{text_before}”缺少冒号", hint)
    reason, hint = next(
        (words for english, words in _REASONS.items() if english in (error.problem or "")), _UNKNOWN_REASON
    )
    full_width = [sign for line in lines[max(row - 1, 0) : row + 1] for sign in _find_full_width(line)]
    if full_width:
        # They look right to people who type Chinese, and libyaml's reason doesn't point at them.
        sign = "全角空格" if full_width[0] == "\u3000" else f"全角符号“{full_width[0]}”"
        hint = f"附近有{sign}，空格、冒号、逗号、引号和括号请用半角，冒号和逗号后面空一格"
    return Problem(where, "yaml.syntax", f"看不懂这里的写法（{reason}）", hint)


def _find_line_without_colon(lines: Sequence[str], row: int) -> int:
    """Return the number of the line before another, with the same indent, that is no key; 0 if it has a colon."""
    numbers = [number for number in range(row, 0, -1) if lines[number - 1].split("#")[0].strip()]
    if not numbers:
        return 0
    before, line = lines[numbers[0] - 1], lines[row]
    is_word = re.fullmatch(r" *[^\W\d_][^:：{}\[\]\"'#-]*", before)
    return numbers[0] if is_word and re.match(" *", before)[0] == re.match(" *", line)[0] else 0  # type: ignore[index]


def _find_mark(error: Any) -> Any:
    """Return the mark where the mistake began: for an unclosed bracket or quotation mark, its opening."""
    unfinished = ("could not find expected ':'", "',' or ']'", "',' or '}'", "unexpected end of stream")
    if error.context_mark and any(english in (error.problem or "") for english in unfinished):
        return error.context_mark
    return error.problem_mark or error.context_mark


def _find_full_width(line: str) -> Iterator[str]:
    """Yield full-width signs where YAML expects half-width ones: before the first value, or between two keys."""
    yield from (sign for sign in re.split(r": |#", line, maxsplit=1)[0] if sign in _FULL_WIDTH)
    yield from re.findall(r"([，；])\s*\w+: ", line)


_UNKNOWN_REASON = ("YAML 语法错误", "请检查这一行和上一行的缩进、冒号后面的空格、括号和引号是否成对")
_START = "以 @ % & * ! | > 开头的文字请放进英文引号"
_INDENT = ("缩进与上面不一致", "同一层的键和短横要左边对齐；短横后面要空一格")
_REASONS = {
    "mapping values are not allowed": (
        "这里不该有冒号",
        "文字里的冒号请用全角“：”，或把整段文字放进英文引号；也请检查上一行的缩进",
    ),
    "could not find expected ':'": ("缺少冒号", "请检查这一行：键后面是半角冒号加空格；短横后面要空一格"),
    "did not find expected key": _INDENT,
    "did not find expected '-' indicator": _INDENT,
    "did not find expected ',' or ']'": (
        "方括号里缺逗号或没有收尾",
        "请检查这个方括号：每项之间用半角逗号，最后要有 ]",
    ),
    "did not find expected ',' or '}'": (
        "花括号里缺逗号或没有收尾",
        "请检查这个花括号：每项之间用半角逗号，最后要有 }",
    ),
    "did not find expected node content": ("这里缺内容", "可能多了一个逗号或冒号"),
    "found unexpected end of stream": ("引号没有收尾", "请检查这个引号：前后都要有，并且都是英文引号"),
    "found character that cannot start any token": ("不能用这个符号开头", _START),
    "alphabetic or numeric": ("不能用这个符号开头", _START),
    "block sequence entries are not allowed": ("这里不该有短横", "短横应当另起一行，与同一列表的其他短横对齐"),
}
