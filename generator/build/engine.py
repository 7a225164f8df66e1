"""Run one build: report on each branch, compute the organ's boards, render all pages, publish.

Branches are processed in parallel. A result whose inputs are the same as before comes from the cache, and a file that
the output folder already has is not written again: digests decide, never the clock.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator import __version__
from generator.build import branch, branch_pages, plan, profiling, source_digests
from generator.build.branch_pages import ReadRecorder, has_unchanged_links
from generator.build.cache import Cache, digest_parts
from generator.build.cache_secret import Secret
from generator.build.checked_rendering import CheckedRendering
from generator.build.executors import InlineExecutor, Workers
from generator.build.messages import RenderedFiles
from generator.build.organ import OrganResults
from generator.build.output_check import OutputCheck
from generator.build.output_reader import OutputReader
from generator.build.plan import BuildPlan
from generator.build.request import BuildRequest, PublicationCallback
from generator.build.site_plan import SitePlan, plan_site
from generator.build.source_digests import InputChangedError
from generator.build.survey import OrganSurvey
from generator.build.tasks import Task, TaskRunner
from generator.core.ledgers.anchors import SealedState
from generator.core.model.settings import Audience
from generator.core.scoring import objection_periods
from generator.intake.files.content_files import FUTURE_NOTICE
from generator.intake.text.reader import ProjectReader
from generator.loader import article_links, input_changes, restorable_files
from generator.loader.article_links import ArticleLink, ArticleLinks
from generator.loader.input_changes import NO_CHANGES, InputChanges, PresentInputs
from generator.problems import Location, Problem, sort_problems
from generator.project import ProgressCallback, ignore_progress
from generator.publish import release, sealed_copies
from generator.publish.release import PublishBasis, PublishResult
from generator.publish.store import BuildRecord, Manifest, Store
from generator.render.html import theme_check
from generator.render.html.link_targets import Outline
from generator.render.html.templates import Renderer, get_renderer
from generator.render.site import page_renderer, ranking_differences, search_index
from generator.render.site.edition import PageSpec
from generator.render.site.routes import is_permanent_page

NO_FILES = RenderedFiles({})
_PREVIEW_SECRET = Secret.make_random()


class BuildResult(Struct, frozen=True):
    """The result of a build: all files of the site, and every problem that was met, errors of drafts as warnings.

    Nothing was published if a problem is an error. ``drafts`` are files that are not counted; ``valid_until`` is the
    first day on which the same files would make another site. ``first_published`` is true if an approval was published
    for the first time. ``changes`` are the inputs that changed since the release before, ``inputs`` those of now.
    """

    problems: tuple[Problem, ...]
    files: RenderedFiles = NO_FILES
    drafts: tuple[str, ...] = ()
    valid_until: date | None = None
    release: PublishResult | None = None
    first_published: bool = False
    changes: InputChanges = NO_CHANGES
    inputs: PresentInputs | None = None

    @property
    def has_errors(self) -> bool:
        """True if an error stopped the build."""
        return any(problem.is_error for problem in self.problems)


def build_site(  # noqa: PLR0913  each bears on it
    request: BuildRequest,
    open_workers: Callable[[int], AbstractContextManager[Workers]],
    cache: Cache | None,
    progress: ProgressCallback,
    *,
    digests: Mapping[str, str] | None = None,
    output_reader: OutputReader | None = None,
    before_publication: PublicationCallback | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> BuildResult:
    """Build a site and, if the request names an output folder, publish it.

    ``open_workers`` opens workers for a number of branches. ``digests`` are those of all source files, if they are
    known already; ``output_reader`` is given if it is reading the output folder; ``before_publication`` may stop the
    build when all is computed; ``meanwhile`` is called while workers render, if that is reached. Other commands may
    read at that time, but none may write. Raises InputChangedError if a file was changed while the build was reading.
    """
    planned = _plan(request, digests, cache)
    if not isinstance(planned, BuildPlan):
        return BuildResult(tuple(sort_problems(planned)))
    lock = release.lock_project(request.project) if request.output else nullcontext()
    # Workers before the lock: processes that are forked while it is locked would inherit it.
    with open_workers(len(planned.branch_files)) as workers, lock:
        output_check = OutputCheck(planned.request, workers, output_reader, progress)
        runner = TaskRunner(planned.branch_files, workers, progress, cache)
        return Engine(planned, runner, cache, output_check, before_publication, meanwhile).run()


def build_preview(
    request: BuildRequest,
    cache_folder: Path | None = None,
    stored_files: Mapping[str, str] | None = None,
    progress: ProgressCallback = ignore_progress,
) -> BuildResult:
    """Build a site in this process and publish nothing.

    ``stored_files`` are files that the request's store has. What is cached in ``cache_folder`` serves this process
    alone. Raises InputChangedError if a file was changed while the build was reading.
    """
    cache = Cache(cache_folder, _PREVIEW_SECRET) if cache_folder else None
    try:
        result = _preview(request, cache, stored_files, progress)
    finally:
        branch.clear_caches()  # of a process that may run for days
    if cache and not result.has_errors:
        cache.prune()
    return result


def _preview(
    request: BuildRequest, cache: Cache | None, stored_files: Mapping[str, str] | None, progress: ProgressCallback
) -> BuildResult:
    planned = _plan(request, None, cache)
    if not isinstance(planned, BuildPlan):
        return BuildResult(tuple(sort_problems(planned)))
    runner = TaskRunner(planned.branch_files, [InlineExecutor()], progress, cache)
    return Engine(planned, runner, cache, OutputCheck(planned.request, stored_files=stored_files)).run()


def _plan(request: BuildRequest, digests: Mapping[str, str] | None, cache: Cache | None) -> BuildPlan | list[Problem]:
    with profiling.stage("核对资料"):
        source = source_digests.digest_sources(request.project) if digests is None else digests
    return plan.plan_build(request, source, cache)


class CachedFiles(Struct, frozen=True):
    """The digests of files when last rendered, the links that were looked up then, and the articles if they were read.

    ``articles`` is their digest, empty if no template named them.
    """

    digests: Mapping[str, str]
    links: Mapping[str, bool]
    articles: str


class Engine:
    """One build in progress."""

    def __init__(  # noqa: PLR0913, PLR0917  each bears on it
        self,
        planned: BuildPlan,
        runner: TaskRunner,
        cache: Cache | None,
        output_check: OutputCheck,
        before_publication: PublicationCallback | None = None,
        meanwhile: Callable[[], object] | None = None,
    ) -> None:
        self.plan = planned
        self.request = planned.request
        self.runner = runner
        self.cache = cache
        self.output_check = output_check
        self.before_publication = before_publication
        self.meanwhile = meanwhile
        self.survey = OrganSurvey(planned, runner, cache)
        self.keys = self.survey.keys

    def run(self) -> BuildResult:
        """Build, and publish if there is an output folder."""
        organ = self.survey.compute_organ()
        # A clock that is behind would date the release before approvals in it.
        clock_problems = self.survey.find_clock_problems() if organ else ()
        if organ is None or clock_problems:
            return BuildResult((*clock_problems, *self.survey.collect_problems()))
        inputs = PresentInputs(self.request.project, organ.value_inputs, self.plan.digests, self._digest_theme())
        changes = input_changes.find_input_changes(self._list_releases(), inputs)
        if changes.refused:
            return BuildResult(tuple(sort_problems([*changes.refused, *self.survey.collect_problems()])))
        with profiling.stage("文章"):
            links = self._read_article_links()
            articles = self.plan.inputs.articles if Audience.ORGAN in self.request.readers else ()
            linked = links.list_attachments(articles)
            attachment_problems = self._check_attachments(links, linked)
        if any(problem.is_error for problem in attachment_problems):
            return BuildResult(tuple(sort_problems([*attachment_problems, *self.survey.collect_problems()])))
        with profiling.stage("汇总"):
            site = plan_site(self.request, organ, {path: links.files[path] for path in linked}, self.plan.digests)
        dead_links = article_links.find_dead_links(links, articles, site.built_paths)
        further_problems = [*attachment_problems, *dead_links, *self._find_unknown_blocks()]
        files = _merge_in_publication_order(self._render_files(organ, site))
        result = replace(self._make_result(organ, files), changes=changes, inputs=inputs)
        result = replace(result, problems=tuple(sort_problems([*result.problems, *further_problems])))
        if self.request.output is None:
            return result
        with profiling.stage("发布"):
            released, refusals = release.publish_release(
                self.request.project,
                self.request.output,
                files.digests,
                files.unwritten,
                self._make_basis(organ),
                before_publication=self.before_publication,
            )
            if released:
                sealed_copies.keep_copies(self.request.project, self._list_seals(organ), self.plan.digests)
        if self.cache and released:
            # Not earlier, when entries that this build has yet to look up would count as unused.
            self.cache.prune()
        newly_published = released.newly_published if released else frozenset()
        first_published = any(
            seal.digest in newly_published for report in organ.reports.values() for seal in report.seals
        )
        hinted_refusals = restorable_files.add_restore_hints(self.request.project, refusals)
        problems = tuple(sort_problems([*hinted_refusals, *result.problems]))
        return replace(result, problems=problems, release=released, first_published=first_published)

    def _list_releases(self) -> Sequence[Manifest]:
        """Return the releases in the output folder: one or, after an interruption, both."""
        project, output = self.request.project, self.request.output
        return Store.for_output(project, output.resolve()).read_present_releases() if output else ()

    def _digest_theme(self) -> Mapping[str, str]:
        return source_digests.digest_theme_files(self.request.project, self.plan.inputs.theme.layers)

    # --- pages

    def _read_article_links(self) -> ArticleLinks:
        shared = self.plan.shared_files
        files = shared.discovered.attachments
        return article_links.read_article_links(self.request.project, shared.articles, files, self._outline_article)

    def _outline_article(self, text: str) -> Outline:
        key = digest_parts("outline", source_digests.digest_program(), text) if self.cache else ""
        outline = self.cache.get(key, Outline) if self.cache else None
        if outline is None:
            outline = article_links.outline_article(text)
            if self.cache:
                self.cache.put(key, outline)
        return outline

    def _check_attachments(self, links: ArticleLinks, linked: Mapping[str, ArticleLink]) -> list[Problem]:
        """Return what is wrong with attachments, and what to know of those that the last release does not have."""
        project, digests = self.request.project, self.plan.digests
        published = {file for release in self._list_releases() for file in release.files.items()}
        new = {path: link for path, link in linked.items() if (path, digests.get(f"content/{path}")) not in published}
        problems = article_links.read_attachments(ProjectReader(project), links, new)
        return [*article_links.check_attachments(project, links), *problems]

    def _find_unknown_blocks(self) -> list[Problem]:
        """Return what no page shows of the project's own templates; their errors are those of the pages."""
        project, theme = self.request.project, self.plan.inputs.theme
        if all(map(project.is_shipped, theme.layers)):
            return []
        key = self.keys.value_key("blocks", None) if self.cache else ""
        problems = self.cache.get(key, list[Problem]) if self.cache else None
        if problems is None:
            problems = [problem for problem in theme_check.check_own_templates(project, theme) if not problem.is_error]
            if self.cache:
                self.cache.put(key, problems)
        return problems

    def _render_files(self, organ: OrganResults, site: SitePlan) -> Iterator[RenderedFiles]:
        """Yield all files of the site, rendered unless the output folder already has them."""
        # Current files are not rendered again: if the store has lost their bytes, only the output folder has them.
        self.output_check.save_to_store()
        keys: dict[str, str] = {}
        tasks, shared_files = self._list_branch_tasks(organ, site, keys), self._render_shared_files(site)
        count = sum(map(bool, site.branch_paths.values()))
        for name, files, is_new in self.runner.run("生成 支部", tasks, count, shared_files):
            if is_new:
                self._save_files(keys[name], files)
            yield files
        yield from shared_files

    def _list_branch_tasks(
        self, organ: OrganResults, site: SitePlan, keys: dict[str, str]
    ) -> Iterator[tuple[str, RenderedFiles | Task]]:
        """Yield, by branch with pages, its files if they are current, or the task that renders them.

        Their cache keys are added to ``keys``.
        """
        for name, summary in organ.summaries.items():
            if not site.branch_paths[name]:
                continue
            files, related_branches = self.survey.branch_files[name], organ.roster.related_branches[name]
            # A branch links to no page of an unrelated one, and the paths of all branches would be much to send.
            built_paths = site.shared_paths.union(*(site.branch_paths[related] for related in related_branches))
            facts = organ.branch_facts(name, built_paths)
            key = self.keys.pages_key(files, self.survey.digest_imports(name), summary, facts) if self.cache else ""
            keys[name] = key
            if current := self._find_current(key, built_paths):
                yield name, current
            else:
                imports = self.survey.load_imports(name)
                task_files = self.survey.make_task_files(name)
                yield name, partial(branch_pages.store_branch_pages, self.request, task_files, imports, facts)

    def _find_current(self, key: str, built_paths: Container[str]) -> RenderedFiles | None:
        """Return the files last rendered under a key, if what they read is unchanged and the output folder has them."""
        cached = self.cache.get(key, CachedFiles) if self.cache else None
        if (
            cached
            and cached.articles in {"", self.keys.articles_digest}
            and has_unchanged_links(cached.links, built_paths)
            and self.output_check.has_intact(cached.digests)
        ):
            return RenderedFiles(cached.digests)
        return None

    def _save_files(self, key: str, files: RenderedFiles) -> None:
        if self.cache:
            articles = self.keys.articles_digest if files.reads_articles else ""
            self.cache.put(key, CachedFiles(files.digests, files.links, articles))

    def _render_shared_files(self, site: SitePlan) -> Iterator[RenderedFiles]:
        """Yield the files that belong to no branch: assets, attachments and search index, then pages."""
        if self.meanwhile:
            self.meanwhile()
        yield branch_pages.store_files(self.request, site.assets.items())
        for path, file in site.attachments.items():
            yield self._copy_attachment(path, file)
        key = self.keys.value_key("search", site.index) if self.cache else ""
        yield self._render_unless_current(key, site, lambda _: search_index.render_index_scripts(site.index).items())
        for spec in site.page_specs:
            yield self._render_shared_page(spec, site)

    def _copy_attachment(self, path: str, file: Path) -> RenderedFiles:
        digest = self.plan.digests.get(f"content/{path}", "")
        if self.output_check.has_intact({path: digest}):
            return RenderedFiles({path: digest})
        copied = branch_pages.store_files(self.request, [(path, file.read_bytes())])
        if copied.digests[path] != digest:
            raise InputChangedError(f"content/{path}")
        return copied

    @cached_property
    def _renderer(self) -> Renderer:
        """The renderer of all pages that belong to no branch: its templates are looked up once a build."""
        return get_renderer(self.plan.inputs.theme, profiling.count_fallback)

    def _render_shared_page(self, spec: PageSpec, site: SitePlan) -> RenderedFiles:
        page = spec.build_page()  # its data is part of the key, so that only the rendering can be saved
        rendering = CheckedRendering(self.request)

        def render(reads: ReadRecorder) -> Iterator[tuple[str, bytes]]:
            with profiling.stage("排版"):
                edition, theme = site.edition, self.plan.inputs.theme
                links = page_renderer.LinkResolver(edition.settings, reads, theme.asset_versions)
                fill = partial(page_renderer.render_page, edition, page, self._renderer, links, reads.note_articles)
                raw = rendering.render(page, fill)
            yield page.path, raw

        files = self._render_unless_current(self.keys.page_key(page) if self.cache else "", site, render)
        return rendering.add_checks(files)

    def _render_unless_current(
        self, key: str, site: SitePlan, render: Callable[[ReadRecorder], Iterable[tuple[str, bytes]]]
    ) -> RenderedFiles:
        if current := self._find_current(key, site.built_paths):
            return current
        reads = ReadRecorder(site.built_paths)
        rendered = reads.add_reads(branch_pages.store_files(self.request, render(reads)))
        self._save_files(key, rendered)
        return rendered

    # --- the result

    def _make_result(self, organ: OrganResults, files: RenderedFiles) -> BuildResult:
        project, today = self.request.project, self.request.today
        notices, summaries = organ.site_data.objection_periods.values(), organ.summaries.values()
        unknown_years = objection_periods.find_unknown_years(notices).union(
            *(summary.unknown_holiday_years for summary in summaries)
        )
        warnings = objection_periods.make_calendar_warnings(
            sorted(unknown_years), Location(project.file_name(project.settings_path))
        )
        early = [problem for problem in self.plan.shared_files.problems if problem.code == FUTURE_NOTICE]
        # The days on which the same files make another site: an objection period is over, a report or summary is no
        # longer valid, a name or a rule changes, a notice is due. The committee's dashboard is of today: it changes
        # every day.
        periods_over = [notice.last + timedelta(days=1) for notice in notices if notice.running]
        tomorrow = [today + timedelta(days=1)] if Audience.COMMITTEE in self.request.readers else []
        reports_end = [report.valid_until for report in self.survey.reports.values()]
        summaries_end = [summary.valid_until for summary in summaries]
        renamed = self.plan.inputs.roster.next_name_day(today)
        changed = [day for day in self.plan.inputs.change_days if day > today]
        due = [article.day for article in self.plan.shared_files.articles if not article.is_due(today)]
        days = (*periods_over, *tomorrow, *reports_end, *summaries_end, *changed, renamed, *due)
        return BuildResult(
            problems=tuple(
                sort_problems([*self.survey.collect_problems(), *warnings, *early, *organ.find_barred_honours()])
            ),
            files=files,
            drafts=(
                *(name for report in organ.reports.values() for name in report.countable_drafts),
                *sorted(self.plan.shared_files.ballot_files.draft_names),
            ),
            valid_until=min((day for day in days if day), default=None),
        )

    def _list_seals(self, organ: OrganResults) -> dict[str, str]:
        """Return the digest that seals each approved file, record and list of signers, by file name."""
        ballot_files, lists = self.plan.shared_files.ballot_files, self.plan.shared_files.approver_lists.in_force
        return {
            **{seal.file: seal.digest for report in organ.reports.values() for seal in report.seals},
            **{name: digest for report in organ.reports.values() for name, digest in report.record_digests.items()},
            **{file.name: approval.digest for file, approval in ballot_files.approved_files},
            **{withdrawal.where.file: withdrawal.digest for withdrawal in ballot_files.withdrawals},
            **{listed.file: listed.digest for listed in lists},
            **{listed.record.where.file: listed.record.digest for listed in lists if listed.record},
        }

    def _make_basis(self, organ: OrganResults) -> PublishBasis:
        ballot_files = self.plan.shared_files.ballot_files
        shared = SealedState(
            {},
            (),
            (),
            ballot_files.withdrawals,
            self.plan.shared_files.approver_lists,
            tuple(ballot_files.by_name.values()),
        )
        sealed_items = {
            digest: description
            for report in organ.reports.values()
            for digest, description in report.sealed_items.items()
        }
        readers, branches = self.request.readers, organ.roster.branch_by_id
        return PublishBasis(
            self.request.today,
            {**sealed_items, **shared.describe_by_digest()},
            self._make_record(organ),
            lambda path: is_permanent_page(path, readers, branches),
        )

    def _make_record(self, organ: OrganResults) -> BuildRecord:
        request = self.request
        return BuildRecord(
            program=source_digests.digest_program(),
            version=__version__,
            audiences=tuple(sorted(request.readers)),
            with_gzip=request.with_gzip,
            theme=self._digest_theme(),
            inputs=self.plan.digests,
            values=organ.decisive_values,
        )


def _merge_in_publication_order(rendered: Iterable[RenderedFiles]) -> RenderedFiles:
    """Merge all files of the site, index pages last: none shall lead to a page that is not published yet."""
    parts = list(rendered)
    digests = dict(sorted((file for part in parts for file in part.digests.items()), key=_publication_order))
    unwritten = {path for part in parts for path in part.unwritten}
    return RenderedFiles(
        digests,
        [path for path in digests if path in unwritten],
        rankings=ranking_differences.merge_checks(part.rankings for part in parts),
        published_rankings=ranking_differences.merge_checks(part.published_rankings for part in parts),
    )


def _publication_order(file: tuple[str, str]) -> tuple[bool, int, str]:
    """Return a sort key: assets and attachments, pages, then index pages, the deepest first and the top level last."""
    path = file[0].removesuffix(".gz")
    is_index = path.endswith("index.html") or "/" not in path
    return is_index, -path.count("/") if is_index else path.endswith(".html"), file[0]
