"""Check the signatures of approvals: which are required, and which of them are valid.

A signature is over the digest of the approved file without its ``digest`` and ``signature`` lines. Anyone who has the
list of allowed signers can check one without this program.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.ledger import Approval
from generator.core.sealing import approval_chain, digests, tampering
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Location, Problem, Severity

_SignatureTest = Callable[
    [str, str, date], bool
]  # whether an allowed signer signed a digest with a key that was valid that day


def check_signatures(
    ledger_files: Sequence[LedgerFile],
    ballot_files: Sequence[BallotFile],
    approvers_path: Path,
    approvers_text: str | None,
) -> Iterator[Problem]:
    """Yield approvals that no allowed signer signed; ``approvers_text`` is the list of signers, None without one."""
    if approvers_text is None:
        yield from _find_missing_list(_list_approvals((*ledger_files, *ballot_files)), approvers_path)
        return
    from generator.loader import openssh  # noqa: PLC0415  runs another program: a project without a list needs none of it

    if not openssh.is_available():
        yield missing_openssh_problem(_approvers_location(approvers_path))
        return
    chains = _list_chains(ledger_files)
    is_signed = partial(openssh.is_signed, approvers_path)
    yield from _find_changed_list([chain[-1] for chain in chains if chain], digests.digest_approvers(approvers_text))
    for chain in chains:
        yield from _find_bad_signatures(chain, _CHAIN_HINT, is_signed)
    for file, _ in filings_and_withdrawals.list_approvals(ballot_files):
        yield from _find_bad_signatures([file], _BALLOT_HINT, is_signed)


def _list_chains(files: Sequence[LedgerFile]) -> list[list[LedgerFile]]:
    """Return the approved files of each branch in the order of its chain of approvals."""
    files_by_branch: dict[str, dict[str, LedgerFile]] = defaultdict(dict)
    for file, approval in filings_and_withdrawals.list_approvals(files):
        files_by_branch[file.branch][approval.digest] = file
    return [
        [by_digest[approval.digest] for approval in approval_chain.link_approvals(_list_approvals(by_digest.values()))]
        for by_digest in files_by_branch.values()
    ]


def _list_approvals(files: Iterable[SealedFile]) -> list[Approval]:
    return [approval for _, approval in filings_and_withdrawals.list_approvals(files)]


def missing_openssh_problem(where: Location) -> Problem:
    """Return the problem that signatures are required and OpenSSH is missing."""
    hint = "Windows 请在“可选功能”里安装 OpenSSH 客户端，Debian 请安装 openssh-client"
    return Problem(where, "signature.no-tool", "找不到 ssh-keygen，不能签名和核对签名", hint)


def _approvers_location(approvers_path: Path) -> Location:
    return Location(f"content/{approvers_path.name}")


def _find_missing_list(approvals: Sequence[Approval], approvers_path: Path) -> Iterator[Problem]:
    """Yield a problem if approvals were sealed with a list of signers, which is now missing."""
    if any(approval.approvers for approval in approvals):
        message = "审核人名单不见了，而已有审核是凭这份名单签名的"
        yield Problem(
            _approvers_location(approvers_path), "approvers.missing", message, "请从备份中找回 content/approvers"
        )


def _find_changed_list(newest_files: Iterable[SealedFile], digest: str) -> Iterator[Problem]:
    """Yield a warning for every branch whose newest approval seals another list of signers.

    The list may change, but not unnoticed: every run warns until a branch's newest approval seals the new one.
    """
    for approval in _list_approvals(newest_files):
        if approval.approvers not in {None, digest}:
            message = f"{tampering.describe_approval(approval, '文件')}凭的是另一份审核人名单"
            hint = "请机关党委核对 content/approvers 的改动；这个党支部下一次审核会把现在的名单封存进去"
            yield Problem(approval.where, "approvers.changed", message, hint, Severity.WARNING)


# The hints differ: a later signed approval of a branch's chain covers an unsigned one, but ballots form no chain.
_CHAIN_HINT = "签名不见了的，请从备份中恢复；名单启用以前的审核，本支部下一次用 approve --key 审核时一并担保"
_BALLOT_HINT = "签名不见了的，请从备份中恢复；名单启用以前审核的，请撤回审核，用 approve --key 重新审核"


def _find_bad_signatures(chain: Sequence[SealedFile], hint: str, is_signed: _SignatureTest) -> Iterator[Problem]:
    """Yield approvals without a valid signature, from the newest back.

    An approval from before there was a list of signers is covered by a later, signed one of its chain. Of those that
    nothing covers yet, only the newest is reported: the next signed approval will cover them all.
    """
    is_settled = False  # whether older approvals are covered by a signature, or by the report of a newer one
    for file, approval in filings_and_withdrawals.list_approvals(reversed(chain)):
        assert file.document is not None
        if approval.signature is None:
            if approval.approvers or not is_settled:
                message = f"{tampering.describe_approval(approval, file.what)}没有签名"
                yield Problem(approval.where, "approval.unsigned", message, hint)
            is_settled = is_settled or not approval.approvers
        elif not is_signed(file.document.signed, approval.signature, approval.meeting):
            yield _bad_signature_problem(approval, file.what)
        else:
            is_settled = True


def _bad_signature_problem(approval: Approval, description: str) -> Problem:
    hint = "文件或签名被改动过的，请从备份中恢复；否则请机关党委核对 content/approvers"
    message = (
        f"{tampering.describe_approval(approval, description)}，签名对不上：不是名单上的人签的，或者签名以后有改动"
    )
    return Problem(approval.where, "approval.signature", message, hint)
