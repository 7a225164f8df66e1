"""Serve a preview on this machine, rebuilt after each change of the project's files."""

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from livereload import Server

from generator.local_server.preview import Preview
from generator.problems import Problem
from generator.project import Project


class PortTakenError(Exception):
    """Another program listens on that port."""


def serve(
    project: Project, today: date, port: int, report: Callable[[tuple[Problem, ...]], None], ready: Callable[[], None]
) -> None:
    """Serve until interrupted; ``report`` gets the problems of each build, ``ready`` is called after the first.

    Raises PortTakenError.
    """
    with tempfile.TemporaryDirectory(prefix="jifenbang-") as folder:
        preview = Preview(project, today, Path(folder))
        report(preview.refresh())
        server = Server()
        for source in (project.content, project.ledgers, project.root / "themes"):
            server.watch(str(source), lambda: report(preview.refresh()))
        ready()
        try:
            server.serve(port=port, host="127.0.0.1", root=str(preview.site), default_filename="index.html")
        except OSError as error:
            raise PortTakenError from error
