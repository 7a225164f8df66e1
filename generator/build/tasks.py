"""Distribution of tasks to workers, with results as soon as they are ready."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from itertools import chain
from typing import Any

from generator.build import branch, profiling
from generator.build.cache import Cache
from generator.build.executors import Workers
from generator.build.input_cache import ledger_cache_key
from generator.build.messages import RenderedFiles
from generator.project import ProgressCallback

Task = partial[Any]

_MAX_PENDING = 64  # tasks submitted before a result has to be read, so that results don't pile up in memory


def _run_task(name: str, task: Task) -> tuple[Any, Mapping[str, float], bytes | None]:
    """Run a branch's task; return its result, the seconds by stage, and ledgers that it read and that aren't cached."""
    value, spent = profiling.run_measured(task)
    return value, spent, branch.take_read_ledgers(name)


class TaskRunner:
    """Workers, to which tasks are assigned by branch, and the callback that reports progress.

    What workers read is saved in the cache, if there is one, by this process.
    """

    def __init__(
        self, branches: Iterable[str], workers: Workers, progress: ProgressCallback, cache: Cache | None
    ) -> None:
        self.workers = workers
        self.progress = progress
        self._cache = cache
        self._indexes = {name: index for index, name in enumerate(branches)}

    def run_one(self, name: str, task: Task) -> Any:
        """Run one task of a branch, and return its result."""
        return self._finish(name, self._submit(name, task))

    def _submit(self, name: str, task: Task) -> Future[Any]:
        # The same worker for each task of a branch: it may still have the branch as read and scored.
        return self.workers[self._indexes.get(name, 0) % len(self.workers)].submit(_run_task, name, task)

    def _finish(self, name: str, future: Future[Any]) -> Any:
        """Return the result of a branch's task, once it is ready."""
        value, spent, ledgers = future.result()
        profiling.add_timings(spent)
        if ledgers and self._cache:
            self._cache.put_encoded(ledger_cache_key(name), ledgers)
        return value

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
                running[self._submit(*item)] = item[0]
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
                    name = running.pop(future)
                    value = self._finish(name, future)
                    done += 1
                    page_count += len(value.digests) if isinstance(value, RenderedFiles) else 0
                    reported = count
                    self.progress(label, done, count, page_count)
                    yield name, value, True
        if done and reported != count:
            # Cached results after the last task have lowered the count that was reported.
            self.progress(label, done, count, page_count)
