"""Verify by digest which files of the current release are intact in the output folder."""

from collections.abc import Mapping
from functools import cached_property

from generator.build import branch_pages, profiling
from generator.build.executors import Workers
from generator.build.output_reader import OutputReader
from generator.build.request import BuildRequest
from generator.disk import atomic_files
from generator.project import ProgressCallback, ignore_progress
from generator.publish import comparison
from generator.publish.store import Manifest, Store

_CHUNK_SIZE = 500  # files that are read in one task


class OutputCheck:
    """The intact files of an output folder; without a folder, ``stored_files``, which the request's store has.

    Workers read the folder, unless ``output_reader`` is reading the same release in a child process.
    """

    def __init__(
        self,
        request: BuildRequest,
        workers: Workers = (),
        output_reader: OutputReader | None = None,
        progress: ProgressCallback = ignore_progress,
        stored_files: Mapping[str, str] | None = None,
    ) -> None:
        self._request = request
        self._progress = progress
        release = comparison.read_current_release(request.project, request.output) if request.output else None
        self._files = dict(release.files if release else stored_files or {})
        self._output_reader = (
            output_reader
            if output_reader and output_reader.has_child_process and self._is_reading(output_reader, release)
            else None
        )
        chunks = () if self._output_reader or not release else atomic_files.split_into_chunks(self._files, _CHUNK_SIZE)
        # Submitted at once, though the result is needed only after the survey: workers need not wait for it.
        self._tasks = [
            workers[n % len(workers)].submit(profiling.run_measured, branch_pages.find_changed_files, request, chunk)
            for n, chunk in enumerate(chunks)
        ]

    def _is_reading(self, output_reader: OutputReader, release: Manifest | None) -> bool:
        """Return whether a reader compares with this release, and no other build has begun a switch since it began."""
        assert self._request.output
        project, output = self._request.project, self._request.output
        return output_reader.release == release and not comparison.is_interrupted(project, output)

    def has_intact(self, digests: Mapping[str, str]) -> bool:
        """Return whether all these files are intact, given by path with their digests."""
        return digests.items() <= self._intact.items()

    def save_to_store(self) -> None:
        """Save the bytes of all intact files of the output folder, so that they outlast the switch to another release.

        The store may have lost some of them.
        """
        if self._request.output and self._intact:
            with profiling.stage("核对"):
                Store.for_output(self._request.project, self._request.output).save_output_files(
                    self._request.output, self._intact
                )

    @cached_property
    def _intact(self) -> Mapping[str, str]:
        changed_paths = self._output_reader.find_changed_paths() if self._output_reader else self._collect_changed()
        for path in changed_paths:
            del self._files[path]
        return self._files

    def _collect_changed(self) -> list[str]:
        changed_paths, done, count = [], 0, len(self._files)
        for task in self._tasks:
            paths, spent = task.result()
            profiling.add_timings(spent)
            changed_paths += paths
            done = min(done + _CHUNK_SIZE, count)
            self._progress("核对 文件", done, count, 0)
        return changed_paths
