"""Lines of a workbook → the nodes of a ledger as a person would write it, each with the cell that it is from."""

from collections.abc import Iterable, Mapping, Sequence

from generator.core.ledgers import plain_lines
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import ActivityLine, EntryLine, PlacedLine
from generator.core.model.ledger import CHINESE_KEYS, AttendanceStatus, Evidence, WrittenName
from generator.intake.text.fields import FileReport
from generator.intake.text.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.problems import Location

LISTS = {
    "present": AttendanceStatus.PRESENT,
    "leave": AttendanceStatus.LEAVE,
    "absent": AttendanceStatus.ABSENT,
    "exempt": AttendanceStatus.EXEMPT,
}


class PlacedReport(FileReport):
    """The problems of nodes that are from several places; the line of each node is the number of its place."""

    places: Sequence[Location] = ()

    def where_of(self, node: Node) -> Location:
        """Return the place that a node is from."""
        return self.places[node.line]


class LedgerNodes:
    """A maker of a ledger's nodes, with keys in Chinese or English; ``places`` grow with them."""

    def __init__(self, context: CheckContext, *, chinese: bool) -> None:
        self.context = context
        self.chinese = chinese
        self.places: list[Location] = []

    def make_scalar(self, text: str | None, where: Location) -> ScalarNode:
        """Make the node of a text."""
        return ScalarNode(text, self._add_place(where), 1)

    def make_list(self, items: Iterable[Node], where: Location) -> SequenceNode:
        """Make the node of a list."""
        return SequenceNode(tuple(items), self._add_place(where), 1)

    def make_mapping(self, values: Mapping[str, Node | None], where: Location) -> MappingNode:
        """Make the node of a record from its fields by their English keys; those without a value are left out."""
        pairs = [
            (self.make_scalar(CHINESE_KEYS[key] if self.chinese else key, self.places[value.line]), value)
            for key, value in values.items()
            if value is not None
        ]
        return MappingNode(tuple(pairs), self._add_place(where), 1)

    def make_labelled(self, lines: Mapping[str, Node], where: Location) -> MappingNode:
        """Make the node of lines by their labels."""
        pairs = [(self.make_scalar(label, where), line) for label, line in lines.items()]
        return MappingNode(tuple(pairs), self._add_place(where), 1)

    def copy_node(self, node: Node, file: str) -> Node:
        """Return the node of a file with its place in it."""
        where = Location(file, node.line, node.column)
        if isinstance(node, MappingNode):
            pairs = [
                (self.make_scalar(key.text, Location(file, key.line, key.column)), self.copy_node(value, file))
                for key, value in node.pairs
            ]
            return MappingNode(tuple(pairs), self._add_place(where), 1)
        if isinstance(node, SequenceNode):
            return self.make_list([self.copy_node(item, file) for item in node.items], where)
        return self.make_scalar(node.text, where)

    def copy_line(self, node: Node, placed: PlacedLine) -> Node:
        """Return the node of a line that stays as it is written, each field with its place in the workbook."""
        if not isinstance(node, MappingNode):
            return self._copy_to(node, placed.place_of(""))
        english = {chinese: key for key, chinese in CHINESE_KEYS.items()}
        pairs = []
        for key, value in node.pairs:
            name = english.get(key.text or "", key.text or "")
            where = placed.place_of(name)
            if name in LISTS and isinstance(value, SequenceNode):
                copied: Node = self.make_list([self._copy_name(item, placed) for item in value.items], where)
            else:
                copied = self._copy_to(value, where)
            pairs.append((self.make_scalar(key.text, where), copied))
        return MappingNode(tuple(pairs), self._add_place(placed.place_of("")), 1)

    def _copy_name(self, node: Node, placed: PlacedLine) -> Node:
        name = WrittenName(node.text or "" if isinstance(node, ScalarNode) else "", placed.place_of(""))
        member = plain_lines.find_member_id(name, placed.line.date, self.context)
        return self._copy_to(node, placed.place_of(f"member:{member}"))

    def _copy_to(self, node: Node, where: Location) -> Node:
        """Return a node all of which is at one place."""
        if isinstance(node, MappingNode):
            pairs = [(self.make_scalar(key.text, where), self._copy_to(value, where)) for key, value in node.pairs]
            return MappingNode(tuple(pairs), self._add_place(where), 1)
        if isinstance(node, SequenceNode):
            return self.make_list([self._copy_to(item, where) for item in node.items], where)
        return self.make_scalar(node.text, where)

    def make_line(self, placed: PlacedLine) -> MappingNode:
        """Make the node of an activity or an entry."""
        line = placed.line
        # Its required fields are there even if blank, so that the check reports the cell.
        values: dict[str, Node | None] = {
            **({"member": self._make_member(line.member, placed)} if isinstance(line, EntryLine) else {}),
            "item": self.make_scalar(self._name_item(line.item), placed.place_of("item")),
            **({"level": self._make_level(line, placed)} if isinstance(line, EntryLine) else {}),
            "date": self.make_scalar(line.date, placed.place_of("date")),
            **(self._make_attendance(line, placed) if isinstance(line, ActivityLine) else {}),
            **(
                {name: self._make_text(placed, name) for name in ("times", "note")}
                if isinstance(line, EntryLine)
                else {}
            ),
            "evidence": self._make_evidence(line.evidence, placed),
            "late": self._make_text(placed, "late"),
        }
        return self.make_mapping(values, placed.place_of(""))

    def _make_attendance(self, line: ActivityLine, placed: PlacedLine) -> Mapping[str, Node | None]:
        settled = plain_lines.settle_line(line, self.context)
        assert isinstance(settled, ActivityLine)
        nodes: dict[str, Node | None] = {"title": self._make_text(placed, "title")}
        for key, status in LISTS.items():
            members = [member for member, mark in settled.marks.items() if mark is status]
            is_listed = bool(members)
            if key == "present":
                # Without a roll and without a choice, an empty list would be a guess.
                is_listed = not settled.is_roll and (line.is_roll is False or is_listed or self._has_roll(line.item))
            nodes[key] = (
                self.make_list(
                    [self._make_member(member, placed) for member in members],
                    placed.place_of(f"member:{members[0]}" if members else ""),
                )
                if is_listed
                else None
            )
        return nodes

    def _has_roll(self, item: str) -> bool:
        rule = self.context.rulebook.item.get(item)
        return rule is not None and rule.roll

    def _make_member(self, member: str, placed: PlacedLine) -> ScalarNode:
        name = plain_lines.name_member(member, placed.line.date, self.context)
        is_entry = isinstance(placed.line, EntryLine)
        return self.make_scalar(name, placed.place_of("member" if is_entry else f"member:{member}"))

    def _name_item(self, item: str) -> str:
        return plain_lines.name_item(item, self.context) if self.chinese else item

    def _make_level(self, line: EntryLine, placed: PlacedLine) -> ScalarNode | None:
        level = plain_lines.name_level(line.item, line.level, self.context) if self.chinese else line.level
        return self.make_scalar(level, placed.place_of("level")) if level else None

    def _make_text(self, placed: PlacedLine, name: str) -> ScalarNode | None:
        text = getattr(placed.line, name)
        return self.make_scalar(text, placed.place_of(name)) if text else None

    def _make_evidence(self, evidence: Evidence, placed: PlacedLine) -> MappingNode | None:
        pairs: list[tuple[ScalarNode, Node]] = []
        for kind, proofs in evidence.items():
            where = placed.place_of(f"evidence:{kind}")
            key = self.make_scalar(plain_lines.name_kind(kind, self.context) if self.chinese else kind, where)
            nodes = [self.make_scalar(proof, where) for proof in proofs]
            if nodes:
                pairs.append((key, nodes[0] if len(nodes) == 1 else self.make_list(nodes, where)))
        return MappingNode(tuple(pairs), self._add_place(placed.place_of("evidence")), 1) if pairs else None

    def _add_place(self, where: Location) -> int:
        self.places.append(where)
        return len(self.places) - 1
