"""What is recorded beside approvals: filings 备案 (四2) and withdrawals, each held fast by the approval after it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from generator.core.basics.periods import Period, parse_period
from generator.core.model.ledger import Approval, Filing, Record, Withdrawal
from generator.core.sealing import tampering
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.problems import Problem

F = TypeVar("F", bound=SealedFile)


def list_approvals(files: Iterable[F]) -> Iterator[tuple[F, Approval]]:
    """Every file that is approved and can be read, with its approval."""
    for file in files:
        if approval := file.approval:
            yield file, approval


def list_unreferenced_records(found: Iterable[Approval], records: Iterable[Record]) -> tuple[str, ...]:
    """The digests of a branch's records that no approval holds fast yet: what its next approval will."""
    held = {digest for approval in found for digest in approval.records}
    return tuple(record.digest for record in records if record.digest not in held)


def find_filing(filings: Iterable[Filing], branch: str, month: Period) -> Filing | None:
    """The filing of the quarter that a branch's month lies in, if there is one."""
    for filing in filings:
        quarter = parse_period(filing.period.text)
        if filing.branch.text == branch and quarter is not None and month in quarter:
            return filing
    return None


def check_records(
    files: Sequence[LedgerFile], filings: Sequence[Filing], withdrawals: Sequence[Withdrawal]
) -> Iterator[Problem]:
    """Find records of branches that were altered or removed, and approvals that contradict them."""
    yield from _altered(filings)
    yield from check_withdrawals(files, withdrawals)
    sealed = list(list_approvals(files))
    known = {(paper.branch, approval.digest): paper for paper, approval in sealed}
    for filing in filings:
        if _is_placed(filing):  # else it names another branch's approvals, and its place is the problem
            yield from _unfounded(filing, known)
    records: tuple[Record, ...] = (*filings, *withdrawals)
    present = {record.digest for record in records}
    own: dict[str, list[Filing]] = defaultdict(list)
    for filing in filings:
        own[filing.branch.text].append(filing)
    for paper, approval in sealed:
        yield from _lost(approval, present)
        filing_of_month = find_filing(own.get(paper.branch, ()), paper.branch, paper.month)
        if filing_of_month and approval.digest not in filing_of_month.rests and not approval.consent:
            hint = "请从备份中恢复；更正已备案的季度，审核时要用 --consent 写明机关党委同意人"
            message = f"{paper.what}是在 {filing_of_month.period.text} 备案之后审核的，却没有机关党委同意人"
            yield Problem(approval.where, "correction.no-consent", message, hint)


def check_withdrawals(files: Iterable[SealedFile], withdrawals: Sequence[Withdrawal]) -> Iterator[Problem]:
    """Find records of withdrawals that were altered, and withdrawn approvals that are there again."""
    yield from _altered(withdrawals)
    by_digest = {record.withdraws: record for record in withdrawals}
    for file, approval in list_approvals(files):
        if record := by_digest.get(approval.digest):
            ledger = isinstance(file, LedgerFile)
            what = (
                f"{approval.by}于 {approval.meeting} 的审核"
                if ledger
                else tampering.describe_approval(approval, file.what)
            )
            message = f"{what}已于 {record.on} 撤回，又重新出现了"
            yield Problem(approval.where, "approval.withdrawn", message, "请删去这段审核记录，改好以后重新审核")


def _altered(records: Iterable[Record]) -> Iterator[Problem]:
    for record in records:
        if record.claims != record.digest:
            message = f"{_in_words(record)}在写成之后被改动过"
            yield Problem(record.where, "record.digest", message, "请从备份中恢复原文件")


def _in_words(record: Record) -> str:
    if isinstance(record, Filing):
        return f"{record.by}于 {record.on} 对支部 {record.branch.text} {record.period.text} 的备案"
    if record.file.text:
        return f"{record.on} 撤回 {record.file.text} 审核的记录"
    return f"{record.on} 撤回支部 {record.branch.text} {record.month.text} 审核的记录"


def _is_placed(filing: Filing) -> bool:
    return filing.where.file.endswith(f"/{filing.period.text}.{filing.branch.text}.yaml")


def _unfounded(filing: Filing, known: Mapping[tuple[str, str], LedgerFile]) -> Iterator[Problem]:
    quarter = parse_period(filing.period.text)
    for digest in filing.rests:
        paper = known.get((filing.branch.text, digest))
        if paper is None or quarter is None or paper.month not in quarter:
            message = f"{_in_words(filing)}所依据的审核 {digest} 不见了"
            hint = "备案以后台账被改写、撤下或调换过；请从备份中找回原文件"
            yield Problem(filing.where, "filing.rests", message, hint)


def _lost(approval: Approval, present: set[str]) -> Iterator[Problem]:
    for digest in approval.records:
        if digest not in present:
            message = f"{tampering.describe_approval(approval, '文件')}所依据的备案或撤回记录 {digest} 不见了"
            hint = "请从备份中找回 ledgers/年份/filings 里的备案，或支部文件夹里的撤回记录（.w1.yaml 等）"
            yield Problem(approval.where, "approval.record", message, hint)
