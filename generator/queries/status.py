"""Compute the progress of every branch's ledgers, and what to do next about each month."""

from datetime import date

from generator.core.basics.periods import Period
from generator.core.page_data import dashboard
from generator.core.page_data.dashboard import Dashboard, DashboardInputs, DraftFile
from generator.core.scoring import objection_periods
from generator.core.scoring.results import Results
from generator.loader import arguments, load
from generator.loader.load import LoadedProject, LoadResult
from generator.problems import CommandResult
from generator.project import Project
from generator.publish import published_digests
from generator.workflow import reservations


def compute_status(
    project: Project, today: date, period: Period | None, branch: str | None
) -> CommandResult[Dashboard]:
    """Compute the dashboard of a period, None for the newest year that has begun, of one branch or of all."""
    return view_status(load.load_project(project, today), period, branch)


def view_status(load_result: LoadResult, period: Period | None, branch: str | None) -> CommandResult[Dashboard]:
    """Return the dashboard of a project that is loaded.

    Errors in drafts are no problems here: the draft is shown as one that has some.
    """
    errors = tuple(problem for problem in load_result.downgraded_problems() if problem.is_error)
    loaded = load_result.loaded
    if loaded is None or errors:
        return CommandResult(problems=errors)
    selected = arguments.find_branch(loaded.roster, branch)
    usage_error = arguments.year_usage_error(loaded.rulebooks, period) if period else ""
    if usage_error or isinstance(selected, str):
        return CommandResult(usage_error=usage_error or str(selected))
    view = _build_dashboard(load_result, loaded)
    return CommandResult(dashboard.select_part(view, period, selected.id if selected else None))


def _build_dashboard(load_result: LoadResult, loaded: LoadedProject) -> Dashboard:
    """Build the view that the committee's overview page shows, too, with what has been published until now."""
    approvals = {key: ledger.approvals for key, ledger in loaded.approved_ledgers.items()}
    approved = frozenset(approvals)
    results = Results(loaded.roster, loaded.rulebooks, {}, approved, approved, loaded.today)
    with_errors = {problem.where.file for problem in load_result.problems if problem.is_error}
    inputs = DashboardInputs(
        drafts=[
            DraftFile(
                file.name, file.branch, file.month, is_correction=file.number > 0, has_errors=file.name in with_errors
            )
            for file in loaded.ledger_files.by_name.values()
            if not file.sealed
        ],
        filings=loaded.ledger_files.filings,
        reviewed_years=loaded.reviews,
        draft_ballots=sorted(loaded.ballot_files.draft_names),
        published=published_digests.read_published_digests(loaded.project),
        requested=reservations.find_requests_by_name(loaded),
    )
    notices = objection_periods.find_objection_periods(
        loaded.roster, loaded.rulebooks, approvals, loaded.settings, loaded.today
    )
    return dashboard.build_dashboard(results, approvals, notices, inputs)
