"""Run one build: report on each branch, compute the organ's boards, draw all pages, publish.

Branches are worked on side by side. A result whose inputs are the same as before comes from the cache, and a file that
the output folder already holds is not written again: digests decide, never the clock.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from generator.build import branch_pages, plan, profiling, source_digests
from generator.build.branch_pages import LinkRecorder, has_unchanged_links
from generator.build.cache import Cache
from generator.build.executors import InlineExecutor, Workers
from generator.build.messages import RenderedFiles
from generator.build.organ import OrganResults
from generator.build.output_check import OutputCheck
from generator.build.output_reader import OutputReader
from generator.build.plan import BuildPlan
from generator.build.request import BuildRequest, ProgressCallback
from generator.build.survey import OrganSurvey
from generator.build.tasks import Task, TaskRunner
from generator.core.ledgers.anchors import SealedState
from generator.core.model.settings import Audience
from generator.core.scoring import objection_periods
from generator.problems import Location, Problem, sort_problems
from generator.publish import release
from generator.publish.release import PublishBasis, PublishResult
from generator.render.html.templates import get_renderer
from generator.render.site import page_renderer, pages, search_index
from generator.render.site.edition import Edition, PageSpec
from generator.render.site.routes import is_permanent_page

NO_FILES = RenderedFiles({})


class BuildResult(Struct, frozen=True):
    """The outcome of a build: all files of the site, and every problem that was met, errors of drafts as warnings.

    Nothing was published if one of them is an error. ``drafts`` are files that are not counted; ``valid_until`` is the
    first day on which the same files would make another site. ``first_published``: an approval was published for the
    first time.
    """

    problems: tuple[Problem, ...]
    files: RenderedFiles = NO_FILES
    drafts: tuple[str, ...] = ()
    valid_until: date | None = None
    release: PublishResult | None = None
    first_published: bool = False

    @property
    def has_errors(self) -> bool:
        """Whether an error stopped it."""
        return any(one.is_error for one in self.problems)


def build_site(  # noqa: PLR0913  each bears on it
    request: BuildRequest,
    open_workers: Callable[[int], AbstractContextManager[Workers]],
    cache: Cache | None,
    progress: ProgressCallback,
    *,
    digests: Mapping[str, str] | None = None,
    output_reader: OutputReader | None = None,
) -> BuildResult:
    """Build a site and, if the request names an output folder, publish it.

    ``open_workers`` gives the workers for so many branches. ``digests`` are those of all files, if they are known
    already, and ``reread`` the output folder, if it is being read again. Others may read meanwhile, but nobody else may
    write. Raises ChangedError if a file was changed while the build was reading.
    """
    planned = _planned(request, digests, cache)
    if not isinstance(planned, BuildPlan):
        return BuildResult(tuple(sort_problems(planned)))
    locked = release.lock_project(request.project) if request.output else nullcontext()
    with open_workers(len(planned.branch_files)) as workers, locked:
        output = OutputCheck(planned.request, workers, output_reader, progress)
        return Engine(planned, TaskRunner(planned.branch_files, workers, progress), cache, output).run()


def build_preview(
    request: BuildRequest, cache: Cache | None = None, stored_files: Mapping[str, str] | None = None
) -> BuildResult:
    """Build a site in this process, publishing nothing; ``held`` are files that the request's store keeps already."""
    planned = _planned(request, None, cache)
    if not isinstance(planned, BuildPlan):
        return BuildResult(tuple(sort_problems(planned)))
    tasks = TaskRunner(planned.branch_files, [InlineExecutor()], lambda *_: None)
    return Engine(planned, tasks, cache, OutputCheck(planned.request, stored_files=stored_files)).run()


def _planned(
    request: BuildRequest, digests: Mapping[str, str] | None, cache: Cache | None
) -> BuildPlan | list[Problem]:
    with profiling.stage("核对资料"):
        known = source_digests.digest_sources(request.project) if digests is None else digests
    return plan.plan_build(request, known, cache)


class CachedFiles(Struct, frozen=True):
    """Files as they were last drawn, by their digests, and the links that were looked up."""

    digests: Mapping[str, str]
    links: Mapping[str, bool]


class SitePlan(Struct, frozen=True):
    """All files that a site is to have: the organ's, and the paths of every branch's pages.

    ``built`` are all paths, ``shared`` those that are no branch's.
    """

    edition: Edition
    page_specs: Sequence[PageSpec]
    assets: Mapping[str, bytes]
    index: search_index.SearchIndex
    branch_paths: Mapping[str, Sequence[str]]
    shared_paths: frozenset[str]
    built_paths: frozenset[str]


class Engine:
    """One build under way."""

    def __init__(self, planned: BuildPlan, runner: TaskRunner, cache: Cache | None, output_check: OutputCheck) -> None:
        self.plan = planned
        self.request = planned.request
        self.runner = runner
        self.cache = cache
        self.output_check = output_check
        self.survey = OrganSurvey(planned, runner, cache)
        self.keys = self.survey.keys

    def run(self) -> BuildResult:
        """Build, and publish if there is an output folder."""
        organ = self.survey.compute_organ()
        late = self.survey.check_clock() if organ else ()
        if organ is None or late:
            return BuildResult((*late, *self.survey.collect_problems()))
        with profiling.stage("汇总"):
            site = self._site_plan(organ)
        files = _joined(self._drawn(organ, site))
        result = self._result(organ, files)
        if self.request.output is None:
            return result
        with profiling.stage("发布"):
            released, refused = release.publish_release(
                self.request.project, self.request.output, files.digests, files.unwritten, self._basis(organ)
            )
        if self.cache and released:
            self.cache.prune()
        fresh = released.newly_published if released else frozenset()
        published = any(seal.digest in fresh for one in organ.reports.values() for seal in one.seals)
        problems = tuple(sort_problems([*refused, *result.problems]))
        return replace(result, problems=problems, release=released, first_published=published)

    # --- pages

    def _site_plan(self, organ: OrganResults) -> SitePlan:
        request, edition = self.request, organ.make_edition(preview=self.request.with_drafts)
        listed = list(pages.list_organ_pages(edition, request.readers))
        branches = organ.branch_paths(request.readers)
        paths = {path for of_branch in branches.values() for path in of_branch}
        shared = {page.path for page in listed}
        assets = pages.render_other_files(edition, request.readers, self.plan.inputs.theme)
        built = paths | shared
        index = search_index.build_search_index(edition, organ.search_entries(edition, built), built)
        shared |= assets.keys() | ({search_index.INDEX_PATH} if index else set())
        return SitePlan(edition, listed, assets, index, branches, frozenset(shared), frozenset(built | shared))

    def _drawn(self, organ: OrganResults, site: SitePlan) -> Iterator[RenderedFiles]:
        """All files of the site, drawn unless the output folder already holds them."""
        self.output_check.save_to_store()
        keys: dict[str, str] = {}
        tasks, shared = self._branch_pages(organ, site, keys), self._shared_files(site)
        for name, files, is_new in self.runner.run(
            "生成 支部", tasks, sum(map(bool, site.branch_paths.values())), shared
        ):
            if is_new and self.cache:
                self.cache.put(keys[name], CachedFiles(files.digests, files.links))
            yield files
        yield from shared

    def _branch_pages(
        self, organ: OrganResults, site: SitePlan, keys: dict[str, str]
    ) -> Iterator[tuple[str, RenderedFiles | Task]]:
        """Of every branch that has pages: its files if they are current, or the task that draws them."""
        for name, summary in organ.summaries.items():
            if not site.branch_paths[name]:
                continue
            files, near = self.survey.branch_files[name], organ.roster.related_branches[name]
            built = site.shared_paths.union(*(site.branch_paths[home] for home in near))
            facts = organ.branch_facts(name, built)
            keys[name] = (
                self.keys.pages_key(files, self.survey.digest_imports(name), summary, facts) if self.cache else ""
            )
            cached = self._current(keys[name], built)
            yield (
                name,
                cached
                or partial(branch_pages.store_branch_pages, self.request, files, self.survey.load_imports(name), facts),
            )

    def _current(self, name: str, built: Container[str]) -> RenderedFiles | None:
        """Files as they were last drawn, if all their links are unchanged and the output folder holds them."""
        cached = self.cache.get(name, CachedFiles) if self.cache else None
        if cached and has_unchanged_links(cached.links, built) and self.output_check.has_intact(cached.digests):
            return RenderedFiles(cached.digests)
        return None

    def _shared_files(self, site: SitePlan) -> Iterator[RenderedFiles]:
        """The files that are no branch's: what is no page, then pages."""
        yield branch_pages.store_files(self.request, site.assets.items())
        name = self.keys.value_key("search", site.index) if self.cache else ""
        yield self._redrawn(name, site, lambda _: search_index.render_index_scripts(site.index).items())
        for spec in site.page_specs:
            yield self._shared_page(spec, site)

    def _shared_page(self, spec: PageSpec, site: SitePlan) -> RenderedFiles:
        page = spec.build_page()

        def drawn(built: Container[str]) -> Iterator[tuple[str, bytes]]:
            with profiling.stage("排版"):
                links = page_renderer.LinkResolver(site.edition.settings, built)
                raw = page_renderer.render_page(
                    site.edition, page, get_renderer(self.plan.inputs.theme, profiling.count_fallback), links
                )
            yield page.path, raw

        return self._redrawn(self.keys.page_key(page) if self.cache else "", site, drawn)

    def _redrawn(
        self, name: str, site: SitePlan, draw: Callable[[Container[str]], Iterable[tuple[str, bytes]]]
    ) -> RenderedFiles:
        if current := self._current(name, site.built_paths):
            return current
        links = LinkRecorder(site.built_paths)
        rendered = replace(branch_pages.store_files(self.request, draw(links)), links=links.targets)
        if self.cache:
            self.cache.put(name, CachedFiles(rendered.digests, rendered.links))
        return rendered

    # --- the result

    def _result(self, organ: OrganResults, files: RenderedFiles) -> BuildResult:
        project, settings, today = self.request.project, self.plan.inputs.settings, self.request.today
        notices, summaries = organ.dataset.objection_periods.values(), organ.summaries.values()
        unknown = objection_periods.find_unknown_years(notices, settings.calendar).union(
            *(one.unknown_holiday_years for one in summaries)
        )
        over = [notice.last + timedelta(days=1) for notice in notices if notice.running]
        shown = [today + timedelta(days=1)] if Audience.COMMITTEE in self.request.readers else []
        until = [*(one.valid_until for one in self.survey.reports.values()), *(one.valid_until for one in summaries)]
        warnings = objection_periods.make_calendar_warnings(
            sorted(unknown), Location(project.file_name(project.settings_path))
        )
        return BuildResult(
            problems=tuple(sort_problems([*self.survey.collect_problems(), *warnings])),
            files=files,
            drafts=(
                *(name for one in organ.reports.values() for name in one.countable_drafts),
                *sorted(self.plan.shared_files.ballot_files.draft_names),
            ),
            valid_until=min((day for day in (*over, *shown, *until) if day), default=None),
        )

    def _basis(self, organ: OrganResults) -> PublishBasis:
        urn = self.plan.shared_files.ballot_files
        ballots = SealedState({}, (), (), urn.withdrawals, None, tuple(urn.by_name.values()))
        rests = {digest: what for one in organ.reports.values() for digest, what in one.sealed_items.items()}
        readers, branches = self.request.readers, organ.roster.branch_by_id
        return PublishBasis(
            self.request.today,
            {**rests, **ballots.describe_by_digest()},
            lambda path: is_permanent_page(path, readers, branches),
        )


def _joined(rendered: Iterable[RenderedFiles]) -> RenderedFiles:
    """All files of the site, those first that no page leads to yet, index pages last."""
    every = list(rendered)
    digests = dict(sorted((file for one in every for file in one.digests.items()), key=_publication_order))
    stale = {path for one in every for path in one.unwritten}
    return RenderedFiles(digests, [path for path in digests if path in stale])


def _publication_order(file: tuple[str, str]) -> tuple[bool, int, str]:
    """Pages after what they show, index pages after those, and the home page last."""
    path = file[0].removesuffix(".gz")
    index = path.endswith("index.html") or "/" not in path
    return index, -path.count("/") if index else not path.startswith("assets/"), file[0]
