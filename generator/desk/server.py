"""Serve the desk on this machine, in the guard of the preview, which is mounted in it."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

from generator.desk import running
from generator.desk.desk import Desk, RunCommand
from generator.desk.handlers import routes
from generator.desk.session import Session
from generator.intake.files.attachment_file import MAX_BYTES
from generator.local_server.guard import GuardedApplication
from generator.project import Project

_TICK = 5.0  # seconds


def serve_desk(
    project: Project,
    today: Callable[[], date],
    run_command: RunCommand,
    on_ready: Callable[[str, Path], object],
) -> None:
    """Serve until the desk is closed; ``on_ready`` is called with the address and a file that leads a browser there."""
    for name in ("tornado", "livereload"):  # they would log in English
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with running.open_work_folder(project) as folder:
        server = DeskServer(Desk(project, today, run_command), folder)
        asyncio.run(server.run(on_ready))


class DeskServer:
    """A desk on a port of this machine."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.session = Session(desk, folder)
        self._application = GuardedApplication(routes.list_routes(self.session))
        self.session.root = self._application.root

    async def run(self, on_ready: Callable[[str, Path], object]) -> None:
        """Serve until closed."""
        session, project = self.session, self.session.desk.project
        await asyncio.to_thread(session.desk.warm_up)
        try:
            listening = self._application.open_port(running.usual_port(project), max_body_size=MAX_BYTES)
        except OSError:  # another program listens there
            listening = self._application.open_port(0, max_body_size=MAX_BYTES)
        address = self._application.address
        running.note_address(project, address)
        try:
            on_ready(address, running.redirect_path(project))
            while not session.closing.is_set():
                try:
                    await asyncio.wait_for(session.closing.wait(), _TICK)
                except TimeoutError:
                    if session.windows.tick(_TICK, busy=session.acting.locked()):
                        return
            await asyncio.sleep(0.2)  # so that the last answer is sent
        finally:
            listening.stop()
            running.forget_address(project)
