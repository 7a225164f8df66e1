"""Signatures of approvals: which are wanted, and which of them are good.

A signature is over the digest of the approved file without its ``digest`` and ``signature`` lines. Anyone who has the
list of allowed signers can check one without this program.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from generator.core.ledgers import filed_quarters
from generator.core.model.ledger import Approval
from generator.core.sealing import approval_chain, digests, tampering
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Location, Problem, Severity

_Test = Callable[[str, str, date], bool]  # whether an allowed signer signed a digest with a key that was valid that day


def check_signatures(
    ledger_files: Sequence[LedgerFile],
    ballot_files: Sequence[BallotFile],
    approvers_path: Path,
    approvers_text: str | None,
) -> Iterator[Problem]:
    """Find approvals that no allowed signer signed; ``listed`` is the list's text, None if there is no list."""
    if approvers_text is None:
        yield from _vanished(_approvals((*ledger_files, *ballot_files)), approvers_path)
        return
    from generator.loader import openssh  # noqa: PLC0415  runs another program: a project without a list needs none of it

    if not openssh.is_available():
        yield missing_openssh_problem(_place(approvers_path))
        return
    chains = _chains(ledger_files)
    is_signed = partial(openssh.is_signed, approvers_path)
    yield from _changed([chain[-1] for chain in chains if chain], digests.digest_approvers(approvers_text))
    for chain in chains:
        yield from _unsigned(chain, _COVERED, is_signed)
    for file, _ in filed_quarters.list_approvals(ballot_files):
        yield from _unsigned([file], _ALONE, is_signed)


def _chains(papers: Sequence[LedgerFile]) -> list[list[LedgerFile]]:
    """The approved papers of each branch, in the order in which their approvals rest on each other."""
    branches: dict[str, dict[str, LedgerFile]] = defaultdict(dict)
    for paper, approval in filed_quarters.list_approvals(papers):
        branches[paper.branch][approval.digest] = paper
    return [
        [own[one.digest] for one in approval_chain.link_approvals(_approvals(own.values()))]
        for own in branches.values()
    ]


def _approvals(files: Iterable[SealedFile]) -> list[Approval]:
    return [approval for _, approval in filed_quarters.list_approvals(files)]


def missing_openssh_problem(where: Location) -> Problem:
    """What is said where signatures are wanted and there is no OpenSSH."""
    hint = "Windows 请在“可选功能”里安装 OpenSSH 客户端，Debian 请安装 openssh-client"
    return Problem(where, "signature.no-tool", "找不到 ssh-keygen，不能签名和核对签名", hint)


def _place(approvers: Path) -> Location:
    return Location(f"content/{approvers.name}")


def _vanished(approvals: Sequence[Approval], approvers: Path) -> Iterator[Problem]:
    if any(approval.approvers for approval in approvals):
        message = "审核人名单不见了，而已有审核是凭这份名单签名的"
        yield Problem(_place(approvers), "approvers.missing", message, "请从备份中找回 content/approvers")


def _changed(newest: Iterable[SealedFile], digest: str) -> Iterator[Problem]:
    """The list may change, but not unseen: until a branch's newest approval seals the new one, every run says so."""
    for approval in _approvals(newest):
        if approval.approvers not in {None, digest}:
            message = f"{tampering.describe_approval(approval, '文件')}凭的是另一份审核人名单"
            hint = "请机关党委核对 content/approvers 的改动；这个党支部下一次审核会把现在的名单封存进去"
            yield Problem(approval.where, "approvers.changed", message, hint, Severity.WARNING)


# What to do where a signature is missing: a later approval of the chain covers it, or nothing does.
_COVERED = "签名不见了的，请从备份中恢复；名单启用以前的审核，本支部下一次用 approve --key 审核时一并担保"
_ALONE = "签名不见了的，请从备份中恢复；名单启用以前审核的，请撤回审核，用 approve --key 重新审核"


def _unsigned(chain: Sequence[SealedFile], hint: str, is_signed: _Test) -> Iterator[Problem]:
    """From the newest approval back: one made before there was a list is covered by a signed one that rests on it.

    Of those that nothing covers yet only the newest is told: the next signed approval will cover them all.
    """
    settled = False
    for file, approval in filed_quarters.list_approvals(reversed(chain)):
        assert file.document is not None
        if approval.signature is None:
            if approval.approvers or not settled:
                message = f"{tampering.describe_approval(approval, file.what)}没有签名"
                yield Problem(approval.where, "approval.unsigned", message, hint)
            settled = settled or not approval.approvers
        elif not is_signed(file.document.signed, approval.signature, approval.meeting):
            yield _forged(approval, file.what)
        else:
            settled = True


def _forged(approval: Approval, what: str) -> Problem:
    hint = "文件或签名被改动过的，请从备份中恢复；否则请机关党委核对 content/approvers"
    message = f"{tampering.describe_approval(approval, what)}，签名对不上：不是名单上的人签的，或者签名以后有改动"
    return Problem(approval.where, "approval.signature", message, hint)
