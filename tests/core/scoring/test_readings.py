"""One test a reading of the regulation, R1 to R14; each would fail if the clause were read otherwise."""

import json
from pathlib import Path

import pytest

from generator.core.scoring import results
from tests.site_project import RULEBOOK, SETTINGS, SiteProject, members, period

PROOF = "evidence: {sign-in: 签到表.pdf, photo: 照片.jpg}"
TWO = members("zhang 张 jia", "wang 王 jia")


def test_r1_absence_and_leave_earn_nothing_and_cost(tmp_path: Path):
    organ = SiteProject(tmp_path, TWO)
    organ.ledger(
        "jia",
        "2026-01",
        """
        activities:
          - {item: general-meeting, date: 2026-01-05, leave: [张], absent: [王]}
          - {item: volunteer, date: 2026-01-06, present: [], leave: [张], absent: [王],
             evidence: {sign-in: a, photo: b}}
        """,
    )
    assert organ.points("zhang", "2026-01") == ["-1.0"]
    assert organ.points("wang", "2026-01") == ["-2"]


def test_r2_unpaid_dues_earn_nothing_and_cost_nothing(tmp_path: Path):
    organ = SiteProject(tmp_path, TWO)
    organ.ledger("jia", "2026-01", "activities: [{item: dues, date: 2026-01-05, absent: [张], leave: [王]}]")
    assert organ.points("zhang", "2026-01") == organ.points("wang", "2026-01") == ["0"]


def test_r3_levels_are_alternatives_and_times_multiply_before_the_ceiling(tmp_path: Path):
    organ = SiteProject(tmp_path, TWO)
    organ.ledger(
        "jia",
        "2026-01",
        f"""
        entries:
          - {{member: 张, item: contest, level: placed, date: 2026-01-05, note: 甲, {PROOF}}}
          - {{member: 张, item: contest, level: joined, date: 2026-01-05, note: 乙, {PROOF}}}
          - {{member: 王, item: contest, level: placed, times: 6, date: 2026-01-05, {PROOF}}}
        """,
    )
    assert organ.points("zhang", "2026-01") == ["3"]
    assert organ.points("wang", "2026-01") == ["10"]


def test_r4_the_line_that_crosses_earns_what_is_left_in_the_order_of_the_files(tmp_path: Path):
    """8 + 1 + 2 + 2 under a ceiling of 10; the entry of January counts before the activity of February."""
    organ = SiteProject(tmp_path, TWO)
    organ.ledger(
        "jia",
        "2026-01",
        f"""
        entries:
          - {{member: 张, item: contest, level: placed, times: 4, date: 2026-01-31, {PROOF}}}
          - {{member: 张, item: contest, level: joined, date: 2026-01-02, {PROOF}}}
          - {{member: 张, item: contest, level: placed, date: 2026-01-01, note: 跨线, {PROOF}}}
          - {{member: 张, item: contest, level: placed, date: 2026-01-01, note: 满后, {PROOF}}}
        """,
    )
    lines = organ.lines("zhang", "2026-01")
    assert [str(line.points) for line in lines] == ["8", "1", "1", "0"]
    assert "已达上限" in lines[2].reason
    assert "已达上限" in lines[3].reason
    assert "已达上限" not in lines[1].reason


def test_r4_branches_count_in_roster_order_within_a_month(tmp_path: Path):
    """A mover reaches the ceiling in the month of the move: the first branch of the roster counts first."""
    roster = (
        "branches: [{id: jia, name: 甲}, {id: yi, name: 乙}]\n"
        "members:\n  - {id: zhang, name: 张, branch: yi, status: full, changes: [{from: 2026-01-15, branch: jia}]}\n"
    )
    organ = SiteProject(tmp_path, roster)
    for branch, day in (("yi", "02"), ("jia", "20")):
        entry = f"{{member: 张, item: contest, level: placed, times: 3, date: 2026-01-{day}, {PROOF}}}"
        organ.ledger(branch, "2026-01", f"entries: [{entry}]")
    assert [(line.branch, str(line.points)) for line in organ.lines("zhang", "2026-01")] == [("jia", "6"), ("yi", "4")]


def test_r4_a_ceiling_clamps_awards_and_never_deductions_and_holds_over_the_cycle(tmp_path: Path):
    organ = SiteProject(tmp_path, TWO, years=(2026, 2027))
    for month, day in (("2026-01", "2026-01-05"), ("2026-12", "2026-12-05"), ("2027-01", "2027-01-05")):
        entries = f"""
        entries:
          - {{member: 张, item: suggestion, times: 4, date: {day}}}
          - {{member: 张, item: late-document, times: 20, date: {day}}}
        """
        organ.ledger("jia", month, entries)
    assert organ.points("zhang", "2026-01", "2026-12", "2026", "2027-01") == ["-12", "-18", "-30", "-12"]


def test_r4_a_groups_ceiling_is_applied_after_the_items(tmp_path: Path):
    rulebook = RULEBOOK.replace("title: 特色积分, cap: 40", "title: 特色积分, cap: 12")
    organ = SiteProject(tmp_path, TWO, rulebook)
    organ.ledger(
        "jia",
        "2026-01",
        f"""
        entries:
          - {{member: 张, item: suggestion, times: 6, date: 2026-01-05}}
          - {{member: 张, item: contest, level: placed, times: 2, date: 2026-01-05, {PROOF}}}
        """,
    )
    assert [str(line.points) for line in organ.lines("zhang", "2026-01")] == ["10", "2"]


@pytest.mark.parametrize(
    ("cap", "counted"),
    [
        ("10", ["4", "4", "2", "0"]),
        ("{cycle: 10}", ["4", "4", "2", "0"]),
        ("{month: 6}", ["4", "2", "4", "4"]),
        ("{quarter: 6}", ["4", "2", "0", "4"]),
        ("{half: 6, cycle: 10}", ["4", "2", "0", "0"]),
        ("{day: 3, cycle: 10}", ["3", "3", "3", "1"]),
    ],
)
def test_r4_windows_of_a_ceiling(tmp_path: Path, cap: str, counted: list[str]):
    """Four lines of 4 points: two days in January, one in February, one in April."""
    before = "title: 建言献策\n    clause: 二（二）4\n    points: 2\n    cap: 10"
    assert before in RULEBOOK
    organ = SiteProject(tmp_path, TWO, RULEBOOK.replace(before, before.replace("cap: 10", f"cap: {cap}")))
    for month, days in (("2026-01", ("05", "06")), ("2026-02", ("05",)), ("2026-04", ("05",))):
        entries = [f"{{member: 张, item: suggestion, times: 2, date: {month}-{day}}}" for day in days]
        organ.ledger("jia", month, f"entries: [{', '.join(entries)}]")
    assert [str(line.points) for line in organ.lines("zhang", "2026")] == counted


SANCTION = "{member: 张, item: sanction, date: 2026-05-20, evidence: {document: 决定.pdf}}"


def _sanctioned(root: Path, rulebook: str = RULEBOOK) -> SiteProject:
    """Six points a month; a sanction recorded in May, and a second one in September; 王 loses a point in June."""
    organ = SiteProject(root, members("zhang 张 jia", "wang 王 jia", "li 李 jia"), rulebook, years=(2026, 2027))
    for month in range(1, 13):
        entries = [f"{{member: 张, item: suggestion, times: 3, date: 2026-{month:02}-05}}"]
        entries += [SANCTION] if month == 5 else []
        entries += [SANCTION.replace("05-20", "09-20")] if month == 9 else []
        entries += ["{member: 王, item: late-document, date: 2026-06-05}"] if month == 6 else []
        organ.ledger("jia", f"2026-{month:02}", f"entries: [{', '.join(entries)}]")
    organ.ledger("jia", "2027-01", "entries: [{member: 张, item: suggestion, date: 2027-01-05}]")
    return organ


def test_r5_a_veto_zeroes_every_period_that_ends_in_or_after_its_month(tmp_path: Path):
    organ = _sanctioned(tmp_path)
    names = ["2026-01", "2026-04", "2026-Q1", "2026-05", "2026-06", "2026-Q2", "2026-H1", "2026-12", "2026", "2027-01"]
    assert organ.points("zhang", *names) == ["6", "0", "10", "0", "0", "0", "0", "0", "0", "2"]
    scored = organ.results()
    vetoed = [results.score_member(scored, "zhang", period(name)).vetoed for name in names]
    assert vetoed == [False, False, False, True, True, True, True, True, True, False]
    assert results.score_member(scored, "zhang", period("2026-04")).total == 10
    assert set(results.score_member(scored, "zhang", period("2026-06")).groups.values()) == {0}


def test_r5_the_vetoed_stand_below_all_others_whatever_their_points(tmp_path: Path):
    board = _sanctioned(tmp_path).board("2026-06", "jia")
    assert [(name, str(one.score.points), one.rank, one.last) for name, one in board.items()] == [
        ("李", "0", 1, False),
        ("王", "-1", 2, False),
        ("张", "0", 3, True),
    ]


def test_r5_a_veto_is_a_line_of_its_own(tmp_path: Path):
    organ = _sanctioned(tmp_path)
    for name in ("2026-05", "2026-06", "2026-Q2", "2026"):
        lines = organ.lines("zhang", name)
        assert sum(line.points for line in lines) == 0
        assert [line.item.id for line in lines].count("sanction") == (2 if name == "2026" else 1)
        assert lines[-1].item.id == "sanction"
        assert lines[-1].where.file == "ledgers/2026/jia/05.yaml"


def test_r5_reset_wipes_up_to_its_month_frees_ceilings_and_counts_again(tmp_path: Path):
    organ = _sanctioned(tmp_path, RULEBOOK.replace("veto: cycle ", "veto: reset "))
    names = ["2026-01", "2026-02", "2026-03", "2026-05", "2026-06", "2026-07", "2026-08", "2026-H1", "2026-H2", "2026"]
    assert organ.points("zhang", *names) == ["6", "4", "0", "-10", "6", "4", "0", "6", "4", "10"]
    for name in names:
        assert [str(sum(line.points for line in organ.lines("zhang", name)))] == organ.points("zhang", name)


@pytest.mark.parametrize(
    ("floor", "points"),
    [("null", ["-5", "2", "-3", "-3"]), ("0", ["0", "0", "0", "0"]), ("-4", ["-4", "1", "-3", "-3"])],
)
def test_r6_no_floor_unless_the_rulebook_sets_one_for_the_total(tmp_path: Path, floor: str, points: list[str]):
    organ = SiteProject(tmp_path, TWO, RULEBOOK.replace("floor: null", f"floor: {floor}"))
    organ.ledger("jia", "2026-01", "entries: [{member: 张, item: late-document, times: 5, date: 2026-01-05}]")
    organ.ledger("jia", "2026-02", "entries: [{member: 张, item: suggestion, date: 2026-02-05}]")
    assert organ.points("zhang", "2026-01", "2026-02", "2026-Q1", "2026") == points
    one = organ.board("2026", "jia")["张"]
    assert {name: str(value) for name, value in one.score.groups.items()} == {
        "basic": "0",
        "feature": "2",
        "deduction": "-5",
    }
    assert str(sum(line.points for line in organ.lines("zhang", "2026"))) == points[-1]


def test_r7_a_periods_points_are_what_it_added_to_the_cycle_total(tmp_path: Path):
    """8 in January, 8 in March: the ceiling of 10 leaves 2 for March, and for the quarter 10."""
    organ = SiteProject(tmp_path, TWO)
    for month in ("2026-01", "2026-03"):
        organ.ledger("jia", month, f"entries: [{{member: 张, item: suggestion, times: 4, date: {month}-05}}]")
    assert organ.points("zhang", "2026-01", "2026-02", "2026-03", "2026-Q1", "2026-H1") == ["8", "0", "2", "10", "10"]


def test_r8_an_event_counts_in_the_month_that_records_it(tmp_path: Path):
    organ = SiteProject(tmp_path, TWO, years=(2025, 2026))
    late = "{member: 张, item: suggestion, date: 2025-12-20, late: 一月才收到通知}"
    organ.ledger("jia", "2026-01", f"entries: [{late}]")
    assert organ.points("zhang", "2025-12", "2025", "2026-01", "2026") == ["0", "0", "2", "2"]
    assert "补登" in organ.lines("zhang", "2026-01")[0].reason


def test_r9_points_are_exact_decimals(tmp_path: Path):
    """Ten times 0.1 is 1, and a third of nothing is never taken."""
    organ = SiteProject(tmp_path, TWO, RULEBOOK.replace("points: -0.5", "points: -0.1"))
    days = ", ".join(f"{{item: study, title: 第{n}次, date: 2026-01-{n + 1:02}, leave: [张]}}" for n in range(10))
    organ.approve(organ.ledger("jia", "2026-01", f"activities: [{days}]"))
    assert organ.points("zhang", "2026-01") == ["-1.0"]
    rows = json.loads(organ.run("score", "2026-01", "--branch", "jia", "--format", "json").stdout)["rows"]
    assert [(row["name"], row["points"]) for row in rows] == [("王", "20"), ("张", "-1")]


def _spread(root: Path, rulebook: str = RULEBOOK, **times: int) -> SiteProject:
    """Members 丁甲丙乙 with so many suggestions each in January."""
    names = {"ding": "丁", "jia": "贾", "bing": "邴", "yi": "易"}
    organ = SiteProject(root, members(*(f"{ident} {name} jia" for ident, name in names.items())), rulebook)
    entries = [
        f"{{member: {names[ident]}, item: suggestion, times: {count}, date: 2026-01-05}}"
        for ident, count in times.items()
        if count
    ]
    organ.ledger("jia", "2026-01", f"entries: [{', '.join(entries)}]")
    return organ


@pytest.mark.parametrize(("ties", "ranks"), [("competition", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3])])
def test_r10_equal_points_share_a_rank_and_are_listed_by_pinyin(tmp_path: Path, ties: str, ranks: list[int]):
    organ = _spread(tmp_path, RULEBOOK.replace("ties: competition ", f"ties: {ties} "), ding=3, yi=2, bing=2, jia=1)
    board = organ.board("2026-01", "jia")
    assert list(board) == ["丁", "邴", "易", "贾"]
    assert [one.rank for one in board.values()] == ranks


def test_r10_or_by_strokes_of_the_surname(tmp_path: Path):
    """丁 2 strokes, 王 4, 李 7, 赵 9; by pinyin 李 would come before 王."""
    organ = SiteProject(tmp_path, members("li 李 jia", "zhao 赵 jia", "wang 王 jia", "ding 丁 jia"))
    organ.ledger("jia", "2026-01")
    assert list(organ.board("2026-01", "jia")) == ["丁", "李", "王", "赵"]
    organ.write("content/site.yaml", f"{SETTINGS}order: stroke\n")
    assert list(organ.board("2026-01", "jia")) == ["丁", "王", "李", "赵"]


def test_r11_ranked_where_one_is_on_the_last_day_with_points_from_both_branches(tmp_path: Path):
    roster = members("wang 王 jia", "li 李 yi", "zhao 赵 jia - 2026-03-31").rstrip() + (
        "\n  - {id: zhang, name: 张, branch: jia, status: full, changes: [{from: 2026-02-10, branch: yi}]}\n"
    )
    organ = SiteProject(tmp_path, roster)
    organ.ledger("jia", "2026-01", "entries: [{member: 张, item: suggestion, date: 2026-01-05}]")
    organ.ledger("yi", "2026-03", "entries: [{member: 张, item: suggestion, date: 2026-03-05}]")
    assert set(organ.board("2026-01", "jia")) == {"王", "赵", "张"}
    assert set(organ.board("2026-Q1", "jia")) == {"王"}
    assert set(organ.board("2026-Q1", "yi")) == {"李", "张"}
    assert set(organ.board("2026-Q1")) == {"王", "李", "张"}
    assert str(organ.board("2026-Q1", "yi")["张"].score.points) == "4"


@pytest.mark.parametrize(
    ("times", "last"),
    [
        ({"ding": 3, "jia": 2, "bing": 1, "yi": 1}, {"邴", "易"}),
        ({"ding": 1, "jia": 1, "bing": 1, "yi": 1}, set()),
        ({"ding": 1}, {"贾", "邴", "易"}),
    ],
)
def test_r12_all_who_are_level_at_the_bottom_are_last_unless_all_are_level(
    tmp_path: Path, times: dict[str, int], last: set[str]
):
    board = _spread(tmp_path, **times).board("2026-01", "jia")
    assert {name for name, one in board.items() if one.last} == last


def test_r12_nobody_is_last_alone(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhang 张 jia", "wang 王 jia 2026-01-02"))
    organ.ledger("jia", "2026-01", "entries: [{member: 王, item: suggestion, date: 2026-01-05}]")
    assert not any(one.last for one in organ.board("2026-01", "jia").values())


def test_r13_who_joined_in_the_period_is_marked_never_last_and_makes_nobody_else_last(tmp_path: Path):
    """赵 joined on the second day and has least; 张 joined on the first day and is last of the whole-period members."""
    organ = SiteProject(
        tmp_path, members("wang 王 jia", "zhang 张 jia 2026-01-01", "zhao 赵 jia 2026-01-02", "li 李 jia")
    )
    organ.ledger(
        "jia",
        "2026-01",
        """
        entries:
          - {member: 王, item: suggestion, date: 2026-01-05}
          - {member: 李, item: suggestion, date: 2026-01-05}
          - {member: 赵, item: late-document, date: 2026-01-05}
        """,
    )
    board = organ.board("2026-01", "jia")
    assert [(name, one.rank, one.partial, one.last) for name, one in board.items()] == [
        ("李", 1, False, False),
        ("王", 1, False, False),
        ("张", 3, False, True),
        ("赵", 4, True, False),
    ]


def test_r13_moving_between_branches_is_not_joining(tmp_path: Path):
    roster = members("wang 王 yi").rstrip() + (
        "\n  - {id: zhang, name: 张, branch: jia, status: full, changes: [{from: 2026-01-20, branch: yi}]}\n"
    )
    organ = SiteProject(tmp_path, roster)
    organ.ledger("yi", "2026-01", "entries: [{member: 王, item: suggestion, date: 2026-01-05}]")
    one = organ.board("2026-01", "yi")["张"]
    assert (one.partial, one.last) == (False, True)


def test_r14_boards_rank_by_the_periods_points_and_the_year_by_its_total(tmp_path: Path):
    organ = SiteProject(tmp_path, TWO)
    organ.ledger("jia", "2026-01", "entries: [{member: 张, item: suggestion, times: 3, date: 2026-01-05}]")
    organ.ledger("jia", "2026-04", "entries: [{member: 王, item: suggestion, times: 2, date: 2026-04-05}]")
    shown = {
        name: (one.rank, str(one.score.points), str(one.score.total)) for name, one in organ.board("2026-Q2").items()
    }
    assert shown == {"王": (1, "4", "4"), "张": (2, "0", "6")}
    assert {name: one.rank for name, one in organ.board("2026").items()} == {"张": 1, "王": 2}


def test_r20_a_period_is_complete_when_every_month_with_members_is_approved(tmp_path: Path):
    """乙 has members only until February; of the rest, March of 甲 stays a draft."""
    organ = SiteProject(tmp_path, members("zhang 张 jia", "wang 王 jia", "li 李 yi - 2026-02-15"))
    files = [organ.ledger("jia", "2026-01"), organ.ledger("jia", "2026-02"), organ.ledger("yi", "2026-01")]
    organ.ledger("jia", "2026-03")
    organ.approve(*files)
    assert organ.ranking("2026-Q1", "jia").missing == ("jia/2026-03",)
    assert organ.ranking("2026-Q1", "yi").missing == ("yi/2026-02",)
    assert organ.ranking("2026-Q1").missing == ("jia/2026-03", "yi/2026-02")
    assert organ.ranking("2026-01").missing == ()
