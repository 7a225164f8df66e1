"""The words of a small organ's pages, exactly: what readers read, figure by figure.

Digests and nonces differ from run to run, so each digest is shown as ``#``. ``UPDATE_GOLDEN=1`` writes the texts anew:
read each difference before keeping it.
"""

import os
import re
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from generator.render.site import routes
from tests.site_pages import HTML, tree
from tests.site_project import REPOSITORY, RULEBOOK, SETTINGS, SiteProject, members, name_numbered

GOLDEN = REPOSITORY / "tests/files/pages"
TEXT = ("p", "li", "tr", "h1", "h2", "h3", "h4", "caption", "dt", "dd", "summary", "title", "desc")
DIGEST = re.compile(r"(sha256:)?\b[0-9a-f]{64}\b|\b[0-9a-f]{8}\b|\b[0-9a-f]{4}(?: [0-9a-f]{4}){3}(?:[0-9a-f]{48})?\b")
BLOCKS = {HTML + tag for tag in TEXT}
PAGES = [
    "index.html",
    "boards/2026-H1.html",
    "boards/2026-H1.poster.html",
    "boards/2026.html",
    "branches/jia/index.html",
    "branches/jia/2026-01.html",
    "branches/jia/2026-02.html",
    "branches/jia/2026-Q1.html",
    "members/wang.html",
    "members/zhang.html",
    "members/zhao.html",
    "audit.html",
    "rules.html",
    "committee/ledgers/jia/2026-02.html",
    "committee/index.html",
    "committee/2026.html",
    "committee/2026-awards.html",
    "committee/filings/2026-Q1.jia.html",
    "committee/talks/wang.html",
]
ROSTER = """
branches: [{id: jia, name: 甲支部}, {id: yi, name: 乙支部}]
members:
  - {id: wang, name: 王五, branch: jia, status: full}
  - {id: zhang, name: 张三, branch: jia, status: full}
  - id: li
    name: 李小四
    branch: jia
    status: probationary
    since: 2026-02-10
    changes: [{from: 2026-03-20, status: full}]
  - {id: qian, name: 钱七, branch: jia, status: full}
  - {id: zhao, name: 赵六, branch: yi, status: full, changes: [{from: 2026-02-01, left: 调离}]}
  - {id: sun, name: 孙八, branch: yi, status: full}
"""
PROOF = "evidence: {sign-in: 签到表, photo: 照片, document: 决定}"
LEDGERS = {
    ("jia", "2026-01"): f"""
        activities:
          - {{item: general-meeting, date: 2026-01-05, title: 一月大会, leave: [钱七], exempt: [张三]}}
          - {{item: dues, date: 2026-01-06, absent: [王五]}}
          - {{item: volunteer, date: 2026-01-07, title: 护河, present: [王五], {PROOF}}}
        entries:
          - {{member: 王五, item: contest, level: placed, times: 6, date: 2026-01-08, note: 竞赛, {PROOF}}}
          - {{member: 张三, item: suggestion, date: 2026-01-09, note: 建议}}
    """,
    ("jia", "2026-02"): f"""
        activities:
          - {{item: study, date: 2026-02-11, title: 学习, absent: [王五]}}
        entries:
          - {{member: 王五, item: contest, level: joined, date: 2026-01-20, late: 证书迟到, {PROOF}}}
          - {{member: 钱七, item: suggestion, times: 3, date: 2026-02-12}}
          - {{member: 张三, item: sanction, date: 2026-02-20, note: 警告, {PROOF}}}
    """,
    ("jia", "2026-03"): "activities: [{item: study, date: 2026-03-05, title: 三月学习}]",
    ("yi", "2026-01"): "entries: [{member: 赵六, item: suggestion, date: 2026-01-09}]",
    ("yi", "2026-02"): "entries: [{member: 赵六, item: suggestion, date: 2026-01-30, late: 通知迟到}]",
    ("yi", "2026-03"): "",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rulebook = RULEBOOK.replace("cap: 12\n", "cap: 2\n").replace("cap: 100}", "cap: 60}")
    organ = SiteProject(tmp_path_factory.mktemp("small"), ROSTER, rulebook)
    organ.write("content/site.yaml", SETTINGS + "objection: {days: 5, contact: 机关党委办公室}\n")
    files = [organ.ledger(branch, month, text) for (branch, month), text in LEDGERS.items()]
    organ.approve(*files, meeting="2026-04-02")
    assert organ.run("build", "--audience", "organ,branch,member,committee").exit_code == 0
    return organ.root / "site"


def words(element: Element) -> list[str]:
    """The page's text, a line for each block, cells set apart by bars."""
    lines = []
    heads = {inner for head in element.iter(HTML + "thead") if head.get("aria-hidden") for inner in head.iter()}
    folded = {inner for row in element.iter(HTML + "tr") for inner in row.iter(HTML + "summary")}
    for block in element.iter():
        if block in heads or block in folded:  # the heading that paper alone repeats; a part of a row
            continue
        if block.tag in BLOCKS and not any(
            inner.tag in BLOCKS for inner in block.iter() if inner not in {block, *folded}
        ):
            cells = [cell for cell in block if cell.tag in {HTML + "td", HTML + "th"}] or [block]
            line = " | ".join(re.sub(r"\s+", " ", "".join(cell.itertext())).strip() for cell in cells)
            lines += [DIGEST.sub("#", line)] if line else []
    return lines


@pytest.mark.parametrize("page", PAGES)
def test_readers_read_exactly_this(site: Path, page: str):
    main = next(element for element in tree(site / page).iter(HTML + "main"))
    text = "\n".join(words(main)) + "\n"
    golden = GOLDEN / f"{page.replace('/', '-').removesuffix('.html')}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_a_late_line_after_leaving_is_on_the_members_page(site: Path):
    assert "通知迟到" in (site / "members/zhao.html").read_text(encoding="utf-8")


def test_a_long_board_stands_on_several_pages_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(routes, "ROWS_PER_PAGE", 2)
    organ = SiteProject(tmp_path, members(*(f"m{n} {name_numbered(n)} jia" for n in range(5)), branches="jia"))
    entries = "".join(f"\n  - {{member: m{n}, item: suggestion, date: 2026-01-0{n}}}" for n in (1, 2, 3))
    organ.approve(organ.ledger("jia", "2026-01", f"entries:{entries}\n"), meeting="2026-02-02")
    assert organ.run("build", "--jobs", 1, "--audience", "organ,branch,member").exit_code == 0
    parts = ["2026-H1.html", "2026-H1.p2.html", "2026-H1.p3.html"]
    posters = [part.replace(".html", ".poster.html") for part in parts]
    found = (path.name for path in (tmp_path / "site/boards").glob("2026-H1*"))
    assert sorted(found) == sorted([*parts, *posters])
    said = [words(next(tree(tmp_path / "site/boards" / part).iter(HTML + "main"))) for part in parts]
    rows = [[line.split(" | ")[0] for line in page if re.match(r"\d+ \| ", line)] for page in said]
    assert rows == [["1", "1"], ["1", "4"], ["4"]]
    assert "同分，按拼音" in next(line for line in said[1] if line.startswith("1 | "))
    assert "第 2 页" in said[0]
    assert "按积分排名，共 5 人，本页是第 3 至 4 行" in said[1]
    grounds = [line for page in said for line in page if line.startswith("核对码是最新一次审核")]
    assert len(grounds) == 1
    assert (tmp_path / "site/branches/jia/2026-01.p3.html").is_file()
    for member in (f"m{n}" for n in range(5)):
        own = (tmp_path / f"site/members/{member}.html").read_text(encoding="utf-8")
        targets = re.findall(r'href="\.\./([^"]*/2026-[^"#]*)#([^"]*)"', own)
        assert len(targets) >= 2  # of the month and of periods that end with it
        for target, anchor in targets:
            assert anchor == f"row-{member}"
            assert f'<tr id="{anchor}"' in (tmp_path / "site" / target).read_text(encoding="utf-8")


def test_a_home_page_lists_a_dozen_branches_and_links_to_all(tmp_path: Path):
    ids = [f"b{n}" for n in range(13)]
    organ = SiteProject(tmp_path, members("zhang 张三 b0", branches=" ".join(ids)))
    assert organ.run("build", "--audience", "organ,branch").exit_code == 0
    home = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    every = (tmp_path / "site/branches.html").read_text(encoding="utf-8")
    assert "b11支部" in home
    assert "b12支部" not in home
    assert 'href="branches.html"' in home
    assert all(f'href="branches/{one}/index.html"' in every for one in ids)
