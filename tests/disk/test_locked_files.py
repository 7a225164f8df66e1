"""Files that another program holds open for a moment, or for good: waited for, and told by their own names."""

import errno
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.disk import atomic_files, locked_files
from generator.disk.temporary_folder import make_temporary_folder
from generator.loader import openssh
from tests.site_project import SiteProject, members


class Lock:
    """Refuses the operations on one path, as Windows does: the first ones, or all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path, times: int, *, reading: bool = True) -> None:
        self.path, self.times, self.waits = path, times, list[float]()
        monkeypatch.setattr(locked_files.time, "sleep", self.waits.append)
        for name in ("replace", "unlink"):  # and so Path.replace, Path.unlink
            monkeypatch.setattr(os, name, self._watch(getattr(os, name)))
        if reading:
            monkeypatch.setattr("builtins.open", self._watch(open))

    def _watch(self, real: Callable[..., object]) -> Callable[..., object]:
        def operate(*args: object, **options: object) -> object:
            if str(self.path) in map(str, args) and self.times:
                self.times -= 1
                raise PermissionError(13, "Permission denied", str(args[0]))
            return real(*args, **options)

        return operate


OPERATIONS: dict[str, Callable[[Path], object]] = {
    "replaced": lambda path: atomic_files.write_atomically(str(path), b"new"),
    "replaced durably": lambda path: atomic_files.write_durably(path, b"new"),
    "added to": lambda path: atomic_files.append_durably(path, b"new"),
    "deleted": lambda path: atomic_files.delete_files(path.parent, [path.name]),
    "read": lambda path: locked_files.open_to_read(path).close(),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("times", [0, 1, 3, len(locked_files.DELAYS)])
def test_whoever_lets_go_is_waited_for(name: str, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    lock = Lock(monkeypatch, path, times)
    OPERATIONS[name](path)
    assert lock.waits == list(locked_files.DELAYS[:times])
    assert path.exists() == (name != "deleted")


@pytest.mark.parametrize("name", ["replaced", "replaced durably"])
def test_a_write_that_fails_leaves_nothing_behind(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    # At the end of the staged file, and when it is put in place.
    for owner, operation in ((locked_files, "open_to_write"), (os, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, operation, FullDisk if operation == "open_to_write" else refuse)
            with pytest.raises(OSError, match="No space"):
                OPERATIONS[name](path)
        assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a.yaml": b"old"}


class FullDisk(io.FileIO):
    """A file on a full disk: it is made, and takes nothing."""

    def __init__(self, path: str | Path, _target: str | Path) -> None:
        super().__init__(path, "w")

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("name", OPERATIONS)
def test_who_never_lets_go_is_told_by_the_files_own_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    lock = Lock(monkeypatch, path, 99)
    with pytest.raises(PermissionError) as told:
        OPERATIONS[name](path)
    assert told.value.filename == str(path)
    assert 2 < sum(lock.waits) < 5  # seconds
    lock.times = 0
    assert path.read_bytes() == b"old"


def test_what_permissions_forbid_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Simulated, as root may write anything."""
    lock = Lock(monkeypatch, tmp_path / "a", 99)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError):
        atomic_files.write_atomically(str(tmp_path / "a"), b"")
    assert lock.waits == []


def test_no_staged_file_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = [f"p{number}.html" for number in range(9)]
    atomic_files.stage_files(tmp_path, dict.fromkeys(names, b"new"))
    Lock(monkeypatch, tmp_path / "p4.html", 99)
    with pytest.raises(PermissionError):
        atomic_files.commit_files(tmp_path, names)
    assert sorted(path.name for path in tmp_path.iterdir()) == names[:4]


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "li 李四 yi", branches="jia yi"))
    for branch in ("jia", "yi"):
        organ.ledger(branch, "2026-01", "activities: [{item: 收缴党费, date: 2026-01-09}]")
    return organ


APPROVE = ("--meeting", "2026-02-03", "--by", "审核员", "--acting", "代行")


def test_of_two_ledgers_both_are_approved_or_none(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    files = [organ.root / f"ledgers/2026/{branch}/01.yaml" for branch in ("jia", "yi")]
    before = [file.read_bytes() for file in files]
    with monkeypatch.context() as patch:
        Lock(patch, files[1], 99, reading=False)
        done = organ.run("approve", *files, *APPROVE)
    assert (done.exit_code, [file.read_bytes() for file in files]) == (1, before)
    assert "ledgers/2026/yi/01.yaml: 错误：打不开或换不掉这个文件。它可能正在别的程序里打开" in done.stderr
    assert "file.in-use" in done.stderr
    assert list(files[1].parent.glob(".*.tmp")) == []
    assert organ.run("approve", *files, *APPROVE).exit_code == 0


def test_a_page_that_a_browser_holds_is_named_and_the_next_build_completes(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch
):
    assert organ.run("build").exit_code == 0
    settings = organ.root / "content/site.yaml"
    settings.write_text(settings.read_text("utf-8").replace("title: 积分榜", "title: 新榜"), "utf-8")
    with monkeypatch.context() as patch:
        Lock(patch, (organ.root / "site/rules.html").resolve(), 99)
        done = organ.run("build", "--jobs", "1")
    assert done.exit_code == 1
    assert done.stderr.startswith("site/rules.html: 错误：打不开或换不掉这个文件")
    assert "doctype" not in done.stderr
    assert list((organ.root / "site").rglob("*.tmp")) == []
    assert organ.run("build").exit_code == 0
    assert "新榜" in (organ.root / "site/rules.html").read_text("utf-8")
    assert organ.run("verify", "--quick").exit_code == 0


def test_a_ledger_that_wps_holds_is_read_as_soon_as_it_lets_go(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    lock = Lock(monkeypatch, organ.root / "ledgers/2026/jia/01.yaml", 2)
    done = organ.run("check")
    assert (done.exit_code, lock.times) == (0, 0), done.output
    lock.times = 99
    assert "file.unreadable" in organ.run("check").output


def test_a_workbook_that_excel_holds_is_told(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    files = [organ.root / f"ledgers/2026/{branch}/01.yaml" for branch in ("jia", "yi")]
    assert organ.run("approve", *files, *APPROVE).exit_code == 0
    workbook = organ.root.parent / "pack.xlsx"
    Lock(monkeypatch, workbook, 99)
    done = organ.run("report", "quarter", "2026-Q1", "--format", "xlsx", "--output", workbook)
    assert (done.exit_code, "可能正在 Excel、WPS 等程序里打开" in done.stderr) == (2, True)


# --- folders for a while ---------------------------------------------------------------------------------------------


def test_what_stays_locked_in_a_temporary_folder_undoes_no_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    unlink = os.unlink
    with make_temporary_folder() as folder:
        folder.joinpath("a").write_bytes(b"a")
        monkeypatch.setattr(os, "unlink", refuse)
    monkeypatch.setattr(os, "unlink", unlink)
    assert folder.parent == tmp_path


def refuse(*_: object, **_options: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
def test_a_signature_is_checked_though_another_program_looks_at_its_file(monkeypatch: pytest.MonkeyPatch):
    locked = {"signature", "signers"}
    real = open

    def open_later(path: Path | str | int, *args: object, **options: object) -> object:
        name = str(path).rpartition(os.sep)[2]
        if name in locked:
            locked.remove(name)
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(locked_files.time, "sleep", lambda _: None)
    monkeypatch.setattr("builtins.open", open_later)
    monkeypatch.setattr("io.open", open_later)
    key, signature, day = openssh._PROBE_KEY, openssh._PROBE_SIGNATURE, openssh._PROBE_DAY  # noqa: SLF001
    assert openssh.is_signed(f"probe {key} here\n", "probe", signature, day, "jifenbang")
    assert not locked
