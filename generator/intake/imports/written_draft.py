"""A draft as it is written, errors and all → its lines, so that an editor can show whatever a person left unfinished.

Nothing is judged here: a word that names nothing is kept, and what no line of an editor can hold makes the draft None.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from generator.core.ledgers import plain_lines
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import ActivityLine, EntryLine, PlainLine
from generator.core.model.ledger import CHINESE_KEYS, Evidence, WrittenName
from generator.intake.imports import month_workbook
from generator.intake.imports.ledger_nodes import LISTS
from generator.intake.text import yaml_nodes
from generator.intake.text.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.problems import Location

_KEYS = {**{chinese: key for key, chinese in CHINESE_KEYS.items()}, **{key: key for key in CHINESE_KEYS}}
_PARTS = {"activities": "a", "entries": "e"}
_COVER = ("recorder", "kind", "reason")
_WHOLE_MONTH = {"all", "全部"}


class WrittenDraft(Struct, frozen=True):
    """A draft of a ledger or correction: the fields of its cover, and its lines by their labels.

    ``chinese`` if its keys are. A correction has the lines that it ``restates`` by the labels of others, and those that
    it strikes, None for the whole month.
    """

    chinese: bool
    cover: Mapping[str, str]
    lines: Mapping[str, PlainLine]
    restates: Mapping[str, PlainLine]
    strikes: Sequence[str] | None

    def amend(self, lines: Mapping[str, PlainLine]) -> Mapping[str, PlainLine]:
        """Return the lines of a month as this correction would leave them."""
        present = {} if self.strikes is None else {key: line for key, line in lines.items() if key not in self.strikes}
        return {**present, **self.restates, **self.lines}


class _NotEditableError(Exception):
    """A draft in which something is written that an editor has no field for."""


def read_written_draft(raw: bytes, file: str, context: CheckContext, number: int = 0) -> WrittenDraft | None:
    """Read a draft of a ledger or, with its number, of a correction; None if an editor can't hold what it says."""
    node, _ = yaml_nodes.read_yaml(raw, file)
    try:
        return _read_draft(_read_fields(node), context, f"c{number}." if number else "") if node else None
    except _NotEditableError:
        return None


def _read_draft(fields: Mapping[str, tuple[str, Node]], context: CheckContext, prefix: str) -> WrittenDraft:
    if not all(key in fields and _read_text(fields[key][1]) for key in ("branch", "month")):
        raise _NotEditableError  # an editor has no fields for them
    lines = {
        f"{prefix}{letter}{number}": _read_line(item, letter, context)
        for key, letter in _PARTS.items()
        if key in fields
        for number, item in enumerate(_read_items(fields[key][1]), start=1)
    }
    restated = fields["restate"][1] if "restate" in fields else None
    pairs = restated.pairs if isinstance(restated, MappingNode) else ()
    strikes = [_read_text(item) for item in _read_items(fields["strike"][1])] if "strike" in fields else []
    return WrittenDraft(
        any(word != key for key, (word, _) in fields.items()),
        {key: _read_text(fields[key][1]) for key in _COVER if key in fields},
        lines,
        {_read_text(key): _read_line(value, _read_text(key).rpartition(".")[2][:1], context) for key, value in pairs},
        None if _WHOLE_MONTH.intersection(strikes) else strikes,
    )


def _read_fields(node: Node) -> Mapping[str, tuple[str, Node]]:
    """Return the fields of a record by their English keys, each with the key as it is written."""
    fields: dict[str, tuple[str, Node]] = {}
    for key, value in node.pairs if isinstance(node, MappingNode) else ():
        name = _KEYS.get(key.text or "")
        if name is None or name in fields:
            raise _NotEditableError
        fields[name] = key.text or "", value
    if not isinstance(node, MappingNode):
        raise _NotEditableError
    return fields


def _read_line(node: Node, letter: str, context: CheckContext) -> PlainLine:
    fields = {name: value for name, (_, value) in _read_fields(node).items()}
    read = dict(_read_texts(fields))
    item = plain_lines.find_item_id(read.pop("item", ""), context)
    day = month_workbook.settle_day(read.pop("date", ""), context.month)
    evidence = _read_evidence(fields["evidence"], context) if "evidence" in fields else {}
    line: PlainLine
    if letter == "a":
        marks = {}
        for key, status in LISTS.items():
            for name in _read_items(fields[key]) if key in fields else ():
                member = _find_member(_read_text(name), day, context)
                if not member or member in marks:
                    raise _NotEditableError
                marks[member] = status
        _refuse_others(read, ActivityLine)
        line = ActivityLine(
            item=item, date=day, evidence=evidence, is_roll="present" not in fields, marks=marks, **read
        )
    else:
        if LISTS.keys() & fields.keys():
            raise _NotEditableError
        _refuse_others(read, EntryLine)
        read["member"] = _find_member(read.get("member", ""), day, context)
        read["level"] = plain_lines.find_level_id(item, read.get("level", ""), context)
        line = EntryLine(item=item, date=day, evidence=evidence, **read)
    return plain_lines.settle_line(line, context)


def _refuse_others(read: Mapping[str, str], kind: type[PlainLine]) -> None:
    if not read.keys() <= set(kind.__struct_fields__):
        raise _NotEditableError


def _read_texts(fields: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if name not in LISTS and name != "evidence":
            yield name, _read_text(value)


def _read_text(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        raise _NotEditableError
    return " ".join(filter(None, map(str.strip, (node.text or "").splitlines())))


def _read_items(node: Node) -> Sequence[Node]:
    """Return the items of a list; a single text is a list of one."""
    if isinstance(node, SequenceNode):
        return node.items
    return (node,) if _read_text(node) else ()


def _read_evidence(node: Node, context: CheckContext) -> Evidence:
    if isinstance(node, ScalarNode) and not node.text:
        return {}
    if not isinstance(node, MappingNode):
        raise _NotEditableError
    evidence: dict[str, tuple[str, ...]] = {}
    for key, value in node.pairs:
        proofs = tuple(filter(None, map(_read_text, _read_items(value))))
        kind = plain_lines.find_kind_id(_read_text(key), context)
        if not kind or kind in evidence:
            raise _NotEditableError
        evidence |= {kind: proofs} if proofs else {}
    return evidence


def _find_member(word: str, day: str, context: CheckContext) -> str:
    return plain_lines.find_member_id(WrittenName(word, Location("")), day, context)
