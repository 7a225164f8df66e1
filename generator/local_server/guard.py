"""The guard of what is served to the browser of this machine: no other page can read it or act on it.

A browser lets any web page send requests to this machine, and any user of the machine can do so without one. What is
let in names the key, which only the start's own user is shown, in the first segment of its path; relative links carry
it on. It also names this address and port as its host, which a foreign name that is led here (DNS rebinding) does not.
Whatever is not mere reading comes from a page of this address, by what the browser itself says. A cookie would not do:
cookies know no port.
"""

import hmac
import secrets
from collections.abc import Sequence
from typing import Any, TypeAlias
from weakref import WeakSet

from tornado import netutil, web
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPHeaders,
    HTTPServerRequest,
    ParseBodyConfig,
    ParseMultipartConfig,
    set_parse_body_config,
)
from tornado.iostream import IOStream

Route: TypeAlias = tuple[str, type[web.RequestHandler], dict[str, Any]]
"""The pattern of paths below the key, the handler, and the arguments of its ``initialize``."""

_ADDRESS = "127.0.0.1"
_KEY_BYTES = 16
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_REFUSED = "打不开：网址不对，或者程序已经重新启动。请打开命令窗口里最新的网址。\n"


class _ClosingServer(HTTPServer):
    """A server that, once stopped, also ends what is connected: no page waits for an answer that won't come."""

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        super().initialize(*args, **kwargs)
        self._streams = WeakSet[IOStream]()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        self._streams.add(stream)
        super().handle_stream(stream, address)

    def stop(self) -> None:
        super().stop()
        for stream in list(self._streams):
            stream.close()


class GuardedApplication(web.Application):
    """Handlers that are reached only with the key, under this address, and for more than reading from its own pages.

    Every answer, refusals included, has the same strict headers. There is no access log, which would hold the key.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._key = secrets.token_urlsafe(_KEY_BYTES)
        self._host = ""
        guarded = [(f"/{self._key}/{pattern}", handler, arguments) for pattern, handler, arguments in routes]
        super().__init__(guarded, transforms=[_StrictHeaders], log_function=_log_nothing)

    @property
    def root(self) -> str:
        """The path below which everything is."""
        return f"/{self._key}/"

    @property
    def address(self) -> str:
        """The address to open, with the key."""
        return f"http://{self._host}{self.root}"

    def open_port(self, port: int, max_body_size: int) -> HTTPServer:
        """Listen on a port of this machine alone, for 0 on any free one; no request has more bytes than that.

        Raises OSError.
        """
        # An upload is one raw body: parsers of several parts in one were open to attacks again and again.
        set_parse_body_config(ParseBodyConfig(multipart=ParseMultipartConfig(enabled=False)))
        sockets = netutil.bind_sockets(port, _ADDRESS)
        # As a browser writes it: without the port that http has by default.
        self._host = f"{_ADDRESS}:{sockets[0].getsockname()[1]}".removesuffix(":80")
        server = _ClosingServer(self, max_body_size=max_body_size)
        server.add_sockets(sockets)
        return server

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
        """Find the handler of a request: before any route is tried, one that refuses it if it is not let in."""
        if not self._admits(request):
            return self.get_handler_delegate(request, _RefusingHandler)
        return super().find_handler(request, **kwargs)

    def _admits(self, request: HTTPServerRequest) -> bool:
        key = request.path.removeprefix("/").partition("/")[0]
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            return False
        if request.headers.get_list("Host") != [self._host]:
            return False
        # A socket is opened by a GET, and then open for more.
        only_reads = request.method in {"GET", "HEAD"} and "Upgrade" not in request.headers
        return only_reads or self._comes_from_its_pages(request.headers)

    def _comes_from_its_pages(self, headers: HTTPHeaders) -> bool:
        origins = headers.get_list("Origin")
        if origins in ([], ["null"]):  # null is what a form of ours says, too: its page sends no referrer
            return headers.get_list("Sec-Fetch-Site") == ["same-origin"]
        return origins == [f"http://{self._host}"]


class _StrictHeaders(web.OutputTransform):
    """The headers of every answer, whichever handler gives it."""

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: ARG002, FBT001  the signature is tornado's
    ) -> tuple[int, HTTPHeaders, bytes]:
        """Add the headers."""
        for name, value in _HEADERS.items():
            headers[name] = value
        return status_code, headers, chunk


class _RefusingHandler(web.RequestHandler):
    """The refusal of any request, whether or not there is what it names."""

    def prepare(self) -> None:
        """Refuse."""
        raise web.HTTPError(403)

    def write_error(self, status_code: int, **_: Any) -> None:  # noqa: ARG002  the signature is tornado's
        """Say so, whatever the method was."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_REFUSED)


def _log_nothing(_: web.RequestHandler) -> None:
    return None
