"""A notice dated ahead: kept back until its day, and told by `check`, `build` and `diff`."""

from datetime import date
from pathlib import Path

import pytest

from generator.build import engine
from generator.build.request import BuildRequest
from tests.site_project import SiteProject

ROSTER = """\
branches: [{id: first, name: 第一党支部, secretary: zhou}]
members: [{id: zhou, name: 周敏, branch: first, status: full}]
"""
TODAY = date(2026, 2, 10)


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path, ROSTER)
    for slug, day in {"past": "2026-02-01", "present": "2026-02-10", "future": "2026-02-11"}.items():
        organ.write(f"content/notices/{slug}.md", f"---\ntitle: 通知{slug}\ndate: {day}\n---\n正文{slug}\n")
    organ.write("content/pages/about.md", "---\ntitle: 说明\n---\n见[通知](../notices/future.html)。\n")
    return organ


def published(organ: SiteProject, slug: str) -> set[str]:
    """The files of the site that have anything of a notice."""
    site = organ.root / "site"
    files = {
        path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.suffix in {".html", ".xml", ".js"}
    }
    return {name for name, path in files.items() if path.stem == slug or f"通知{slug}" in path.read_text("utf-8")}


def test_it_is_kept_back_and_told(organ: SiteProject):
    checked = organ.run("check", today=TODAY)
    assert checked.exit_code == 0
    assert checked.stderr.count("〔content.future-notice〕") == 1
    assert "content/notices/future.md:3:1: 提醒：这份公告的日期 2026-02-11 还没有到" in checked.stderr
    built = organ.run("build", today=TODAY)
    assert "〔content.future-notice〕" in built.stderr
    assert published(organ, "future") == set()
    assert {"index.html", "feed.xml", "notices/past.html"} <= published(organ, "past")
    assert {"index.html", "feed.xml", "notices/present.html"} <= published(organ, "present")
    assert 'href="../notices/future.html"' not in (organ.root / "site/pages/about.html").read_text("utf-8")
    assert organ.run("verify", today=TODAY).exit_code == 0


def test_it_is_told_again_by_a_build_that_has_nothing_to_do(organ: SiteProject):
    organ.run("build", today=TODAY)
    again = organ.run("build", today=TODAY)
    assert "更新 0 个" in again.stdout
    assert "〔content.future-notice〕" in again.stderr


@pytest.mark.parametrize("flags", [[], ["--no-cache"]])
def test_it_appears_on_its_day_without_any_change_of_files(organ: SiteProject, flags: list[str]):
    organ.run("build", *flags, today=TODAY)
    due = date(2026, 2, 11)
    told = organ.run("diff", today=due)
    assert "notices/future.html" in told.stdout
    built = organ.run("build", *flags, today=due)
    assert "content.future-notice" not in built.stderr
    assert {"index.html", "feed.xml", "notices/future.html"} <= published(organ, "future")
    assert 'href="../notices/future.html"' in (organ.root / "site/pages/about.html").read_text("utf-8")
    before = {path: path.read_bytes() for path in (organ.root / "site").rglob("*.html")}
    organ.run("build", "--no-cache", today=due)
    assert {path: path.read_bytes() for path in (organ.root / "site").rglob("*.html")} == before


def test_it_goes_when_the_clock_was_wrong(organ: SiteProject):
    organ.run("build", today=date(2026, 3, 1))
    assert published(organ, "future")
    organ.run("build", today=TODAY)
    assert published(organ, "future") == set()


def test_a_preview_shows_it(organ: SiteProject):
    for with_drafts in (False, True):
        result = engine.build_preview(BuildRequest(organ.root, TODAY, None, with_drafts=with_drafts))
        assert ("notices/future.html" in result.files.digests) == with_drafts


def test_a_site_holds_until_its_day_whatever_changed_before(organ: SiteProject):
    changes = "changes: [{from: 2026-01-01, reason: 更名, organ: 新机关}]\n"
    organ.write("content/site.yaml", (organ.root / "content/site.yaml").read_text("utf-8") + changes)
    assert engine.build_preview(BuildRequest(organ.root, TODAY, None)).valid_until == date(2026, 2, 11)


def test_a_wrong_year_in_any_spelling_of_the_head(organ: SiteProject):
    organ.write("content/notices/future.md", "---\n{title: 通知, date: 2062-02-01}\n---\n正文\n")
    said = organ.run("check", today=TODAY)
    assert "content/notices/future.md:1:1: 提醒：这份公告的日期 2062-02-01 还没有到" in said.stderr


def test_diff_tells_it(organ: SiteProject):
    organ.run("build", today=TODAY)
    told = organ.run("diff", today=TODAY)
    assert "没有变化" in told.stdout
    assert "〔content.future-notice〕" in told.stderr
