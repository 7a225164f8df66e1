"""Serve a preview on this machine, rebuilt after each change of the project's files.

Pages wait for the next build at livereload's socket, which this adapts. The rest of livereload is not used: its server
has addresses without a key, its script knows no other address, and its watcher goes by the times of files and drops a
change within three seconds of the one before.
"""

import asyncio
import logging
import mimetypes
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

from livereload.handlers import LiveReloadHandler
from markupsafe import Markup
from tornado import web
from tornado.websocket import WebSocketClosedError

from generator.build.source_digests import InputChangedError
from generator.disk import locked_files
from generator.disk.temporary_folder import make_temporary_folder
from generator.local_server import preview_pages
from generator.local_server.guard import GuardedApplication
from generator.local_server.preview import Preview
from generator.local_server.source_watch import SourceWatch
from generator.problems import Problem
from generator.project import Project

_PAUSE = 0.15  # seconds between two looks at the files
_PAUSE_SHARE = 10  # a look that takes long is followed by a pause so many times as long
_RELOAD = {"command": "reload"}
_ASSETS_PATH = "-/"  # no path of a site begins like this
_ASSETS = Path(__file__).parent / "assets"
_HTML = "text/html; charset=utf-8"
_TYPES = mimetypes.MimeTypes()  # Python's own: on Windows others may say that a script is text


class PortInUseError(Exception):
    """A port on which another program listens."""


def serve_preview(
    project: Project,
    today: date,
    port: int,
    *,
    on_ready: Callable[[str, Path], object],
    on_build: Callable[[tuple[Problem, ...]], object],
) -> None:
    """Serve until interrupted, and build at once and after each change of a source file.

    ``on_ready`` is called as soon as pages are served, with their address and with a file that leads a browser there.
    ``on_build`` gets the problems of each build. Raises PortInUseError.
    """
    for name in ("tornado", "livereload"):  # they would log in English
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with make_temporary_folder() as folder:
        server = PreviewServer(project, today, folder)
        asyncio.run(server.run(port, on_ready, on_build))


class PreviewServer:
    """A preview, and the panel of problems that its pages show; ``state`` counts what there was to show."""

    def __init__(self, project: Project, today: date, folder: Path) -> None:
        self.application = GuardedApplication(
            [
                (rf"{_ASSETS_PATH}live/(\d+)", _LiveHandler, {"server": self}),
                (rf"{_ASSETS_PATH}(live\.(?:js|css))", _AssetHandler, {}),
                ("(.*)", _PageHandler, {"server": self}),
            ]
        )
        self.state = 0
        self.waiting: set[_LiveHandler] = set()  # of this server: livereload's own set is that of all in a process
        self._project = project
        self._folder = folder
        self._preview = Preview(project, today, folder)
        self._watch = SourceWatch(project.content_folder, project.ledgers_folder, project.root / "themes")
        self._has_errors = False
        self._panel = self._render_panel(())

    async def run(
        self,
        port: int,
        on_ready: Callable[[str, Path], object],
        on_build: Callable[[tuple[Problem, ...]], object],
    ) -> None:
        """Serve, and build at once and after each change, until cancelled."""
        try:
            listening = self.application.open_port(port, max_body_size=0)
        except OSError as error:
            raise PortInUseError from error
        try:
            on_ready(self.application.address, self._write_redirect())
            await asyncio.to_thread(self._watch.find_change)
            while True:
                # In another thread, so that the last good site is served meanwhile.
                problems = await asyncio.to_thread(self._build)
                if problems is not None:
                    await self._show(problems)
                    on_build(problems)
                    await self._wait_for_change()
        finally:
            listening.stop()

    def render_page(self, path: str) -> tuple[int, bytes]:
        """Return the status and the bytes of a page."""
        if not self._preview.is_built:
            return 503, preview_pages.render_waiting_page(self._panel, has_errors=self._has_errors)
        raw = self._preview.read_page(path)
        if raw is None:
            return 404, preview_pages.render_missing_page(path, self.application.root, self._panel)
        return 200, preview_pages.add_panel(raw, self._panel) if path.endswith(".html") else raw

    def _write_redirect(self) -> Path:
        """Write a page that leads on to the address.

        It is opened in its place: all users of a machine can see how a browser was called, but not what is in here.
        """
        path = self._folder / "open.html"
        with locked_files.create_private(path) as file:
            file.write(preview_pages.render_redirect(self.application.address))
        return path

    def _build(self) -> tuple[Problem, ...] | None:
        """Build, and return the problems; None if a file was saved meanwhile."""
        try:
            return self._preview.rebuild_site()
        except InputChangedError:
            time.sleep(_PAUSE)  # until it is written
            return None

    async def _show(self, problems: tuple[Problem, ...]) -> None:
        """Show the result of a build, in pages that are open, too."""
        self._has_errors = any(problem.is_error for problem in problems)
        self.state += 1
        self._panel = await asyncio.to_thread(self._render_panel, problems)
        for waiting in [*self.waiting]:
            waiting.send_message(_RELOAD)

    def _render_panel(self, problems: tuple[Problem, ...]) -> Markup:
        assets = self.application.root + _ASSETS_PATH
        is_built = self._preview.is_built
        return preview_pages.render_panel(self._project, problems, assets, self.state, is_built=is_built)

    async def _wait_for_change(self) -> None:
        changed = False
        while not changed:
            start = time.monotonic()
            changed = await asyncio.to_thread(self._watch.find_change)
            if not changed:
                await asyncio.sleep(max(_PAUSE, _PAUSE_SHARE * (time.monotonic() - start)))


class _Handler(web.RequestHandler):
    """A handler whose errors are in Chinese."""

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say that it did not work."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"预览没有办成（{status_code}）。请回到上一页重试。\n")


class _PageHandler(_Handler):
    """A file of the site, or a page in its place."""

    def initialize(self, server: PreviewServer) -> None:
        """Take the server."""
        self._server = server

    def get(self, path: str) -> None:
        """Send it."""
        file = f"{path}index.html" if path == "" or path.endswith("/") else path
        status, raw = self._server.render_page(file)
        self.set_status(status)
        self.set_header("Content-Type", find_type(file) if status == HTTPStatus.OK else _HTML)
        self.finish(raw)

    head = get


class _AssetHandler(_Handler):
    """A file that pages of the preview need besides those of the site."""

    def get(self, name: str) -> None:
        """Send it."""
        self.set_header("Content-Type", find_type(name))
        self.finish((_ASSETS / name).read_bytes())

    head = get


class _LiveHandler(LiveReloadHandler):  # type: ignore[misc]  # livereload has no types
    """The socket of a page that waits for the time to load again."""

    def initialize(self, server: PreviewServer) -> None:
        """Take the server."""
        self._server = server

    def open(self, state: str) -> None:
        """Let the page wait, unless it shows an earlier state already."""
        self._server.waiting.add(self)
        if int(state) != self._server.state:
            self.send_message(_RELOAD)

    def send_message(self, message: dict[str, str]) -> None:
        """Send a message to the page, unless that was closed meanwhile."""
        with suppress(WebSocketClosedError):
            self.write_message(message).add_done_callback(_forget_failure)

    def on_close(self) -> None:
        """Forget the page."""
        self._server.waiting.discard(self)


def _forget_failure(sent: "asyncio.Future[None]") -> None:
    if not sent.cancelled():
        sent.exception()  # one that is never read is logged in English


def find_type(name: str) -> str:
    """Return the type of a file's content by its name."""
    kind = _TYPES.guess_type(name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind.endswith(("xml", "javascript", "json"))
    return f"{kind}; charset=utf-8" if is_text else kind
