"""暂计, 公示 and 已定: the states of boards, and how they are worded."""

from datetime import date
from pathlib import Path

import pytest

from generator.core.scoring.objection_periods import ObjectionPeriod
from generator.problems import Severity
from generator.project import Project
from generator.queries.check import check_project
from generator.render.html import filters
from tests.site_project import SETTINGS, TODAY, SiteProject, members, organ_edition, period, survey

MONTHS = [f"2026-{number:02}" for number in range(1, 13)]
BRANCHES = {
    "2026-08": "jia",
    "2026-12": "jia",
    "2026-Q3": "jia",
    "2026-Q4": "jia",
    "2026-H1": None,
    "2026-H2": None,
    "2026": None,
}
OBJECTION = "objection: {days: 5, contact: 办公室}\n"
POSTED = "posted: {2026-Q3: 2026-09-30, 2026-H2: 2026-12-31, 2026-08: 2026-09-03, 2026: 2027-01-04}\n"
CALENDAR = "calendar: {off: [2027-01-01, 2027-01-02, 2027-01-03], work: [2027-01-09], years: [2027]}\n"


def make(root: Path, lacking: str = "") -> SiteProject:
    """A branch with all of 2026 approved in two meetings, one month perhaps a draft only."""
    organ = SiteProject(root, members("wang 王 jia", branches="jia"))
    ledgers = {month: organ.ledger("jia", month) for month in MONTHS}
    approved = [(month, file) for month, file in ledgers.items() if month != lacking]
    organ.approve(*(file for month, file in approved if month < "2026-10"), meeting="2026-10-09")
    organ.approve(*(file for month, file in approved if month >= "2026-10"), meeting="2027-01-05")
    return organ


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    return make(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    return make(tmp_path_factory.mktemp("lacking"), lacking="2026-08")


def state(organ: SiteProject, name: str, today: date = date(2027, 6, 1)) -> str:
    """The board's state in words, drafts previewed."""
    view, branch = survey(organ.root, today, drafts=True), BRANCHES[name]
    made = organ_edition(view) if branch is None else view.make_branch_edition(branch)
    board = made.board_by_key[period(name), branch]
    if board.provisional:
        assert board.notice is None
        return "暂计"
    return filters.format_notice(board.notice) if board.notice else "已定"


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("2026-08", "", "已定"),
        ("2026-08", OBJECTION, "已定"),
        ("2026-08", OBJECTION + POSTED, "已定"),
        ("2026-Q3", "", "已定"),
        ("2026-Q3", POSTED, "已定"),
        ("2026-Q3", OBJECTION, "2026年10月10日至10月15日"),  # the Saturday is worked
        ("2026-Q3", OBJECTION + POSTED, "2026年9月30日至10月12日"),  # over 国庆
        ("2026-Q4", OBJECTION, "2027年1月6日至预计1月12日"),
        ("2026-Q4", OBJECTION + CALENDAR, "2027年1月6日至1月11日"),
        ("2026-H1", OBJECTION, "2026年10月10日至10月15日"),
        ("2026-H2", "", "已定"),
        ("2026-H2", OBJECTION, "2027年1月6日至预计1月12日"),
        ("2026-H2", OBJECTION + POSTED, "2026年12月31日至预计2027年1月6日"),
        ("2026-H2", OBJECTION + POSTED + CALENDAR, "2026年12月31日至2027年1月7日"),
        # The notice for 2027 may move the last days of 2026.
        ("2026-H1", f"{OBJECTION}posted: {{2026-H1: 2026-12-25}}\n", "2026年12月25日至预计12月31日"),
        ("2026-H1", f"{OBJECTION}posted: {{2026-H1: 2026-12-22}}\n", "2026年12月22日至预计12月28日"),
        ("2026-H1", f"{OBJECTION}posted: {{2026-H1: 2026-12-21}}\n", "2026年12月21日至12月25日"),
        ("2026-H1", f"{OBJECTION}posted: {{2026-H1: 2026-12-25}}\n{CALENDAR}", "2026年12月25日至12月31日"),
        ("2026", "", "已定"),
        ("2026", OBJECTION + POSTED, "已定"),
    ],
)
def test_a_complete_board(whole: SiteProject, name: str, settings: str, expected: str):
    whole.write("content/site.yaml", SETTINGS + settings)
    assert state(whole, name) == expected


@pytest.mark.parametrize("settings", ["", OBJECTION, OBJECTION + POSTED])
@pytest.mark.parametrize("name", ["2026-08", "2026-Q3", "2026-H2", "2026"])
def test_a_board_that_lacks_august_is_provisional_posted_or_not(lacking: SiteProject, name: str, settings: str):
    lacking.write("content/site.yaml", SETTINGS + settings)
    assert state(lacking, name) == "暂计"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("2026-Q4", "2027年1月6日至预计1月12日"), ("2026-H1", "2026年10月10日至10月15日"), ("2026-12", "已定")],
)
def test_others_are_not_touched_by_it(lacking: SiteProject, name: str, expected: str):
    lacking.write("content/site.yaml", SETTINGS + OBJECTION)
    assert state(lacking, name) == expected


@pytest.mark.parametrize("posted", ["2099-02-14", "9999-12-31"])
def test_a_day_far_away_is_no_failure(whole: SiteProject, posted: str):
    whole.write("content/site.yaml", SETTINGS + OBJECTION + f"posted: {{2026-H1: {posted}}}\n")
    assert "预计" in state(whole, "2026-H1")


# --- who reads what on which day -------------------------------------------------------------------------------------


def built(organ: SiteProject, today: date, page: str) -> str:
    done = organ.run("build", today=today)
    assert done.exit_code == 0, done.output
    return (organ.root / "site" / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(("today", "shown"), [("2027-01-12", "预计公示至1月12日"), ("2027-01-13", "已定")])
def test_a_badge_tells_the_state_of_the_day(whole: SiteProject, today: str, shown: str):
    whole.write("content/site.yaml", SETTINGS + OBJECTION)
    home = built(whole, date.fromisoformat(today), "index.html")
    branch = built(whole, date.fromisoformat(today), "branches/jia/index.html")
    for page, listed in ((home, "2026年下半年积分榜"), (branch, "2026年第四季度")):
        assert f">{listed}</a>" in page
        assert f">{shown}</span>" in page
        assert ("公示中" in page) is (shown != "已定")
    assert "2026年第四季度" not in home


def test_a_board_reads_the_same_on_any_day(whole: SiteProject):
    whole.write("content/site.yaml", SETTINGS + OBJECTION)
    for name, audience in (("boards/2026-H2.html", "全机关"), ("branches/jia/2026-Q4.html", "本支部")):
        during, after = (built(whole, date(2027, 1, day), name) for day in (12, 13))
        assert during == after
        assert f"在{audience}公示：2027年1月6日至预计1月12日（5 个工作日），期满后确定" in during


# --- warnings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("settings", "years"), [("", []), (OBJECTION, ["2027"]), (OBJECTION + CALENDAR, [])])
def test_a_year_that_is_not_known_is_a_warning_at_the_settings(whole: SiteProject, settings: str, years: list[str]):
    whole.write("content/site.yaml", SETTINGS + settings)
    found = [one for one in check_project(Project(whole.root), TODAY).value or () if one.code.startswith("site.")]
    assert [one.code for one in found] == ["site.calendar-unknown"] * len(years)
    for one, year in zip(found, years, strict=True):
        assert (one.where.file, one.severity) == ("content/site.yaml", Severity.WARNING)
        assert year in one.message


def test_the_words_of_a_notice():
    known = ObjectionPeriod(date(2026, 7, 6), date(2026, 7, 10), running=True)
    assert (filters.format_notice(known), filters.format_notice_end(known)) == (
        "2026年7月6日至7月10日",
        "公示至7月10日",
    )
