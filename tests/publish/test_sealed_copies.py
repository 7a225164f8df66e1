"""The copies of sealed files: whole or not counted, kept once, and made good if they are lost."""

import errno
from pathlib import Path

import pytest

from generator.disk import atomic_files
from generator.project import Project
from generator.publish import sealed_copies
from generator.publish.sealed_copies import SealedCopy

FIRST, SECOND = "ledgers/2026/jia/01.yaml", "ledgers/2026/乙/02.yaml"
SEALS = {FIRST: f"sha256:{'1' * 64}", SECOND: f"sha256:{'2' * 64}"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name in SEALS:
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(name.encode())
    return Project(tmp_path)


def kept(project: Project) -> dict[str, bytes | None]:
    """What the copies hold, by the name of the file."""
    return {copy.name: sealed_copies.read_copy(project, copy) for copy in sealed_copies.list_copies(project)}


WHOLE = {name: name.encode() for name in SEALS}


def test_a_copy_has_the_bytes_under_the_name_and_the_seal(project: Project):
    assert sealed_copies.list_copies(project) == []
    sealed_copies.keep_copies(project, SEALS, {})
    copies = sealed_copies.list_copies(project)
    assert {copy.name: copy.seal for copy in copies} == SEALS
    assert kept(project) == WHOLE


def test_what_is_kept_is_not_written_again(project: Project, monkeypatch: pytest.MonkeyPatch):
    sealed_copies.keep_copies(project, SEALS, {})
    monkeypatch.delattr(atomic_files, "write_atomically")
    monkeypatch.delattr(atomic_files, "flush_disk")
    sealed_copies.keep_copies(project, SEALS, {})
    (project.root / FIRST).write_bytes(b"# a remark\n")  # still sealed by the same digest
    sealed_copies.keep_copies(project, SEALS, {})
    assert kept(project) == WHOLE


def test_a_file_approved_again_has_two_copies(project: Project):
    sealed_copies.keep_copies(project, SEALS, {})
    (project.root / FIRST).write_bytes(b"again")
    sealed_copies.keep_copies(project, {FIRST: f"sha256:{'3' * 64}"}, {})
    assert [copy.seal[-1] for copy in sealed_copies.list_copies(project)] == ["1", "2", "3"]


@pytest.mark.parametrize("how", ["changed", "removed", "a folder", "a link"])
def test_a_file_that_is_no_longer_what_was_checked_is_left_out(project: Project, how: str):
    digests = {name: atomic_files.digest_bytes(name.encode()) for name in SEALS}
    path = project.root / FIRST
    path.unlink()
    match how:
        case "changed":
            path.write_bytes(b"changed")
        case "a folder":
            path.mkdir()
        case "a link":
            path.symlink_to(project.root / SECOND)
    sealed_copies.keep_copies(project, SEALS, digests)
    assert list(kept(project)) == [SECOND]


@pytest.mark.parametrize("length", range(0, 300, 7))
def test_a_line_cut_off_by_a_power_cut_spoils_no_other_and_is_written_again(project: Project, length: int):
    sealed_copies.keep_copies(project, SEALS, {})
    index = project.state_folder / "sealed/index"
    index.write_bytes(index.read_bytes()[:length])
    assert kept(project).items() <= WHOLE.items()
    sealed_copies.keep_copies(project, SEALS, {})
    assert kept(project) == WHOLE


def test_a_copy_is_listed_only_when_its_bytes_are_on_the_disk(project: Project, monkeypatch: pytest.MonkeyPatch):
    def full(_path: str, _raw: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(atomic_files, "write_atomically", full)
        with pytest.raises(OSError, match="No space"):
            sealed_copies.keep_copies(project, SEALS, {})
    assert sealed_copies.list_copies(project) == []

    def listed() -> None:
        assert sealed_copies.list_copies(project) == []

    monkeypatch.setattr(atomic_files, "flush_disk", listed)
    sealed_copies.keep_copies(project, SEALS, {})
    assert kept(project) == WHOLE


def copy_of(project: Project, name: str) -> Path:
    [copy] = [copy for copy in sealed_copies.list_copies(project) if copy.name == name]
    return project.state_folder / "sealed" / copy.sha256


def test_a_copy_that_is_lost_is_kept_again_and_a_damaged_one_is_never_given(project: Project):
    sealed_copies.keep_copies(project, SEALS, {})
    copy_of(project, SECOND).write_bytes(b"damaged")
    copy_of(project, FIRST).unlink()
    assert kept(project) == {FIRST: None, SECOND: None}
    sealed_copies.keep_copies(project, SEALS, {})
    assert kept(project) == {FIRST: FIRST.encode(), SECOND: None}


@pytest.mark.parametrize("line", [b"\xff\xfe", b"[]", b"{}", b'["a","b"]', b'["a","b",1]', b"[" * 9999, b"null"])
def test_nonsense_in_the_index_counts_for_nothing(project: Project, line: bytes):
    index = project.state_folder / "sealed/index"
    index.parent.mkdir(parents=True)
    index.write_bytes(line + b"\n")
    assert sealed_copies.list_copies(project) == []
    assert sealed_copies.read_copy(project, SealedCopy("a", "b", "../index")) is None
