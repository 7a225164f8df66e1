"""The worked example of the manual: one branch, one month, three members."""

import pytest

from tests.site_project import SiteProject, members

MARCH = """
    activities:
      - {item: general-meeting, date: 2026-03-05, leave: [李]}
      - {item: lecture, date: 2026-03-06}
      - {item: activity-day, date: 2026-03-09, absent: [李]}
      - {item: dues, date: 2026-03-10, absent: [王]}
      - {item: study, date: 2026-03-12, title: 一}
      - {item: study, date: 2026-03-19, title: 二, absent: [张]}
      - item: innovation
        date: 2026-03-20
        present: [王]
        evidence: {sign-in: 签到表.pdf, photo: 照片.jpg}
    entries:
      - {member: 张, item: contest, level: placed, date: 2026-03-25, evidence: {sign-in: 签到表.pdf, photo: 照片.jpg}}
"""

COLUMNS = ["general-meeting", "lecture", "activity-day", "dues", "study", "innovation", "contest"]
#         meeting lecture day dues study feature contest deductions points rank last
TABLE = {
    "张": ["1", "1", "1", "1", "2", "0", "2", "-1", "7", 2, False],
    "王": ["1", "1", "1", "0", "4", "2", "0", "0", "9", 1, False],
    "李": ["0", "1", "0", "1", "4", "0", "0", "-1.5", "4.5", 3, True],
}


@pytest.fixture(scope="module")
def organ(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    made = SiteProject(tmp_path_factory.mktemp("organ"), members("zhang 张 jia", "wang 王 jia", "li 李 jia"))
    made.ledger("jia", "2026-03", MARCH)
    return made


@pytest.mark.parametrize("name", TABLE)
def test_every_figure_of_the_table(organ: SiteProject, name: str):
    one = organ.board("2026-03", "jia")[name]
    lines = organ.lines(one.member.id, "2026-03")
    by_item = [str(sum(line.points for line in lines if line.item.id == item)) for item in COLUMNS]
    deductions = str(one.score.groups["deduction"])
    assert [*by_item, deductions, str(one.score.points), one.rank, one.last] == TABLE[name]
