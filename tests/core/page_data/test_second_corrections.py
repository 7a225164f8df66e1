"""Lines that a correction changes, in words: members and items by name, however they were written."""

from pathlib import Path

import pytest

from tests.corrections import form
from tests.site_project import RULEBOOK, SiteProject

ROSTER = """
branches: [{id: jia, name: 甲支部}, {id: yi, name: 乙支部}]
members:
  - {id: zhang, name: 张三, branch: jia, status: full, aka: 大}
  - {id: zhang2, name: 张三, branch: yi, status: full, aka: 小}
  - {id: wang, name: 王五, branch: jia, status: full}
  - {id: zhao, name: 赵六, branch: jia, status: full, changes: [{from: 2026-01-20, branch: yi}]}
"""
PROOF = "evidence: {sign-in: 甲.pdf, photo: [乙.jpg, 丙.jpg]}"
LINES = {
    "activities: [{item: 学习教育, date: 2026-01-08, leave: [zhang, 王五], exempt: [赵六]}]": (
        "c1.a1 补录 — 1月8日 学习教育；请假：张三（大）、王五；免计：赵六；其余全部参加"
    ),
    f"activities: [{{item: volunteer, date: 2026-01-09, title: 护河, present: [张三（大）], {PROOF}}}]": (
        "c1.a1 补录 — 1月9日 志愿服务（护河）；参加：张三（大）；佐证：签到表 甲.pdf，活动照片 乙.jpg、丙.jpg"
    ),
    f"entries: [{{member: 张三, item: contest, level: placed, date: 2026-01-30, {PROOF}}}]": (
        "c1.e1 补录 — 张三（大） 1月30日 比赛表演；取得名次；佐证：签到表 甲.pdf，活动照片 乙.jpg、丙.jpg"
    ),
    "entries: [{member: zhao, item: suggestion, date: 2025-12-30, late: 漏报, note: 建议}]": (
        "c1.e1 补录 — 赵六 12月30日 建言献策；建议；补登（漏报）"
    ),
}


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path, ROSTER, RULEBOOK, (2025, 2026))
    organ.approve(organ.ledger("jia", "2026-01"))
    return organ


@pytest.mark.parametrize("lines", LINES)
def test_a_changed_line_is_told_with_all_that_it_says(organ: SiteProject, lines: str):
    ledger = organ.root / "ledgers/2026/jia/01.yaml"
    digest = ledger.read_text(encoding="utf-8").rpartition("digest: ")[2].strip()
    head = f"branch: jia\nmonth: 2026-01\ncorrects: {digest}\nrecorder: 登记员\nkind: 补录\nreason: 漏记\n"
    told = form(organ, organ.write("ledgers/2026/jia/01.c1.yaml", f"{head}{lines}\n"))
    assert LINES[lines] in told
