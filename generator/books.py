"""A site project read, checked and scored: the first half of the line, shared by every command."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from generator.core import results, rules, seal
from generator.core.model import Approval, Ledger, Roster, Rulebook, ValidLedger
from generator.core.periods import Kind, Period, period
from generator.core.resolution import Setting
from generator.core.results import Results
from generator.core.settings import Article, Order, Settings
from generator.intake import contents, cycles, folders, ledgers, rosters, rulebooks
from generator.intake.folders import Found, LedgerFile
from generator.intake.reader import Reader
from generator.problems import Problem, Severity, Where, in_order, suggest
from generator.project import Project

Key = tuple[str, Period]


@dataclass(frozen=True, slots=True)
class Books:
    """Everything in a site project that could be read; ``approved`` and ``drafts`` by branch and month."""

    project: Project
    today: date
    settings: Settings
    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    approved: Mapping[Key, ValidLedger]
    drafts: Mapping[Key, ValidLedger]
    articles: tuple[Article, ...]

    def chain(self, branch: str) -> tuple[Approval, ...]:
        """A branch's approvals, by month."""
        return tuple(one.approval for (home, _), one in self.approved.items() if home == branch and one.approval)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, if it could be read at all, and every problem.

    ``files`` names all files looked at, ``drafts`` those of drafts.
    """

    books: Books | None
    problems: list[Problem]
    drafts: frozenset[str]
    files: frozenset[str]

    def lenient(self) -> list[Problem]:
        """The problems as all but ``check`` and ``approve`` see them: those of a draft stop nothing."""
        return [
            replace(one, severity=Severity.WARNING) if one.where.file in self.drafts else one for one in self.problems
        ]


@dataclass(slots=True)
class _Reader(Reader):
    """Keeps besides which files are drafts, and the approvals of each branch for its chain."""

    drafts: set[str] = field(default_factory=set)
    chains: dict[str, list[Approval] | None] = field(default_factory=dict)

    def draft(self, file: LedgerFile) -> None:
        """Note a ledger that is not approved."""
        self.drafts.add(self.project.name(file.path))

    def seal(self, branch: str, ledger: Ledger | None) -> None:
        """Note an approval for the chain of its branch, which can't be judged if one of its links can't be read."""
        chain = self.chains.setdefault(branch, [])
        if ledger is None or ledger.approval is None:
            self.chains[branch] = None
        elif chain is not None:
            chain.append(ledger.approval)


def read(project: Project, today: date) -> Reading:
    """Read and check a whole site project. Nothing is scored and nothing is written."""
    reader = _Reader(project)
    found = folders.survey(project)
    reader.problems += found.problems
    settings = reader.one(project.settings, contents.read_settings)
    order = settings.order if settings else Order.PINYIN
    roster = reader.one(project.roster, lambda raw, file: rosters.read(raw, file, order))
    years = _rulebooks(reader, found)
    articles = tuple(filter(None, [reader.one(path, contents.read_article) for path in found.articles]))
    approved, drafts = _ledgers(reader, found.ledgers, roster, years, today)
    if roster is not None:
        reader.problems += _unwritten(project, found, roster, today)
    books = None
    if settings is not None and roster is not None:
        books = Books(project, today, settings, roster, years, approved, drafts, articles)
    for chain in reader.chains.values():
        reader.problems += seal.broken(chain or ())
    files = reader.files | {problem.where.file for problem in reader.problems}
    return Reading(books, in_order(reader.problems), frozenset(reader.drafts), frozenset(files))


def _rulebooks(reader: _Reader, found: Found) -> dict[int, Rulebook]:
    """The rulebook of each year that has a folder."""
    by_id = {path.stem: reader.one(path, rulebooks.read) for path in found.rulebooks}
    years = {}
    for folder in found.years:
        cycle = reader.one(folder / "cycle.yaml", cycles.read)
        if cycle is None:
            continue
        if cycle.rulebook.text not in by_id:
            message = f"没有 ledgers/rulebooks/{cycle.rulebook.text}.yaml 这份规则"
            hint = suggest(cycle.rulebook.text, by_id)
            reader.problems.append(Problem(cycle.rulebook.where, "cycle.unknown-rulebook", message, hint))
        elif rulebook := by_id[cycle.rulebook.text]:
            years[int(folder.name)] = rulebook
    return years


# --- ledgers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Written:
    """A ledger file as read: ``sealed`` if it claims to be approved, ``clean`` if nothing in it was misread."""

    file: LedgerFile
    ledger: Ledger | None
    sealed: bool
    clean: bool

    @property
    def digest(self) -> str | None:
        """The digest that the file really has, if it is approved."""
        return self.ledger.digest if self.ledger and self.ledger.approval else None

    @property
    def claimed(self) -> str | None:
        """The digest that its approval claims, if it is approved."""
        return self.ledger.approval.digest if self.ledger and self.ledger.approval else None

    @property
    def is_original(self) -> bool:
        """Whether it is approved, unaltered, and lies at its month's place: what else has its seal is a copy."""
        at_home = self.ledger is not None and self.ledger.month.text == str(self.file.month)
        return at_home and self.digest is not None and self.claimed == self.digest


def _ledgers(
    reader: _Reader, files: Iterable[LedgerFile], roster: Roster | None, years: Mapping[int, Rulebook], today: date
) -> tuple[dict[Key, ValidLedger], dict[Key, ValidLedger]]:
    """Valid ledgers, approved and draft, by branch and month."""
    approved: dict[Key, ValidLedger] = {}
    drafts: dict[Key, ValidLedger] = {}
    years_of_branches: dict[tuple[str, int], list[ValidLedger]] = defaultdict(list)
    written = [_written(reader, file) for file in files]
    intact = {one.digest: one.file for one in written if one.is_original}
    for one in written:
        if intact.get(one.claimed, one.file) != one.file:
            reader.problems.append(_copied(one, intact[one.claimed]))
            reader.draft(one.file)
            continue
        if one.sealed:
            reader.seal(one.file.branch, one.ledger)
        else:
            reader.draft(one.file)
        valid = _valid(reader, one, roster, years.get(one.file.month.year), today)
        if valid is None:
            continue
        years_of_branches[one.file.branch, one.file.month.year].append(valid)
        (approved if valid.approval else drafts)[one.file.branch, one.file.month] = valid
    for (_, year), valids in years_of_branches.items():
        reader.problems += rules.expected(tuple(valids), years[year], today)
    return approved, drafts


def _written(reader: _Reader, file: LedgerFile) -> _Written:
    raw = reader.raw(file.path)
    if raw is None:
        return _Written(file, None, sealed=True, clean=False)
    ledger, problems, sealed = ledgers.read(raw, reader.project.name(file.path))
    reader.problems += problems
    return _Written(file, ledger, sealed=sealed, clean=not problems)


def _copied(one: _Written, original: LedgerFile) -> Problem:
    assert one.ledger is not None
    assert one.ledger.approval is not None
    message = f"这段审核记录是从 {original.branch} {original.month} 的台账复制来的"
    return Problem(one.ledger.approval.where, "approval.copied", message, "请删去 approval: 起的各行，本月台账仍是草稿")


def _valid(
    reader: _Reader, one: _Written, roster: Roster | None, rulebook: Rulebook | None, today: date
) -> ValidLedger | None:
    file, ledger = one.file, one.ledger
    if ledger is None or roster is None or rulebook is None:
        return None
    if file.branch not in roster.branch:
        message = f"名册里没有“{file.branch}”这个支部"
        hint = f"文件夹要用支部编号命名：{'、'.join(roster.branch)}"
        where = Where(reader.project.name(file.path))
        reader.problems.append(Problem(where, "ledger.unknown-branch", message, hint))
        return None
    setting = Setting(roster, rulebook, file.branch, file.month, today)
    valid, found = rules.validate(ledger, setting)
    reader.problems += found
    if ledger.approval:
        reader.problems += seal.differences(ledger, roster, rulebook, file.branch, file.month)
    return valid if one.clean else None


def _unwritten(project: Project, found: Found, roster: Roster, today: date) -> Iterator[Problem]:
    """Months that are over and have no ledger though the branch had members; a year without a folder, as a whole."""
    if found.years and str(today.year) not in {year.name for year in found.years}:
        where = Where(project.name(project.ledgers / str(today.year) / "cycle.yaml"))
        hint = "新年度开始登记以前，请新建这个文件，写两行：year: 年份 和 rulebook: 规则编号"
        yield Problem(where, "cycle.not-begun", f"{today.year} 年还没有立账", hint, Severity.WARNING)
    written = {(file.branch, file.month) for file in found.ledgers}
    for year in found.years:
        for number in range(1, 13):
            month = period(Kind.MONTH, int(year.name), number)
            for branch in roster.branches:
                if month.last < today and (branch.id, month) not in written and roster.during(branch.id, month):
                    where = Where(project.name(project.ledger(branch.id, str(month))))
                    message = f"{branch.name} {month} 没有台账"
                    hint = "请登记人补写；该月的榜单在此之前都标为暂计"
                    yield Problem(where, "ledger.missing", message, hint, Severity.WARNING)


# --- scoring ---------------------------------------------------------------------------------------------------------


def score(books: Books, drafts: Mapping[Key, ValidLedger] = MappingProxyType({})) -> Results:
    """Score all approved ledgers and these drafts, which never make a period complete."""
    counted = {**drafts, **books.approved}
    tallies = {}
    for year, rulebook in books.rulebooks.items():
        shards = [results.shard(_of(counted, branch.id, year), rulebook) for branch in books.roster.branches]
        tallies[year] = results.merge(shards, books.roster, rulebook)
    approved, scored = frozenset(books.approved), frozenset(counted)
    return Results(books.roster, books.rulebooks, tallies, approved, scored, books.today)


def _of(counted: Mapping[Key, ValidLedger], branch: str, year: int) -> list[ValidLedger]:
    """A branch-year's ledgers."""
    return [ledger for (home, month), ledger in counted.items() if home == branch and month.year == year]
