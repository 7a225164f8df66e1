"""Build a site, or find that the last build of the output folder is still current: the one entry for commands.

Imports next to nothing before that is known, because a build without changes needs nothing else.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from generator.build import profiling, receipt, source_digests
from generator.build.cache import digest_value, open_cache
from generator.build.output_reader import OutputReader
from generator.build.receipt import BuildOutcome, Receipt
from generator.build.request import BuildRequest, PublicationCallback
from generator.project import ProgressCallback

if TYPE_CHECKING:
    from generator.build.engine import BuildResult


def build(
    request: BuildRequest,
    workers: int | str | None,
    progress: ProgressCallback,
    *,
    use_cache: bool = True,
    before_publication: PublicationCallback | None = None,
) -> BuildOutcome:
    """Build a site and publish it in the request's output folder.

    ``workers`` is a number of processes, the address of a cluster or, with None, as many processes as are worth
    starting. Without ``use_cache`` neither cache nor receipt is read or written. ``before_publication`` may stop it
    when all is computed. The outcome has the timings of all that was done so far. Raises InputChangedError if a file
    was changed while the build was reading, LockedError if another command is writing, ClusterUnreachableError if there
    is no such cluster.
    """
    outcome = _build(request, workers, progress, use_cache, before_publication)
    timings, slow_pages = profiling.collect_timings(), profiling.fallback_count()
    return replace(outcome, timings=timings, slow_page_count=slow_pages)


def _build(
    request: BuildRequest,
    workers: int | str | None,
    progress: ProgressCallback,
    use_cache: bool,  # noqa: FBT001
    before_publication: PublicationCallback | None,
) -> BuildOutcome:
    project, output = request.project, request.output
    assert output is not None
    # The reader starts first: its child process reads the folder while the sources are digested here.
    with OutputReader(project, output, single_process=workers == 1) as reader:
        with profiling.stage("核对资料"):
            digests = dict(source_digests.digest_sources(project))
            key = receipt.receipt_key(project, output, request.options, digests)
        # A folder without any sources is no project: nothing is written there.
        cache, cache_problems = open_cache(project) if use_cache and digests else (None, [])
        with profiling.stage("核对网站"):
            last = receipt.load_receipt(cache, key, request.today) if cache else None
            if last and reader.matches_release(last.release_number, last.files_digest):
                return last.outcome
        from generator.build import engine, executors  # noqa: PLC0415  not needed where nothing has changed

        if isinstance(workers, str):
            reader.stop_child()  # a cluster reads faster
        result = engine.build_site(
            request,
            lambda branches: executors.open_workers(workers or executors.choose_worker_count(branches)),
            cache,
            progress,
            digests=digests,
            output_reader=reader,
            before_publication=before_publication,
        )
    outcome = _make_outcome(result)
    if cache and result.release:
        manifest = result.release.manifest
        last = Receipt(manifest.number, digest_value(manifest.files), request.today, result.valid_until, outcome)
        receipt.save_receipt(cache, key, last)
    # Of this build alone: the next has its own secret and its own cache.
    return replace(outcome, problems=(*cache_problems, *outcome.problems))


def _make_outcome(result: "BuildResult") -> BuildOutcome:
    pages = [path for path in result.files.digests if path.endswith(".html")]
    released = result.release
    return BuildOutcome(
        problems=tuple(result.problems),
        file_count=len(result.files.digests),
        # An index page if there is one, of these the nearest to the top: usually the home page.
        first_page=min(pages, key=lambda path: (not path.endswith("index.html"), path.count("/"), path), default=""),
        drafts=result.drafts,
        written_count=released.written if released else 0,
        withdrawn_count=released.withdrawn if released else 0,
        first_published=result.first_published,
        changed_values=result.changes.accepted,
        changed_files=result.changes.files,
    )
