"""What counts as a change of the source files."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.local_server import source_watch
from generator.local_server.source_watch import SourceWatch

OLD = (1_700_000_000, 1_700_000_000)


def put_old_file(folder: Path) -> None:
    (folder.parent / "stick.yaml").write_text("旧", encoding="utf-8")
    os.utime(folder.parent / "stick.yaml", OLD)
    shutil.copy2(folder.parent / "stick.yaml", folder / "new.yaml")


def replace_in_one_step(folder: Path) -> None:
    (folder.parent / "b.yaml").write_text("二", encoding="utf-8")
    (folder.parent / "b.yaml").replace(folder / "a.yaml")


def keep_the_time(folder: Path) -> None:
    (folder / "a.yaml").write_text("二", encoding="utf-8")
    os.utime(folder / "a.yaml", OLD)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a save": lambda folder: (folder / "a.yaml").write_text("二", encoding="utf-8"),
    "a save that keeps size and time": keep_the_time,
    "a save that replaces the file": replace_in_one_step,
    "a new file older than the start": put_old_file,
    "a file gone": lambda folder: (folder / "a.yaml").unlink(),
    "another name": lambda folder: (folder / "a.yaml").rename(folder / "b.yaml"),
    "a file in a new folder": lambda folder: shutil.copytree(folder / "sub", folder / "sub2"),
    "a folder gone": lambda folder: shutil.rmtree(folder / "sub"),
    "a link in the place of the file": lambda folder: (
        (folder / "a.yaml").unlink(),
        (folder / "a.yaml").symlink_to("sub/c.yaml"),
    ),
    "what a link leads to": lambda folder: (folder.parent / "outside").write_text("二", encoding="utf-8"),
    "all gone": shutil.rmtree,
}
SAME: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "a touch": lambda folder: os.utime(folder / "a.yaml", (1, 1)),
    "a save of the same": lambda folder: (folder / "a.yaml").write_text("一", encoding="utf-8"),
    "a copy in its place": lambda folder: (
        shutil.copy2(folder / "a.yaml", folder.parent),
        (folder.parent / "a.yaml").replace(folder / "a.yaml"),
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ledgers"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.yaml").write_text("一", encoding="utf-8")
    (folder / "sub/c.yaml").write_text("三", encoding="utf-8")
    (tmp_path / "outside").write_text("一", encoding="utf-8")
    (folder / "link.yaml").symlink_to("../outside")
    for path in folder.rglob("*.yaml"):
        os.utime(path, OLD)
    return folder


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_is_noticed_at_the_next_look_and_once(
    folder: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(source_watch, "_READING_TIME", 0)  # not because all files are read again
    watch = SourceWatch(folder, folder / "missing")
    watch.find_change()
    change(folder)
    assert watch.find_change()
    assert not watch.find_change()


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_what_keeps_all_contents_is_no_change(folder: Path, change: Callable[[Path], object]):
    watch = SourceWatch(folder)
    watch.find_change()
    change(folder)
    assert not watch.find_change()


def test_a_change_that_the_system_does_not_show_is_noticed_in_its_turn(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(source_watch, "_read_stamp", lambda _: (1, 2, 3))
    for number in range(100):
        (folder / f"{number:03}.yaml").write_text("一", encoding="utf-8")
    watch = SourceWatch(folder)
    watch.find_change()
    (folder / "050.yaml").write_text("二", encoding="utf-8")
    assert any(watch.find_change() for _ in range(103))  # each look reads one file at least


def test_a_folder_that_appears_is_looked_into(tmp_path: Path):
    watch = SourceWatch(tmp_path / "themes")
    watch.find_change()
    (tmp_path / "themes/mine").mkdir(parents=True)
    (tmp_path / "themes/mine/theme.yaml").write_text("extends: default\n", encoding="utf-8")
    assert watch.find_change()
