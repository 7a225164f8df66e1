"""Dated changes of a rulebook: of boards, rounding, consequences and bookkeeping, none of which a ledger seals."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from msgspec import Struct

from generator.core.model.rulebook import (
    BoardRule,
    BookkeepingRule,
    EndedEntry,
    RoundingRule,
    RulebookChange,
    merge_entries,
)
from generator.intake.files import rulebook_outcomes
from generator.intake.files.rulebook_outcomes import WrittenConsequence
from generator.intake.text import dated_fields, shapes, yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    NodeReader,
    list_of,
    read_day,
    read_slug,
    read_text,
    record_of,
)
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Location, Problem

T = TypeVar("T")

KEYS = ("boards", "rounding", "consequences", "bookkeeping")


class WrittenRulebookChange(Struct, frozen=True):
    """A dated change of a rulebook as written; ``since`` is written ``from``, a keyword of Python's."""

    since: date
    reason: str
    where: Location
    boards: tuple[BoardRule | EndedEntry, ...] = ()
    rounding: RoundingRule | None = None
    consequences: tuple[WrittenConsequence | EndedEntry, ...] = ()
    bookkeeping: BookkeepingRule | EndedEntry | None = None

    @property
    def value(self) -> RulebookChange:
        """The change without locations."""
        consequences = tuple(
            entry.value if isinstance(entry, WrittenConsequence) else entry for entry in self.consequences
        )
        return RulebookChange(self.since, self.reason, self.boards, self.rounding, consequences, self.bookkeeping)


class RulebookParts(Struct, frozen=True):
    """The parts of a rulebook that changes concern, in one state; ``where`` is the place of the change that made it."""

    boards: tuple[BoardRule, ...]
    rounding: RoundingRule
    consequences: tuple[WrittenConsequence, ...]
    bookkeeping: BookkeepingRule | None
    where: Location


def _entry_or_end(read_entry: NodeReader[T]) -> NodeReader[T | EndedEntry]:
    """Return a reader of an entry, or of one that has only an ``id``: it ends."""
    read_end = record_of(EndedEntry, Field("id", read_slug, required=True))

    @shaped(lambda: shapes.any_of(shape_of(read_end), shape_of(read_entry)))
    def read(node: Node, report: FileReport) -> T | EndedEntry | None:
        ends = isinstance(node, yaml_nodes.MappingNode) and [key.text for key, _ in node.pairs] == ["id"]
        return read_end(node, report) if ends else read_entry(node, report)

    return read


def _value_or_none(read_value: NodeReader[T], name: str) -> NodeReader[T | EndedEntry]:
    """Return a reader of a value, or of the word that there is none any more."""

    @shaped(lambda: shapes.any_of(shapes.word_of([dated_fields.NO_VALUE]), shape_of(read_value)))
    def read(node: Node, report: FileReport) -> T | EndedEntry | None:
        is_none = isinstance(node, ScalarNode) and node.text == dated_fields.NO_VALUE
        return EndedEntry(name) if is_none else read_value(node, report)

    return read


def _make_change(**values: Any) -> WrittenRulebookChange:
    return WrittenRulebookChange(since=values.pop("from"), **values)


def changes_reader(read_board: NodeReader[BoardRule]) -> NodeReader[tuple[WrittenRulebookChange, ...]]:
    """Return a reader of the list of changes."""
    return list_of(
        record_of(
            _make_change,
            Field("from", read_day, required=True),
            Field("reason", read_text, required=True),
            Field("boards", list_of(_entry_or_end(read_board))),
            Field("rounding", rulebook_outcomes.ROUNDING),
            Field("consequences", list_of(_entry_or_end(rulebook_outcomes.CONSEQUENCE))),
            Field("bookkeeping", _value_or_none(rulebook_outcomes.BOOKKEEPING, "bookkeeping")),
            with_where=True,
        )
    )


def list_states(base: RulebookParts, changes: Sequence[WrittenRulebookChange]) -> Iterator[RulebookParts]:
    """Yield the parts after each change."""
    state = base
    for change in changes:
        bookkeeping = None if isinstance(change.bookkeeping, EndedEntry) else change.bookkeeping
        consequences = {written.value.id: written for written in (*state.consequences, *_written(change))}
        merged = merge_entries([written.value for written in state.consequences], change.value.consequences)
        state = RulebookParts(
            boards=merge_entries(state.boards, change.boards),
            rounding=change.rounding or state.rounding,
            consequences=tuple(consequences[rule.id] for rule in merged),
            bookkeeping=bookkeeping if change.bookkeeping else state.bookkeeping,
            where=change.where,
        )
        yield state


def _written(change: WrittenRulebookChange) -> list[WrittenConsequence]:
    return [entry for entry in change.consequences if isinstance(entry, WrittenConsequence)]


def check_changes(base: RulebookParts, changes: Sequence[WrittenRulebookChange]) -> Iterator[Problem]:
    """Find changes out of order, without content, of unknown entries, or to the same value."""
    yield from dated_fields.find_misplaced_changes(changes, "规则")
    boards = {board.id: board for board in base.boards}
    states = [base, *list_states(base, changes)]
    for before, change, after in zip(states, changes, states[1:], strict=False):
        if not any(getattr(change, key) for key in KEYS):
            yield dated_fields.empty_change_problem(change, "规则", KEYS)
        ends_unknown = list(_check_ended(change, before))
        yield from ends_unknown
        for key in KEYS:
            if getattr(change, key) and _plain(before, key) == _plain(after, key) and not ends_unknown:
                yield dated_fields.unchanged_problem(change, "规则", key)
        for board in change.boards:
            if isinstance(board, BoardRule):
                earlier = boards.setdefault(board.id, board)
                if (earlier.period, earlier.scope) != (board.period, board.scope):
                    message = f"榜单“{board.id}”的周期或范围与原来的不同"
                    hint = f"请另用一个编号写新的榜单，原来的只写 {{id: {board.id}}}，从那一天起不再有"
                    yield Problem(change.where, "dated.board", message, hint)


def _plain(parts: RulebookParts, key: str) -> object:
    value = getattr(parts, key)
    return tuple(written.value for written in value) if key == "consequences" else value


def _check_ended(change: WrittenRulebookChange, before: RulebookParts) -> Iterator[Problem]:
    """Find entries that end although there are none of their id."""
    ids_by_kind: tuple[tuple[str, Sequence[object], set[str]], ...] = (
        ("榜单", change.boards, {board.id for board in before.boards}),
        ("结果运用", change.consequences, {written.value.id for written in before.consequences}),
    )
    for kind, entries, ids in ids_by_kind:
        for entry in entries:
            if isinstance(entry, EndedEntry) and entry.id not in ids:
                message = f"{change.since} 以前没有“{entry.id}”这项{kind}"
                hint = f"只写 id 的一项，从那一天起不再有；可以写的有：{'、'.join(sorted(ids))}。要增加的请写全"
                yield Problem(change.where, "dated.unknown-id", message, hint)
