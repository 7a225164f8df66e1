"""What ``jifenbang status`` says of each branch's months: every state once, and the command that comes next."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.core.basics.periods import months_of
from generator.core.page_data.dashboard import DashboardCell, MonthProgress
from generator.core.scoring import missing_months
from generator.loader import load
from generator.project import Project
from generator.queries import status
from tests.site_project import SiteProject, members, period, written_once

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi 2026-03-01")
TODAY = date(2026, 8, 20)
FILING = "file 2026-Q1 --branch jia --on 2026-04-10 --by 备案员 --acting 代行"
CYCLE = "ledgers/2026/cycle.yaml"


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    """Of jia the first quarter is filed, and one month of it has a correction waiting; then comes every other state."""
    organ = SiteProject(tmp_path, ROSTER)
    organ.approve(*(organ.ledger("jia", f"2026-0{n}") for n in (1, 2, 3)), meeting="2026-04-02", today=TODAY)
    organ.approve(*(organ.ledger("jia", f"2026-0{n}") for n in (4, 5)), meeting="2026-06-03", today=TODAY)
    assert organ.run(*FILING.split(), today=TODAY).exit_code == 0
    assert organ.run("build", "--output", organ.root / "elsewhere", today=TODAY).exit_code == 0
    organ.approve(organ.ledger("jia", "2026-06"), meeting="2026-07-02", today=TODAY)
    head = organ.read(TODAY).approved_ledgers["jia", period("2026-02")].approvals[-1].digest
    organ.ledger("jia", "2026-07", "activities: [{item: general-meeting, date: 2026-07-05}]")
    organ.ledger("jia", "2026-08", "activities: [{item: 没有的项目, date: 2026-08-05}]")
    organ.ledger("yi", "2026-05", "activities: [{item: general-meeting, date: 2026-05-05}]")
    organ.write(
        "ledgers/2026/jia/02.c1.yaml",
        f"branch: jia\nmonth: 2026-02\ncorrects: {head}\nrecorder: 登记员\nkind: 补录\nreason: 漏记\n"
        "entries: [{member: 张三, item: suggestion, date: 2026-02-05}]\n",
    )
    organ.write("ledgers/2026/votes/a.yaml", "award: 优秀\ndate: 2026-06-20\nelectorate: 3\nvotes: {张三: 2}\n")
    return organ


EXPECTED = """\
截至 2026-08-20

党支部 月份 情况 审核期限 下一步
jia支部 2026-01 已审核，已公布，已备案
jia支部 2026-02 已审核，更正待审核，已公布，已备案 jifenbang approve ledgers/2026/jia/02.c1.yaml --meeting 开会日期 --consent 同意人
jia支部 2026-03 已审核，已公布，已备案
jia支部 2026-04 至 05 已审核，已公布 jifenbang file 2026-Q2 --branch jia --on 备案日期 --by 备案人
jia支部 2026-06 已审核，未公布 jifenbang build
jia支部 2026-07 待审核，逾期 2026-08-10 jifenbang approve ledgers/2026/jia/07.yaml --meeting 开会日期
jia支部 2026-08 草稿有误 2026-09-10 jifenbang check ledgers/2026/jia/08.yaml
yi支部 2026-03 至 04、06 至 07 没有台账，逾期 2026-04-10 jifenbang sheet 2026-03 --branch yi
yi支部 2026-05 待审核，逾期 2026-06-10 jifenbang approve ledgers/2026/yi/05.yaml --meeting 开会日期
yi支部 2026-08 没有台账 2026-09-10 jifenbang sheet 2026-08 --branch yi

另有：
  ledgers/2026/votes/a.yaml还是草稿，报会议审核：jifenbang approve ledgers/2026/votes/a.yaml --meeting 开会日期

工作簿填好以后运行：jifenbang import 文件
"""  # noqa: E501


def squeezed(text: str) -> list[list[str]]:
    """The words of each line: how wide the columns are is tried elsewhere."""
    return [line.split() for line in text.splitlines()]


def test_every_state_has_its_words_and_the_command_that_comes_next(organ: SiteProject):
    done = organ.run("status", today=TODAY)
    assert (done.exit_code, done.stderr) == (0, "")
    assert squeezed(done.stdout) == squeezed(EXPECTED)


def fields(organ: SiteProject, *words: str) -> dict[str, dict[str, object]]:
    done = organ.run("status", *words, "--format", "json", today=TODAY)
    assert done.exit_code == 0, done.output
    return {f"{month['branch']}/{month['month']}": month for month in json.loads(done.stdout)["months"]}


def test_json_has_each_month_by_itself(organ: SiteProject):
    found = fields(organ)
    assert [key for key in found if key.startswith("yi")] == [f"yi/2026-{number:02}" for number in range(3, 13)]
    assert found["jia/2026-02"] == {
        "branch": "jia",
        "month": "2026-02",
        "state": "approved",
        "overdue": False,
        "due": "2026-03-10",
        "correction": True,
        "filed": True,
        "published": True,
        "next": "jifenbang approve ledgers/2026/jia/02.c1.yaml --meeting 开会日期 --consent 同意人",
    }
    assert {key: one["state"] for key, one in found.items() if one["next"] is None} == {
        "jia/2026-01": "approved",
        "jia/2026-03": "approved",
        **{f"{branch}/2026-{number:02}": "ahead" for branch in ("jia", "yi") for number in range(9, 13)},
    }


@pytest.mark.parametrize(
    ("words", "months"),
    [
        (["2026-Q2", "--branch", "jia"], ["jia/2026-04", "jia/2026-05", "jia/2026-06"]),
        (["2026-07"], ["jia/2026-07", "yi/2026-07"]),
        (["2026-Q1", "--branch", "yi支部"], ["yi/2026-03"]),
    ],
)
def test_a_period_and_a_branch_choose_months(organ: SiteProject, words: list[str], months: list[str]):
    assert [*fields(organ, *words)] == months


def test_every_command_that_is_named_runs(organ: SiteProject):
    """Each is typed as it stands, with a day and a name in the place of the words for them."""
    for one in fields(organ).values():
        if one["next"]:
            typed = str(one["next"]).replace("开会日期", "2026-08-19").replace("备案日期", "2026-08-19").split()[1:]
            done = organ.run(*typed, *([] if "--by" in typed else ["--help"]), today=TODAY)
            assert "没有这个" not in done.output, done.output
            assert done.exit_code != 2, done.output


def test_a_filing_is_named_until_it_is_there(organ: SiteProject):
    filing = FILING.replace("2026-Q1", "2026-Q2").replace("2026-04-10", "2026-08-19")
    assert organ.run(*filing.split(), today=TODAY).exit_code == 0
    assert fields(organ)["jia/2026-04"]["next"] is None
    assert fields(organ)["jia/2026-04"]["filed"] is True


def test_quarters_to_be_filed_have_a_line_each(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "wang 王五 jia", branches="jia"))
    organ.approve(*(organ.ledger("jia", f"2026-0{n}") for n in range(1, 7)), meeting="2026-07-02", today=TODAY)
    assert organ.run("build", today=TODAY).exit_code == 0
    lines = organ.run("status", "2026-H1", today=TODAY).stdout.splitlines()
    assert [line.split()[1:4] + line.split()[-8:-6] for line in lines if "jifenbang file" in line] == [
        ["2026-01", "至", "03", "file", "2026-Q1"],
        ["2026-04", "至", "06", "file", "2026-Q2"],
    ]


def test_errors_outside_drafts_are_told_in_its_place(organ: SiteProject):
    organ.write(CYCLE, "year: 2026\nrulebook: nowhere\n")
    done = organ.run("status", today=TODAY)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "cycle.unknown-rulebook" in done.stderr


# --- a cycle that is cut short (R21) ---------------------------------------------------------------------------------

MONTHS = months_of(period("2026"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.dates(date(2026, 1, 1), date(2027, 3, 1)))
def test_a_month_outside_the_cycle_is_never_missing_in_any_view(tmp_path: Path, one: int, other: int, today: date):
    first, last = sorted((one, other))
    organ = SiteProject(tmp_path, ROSTER)
    end = f"until: {{month: 2026-{last:02}, on: 2026-01-01, reason: 撤并}}\n"
    organ.write(CYCLE, f"year: 2026\nrulebook: erqi-2021\nfrom: 2026-{first:02}\n{end}")
    outside = {str(month) for month in MONTHS if not first <= month.number <= last}

    result = load.load_project(Project(organ.root), today)
    assert result.loaded
    told = {problem.subject[1] for problem in result.problems if problem.code == "ledger.missing"}
    term = result.loaded.rulebooks[2026].term
    lacking = {
        name.rpartition("/")[2]
        for whole in ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2026-H1", "2026-H2", "2026")
        for branch in (None, "jia", "yi")
        for name in missing_months.find_missing_months(
            result.loaded.roster, (), term.months_of(period(whole)), branch, today
        )
    }
    view = status.compute_status(Project(organ.root), today, None, None).value
    assert view
    cells = [cell for _, rows in view.years for row in rows for cell in row.cells]
    due = {str(month) for duty in view.dues for month in duty.months}
    assert outside.isdisjoint(told | lacking | due)
    assert {str(cell.month) for cell in cells if cell.progress is not MonthProgress.NONE}.isdisjoint(outside)
    assert not any(cell.overdue for cell in cells if str(cell.month) in outside)
    # Within it, every past month of a branch with members is missing.
    past = {str(month) for month in MONTHS if month.last < today} - outside
    assert told == past == {str(cell.month) for cell in cells if _is_missing(cell)}


def _is_missing(cell: DashboardCell) -> bool:
    return cell.progress is MonthProgress.MISSING


def test_the_day_after_a_month_it_is_missing(tmp_path: Path):
    organ = SiteProject(tmp_path, ROSTER)
    organ.write(CYCLE, "year: 2026\nrulebook: erqi-2021\nfrom: 2026-07\n")
    last = period("2026-07").last
    for today, missing in ((last, []), (last + timedelta(days=1), ["jia/2026-07", "yi/2026-07"])):
        view = status.compute_status(Project(organ.root), today, None, None).value
        assert view
        rows = [(row.branch.id, cell) for _, rows in view.years for row in rows for cell in row.cells]
        assert [f"{branch}/{cell.month}" for branch, cell in rows if _is_missing(cell)] == missing


def test_months_of_which_there_is_nothing_to_say_are_no_empty_table(organ: SiteProject):
    done = organ.run("status", "2026-12", today=TODAY)
    assert (done.exit_code, "党支部" in done.stdout, "还没有到" in done.stdout) == (0, False, True), done.output
