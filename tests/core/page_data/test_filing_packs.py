"""A branch's quarter as it is sent up: what it lacks, what was approved after it was filed, which proofs it names."""

from datetime import date
from pathlib import Path

import pytest

from generator.core.page_data import filing_packs
from generator.core.page_data.filing_packs import FilingPack
from tests.site_project import TODAY, SiteProject, branch_editions, members, period, survey

ROSTER = members("wang 王五 jia", "li 李四 jia", "sun 孙七 yi")
PROOF = "evidence: {sign-in: [签到表.pdf], photo: [一.jpg, 二.jpg]}"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """An organ whose first quarter is approved."""
    organ = SiteProject(tmp_path, ROSTER)
    months = [f"2026-{number:02}" for number in (1, 2, 3)]
    organ.approve(*(organ.ledger(branch, month) for branch in ("jia", "yi") for month in months), meeting="2026-04-02")
    return organ


def pack(organ: SiteProject, branch: str = "jia", quarter: str = "2026-Q1", today: date = TODAY) -> FilingPack:
    """The pack of a branch's quarter as the committee's edition has it."""
    edition = branch_editions(survey(organ.root, today))[branch]
    which, suggested = (edition.branches[branch], period(quarter)), edition.committee_facts.suggested_outcomes
    return filing_packs.build_filing_pack(edition.site_data, edition.pack_inputs, which, suggested)


def correct(organ: SiteProject, branch: str, month: str, number: int = 1) -> Path:
    """A correction that adds a line to a month."""
    folder = organ.root / f"ledgers/2026/{branch}"
    corrected = f"{month}.c{number - 1}.yaml" if number > 1 else f"{month}.yaml"
    digest = (folder / corrected).read_text(encoding="utf-8").rpartition("digest: ")[2].strip()
    member = {"jia": "王五", "yi": "孙七"}[branch]
    return organ.write(
        f"ledgers/2026/{branch}/{month}.c{number}.yaml",
        f"branch: {branch}\nmonth: 2026-{month}\ncorrects: {digest}\nrecorder: 登记员\nkind: 补录\nreason: 漏记\n"
        f"entries: [{{member: {member}, item: suggestion, date: 2026-{month}-1{number}}}]\n",
    )


# --- what it lacks ---------------------------------------------------------------------------------------------------


def test_a_pack_lists_each_line_of_its_drafts_without_the_proofs_that_the_rulebook_asks_for(organ: SiteProject):
    organ.ledger(
        "jia",
        "2026-04",
        f"""
        activities:
          - {{item: volunteer, date: 2026-04-03, present: [王五], evidence: {{sign-in: 签到表.pdf}}}}
          - {{item: volunteer, date: 2026-04-04, present: [王五], {PROOF}}}
          - {{item: study, date: 2026-04-05}}
        entries:
          - {{member: 李四, item: criticism, date: 2026-04-06, note: 通报}}
        """,
    )
    organ.ledger("jia", "2026-06", "entries: [{member: 王五, item: contest, level: joined, date: 2026-06-06}]")
    organ.ledger("jia", "2026-07", "entries: [{member: 王五, item: criticism, date: 2026-07-06}]")
    organ.ledger("yi", "2026-05", "entries: [{member: 孙七, item: criticism, date: 2026-05-06}]")
    found = pack(organ, "jia", "2026-Q2")
    assert [(one.where.file, one.where.line, one.message) for one in found.lacking] == [
        ("ledgers/2026/jia/04.yaml", 6, "“志愿服务”缺少佐证：活动照片（二（二）2）"),
        ("ledgers/2026/jia/04.yaml", 10, "“通报批评”缺少佐证：文件（二（三）3）"),
        ("ledgers/2026/jia/06.yaml", 4, "“比赛表演”缺少佐证：签到表（二（二）3）"),
        ("ledgers/2026/jia/06.yaml", 4, "“比赛表演”缺少佐证：活动照片（二（二）3）"),
    ]
    assert list(map(str, found.drafts)) == ["2026-04", "2026-06"]
    assert [one.where.file for one in pack(organ, "yi", "2026-Q2").lacking] == ["ledgers/2026/yi/05.yaml"]
    assert (pack(organ).lacking, pack(organ).drafts) == ((), ())


def test_a_correction_without_proofs_is_lacking_and_is_no_draft_of_a_month(organ: SiteProject):
    file = correct(organ, "jia", "02")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("item: suggestion", "item: contest, level: joined"), encoding="utf-8")
    found = pack(organ)
    assert [one.where.file for one in found.lacking] == ["ledgers/2026/jia/02.c1.yaml"] * 2
    assert found.drafts == ()


def test_a_month_without_a_ledger_is_lacking_on_the_board_and_has_no_form(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-05"), meeting="2026-06-02")
    found = pack(organ, "jia", "2026-Q2")
    assert found.ranking.missing == ("jia/2026-04", "jia/2026-06")
    assert [str(one.ledger.month) for one in found.forms] == ["2026-05"]
    assert [str(one.ledger.month) for one in pack(organ).forms] == ["2026-01", "2026-02", "2026-03"]


# --- what it holds ---------------------------------------------------------------------------------------------------


def test_a_pack_names_every_proof_of_its_quarter_by_its_title_and_whose_line_it_is(organ: SiteProject):
    file = organ.ledger(
        "jia",
        "2026-04",
        f"""
        activities:
          - {{item: volunteer, date: 2026-04-03, title: 护河, present: [王五], {PROOF}}}
          - {{item: study, date: 2026-04-05}}
        entries:
          - {{member: 李四, item: criticism, date: 2026-04-06, note: 通报批评, evidence: {{document: 决定.pdf}}}}
        """,
    )
    organ.approve(file, meeting="2026-05-02")
    found = pack(organ, "jia", "2026-Q2")
    assert [(str(one.date), one.what, one.member and one.member.name, one.files) for one in found.proofs] == [
        ("2026-04-03", "志愿服务（护河）", None, (("签到表", ("签到表.pdf",)), ("活动照片", ("一.jpg", "二.jpg")))),
        ("2026-04-06", "通报批评", "李四", (("文件", ("决定.pdf",)),)),
    ]
    assert pack(organ, "yi", "2026-Q2").proofs == pack(organ).proofs == ()


def test_whom_the_quarters_board_puts_on_a_list_is_in_the_pack_of_that_board_alone(organ: SiteProject):
    organ.approve(
        organ.ledger("jia", "2026-04", "entries: [{member: 王五, item: suggestion, date: 2026-04-06}]"),
        organ.ledger("jia", "2026-05"),
        organ.ledger("jia", "2026-06"),
        meeting="2026-07-02",
    )
    listed = {
        (branch, quarter): [(one.rule.id, one.member.id) for one in pack(organ, branch, quarter).suggested]
        for branch in ("jia", "yi")
        for quarter in ("2026-Q1", "2026-Q2")
    }
    assert listed["jia", "2026-Q2"] == [("vanguard", "wang"), ("talk", "li")]
    assert listed["yi", "2026-Q2"] == []  # no ledger of it is approved
    assert listed["jia", "2026-Q1"] == [("vanguard", "wang"), ("vanguard", "li")]  # level, so that nobody is last
    assert listed["yi", "2026-Q1"] == [("vanguard", "sun")]


# --- what was approved after it was filed ----------------------------------------------------------------------------


def filed(organ: SiteProject, branch: str = "jia") -> None:
    done = organ.run("file", "2026-Q1", "--branch", branch, "--on", "2026-04-20", "--by", "备案员", "--acting", "代行")
    assert done.exit_code == 0, done.output


def consented(organ: SiteProject, file: Path, meeting: str) -> None:
    words = ("--meeting", meeting, "--by", "审核员", "--acting", "代行", "--consent", "党委负责人")
    done = organ.run("approve", file, *words)
    assert done.exit_code == 0, done.output


def test_corrections_approved_after_the_filing_are_listed_apart_and_earlier_ones_are_not(organ: SiteProject):
    organ.approve(correct(organ, "jia", "01"), meeting="2026-04-10")
    filed(organ)
    assert pack(organ).later == ()
    consented(organ, correct(organ, "jia", "01", number=2), "2026-05-06")
    consented(organ, correct(organ, "jia", "03"), "2026-05-07")
    found = pack(organ)
    assert found.filing is not None
    assert found.filing.on == date(2026, 4, 20)
    every = [(str(one.month), one.revision) for one in found.approvals]
    assert every == [("2026-01", 0), ("2026-01", 1), ("2026-01", 2), ("2026-02", 0), ("2026-03", 0), ("2026-03", 1)]
    assert [(str(one.month), one.revision, str(one.meeting)) for one in found.later] == [
        ("2026-01", 2, "2026-05-06"),
        ("2026-03", 1, "2026-05-07"),
    ]


def test_nothing_is_later_than_a_filing_that_there_is_not_yet(organ: SiteProject):
    filed(organ, "yi")
    organ.approve(correct(organ, "jia", "01"), meeting="2026-04-10")
    assert (pack(organ).filing, pack(organ).later) == (None, ())
    assert pack(organ, "yi").filing is not None
    assert pack(organ, "yi").later == ()
    assert pack(organ, "yi", "2026-Q2").filing is None


# --- who has one -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-03-31", ["2026-Q1 jia", "2026-Q1 yi"]),
        ("2026-04-01", ["2026-Q1 jia", "2026-Q1 yi", "2026-Q2 jia", "2026-Q2 yi"]),
    ],
)
def test_a_quarter_has_packs_from_its_first_day_on(organ: SiteProject, today: str, expected: list[str]):
    results = survey(organ.root).organ.results
    found = filing_packs.find_pack_quarters(results.roster, results.rulebooks, date.fromisoformat(today))
    assert [f"{quarter} {branch.id}" for branch, quarter in found] == expected


def test_a_branch_that_nobody_is_in_during_a_quarter_has_no_pack_of_it(tmp_path: Path):
    roster = members("wang 王五 jia", "sun 孙七 yi 2026-03-31", "qian 钱八 bing - 2026-04-01", branches="jia yi bing")
    view = survey(SiteProject(tmp_path, roster).root)
    found = list(filing_packs.find_pack_quarters(view.organ.roster, view.organ.inputs.rulebooks, date(2026, 5, 1)))
    assert [f"{quarter} {branch.id}" for branch, quarter in found] == [
        "2026-Q1 jia",
        "2026-Q1 yi",
        "2026-Q1 bing",
        "2026-Q2 jia",
        "2026-Q2 yi",
    ]
