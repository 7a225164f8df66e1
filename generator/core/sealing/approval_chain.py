"""The chain of a branch's approvals, each of which names the digest of the one before it (四1)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from generator.core.model.ledger import Approval
from generator.problems import Cause, Problem


def find_chain_breaks(approvals: Sequence[Approval]) -> Iterator[Problem]:
    """Find approvals of a branch that break its chain: the one before is missing, or two name the same one."""
    digests = {approval.digest for approval in approvals}
    uses = Counter(approval.previous for approval in approvals)
    for approval in approvals:
        if approval.previous is not None and approval.previous not in digests:
            cause = Cause("审核所依据的上一次审核已不存在", _CHAIN_HINT)
            yield _chain_problem(approval, f"所依据的上一次审核已不存在（{approval.previous}）", cause)
        elif uses[approval.previous] > 1:
            yield _chain_problem(
                approval, "与另一次审核接在同一处" if approval.previous else "和另一次审核都自称是本支部的首次审核"
            )


def find_misordered_approvals(
    chained: Sequence[Approval], numbered: Sequence[tuple[str, Approval]]
) -> Iterator[Problem]:
    """Find files of one month that were not approved in the order of their numbers.

    ``numbered`` are the files' descriptions and approvals by number; ``chained`` is the branch's chain.
    """
    positions = {approval.digest: position for position, approval in enumerate(chained)}
    for (earlier, before), (later, after) in pairwise(numbered):
        # An approval outside the chain has no position: that break is reported elsewhere, so it never counts here.
        if positions.get(before.digest, -1) > positions.get(after.digest, len(chained)):
            yield _chain_problem(after, f"早于{earlier}的审核，{later}的文件名被调换过")


_CHAIN_HINT = "有文件被删除、改回草稿或调换过；请从备份中找回原文件"


def _chain_problem(approval: Approval, fault: str, cause: Cause | None = None) -> Problem:
    message, subject = f"{approval.by}于 {approval.meeting} 的审核{fault}", f"{approval.meeting} 的审核"
    return Problem(approval.where, "approval.chain", message, _CHAIN_HINT, cause=cause, subject=("", subject))


def link_approvals(approvals: Sequence[Approval]) -> tuple[Approval, ...]:
    """Return a branch's approvals in the order of its chain; those beyond a break are left out."""
    by_previous = {approval.previous: approval for approval in approvals}
    linked: list[Approval] = []
    digest: str | None = None
    # Each approval is removed as it is linked, so a forged circle of digests can't loop for ever.
    while (approval := by_previous.pop(digest, None)) is not None:
        linked.append(approval)
        digest = approval.digest
    return tuple(linked)


def find_chain_head(approvals: Sequence[Approval]) -> str | None:
    """Return the digest of a branch's newest approval; None if there is none."""
    linked = link_approvals(approvals)
    return linked[-1].digest if linked else None
