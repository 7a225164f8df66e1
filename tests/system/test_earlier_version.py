"""A project that an earlier version built goes on with this one: its site, releases, seals and anchors."""

import json
import re
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.commands import cli
from tests.site_project import REPOSITORY

BUILT = REPOSITORY / "tests/files/built-by-0.1.0"
DAY = date(2026, 7, 14)  # of its last build
DRAFT = "ledgers/2026/one/05.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(BUILT, tmp_path / "organ")


def run(root: Path, *words: object) -> Result:
    return CliRunner().invoke(cli, ["-C", str(root), *map(str, words), "--today", DAY.isoformat()])


def digests(root: Path) -> dict[str, str]:
    """What lies in the site."""
    files = [path for path in (root / "site").rglob("*") if path.is_file()]
    return {path.relative_to(root / "site").as_posix(): sha256(path.read_bytes()).hexdigest() for path in files}


def release(number: int) -> dict[str, str]:
    """What the earlier version wrote of a release, read without any of the program."""
    [manifest] = BUILT.glob(f".jifenbang/outputs/*/releases/{number:05}.json")
    return json.loads(manifest.read_text("utf-8"))["files"]


def kept(path: str, number: int) -> Path:
    """A file of a release, as the earlier version remembered it."""
    [blob] = BUILT.glob(f".jifenbang/outputs/*/blobs/{release(number)[path]}")
    return blob


def approve(root: Path) -> None:
    done = run(root, "approve", root / DRAFT, "--meeting", "2026-07-13", "--by", "方舒")
    assert done.exit_code == 0, done.output


def test_the_files_are_as_they_were_written():
    assert digests(BUILT) == release(2)
    assert release(1) != release(2)


def test_a_build_writes_only_what_this_version_makes_otherwise(root: Path):
    before, stamps = digests(root), {path: (root / "site" / path).stat().st_mtime_ns for path in digests(root)}
    done = run(root, "build")
    assert done.exit_code == 0, done.output
    after = digests(root)
    assert [path for path in before if path.endswith(".html") and path not in after] == []
    written = [path for path in after if before.get(path) != after[path]]
    assert re.search(rf"更新 {len(written)} 个，撤下 {len(before.keys() - after.keys())} 个", done.stdout), done.stdout
    touched = {path for path in stamps if (root / "site" / path).stat().st_mtime_ns != stamps[path]}
    assert touched == before.keys() & set(written)
    assert run(root, "verify").exit_code == 0


@pytest.mark.parametrize(
    ("file", "pattern", "words"),
    [
        ("content/site.yaml", "organ: .*", "organ: 另一机关"),
        ("ledgers/rulebooks/*.yaml", "rounding: .*", "rounding: {rule: up, step: 1}"),
        ("ledgers/roster.yaml", r"(id: one, name: )[^,}]+", r"\1另一党支部"),
    ],
)
def test_it_recorded_no_inputs_and_so_refuses_nothing(root: Path, file: str, pattern: str, words: str):
    [path] = root.glob(file)
    text = path.read_text(encoding="utf-8")
    assert re.search(pattern, text)
    path.write_text(re.sub(pattern, words, text, count=1), encoding="utf-8")
    done = run(root, "build")
    assert done.exit_code == 0, done.output
    path.write_text(text, encoding="utf-8")
    assert "〔build.undated〕" in run(root, "build").stderr  # of a release of this version


def test_nothing_is_to_be_verified_anew(root: Path):
    done = run(root, "verify")
    assert done.exit_code == 0, done.output
    assert f"（第 2 次生成，{DAY}）：{len(release(2))} 个文件，与发布时一致" in done.stdout


def test_a_changed_page_is_seen(root: Path):
    (root / "site/index.html").write_text("x", encoding="utf-8")
    done = run(root, "verify")
    assert (done.exit_code, "release.changed" in done.stderr) == (1, True)


def test_back_to_the_first_release(root: Path):
    done = run(root, "rollback")
    assert done.exit_code == 0, done.output
    assert digests(root) == release(1)


def test_an_approval_is_published_on_top_and_rolled_back(root: Path):
    approve(root)
    done = run(root, "build")
    assert done.exit_code == 0, done.output
    assert digests(root).keys() > release(2).keys()
    assert run(root, "verify").exit_code == 0
    assert run(root, "rollback").exit_code == 0
    assert digests(root) == release(2)
    assert run(root, "rollback").exit_code == 0
    assert digests(root) == release(1)


@pytest.mark.parametrize("number", [1, 2])
def test_its_audit_is_an_anchor(root: Path, number: int):
    approve(root)
    anchor = shutil.copy(kept("audit.json", number), root.parent / "audit.json")
    done = run(root, "verify", "--anchor", anchor)
    assert (done.exit_code, "都在，没有变" in done.stdout) == (0, True), done.output
    (root / "ledgers/2026/one/04.w1.yaml").unlink()
    assert run(root, "verify", "--anchor", anchor).exit_code == 1


def test_what_it_published_is_not_withdrawn(root: Path):
    """Not even once site and releases are gone: digests that were published are remembered by themselves."""
    shutil.rmtree(root / "site")
    shutil.rmtree(root / ".jifenbang/outputs")
    done = run(root, "approve", root / "ledgers/2026/two/04.yaml", "--withdraw", "--reason", "误审")
    assert done.exit_code == 1, done.output
    (root / ".jifenbang/published").unlink()
    done = run(root, "approve", root / "ledgers/2026/two/04.yaml", "--withdraw", "--reason", "误审")
    assert done.exit_code == 0, done.output
