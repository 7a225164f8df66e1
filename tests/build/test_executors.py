"""Workers of a build: how many, and what becomes of what they are given."""

import os
from concurrent.futures import Executor

import pytest

from generator.build import executors
from generator.build.executors import InlineExecutor


@pytest.mark.parametrize(
    ("processors", "branches", "count"),
    [(4, 0, 1), (4, 15, 1), (4, 16, 2), (4, 31, 3), (4, 32, 4), (4, 1000, 4), (1, 1000, 1), (None, 1000, 1)],
)
def test_every_eight_branches_are_worth_a_process_up_to_all_processors(
    monkeypatch: pytest.MonkeyPatch, processors: int | None, branches: int, count: int
):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert executors.choose_worker_count(branches) == count


def test_one_worker_is_this_process_and_more_are_processes_of_their_own():
    with executors.open_workers(1) as workers:
        assert [type(worker) for worker in workers] == [InlineExecutor]
        assert processes(*workers) == [os.getpid()]
    with executors.open_workers(2) as workers:
        first = processes(*workers)
        assert len({os.getpid(), *first}) == 3
        assert processes(*workers) == first
    with pytest.raises(RuntimeError):
        workers[0].submit(os.getpid)


def processes(*workers: Executor) -> list[int]:
    return [worker.submit(os.getpid).result() for worker in workers]


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_is_raised_where_the_result_is_read(count: int):
    with executors.open_workers(count) as workers:
        futures = [worker.submit(int, "甲") for worker in workers]
        for future in futures:
            with pytest.raises(ValueError, match="甲"):
                future.result()
