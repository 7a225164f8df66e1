"""Where a member belongs on a day, and as what."""

from datetime import date
from pathlib import Path

import pytest

from generator.core.model.roster import Member, MembershipStatus, Roster
from tests.site_project import SiteProject

ROSTER = """
branches: [{id: jia, name: 甲}, {id: yi, name: 乙}]
members:
  - id: chen
    name: 陈静
    branch: yi
    status: probationary
    since: 2025-11-20
    changes:
      - {from: 2026-06-01, branch: jia}
      - {from: 2026-11-20, status: full}
      - {from: 2027-09-01, left: 退休}
"""


@pytest.fixture
def chen(tmp_path: Path) -> Member:
    return SiteProject(tmp_path, ROSTER).read().roster.member_by_id["chen"]


@pytest.mark.parametrize(
    ("day", "branch", "status"),
    [
        (date(2025, 11, 19), None, MembershipStatus.PROBATIONARY),
        (date(2025, 11, 20), "yi", MembershipStatus.PROBATIONARY),
        (date(2026, 5, 31), "yi", MembershipStatus.PROBATIONARY),
        (date(2026, 6, 1), "jia", MembershipStatus.PROBATIONARY),
        (date(2026, 11, 19), "jia", MembershipStatus.PROBATIONARY),
        (date(2026, 11, 20), "jia", MembershipStatus.FULL),
        (date(2027, 8, 31), "jia", MembershipStatus.FULL),
        (date(2027, 9, 1), None, MembershipStatus.FULL),
    ],
)
def test_every_change_begins_on_its_day(chen: Member, day: date, branch: str | None, status: MembershipStatus):
    assert (chen.branch_on(day), chen.status_on(day)) == (branch, status)


def test_a_day_that_changes_the_order_of_branches_alone_is_a_day_of_names():
    first, second = date(2026, 2, 1), date(2026, 3, 1)
    roster = Roster((), (), orders=((date.min, ("jia", "yi")), (first, ("yi", "jia")), (second, ("jia", "yi"))))
    assert [roster.next_name_day(day) for day in (date(2026, 1, 1), first, second)] == [first, second, None]
