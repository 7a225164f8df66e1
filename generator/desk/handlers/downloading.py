"""Files that commands write, to be saved by the browser."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus

from tornado import web

from generator.desk import acts
from generator.desk.handlers.base import DeskHandler
from generator.desk.page import DeskPage
from generator.workflow import reservations


class DownloadHandler(DeskHandler):
    """A file that a command writes: a workbook or form, a report, an archive."""

    async def get(self, kind: str, period: str, branch: str = "") -> None:
        """Make it and send it."""
        if kind not in _DOWNLOADS:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        compose, suffix = _DOWNLOADS[kind]
        name = "-".join(filter(None, [kind.partition("-")[0], period, branch])) + suffix
        await self.send_output_file(compose(period, branch), "output", name)


class RequestDownloadHandler(DeskHandler):
    """The request for a signature that waits for its answer."""

    async def get(self, request_id: str) -> None:
        """Make it again, the same as before, and send it."""
        state = await asyncio.to_thread(self.desk.read_state)
        loaded = state.load_result.loaded
        request = reservations.find_waiting(loaded).get(request_id) if loaded else None
        if request is None:
            reason = "这份请求已经收到答复、撤回，或者草稿、名册后来改动过。请返回看现在的情况"
            self.draw(DeskPage("refused.html", "签名请求", {"reason": reason}), state, HTTPStatus.NOT_FOUND)
            return
        words, name = acts.compose_request(request)
        await self.send_output_file(words, "request", name)


def _compose_report(kind: str, file_format: str) -> Callable[[str, str], list[str]]:
    def compose(period: str, branch: str) -> list[str]:
        only = [f"--branch={branch}"] if branch else []
        return ["report", kind, period, *only, f"--format={file_format}"]

    return compose


_DOWNLOADS: Mapping[str, tuple[Callable[[str, str], list[str]], str]] = {
    "sheet": (lambda month, branch: ["sheet", month, f"--branch={branch}", "--format=xlsx"], ".xlsx"),
    "form": (lambda month, branch: ["sheet", month, f"--branch={branch}", "--format=html"], ".html"),
    "archive": (lambda period, _: ["archive", period], ".zip"),
    **{
        f"{name}-{file_format}": (_compose_report(kind, file_format), f".{file_format}")
        for name, kind in (("pack", "quarter"), ("results", "year"), ("awards", "awards"))
        for file_format in ("html", "xlsx", "pdf")
    },
}
