"""Pages that lie compressed beside themselves, for a server to send as they are."""

import gzip
from pathlib import Path

import pytest

from tests.site_pages import Files, site_files
from tests.site_project import SiteProject, members

PACKED = {".html", ".css", ".js", ".json", ".svg", ".xml"}


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """Two branches with a month each, a theme of the organ's own with a picture, and an address."""
    made = SiteProject(tmp_path, members("zhang 张三 jia", "li 李四 yi"))
    made.write("content/site.yaml", (tmp_path / "content/site.yaml").read_text() + "address: https://example.org/\n")
    made.write("content/notices/2027-01-06-notice.md", "---\ntitle: 通知\ndate: 2027-01-06\n---\n甲\n")
    made.write("themes/default/assets/seal.png", "\x89PNG")
    made.approve(*(made.ledger(branch, "2026-01") for branch in ("jia", "yi")))
    return made


def build(organ: SiteProject, *words: str) -> Files:
    done = organ.run("build", *words)
    assert done.exit_code == 0, done.output
    return site_files(organ.root)


def twins(found: Files) -> Files:
    return {path: raw for path, raw in found.items() if path.endswith(".gz")}


def test_whatever_is_text_has_a_twin_that_holds_its_bytes(organ: SiteProject):
    found = build(organ, "--gzip")
    plain = found.keys() - twins(found).keys()
    assert {Path(path).suffix for path in plain} == {*PACKED, ".png"}
    assert twins(found).keys() == {f"{path}.gz" for path in plain if Path(path).suffix in PACKED}
    for path, raw in twins(found).items():
        assert gzip.decompress(raw) == found[path.removesuffix(".gz")], path
        assert len(raw) < len(found[path.removesuffix(".gz")]) or len(raw) < 300, path


def test_the_same_pages_always_give_the_same_twins(organ: SiteProject, tmp_path: Path):
    first = build(organ, "--gzip")
    again = SiteProject.run(organ, "build", "--gzip", "--output", tmp_path / "again")
    assert again.exit_code == 0, again.output
    assert {path: (tmp_path / "again" / path).read_bytes() for path in first} == first
    assert {raw[3:8] for raw in twins(first).values()} == {bytes(5)}  # neither a name nor a time


def test_twins_come_and_go_and_nothing_else_changes(organ: SiteProject):
    bare = build(organ)
    assert not twins(bare)
    packed = build(organ, "--gzip")
    assert {path: raw for path, raw in packed.items() if path not in twins(packed)} == bare
    assert build(organ) == bare
    assert build(organ, "--gzip") == packed


def test_an_approval_renews_the_twins_of_what_it_changes(organ: SiteProject):
    before = build(organ, "--gzip")
    organ.approve(organ.ledger("jia", "2026-02"))
    after = build(organ, "--gzip")
    changed = {path for path, raw in after.items() if before.get(path) != raw}
    assert {path for path in changed if f"{path}.gz" in after} == {
        path.removesuffix(".gz") for path in changed if path.endswith(".gz")
    }
    assert "branches/jia/2026-02.html.gz" in changed
    assert "branches/yi/2026-01.html.gz" not in changed


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda one: one.write_bytes(gzip.compress(b"<p>", mtime=0)), "release.changed"),
        (lambda one: one.unlink(), "release.missing"),
        (lambda one: one.with_name("other.gz").write_bytes(b""), "release.added"),
    ],
)
def test_twins_are_verified_as_pages_are(organ: SiteProject, spoil, told: str):
    build(organ, "--gzip")
    whole = organ.run("verify")
    assert whole.exit_code == 0, whole.output
    spoil(organ.root / "site/audit.html.gz")
    done = organ.run("verify")
    assert (done.exit_code, told in done.output) == (1, True), done.output
