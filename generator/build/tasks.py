"""Deal tasks out to workers, and take their results as they come."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from itertools import chain
from typing import Any

from generator.build import profiling
from generator.build.executors import Workers
from generator.build.messages import RenderedFiles
from generator.build.request import ProgressCallback

Task = partial[Any]

_AHEAD = 64  # tasks handed out before their results are needed


class TaskRunner:
    """Workers, to which tasks are dealt out by branch, and the callback that follows their progress."""

    def __init__(self, branches: Iterable[str], workers: Workers, progress: ProgressCallback) -> None:
        self.workers = workers
        self.progress = progress
        self._turns = {name: turn for turn, name in enumerate(branches)}

    def run_one(self, name: str, task: Task) -> Any:
        """Run one task of a branch and wait for it."""
        value, spent = self._worker(name).submit(profiling.run_measured, task).result()
        profiling.add_timings(spent)
        return value

    def _worker(self, name: str) -> Any:
        """A branch goes to the same worker each time, which may remember it."""
        return self.workers[self._turns.get(name, 0) % len(self.workers)]

    def run(
        self, label: str, tasks: Iterable[tuple[str, Any]], count: int, meanwhile: Iterable[Any] = ()
    ) -> Iterator[tuple[str, Any, bool]]:
        """Yield ``(name, result, is_new)`` per task; results that are known already pass through as not new.

        Tasks are taken one by one, and work is under way while the next are looked up. What ``meanwhile`` yields is
        computed here while workers keep us waiting; it has no name.
        """
        running: dict[Future[Any], str] = {}
        done, drawn, reported, idle = 0, 0, count, iter(meanwhile)
        for task in chain(tasks, (None,)):
            if task and isinstance(task[1], partial):
                running[self._worker(task[0]).submit(profiling.run_measured, task[1])] = task[0]
            elif task:
                count -= 1
                yield *task, False
            while running and ((ready := any(map(Future.done, running))) or task is None or len(running) >= _AHEAD):
                if not ready and (result := next(idle, None)) is not None:
                    yield "", result, False
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    value, spent = future.result()
                    profiling.add_timings(spent)
                    done, drawn = done + 1, drawn + (len(value.digests) if isinstance(value, RenderedFiles) else 0)
                    reported = count
                    self.progress(label, done, count, drawn)
                    yield running.pop(future), value, True
        if done and reported != count:
            self.progress(label, done, count, drawn)
