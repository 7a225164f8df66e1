"""The part that all handlers of a desk share: pages, data and files are sent, forms are read."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tornado import web

from generator.desk import text_files
from generator.desk.desk import Desk, State
from generator.desk.page import DeskPage
from generator.desk.session import Session
from generator.disk import locked_files
from generator.render.html import package_pages

_DESK = Path(__file__).parents[1]
EDITOR_FOLDER = _DESK.parent / "render/export/form"
ASSET_FOLDER = _DESK / "assets"
HTML = "text/html; charset=utf-8"


class DeskHandler(web.RequestHandler):
    """A handler with the desk, whose errors are in Chinese."""

    def initialize(self, session: Session) -> None:
        """Take the session."""
        self.session = session
        self.desk: Desk = session.desk

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say that it did not work."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"没有办成（{status_code}）。请回到上一页重试；填的内容还在那里。\n")

    def draw(self, page: DeskPage, state: State, status: int = HTTPStatus.OK) -> None:
        """Send a page."""
        loaded = state.load_result.loaded
        data = {
            "root": self.session.root,
            "title": page.title,
            "organ": loaded.settings.organ if loaded else "",
            "counts": self.count_problems(state),
            "link_file": text_files.find_link,
            **page.data,
        }
        self.set_status(status)
        self.set_header("Content-Type", HTML)
        self.finish(package_pages.draw_page((_DESK / "templates", EDITOR_FOLDER), page.template, data))

    def count_problems(self, state: State) -> Mapping[str, int]:
        """Return how many problems the project has, for the head of a page that stays."""
        return {"errors": sum(problem.is_error for problem in state.problems), "all": len(state.problems)}

    def draw_unreadable(self, state: State) -> None:
        """Send all problems of a project that can't be read, in the place of another page."""
        self.draw(DeskPage("problems.html", "问题", {"problems": state.problems, "unreadable": True}), state)

    def send_json(self, data: Mapping[str, Any]) -> None:
        """Send data to the script of a page."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(data, ensure_ascii=False, default=str))

    async def send_output_file(self, words: Sequence[str], option: str, name: str) -> None:
        """Run a command that writes the file of an option, and send the file; or say why there is none."""
        path = self.session.tray.reserve(name)
        async with self.session.acting:
            output = await asyncio.to_thread(self.desk.peek, [*words, f"--{option}={path}"])
        if output.exit_code or not path.is_file():
            state = await asyncio.to_thread(self.desk.read_state)
            text = output.text.replace(str(path), "")
            self.draw(DeskPage("refused.html", "导出", {"reason": text}), state, HTTPStatus.BAD_REQUEST)
            return
        raw = path.read_bytes()
        locked_files.delete_file(path)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(raw)

    def read_fields(self) -> dict[str, str]:
        """Return the fields of a form, each once."""
        return {
            name: values[-1].decode("utf-8", errors="replace") for name, values in self.request.body_arguments.items()
        }

    def read_json(self) -> dict[str, Any]:
        """Return what the script of a page sent; anything but an object is refused."""
        try:
            request_data = json.loads(self.request.body)
        except (ValueError, RecursionError):
            request_data = None
        if not isinstance(request_data, dict):
            raise web.HTTPError(HTTPStatus.BAD_REQUEST)
        return request_data
