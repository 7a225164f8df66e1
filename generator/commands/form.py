"""``jifenbang form``: the printable ledger form 台账 that the branch committee signs, or that of a correction 更正."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from generator import assembly, books
from generator.books import Books
from generator.commands.console import locate, on_project, stop
from generator.commands.saving import save
from generator.core import sheets
from generator.core.model import Ledger, ValidLedger
from generator.core.sealedfiles import LedgerFile
from generator.project import Project
from generator.render import committee, pages
from generator.render.theme import Theme


@click.command("form", help="打印一份台账或更正（HTML）；草稿盖“送审稿”字样。")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="写到文件，默认打印到屏幕"
)
@on_project
def command(project: Project, today: date, *, file: Path, output: Path | None) -> None:
    """Write the form of any readable ledger or correction, approved or draft."""
    name = project.name(locate(project, file))
    found = _open(project, today, name)
    theme, problems = assembly.find_theme(found)
    if theme is None:
        stop(project, problems)
    html = _form(found, name, theme)
    if output is None:
        click.echo(html)
    else:
        save(project, output, html.encode(), ".html")
        click.echo(f"台账已写到：{output.resolve()}")


def _open(project: Project, today: date, name: str) -> Books:
    """The books, unless what is sealed or shared has an error, or the file itself; other drafts are none of it."""
    reading = books.read(project, today)
    wrong = [problem for problem in reading.lenient() if problem.is_error]
    wrong = wrong or [problem for problem in reading.problems if problem.is_error and problem.where.file == name]
    if reading.books is None or wrong:
        stop(project, wrong)
    return reading.books


def _form(found: Books, name: str, theme: Theme) -> str:
    paper = found.shelf.papers.get(name)
    if paper is None:
        raise click.UsageError(f"“{name}”不是台账文件")
    key = paper.branch, paper.month
    if paper.number == 0 and paper.sealed and key in found.approved:
        return _sheet(found, found.approved[key], theme)
    papers = [one for one in found.shelf.papers.values() if (one.branch, one.month) == key]
    states = _states(found, papers)[: papers.index(paper) + 1]
    if paper.number == 0 and states[0]:
        return _sheet(found, states[0], theme)
    known = [one for one in states[-2:] if one]
    if len(known) < 2:  # noqa: PLR2004
        raise click.UsageError(f"“{name}”还打印不了：同一个月里它前面的更正草稿还有错误")
    return _corrected(found, papers, known, theme)


def _sheet(found: Books, ledger: ValidLedger, theme: Theme) -> str:
    """The form of a month's ledger; a draft is scored as if it alone were approved."""
    scored = books.score(found, {} if ledger.sealed else {(ledger.branch, ledger.month): ledger})
    made = assembly.edition(found, assembly.ground(found, scored), [ledger])
    return pages.standalone(made, committee.sheet_page(made, made.sheets[0]), theme)


def _states(found: Books, papers: Sequence[LedgerFile]) -> list[ValidLedger | None]:
    """The month as each of its papers leaves it, as far as that can be told."""
    key = papers[0].branch, papers[0].month
    sealed = [*found.counted.earlier.get(key, ()), found.approved[key]] if key in found.approved else []
    return [*sealed, *(found.counted.trials.get(paper.name) for paper in papers if not paper.sealed)]


def _corrected(found: Books, papers: Sequence[LedgerFile], states: Sequence[ValidLedger], theme: Theme) -> str:
    """The form of a correction: the last of these states of its month against the one before."""
    before, after = (
        books.tally(found, {**found.approved, (one.branch, one.month): one}, frozenset(found.approved))
        for one in states[-2:]
    )
    document = papers[0].document
    assert isinstance(document, Ledger)
    sheet = sheets.corrected(before, after, document, states[-1])
    made = assembly.edition(found, assembly.ground(found, after), ())
    return pages.standalone(made, committee.sheet_page(made, sheet), theme)
