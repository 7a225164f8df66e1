"""A command run once, and what it took: time, processor, memory, what it wrote."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launcher.py")

_UNLIKE = {"PYTHONDONTWRITEBYTECODE"}  # what an installed program does not run with: it has its modules compiled


class FailedError(Exception):
    """A command that was to be measured failed; its text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Command:
    """Words, the folder to run them in, and what the environment has besides."""

    words: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of the clock and of all processors, user and system; bytes of the largest process at its largest.

    ``others`` are the bytes of each other process at its largest, where the system tells of them.
    ``files`` and ``written`` are the files, and their bytes, that came to be or were written anew in the output folder.
    """

    wall: float
    cpu: float
    memory: int
    files: int
    written: int
    others: Sequence[int] = ()


def run(command: Command, output: Path) -> Usage:
    """Run it to its end; raises FailedError."""
    before, log = dict(_state(output)), command.folder / "said.log"
    words = [sys.executable, "-I", "-S", LAUNCHER, log, *command.words]
    environment = {key: value for key, value in os.environ.items() if key not in _UNLIKE} | command.environment
    told = subprocess.run(
        list(map(str, words)), cwd=command.folder, env=environment, stdout=subprocess.PIPE, check=True
    )
    took = json.loads(told.stdout)
    if took.pop("exit"):
        raise FailedError(f"{' '.join(map(str, command.words))}\n{log.read_text(errors='replace')[-4000:]}")
    fresh = [found[2] for path, found in _state(output) if before.get(path) != found]
    return Usage(**took, files=len(fresh), written=sum(fresh))


def _state(folder: Path) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Every file below a folder: which one it is, when it was written, and its size."""
    if folder.is_dir():
        for entry in os.scandir(folder):
            if entry.is_dir():
                yield from _state(Path(entry.path))
            else:
                one = entry.stat()
                yield entry.path, (one.st_ino, one.st_mtime_ns, one.st_size)


def clear(*folders: Path) -> None:
    """Remove folders, before anything is timed."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
