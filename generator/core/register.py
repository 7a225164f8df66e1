"""What is recorded beside approvals: filings 备案 (四2) and withdrawals, each held fast by the approval after it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.core import seal
from generator.core.model import Approval, Filing, Record, Withdrawal
from generator.core.months import Paper
from generator.core.periods import Period, parse
from generator.problems import Problem


def approvals(papers: Iterable[Paper]) -> Iterator[tuple[Paper, Approval]]:
    """Every paper that is approved and can be read, with its approval."""
    for paper in papers:
        if paper.sealed and paper.document and paper.document.approval:
            yield paper, paper.document.approval


def unreferenced(found: Iterable[Approval], records: Iterable[Record]) -> tuple[str, ...]:
    """The digests of a branch's records that no approval holds fast yet: what its next approval will."""
    held = {digest for approval in found for digest in approval.records}
    return tuple(record.digest for record in records if record.digest not in held)


def filed(filings: Iterable[Filing], branch: str, month: Period) -> Filing | None:
    """The filing of the quarter that a branch's month lies in, if there is one."""
    for filing in filings:
        quarter = parse(filing.period.text)
        if filing.branch.text == branch and quarter is not None and month in quarter:
            return filing
    return None


def check(papers: Sequence[Paper], filings: Sequence[Filing], withdrawals: Sequence[Withdrawal]) -> Iterator[Problem]:
    """Find records that were altered or removed, and approvals that contradict them."""
    yield from _altered((*filings, *withdrawals))
    sealed = list(approvals(papers))
    known = {(paper.branch, approval.digest): paper for paper, approval in sealed}
    for filing in filings:
        yield from _unfounded(filing, known)
    undone = {record.withdraws: record for record in withdrawals}
    present = {filing.digest for filing in filings} | {record.digest for record in withdrawals}
    own: dict[str, list[Filing]] = defaultdict(list)
    for filing in filings:
        own[filing.branch.text].append(filing)
    for paper, approval in sealed:
        yield from _contradicted(approval, undone, present)
        filing_of_month = filed(own.get(paper.branch, ()), paper.branch, paper.month)
        if filing_of_month and approval.digest not in filing_of_month.rests and not approval.consent:
            hint = "请从备份中恢复；更正已备案的季度，审核时要用 --consent 写明机关党委同意人"
            message = f"{paper.what}是在 {filing_of_month.period.text} 备案之后审核的，却没有机关党委同意人"
            yield Problem(approval.where, "correction.no-consent", message, hint)


def _altered(records: Iterable[Record]) -> Iterator[Problem]:
    for record in records:
        if record.claims != record.digest:
            message = f"{_said(record)}在写成之后被改动过"
            yield Problem(record.where, "record.digest", message, "请从备份中恢复原文件")


def _said(record: Record) -> str:
    if isinstance(record, Filing):
        return f"{record.by}于 {record.on} 对支部 {record.branch.text} {record.period.text} 的备案"
    return f"{record.on} 撤回支部 {record.branch.text} {record.month.text} 审核的记录"


def _unfounded(filing: Filing, known: Mapping[tuple[str, str], Paper]) -> Iterator[Problem]:
    quarter = parse(filing.period.text)
    for digest in filing.rests:
        paper = known.get((filing.branch.text, digest))
        if paper is None or quarter is None or paper.month not in quarter:
            message = f"{_said(filing)}所依据的审核 {digest} 不见了"
            hint = "备案以后台账被改写、撤下或调换过；请从备份中找回原文件"
            yield Problem(filing.where, "filing.rests", message, hint)


def _contradicted(approval: Approval, undone: Mapping[str, Withdrawal], present: set[str]) -> Iterator[Problem]:
    if withdrawal := undone.get(approval.digest):
        message = f"{approval.by}于 {approval.meeting} 的审核已于 {withdrawal.on} 撤回，又重新出现了"
        yield Problem(approval.where, "approval.withdrawn", message, "请删去这段审核记录，改好以后重新审核")
    for digest in approval.records:
        if digest not in present:
            message = f"{seal.said(approval, '文件')}所依据的备案或撤回记录 {digest} 不见了"
            hint = "请从备份中找回 ledgers/年份/filings 里的备案，或支部文件夹里的撤回记录（.w1.yaml 等）"
            yield Problem(approval.where, "approval.record", message, hint)
