"""Honours 光荣榜: read in either language, sealed as decided, shown to those who may see them, and never computed."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from generator.core.ledgers.ballots import NamedHonour
from generator.core.page_data.honours import HonourEntry
from tests.site_project import SETTINGS, TODAY, SiteProject, members, organ_edition, survey

ROSTER = members(
    "zhang 张三 jia",
    "li 李四 yi",
    "wang 王五 jia - 2026-03-01",
    "zhao 赵六 yi 2026-07-01",
    "qian 钱七 jia",
    "qian-2 钱七 yi",
)
FILE = "ledgers/2026/honours.yaml"
HONOURS = """\
year: 2026
honours:
  - {award: 纪检先锋党员, period: 2026-Q1, date: 2026-04-10, members: [张三, qian]}
  - {award: 优秀共产党员, date: 2026-06-26, members: [李四], note: 张三同志推荐}
"""
CHINESE = """\
年度: 2026
荣誉:
  - {奖项: 纪检先锋党员, 周期: 2026年一季度, 日期: 2026-04-10, 党员: [张三, qian]}
  - {奖项: 优秀共产党员, 日期: 2026-06-26, 党员: [李四], 备注: 张三同志推荐}
"""
EVERYBODY = "organ,branch,member,committee"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path / "organ", ROSTER)


@pytest.fixture
def sealed(organ: SiteProject) -> SiteProject:
    organ.approve(organ.write(FILE, HONOURS))
    return organ


def codes(organ: SiteProject, *command: object, word: str = "错误", today: date = TODAY) -> list[str]:
    """The codes of a command's errors, or of its warnings, in order."""
    done = organ.run(*command, today=today)
    found = re.findall(rf"{word}：.*〔([a-z.-]+)〕", done.stderr)
    assert done.exit_code == (1 if "错误：" in done.stderr else 0), done.output
    return found


def pages(organ: SiteProject, audience: str = EVERYBODY) -> dict[str, str]:
    """The site for an audience, by path."""
    done = organ.run("build", "--jobs", "1", "--audience", audience, "--output", organ.root / audience)
    assert done.exit_code == 0, done.output
    folder = organ.root / audience
    endings = {".html", ".json", ".xml", ".js"}
    found = [path for path in folder.rglob("*") if path.suffix in endings]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}


# --- what is read ----------------------------------------------------------------------------------------------------


def plain(named: NamedHonour) -> tuple[object, ...]:
    honour = named.written
    return str(honour.period), honour.award, honour.date, honour.note, tuple(member for _, member in named.members)


@pytest.mark.parametrize("text", [HONOURS, CHINESE])
def test_both_languages_mean_the_same(organ: SiteProject, text: str):
    organ.approve(organ.write(FILE, text))
    assert [plain(one) for one in survey(organ.root).organ.shared_files.honours] == [
        ("2026-Q1", "纪检先锋党员", date(2026, 4, 10), "", ("zhang", "qian")),
        ("None", "优秀共产党员", date(2026, 6, 26), "张三同志推荐", ("li",)),
    ]


MISTAKES = [
    # old                          new                       error
    ("[张三, qian]", "[]", "ballot.empty"),
    ("[张三, qian]", "", "field.blank"),
    ("[张三, qian]", "[张三, zhang]", "ballot.member-twice"),
    ("[张三, qian]", "[张三, 王五]", "ballot.not-on-roster"),
    ("[张三, qian]", "[张三, 赵六]", "ballot.not-on-roster"),
    ("[张三, qian]", "[钱七]", "ballot.ambiguous-member"),
    ("[张三, qian]", "[周九]", "ballot.unknown-member"),
    ("2026-Q1", "2025-Q1", "ballot.period"),
    ("2026-Q1", "2026-Q3", "ballot.honour-date"),
    ("2026-Q1", "一季度", "field.bad-period"),
    ("2026-06-26", "2025-06-26", "ballot.honour-date"),
    ("2026-06-26", "2026-06-31", "field.bad-date"),
    ("award: 优秀共产党员, date", "award: 纪检先锋党员, period: 2026年一季度, date", "ballot.honour-twice"),
    ("year: 2026", "year: 2025", "ballot.year"),
    ("张三同志推荐", "电话 13800138000", "text.private-number"),
    ("note", "nots", "field.unknown-key"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code"), MISTAKES)
def test_a_mistake_in_a_draft_stops_check_and_approve_and_no_build(organ: SiteProject, old: str, new: str, code: str):
    assert HONOURS.count(old) == 1
    path = organ.write(FILE, HONOURS.replace(old, new))
    assert codes(organ, "check") == [code]
    assert codes(organ, "approve", path, "--meeting", "2027-01-05", "--by", "审核员", "--acting", "代行") == [code]
    assert "approval" not in path.read_text(encoding="utf-8")
    assert codes(organ, "build") == []


GOOD = [
    ("2026-Q1", "2026-04"),
    ("2026-Q1", "2026"),
    ("2026-04-10", "2027-01-04"),  # decided after the year's end
    ("[张三, qian]", "[qian, qian-2]"),
    ("award: 优秀共产党员, date", "award: 纪检先锋党员, period: 2026-Q2, date"),
    ("award: 优秀共产党员", "award: 纪检先锋党员"),  # one with a period, one without
]


@pytest.mark.parametrize(("old", "new"), GOOD)
def test_what_is_not_surely_wrong_is_approved(organ: SiteProject, old: str, new: str):
    assert HONOURS.count(old) == 1
    organ.approve(organ.write(FILE, HONOURS.replace(old, new)))
    assert codes(organ, "check") == []


def test_a_meeting_before_the_last_decision_approves_nothing(organ: SiteProject):
    path = organ.write(FILE, HONOURS)
    approve = ("approve", path, "--by", "审核员", "--acting", "代行", "--meeting")
    assert codes(organ, *approve, "2026-06-25") == ["approve.meeting-early"]
    assert codes(organ, *approve, "2026-06-26") == []


def test_slips_are_mended(organ: SiteProject):
    path = organ.write(
        FILE, HONOURS.replace("award: 优秀共产党员, date: 2026-06-26", "award：优秀共产党员，date: 2026/6/26")
    )
    assert codes(organ, "check") != []
    assert organ.run("tidy", path).exit_code == 0
    assert path.read_text(encoding="utf-8") == HONOURS
    organ.approve(path)
    assert codes(organ, "tidy", path) == ["tidy.sealed"]


# --- sealed ----------------------------------------------------------------------------------------------------------

ALTERATIONS = [
    ("[李四]", "[张三]", ["approval.digest"]),
    ("2026-06-26", "2026-06-25", ["approval.digest"]),
    ("by: 审核员", "by: 别人", ["approval.digest"]),
    ("nonce:", "rulebook: sha256:0\n  nonce:", ["approval.incomplete"]),
]


@pytest.mark.parametrize(("old", "new", "told"), ALTERATIONS)
def test_what_is_altered_afterwards_stops_the_build_and_is_restored(
    sealed: SiteProject, old: str, new: str, told: list[str]
):
    assert codes(sealed, "build") == []
    path = sealed.root / FILE
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert codes(sealed, "build") == told
    assert set(told) <= set(codes(sealed, "verify"))
    assert codes(sealed, "restore", path) == []
    assert path.read_text(encoding="utf-8") == text
    assert codes(sealed, "verify") == []


def test_no_rule_bears_on_them(sealed: SiteProject):
    text = (sealed.root / FILE).read_text(encoding="utf-8")
    assert "rulebook" not in text
    book = sealed.root / "ledgers/rulebooks/erqi-2021.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace("times: 4", "times: 3"), encoding="utf-8")
    assert codes(sealed, "build") == []


def test_moved_to_another_year_it_is_no_approval_there(sealed: SiteProject):
    sealed.write("ledgers/2027/cycle.yaml", "year: 2027\nrulebook: erqi-2021\n")
    (sealed.root / FILE).rename(sealed.root / "ledgers/2027/honours.yaml")
    assert codes(sealed, "build") == ["ballot.year"]


def test_what_the_roster_made_wrong_is_a_warning_and_no_line_is_lost(sealed: SiteProject):
    sealed.write("ledgers/roster.yaml", ROSTER.replace("id: qian,", "id: qian-qi,"))
    assert codes(sealed, "check", word="提醒").count("ballot.unknown-member") == 1
    shown = pages(sealed, "organ")["honours.html"]
    assert re.findall("<li>(.*)</li>", shown.partition("<h2>")[2].partition("<details")[0]) == [
        "李四 <small>yi支部</small>", "张三 <small>jia支部</small>", "qian",
    ]  # fmt: skip
    assert codes(sealed, "approve", sealed.root / FILE, "--withdraw", "--reason", "编号改了") == []


def test_it_is_withdrawn_on_record_and_approved_anew(sealed: SiteProject):
    before = pages(sealed)
    assert codes(sealed, "build") == []
    audit = sealed.write("../audit.json", before["audit.json"])
    assert codes(sealed, "approve", sealed.root / FILE, "--withdraw", "--reason", "漏写一人") == []
    assert (sealed.root / FILE).read_text(encoding="utf-8") == HONOURS
    assert "honours.html" not in pages(sealed)
    sealed.approve(sealed.write(FILE, HONOURS.replace("[李四]", "[李四, 赵六]").replace("06-26", "07-01")))
    after = pages(sealed)
    assert "赵六" in after["honours.html"]
    kinds = [(one["kind"], one["year"]) for one in json.loads(after["audit.json"])["retractions"]]
    assert kinds == [("honours", 2026)]
    assert codes(sealed, "build") == []
    done = sealed.run("verify", "--anchor", audit)
    assert (done.exit_code, "2026 年光荣榜" in done.stderr, "光荣榜：1 次审核。" in done.stdout) == (0, True, True)
    assert "漏写一人" in after["committee/journal.html"]
    assert "漏写一人" not in after["audit.html"]


def test_cut_off_after_publication_it_is_missed(sealed: SiteProject):
    assert codes(sealed, "build") == []
    sealed.write(FILE, HONOURS)
    assert codes(sealed, "build") == ["release.rests"]


@pytest.mark.parametrize("text", [None, HONOURS])
def test_without_an_approval_there_is_neither_page_nor_name(organ: SiteProject, text: str | None):
    if text:
        organ.write(FILE, text)
    built = pages(organ)
    assert "honours.html" not in built
    assert [path for path, page in built.items() if "纪检先锋党员" in page and "rules" not in path] == []


# --- who sees what ---------------------------------------------------------------------------------------------------


def test_the_organ_sees_them_newest_first_and_members_their_own(organ: SiteProject):
    organ.approve(
        organ.ledger("jia", "2026-01", "activities:\n  - {item: study, date: 2026-01-09, present: [zhang, qian]}\n"),
        organ.ledger("yi", "2026-01", "activities:\n  - {item: study, date: 2026-01-09, present: [li]}\n"),
        organ.write(FILE, HONOURS),
    )
    built = pages(organ)
    shown = built["honours.html"]
    assert re.findall("<dt>(.*)</dt>", shown.partition("<details")[0]) == [
        "优秀共产党员", "2026年第一季度 纪检先锋党员",
    ]  # fmt: skip
    assert '<a href="members/zhang.html">张三</a>' in shown
    assert "钱七（jia支部）" in shown
    assert "2026年4月10日机关党委决定，2027年1月5日会议审核" in shown
    digest = json.loads(built["audit.json"])["ballots"][0]["digest"].removeprefix("sha256:")
    assert " ".join(digest[start : start + 4] for start in range(0, 16, 4)) in shown
    assert "光荣榜：优秀共产党员" in built["index.html"]
    assert 'href="../honours.html">2026年第一季度纪检先锋党员</a>' in built["members/zhang.html"]
    assert "荣誉：" in built["members/li.html"]
    assert all(name not in built["audit.json"] for name in ("张三", "zhang", "纪检先锋党员"))
    assert "zhang" not in built["audit.html"]
    alone = pages(organ, "member")
    assert "honours.html" not in alone
    assert "荣誉：2026年第一季度纪检先锋党员</p>" in alone["members/zhang.html"]
    assert "honours.html" not in pages(organ, "branch")


def test_masked_names_are_masked_and_notes_left_out(sealed: SiteProject):
    sealed.write("content/site.yaml", f"{SETTINGS}names: masked\n")
    for path, page in pages(sealed, "organ").items():
        assert not re.search("张三|李四|钱七|zhang|qian|同志推荐", page), path
    shown = pages(sealed, "organ")["honours.html"]
    assert re.findall("<li>(.[*] <small>.*)</small></li>", shown) == [
        "李* <small>yi支部", "张* <small>jia支部", "钱* <small>jia支部",
    ]  # fmt: skip


def test_names_are_those_of_the_day(organ: SiteProject):
    roster = ROSTER.replace(
        "{id: yi, name: yi支部}", "{id: yi, name: 乙支部, changes: [{from: 2026-08-01, name: 丙支部}]}"
    )
    roster = roster.replace(
        "{id: li, name: 李四, branch: yi, status: full}",
        "{id: li, name: 李四, branch: yi, status: full, changes: [{from: 2026-08-01, name: 李思}]}",
    )
    organ.write("ledgers/roster.yaml", roster)
    organ.approve(organ.write(FILE, HONOURS))
    shown = pages(organ, "organ")["honours.html"]
    assert "李四 <small>乙支部</small>" in shown
    assert "李思" not in shown


def test_a_draft_is_shown_in_previews_alone_and_marked(organ: SiteProject):
    organ.write(FILE, HONOURS)
    drafts: tuple[HonourEntry, ...] = organ_edition(survey(organ.root, drafts=True)).honours
    assert [(one.award, one.digest) for one in drafts] == [("优秀共产党员", None), ("纪检先锋党员", None)]
    assert organ_edition(survey(organ.root)).honours == ()


def test_a_branch_and_a_poll_may_be_called_so(tmp_path: Path):
    organ = SiteProject(tmp_path / "organ", members("zhang 张三 honours", branches="honours"))
    poll = "award: 优秀共产党员\ndate: 2026-06-25\nelectorate: 1\nvotes: {张三: 1}\n"
    organ.approve(
        organ.ledger("honours", "2026-01", "activities:\n  - {item: study, date: 2026-01-09}\n"),
        organ.write("ledgers/2026/votes/honours.yaml", poll),
        organ.write(FILE, HONOURS.replace("qian", "").replace("李四", "张三")),
    )
    built = pages(organ)
    assert {"honours.html", "branches/honours/index.html", "branches/honours/2026-01.html"} <= built.keys()
    kinds = [one["kind"] for one in json.loads(built["audit.json"])["ballots"]]
    assert sorted(kinds) == ["honours", "poll"]
    for file in (FILE, "ledgers/2026/votes/honours.yaml"):
        assert codes(organ, "approve", organ.root / file, "--withdraw", "--reason", "误审") == []
    retracted = json.loads(pages(organ)["audit.json"])["retractions"]
    assert sorted(one["kind"] for one in retracted) == ["honours", "poll"]
