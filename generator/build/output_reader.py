"""Check of the whole output folder by digest, begun at once in a child process: only the bytes show a changed file.

With many files a child process reads from the first one on. As soon as this process needs the result, it helps from the
last one backwards. Imports next to nothing, because a build without changes needs nothing else.
"""

import json
import os
import select
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from time import process_time
from typing import Self

from generator.build import profiling
from generator.build.cache import digest_value
from generator.disk import atomic_files
from generator.disk.system_files import is_system_file
from generator.project import Project
from generator.publish import comparison

_MIN_FILES_FOR_CHILD = 1000  # fewer are not worth starting a process
_CHUNK_SIZE = 200  # files, read as a unit by one of the processes


class OutputReader:
    """An output folder, compared with its current ``release``.

    The release is None if there is none, or if a switch to another was interrupted. With ``single_process`` no child
    process is started.
    """

    def __init__(self, project: Project, output: Path, *, single_process: bool) -> None:
        self.output = output
        self.release = (
            None if comparison.is_interrupted(project, output) else comparison.read_current_release(project, output)
        )
        files = self.release.files if self.release else {}
        self._chunks = list(atomic_files.split_into_chunks(files, _CHUNK_SIZE))
        self._changed_paths: list[str] | None = None
        use_child = len(files) >= _MIN_FILES_FOR_CHILD and not single_process and hasattr(os, "fork")
        self._child = _start_child(output, self._chunks) if use_child else None

    @property
    def has_child_process(self) -> bool:
        """True if a child process is reading or has read."""
        return self._child is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_child()

    def stop_child(self) -> None:
        """Stop the child process, if there is one; files that it has not read will be read in this process."""
        if self._child:
            self._child.stop()
        self._child = None

    def matches_release(self, release_number: int, files_digest: str) -> bool:
        """Return whether the folder has exactly a release's files, with the right bytes.

        ``files_digest`` is that of the files in the manifest when the release was published.
        """
        if self.release is None or self.release.number != release_number:
            return False
        if digest_value(self.release.files) != files_digest:
            return False
        entries, listed = set(atomic_files.walk_entries(self.output)), {(path, False) for path in self.release.files}
        if not entries >= listed or any(is_link or not is_system_file(path) for path, is_link in entries - listed):
            return False
        return not self.find_changed_paths()

    def find_changed_paths(self) -> list[str]:
        """Return the paths of the release's files that the folder does not have, or not with the right bytes."""
        if self._changed_paths is None:
            self._changed_paths = self._read()
        return self._changed_paths

    def _read(self) -> list[str]:
        """Read the chunks that the child process has not begun with, from the last one backwards."""
        changed_paths: list[str] = []
        remaining = len(self._chunks)
        while remaining > self._count_done_by_child(remaining):
            remaining -= 1
            with profiling.stage("核对"):
                changed_paths += atomic_files.find_changed_paths(self.output, self._chunks[remaining])
        # The child may have read some of our chunks as well.
        from_child = self._child.changed_paths[:remaining] if self._child else []
        return [*chain.from_iterable(from_child), *changed_paths]

    def _count_done_by_child(self, remaining: int) -> int:
        """Return how many chunks the child has read, including the one it is reading if that alone remains."""
        if self._child is None:
            return 0
        done = self._child.count_done(wait=False)
        # The child is already reading the last chunk: to wait for it is faster than to read it again.
        return self._child.count_done(wait=True) if done == remaining - 1 else done


class _Child:
    """A child process that reads chunks in order; ``changed_paths`` has a list for each chunk that it has read."""

    def __init__(self, pid: int, pipe: int) -> None:
        self._pid = pid
        self._pipe = pipe
        self._buffer = b""
        self._closed = False
        self.changed_paths: list[list[str]] = []

    def count_done(self, *, wait: bool) -> int:
        """Return the number of chunks read; with ``wait``, block until there is one more or the child has exited."""
        while wait or select.select([self._pipe], [], [], 0)[0]:
            before, received = len(self.changed_paths), os.read(self._pipe, 1 << 16)
            self._closed = not received
            *lines, self._buffer = (self._buffer + received).split(b"\n")
            for line in lines:
                paths, spent = json.loads(line)
                self.changed_paths.append(paths)
                profiling.add_timings({"核对": spent})
            if self._closed or (wait and len(self.changed_paths) > before):
                break
        return len(self.changed_paths)

    def stop(self) -> None:
        """Kill the child process, unless it has exited, and reap it."""
        os.close(self._pipe)
        if not self._closed:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # where SIGCHLD is ignored, the system reaps it
            os.waitpid(self._pid, 0)


def _start_child(output: Path, chunks: Iterable[Mapping[str, str]]) -> _Child | None:
    """Start a child process that reads chunks; return None if the system allows no more processes.

    By ``os.fork``, because to import ``multiprocessing`` takes longer.
    """
    read_end, write_end = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(read_end)
        os.close(write_end)
        return None
    if pid:
        os.close(write_end)
        return _Child(pid, read_end)
    try:
        os.close(read_end)
        with open(write_end, "w", encoding="ascii") as pipe:  # noqa: PTH123
            for chunk in chunks:
                start = process_time()
                message = atomic_files.find_changed_paths(output, chunk), process_time() - start
                pipe.write(json.dumps(message) + "\n")
                pipe.flush()
    finally:
        os._exit(0)  # whatever happens, the child must not go on as a second build
