"""Revisions of the organ's boards, from what each branch knows of its own past."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from generator.core.scoring import revisions
from tests.site_project import SiteProject, members, survey

# Everybody of yi came in March: its January and February had nobody.
ROSTER = members("zhao 赵一 jia", "qian 钱二 jia", "sun 孙三 yi 2026-03-10", "li 李四 yi 2026-03-10")
MONTHS = [f"2026-{number:02}" for number in range(1, 7)]


def lines(month: str) -> str:
    return f"activities:\n  - {{item: study, date: {month}-20, title: 学习}}\n"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """A half-year that was complete in July, and whose April was corrected in August."""
    organ = SiteProject(tmp_path, ROSTER)
    jia = [organ.ledger("jia", month, lines(month)) for month in MONTHS]
    yi = [organ.ledger("yi", month, lines(month)) for month in MONTHS[2:]]
    organ.approve(*jia, *yi, meeting="2026-07-05", today=date(2026, 7, 6))
    ledger = (organ.root / "ledgers/2026/yi/04.yaml").read_text(encoding="utf-8")
    correction = organ.write(
        "ledgers/2026/yi/04.c1.yaml",
        f"branch: yi\nmonth: 2026-04\ncorrects: {ledger.rpartition('digest: ')[2].strip()}\nrecorder: 登记员\n"
        "kind: 误记\nreason: 错\nentries:\n  - {member: sun, item: suggestion, date: 2026-04-21, note: 补}\n",
    )
    organ.approve(correction, meeting="2026-08-01", today=date(2026, 8, 2))
    return organ


def revised(organ: SiteProject) -> dict[str, list[tuple[list[str], list[str]]]]:
    """Points on the organ's boards before and after each correction."""
    revisions = survey(organ.root, date(2026, 10, 1)).organ.site_data.revisions
    return {
        str(period): [
            (
                [f"{row.member.id} {row.score.points}" for row in one.before.standings],
                [f"{row.member.id} {row.score.points}" for row in one.after.standings],
            )
            for one in every
        ]
        for (period, _), every in revisions.items()
    }


BEFORE = ["qian 12", "zhao 12", "li 8", "sun 8"]
AFTER = ["qian 12", "zhao 12", "sun 10", "li 8"]


def test_a_correction_of_a_complete_half_year_is_a_revision(organ: SiteProject):
    assert revised(organ) == {"2026-H1": [(BEFORE, AFTER)]}


@pytest.mark.parametrize("month", MONTHS[:2])
def test_a_month_of_nobody_approved_later_hides_no_revision(organ: SiteProject, month: str):
    """No board waits for such a month: the half-year was complete before it."""
    assert organ.run("build", today=date(2026, 8, 3)).exit_code == 0
    organ.approve(organ.ledger("yi", month), meeting="2026-09-01", today=date(2026, 9, 2))
    assert revised(organ) == {"2026-H1": [(BEFORE, AFTER)]}
    done = organ.run("build", today=date(2026, 9, 3))
    assert done.exit_code == 0, done.output


def test_ledgers_approved_in_any_order_later_move_no_earlier_board(organ: SiteProject):
    for month in ("2026-08", "2026-07"):
        organ.approve(organ.ledger("yi", month, lines(month)), meeting="2026-09-05", today=date(2026, 9, 6))
    assert revised(organ) == {"2026-H1": [(BEFORE, AFTER)]}


def test_a_version_counts_just_after_its_moment():
    day = date(2026, 2, 10)
    versions = [SimpleNamespace(moment=(1, day, True, 0, number)) for number in range(2)]
    moment = (1, date(2026, 2, 10), True, 0, int("1"))
    newest = [revisions._newest_version(versions, moment, inclusive=inclusive) for inclusive in (False, True)]  # noqa: SLF001
    assert newest == versions
