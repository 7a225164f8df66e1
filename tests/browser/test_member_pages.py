"""The members' own pages: a page a year, what they tell, what they must not, how much they weigh and how they print."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser

from tests.browser.pages import opened, printed
from tests.conftest import SAMPLE_DAY
from tests.site_pages import HTML, tree, words
from tests.site_project import REPOSITORY, RULEBOOK, SiteProject, members, name_numbered

FULL = "members/fang-liqun.2025.html"  # the fullest year of the sample


# --- a page a year ---------------------------------------------------------------------------------------------------


def test_every_year_has_its_lines_on_its_own_page(sample: Path, site: Path):
    for year, page in (("2025", "members/bai-yawen.2025.html"), ("2026", "members/bai-yawen.html")):
        command = ["explain", "bai-yawen", year, "--format", "json", "--today", SAMPLE_DAY]
        done = subprocess.run(
            [sys.executable, "-m", "generator", "-C", sample, *command], capture_output=True, check=True
        )
        explained = [line["item"] for line in json.loads(done.stdout)["lines"]]
        rows = [row.get("data-item") for row in tree(site / page).iter(HTML + "tr") if row.get("data-item")]
        assert explained
        assert sorted(rows) == sorted(explained)


def test_the_newest_page_names_the_total_of_each_year_and_the_pages_lead_to_each_other(site: Path):
    newest, earlier = site / "members/bai-yawen.html", site / "members/bai-yawen.2025.html"
    for page, other in ((newest, "bai-yawen.2025.html"), (earlier, "bai-yawen.html")):
        (years,) = [nav for nav in tree(page).iter(HTML + "nav") if nav.get("class") == "years"]
        assert re.sub(r"\s+", " ", "".join(years.itertext())).split() == [
            "2026年度",
            "90",
            "分",
            "2025年度",
            "114",
            "分",
        ]
        assert [link.get("href", "").rpartition("/")[2] for link in years.iter(HTML + "a")] == [other]
    assert "2025年度累计114分全年" in words(earlier)
    assert "2026年度累计90分暂计，截至9月" in words(newest)


def test_who_has_one_year_has_one_page_without_a_list_of_years(tmp_path: Path):
    organ = SiteProject(tmp_path, members("wang 王五 jia", branches="jia"))
    organ.approve(organ.ledger("jia", "2026-01"))
    assert organ.run("build", "--audience", "member").exit_code == 0
    assert [page.name for page in (organ.root / "site/members").iterdir()] == ["wang.html"]
    assert 'class="years"' not in (organ.root / "site/members/wang.html").read_text(encoding="utf-8")


def test_a_filter_offers_exactly_the_items_and_months_of_the_rows(site: Path):
    page = tree(site / FULL)
    (form,) = page.iter(HTML + "form")
    assert (form.get("data-filters"), form.get("class")) == ("lines", "filters scripted")
    rows = [row for row in page.iter(HTML + "tr") if row.get("data-item")]
    months = [body.get("data-month") for body in page.iter(HTML + "tbody") if body.get("data-month")]
    present = {"item": {row.get("data-item") for row in rows}, "month": set(months)}
    for select in form.iter(HTML + "select"):
        offered = [option.get("value") for option in select.iter(HTML + "option")]
        assert offered[0] == ""
        assert sorted(offered[1:]) == sorted(present[str(select.get("name"))])


# --- where each point comes from -------------------------------------------------------------------------------------

ROW = re.compile(r'<tr id="[^"]+" data-item="([^"]+)"[^>]*>(.*?)(?=<tr|</tbody>)', re.DOTALL)
LINK = re.compile(r'<a href="([^"#][^"]*)">([^<]*)</a>')


def clauses(page: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    """Of each line on a page, in order, its item, and the address and words of every link in it to another page."""
    return [(item, LINK.findall(row)) for item, row in ROW.findall(page.read_text(encoding="utf-8"))]


def test_each_line_leads_to_the_clause_it_was_scored_by_in_the_rules_of_its_year(tmp_path: Path):
    older = RULEBOOK.replace("id: erqi-2021", "id: older").replace("clause: 二", "clause: 旧二")
    organ = SiteProject(tmp_path, members("wang 王五 jia", "li 李四 jia", branches="jia"), years=(2025, 2026))
    organ.write("ledgers/rulebooks/older.yaml", older)
    organ.write("ledgers/2025/cycle.yaml", "year: 2025\nrulebook: older\n")
    lines = """
        activities:
          - {{item: general-meeting, date: {0}-05}}
          - {{item: study, date: {0}-06, leave: [王五]}}
          - {{item: dues, date: {0}-07, absent: [王五]}}
        entries:
          - {{member: 王五, item: suggestion, date: {0}-08}}
          - {{member: 王五, item: late-document, date: {0}-09}}
          - {{member: 王五, item: suggestion, date: {0}-10}}
    """
    organ.approve(organ.ledger("jia", "2025-12", lines.format("2025-12")))
    organ.approve(organ.ledger("jia", "2026-01", lines.format("2026-01")))
    assert organ.run("build", "--audience", "organ,member").exit_code == 0
    expected = [
        ("general-meeting", "二（一）1"),
        ("leave", "二（三）2"),
        ("dues", "二（一）4"),
        ("suggestion", "二（二）4"),
        ("late-document", "二（三）1"),
        ("suggestion", "二（二）4"),
    ]
    for page, rulebook, prefix in (("wang", "erqi-2021", ""), ("wang.2025", "older", "旧")):
        assert clauses(tmp_path / f"site/members/{page}.html") == [
            (item, [(f"../rules/{rulebook}.html#item-{item}", prefix + clause)]) for item, clause in expected
        ]
        rules = tree(tmp_path / f"site/rules/{rulebook}.html")
        for item, clause in expected:
            (row,) = [one for one in rules.iter(HTML + "tr") if one.get("id") == f"item-{item}"]
            assert row[0].text == prefix + clause


def test_every_line_of_the_sample_leads_to_its_own_clause(site: Path):
    items = yaml.safe_load((REPOSITORY / "ledgers/rulebooks/erqi-2021.yaml").read_text(encoding="utf-8"))["items"]
    known = {item["id"]: [(f"../rules/erqi-2021.html#item-{item['id']}", item["clause"])] for item in items}
    seen = set()
    for page in (site / "members").glob("*.html"):
        for item, links in clauses(page):
            assert links == known[item], (page.name, item)
            seen.add(item)
    assert seen == known.keys()


def test_the_meters_lead_to_the_clauses_of_their_items(site: Path):
    (table,) = [one for one in tree(site / FULL).iter(HTML + "table") if one.get("class") == "meters"]
    links = {link.text: link.get("href") for link in table.iter(HTML + "a")}
    assert links["支部党员大会"] == "../rules/erqi-2021.html#item-general-meeting"
    assert links["学习教育"] == "../rules/erqi-2021.html#item-study"
    assert len(links) > 8


def test_without_the_rules_in_the_edition_a_clause_is_named_and_leads_nowhere(tmp_path: Path):
    organ = SiteProject(tmp_path, members("wang 王五 jia", branches="jia"))
    organ.approve(organ.ledger("jia", "2026-01", "activities: [{item: study, date: 2026-01-06}]"))
    assert organ.run("build", "--audience", "member").exit_code == 0
    page = tmp_path / "site/members/wang.html"
    assert clauses(page) == [("study", [])]
    assert "学习教育 二（一）7" in page.read_text(encoding="utf-8")


def test_a_month_names_the_approval_that_its_lines_rest_on(site: Path):
    """The approvals of the month, by digest, lead to their rows of the record."""
    page, audit = site / "members/bai-yawen.html", tree(site / "audit.html")
    found = re.findall(
        r'<a href="../audit.html#([^"]+)"><code>([0-9a-f]{8})</code></a>', page.read_text(encoding="utf-8")
    )
    assert len(found) >= 9
    rows = [one for one in audit.iter(HTML + "tr") if one.get("id")]
    digests = {one.get("id"): "".join("".join(part.itertext()) for part in one.iter(HTML + "code")) for one in rows}
    for anchor, digest in found:
        assert digests[anchor].replace(" ", "").startswith(digest)
        assert re.fullmatch(r"third-2026-[0-9]{2}(-c[0-9])?", anchor)


# --- what must not be seen -------------------------------------------------------------------------------------------


def branch_of(tmp_path: Path, count: int) -> Path:
    """A branch whose members have lost 11, 22, 33 and so on points by a reason that is theirs alone."""
    people = (f"m{n} {name_numbered(n)} jia" for n in range(1, count + 1))
    organ = SiteProject(tmp_path, members(*people, branches="jia"))
    entries = [
        f"  - {{member: m{n}, item: late-document, times: {11 * n}, date: 2026-01-09, note: 缘由{n}}}"
        for n in range(1, count + 1)
    ]
    organ.approve(organ.ledger("jia", "2026-01", "entries:\n" + "\n".join(entries)))
    assert organ.run("build", "--audience", "member").exit_code == 0
    return organ.root / "site/members"


@pytest.mark.parametrize(("count", "seen"), [(4, set()), (5, {33}), (6, set())])
def test_nobody_elses_name_points_or_reason_is_on_a_members_page(tmp_path: Path, count: int, seen: set[int]):
    """Of five, the median is a figure of somebody's, but not said to be whose."""
    site = branch_of(tmp_path, count)
    for own in range(1, count + 1):
        text = words(site / f"m{own}.html")
        others = set(range(1, count + 1)) - {own}
        assert f"缘由{own}" in text
        assert [n for n in others if name_numbered(n) in text or f"缘由{n}" in text] == []
        assert {11 * n for n in others if re.search(rf"-{11 * n}(?![\d.])", text)} <= seen
        assert ("中位数" in text) == (count >= 5)
        assert ("距上一名11分" in text) == (own > 1)


# --- weight ----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_full_year_stays_under_60_kilobytes(tmp_path: Path):
    organ = SiteProject(tmp_path, members(*(f"m{n} {name_numbered(n)} jia" for n in range(6)), branches="jia"))
    proof = "evidence: {sign-in: 签到表-0312.pdf, photo: IMG-2031.jpg}"
    files = []
    for month in (f"2026-{number:02}" for number in range(1, 13)):
        items = ["general-meeting", "lecture", "activity-day", "dues", "study", "study", "study", "volunteer"]
        held = [
            f"  - {{item: {item}, date: {month}-{day:02}, title: 关于学习贯彻上级会议精神的第{day}次活动,"
            f" present: [m0, m1], {proof}}}"
            for day, item in enumerate(items, start=1)
        ]
        files.append(organ.ledger("jia", month, "activities:\n" + "\n".join(held)))
    organ.approve(*files)
    assert organ.run("build", "--audience", "organ,branch,member").exit_code == 0
    page = (organ.root / "site/members/m0.html").read_bytes()
    assert page.count(b"data-item=") == 96
    assert len(page) < 60_000


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(("width", "most"), [(1280, 2), (360, 9)])
def test_lines_are_compact_and_nothing_runs_out(chromium: Browser, whole_site: Path, width: int, most: int):
    page = opened(chromium, width)
    page.goto((whole_site / FULL).as_uri())
    tallest = page.evaluate("Math.max(...[...document.querySelectorAll('tr[data-item]')].map(row => row.offsetHeight))")
    assert tallest <= 11 + most * 23
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = "[...document.querySelectorAll('.chart text')].map(one => one.getBoundingClientRect().height)"
    assert min(page.evaluate(small)) >= 11


@pytest.mark.needs("chromium")
def test_words_in_a_chart_stay_inside_it(chromium: Browser, whole_site: Path):
    page = opened(chromium, 1280)
    for name in (FULL, "members/shi-junfeng.html", "members/bai-yawen.html"):
        page.goto((whole_site / name).as_uri())
        out = """[...document.querySelectorAll('.chart text')].filter(one => {
            const own = one.getBoundingClientRect(), all = one.ownerSVGElement.getBoundingClientRect();
            return own.left < all.left - 1 || own.right > all.right + 1 || own.bottom > all.bottom + 1;
        }).map(one => one.textContent)"""
        assert page.evaluate(out) == []


@pytest.mark.needs("chromium")
@pytest.mark.needs("pdftotext")
def test_a_full_year_prints_on_four_sheets_with_the_heads_repeated(chromium: Browser, whole_site: Path, tmp_path: Path):
    sheets = printed(chromium, (whole_site / FULL).as_uri(), tmp_path)
    assert len(sheets) <= 4
    for number, sheet in enumerate(sheets):
        flat = re.sub(r"\s", "", sheet)
        assert "第一党支部方立群2025年度积分，全年" in flat
        assert number == 0 or "日期计分事项、条款、佐证" in flat
    assert sum(sheet.count("第 ") for sheet in sheets) > 80
