"""Boards and packs of periods that a cycle cuts short (R21) say so, and no others do."""

from datetime import date
from pathlib import Path

import pytest

from tests.site_pages import words
from tests.site_project import SETTINGS, SiteProject, members

TODAY = date(2027, 1, 20)
QUARTER, HALF = "本季度自8月起计，不作表彰与处理依据", "本半年自8月起计，不作表彰与处理依据"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organ that began in August."""
    organ = SiteProject(tmp_path_factory.mktemp("organ"), members("zhang 张三 jia", "li 李四 jia", branches="jia"))
    organ.write("ledgers/2026/cycle.yaml", "year: 2026\nrulebook: erqi-2021\nfrom: 2026-08\n")
    files = [organ.ledger("jia", f"2026-{month:02}") for month in range(8, 13)]
    organ.approve(*files, meeting="2027-01-05", today=TODAY)
    done = organ.run("build", "--audience", "organ,branch,member,committee", today=TODAY)
    assert done.exit_code == 0, done.output
    return organ.root / "site"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("branches/jia/2026-Q3.html", QUARTER),
        ("branches/jia/2026-Q4.html", ""),
        ("branches/jia/2026-08.html", ""),
        ("boards/2026-H2.html", HALF),
        ("boards/2026-H2.poster.html", HALF),
        ("boards/2026.html", "本年度自8月起计"),
        ("committee/filings/2026-Q3.jia.html", QUARTER),
        ("committee/filings/2026-Q4.jia.html", ""),
    ],
)
def test_a_period_that_is_cut_short_says_so(site: Path, page: str, said: str):
    text = words(site / page)
    assert said in text
    assert ("起计" in text) is bool(said)
    assert "暂计" not in text


def test_no_page_says_that_the_months_before_are_missing(site: Path):
    pages = [path for path in site.rglob("*.html") if path.name != "rules.html"]
    assert not [path.name for path in pages if "缺7月" in path.read_text(encoding="utf-8")]
    assert not (site / "branches/jia/2026-Q2.html").exists()


def test_objections_to_a_quarter_that_was_ended_early_begin_after_the_decision(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "li 李四 jia", branches="jia"))
    organ.write("content/site.yaml", f"{SETTINGS}objection: {{days: 5, contact: 办公室}}\n")
    end = "until: {month: 2026-10, on: 2026-12-14, reason: 机构改革}\n"
    organ.write("ledgers/2026/cycle.yaml", f"year: 2026\nrulebook: erqi-2021\nfrom: 2026-10\n{end}")
    organ.approve(organ.ledger("jia", "2026-10"), meeting="2026-11-04", today=TODAY)
    assert organ.run("build", today=TODAY).exit_code == 0
    text = words(organ.root / "site/branches/jia/2026-Q4.html")
    assert "2026年12月15日至12月21日" in text
    assert "本季度计至10月，不作表彰与处理依据" in text
