"""The store of an output folder deletes what it wrote itself, and nothing else."""

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from generator.project import Project
from generator.publish.store import RELEASES_KEPT, Manifest, Store, _with_checksum

OTHER = "e" * 64


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.for_output(Project(tmp_path), tmp_path / "site")


def test_blobs_that_are_not_needed_go_and_what_is_not_ours_stays(store: Store):
    needed = store.save_blob(b"needed")
    gone = [store.save_blob(b"gone"), f".{OTHER}.tmp", "00001.json"]
    ours = {"note.txt", OTHER[:-1], f"{OTHER}.txt", f"x{OTHER}", OTHER.upper()}
    blobs = store.folder / "blobs"
    for name in (*gone, *ours):
        (blobs / name).write_bytes(b"")
    (blobs / OTHER).mkdir()
    store.keep_only_blobs([needed, "f" * 64])
    assert {path.name for path in blobs.iterdir()} == {needed, *ours, OTHER}
    assert Path(store.blob_path(needed)).read_bytes() == b"needed"


def test_where_there_are_no_blobs_none_are_deleted(store: Store):
    store.keep_only_blobs([])
    assert not store.folder.exists()


def test_a_release_and_the_four_before_it_are_kept_with_their_bytes(store: Store, tmp_path: Path):
    manifests = []
    for number in range(1, RELEASES_KEPT + 3):
        files = {"index.html": store.save_blob(str(number).encode())}
        before = number - 1 if number > 1 else None
        manifests.append(Manifest(number, before, tmp_path / "site", date(2027, 1, number), {"a": "b"}, files))
        store.write_manifest(manifests[-1])
    store.write_journal(RELEASES_KEPT + 2)
    store.prune_releases(manifests[-1])
    assert store.list_numbers() == [3, 4, 5, 6, 7]
    assert [store.read_manifest(number) for number in store.list_numbers()] == manifests[2:]
    digests = {digest for manifest in manifests[2:] for digest in manifest.files.values()}
    assert {path.name for path in (store.folder / "blobs").iterdir()} == digests
    assert store.find_unused_number() == 8


def test_a_damaged_blob_is_written_anew(store: Store):
    digest = store.save_blob(b"whole")
    assert digest == sha256(b"whole").hexdigest()
    Path(store.blob_path(digest)).write_bytes(b"broken")
    assert store.save_blob(b"whole") == digest
    assert Path(store.blob_path(digest)).read_bytes() == b"whole"


def rewrite(store: Store, file: str, **fields: object) -> None:
    """Put other fields into a file of the store, with a checksum that fits."""
    path = store.folder / file
    kept = {name: value for name, value in json.loads(path.read_bytes()).items() if name != "sha256"}
    path.write_bytes(_with_checksum({**kept, **fields}))


OUTSIDE = ("../ledgers/roster.yaml", "/etc/passwd", "a/../../x", "./x", "a//b", "", "C:x", "..\\x", "a/..")


@pytest.mark.parametrize(
    "fields",
    [
        *({"files": {"index.html": "a", path: "b"}} for path in OUTSIDE),
        *({name: value} for name in ("files", "rests", "day", "output", "record") for value in (5, "x", [1], {"a": 1})),
        {"before": "x"},
    ],
)
def test_a_manifest_of_other_kinds_or_paths_is_none_though_its_checksum_fits(
    store: Store, tmp_path: Path, fields: dict[str, object]
):
    manifest = Manifest(1, None, tmp_path / "site", date(2027, 1, 1), {}, {"a/.b/..c": "d"})
    store.write_manifest(manifest)
    rewrite(store, "releases/00001.json", later="x")
    assert store.read_manifest(1) == manifest
    rewrite(store, "releases/00001.json", **fields)
    readable = fields == {"output": "x"}
    assert (store.read_manifest(1) is not None) is readable


@pytest.mark.parametrize("releases", [None, 5, "x", ["a"], [None], [-1]])
def test_a_journal_of_other_kinds_is_none(store: Store, releases: object):
    store.write_journal(3)
    rewrite(store, "journal.json", releases=releases)
    assert store.read_journal() is None
