"""Random ledgers of a branch's month, as recorders might write them: namesakes, moves, late lines, odd texts."""

import json
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from generator.core.model.settings import NameOrder
from generator.intake.files import roster_file

ROSTER = """\
branches: [{id: jia, name: 甲支部}, {id: yi, name: 乙支部}]
members:
  - {id: m0, name: 李静, branch: jia, status: full, aka: 一室}
  - {id: m1, name: 李静, branch: jia, status: full, aka: 二室}
  - {id: m2, name: 王五, branch: jia, status: full, changes: [{from: 2026-03-15, branch: yi}]}
  - {id: m3, name: 赵六, branch: yi, status: full, changes: [{from: 2026-03-10, branch: jia}]}
  - {id: m4, name: 周敏, branch: jia, status: full}
  - {id: m5, name: 周敏, branch: yi, status: full}
  - {id: m6, name: 吴七, branch: jia, status: full, changes: [{from: 2026-02-20, left: 调离}]}
  - {id: m7, name: 郑八, branch: jia, status: probationary, changes: [{from: 2026-03-20, name: 郑玖}]}
"""
PEOPLE, _ = roster_file.read_roster(ROSTER.encode(), "ledgers/roster.yaml", NameOrder.PINYIN)
TEXTS = st.sampled_from(
    [
        *("三月会议", "=1+1", "+1", "-", "- 甲", "@甲", "007", "1e3", "TRUE", "2026-03-05", "null", "~", "'甲", '"甲"'),
        *("甲: 乙", "# 甲", "{甲, 乙}", "[甲]", "a&b<c>", "_x0041_", "甲  乙", "甲；乙", "\\n", "𠮷", "　甲", "%"),
        *("!甲", "*甲", "http://example.invalid/a", "yes", "甲，主题：乙", "{=A1}", "长" * 300, "1/2", "１２"),
    ]
) | st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
PROOF = TEXTS.map(str.strip).filter(lambda text: text not in {"-", "/", "无"})  # such as stand for a missing proof
PROOFS = st.lists(PROOF, min_size=1, max_size=3)
DAYS = st.dates(date(2026, 3, 1), date(2026, 3, 31)) | st.dates(date(2025, 12, 20), date(2026, 2, 28))


def people(day: date) -> list[str]:
    assert PEOPLE is not None
    return [member.id for member in PEOPLE.members_on("jia", day)]


@st.composite
def evidence(draw: st.DrawFn) -> dict[str, Any]:
    """All kinds that any item demands, and perhaps others."""
    kinds = {"sign-in": draw(PROOFS), "photo": draw(PROOFS), "document": draw(PROOF)}
    return {**kinds, **draw(st.dictionaries(st.just("会议记录"), PROOFS))}


@st.composite
def activities(draw: st.DrawFn) -> dict[str, Any]:
    item = draw(st.sampled_from(["general-meeting", "学习教育", "dues", "innovation", "volunteer"]))
    day = draw(DAYS)
    lists: dict[str, list[str]] = {"present": [], "leave": [], "absent": [], "exempt": []}
    for member in people(day):
        name = draw(st.sampled_from([None, *lists]))
        if name is not None:
            lists[name].append(member)
    line: dict[str, Any] = {"item": item, "date": str(day), "title": draw(TEXTS), "evidence": draw(evidence())}
    if item in {"general-meeting", "学习教育", "dues"} and draw(st.booleans()):
        del lists["present"]
    return line | lists | _lateness(draw, day)


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    item = draw(st.sampled_from(["contest", "suggestion", "late-document", "criticism", "innovation"]))
    day = draw(DAYS)
    line = {"member": draw(st.sampled_from(people(day))), "item": item, "date": str(day), "evidence": draw(evidence())}
    line |= {"level": draw(st.sampled_from(["joined", "取得名次"]))} if item == "contest" else {}
    line |= draw(st.fixed_dictionaries({}, optional={"times": st.integers(1, 5).map(str), "note": TEXTS}))
    return line | _lateness(draw, day)


def _lateness(draw: st.DrawFn, day: date) -> dict[str, str]:
    return {} if day > date(2026, 3, 1) - timedelta(days=1) else {"late": draw(TEXTS)}


ACTIVITIES, ENTRIES = st.lists(activities(), max_size=4), st.lists(entries(), max_size=4)


def ledger_text(recorder: str, held: list[dict[str, Any]], credited: list[dict[str, Any]]) -> str:
    data = {"branch": "jia", "month": "2026-03", "recorder": recorder, "activities": held, "entries": credited}
    return "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in data.items())
