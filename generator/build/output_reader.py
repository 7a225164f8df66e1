"""The output folder, read again from the first moment on: all of it, as only the bytes tell whether it is as it was.

Where it has many files, a process of its own begins with the first of them, and this one, once it has to know, helps
from the end on. It imports next to nothing.
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
from generator.project import Project
from generator.publish import atomic_files, comparison

_MIN_FILES_FOR_CHILD = 1000  # files, to read which it is worth while to begin a process
_CHUNK_SIZE = 200  # of them, which are read in one piece


class OutputReader:
    """An output folder and its ``release``, None if there is none or a switch was interrupted.

    ``beside`` says whether a process of its own has begun to read. Whoever is ``alone`` begins none.
    """

    def __init__(self, project: Project, output: Path, *, single_process: bool) -> None:
        self.output = output
        self.release = (
            None if comparison.is_interrupted(project, output) else comparison.read_current_release(project, output)
        )
        known = self.release.files if self.release else {}
        self._shares = list(atomic_files.split_into_chunks(known, _CHUNK_SIZE))
        self._differing: list[str] | None = None
        worth = len(known) >= _MIN_FILES_FOR_CHILD and not single_process and hasattr(os, "fork")
        self._child = _begun(output, self._shares) if worth else None

    @property
    def has_child_process(self) -> bool:
        """Whether a process of its own has begun to read."""
        return self._child is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_child()

    def stop_child(self) -> None:
        """Let the other process, if there is one, read no more; what it would have read is read here."""
        if self._child:
            self._child.end()
        self._child = None

    def is_intact(self, release_number: int) -> bool:
        """Whether the folder holds every file of that release and no other."""
        if self.release is None or self.release.number != release_number:
            return False
        if set(atomic_files.walk_entries(self.output)) != {(path, False) for path in self.release.files}:
            return False
        return not self.find_changed_paths()

    def find_changed_paths(self) -> list[str]:
        """The paths of the release that the folder does not hold as they were."""
        if self._differing is None:
            self._differing = self._read()
        return self._differing

    def _read(self) -> list[str]:
        """Read what the other process has not begun with, from the end on."""
        found: list[str] = []
        left = len(self._shares)
        while left > self._told(left):
            left -= 1
            with profiling.stage("核对"):
                found += atomic_files.find_changed_paths(self.output, self._shares[left])
        theirs = self._child.found[:left] if self._child else []
        return [*chain.from_iterable(theirs), *found]

    def _told(self, left: int) -> int:
        """How many shares the other process has told of; if it is busy with the last that is left, with that one."""
        if self._child is None:
            return 0
        told = self._child.told(wait=False)
        return self._child.told(wait=True) if told == left - 1 else told


class _Child:
    """A process that reads shares in their order; ``found`` has what differs in each that it has told of."""

    def __init__(self, pid: int, pipe: int) -> None:
        self._pid = pid
        self._pipe = pipe
        self._text = b""
        self._over = False
        self.found: list[list[str]] = []

    def told(self, *, wait: bool) -> int:
        """How many shares it has told of by now; or by the time that it tells of one more, or has ended."""
        while wait or select.select([self._pipe], [], [], 0)[0]:
            before, more = len(self.found), os.read(self._pipe, 1 << 16)
            self._over = not more
            *lines, self._text = (self._text + more).split(b"\n")
            for line in lines:
                paths, spent = json.loads(line)
                self.found.append(paths)
                profiling.add_timings({"核对": spent})
            if self._over or (wait and len(self.found) > before):
                break
        return len(self.found)

    def end(self) -> None:
        """Let it read no more."""
        os.close(self._pipe)
        if not self._over:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        with suppress(ChildProcessError):  # gone by itself, where nobody has to be told of the end of a process
            os.waitpid(self._pid, 0)


def _begun(output: Path, shares: Iterable[Mapping[str, str]]) -> _Child | None:
    """A process that reads these; None where none may be begun. To import what others begin one by takes longer."""
    reading, writing = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(reading)
        os.close(writing)
        return None
    if pid:
        os.close(writing)
        return _Child(pid, reading)
    try:
        os.close(reading)
        with open(writing, "w", encoding="ascii") as pipe:  # noqa: PTH123
            for share in shares:
                begun = process_time()
                told = atomic_files.find_changed_paths(output, share), process_time() - begun
                pipe.write(json.dumps(told) + "\n")
                pipe.flush()
    finally:
        os._exit(0)
