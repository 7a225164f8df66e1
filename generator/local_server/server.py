"""Serve a preview on this machine, rebuilt after each change of the project's files."""

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from livereload import Server

from generator.local_server.preview import Preview
from generator.problems import Problem
from generator.project import Project


class PortInUseError(Exception):
    """A port on which another program listens."""


def serve_preview(
    project: Project,
    today: date,
    port: int,
    report_problems: Callable[[tuple[Problem, ...]], object],
    on_ready: Callable[[], None],
) -> None:
    """Serve until interrupted, and rebuild after each change of a source file.

    ``report_problems`` gets the problems of each build, and ``on_ready`` is called after the first one. Raises
    PortInUseError.
    """
    with tempfile.TemporaryDirectory(prefix="jifenbang-") as folder:
        preview = Preview(project, today, Path(folder))
        report_problems(preview.rebuild_site())
        server = Server()
        for source in (project.content_folder, project.ledgers_folder, project.root / "themes"):
            server.watch(str(source), lambda: report_problems(preview.rebuild_site()))
        on_ready()
        try:
            server.serve(port=port, host="127.0.0.1", root=str(preview.site_folder), default_filename="index.html")
        except OSError as error:
            raise PortInUseError from error
