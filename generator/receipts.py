"""What the last build of a folder came to, so that one that would change nothing need not be done.

It holds as long as every file it was made from is the same, and every file of the site: both are read again and told by
their digests. It imports next to nothing.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Self

from msgspec import Struct

from generator import inventory
from generator.memo import Memo, key
from generator.project import Project
from generator.publish import comparison, files

_MANY = 1000  # files, to read which it is worth while to begin a process
_SHARE = 60  # of a hundred, which it reads while the project is read here


class Receipt(Struct, frozen=True):
    """A build's release by its number, and what was said of it: on standard output, and as warnings.

    It holds from the day ``since`` until before ``until``, which is None if that is for ever.
    """

    release: int
    since: date
    until: date | None
    said: Sequence[str]
    warned: Sequence[str]


def name(project: Project, output: Path, wanted: Sequence[str], digests: dict[str, str]) -> str:
    """The key of a build: of all that goes into it but the day; ``wanted`` are the options that make it another."""
    made_of = inventory.joined(digests), inventory.looks(project), inventory.program()
    return key("receipt", str(output), *wanted, *made_of)


def keep(memo: Memo, name: str, receipt: Receipt) -> None:
    """Keep it for the next build."""
    memo.put(name, receipt)


def recall(memo: Memo, name: str, today: date) -> Receipt | None:
    """The receipt of that key, if there is one and it holds today."""
    found = memo.get(name, Receipt)
    return found if found and found.since <= today and (found.until is None or today < found.until) else None


class Reading:
    """An output folder, read again; where it has many files, a process of its own begins with them at once."""

    def __init__(self, project: Project, output: Path, *, alone: bool) -> None:
        self.output = output
        self.release = None if comparison.interrupted(project, output) else comparison.current(project, output)
        self._rest = self.release.files if self.release else {}
        self._child = 0
        if not alone and len(self._rest) >= _MANY and hasattr(os, "fork"):
            every = list(self._rest.items())
            share = len(every) * _SHARE // 100
            with suppress(OSError):  # where no process may be begun, all is read here
                self._child = _begun(output, dict(every[:share]))
                self._rest = dict(every[share:])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child:
            with suppress(ProcessLookupError):  # gone by itself, where nobody has to be told of the end of a process
                os.kill(self._child, signal.SIGKILL)
            self._end()

    def holds(self, number: int) -> bool:
        """Whether the folder holds every file of that release and no other."""
        if self.release is None or self.release.number != number:
            return False
        if set(files.entries(self.output)) != {(path, False) for path in self.release.files}:
            return False
        same = not files.stale(self.output, self._rest)
        return same and (not self._child or self._end() == 0)

    def _end(self) -> int | None:
        """How the process ended; None if that can't be known."""
        child, self._child = self._child, 0
        try:
            return os.waitpid(child, 0)[1]
        except ChildProcessError:
            return None


def _begun(output: Path, share: Mapping[str, str]) -> int:
    """A process that ends well if the folder holds these files: to import what begins one would take longer."""
    child = os.fork()
    if not child:
        differs = True
        try:
            differs = bool(files.stale(output, share))
        finally:
            os._exit(differs)
    return child
