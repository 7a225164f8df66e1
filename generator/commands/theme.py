"""``jifenbang theme``: start a theme of one's own."""

from datetime import date

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.project import Project
from generator.workflow import start_theme


@click.command(
    "theme",
    cls=ExampleCommand,
    help="新建主题 themes/名字：颜色、样式、改好一块的模板和说明；已有的不动。",
    examples={
        "新建一个叫 ours 的主题": "jifenbang theme ours",
    },
)
@click.argument("name", metavar="名字")
@project_command
def command(project: Project, today: date, *, name: str) -> None:
    """Write the files of the theme and say how to use it."""
    del today
    names = unwrap_result(project, start_theme.start_theme(project, name))
    click.echo(f"已新建主题 {name}：")
    for file in names:
        click.echo(f"  {file}")
    click.echo(f"请在 content/site.yaml 里写 theme: {name}，再运行 jifenbang serve，边改边看。")
