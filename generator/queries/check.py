"""List every problem of every file."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from generator.core.model.settings import Audience
from generator.core.scoring import objection_periods
from generator.intake.files import discovery, import_file
from generator.intake.text.reader import ProjectReader
from generator.loader import article_links, load
from generator.loader.load import LoadedProject, LoadResult
from generator.problems import CommandResult, Location, Problem, Severity, arrange_problems
from generator.project import Project, ThemeLayer
from generator.render.site.routes import ORGAN_PATHS
from generator.workflow import approve


def check_project(project: Project, today: date, names: Collection[str] = ()) -> CommandResult[list[Problem]]:
    """Validate all files, or list only the problems of the named ones and of what they depend on."""
    load_result = load.load_project(project, today)
    import_name = project.file_name(project.import_path)
    theme_names = {name for name in names if name.startswith("themes/") and (project.root / name).is_file()}
    if unknown_names := sorted(set(names) - load_result.file_names - theme_names - {import_name}):
        hint = "能检查的是 ledgers、content 和 themes 里的文件"
        return CommandResult(usage_error=f"“{unknown_names[0]}”不是这个站点的资料文件，没有检查。{hint}")
    problems = [*load_result.problems, *_find_build_problems(load_result)]
    if not names or import_name in names:  # nothing else depends on it
        problems += import_file.load_formats(project)[1]
    relevant = [problem for problem in problems if not names or _is_relevant(problem, names)]
    return CommandResult(arrange_problems(_raise_severity(problem, names) for problem in relevant))


def list_problems(project: Project, load_result: LoadResult) -> Sequence[Problem]:
    """Return every problem of every file of a project that is loaded."""
    return arrange_problems(
        [*load_result.problems, *_find_build_problems(load_result), *import_file.load_formats(project)[1]]
    )


def _find_build_problems(load_result: LoadResult) -> Iterator[Problem]:
    """Yield problems that otherwise only a build or an approval would meet.

    They are of drafts' layout, theme and articles, and of objection days that are not known yet.
    """
    loaded = load_result.loaded
    if loaded is None:
        return
    faulty = {problem.where.file for problem in load_result.problems if problem.is_error}
    yield from (problem for problem in approve.find_unappendable(loaded) if problem.where.file not in faulty)
    layers, theme_problems = load.load_theme_layers(loaded.project, loaded.settings)
    yield from theme_problems
    yield from load.check_front_matter(loaded.articles, layers)
    yield from _check_theme(loaded.project, layers)
    approvals = {key: ledger.approvals for key, ledger in loaded.approved_ledgers.items()}
    notices = objection_periods.find_objection_periods(
        loaded.roster, loaded.rulebooks, approvals, loaded.settings, loaded.today
    )
    years = objection_periods.find_unknown_years(notices.values())
    where = Location(loaded.project.file_name(loaded.project.settings_path))
    yield from objection_periods.make_calendar_warnings(sorted(years), where)
    yield from _check_articles(loaded)


def _check_theme(project: Project, layers: Sequence[ThemeLayer]) -> Iterator[Problem]:
    """Yield the mistakes in the templates of the project's own themes; those shipped with the program have none."""
    if not all(map(project.is_shipped, layers)):
        from generator.render.html import theme_check  # noqa: PLC0415  slow to import, and few projects have a theme
        from generator.render.html.theme import Theme  # noqa: PLC0415  as above

        yield from theme_check.check_own_templates(project, Theme(tuple(layers)))


def _check_articles(loaded: LoadedProject) -> Iterator[Problem]:
    """Yield what is wrong with links and attachments of all articles, those not due yet too."""
    project, articles = loaded.project, loaded.articles
    if Audience.ORGAN not in loaded.settings.publish:
        return  # no edition has articles
    discovered = discovery.discover_files(project)
    links = article_links.read_article_links(project, articles, discovered.attachments)
    refused = list(article_links.check_attachments(project, links))
    yield from refused
    yield from article_links.read_attachments(ProjectReader(project), links, links.list_attachments(articles))
    if len(articles) == len(discovered.articles):  # an article that can't be read may link them
        yield from article_links.find_unlinked_files(project, links)
    built_paths = ORGAN_PATHS | links.files.keys() | ({"rules.html"} if loaded.rulebooks else set())
    if any(link.path not in built_paths and link.path not in links.anchors for link in links.links):
        # Only what is scored shows which boards and members' pages there are.
        from generator.build import site_plan  # noqa: PLC0415  slow to import and seldom needed
        from generator.build.request import BuildRequest  # noqa: PLC0415  as above

        site_paths = site_plan.list_site_paths(BuildRequest(project.root, loaded.today))
        if site_paths is None:
            return
        built_paths |= site_paths
    places = {problem.where for problem in refused}
    dead_links = article_links.find_dead_links(links, articles, built_paths)
    yield from (problem for problem in dead_links if problem.where not in places)


def _raise_severity(problem: Problem, names: Collection[str]) -> Problem:
    """Return the problem, as an error if it is that a named file is not read at all."""
    is_unread = problem.code == "file.unexpected" and problem.where.file in names
    return replace(problem, severity=Severity.ERROR) if is_unread else problem


def _is_relevant(problem: Problem, names: Collection[str]) -> bool:
    """Return whether a problem is a named file's own, or an error in what every ledger depends on.

    That is the roster, the rulebooks, the cycles and the settings.
    """
    is_shared = problem.where.file.count("/") < 2 or problem.where.file.startswith("ledgers/rulebooks/")  # noqa: PLR2004
    is_shared = is_shared or problem.where.file.endswith("/cycle.yaml")
    return problem.where.file in names or (is_shared and problem.is_error)
