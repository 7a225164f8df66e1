"""``jifenbang tidy``: mend the slips in drafts where only one reading is possible."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import advise_path, project_command, unwrap_result
from generator.problems import replace_invisible
from generator.project import Project
from generator.workflow import tidy


@click.command(
    "tidy",
    cls=ExampleCommand,
    help=(
        "改好草稿里的标点、空格、缩进和日期，只改只有一种读法的地方，列出改了什么。"
        "文件写文件夹的，整理其中没有封存的各份。已审核的文件一概不动。"
    ),
    examples={
        "整理一份": "jifenbang tidy ledgers/2026/first/11.yaml",
        "整理一个支部今年的全部草稿": "jifenbang tidy ledgers/2026/first",
    },
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件...")
@project_command
def command(project: Project, today: date, *, files: tuple[Path, ...]) -> None:  # noqa: ARG001  no day bears on it
    """Mend all files or none, and print each line that was changed."""
    tidied_files = unwrap_result(project, tidy.tidy_files(project, [_locate(project, file) for file in files]))
    for tidied in tidied_files:
        if tidied.changes:
            click.echo(f"{tidied.name} 改了这些地方（- 原来，+ 现在）：")
            for line in tidied.changes:
                click.echo(f"  {replace_invisible(line)}")
        if tidied.error_count:
            check = f"请运行 jifenbang check {tidied.name}"
            click.echo(f"{tidied.name} 还有 {tidied.error_count} 处要您自己改：{check}")
    count = sum(bool(tidied.changes) for tidied in tidied_files)
    click.echo(f"看了 {len(tidied_files)} 个文件，改了 {count} 个。")


def _locate(project: Project, path: Path) -> Path:
    """Return a file or folder, named from the current folder or from the project."""
    existing = next((found_path for found_path in (path, project.root / path) if found_path.exists()), None)
    if existing is None:
        raise click.UsageError(f"没有“{path}”这个文件或文件夹{advise_path(path)}")
    return existing
