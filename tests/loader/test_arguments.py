"""Whom and which branch the words of a command line mean."""

from datetime import date

import pytest

from generator.core.model.roster import Branch, Member, Roster
from generator.loader import arguments
from generator.render.site import search_index
from tests.site_project import SiteProject

ROSTER = """
    支部:
      - {编号: jia, 名称: 机关一支部, 书记: zhou}
      - {id: yi, 名称: 离退休支部, 变动: [{起: 2026-02-01, 名称: 老干部支部}]}
    党员:
      - {编号: zhou, 姓名: 周敏, 支部: jia, 身份: 正式}
      - {编号: zhang, 姓名: 张敏, 支部: jia, 身份: 预备, 进入: 2025-11-20, 变动: [{起: 2026-11-20, 身份: 正式}]}
      - {id: wang-1, name: 王芳, branch: jia, status: 正式, 区别: 办公室}
      - {id: wang-2, name: 王芳, branch: yi, status: full, 变动: [{起: 2026-03-01, 离开: 退休}]}
      - {编号: gu, 姓名: 古丽·买买提, 支部: yi, 身份: 正式, 变动: [{起: 2026-02-01, 姓名: 古丽}]}
"""


@pytest.fixture(scope="module")
def organ(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    return SiteProject(tmp_path_factory.mktemp("organ"), ROSTER)


@pytest.fixture(scope="module")
def roster(organ: SiteProject) -> Roster:
    return organ.read().roster


@pytest.mark.parametrize(
    ("word", "member"),
    [
        ("zhou", "zhou"),
        ("周敏", "zhou"),
        ("zhoumin", "zhou"),
        ("ZHOU MIN", "zhou"),
        ("zhōu mǐn", "zhou"),
        ("周", "zhou"),
        ("zhangm", "zhang"),
        ("王芳（办公室）", "wang-1"),
        ("glmmt", "gu"),
        ("maimaiti", "gu"),
        ("guli", "gu"),
    ],
)
def test_a_member_is_found_by_what_the_search_takes(roster: Roster, word: str, member: str):
    found = arguments.find_member(roster, word)
    assert isinstance(found, Member), found
    assert found.id == member


@pytest.mark.parametrize(
    ("word", "described"),
    [
        ("zm", ["zhou（周敏，机关一支部）", "zhang（张敏，机关一支部）"]),
        ("min", ["zhou（周敏，机关一支部）", "zhang（张敏，机关一支部）"]),
        ("王芳", ["wang-1（王芳，办公室，机关一支部）", "wang-2（王芳，老干部支部）"]),
        ("wf", ["wang-1（王芳，办公室，机关一支部）", "wang-2（王芳，老干部支部）"]),
        ("赵六", ["名册里没有"]),
        ("", ["名册里没有"]),
    ],
)
def test_several_are_listed_with_what_tells_them_apart(roster: Roster, word: str, described: list[str]):
    found = arguments.find_member(roster, word)
    assert isinstance(found, str)
    assert all(words in found for words in described), found


def test_the_command_line_finds_whom_the_index_of_the_site_has(roster: Roster):
    for member in roster.members:
        for spelling in search_index.derive_spellings(member.name, " ".join(member.reading)):
            assert member in roster.find_by_spelling(spelling), spelling


@pytest.mark.parametrize(
    ("word", "branch"),
    [("jia", "jia"), ("机关一支部", "jia"), ("一支部", "jia"), ("离退休支部", "yi"), ("老干部", "yi")],
)
def test_a_branch_is_found_by_id_or_name(roster: Roster, word: str, branch: str):
    found = arguments.find_branch(roster, word)
    assert isinstance(found, Branch), found
    assert found.id == branch


def test_a_word_for_several_branches_lists_them(roster: Roster):
    found = arguments.find_branch(roster, "支部")
    assert isinstance(found, str)
    assert "jia（机关一支部）、yi（老干部支部）" in found


def test_days_and_periods_are_taken_as_ledgers_are_written(organ: SiteProject):
    organ.ledger("jia", "2026-01", "activities: [{item: dues, date: 2026-01-05}]\n")
    ledger = organ.root / "ledgers/2026/jia/01.yaml"
    command = ("approve", ledger, "--meeting", "2026年2月3日", "--by", "zhoumin")
    approved = organ.run(*command, today=date(2026, 2, 4))
    assert "已审核：ledgers/2026/jia/01.yaml（2026-02-03，周敏）" in approved.output
    shown = organ.run("explain", "zhou min", "2026年一季度", "--format", "json")
    assert '"period": "2026-Q1"' in shown.output


@pytest.mark.parametrize("by", ["zm", "min", "zhou m", "周"])
def test_a_signature_is_of_one_whole_name(organ: SiteProject, by: str):
    ledger = organ.ledger("jia", "2026-02", "activities: [{item: dues, date: 2026-02-05}]\n")
    refused = organ.run("approve", ledger, "--meeting", "2026/3/3", "--by", by, today=date(2026, 3, 4))
    assert refused.exit_code == 1, refused.output
    assert "approve." in refused.output
