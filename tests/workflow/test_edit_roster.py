"""``jifenbang roster``: dated changes in the file, none of which a sealed month would feel."""

import shlex
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.commands import cli
from tests.site_project import SiteProject, written_once

TODAY = date(2026, 3, 20)
ROSTER = """\
# 名册
branches:
  - {id: jia, name: 甲支部, secretary: zhang}   # 书记
  - {id: yi, name: 乙支部}
members:
  - {id: zhang, name: 张三, branch: jia, status: full}
  - {id: wang, name: 王五, branch: jia, status: probationary}
  - {id: li-jing, name: 李静, branch: jia, status: full}
  - {id: li-jing-2, name: 李静, branch: yi, status: full}
"""
ZHANG, WANG, _, LI = (line.removesuffix("}") for line in ROSTER.splitlines()[-4:])


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    """January and February of one branch are approved; its March is a draft, and the other branch has none."""
    organ = SiteProject(tmp_path, ROSTER)
    for month in ("01", "02"):
        draft = organ.ledger(
            "jia", f"2026-{month}", f"activities:\n  - {{item: 支部党员大会, date: 2026-{month}-05}}\n"
        )
        organ.approve(draft, meeting="2026-03-10", today=TODAY)
    organ.ledger("jia", "2026-03", "activities:\n  - {item: 支部党员大会, date: 2026-03-05, leave: [王五]}\n")
    return organ


def roster(organ: SiteProject) -> str:
    return (organ.root / "ledgers/roster.yaml").read_text(encoding="utf-8")


def added(organ: SiteProject) -> list[str]:
    return [line for line in roster(organ).splitlines() if line not in ROSTER.splitlines()]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("add 单丽 --branch 甲", "  - {id: shan-li, name: 单丽, branch: jia, status: full, since: 2026-03-20}"),
        (
            "add 李静 --branch yi --status 预备 --aka 信访室 --from 2026-02-10",
            "  - {id: li-jing-3, name: 李静, branch: yi, status: probationary, since: 2026-02-10, aka: 信访室}",
        ),
        (
            "move li-jing-2 甲支部 --from 2026-03-06 --reason 借调",
            LI + ", changes: [{from: 2026-03-06, branch: jia, reason: 借调}]}",
        ),
        (
            "leave li-jing-2 调离 --from 2026-01-10",  # of the other branch no month is sealed
            "  - {id: li-jing-2, name: 李静, branch: yi, status: full, changes: [{from: 2026-01-10, left: 调离}]}",
        ),
        (
            "confirm wang",
            WANG + ", changes: [{from: 2026-03-20, status: full}]}",
        ),
        (
            "rename zhang 章三 --pinyin 'zhang san'",
            ZHANG + ', changes: [{from: 2026-03-20, name: 章三, pinyin: "zhang san"}]}',
        ),
        ("branch add 丙支部", "  - {id: bing, name: 丙支部, since: 2026-03-20}"),
        ("branch rename 乙 丁支部", "  - {id: yi, name: 乙支部, changes: [{from: 2026-03-20, name: 丁支部}]}"),
        ("branch secretary 乙 li-jing-2", "  - {id: yi, name: 乙支部, secretary: li-jing-2}"),
        (
            "branch secretary 甲 wang",
            "  - {id: jia, name: 甲支部, secretary: zhang, changes: [{from: 2026-03-20, secretary: wang}]}   # 书记",
        ),
    ],
)
def test_a_command_writes_one_line(organ: SiteProject, words: str, line: str):
    done = organ.run("roster", *shlex.split(words), today=TODAY)
    assert done.exit_code == 0, done.output
    assert added(organ) == [line]
    assert len(roster(organ).splitlines()) - len(ROSTER.splitlines()) in {0, 1}
    assert "已写入名册" in done.output
    assert organ.run("build", today=TODAY).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("move wang 甲支部", "已经在甲支部"),
        ("confirm zhang", "已经是正式党员"),
        ("rename zhang 张三", "已经叫“张三”"),
        ("branch rename 甲 甲支部", "已经叫“甲支部”"),
        ("branch secretary 甲 zhang", "已经由张三任书记"),
    ],
)
def test_what_is_so_already_is_said_and_nothing_is_written(organ: SiteProject, words: str, said: str):
    done = organ.run("roster", *shlex.split(words), today=TODAY)
    assert (done.exit_code, said in done.output, added(organ)) == (2, True, []), done.output


def test_a_branch_is_closed_once_its_members_are_gone(organ: SiteProject):
    assert organ.run("roster", "branch", "close", "乙", "--from", "2026-04-01", today=TODAY).exit_code == 1
    assert roster(organ) == ROSTER
    assert organ.run("roster", "move", "li-jing-2", "甲", "--from", "2026-04-01", today=TODAY).exit_code == 0
    assert organ.run("roster", "branch", "close", "乙", "--from", "2026-04-01", today=TODAY).exit_code == 0
    assert "until: 2026-04-01" in roster(organ)
    assert organ.run("roster", "branch", "close", "乙", today=TODAY).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        "add 单丽 --branch 甲 --from 2026-02-28",
        "move 王五 乙 --from 2026-02-28",
        "move li-jing-2 甲 --from 2026-01-15",
        "leave 王五 调离 --from 2026-02-01",
        "confirm 王五 --from 2026-01-31",
        "rename 张三 章三 --from 2026-02-10",
    ],
)
def test_a_sealed_month_refuses_with_the_first_day_that_is_possible(organ: SiteProject, words: str):
    done = organ.run("roster", *words.split(), today=TODAY)
    assert (done.exit_code, "roster.sealed-month" in done.stderr) == (1, True), done.output
    assert roster(organ) == ROSTER
    day = done.stderr.partition("请加 --from ")[2][:10]
    assert day == "2026-03-01"
    later = [*words.split()[:-1], day]
    assert organ.run("roster", *later, today=TODAY).exit_code == 0
    assert organ.run("verify", "--quick", today=TODAY).exit_code == 0


def test_what_it_does_to_a_draft_is_told_and_stops_nothing(organ: SiteProject):
    done = organ.run("roster", "leave", "王五", "调离", "--from", "2026-03-01", today=TODAY)
    assert done.exit_code == 0, done.output
    assert "ledgers/2026/jia/03.yaml" in done.stderr
    assert "提醒" in done.stderr
    assert "甲支部到 2026-02 为止" in done.stdout


def test_a_file_keeps_its_mark_and_line_ends(organ: SiteProject):
    path = organ.root / "ledgers/roster.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + ROSTER.replace("\n", "\r\n").encode())
    assert organ.run("roster", "add", "单丽", "--branch", "甲", today=TODAY).exit_code == 0
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf#")
    assert raw.count(b"\n") == raw.count(b"\r\n") == ROSTER.count("\n") + 1


def test_a_roster_with_a_mistake_is_left(organ: SiteProject):
    broken = ROSTER.replace("branch: yi", "branch: bing")
    organ.write("ledgers/roster.yaml", broken)
    assert organ.run("roster", "confirm", "王五", today=TODAY).exit_code == 1
    assert roster(organ) == broken


# --- a table ---------------------------------------------------------------------------------------------------------

TABLE = """\
姓名,支部,身份,日期,身份证号
张三,甲支部,正式,,110101199001011234
王五,甲支部,正式,,x
李静,甲支部,正式,,x
李静,乙支部,正式,,x
单丽,乙支部,预备,2026-03-08,x
"""


def test_a_table_adds_moves_and_confirms(organ: SiteProject):
    table = organ.write("名单.csv", TABLE.replace("张三,甲", "张三,乙"))
    done = organ.run("roster", "import", table, "--yes", "--from", "2026-03-15", today=TODAY)
    assert done.exit_code == 0, done.output
    assert added(organ) == [
        "  - {id: zhang, name: 张三, branch: jia, status: full, changes: [{from: 2026-03-15, branch: yi}]}",
        "  - {id: wang, name: 王五, branch: jia, status: probationary, changes: [{from: 2026-03-15, status: full}]}",
        "  - {id: shan-li, name: 单丽, branch: yi, status: probationary, since: 2026-03-08}",
    ]
    assert "110101" not in done.output
    again = organ.run("roster", "import", table, "--yes", "--from", "2026-03-15", today=TODAY)
    assert (again.exit_code, "没有改动" in again.output) == (0, True)


@pytest.mark.parametrize(("answer", "exit_code"), [("是\n", 0), ("否\n", 1), ("\n", 1)])
def test_a_table_is_written_only_when_agreed(organ: SiteProject, answer: str, exit_code: int):
    table = organ.write("名单.csv", TABLE)
    line = ["-C", str(organ.root), "roster", "import", str(table), "--today", TODAY.isoformat()]
    done = CliRunner().invoke(cli, line, input=answer)
    assert (done.exit_code, roster(organ) == ROSTER) == (exit_code, bool(exit_code)), done.output
    assert "shan-li" in done.output


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("张三,甲支部,预备,", "第 2 行：张三在名册里已经是正式党员"),
        ("李静,丙支部,正式,", "第 2 行：没有“丙支部”这个支部"),
        ("李静（办公室）,甲支部,正式,\n李静,甲支部,正式,", ""),
    ],
)
def test_what_is_not_clear_is_not_guessed(organ: SiteProject, row: str, words: str):
    table = organ.write("名单.csv", f"姓名,支部,身份,日期\n{row}\n")
    done = organ.run("roster", "import", table, "--yes", today=TODAY)
    if words:
        assert (done.exit_code, words in done.output, roster(organ)) == (2, True, ROSTER), done.output
    else:
        assert added(organ) == [
            "  - {id: li-jing-3, name: 李静, branch: jia, status: full, since: 2026-03-20, aka: 办公室}"
        ], done.output


def test_one_of_two_namesakes_alone_in_the_table_is_the_one_of_the_branch(organ: SiteProject):
    table = organ.write("名单.csv", "姓名,支部,身份\n李静,乙支部,正式\n")
    done = organ.run("roster", "import", table, "--yes", today=TODAY)
    assert (done.exit_code, roster(organ)) == (0, ROSTER)
