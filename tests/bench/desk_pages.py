"""How long the desk takes for its pages and for saving a cell, beside ``check``: ``python -m tests.bench.desk_pages``.

``python -m tests.bench.desk_pages MEMBERS [ROUNDS]`` makes an organ, 2,000 members in 100 branches unless told
otherwise, and prints medians of so many rounds. The desk runs in this process, and has been started; ``check`` is the
function that the command calls, without Python's start.
"""

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import click

from generator.project import Project
from generator.queries import check
from tests.bench import organs, tables
from tests.desks import RunningDesk, desk
from tests.month_forms import fill

T = TypeVar("T")
CHECK, SAVE = "check", "保存一格"
SEAL, MOVES = "看看要封存什么", "名次的变动"
MOST = {SAVE: 0.3}
PAGE = 1.0  # seconds for any page


def measure(organ: Path, members: int, rounds: int, folder: Path) -> Mapping[str, Sequence[float]]:
    """The seconds of each page of the desk, of saving a cell, and of checking the same project, in so many rounds."""
    _, branch, _ = organs.draft(members)[0].removeprefix("ledgers/").split("/")
    month = f"{branch}/{organs.YEAR}-12"
    pages = [
        "",
        f"month/{month}",
        f"month/{month}/edit",
        "approvals",
        "hand-in",
        "people",
        "publish",
        "reports",
        "settings",
        "problems",
    ]
    taken: dict[str, list[float]] = {}
    with desk(organ, folder, organs.TODAY) as running:
        running.get("")
        form = _read_form(running, month)
        for number in range(rounds):
            _note(taken, CHECK, lambda: check.check_project(Project(organ), organs.TODAY))
            form["activities"][0]["cells"]["title"] = f"第{number}次改"
            raw = json.dumps(form).encode()
            answered = _note(taken, SAVE, lambda raw=raw: running.post(f"save/{month}", raw))
            form = fill(json.loads(answered[2])["table"])
            for page in pages:
                status, _ = _note(taken, page or "总览", lambda page=page: running.get(page))
                assert status == 200, page
            fields = {f"pick:{month}/0": "1", "meeting": organs.TODAY.isoformat()}
            status, _, page = _note(taken, SEAL, lambda fields=fields: running.post("act/approve", fields))
            assert (status, f"moves/{month}" in page) == (200, True), page
            status, _ = _note(taken, MOVES, lambda: running.get(f"moves/{month}"))
            assert status == 200, MOVES
    return taken


def _read_form(running: RunningDesk, month: str) -> dict:
    page = running.get(f"month/{month}/edit")[1]
    match = re.search(r'<script type="application/json" id="month">(.*?)</script>', page, re.DOTALL)
    assert match
    return fill(json.loads(match[1]))


def _note(taken: dict[str, list[float]], name: str, work: Callable[[], T]) -> T:
    begun = time.perf_counter()
    result = work()
    taken.setdefault(name, []).append(time.perf_counter() - begun)
    return result


def rows(taken: Mapping[str, Sequence[float]]) -> Iterator[list[str]]:
    """The table: medians, spread, ratios to ``check``, and whether each is as fast as it is to be."""
    yield ["", "次", "秒（中位）", "最短–最长", "/ check", "至多", ""]
    whole = statistics.median(taken[CHECK])
    for name, seconds in taken.items():
        median, most = statistics.median(seconds), MOST.get(name, PAGE)
        is_bound = name != CHECK
        yield [
            name,
            str(len(seconds)),
            f"{median:.3f}",
            f"{min(seconds):.3f}–{max(seconds):.3f}",
            f"{median / whole:.2f}",
            f"{most:g}" if is_bound else "—",
            ("达到" if median <= most else "没有达到") if is_bound else "",
        ]


def main() -> None:
    """Make the organ, measure, print."""
    words = sys.argv[1:]
    members, rounds = (int(word) for word in (*words, *("2000", "5")[len(words) :]))
    with tempfile.TemporaryDirectory() as name:
        organs.make(Path(name) / "organ", members)
        taken = measure(Path(name) / "organ", members, rounds, Path(name) / "desk")
    click.echo(f"{members:,} 人，{organs.Size(members).branches} 个支部\n{tables.text([*rows(taken)])}")


if __name__ == "__main__":
    main()
