"""Discovery of a site project's files: each is read or reported, except leftovers of editors and systems."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import filterfalse, islice
from pathlib import Path
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics import periods
from generator.core.basics.periods import Period, PeriodKind
from generator.core.model.ledger import BallotKind
from generator.disk.system_files import is_system_name
from generator.intake.files import approval_block, attachment_file
from generator.intake.text import reader
from generator.problems import Cause, Location, Problem, Severity
from generator.project import Project

T = TypeVar("T")

# Files that editors leave behind.
_LEFTOVER = re.compile(r"\..*|.*~|.*\.(bak|swp|tmp)|README.*", re.IGNORECASE)
# What Python makes of bytes in a name that are no UTF-8.
_UNREADABLE_NAME = re.compile("[\ud800-\udfff]")
_CONTENT_NAMES = {"site.yaml", "import.yaml", "notices", "pages", "approvers"}
_NUMBERED_LIST = re.compile(r"approvers\.([2-9]|[1-9][0-9])(\.yaml)?")  # of signers, and the record that seals it
_YEAR_FOLDERS = {"votes", "filings"}  # beside those of the branches


class LedgerPath(Struct, frozen=True):
    """A ledger, correction or withdrawal by its path: the branch from the folder, the month from folder and file name.

    A ledger is number 0; a month's corrections count from 1, and so do its withdrawals.
    """

    path: Path
    branch: str
    month: Period
    number: int = 0


class BallotPath(Struct, frozen=True):
    """A ballot of a year by its path; a file with a number records a withdrawal of its approval."""

    path: Path
    year: int
    kind: BallotKind
    number: int = 0


class DiscoveredFiles(Struct, frozen=True):
    """The files of a site project, each kind in a fixed order, and a problem for each that is out of place."""

    rulebooks: tuple[Path, ...]
    year_folders: tuple[Path, ...]
    ledgers: tuple[LedgerPath, ...]
    filings: tuple[Path, ...]
    withdrawals: tuple[LedgerPath, ...]
    ballots: tuple[BallotPath, ...]
    articles: tuple[Path, ...]
    attachments: tuple[Path, ...]
    problems: tuple[Problem, ...]


def group_by_branch(discovered: DiscoveredFiles) -> Mapping[str, DiscoveredFiles]:
    """Group ledgers, corrections, filings and withdrawals by the branch in their paths; only branches that have any."""
    ledgers = _group(discovered.ledgers, lambda file: file.branch)
    filings = _group(discovered.filings, lambda path: path.stem.partition(".")[2])
    withdrawals = _group(discovered.withdrawals, lambda file: file.branch)
    return {
        branch: DiscoveredFiles(
            (), (), tuple(ledgers[branch]), tuple(filings[branch]), tuple(withdrawals[branch]), (), (), (), ()
        )
        for branch in [*dict.fromkeys((*ledgers, *filings, *withdrawals))]
    }


def _group(files: Iterable[T], branch_of: Callable[[T], str]) -> Mapping[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for file in files:
        groups[branch_of(file)].append(file)
    return groups


NO_DISCOVERED_FILES = DiscoveredFiles((), (), (), (), (), (), (), (), ())


def discover_files(project: Project) -> DiscoveredFiles:
    """Find all files below ``ledgers/`` and ``content/``; report those out of place."""
    strays: list[Path] = []
    strays += [path for path in _list_folder(project.content_folder, strays) if not _is_content_name(path.name)]
    rulebooks = _list_files(project.ledgers_folder / "rulebooks", ".yaml", strays)
    year_folders = []
    for path in _list_folder(project.ledgers_folder, strays):
        if path.is_dir() and re.fullmatch(r"[12][0-9]{3}", path.name):
            year_folders.append(path)
        elif path.name not in {"roster.yaml", "rulebooks"}:
            strays.append(path)
    ledgers: list[LedgerPath] = []
    withdrawals: list[LedgerPath] = []
    filings: list[Path] = []
    ballots: list[BallotPath] = []
    for year in year_folders:
        filings += _list_files(year / "filings", ".yaml", strays)
        ballots += _find_polls(year, strays)
        for path in _list_folder(year, strays):
            if match := _BALLOT_NAME.fullmatch(path.name):
                ballots.append(BallotPath(path, int(year.name), BallotKind(match[1]), int(match[2] or 0)))
            elif path.is_dir() and path.name not in _YEAR_FOLDERS:
                _sort_branch_folder(path, int(year.name), {"c": ledgers, "w": withdrawals}, strays)
            elif not path.is_dir() and path.name != "cycle.yaml":
                strays.append(path)
    articles: list[Path] = []
    attachments: list[Path] = []
    for name in ("notices", "pages"):
        articles += _sort_article_folder(project.content_folder / name, attachments, strays)
    problems = tuple(problem for path in strays for problem in _report_stray(path, project))
    return DiscoveredFiles(
        tuple(rulebooks),
        tuple(year_folders),
        tuple(sorted(ledgers, key=lambda file: (file.path.parent, file.month.first, file.number))),
        tuple(filings),
        tuple(withdrawals),
        tuple(ballots),
        tuple(articles),
        tuple(attachments),
        problems,
    )


def _is_content_name(name: str) -> bool:
    return name in _CONTENT_NAMES or _NUMBERED_LIST.fullmatch(name) is not None


def list_approver_numbers(project: Project) -> tuple[frozenset[int], frozenset[int]]:
    """Return the numbers of the lists of signers that are there, and those of their records."""
    matches = [_NUMBERED_LIST.fullmatch(path.name) for path in _list_folder(project.content_folder, [])]
    numbers = [(int(match[1]), match[2] is None) for match in matches if match]
    first = {1} if os.path.lexists(project.approvers_path(1)) else set()
    lists = frozenset(first | {number for number, is_list in numbers if is_list})
    return lists, frozenset(number for number, is_list in numbers if not is_list)


def _list_folder(folder: Path, strays: list[Path]) -> Iterator[Path]:
    """Yield what a folder holds; a name in an unknown encoding, which no page can show, is a stray."""
    entries = folder.iterdir() if folder.is_dir() else ()
    paths = sorted(path for path in entries if not (_LEFTOVER.fullmatch(path.name) or is_system_name(path.name)))
    strays += filter(has_unreadable_name, paths)
    yield from filterfalse(has_unreadable_name, paths)


def _list_files(folder: Path, ending: str, strays: list[Path]) -> list[Path]:
    """List the files with the ending that is read here; all others are strays."""
    paths = list(_list_folder(folder, strays))
    strays += [path for path in paths if path.suffix != ending]
    return [path for path in paths if path.suffix == ending]


def _sort_article_folder(folder: Path, attachments: list[Path], strays: list[Path]) -> list[Path]:
    """Return the articles in a folder, and sort what is beside them, in folders too, to attachments and strays."""
    articles = []
    for path in _list_folder(folder, strays):
        if path.suffix == ".md":
            articles.append(path)
        elif path.is_dir() and not path.is_symlink():
            strays += _sort_article_folder(path, attachments, strays)  # articles are not in folders of their own
        elif attachment_file.has_attachment_ending(path.name):
            attachments.append(path)
        else:
            strays.append(path)
    return articles


_LEDGER_NAME = re.compile(r"(0[1-9]|1[0-2])(?:\.([cw])([1-9][0-9]?))?\.yaml")


def split_ledger_name(name: str) -> tuple[Period, int]:
    """Return the month of a ledger or correction by its file's name, and its number, 0 for the ledger."""
    year, _, file = name.split("/")[-3:]
    match = _LEDGER_NAME.fullmatch(file)
    assert match is not None
    return Period.from_name(f"{year}-{match[1]}"), int(match[3] or 0)


def _sort_branch_folder(folder: Path, year: int, by_letter: dict[str, list[LedgerPath]], strays: list[Path]) -> None:
    """Sort the files of a branch's folder: 03.yaml, its corrections 03.c1.yaml, and withdrawals 03.w1.yaml.

    ``by_letter`` collects withdrawals under ``w``, and ledgers with their corrections under ``c``.
    """
    for path in _list_folder(folder, strays):
        match = _LEDGER_NAME.fullmatch(path.name)
        if match is None:
            strays.append(path)
            continue
        month = periods.get_period(PeriodKind.MONTH, year, int(match[1]))
        by_letter[match[2] or "c"].append(LedgerPath(path, folder.name, month, int(match[3] or 0)))


_BALLOT_NAME = re.compile(r"(reviews|honours)(?:\.w([1-9][0-9]?))?\.yaml")
_POLL_NAME = re.compile(r"[^.]+(?:\.w([1-9][0-9]?))?\.yaml")


def _find_polls(year: Path, strays: list[Path]) -> Iterator[BallotPath]:
    """Yield a year's polls ID.yaml, and withdrawals ID.w1.yaml."""
    for path in _list_folder(year / "votes", strays):
        match = _POLL_NAME.fullmatch(path.name)
        if match is None:
            strays.append(path)
        else:
            yield BallotPath(path, int(year.name), BallotKind.POLL, int(match[1] or 0))


def _report_stray(path: Path, project: Project) -> Iterator[Problem]:
    """Report a file out of place: a warning, but an error if it has an approval, as no approved line may be lost."""
    sealed = any(approval_block.has_approval_key(raw) for raw in _read_possible_ledgers(path))
    content, file = "里面却有审核记录" if sealed else "不会被读取", project.file_name(path)
    hint = explain_unreadable_name(path) if has_unreadable_name(path) else _suggest_place(path, project)
    severity = Severity.ERROR if sealed else Severity.WARNING
    stray = Problem(Location(file), "file.unexpected", f"“{path.name}”不在规定的位置上，{content}", hint, severity)
    name = _guess_name(path, project)
    if name and not _has_sibling(path, name):
        cause = Cause(f"这些文件的名字不合规定，{content}", "请照这样改名；无关的文件请移走", unit="个")
        stray = replace(stray, cause=cause, subject=(file.rpartition("/")[0], f"{path.name} → {name}"))
    yield stray


# More than an organ's branches write in ten years; a folder with more is something else.
_MAX_LEDGERS = 2000


def _read_possible_ledgers(path: Path) -> Iterator[bytes]:
    """Yield the bytes of possible ledgers in a file or folder: no links, nothing larger than a ledger may be."""
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else [path]
    for file in islice((entry for entry in files if entry.is_file() and not entry.is_symlink()), _MAX_LEDGERS):
        with suppress(OSError):
            raw = reader.read_bounded(file, reader.MAX_BYTES)
            if len(raw) <= reader.MAX_BYTES:
                yield raw


_MISNAMED = re.compile(r"0?([1-9]|1[0-2])(?![0-9])(?:[ ._-]*(c|w|更正)[ ._-]*0*([1-9][0-9]?)(?![0-9]))?", re.IGNORECASE)
_CHINESE_MONTHS = re.compile(r"(十[一二]?|[一二三四五六七八九])月")
_CHINESE_NUMBERS = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


def _guess_name(path: Path, project: Project) -> str:
    """Return the name that a stray file of a branch should probably have; empty if it is no file of a month."""
    year = path.parent.parent.name
    words = path.name.removeprefix(year).lstrip("-年._ ") if path.name.startswith(year) else path.name
    if chinese := _CHINESE_MONTHS.match(words):
        words = f"{_CHINESE_NUMBERS.index(chinese[1])}{words[chinese.end() :]}"
    match = _MISNAMED.match(words)
    if match is None or path.parent.parent.parent != project.ledgers_folder or path.is_dir():
        return ""
    letter = {"w": "w", None: None}.get(match[2] and match[2].lower(), "c")
    return f"{int(match[1]):02}" + (f".{letter}{match[3]}" if letter else "") + ".yaml"


def has_unreadable_name(path: Path) -> bool:
    """Return whether the name of a file is in an encoding that is not known, and so can be shown on no page."""
    return _UNREADABLE_NAME.search(path.name) is not None


def explain_unreadable_name(path: Path) -> str:
    """Return a hint what a name in another encoding probably is."""
    meant = os.fsencode(path.name).decode("gb18030", errors="replace")
    is_chinese = re.search("[\u4e00-\u9fff]", meant) and "\ufffd" not in meant
    guess = f"，像是 GBK 编码的“{meant}”" if is_chinese else ""
    return f"名字的编码不对{guess}，多半是在别的系统上解压、复制来的；请改名，再检查一次"


def _has_sibling(path: Path, name: str) -> bool:
    return any(sibling.name.lower() == name for sibling in path.parent.iterdir() if sibling != path)


def _suggest_place(path: Path, project: Project) -> str:
    """Return a hint where a stray file belongs, and its probable name, but never the name of a file that exists."""
    if name := _guess_name(path, project):
        month, *number, _ = name.split(".")
        description = f"{int(month)} 月的" + {"w": "撤回记录", "c": "更正"}.get("".join(number)[:1], "台账")
        if _has_sibling(path, name):
            return f"{description}已经有 {name}：请核对两份，把多余的移走"
        return f"如果它是 {description}，请改名为 {name}；无关的文件请移走"
    if path.parent.name == "votes":
        return "投票的位置是 ledgers/年份/votes/编号.yaml，例如 ledgers/2026/votes/dangyuan.yaml；无关的文件请移走"
    if project.ledgers_folder in path.parents and path.parent.name != "rulebooks":
        return "台账的位置是 ledgers/年份/支部编号/两位月份.yaml，例如 ledgers/2026/first/03.yaml；无关的文件请移走"
    if {project.content_folder / "notices", project.content_folder / "pages"}.intersection(path.parents):
        endings = "、".join(attachment_file.ENDINGS)
        return f"这里只读 .md 文件（公告、文章），附件可以是 {endings}；无关的文件请移走"
    return "这里只读 .yaml（规则、设置）和 .md（公告、文章）文件，请核对文件名；无关的文件请移走"
