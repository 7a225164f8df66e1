"""The content of an archive, computed from the sources that it holds: the same for the same sources and program."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct

from generator import __version__
from generator.build import recompute, source_digests
from generator.build.messages import RenderedFiles
from generator.build.request import BuildRequest
from generator.core.basics.periods import Period
from generator.core.model.settings import Audience
from generator.disk import atomic_files
from generator.disk.system_files import is_system_file
from generator.disk.temporary_folder import make_temporary_folder
from generator.loader import load
from generator.loader.load import SharedFiles
from generator.problems import Problem
from generator.project import Project, ThemeLayer, ignore_progress
from generator.publish.archive import COVER, SITE, SOURCES, Archive, ArchiveManifest
from generator.publish.store import Store
from generator.render.export.archive_cover import render_cover
from generator.render.site.ranking_differences import RankingCheck


class ComposedArchive(Struct, frozen=True):
    """An archive, None if errors of the sources stop it; the comparison of an earlier one's pages with the data."""

    archive: Archive | None
    rankings: RankingCheck
    problems: tuple[Problem, ...]


def compose_archive(root: Path, period: Period, day: date, published: Path | None = None) -> ComposedArchive:
    """Compute the archive of a period from a folder of sources that is nothing else, as of a day.

    The pages are those of all four editions. The rankings on the pages in a folder ``published`` are compared with the
    data, if one is given.
    """
    project = Project(root)
    with make_temporary_folder() as folder:
        rendered, problems = _build_pages(project, day, folder, published)
        if any(problem.is_error for problem in problems):
            return ComposedArchive(None, RankingCheck(), problems)
        store = Store(project, folder)
        pages = {path: Path(store.blob_path(digest)).read_bytes() for path, digest in rendered.digests.items()}
    shared = load.read_shared_files(project, day)
    files = {f"{SITE}{path}": raw for path, raw in pages.items()}
    files |= {f"{SOURCES}{path}": raw for path, raw in _read_folder(root)}
    files |= _read_shipped_theme(project, shared)
    files[COVER] = _render_cover(shared, files, period, day)
    manifest = ArchiveManifest(
        period, day, __version__, source_digests.digest_package(), source_digests.list_libraries()
    )
    return ComposedArchive(Archive(manifest, files), rendered.published_rankings, problems)


def has_same_program(manifest: ArchiveManifest) -> bool:
    """Return whether this program, with the same libraries, wrote an archive: then all bytes have to be the same."""
    present = source_digests.digest_package(), source_digests.list_libraries()
    return (manifest.program, manifest.libraries) == present


def _build_pages(
    project: Project, day: date, store: Path, published: Path | None
) -> tuple[RenderedFiles, tuple[Problem, ...]]:
    request = BuildRequest(
        project.root,
        day,
        frozenset(Audience),
        store=store,
        compares_rankings=published is not None,
        published=published,
    )
    result = recompute.build_without_cache(request, ignore_progress)
    return result.files, result.problems


def _read_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(atomic_files.walk_paths(folder)):
        raw = atomic_files.read_regular_file(folder / path)
        if raw is not None and not is_system_file(path):
            yield path, raw


def _read_shipped_theme(project: Project, shared: SharedFiles) -> Mapping[str, bytes]:
    """Return the files of the themes that come with the program, for readers without it."""
    assert shared.settings is not None
    layers, _ = load.load_theme_layers(project, shared.settings)
    return {
        f"theme/{layer.name}/{path}": raw
        for layer in layers
        if project.is_shipped(layer)
        for path, raw in _read_layer(layer)
    }


def _read_layer(layer: ThemeLayer) -> Iterator[tuple[str, bytes]]:
    return (file for file in _read_folder(layer.folder) if "__pycache__" not in file[0])


def _render_cover(shared: SharedFiles, files: Mapping[str, bytes], period: Period, day: date) -> bytes:
    assert shared.settings is not None
    assert shared.roster is not None
    articles = [article for article in shared.articles if article.is_due(day)]
    return render_cover(
        shared.settings, shared.roster, articles, files.keys(), period=period, day=day, version=__version__
    )
