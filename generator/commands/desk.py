"""``jifenbang desk``: all work of a month, in the browser of this machine."""

import gc
import sys
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import click

from generator.commands import command_processes
from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command
from generator.desk import running
from generator.desk.desk import CommandOutput
from generator.desk.server import serve_desk
from generator.project import Project
from generator.publish import target_folder


@click.command(
    "desk",
    cls=ExampleCommand,
    help="在浏览器里办一个月要办的全部事情：登记、审核、更正、公布、名册。只在本机打开；不用的时候自己关闭。",
    examples={
        "打开工作台": "jifenbang desk",
        "能在那里送到网页服务器的": "jifenbang desk --target /srv/www/jifen",
    },
)
@click.option(
    "--target",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="文件夹",
    help="公布以后可以送到哪个文件夹（网页服务器、网络盘）；不写就是上次送到的、写过的那个",
)
@project_command
def command(project: Project, today: date, *, target: Path | None) -> None:
    """Serve the desk on this machine only, or open the desk that runs already."""
    if not project.settings_path.is_file():
        raise click.UsageError(f"“{project.root}”不是站点文件夹，新建请运行 jifenbang new 文件夹")
    if target:
        if fault := target_folder.find_target_fault(project, project.site_folder.resolve(), target):
            raise click.UsageError(fault)
        target_folder.note_target(project, target)
    if address := running.find_running(project):
        click.echo(f"工作台已经打开：{address}")
        _open_browser(running.redirect_path(project))
        return
    gc.enable()  # this may run for days
    is_fixed = "today" in click.get_current_context().params and today != date.today()  # noqa: DTZ011
    fixed_day = ["--today", today.isoformat()] if is_fixed else []

    def run_command(words: Sequence[str], on_progress: Callable[[str], object]) -> CommandOutput:
        end = words.index("--") if "--" in words else len(words)
        return command_processes.run_command([*words[:end], *fixed_day, *words[end:]], project.root, on_progress)

    def announce(address: str, redirect: Path) -> None:
        click.echo(
            f"工作台（只在本机、只在这一次有效，请不要发给别人）：{address}\n用完按页面上的“关闭工作台”，或按 Ctrl+C。"
        )
        if noted := target_folder.read_target(project):
            click.echo(f"公布以后可以送到：{noted}（换一个的，用 --target 写明）")
        _open_browser(redirect)

    current_day = (lambda: today) if is_fixed else date.today
    with suppress(KeyboardInterrupt):
        serve_desk(project, current_day, run_command, announce)
    click.echo("工作台已经关闭。")


def _open_browser(redirect: Path) -> None:
    if sys.stdout.isatty():
        webbrowser.open(redirect.as_uri())
