"""An organ of any size, written as its recorders would write it and approved by the program's own act.

``python -m tests.bench.organs DIR MEMBERS [corrections]`` makes the site project DIR: branches of twenty, the twelve
months of 2026, some eighty lines a member, every month approved at a meeting of its own but the December of the last
three branches, which is a draft. ``change`` is the approval of the first of these. As the others stay open, it
completes no half-year: what changes is what one branch's month changes on any working day. Branches form circles of
five; one member of each passes in the course of the year through the next two of its circle. With ``corrections`` one
branch in ten has corrected a month. The same size always gives the same bytes.
"""

import random
import secrets
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest import mock

from msgspec.structs import replace

from generator.core.basics.periods import PeriodKind, get_period
from generator.core.ledgers.approval_rules import Meeting
from generator.core.model.ledger import Approval
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import ledger_file
from generator.loader import branch_files, load
from generator.loader.load import LoadedProject
from generator.project import Project
from generator.workflow import approve
from tests.site_project import RULEBOOK

YEAR = 2026
TODAY = date(2027, 1, 12)
PER_BRANCH = 20
_CIRCLE = 5  # branches among which members move
_AT_ONCE = 10 * _CIRCLE  # branches approved in one small organ
_WRONG, _CORRECTED = 3, 6  # the month that is corrected, and the last that was approved before
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
    """How many members an organ has, and whether it has corrections; ``open`` of its branches have an open December."""

    members: int
    corrections: bool = False

    @property
    def branches(self) -> int:
        return -(-self.members // PER_BRANCH)

    @property
    def open(self) -> int:
        return min(3, max(self.branches - 1, 1))

    @property
    def first(self) -> int:
        """The first open branch."""
        return self.branches - self.open

    def approved(self, branch: int) -> int:
        """The last month that a branch has approved."""
        return 11 if branch >= self.first else 12

    @property
    def corrected(self) -> range:
        """The branches that have corrected a month."""
        return range(0, self.branches if self.corrections else 0, 10)

    def before(self, branch: int, month: int) -> int:
        """How many approvals the organ had before a branch's month was approved."""
        return (month - 1) * self.branches + branch + (len(self.corrected) if month > _CORRECTED else 0)

    def circle(self, branch: int) -> range:
        """The branches among which its members move."""
        start = branch - branch % _CIRCLE
        return range(start, min(start + _CIRCLE, self.branches))

    def people(self, branch: int) -> list[str]:
        """The ids of a branch's members."""
        return [f"m{n}" for n in range(branch * PER_BRANCH, min((branch + 1) * PER_BRANCH, self.members))]

    def names(self, branch: int) -> list[str]:
        """Their names, each once in the branch; the first presides, the second keeps the ledger."""
        chance, found = random.Random(f"names {branch}"), dict[str, None]()
        while len(found) < len(self.people(branch)):
            found["".join([chance.choice(SURNAMES), *chance.choices(GIVEN, k=chance.choice([1, 2, 2]))])] = None
        return list(found)


# --- who moves -------------------------------------------------------------------------------------------------------


class Mover(NamedTuple):
    """A member who passes through other branches, and from when he belongs to which; at home his name is his alone."""

    member: str
    name: str
    home: int
    moves: tuple[tuple[date, int], ...]

    def branch(self, day: date) -> int:
        """Where he belongs on a day."""
        return [self.home, *(branch for since, branch in self.moves if since <= day)][-1]


@cache
def _movers(size: Size, circle: range) -> tuple[Mover, ...]:
    """At most one of each branch: neither who presides nor who keeps the ledger, nor a namesake of others there."""
    movers = []
    for home in circle if len(circle) > 1 else ():
        chance, others = random.Random(f"moves {home}"), {name for n in circle if n != home for name in size.names(n)}
        people = zip(size.people(home)[2:], size.names(home)[2:], strict=True)
        if free := [(ident, name) for ident, name in people if name not in others]:
            days = [date(YEAR, chance.randint(*months), chance.choice([1, 16])) for months in ((2, 5), (7, 11))]
            way = [circle[(home - circle.start + step) % len(circle)] for step in (1, 2)]
            movers.append(Mover(*chance.choice(free), home, tuple(zip(days, way, strict=True))))
    return tuple(movers)


def _present(size: Size, branch: int, day: str) -> list[str]:
    """Who belongs to a branch on a day, as its ledger calls them: its own people by name, others by id."""
    when, movers = date.fromisoformat(day), _movers(size, size.circle(branch))
    away = {one.name for one in movers if one.home == branch != one.branch(when)}
    guests = [one.member for one in movers if one.home != branch == one.branch(when)]
    return [*(name for name in size.names(branch) if name not in away), *guests]


# --- as written ------------------------------------------------------------------------------------------------------


def _roster(size: Size, branches: range) -> str:
    """The roster of whole circles."""
    lines = ["branches:", *(f"  - {{id: b{n}, name: 第{n + 1}党支部}}" for n in branches), "members:"]
    for n in branches:
        moves = {one.member: one.moves for one in _movers(size, size.circle(n))}
        for ident, name in zip(size.people(n), size.names(n), strict=True):
            changes = ", ".join(f"{{from: {day}, branch: b{to}}}" for day, to in moves.get(ident, ()))
            more = f", changes: [{changes}]" if changes else ""
            lines.append(f"  - {{id: {ident}, name: {name}, branch: b{n}, status: full{more}}}")
    return "\n".join([*lines, ""])


class _Month(NamedTuple):
    """A branch's month that is being written."""

    size: Size
    branch: int
    number: int
    chance: random.Random

    def day(self, number: int) -> str:
        """A day of it."""
        return f"{YEAR}-{self.number:02}-{number:02}"

    def somebody(self, day: str) -> str:
        """One of those who belong to the branch on a day."""
        return self.chance.choice(_present(self.size, self.branch, day))


def _ledger(size: Size, branch: int, number: int) -> str:
    month = _Month(size, branch, number, random.Random(f"ledger {branch} {number}"))
    held = [*ROLL, *((item, *rest) for (of, item), rest in RARER.items() if of == number)]
    head = [f"branch: b{branch}", f"month: {YEAR}-{number:02}", f"recorder: {size.names(branch)[1]}", "activities:"]
    lines = [line for item, day, title in held for line in _with_absences(month, item, month.day(day), title)]
    return "\n".join([*head, *lines, *_volunteers(month), "entries:", *_entries(month), ""])


def _correction(size: Size, branch: int, corrects: str) -> str:
    """What was forgotten in a month that is approved."""
    month = _Month(size, branch, _WRONG, random.Random(f"correction {branch}"))
    head = [f"branch: b{branch}", f"month: {YEAR}-{_WRONG:02}", f"corrects: {corrects}"]
    words = [f"recorder: {size.names(branch)[1]}", "kind: 补录", "reason: 采用通知到得迟，登记时漏记", "entries:"]
    day = month.day(24)
    entry = f"  - {{member: {month.somebody(day)}, item: suggestion, date: {day}, note: 窗口延时服务建议被采用}}"
    return "\n".join([*head, *words, entry, ""])


def _activity(item: str, day: str, title: str) -> list[str]:
    return [f"  - item: {item}", f"    date: {day}", f"    title: {title}"]


def _with_absences(month: _Month, item: str, day: str, title: str) -> Iterator[str]:
    """Now and then somebody is on leave, seldom somebody stays away; dues know no leave."""
    yield from _activity(item, day, title)
    names = _present(month.size, month.branch, day)
    who = month.chance.sample(names, 2) if len(names) > 1 else names * 2
    if month.chance.random() < 0.5 and item != "dues":
        yield f"    leave: [{who[0]}]"
    if month.chance.random() < 0.05:
        yield f"    absent: [{who[1]}]"


def _volunteers(month: _Month) -> list[str]:
    """Once a quarter half of the branch helps out."""
    if month.number % 3:
        return []
    day = month.day(18)
    names = _present(month.size, month.branch, day)
    present = ", ".join(month.chance.sample(names, -(-len(names) // 2)))
    proofs = f"    evidence: {{sign-in: 签到表-{month.number:02}18.pdf, photo: IMG-{2000 + month.number}.jpg}}"
    return [*_activity("volunteer", day, "结对社区志愿服务"), f"    present: [{present}]", proofs]


def _entries(month: _Month) -> Iterator[str]:
    for day in map(month.day, (20, 21)):
        yield f"  - {{member: {month.somebody(day)}, item: suggestion, date: {day}, note: 窗口导办建议被采用}}"
    day = month.day(23)
    contest = f"item: contest, level: {month.chance.choice(['joined', 'placed'])}, date: {day}"
    proofs = f"evidence: {{sign-in: 签到表-{month.number:02}23.pdf, photo: IMG-{2100 + month.number}.jpg}}"
    yield f"  - {{member: {month.somebody(day)}, {contest}, note: 区级知识竞赛, {proofs}}}"
    if month.chance.random() < 0.2:
        day = month.day(26)
        yield f"  - {{member: {month.somebody(day)}, item: late-document, date: {day}, note: 心得体会逾期}}"


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


def _meeting(month: int, by: str, day: int = 8) -> Meeting:
    """Of the branch committee, in the month after."""
    return Meeting(date(YEAR + month // 12, month % 12 + 1, day), by, None, TODAY)


def _name(branch: int, month: int) -> str:
    return f"ledgers/{YEAR}/b{branch}/{month:02}.yaml"


def _paper(name: str, raw: bytes) -> LedgerFile:
    """A ledger or correction as the program reads it."""
    _, _, branch, file = name.split("/")
    number = 1 if ".c1." in file else 0
    document, problems, sealed = ledger_file.read_ledger(raw, name, number)
    assert not problems, problems
    month = get_period(PeriodKind.MONTH, YEAR, int(file[:2]))
    return LedgerFile(name, document, sealed=sealed, clean=True, branch=branch, month=month, number=number)


def _only(found: LoadedProject, papers: Mapping[str, LedgerFile]) -> LoadedProject:
    """The books as if these were the organ's only papers: what an approval costs must not grow with the organ."""
    in_order = sorted(papers.items(), key=lambda item: (item[1].month.first, item[1].number))
    own = branch_files.LedgerFiles(dict(in_order), (), ())
    counted, problems = branch_files.check_ledgers(own, found.roster, found.rulebooks, found.today)
    assert not problems, problems
    return replace(found, ledger_files=own, effective_ledgers=counted)


def _before(paper: LedgerFile, serial: int) -> dict[str, LedgerFile]:
    """The organ's approval before this one, of another branch: the next is numbered after it."""
    assert paper.document is not None
    seal = Approval(TODAY, "", "", "", paper.document.where, serial=serial)
    return (
        {"": replace(paper, branch="", document=replace(paper.document, approval=seal), sealed=True)} if serial else {}
    )


class _Branch:
    """A branch's papers, each a draft until it is approved in its turn."""

    def __init__(self, found: LoadedProject, size: Size, branch: int) -> None:
        self.size, self.branch = size, branch
        self.chance, self.chairman = random.Random(f"nonces {branch}"), size.names(branch)[0]
        self.files = {_name(branch, month): _ledger(size, branch, month).encode() for month in range(1, 13)}
        self.papers = {name: _paper(name, raw) for name, raw in self.files.items()}
        self.drafts = _only(found, self.papers)

    def year(self, last: int) -> dict[str, bytes]:
        """Its files by name, as they are once each month up to the ``last`` was approved."""
        for month in range(1, last + 1):
            self._approve(
                _name(self.branch, month), _meeting(month, self.chairman), self.size.before(self.branch, month)
            )
            if month == _CORRECTED and self.branch in self.size.corrected:
                self._correct()
        return self.files

    def _correct(self) -> None:
        """Correct a month once all of the organ's branches have approved another."""
        wrong = self.papers[_name(self.branch, _WRONG)].document
        assert wrong is not None
        name = _name(self.branch, _WRONG).replace(".yaml", ".c1.yaml")
        self.files[name] = _correction(self.size, self.branch, wrong.digest).encode()
        self.papers[name] = _paper(name, self.files[name])
        self.drafts = _only(self.drafts, self.papers)
        before = _CORRECTED * self.size.branches + self.size.corrected.index(self.branch)
        self._approve(name, _meeting(_CORRECTED, self.chairman, 20), before)

    def _approve(self, name: str, meeting: Meeting, before: int) -> None:
        """Approve a draft after so many approvals of the organ; the program reads it from the disk."""
        paper = self.papers[name]
        _write(self.drafts.project.root, name, self.files[name])
        now = replace(
            self.drafts,
            ledger_files=replace(self.drafts.ledger_files, by_name={**_before(paper, before), **self.papers}),
        )
        with mock.patch.object(secrets, "token_hex", lambda length: self.chance.randbytes(length).hex()):
            made, problems = approve.seal_files(
                now, [paper], meeting, approve.Sealing(approve.number_files(now, [paper], {}))
            )
        assert not problems, problems
        self.files[name] = made[name]
        self.papers[name] = _paper(name, made[name])


@contextmanager
def _alone(size: Size, branches: range) -> Iterator[LoadedProject]:
    """The books of whole circles as an organ of their own: what an approval costs must not grow with the organ."""
    with TemporaryDirectory() as folder:
        _frame(Path(folder), size, branches)
        reading = load.load_project(Project(Path(folder)), TODAY)
        assert reading.loaded is not None, reading.problems
        yield reading.loaded


def _share(root: Path, size: Size, branches: range) -> None:
    """What one process does."""
    for start in range(branches.start, branches.stop, _AT_ONCE):
        part = range(start, min(start + _AT_ONCE, branches.stop))
        with _alone(size, part) as found:
            for branch in part:
                for name, raw in _Branch(found, size, branch).year(size.approved(branch)).items():
                    _write(root, name, raw)


def make(root: Path, members: int, jobs: int = 2, *, corrections: bool = False) -> None:
    """Make the site project, in a folder that is not there or empty."""
    size = Size(members, corrections)
    _frame(root, size, range(size.branches))
    circles = -(-size.branches // _CIRCLE)
    bounds = [min(circles * n // jobs * _CIRCLE, size.branches) for n in range(jobs + 1)]
    with ProcessPoolExecutor(jobs) as pool:
        shares = [pool.submit(_share, root, size, range(*pair)) for pair in pairwise(bounds)]
    for share in shares:
        share.result()


def draft(members: int) -> tuple[str, str]:
    """The December of the first open branch: its name in the project, and the id of who presides there."""
    size = Size(members)
    return _name(size.first, 12), size.people(size.first)[0]


def change(members: int, *, corrections: bool = False) -> tuple[str, bytes]:
    """That draft once it is approved: its name in the project, and its bytes."""
    size, (name, _) = Size(members, corrections), draft(members)
    with _alone(size, size.circle(size.first)) as found:
        return name, _Branch(found, size, size.first).year(12)[name]


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), corrections="corrections" in sys.argv[3:])
