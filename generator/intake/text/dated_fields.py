"""Values with a first day: lists of dated changes, and days that replace a wrong one."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Protocol

from msgspec import Struct

from generator.core.basics.dated import DayMend
from generator.intake.text import shapes, yaml_nodes
from generator.intake.text.fields import Field, FileReport, NodeReader, read_day, read_text, record_of
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Location, Problem

NO_VALUE = "none"  # in the place of a value: there is none any more, or there was none
NO_VALUES = frozenset({NO_VALUE, "无"})  # in any language


class WrittenDay(Struct, frozen=True):
    """A day as written, with the replacements of wrong ones, the oldest first."""

    day: date
    mends: tuple[DayMend, ...] = ()


class _WrittenMend(Struct, frozen=True):
    """A day that replaces another, as written; ``was`` is None if there was no day."""

    day: date
    was: WrittenDay | None
    where: Location
    reason: str = ""
    on: date | None = None


def mended_day(*, with_reason: bool, may_lack: bool = False) -> NodeReader[WrittenDay]:
    """Return a reader of a day, or of ``{day: …, was: …, reason: …}`` if it replaces a wrong one.

    The reason is required ``with_reason``. ``was`` is a day, such a mapping again or, if there ``may_lack`` a day,
    the word ``none``. ``on`` is the day of the replacement.
    """

    def make_mend(was: list[WrittenDay | None], **values: Any) -> _WrittenMend:
        return _WrittenMend(was=was[0], **values)

    @shaped(lambda: shapes.any_of(shape_of(read_day), shapes.word_of(sorted(NO_VALUES)), {"type": "object"}))
    def read_was(node: Node, report: FileReport) -> list[WrittenDay | None] | None:
        # In a list, because a field's value is never None.
        if may_lack and isinstance(node, ScalarNode) and node.text in NO_VALUES:
            return [None]
        was = read_written_day(node, report)
        return None if was is None else [was]

    read_mend = record_of(
        make_mend,
        Field("day", read_day, "日期", required=True),
        Field("was", read_was, "原为", required=True),
        Field("reason", read_text, "原因", required=with_reason),
        Field("on", read_day, "更正日期"),
        with_where=True,
    )

    @shaped(lambda: shapes.any_of(shape_of(read_day), shape_of(read_mend)))
    def read_written_day(node: Node, report: FileReport) -> WrittenDay | None:
        if not isinstance(node, yaml_nodes.MappingNode):
            day = read_day(node, report)
            return None if day is None else WrittenDay(day)
        written = read_mend(node, report)
        if written is None:
            return None
        earlier = written.was.mends if written.was else ()
        was = written.was.day if written.was else None
        mend = DayMend(was, written.day, written.reason, written.on)
        if was == written.day:
            message, hint = f"更正以后的日期还是 {was}", "请改正 day 或 was，没有更正的只写日期"
            report.problems.append(Problem(written.where, "dated.unchanged", message, hint))
        elif earlier and earlier[-1].order > mend.order:
            message, hint = "后一次更正的日期（on）早于前一次的", "请按先后写：was 里面是前一次的"
            report.problems.append(Problem(written.where, "dated.order", message, hint))
        return WrittenDay(written.day, (*earlier, mend))

    return read_written_day


class DatedChange(Protocol):
    """A change with its first day and its place in the file."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def where(self) -> Location:
        """The place in the file."""


def find_misplaced_changes(changes: Sequence[DatedChange], subject: str) -> Iterator[Problem]:
    """Find changes that do not follow one another in time."""
    for before, change in pairwise(changes):
        if change.since <= before.since:
            message = f"{subject} {change.since} 的变动不晚于前一项（{before.since}）"
            hint = "请按日期先后排列，同一天的变动写在一项里"
            yield Problem(change.where, "dated.order", message, hint)


def empty_change_problem(change: DatedChange, subject: str, keys: Iterable[str]) -> Problem:
    """Make the problem of a change without content; ``keys`` are those that it may have."""
    message = f"{subject} {change.since} 的变动没有内容"
    return Problem(change.where, "dated.empty", message, f"请写明 {'、'.join(keys)} 中的一样或几样，或删去这一项")


def unchanged_problem(change: DatedChange, subject: str, key: str) -> Problem:
    """Make the problem of a change to the same value."""
    message = f"{subject} {change.since} 的变动里，{key} 写的还是原来的"
    return Problem(change.where, "dated.unchanged", message, "请改正，或删去这一样")
