"""The printable form of a ledger or correction, approved or draft."""

from collections.abc import Sequence
from datetime import date

from generator.core.model.ledger import Ledger, ValidLedger
from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import LedgerForm
from generator.core.sealing.sealed_files import LedgerFile
from generator.loader import load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult
from generator.project import Project
from generator.render.html.theme import Theme
from generator.render.site import committee_pages, page_renderer
from generator.render.site.edition import SiteContext


def render_form(project: Project, today: date, name: str) -> CommandResult[str]:
    """Draw the form of a ledger or correction as one HTML file.

    What is sealed or shared must be sound, and so must the file itself; other drafts don't matter.
    """
    reading = load.load_project(project, today)
    wrong = [problem for problem in reading.downgraded_problems() if problem.is_error]
    wrong = wrong or [problem for problem in reading.problems if problem.is_error and problem.where.file == name]
    if reading.loaded is None or wrong:
        return CommandResult(problems=tuple(wrong))
    layers, problems = load.load_theme_layers(project, reading.loaded.settings)
    if problems:
        return CommandResult(problems=tuple(problems))
    sheet = _form(reading.loaded, name)
    if isinstance(sheet, str):
        return CommandResult(usage_error=sheet)
    site = make_site_context(reading.loaded)
    return CommandResult(
        page_renderer.render_standalone(site, committee_pages.build_ledger_form_page(site, sheet), Theme(layers))
    )


def make_site_context(loaded: LoadedProject) -> SiteContext:
    """What a page of the project shows around its own."""
    return SiteContext(loaded.settings, loaded.roster.branch_by_id, loaded.articles, preview=False)


def _form(loaded: LoadedProject, name: str) -> LedgerForm | str:
    """The form; in words why there is none."""
    paper = loaded.ledger_files.by_name.get(name)
    if paper is None:
        return f"“{name}”不是台账文件"
    key = paper.branch, paper.month
    if paper.number == 0 and paper.sealed and key in loaded.approved_ledgers:
        return _sheet(loaded, loaded.approved_ledgers[key])
    papers = [one for one in loaded.ledger_files.by_name.values() if (one.branch, one.month) == key]
    states = _states(loaded, papers)[: papers.index(paper) + 1]
    if paper.number == 0 and states[0]:
        return _sheet(loaded, states[0])
    known = [one for one in states[-2:] if one]
    if len(known) < 2:  # noqa: PLR2004
        return f"“{name}”还打印不了：同一个月里它前面的更正草稿还有错误"
    return _corrected(loaded, papers, known)


def _sheet(loaded: LoadedProject, ledger: ValidLedger) -> LedgerForm:
    """The form of a month's ledger; a draft is scored as if it alone were approved."""
    scored = load.score_project(loaded, {} if ledger.sealed else {(ledger.branch, ledger.month): ledger})
    return ledger_forms.build_ledger_form(scored, ledger)


def _states(loaded: LoadedProject, papers: Sequence[LedgerFile]) -> list[ValidLedger | None]:
    """The month as each of its papers leaves it, as far as that can be told."""
    key = papers[0].branch, papers[0].month
    sealed = (
        [*loaded.effective_ledgers.before_corrections.get(key, ()), loaded.approved_ledgers[key]]
        if key in loaded.approved_ledgers
        else []
    )
    return [*sealed, *(loaded.effective_ledgers.if_approved.get(paper.name) for paper in papers if not paper.sealed)]


def _corrected(loaded: LoadedProject, papers: Sequence[LedgerFile], states: Sequence[ValidLedger]) -> LedgerForm:
    """The form of a correction: the last of these states of its month against the one before."""
    before, after = (
        load.score_ledgers(
            loaded, {**loaded.approved_ledgers, (one.branch, one.month): one}, frozenset(loaded.approved_ledgers)
        )
        for one in states[-2:]
    )
    document = papers[0].document
    assert isinstance(document, Ledger)
    return ledger_forms.build_correction_form(before, after, document, states[-1])
