"""The windows of a desk: that it runs, that they are open, and the button that ends it."""

from http import HTTPStatus

from tornado import websocket

from generator.desk.handlers.base import DeskHandler
from generator.desk.session import Session


class AliveHandler(DeskHandler):
    """The sign that this desk runs."""

    def get(self) -> None:
        """Say so."""
        self.finish("ok")


class CloseHandler(DeskHandler):
    """The button that ends the desk."""

    def post(self) -> None:
        """End it, unless something was typed that isn't saved."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if self.session.windows.has_unsaved_input or self.session.acting.locked():
            self.set_status(HTTPStatus.CONFLICT)
            self.finish("还有没保存的内容，或者有一件事正在办，没有关闭。\n")
            return
        self.finish("工作台已经关闭，可以关掉这个窗口。要再用，请重新打开。\n")
        self.session.closing.set()


class WindowHandler(websocket.WebSocketHandler):
    """The socket by which a window says that it is there, and whether it has unsaved input."""

    def initialize(self, session: Session) -> None:
        """Take the session."""
        self._windows = session.windows
        self._window = ""

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002  the guard has compared it
        """Let it in."""
        return True

    def open(self, window: str) -> None:
        """Note the window."""
        self._window = window
        self._windows.open(window)

    def on_message(self, message: str | bytes) -> None:
        """Note whether it has unsaved input."""
        if message in {"unsaved", "saved"}:
            self._windows.report(self._window, unsaved=message == "unsaved")

    def on_close(self) -> None:
        """Note that it is gone."""
        self._windows.close(self._window)
