"""All below ``ledgers/`` that approvals hold together: ledgers, corrections, filings, withdrawals."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import groupby
from types import MappingProxyType

from msgspec import Struct, field

from generator.core.ledgers import effective_months, filed_quarters, validation
from generator.core.ledgers.name_resolution import Setting
from generator.core.model.ledger import Approval, Document, Filing, Key, Record, ValidLedger, Withdrawal
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.sealing import approval_chain
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import approval_block, ledger_file, record_files
from generator.intake.files.approval_block import ReadDocument
from generator.intake.files.discovery import Found, LedgerPath
from generator.intake.text.reader import Reader
from generator.problems import Problem, Where

ReadLedger = ReadDocument[int, Document | None]


class Shelf(Struct, frozen=True, dict=True):
    """The files below ``ledgers/`` as read: ``papers`` are ledgers and corrections by file, approved or draft.

    ``approvers`` is the text of the list of allowed signers, None if the project has none.
    """

    papers: Mapping[str, LedgerFile]
    filings: tuple[Filing, ...]
    withdrawals: tuple[Withdrawal, ...]
    approvers: str | None

    def approvals(self, branch: str) -> tuple[Approval, ...]:
        """A branch's approvals, by month and number."""
        return tuple(approval for _, approval in filed_quarters.approvals(self._own.get(branch, ())))

    def chain(self, branch: str) -> tuple[Approval, ...]:
        """A branch's approvals in the order in which they rest on each other."""
        return approval_chain.chain(self.approvals(branch))

    def records(self, branch: str) -> tuple[Record, ...]:
        """A branch's filings and withdrawals."""
        return tuple(self._recorded.get(branch, ()))

    @cached_property
    def _own(self) -> Mapping[str, list[LedgerFile]]:
        """Ledger files by branch."""
        found: dict[str, list[LedgerFile]] = defaultdict(list)
        for paper in self.papers.values():
            found[paper.branch].append(paper)
        return found

    @cached_property
    def _recorded(self) -> Mapping[str, list[Record]]:
        """Filings and withdrawals by branch."""
        records: tuple[Record, ...] = (*self.filings, *self.withdrawals)
        found: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            found[record.branch.text].append(record)
        return found

    @property
    def drafts(self) -> frozenset[str]:
        """The files that are not approved."""
        return frozenset(name for name, paper in self.papers.items() if not paper.sealed)


class Counted(Struct):
    """What the papers come to, by branch and month.

    ``approved`` is what counts, ``earlier`` what counted before each correction, ``drafts`` what would count once they
    are approved; ``healed`` has, by a draft correction's file, the problems that its approval would mend, and
    ``trials``, by a draft's file, the month that its approval would make. ``unproved`` are the proofs that drafts lack.
    """

    approved: dict[Key, ValidLedger] = field(default_factory=dict)
    earlier: dict[Key, tuple[ValidLedger, ...]] = field(default_factory=dict)
    drafts: dict[Key, ValidLedger] = field(default_factory=dict)
    healed: dict[str, frozenset[Problem]] = field(default_factory=dict)
    trials: dict[str, ValidLedger] = field(default_factory=dict)
    unproved: dict[Key, tuple[Problem, ...]] = field(default_factory=dict)


def read(
    reader: Reader,
    found: Found,
    elsewhere: Mapping[str, str] = MappingProxyType({}),
    read_ledger: ReadLedger = ledger_file.read,
) -> Shelf:
    """Read every file, and find what was copied, altered or removed since it was approved.

    Where these are the files of one branch only, ``elsewhere`` are those whose approval was copied from another
    branch's, each with what it was copied from, in words.
    """
    papers = approval_block.originals(reader, [_paper(reader, file, read_ledger) for file in found.ledgers], elsewhere)
    filings = record_files.filings(reader, found.filings)
    withdrawals = record_files.withdrawals(reader, [file.path for file in found.withdrawals])
    listed = approvers(reader)
    reader.problems += _chained(papers.values())
    reader.problems += filed_quarters.check(list(papers.values()), filings, withdrawals)
    return Shelf(papers, filings, withdrawals, listed)


def _paper(reader: Reader, file: LedgerPath, read_ledger: ReadLedger) -> LedgerFile:
    held = approval_block.read(reader, file.path, read_ledger, file.number)
    return LedgerFile(*held, file.branch, file.month, file.number)


def approvers(reader: Reader) -> str | None:
    """The text of the list of allowed signers; None if the project has none."""
    path = reader.project.approvers
    raw = reader.raw(path) if path.exists() else None
    return None if raw is None else raw.decode("utf-8", errors="replace")


def _chained(papers: Iterable[LedgerFile]) -> Iterator[Problem]:
    """Breaks in each branch's chain, which can't be judged if one of its links can't be read."""
    links: dict[str, list[LedgerFile]] = defaultdict(list)
    for paper in papers:
        if paper.sealed:
            links[paper.branch].append(paper)
    for own in links.values():
        approvals = [approval for _, approval in filed_quarters.approvals(own)]
        if len(approvals) == len(own):
            yield from approval_chain.broken(approvals)
            chain = approval_chain.chain(approvals)
            for _, month in groupby(filed_quarters.approvals(own), key=lambda found: found[0].month):
                numbered = [(paper.what, approval) for paper, approval in month]
                yield from approval_chain.disordered(chain, numbered)


def join(shelves: Iterable[Shelf], approvers: str | None) -> Shelf:
    """The files of several branches together, by folder, month and number."""
    every = list(shelves)
    papers = sorted((paper for one in every for paper in one.papers.values()), key=_place)
    return Shelf(
        {paper.name: paper for paper in papers},
        tuple(filing for one in every for filing in one.filings),
        tuple(record for one in every for record in one.withdrawals),
        approvers,
    )


def _place(paper: LedgerFile) -> tuple[str, date, int]:
    return paper.name.rpartition("/")[0], paper.month.first, paper.number


def join_counted(counted: Iterable[Counted]) -> Counted:
    """What the papers of several branches come to."""
    joined = Counted()
    for one in counted:
        joined.approved |= one.approved
        joined.earlier |= one.earlier
        joined.drafts |= one.drafts
        joined.healed |= one.healed
        joined.trials |= one.trials
        joined.unproved |= one.unproved
    return joined


# --- months ----------------------------------------------------------------------------------------------------------


def judge(
    shelf: Shelf, roster: Roster, rulebooks: Mapping[int, Rulebook], today: date
) -> tuple[Counted, list[Problem]]:
    """What the papers come to under the roster and the rulebook of each year, and what is wrong in them."""
    counted, problems = Counted(), [*_unknown_homes(shelf, roster)]
    for (branch, month), group in groupby(shelf.papers.values(), key=lambda paper: (paper.branch, paper.month)):
        papers = list(group)
        if branch in roster.branch and (rulebook := rulebooks.get(month.year)):
            judged = effective_months.judge(papers, Setting(roster, rulebook, branch, month, today))
            problems += judged.problems
            counted.healed |= judged.healed
            counted.trials |= judged.trials
            _keep(counted, (branch, month), judged)
    problems += _expected(counted, rulebooks, today)
    return counted, problems


def _unknown_homes(shelf: Shelf, roster: Roster) -> Iterator[Problem]:
    """LedgerFiles and records of branches that the roster doesn't have."""
    papers = [(Where(paper.name), paper.branch) for paper in shelf.papers.values()]
    records: tuple[Record, ...] = (*shelf.filings, *shelf.withdrawals)
    for where, branch in (*papers, *((record.branch.where, record.branch.text) for record in records)):
        if branch not in roster.branch:
            hint = f"文件夹要用支部编号命名：{'、'.join(roster.branch)}"
            yield Problem(where, "ledger.unknown-branch", f"名册里没有“{branch}”这个支部", hint)


def _keep(counted: Counted, key: Key, judged: effective_months.Month) -> None:
    if judged.approved is not None:
        counted.approved[key] = judged.approved
        counted.earlier[key] = judged.earlier
    if judged.draft is not None:
        counted.drafts[key] = judged.draft
    if unproved := tuple(problem for problem in judged.problems if problem.code == validation.UNPROVED):
        counted.unproved[key] = unproved


def _expected(counted: Counted, rulebooks: Mapping[int, Rulebook], today: date) -> Iterator[Problem]:
    """Activities held too rarely or too often in a branch-year, drafts included."""
    years: dict[tuple[str, int], list[ValidLedger]] = defaultdict(list)
    for (branch, month), ledger in sorted(
        {**counted.drafts, **counted.approved}.items(), key=lambda item: item[0][1].first
    ):
        years[branch, month.year].append(ledger)
    for (_, year), valids in years.items():
        yield from validation.expected(tuple(valids), rulebooks[year], today)
