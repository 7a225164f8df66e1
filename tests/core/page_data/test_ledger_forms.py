"""The form that a branch committee signs: whose rows it has, and that nothing of another branch or month is in it."""

from pathlib import Path

import pytest

from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import LedgerForm, LedgerFormRow
from generator.loader import load
from tests.site_project import SiteProject

ROSTER = """
branches: [{id: jia, name: 甲支部}, {id: yi, name: 乙支部}]
members:
  - {id: zhou, name: 周九, branch: yi, status: full, changes: [{from: 2026-02-16, branch: jia}]}
  - {id: wang, name: 王五, branch: jia, status: full}
  - {id: li, name: 李四, branch: yi, status: full}
  - {id: gone, name: 吴走, branch: jia, status: full, changes: [{from: 2026-02-01, left: 调离}]}
"""
PROOF = "evidence: {sign-in: 签到表, photo: 照片}"
LEDGERS = {
    ("yi", "2026-02"): """
        activities:
          - {item: study, date: 2026-02-05, title: 乙支部学习}
          - {item: dues, date: 2026-02-06, absent: [周九]}
        entries:
          - {member: 周九, item: late-document, date: 2026-02-07, note: 乙支部记}
    """,
    ("jia", "2026-02"): """
        activities: [{item: study, date: 2026-02-20, title: 甲支部学习, leave: [周九]}]
        entries:
          - {member: 周九, item: suggestion, date: 2026-02-21, note: 甲支部记}
          - {member: 吴走, item: suggestion, date: 2026-01-30, late: 通知迟到}
    """,
    ("jia", "2026-03"): "activities: [{item: study, date: 2026-03-05, title: 三月学习}]",
    ("yi", "2026-03"): "",
}


def forms(root: Path, ledgers: dict[tuple[str, str], str]) -> dict[str, LedgerForm]:
    """The form of each of these months, by branch and month."""
    organ = SiteProject(root, ROSTER)
    for (branch, month), text in ledgers.items():
        organ.ledger(branch, month, text)
    found = organ.read()
    scored = load.score_project(found, found.draft_ledgers)
    return {
        f"{branch} {month}": ledger_forms.build_ledger_form(scored, ledger)
        for (branch, month), ledger in found.draft_ledgers.items()
    }


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LedgerForm]:
    return forms(tmp_path_factory.mktemp("moved"), LEDGERS)


def row(form: LedgerForm, member: str) -> LedgerFormRow:
    return next(one for one in form.rows if one.member.id == member)


def test_the_forms_of_a_movers_month_hold_the_lines_of_their_own_branch_alone(moved: dict[str, LedgerForm]):
    left, joined = row(moved["yi 2026-02"], "zhou"), row(moved["jia 2026-02"], "zhou")
    assert {item: str(points) for item, points in left.cells.items()} == {
        "study": "2",
        "dues": "0",
        "late-document": "-1",
    }
    assert {item: str(points) for item, points in joined.cells.items()} == {"leave": "-0.5", "suggestion": "2"}
    # The sum is the month's score, as on the boards: what the other branch's lines bring is in it.
    assert (str(left.points), str(joined.points)) == ("2.5", "2.5")
    assert left.total == joined.total == sum(left.cells.values()) + sum(joined.cells.values())


def test_notes_tell_what_a_figure_does_not_and_only_of_their_own_ledger(moved: dict[str, LedgerForm]):
    told = {
        key: [(member.id, line.item.id, line.branch, str(line.month), line.reason) for member, line in form.notes]
        for key, form in moved.items()
        if key.endswith("02")
    }
    assert [(member, item) for member, item, *_ in told["yi 2026-02"]] == [("zhou", "dues"), ("zhou", "late-document")]
    assert [(member, item) for member, item, *_ in told["jia 2026-02"]] == [
        ("zhou", "leave"),
        ("zhou", "suggestion"),
        ("gone", "suggestion"),
    ]
    for key, notes in told.items():
        assert {(branch, month) for _, _, branch, month, _ in notes} == {tuple(key.split())}


def test_a_form_has_a_row_for_everyone_on_the_roll_and_for_whoever_a_line_names(moved: dict[str, LedgerForm]):
    assert {key: [one.member.id for one in form.rows] for key, form in moved.items()} == {
        "jia 2026-02": ["zhou", "wang", "gone"],  # who had left is there with the late line
        "jia 2026-03": ["zhou", "wang"],
        "yi 2026-02": ["zhou", "li"],
        "yi 2026-03": ["li"],
    }


def test_a_total_goes_on_from_month_to_month_and_points_do_not(moved: dict[str, LedgerForm]):
    february, march = (row(moved[f"jia 2026-{month}"], "wang") for month in ("02", "03"))
    assert [str(one.points) for one in (february, march)] == ["2", "2"]
    assert [str(one.total) for one in (february, march)] == ["2", "4"]


def test_a_row_says_that_a_ceiling_cut_something_and_that_a_veto_makes_all_nothing(tmp_path: Path):
    entries = f"""
        entries:
          - {{member: 周九, item: contest, level: placed, times: 6, date: 2026-02-20, {PROOF}}}
          - {{member: 周九, item: suggestion, date: 2026-02-20}}
          - {{member: 王五, item: contest, level: placed, times: 5, date: 2026-02-20, {PROOF}}}
          - {{member: 王五, item: sanction, date: 2026-02-21, evidence: {{document: 决定}}}}
    """
    (form,) = forms(tmp_path, {("jia", "2026-02"): entries}).values()
    said = [(one.member.id, str(one.points), str(one.total), one.capped, one.vetoed) for one in form.rows]
    assert said == [("zhou", "12", "12", True, False), ("wang", "0", "0", False, True)]
