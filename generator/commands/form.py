"""``jifenbang form``: the printable ledger form 台账 that the branch committee signs, or that of a correction 更正."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import locate_file, project_command, unwrap_result
from generator.commands.output_file import OUTPUT_OPTION, write_output
from generator.project import Project
from generator.queries import form


@click.command(
    "form",
    cls=ExampleCommand,
    help="把一份台账或更正写成可以打印的网页；草稿盖“送审稿”字样。",
    examples={
        "写成网页，用浏览器打开、打印": "jifenbang form ledgers/2026/first/11.yaml --output 台账.html",
    },
)
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@OUTPUT_OPTION
@project_command
def command(project: Project, today: date, *, file: Path, output: Path | None) -> None:
    """Write the form of any readable ledger or correction, approved or draft."""
    html = unwrap_result(project, form.render_form(project, today, project.file_name(locate_file(project, file))))
    write_output(project, output, html, "html")
