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
from generator.build.branch_pages import LinkRecorder, links_unchanged
from generator.build.cache import Memo
from generator.build.executors import Hands, Here
from generator.build.messages import RenderedFiles
from generator.build.organ import Organ
from generator.build.output_check import OutputCheck
from generator.build.output_reader import Rereading
from generator.build.plan import BuildPlan
from generator.build.request import BuildRequest, Progress
from generator.build.survey import Survey
from generator.build.tasks import Task, Tasks
from generator.core.ledgers.anchors import Present
from generator.core.model.settings import Audience
from generator.core.scoring import objection_periods
from generator.problems import Problem, Where, in_order
from generator.publish import release
from generator.publish.release import Basis, Release
from generator.render.html.templates import filler
from generator.render.site import drawing, pages, search_index
from generator.render.site.edition import Edition, PageSpec
from generator.render.site.routes import stays

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
    release: Release | None = None
    first_published: bool = False

    @property
    def failed(self) -> bool:
        """Whether an error stopped it."""
        return any(one.is_error for one in self.problems)


def build(  # noqa: PLR0913  each bears on it
    request: BuildRequest,
    open_workers: Callable[[int], AbstractContextManager[Hands]],
    cache: Memo | None,
    progress: Progress,
    *,
    digests: Mapping[str, str] | None = None,
    reread: Rereading | None = None,
) -> BuildResult:
    """Build a site and, if the request names an output folder, publish it.

    ``open_workers`` gives the workers for so many branches. ``digests`` are those of all files, if they are known
    already, and ``reread`` the output folder, if it is being read again. Others may read meanwhile, but nobody else may
    write. Raises ChangedError if a file was changed while the build was reading.
    """
    planned = _planned(request, digests, cache)
    if not isinstance(planned, BuildPlan):
        return BuildResult(tuple(in_order(planned)))
    locked = release.lock(request.project) if request.output else nullcontext()
    with open_workers(len(planned.branches)) as workers, locked:
        output = OutputCheck(planned.request, workers, reread, progress)
        return Engine(planned, Tasks(planned.branches, workers, progress), cache, output).run()


def preview(request: BuildRequest, cache: Memo | None = None, held: Mapping[str, str] | None = None) -> BuildResult:
    """Build a site in this process, publishing nothing; ``held`` are files that the request's store keeps already."""
    planned = _planned(request, None, cache)
    if not isinstance(planned, BuildPlan):
        return BuildResult(tuple(in_order(planned)))
    tasks = Tasks(planned.branches, [Here()], lambda *_: None)
    return Engine(planned, tasks, cache, OutputCheck(planned.request, held=held)).run()


def _planned(request: BuildRequest, digests: Mapping[str, str] | None, cache: Memo | None) -> BuildPlan | list[Problem]:
    with profiling.stage("核对资料"):
        known = source_digests.sources(request.project) if digests is None else digests
    return plan.plan(request, known, cache)


class CachedFiles(Struct, frozen=True):
    """Files as they were last drawn, by their digests, and the links that were looked up."""

    files: Mapping[str, str]
    links: Mapping[str, bool]


class SitePlan(Struct, frozen=True):
    """All files that a site is to have: the organ's, and the paths of every branch's pages.

    ``built`` are all paths, ``shared`` those that are no branch's.
    """

    edition: Edition
    listed: Sequence[PageSpec]
    assets: Mapping[str, bytes]
    index: search_index.Index
    branches: Mapping[str, Sequence[str]]
    shared: frozenset[str]
    built: frozenset[str]


class Engine:
    """One build under way."""

    def __init__(self, planned: BuildPlan, tasks: Tasks, cache: Memo | None, output: OutputCheck) -> None:
        self.plan = planned
        self.request = planned.request
        self.tasks = tasks
        self.cache = cache
        self.output = output
        self.survey = Survey(planned, tasks, cache)
        self.keys = self.survey.keys

    def run(self) -> BuildResult:
        """Build, and publish if there is an output folder."""
        organ = self.survey.organ()
        late = self.survey.late() if organ else ()
        if organ is None or late:
            return BuildResult((*late, *self.survey.problems()))
        with profiling.stage("汇总"):
            site = self._site_plan(organ)
        files = _joined(self._drawn(organ, site))
        result = self._result(organ, files)
        if self.request.output is None:
            return result
        with profiling.stage("发布"):
            released, refused = release.publish(
                self.request.project, self.request.output, files.digests, files.stale, self._basis(organ)
            )
        if self.cache and released:
            self.cache.prune()
        fresh = released.fresh if released else frozenset()
        published = any(seal.digest in fresh for one in organ.reports.values() for seal in one.seals)
        problems = tuple(in_order([*refused, *result.problems]))
        return replace(result, problems=problems, release=released, first_published=published)

    # --- pages

    def _site_plan(self, organ: Organ) -> SitePlan:
        request, edition = self.request, organ.edition(preview=self.request.drafts)
        listed = list(pages.of_organ(edition, request.readers))
        branches = organ.paths(request.readers)
        paths = {path for of_branch in branches.values() for path in of_branch}
        shared = {page.path for page in listed}
        assets = pages.others(edition, request.readers, self.plan.inputs.theme)
        built = paths | shared
        index = search_index.index(edition, organ.search_entries(edition, built), built)
        shared |= assets.keys() | ({search_index.INDEX} if index else set())
        return SitePlan(edition, listed, assets, index, branches, frozenset(shared), frozenset(built | shared))

    def _drawn(self, organ: Organ, site: SitePlan) -> Iterator[RenderedFiles]:
        """All files of the site, drawn unless the output folder already holds them."""
        self.output.save_to_store()
        keys: dict[str, str] = {}
        tasks, shared = self._branch_pages(organ, site, keys), self._shared_files(site)
        for name, files, is_new in self.tasks.run("生成 支部", tasks, sum(map(bool, site.branches.values())), shared):
            if is_new and self.cache:
                self.cache.put(keys[name], CachedFiles(files.digests, files.links))
            yield files
        yield from shared

    def _branch_pages(
        self, organ: Organ, site: SitePlan, keys: dict[str, str]
    ) -> Iterator[tuple[str, RenderedFiles | Task]]:
        """Of every branch that has pages: its files if they are current, or the task that draws them."""
        for name, summary in organ.summaries.items():
            if not site.branches[name]:
                continue
            files, near = self.survey.files[name], organ.roster.homes[name]
            built = site.shared.union(*(site.branches[home] for home in near))
            facts = organ.facts(name, built)
            keys[name] = self.keys.pages(files, self.survey.imported(name), summary, facts) if self.cache else ""
            cached = self._current(keys[name], built)
            yield name, cached or partial(branch_pages.publish, self.request, files, self.survey.loaded(name), facts)

    def _current(self, name: str, built: Container[str]) -> RenderedFiles | None:
        """Files as they were last drawn, if all their links are unchanged and the output folder holds them."""
        cached = self.cache.get(name, CachedFiles) if self.cache else None
        if cached and links_unchanged(cached.links, built) and self.output.contains(cached.files):
            return RenderedFiles(cached.files)
        return None

    def _shared_files(self, site: SitePlan) -> Iterator[RenderedFiles]:
        """The files that are no branch's: what is no page, then pages."""
        yield branch_pages.store_files(self.request, site.assets.items())
        name = self.keys.value("search", site.index) if self.cache else ""
        yield self._redrawn(name, site, lambda _: search_index.files(site.index).items())
        for spec in site.listed:
            yield self._shared_page(spec, site)

    def _shared_page(self, spec: PageSpec, site: SitePlan) -> RenderedFiles:
        page = spec.make()

        def drawn(built: Container[str]) -> Iterator[tuple[str, bytes]]:
            with profiling.stage("排版"):
                links = drawing.Links(site.edition.settings, built)
                raw = drawing.render(
                    site.edition, page, filler(self.plan.inputs.theme, profiling.count_fallback), links
                )
            yield page.path, raw

        return self._redrawn(self.keys.page(page) if self.cache else "", site, drawn)

    def _redrawn(
        self, name: str, site: SitePlan, draw: Callable[[Container[str]], Iterable[tuple[str, bytes]]]
    ) -> RenderedFiles:
        if current := self._current(name, site.built):
            return current
        links = LinkRecorder(site.built)
        rendered = replace(branch_pages.store_files(self.request, draw(links)), links=links.targets)
        if self.cache:
            self.cache.put(name, CachedFiles(rendered.digests, rendered.links))
        return rendered

    # --- the result

    def _result(self, organ: Organ, files: RenderedFiles) -> BuildResult:
        project, settings, today = self.request.project, self.plan.inputs.settings, self.request.today
        notices, summaries = organ.ground.notices.values(), organ.summaries.values()
        unknown = objection_periods.unknown(notices, settings.calendar).union(*(one.unknown for one in summaries))
        over = [notice.last + timedelta(days=1) for notice in notices if notice.running]
        shown = [today + timedelta(days=1)] if Audience.COMMITTEE in self.request.readers else []
        until = [*(one.until for one in self.survey.reports.values()), *(one.until for one in summaries)]
        warnings = objection_periods.warnings(sorted(unknown), Where(project.name(project.settings)))
        return BuildResult(
            problems=tuple(in_order([*self.survey.problems(), *warnings])),
            files=files,
            drafts=(
                *(name for one in organ.reports.values() for name in one.counted_drafts),
                *sorted(self.plan.shared.urn.drafts),
            ),
            valid_until=min((day for day in (*over, *shown, *until) if day), default=None),
        )

    def _basis(self, organ: Organ) -> Basis:
        urn = self.plan.shared.urn
        ballots = Present({}, (), (), urn.withdrawals, None, tuple(urn.files.values()))
        rests = {digest: what for one in organ.reports.values() for digest, what in one.sealed.items()}
        readers, branches = self.request.readers, organ.roster.branch
        return Basis(self.request.today, {**rests, **ballots.digests()}, lambda path: stays(path, readers, branches))


def _joined(rendered: Iterable[RenderedFiles]) -> RenderedFiles:
    """All files of the site, those first that no page leads to yet, index pages last."""
    every = list(rendered)
    digests = dict(sorted((file for one in every for file in one.digests.items()), key=_publication_order))
    stale = {path for one in every for path in one.stale}
    return RenderedFiles(digests, [path for path in digests if path in stale])


def _publication_order(file: tuple[str, str]) -> tuple[bool, int, str]:
    """Pages after what they show, index pages after those, and the home page last."""
    path = file[0].removesuffix(".gz")
    index = path.endswith("index.html") or "/" not in path
    return index, -path.count("/") if index else not path.startswith("assets/"), file[0]
