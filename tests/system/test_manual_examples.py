"""The files that the manual shows whole are such as the program takes."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.commands import cli
from tests.manual_pages import manual_page
from tests.site_project import REPOSITORY, copy_sample

LEDGER = "ledgers/2026/first/11.yaml"
RULEBOOK = "ledgers/rulebooks/demo-2027.yaml"
ENGLISH, CHINESE = "branch: first\nmonth: 2026-11\nrecorder", "支部: 第一党支部\n月份: 2026-11\n登记人"
# The page, how the file begins, and where it belongs.
FILES = [
    ("recorder", ENGLISH, LEDGER),
    ("recorder", CHINESE, LEDGER),
    ("rulebook", "id: demo-2027", RULEBOOK),
    ("rulebook", "year: 2026\nscores", "ledgers/2026/reviews.yaml"),
    ("rulebook", "奖项: 优秀共产党员", "ledgers/2026/votes/youxiu-dangyuan.yaml"),
    ("rulebook", "year: 2026\nhonours", "ledgers/2026/honours.yaml"),
    ("clerk", "organ: 示例区纪委监委机关", "content/site.yaml"),
    ("clerk", "formats:", "content/import.yaml"),
]


def example(page: str, beginning: str) -> str:
    """The block of code of a page that begins so."""
    blocks = re.findall(r"(?:^(?: {4}.*|)\n)+", manual_page(page), re.MULTILINE)
    texts = [re.sub("^ {4}", "", block, flags=re.MULTILINE).strip() + "\n" for block in blocks]
    (text,) = (text for text in texts if text.startswith(beginning))
    return text


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = copy_sample(tmp_path)
    (root / "ledgers/2027").mkdir()
    (root / "ledgers/2027/cycle.yaml").write_text("year: 2027\nrulebook: demo-2027\n", "utf-8")
    (root / RULEBOOK).write_text(example("rulebook", "id: demo-2027"), "utf-8")
    return root


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(root), *words, "--today", "2026-12-04"])


def check(root: Path) -> str:
    done = run(root, "check")
    return done.output if done.exit_code or "0 处错误" not in done.output else ""


@pytest.mark.parametrize(("page", "beginning", "file"), FILES)
def test_a_file_that_the_manual_shows_has_no_error(root: Path, page: str, beginning: str, file: str):
    (root / file).write_text(example(page, beginning), "utf-8")
    assert check(root) == ""


@pytest.mark.parametrize("beginning", ["branches:", "支部:\n  - {编号"])
def test_a_roster_that_the_manual_shows_has_no_error(root: Path, beginning: str):
    for branch in (root / "ledgers").glob("*/*/"):
        shutil.rmtree(branch)
    for ballot in ("reviews", "honours"):
        for file in (root / "ledgers").glob(f"*/{ballot}.yaml"):
            file.unlink()
    (root / "ledgers/roster.yaml").write_text(example("clerk", beginning), "utf-8")
    assert check(root) == ""


def test_changes_that_the_manual_shows_are_such_as_the_samples_rulebook_takes(root: Path):
    rulebook = root / "ledgers/rulebooks/erqi-2021.yaml"
    rulebook.write_text(rulebook.read_text("utf-8") + example("rulebook", "changes:"), "utf-8")
    assert check(root) == ""


def test_both_spellings_of_a_ledger_give_the_same_points(root: Path):
    points = []
    for beginning in (ENGLISH, CHINESE):
        (root / LEDGER).write_text(example("recorder", beginning), "utf-8")
        assert run(root, "approve", LEDGER, "--meeting", "2026-12-03").exit_code == 0
        points.append(json.loads(run(root, "score", "2026-11", "--branch", "first", "--format", "json").stdout))
    assert points[0] == points[1]
    assert points[0]["missing"] == []


def test_the_readmes_ledger_has_no_error(root: Path):
    readme = (REPOSITORY / "README.zh-CN.md").read_text("utf-8")
    (block,) = re.findall(r"^ +```yaml\n(.*?)^ +```$", readme, re.MULTILINE | re.DOTALL)
    (root / LEDGER).write_text(re.sub("^ {3}", "", block, flags=re.MULTILINE), "utf-8")
    assert check(root) == ""
