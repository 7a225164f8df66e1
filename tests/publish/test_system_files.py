"""What a system puts into the output folder by itself is in nobody's way, and anything else is."""

import shutil
from pathlib import Path

import pytest

from tests.site_project import SiteProject, members

SYSTEM = [
    "Thumbs.db",
    "branches/desktop.ini",
    "members/Desktop.ini",
    ".DS_Store",
    "._index.html",
    "System Volume Information/IndexerVolumeGuid",
    "$RECYCLE.BIN/S-1-5-18/desktop.ini",
    "branches/@eaDir/jia/x",
    "lost+found/#12",
    ".apdisk",
    "boards/.nfs00000000012ab34c00000001",
    ".~lock.index.html#",
    "~$index.html",
]
FOREIGN = [
    "照片.jpg",
    "Thumbs.db.html",
    "branches/notes.txt",
    "thumbs/db",
    "index.html.bak",
    "desktop.ini.txt",
    ".nfs",
    "~lock.index.html",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    organ = SiteProject(tmp_path_factory.mktemp("organ"), members("zhang 张三 jia", branches="jia"))
    organ.approve(organ.ledger("jia", "2026-01", "activities: [{item: 收缴党费, date: 2026-01-09}]"))
    assert organ.run("build").exit_code == 0
    return organ.root


@pytest.fixture
def organ(built: Path, tmp_path: Path) -> SiteProject:
    shutil.copytree(built, tmp_path / "organ")
    return SiteProject.at(tmp_path / "organ")


def drop(organ: SiteProject, path: str) -> Path:
    file = organ.root / "site" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    return file


@pytest.mark.parametrize("path", SYSTEM)
def test_a_file_of_the_system_is_left_alone(organ: SiteProject, path: str):
    file = drop(organ, path)
    again = organ.run("build")
    assert (again.exit_code, "更新 0 个" in again.stdout) == (0, True), again.output
    organ.write("content/pages/new.md", "---\ntitle: 新\n---\n文\n")
    assert organ.run("build").exit_code == 0
    verified = organ.run("verify", "--quick")
    assert (verified.exit_code, f"{path} 是操作系统自己放的文件" in verified.stderr) == (0, True), verified.output
    assert organ.run("rollback").exit_code == 0
    assert file.read_bytes() == b"x"


@pytest.mark.parametrize("path", FOREIGN)
def test_any_other_file_is_refused_as_ever(organ: SiteProject, path: str):
    drop(organ, path)
    assert "output.foreign" in organ.run("build").stderr
    assert "release.added" in organ.run("verify", "--quick").stderr


def test_a_link_named_like_a_file_of_the_system_is_refused(organ: SiteProject):
    (organ.root / "site/Thumbs.db").symlink_to(organ.root / "ledgers/roster.yaml")
    assert "output.foreign" in organ.run("build").stderr


def test_a_branch_that_is_gone_leaves_what_the_system_put_there(organ: SiteProject):
    """The folder of a page that is withdrawn stays, as it isn't empty."""
    organ.write("content/notices/a.md", "---\ntitle: 甲\ndate: 2026-02-01\n---\n文\n")
    assert organ.run("build").exit_code == 0
    file = drop(organ, "notices/Thumbs.db")
    (organ.root / "content/notices/a.md").unlink()
    assert organ.run("build").exit_code == 0
    assert file.exists()
