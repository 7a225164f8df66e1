"""The chain of a branch's approvals, each resting on the one before it (四1)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from generator.core.model.ledger import Approval
from generator.problems import Problem


def find_chain_breaks(approvals: Sequence[Approval]) -> Iterator[Problem]:
    """Find where a branch's approvals fail to form one chain, each resting on the one before it."""
    digests = {approval.digest for approval in approvals}
    uses = Counter(approval.previous for approval in approvals)
    for approval in approvals:
        if approval.previous is not None and approval.previous not in digests:
            yield _break(approval, "所依据的上一次审核已不存在")
        elif uses[approval.previous] > 1:
            yield _break(
                approval, "与另一次审核接在同一处" if approval.previous else "和另一次审核都自称是本支部的首次审核"
            )


def find_misordered_approvals(
    chained: Sequence[Approval], numbered: Sequence[tuple[str, Approval]]
) -> Iterator[Problem]:
    """Find papers of one month that were approved in another order than their numbers tell; given by number."""
    place = {approval.digest: position for position, approval in enumerate(chained)}
    for (earlier, before), (later, after) in pairwise(numbered):
        if place.get(before.digest, -1) > place.get(after.digest, len(chained)):
            yield _break(after, f"早于{earlier}的审核，{later}的文件名被调换过")


def _break(approval: Approval, what: str) -> Problem:
    hint = "有文件被删除、改回草稿或调换过；请从备份中找回原文件"
    return Problem(approval.where, "approval.chain", f"{approval.by}于 {approval.meeting} 的审核{what}", hint)


def link_approvals(approvals: Sequence[Approval]) -> tuple[Approval, ...]:
    """A branch's approvals in the order in which they rest on each other; those of a broken chain are left out."""
    after = {approval.previous: approval for approval in approvals}
    linked: list[Approval] = []
    digest: str | None = None
    while (approval := after.pop(digest, None)) is not None:
        linked.append(approval)
        digest = approval.digest
    return tuple(linked)


def find_chain_head(approvals: Sequence[Approval]) -> str | None:
    """The digest of a branch's newest approval; None if there is none."""
    linked = link_approvals(approvals)
    return linked[-1].digest if linked else None
