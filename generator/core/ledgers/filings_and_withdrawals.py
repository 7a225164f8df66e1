"""Records beside approvals: filings 备案 (四2) and withdrawals, each named by the branch's next approval.

The approval seals their digests, so a record can't be altered or removed unnoticed afterwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from generator.core.basics.periods import Period, parse_period
from generator.core.model.ledger import Approval, Filing, Record, Withdrawal
from generator.core.sealing import tampering
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.problems import Cause, Problem

SealedFileT = TypeVar("SealedFileT", bound=SealedFile)


def list_approvals(files: Iterable[SealedFileT]) -> Iterator[tuple[SealedFileT, Approval]]:
    """Yield every file that is approved and can be read, with its approval."""
    for file in files:
        if approval := file.approval:
            yield file, approval


def list_unreferenced_records(approvals: Iterable[Approval], records: Iterable[Record]) -> tuple[str, ...]:
    """List the digests of a branch's records that no approval names yet; its next approval will."""
    referenced = {digest for approval in approvals for digest in approval.records}
    return tuple(record.digest for record in records if record.digest not in referenced)


def find_filing(filings: Iterable[Filing], branch: str, month: Period) -> Filing | None:
    """Find the filing of the quarter that contains a branch's month; None if there is none."""
    for filing in filings:
        quarter = parse_period(filing.period.text)
        if filing.branch.text == branch and quarter is not None and month in quarter:
            return filing
    return None


def check_records(
    files: Sequence[LedgerFile], filings: Sequence[Filing], withdrawals: Sequence[Withdrawal]
) -> Iterator[Problem]:
    """Find records of branches that were altered or removed, and approvals that contradict them."""
    yield from _find_altered_records(filings)
    yield from check_withdrawals(files, withdrawals)
    sealed = list(list_approvals(files))
    sealed_by_digest = {(file.branch, approval.digest): file for file, approval in sealed}
    for filing in filings:
        if _is_in_own_file(filing):  # else it names another branch's approvals, and its path is the problem
            yield from _find_missing_approvals(filing, sealed_by_digest)
    records: tuple[Record, ...] = (*filings, *withdrawals)
    present_digests = {record.digest for record in records}
    # Every approval needs the filing of its month; filings of other branches need not be searched for it.
    filings_by_branch: dict[str, list[Filing]] = defaultdict(list)
    for filing in filings:
        filings_by_branch[filing.branch.text].append(filing)
    for file, approval in sealed:
        yield from _find_missing_records(approval, present_digests)
        filing_of_month = find_filing(filings_by_branch.get(file.branch, ()), file.branch, file.month)
        if filing_of_month and approval.digest not in filing_of_month.rests and not approval.consent:
            hint = "请从备份中恢复；更正已备案的季度，审核时要用 --consent 写明机关党委同意人"
            message = f"{file.what}是在 {filing_of_month.period.text} 备案之后审核的，却没有机关党委同意人"
            yield Problem(approval.where, "correction.no-consent", message, hint)


def check_withdrawals(files: Iterable[SealedFile], withdrawals: Sequence[Withdrawal]) -> Iterator[Problem]:
    """Find records of withdrawals that were altered, and withdrawn approvals that are in their files again."""
    yield from _find_altered_records(withdrawals)
    by_approval = {withdrawal.withdraws: withdrawal for withdrawal in withdrawals}
    for file, approval in list_approvals(files):
        if withdrawal := by_approval.get(approval.digest):
            described = (
                f"{approval.by}于 {approval.meeting} 的审核"
                if isinstance(file, LedgerFile)
                else tampering.describe_approval(approval, file.what)
            )
            message = f"{described}已于 {withdrawal.on} 撤回，又重新出现了"
            yield Problem(approval.where, "approval.withdrawn", message, "请删去这段审核记录，改好以后重新审核")


def _find_altered_records(records: Iterable[Record]) -> Iterator[Problem]:
    for record in records:
        if record.claims != record.digest:
            message = f"{_describe_record(record)}在写成之后被改动过"
            yield Problem(record.where, "record.digest", message, "请从备份中恢复原文件")


def _describe_record(record: Record) -> str:
    if isinstance(record, Filing):
        return f"{record.by}于 {record.on} 对本支部 {record.period.text} 的备案"
    if record.file.text:
        return f"{record.on} 撤回 {record.file.text} 审核的记录"
    return f"{record.on} 撤回本支部 {record.month.text} 审核的记录"


def _is_in_own_file(filing: Filing) -> bool:
    """Return whether a filing is in the file named after its quarter and branch."""
    return filing.where.file.endswith(f"/{filing.period.text}.{filing.branch.text}.yaml")


def _find_missing_approvals(
    filing: Filing, sealed_by_digest: Mapping[tuple[str, str], LedgerFile]
) -> Iterator[Problem]:
    quarter = parse_period(filing.period.text)
    for digest in filing.rests:
        file = sealed_by_digest.get((filing.branch.text, digest))
        if file is None or quarter is None or file.month not in quarter:
            message = f"{_describe_record(filing)}所依据的审核 {digest} 不见了"
            hint = "备案以后台账被改写、撤下或调换过；请从备份中找回原文件"
            cause = Cause("备案所依据的审核不见了", hint)
            subject = "", f"{filing.period.text} 备案（{digest[:15]}…）"
            yield Problem(filing.where, "filing.rests", message, hint, cause=cause, subject=subject)


def _find_missing_records(approval: Approval, present_digests: set[str]) -> Iterator[Problem]:
    for digest in approval.records:
        if digest not in present_digests:
            message = f"{tampering.describe_approval(approval, '文件')}所依据的备案或撤回记录 {digest} 不见了"
            hint = "请从备份中找回 ledgers/年份/filings 里的备案，或支部文件夹里的撤回记录（.w1.yaml 等）"
            cause = Cause("审核所依据的备案或撤回记录不见了", hint)
            subject = "", f"{approval.meeting} 的审核（{digest[:15]}…）"
            yield Problem(approval.where, "approval.record", message, hint, cause=cause, subject=subject)
