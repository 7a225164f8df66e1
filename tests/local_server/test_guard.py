"""Who is let in by the guard of local pages: raw requests against a server of this process."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from generator.local_server.guard import GuardedApplication
from tests.served import PATIENCE, Served, answer, guarded, preview
from tests.site_project import SiteProject, members

STRICT = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
SECRET = "此处只许本人看"


class Act(RequestHandler):
    def get(self) -> None:
        self.finish(SECRET)

    head = get

    def post(self) -> None:
        self.finish(SECRET + self.request.body.decode())

    put = delete = options = post


class Socket(WebSocketHandler):
    def check_origin(self, _: str) -> bool:
        return True


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with guarded(GuardedApplication([("act", Act, {}), ("socket", Socket, {})])) as running:
        yield running


def filled(text: str, address: str) -> str:
    """A request with HOST, PORT and KEY in it."""
    parts = urlsplit(address)
    words = {"HOST": parts.netloc, "PORT": str(parts.port), "KEY": parts.path.strip("/"), "MORE": str(parts.port + 1)}
    for word, value in words.items():
        text = text.replace(word, value)
    return text


UPGRADE = (
    "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
)
POST = "POST /KEY/act HTTP/1.1\nHost: HOST\nContent-Length: 0"
OPENING = f"GET /KEY/socket HTTP/1.1\nHost: HOST\n{UPGRADE}"
OWN = "Origin: http://HOST"
SAME = "Sec-Fetch-Site: same-origin"

LET_IN = {
    "reading": "GET /KEY/act HTTP/1.1\nHost: HOST",
    "reading from the address bar": "GET /KEY/act HTTP/1.1\nHost: HOST\nSec-Fetch-Site: none",
    "the head alone": "HEAD /KEY/act HTTP/1.1\nHost: HOST",
    "an act of a page of ours": f"{POST}\n{OWN}",
    "and with both headers": f"{POST}\n{OWN}\n{SAME}",
    "a form of ours, whose page sends no referrer": f"{POST}\nOrigin: null\n{SAME}",
    "an old browser's": f"{POST}\n{SAME}",
    "a socket of ours": f"{OPENING}\n{OWN}",
}
REFUSED = {
    "no key": "GET /act HTTP/1.1\nHost: HOST",
    "no path": "GET / HTTP/1.1\nHost: HOST",
    "the key of an earlier start": f"GET /{'a' * 22}/act HTTP/1.1\nHost: HOST",
    "part of the key": "GET /KE/act HTTP/1.1\nHost: HOST",
    "more than the key": "GET /KEYa/act HTTP/1.1\nHost: HOST",
    "the key elsewhere": "GET /act?KEY HTTP/1.1\nHost: HOST",
    "the key second": "GET /x/KEY/act HTTP/1.1\nHost: HOST",
    "dots before the key": "GET /../KEY/act HTTP/1.1\nHost: HOST",
    "letters of no key": "GET /党/act HTTP/1.1\nHost: HOST",
    "a foreign host": "GET /KEY/act HTTP/1.1\nHost: evil.example",
    "a foreign host on this port": "GET /KEY/act HTTP/1.1\nHost: evil.example:PORT",
    "a name of this machine": "GET /KEY/act HTTP/1.1\nHost: localhost:PORT",
    "no port": "GET /KEY/act HTTP/1.1\nHost: 127.0.0.1",
    "another port": "GET /KEY/act HTTP/1.1\nHost: 127.0.0.1:MORE",
    "another address of this machine": "GET /KEY/act HTTP/1.1\nHost: 127.0.0.2:PORT",
    "a host that begins like ours": "GET /KEY/act HTTP/1.1\nHost: HOST.evil.example",
    "no host": "GET /KEY/act HTTP/1.0",
    "a whole address": "GET http://evil.example/KEY/act HTTP/1.1\nHost: HOST",
    "an act of nobody": POST,
    "an act of another port": f"{POST}\nOrigin: http://127.0.0.1:MORE\nSec-Fetch-Site: same-site",
    "an act of a name of this machine": f"{POST}\nOrigin: http://localhost:PORT",
    "an act over https": f"{POST}\nOrigin: https://HOST",
    "an act of a page without origin": f"{POST}\nOrigin: null\nSec-Fetch-Site: cross-site",
    "the same without more": f"{POST}\nOrigin: null",
    "an act from the address bar": f"{POST}\nSec-Fetch-Site: none",
    "two origins": f"{POST}\n{OWN}\nOrigin: http://evil.example",
    "an origin against the other header": f"{POST}\nOrigin: http://evil.example\n{SAME}",
    "an act without the key": f"POST /act HTTP/1.1\nHost: HOST\n{OWN}\nContent-Length: 0",
    **{method: f"{method} /KEY/act HTTP/1.1\nHost: HOST\nContent-Length: 0" for method in ("PUT", "DELETE", "OPTIONS")},
    "a method that nobody knows": "STEAL /KEY/act HTTP/1.1\nHost: HOST",
    "a socket of nobody": OPENING,
    "a socket of another port": f"{OPENING}\nOrigin: http://127.0.0.1:MORE",
    "a socket of a foreign page": f"{OPENING}\nOrigin: http://evil.example",
    "a socket of an address in its place": f"{OPENING}\nOrigin: http://127.0.0.1",
    "a socket without the key": f"GET /socket HTTP/1.1\nHost: HOST\n{UPGRADE}\n{OWN}",
    "a socket at a foreign host": f"GET /KEY/socket HTTP/1.1\nHost: evil.example\n{UPGRADE}\nOrigin: http://evil.example",
}


@pytest.mark.parametrize("request_", LET_IN.values(), ids=LET_IN)
def test_what_is_let_in(served: Served, request_: str):
    status, headers, body = answer(served.address, filled(request_, served.address) + "\n\n")
    assert status == (101 if "Upgrade" in request_ else 200)
    if status == 200:
        assert STRICT.items() <= headers.items()
        assert body.decode() == ("" if request_.startswith("HEAD") else SECRET)


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(served: Served, request_: str):
    status, headers, body = answer(served.address, filled(request_, served.address) + "\n\n")
    assert status == 403
    assert STRICT.items() <= headers.items()
    assert SECRET not in body.decode()
    assert "请打开命令窗口里最新的网址" in body.decode()


def test_two_hosts_are_no_host(served: Served):
    request_ = filled("GET /KEY/act HTTP/1.1\nHost: HOST\nHost: evil.example\n\n", served.address)
    status, _, body = answer(served.address, request_)
    assert status in {400, 403}
    assert SECRET not in body.decode()


@pytest.mark.parametrize(
    ("length", "kind", "status"),
    [(1000, "text/csv", 200), (1001, "text/csv", 400), (10, "multipart/form-data; boundary=x", 400)],
)
def test_a_body_is_bounded_and_one_part(served: Served, length: int, kind: str, status: int):
    request_ = f"POST /KEY/act HTTP/1.1\nHost: HOST\n{OWN}\nContent-Type: {kind}\nContent-Length: {length}\n\n"
    assert answer(served.address, filled(request_, served.address) + "x" * length)[0] == status


def test_nothing_stays_connected_to_a_server_that_has_stopped():
    with guarded(GuardedApplication([])) as served:
        connection = socket.create_connection(("127.0.0.1", urlsplit(served.address).port), timeout=PATIENCE)
        connection.sendall(b"GET / HTTP/1.1\r\n")
        answer(served.address, "GET / HTTP/1.1\n\n")  # so that the first connection is taken up
    with connection:
        assert connection.recv(1) == b""


def test_each_start_has_a_key_of_128_bits():
    keys = {GuardedApplication([]).root.strip("/") for _ in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {22}  # of 64 signs


def test_it_listens_on_this_machine_alone(served: Served):
    assert urlsplit(served.address).hostname == "127.0.0.1"


def test_a_preview_sends_no_file_but_those_of_the_site(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    organ = SiteProject(tmp_path / "organ", members("zhang 张三 jia", branches="jia"))
    organ.ledger("jia", "2026-02")
    with preview(organ.root, tmp_path / "kept") as served:
        served.next_build()

        def ask(request_: str) -> tuple[int, dict[str, str], bytes]:
            return answer(
                served.address, filled(request_, served.address) + "\nHost: " + urlsplit(served.address).netloc + "\n\n"
            )

        status, headers, body = ask("GET /KEY/ HTTP/1.1")
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "示例机关" in body.decode()
        status, headers, _ = ask("GET /KEY/search/0.js HTTP/1.1")
        assert (status, "javascript" in headers["Content-Type"]) == (200, True)
        assert STRICT.items() <= headers.items()
        for path in (
            "../kept/store/x",
            "%2e%2e/%2e%2e/organ/ledgers/roster.yaml",
            "..%5corgan",
            "-/../server.py",
            "-/server.py",
            "forcereload",
            "livereload.js",
            "nothing.html",
            "%00",
        ):
            status, headers, body = ask(f"GET /KEY/{path} HTTP/1.1")
            assert (status, path) == (404, path)
            assert "页面不存在" in body.decode()
            assert STRICT.items() <= headers.items()
        assert ask("GET /KEY/%ff HTTP/1.1")[0] == 400
        assert ask(f"POST /KEY/ HTTP/1.1\n{OWN}\nContent-Length: 0")[0] == 405
        assert served.redirect.stat().st_mode & 0o077 == 0
        assert served.address in served.redirect.read_text(encoding="utf-8")
    said = capfd.readouterr()
    assert said.out + said.err == ""
