"""``jifenbang serve``: a preview that follows every edit; drafts are scored and marked as such."""

import gc
from datetime import date

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import NumberType, print_problems, project_command
from generator.local_server.server import PortInUseError, serve_preview
from generator.project import Project


@click.command(
    "serve",
    cls=ExampleCommand,
    help="在本机预览网站，改动后自动刷新；草稿也计入，页面上标明。按 Ctrl+C 结束。",
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
    try:
        serve_preview(
            project,
            today,
            port,
            report_problems=lambda problems: print_problems(project, problems),
            on_ready=lambda: click.echo(f"预览地址：http://127.0.0.1:{port}/　按 Ctrl+C 结束。"),
        )
    except PortInUseError as error:
        raise click.UsageError(f"端口 {port} 已被占用，请用 --port 换一个，例如 --port {port + 1}") from error
