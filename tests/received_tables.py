"""Tables of other systems as they are received, and what the drafts made of them have."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from click.testing import Result

from tests.site_project import SiteProject

TODAY = date(2026, 4, 2)
ROSTER = """\
branches:
  - {id: jia, name: 第一党支部}
  - {id: yi, name: 第二党支部}
members:
  - {id: lin-yuan, name: 林远, branch: jia, status: full}
  - {id: qin-yu, name: 秦雨, branch: jia, status: full}
  - {id: zhao-lei, name: 赵磊, branch: jia, status: full}
  - {id: he-ping, name: 何平, branch: yi, status: full}
  - {id: tang-bo, name: 唐博, branch: yi, status: full, changes: [{from: 2026-03-10, branch: jia}]}
"""
IDENTITY = "110101199003078515"

Write = Callable[[Path, Sequence[Sequence[object]]], None]


def write_csv(encoding: str, delimiter: str = ",") -> Write:
    def write(path: Path, rows: Sequence[Sequence[object]]) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(rows)
        path.write_bytes(text.getvalue().encode(encoding))

    return write


def bring_in(organ: SiteProject, file: Path, *words: str) -> Result:
    return organ.run("import", file, *words, today=TODAY)


def marks(organ: SiteProject) -> dict[tuple[str, str], dict[str, str]]:
    """The marks of all drafts as they count, by branch and day."""
    return {
        (ledger.branch, held.date.isoformat()): {one.member: one.how.value for one in held.attendance}
        for ledger in organ.read(TODAY).draft_ledgers.values()
        for held in ledger.held
    }


def rows_told(output: str) -> set[int]:
    """The numbers of the rows that messages name at their beginning."""
    numbers: set[int] = set()
    for listed in re.findall(r"(?:错误|提醒)：(?:“[^”]*”表)?第 ([0-9、—]+) 行", output):
        for part in listed.split("、"):
            first, _, last = part.partition("—")
            numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


def files_with(folder: Path, text: str) -> Iterator[str]:
    forms = [text.encode(encoding) for encoding in ("utf-8", "utf-16-le")]
    for path in folder.rglob("*"):
        if path.is_file() and any(form in path.read_bytes() for form in forms):
            yield path.relative_to(folder).as_posix()
