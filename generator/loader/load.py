"""Load a site project: read it and check it branch by branch, and score its ledgers. Most commands begin here."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import Period, PeriodKind, get_period, months_of
from generator.core.ledgers import ballots, validation
from generator.core.ledgers.anchors import SealedState
from generator.core.ledgers.ballots import NamedHonour
from generator.core.model.approver_lists import ApproverLists
from generator.core.model.cycle_term import WHOLE_YEAR
from generator.core.model.ledger import Approval, BranchMonth, Ledger, Poll, ValidLedger
from generator.core.model.roster import Branch, Roster, Span
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, NameOrder, Settings
from generator.core.scoring import branch_scores, chronology, results
from generator.core.scoring.branch_scores import BranchScores
from generator.core.scoring.results import Results
from generator.core.sealing import sealed_files
from generator.core.sealing.digests import digest_roll, digest_scoring_rules
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
from generator.intake.files.discovery import DiscoveredFiles, LedgerPath
from generator.intake.files.roster_file import FindSealedMonth
from generator.intake.files.rulebook_file import IsSealed
from generator.intake.text.reader import ProjectReader
from generator.loader import approver_lists as approver_lists_module
from generator.loader import ballot_files as ballot_files_module
from generator.loader import branch_files, signatures
from generator.loader.ballot_files import BallotFiles
from generator.loader.branch_files import EffectiveLedgers, LedgerFiles, ReadLedger
from generator.problems import (
    Cause,
    Location,
    Problem,
    Severity,
    downgrade_draft_problems,
    name_owner,
    sort_problems,
    suggest_known_word,
)
from generator.project import Project, ThemeLayer

ReadRoster = Callable[[bytes, str, NameOrder, FindSealedMonth], tuple[Roster | None, list[Problem]]]


class LoadedProject(Struct, frozen=True):
    """Everything in a site project that could be read; ``effective_ledgers`` are evaluated from ``ledger_files``.

    ``reviews`` and ``polls`` are the results of the approved files among ``ballot_files``, by year: scores from 0 to
    100 and votes by member id.
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
    approver_lists: ApproverLists = field(default_factory=ApproverLists)

    @property
    def approved_ledgers(self) -> Mapping[BranchMonth, ValidLedger]:
        """The ledgers that count, by branch and month."""
        return self.effective_ledgers.approved

    @property
    def files_by_name(self) -> Mapping[str, SealedFile]:
        """All files that are or may be approved, by name."""
        return {**self.ledger_files.by_name, **self.ballot_files.by_name}

    @property
    def draft_ledgers(self) -> Mapping[BranchMonth, ValidLedger]:
        """The ledgers that would count once the drafts are approved, by branch and month."""
        return self.effective_ledgers.drafts


class SharedFiles(Struct, frozen=True):
    """The files that bear on every branch, as far as they could be read, and their problems.

    ``reviews`` and ``polls`` are scores from 0 to 100 and votes by member id, by year, of the approved files among
    ``ballot_files``; ``honours`` are those of drafts, too. ``digests`` are those of settings, roster, rulebooks,
    articles and lists of signers, and ``file_names`` all files that were looked at.
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
    honours: Sequence[NamedHonour]
    approver_lists: ApproverLists
    digests: Mapping[Path, str]
    file_names: frozenset[str]
    problems: tuple[Problem, ...]


class CheckedBranch(Struct, frozen=True):
    """A branch's files as read and checked, and all problems in them; ``digests`` are those of the files read."""

    branch: str
    ledger_files: LedgerFiles
    effective_ledgers: EffectiveLedgers
    file_names: frozenset[str]
    digests: Mapping[Path, str]
    problems: tuple[Problem, ...]


ReadBranch = Callable[[SharedFiles, str, DiscoveredFiles, Mapping[str, str]], CheckedBranch]


class LoadResult(Struct, frozen=True):
    """The project, if it could be read at all, and every problem.

    ``file_names`` are all files that were looked at, ``draft_names`` those of drafts.
    """

    loaded: LoadedProject | None
    problems: list[Problem]
    draft_names: frozenset[str]
    file_names: frozenset[str]

    def downgraded_problems(self) -> list[Problem]:
        """Return the problems as all but ``check`` and ``approve`` see them: those of a draft stop nothing."""
        return downgrade_draft_problems(self.problems, self.draft_names)


LoadProject = Callable[[Project, date], LoadResult]


def load_project(project: Project, today: date) -> LoadResult:
    """Read and check a whole site project, branch by branch; nothing is scored and nothing is written."""
    return complete_load(read_shared_files(project, today), read_branch)


def complete_load(shared_files: SharedFiles, read_branch: ReadBranch) -> LoadResult:
    """Read and check every branch of a project whose shared files are read."""
    branches = check_branches(shared_files, read_branch)
    branch_problems = [problem for branch in branches.values() for problem in branch.problems]
    problems = sort_problems(
        [
            *shared_files.problems,
            *branch_problems,
            *_find_missing_ledgers(shared_files),
            *_check_movers(shared_files, branches),
        ]
    )
    ledger_files = {name: file for branch in branches.values() for name, file in branch.ledger_files.by_name.items()}
    draft_names = shared_files.ballot_files.draft_names | {
        name for name, file in ledger_files.items() if not file.sealed
    }
    if any(problem.is_error for problem in problems):
        from generator.loader import restorable_files  # noqa: PLC0415  a sound project needs none of it

        problems = restorable_files.add_restore_hints(shared_files.project, problems, draft_names)
    file_names = shared_files.file_names.union(
        *(branch.file_names for branch in branches.values()), (problem.where.file for problem in problems)
    )
    return LoadResult(_merge_branches(shared_files, branches), problems, draft_names, file_names)


def _merge_branches(shared_files: SharedFiles, branches: Mapping[str, CheckedBranch]) -> "LoadedProject | None":
    """Return the project of all branches; None if the settings or the roster can't be read."""
    if shared_files.settings is None or shared_files.roster is None:
        return None
    return LoadedProject(
        project=shared_files.project,
        today=shared_files.today,
        settings=shared_files.settings,
        roster=shared_files.roster,
        rulebooks=shared_files.rulebooks,
        ledger_files=branch_files.merge_ledger_files([branch.ledger_files for branch in branches.values()]),
        effective_ledgers=branch_files.merge_effective_ledgers(
            [branch.effective_ledgers for branch in branches.values()]
        ),
        articles=shared_files.articles,
        ballot_files=shared_files.ballot_files,
        reviews=shared_files.reviews,
        polls=shared_files.polls,
        approver_lists=shared_files.approver_lists,
    )


def collect_sealed_state(loaded: LoadedProject) -> SealedState:
    """Return all that is sealed in a project."""
    ledger_files, ballot_files = loaded.ledger_files, loaded.ballot_files
    return SealedState(
        {branch.id: branch.name for branch in loaded.roster.branches},
        tuple(ledger_files.by_name.values()),
        ledger_files.filings,
        (*ledger_files.withdrawals, *ballot_files.withdrawals),
        loaded.approver_lists,
        tuple(ballot_files.by_name.values()),
    )


def read_shared_files(project: Project, today: date, read_roster: ReadRoster = roster_file.read_roster) -> SharedFiles:
    """Read and check the files that bear on every branch."""
    reader = ProjectReader(project)
    discovered = discovery.discover_files(project)
    reader.problems += discovered.problems
    settings, roster, rulebooks, articles = read_reference_data(reader, discovered, today, read_roster)
    approver_lists = approver_lists_module.read_approver_lists(reader)
    digests = dict(reader.digests)  # copied here: the ballots, which are read next, are not among them
    ballot_files = ballot_files_module.read_ballot_files(reader, discovered)
    files = list(ballot_files.by_name.values())
    reader.problems += approver_lists_module.check_approver_lists(
        approver_lists, _list_known_branches(discovered, roster)
    )
    reader.problems += signatures.check_ballot_signatures(files, approver_lists)
    ballot_results = ballots.BallotResults()
    if roster is not None:
        ballot_files = ballot_files_module.name_approvers(ballot_files, roster)
        files = list(ballot_files.by_name.values())
        ballot_results = ballots.evaluate_ballots(files, roster, rulebooks)
        reader.problems += ballot_results.problems
    return SharedFiles(
        project=project,
        today=today,
        discovered=discovered,
        settings=settings,
        roster=roster,
        rulebooks=rulebooks,
        articles=articles,
        ballot_files=ballot_files,
        reviews=ballot_results.reviews,
        polls=ballot_results.polls,
        honours=ballot_results.honours,
        approver_lists=approver_lists,
        digests=digests,
        file_names=frozenset(reader.file_names),
        problems=tuple(reader.problems),
    )


def _list_known_branches(discovered: DiscoveredFiles, roster: Roster | None) -> frozenset[str]:
    """Return the ids of all branches that are checked: of the roster, and every other that has a file."""
    return frozenset([*(roster.branch_by_id if roster else ()), *discovery.group_by_branch(discovered)])


def check_branches(shared_files: SharedFiles, read_branch: ReadBranch) -> Mapping[str, CheckedBranch]:
    """Read and check every branch of the roster, and every other that has a file.

    A file whose approval was copied from another branch is read again, as a draft.
    """
    discovered_by_branch = discovery.group_by_branch(shared_files.discovered)
    roster_branches = shared_files.roster.branch_by_id if shared_files.roster else ()
    files_by_branch = {
        branch: discovered_by_branch.get(branch, discovery.NO_DISCOVERED_FILES)
        for branch in dict.fromkeys([*roster_branches, *discovered_by_branch])
    }
    branches = dict[str, CheckedBranch]()
    for branch, discovered in files_by_branch.items():
        branches[branch] = read_branch(shared_files, branch, discovered, {})
        shared_files.project.progress("核对 支部", len(branches), len(files_by_branch), 0)
    # Copies between branches are only known once every branch has been read.
    seals = sealed_files.list_seals(
        file for checked in branches.values() for file in checked.ledger_files.by_name.values()
    )
    for branch, copied_approvals in sealed_files.find_copies_by_branch(seals, shared_files.roster).items():
        branches[branch] = read_branch(shared_files, branch, files_by_branch[branch], copied_approvals)
    return branches


def read_branch(
    shared_files: SharedFiles,
    branch: str,
    discovered: DiscoveredFiles,
    copied_approvals: Mapping[str, str],
    read_ledger: ReadLedger = ledger_file.read_ledger,
) -> CheckedBranch:
    """Read and check a branch's files, as ``check_branch`` does."""
    reader = ProjectReader(shared_files.project)
    return check_branch(
        reader,
        branch,
        discovered,
        roster=shared_files.roster,
        rulebooks=shared_files.rulebooks,
        approver_lists=shared_files.approver_lists,
        today=shared_files.today,
        copied_approvals=copied_approvals,
        read_ledger=read_ledger,
    )


def empty_branch(branch: str) -> CheckedBranch:
    """Return a branch without any files."""
    return CheckedBranch(branch, LedgerFiles({}, (), ()), EffectiveLedgers(), frozenset(), {}, ())


def check_branch(  # noqa: PLR0913  each bears on what is checked
    reader: ProjectReader,
    branch: str,
    discovered: DiscoveredFiles,
    *,
    roster: Roster | None,
    rulebooks: Mapping[int, Rulebook],
    approver_lists: ApproverLists,
    today: date,
    copied_approvals: Mapping[str, str],
    read_ledger: ReadLedger = ledger_file.read_ledger,
) -> CheckedBranch:
    """Read and check a branch's files; ``copied_approvals`` are those whose approval was copied from another branch's.

    Without a roster, only what the files themselves show is checked.
    """
    files = branch_files.read_ledger_files(reader, discovered, copied_approvals, read_ledger)
    reader.problems += signatures.check_branch_signatures(branch, files.by_name.values(), approver_lists)
    effective_ledgers = EffectiveLedgers()
    if roster is not None:
        files = branch_files.name_approvers(files, roster)
        effective_ledgers, problems = branch_files.check_ledgers(files, roster, rulebooks, today)
        reader.problems += problems
    problems = branch_files.drop_mended_warnings(files, reader.problems)
    if roster is not None and branch in roster.branch_by_id:
        problems = name_owner(problems, roster.branch_by_id[branch].name)
    return CheckedBranch(
        branch, files, effective_ledgers, frozenset(reader.file_names), dict(reader.digests), tuple(problems)
    )


def read_reference_data(
    reader: ProjectReader, discovered: DiscoveredFiles, today: date, read_roster: ReadRoster = roster_file.read_roster
) -> tuple[Settings | None, Roster | None, Mapping[int, Rulebook], tuple[Article, ...]]:
    """Read the inputs of every branch: the settings, the roster, each year's rulebook, and notices and pages.

    The roster shows the names of today.
    """
    settings = reader.read_file(reader.project.settings_path, content_files.read_settings)
    order = settings.order if settings else NameOrder.PINYIN
    find_sealed_month = _make_sealed_month_finder(reader.project, discovered)
    roster = reader.read_file(
        reader.project.roster_path, lambda raw, file: read_roster(raw, file, order, find_sealed_month)
    )
    rulebooks = _read_rulebooks(reader, discovered)
    read_article = partial(content_files.read_article, today=today)
    articles = tuple(filter(None, [reader.read_file(path, read_article) for path in discovered.articles]))
    return settings, roster and roster.named_on(today), rulebooks, articles


def _make_sealed_month_finder(project: Project, discovered: DiscoveredFiles) -> FindSealedMonth:
    """Return a finder of the last sealed month whose roll has given days of a roster; it reads ledgers on first use."""

    @cache
    def list_sealed_rolls() -> list[tuple[LedgerPath, str]]:
        return [(path, approval.roll) for path, approval in _read_approvals(project, discovered) if approval.roll]

    def find_sealed_month(roster: Roster, spans: Sequence[Span]) -> Period | None:
        months = [
            path.month
            for path, roll in list_sealed_rolls()
            for span in spans
            if path.branch == span.branch and span.first <= path.month.last and span.until > path.month.first
            if roll == digest_roll(roster, path.branch, path.month)
        ]
        return max(months, key=lambda month: month.first, default=None)

    return find_sealed_month


def _read_approvals(project: Project, discovered: DiscoveredFiles) -> Iterator[tuple[LedgerPath, Approval]]:
    """Yield the approvals of all ledgers."""
    reader = ProjectReader(project)  # of its own: what is wrong with a ledger is reported where it is checked
    for path in discovered.ledgers:
        file = branch_files.read_ledger_file(reader, path)
        if file.is_original and file.approval:
            yield path, file.approval


def _make_seal_finder(project: Project, discovered: DiscoveredFiles) -> IsSealed:
    """Return a function that says whether an approval seals the scoring rules; it reads ledgers until one does."""

    def is_sealed(rulebook: Rulebook) -> bool:
        digest = digest_scoring_rules(rulebook)
        return any(approval.rulebook == digest for _, approval in _read_approvals(project, discovered))

    return is_sealed


def load_theme_layers(project: Project, settings: Settings) -> tuple[tuple[ThemeLayer, ...], list[Problem]]:
    """Return the folders of the theme that the settings name, the most specific first; none if one of them is wrong."""
    reader = ProjectReader(project)
    layers = theme_file.resolve_theme_layers(reader, settings.theme)
    return () if reader.problems else layers, reader.problems


def check_front_matter(articles: Sequence[Article], layers: Sequence[ThemeLayer]) -> Iterator[Problem]:
    """Yield what articles name at their head and the project hasn't."""
    yield from _find_unknown_templates(articles, layers)
    yield from _find_unknown_parents(articles)


def _find_unknown_parents(articles: Sequence[Article]) -> Iterator[Problem]:
    """Yield pages below one that isn't there, or that is itself below another: there are two levels."""
    top_pages = {article.slug for article in articles if article.folder == "pages" and not article.parent}
    for article in articles:
        if article.parent and article.parent.text not in top_pages:
            name = article.parent.text
            message = f"“{name}”不是可以作上一级的文章"
            hint = "parent 写 content/pages 里一篇文章的文件名，不带 .md，那一篇自己不写 parent"
            candidates = sorted(top_pages - {article.slug})
            where = article.parent.where
            hint = f"{hint}；{suggest_known_word(name, candidates)}" if candidates else hint
            yield Problem(where, "content.unknown-parent", message, hint)


def _find_unknown_templates(articles: Iterable[Article], layers: Sequence[ThemeLayer]) -> Iterator[Problem]:
    """Yield articles that name a template which the theme hasn't, or one that the program fills with other data."""
    if not layers:
        return  # a theme that can't be read has its own problem
    *names_above, filled_names = [
        {path.name for path in sorted((layer.folder / "templates").glob("*.html"))} for layer in layers
    ]
    names = set().union(*names_above) - filled_names
    for article in articles:
        if article.template and article.template.text not in names:
            name = article.template.text
            is_filled = name in filled_names
            message = f"“{name}”是程序自带的模板，文章不能用" if is_filled else f"主题里没有“{name}”这个模板"
            place = "文章用的模板放在自己主题的 templates 里，名字以 .html 结尾，不与程序自带的相同"
            yield Problem(
                article.template.where,
                "content.unknown-template",
                message,
                f"{place}；{suggest_known_word(name, sorted(names))}",
            )


def _read_rulebooks(reader: ProjectReader, discovered: DiscoveredFiles) -> dict[int, Rulebook]:
    """Read the rulebook of each year that has a folder, with the months that count in it."""
    is_sealed = _make_seal_finder(reader.project, discovered)
    read_rulebook = partial(rulebook_file.read_rulebook, is_sealed=is_sealed)
    by_id = {path.stem: reader.read_file(path, read_rulebook) for path in discovered.rulebooks}
    rulebooks = {}
    for folder in discovered.year_folders:
        cycle = reader.read_file(folder / "cycle.yaml", cycle_file.read_cycle)
        if cycle is None:
            continue
        if cycle.rulebook.text not in by_id:
            message = f"没有 ledgers/rulebooks/{cycle.rulebook.text}.yaml 这份规则"
            hint = suggest_known_word(cycle.rulebook.text, by_id)
            reader.problems.append(Problem(cycle.rulebook.where, "cycle.unknown-rulebook", message, hint))
        elif rulebook := by_id[cycle.rulebook.text]:
            rulebooks[int(folder.name)] = rulebook if cycle.term == WHOLE_YEAR else replace(rulebook, term=cycle.term)
    return rulebooks


def _check_movers(shared_files: SharedFiles, branches: Mapping[str, CheckedBranch]) -> Iterator[Problem]:
    """Warn of what the ledgers of several branches together count too often; drafts count as if they were approved."""
    if shared_files.roster is not None:
        evaluated = [checked.effective_ledgers for checked in branches.values()]
        ledgers = [ledger for branch in evaluated for ledger in {**branch.drafts, **branch.approved}.values()]
        yield from validation.check_movers(ledgers, shared_files.roster, shared_files.rulebooks)


def _find_missing_ledgers(shared_files: SharedFiles) -> Iterator[Problem]:
    """Warn of past months without a ledger though the branch had members, and of a current year without a folder."""
    project, discovered, roster, today = (
        shared_files.project,
        shared_files.discovered,
        shared_files.roster,
        shared_files.today,
    )
    if roster is None:
        return
    rulebooks, years = shared_files.rulebooks, {int(folder.name) for folder in discovered.year_folders}
    # A project without any year is new, and needs no warning; nor does one whose last cycle ended early.
    newest = rulebooks.get(max(years, default=today.year))
    if years and today.year not in years and not (newest and newest.term.last):
        where = Location(project.file_name(project.ledgers_folder / str(today.year) / "cycle.yaml"))
        hint = f"新年度开始登记以前，请运行 jifenbang year {today.year}"
        yield Problem(where, "cycle.not-begun", f"{today.year} 年还没有立账", hint, Severity.WARNING)
    existing = {(file.branch, file.month) for file in discovered.ledgers if file.number == 0}
    name_folder = cache(project.file_name)  # a branch may lack a year of ledgers
    for year in sorted(years):
        cycle, rulebook = get_period(PeriodKind.YEAR, year), rulebooks.get(year)
        for month in rulebook.term.months_of(cycle) if rulebook else months_of(cycle):
            for branch in roster.branches:
                if (
                    month.last < today
                    and (branch.id, month) not in existing
                    and roster.members_during(branch.id, month)
                ):
                    path = project.ledger_path(branch.id, str(month))
                    yield _missing_ledger_problem(Location(f"{name_folder(path.parent)}/{path.name}"), branch, month)


def _missing_ledger_problem(where: Location, branch: Branch, month: Period) -> Problem:
    message, hint = f"{branch.name} {month} 没有台账", "请登记人补写；该月的榜单在此之前都标为暂计"
    cause = Cause(f"{branch.name}缺台账", _MISSING_LEDGERS_HINT, unit="个月")
    return Problem(where, "ledger.missing", message, hint, Severity.WARNING, cause=cause, subject=("", str(month)))


_MISSING_LEDGERS_HINT = (
    "请登记人补写；这些月份的榜单在此之前都标为暂计；年中才开始使用的，审核以前在当年的 cycle.yaml 里写 from"
)


# --- scoring ---------------------------------------------------------------------------------------------------------


def score_project(loaded: LoadedProject, drafts: Mapping[BranchMonth, ValidLedger] = MappingProxyType({})) -> Results:
    """Score all approved ledgers and these drafts, which never make a period complete."""
    return score_ledgers(loaded, {**loaded.approved_ledgers, **drafts}, frozenset(loaded.approved_ledgers))


def score_ledgers(
    loaded: LoadedProject, counted_ledgers: Mapping[BranchMonth, ValidLedger], approved_keys: frozenset[BranchMonth]
) -> Results:
    """Score exactly these ledgers; ``approved_keys`` are the branch-months that make a period complete."""
    rulebooks = loaded.rulebooks
    with_rulebooks = ((rulebooks.get(month.year), ledger) for (_, month), ledger in counted_ledgers.items())
    scored_ledgers = [branch_scores.score_ledger(ledger, rulebook) for rulebook, ledger in with_rulebooks if rulebook]
    return results.compute_results(
        scored_ledgers, approved_keys, roster=loaded.roster, rulebooks=rulebooks, today=loaded.today
    )


def score_checked_branch(
    checked: CheckedBranch, roster: Roster, rulebooks: Mapping[int, Rulebook], *, drafts: bool
) -> BranchScores:
    """Score every version of every month of a branch of the roster, and its drafts if they are to count."""
    effective, branch = checked.effective_ledgers, checked.branch
    versions = {key: (*effective.before_corrections[key], ledger) for key, ledger in effective.approved.items()}
    # Of approvals on one day without a serial number, those of ledgers precede those of corrections.
    ledger_digests = {month_versions[0].approvals[0].digest for month_versions in versions.values()}
    moments = chronology.assign_moments(
        checked.ledger_files.branch_chain(branch), ledger_digests, roster.branch_positions_on(date.min)[branch]
    )
    documents = {
        (file.branch, file.month): file.document for file in checked.ledger_files.by_name.values() if not file.number
    }
    original_ledgers = {key: document for key, document in documents.items() if isinstance(document, Ledger)}
    return branch_scores.score_branch(
        versions, effective.drafts if drafts else {}, rulebooks, moments, original_ledgers
    )
