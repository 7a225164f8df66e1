"""The parts that the handlers of a desk share: the desk, its windows, its tray, and the preview."""

import asyncio
import secrets
import threading
from pathlib import Path

from generator.build.source_digests import InputChangedError
from generator.desk.desk import Desk
from generator.desk.hand_in import Tray
from generator.desk.lifecycle import Windows
from generator.local_server import preview_pages
from generator.local_server.preview import Preview
from generator.problems import Problem


class Session:
    """A desk with its windows, its tray and its preview; one act takes place at a time.

    ``root`` is the path below which all its pages are.
    """

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.root = "/"
        self.windows = Windows()
        self.tray = Tray(folder)
        self.acting = asyncio.Lock()
        self.closing = asyncio.Event()
        self._offers: set[str] = set()
        self._preview = Preview(desk.project, desk.today(), folder)
        self._previewing = threading.Lock()
        self._previewed: object = None
        self._problems: tuple[Problem, ...] = ()

    def offer_act(self) -> str:
        """Return the word by which an act that was shown may be done, once."""
        offer = secrets.token_hex(8)
        self._offers.add(offer)
        return offer

    def accept_act(self, offer: str) -> bool:
        """Return whether an act was shown and has not been done yet: a second press of its button does nothing."""
        is_open = offer in self._offers
        self._offers.discard(offer)
        return is_open

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
            return 404, preview_pages.render_missing_page(path, f"{self.root}preview/", panel)
        return 503, preview_pages.render_waiting_page(panel, has_errors=True)
