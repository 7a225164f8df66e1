"""``jifenbang manual``: open the manual in the browser."""

import tempfile
import webbrowser
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command
from generator.commands.output_file import save_output
from generator.project import Project
from generator.queries import manual


@click.command(
    "manual",
    cls=ExampleCommand,
    help="在浏览器里打开使用手册，不用联网。",
    examples={
        "在浏览器里打开": "jifenbang manual",
    },
)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹", help="只写到这个文件夹，不打开"
)
@project_command
def command(project: Project, today: date, *, output: Path | None) -> None:
    """Write the manual's pages, and open the first of them unless they are written for later."""
    folder = output or Path(tempfile.mkdtemp(prefix="jifenbang-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name, html in manual.render_manual(today).items():
        save_output(project, folder / name, html.encode(), ".html")
    path = (folder / manual.MANUAL).resolve()
    if output is None and not webbrowser.open(path.as_uri()):
        click.echo("没有能打开的浏览器，请自己打开下面的文件。", err=True)
    click.echo(f"使用手册在：{path}")
