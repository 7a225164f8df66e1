"""Anchors 锚, printed or copied earlier, compared with the approvals as they are now: the items rewritten since."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.ledger import Filing, Withdrawal
from generator.core.sealing import tampering
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Location, Problem, Severity


class AnchoredItem(Struct, frozen=True):
    """An item that an earlier ``audit.json`` lists: its branch, its description in words, and its digest.

    ``branch`` is an id, empty for an item of the whole organ.
    """

    branch: str
    description: str
    digest: str


class Anchor(Struct, frozen=True):
    """An earlier ``audit.json``, or digests from a printed sheet, which may be only the beginnings of such.

    ``values`` are those of inputs that decided something without being sealed, ``member_values`` the digests of those
    of members, by branch; both are empty in a file of an earlier version. ``heads`` are the digests of each branch's
    newest approval.
    """

    items: tuple[AnchoredItem, ...]
    approvers: str | None = None
    digests: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    member_values: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)


class SealedState(Struct, frozen=True):
    """Everything that is sealed now; ``branch_names`` are by id."""

    branch_names: Mapping[str, str]
    ledger_files: Sequence[LedgerFile]
    filings: Sequence[Filing]
    withdrawals: Sequence[Withdrawal]
    approvers: str | None
    ballot_files: Sequence[BallotFile] = ()

    def describe_by_digest(self) -> Mapping[str, str]:
        """Return the description of everything sealed, by digest.

        Withdrawn approvals of reviews and polls are included: such files are approved anew after a withdrawal.
        """
        names = self.branch_names
        replaced = {
            withdrawal.withdraws: f"{withdrawal.on} 撤回的 {withdrawal.file.text} 的审核"
            for withdrawal in self.withdrawals
            if withdrawal.file.text
        }
        files: tuple[SealedFile, ...] = (*self.ledger_files, *self.ballot_files)
        approvals = {
            approval.digest: tampering.describe_approval(approval, self._describe_file(file))
            for file, approval in filings_and_withdrawals.list_approvals(files)
        }
        filings = {
            filing.digest: f"{names.get(filing.branch.text, filing.branch.text)} {filing.period.text} 的备案"
            for filing in self.filings
        }
        records = {withdrawal.digest: f"{withdrawal.on} 撤回审核的记录" for withdrawal in self.withdrawals}
        # Approvals override withdrawn ones: one that is back in its file is described as present.
        return {**replaced, **approvals, **filings, **records}

    def _describe_file(self, file: SealedFile) -> str:
        if isinstance(file, LedgerFile):
            return f"{self.branch_names.get(file.branch, file.branch)} {file.what}"
        return file.what


def check_anchor(anchor: Anchor, present: SealedState, where: Location) -> Iterator[Problem]:
    """Find items of the anchor that are no longer sealed; ``where`` is the location of the anchor's own file."""
    digests = present.describe_by_digest()
    withdrawals = {withdrawal.withdraws: withdrawal for withdrawal in present.withdrawals}
    for item in anchor.items:
        description = f"{present.branch_names.get(item.branch, item.branch)} {item.description}".strip()
        withdrawal = withdrawals.get(item.digest)
        if withdrawal and withdrawal.file.text:
            message, hint = (
                f"{description}已于 {withdrawal.on} 撤回",
                "撤回的原因机关党委登记在册；现行的以重新审核的为准",
            )
            yield Problem(where, "anchor.missing", f"{message}（{item.digest}）", hint, Severity.WARNING)
        if item.digest in digests:
            continue
        if withdrawal:
            message, hint = f"{description}已于 {withdrawal.on} 撤回", "公布过的审核不应再撤回，请机关党委查明"
        else:
            message, hint = f"{description}不见了或被改写了", "请找回当时的文件；确有错误的，应当用更正，不能改写"
        yield Problem(where, "anchor.missing", f"{message}（{item.digest}）", hint)
    for digest in anchor.digests:
        if not describe_matching_seal(digest, present):
            hint = "请先核对摘要有没有抄错；没有抄错的，说明那以后有审核被改写或撤下，请找回当时的文件"
            yield Problem(where, "anchor.missing", f"现有的审核里没有这个摘要：{digest}", hint)
    if anchor.approvers and anchor.approvers != present.approvers:
        message, hint = "审核人名单与那时不同", "请机关党委核对 content/approvers 的改动"
        yield Problem(where, "anchor.approvers", message, hint, Severity.WARNING)


def describe_matching_seal(beginning: str, present: SealedState) -> str | None:
    """Describe the sealed file or record whose digest begins so; None if there is none."""
    matching = [
        description for digest, description in present.describe_by_digest().items() if digest.startswith(beginning)
    ]
    return matching[0] if matching else None
