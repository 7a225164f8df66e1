"""Verify by digest which files of the current release are intact in the output folder."""

from collections.abc import Mapping
from functools import cached_property

from generator.build import branch_pages, profiling
from generator.build.executors import Hands
from generator.build.output_reader import Rereading
from generator.build.request import BuildRequest, Progress
from generator.publish import atomic_files, comparison
from generator.publish.store import Manifest, Store

_CHUNK = 500  # files that are read in one task


class OutputCheck:
    """The intact files of an output folder; without one, the files that the request's store is known to hold.

    Workers read them, unless that very release is being read again already by a process of its own.
    """

    def __init__(
        self,
        request: BuildRequest,
        workers: Hands = (),
        reread: Rereading | None = None,
        progress: Progress = lambda *_: None,
        held: Mapping[str, str] | None = None,
    ) -> None:
        self._request = request
        self._progress = progress
        release = comparison.current(request.project, request.output) if request.output else None
        self._files = dict(release.files if release else held or {})
        self._reread = reread if reread and reread.beside and self._is_of(reread, release) else None
        chunks = () if self._reread or not release else atomic_files.shares(self._files, _CHUNK)
        self._tasks = [
            workers[n % len(workers)].submit(profiling.measured, branch_pages.differing, request, chunk)
            for n, chunk in enumerate(chunks)
        ]

    def _is_of(self, reread: Rereading, release: Manifest | None) -> bool:
        """Whether nobody has begun to put another release in place since that reading began."""
        assert self._request.output
        project, output = self._request.project, self._request.output
        return reread.release == release and not comparison.interrupted(project, output)

    def contains(self, wanted: Mapping[str, str]) -> bool:
        """Whether all these files are intact, by their digests."""
        return wanted.items() <= self._intact.items()

    def save_to_store(self) -> None:
        """Keep the bytes of all intact files of the output folder, whatever is to take their place."""
        if self._request.output and self._intact:
            with profiling.stage("核对"):
                Store.of(self._request.project, self._request.output).adopt(self._request.output, self._intact)

    @cached_property
    def _intact(self) -> Mapping[str, str]:
        for path in self._reread.differing() if self._reread else self._differing():
            del self._files[path]
        return self._files

    def _differing(self) -> list[str]:
        changed, done, count = [], 0, len(self._files)
        for task in self._tasks:
            paths, spent = task.result()
            profiling.add(spent)
            changed += paths
            done = min(done + _CHUNK, count)
            self._progress("核对 文件", done, count, 0)
        return changed
