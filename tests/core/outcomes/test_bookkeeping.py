"""A branch's own record (五6): ledgers late, corrections, false lines struck."""

from datetime import date
from pathlib import Path

import pytest

from generator.core.model.ledger import CorrectionKind
from generator.core.outcomes import bookkeeping
from generator.core.outcomes.bookkeeping import BookkeepingRecord
from tests.site_project import SiteProject, conclude, members, period, survey

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi")
STUDY = "activities: [{item: study, date: %s-05, title: 学习}]"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, ROSTER)


def kept(organ: SiteProject, today: str) -> dict[str, BookkeepingRecord]:
    view = survey(organ.root, date.fromisoformat(today))
    return {one.branch.id: one for one in conclude(view, 2026).keeping}


@pytest.mark.parametrize(
    ("meeting", "late"),
    [("2026-02-02", []), ("2026-02-10", []), ("2026-02-11", ["2026-01"])],
)
def test_a_ledger_is_in_time_up_to_the_tenth(organ: SiteProject, meeting: str, late: list[str]):
    organ.approve(organ.ledger("jia", "2026-01", STUDY % "2026-01"), meeting=meeting)
    organ.approve(organ.ledger("yi", "2026-01", STUDY % "2026-01"), meeting="2026-02-02")
    found = kept(organ, "2026-02-20")
    assert [str(one.month) for one in found["jia"].late] == late
    assert (found["jia"].months, found["yi"].months, found["yi"].late) == (1, 1, ())


def test_a_ledger_not_approved_at_all_is_late_once_its_day_is_past(organ: SiteProject):
    organ.ledger("jia", "2026-01", STUDY % "2026-01")
    assert kept(organ, "2026-02-10")["jia"].late == ()
    (late,) = kept(organ, "2026-02-11")["jia"].late
    assert (late.month, late.due, late.approved) == (period("2026-01"), date(2026, 2, 10), None)


def test_december_is_due_in_january():
    assert bookkeeping.approval_deadline(period("2026-12"), 10) == date(2027, 1, 10)


def test_corrections_by_kind_and_false_lines_one_by_one(organ: SiteProject):
    organ.approve(
        organ.ledger(
            "jia",
            "2026-01",
            """
            activities: [{item: study, date: 2026-01-05, title: 学习}]
            entries:
              - {member: 张三, item: suggestion, date: 2026-01-06, note: 甲}
              - {member: 张三, item: suggestion, date: 2026-01-07, note: 乙}
              - {member: 王五, item: suggestion, date: 2026-01-08, note: 丙}
            """,
        ),
        meeting="2026-02-02",
    )
    for number, rest in enumerate(
        (
            "kind: 补录\nreason: 漏记\nentries: [{member: 王五, item: suggestion, date: 2026-01-09, note: 丁}]",
            "kind: 误记\nreason: 记错\nstrike: [e1]",
            "kind: 剔除\nreason: 虚报\nstrike: [e2, c1.e1]",
            "kind: 剔除\nreason: 全部虚报\nstrike: all",
        ),
        start=1,
    ):
        approval = organ.read().ledger_files.branch_chain("jia")[-1].digest
        text = f"branch: jia\nmonth: 2026-01\ncorrects: {approval}\nrecorder: 登记员\n{rest}\n"
        organ.approve(organ.write(f"ledgers/2026/jia/01.c{number}.yaml", text), meeting="2026-03-02")
    found = kept(organ, "2026-12-01")["jia"]
    assert found.corrected == {CorrectionKind.OMITTED: 1, CorrectionKind.MISTAKEN: 1, CorrectionKind.FALSIFIED: 2}
    # the first 剔除 takes out two lines; the second the whole month, of which an activity and one entry were left
    assert [one.struck for one in found.amended] == [0, 0, 2, 2]
    assert found.struck == 4


def test_a_withdrawn_approval_is_counted(organ: SiteProject):
    ledger = organ.ledger("jia", "2026-01", STUDY % "2026-01")
    organ.approve(ledger, meeting="2026-02-02")
    assert organ.run("approve", ledger, "--withdraw", "--reason", "误审").exit_code == 0
    assert len(kept(organ, "2027-06-01")["jia"].withdrawn) == 1
