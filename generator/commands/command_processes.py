"""Run commands in processes of their own, which read their words from standard input, and follow their progress.

The words hold names and reasons, and all users of a machine can see how a program was called.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from generator.commands import progress
from generator.desk.desk import CommandOutput

RUN = """
from generator.__main__ import main
from generator.commands import command_processes
command_processes.read_words()
main()
"""
_BEGIN, _END = "\x1e", "\x1f"  # around a report of progress: messages have no such characters
_REPORT = re.compile(rf"{_BEGIN}([^{_END}]*){_END}".encode())


def run_command(words: Sequence[str], folder: Path, on_progress: Callable[[str], object]) -> CommandOutput:
    """Run a command in a folder; ``on_progress`` is called with each report of its progress."""
    with subprocess.Popen(  # noqa: S603  this program itself
        [sys.executable, "-c", RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"},
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write((json.dumps(["-C", str(folder), *words]) + "\n").encode())
        process.stdin.close()
        raw, reported = b"", 0
        while more := os.read(process.stdout.fileno(), 65536):
            raw += more
            for report in _REPORT.finditer(raw, reported):
                reported = report.end()
                on_progress(report[1].decode())
    return CommandOutput(process.returncode, _REPORT.sub(b"", raw).decode("utf-8", errors="replace"))


def read_words() -> None:
    """Let the words on standard input be those of this process, and send its progress along with what it prints."""
    sys.argv[1:] = json.loads(sys.stdin.readline())
    progress.listener = _send


def _send(label: str) -> None:
    sys.stderr.write(f"{_BEGIN}{label}{_END}")
    sys.stderr.flush()
