"""Names that can't be right, on which sealed months rest: told of, mended by a dated change, and never recommended."""

from datetime import date
from pathlib import Path

import pytest

from tests.site_project import SiteProject

TODAY = date(2026, 3, 10)
ROSTER = """\
branches:
  - {{id: first, name: 第一党支部, secretary: zhou-min}}
members:
  - {{id: zhou-min, name: 周敏, branch: first, status: full}}
  - {{id: wang-yan, name: '{name}', branch: first, status: full{more}}}
"""
MEETING = "activities: [{{item: general-meeting, date: 2026-{month}-05, title: 会, leave: [{leave}]}}]\n"
NAMES = {"王\ue863": "王䶮", "李 强": "李强", "黄?": "黄䶮", "阿迪力.吐尔逊": "阿迪力·吐尔逊", "李强\uf123": "李强生"}
NAMES |= {"李强2": "李强", "李强\u0301": "李强", "李强（大）": "李强, aka: 大"}


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, "")


def write(organ: SiteProject, name: str, more: str = "") -> None:
    organ.write("ledgers/roster.yaml", ROSTER.format(name=name.replace(", aka: ", "', aka: '"), more=more))


def seal_as_before(organ: SiteProject, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seal January with a name that an earlier version didn't doubt."""
    write(organ, name)
    ledger = organ.ledger("first", "2026-01", MEETING.format(month="01", leave="wang-yan"))
    with monkeypatch.context() as context:
        context.setattr("generator.intake.files.roster_file._find_doubtful_words", lambda *_: ())
        organ.approve(ledger, meeting="2026-02-03", today=TODAY)


@pytest.mark.parametrize("name", NAMES)
def test_before_anything_is_sealed_it_is_refused(organ: SiteProject, name: str):
    write(organ, name)
    organ.ledger("first", "2026-01", MEETING.format(month="01", leave="wang-yan"))
    said = organ.run("check", today=TODAY)
    assert said.exit_code == 1
    assert "〔roster." in said.stderr
    assert organ.run("build", today=TODAY).exit_code == 1


@pytest.mark.parametrize(("name", "right"), NAMES.items())
def test_once_sealed_it_is_a_warning_until_a_dated_change_mends_it(
    organ: SiteProject, name: str, right: str, monkeypatch: pytest.MonkeyPatch
):
    seal_as_before(organ, name, monkeypatch)
    said = organ.run("check", today=TODAY)
    assert said.exit_code == 0, said.stderr
    assert said.stderr.count("〔roster.") == 1
    assert "changes: [{from: 2026-02-01, name: " in said.stderr
    assert organ.run("build", today=TODAY).exit_code == 0
    assert "〔roster." in organ.run("build", "--no-cache", today=TODAY).stderr + said.stderr

    write(organ, right)  # what it was sealed as can't be changed
    assert "〔approval.roll〕" in organ.run("check", today=TODAY).stderr

    write(organ, name, more=f", changes: [{{from: 2026-02-01, name: {right}}}]")
    said = organ.run("check", today=TODAY)
    assert said.exit_code == 0, said.stderr
    assert "roster." not in said.stderr
    organ.ledger("first", "2026-02", MEETING.format(month="02", leave=right.partition(",")[0]))
    assert organ.run("check", today=TODAY).exit_code == 0
    assert organ.run("build", today=TODAY).exit_code == 0
    page = (organ.root / "site/branches/first/2026-01.html").read_text("utf-8")
    assert name.replace("\ue863", "") in page.replace("\ue863", "")  # the past stays as it was sealed


def test_a_name_typed_wrong_after_the_seal_is_an_error(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    seal_as_before(organ, "王岩", monkeypatch)
    write(organ, "王 岩")
    said = organ.run("check", today=TODAY)
    assert said.exit_code == 1
    assert "〔roster.look-alike〕" in said.stderr
    assert "请改写成“王岩”" in said.stderr


@pytest.mark.parametrize(
    ("roster", "written", "hint"),
    [
        ("王䶮", "王\ue863", "您是不是要写“王䶮”"),
        ("王䶮", "王?", "有一个字丢了：您是不是要写“王䶮”"),
        ("王䶮", "王\ufffd", "有一个字丢了：您是不是要写“王䶮”"),
        ("王䶮", "王□", "有一个字丢了：您是不是要写“王䶮”"),
        ("王䶮", "李\uf123", "有一个字丢了：请照名册重新输入，或写编号"),
        ("李强", "李 强", "您是不是要写“李强”，中间不要空格"),
        ("李强", "李\u3000强", "您是不是要写“李强”，中间不要空格"),
        ("李强", "李强1", "您是不是要写“李强”"),
        ("李强", "李强２", "您是不是要写“李强”"),
        ("李强", "李强\u0301", "您是不是要写“李强”；“强”上多了一个附加符号"),
        ("李强", "李强（女）", "您是不是要写“李强”"),
        ("李强, aka: 大", "李强大", "您是不是要写“李强（大）”"),
        ("李强, aka: A", "李强A", "您是不是要写“李强（A）”"),
    ],
)
def test_a_ledgers_word_is_never_mended_by_a_wrong_character(organ: SiteProject, roster: str, written: str, hint: str):
    write(organ, roster)
    organ.ledger("first", "2026-01", MEETING.format(month="01", leave=f"'{written}'"))
    said = organ.run("check", today=TODAY)
    assert "〔ledger.unknown-member〕" in said.stderr
    assert hint in said.stderr


@pytest.mark.parametrize(
    ("name", "written", "hint"),
    [
        ("王\ue863", "王䶮", "名册里 wang-yan 的姓名有一个字丢了，请先改正名册；这里可以写编号 wang-yan"),
        ("黄?", "黄䶮", "名册里 wang-yan 的姓名有一个字丢了，请先改正名册；这里可以写编号 wang-yan"),
        ("李 强", "李强", "名册里写的是“李 强”，请先改正名册；这里可以写编号 wang-yan"),
        ("李强2", "李强", "名册里写的是“李强2”，请先改正名册；这里可以写编号 wang-yan"),
        ("李强\u0301", "李强", "名册里写的是“李强\u0301”，请先改正名册；这里可以写编号 wang-yan"),
        ("李强（大）", "李强", "名册里写的是“李强（大）”，请先改正名册；这里可以写编号 wang-yan"),
        ("王\ue863", "王言", "名册里 wang-yan 的姓名有一个字丢了"),
        ("李 强", "李墙", "可以写的有：周敏、zhou-min、wang-yan"),
    ],
)
def test_a_name_that_cannot_be_right_is_never_recommended(
    organ: SiteProject, name: str, written: str, hint: str, monkeypatch: pytest.MonkeyPatch
):
    seal_as_before(organ, name, monkeypatch)
    organ.ledger("first", "2026-02", MEETING.format(month="02", leave=written))
    poll = f"award: 优秀\ndate: 2026-02-09\nelectorate: 2\nvotes: {{{written}: 1}}\n"
    organ.write("ledgers/2026/votes/best.yaml", poll)
    said = organ.run("check", today=TODAY).stderr
    assert said.count(hint) == 2, said
    by = organ.run(
        "approve", organ.root / "ledgers/2026/first/02.yaml", "--meeting", "2026-03-03", "--by", written, today=TODAY
    )
    explained = organ.run("explain", written, "2026-01", today=TODAY)
    for output in (said, by.stderr, explained.stderr):
        assert f"要写“{name}”" not in output
        assert "写“王□”" not in output
