"""The sample organ shows every case that the regulation knows; each is told in the manual."""

import re
from datetime import date

import pytest

from generator.core.basics.periods import PeriodKind, get_period
from generator.core.model.ledger import AttendanceStatus
from generator.core.model.roster import MembershipStatus
from generator.core.model.tally import Standing
from generator.core.scoring import results
from generator.core.scoring.results import Results
from generator.loader import load
from generator.project import Project
from tests.manual_pages import manual_page
from tests.site_project import REPOSITORY, conclude, survey
from tests.site_project import period as named

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def found() -> load.LoadedProject:
    reading = load.load_project(Project(REPOSITORY), TODAY)
    assert reading.loaded is not None
    assert [problem for problem in reading.problems if problem.is_error] == []
    return reading.loaded


@pytest.fixture(scope="module")
def scored(found: load.LoadedProject) -> Results:
    return load.score_project(found)


def standing(scored: Results, member: str, name: str, branch: str | None) -> Standing:
    ranking = results.rank_board(scored, named(name), branch)
    return next(one for one in ranking.standings if one.member.id == member)


def test_its_size(found: load.LoadedProject):
    assert len(found.roster.branches) == 4
    assert 40 <= len(found.roster.members) <= 50
    months = [get_period(PeriodKind.MONTH, 2025, n) for n in range(1, 13)] + [
        get_period(PeriodKind.MONTH, 2026, n) for n in range(1, 11)
    ]
    expected = {(branch, month) for branch in found.roster.branch_by_id for month in months}
    assert set(found.approved_ledgers) | set(found.draft_ledgers) == expected
    assert set(found.draft_ledgers) == {("third", named("2026-10"))}


def test_every_item_level_and_kind_of_attendance_occurs(found: load.LoadedProject):
    ledgers = [*found.approved_ledgers.values(), *found.draft_ledgers.values()]
    rulebook = found.rulebooks[2026]
    used = {part.item.id for ledger in ledgers for part in ledger.parts} | {"leave", "absence"}
    assert used == set(rulebook.item)
    assert {credit.level.id for ledger in ledgers for credit in ledger.credits if credit.level} == {"joined", "placed"}
    assert {one.how for ledger in ledgers for held in ledger.held for one in held.attendance} == set(AttendanceStatus)
    assert any(part.late for ledger in ledgers for part in ledger.parts)
    assert any(credit.times > 1 for ledger in ledgers for credit in ledger.credits)


def test_ceilings_are_reached_once_in_part(scored: Results):
    cut = [line for line in scored.tallies[2025]["shen-ruotong"].lines if line.points != line.earned]
    assert ("contest", 2, 1) in [(line.item.id, line.earned, line.points) for line in cut]
    assert any("第 6 次，已达上限" in line.reason for line in scored.tallies[2025]["fang-liqun"].lines)
    full = [member for member, tally in scored.tallies[2025].items() if tally.running_by_group[12]["basic"] == 100]
    assert len(full) > 1


def test_a_veto_in_april_leaves_the_first_quarter(scored: Results):
    points = {name: standing(scored, "shi-junfeng", name, "fourth").score for name in ("2026-Q1", "2026-Q2", "2026-10")}
    assert [str(score.points) for score in points.values()] == ["27", "0", "0"]
    assert [score.vetoed for score in points.values()] == [False, True, True]


def test_ties_at_the_top_and_at_the_bottom(scored: Results):
    top = [one.member.name for one in results.rank_board(scored, named("2026-Q1"), "fourth").standings if one.rank == 1]
    bottom = [one.member.name for one in results.rank_board(scored, named("2025-Q2"), "second").standings if one.last]
    assert top == ["彭冠宇", "沈若彤", "肖月"]
    assert bottom == ["潘志恒", "任远"]


def test_last_four_quarters_running_across_new_year(scored: Results):
    names = ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
    last = [standing(scored, "han-jianye", name, "first").last for name in names]
    assert last == [False, True, True, True, True, False]


@pytest.mark.parametrize(
    ("member", "branch", "lasts"), [("xu-jiahe", "first", 0), ("cheng-sihan", "second", 1), ("lu-ziang", "third", 2)]
)
def test_probation_passed_at_risk_and_delayed(scored: Results, member: str, branch: str, lasts: int):
    quarters = [f"{year}-Q{number}" for year in (2025, 2026) for number in (1, 2, 3, 4)][:7]
    person = scored.roster.member_by_id[member]
    on_probation = [
        name
        for name in quarters
        if person.since <= named(name).last and person.status_on(named(name).last) is MembershipStatus.PROBATIONARY
    ]
    assert sum(standing(scored, member, name, branch).last for name in on_probation) == lasts


def test_moved_left_and_joined_late(scored: Results):
    roster = scored.roster
    moved = {line.branch for line in scored.tallies[2025]["peng-guanyu"].lines}
    assert moved == {"second", "fourth"}
    assert any("补登" in line.reason for line in scored.tallies[2025]["peng-guanyu"].lines)
    assert roster.member_by_id["ma-dechang"].branch_on(date(2026, 5, 1)) is None
    assert standing(scored, "tang-jingzhi", "2026-Q1", "third").partial


def test_reviews_of_all_who_were_there_and_polls_of_both_years(found: load.LoadedProject):
    there = {member.id for member in found.roster.members if member.branch_on(date(2025, 12, 31))}
    assert found.reviews[2025].keys() == there
    assert all(70 <= score <= 98 for score in found.reviews[2025].values())
    awards = {year: sorted(poll.award for poll, _ in polls) for year, polls in found.polls.items()}
    assert list(awards.values()) == [["优秀党务工作者", "优秀共产党员"]] * 2


def test_levels_in_composites_and_polls_and_a_candidate_who_is_barred(found: load.LoadedProject):
    view = survey(REPOSITORY, found.today)
    earlier, later = (conclude(view, year) for year in (2025, 2026))
    assert earlier.appraised
    ranks = [one.rank for one in earlier.appraised.composites]
    assert len(set(ranks)) < len(ranks)
    assert [poll.ranking for poll in earlier.awards] == [None, None]
    assert any(len({one.position for one in poll.candidates}) < len(poll.candidates) for poll in earlier.awards)
    assert {str(poll.ranking.period) for poll in later.awards if poll.ranking} == {"2025-H2"}
    barred = [one for poll in later.awards for one in poll.candidates if one.barred]
    assert [(one.member.id, one.votes, bool(one.remarks)) for one in barred] == [("han-jianye", 4, True)]


def test_honours_in_both_languages_and_of_members_whom_no_rule_bars(found: load.LoadedProject):
    organ = survey(REPOSITORY, found.today).organ
    honours = organ.shared_files.honours
    assert [str(honour.written.period) for honour in honours if honour.written.period] == [
        "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4",
    ]  # fmt: skip
    assert all(honour.approval and all(member for _, member in honour.members) for honour in honours)
    assert list(organ.find_barred_honours()) == []


def test_a_month_below_zero(scored: Results):
    assert str(standing(scored, "han-jianye", "2025-11", "first").score.points) == "-1.5"


def test_one_month_is_in_chinese_keys():
    text = (REPOSITORY / "ledgers/2026/fourth/05.yaml").read_text(encoding="utf-8")
    words = [
        "支部",
        "月份",
        "登记人",
        "活动",
        "项目",
        "日期",
        "主题",
        "参加",
        "请假",
        "缺席",
        "免计",
        "佐证",
        "记录",
        "党员",
        "备注",
        "补登",
    ]
    assert [word for word in words if f"{word}:" not in text] == []
    assert "item:" not in text


CASES = [
    "比赛两档",
    "只计一部分",
    "志愿服务第六次",
    "学习教育满40分",
    "材料逾期",
    "请假、无故缺席",
    "党费未交",
    "通报批评",
    "一票否决",
    "免计",
    "补登",
    "榜首并列",
    "末位并列",
    "连续四个季度末位",
    "预备党员两次末位",
    "预备党员一次末位",
    "支部之间转接",
    "按期转正",
    "中途转入",
    "退休离开",
    "同名",
    "中文键",
    "草稿",
    "民主评议",
    "投票时还没有榜",
    "票数相同，看名次",
    "不得列为表彰对象的候选人",
]


def test_the_manual_lists_every_special_case_by_files_that_exist():
    listed = manual_page("sample")
    assert [case for case in CASES if f"| {case}" not in listed] == []
    files = re.findall(r"`(ledgers/[^`]+\.yaml)`", listed)
    assert len(files) > 20
    assert [file for file in files if not (REPOSITORY / file).is_file()] == []


def test_digests_that_the_manual_shows_are_the_samples():
    ledgers = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "ledgers").rglob("*.yaml"))
    manual = manual_page("clerk")
    digests = re.findall("sha256:[0-9a-f]{64}", manual)
    digests += [f"sha256:{code.replace(' ', '')}" for code in re.findall("(?:[0-9a-f]{4} ){3}[0-9a-f]{4}", manual)]
    assert len(digests) == 2
    assert all(digest in ledgers for digest in digests)


def test_no_page_for_all_names_who_was_sanctioned_criticised_or_last_four_times():
    for path in (REPOSITORY / "content").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        told = [line for line in text.splitlines() if re.search("处分|否决|通报|末位|最后一名", line)]
        assert [line for line in told if re.search("史俊峰|龚毅|韩建业|卢子昂|任远", line)] == [], path


def test_no_title_or_note_of_a_ledger_tells_what_the_results_decide():
    """They are printed on pages of members other than the one concerned."""
    for path in (REPOSITORY / "ledgers").rglob("*.yaml"):
        if path.parent.name in {"first", "second", "third", "fourth"}:
            told = re.findall(
                r"title: [^,}]*(?:谈话情况|延长预备期|不合格|最后一名|末位)[^,}]*", path.read_text(encoding="utf-8")
            )
            assert told == [], path
