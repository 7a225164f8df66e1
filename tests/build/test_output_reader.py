"""The output folder is read by two: how much the child process has read, and what is left to its parent."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.build import output_reader, profiling
from generator.build.output_reader import OutputReader
from generator.project import Project


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe from which nobody waits: to read from it, where there is nothing, raises BlockingIOError."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    yield read_end, write_end
    for end in (read_end, write_end):
        os.close(end)


def line(*paths: str, seconds: float = 0) -> bytes:
    return json.dumps([paths, seconds]).encode() + b"\n"


def test_whoever_waits_for_the_child_waits_for_one_chunk(pipe: tuple[int, int]):
    child = output_reader._Child(0, pipe[0])  # noqa: SLF001
    os.write(pipe[1], line())
    assert child.count_done(wait=True) == 1
    os.write(pipe[1], line("a.html", "b.html") + line())
    assert child.count_done(wait=True) == 3
    assert child.changed_paths == [[], ["a.html", "b.html"], []]


def test_a_chunk_is_not_read_before_all_is_told_of_it(pipe: tuple[int, int]):
    child = output_reader._Child(0, pipe[0])  # noqa: SLF001
    first, last = line("a.html")[:5], line("a.html")[5:]
    os.write(pipe[1], line() + first)
    assert child.count_done(wait=False) == 1
    with pytest.raises(BlockingIOError):
        child.count_done(wait=True)
    os.write(pipe[1], last[:-1])
    with pytest.raises(BlockingIOError):
        child.count_done(wait=True)
    os.write(pipe[1], last[-1:])
    assert child.count_done(wait=True) == 2
    assert child.changed_paths == [[], ["a.html"]]


def test_whoever_does_not_wait_sees_all_that_is_there(pipe: tuple[int, int]):
    child = output_reader._Child(0, pipe[0])  # noqa: SLF001
    assert child.count_done(wait=False) == 0
    os.write(pipe[1], line() * 3)
    assert child.count_done(wait=False) == 3
    os.write(pipe[1], line())
    assert child.count_done(wait=False) == 4


def test_after_the_child_has_ended_nobody_waits():
    read_end, write_end = os.pipe()
    child = output_reader._Child(0, read_end)  # noqa: SLF001
    os.write(write_end, line())
    os.close(write_end)
    assert [child.count_done(wait=wait) for wait in (True, True, False)] == [1, 1, 1]
    os.close(read_end)


def test_the_time_that_the_child_spends_is_counted(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch):
    timings: dict[str, float] = {}
    monkeypatch.setattr(profiling, "add_timings", timings.update)
    os.write(pipe[1], line(seconds=2.5))
    output_reader._Child(0, pipe[0]).count_done(wait=True)  # noqa: SLF001
    assert timings == {"核对": 2.5}


class Child:
    """A child process that has read so many chunks by each time that its parent looks, and one more if it waits."""

    def __init__(self, *done: int) -> None:
        self.done = list(done)
        self.waits = 0

    def count_done(self, *, wait: bool) -> int:
        self.waits += wait
        return self.done.pop(0)

    @property
    def changed_paths(self) -> list[list[str]]:
        return [[f"{number} by the child"] for number in range(5)]


@pytest.mark.parametrize(
    ("done", "waits", "by_parent"),
    [
        ((0, 0, 2, 3), 1, [4, 3]),  # it is reading the last one that is left
        ((0, 1, 2, 2, 2), 1, [4, 3, 2]),  # it ended as it was reading the last one
        ((0, 5), 0, [4]),  # it has read that one, too
        ((0, 0, 0, 0, 0, 0, 0), 1, [4, 3, 2, 1, 0]),  # it ended at once
        ((5,), 0, []),
    ],
)
def test_each_chunk_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: tuple[int, ...], waits: int, by_parent: list[int]
):
    found: list[int] = []

    def noting(_: Path, chunk: dict[str, str]) -> list[str]:
        found.append(int(*chunk))
        return [f"{found[-1]} by the parent"]

    monkeypatch.setattr(output_reader.atomic_files, "find_changed_paths", noting)
    reader, child = OutputReader(Project(tmp_path), tmp_path, single_process=True), Child(*done)
    reader._chunks = [{str(number): ""} for number in range(5)]  # noqa: SLF001
    reader._child = child  # noqa: SLF001
    paths = reader.find_changed_paths()
    by_child = [number for number in range(5) if number not in by_parent]
    assert (found, child.waits, child.done) == (by_parent, waits, [])
    assert paths == [*(f"{n} by the child" for n in by_child), *(f"{n} by the parent" for n in by_parent)]
    assert reader.find_changed_paths() is paths
