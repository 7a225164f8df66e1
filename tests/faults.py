"""A command run in a process of its own, in which one file operation goes wrong.

Operations are what Python audits (open, rename, remove, mkdir, rmdir, listing), each half of each write, and flushing.
Only those below the site project count.
"""

import errno
import gc
import importlib
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Self

from click.testing import CliRunner

TRACEBACK = 99
Fault = Callable[[int, str, str], None]
_AUDITED = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.listdir", "os.scandir"}


@dataclass(frozen=True)
class Outcome:
    code: int
    text: str
    operations: int


@dataclass
class Operations:
    """Counts the operations below a folder and tells each to ``fault``: its number, its kind and its path.

    What a fault does is none of them; what other threads do meanwhile is.
    """

    root: Path
    fault: Fault
    count: int = 0
    turn: threading.Lock = field(default_factory=threading.Lock)
    here: threading.local = field(default_factory=threading.local)

    def watch(self) -> None:
        real, below = io.open, str(self.root)

        def opened(file, mode="r", *rest, **more):
            stream = real(file, mode, *rest, **more)
            return _Halves(stream, self, str(file)) if "w" in mode and str(file).startswith(below) else stream

        io.open = opened
        os.fsync = lambda _: self.tell("flush", below)
        os.sync = lambda: self.tell("flush", below)
        sys.addaudithook(self._audit)

    def tell(self, kind: str, path: str) -> None:
        if getattr(self.here, "faulty", False):
            return
        with self.turn:
            self.count += 1
            number = self.count
        self.here.faulty = True
        try:
            self.fault(number, kind, path)
        finally:
            self.here.faulty = False

    def _audit(self, event: str, args: tuple[object, ...]) -> None:
        if event in _AUDITED and isinstance(args[0], str | os.PathLike) and str(args[0]).startswith(str(self.root)):
            writes = event == "open" and isinstance(args[1], str) and "w" in args[1]
            self.tell("create" if writes else event, str(args[0]))


class _Halves:
    """A file that is written in two halves: the process may end between them."""

    def __init__(self, stream: io.BufferedWriter, operations: Operations, path: str) -> None:
        self.stream, self.operations, self.path = stream, operations, path

    def write(self, raw: bytes) -> None:
        for half in (raw[: len(raw) // 2], raw[len(raw) // 2 :]):
            self.operations.tell("write", self.path)
            self.stream.write(half)
            self.stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)


def never(_number: int, _kind: str, _path: str) -> None:
    pass


def kill(at: int) -> Fault:
    """The process is gone before its operation number ``at``."""
    return lambda number, _kind, _path: os.kill(os.getpid(), signal.SIGKILL) if number == at else None


def fail(at: int) -> Fault:
    """One operation is refused."""

    def fault(number: int, _kind: str, path: str) -> None:
        if number == at:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    return fault


def fill(at: int) -> Fault:
    """The disk is full from operation number ``at`` on: nothing can be written, but renamed and removed."""

    def fault(number: int, kind: str, path: str) -> None:
        if number >= at and kind in {"create", "write", "os.mkdir"}:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    return fault


def refuse(folder: Path) -> Fault:
    """Nothing below a folder may be changed."""

    def fault(_number: int, kind: str, path: str) -> None:
        changes = kind in {"create", "write", "os.mkdir", "os.rename", "os.remove", "os.rmdir"}
        if changes and path.startswith(str(folder)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    return fault


def pause(kind: str) -> Fault:
    """The process stops for good at its first operation of a kind."""
    return lambda _number, found, _path: os.kill(os.getpid(), signal.SIGSTOP) if found == kind else None


@dataclass(frozen=True)
class Child:
    """A command that runs in a process of its own."""

    pid: int
    told: int

    def end(self) -> Outcome:
        """Wait for it; a negative code is the signal that ended it."""
        with os.fdopen(self.told, encoding="utf-8") as pipe:
            said = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return Outcome(code, *json.loads(said or '["", 0]'))


def _take_program() -> dict[str, ModuleType]:
    """Take the program's modules away: whoever imports it next does so as if for the first time."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "generator"}


@cache
def _anew() -> dict[str, ModuleType]:
    """The program, imported once more: it remembers nothing of commands that this process has run, for it runs none."""
    used = _take_program()
    for command in ("build", "publish", "rollback"):
        importlib.import_module(f"generator.commands.{command}")
    unused = _take_program()
    sys.modules.update(used)
    return unused


def start(
    root: Path,
    words: list[str],
    fault: Fault = never,
    *,
    prepare: Callable[[], None] = lambda: None,
    watched: Path | None = None,
) -> Child:
    """Begin a command; it may not be told apart from one typed by hand, but for the fault.

    Operations count below ``watched``, by default the project.
    """
    anew = _anew()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, reading)
    gc.disable()  # as ``main`` does
    code = TRACEBACK
    try:
        _take_program()
        sys.modules.update(anew)
        prepare()
        operations = Operations(watched or root, fault)
        operations.watch()
        result = CliRunner().invoke(anew["generator.commands"].cli, ["-C", str(root), *words])
        if result.exception is None or isinstance(result.exception, SystemExit):
            code = result.exit_code
        text = result.output if code != TRACEBACK else repr(result.exception)
        os.write(writing, json.dumps([text, operations.count]).encode())
    finally:
        os._exit(code)
