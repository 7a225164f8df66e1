"""A theme that ``jifenbang theme`` starts: it builds at once, and nothing that exists is touched."""

import re
from pathlib import Path

import pytest

from tests.site_project import REPOSITORY, SETTINGS, SiteProject, members


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


def test_the_steps_of_the_tutorial_build_without_a_word(organ: SiteProject):
    """What its blocks of code say, saved where the text around them says."""
    tutorial = (REPOSITORY / "themes/README.md").read_text(encoding="utf-8").partition("## Mark the figures")[0]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", tutorial, re.MULTILINE | re.DOTALL)
    of_language = {language: [text for name, text in blocks if name == language] for language, _ in blocks}
    assert organ.run("theme", "mine").exit_code == 0
    (colours,), (logo,), styles = of_language["yaml"], of_language["svg"], of_language["css"]
    head, motto, macro, cards = of_language["jinja"]
    organ.write("content/site.yaml", SETTINGS + "theme: mine\n")
    organ.write("content/pages/branches.md", of_language[""][-1])
    organ.write("themes/mine/theme.yaml", colours)
    organ.write("themes/mine/assets/logo.svg", logo)
    organ.write("themes/mine/assets/mine.css", "".join(styles))
    organ.write("themes/mine/templates/base.html", head + motto)
    organ.write("themes/mine/templates/macros.html", macro)
    organ.write("themes/mine/templates/cards.html", cards)
    organ.approve(organ.ledger("jia", "2026-01"))
    done = organ.run("build")
    assert (done.exit_code, "theme." in done.stderr) == (0, False), done.stderr
    texts = {
        "pages/branches.html": 'class="cards"',
        "index.html": 'class="motto"',
        "boards/2026-H1.html": "2026年1月1日—",
    }
    for path, text in texts.items():
        assert text in (organ.root / "site" / path).read_text(encoding="utf-8"), path
    organ.write("themes/mine/templates/macros.html", macro.replace("first", "frist"))
    done = organ.run("build")
    assert (done.exit_code, "themes/mine/templates/macros.html:1:1: 错误：Period 没有 frist 这一项" in done.stderr) == (
        1,
        True,
    )
