"""Render the printable form of a ledger or correction, approved or draft."""

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
    """Render the form of a ledger or correction as one HTML file.

    Approved and shared files must be sound, and so must the file itself; other drafts don't matter.
    """
    load_result = load.load_project(project, today)
    errors = [problem for problem in load_result.downgraded_problems() if problem.is_error]
    errors = errors or [problem for problem in load_result.problems if problem.is_error and problem.where.file == name]
    if load_result.loaded is None or errors:
        return CommandResult(problems=tuple(errors))
    layers, problems = load.load_theme_layers(project, load_result.loaded.settings)
    if problems:
        return CommandResult(problems=tuple(problems))
    form = _build_form(load_result.loaded, name)
    if isinstance(form, str):
        return CommandResult(usage_error=form)
    site = make_site_context(load_result.loaded)
    return CommandResult(
        page_renderer.render_standalone(site, committee_pages.build_ledger_form_page(site, form), Theme(layers))
    )


def make_site_context(loaded: LoadedProject) -> SiteContext:
    """Return what a page of the project shows around its own content."""
    return SiteContext(loaded.settings, loaded.roster, loaded.articles, loaded.today, preview=False)


def _build_form(loaded: LoadedProject, name: str) -> LedgerForm | str:
    """Return the form, or a message why there is none."""
    file = loaded.ledger_files.by_name.get(name)
    if file is None:
        return f"“{name}”不是台账文件。请写台账或更正的文件名，如 ledgers/2026/支部编号/03.yaml"
    key = file.branch, file.month
    if file.number == 0 and file.sealed and key in loaded.approved_ledgers:
        return _build_ledger_form(loaded, loaded.approved_ledgers[key])
    month_files = loaded.ledger_files.list_month(file.branch, file.month)
    states = _month_states(loaded, month_files)[: month_files.index(file) + 1]
    if file.number == 0 and states[0]:
        return _build_ledger_form(loaded, states[0])
    known_states = [state for state in states[-2:] if state]  # the form of a correction compares two states
    if len(known_states) < 2:  # noqa: PLR2004
        return f"“{name}”还打印不了：同一个月里它前面的更正草稿还有错误"
    return _build_correction_form(loaded, month_files, known_states)


def _build_ledger_form(loaded: LoadedProject, ledger: ValidLedger) -> LedgerForm:
    """Build the form of a month's ledger; a draft is scored as if it alone were approved."""
    scores = load.score_project(loaded, {} if ledger.sealed else {(ledger.branch, ledger.month): ledger})
    return ledger_forms.build_ledger_form(scores, ledger)


def _month_states(loaded: LoadedProject, month_files: Sequence[LedgerFile]) -> list[ValidLedger | None]:
    """Return the month as each of its files leaves it, None where that can't be evaluated."""
    key = month_files[0].branch, month_files[0].month
    approved_states = (
        [*loaded.effective_ledgers.before_corrections.get(key, ()), loaded.approved_ledgers[key]]
        if key in loaded.approved_ledgers
        else []
    )
    return [
        *approved_states,
        *(loaded.effective_ledgers.if_approved.get(file.name) for file in month_files if not file.sealed),
    ]


def _build_correction_form(
    loaded: LoadedProject, month_files: Sequence[LedgerFile], states: Sequence[ValidLedger]
) -> LedgerForm:
    """Build the form of a correction: the last of these states of its month compared with the one before."""
    before, after = (
        load.score_ledgers(
            loaded, {**loaded.approved_ledgers, (state.branch, state.month): state}, frozenset(loaded.approved_ledgers)
        )
        for state in states[-2:]
    )
    document = month_files[0].document
    assert isinstance(document, Ledger)
    return ledger_forms.build_correction_form(before, after, document, states[-1])
