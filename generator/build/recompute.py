"""Compute a published release anew, from the sources alone, and compare every file of it.

Neither the cache nor the store is read: what was put into them unseen can't be believed. Inputs that changed since the
release are left out where the release did not depend on them (ledgers that were not approved then, new files); all
others are used as they are now, and what differs then can't be compared.

The site computed anew has the same theme, which could show other figures: so the rankings on pages are compared with
the data of the pages, too: those of pages that are computed now and, if an input has changed, of the published ones.
If only the theme and articles have changed, the published pages have to agree with the data; else what differs may come
from the theme or from the other inputs.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from generator.build import branch, executors, released_templates, source_digests
from generator.build.engine import BuildResult, build_site
from generator.build.request import BuildRequest
from generator.core.model.settings import Audience
from generator.disk import locked_files
from generator.disk.temporary_folder import make_temporary_folder
from generator.intake.files.content_files import read_settings
from generator.intake.text.reader import ProjectReader
from generator.loader import load
from generator.problems import Problem
from generator.project import ProgressCallback, Project
from generator.publish.store import BuildRecord, Manifest
from generator.render.site.ranking_differences import RankingCheck

_TEXTS = ("content/notices/", "content/pages/")  # no figure of a ranking comes from them
_COMMITTEE = "committee/"  # its pages show drafts, too


class Recomputation(Struct, frozen=True):
    """The comparison of a release with what its sources give now.

    ``changed_inputs`` are the paths that differ from the release's record. ``same_program`` is false if another version
    of the program built it: then nothing was computed. ``wrong`` are files that differ though all their inputs are the
    same, ``uncompared`` those that differ while an input that bears on them changed, ``equal_count`` all others.
    ``rankings`` is the comparison of the rankings on pages with the data: of the published pages or, unless it
    ``has_published_rankings``, of those that are computed now; then ``published_rankings`` compares the published ones
    with data that may be others. ``errors`` stopped the computation.
    """

    changed_inputs: tuple[str, ...] = ()
    same_program: bool = True
    wrong: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    equal_count: int = 0
    rankings: RankingCheck = RankingCheck()
    has_published_rankings: bool = True
    published_rankings: RankingCheck = RankingCheck()
    errors: tuple[Problem, ...] = ()


def recompute_release(
    project: Project,
    output: Path,
    manifest: Manifest,
    is_basis: Callable[[str], bool],
    meanwhile: Callable[[], object],
) -> Recomputation | None:
    """Compute the release in a folder anew and compare it; None for one of version 0.1.0, which recorded no inputs.

    ``is_basis`` returns of the path of a changed ledger whether the release may be based on it. ``meanwhile`` is called
    while workers compute. Takes about as long as a build without a cache. Raises InputChangedError if a file changes
    during it.
    """
    record = manifest.record
    if record is None:
        return None
    present_theme = _digest_theme(project, record)
    present = {**source_digests.digest_sources(project), **present_theme}
    recorded = {**record.inputs, **record.theme}
    changed = {path for path in present.keys() | recorded.keys() if present.get(path) != recorded.get(path)}
    if record.program != source_digests.digest_program():
        return Recomputation(tuple(sorted(changed)), same_program=False)
    omitted = {path for path in changed if _is_omissible(path, record, is_basis)}
    relevant = changed - omitted
    # What alone can change without a figure: then the published pages show the rankings that are computed now.
    texts = {path for path in relevant if path.startswith(_TEXTS)}
    has_same_rankings = bool(relevant) and relevant <= present_theme.keys() | record.theme.keys() | texts
    with _view(project, omitted) as root:
        request = BuildRequest(
            root,
            manifest.day,
            frozenset(map(Audience, record.audiences)),
            with_gzip=record.with_gzip,
            compares_rankings=True,
            has_released_theme=released_templates.are_as_released(present_theme),
            published=output.absolute() if relevant else None,
        )
        result = build_without_cache(request, project.progress, meanwhile)
    files, errors = result.files, tuple(problem for problem in result.problems if problem.is_error)
    if errors:
        return Recomputation(tuple(sorted(changed)), errors=errors)
    paths = files.digests.keys() | manifest.files.keys()
    differing = sorted(path for path in paths if files.digests.get(path) != manifest.files.get(path))
    excused = [path for path in differing if relevant or (changed and path.startswith(_COMMITTEE))]
    return Recomputation(
        changed_inputs=tuple(sorted(changed)),
        wrong=tuple(path for path in differing if path not in set(excused)),
        uncompared=tuple(excused),
        equal_count=len(paths) - len(differing),
        rankings=files.published_rankings if has_same_rankings else files.rankings,
        has_published_rankings=has_same_rankings or not excused,
        published_rankings=files.published_rankings,
    )


def _digest_theme(project: Project, record: BuildRecord) -> Mapping[str, str]:
    """Return the digests of the present theme chain; those recorded if the settings or the theme can't be read."""
    reader = ProjectReader(project)
    settings = reader.read_file(project.settings_path, read_settings)
    layers, _ = load.load_theme_layers(project, settings) if settings else ((), [])
    return dict(source_digests.digest_theme_files(project, layers)) if layers else record.theme


def _is_omissible(path: str, record: BuildRecord, is_basis: Callable[[str], bool]) -> bool:
    """Return whether a changed input can be left out: a new file, or a ledger that was a draft."""
    if path not in record.inputs:
        return path.startswith(("content/", "ledgers/"))
    in_year = path.startswith("ledgers/") and path.count("/") > 1 and not path.startswith("ledgers/rulebooks/")
    return in_year and not path.endswith("/cycle.yaml") and not is_basis(path)


@contextmanager
def _view(project: Project, omitted: set[str]) -> Iterator[Path]:
    """Give the root of the project without these files: a copy, unless there are none."""
    if not omitted:
        yield project.root
        return
    with make_temporary_folder() as root:
        for name in ("content", "ledgers", "themes"):
            if (project.root / name).is_dir():
                shutil.copytree(project.root / name, root / name, copy_function=locked_files.copy_file)
        for path in omitted:
            if not (root / path).is_dir():  # an empty folder is an input, too
                locked_files.delete_file(root / path)
        yield root


def build_without_cache(
    request: BuildRequest, progress: ProgressCallback, meanwhile: Callable[[], object] | None = None
) -> BuildResult:
    """Build a site of which nothing was computed before, and leave nothing of it in this process."""
    try:
        return build_site(
            request,
            lambda branches: executors.open_workers(executors.choose_worker_count(branches)),
            None,
            progress,
            meanwhile=meanwhile,
        )
    finally:
        branch.clear_caches()
