"""How long the preview takes to follow: from the moment that a draft is saved until its page is there."""

import contextlib
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.bench import organs
from tests.bench.measuring import FailedError
from tests.bench.peers import program

PATIENCE = 600  # seconds for a page
_PAUSE = 0.01


@contextlib.contextmanager
def _served(organ: Path) -> Iterator[str]:
    """The address of a preview that runs as a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [program(), "-C", organ, "serve", "--port", str(port), "--today", str(organs.TODAY)]
    with (organ / "serve.log").open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as server:
        try:
            yield _wait_for_address(organ / "serve.log")
        finally:
            server.terminate()


def _wait_for_address(log: Path) -> str:
    """The address that the preview prints; raises FailedError if it does not come."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        if address := re.search(r"http://\S+", log.read_text(encoding="utf-8")):
            return address[0]
        time.sleep(_PAUSE)
    raise FailedError(f"等了 {PATIENCE} 秒，预览的网址没有出现")


def _until(address: str, text: str) -> None:
    """Wait for a page that has a text; raises FailedError if it does not come."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            if text in answer.read().decode():
                return
        time.sleep(_PAUSE)
    raise FailedError(f"{address} 等了 {PATIENCE} 秒，没有出现“{text}”")


def saves(organ: Path, members: int, rounds: int) -> list[float]:
    """The seconds from each of so many saves of the organ's draft to the page of the member whom it names anew."""
    name, member = organs.draft(members)
    ledger, taken = organ / name, []
    draft = ledger.read_text(encoding="utf-8")
    with _served(organ) as address:
        page = f"{address}members/{member}.html"
        _until(page, "</html>")
        for number in range(1, rounds + 1):
            said = f"第{number}次存盘"
            entry = f"  - {{member: {member}, item: suggestion, date: {organs.YEAR}-12-22, note: {said}}}\n"
            ledger.write_text(draft + entry, encoding="utf-8")
            begun = time.perf_counter()
            _until(page, said)
            taken.append(time.perf_counter() - begun)
    ledger.write_text(draft, encoding="utf-8")
    return taken
