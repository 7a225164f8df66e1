"""Distribution of tasks to workers, with results as soon as they are ready."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import partial
from itertools import chain
from typing import Any

from generator.build import profiling
from generator.build.executors import Workers
from generator.build.messages import RenderedFiles
from generator.build.request import ProgressCallback

Task = partial[Any]

_MAX_PENDING = 64  # tasks submitted before a result has to be read, so that results don't pile up in memory


class TaskRunner:
    """Workers, to which tasks are assigned by branch, and the callback that reports progress."""

    def __init__(self, branches: Iterable[str], workers: Workers, progress: ProgressCallback) -> None:
        self.workers = workers
        self.progress = progress
        self._indexes = {name: index for index, name in enumerate(branches)}

    def run_one(self, branch: str, task: Task) -> Any:
        """Run one task of a branch, and return its result."""
        value, spent = self._worker_of(branch).submit(profiling.run_measured, task).result()
        profiling.add_timings(spent)
        return value

    def _worker_of(self, branch: str) -> Executor:
        # The same one for each task of a branch: it may still have the branch as read and scored.
        return self.workers[self._indexes.get(branch, 0) % len(self.workers)]

    def run(
        self, label: str, tasks: Iterable[tuple[str, Any]], count: int, meanwhile: Iterable[Any] = ()
    ) -> Iterator[tuple[str, Any, bool]]:
        """Yield ``(name, result, is_new)`` per task; a result in the place of a task passes through as not new.

        ``tasks`` are by branch, ``count`` is their number. They are submitted one by one, so that workers are busy
        while the next are looked up in the cache. The values of ``meanwhile`` are computed in this process whenever no
        result is ready, and yielded without a name.
        """
        running: dict[Future[Any], str] = {}
        done, page_count, reported, idle_work = 0, 0, count, iter(meanwhile)
        for item in chain(tasks, (None,)):  # None: all are submitted, wait for those that remain
            if item and isinstance(item[1], partial):
                running[self._worker_of(item[0]).submit(profiling.run_measured, item[1])] = item[0]
            elif item:
                count -= 1
                yield *item, False
            while running and (
                (ready := any(map(Future.done, running))) or item is None or len(running) >= _MAX_PENDING
            ):
                if not ready and (result := next(idle_work, None)) is not None:
                    yield "", result, False
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    value, spent = future.result()
                    profiling.add_timings(spent)
                    done += 1
                    page_count += len(value.digests) if isinstance(value, RenderedFiles) else 0
                    reported = count
                    self.progress(label, done, count, page_count)
                    yield running.pop(future), value, True
        if done and reported != count:
            # Cached results after the last task have lowered the count that was reported.
            self.progress(label, done, count, page_count)
