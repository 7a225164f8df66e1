"""``jifenbang form``: the printable ledger form 台账 that the branch committee signs."""

from datetime import date
from pathlib import Path

import click

from generator import books, build
from generator.commands.console import locate, on_project, open_books, stop
from generator.project import Project
from generator.publish import release


@click.command("form", help="打印一份台账（HTML）；草稿盖“送审稿”字样。")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="写到文件，默认打印到屏幕"
)
@on_project
def command(project: Project, today: date, *, file: Path, output: Path | None) -> None:
    """Write the form of any readable ledger, approved or draft."""
    found = open_books(project, today)
    name = project.name(locate(project, file))
    ledgers = {file: one for one in (*found.approved.values(), *found.drafts.values()) for file in one.files}
    ledger = ledgers.get(name)
    if ledger is None:
        own = [problem for problem in books.read(project, today).problems if problem.where.file == name]
        if any(problem.is_error for problem in own):
            stop(project, own)
        raise click.UsageError(f"“{name}”不是台账文件")
    theme, problems = build.find_theme(found)
    if theme is None:
        stop(project, problems)
    html = build.sheet(found, ledger, theme)
    if output is None:
        click.echo(html)
    elif release.in_sources(project, output) or (output.exists() and output.suffix != ".html"):
        raise click.UsageError(f"不能写到“{output}”：那里是站点的原始资料或别的文件，请换一个 .html 文件名")
    else:
        try:
            output.write_text(html, encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"写不到“{output}”：文件夹不存在或不能写入") from error
        click.echo(f"台账已写到：{output.resolve()}")
