"""What was printed or copied earlier 锚, against the approvals as they are now: what was rewritten since then."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from generator.core.ledgers import filed_quarters
from generator.core.model.ledger import Filing, Withdrawal
from generator.core.sealing import tampering
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Location, Problem, Severity


class AnchoredItem(Struct, frozen=True):
    """Something an earlier ``audit.json`` lists: of which branch, what it is in words, and its digest.

    ``branch`` is an id, empty for what is the whole organ's.
    """

    branch: str
    description: str
    digest: str


class Anchor(Struct, frozen=True):
    """An earlier ``audit.json``, or a digest from a sheet, which may be only its beginning."""

    items: tuple[AnchoredItem, ...]
    approvers: str | None = None
    digest: str = ""


class SealedState(Struct, frozen=True):
    """All that is sealed now; ``homes`` are the branches' names by id."""

    branch_names: Mapping[str, str]
    ledger_files: Sequence[LedgerFile]
    filings: Sequence[Filing]
    withdrawals: Sequence[Withdrawal]
    approvers: str | None
    ballot_files: Sequence[BallotFile] = ()

    def describe_by_digest(self) -> Mapping[str, str]:
        """Everything sealed, in words, by digest; of reviews and polls also what was withdrawn, to be approved anew."""
        replaced = {
            one.withdraws: f"{one.on} 撤回的 {one.file.text} 的审核" for one in self.withdrawals if one.file.text
        }
        files: tuple[SealedFile, ...] = (*self.ledger_files, *self.ballot_files)
        approvals = {
            approval.digest: tampering.describe_approval(approval, self._what(file))
            for file, approval in filed_quarters.list_approvals(files)
        }
        filings = {
            one.digest: f"{self.branch_names.get(one.branch.text, one.branch.text)} {one.period.text} 的备案"
            for one in self.filings
        }
        records = {one.digest: f"{one.on} 撤回审核的记录" for one in self.withdrawals}
        return {**replaced, **approvals, **filings, **records}

    def _what(self, file: SealedFile) -> str:
        return (
            f"{self.branch_names.get(file.branch, file.branch)} {file.what}"
            if isinstance(file, LedgerFile)
            else file.what
        )


def check_anchor(anchor: Anchor, present: SealedState, where: Location) -> Iterator[Problem]:
    """Find what the anchor knows and the ledgers no longer hold; ``where`` is the anchor's own file."""
    digests = present.describe_by_digest()
    withdrawals = {one.withdraws: one for one in present.withdrawals}
    for one in anchor.items:
        what = f"{present.branch_names.get(one.branch, one.branch)} {one.description}".strip()
        withdrawal = withdrawals.get(one.digest)
        if withdrawal and withdrawal.file.text:
            message, hint = f"{what}已于 {withdrawal.on} 撤回", "撤回的原因机关党委登记在册；现行的以重新审核的为准"
            yield Problem(where, "anchor.missing", f"{message}（{one.digest}）", hint, Severity.WARNING)
        if one.digest in digests:
            continue
        if withdrawal:
            message, hint = f"{what}已于 {withdrawal.on} 撤回", "公布过的审核不应再撤回，请机关党委查明"
        else:
            message, hint = f"{what}不见了或被改写了", "请找回当时的文件；确有错误的，应当用更正，不能改写"
        yield Problem(where, "anchor.missing", f"{message}（{one.digest}）", hint)
    if anchor.digest and not describe_matching_seal(anchor, present):
        hint = "请先核对摘要有没有抄错；没有抄错的，说明那以后有审核被改写或撤下，请找回当时的文件"
        yield Problem(where, "anchor.missing", f"现有的审核里没有这个摘要：{anchor.digest}", hint)
    if anchor.approvers and anchor.approvers != present.approvers:
        message, hint = "审核人名单与那时不同", "请机关党委核对 content/approvers 的改动"
        yield Problem(where, "anchor.approvers", message, hint, Severity.WARNING)


def describe_matching_seal(anchor: Anchor, present: SealedState) -> str | None:
    """What the digest of a sheet seals, in words; None if nothing here has it."""
    matching = [what for digest, what in present.describe_by_digest().items() if digest.startswith(anchor.digest)]
    return matching[0] if matching else None
