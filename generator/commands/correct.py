"""``jifenbang correct``: start a correction 更正 of a sealed month."""

from datetime import date
from pathlib import Path

import click

from generator import books
from generator.acts import correction
from generator.commands.console import locate, on_project, stop
from generator.core.privacy import private
from generator.project import Project
from generator.publish import approvals
from generator.publish.lock import lock


@click.command("correct", help="给一份已审核的台账起草更正；LINE 写要改写的各条编号，如 a1、e2，不写就全部列出。")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("lines", nargs=-1, metavar="[LINE]...")
@click.option("--recorder", default="", metavar="NAME", help="登记人")
@on_project
def command(project: Project, today: date, *, file: Path, lines: tuple[str, ...], recorder: str) -> None:
    """Write the draft of the month's next correction beside its ledger."""
    if private(recorder) or not recorder.isprintable():
        raise click.UsageError("--recorder 请只写姓名")
    with lock(project):
        reading = books.read(project, today)
        found = reading.books
        if found is None:
            stop(project, [problem for problem in reading.problems if problem.is_error])
        paper = found.shelf.papers.get(project.name(locate(project, file)))
        if paper is None:
            raise click.UsageError(f"“{file}”不是台账或更正文件")
        name, text, problems = correction.started(found, paper, lines, recorder.strip())
        if problems:
            stop(project, problems)
        approvals.write({project.root / name: text.encode()})
        click.echo(f"已起草：{name}。请填写原因，改好各条，再送支委会审核。")
