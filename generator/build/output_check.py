"""Verify by digest which files of the current release are intact in the output folder."""

from collections.abc import Mapping
from functools import cached_property

from generator.build import branch_pages, profiling
from generator.build.executors import Workers
from generator.build.output_reader import OutputReader
from generator.build.request import BuildRequest, ProgressCallback
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
        workers: Workers = (),
        output_reader: OutputReader | None = None,
        progress: ProgressCallback = lambda *_: None,
        stored_files: Mapping[str, str] | None = None,
    ) -> None:
        self._request = request
        self._progress = progress
        release = comparison.read_current_release(request.project, request.output) if request.output else None
        self._files = dict(release.files if release else stored_files or {})
        self._reread = (
            output_reader
            if output_reader and output_reader.has_child_process and self._is_of(output_reader, release)
            else None
        )
        chunks = () if self._reread or not release else atomic_files.split_into_chunks(self._files, _CHUNK)
        self._tasks = [
            workers[n % len(workers)].submit(profiling.run_measured, branch_pages.find_changed_files, request, chunk)
            for n, chunk in enumerate(chunks)
        ]

    def _is_of(self, reread: OutputReader, release: Manifest | None) -> bool:
        """Whether nobody has begun to put another release in place since that reading began."""
        assert self._request.output
        project, output = self._request.project, self._request.output
        return reread.release == release and not comparison.is_interrupted(project, output)

    def has_intact(self, digests: Mapping[str, str]) -> bool:
        """Whether all these files are intact, by their digests."""
        return digests.items() <= self._intact.items()

    def save_to_store(self) -> None:
        """Keep the bytes of all intact files of the output folder, whatever is to take their place."""
        if self._request.output and self._intact:
            with profiling.stage("核对"):
                Store.for_output(self._request.project, self._request.output).save_output_files(
                    self._request.output, self._intact
                )

    @cached_property
    def _intact(self) -> Mapping[str, str]:
        for path in self._reread.find_changed_paths() if self._reread else self._differing():
            del self._files[path]
        return self._files

    def _differing(self) -> list[str]:
        changed, done, count = [], 0, len(self._files)
        for task in self._tasks:
            paths, spent = task.result()
            profiling.add_timings(spent)
            changed += paths
            done = min(done + _CHUNK, count)
            self._progress("核对 文件", done, count, 0)
        return changed
