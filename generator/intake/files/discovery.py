"""What lies in a site project: every file found is either read or reported, none is passed over."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from generator.core.basics import periods
from generator.core.basics.periods import Period, PeriodKind
from generator.intake.files import approval_block
from generator.intake.text import reader
from generator.problems import Location, Problem, Severity
from generator.project import Project

T = TypeVar("T")

# What editors and systems leave behind.
_FURNITURE = re.compile(r"\..*|~\$.*|.*~|.*\.(bak|swp|tmp)|thumbs\.db|desktop\.ini|README.*", re.IGNORECASE)
_CONTENT = {"site.yaml", "notices", "pages", "approvers"}
_FOLDERS = {"votes", "filings"}  # of a year, beside those of the branches


class LedgerPath(Struct, frozen=True):
    """A ledger or correction by its path: branch as the folder says, month as folder and file say.

    A ledger is number 0, a month's corrections count from 1.
    """

    path: Path
    branch: str
    month: Period
    number: int = 0


class BallotPath(Struct, frozen=True):
    """A year's reviews, or the poll of that id, as the path says; a file with a number records a withdrawal of it."""

    path: Path
    year: int
    poll: str | None
    number: int = 0


class DiscoveredFiles(Struct, frozen=True):
    """The files of a site project, each kind sorted, and problems with those that have no place."""

    rulebooks: tuple[Path, ...]
    year_folders: tuple[Path, ...]
    ledgers: tuple[LedgerPath, ...]
    filings: tuple[Path, ...]
    withdrawals: tuple[LedgerPath, ...]
    ballots: tuple[BallotPath, ...]
    articles: tuple[Path, ...]
    problems: tuple[Problem, ...]


def group_by_branch(discovered: DiscoveredFiles) -> Mapping[str, DiscoveredFiles]:
    """The ledgers, corrections, filings and withdrawals of each branch that has any, by the branch in their paths."""
    papers = _grouped(discovered.ledgers, lambda file: file.branch)
    filings = _grouped(discovered.filings, lambda path: path.stem.partition(".")[2])
    withdrawals = _grouped(discovered.withdrawals, lambda file: file.branch)
    return {
        branch: DiscoveredFiles(
            (), (), tuple(papers[branch]), tuple(filings[branch]), tuple(withdrawals[branch]), (), (), ()
        )
        for branch in [*dict.fromkeys((*papers, *filings, *withdrawals))]
    }


def _grouped(found: Iterable[T], branch: Callable[[T], str]) -> Mapping[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for one in found:
        groups[branch(one)].append(one)
    return groups


NO_DISCOVERED_FILES = DiscoveredFiles((), (), (), (), (), (), (), ())


def discover_files(project: Project) -> DiscoveredFiles:
    """Look at every file below ``ledgers/`` and ``content/``."""
    strays: list[Path] = [path for path in _entries(project.content_folder) if path.name not in _CONTENT]
    rulebooks = _kept(project.ledgers_folder / "rulebooks", ".yaml", strays)
    years = []
    for path in _entries(project.ledgers_folder):
        if path.is_dir() and re.fullmatch(r"[12][0-9]{3}", path.name):
            years.append(path)
        elif path.name not in {"roster.yaml", "rulebooks"}:
            strays.append(path)
    found: list[LedgerPath] = []
    withdrawals: list[LedgerPath] = []
    filings: list[Path] = []
    ballots: list[BallotPath] = []
    for year in years:
        filings += _kept(year / "filings", ".yaml", strays)
        ballots += _polls(year, strays)
        for path in _entries(year):
            if match := _REVIEWS.fullmatch(path.name):
                ballots.append(BallotPath(path, int(year.name), None, int(match[1] or 0)))
            elif path.is_dir() and path.name not in _FOLDERS:
                _ledgers(path, int(year.name), {"c": found, "w": withdrawals}, strays)
            elif not path.is_dir() and path.name != "cycle.yaml":
                strays.append(path)
    articles = [path for name in ("notices", "pages") for path in _kept(project.content_folder / name, ".md", strays)]
    problems = tuple(problem for path in strays for problem in _stray(path, project))
    return DiscoveredFiles(
        tuple(rulebooks),
        tuple(years),
        tuple(sorted(found, key=lambda file: (file.path.parent, file.month.first, file.number))),
        tuple(filings),
        tuple(withdrawals),
        tuple(ballots),
        tuple(articles),
        problems,
    )


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if not _FURNITURE.fullmatch(path.name))


def _kept(folder: Path, ending: str, strays: list[Path]) -> list[Path]:
    """The files with the one ending that is read; all others are strays."""
    found = list(_entries(folder))
    strays += [path for path in found if path.suffix != ending]
    return [path for path in found if path.suffix == ending]


_PAPER = re.compile(r"(0[1-9]|1[0-2])(?:\.([cw])([1-9][0-9]?))?\.yaml")


def _ledgers(folder: Path, year: int, found: dict[str, list[LedgerPath]], strays: list[Path]) -> None:
    """Sort a branch's folder: 03.yaml and its corrections 03.c1.yaml, and withdrawals 03.w1.yaml."""
    for path in _entries(folder):
        match = _PAPER.fullmatch(path.name)
        if match is None:
            strays.append(path)
            continue
        month = periods.get_period(PeriodKind.MONTH, year, int(match[1]))
        found[match[2] or "c"].append(LedgerPath(path, folder.name, month, int(match[3] or 0)))


_REVIEWS = re.compile(r"reviews(?:\.w([1-9][0-9]?))?\.yaml")
_POLL = re.compile(r"([^.]+)(?:\.w([1-9][0-9]?))?\.yaml")


def _polls(year: Path, strays: list[Path]) -> Iterator[BallotPath]:
    """A year's polls ID.yaml, and withdrawals ID.w1.yaml."""
    for path in _entries(year / "votes"):
        match = _POLL.fullmatch(path.name)
        if match is None:
            strays.append(path)
        else:
            yield BallotPath(path, int(year.name), match[1], int(match[2] or 0))


def _stray(path: Path, project: Project) -> Iterator[Problem]:
    """A file with no place is a warning, but an error if it claims to be an approved ledger: no line may be lost."""
    sealed = any(approval_block.has_approval_key(raw) for raw in _papers(path))
    message = f"“{path.name}”不在规定的位置上，{'里面却有审核记录' if sealed else '不会被读取'}"
    severity = Severity.ERROR if sealed else Severity.WARNING
    yield Problem(Location(project.file_name(path)), "file.unexpected", message, _place(path, project), severity)


_MOST_PAPERS = 2000  # more than an organ's branches write in ten years; a folder of more is something else


def _papers(path: Path) -> Iterator[bytes]:
    """What might be a ledger in a file or folder: neither a link, nor larger than a ledger may be."""
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    for file in islice((one for one in files if one.is_file() and not one.is_symlink()), _MOST_PAPERS):
        with suppress(OSError):
            raw = reader.read_bounded(file, reader.MAX_BYTES)
            if len(raw) <= reader.MAX_BYTES:
                yield raw


_MISNAMED = re.compile(r"0?([1-9]|1[0-2])(?![0-9])(?:[ ._-]*(c|w|更正)[ ._-]*0*([1-9][0-9]?)(?![0-9]))?", re.IGNORECASE)


def _place(path: Path, project: Project) -> str:
    """What a stray file should probably be called; never the name of a file that is there."""
    match = _MISNAMED.match(path.name)
    if match and path.parent.parent.parent == project.ledgers_folder and not path.is_dir():
        letter = {"w": "w", None: None}.get(match[2] and match[2].lower(), "c")
        name = f"{int(match[1]):02}" + (f".{letter}{match[3]}" if letter else "") + ".yaml"
        what = f"{match[1]} 月的" + {"w": "撤回记录", "c": "更正"}.get(letter or "", "台账")
        if any(one.name.lower() == name for one in path.parent.iterdir() if one != path):
            return f"{what}已经有 {name}：请核对两份，把多余的移走"
        return f"如果它是 {what}，请改名为 {name}；无关的文件请移走"
    if path.parent.name == "votes":
        return "投票的位置是 ledgers/年份/votes/编号.yaml，例如 ledgers/2026/votes/dangyuan.yaml；无关的文件请移走"
    if project.ledgers_folder in path.parents and path.parent.name != "rulebooks":
        return "台账的位置是 ledgers/年份/支部编号/两位月份.yaml，例如 ledgers/2026/first/03.yaml；无关的文件请移走"
    return "这里只读 .yaml（规则、设置）和 .md（公告、页面）文件，请核对文件名；无关的文件请移走"
