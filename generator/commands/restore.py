"""``jifenbang restore``: put back sealed files that were changed or removed, from the project's own copies."""

import os
from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.problems import replace_invisible
from generator.project import Project
from generator.workflow import restore


@click.command(
    "restore",
    cls=ExampleCommand,
    help="列出已封存的文件改动了什么，恢复成封存时的样子；封存完好的，一概不动。",
    examples={
        "恢复一份": "jifenbang restore ledgers/2026/first/03.yaml",
    },
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件...")
@project_command
def command(project: Project, today: date, *, files: tuple[Path, ...]) -> None:
    """Restore all files or none, and print each line that was changed."""
    names = list(dict.fromkeys(_name_file(project, file) for file in files))
    for restored in unwrap_result(project, restore.restore_files(project, today, names)):
        click.echo(f"{restored.name} 与封存时的差别（- 恢复以前，+ 恢复以后）：")
        for line in restored.changes:
            click.echo(f"  {replace_invisible(line)}")
        replaced = f"，换下的内容存在 {restored.replaced}" if restored.replaced else ""
        click.echo(f"已恢复：{restored.name}{replaced}")
    click.echo("请再运行 jifenbang check。")


def _name_file(project: Project, file: Path) -> str:
    """Return the name of a file that may be gone, given from the current folder or from the project."""
    root = project.root.resolve()
    in_project = [path for path in (file, project.root / file) if root in path.parent.resolve().parents]
    path = next((path for path in in_project if os.path.lexists(path)), (in_project or [project.root / file])[0])
    # The folder's name, and not the file's own, which could be a link now.
    return f"{project.file_name(path.parent)}/{path.name}"
