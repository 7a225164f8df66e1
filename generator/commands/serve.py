"""``jifenbang serve``: a preview that follows every edit; drafts are scored and marked as such."""

import gc
import signal
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import NumberType, print_problems, project_command
from generator.local_server.server import PortInUseError, serve_preview
from generator.problems import Problem
from generator.project import Project


@click.command(
    "serve",
    cls=ExampleCommand,
    help="在本机预览网站，存盘后自动更新，有错误就显示在网页上；草稿也计入并标明。按 Ctrl+C 结束。",
    examples={
        "预览": "jifenbang serve",
        "8000 已被占用时": "jifenbang serve --port 8001",
    },
)
@click.option("--port", type=NumberType(1, 65535), default=8000, metavar="端口号", help="端口，1 到 65535，默认 8000")
@project_command
def command(project: Project, today: date, *, port: int) -> None:
    """Build into a temporary folder, serve it on this machine only, and rebuild after each change."""
    gc.enable()  # this may run for days
    for name in ("SIGTERM", "SIGHUP"):  # the second as its window is closed; Windows has none
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)

    def report_build(problems: Sequence[Problem]) -> None:
        errors = print_problems(project, problems)
        click.echo(f"有 {errors} 处错误，改正并存盘后自动更新。" if errors else "预览已更新。")

    try:
        with suppress(KeyboardInterrupt):
            serve_preview(project, today, port, on_ready=_open_browser, on_build=report_build)
    except PortInUseError as error:
        raise click.UsageError(f"端口 {port} 已被占用，请用 --port 换一个，例如 --port {port + 1}") from error


def _open_browser(address: str, redirect: Path) -> None:
    click.echo(f"预览地址（只在本机、只在这一次有效，请不要发给别人）：{address}\n按 Ctrl+C 结束。")
    if sys.stdout.isatty():
        webbrowser.open(redirect.as_uri())
