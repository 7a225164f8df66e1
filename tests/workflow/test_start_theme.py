"""A theme that ``jifenbang theme`` starts: it builds at once, and nothing that exists is touched."""

from pathlib import Path

import pytest

from tests.site_project import SETTINGS, SiteProject, members


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, members("wang 王五 jia"))


def test_a_started_theme_builds_at_once_without_a_word(organ: SiteProject):
    before = organ.run("check").stderr
    done = organ.run("theme", "mine")
    assert done.exit_code == 0, done.output
    files = {path.relative_to(organ.root).as_posix() for path in (organ.root / "themes").rglob("*") if path.is_file()}
    assert files == {line.strip() for line in done.stdout.splitlines() if line.startswith("  ")}
    organ.write("content/site.yaml", SETTINGS + "theme: mine\n")
    assert organ.run("check").stderr == before
    assert organ.run("build").exit_code == 0
    home = (organ.root / "site/index.html").read_text(encoding="utf-8")
    assert home.index("assets/theme.css") < home.index("assets/mine.css")
    assert "--red: #0b5a4a" in (organ.root / "site/assets/theme.css").read_text(encoding="utf-8")
    assert organ.run("verify").exit_code == 0


@pytest.mark.parametrize("name", ["mine", "我的", "../mine", "Mine", "hall", "default", "theme", "poster", "nul"])
def test_nothing_is_written_over_and_no_shipped_file_replaced(organ: SiteProject, name: str):
    kept = organ.write("themes/mine/theme.yaml", "title: 原有\n")
    done = organ.run("theme", name)
    assert done.exit_code == 2, done.output
    assert [path for path in (organ.root / "themes").rglob("*") if path.is_file()] == [kept]
    assert kept.read_text(encoding="utf-8") == "title: 原有\n"


def test_a_theme_is_started_in_a_site_only(tmp_path: Path):
    organ = SiteProject.at(tmp_path)
    assert organ.run("theme", "mine").exit_code == 2
    assert list(tmp_path.iterdir()) == []
