"""The text of a roster, and dated changes written into it: no other line or comment is touched."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct, field

from generator.core.sealing.canonical import PlainData
from generator.intake.files import roster_file
from generator.intake.imports.member_table import MemberRow
from generator.intake.text import yaml_edits, yaml_nodes
from generator.intake.text.yaml_edits import YamlText
from generator.intake.text.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.workflow import record_text

BRANCHES, MEMBERS = "branches", "members"
_STATUSES = {title: status for status, title in roster_file.CHINESE_STATUSES.items()}


class EntryToAdd(Struct, frozen=True):
    """A branch or a member to be added to its list; ``fields`` are by their keys in English, ``id`` among them."""

    list_key: str
    fields: Mapping[str, str]


class KeyToSet(Struct, frozen=True):
    """A key that an entry hasn't yet, and its value."""

    list_key: str
    id: str
    key: str
    value: str


class ChangeToAdd(Struct, frozen=True):
    """A change of an entry from a day on; ``fields`` are by their keys in English."""

    list_key: str
    id: str
    since: date
    fields: Mapping[str, str] = field(default_factory=dict)


RosterChange = EntryToAdd | KeyToSet | ChangeToAdd


class ConflictError(Exception):
    """A change of a day on which the roster has another value already."""


def format_entry(list_key: str, fields: Mapping[str, str], *, chinese: bool = False) -> str:
    """Return a branch or a member as YAML on one line."""
    return record_text.inline_yaml(_spell(roster_file.CHINESE_ENTRY_KEYS[list_key], fields, chinese=chinese))


def list_member_fields(member_id: str, row: MemberRow, branch_id: str) -> Mapping[str, str]:
    """Return the fields of a new member who is in a table."""
    fields = {"id": member_id, "name": row.name, "branch": branch_id, "status": row.status.value}
    optional = {"since": row.since.isoformat() if row.since else "", "aka": row.aka or ""}
    return fields | {key: value for key, value in optional.items() if value}


def write_change(text: str, change: RosterChange) -> str:
    """Return a sound roster's text with a change; raises ConflictError if the same day has another change of a key."""
    document = yaml_edits.read_text(text, "ledgers/roster.yaml")
    if isinstance(change, EntryToAdd):
        return _add_entry(document, change)
    entry = _find_entry(document, change.list_key, change.id)
    if isinstance(change, ChangeToAdd):
        return _add_change(document, entry, change)
    spellings = roster_file.CHINESE_ENTRY_KEYS[change.list_key]
    return yaml_edits.set_keys(document, entry, _inline(_spell_as(entry, spellings, {change.key: change.value})))


def _add_entry(document: YamlText, change: EntryToAdd) -> str:
    entries = _find_list(document, change.list_key)
    chinese = _is_chinese(entries.items[0] if entries.items else document.root)
    index = _find_place(entries.items, change.fields.get("branch"))
    text = format_entry(change.list_key, change.fields, chinese=chinese)
    return yaml_edits.insert_item(document, entries, index, text)


def _find_place(entries: Sequence[Node], branch: str | None) -> int:
    """Return the index behind the last member whose first branch this is; that at the end if there is none."""
    fellows = [number for number, entry in enumerate(entries, start=1) if _read_word(entry, "branch", "支部") == branch]
    return fellows[-1] if branch and fellows else len(entries)


def _add_change(document: YamlText, entry: MappingNode, change: ChangeToAdd) -> str:
    """Add a change to those of an entry, in the order of their days; that of a day that has one is added to it."""
    spellings = roster_file.CHINESE_CHANGE_KEYS[change.list_key]
    fields = {"from": change.since.isoformat(), **change.fields}
    item = record_text.inline_yaml(_spell(spellings, fields, chinese=_is_chinese(entry)))
    changes = yaml_edits.find_value(entry, "changes", "变动")
    if not isinstance(changes, SequenceNode):
        (key,) = _spell_as(entry, roster_file.CHINESE_ENTRY_KEYS[change.list_key], {"changes": ""})
        return yaml_edits.set_list(document, entry, key, item)
    days = [_read_word(item, "from", "起") for item in changes.items]
    if change.since.isoformat() in days:
        same_day = changes.items[days.index(change.since.isoformat())]
        assert isinstance(same_day, MappingNode)
        return _merge_fields(document, same_day, spellings, change.fields)
    index = sum(day < change.since.isoformat() for day in days)
    return yaml_edits.insert_item(document, changes, index, item)


def _merge_fields(
    document: YamlText, item: MappingNode, spellings: Mapping[str, str], fields: Mapping[str, str]
) -> str:
    """Add to a dated change what it lacks."""
    before = {key: _read_word(item, key, spellings[key]) for key in fields}
    for key, value in fields.items():
        if before[key] not in {"", value}:
            raise ConflictError(before[key])
    lacking = {key: value for key, value in fields.items() if not before[key]}
    return yaml_edits.set_keys(document, item, _inline(_spell_as(item, spellings, lacking)))


def _spell_as(mapping: MappingNode, spellings: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, PlainData]:
    """Return fields with their keys as a mapping has them without a value, else in the language of its first key."""
    by_language = _spell(spellings, fields, chinese=_is_chinese(mapping))
    present = {key.text for key, _ in mapping.pairs}
    return {
        next((word for word in (key, spellings[key]) if word in present), spelled): value
        for key, (spelled, value) in zip(fields, by_language.items(), strict=True)
    }


def _spell(spellings: Mapping[str, str], fields: Mapping[str, str], *, chinese: bool) -> dict[str, PlainData]:
    if not chinese:
        return dict(fields)
    values = {key: roster_file.CHINESE_STATUSES[value] if key == "status" else value for key, value in fields.items()}
    return {spellings[key]: value for key, value in values.items()}


def _inline(fields: Mapping[str, PlainData]) -> dict[str, str]:
    return {key: record_text.inline_yaml(value) for key, value in fields.items()}


def _find_list(document: YamlText, key: str) -> SequenceNode:
    entries = yaml_edits.find_value(document.root, key, roster_file.CHINESE_KEYS[key])
    assert isinstance(entries, SequenceNode)
    return entries


def _find_entry(document: YamlText, list_key: str, entry_id: str) -> MappingNode:
    entries = _find_list(document, list_key).items
    entry = next(entry for entry in entries if _read_word(entry, "id", "编号") == entry_id)
    assert isinstance(entry, MappingNode)
    return entry


def _read_word(node: Node, *keys: str) -> str:
    value = yaml_edits.find_value(node, *keys)
    return (value.text or "").strip() if isinstance(value, ScalarNode) else ""


def _is_chinese(node: Node) -> bool:
    """Return whether the first key of a mapping is in Chinese."""
    return isinstance(node, MappingNode) and bool(node.pairs) and not (node.pairs[0][0].text or "").isascii()


# --- reading back ----------------------------------------------------------------------------------------------------


def is_exact(before: str, after: str, changes: Sequence[RosterChange]) -> bool:
    """Return whether a text holds what it held before and these changes, and nothing else."""
    expected, actual = _read_entries(before), _read_entries(after)
    for change in changes:
        entries = expected[change.list_key]
        if isinstance(change, EntryToAdd):
            entries[change.fields["id"]] = dict(change.fields)
        elif isinstance(change, KeyToSet):
            entries[change.id][change.key] = change.value
        else:
            days = entries[change.id].setdefault("changes", {})
            days.setdefault(change.since.isoformat(), {"from": change.since.isoformat()}).update(change.fields)
    return expected == actual


def _read_entries(text: str) -> dict[str, Any]:
    """Return what a roster holds with its keys in English: entries by id, in each the changes by their days."""
    data: Any = yaml_nodes.to_plain_data(yaml_edits.read_text(text, "ledgers/roster.yaml").root)
    roster = _use_english(data, roster_file.CHINESE_KEYS)
    for key in (BRANCHES, MEMBERS):
        entries = [_use_english(entry, roster_file.CHINESE_ENTRY_KEYS[key]) for entry in roster[key]]
        for entry in entries:
            if "changes" in entry:
                changes = [_use_english(change, roster_file.CHINESE_CHANGE_KEYS[key]) for change in entry["changes"]]
                entry["changes"] = {change["from"]: change for change in changes}
        roster[key] = {entry["id"]: entry for entry in entries}
    return roster


def _use_english(data: Mapping[str, Any], spellings: Mapping[str, str]) -> dict[str, Any]:
    """Return data with the English spellings of its keys, and of a status; keys without a value are left out."""
    keys = {alias: key for key, alias in spellings.items()}
    english = {keys.get(key, key): value for key, value in data.items() if value is not None}
    if "status" in english:
        english["status"] = _STATUSES.get(english["status"], english["status"])
    return english
