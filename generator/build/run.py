"""Build a site, or find that the last build of the folder still holds: the one entry for commands.

It imports next to nothing: where nothing has changed, nothing else is needed.
"""

from typing import TYPE_CHECKING

from generator.build import profiling, receipt, source_digests
from generator.build.cache import Memo
from generator.build.output_reader import Rereading
from generator.build.receipt import Outcome, Receipt
from generator.build.request import BuildRequest, Progress

if TYPE_CHECKING:
    from generator.build.engine import BuildResult


def build(request: BuildRequest, workers: int | str | None, progress: Progress) -> Outcome:
    """Build a site and publish it in the request's output folder.

    ``workers`` is a number of processes, the address of a cluster or, with None, as many processes as are worth
    starting. Raises ChangedError if a file was changed while the build was reading, LockedError if another command
    is writing, UnreachableError if there is no such cluster.
    """
    project, output = request.project, request.output
    assert output is not None
    cache = Memo(project.cache)
    with Rereading(project, output, alone=workers == 1) as reader:
        with profiling.stage("核对资料"):
            digests = dict(source_digests.sources(project))
            key = receipt.name(project, output, request.options, digests)
        with profiling.stage("核对网站"):
            last = receipt.recall(cache, key, request.today)
            if last and reader.holds(last.release):
                return last.outcome
        from generator.build import engine, executors  # noqa: PLC0415  not needed where nothing has changed

        if isinstance(workers, str):
            reader.end()  # a cluster reads faster
        result = engine.build(
            request,
            lambda branches: executors.hands(workers or executors.fitting(branches)),
            cache,
            progress,
            digests=digests,
            reread=reader,
        )
    outcome = _outcome(result)
    if result.release:
        number = result.release.manifest.number
        receipt.keep(cache, key, Receipt(number, request.today, result.valid_until, outcome))
    return outcome


def _outcome(result: "BuildResult") -> Outcome:
    pages = [path for path in result.files.digests if path.endswith(".html")]
    released = result.release
    return Outcome(
        problems=result.problems,
        files=len(result.files.digests),
        first_page=min(pages, key=lambda path: (not path.endswith("index.html"), path.count("/"), path), default=""),
        drafts=result.drafts,
        written=released.written if released else 0,
        withdrawn=released.withdrawn if released else 0,
        first_published=result.first_published,
    )
