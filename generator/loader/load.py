"""A site project read and checked, branch by branch, and its ledgers scored: what all commands begin with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct, field

from generator.core.basics.periods import Kind, period
from generator.core.ledgers import ballots
from generator.core.model.ledger import Key, Ledger, Poll, ValidLedger
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, Order, Settings
from generator.core.scoring import branch_scores, chronology, results
from generator.core.scoring.branch_scores import BranchScores
from generator.core.scoring.results import Results
from generator.core.sealing import sealed_files
from generator.core.sealing.sealed_files import SealedFile
from generator.intake.files import (
    content_files,
    cycle_file,
    discovery,
    ledger_file,
    roster_file,
    rulebook_file,
    theme_file,
)
from generator.intake.files.discovery import Found
from generator.intake.text.reader import Reader
from generator.loader import ballot_files as ballot_files_module
from generator.loader import branch_files, signatures
from generator.loader.ballot_files import Ballots
from generator.loader.branch_files import Counted, ReadLedger, Shelf
from generator.problems import Problem, Severity, Where, in_order, lenient, suggest
from generator.project import Layer, Project

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
    urn: Ballots = field(default_factory=Ballots)
    reviews: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    polls: Mapping[int, Sequence[tuple[Poll, Mapping[str, int]]]] = field(default_factory=dict)

    @property
    def approved(self) -> Mapping[Key, ValidLedger]:
        """What counts, by branch and month."""
        return self.counted.approved

    @property
    def files(self) -> Mapping[str, SealedFile]:
        """All that approvals seal or may seal, by name."""
        return {**self.shelf.papers, **self.urn.files}

    @property
    def drafts(self) -> Mapping[Key, ValidLedger]:
        """What would count once the drafts are approved."""
        return self.counted.drafts


class Shared(Struct, frozen=True):
    """What bears on every branch, as far as it could be read, and the problems of these files.

    ``reviews`` and ``polls`` are scores from 0 to 100 and votes by member id, by year, of the approved files in the
    urn. ``digests`` are those of settings, roster, rulebooks, articles and the list of signers.
    """

    project: Project
    today: date
    discovered: Found
    settings: Settings | None
    roster: Roster | None
    rulebooks: Mapping[int, Rulebook]
    articles: tuple[Article, ...]
    urn: Ballots
    reviews: Mapping[int, Mapping[str, Decimal]]
    polls: Mapping[int, Sequence[tuple[Poll, Mapping[str, int]]]]
    approvers: str | None
    digests: Mapping[Path, str]
    files: frozenset[str]
    problems: tuple[Problem, ...]


class BranchLedgers(Struct, frozen=True):
    """A branch's files as read and checked, and all problems in them."""

    branch: str
    shelf: Shelf
    counted: Counted
    files: frozenset[str]
    problems: tuple[Problem, ...]


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
        return lenient(self.problems, self.drafts)


def read(project: Project, today: date) -> Reading:
    """Read and check a whole site project, branch by branch. Nothing is scored and nothing is written."""
    return complete(shared(project, today))


def complete(common: Shared) -> Reading:
    """Read and check every branch of a project whose shared files are read."""
    branches = read_branches(common)
    joined = [one for each in branches.values() for one in each.problems]
    problems = in_order([*common.problems, *joined, *_unwritten(common)])
    papers = {name: paper for one in branches.values() for name, paper in one.shelf.papers.items()}
    drafts = common.urn.drafts | {name for name, paper in papers.items() if not paper.sealed}
    files = common.files.union(*(one.files for one in branches.values()), (one.where.file for one in problems))
    return Reading(_books(common, branches), problems, drafts, files)


def _books(common: Shared, branches: Mapping[str, BranchLedgers]) -> "Books | None":
    if common.settings is None or common.roster is None:
        return None
    return Books(
        project=common.project,
        today=common.today,
        settings=common.settings,
        roster=common.roster,
        rulebooks=common.rulebooks,
        shelf=branch_files.join([one.shelf for one in branches.values()], common.approvers),
        counted=branch_files.join_counted([one.counted for one in branches.values()]),
        articles=common.articles,
        urn=common.urn,
        reviews=common.reviews,
        polls=common.polls,
    )


def shared(project: Project, today: date, read_roster: ReadRoster = roster_file.read) -> Shared:
    """Read and check what bears on every branch."""
    reader = Reader(project)
    discovered = discovery.survey(project)
    reader.problems += discovered.problems
    settings, roster, years, articles = frame(reader, discovered, read_roster)
    approvers = branch_files.approvers(reader)
    digests = dict(reader.digests)
    ballot_files = ballot_files_module.read(reader, discovered)
    slips = list(ballot_files.files.values())
    reader.problems += signatures.check([], slips, project.approvers, approvers)
    counted = ballots.Counted()
    if roster is not None:
        counted = ballots.judge(slips, roster, years)
        reader.problems += counted.problems
    return Shared(
        project=project,
        today=today,
        discovered=discovered,
        settings=settings,
        roster=roster,
        rulebooks=years,
        articles=articles,
        urn=ballot_files,
        reviews=counted.reviews,
        polls=counted.polls,
        approvers=approvers,
        digests=digests,
        files=frozenset(reader.files),
        problems=tuple(reader.problems),
    )


def read_branches(common: Shared) -> Mapping[str, BranchLedgers]:
    """Read and check every branch of the roster, and every other that has a file.

    A file whose approval was copied from another branch is judged anew, as a draft.
    """
    grouped = discovery.by_branch(common.discovered)
    on_roster = common.roster.branch if common.roster else ()
    known = {branch: grouped.get(branch, discovery.NOTHING) for branch in dict.fromkeys([*on_roster, *grouped])}
    branches = {branch: _read_branch(common, branch, files, {}) for branch, files in known.items()}
    seals = sealed_files.seals(paper for one in branches.values() for paper in one.shelf.papers.values())
    for branch, copies in sealed_files.copied_by_branch(seals, common.roster).items():
        branches[branch] = _read_branch(common, branch, known[branch], copies)
    return branches


def _read_branch(common: Shared, branch: str, files: Found, copies: Mapping[str, str]) -> BranchLedgers:
    reader = Reader(common.project)
    return check_branch(
        reader, branch, files, roster=common.roster, rulebooks=common.rulebooks, today=common.today, copies=copies
    )


def check_branch(  # noqa: PLR0913  each bears on what is checked
    reader: Reader,
    branch: str,
    files: Found,
    *,
    roster: Roster | None,
    rulebooks: Mapping[int, Rulebook],
    today: date,
    copies: Mapping[str, str],
    read_ledger: ReadLedger = ledger_file.read,
) -> BranchLedgers:
    """Read and check a branch's files; ``copies`` are those whose approval was copied from another branch's.

    Without a roster only what the files themselves tell is checked.
    """
    papers = branch_files.read(reader, files, copies, read_ledger)
    reader.problems += signatures.check(list(papers.papers.values()), (), reader.project.approvers, papers.approvers)
    counted = Counted()
    if roster is not None:
        counted, problems = branch_files.judge(papers, roster, rulebooks, today)
        reader.problems += problems
    return BranchLedgers(branch, papers, counted, frozenset(reader.files), tuple(reader.problems))


def frame(
    reader: Reader, discovered: Found, read_roster: ReadRoster = roster_file.read
) -> tuple[Settings | None, Roster | None, Mapping[int, Rulebook], tuple[Article, ...]]:
    """What bears on every branch: the settings, the roster, the rulebook of each year, notices and pages."""
    settings = reader.one(reader.project.settings, content_files.read_settings)
    order = settings.order if settings else Order.PINYIN
    roster = reader.one(reader.project.roster, lambda raw, file: read_roster(raw, file, order))
    years = _rulebooks(reader, discovered)
    articles = tuple(filter(None, [reader.one(path, content_files.read_article) for path in discovered.articles]))
    return settings, roster, years, articles


def theme(project: Project, settings: Settings) -> tuple[tuple[Layer, ...], list[Problem]]:
    """The folders of the theme that the settings name, the most particular first; none if one of them is wrong."""
    reader = Reader(project)
    layers = theme_file.chain(reader, settings.theme)
    return () if reader.problems else layers, reader.problems


def _rulebooks(reader: Reader, discovered: Found) -> dict[int, Rulebook]:
    """The rulebook of each year that has a folder."""
    by_id = {path.stem: reader.one(path, rulebook_file.read) for path in discovered.rulebooks}
    years = {}
    for folder in discovered.years:
        cycle = reader.one(folder / "cycle.yaml", cycle_file.read)
        if cycle is None:
            continue
        if cycle.rulebook.text not in by_id:
            message = f"没有 ledgers/rulebooks/{cycle.rulebook.text}.yaml 这份规则"
            hint = suggest(cycle.rulebook.text, by_id)
            reader.problems.append(Problem(cycle.rulebook.where, "cycle.unknown-rulebook", message, hint))
        elif rulebook := by_id[cycle.rulebook.text]:
            years[int(folder.name)] = rulebook
    return years


def _unwritten(common: Shared) -> Iterator[Problem]:
    """Months that are over and have no ledger though the branch had members; a year without a folder, as a whole."""
    project, discovered, roster, today = common.project, common.discovered, common.roster, common.today
    if roster is None:
        return
    if discovered.years and str(today.year) not in {year.name for year in discovered.years}:
        where = Where(project.name(project.ledgers / str(today.year) / "cycle.yaml"))
        hint = "新年度开始登记以前，请新建这个文件，写两行：year: 年份 和 rulebook: 规则编号"
        yield Problem(where, "cycle.not-begun", f"{today.year} 年还没有立账", hint, Severity.WARNING)
    written = {(file.branch, file.month) for file in discovered.ledgers if file.number == 0}
    for year in discovered.years:
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
    rulebooks = books.rulebooks
    ledgers = ((rulebooks.get(month.year), ledger) for (_, month), ledger in counted.items())
    scored = [branch_scores.score(ledger, rulebook) for rulebook, ledger in ledgers if rulebook]
    return results.compute(scored, approved, roster=books.roster, rulebooks=rulebooks, today=books.today)


def score_branch(
    ledgers: BranchLedgers, roster: Roster, rulebooks: Mapping[int, Rulebook], *, drafts: bool
) -> BranchScores:
    """Score every version of every month of a branch of the roster, and its drafts if they are to count."""
    counted, branch = ledgers.counted, ledgers.branch
    versions = {key: (*counted.earlier[key], ledger) for key, ledger in counted.approved.items()}
    first = {ledgers[0].approvals[0].digest for ledgers in versions.values()}
    moments = chronology.moments(ledgers.shelf.chain(branch), first, roster.position[branch])
    documents = {(one.branch, one.month): one.document for one in ledgers.shelf.papers.values() if not one.number}
    written = {key: one for key, one in documents.items() if isinstance(one, Ledger)}
    return branch_scores.score_branch(versions, counted.drafts if drafts else {}, rulebooks, moments, written)
