"""Rendering of a branch's pages, as functions that any process may run."""

import gzip
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import partial

from msgspec.structs import replace

from generator.build import branch, profiling
from generator.build.checked_rendering import CheckedRendering
from generator.build.garbage_collection import collect_young, freeze_heap, gc_disabled
from generator.build.messages import BranchFiles, ImportedScores, OrganFacts, RenderedFiles
from generator.build.request import BuildRequest
from generator.disk import atomic_files
from generator.publish.store import Store
from generator.render.html.templates import get_renderer
from generator.render.site import committee_pages, page_renderer, pages
from generator.render.site.edition import Edition, PageSpec

_GZIP_SUFFIXES = (".html", ".css", ".js", ".json", ".svg", ".xml")  # of files that get a compressed twin


def _list_pages(edition: Edition, branch: str, facts: OrganFacts) -> Iterator[PageSpec]:
    yield from pages.list_branch_pages(edition, branch)
    yield from pages.list_member_pages(edition, facts.account_years)
    yield from committee_pages.list_branch_committee_pages(edition, branch)


def render_branch_pages(
    rendering: CheckedRendering,
    files: BranchFiles,
    imports: ImportedScores,
    facts: OrganFacts,
    reads: "ReadRecorder",
) -> Iterator[tuple[str, bytes]]:
    """Render the branch's pages for the request's readers one by one, with links to built paths only.

    What their templates read of other pages is recorded in ``reads``.
    """
    request = rendering.request
    edition = branch.make_edition_with_facts(request, files, imports, facts)
    theme = branch.load_shared_inputs(request).theme
    renderer = get_renderer(theme, profiling.count_fallback)
    links = page_renderer.LinkResolver(edition.settings, reads, theme.asset_versions)
    for spec in _list_pages(edition, files.branch, facts):
        if spec.audience in request.readers:
            with profiling.stage("排榜"):
                page = spec.build_page()
            with profiling.stage("排版"):
                render = partial(page_renderer.render_page, edition, page, renderer, links, reads.note_articles)
                raw = rendering.render(page, render)
            yield page.path, raw


@gc_disabled()
def store_branch_pages(
    request: BuildRequest, files: BranchFiles, imports: ImportedScores, facts: OrganFacts
) -> RenderedFiles:
    """Render the branch's pages into the store."""
    # Without the freeze, the first collection would go through everything that this process has loaded so far.
    freeze_heap()
    rendering = CheckedRendering(request, branch.load_shared_inputs(request).roster)
    reads = ReadRecorder(facts.built_paths)
    rendered = store_files(request, render_branch_pages(rendering, files, imports, facts, reads))
    collect_young()
    return rendering.add_checks(reads.add_reads(rendered))


class ReadRecorder(Container[str]):
    """The built paths, recording each look-up, and whether articles were read: only what was read changes a page."""

    def __init__(self, built_paths: Container[str]) -> None:
        self.built_paths = built_paths
        self.targets: dict[str, bool] = {}
        self.reads_articles = False

    def __contains__(self, path: object) -> bool:
        assert isinstance(path, str)
        self.targets[path] = path in self.built_paths
        return self.targets[path]

    def note_articles(self) -> None:
        """Record that a template named the articles."""
        self.reads_articles = True

    def add_reads(self, files: RenderedFiles) -> RenderedFiles:
        """Return rendered files with what was read for them."""
        return replace(files, links=self.targets, reads_articles=self.reads_articles)


def has_unchanged_links(links: Mapping[str, bool], built_paths: Container[str]) -> bool:
    """Return whether every recorded target is still built, or still not."""
    return all((target in built_paths) == was_built for target, was_built in links.items())


def store_files(request: BuildRequest, rendered: Iterable[tuple[str, bytes]]) -> RenderedFiles:
    """Save rendered files in the store, each with its compressed twin if the request wants them."""
    digests: dict[str, str] = {}
    store = Store(request.project, request.store) if request.store else None
    for path, raw in rendered:
        with profiling.stage("写入"):
            digests[path] = _save(store, raw)
            if request.with_gzip and path.endswith(_GZIP_SUFFIXES):
                # Without a time, equal pages have equal twins.
                digests[f"{path}.gz"] = _save(store, gzip.compress(raw, 9, mtime=0))
    with profiling.stage("核对"):
        unwritten = atomic_files.find_changed_paths(request.output, digests) if request.output else ()
        return RenderedFiles(digests, unwritten)


def _save(store: Store | None, raw: bytes) -> str:
    return store.save_blob(raw) if store else atomic_files.digest_bytes(raw)


def find_changed_files(request: BuildRequest, files: Mapping[str, str]) -> list[str]:
    """Return the paths of these files that the output folder does not have, or not with the right bytes."""
    assert request.output
    with profiling.stage("核对"):
        return atomic_files.find_changed_paths(request.output, files)
