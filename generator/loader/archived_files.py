"""The source files on which the boards of a period rest, and the day by which all of it was decided."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from generator.core.basics.periods import Period, parse_period
from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.approver_lists import ApproverList
from generator.core.model.ledger import Approval, Record
from generator.core.scoring import objection_periods
from generator.core.sealing.sealed_files import LedgerFile
from generator.disk import atomic_files
from generator.disk.system_files import is_system_file
from generator.intake.files import discovery
from generator.loader import load
from generator.loader.load import LoadedProject
from generator.project import Project


class ArchivedFiles(Struct, frozen=True):
    """Names of files of a project, and the day as of which they are the whole project."""

    names: tuple[str, ...]
    day: date


def select_archived_files(loaded: LoadedProject, period: Period) -> ArchivedFiles:
    """Select what is sealed of a period and before it, and what that needs; drafts and what came later are left out.

    A branch's approvals form a chain: a late correction of the period brings those that were given before it. The day
    is the first on which all was approved and filed and no objection to the period's boards was open any more, but
    never after today.
    """
    approvals = _Selection(loaded, period)
    names, days = {*approvals.list_names()}, [*approvals.list_days(), period.last + timedelta(days=1)]
    days += _list_objection_ends(loaded, period)
    day = min(max(days), loaded.today)
    early_ballots = approvals.early_ballots
    for file, approval in loaded.ballot_files.approved_files:
        if approval.meeting <= day or approval.digest in early_ballots:
            names.add(file.name)
    names |= {withdrawal.where.file for withdrawal in loaded.ballot_files.withdrawals if withdrawal.on <= day}
    names |= {*_list_shared_files(loaded, day, max(period.year, day.year))}
    return ArchivedFiles(tuple(sorted(names)), day)


class _Selection:
    """The ledgers, filings, withdrawals and lists of signers that are selected."""

    def __init__(self, loaded: LoadedProject, period: Period) -> None:
        self.loaded = loaded
        self.period = period
        self.files_by_approval: Mapping[str, tuple[LedgerFile, Approval]] = {
            approval.digest: (file, approval)
            for file, approval in filings_and_withdrawals.list_approvals(loaded.ledger_files.by_name.values())
        }
        self.digests: set[str] = set()
        for digest, (file, _) in self.files_by_approval.items():
            if self._is_concerned(file.month):
                self._add_chain(file.branch, digest)
        # A list of signers names each branch's newest approval by then; those were given under earlier lists.
        self.lists = self._select_lists()
        for listed in self.lists:
            for branch, head in (listed.record.heads if listed.record else {}).items():
                self._add_chain(branch, head)
        records = {digest for approval in self.list_approvals() for digest in approval.records}
        ledger_files = loaded.ledger_files
        self.filings: list[Record] = [
            filing
            for filing in ledger_files.filings
            if filing.digest in records or self._is_concerned(parse_period(filing.period.text))
        ]
        self.withdrawals: list[Record] = [
            withdrawal
            for withdrawal in ledger_files.withdrawals
            if withdrawal.digest in records or self._is_concerned(parse_period(withdrawal.month.text))
        ]

    def _is_concerned(self, period: Period | None) -> bool:
        return period is not None and period.year == self.period.year and period.last <= self.period.last

    def _add_chain(self, branch: str, digest: str) -> None:
        """Add an approval and all that the branch gave before it."""
        if digest not in self.digests:
            chain = [approval.digest for approval in self.loaded.ledger_files.branch_chain(branch)]
            self.digests.update(chain[: chain.index(digest) + 1] if digest in chain else ())

    def _select_lists(self) -> tuple[ApproverList, ...]:
        lists = self.loaded.approver_lists.in_force
        numbers = [approval.list_number or 1 for approval in self.list_approvals()]
        return lists[: max(numbers, default=0)]

    def list_approvals(self) -> Iterator[Approval]:
        """Yield the selected approvals of ledgers and corrections."""
        return (self.files_by_approval[digest][1] for digest in self.digests if digest in self.files_by_approval)

    @property
    def early_ballots(self) -> frozenset[str]:
        """The approvals of reviews and polls that the selected lists cover."""
        return frozenset(digest for listed in self.lists if listed.record for digest in listed.record.ballots)

    def list_names(self) -> Iterator[str]:
        """Yield the names of the selected files."""
        yield from (file.name for digest, (file, _) in self.files_by_approval.items() if digest in self.digests)
        yield from (record.where.file for record in (*self.filings, *self.withdrawals))
        for listed in self.lists:
            yield listed.file
            if listed.record:
                yield listed.record.where.file

    def list_days(self) -> Iterator[date]:
        """Yield the days of all that is selected."""
        yield from (approval.meeting for approval in self.list_approvals())
        yield from (record.on for record in (*self.filings, *self.withdrawals))
        yield from (listed.record.on for listed in self.lists if listed.record)
        ballots = (approval for _, approval in self.loaded.ballot_files.approved_files)
        yield from (approval.meeting for approval in ballots if approval.digest in self.early_ballots)


def _list_objection_ends(loaded: LoadedProject, period: Period) -> Iterator[date]:
    """Yield the day after each objection period of the boards in a period."""
    approvals = {key: ledger.approvals for key, ledger in loaded.approved_ledgers.items()}
    notices = objection_periods.find_objection_periods(
        loaded.roster, loaded.rulebooks, approvals, loaded.settings, loaded.today
    )
    for (board_period, _), notice in notices.items():
        if board_period.first >= period.first and board_period.last <= period.last:
            yield notice.last + timedelta(days=1)


def _list_shared_files(loaded: LoadedProject, day: date, last_year: int) -> Iterator[str]:
    """Yield the names of the files that no branch has: settings, articles of the day, roster, rules, the theme."""
    project, discovered = loaded.project, discovery.discover_files(loaded.project)
    yield from (article.file for article in loaded.articles if article.is_due(day))
    cycles = (folder / "cycle.yaml" for folder in discovered.year_folders if int(folder.name) <= last_year)
    paths = (project.settings_path, project.roster_path, *discovered.rulebooks, *discovered.attachments, *cycles)
    yield from (project.file_name(path) for path in paths if path.is_file())
    layers, _ = load.load_theme_layers(project, loaded.settings)
    yield from _list_theme_files(project, (layer.folder.name for layer in layers if not project.is_shipped(layer)))


def _list_theme_files(project: Project, theme_names: Iterable[str]) -> Iterator[str]:
    for name in theme_names:
        for path, is_link in atomic_files.walk_entries(project.root / "themes" / name):
            if not is_link and not is_system_file(path):
                yield f"themes/{name}/{path}"
