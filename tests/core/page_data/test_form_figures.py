"""The sum of a ledger form's row is the score of the board, and says by what it differs from its cells."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.basics.periods import PeriodKind, get_period
from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import LedgerFormRow
from generator.core.scoring import results
from generator.render.html import filters
from tests import strategies as random_books
from tests.conftest import few_examples
from tests.site_project import RULEBOOK, SiteProject, members, period

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi").replace(
    "王五, branch: jia, status: full", "王五, branch: jia, status: full, changes: [{from: 2026-02-10, branch: yi}]"
)
PROOF = "evidence: {document: 决定}"
STUDY = "activities: [{item: study, date: 2026-%s-05, title: 学习}]\n"
SANCTION = f"  - {{member: 张三, item: sanction, date: 2026-02-20, {PROOF}}}\n"
LOSSES = f"  - {{member: 张三, item: criticism, date: 2026-%s-20, {PROOF}}}\n"
RESET = RULEBOOK.replace("veto: cycle ", "veto: reset ")
FLOOR = RULEBOOK.replace("floor: null", "floor: 0")
# The rulebook, what 甲支部 writes in January, February and March, and what 张三's row of a month says.
ROWS = {
    "nothing differs": (RULEBOOK, ("", "", ""), "2026-02", ("2", "4", ""), ""),
    "a veto in its month": (
        RULEBOOK,
        ("", SANCTION, ""),
        "2026-02",
        ("0", "0", "一票否决"),
        "张三各格共 2 分，一票否决 −2 分，本月合计 0 分",
    ),
    "a veto later in the cycle": (
        RULEBOOK,
        ("", SANCTION, ""),
        "2026-03",
        ("0", "0", "一票否决"),
        "张三各格共 2 分，一票否决 −2 分，本月合计 0 分",
    ),
    "before a veto": (RULEBOOK, ("", SANCTION, ""), "2026-01", ("2", "2", ""), ""),
    "a reset wipes the months before, too": (
        RESET,
        ("", SANCTION, ""),
        "2026-02",
        ("-2", "0", "一票否决"),
        "张三各格共 2 分，一票否决，本年度截至当月的分清零 −4 分，本月合计 −2 分",
    ),
    "after a reset": (RESET, ("", SANCTION, ""), "2026-03", ("2", "2", ""), ""),
    "the floor lifts": (
        FLOOR,
        (LOSSES % "01", "", ""),
        "2026-01",
        ("0", "0", "见说明"),
        "张三各格共 −3 分，总分下限（年度累计不低于 0 分） 3 分，本月合计 0 分",
    ),
    "what the floor lent is paid back": (
        FLOOR,
        (LOSSES % "01", "", ""),
        "2026-02",
        ("0", "0", "见说明"),
        "张三各格共 2 分，总分下限（年度累计不低于 0 分） −2 分，本月合计 0 分",
    ),
}


def organ(root: Path, rulebook: str, entries: tuple[str, ...]) -> SiteProject:
    """Three months of two branches, 王五 in both of them in February."""
    made = SiteProject(root, ROSTER, rulebook)
    for month, lines in zip(("01", "02", "03"), entries, strict=True):
        made.ledger("jia", f"2026-{month}", STUDY % month + (f"entries:\n{lines}" if lines else ""))
        made.ledger("yi", f"2026-{month}", (STUDY % month).replace("-05,", "-15,"))
    return made


def row(made: SiteProject, branch: str, month: str, name: str) -> LedgerFormRow:
    loaded = made.read()
    form = ledger_forms.build_ledger_form(made.results(), loaded.draft_ledgers[branch, period(month)])
    return next(one for one in form.rows if one.member.name == name)


@pytest.mark.parametrize("case", ROWS)
def test_a_row_has_the_boards_figures_and_a_note_where_its_cells_differ(tmp_path: Path, case: str):
    rulebook, entries, month, shown, note = ROWS[case]
    made = organ(tmp_path, rulebook, entries)
    found = row(made, "jia", month, "张三")
    score = results.score_member(made.results(), "zhang", period(month))
    assert (str(found.points), str(found.total), found.remark) == shown
    assert (found.points, found.total) == (score.points, score.total)
    assert (filters.format_adjusted_sum(found) if found.adjustments else "") == note


@pytest.mark.parametrize(("branch", "other"), [("jia", "yi"), ("yi", "jia")])
def test_a_member_who_moved_has_the_points_of_both_ledgers(tmp_path: Path, branch: str, other: str):
    found = row(organ(tmp_path, RULEBOOK, ("", "", "")), branch, "2026-02", "王五")
    assert (found.points, found.remark) == (4, "见说明")
    assert filters.format_adjusted_sum(found) == f"王五各格共 2 分，{other}支部台账登记 2 分，本月合计 4 分"


def test_a_ceiling_and_a_note_stand_side_by_side(tmp_path: Path):
    entry = "  - {member: 王五, item: suggestion, times: 9, date: 2026-02-02}\n"
    assert row(organ(tmp_path, RULEBOOK, ("", entry, "")), "jia", "2026-02", "王五").remark == "已达上限，见说明"


@random_books.RULEBOOKS
@few_examples
@given(book=random_books.books(), number=st.integers(1, 4))
def test_cells_and_adjustments_always_add_up_to_the_score(rules_, book, number: int):
    found, month = random_books.scored(book, rules_), get_period(PeriodKind.MONTH, 2026, number)
    for branch in ("jia", "yi"):
        ledger = random_books.valid(book.months[branch, number], rules_)
        for one in ledger_forms.build_ledger_form(found, ledger).rows:
            score = results.score_member(found, one.member.id, month)
            assert (one.points, one.total) == (score.points, score.total)
            assert one.cell_sum + sum(added.points for added in one.adjustments) == one.points
            assert all(added.points for added in one.adjustments)
