"""A site project read, checked and scored: the first half of the line, shared by every command."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from generator import shelf, signatures, urn
from generator.core import ballots, results
from generator.core.model import Key, Poll, Roster, Rulebook, ValidLedger
from generator.core.periods import Kind, period
from generator.core.results import Results
from generator.core.sealedfiles import SealedFile
from generator.core.settings import Article, Order, Settings
from generator.garbage import uncollected
from generator.intake import contents, cycles, folders, rosters, rulebooks, themes
from generator.intake.folders import Found
from generator.intake.reader import Reader
from generator.problems import Problem, Severity, Where, in_order, suggest
from generator.project import Layer, Project
from generator.shelf import Counted, Shelf
from generator.urn import Urn

ReadRoster = Callable[[bytes, str, Order], tuple[Roster | None, list[Problem]]]


class Books(Struct, frozen=True):
    """Everything in a site project that could be read; ``counted`` is what the papers on the shelf come to.

    ``reviews`` and ``polls`` are what the approved files in the urn come to, by year: scores from 0 to 100 and votes by
    member id.
    """

    project: Project
    today: date
    settings: Settings
    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    shelf: Shelf
    counted: Counted
    articles: tuple[Article, ...]
    urn: Urn = field(default_factory=Urn)
    reviews: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    polls: Mapping[int, Sequence[tuple[Poll, Mapping[str, int]]]] = field(default_factory=dict)

    @property
    def approved(self) -> Mapping[Key, ValidLedger]:
        """What counts, by branch and month."""
        return self.counted.approved

    @property
    def files(self) -> Mapping[str, SealedFile]:
        """All that approvals seal or may seal, by name."""
        return {**self.shelf.papers, **self.urn.slips}

    @property
    def drafts(self) -> Mapping[Key, ValidLedger]:
        """What would count once the drafts are approved."""
        return self.counted.drafts


class Reading(Struct, frozen=True):
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


@uncollected()
def read(project: Project, today: date) -> Reading:
    """Read and check a whole site project. Nothing is scored and nothing is written."""
    reader = Reader(project)
    found = folders.survey(project)
    reader.problems += found.problems
    settings, roster, years, articles = frame(reader, found)
    papers, cast = shelf.read(reader, found), urn.read(reader, found)
    reader.problems += signatures.check(
        list(papers.papers.values()), list(cast.slips.values()), project.approvers, papers.approvers
    )
    books = None
    if roster is not None:
        counted, problems = shelf.judge(papers, roster, years, today)
        reader.problems += [*problems, *_unwritten(project, found, roster, today)]
        votes = ballots.judge(list(cast.slips.values()), roster, years)
        reader.problems += votes.problems
        if settings is not None:
            books = Books(
                project,
                today,
                settings,
                roster,
                years,
                papers,
                counted,
                articles,
                cast,
                votes.reviews,
                votes.polls,
            )
    files = reader.files | {problem.where.file for problem in reader.problems}
    return Reading(books, in_order(reader.problems), papers.drafts | cast.drafts, frozenset(files))


def frame(
    reader: Reader, found: Found, read_roster: ReadRoster = rosters.read
) -> tuple[Settings | None, Roster | None, Mapping[int, Rulebook], tuple[Article, ...]]:
    """What bears on every branch: the settings, the roster, the rulebook of each year, notices and pages."""
    settings = reader.one(reader.project.settings, contents.read_settings)
    order = settings.order if settings else Order.PINYIN
    roster = reader.one(reader.project.roster, lambda raw, file: read_roster(raw, file, order))
    years = _rulebooks(reader, found)
    articles = tuple(filter(None, [reader.one(path, contents.read_article) for path in found.articles]))
    return settings, roster, years, articles


def theme(project: Project, settings: Settings) -> tuple[tuple[Layer, ...], list[Problem]]:
    """The folders of the theme that the settings name, the most particular first; none if one of them is wrong."""
    reader = Reader(project)
    return themes.chain(reader, settings.theme), reader.problems


def _rulebooks(reader: Reader, found: Found) -> dict[int, Rulebook]:
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


def _unwritten(project: Project, found: Found, roster: Roster, today: date) -> Iterator[Problem]:
    """Months that are over and have no ledger though the branch had members; a year without a folder, as a whole."""
    if found.years and str(today.year) not in {year.name for year in found.years}:
        where = Where(project.name(project.ledgers / str(today.year) / "cycle.yaml"))
        hint = "新年度开始登记以前，请新建这个文件，写两行：year: 年份 和 rulebook: 规则编号"
        yield Problem(where, "cycle.not-begun", f"{today.year} 年还没有立账", hint, Severity.WARNING)
    written = {(file.branch, file.month) for file in found.ledgers if file.number == 0}
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
    return tally(books, {**books.approved, **drafts}, frozenset(books.approved))


def tally(books: Books, counted: Mapping[Key, ValidLedger], approved: frozenset[Key]) -> Results:
    """Score exactly these ledgers; ``approved`` are the branch-months that make a period complete."""
    homes: dict[tuple[str, int], list[ValidLedger]] = defaultdict(list)
    for (branch, month), ledger in counted.items():
        homes[branch, month.year].append(ledger)
    tallies = {}
    for year, rulebook in books.rulebooks.items():
        shards = [results.shard(homes[branch.id, year], rulebook) for branch in books.roster.branches]
        tallies[year] = results.merge(shards, books.roster, rulebook)
    return Results(books.roster, books.rulebooks, tallies, approved, frozenset(counted), books.today)
