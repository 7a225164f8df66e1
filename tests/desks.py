"""Desks of this process, whose commands run in it, too."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from generator.commands import cli
from generator.desk import running
from generator.desk.desk import CommandOutput, Desk
from generator.desk.server import DeskServer
from generator.project import Project
from tests.served import Served, answer
from tests.served import running as served_by
from tests.site_project import SiteProject, members

TODAY = date(2026, 4, 2)
ROSTER = members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 yi", branches="jia yi")
LEDGER = "activities:\n  - {item: study, date: 2026-03-05, title: 学习}\n"
PUBLIC_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43


class RunningDesk:
    """A desk that runs: its address, and the server."""

    def __init__(self, served: Served, server: DeskServer, commands: list[list[str]]) -> None:
        self.address = served.address
        self.session = server.session
        self.commands = commands

    def get(self, path: str) -> tuple[int, str]:
        status, _, body = answer(self.address, f"GET {self._path(path)} HTTP/1.1\nHost: {self.host}\n\n")
        return status, body.decode()

    def download(self, path: str) -> bytes:
        status, _, body = answer(self.address, f"GET {self._path(path)} HTTP/1.1\nHost: {self.host}\n\n")
        assert status == 200, body
        return body

    def post(self, path: str, body: bytes | dict[str, str], more: str = "") -> tuple[int, dict[str, str], str]:
        raw = body if isinstance(body, bytes) else urlencode(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/x-www-form-urlencoded"
        head = f"POST {self._path(path)} HTTP/1.1\nHost: {self.host}\nOrigin: http://{self.host}\n{more}"
        request = f"{head}Content-Type: {kind}\nContent-Length: {len(raw)}\n\n"
        status, headers, answered = answer(self.address, request, raw)
        return status, headers, answered.decode()

    def act(self, name: str, fields: dict[str, str]) -> tuple[int, dict[str, str], str]:
        """Look at what an act will do, and do it."""
        answered = self.post(f"act/{name}", fields)
        hidden = dict(re.findall(r'name="(sure|digest)" value="([^"]*)"', answered[2]))
        return self.post(f"act/{name}", {**fields, **hidden}) if hidden else answered

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://").partition("/")[0]

    def _path(self, path: str) -> str:
        return f"/{self.address.removeprefix('http://').partition('/')[2]}{path}"


@contextmanager
def desk(root: Path, folder: Path, day: date) -> Iterator[RunningDesk]:
    """A desk of a project on a day; ``folder`` holds what it keeps for the time being."""
    commands: list[list[str]] = []

    def run(words: Sequence[str], _on_progress: Callable[[str], object]) -> CommandOutput:
        commands.append([*words])
        end = words.index("--") if "--" in words else len(words)
        more = ["--today", day.isoformat(), *(["--jobs", "1"] if words[0] == "build" else [])]
        line = ["-C", str(root), *words[:end], *more, *words[end:]]
        done = CliRunner().invoke(cli, line, prog_name="jifenbang")
        return CommandOutput(done.exit_code, done.output)

    folder.mkdir(exist_ok=True)
    server = DeskServer(Desk(Project(root), lambda: day, run), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "private_folder", lambda: folder / "private")
        with served_by(lambda served: server.run(served.take_address)) as served:
            yield RunningDesk(served, server, commands)


def make_organ(folder: Path) -> SiteProject:
    organ = SiteProject(folder, ROSTER)
    organ.ledger("jia", "2026-03", LEDGER)
    return organ


def table_of(page: str) -> dict:
    match = re.search(r'<script type="application/json" id="month">(.*?)</script>', page, re.DOTALL)
    assert match, page
    return json.loads(match[1])


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("content", "ledgers", "site")
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
