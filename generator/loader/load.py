"""A site project read and checked, branch by branch, and its ledgers scored: what all commands begin with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct, field

from generator.core.basics.periods import PeriodKind, get_period
from generator.core.ledgers import ballots
from generator.core.model.ledger import BranchMonth, Ledger, Poll, ValidLedger
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, NameOrder, Settings
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
from generator.intake.files.discovery import DiscoveredFiles
from generator.intake.text.reader import ProjectReader
from generator.loader import ballot_files as ballot_files_module
from generator.loader import branch_files, signatures
from generator.loader.ballot_files import BallotFiles
from generator.loader.branch_files import EffectiveLedgers, LedgerFiles, ReadLedger
from generator.problems import Location, Problem, Severity, downgrade_draft_problems, sort_problems, suggest_known_word
from generator.project import Project, ThemeLayer

ReadRoster = Callable[[bytes, str, NameOrder], tuple[Roster | None, list[Problem]]]


class LoadedProject(Struct, frozen=True):
    """Everything in a site project that could be read; ``counted`` is what the papers on the shelf come to.

    ``reviews`` and ``polls`` are what the approved files in the urn come to, by year: scores from 0 to 100 and votes by
    member id.
    """

    project: Project
    today: date
    settings: Settings
    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    ledger_files: LedgerFiles
    effective_ledgers: EffectiveLedgers
    articles: tuple[Article, ...]
    ballot_files: BallotFiles = field(default_factory=BallotFiles)
    reviews: Mapping[int, Mapping[str, Decimal]] = field(default_factory=dict)
    polls: Mapping[int, Sequence[tuple[Poll, Mapping[str, int]]]] = field(default_factory=dict)

    @property
    def approved_ledgers(self) -> Mapping[BranchMonth, ValidLedger]:
        """What counts, by branch and month."""
        return self.effective_ledgers.approved

    @property
    def files_by_name(self) -> Mapping[str, SealedFile]:
        """All that approvals seal or may seal, by name."""
        return {**self.ledger_files.by_name, **self.ballot_files.by_name}

    @property
    def draft_ledgers(self) -> Mapping[BranchMonth, ValidLedger]:
        """What would count once the drafts are approved."""
        return self.effective_ledgers.drafts


class SharedFiles(Struct, frozen=True):
    """What bears on every branch, as far as it could be read, and the problems of these files.

    ``reviews`` and ``polls`` are scores from 0 to 100 and votes by member id, by year, of the approved files in the
    urn. ``digests`` are those of settings, roster, rulebooks, articles and the list of signers.
    """

    project: Project
    today: date
    discovered: DiscoveredFiles
    settings: Settings | None
    roster: Roster | None
    rulebooks: Mapping[int, Rulebook]
    articles: tuple[Article, ...]
    ballot_files: BallotFiles
    reviews: Mapping[int, Mapping[str, Decimal]]
    polls: Mapping[int, Sequence[tuple[Poll, Mapping[str, int]]]]
    approvers_text: str | None
    digests: Mapping[Path, str]
    file_names: frozenset[str]
    problems: tuple[Problem, ...]


class CheckedBranch(Struct, frozen=True):
    """A branch's files as read and checked, and all problems in them."""

    branch: str
    ledger_files: LedgerFiles
    effective_ledgers: EffectiveLedgers
    file_names: frozenset[str]
    problems: tuple[Problem, ...]


class LoadResult(Struct, frozen=True):
    """What was read, if it could be read at all, and every problem.

    ``files`` names all files looked at, ``drafts`` those of drafts.
    """

    loaded: LoadedProject | None
    problems: list[Problem]
    draft_names: frozenset[str]
    file_names: frozenset[str]

    def downgraded_problems(self) -> list[Problem]:
        """The problems as all but ``check`` and ``approve`` see them: those of a draft stop nothing."""
        return downgrade_draft_problems(self.problems, self.draft_names)


def load_project(project: Project, today: date) -> LoadResult:
    """Read and check a whole site project, branch by branch. Nothing is scored and nothing is written."""
    return complete_load(read_shared_files(project, today))


def complete_load(shared_files: SharedFiles) -> LoadResult:
    """Read and check every branch of a project whose shared files are read."""
    branches = check_branches(shared_files)
    joined = [one for each in branches.values() for one in each.problems]
    problems = sort_problems([*shared_files.problems, *joined, *_unwritten(shared_files)])
    papers = {name: paper for one in branches.values() for name, paper in one.ledger_files.by_name.items()}
    drafts = shared_files.ballot_files.draft_names | {name for name, paper in papers.items() if not paper.sealed}
    files = shared_files.file_names.union(
        *(one.file_names for one in branches.values()), (one.where.file for one in problems)
    )
    return LoadResult(_books(shared_files, branches), problems, drafts, files)


def _books(common: SharedFiles, branches: Mapping[str, CheckedBranch]) -> "LoadedProject | None":
    if common.settings is None or common.roster is None:
        return None
    return LoadedProject(
        project=common.project,
        today=common.today,
        settings=common.settings,
        roster=common.roster,
        rulebooks=common.rulebooks,
        ledger_files=branch_files.merge_ledger_files(
            [one.ledger_files for one in branches.values()], common.approvers_text
        ),
        effective_ledgers=branch_files.merge_effective_ledgers([one.effective_ledgers for one in branches.values()]),
        articles=common.articles,
        ballot_files=common.ballot_files,
        reviews=common.reviews,
        polls=common.polls,
    )


def read_shared_files(project: Project, today: date, read_roster: ReadRoster = roster_file.read_roster) -> SharedFiles:
    """Read and check what bears on every branch."""
    reader = ProjectReader(project)
    discovered = discovery.discover_files(project)
    reader.problems += discovered.problems
    settings, roster, years, articles = read_reference_data(reader, discovered, read_roster)
    approvers = branch_files.read_approvers(reader)
    digests = dict(reader.digests)
    ballot_files = ballot_files_module.read_ballot_files(reader, discovered)
    slips = list(ballot_files.by_name.values())
    reader.problems += signatures.check_signatures([], slips, project.approvers_path, approvers)
    counted = ballots.BallotResults()
    if roster is not None:
        counted = ballots.evaluate_ballots(slips, roster, years)
        reader.problems += counted.problems
    return SharedFiles(
        project=project,
        today=today,
        discovered=discovered,
        settings=settings,
        roster=roster,
        rulebooks=years,
        articles=articles,
        ballot_files=ballot_files,
        reviews=counted.reviews,
        polls=counted.polls,
        approvers_text=approvers,
        digests=digests,
        file_names=frozenset(reader.file_names),
        problems=tuple(reader.problems),
    )


def check_branches(shared_files: SharedFiles) -> Mapping[str, CheckedBranch]:
    """Read and check every branch of the roster, and every other that has a file.

    A file whose approval was copied from another branch is judged anew, as a draft.
    """
    grouped = discovery.group_by_branch(shared_files.discovered)
    on_roster = shared_files.roster.branch_by_id if shared_files.roster else ()
    known = {
        branch: grouped.get(branch, discovery.NO_DISCOVERED_FILES) for branch in dict.fromkeys([*on_roster, *grouped])
    }
    branches = {branch: _read_branch(shared_files, branch, files, {}) for branch, files in known.items()}
    seals = sealed_files.list_seals(paper for one in branches.values() for paper in one.ledger_files.by_name.values())
    for branch, copies in sealed_files.find_copies_by_branch(seals, shared_files.roster).items():
        branches[branch] = _read_branch(shared_files, branch, known[branch], copies)
    return branches


def _read_branch(common: SharedFiles, branch: str, files: DiscoveredFiles, copies: Mapping[str, str]) -> CheckedBranch:
    reader = ProjectReader(common.project)
    return check_branch(
        reader,
        branch,
        files,
        roster=common.roster,
        rulebooks=common.rulebooks,
        today=common.today,
        copied_approvals=copies,
    )


def check_branch(  # noqa: PLR0913  each bears on what is checked
    reader: ProjectReader,
    branch: str,
    discovered: DiscoveredFiles,
    *,
    roster: Roster | None,
    rulebooks: Mapping[int, Rulebook],
    today: date,
    copied_approvals: Mapping[str, str],
    read_ledger: ReadLedger = ledger_file.read_ledger,
) -> CheckedBranch:
    """Read and check a branch's files; ``copies`` are those whose approval was copied from another branch's.

    Without a roster only what the files themselves tell is checked.
    """
    papers = branch_files.read_ledger_files(reader, discovered, copied_approvals, read_ledger)
    reader.problems += signatures.check_signatures(
        list(papers.by_name.values()), (), reader.project.approvers_path, papers.approvers_text
    )
    counted = EffectiveLedgers()
    if roster is not None:
        counted, problems = branch_files.check_ledgers(papers, roster, rulebooks, today)
        reader.problems += problems
    return CheckedBranch(branch, papers, counted, frozenset(reader.file_names), tuple(reader.problems))


def read_reference_data(
    reader: ProjectReader, discovered: DiscoveredFiles, read_roster: ReadRoster = roster_file.read_roster
) -> tuple[Settings | None, Roster | None, Mapping[int, Rulebook], tuple[Article, ...]]:
    """What bears on every branch: the settings, the roster, the rulebook of each year, notices and pages."""
    settings = reader.read_file(reader.project.settings_path, content_files.read_settings)
    order = settings.order if settings else NameOrder.PINYIN
    roster = reader.read_file(reader.project.roster_path, lambda raw, file: read_roster(raw, file, order))
    years = _rulebooks(reader, discovered)
    articles = tuple(filter(None, [reader.read_file(path, content_files.read_article) for path in discovered.articles]))
    return settings, roster, years, articles


def load_theme_layers(project: Project, settings: Settings) -> tuple[tuple[ThemeLayer, ...], list[Problem]]:
    """The folders of the theme that the settings name, the most particular first; none if one of them is wrong."""
    reader = ProjectReader(project)
    layers = theme_file.resolve_theme_layers(reader, settings.theme)
    return () if reader.problems else layers, reader.problems


def _rulebooks(reader: ProjectReader, discovered: DiscoveredFiles) -> dict[int, Rulebook]:
    """The rulebook of each year that has a folder."""
    by_id = {path.stem: reader.read_file(path, rulebook_file.read_rulebook) for path in discovered.rulebooks}
    years = {}
    for folder in discovered.year_folders:
        cycle = reader.read_file(folder / "cycle.yaml", cycle_file.read_cycle)
        if cycle is None:
            continue
        if cycle.rulebook.text not in by_id:
            message = f"没有 ledgers/rulebooks/{cycle.rulebook.text}.yaml 这份规则"
            hint = suggest_known_word(cycle.rulebook.text, by_id)
            reader.problems.append(Problem(cycle.rulebook.where, "cycle.unknown-rulebook", message, hint))
        elif rulebook := by_id[cycle.rulebook.text]:
            years[int(folder.name)] = rulebook
    return years


def _unwritten(common: SharedFiles) -> Iterator[Problem]:
    """Months that are over and have no ledger though the branch had members; a year without a folder, as a whole."""
    project, discovered, roster, today = common.project, common.discovered, common.roster, common.today
    if roster is None:
        return
    if discovered.year_folders and str(today.year) not in {year.name for year in discovered.year_folders}:
        where = Location(project.file_name(project.ledgers_folder / str(today.year) / "cycle.yaml"))
        hint = "新年度开始登记以前，请新建这个文件，写两行：year: 年份 和 rulebook: 规则编号"
        yield Problem(where, "cycle.not-begun", f"{today.year} 年还没有立账", hint, Severity.WARNING)
    written = {(file.branch, file.month) for file in discovered.ledgers if file.number == 0}
    for year in discovered.year_folders:
        for number in range(1, 13):
            month = get_period(PeriodKind.MONTH, int(year.name), number)
            for branch in roster.branches:
                if month.last < today and (branch.id, month) not in written and roster.members_during(branch.id, month):
                    where = Location(project.file_name(project.ledger_path(branch.id, str(month))))
                    message = f"{branch.name} {month} 没有台账"
                    hint = "请登记人补写；该月的榜单在此之前都标为暂计"
                    yield Problem(where, "ledger.missing", message, hint, Severity.WARNING)


# --- scoring ---------------------------------------------------------------------------------------------------------


def score_project(loaded: LoadedProject, drafts: Mapping[BranchMonth, ValidLedger] = MappingProxyType({})) -> Results:
    """Score all approved ledgers and these drafts, which never make a period complete."""
    return score_ledgers(loaded, {**loaded.approved_ledgers, **drafts}, frozenset(loaded.approved_ledgers))


def score_ledgers(
    loaded: LoadedProject, counted_ledgers: Mapping[BranchMonth, ValidLedger], approved_keys: frozenset[BranchMonth]
) -> Results:
    """Score exactly these ledgers; ``approved`` are the branch-months that make a period complete."""
    rulebooks = loaded.rulebooks
    ledgers = ((rulebooks.get(month.year), ledger) for (_, month), ledger in counted_ledgers.items())
    scored = [branch_scores.score_ledger(ledger, rulebook) for rulebook, ledger in ledgers if rulebook]
    return results.compute_results(scored, approved_keys, roster=loaded.roster, rulebooks=rulebooks, today=loaded.today)


def score_checked_branch(
    checked: CheckedBranch, roster: Roster, rulebooks: Mapping[int, Rulebook], *, drafts: bool
) -> BranchScores:
    """Score every version of every month of a branch of the roster, and its drafts if they are to count."""
    counted, branch = checked.effective_ledgers, checked.branch
    versions = {key: (*counted.before_corrections[key], ledger) for key, ledger in counted.approved.items()}
    first = {ledgers[0].approvals[0].digest for ledgers in versions.values()}
    moments = chronology.assign_moments(
        checked.ledger_files.branch_chain(branch), first, roster.branch_positions[branch]
    )
    documents = {
        (one.branch, one.month): one.document for one in checked.ledger_files.by_name.values() if not one.number
    }
    written = {key: one for key, one in documents.items() if isinstance(one, Ledger)}
    return branch_scores.score_branch(versions, counted.drafts if drafts else {}, rulebooks, moments, written)
