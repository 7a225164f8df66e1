"""``jifenbang correct``: start a correction 更正 of a sealed month."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import locate_file, project_command, unwrap_result
from generator.core.basics.privacy import find_private_number
from generator.project import Project
from generator.workflow import correct


@click.command(
    "correct",
    cls=ExampleCommand,
    help="给一份已审核的台账起草更正；编号写要改写的各条，如 a1、e2，不写就全部列出。",
    examples={
        "先看有哪几条，选好再起草": "jifenbang correct ledgers/2026/first/11.yaml",
        "改写第一条活动和第二条记录": "jifenbang correct ledgers/2026/first/11.yaml a1 e2 --recorder 宋楠",
        "只补录或剔除，不改写": "jifenbang correct ledgers/2026/first/11.yaml 无",
    },
)
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@click.argument("lines", nargs=-1, metavar="[编号]...")
@click.option("--recorder", default="", metavar="姓名", help="登记人")
@project_command
def command(project: Project, today: date, *, file: Path, lines: tuple[str, ...], recorder: str) -> None:
    """Write the draft of the month's next correction beside its ledger."""
    if find_private_number(recorder) or not recorder.isprintable():
        raise click.UsageError("--recorder 请只写姓名")
    name = project.file_name(locate_file(project, file))
    draft_name = unwrap_result(project, correct.draft_correction(project, today, name, lines, recorder.strip()))
    click.echo(f"已起草：{draft_name}。请填写原因，改好各条，再送支委会审核。")
