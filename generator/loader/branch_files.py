"""Read and check the files below ``ledgers/`` that approvals link: ledgers, corrections, filings, withdrawals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.ledgers import (
    approval_rules,
    effective_months,
    filings_and_withdrawals,
    signers,
    superseded_lines,
    validation,
)
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.model.ledger import (
    NO_KEYS,
    Approval,
    BranchMonth,
    Document,
    Filing,
    Record,
    ValidLedger,
    Withdrawal,
)
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import approval_chain, tampering
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import approval_block, ledger_file, record_files
from generator.intake.files.approval_block import DocumentReader
from generator.intake.files.discovery import DiscoveredFiles, LedgerPath
from generator.intake.text.fields import PRIVATE_NUMBER
from generator.intake.text.reader import ProjectReader
from generator.problems import Cause, Location, Problem, Severity

ReadLedger = DocumentReader[int, Document | None]


class LedgerFiles(Struct, frozen=True, dict=True):
    """Ledgers and corrections by file name, approved or draft, and the records of filings and withdrawals, as read."""

    by_name: Mapping[str, LedgerFile]
    filings: tuple[Filing, ...]
    withdrawals: tuple[Withdrawal, ...]

    def list_month(self, branch: str, month: Period) -> Sequence[LedgerFile]:
        """Return the ledger of a branch's month, then its corrections by their numbers."""
        return [file for file in self.by_name.values() if (file.branch, file.month) == (branch, month)]

    def branch_approvals(self, branch: str) -> tuple[Approval, ...]:
        """Return a branch's approvals, by month and number."""
        return tuple(
            approval for _, approval in filings_and_withdrawals.list_approvals(self._files_by_branch.get(branch, ()))
        )

    def branch_chain(self, branch: str) -> tuple[Approval, ...]:
        """Return a branch's approvals in the order of its chain: each refers to the one before it."""
        return approval_chain.link_approvals(self.branch_approvals(branch))

    def branch_records(self, branch: str) -> tuple[Record, ...]:
        """Return a branch's filings and withdrawals."""
        return tuple(self._records_by_branch.get(branch, ()))

    @cached_property
    def _files_by_branch(self) -> Mapping[str, list[LedgerFile]]:
        """Ledger files by branch."""
        grouped: dict[str, list[LedgerFile]] = defaultdict(list)
        for file in self.by_name.values():
            grouped[file.branch].append(file)
        return grouped

    @cached_property
    def _records_by_branch(self) -> Mapping[str, list[Record]]:
        """Filings and withdrawals by branch."""
        records: tuple[Record, ...] = (*self.filings, *self.withdrawals)
        grouped: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            grouped[record.branch.text].append(record)
        return grouped

    @property
    def draft_names(self) -> frozenset[str]:
        """The names of the files that are not approved."""
        return frozenset(name for name, file in self.by_name.items() if not file.sealed)


class EffectiveLedgers(Struct):
    """The ledgers that count, and those that would count, by branch and month.

    ``approved`` are the ledgers that count, ``before_corrections`` what counted before each correction, ``drafts`` what
    would count once the drafts are approved. ``fixed_by_draft`` has, by the file name of a draft correction, the
    problems that its approval would fix, and ``if_approved``, by a draft's file name, the ledger that its approval
    would make. ``missing_evidence`` are the problems of proofs that drafts lack.
    """

    approved: dict[BranchMonth, ValidLedger] = field(default_factory=dict)
    before_corrections: dict[BranchMonth, tuple[ValidLedger, ...]] = field(default_factory=dict)
    drafts: dict[BranchMonth, ValidLedger] = field(default_factory=dict)
    fixed_by_draft: dict[str, frozenset[Problem]] = field(default_factory=dict)
    if_approved: dict[str, ValidLedger] = field(default_factory=dict)
    missing_evidence: dict[BranchMonth, tuple[Problem, ...]] = field(default_factory=dict)


def read_ledger_files(
    reader: ProjectReader,
    discovered: DiscoveredFiles,
    copied_approvals: Mapping[str, str] = MappingProxyType({}),
    read_ledger: ReadLedger = ledger_file.read_ledger,
) -> LedgerFiles:
    """Read every file, and report what was copied, altered or removed since it was approved.

    For the files of one branch only, ``copied_approvals`` names those whose approval was copied from another branch's,
    each with what it was copied from, in words.
    """
    files = approval_block.drop_copied_approvals(
        reader,
        [read_ledger_file(reader, ledger_path, read_ledger) for ledger_path in discovered.ledgers],
        copied_approvals,
    )
    filings = record_files.read_filings(reader, discovered.filings)
    withdrawals = record_files.read_withdrawals(reader, [ledger_path.path for ledger_path in discovered.withdrawals])
    reader.problems += _check_chains(files.values())
    reader.problems += filings_and_withdrawals.check_records(list(files.values()), filings, withdrawals)
    return LedgerFiles(files, filings, withdrawals)


def read_ledger_file(
    reader: ProjectReader, ledger_path: LedgerPath, read_ledger: ReadLedger = ledger_file.read_ledger
) -> LedgerFile:
    """Read a ledger or correction by its path."""
    sealed_fields = approval_block.read_sealed_file(reader, ledger_path.path, read_ledger, ledger_path.number)
    return LedgerFile(*sealed_fields, ledger_path.branch, ledger_path.month, ledger_path.number)


def _check_chains(files: Iterable[LedgerFile]) -> Iterator[Problem]:
    """Yield breaks in each branch's chain, and misordered months; a chain with an unreadable link can't be judged."""
    sealed_by_branch: dict[str, list[LedgerFile]] = defaultdict(list)
    for file in files:
        if file.sealed:
            sealed_by_branch[file.branch].append(file)
    for chain_files in sealed_by_branch.values():
        approvals = [approval for _, approval in filings_and_withdrawals.list_approvals(chain_files)]
        if len(approvals) == len(chain_files):
            yield from approval_chain.find_chain_breaks(approvals)
            chain = approval_chain.link_approvals(approvals)
            # A month's ledger and its corrections must be approved in the order of their numbers.
            for _, month in groupby(
                filings_and_withdrawals.list_approvals(chain_files), key=lambda pair: pair[0].month
            ):
                numbered = [(file.what, approval) for file, approval in month]
                yield from approval_chain.find_misordered_approvals(chain, numbered)


def merge_ledger_files(ledger_files: Iterable[LedgerFiles]) -> LedgerFiles:
    """Merge the files of several branches, ledgers and corrections by folder, month and number."""
    branches = list(ledger_files)
    files = sorted((file for branch in branches for file in branch.by_name.values()), key=_sort_key)
    return LedgerFiles(
        {file.name: file for file in files},
        tuple(filing for branch in branches for filing in branch.filings),
        tuple(record for branch in branches for record in branch.withdrawals),
    )


def _sort_key(file: LedgerFile) -> tuple[str, date, int]:
    """Return the key that sorts files by folder, month and number."""
    return file.name.rpartition("/")[0], file.month.first, file.number


def merge_effective_ledgers(effective_ledgers: Iterable[EffectiveLedgers]) -> EffectiveLedgers:
    """Merge the ledgers of several branches."""
    merged = EffectiveLedgers()
    for branch in effective_ledgers:
        merged.approved |= branch.approved
        merged.before_corrections |= branch.before_corrections
        merged.drafts |= branch.drafts
        merged.fixed_by_draft |= branch.fixed_by_draft
        merged.if_approved |= branch.if_approved
        merged.missing_evidence |= branch.missing_evidence
    return merged


def name_approvers(ledger_files: LedgerFiles, roster: Roster) -> LedgerFiles:
    """Return the files with each approver's name as on the roster."""
    files = {name: approval_rules.name_approver(file, roster) for name, file in ledger_files.by_name.items()}
    return replace(ledger_files, by_name=files)


# --- months ----------------------------------------------------------------------------------------------------------


def drop_mended_warnings(files: LedgerFiles, problems: Iterable[Problem]) -> list[Problem]:
    """Drop the warnings of private numbers in sealed lines that approved corrections have struck or restated."""
    listed = list(problems)
    if all(problem.code != PRIVATE_NUMBER for problem in listed):
        return listed
    superseded = list(superseded_lines.find_superseded_lines(files.by_name.values()))
    return [
        problem
        for problem in listed
        if problem.is_error
        or problem.code != PRIVATE_NUMBER
        or not any(line.has_place(problem.where) for line in superseded)
    ]


_MAX_NAMES = 5  # in one message


def check_ledgers(
    ledger_files: LedgerFiles, roster: Roster, rulebooks: Mapping[int, Rulebook], today: date
) -> tuple[EffectiveLedgers, list[Problem]]:
    """Evaluate the files by month, under the roster and the rulebook of each year.

    Returns the ledgers that count or would count, and all problems in the files.
    """
    effective, problems = EffectiveLedgers(), [*_find_unknown_branches(ledger_files, roster)]
    # Files are sorted by folder, month and number, so that those of a month are adjacent.
    months = {
        key: list(group)
        for key, group in groupby(ledger_files.by_name.values(), key=lambda file: (file.branch, file.month))
    }
    late_renamings = _find_late_renamings(months, roster)
    for (branch, month), month_files in months.items():
        if branch in roster.branch_by_id and (rulebook := rulebooks.get(month.year)):
            renamings = late_renamings.get((branch, month), ())
            keys = next((file.document.keys for file in reversed(month_files) if file.document), NO_KEYS)
            context = CheckContext(roster, rulebook, branch, month, today, late_renamings=renamings, keys=keys)
            evaluated = effective_months.evaluate_month(month_files, context)
            problems += evaluated.problems
            effective.fixed_by_draft |= evaluated.fixed_by_draft
            effective.if_approved |= evaluated.if_approved
            _add_month(effective, (branch, month), evaluated)
    problems += _check_expectations(effective, rulebooks, today)
    problems += _find_recorders_without_surname(ledger_files, roster)
    return effective, problems


def _find_recorders_without_surname(ledger_files: LedgerFiles, roster: Roster) -> Iterator[Problem]:
    """Warn of drafts whose recorder is named without the surname: who approves them may be the same person."""
    for file in ledger_files.by_name.values():
        if file.document is None or file.sealed:
            continue
        keys = file.document.keys
        for word, members in signers.find_given_names(file.document.recorder, roster):
            day = file.month.last
            # Members of the branch first: they are meant more often.
            nearest = sorted(members, key=lambda member: member.branch_on(day) != file.branch)
            names = list(dict.fromkeys(member.named_on(day).name for member in nearest))
            more_names = f"；也可能是{'、'.join(names[1:_MAX_NAMES])}" if names[1:] else ""
            hint = f"请写全名：{keys.type_key('recorder')}: {names[0]}{more_names}。写的就是全名的，不必改"
            where = keys.places.get("recorder", file.where)
            message = f"登记人“{word}”只有名，没有姓"
            yield Problem(where, "ledger.recorder-name", message, hint, Severity.WARNING)


def _find_late_renamings(
    months: Mapping[BranchMonth, Sequence[LedgerFile]], roster: Roster
) -> Mapping[BranchMonth, Sequence[Problem]]:
    """Find the changes of names that were dated into months approved before."""
    approvals: dict[str, dict[Period, Approval]] = defaultdict(dict)
    for (branch, month), files in months.items():
        for _, approval in filings_and_withdrawals.list_approvals(files):
            approvals[branch][month] = approval  # the last one is the newest
    return {
        (branch, month): problems
        for branch, by_month in approvals.items()
        for month, problems in tampering.find_late_renamings(by_month, roster, branch).items()
    }


def _find_unknown_branches(ledger_files: LedgerFiles, roster: Roster) -> Iterator[Problem]:
    """Yield a problem for every file and record of a branch that the roster doesn't have."""
    places = [(Location(file.name), file.branch) for file in ledger_files.by_name.values()]
    records: tuple[Record, ...] = (*ledger_files.filings, *ledger_files.withdrawals)
    for where, branch in (*places, *((record.branch.where, record.branch.text) for record in records)):
        if branch not in roster.branch_by_id:
            hint = f"文件夹要用支部编号命名：{'、'.join(roster.branch_by_id)}"
            message = f"名册里没有“{branch}”这个支部"
            roster_place = Location("ledgers/roster.yaml")
            cause = Cause(f"{message}，却有它的文件", f"{hint}；支部编号改动过的请改回来", roster_place)
            yield Problem(where, "ledger.unknown-branch", message, hint, cause=cause, subject=("", where.file))


def _add_month(effective: EffectiveLedgers, key: BranchMonth, evaluated: effective_months.EffectiveMonth) -> None:
    if evaluated.approved is not None:
        effective.approved[key] = evaluated.approved
        effective.before_corrections[key] = evaluated.before_corrections
    if evaluated.draft is not None:
        effective.drafts[key] = evaluated.draft
    if missing_evidence := tuple(
        problem for problem in evaluated.problems if problem.code == validation.MISSING_EVIDENCE
    ):
        effective.missing_evidence[key] = missing_evidence


def _check_expectations(
    effective: EffectiveLedgers, rulebooks: Mapping[int, Rulebook], today: date
) -> Iterator[Problem]:
    """Yield problems of activities held too rarely or too often in a branch-year, drafts included."""
    ledgers_by_year: dict[tuple[str, int], list[ValidLedger]] = defaultdict(list)
    for (branch, month), ledger in sorted(
        {**effective.drafts, **effective.approved}.items(), key=lambda item: item[0][1].first
    ):
        ledgers_by_year[branch, month.year].append(ledger)
    for (_, year), ledgers in ledgers_by_year.items():
        yield from validation.check_expectations(tuple(ledgers), rulebooks[year], today)
