"""An organ of any size, written as its recorders would write it and approved by the program's own act.

``python -m tests.bench.organs DIR MEMBERS`` makes the site project DIR: branches of twenty, the twelve months of 2026,
some eighty lines a member, every month approved at a meeting of its own but the December of the last three branches,
which is a draft. ``change`` is the approval of the first of these. As the others stay open, it completes no half-year:
what changes is what one branch's month changes on any working day. The same size always gives the same bytes.
"""

import random
import secrets
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from msgspec.structs import replace

from generator import books, shelf
from generator.acts import approval
from generator.books import Books
from generator.core.approving import Meeting
from generator.core.model import Approval
from generator.core.months import Paper
from generator.core.periods import Kind, period
from generator.intake import ledgers
from generator.project import Project
from tests.organ import RULEBOOK

YEAR = 2026
TODAY = date(2027, 1, 12)
PER_BRANCH = 20
_AT_ONCE = 50  # branches approved in one small organ
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦"
GIVEN = "伟芳娜敏静秀英丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建国华"
SETTINGS = """organ: 示例机关
committee: 机关党委
title: 党员积分榜
banner: 全部为虚构
objection: {days: 5, contact: 机关党委办公室}
"""
ROLL = (
    ("general-meeting", 5, "支部党员大会：讨论工作计划"),
    ("lecture", 8, "支部党课：一件小事见初心"),
    ("dues", 10, "收缴党费"),
    ("activity-day", 12, "党员活动日：清理背街小巷"),
    ("study", 15, "党章党规专题学习"),
    ("study", 22, "典型案例警示教育"),
)
RARER = {
    (6, "life-meeting"): (25, "上半年组织生活会"),
    (12, "life-meeting"): (25, "下半年组织生活会"),
    (12, "appraisal"): (28, "年度民主评议党员"),
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many members an organ has; ``open`` of its branches have not approved their December."""

    members: int

    @property
    def branches(self) -> int:
        return -(-self.members // PER_BRANCH)

    @property
    def open(self) -> int:
        return min(3, max(self.branches - 1, 1))

    def approved(self, branch: int) -> int:
        """The last month that a branch has approved."""
        return 11 if branch >= self.branches - self.open else 12

    def people(self, branch: int) -> list[str]:
        """The ids of a branch's members."""
        return [f"m{n}" for n in range(branch * PER_BRANCH, min((branch + 1) * PER_BRANCH, self.members))]

    def names(self, branch: int) -> list[str]:
        """Their names, each once in the branch; the first presides, the second keeps the ledger."""
        chance, found = random.Random(f"names {branch}"), dict[str, None]()
        while len(found) < len(self.people(branch)):
            found["".join([chance.choice(SURNAMES), *chance.choices(GIVEN, k=chance.choice([1, 2, 2]))])] = None
        return list(found)


# --- as written ------------------------------------------------------------------------------------------------------


def _roster(size: Size, branches: range) -> str:
    lines = ["branches:", *(f"  - {{id: b{n}, name: 第{n + 1}党支部}}" for n in branches), "members:"]
    for n in branches:
        for ident, name in zip(size.people(n), size.names(n), strict=True):
            lines.append(f"  - {{id: {ident}, name: {name}, branch: b{n}, status: full}}")
    return "\n".join([*lines, ""])


def _ledger(size: Size, branch: int, month: int) -> str:
    chance, names = random.Random(f"ledger {branch} {month}"), size.names(branch)
    held = [*ROLL, *((item, *rest) for (of, item), rest in RARER.items() if of == month)]
    head = [f"branch: b{branch}", f"month: {YEAR}-{month:02}", f"recorder: {names[1]}", "activities:"]
    lines = [line for item, day, title in held for line in _activity(item, f"{YEAR}-{month:02}-{day:02}", title)]
    lines = [*head, *_with_absences(lines, names, chance), *_volunteers(names, month, chance), "entries:"]
    return "\n".join([*lines, *_entries(names, month, chance), ""])


def _activity(item: str, day: str, title: str) -> list[str]:
    return [f"  - item: {item}", f"    date: {day}", f"    title: {title}"]


def _with_absences(lines: list[str], names: list[str], chance: random.Random) -> Iterator[str]:
    """Now and then somebody is on leave, seldom somebody stays away; dues know no leave."""
    for item, day, title in zip(*[iter(lines)] * 3, strict=True):
        yield from (item, day, title)
        who = chance.sample(names, 2) if len(names) > 1 else names * 2
        if chance.random() < 0.5 and "dues" not in item:
            yield f"    leave: [{who[0]}]"
        if chance.random() < 0.05:
            yield f"    absent: [{who[1]}]"


def _volunteers(names: list[str], month: int, chance: random.Random) -> list[str]:
    """Once a quarter half of the branch helps out."""
    if month % 3:
        return []
    present = ", ".join(chance.sample(names, -(-len(names) // 2)))
    day = f"{YEAR}-{month:02}-18"
    proofs = f"    evidence: {{sign-in: 签到表-{month:02}18.pdf, photo: IMG-{2000 + month}.jpg}}"
    return [*_activity("volunteer", day, "结对社区志愿服务"), f"    present: [{present}]", proofs]


def _entries(names: list[str], month: int, chance: random.Random) -> Iterator[str]:
    for day in (20, 21):
        note = "窗口导办建议被采用"
        yield f"  - {{member: {chance.choice(names)}, item: suggestion, date: {YEAR}-{month:02}-{day}, note: {note}}}"
    contest = f"item: contest, level: {chance.choice(['joined', 'placed'])}, date: {YEAR}-{month:02}-23"
    proofs = f"evidence: {{sign-in: 签到表-{month:02}23.pdf, photo: IMG-{2100 + month}.jpg}}"
    yield f"  - {{member: {chance.choice(names)}, {contest}, note: 区级知识竞赛, {proofs}}}"
    if chance.random() < 0.2:
        day = f"{YEAR}-{month:02}-26"
        yield f"  - {{member: {chance.choice(names)}, item: late-document, date: {day}, note: 心得体会逾期}}"


def _frame(root: Path, size: Size, branches: range) -> None:
    """All of a site project but its ledgers."""
    cycles = {f"ledgers/{year}/cycle.yaml": f"year: {year}\nrulebook: erqi-2021\n" for year in (YEAR, TODAY.year)}
    rulebook = {"ledgers/rulebooks/erqi-2021.yaml": RULEBOOK, "ledgers/roster.yaml": _roster(size, branches)}
    for name, text in {"content/site.yaml": SETTINGS, **rulebook, **cycles}.items():
        _write(root, name, text.encode())


def _write(root: Path, name: str, raw: bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)


# --- as approved -----------------------------------------------------------------------------------------------------


def _meeting(month: int, by: str) -> Meeting:
    """Of the branch committee, on the eighth of the month after."""
    return Meeting(date(YEAR + month // 12, month % 12 + 1, 8), by, None, TODAY)


def _paper(name: str, branch: str, month: int, raw: bytes) -> Paper:
    document, problems, sealed = ledgers.read(raw, name, 0)
    assert not problems, problems
    return Paper(name, branch, period(Kind.MONTH, YEAR, month), 0, document, sealed=sealed, clean=True)


def _only(found: Books, papers: Mapping[str, Paper]) -> Books:
    """The books as if these were the organ's only papers: what an approval costs must not grow with the organ."""
    own = shelf.Shelf(papers, (), (), None)
    counted, problems = shelf.judge(own, found.roster, found.rulebooks, found.today)
    assert not problems, problems
    return replace(found, shelf=own, counted=counted)


def _before(paper: Paper, serial: int) -> dict[str, Paper]:
    """The organ's approval before this one, of another branch: the next is numbered after it."""
    assert paper.document is not None
    seal = Approval(TODAY, "", "", "", "", "", paper.document.where, serial=serial)
    return (
        {"": replace(paper, branch="", document=replace(paper.document, approval=seal), sealed=True)} if serial else {}
    )


def _year(found: Books, size: Size, branch: int, last: int) -> dict[str, bytes]:
    """A branch's ledgers by file name, as they stand once each month up to the ``last`` was approved in its turn."""
    chance, chairman = random.Random(f"nonces {branch}"), size.names(branch)[0]
    names = {month: f"ledgers/{YEAR}/b{branch}/{month:02}.yaml" for month in range(1, 13)}
    files = {name: _ledger(size, branch, month).encode() for month, name in names.items()}
    papers = {name: _paper(name, f"b{branch}", month, files[name]) for month, name in names.items()}
    drafts = _only(found, papers)
    for month in range(1, last + 1):
        name = names[month]
        (found.project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (found.project.root / name).write_bytes(files[name])
        so_far = {**_before(papers[name], (month - 1) * size.branches + branch), **papers}
        now = replace(drafts, shelf=replace(drafts.shelf, papers=so_far))
        with mock.patch.object(secrets, "token_hex", lambda length: chance.randbytes(length).hex()):
            made, problems = approval.sealed(now, [papers[name]], _meeting(month, chairman), None)
        assert not problems, problems
        files[name] = made[name]
        papers[name] = _paper(name, f"b{branch}", month, made[name])
    return files


def _years(size: Size, branches: range, last: int | None = None) -> dict[str, bytes]:
    """The ledgers of some branches, in an organ of their own: what an approval costs must not grow with the organ."""
    files = {}
    with TemporaryDirectory() as folder:
        _frame(Path(folder), size, branches)
        reading = books.read(Project(Path(folder)), TODAY)
        assert reading.books is not None, reading.problems
        for branch in branches:
            files |= _year(reading.books, size, branch, last or size.approved(branch))
    return files


def _share(root: Path, size: Size, branches: range) -> None:
    """What one process does."""
    for start in range(branches.start, branches.stop, _AT_ONCE):
        for name, raw in _years(size, range(start, min(start + _AT_ONCE, branches.stop))).items():
            _write(root, name, raw)


def make(root: Path, members: int, jobs: int = 2) -> None:
    """Make the site project, in a folder that is not there or empty."""
    size = Size(members)
    _frame(root, size, range(size.branches))
    bounds = [size.branches * n // jobs for n in range(jobs + 1)]
    with ProcessPoolExecutor(jobs) as pool:
        shares = [pool.submit(_share, root, size, range(*pair)) for pair in pairwise(bounds)]
    for share in shares:
        share.result()


def change(members: int) -> tuple[str, bytes]:
    """The December of the first open branch once it is approved: its name in the project, and its bytes."""
    size = Size(members)
    first = size.branches - size.open
    name = f"ledgers/{YEAR}/b{first}/12.yaml"
    return name, _years(size, range(first, first + 1), 12)[name]


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
