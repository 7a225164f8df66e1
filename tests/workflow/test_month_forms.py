"""The form that opens in a browser: what it saves comes back as it was, and what is no form is refused."""

import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from tests.conftest import few_examples
from tests.month_forms import fill, read_table, save
from tests.site_project import SiteProject, members, period
from tests.workbook_strategies import ACTIVITIES, ENTRIES, ROSTER, TEXTS, ledger_text
from tests.workbooks import TODAY, bring_in, export, meaning

MARCH = period("2026-03")
LEDGER = "ledgers/2026/jia/03.yaml"
DRAFT = """\
activities:
  - {item: study, date: 2026-03-05, title: 学习一, leave: [张三], evidence: {sign-in: [甲.pdf, 乙.pdf]}}
  - {item: general-meeting, date: 2026-03-06, title: 大会, absent: [王五], exempt: [赵六]}
entries:
  - {member: 王五, item: suggestion, date: 2026-03-12, note: 窗口}
"""


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 jia"))
    organ.ledger("jia", "2026-03", DRAFT)
    return organ


def exported(organ: SiteProject, *words: object) -> dict[str, Any]:
    (page,) = export(organ, "2026-03", "--format", "html", "--branch", "jia", *words)
    return fill(read_table(page))


def drafted(organ: SiteProject) -> list[object]:
    return meaning(organ.read(TODAY).draft_ledgers["jia", MARCH])


@settings(few_examples, phases=[Phase.generate])
@given(TEXTS, ACTIVITIES, ENTRIES)
def test_a_ledger_comes_back_as_it_was(recorder: str, held: list[dict[str, Any]], credited: list[dict[str, Any]]):
    with tempfile.TemporaryDirectory() as folder:
        organ = SiteProject(Path(folder), ROSTER)
        ledger = organ.write(LEDGER, ledger_text(recorder, held, credited))
        before = drafted(organ)
        file = save(exported(organ), organ.root / "a.json")
        assert "与现有的一样" in bring_in(organ, file).stdout
        ledger.unlink()
        bring_in(organ, file)
        assert drafted(organ) == before


def test_members_stand_in_the_order_of_the_roster(organ: SiteProject):
    assert [member["label"] for member in exported(organ)["members"]] == ["张三", "王五", "赵六"]


def test_members_of_one_name_are_told_apart_by_what_the_roster_says(tmp_path: Path):
    roster = members("zhang 张三 jia", "zhang-2 张三 jia", "wang 王五 jia", "wang-2 王五 jia")
    roster = roster.replace("{id: zhang,", "{aka: 大, id: zhang,").replace("{id: zhang-2,", "{aka: 小, id: zhang-2,")
    organ = SiteProject(tmp_path, roster)
    form = exported(organ)
    assert [member["label"] for member in form["members"]] == [
        "张三（大）",
        "张三（小）",
        "王五（wang）",
        "王五（wang-2）",
    ]
    form["cover"]["recorder"] = "某人"
    cells = {"item": "学习教育", "date": "2026-03-05", "member:zhang-2": "假", "member:wang-2": "缺"}
    form["activities"] = [{"key": "", "cells": cells}]
    suggested = {"item": "建言献策", "date": "2026-03-13"}
    # Both as they are shown now, and as earlier versions wrote them.
    for label in ("张三（大）", "张三（zhang）"):
        form["members"][0]["label"] = label
        form["entries"] = [{"key": "", "cells": {**suggested, "member": label}}]
        bring_in(organ, save(form, organ.root / "a.json"))
        (study, entry) = drafted(organ)[3:]
        assert dict(study[-1]) == {"zhang": "present", "zhang-2": "leave", "wang": "present", "wang-2": "absent"}
        assert "zhang" in entry
        (organ.root / LEDGER).unlink()


def test_lines_that_are_added_changed_and_taken_away_reach_the_draft(organ: SiteProject):
    form = exported(organ)
    form["members"].append({"key": "new:4", "label": "王五"})
    form["activities"][0]["cells"]["member:zhang"] = "到"
    del form["activities"][1]
    form["activities"].append({"key": "", "cells": {"item": "支部党课", "date": "2026-03-09", "member:zhao": "缺"}})
    form["entries"].append({"key": "", "cells": {"member": "赵六", "item": "建言献策", "date": "2026-03-13"}})
    done = bring_in(organ, save(form, organ.root / "a.json"), "--update")
    for words in ("-   - {item: general-meeting", "+   - item: lecture", "+     absent: [赵六]", "+   - member: 赵六"):
        assert words in done.stdout
    lines = drafted(organ)[3:]
    assert [line[0] for line in lines] == ["study", "lecture", "suggestion", "suggestion"]


def test_what_is_wrong_is_told_by_its_place_on_the_page(organ: SiteProject):
    form = exported(organ)
    form["activities"][0]["cells"]["date"] = "2026-02-30"
    form["activities"][1]["cells"]["member:wang"] = "○"
    form["entries"][0]["cells"]["member"] = "王六"
    done = organ.run("import", save(form, organ.root / "a.json"), "--update", today=TODAY)
    assert done.exit_code == 1
    for place in ("a.json 考勤 第 1 次活动 日期", "a.json 考勤 第 2 次活动 王五", "a.json 逐条登记 第 1 条 党员"):
        assert f"{place}: 错误" in done.output, done.output


def test_a_sealed_month_is_corrected(organ: SiteProject):
    organ.approve(organ.root / LEDGER)
    form = exported(organ, "--correct")
    form["cover"]["reason"] = "张三到会"
    del form["activities"][0]["cells"]["member:zhang"]
    bring_in(organ, save(form, organ.root / "a.json"))
    text = (organ.root / "ledgers/2026/jia/03.c1.yaml").read_text("utf-8")
    assert "reason: 张三到会" in text
    assert "a1:" in text


def test_of_several_states_of_a_form_the_last_is_taken(organ: SiteProject):
    folder = organ.root / "received"
    folder.mkdir()
    for number, (time, note) in enumerate([("09:30:00", "早"), ("11:00:00", "晚"), ("10:00:00", "中")]):
        form = exported(organ)
        form["saved"] = f"2026-08-20T{time}"
        form["entries"][0]["cells"]["note"] = note
        save(form, folder / f"{number}.json")
    done = bring_in(organ, folder, "--update")
    assert "note: 晚" in (organ.root / LEDGER).read_text("utf-8")
    assert done.output.count("〔form.older〕") == 2


def spoil(change: Callable[[dict[str, Any]], object]) -> Callable[[dict[str, Any]], bytes]:
    def spoiled(form: dict[str, Any]) -> bytes:
        changed = copy.deepcopy(form)
        change(changed)
        return json.dumps(changed).encode()

    return spoiled


DAMAGES: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "cut off": lambda form: json.dumps(form).encode()[:-40],
    "other JSON": lambda _: b'{"title": "x"}',
    "a deep nest": lambda _: b"{" + b'"a":[' * 100_000,
    "not UTF-8": lambda form: json.dumps(form, ensure_ascii=False).encode("gb18030"),
    "too large": lambda _: b"{" + b" " * 2_100_000 + b"}",
    "another key": spoil(lambda form: form.update(more=1)),
    "another type": spoil(lambda form: form["entries"][0]["cells"].update(times=2)),
    "a number for a line": spoil(lambda form: form["activities"].append(3)),
    "an unknown cell": spoil(lambda form: form["entries"][0]["cells"].update(points="50")),
    "a member that isn't there": spoil(lambda form: form["activities"][0]["cells"].update({"member:qian": "缺"})),
    "a member twice": spoil(lambda form: form["members"].append(form["members"][0])),
    "too many lines": spoil(lambda form: form.update(entries=form["entries"] * 2_001)),
    "no time": spoil(lambda form: form.update(saved="yesterday")),
    "another format": spoil(lambda form: form["origin"].update(format="2")),
    "another organ": spoil(lambda form: form["origin"].update(organ="别的机关")),
    "no row of a member": spoil(lambda form: form["members"].pop()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_form_is_refused_and_nothing_is_written(organ: SiteProject, damage: str):
    before = (organ.root / LEDGER).read_bytes()
    file = organ.root / "a.json"
    file.write_bytes(DAMAGES[damage](exported(organ)))
    done = organ.run("import", file, "--update", today=TODAY)
    assert done.exit_code == 1, done.output
    assert "错误" in done.output
    assert (organ.root / LEDGER).read_bytes() == before
