"""The pages of people, of publishing, of reports and of settings."""

from pathlib import Path
from typing import Any

from generator.core.basics.periods import PeriodKind, get_period, periods_within
from generator.core.model.roster import member_label
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.desk import text_files
from generator.desk.desk import Desk, State
from generator.desk.page import DeskPage, PageError
from generator.intake.files import attachment_file
from generator.loader.load import LoadedProject
from generator.publish.store import Store
from generator.render.site import routes
from generator.workflow import ballot_forms, reservations


def _loaded(state: State) -> LoadedProject:
    if state.load_result.loaded is None:
        raise PageError
    return state.load_result.loaded


def build_people(desk: Desk, state: State) -> DeskPage:
    """Build the roster as tables, with forms for each dated change."""
    loaded, today = _loaded(state), desk.today()
    roster = loaded.roster
    rows = [
        {
            "id": member.id,
            "label": member_label(member),
            "branch": roster.branch_by_id[branch].name if (branch := member.branch_on(today)) else "",
            "status": {"full": "正式", "probationary": "预备"}[member.status_on(today)],
            "since": member.since,
            "left": branch is None,
        }
        for member in roster.members
    ]
    secretaries = {
        branch.id: member_label(roster.member_by_id[secretary]) if (secretary := branch.secretary_on(today)) else ""
        for branch in roster.branches
    }
    data = {"members": rows, "branches": roster.branches, "secretaries": secretaries, "today": today}
    return DeskPage("people.html", "名册", data)


def build_approvals(_: Desk, state: State) -> DeskPage:
    """Build the list of all drafts, of which several can be approved at one meeting."""
    loaded = _loaded(state)
    places = {branch.id: place for place, branch in enumerate(loaded.roster.branches)}

    def find_place(file: SealedFile) -> int:
        return places[file.branch] if isinstance(file, LedgerFile) else len(places)

    faulty = {problem.where.file for problem in state.problems if problem.is_error}
    requests = reservations.find_requests_by_name(loaded)
    rows = [
        {
            "pick": f"{file.branch}/{file.month}/{file.number}" if isinstance(file, LedgerFile) else _ballot_id(file),
            "branch": loaded.roster.branch_by_id[file.branch].named_on(file.month.last).name
            if isinstance(file, LedgerFile)
            else "",
            "what": file.what if isinstance(file, LedgerFile) else file.name,
            "link": f"month/{file.branch}/{file.month}" if isinstance(file, LedgerFile) else f"text/{_ballot_id(file)}",
            "is_faulty": file.name in faulty,
            "request": requests.get(file.name),
        }
        for file in sorted(loaded.files_by_name.values(), key=find_place)
        if not file.sealed
    ]
    data = {"rows": rows, "is_signed": loaded.approver_lists.current is not None}
    return DeskPage("approvals.html", "一起审核", data)


def _ballot_id(file: SealedFile) -> str:
    """Return the id of the text of a ballot: 2026:reviews, 2026:votes:best."""
    return file.name.removeprefix("ledgers/").removesuffix(".yaml").replace("/", ":")


def build_publishing(desk: Desk, state: State) -> DeskPage:
    """Build the page from which the site is looked at, built, verified, carried and rolled back."""
    del state
    store = Store.for_output(desk.project, desk.project.site_folder.resolve())
    numbers = store.read_journal()
    current = store.read_manifest(numbers[0]) if numbers else None
    data: dict[str, Any] = {"current": current, "target": desk.target}
    return DeskPage("publish.html", "发布", data)


def build_reports(desk: Desk, state: State) -> DeskPage:
    """Build the links to packs, results, talk sheets and archives, to be looked at or downloaded."""
    loaded = _loaded(state)
    years = sorted((year for year in loaded.rulebooks if year <= desk.today().year), reverse=True)
    quarters = [
        quarter
        for year in years
        for quarter in reversed(periods_within(get_period(PeriodKind.YEAR, year), PeriodKind.QUARTER))
        if quarter.first <= desk.today()
    ]
    packs = [
        {"quarter": quarter, "branch": branch, "page": f"preview/{routes.pack_path(branch.id, quarter)}"}
        for quarter in quarters[:4]
        for branch in loaded.roster.branches
        if loaded.roster.has_members_in(branch.id, quarter)
    ]
    periods = [
        period
        for year in years
        for kind in (PeriodKind.YEAR, PeriodKind.HALF, PeriodKind.QUARTER)
        for period in periods_within(get_period(PeriodKind.YEAR, year), kind)
        if period.first <= desk.today()
    ]
    results = [
        {
            "year": year,
            "page": f"preview/{routes.results_path(year)}",
            "has_polls": any(name.startswith(f"ledgers/{year}/votes/") for name in loaded.ballot_files.by_name),
        }
        for year in years
    ]
    return DeskPage("reports.html", "材料", {"packs": packs, "results": results, "periods": periods})


def build_settings(desk: Desk, state: State) -> DeskPage:
    """Build the list of texts that can be edited, the years and the rulebooks."""
    loaded = state.load_result.loaded
    data = {
        "texts": text_files.list_texts(desk.project),
        "titles": {f"{article.folder}:{article.slug}": article.title for article in loaded.articles} if loaded else {},
        "years": loaded.rulebooks if loaded else {},
        "rulebooks": sorted(path.stem for path in (desk.project.ledgers_folder / "rulebooks").glob("*.yaml")),
        "problems": [problem for problem in state.problems if problem.where.file.startswith("ledgers/rulebooks/")],
        "next_year": desk.today().year + 1,
        "today": desk.today(),
        "has_formats": desk.project.import_path.is_file(),
    }
    return DeskPage("settings.html", "设置", data)


def build_text(desk: Desk, state: State, text_id: str) -> DeskPage:
    """Build the editor of a text, or the form of a ballot."""
    path: Path = text_files.find_text(desk.project, text_id)
    text, digest = text_files.read_text(path)
    loaded = state.load_result.loaded
    name = desk.project.file_name(path)
    ballot = loaded.ballot_files.by_name.get(name) if loaded else None
    form = ballot_forms.make_form(loaded, ballot) if loaded and ballot else None
    data = {
        "id": text_id,
        "name": name,
        "digest": form.digest if form else digest,
        "is_sealed": text_files.is_sealed(path),
        "is_signed": loaded is not None and loaded.approver_lists.current is not None,
        "request": reservations.find_requests_by_name(loaded).get(name) if loaded else None,
        "is_ballot": text_id[:1].isdigit(),
        "preview": f"preview/{_find_page(state, path)}",
    }
    if form and ballot:
        problems = [problem for problem in state.problems if problem.where.file == name]
        return DeskPage("ballot.html", ballot.what, {**data, "form": form, "problems": problems})
    endings = ",".join(f".{ending}" for ending in attachment_file.ENDINGS)
    return DeskPage("text.html", name, {**data, "text": text, "is_article": path.suffix == ".md", "endings": endings})


def _find_page(state: State, path: Path) -> str:
    """Return the page of the preview that shows a text; the first page for what has none of its own."""
    loaded = state.load_result.loaded
    articles = loaded.articles if loaded else ()
    folder = path.parent.name
    matches = (article for article in articles if (article.folder, article.slug) == (folder, path.stem))
    return next((routes.article_path(article) for article in matches), "")


def build_problems(desk: Desk, state: State) -> DeskPage:
    """Build the list of all problems."""
    del desk
    return DeskPage(
        "problems.html", "问题", {"problems": state.problems, "unreadable": state.load_result.loaded is None}
    )


def build_hand_in(desk: Desk, state: State) -> DeskPage:
    """Build the page on which workbooks and saved forms are dropped."""
    loaded = state.load_result.loaded
    branches = loaded.roster.branches if loaded else ()
    return DeskPage("hand-in.html", "交来", {"year": desk.today().year, "branches": branches})
