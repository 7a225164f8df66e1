"""Who does the work: this process, some beside it, or a cluster that is already there."""

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

_WORTH = 8  # branches for which it is worth while to begin a process
_RETRIES = 3  # of a piece of work whose worker was lost
_PATIENCE = 10  # seconds in which a cluster has to answer


class InlineExecutor(Executor):
    """Does all work in this process, at once."""

    def submit(self, function: Callable[..., T], /, *args: Any, **named: Any) -> "Future[T]":
        """Run it now."""
        done: Future[T] = Future()
        try:
            done.set_result(function(*args, **named))
        except Exception as error:  # noqa: BLE001  whoever asks for the result gets it
            done.set_exception(error)
        return done


Workers = Sequence[Executor]  # to which work is dealt out in turn


def open_workers(workers: int | str) -> AbstractContextManager[Workers]:
    """So many processes here, or the cluster at an address."""
    return open_processes(workers) if isinstance(workers, int) else open_cluster(workers)


@contextmanager
def open_cluster(address: str) -> Iterator[Workers]:
    """A Dask cluster that is already there, at ``dask://HOST:PORT``; its workers see the project where we see it."""
    client = _client(address)
    from distributed import KilledWorker  # noqa: PLC0415  an extra that only clusters need

    logging.disable()  # what Dask would say of a lost cluster is said below
    try:
        yield [client.get_executor(retries=_RETRIES, pure=False)]
    except (CancelledError, KilledWorker) as error:
        raise ClusterUnreachableError(f"“{address}”的集群中途断了，网站没有改动，请把它启动好，再运行一次") from error
    finally:
        client.close()
        logging.disable(logging.NOTSET)


def _client(address: str) -> Any:
    if not address.startswith("dask://"):
        raise ClusterUnreachableError(f"“{address}”不是集群的地址，请写成 dask://10.0.0.1:8786 的样子")
    try:
        from distributed import Client  # noqa: PLC0415  an extra that only clusters need

        return Client(address.removeprefix("dask://"), timeout=_PATIENCE)  # type: ignore[no-untyped-call]
    except ImportError as error:
        raise ClusterUnreachableError("要用集群，请先安装：pip install 'jifenbang[cluster]'") from error
    except (OSError, ValueError) as error:
        raise ClusterUnreachableError(f"连不上“{address}”，请核对地址，并确认集群已经启动") from error


def _follow() -> None:
    """Let this process end with its parent, however that ends: nobody else would ever give it work.

    Like its parent, it does without the garbage collector.
    """
    gc.disable()
    parent = parent_process()
    assert parent is not None

    def wait_for_it() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait_for_it, daemon=True).start()


def choose_worker_count(branch_count: int) -> int:
    """How many processes so many branches are worth: to begin one takes as long as some branches."""
    return max(1, min(os.cpu_count() or 1, branch_count // _WORTH))


@contextmanager
def open_processes(count: int) -> Iterator[Workers]:
    """So many processes on this machine, each with a queue of its own; one is this one."""
    if count == 1:
        yield [InlineExecutor()]
        return
    with ExitStack() as stack:
        pools = [stack.enter_context(ProcessPoolExecutor(1, initializer=_follow)) for _ in range(count)]
        # All of them begin now: what is forked later would inherit the lock of the project.
        wait([pool.submit(int) for pool in pools])
        yield pools
