"""Corrections as readers and the branch committee see them: notices, lists of them, forms, explanations, diff."""

import re
from pathlib import Path

import pytest

from tests.corrections import SECRET, approved_organ, built, draft, form, words
from tests.site_project import SiteProject

STUDY = "restate: {a2: {item: study, date: 2026-01-08}}"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """An organ whose January and February are approved."""
    return approved_organ(tmp_path)


def between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_notice_is_dated_and_names_without_links(organ: SiteProject):
    organ.approve(draft(organ, STUDY), meeting="2026-04-02")
    notice = built(organ, "branch", "member") / "branches/jia/2026-01.c1.html"
    assert "机关党委 2026年4月2日" in words(notice)
    assert "原因见本人的个人页" in words(notice)
    assert "只告知" not in words(notice)
    main = notice.read_text(encoding="utf-8").partition("<main")[2]
    assert "张三" in main
    assert "members/" not in main


def test_a_superseded_board_shows_movement_since_the_board_before_as_it_then_stood(organ: SiteProject):
    """In February all are level: who was second and who was third in January rises to the first place."""

    def moves(page: Path) -> dict[str, str]:
        row = re.compile(r"(张三|王五|赵六).*?(升[0-9]位|降[0-9]位|持平|新进)")
        return dict(row.findall(words(page).partition("升降")[2]))

    was = moves(built(organ) / "branches/jia/2026-02.html")
    organ.approve(draft(organ, STUDY), meeting="2026-04-02")
    site = built(organ)
    assert was == {"王五": "持平", "张三": "升2位", "赵六": "升1位"}
    assert moves(site / "branches/jia/2026-02.r1.html") == was
    assert moves(site / "branches/jia/2026-02.html") == {"王五": "持平", "张三": "升1位", "赵六": "升2位"}


def test_corrections_are_listed_where_their_boards_are_newest_first(organ: SiteProject):
    for branch in ("jia", "yi"):
        organ.approve(*(organ.ledger(branch, f"2026-0{n}") for n in range(3, 7)), meeting="2026-07-03")
    organ.approve(draft(organ, STUDY), meeting="2026-07-10")
    organ.approve(draft(organ, "strike: [e2]", number=2, kind="剔除"), meeting="2026-08-03")
    site = built(organ)
    home = (site / "index.html").read_text(encoding="utf-8")
    notices = (site / "notices.html").read_text(encoding="utf-8")
    for listed in (between(home, "<h2>最新", "</section>"), between(notices, "<h2>2026年", "</section>")):
        assert re.findall(r"boards/2026-H1\.c[0-9]", listed) == ["boards/2026-H1.c2", "boards/2026-H1.c1"]
    branch = between((site / "branches/jia/index.html").read_text(encoding="utf-8"), "<h2>更正", "</section>")
    assert branch.count("<li>") == 5
    assert "2026年8月3日" in branch
    assert "更正公告" not in words(site / "branches/yi/index.html")


def test_a_corrected_board_tells_where_to_object_to_the_correction(organ: SiteProject):
    settings = organ.root / "content/site.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + "objection: {days: 5, contact: 党委办公室}\n", encoding="utf-8")
    organ.approve(draft(organ, STUDY))
    site = built(organ)
    said = "对更正有异议的，也可向党委办公室提出"
    assert said in words(site / "branches/jia/2026-01.html")
    assert said not in words(site / "branches/jia/2026-01.r1.html")
    assert said not in words(site / "branches/yi/2026-01.html")


def test_a_month_struck_whole_is_named_until_lines_are_added_again(organ: SiteProject):
    organ.approve(draft(organ, "strike: all", kind="剔除"), meeting="2026-04-02")
    said, site = "本月台账已整月剔除", built(organ)
    for page in ("branches/jia/2026-01.html", "members/zhang.html"):
        assert said in words(site / page)
    for page in ("branches/jia/2026-01.r1.html", "branches/jia/2026-02.html", "members/li.html"):
        assert said not in words(site / page)
    added = "entries: [{member: 张三, item: suggestion, date: 2026-01-30}]"
    organ.approve(draft(organ, added, number=2, kind="补录"), meeting="2026-05-06")
    site = built(organ)
    assert said not in words(site / "branches/jia/2026-01.html")
    assert said in words(site / "branches/jia/2026-01.r2.html")


def test_the_journal_speaks_of_periods_as_all_pages_do(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-03"), organ.ledger("yi", "2026-03"), meeting="2026-04-03")
    assert organ.run("file", "2026-Q1", "--on", "2026-04-15", "--by", "备案人", "--acting", "代行").exit_code == 0
    page = built(organ, "committee") / "committee/journal.html"
    assert "2026年第一季度" in words(page)
    assert "2026-Q1" not in words(page)
    assert page.read_text(encoding="utf-8").count('tabindex="0"') == 1


# --- the form of a correction ----------------------------------------------------------------------------------------


def test_a_corrections_form_tells_what_it_changes(organ: SiteProject):
    file = draft(
        organ,
        f"strike: [e1]\n{STUDY}\nentries: [{{member: 张三, item: suggestion, times: 2, date: 2026-01-30, note: 建议}}]",
    )
    told = form(organ, file)
    assert "党员积分台账更正（第1次）" in told
    assert "性质： 误记" in told
    assert f"更正原因： {SECRET}" in told
    assert "登记人：登记员" in told
    assert "a2 改写 1月8日 学习教育；请假：张三；其余全部参加 1月8日 学习教育；全体参加" in told
    assert "e1 剔除 王五 1月12日 建言献策 —" in told
    assert "c1.e1 补录 — 张三 1月30日 建言献策；2 次；建议" in told
    assert "张三 0.5 → 7；王五 5 → 3。其余各人不变" in told
    assert "送审稿" in told
    assert "机关党委同意（已备案的季度）：" in told
    organ.approve(file)
    assert "送审稿" not in form(organ, file)


def test_the_form_of_an_approved_month_is_not_its_draft_corrections(organ: SiteProject):
    before = form(organ, "ledgers/2026/jia/01.yaml")
    draft(organ, STUDY)
    assert form(organ, "ledgers/2026/jia/01.yaml") == before
    assert "送审稿" not in before


def test_each_corrections_form_is_its_own(organ: SiteProject):
    first = draft(organ, STUDY)
    organ.approve(first)
    second = draft(organ, "strike: [e1]", number=2, kind="剔除", reason="查无此事")
    third = organ.write("ledgers/2026/jia/01.c3.yaml", second.read_text(encoding="utf-8").replace("[e1]", "[e2]"))
    assert "（第1次）" in form(organ, first)
    assert "张三 0.5 → 3。" in form(organ, first)
    for path, kind, reason in ((first, "误记", SECRET), (second, "剔除", "查无此事"), (third, "剔除", "查无此事")):
        assert f"性质： {kind} " in form(organ, path)
        assert f"更正原因： {reason} " in form(organ, path)
    assert "（第2次）" in form(organ, second)
    assert "王五 5 → 3。" in form(organ, second)
    assert "（第3次）" in form(organ, third)
    assert "赵六 1 → 3。" in form(organ, third)


def test_a_form_tells_only_of_its_own_file(organ: SiteProject):
    organ.ledger("jia", "2026-03", "entries: [{member: 无人, item: suggestion, date: 2026-03-05}]")
    assert organ.run("form", "ledgers/2026/jia/01.yaml").stderr == ""
    told = organ.run("form", "ledgers/2026/jia/03.yaml")
    assert (told.exit_code, told.stderr.count("ledger.unknown-member")) == (1, 1)


# --- explain ---------------------------------------------------------------------------------------------------------


def test_explain_tells_what_corrections_made_of_the_members_lines(organ: SiteProject):
    organ.approve(draft(organ, STUDY))
    organ.approve(draft(organ, "strike: [e1]", number=2, kind="剔除"))
    said = organ.run("explain", "zhang", "2026-Q1").stdout
    assert "01.c1.yaml:7（更正1）" in said
    assert "更正1（误记）：2026-01-08 学习教育，请假 -0.5 分 → 2026-01-08 学习教育，参加 2 分" in said
    assert "更正2" not in said
    assert "更正2（剔除）：2026-01-12 建言献策 2 分 → 不计" in organ.run("explain", "wang", "2026-01").stdout
    assert "更正" not in organ.run("explain", "zhang", "2026-02").stdout


# --- diff ------------------------------------------------------------------------------------------------------------


def test_diff_names_who_gets_other_points(organ: SiteProject):
    assert organ.run("build").exit_code == 0
    organ.approve(draft(organ, STUDY))
    said = organ.run("diff").stdout
    assert "1 人积分变动：张三 0.5→3" in said
    assert "1 人积分变动：张三 累计 1.5→4" in said
    assert "新增 4 个文件（更正公告 2、榜单 2）" in said


def test_diff_tells_of_published_files_that_were_altered(organ: SiteProject):
    assert organ.run("build").exit_code == 0
    page = organ.root / "site/index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("积分榜", "另一榜"), encoding="utf-8")
    told = organ.run("diff")
    assert (told.exit_code, "index.html 与生成时不同" in told.stderr) == (0, True)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("02-c1.yaml", "02.c1.yaml"),
        ("02.C1.yaml", "02.c1.yaml"),
        ("02.c01.yaml", "02.c1.yaml"),
        ("02更正1.yaml", "02.c1.yaml"),
        ("3.yaml", "03.yaml"),
    ],
)
def test_a_misnamed_file_is_advised_its_own_name(organ: SiteProject, name: str, advice: str):
    file = organ.write(f"ledgers/2026/jia/{name}", "branch: jia\n")
    assert f"请改名为 {advice}；" in organ.run("check").stderr
    assert organ.run("check", file).exit_code == 1
    organ.write(f"ledgers/2026/jia/{advice}", "branch: jia\n")
    assert f"已经有 {advice}" in organ.run("check").stderr
