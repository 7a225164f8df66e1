"""Workers of a build: this process, processes beside it, or a cluster that is already running."""

import gc
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing import parent_process
from threading import Thread
from typing import Any, TypeVar

from generator.build.request import ClusterUnreachableError

T = TypeVar("T")

_BRANCHES_PER_PROCESS = 8  # starting a process takes as long as some branches
_RETRIES = 3  # of a task whose worker was lost
_CLUSTER_TIMEOUT = 10  # seconds in which a cluster has to answer


class InlineExecutor(Executor):
    """An executor that runs each task in this process, immediately."""

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Run a task, and return its finished future."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  raised where the result is read, as from any other executor
            future.set_exception(error)
        return future


Workers = Sequence[Executor]  # each with a queue of its own


def open_workers(workers: int | str) -> AbstractContextManager[Workers]:
    """Open a number of processes on this machine, or the cluster at an address."""
    return open_processes(workers) if isinstance(workers, int) else open_cluster(workers)


@contextmanager
def open_cluster(address: str) -> Iterator[Workers]:
    """Connect to a running Dask cluster at ``dask://HOST:PORT``; its workers must see the project under our paths.

    Raises ClusterUnreachableError if there is none, or if it is lost while in use.
    """
    client = _connect(address)
    from distributed import KilledWorker  # noqa: PLC0415  an extra that only clusters need

    logging.disable()  # our own message below is all that users need to read of a lost cluster
    try:
        # Tasks are not pure: they write files, so that Dask must not reuse results of equal calls.
        yield [client.get_executor(retries=_RETRIES, pure=False)]
    except (CancelledError, KilledWorker) as error:
        raise ClusterUnreachableError(f"“{address}”的集群中途断了，网站没有改动，请把它启动好，再运行一次") from error
    finally:
        client.close()
        logging.disable(logging.NOTSET)


def _connect(address: str) -> Any:
    if not address.startswith("dask://"):
        raise ClusterUnreachableError(f"“{address}”不是集群的地址，请写成 dask://10.0.0.1:8786 的样子")
    try:
        from distributed import Client  # noqa: PLC0415  an extra that only clusters need

        return Client(address.removeprefix("dask://"), timeout=_CLUSTER_TIMEOUT)  # type: ignore[no-untyped-call]
    except ImportError as error:
        raise ClusterUnreachableError("要用集群，请先安装：pip install 'jifenbang[cluster]'") from error
    except (OSError, ValueError) as error:
        raise ClusterUnreachableError(f"连不上“{address}”，请核对地址，并确认集群已经启动") from error


def _initialize_worker() -> None:
    """Switch off the garbage collector, as in the parent, and let this process exit when the parent does.

    However the parent ends: a worker without one would wait for tasks for ever.
    """
    gc.disable()
    parent = parent_process()
    assert parent is not None

    def exit_with_parent() -> None:
        parent.join()
        os._exit(1)

    Thread(target=exit_with_parent, daemon=True).start()


def choose_worker_count(branch_count: int) -> int:
    """Return how many processes to use for a number of branches: one for every eight, at most one per processor."""
    return max(1, min(os.cpu_count() or 1, branch_count // _BRANCHES_PER_PROCESS))


@contextmanager
def open_processes(count: int) -> Iterator[Workers]:
    """Start processes on this machine, each with a queue of its own; a count of one is this process itself."""
    if count == 1:
        yield [InlineExecutor()]
        return
    # A pool each, and not one of several processes: a branch's tasks go to the process that remembers the branch.
    with ExitStack() as stack:
        pools = [stack.enter_context(ProcessPoolExecutor(1, initializer=_initialize_worker)) for _ in range(count)]
        # A trivial task makes each start now: a process forked later would inherit the lock of the project.
        wait([pool.submit(int) for pool in pools])
        yield pools
