"""All below ``ledgers/`` that approvals hold together: ledgers, corrections, filings, withdrawals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import groupby
from types import MappingProxyType

from msgspec import Struct, field

from generator.core.ledgers import effective_months, filed_quarters, validation
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.model.ledger import Approval, BranchMonth, Document, Filing, Record, ValidLedger, Withdrawal
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import approval_chain
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import approval_block, ledger_file, record_files
from generator.intake.files.approval_block import DocumentReader
from generator.intake.files.discovery import DiscoveredFiles, LedgerPath
from generator.intake.text.reader import ProjectReader
from generator.problems import Location, Problem

ReadLedger = DocumentReader[int, Document | None]


class LedgerFiles(Struct, frozen=True, dict=True):
    """The files below ``ledgers/`` as read: ``papers`` are ledgers and corrections by file, approved or draft.

    ``approvers`` is the text of the list of allowed signers, None if the project has none.
    """

    by_name: Mapping[str, LedgerFile]
    filings: tuple[Filing, ...]
    withdrawals: tuple[Withdrawal, ...]
    approvers_text: str | None

    def branch_approvals(self, branch: str) -> tuple[Approval, ...]:
        """A branch's approvals, by month and number."""
        return tuple(approval for _, approval in filed_quarters.list_approvals(self._files_by_branch.get(branch, ())))

    def branch_chain(self, branch: str) -> tuple[Approval, ...]:
        """A branch's approvals in the order in which they rest on each other."""
        return approval_chain.link_approvals(self.branch_approvals(branch))

    def branch_records(self, branch: str) -> tuple[Record, ...]:
        """A branch's filings and withdrawals."""
        return tuple(self._records_by_branch.get(branch, ()))

    @cached_property
    def _files_by_branch(self) -> Mapping[str, list[LedgerFile]]:
        """Ledger files by branch."""
        found: dict[str, list[LedgerFile]] = defaultdict(list)
        for paper in self.by_name.values():
            found[paper.branch].append(paper)
        return found

    @cached_property
    def _records_by_branch(self) -> Mapping[str, list[Record]]:
        """Filings and withdrawals by branch."""
        records: tuple[Record, ...] = (*self.filings, *self.withdrawals)
        found: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            found[record.branch.text].append(record)
        return found

    @property
    def draft_names(self) -> frozenset[str]:
        """The files that are not approved."""
        return frozenset(name for name, paper in self.by_name.items() if not paper.sealed)


class EffectiveLedgers(Struct):
    """What the papers come to, by branch and month.

    ``approved`` is what counts, ``earlier`` what counted before each correction, ``drafts`` what would count once they
    are approved; ``healed`` has, by a draft correction's file, the problems that its approval would mend, and
    ``trials``, by a draft's file, the month that its approval would make. ``unproved`` are the proofs that drafts lack.
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
    """Read every file, and find what was copied, altered or removed since it was approved.

    Where these are the files of one branch only, ``elsewhere`` are those whose approval was copied from another
    branch's, each with what it was copied from, in words.
    """
    papers = approval_block.drop_copied_approvals(
        reader, [_paper(reader, file, read_ledger) for file in discovered.ledgers], copied_approvals
    )
    filings = record_files.read_filings(reader, discovered.filings)
    withdrawals = record_files.read_withdrawals(reader, [file.path for file in discovered.withdrawals])
    listed = read_approvers(reader)
    reader.problems += _chained(papers.values())
    reader.problems += filed_quarters.check_records(list(papers.values()), filings, withdrawals)
    return LedgerFiles(papers, filings, withdrawals, listed)


def _paper(reader: ProjectReader, file: LedgerPath, read_ledger: ReadLedger) -> LedgerFile:
    held = approval_block.read_sealed_file(reader, file.path, read_ledger, file.number)
    return LedgerFile(*held, file.branch, file.month, file.number)


def read_approvers(reader: ProjectReader) -> str | None:
    """The text of the list of allowed signers; None if the project has none."""
    path = reader.project.approvers_path
    raw = reader.read_bytes(path) if path.exists() else None
    return None if raw is None else raw.decode("utf-8", errors="replace")


def _chained(papers: Iterable[LedgerFile]) -> Iterator[Problem]:
    """Breaks in each branch's chain, which can't be judged if one of its links can't be read."""
    links: dict[str, list[LedgerFile]] = defaultdict(list)
    for paper in papers:
        if paper.sealed:
            links[paper.branch].append(paper)
    for own in links.values():
        approvals = [approval for _, approval in filed_quarters.list_approvals(own)]
        if len(approvals) == len(own):
            yield from approval_chain.find_chain_breaks(approvals)
            chain = approval_chain.link_approvals(approvals)
            for _, month in groupby(filed_quarters.list_approvals(own), key=lambda found: found[0].month):
                numbered = [(paper.what, approval) for paper, approval in month]
                yield from approval_chain.find_misordered_approvals(chain, numbered)


def merge_ledger_files(groups: Iterable[LedgerFiles], approvers_text: str | None) -> LedgerFiles:
    """The files of several branches together, by folder, month and number."""
    every = list(groups)
    papers = sorted((paper for one in every for paper in one.by_name.values()), key=_place)
    return LedgerFiles(
        {paper.name: paper for paper in papers},
        tuple(filing for one in every for filing in one.filings),
        tuple(record for one in every for record in one.withdrawals),
        approvers_text,
    )


def _place(paper: LedgerFile) -> tuple[str, date, int]:
    return paper.name.rpartition("/")[0], paper.month.first, paper.number


def merge_effective_ledgers(groups: Iterable[EffectiveLedgers]) -> EffectiveLedgers:
    """What the papers of several branches come to."""
    joined = EffectiveLedgers()
    for one in groups:
        joined.approved |= one.approved
        joined.before_corrections |= one.before_corrections
        joined.drafts |= one.drafts
        joined.fixed_by_draft |= one.fixed_by_draft
        joined.if_approved |= one.if_approved
        joined.missing_evidence |= one.missing_evidence
    return joined


# --- months ----------------------------------------------------------------------------------------------------------


def check_ledgers(
    ledger_files: LedgerFiles, roster: Roster, rulebooks: Mapping[int, Rulebook], today: date
) -> tuple[EffectiveLedgers, list[Problem]]:
    """What the papers come to under the roster and the rulebook of each year, and what is wrong in them."""
    counted, problems = EffectiveLedgers(), [*_unknown_homes(ledger_files, roster)]
    for (branch, month), group in groupby(ledger_files.by_name.values(), key=lambda paper: (paper.branch, paper.month)):
        papers = list(group)
        if branch in roster.branch_by_id and (rulebook := rulebooks.get(month.year)):
            judged = effective_months.evaluate_month(papers, CheckContext(roster, rulebook, branch, month, today))
            problems += judged.problems
            counted.fixed_by_draft |= judged.fixed_by_draft
            counted.if_approved |= judged.if_approved
            _keep(counted, (branch, month), judged)
    problems += _expected(counted, rulebooks, today)
    return counted, problems


def _unknown_homes(shelf: LedgerFiles, roster: Roster) -> Iterator[Problem]:
    """LedgerFiles and records of branches that the roster doesn't have."""
    papers = [(Location(paper.name), paper.branch) for paper in shelf.by_name.values()]
    records: tuple[Record, ...] = (*shelf.filings, *shelf.withdrawals)
    for where, branch in (*papers, *((record.branch.where, record.branch.text) for record in records)):
        if branch not in roster.branch_by_id:
            hint = f"文件夹要用支部编号命名：{'、'.join(roster.branch_by_id)}"
            yield Problem(where, "ledger.unknown-branch", f"名册里没有“{branch}”这个支部", hint)


def _keep(counted: EffectiveLedgers, key: BranchMonth, judged: effective_months.EffectiveMonth) -> None:
    if judged.approved is not None:
        counted.approved[key] = judged.approved
        counted.before_corrections[key] = judged.before_corrections
    if judged.draft is not None:
        counted.drafts[key] = judged.draft
    if unproved := tuple(problem for problem in judged.problems if problem.code == validation.MISSING_EVIDENCE):
        counted.missing_evidence[key] = unproved


def _expected(counted: EffectiveLedgers, rulebooks: Mapping[int, Rulebook], today: date) -> Iterator[Problem]:
    """Activities held too rarely or too often in a branch-year, drafts included."""
    years: dict[tuple[str, int], list[ValidLedger]] = defaultdict(list)
    for (branch, month), ledger in sorted(
        {**counted.drafts, **counted.approved}.items(), key=lambda item: item[0][1].first
    ):
        years[branch, month.year].append(ledger)
    for (_, year), valids in years.items():
        yield from validation.check_expectations(tuple(valids), rulebooks[year], today)
