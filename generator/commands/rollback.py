"""``jifenbang rollback``: give the site back its content before the last build."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import fail_with_problems, project_command
from generator.project import Project
from generator.publish import release


@click.command(
    "rollback",
    cls=ExampleCommand,
    help="把网站退回到上一次生成的样子；生成中途断了的，退回到断以前。最多能连退四次。",
    examples={
        "退回上一次": "jifenbang rollback",
    },
)
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹", help="退哪里，默认 site/")
@project_command
def command(project: Project, today: date, *, output: Path | None) -> None:  # noqa: ARG001  the past has its own day
    """Give the folder back the content of the release before."""
    target = output or project.site_folder
    rolled_back, problems = release.roll_back_release(project, target)
    if rolled_back is None:
        fail_with_problems(project, problems)
    manifest = rolled_back.manifest
    release_name = f"第 {manifest.number} 次生成（{manifest.day}）" if manifest.number else "第一次生成以前"
    click.echo(f"已退回到{release_name}：更新 {rolled_back.written} 个文件，撤下 {rolled_back.withdrawn} 个。")
    click.echo("台账没有改动，下一次 jifenbang build 又会换上较新的内容。")
    click.echo(f"网站在：{target.resolve()}")
