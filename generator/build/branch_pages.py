"""Draw a branch's pages, as a function that any process may run."""

import gzip
from collections.abc import Container, Iterable, Iterator, Mapping

from msgspec.structs import replace

from generator.build import branch, profiling
from generator.build.garbage_collection import settle, sweep, uncollected
from generator.build.messages import BranchFiles, Imports, OrganFacts, RenderedFiles
from generator.build.request import BuildRequest
from generator.publish import atomic_files as bytes_of
from generator.publish.store import Store
from generator.render.html.templates import filler
from generator.render.site import committee_pages, drawing, pages
from generator.render.site.edition import Edition, PageSpec

_PACKED = (".html", ".css", ".js", ".json", ".svg", ".xml")  # what gets a compressed twin


def _listed_pages(edition: Edition, branch: str, facts: OrganFacts) -> Iterator[PageSpec]:
    yield from pages.of_branch(edition, branch)
    yield from pages.of_members(edition, facts.accounts)
    yield from committee_pages.of_branch(edition, branch)


def draw(
    request: BuildRequest, files: BranchFiles, imports: Imports, facts: OrganFacts, built: Container[str]
) -> Iterator[tuple[str, bytes]]:
    """Draw the branch's pages for the request's readers one by one, with links to what is ``built``."""
    edition = branch.edition(request, files, imports, facts)
    fill, links = (
        filler(branch.shared_inputs(request).theme, profiling.count_fallback),
        drawing.Links(edition.settings, built),
    )
    for spec in _listed_pages(edition, files.branch, facts):
        if spec.audience in request.readers:
            with profiling.stage("排榜"):
                page = spec.make()
            with profiling.stage("排版"):
                raw = drawing.render(edition, page, fill, links)
            yield page.path, raw


@uncollected()
def publish(request: BuildRequest, files: BranchFiles, imports: Imports, facts: OrganFacts) -> RenderedFiles:
    """Draw the branch's pages into the store."""
    settle()
    links = LinkRecorder(facts.built)
    rendered = store_files(request, draw(request, files, imports, facts, links))
    sweep()
    return replace(rendered, links=links.targets)


class LinkRecorder(Container[str]):
    """The built paths, recording each look-up: only a target that was looked up can change a page."""

    def __init__(self, built: Container[str]) -> None:
        self.built = built
        self.targets: dict[str, bool] = {}

    def __contains__(self, path: object) -> bool:
        assert isinstance(path, str)
        self.targets[path] = path in self.built
        return self.targets[path]


def links_unchanged(links: Mapping[str, bool], built: Container[str]) -> bool:
    """Whether every recorded target is still built, or still absent."""
    return all((target in built) == there for target, there in links.items())


def store_files(request: BuildRequest, drawn: Iterable[tuple[str, bytes]]) -> RenderedFiles:
    """Keep files in the store, each beside its compressed twin if the request wants them."""
    digests: dict[str, str] = {}
    store = Store(request.project, request.store) if request.store else None
    for path, raw in drawn:
        with profiling.stage("写入"):
            digests[path] = _stored(store, raw)
            if request.packed and path.endswith(_PACKED):
                digests[f"{path}.gz"] = _stored(store, gzip.compress(raw, 9, mtime=0))
    with profiling.stage("核对"):
        return RenderedFiles(digests, bytes_of.stale(request.output, digests) if request.output else ())


def _stored(store: Store | None, raw: bytes) -> str:
    return store.save(raw) if store else bytes_of.digest(raw)


def differing(request: BuildRequest, files: Mapping[str, str]) -> list[str]:
    """The paths of these files that the output folder does not hold."""
    assert request.output
    with profiling.stage("核对"):
        return bytes_of.stale(request.output, files)
