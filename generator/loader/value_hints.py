"""The dated form of a change, as YAML to be typed."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from generator.core.model import decisive_inputs
from generator.core.model.decisive_inputs import InputKind
from generator.core.model.rulebook import BoardRule, Consequence, Rulebook
from generator.core.sealing import digests
from generator.core.sealing.canonical import PlainData

_DAY = timedelta(days=1)
_PLAIN_SCALAR = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`~=.\d][^:#,\[\]{}'\"\n]*|-?\d[\d.-]*")
REASON = "…"  # the user's to write


def to_yaml(value: object) -> str:
    """Return a value as YAML in one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {to_yaml(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, str):
        return value if _PLAIN_SCALAR.fullmatch(value) or value == REASON else json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    assert isinstance(value, Iterable)
    return f"[{', '.join(map(to_yaml, value))}]"


class ValueDifference(Struct, frozen=True):
    """A value that differs on the day of something published: what it was and is, and from when it can be another."""

    was: PlainData
    is_now: PlainData
    next_day: date


def changes_yaml(kind: InputKind, day: date, values: Mapping[str, PlainData]) -> str:
    """Return the list of changes with one from a day on."""
    reason = {"reason": REASON} if kind.with_reason else {}
    return f"changes: {to_yaml([{'from': day.isoformat(), **reason, **values}])}"


def describe_difference(kind: InputKind, difference: ValueDifference) -> tuple[str, str]:
    """Describe what a value of a rulebook was and is; of entries by id only those that differ."""
    was, is_now = difference.was, difference.is_now
    if isinstance(was, Mapping) and isinstance(is_now, Mapping):
        ids = [key for key in {**was, **is_now} if was.get(key) != is_now.get(key)]
        return _describe_entries(kind, was, ids), _describe_entries(kind, is_now, ids)
    return _describe_value(kind, was), _describe_value(kind, is_now)


def _describe_entries(kind: InputKind, entries: Mapping[str, PlainData], ids: Iterable[str]) -> str:
    return "；".join(f"{key} {_describe_value(kind, entries[key])}" if key in entries else f"没有 {key}" for key in ids)


def _describe_value(kind: InputKind, value: PlainData) -> str:
    if kind is decisive_inputs.BOOKKEEPING:
        return "没有" if value == "0" else f"次月 {value} 日"
    if kind is decisive_inputs.ROUNDING:
        return to_yaml(_rounding_yaml(value))
    return to_yaml(_rule_as_written(value) if kind is decisive_inputs.CONSEQUENCES else value)


def make_rounding_hint(_: Rulebook, difference: ValueDifference) -> str:
    """Return the hint for another rounding."""
    was, is_now = (_rounding_yaml(value) for value in (difference.was, difference.is_now))
    change = changes_yaml(decisive_inputs.ROUNDING, difference.next_day, {"rounding": is_now})
    return f"请写回 rounding: {to_yaml(was)}，另写 {change}"


def _rounding_yaml(value: PlainData) -> PlainData:
    assert isinstance(value, Sequence)
    rule, step = value
    return {"rule": rule, "step": step}


def make_board_hint(rulebook: Rulebook, difference: ValueDifference) -> str:
    """Return the hint for boards that were added, taken away or made another kind."""
    was, is_now = difference.was, difference.is_now
    assert isinstance(was, Mapping)
    assert isinstance(is_now, Mapping)
    restored = [_board_yaml(board, was[board]) for board in was if was[board] != is_now.get(board)]
    withdrawn = [board for board in is_now if board not in was]
    entries: list[PlainData] = [{"id": board} for board in was if was[board] != is_now.get(board)]
    for board, value in is_now.items():
        if was.get(board) != value:
            # An id keeps its period and scope for good.
            entries.append(_board_yaml(board if board not in was else f"{board}-2", value, rulebook.board.get(board)))
    change = changes_yaml(decisive_inputs.BOARDS, difference.next_day, {"boards": entries})
    steps = [f"在 boards 里写回 {'、'.join(map(to_yaml, restored))}"] if restored else []
    steps += [f"从 boards 里删去 {'、'.join(withdrawn)}"] if withdrawn else []
    return f"请{'，'.join(steps)}，另写 {change}"


def _board_yaml(board: str, value: PlainData, rule: BoardRule | None = None) -> dict[str, PlainData]:
    assert isinstance(value, Sequence)
    period, scope = value
    words = {"title": rule.title, "clause": rule.clause} if rule else {}
    return {"id": board, "period": period, "scope": scope, **{key: word for key, word in words.items() if word}}


def make_consequence_hint(rulebook: Rulebook, difference: ValueDifference) -> str:
    """Return the hint for rules that were added, taken away or decide otherwise."""
    was, is_now = difference.was, difference.is_now
    assert isinstance(was, Mapping)
    assert isinstance(is_now, Mapping)
    rules = {rule.id: rule for rule in rulebook.state_on(difference.next_day - _DAY).consequences}
    entries: list[PlainData] = []
    steps = []
    for rule_id in [key for key in {**was, **is_now} if was.get(key) != is_now.get(key)]:
        steps.append(
            f"把 {rule_id} 写回 {to_yaml(_rule_as_written(was[rule_id]))}"
            if rule_id in was
            else f"去掉 {rule_id} 的 when 和 effect"
        )
        entries.append(_consequence_yaml(rules[rule_id]) if rule_id in rules else {"id": rule_id})
    change = changes_yaml(decisive_inputs.CONSEQUENCES, difference.next_day, {"consequences": entries})
    return f"请在 consequences 里{'，'.join(steps)}，另写 {change}"


def _rule_as_written(value: PlainData) -> dict[str, PlainData]:
    """Return the deciding keys of a rule as they are written."""
    assert isinstance(value, Mapping)
    when = value["when"]
    assert isinstance(when, Sequence)
    conditions: list[PlainData] = []
    for condition in when:
        assert isinstance(condition, Sequence)
        board, place, among, times, consecutive = condition
        optional = {"among": among, "times": times} | ({"consecutive": "true"} if consecutive else {})
        conditions.append(
            {"board": board, "place": place, **{key: text for key, text in optional.items() if text != "1"}}
        )
    rule = {"members": value["members"], "within": value["within"], "when": conditions, "effect": value["effect"]}
    rule |= {"grade": value["grade"]}
    return {key: entry for key, entry in rule.items() if entry and (key, entry) != ("within", "cycle")}


def _consequence_yaml(rule: Consequence) -> dict[str, PlainData]:
    words: dict[str, PlainData] = {"id": rule.id, "title": rule.title, "clause": rule.clause, "text": rule.text}
    return words | _rule_as_written(json.loads(json.dumps(digests.consequence_as_data(rule))))


def make_bookkeeping_hint(rulebook: Rulebook, difference: ValueDifference) -> str:
    """Return the hint for another day by which ledgers are approved."""
    state = rulebook.state_on(difference.next_day - _DAY).bookkeeping
    clause = state.clause if state else REASON
    was, is_now = (
        {"clause": clause, "due": due} if due != "0" else "none" for due in (difference.was, difference.is_now)
    )
    restore = "删去 bookkeeping" if was == "none" else f"写回 bookkeeping: {to_yaml(was)}"
    change = changes_yaml(decisive_inputs.BOOKKEEPING, difference.next_day, {"bookkeeping": is_now})
    return f"请{restore}，另写 {change}"
