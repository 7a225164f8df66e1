"""Servers of this process, each in a thread and a loop of its own."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from generator.local_server.guard import GuardedApplication
from generator.local_server.server import PreviewServer
from generator.problems import Problem
from generator.project import Project
from tests.site_project import TODAY

PATIENCE = 60  # seconds, of a machine that has much to do


class Served:
    """A server that runs: its address, and what it has said of each build."""

    def __init__(self) -> None:
        self.addresses: SimpleQueue[str] = SimpleQueue()
        self.builds: SimpleQueue[tuple[Problem, ...]] = SimpleQueue()
        self.quiet_looks: SimpleQueue[int] = SimpleQueue()
        self.address = ""
        self.redirect = Path()

    def take_address(self, address: str, redirect: Path) -> None:
        self.redirect = redirect
        self.addresses.put(address)

    def next_build(self) -> tuple[Problem, ...]:
        """The problems of the next build, when it is done."""
        return self.builds.get(timeout=PATIENCE)

    def settled_state(self) -> str:
        """The number of what a preview shows, once it has nothing left to build."""
        while not self.quiet_looks.empty():
            self.quiet_looks.get()
        self.quiet_looks.get(timeout=PATIENCE)  # may have begun before the last change
        return str(self.quiet_looks.get(timeout=PATIENCE))


@contextmanager
def running(start: Callable[[Served], Awaitable[Any]]) -> Iterator[Served]:
    """Run what ``start`` begins until the test is over; it has an address first."""
    served = Served()
    stops: SimpleQueue[Callable[[], object]] = SimpleQueue()

    async def run() -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task
        stops.put(lambda: loop.call_soon_threadsafe(task.cancel))
        await start(served)

    def run_until_cancelled() -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(run())

    thread = threading.Thread(target=run_until_cancelled)
    thread.start()
    stop = stops.get(timeout=PATIENCE)
    try:
        served.address = served.addresses.get(timeout=PATIENCE)
        yield served
    finally:
        stop()
        thread.join()


@contextmanager
def preview(root: Path, folder: Path, today: Any = TODAY) -> Iterator[Served]:
    """A preview of a project, on any free port; ``folder`` keeps what it builds."""
    folder.mkdir(exist_ok=True)

    async def start(served: Served) -> None:
        server = PreviewServer(Project(root), today, folder)
        find_change = server._watch.find_change  # noqa: SLF001

        def look() -> bool:
            changed = find_change()
            if not changed:
                served.quiet_looks.put(server.state)
            return changed

        server._watch.find_change = look  # noqa: SLF001
        await server.run(0, served.take_address, served.builds.put)

    with running(start) as served:
        yield served


@contextmanager
def guarded(application: GuardedApplication, max_body_size: int = 1000) -> Iterator[Served]:
    """An application behind the guard, on any free port."""

    async def start(served: Served) -> None:
        server = application.open_port(0, max_body_size)
        served.addresses.put(application.address)
        try:
            await asyncio.Event().wait()
        finally:
            server.stop()

    with running(start) as served:
        yield served


def answer(address: str, request: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Send a request as it is, and read status, headers and body of the answer."""
    host, port = address.removeprefix("http://").partition("/")[0].split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode() + body)
        with connection.makefile("rb") as reading:
            status = int(reading.readline().split()[1])
            lines = list(iter(lambda: reading.readline().decode().strip(), ""))
            headers = dict(line.split(": ", 1) for line in lines)
            length = int(headers.get("Content-Length", 0)) if not request.startswith("HEAD") else 0
            return status, headers, reading.read(length)
