"""Changes written into a roster of any style: one piece of text is inserted, and it reads as exactly that change."""

import copy
from datetime import date, timedelta
from itertools import takewhile
from operator import eq
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.model.settings import NameOrder
from generator.intake.files import roster_file
from generator.workflow import roster_text
from generator.workflow.roster_text import ChangeToAdd, ConflictError, EntryToAdd, KeyToSet, RosterChange

Model = dict[str, list[dict[str, Any]]]
FIRST = date(2026, 1, 1)
CHINESE = {
    "branches": {**roster_file.CHINESE_ENTRY_KEYS["branches"], **roster_file.CHINESE_CHANGE_KEYS["branches"]},
    "members": {**roster_file.CHINESE_ENTRY_KEYS["members"], **roster_file.CHINESE_CHANGE_KEYS["members"]},
}
NAMES = ["李静", "王强", "古丽·买买提", "a: b", "x #y", "'引号\"", "{括号}", "是\\n"]


# --- a roster as data, and as people write it ------------------------------------------------------------------------


def quoted(value: str, style: str) -> str:
    return {"plain": roster_text.record_text.inline_yaml(value), "single": "'" + value.replace("'", "''") + "'"}[style]


def spelled(kind: str, fields: dict[str, Any], *, chinese: bool) -> dict[str, Any]:
    return {CHINESE[kind][key]: value for key, value in fields.items()} if chinese else fields


def write(model: Model, draw: st.DrawFn) -> str:
    """The text of a roster: flow or block, with comments and blank lines, in the keys of either language."""
    chinese = draw(st.booleans())
    dash = draw(st.sampled_from(["", "  "])) + "-" + draw(st.sampled_from([" ", "   "]))
    lines = ["# 名册"]
    for kind, title in (("branches", "支部"), ("members", "党员")):
        lines.append(f"{title if chinese else kind}:" + draw(st.sampled_from(["", "   # 见下"])))
        for entry in model[kind]:
            lines += draw(st.lists(st.sampled_from(["", "# 说明：{a, b}", "    # - x"]), max_size=2))
            fields = spelled(kind, {key: value for key, value in entry.items() if key != "changes"}, chinese=chinese)
            changes = [spelled(kind, change, chinese=chinese) for change in entry["changes"]]
            lines += write_entry(fields, changes, "变动" if chinese else "changes", dash, draw)
    lines += draw(st.sampled_from([[], [""], ["# 完"]]))
    text = "\n".join(lines) + draw(st.sampled_from(["\n", ""]))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def write_entry(
    fields: dict[str, str], changes: list[dict[str, str]], key: str, dash: str, draw: st.DrawFn
) -> list[str]:
    style = st.sampled_from(["plain", "single"])
    note = st.sampled_from(["", "   # 注", " # x: {y}"])
    flow_changes = ", ".join(flow(change, draw) for change in changes)
    if draw(st.booleans()):
        pairs = [f"{name}: {quoted(value, draw(style))}" for name, value in fields.items()]
        blank = draw(st.sampled_from([[], [f"{key}: []"], [f"{key}: "], [f"{key}: ~"]]))
        pairs += [f"{key}: [{flow_changes}]"] if changes else blank
        gap = draw(st.sampled_from([", ", ",\n" + " " * len(dash) + "  "]))
        return f"{dash}{{{gap.join(pairs)}{draw(st.sampled_from(['', ' ', ',']))}}}{draw(note)}".split("\n")
    indent = " " * len(dash)
    lines = [f"{indent}{name}: {quoted(value, draw(style))}{draw(note)}" for name, value in fields.items()]
    lines[0] = dash + lines[0].removeprefix(indent)
    lines += [] if changes else draw(st.sampled_from([[], [f"{indent}{key}:"], [f"{indent}{key}: null # 无"]]))
    if changes and draw(st.booleans()):
        lines += [f"{indent}{key}: [{flow_changes}]{draw(note)}"]
    elif changes:
        lines += [f"{indent}{key}:{draw(note)}", *draw(st.lists(st.just(f"{indent}  # 历次"), max_size=1))]
        lines += [f"{indent}  - {flow(change, draw)}{draw(note)}" for change in changes]
    return lines


def flow(fields: dict[str, str], draw: st.DrawFn) -> str:
    style = st.sampled_from(["plain", "single"])
    return "{" + ", ".join(f"{name}: {quoted(value, draw(style))}" for name, value in fields.items()) + "}"


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Model, str]:
    branches = [{"id": name, "name": f"{name}支部", "changes": []} for name in ("jia", "yi")]
    members = [
        {
            "id": f"m{number}",
            "name": draw(st.sampled_from(NAMES)),
            "branch": "jia",
            "status": "full",
            "changes": [
                {"from": (FIRST + timedelta(days=day)).isoformat(), "branch": ("yi", "jia")[place % 2]}
                for place, day in enumerate(sorted(draw(st.sets(st.integers(1, 9), max_size=3))))
            ],
        }
        for number in range(draw(st.integers(1, 4)))
    ]
    model = {"branches": branches, "members": members}
    return copy.deepcopy(model), write(model, draw)


@st.composite
def changes_of(draw: st.DrawFn, model: Model) -> RosterChange:
    member = draw(st.sampled_from(model["members"]))
    name, day = draw(st.sampled_from(NAMES)), FIRST + timedelta(days=draw(st.integers(1, 12)))
    return draw(
        st.sampled_from(
            [
                EntryToAdd("members", {"id": "new", "name": name, "branch": "yi", "status": "probationary"}),
                EntryToAdd(
                    "members", {"id": "new", "name": name, "branch": "jia", "status": "full", "since": "2026-02-01"}
                ),
                EntryToAdd("branches", {"id": "bing", "name": name}),
                KeyToSet("branches", "yi", "until", "2027-01-01"),
                KeyToSet("branches", "jia", "secretary", member["id"]),
                ChangeToAdd("branches", "jia", day, {"name": name, "reason": name}),
                ChangeToAdd("members", member["id"], day, {"left": name}),
                ChangeToAdd("members", member["id"], day, {"name": name, "pinyin": "x y", "aka": "z"}),
            ]
        )
    )


def applied(model: Model, change: RosterChange) -> Model:
    """What the roster holds after a change."""
    after = copy.deepcopy(model)
    entries = after[change.list_key]
    if isinstance(change, EntryToAdd):
        entries.append({**change.fields, "changes": []})
        return after
    (entry,) = [one for one in entries if one["id"] == change.id]
    if isinstance(change, KeyToSet):
        entry[change.key] = change.value
        return after
    same = [one for one in entry["changes"] if one["from"] == change.since.isoformat()]
    if same:
        same[0].update(change.fields)
    else:
        entry["changes"].append({"from": change.since.isoformat(), **change.fields})
        entry["changes"].sort(key=lambda one: one["from"])
    return after


def read(text: str) -> object:
    """What a roster says, whatever the places."""
    found, problems = roster_file.read_roster(text.encode(), "ledgers/roster.yaml", NameOrder.PINYIN)
    if found is None:
        return sorted((problem.code, problem.message) for problem in problems if "行" not in problem.message)
    members = [
        (
            one.id,
            one.spans,
            one.statuses,
            [(day, name.name, name.aka, name.reading) for day, name in one.names],
            one.name,
        )
        for one in found.members
    ]
    return found.branches, sorted(members)


def plain(model: Model) -> str:
    """A roster in one style."""
    inline = roster_text.record_text.inline_yaml
    lists = {
        kind: [{key: value for key, value in entry.items() if value or key != "changes"} for entry in entries]
        for kind, entries in model.items()
    }
    return "\n".join(f"{kind}: {inline(entries)}" for kind, entries in lists.items())


def common(left: str, right: str) -> int:
    """How many characters two texts begin with in common."""
    return sum(takewhile(bool, map(eq, left, right)))


@given(st.data())
def test_a_change_is_one_piece_of_text_and_reads_as_itself(data: st.DataObject):
    model, text = data.draw(rosters())
    change = data.draw(changes_of(model))
    after = roster_text.write_change(text, change)
    start, end = common(text, after), common(text[::-1], after[::-1])
    # Nothing is gone but a blank value: comments, quotes and spaces are as before.
    assert text[start : max(start, len(text) - end)] in {"", "~", "null"}
    assert (after.count("\r\n"), after.count("\n")) == (
        (after.count("\n"),) * 2 if "\r" in text else (0, after.count("\n"))
    )
    assert read(after) == read(plain(applied(model, change)))
    assert roster_text.is_exact(text, after, [change])


# --- cases -----------------------------------------------------------------------------------------------------------

SAMPLE = """\
branches:
  - {id: jia, name: 甲}
members:
  # 甲
  - {id: a, name: 李静, branch: jia, status: full}   # 注
  - id: b
    name: 王强
    branch: jia
    status: probationary
    changes:
      # 历次
      - {from: 2026-03-01, name: 王小强}
  # 完
"""


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            ChangeToAdd("members", "a", date(2026, 5, 1), {"left": "退休"}),
            {5: "  - {id: a, name: 李静, branch: jia, status: full, changes: [{from: 2026-05-01, left: 退休}]}   # 注"},
        ),
        (
            ChangeToAdd("members", "b", date(2026, 5, 1), {"status": "full"}),
            {13: "      - {from: 2026-05-01, status: full}"},
        ),
        (
            ChangeToAdd("members", "b", date(2026, 1, 1), {"status": "full"}),
            {12: "      - {from: 2026-01-01, status: full}"},
        ),
        (
            ChangeToAdd("members", "b", date(2026, 3, 1), {"status": "full"}),
            {12: "      - {from: 2026-03-01, name: 王小强, status: full}"},
        ),
        (
            EntryToAdd("members", {"id": "c", "name": "赵一", "branch": "jia", "status": "full"}),
            {13: "  - {id: c, name: 赵一, branch: jia, status: full}"},
        ),
        (KeyToSet("branches", "jia", "secretary", "a"), {2: "  - {id: jia, name: 甲, secretary: a}"}),
    ],
)
def test_lines_are_written_where_a_person_would(change: RosterChange, lines: dict[int, str]):
    after = roster_text.write_change(SAMPLE, change).splitlines()
    before = SAMPLE.splitlines()
    assert {number: after[number - 1] for number in lines} == lines
    assert len(after) - len(before) in {0, 1}
    assert [line for line in after if line not in before] == list(lines.values())


def test_another_value_on_the_same_day_is_refused():
    with pytest.raises(ConflictError, match="王小强"):
        roster_text.write_change(SAMPLE, ChangeToAdd("members", "b", date(2026, 3, 1), {"name": "王大强"}))


def test_what_is_not_exact_would_be_noticed():
    change = KeyToSet("branches", "jia", "secretary", "a")
    assert not roster_text.is_exact(SAMPLE, SAMPLE, [change])
    assert not roster_text.is_exact(SAMPLE, roster_text.write_change(SAMPLE, change).replace("王强", "王刚"), [change])
