"""The outcomes of a year as a table, CSV and JSON, exactly: decisions, warnings, lists, appraisal, polls, ledgers.

``UPDATE_GOLDEN=1`` writes the texts anew: read each difference before keeping it.
"""

import os
from datetime import date

import pytest

from tests.site_project import REPOSITORY, RULEBOOK, SiteProject

GOLDEN = REPOSITORY / "tests/files/outcomes"
TODAY = date(2026, 10, 20)
ROSTER = """
branches: [{id: jia, name: 甲支部}, {id: yi, name: 乙支部}]
members:
  - {id: zhang, name: 张三, branch: jia, status: full}
  - {id: wang, name: 王五, branch: jia, status: full}
  - {id: qian, name: 钱七, branch: jia, status: full}
  - {id: zhao, name: 赵六, branch: yi, status: full}
  - {id: sun, name: 孙八, branch: yi, status: full}
  - id: li
    name: 李四
    branch: jia
    status: full
    changes: [{from: 2026-04-01, branch: yi}, {from: 2026-09-01, left: 调离}]
"""
ABSENT = {"jia": {1: "李四", 4: "王五"}, "yi": {1: "孙八", 4: "李四"}}  # from the month on
KINDS = {
    "补录": "entries: [{member: 王五, item: suggestion, date: 2026-01-09, note: 建议}]",
    "误记": "strike: [e1]",
    "剔除": "strike: [e2, e3]",
}


@pytest.fixture(scope="module")
def organ(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    """A year up to September, of which a branch lacks the last month; a member moved between two last places, and left.

    Two last places in a row are enough for a grade.
    """
    organ = SiteProject(tmp_path_factory.mktemp("year"), ROSTER, RULEBOOK.replace("times: 4, con", "times: 2, con"))
    for month in range(1, 10):
        for branch in ("jia", "yi"):
            if (branch, month) != ("yi", 9):
                approve(organ, branch, month)
    for number, (kind, lines) in enumerate(KINDS.items(), start=1):
        before = organ.root / f"ledgers/2026/jia/01{f'.c{number - 1}' if number > 1 else ''}.yaml"
        newest = before.read_text(encoding="utf-8").rpartition("digest: ")[2].strip()
        head = f"branch: jia\nmonth: 2026-01\ncorrects: {newest}\nrecorder: 登记员\nkind: {kind}\nreason: 核对\n"
        file = organ.write(f"ledgers/2026/jia/01.c{number}.yaml", head + lines + "\n")
        organ.approve(file, meeting="2026-10-12", today=TODAY)
    ballots = {
        "reviews": "year: 2026\nscores: {zhang: 96.5, wang: 80, li: 70, zhao: 88}\n",
        "votes/early": "award: 表扬\ndate: 2026-06-25\nelectorate: 6\nvotes: {sun: 2}\n",
        "votes/best": "award: 优秀党员\ndate: 2026-07-08\nelectorate: 6\nvotes: {zhang: 4, li: 3, zhao: 3}\n",
    }
    organ.approve(
        *(organ.write(f"ledgers/2026/{name}.yaml", text) for name, text in ballots.items()),
        meeting="2026-10-13",
        today=TODAY,
    )
    return organ


def approve(organ: SiteProject, branch: str, month: int) -> None:
    """Approve a month in time, but for a July; an August is withdrawn first."""
    absent = next(name for since, name in reversed(ABSENT[branch].items()) if since <= month)
    absent = absent if (absent, month) != ("李四", 9) else "孙八"
    lines = f"activities: [{{item: dues, date: 2026-{month:02}-05, absent: [{absent}]}}]\n"
    if (branch, month) == ("jia", 1):
        lines += "entries:" + "".join(
            f"\n  - {{member: 钱七, item: suggestion, date: 2026-01-0{n}, note: 建议}}" for n in (6, 7, 8)
        )
    day = f"2026-{month + 1:02}-{11 if (branch, month) == ('yi', 7) else 3:02}"
    file = organ.ledger(branch, f"2026-{month:02}", lines)
    organ.approve(file, meeting=day, today=TODAY)
    if (branch, month) == ("yi", 8):
        assert organ.run("approve", file, "--withdraw", "--reason", "误审", today=TODAY).exit_code == 0
        organ.approve(file, meeting=day, today=TODAY)


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_outcomes_say_exactly_this(organ: SiteProject, form: str):
    done = organ.run("outcomes", "2026", "--format", form, today=TODAY)
    assert done.exit_code == 0, done.output
    golden = GOLDEN / f"2026.{form.replace('table', 'txt')}"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(done.stdout, encoding="utf-8")
    assert done.stdout == golden.read_text(encoding="utf-8")
