"""The lines in which a sealed file differs from its copy, in words and line by line."""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from operator import eq

from msgspec import Struct

_MAX_COMPARED_LINES = 300  # of either text, outside what both begin and end with; more count as one change
_MAX_DESCRIBED_CHANGES = 3
_MAX_LISTED_LINES = 200
_EXCERPT_LENGTH = 70
_EXCERPT_LEAD = 30  # characters shown before the first that differs


class ChangedLines(Struct, frozen=True):
    """Lines of the original that were replaced: their numbers from 1, and the lines that are in their place now."""

    original_start: int
    original_lines: Sequence[str]
    current_start: int
    current_lines: Sequence[str]


def find_changed_lines(original: Sequence[str], current: Sequence[str]) -> Iterator[ChangedLines]:
    """Find the runs of lines that were replaced, removed or added."""
    from difflib import SequenceMatcher  # noqa: PLC0415  slow to import and seldom needed

    before = _count_equal_lines(original, current)
    after = _count_equal_lines(original[before:][::-1], current[before:][::-1])
    old, new = original[before : len(original) - after], current[before : len(current) - after]
    if max(len(old), len(new)) > _MAX_COMPARED_LINES:
        yield ChangedLines(before + 1, old, before + 1, new)
        return
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield ChangedLines(
                before + old_start + 1, old[old_start:old_end], before + new_start + 1, new[new_start:new_end]
            )


def _count_equal_lines(left: Sequence[str], right: Sequence[str]) -> int:
    return sum(takewhile(bool, map(eq, left, right)))


def describe_changed_lines(original: Sequence[str], current: Sequence[str]) -> str:
    """Describe the first changes on one line, each by its line number and the text before and now."""
    changes = list(find_changed_lines(original, current))
    if not changes:
        return "文字没有变，变的是编码或换行"
    described = "；".join(map(_describe_change, changes[:_MAX_DESCRIBED_CHANGES]))
    more = f"；这样的改动共 {len(changes)} 处" if len(changes) > _MAX_DESCRIBED_CHANGES else ""
    return described + more


def _describe_change(change: ChangedLines) -> str:
    old, new = change.original_lines, change.current_lines
    if not new:
        return f"原第 {change.original_start} 行“{_excerpt(old[0])}”{_count_lines(old)}不见了"
    if not old:
        return f"多出第 {change.current_start} 行“{_excerpt(new[0])}”{_count_lines(new)}"
    differing = _count_equal_characters(old[0], new[0])
    return (
        f"第 {change.current_start} 行原为“{_excerpt(old[0], differing)}”{_count_lines(old)}，"
        f"现为“{_excerpt(new[0], differing)}”{_count_lines(new)}"
    )


def _count_lines(lines: Sequence[str]) -> str:
    return f"等 {len(lines)} 行" if len(lines) > 1 else ""


def _count_equal_characters(left: str, right: str) -> int:
    return sum(takewhile(bool, map(eq, left, right)))


def _excerpt(line: str, differing: int = 0) -> str:
    """Return a short part of a line that contains the first character that differs."""
    text = line.strip()
    indent = len(line) - len(line.lstrip())
    start = max(differing - indent - _EXCERPT_LEAD, 0) if len(text) > _EXCERPT_LENGTH else 0
    end = start + _EXCERPT_LENGTH
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def list_changed_lines(original: Sequence[str], current: Sequence[str]) -> list[str]:
    """List every changed line: the current ones after a minus sign, the original ones after a plus sign."""
    listed: list[str] = []
    for change in find_changed_lines(original, current):
        listed.append(f"第 {change.current_start} 行：")
        listed += [f"- {line}" for line in change.current_lines]
        listed += [f"+ {line}" for line in change.original_lines]
    omitted = len(listed) - _MAX_LISTED_LINES
    return [*listed[:_MAX_LISTED_LINES], f"……还有 {omitted} 行"] if omitted > 0 else listed
