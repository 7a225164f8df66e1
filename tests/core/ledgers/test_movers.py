"""One person counted in two branches' ledgers more often than an activity is expected."""

import json
from datetime import date
from pathlib import Path

import pytest

from tests.site_project import RULEBOOK, SiteProject

TODAY = date(2026, 4, 10)
ROSTER = """\
branches:
  - {id: first, name: 第一党支部, secretary: zhou-min}
  - {id: second, name: 第二党支部, secretary: wang-fang}
members:
  - {id: zhou-min, name: 周敏, branch: first, status: full}
  - {id: li-qiang, name: 李强, branch: first, status: full, changes: [{from: 2026-01-15, branch: second}]}
  - {id: wang-fang, name: 王芳, branch: second, status: full}
"""


def write(organ: SiteProject, branch: str, month: str, *activities: str) -> Path:
    lines = "".join(f"  - {{{activity}, title: 会}}\n" for activity in activities)
    return organ.ledger(branch, month, f"activities:\n{lines}")


def told(organ: SiteProject, *files: str) -> list[dict[str, str]]:
    said = json.loads(organ.run("check", *files, "--format", "json", today=TODAY).stdout)
    return [one for one in said if one["code"] == "ledger.counted-twice"]


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, ROSTER)


def dues(day: str, more: str = "") -> str:
    return f"item: dues, date: 2026-{day}{more}"


def meeting(day: str, more: str = "") -> str:
    return f"item: general-meeting, date: 2026-{day}{more}"


def test_a_month_of_a_transfer_is_counted_once(organ: SiteProject):
    write(organ, "first", "2026-01", meeting("01-05"), dues("01-08"))
    write(organ, "second", "2026-01", meeting("01-20"), dues("01-22"))
    both = told(organ)
    assert len(both) == 2
    for one in both:
        assert one["severity"] == "warning"
        assert one["file"] == "ledgers/2026/second/01.yaml"
        assert "ledgers/2026/first/01.yaml:" in one["message"]
        assert "ledgers/2026/second/01.yaml:" in one["message"]
        assert "李强" in one["message"]
        assert "周敏" not in one["message"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([dues("01-08")], []),
        ([dues("01-08", ", leave: [li-qiang]")], [dues("01-22")]),
        ([dues("01-08", ", absent: [li-qiang]")], [dues("01-22")]),
        ([dues("01-08", ", exempt: [li-qiang]")], [dues("01-22")]),
        ([dues("01-08")], [dues("01-22", ", exempt: [li-qiang]")]),
        ([dues("01-08")], [dues("01-12")]),  # before he came
        ([dues("01-16")], [dues("01-22")]),  # after he went
        ([dues("01-08")], [meeting("01-22")]),
    ],
)
def test_what_is_right(organ: SiteProject, first: list[str], second: list[str]):
    write(organ, "first", "2026-01", *first)
    if second:
        write(organ, "second", "2026-01", *second)
    assert told(organ) == []


def test_two_months_are_two(organ: SiteProject):
    write(organ, "first", "2026-01", dues("01-08"))
    write(organ, "second", "2026-02", dues("02-08"))
    assert told(organ) == []


def test_one_branch_by_itself_is_told_as_before(organ: SiteProject):
    write(organ, "second", "2026-02", dues("02-08"), dues("02-09"))
    assert told(organ) == []
    assert "〔ledger.expected-too-many〕" in organ.run("check", today=TODAY).stderr


@pytest.mark.parametrize(("times", "count"), [(1, 1), (2, 0)])
def test_other_windows_and_numbers(tmp_path: Path, times: int, count: int):
    rulebook = RULEBOOK.replace("expect: {per: month, times: 1}", f"expect: {{per: quarter, times: {times}}}")
    organ = SiteProject(tmp_path, ROSTER, rulebook)
    write(organ, "first", "2026-01", meeting("01-05"))
    write(organ, "second", "2026-03", meeting("03-20"))
    assert len(told(organ)) == count


def test_sealed_ledgers_stay_a_warning_and_the_second_approval_is_told(organ: SiteProject):
    first = write(organ, "first", "2026-01", dues("01-08"))
    second = write(organ, "second", "2026-01", dues("01-22"))
    organ.approve(first, meeting="2026-02-03", today=TODAY)
    done = organ.run("approve", second, "--meeting", "2026-02-04", "--by", "wang-fang", today=TODAY)
    assert done.exit_code == 0, done.output
    assert "〔ledger.counted-twice〕" in done.stderr
    assert len(told(organ)) == 1
    assert organ.run("build", today=TODAY).exit_code == 0
