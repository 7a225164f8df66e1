"""The committee's pages in words: what is due by which day, what a pack lacks, what came after its filing."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.site_pages import HTML, tree, words
from tests.site_project import SiteProject, members

ROSTER = members("wang 王五 jia", "li 李四 jia", "sun 孙七 yi")
POLL = "award: 优秀共产党员\ndate: 2026-04-20\nelectorate: 3\nvotes: {王五: 2, 孙七: 1}\n"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """The first quarter approved and, of jia, filed; the one member of yi is vetoed in it."""
    organ = SiteProject(tmp_path, ROSTER)
    texts = {("yi", 1): "entries: [{member: 孙七, item: sanction, date: 2026-01-05, evidence: {document: 决定}}]"}
    texts["jia", 1] = "entries: [{member: 王五, item: suggestion, date: 2026-01-05}]"
    files = [
        organ.ledger(branch, f"2026-0{month}", texts.get((branch, month), ""))
        for branch in ("jia", "yi")
        for month in (1, 2, 3)
    ]
    organ.approve(*files, meeting="2026-04-02")
    done = organ.run("file", "2026-Q1", "--branch", "jia", "--on", "2026-04-20", "--by", "备案员", "--acting", "代行")
    assert done.exit_code == 0, done.output
    return organ


def drawn(organ: SiteProject, today: str) -> Path:
    done = organ.run("build", "--audience", "branch,committee", today=date.fromisoformat(today))
    assert done.exit_code == 0, done.output
    return organ.root / "site"


def rows(page: Path, table: str) -> list[list[str]]:
    """The cells of the tables of a class, row by row, without their heads."""
    found = [one for one in tree(page).iter(HTML + "table") if table in (one.get("class") or "").split()]
    lines = [row for one in found for row in one.iter(HTML + "tr") if {cell.tag for cell in row} - {HTML + "th"}]
    return [[re.sub(r"\s+", " ", "".join(cell.itertext())).strip() for cell in row] for row in lines]


# --- the desk --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "said", "late"),
    [
        ("2026-05-08", "2026年5月10日 还有 2 天", False),
        ("2026-05-09", "2026年5月10日 还有 1 天", False),
        ("2026-05-10", "2026年5月10日 今天到期", False),
        ("2026-05-11", "2026年5月10日 逾期 1 天", True),
        ("2026-05-22", "2026年5月10日 逾期 12 天", True),
    ],
)
def test_the_desk_tells_the_day_by_which_a_month_is_due_and_how_far_off_it_is(
    organ: SiteProject, today: str, said: str, *, late: bool
):
    organ.approve(organ.ledger("yi", "2026-04"), meeting="2026-05-01")
    page = drawn(organ, today) / "committee/index.html"
    first = rows(page, "dues")[0]
    assert first == ["2026年4月台账报支委会审核jia支部", "jia支部", said]
    (own,) = [row for row in rows(page, "matrix") if row[0] == "jia支部"]
    assert (own[4], own[5]) == ("缺逾期" if late else "缺", "未到")
    assert ("逾期的最前" in words(page)) is late


def test_the_desk_lists_drafts_of_polls_and_reviews_by_their_files(organ: SiteProject):
    organ.write("ledgers/2026/votes/a.yaml", POLL)
    organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {王五: 90}\n")
    listed = rows(drawn(organ, "2026-04-21") / "committee/index.html", "dues")
    assert [row[0] for row in listed if "草稿" in row[0]] == [
        "ledgers/2026/reviews.yaml还是草稿，报会议审核机关党委",
        "ledgers/2026/votes/a.yaml还是草稿，报会议审核机关党委",
    ]


def test_the_desk_tells_of_each_quarter_whether_it_is_filed_complete_or_what_it_lacks(organ: SiteProject):
    listed = rows(drawn(organ, "2026-05-02") / "committee/index.html", "filings")
    assert listed == [
        ["jia支部", "已备案2026年4月20日", "缺4月、5月、6月", "", ""],
        ["yi支部", "齐全，未备案", "缺4月、5月、6月", "", ""],
    ]


# --- packs -----------------------------------------------------------------------------------------------------------


def test_a_pack_lists_each_line_without_its_proofs_by_file_and_line(organ: SiteProject):
    organ.ledger("jia", "2026-04", "entries: [{member: 李四, item: criticism, date: 2026-04-06, note: 通报}]")
    page = drawn(organ, "2026-05-02") / "committee/filings/2026-Q2.jia.html"
    assert "草稿还缺佐证：缺佐证的台账不能审核。" in words(page)
    assert "ledgers/2026/jia/04.yaml第4行：“通报批评”缺少佐证：文件（二（三）3）" in words(page)
    assert "（4月是草稿）" in words(page)
    assert "草稿还缺佐证" not in words(organ.root / "site/committee/filings/2026-Q1.jia.html")


def test_a_pack_tells_of_corrections_approved_after_it_was_filed(organ: SiteProject):
    page = drawn(organ, "2026-05-02") / "committee/filings/2026-Q1.jia.html"
    assert "2026年4月20日，备案员" in words(page)
    assert "备案后又有更正" not in words(page)
    ledger = (organ.root / "ledgers/2026/jia/02.yaml").read_text(encoding="utf-8")
    file = organ.write(
        "ledgers/2026/jia/02.c1.yaml",
        f"branch: jia\nmonth: 2026-02\ncorrects: {ledger.rpartition('digest: ')[2].strip()}\nrecorder: 登记员\n"
        "kind: 补录\nreason: 漏记\nentries: [{member: 李四, item: suggestion, date: 2026-02-05}]\n",
    )
    words_ = ("--meeting", "2026-05-06", "--by", "审核员", "--acting", "代行", "--consent", "党委负责人")
    assert organ.run("approve", file, *words_).exit_code == 0
    drawn(organ, "2026-05-07")
    assert "备案后又有更正：2月更正1（2026年5月6日）" in words(page)


# --- results ---------------------------------------------------------------------------------------------------------


def test_the_only_member_of_a_branch_is_on_no_list_of_praise_while_vetoed(organ: SiteProject):
    page = drawn(organ, "2026-05-02") / "committee/2026.html"
    listed = [row for row in rows(page, "lists") if "谈话提纲" not in row[-1]]
    assert listed == [["2026年第一季度", "jia支部", "王五"]]
    assert "纪检先锋党员" not in words(organ.root / "site/committee/filings/2026-Q1.yi.html")
    assert "纪检先锋党员（五1）：王五" in words(organ.root / "site/committee/filings/2026-Q1.jia.html")


def test_lists_have_the_branches_in_the_order_of_the_roster_whoever_is_written_first(tmp_path: Path):
    people = ("sun 孙七 yi", "zhou 周八 yi", "wang 王五 jia", "li 李四 jia")
    organ = SiteProject(tmp_path, members(*people, branches="jia yi"))
    first = {"jia": "王五", "yi": "孙七"}
    entries = {who: f"entries: [{{member: {who}, item: suggestion, date: 2026-01-05}}]" for who in first.values()}
    files = [
        organ.ledger(branch, f"2026-0{month}", entries[who] if month == 1 else "")
        for branch, who in first.items()
        for month in (1, 2, 3)
    ]
    organ.approve(*files, meeting="2026-04-02")
    listed = rows(drawn(organ, "2026-05-02") / "committee/2026.html", "lists")
    assert [row[-2] for row in listed] == ["jia支部", "yi支部"] * 2
