"""Pages of the desk, their scripts and styles, and the files of the preview."""

import asyncio
import re
from collections.abc import Callable
from http import HTTPStatus

from generator.desk import theme_colours
from generator.desk.handlers.base import ASSET_FOLDER, EDITOR_FOLDER, HTML, DeskHandler
from generator.desk.page import DeskPage, PageError
from generator.desk.pages import months, records
from generator.local_server.server import find_type
from generator.project import find_shipped_path

_ICON_FOLDER = find_shipped_path("themes/default/assets")

# Pages by the pattern of their address below the key.
_PAGES: tuple[tuple[str, Callable[..., DeskPage]], ...] = (
    (r"(?:([12][0-9]{3}))?", months.build_overview),
    (r"month/([a-z0-9-]+)/([0-9-]+)", months.build_month),
    (r"month/([a-z0-9-]+)/([0-9-]+)/(edit|correct)", months.build_editor),
    (r"moves((?:/[a-z0-9-]+/[0-9-]+)+)", months.build_moves),
    (r"approvals", records.build_approvals),
    (r"hand-in", records.build_hand_in),
    (r"people", records.build_people),
    (r"publish", records.build_publishing),
    (r"reports", records.build_reports),
    (r"settings", records.build_settings),
    (r"text/([a-z0-9:-]+)", records.build_text),
    (r"problems", records.build_problems),
)


class DeskPageHandler(DeskHandler):
    """A page of the desk."""

    async def get(self, path: str) -> None:
        """Send it."""
        state = await asyncio.to_thread(self.desk.read_state)
        for pattern, build in _PAGES:
            if match := re.fullmatch(pattern, path):
                words = [word for word in match.groups() if word]
                try:
                    page = await asyncio.to_thread(build, self.desk, state, *words)
                except PageError:
                    break
                self.draw(page, state)
                return
        unreadable = state.load_result.loaded is None
        page = DeskPage("problems.html", "页面不存在", {"problems": state.problems, "unreadable": unreadable})
        self.draw(page, state, HTTPStatus.NOT_FOUND)


class PreviewHandler(DeskHandler):
    """A file of the preview."""

    async def get(self, path: str) -> None:
        """Send it."""
        file = f"{path}index.html" if path == "" or path.endswith("/") else path
        status, raw = await asyncio.to_thread(self.session.render_preview, file)
        self.set_status(status)
        self.set_header("Content-Type", find_type(file) if status == HTTPStatus.OK else HTML)
        self.finish(raw)


class DeskAssetHandler(DeskHandler):
    """A script or style of the desk, or of the editor that it shares with the form, or the icon of every site."""

    async def get(self, name: str) -> None:
        """Send it."""
        folder = _ICON_FOLDER if name.endswith(".svg") else EDITOR_FOLDER if name.startswith("editor") else ASSET_FOLDER
        self.set_header("Content-Type", find_type(name))
        self.write((folder / name).read_bytes())
        if name == "desk.css":
            state = await asyncio.to_thread(self.desk.read_state)
            loaded = state.load_result.loaded
            self.write(theme_colours.format_theme_colours(loaded) if loaded else "")
        self.finish()
