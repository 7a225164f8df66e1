"""The committee's desk: how far each month is, what is due and by which day, what waits to be approved."""

from datetime import date
from pathlib import Path

import pytest

from generator.core.page_data.dashboard import Dashboard, DashboardCell, DutyKind, MonthProgress
from tests.site_project import RULEBOOK, SETTINGS, SiteProject, copy_sample, members, organ_edition, survey

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi")
OBJECTION = "objection: {days: 5, contact: 办公室}\n"
POLL = "award: 优秀共产党员\ndate: 2026-06-20\nelectorate: 3\nvotes: {张三: 2, 李四: 1}\n"
REVIEWS = "year: 2026\nscores: {张三: 90, 王五: 80, 李四: 70}\n"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, ROSTER)


def desk(root: Path, today: str) -> Dashboard:
    made = organ_edition(survey(root, date.fromisoformat(today))).committee
    assert made
    return made.dashboard


def duties(organ: SiteProject, today: str, kind: DutyKind) -> list[tuple[str | None, str, str, bool]]:
    """What of one kind is to be done: by whom, of which period, by which day, and whether that is past."""
    return [
        (one.branch, str(month), str(one.day), one.overdue)
        for one in desk(organ.root, today).dues
        if one.duty is kind
        for month in one.months or [one.period]
    ]


def cell(organ: SiteProject, branch: str, month: str, today: str) -> DashboardCell:
    (row,) = [row for _, rows in desk(organ.root, today).years for row in rows if row.branch.id == branch]
    return next(one for one in row.cells if str(one.month) == month)


# --- the day by which a month is due ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "overdue"), [("2026-02-01", False), ("2026-02-09", False), ("2026-02-10", False), ("2026-02-11", True)]
)
@pytest.mark.parametrize("text", [None, ""], ids=["missing", "draft"])
def test_a_month_is_due_on_the_tenth_and_overdue_on_the_day_after(
    organ: SiteProject, text: str | None, today: str, *, overdue: bool
):
    if text is not None:
        organ.ledger("jia", "2026-01", text)
    progress = MonthProgress.MISSING if text is None else MonthProgress.READY
    found = cell(organ, "jia", "2026-01", today)
    assert (found.progress, found.due, found.overdue) == (progress, date(2026, 2, 10), overdue)
    assert ("jia", "2026-01", "2026-02-10", overdue) in duties(organ, today, DutyKind.APPROVE)


def test_the_day_is_that_of_the_rulebook(tmp_path: Path):
    assert "bookkeeping: {clause: 五6, due: 10}" in RULEBOOK
    organ = SiteProject(tmp_path, ROSTER, RULEBOOK.replace("五6, due: 10}", "五6, due: 28}"))
    found = [cell(organ, "jia", "2026-12", day) for day in ("2027-01-28", "2027-01-29")]
    assert [(one.due, one.overdue) for one in found] == [(date(2027, 1, 28), False), (date(2027, 1, 28), True)]


def test_without_a_rule_for_bookkeeping_nothing_has_a_day(tmp_path: Path):
    organ = SiteProject(tmp_path, ROSTER, RULEBOOK.replace("bookkeeping: {clause: 五6, due: 10}", ""))
    assert duties(organ, "2026-12-31", DutyKind.APPROVE)[0] == ("jia", "2026-01", "None", False)
    assert [cell(organ, "jia", "2026-01", "2026-12-31").due] == [None]


def test_an_approved_month_is_never_overdue(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-01"), meeting="2026-02-20")
    found = cell(organ, "jia", "2026-01", "2026-03-01")
    assert (found.progress, found.due, found.overdue) == (MonthProgress.APPROVED, date(2026, 2, 10), False)
    assert ("yi", "2026-01", "2026-02-10", True) in duties(organ, "2026-03-01", DutyKind.APPROVE)
    assert "jia" not in {branch for branch, month, *_ in duties(organ, "2026-02-11", DutyKind.APPROVE) if month < "2"}


# --- how far a month is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "progress", "asked"),
    [
        ("2026-01-31", MonthProgress.AHEAD, False),
        ("2026-02-01", MonthProgress.AHEAD, True),
        ("2026-02-28", MonthProgress.AHEAD, True),
        ("2026-03-01", MonthProgress.MISSING, True),
    ],
)
def test_a_month_is_asked_for_from_its_first_day_and_missing_after_its_last(
    organ: SiteProject, today: str, progress: MonthProgress, *, asked: bool
):
    assert cell(organ, "jia", "2026-02", today).progress is progress
    asked_for = [month for branch, month, *_ in duties(organ, today, DutyKind.APPROVE) if branch == "jia"]
    assert ("2026-02" in asked_for) is asked


def test_a_branch_has_one_line_for_all_months_that_it_lacks(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-02"), meeting="2026-03-02")
    found = [
        ([str(month) for month in one.months], str(one.day), one.overdue)
        for one in desk(organ.root, "2026-04-20").dues
        if one.duty is DutyKind.APPROVE and one.branch == "jia"
    ]
    assert found == [(["2026-01", "2026-03"], "2026-02-10", True), (["2026-04"], "2026-05-10", False)]


def test_a_month_in_which_nobody_was_in_a_branch_is_not_asked_for(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "li 李四 yi 2026-02-28"))
    assert [cell(organ, "yi", f"2026-0{n}", "2026-03-05").progress for n in (1, 2)] == [
        MonthProgress.NONE,
        MonthProgress.MISSING,
    ]
    asked = [month for branch, month, *_ in duties(organ, "2026-03-05", DutyKind.APPROVE) if branch == "yi"]
    assert asked == ["2026-02", "2026-03"]


def test_the_desk_of_the_sample(tmp_path: Path):
    found = desk(copy_sample(tmp_path), "2026-11-22")
    (year, rows), *_ = found.years
    progress = {row.branch.id: [one.progress for one in row.cells] for row in rows}
    assert year == 2026
    assert progress["third"][9] is MonthProgress.READY
    assert progress["first"][4] is MonthProgress.CORRECTED
    assert progress["first"][10:] == [MonthProgress.AHEAD] * 2
    told = [(one.duty, one.branch, str(one.period), one.day, one.overdue) for one in found.dues]
    assert told[0] == (DutyKind.APPROVE, "third", "2026-10", date(2026, 11, 10), True)
    assert (DutyKind.APPROVE, "first", "2026-11", date(2026, 12, 10), False) in told
    assert not [one for one in told if one[0] is DutyKind.FILE]


@pytest.mark.parametrize(
    ("today", "years"), [("2025-12-31", [2025]), ("2026-01-01", [2026, 2025]), ("2027-06-01", [2027, 2026, 2025])]
)
def test_years_are_listed_newest_first_once_they_have_begun(tmp_path: Path, today: str, years: list[int]):
    organ = SiteProject(tmp_path, ROSTER, years=(2025, 2026, 2027))
    assert [year for year, _ in desk(organ.root, today).years] == years


# --- what else is to be done -----------------------------------------------------------------------------------------


def quarter(organ: SiteProject, *branches: str) -> None:
    months = [f"2026-{number:02}" for number in (1, 2, 3)]
    organ.approve(*(organ.ledger(branch, month) for branch in branches for month in months), meeting="2026-04-02")


def test_a_complete_quarter_is_to_be_filed_until_it_is(organ: SiteProject):
    quarter(organ, "jia", "yi")
    assert duties(organ, "2026-05-01", DutyKind.FILE) == [
        ("jia", "2026-Q1", "None", False),
        ("yi", "2026-Q1", "None", False),
    ]
    assert (
        organ.run(
            "file", "2026-Q1", "--branch", "yi", "--on", "2026-04-20", "--by", "备案员", "--acting", "代行"
        ).exit_code
        == 0
    )
    assert duties(organ, "2026-05-01", DutyKind.FILE) == [("jia", "2026-Q1", "None", False)]


def test_a_quarter_that_lacks_a_month_is_not_to_be_filed(organ: SiteProject):
    quarter(organ, "jia")
    organ.approve(organ.ledger("yi", "2026-01"), organ.ledger("yi", "2026-03"), meeting="2026-04-02")
    assert duties(organ, "2026-05-01", DutyKind.FILE) == [("jia", "2026-Q1", "None", False)]


def test_a_correction_is_asked_for_until_it_is_approved(organ: SiteProject):
    quarter(organ, "jia", "yi")
    head = organ.read().ledger_files.branch_chain("jia")[-1].digest
    file = organ.write(
        "ledgers/2026/jia/03.c1.yaml",
        f"branch: jia\nmonth: 2026-03\ncorrects: {head}\nrecorder: 登记员\nkind: 补录\nreason: 漏记\n"
        "entries: [{member: 张三, item: suggestion, date: 2026-03-05}]\n",
    )
    assert duties(organ, "2026-05-01", DutyKind.CORRECTION) == [("jia", "2026-03", "None", False)]
    waiting = cell(organ, "jia", "2026-03", "2026-05-01")
    assert (waiting.progress, waiting.pending) == (MonthProgress.APPROVED, True)
    organ.approve(file, meeting="2026-04-30")
    assert duties(organ, "2026-05-01", DutyKind.CORRECTION) == []
    done = cell(organ, "jia", "2026-03", "2026-05-01")
    assert (done.progress, done.pending) == (MonthProgress.CORRECTED, False)


def test_an_objection_period_is_on_the_desk_up_to_its_last_day(organ: SiteProject):
    organ.write("content/site.yaml", SETTINGS + OBJECTION)
    quarter(organ, "jia")  # on Thursday, before 清明: posted on Friday, over on the Friday after the holiday
    last = [("jia", "2026-Q1", "2026-04-10", False)]
    assert duties(organ, "2026-04-03", DutyKind.OBJECTION) == last
    assert duties(organ, "2026-04-10", DutyKind.OBJECTION) == last
    assert duties(organ, "2026-04-11", DutyKind.OBJECTION) == []


def test_reviews_are_asked_for_once_the_year_is_over_and_until_they_are_approved(organ: SiteProject):
    assert duties(organ, "2026-12-31", DutyKind.REVIEWS) == []
    assert duties(organ, "2027-01-01", DutyKind.REVIEWS) == [(None, "2026", "None", False)]
    file = organ.write("ledgers/2026/reviews.yaml", REVIEWS)
    assert duties(organ, "2027-01-01", DutyKind.REVIEWS) == [(None, "2026", "None", False)]
    organ.approve(file, meeting="2027-01-05")
    assert duties(organ, "2027-01-06", DutyKind.REVIEWS) == []


def drafts(organ: SiteProject) -> list[str]:
    found = [one for one in desk(organ.root, "2027-02-01").dues if one.duty is DutyKind.DRAFT]
    assert {(one.branch, one.period, one.day, one.overdue) for one in found} <= {(None, None, None, False)}
    return [one.file for one in found]


def test_drafts_of_polls_and_reviews_are_on_the_desk_until_they_are_approved(organ: SiteProject):
    assert drafts(organ) == []
    poll = organ.write("ledgers/2026/votes/b.yaml", POLL)
    other = organ.write("ledgers/2026/votes/a.yaml", POLL.replace("优秀共产党员", "优秀党务工作者"))
    reviews = organ.write("ledgers/2026/reviews.yaml", REVIEWS)
    names = ["ledgers/2026/reviews.yaml", "ledgers/2026/votes/a.yaml", "ledgers/2026/votes/b.yaml"]
    assert drafts(organ) == names
    organ.approve(poll, meeting="2026-06-25")
    assert drafts(organ) == names[:2]
    organ.approve(other, reviews, meeting="2027-01-05")
    assert drafts(organ) == []


def test_the_nearest_day_is_first_and_what_has_no_day_last(organ: SiteProject):
    organ.write("content/site.yaml", SETTINGS + OBJECTION)
    quarter(organ, "jia", "yi")
    organ.write("ledgers/2026/votes/a.yaml", POLL)
    organ.ledger("jia", "2026-05")
    found = [(str(one.duty), one.branch, str(one.day)) for one in desk(organ.root, "2026-04-08").dues]
    assert found == [
        ("objection", "jia", "2026-04-10"),
        ("objection", "yi", "2026-04-10"),
        ("approve", "jia", "2026-05-10"),
        ("approve", "yi", "2026-05-10"),
        ("file", "jia", "None"),
        ("file", "yi", "None"),
        ("draft", None, "None"),
    ]
