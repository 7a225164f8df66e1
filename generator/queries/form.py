"""The printable form of a ledger or correction, approved or draft."""

from collections.abc import Sequence
from datetime import date

from generator.core.model.ledger import Ledger, ValidLedger
from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import Sheet
from generator.core.sealing.sealed_files import LedgerFile
from generator.loader import load
from generator.loader.load import Books
from generator.problems import Answer
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import committee_pages, drawing
from generator.render.site.edition import Site


def form(project: Project, today: date, name: str) -> Answer[str]:
    """Draw the form of a ledger or correction as one HTML file.

    What is sealed or shared must be sound, and so must the file itself; other drafts don't matter.
    """
    reading = load.read(project, today)
    wrong = [problem for problem in reading.lenient() if problem.is_error]
    wrong = wrong or [problem for problem in reading.problems if problem.is_error and problem.where.file == name]
    if reading.books is None or wrong:
        return Answer(problems=tuple(wrong))
    layers, problems = load.theme(project, reading.books.settings)
    if problems:
        return Answer(problems=tuple(problems))
    sheet = _form(reading.books, name)
    if isinstance(sheet, str):
        return Answer(refused=sheet)
    site = site_of(reading.books)
    return Answer(drawing.standalone(site, committee_pages.sheet_page(site, sheet), Theme(layers)))


def site_of(loaded: Books) -> Site:
    """What a page of the project shows around its own."""
    return Site(loaded.settings, loaded.roster.branch, loaded.articles, preview=False)


def _form(loaded: Books, name: str) -> Sheet | str:
    """The form; in words why there is none."""
    paper = loaded.shelf.papers.get(name)
    if paper is None:
        return f"“{name}”不是台账文件"
    key = paper.branch, paper.month
    if paper.number == 0 and paper.sealed and key in loaded.approved:
        return _sheet(loaded, loaded.approved[key])
    papers = [one for one in loaded.shelf.papers.values() if (one.branch, one.month) == key]
    states = _states(loaded, papers)[: papers.index(paper) + 1]
    if paper.number == 0 and states[0]:
        return _sheet(loaded, states[0])
    known = [one for one in states[-2:] if one]
    if len(known) < 2:  # noqa: PLR2004
        return f"“{name}”还打印不了：同一个月里它前面的更正草稿还有错误"
    return _corrected(loaded, papers, known)


def _sheet(loaded: Books, ledger: ValidLedger) -> Sheet:
    """The form of a month's ledger; a draft is scored as if it alone were approved."""
    scored = load.score(loaded, {} if ledger.sealed else {(ledger.branch, ledger.month): ledger})
    return ledger_forms.sheet(scored, ledger)


def _states(loaded: Books, papers: Sequence[LedgerFile]) -> list[ValidLedger | None]:
    """The month as each of its papers leaves it, as far as that can be told."""
    key = papers[0].branch, papers[0].month
    sealed = [*loaded.counted.earlier.get(key, ()), loaded.approved[key]] if key in loaded.approved else []
    return [*sealed, *(loaded.counted.trials.get(paper.name) for paper in papers if not paper.sealed)]


def _corrected(loaded: Books, papers: Sequence[LedgerFile], states: Sequence[ValidLedger]) -> Sheet:
    """The form of a correction: the last of these states of its month against the one before."""
    before, after = (
        load.tally(loaded, {**loaded.approved, (one.branch, one.month): one}, frozenset(loaded.approved))
        for one in states[-2:]
    )
    document = papers[0].document
    assert isinstance(document, Ledger)
    return ledger_forms.corrected(before, after, document, states[-1])
