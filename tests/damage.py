"""Random organs, ways to damage their files, and what four commands then say: see test_damage.py."""

import json
import random
import re
import secrets
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from unittest import mock

import pytest
from msgspec.structs import replace

from generator.build import branch, engine
from generator.build.cache import open_cache
from generator.build.executors import InlineExecutor
from generator.build.request import BuildRequest
from generator.loader import load
from generator.problems import Problem, Severity, arrange_problems
from generator.project import Project
from generator.queries import check, diff, verify
from tests.site_project import SETTINGS, SiteProject

TODAY = date(2026, 9, 20)

# Errors that ``check`` doesn't give, and why.
ELSEWHERE = {
    "release.": "compares the folder of the site, and the approvals that it was published on, with the project",
    "build.board-gone": "compares the pages to be published with those that were",
    "build.clock": "compares the day of the build with the days on record",
}

# Errors that ``verify`` doesn't give: it builds no pages. ``diff`` looks at a theme once all else is sound.
OF_PAGES = ("theme.", "site.unknown-theme")


# --- a random organ --------------------------------------------------------------------------------------------------

FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈", "一二三四五六七八九十甲乙丙丁"


class RandomOrgan(SiteProject):
    """A small organ of which everything is approved, corrected, withdrawn and filed by the program itself."""

    def __init__(self, root: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.branches = ["jia", "yi", "bing", "ding"][: self.chance.randint(3, 4)]
        self.homes: dict[str, list[tuple[date, str]]] = {}
        super().__init__(root, self._roster())
        self.filed = self.chance.choice(self.branches)
        self.newest = {one: self.chance.randint(3, 5) for one in self.branches}
        with mock.patch.object(secrets, "token_hex", lambda count: self.chance.randbytes(count).hex()):
            self._write()
            self._act()

    def _roster(self) -> str:
        lines = ["branches:", *(f"  - {{id: {one}, name: {one}支部}}" for one in self.branches), "members:"]
        names = [f"{one}{other}" for one, other in zip(FAMILY, GIVEN, strict=True)][: self.chance.randint(8, 14)]
        for number, name in enumerate(names):
            at, changes = self.branches[number % len(self.branches)], ""
            self.homes[name] = [(date.min, at)]
            if number % 3 == 0:  # several move
                home = self.chance.choice([one for one in self.branches if one != at])
                day = date(2026, self.chance.randint(2, 5), self.chance.randint(1, 28))
                self.homes[name].append((day, home))
                changes = f", changes: [{{from: {day}, branch: {home}}}]"
            lines.append(f"  - {{id: m{number}, name: {name}, branch: {at}, status: full{changes}}}")
        return "\n".join(lines) + "\n"

    def _present(self, home: str, day: date) -> list[str]:
        """Who is in a branch on a day."""
        return [name for name, stays in self.homes.items() if max(one for one in stays if one[0] <= day)[1] == home]

    def _written(self, home: str, number: int) -> Path:
        chance, day = self.chance, date(2026, number, 8)
        members = self._present(home, day)
        leave = f", leave: [{chance.choice(members)}]" if members and chance.random() < 0.5 else ""
        text = f"activities:\n  - {{item: general-meeting, date: {day}, title: 党员大会{leave}}}\n"
        text += f"  - {{item: study, date: {day.replace(day=9)}, title: 学习}}\n"
        text += "entries:\n" if members else ""
        for name in chance.sample(members, min(len(members), 2)):
            text += (
                f"  - {{member: {name}, item: suggestion, date: {day}, times: {chance.randint(1, 3)}, note: 建议}}\n"
            )
        return self.ledger(home, f"2026-{number:02}", text)

    def _write(self) -> None:
        self.write("content/notices/first.md", "---\ntitle: 启动\ndate: 2026-03-01\n---\n开始登记。\n")
        self.write("content/pages/about.md", "---\ntitle: 说明\n---\n说明。\n")
        if self.chance.random() < 0.5:
            self.write("content/site.yaml", SETTINGS + "publish: [organ, branch, member, committee]\n")

    def _act(self) -> None:
        self._months(1, 3)
        self.act("file", "2026-Q1", "--branch", self.filed, "--on", "2026-04-20", "--by", "备案员", "--acting", "代行")
        self._withdraw()
        self._months(4, 5)
        moved = next(stays for stays in self.homes.values() if len(stays) > 1)
        before = max(moved[1][0].month - 1, 1)
        self._correct(moved[0][1], min(before, self.newest[moved[0][1]]), draft=False)
        self._correct(self.filed, self.chance.randint(1, 3), draft=False)
        self._ballots()
        self._drafts()

    def act(self, *words: object) -> None:
        done = self.run(*words, today=TODAY)
        assert done.exit_code == 0, done.output

    def seal(self, *files: Path, consent: Sequence[str] = ()) -> None:
        self.act(
            "approve",
            *files,
            "--meeting",
            "2026-06-10" if consent else "2026-06-05",
            "--by",
            "审核员",
            "--acting",
            "代行",
            *consent,
        )

    def _months(self, first: int, last: int) -> None:
        every = range(first, last + 1)
        files = [
            self._written(home, number) for number in every for home in self.branches if number <= self.newest[home]
        ]
        if files:
            self.act("approve", *files, "--meeting", f"2026-0{last + 1}-05", "--by", "审核员", "--acting", "代行")

    def _withdraw(self) -> None:
        """The newest approval of a branch, which is then approved again."""
        home = self.chance.choice([one for one in self.branches if one != self.filed])
        file = self.root / f"ledgers/2026/{home}/03.yaml"
        self.act("approve", file, "--withdraw", "--reason", "附件不全")
        self.seal(file)

    def _correct(self, home: str, number: int, *, draft: bool) -> None:
        ledger = self.root / f"ledgers/2026/{home}/{number:02}.yaml"
        self.act("correct", ledger, "a2", "--recorder", "登记员")
        file = max(ledger.parent.glob(f"{number:02}.c*.yaml"))
        text = file.read_text(encoding="utf-8").replace("reason:", f"reason: 核对第 {self.chance.randint(1, 9)} 次 #")
        file.write_text(text.replace("title: 学习", "title: 业务学习"), encoding="utf-8")
        if not draft:
            self.seal(file, consent=("--consent", "同意人") if home == self.filed and number < 4 else ())

    def _ballots(self) -> None:
        scores = ", ".join(f"m{number}: {self.chance.randint(60, 100)}" for number in range(5))
        reviews = self.write("ledgers/2026/reviews.yaml", f"year: 2026\nscores: {{{scores}}}\n")
        poll = "award: 优秀共产党员\ndate: 2026-06-03\nelectorate: 9\nvotes: {m1: 5, m2: 0}\n"
        honours = "year: 2026\nhonours:\n  - {award: 先锋, period: 2026-Q1, date: 2026-04-08, members: [m1, m3]}\n"
        self.seal(
            reviews,
            self.write("ledgers/2026/votes/youxiu.yaml", poll),
            self.write("ledgers/2026/honours.yaml", honours),
        )

    def _drafts(self) -> None:
        """One of a ledger, often with a mistake; one of a correction; now and then one of a poll."""
        home = self.chance.choice(self.branches)
        file = self._written(home, self.newest[home] + 1)
        if self.chance.random() < 0.5:
            file.write_text(file.read_text(encoding="utf-8").replace("item: study", "item: stuty"), encoding="utf-8")
        other = self.chance.choice([one for one in self.branches if one != home])
        self._correct(other, self.newest[other], draft=True)
        if self.chance.random() < 0.3:
            poll = "award: 优秀党务工作者\ndate: 2026-06-04\nelectorate: 9\nvotes: {m1: 5, m99: 3}\n"
            self.write("ledgers/2026/votes/dangwu.yaml", poll)


@dataclass(frozen=True)
class Original:
    """An organ as it should be, with its site built, and what rests on its files."""

    root: Path

    @classmethod
    def of(cls, organ: SiteProject) -> "Original":
        """Build the site of an organ."""
        done = organ.run("build", "--jobs", "1", today=TODAY)
        assert done.exit_code == 0, done.output
        return cls(organ.root)

    def copy(self, target: Path, *, built: bool) -> Path:
        """A copy to be damaged, with the site and all that builds left, or as it was before its first build."""
        ignore = None if built else shutil.ignore_patterns("site", ".jifenbang")
        return shutil.copytree(self.root, target, ignore=ignore)

    def misjudged(self, root: Path, drafts: Collection[str]) -> list[str]:
        """Unaltered files that a damaged copy wrongly takes for drafts or for approved.

        Which of two equal corrections or polls is the copy can't be known: they don't say what they are called.
        """
        papers = [name for name in self.files if kind(name) in {"ledger", "correction", "ballot"}]
        there = [one for one in papers if (root / one).is_file() and (root / one).resolve() == root.resolve() / one]
        copies = Counter(path.read_bytes() for path in root.glob("ledgers/**/*.yaml") if path.is_file())
        same = [one for one in there if (root / one).read_bytes() == self.raw(one)]
        known = [one for one in same if kind(one) == "ledger" or copies[self.raw(one)] == 1]
        wrong = [one for one in known if (one in drafts) != self.draft(one)]
        return [f"{one} is taken for {'a draft' if one in drafts else 'approved'}" for one in wrong]

    def raw(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def draft(self, name: str) -> bool:
        return b"\napproval:" not in self.raw(name)

    @cached_property
    def files(self) -> list[str]:
        files = sorted([*(self.root / "ledgers").rglob("*"), *(self.root / "content").rglob("*")])
        return [one.relative_to(self.root).as_posix() for one in files if one.is_file()]

    @cached_property
    def branches(self) -> list[str]:
        return sorted({name.split("/")[2] for name in self.files if kind(name) == "ledger"})

    @cached_property
    def rested_on(self) -> list[str]:
        """Files on which another rests: all that is sealed but each branch's newest approval, and what all share."""
        texts = {name: (self.root / name).read_text(encoding="utf-8") for name in self.files}
        digests = {name: re.findall(r"^ *digest: (\S+)$", text, re.MULTILINE) for name, text in texts.items()}
        return [
            name
            for name in self.files
            if kind(name) in {"roster", "rulebook", "cycle"}
            or any(one in text for one in digests[name] for other, text in texts.items() if other != name)
        ]


KINDS = {
    "roster": r"ledgers/roster\.yaml",
    "rulebook": r"ledgers/rulebooks/.*",
    "cycle": r"ledgers/\d+/cycle\.yaml",
    "settings": r"content/site\.yaml",
    "article": r"content/(notices|pages)/.*",
    "filing": r"ledgers/\d+/filings/.*",
    "ballot": r"ledgers/\d+/(reviews|honours|votes/[^.]*)\.yaml",
    "withdrawal": r"ledgers/.*\.w\d+\.yaml",
    "correction": r"ledgers/.*\.c\d+\.yaml",
    "ledger": r"ledgers/\d+/[^/]+/\d\d\.yaml",
}


def kind(name: str) -> str:
    return next(kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, name))


# --- damage ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Damage:
    """What was done to a file, and to which other."""

    name: str
    how: str
    other: str


@dataclass(frozen=True)
class Case:
    """A copy of an organ to be damaged by chance."""

    root: Path
    chance: random.Random
    original: Original

    @cached_property
    def elsewhere(self) -> Path:
        """A folder outside the project."""
        folder = self.root.with_name(f"{self.root.name}-elsewhere")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def damage(self) -> list[Damage]:
        """Damage one to three files: such as others rest on, such as nothing rests on, or of both kinds."""
        free = [one for one in self.original.files if one not in self.original.rested_on]
        pool = self.chance.choice([self.original.rested_on, free, self.original.files])
        done: list[Damage] = []
        count = self.chance.choice([1, 1, 2, 3])
        while len(done) < count:
            name, how = self.chance.choice(pool), self.chance.choice(list(ACTS))
            other = ACTS[how](self, self.root / name) if (self.root / name).is_file() else None
            done += [] if other is None else [Damage(name, how, other)]
        return done

    def sibling(self, path: Path) -> Path | None:
        """Another file of the same kind that is still there, of any branch or month."""
        name = path.relative_to(self.root).as_posix()
        others = [one for one in self.original.files if kind(one) == kind(name) and one != name]
        there = [self.root / one for one in others if (self.root / one).is_file()]
        return self.chance.choice(there) if there else None


Act = Callable[[Case, Path], str | None]
"""Damages a file; gives the other that was part of it, or None if nothing could be done."""


def _edited(edit: Callable[[list[bytes], random.Random], list[bytes]]) -> Act:
    """An edit of the parts of a file: its lines, each with its end."""

    def act(case: Case, path: Path) -> str:
        path.write_bytes(b"".join(edit(path.read_bytes().splitlines(keepends=True), case.chance)))
        return ""

    return act


def _truncated(lines: list[bytes], chance: random.Random) -> list[bytes]:
    raw = b"".join(lines)
    return [raw[: chance.randrange(len(raw) + 1)]]


PLAUSIBLE = b"0123456789abcdefghij -:,[]{}#\"'~&*\n\r\t" + bytes(range(0x80, 0xC0))


def _flipped(lines: list[bytes], chance: random.Random) -> list[bytes]:
    raw = bytearray(b"".join(lines))
    for at in [chance.randrange(len(raw)) for _ in range(chance.randint(1, 3)) if raw]:
        raw[at] = chance.choice(PLAUSIBLE)
    return [bytes(raw)]


def _without_a_line(lines: list[bytes], chance: random.Random) -> list[bytes]:
    at = chance.randrange(len(lines) or 1)
    return [*lines[:at], *lines[at + 1 :]]


def _with_a_line_twice(lines: list[bytes], chance: random.Random) -> list[bytes]:
    at = chance.randrange(len(lines) or 1)
    return [*lines[: at + 1], *lines[at:]]


WORD = re.compile(rb"[\w\x80-\xff-]+")


def _with_a_word_replaced(lines: list[bytes], chance: random.Random) -> list[bytes]:
    """Another word of the same file: more often than not a member, a day or a digest that there is."""
    raw = b"".join(lines)
    words = list(WORD.finditer(raw))
    if not words:
        return lines
    one, other = chance.choice(words), chance.choice(words)
    return [raw[: one.start()], other[0], raw[one.end() :]]


def _grown(lines: list[bytes], _chance: random.Random) -> list[bytes]:
    return [*lines, b"# more\n" * 1_500_000]


def _unsealed(lines: list[bytes], _chance: random.Random) -> list[bytes]:
    return lines[: lines.index(b"approval:\n")] if b"approval:\n" in lines else lines[:-1]


def _latin(lines: list[bytes], chance: random.Random) -> list[bytes]:
    at = chance.randrange(len(lines) + 1)
    return [*lines[:at], b"# \xff\xfe\xc3\n", *lines[at:]]


def _remove(_case: Case, path: Path) -> str:
    path.unlink()
    return ""


def _folder(_case: Case, path: Path) -> str:
    path.unlink()
    path.mkdir()
    return ""


def _link(case: Case, path: Path) -> str:
    """A link to where the file now lies, outside the project or beside it."""
    elsewhere = case.chance.choice([case.elsewhere / path.name, path.with_name(f".{path.name}")])
    path.symlink_to(path.rename(elsewhere))
    return ""


def _linked_folder(case: Case, path: Path) -> str | None:
    if path.parent.is_symlink():
        return None
    elsewhere = case.elsewhere / path.parent.relative_to(case.root).as_posix().replace("/", " ")
    path.parent.symlink_to(path.parent.rename(elsewhere))
    return ""


def _swap(case: Case, path: Path) -> str | None:
    other = case.sibling(path)
    if other is None:
        return None
    raw = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(raw)
    return other.relative_to(case.root).as_posix()


def _copy_over(case: Case, path: Path) -> str | None:
    other = case.sibling(path)
    if other is None:
        return None
    shutil.copyfile(path, other)
    return other.relative_to(case.root).as_posix()


def transplant(path: Path, target: Path) -> None:
    """Copy a ledger with its approval, and let it say that it is of the branch and month of its new place."""
    raw = re.sub(rb"(?m)^branch: .*$", f"branch: {target.parent.name}".encode(), path.read_bytes(), count=1)
    year = target.parent.parent.name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(re.sub(rb"(?m)^month: .*$", f"month: {year}-{target.stem}".encode(), raw, count=1))


def _transplant(case: Case, path: Path) -> str | None:
    """Copy a ledger to a branch's first month that has none, a filing to a branch's first quarter that has none.

    That branch may be none of the roster's.
    """
    if path.parent.name == "filings":
        names = [f"2026-Q{number}.{home}.yaml" for number in (1, 2, 3) for home in (*case.original.branches, "weizhi")]
        target = case.chance.choice([one for name in names if not (one := path.with_name(name)).exists()])
        shutil.copyfile(path, target)
        return target.relative_to(case.root).as_posix()
    if not re.fullmatch(r"\d\d\.yaml", path.name):
        return None
    folder = path.parent.parent / case.chance.choice([*case.original.branches, "weizhi"])
    target = next(one for number in range(1, 13) if not (one := folder / f"{number:02}.yaml").exists())
    transplant(path, target)
    return target.relative_to(case.root).as_posix()


def _other_year(case: Case, path: Path) -> str | None:
    """Copy a file of the year to another, which has no cycle unless that is the file."""
    year = case.root / "ledgers/2026"
    if year not in path.parents:
        return None
    target = year.with_name(case.chance.choice(["2025", "2027"])) / path.relative_to(year)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return target.relative_to(case.root).as_posix()


ACTS: dict[str, Act] = {
    "removed": _remove,
    "truncated": _edited(_truncated),
    "bytes flipped": _edited(_flipped),
    "a line deleted": _edited(_without_a_line),
    "a line twice": _edited(_with_a_line_twice),
    "a word replaced": _edited(_with_a_word_replaced),
    "grown too large": _edited(_grown),
    "emptied": _edited(lambda _lines, _chance: []),
    "approval cut off": _edited(_unsealed),
    "not UTF-8": _edited(_latin),
    "a folder instead": _folder,
    "a link instead": _link,
    "its folder a link": _linked_folder,
    "swapped with another": _swap,
    "copied over another": _copy_over,
    "copied to a free place": _transplant,
    "copied to another year": _other_year,
}


# --- what the commands say -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What the four say of one project; ``drafts`` are files that are not approved.

    ``published``: its site had been built before.
    """

    check: frozenset[Problem]
    others: Mapping[str, frozenset[Problem]]  # build, diff and verify
    drafts: frozenset[str]
    published: bool

    @cached_property
    def errors(self) -> set[Problem]:
        """What ``check`` has against all that isn't a draft."""
        return {one for one in self.check if one.is_error and one.where.file not in self.drafts}

    def contradictions(self) -> list[str]:
        """What the others say otherwise than ``check``, in words."""
        return [
            *(f"{name} {what}" for name in self.others for what in self._differences(name)),
            *(f"{name} {what}" for name in self.others for what in self._strict(name)),
            *(f"{name} {what}" for name in ("build", "diff") if not self.errors for what in self._silent(name)),
        ]

    def _differences(self, name: str) -> Iterator[str]:
        blind = name == "verify" or (name == "diff" and any(not one.code.startswith(OF_PAGES) for one in self.errors))
        wanted = {one for one in self.errors if not (blind and one.code.startswith(OF_PAGES))}
        apart = tuple(ELSEWHERE) if self.published else ()
        given = {one for one in self.others[name] if one.is_error and not one.code.startswith(apart)}
        yield from (f"lacks {_line(one)}" for one in wanted - given)
        yield from (f"adds {_line(one)}" for one in given - wanted)

    def _strict(self, name: str) -> Iterator[str]:
        """Errors in drafts, which are none to any but ``check``."""
        return (f"stops at {_line(one)}" for one in self.others[name] if one.is_error and one.where.file in self.drafts)

    def _silent(self, name: str) -> Iterator[str]:
        """Errors in drafts of which there should be a warning."""
        drafts = {one for one in self.check if one.is_error and one.where.file in self.drafts}
        stopped = any(one.is_error for one in self.others[name])  # by what only this command sees
        warned = {replace(one, severity=Severity.ERROR) for one in self.others[name] if not one.is_error}
        return (f"is silent on {_line(one)}" for one in drafts - warned if not stopped)


def _line(one: Problem) -> str:
    return f"{one.where} {one.severity} {one.code} {one.message}"


def outcome(root: Path, today: date = TODAY) -> Outcome:
    """Put the same project to all four; the build goes on from what earlier builds left in the folder."""
    project, published = Project(root), (root / "site").exists()
    verified = verify.verify_project(project, today, project.site_folder).value
    assert verified is not None
    others = {"diff": _diff(project, today), "verify": verified.problems, "build": _build(project, today)}
    return Outcome(
        frozenset(check.check_project(project, today).value or ()),
        {name: frozenset(arrange_problems(problems)) for name, problems in others.items()},
        load.load_project(project, today).draft_names,
        published,
    )


def _build(project: Project, today: date) -> tuple[Problem, ...]:
    request = BuildRequest(project.root, today, output=project.site_folder)
    built = engine.build_site(
        request, lambda _: nullcontext([InlineExecutor()]), open_cache(project)[0], lambda *_: None
    )
    branch.clear_caches()
    assert built.has_errors == (built.release is None)
    return built.problems


def _diff(project: Project, today: date) -> tuple[Problem, ...]:
    problems = diff.diff_next_build(project, today, project.site_folder, None).problems
    branch.clear_caches()
    return problems


TYPED = {
    "check": ("check", "--format", "json"),
    "build": ("build", "--jobs", "1"),
    "diff": ("diff",),
    "verify": ("verify",),
}
LINE = re.compile(r"^(?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+): 错误：.*〔(?P<code>[a-z.-]+)〕$", re.MULTILINE)


def typed(root: Path, outcome: Outcome, today: date = TODAY) -> list[str]:
    """What the commands themselves print otherwise, and how they end otherwise than they should, in words."""
    return [what for name in TYPED for what in _typed(root, name, outcome, today)]


def _typed(root: Path, name: str, outcome: Outcome, today: date) -> Iterator[str]:
    words = TYPED[name] if name == "check" else (*TYPED[name], "--output", root / "site")
    done = SiteProject.at(root).run(*words, today=today)
    branch.clear_caches()
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        yield f"{name} ends in {done.exception!r}"
        return
    rows = json.loads(done.stdout) if name == "check" else [one.groupdict() for one in LINE.finditer(done.stderr)]
    printed = {(one["file"], int(one["line"]), int(one["column"]), one["code"]) for one in rows if _is_error(one)}
    problems = outcome.check if name == "check" else outcome.others[name]
    errors = {(one.where.file, one.where.line, one.where.column, one.code) for one in problems if one.is_error}
    if (printed, done.exit_code) != (errors, int(bool(errors))):
        yield f"{name} prints {sorted(printed)} and exits with {done.exit_code}, instead of {sorted(errors)}"


def _is_error(row: Mapping[str, str]) -> bool:
    return row.get("severity", Severity.ERROR) == Severity.ERROR


# --- what was tried, shown at the end of a run with ``-p tests.damage`` -----------------------------------------------


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Cases, kinds of damage and of files, and the errors by code."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for report in (one for one in reports if one.when == "call"):
        for what, row in report.user_properties:
            if what.startswith("damage: "):
                counts[what.removeprefix("damage: ")].update(row)
    terminalreporter.section("what was damaged")
    for what, counter in counts.items():
        figures = ", ".join(f"{name} {count}" for name, count in counter.most_common())
        terminalreporter.write_line(f"{what}: {figures}")
