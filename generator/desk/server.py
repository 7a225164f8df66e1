"""Serve the desk on this machine, in the guard of the preview, which is mounted in it."""

import asyncio
import logging
import tempfile
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

from generator.build.source_digests import InputChangedError
from generator.desk import handlers, running
from generator.desk.desk import Desk, RunCommand
from generator.desk.hand_in import MAX_BYTES, Tray
from generator.desk.lifecycle import Windows
from generator.local_server import preview_pages
from generator.local_server.guard import GuardedApplication
from generator.local_server.preview import Preview
from generator.problems import Problem
from generator.project import Project

_TICK = 5.0  # seconds


def serve_desk(
    project: Project,
    today: Callable[[], date],
    run_command: RunCommand,
    target: Path | None,
    on_ready: Callable[[str, Path], object],
) -> None:
    """Serve until the desk is closed; ``on_ready`` is called with the address and a file that leads a browser there."""
    for name in ("tornado", "livereload"):  # they would log in English
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with tempfile.TemporaryDirectory(prefix="jifenbang-") as folder:
        server = DeskServer(Desk(project, today, run_command, target), Path(folder))
        asyncio.run(server.run(on_ready))


class DeskServer:
    """A desk with its windows, its tray, and the preview that it shows; one act takes place at a time."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.windows = Windows()
        self.tray = Tray(folder)
        self.acting = asyncio.Lock()
        self.closing = asyncio.Event()
        self.application = GuardedApplication(handlers.list_routes(self))
        self._preview = Preview(desk.project, desk.today(), folder)
        self._previewing = threading.Lock()
        self._previewed: object = None
        self._problems: tuple[Problem, ...] = ()

    async def run(self, on_ready: Callable[[str, Path], object]) -> None:
        """Serve until closed."""
        listening = self.application.open_port(0, max_body_size=MAX_BYTES)
        address = self.application.address
        running.note_address(self.desk.project, address)
        try:
            on_ready(address, running.redirect_path(self.desk.project))
            while not self.closing.is_set():
                try:
                    await asyncio.wait_for(self.closing.wait(), _TICK)
                except TimeoutError:
                    if self.windows.tick(_TICK, busy=self.acting.locked()):
                        return
            await asyncio.sleep(0.2)  # so that the last answer is sent
        finally:
            listening.stop()
            running.forget_address(self.desk.project)

    def render_preview(self, path: str) -> tuple[int, bytes]:
        """Return the status and the bytes of a page of the preview, built anew if a file changed."""
        with self._previewing:
            digests = self.desk.read_state().digests
            if digests != self._previewed:
                try:
                    self._problems = self._preview.rebuild_site()
                    self._previewed = digests
                except InputChangedError:
                    pass  # the next page is built from the file as it is then
        raw = self._preview.read_page(path)
        if raw is not None:
            return 200, raw
        panel = preview_pages.render_problem_list(self.desk.project, self._problems)
        if self._preview.is_built:
            return 404, preview_pages.render_missing_page(path, f"{self.application.root}preview/", panel)
        return 503, preview_pages.render_waiting_page(panel, has_errors=True)
