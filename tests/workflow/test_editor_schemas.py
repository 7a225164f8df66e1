"""Drafts in an editor: its language server finds the schema that they name, completes their keys and marks mistakes."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.intake.files import schemas
from generator.project import Project
from generator.workflow import editor_schemas
from tests.conftest import WEB
from tests.site_project import SiteProject

DRAFT = """{heading}
branch: first
month: 2026-03
recorder: 崔玉琴
activities:
  - item: study
    date: 2026-03-05
    present: 林远
    titel: 党章
    {typed}
"""


class LanguageServer:
    """A server of the Language Server Protocol, spoken to by its standard streams."""

    def __init__(self, root: Path) -> None:
        server = WEB / "yaml-language-server/bin/yaml-language-server"
        self.process = subprocess.Popen(
            ["node", server, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )
        self.last = 0
        self.said: list[dict[str, Any]] = []
        self.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
        self.send({"method": "initialized", "params": {}})

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        stream = self.process.stdout
        assert stream
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name == b"Content-Length" else length
        message: dict[str, Any] = json.loads(stream.read(length))
        if "id" in message and "method" in message:  # a request of the server's: it knows no settings
            asked = message["params"].get("items", []) if message["params"] else []
            self.send({"id": message["id"], "result": [None] * len(asked)})
        return message

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while (message := self.read()).get("id") != self.last or "method" in message:
            self.said.append(message)
        return message["result"]

    def open(self, path: Path) -> list[str]:
        """Open a file, and return the lines that are marked, with why."""
        text = path.read_text(encoding="utf-8")
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while (message := self.read()).get("method") != "textDocument/publishDiagnostics":
            pass
        return [
            f"{fault['range']['start']['line'] + 1}: {fault['message']}" for fault in message["params"]["diagnostics"]
        ]

    def complete(self, path: Path, line: int, column: int) -> list[str]:
        place = {"textDocument": {"uri": path.as_uri()}, "position": {"line": line - 1, "character": column - 1}}
        return [item["label"] for item in self.ask("textDocument/completion", place)["items"]]


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, "lin 林远 first 2025-01-01")


@pytest.fixture
def server(organ: SiteProject) -> Iterator[LanguageServer]:
    server = LanguageServer(organ.root)
    yield server
    server.process.kill()
    server.process.communicate()


@pytest.mark.needs("npm")
def test_a_draft_is_completed_and_its_mistakes_are_marked(organ: SiteProject, server: LanguageServer):
    done = organ.run("schema")
    assert done.exit_code == 0, done.output
    project = Project(organ.root)
    path = project.ledger_path("first", "2026-03")
    heading = editor_schemas.name_schema(project, path, "ledger")
    organ.write("ledgers/2026/first/03.yaml", DRAFT.format(heading=heading, typed=""))
    marks = server.open(path)
    assert len(marks) == 2
    assert marks[0].startswith("8: ")
    assert "array" in marks[0]
    assert marks[1].startswith("9: ")
    assert "titel" in marks[1]
    offered = server.complete(path, 10, 5)
    assert {"title", "leave", "absent", "exempt", "evidence", "late"} <= set(offered)
    assert not {"points", "date"} & set(offered)  # no key of a ledger; there already


def test_schemas_are_those_of_the_program_and_written_once(organ: SiteProject):
    done = organ.run("schema")
    assert done.exit_code == 0, done.output
    folder = organ.root / ".jifenbang/schemas"
    assert {path.stem for path in folder.iterdir()} == schemas.KINDS.keys()
    assert json.loads((folder / "cycle.json").read_bytes())["title"] == "年度设置"
    (folder / "cycle.json").write_bytes(b"{}")
    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    editor_schemas.refresh_schemas(Project(organ.root))
    assert [path.name for path, time in times.items() if path.stat().st_mtime_ns != time] == ["cycle.json"]
    assert json.loads((folder / "cycle.json").read_bytes())["title"] == "年度设置"


def test_a_folder_that_is_no_site_gets_no_schemas(tmp_path: Path):
    done = SiteProject.at(tmp_path).run("schema")
    assert done.exit_code == 2
    assert not (tmp_path / ".jifenbang").exists()
