"""What an approval seals: canonical forms, their digests, and the chain of a branch's approvals (四1).

A digest is ``sha256:`` and the hex sha256 of plain data as JSON: UTF-8, keys sorted, no spaces.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from generator.core.model import Approval, Item, Ledger, Member, Roster, Rulebook, Span, Window
from generator.core.numbers import show
from generator.core.periods import Period
from generator.problems import Problem

Plain: TypeAlias = "str | bool | Sequence[Plain] | Mapping[str, Plain] | None"


def digest(value: Plain) -> str:
    """The digest of plain data."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def ledger(written: Mapping[str, Plain]) -> str:
    """The digest of a whole ledger file as written, without the digest in its approval block."""
    sealed = dict(written)
    for key in ("approval", "审核"):
        block = sealed.get(key)
        if isinstance(block, Mapping):
            sealed[key] = {name: value for name, value in block.items() if name != "digest"}
    return digest(sealed)


def roll(roster: Roster, branch: str, month: Period) -> str:
    """The digest of who was on a branch's roster in a month: ids, names, first day, first day off, cut to the month."""
    rows = [
        {"id": member.id, "name": member.name, "from": span.first.isoformat(), "until": span.until.isoformat()}
        for member, span in sorted(roster.during(branch, month), key=lambda row: (row[0].id, row[1].first))
    ]
    return digest(rows)


def rulebook(rules: Rulebook) -> str:
    """The digest of all in a rulebook that decides points and ranks; titles, clauses and proofs may be mended."""
    return digest(
        {
            "cycle": "year",
            "floor": None if rules.floor is None else show(rules.floor),
            "ties": rules.ties,
            "groups": {group.id: _figures(group.cap) for group in rules.groups},
            "items": {item.id: _scoring(item) for item in rules.items},
        }
    )


def _scoring(item: Item) -> Plain:
    return {
        "group": item.group,
        "points": None if item.points is None else show(item.points),
        "levels": {level.id: show(level.points) for level in item.levels},
        "veto": item.veto,
        "cap": _figures(item.cap),
        "roll": item.roll,
        "leave": item.leave,
        "absent": item.absent,
    }


def _figures(caps: Mapping[Window, Decimal]) -> Plain:
    return {window: show(cap) for window, cap in caps.items()}


def differences(ledger: Ledger, roster: Roster, rules: Rulebook, branch: str, month: Period) -> Iterator[Problem]:
    """Find what no longer is as the branch committee approved it: the file, the month's roll, the rulebook."""
    approval = ledger.approval
    assert approval is not None
    said = f"{approval.by}于 {approval.meeting} 审核的{roster.branch[branch].name} {month} 台账"
    if approval.digest != ledger.digest:
        hint = "已审核的台账不能再改，请从备份中恢复原文件"
        yield Problem(approval.where, "approval.digest", f"{said}在审核之后被改动过", hint)
    if approval.roll != roll(roster, branch, month):
        listed = "、".join(_stay(member, span, month) for member, span in roster.during(branch, month))
        hint = f"请核对 ledgers/roster.yaml 里涉及该月的改动。现在该月在册的是：{listed}"
        yield Problem(approval.where, "approval.roll", f"{said}所依据的名册变了", hint)
    if approval.rulebook != rulebook(rules):
        place = f"ledgers/rulebooks/{rules.id}.yaml 里的分值、上限和规则，并核对 ledgers/{month.year}/cycle.yaml"
        hint = f"请恢复 {place}；新的规则请另立一份规则文件，从新年度起用"
        yield Problem(approval.where, "approval.rulebook", f"{said}所依据的计分规则变了", hint)


def _stay(member: Member, span: Span, month: Period) -> str:
    since = f"，{span.first} 起" if span.first > month.first else ""
    until = f"，{span.until} 止" if span.until <= month.last else ""
    return f"{member.name}（{member.id}{since}{until}）"


def broken(approvals: Sequence[Approval]) -> Iterator[Problem]:
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


def _break(approval: Approval, what: str) -> Problem:
    hint = "有台账被删除、改回草稿或调换过；请从备份中找回原文件"
    return Problem(approval.where, "approval.chain", f"{approval.by}于 {approval.meeting} 的审核{what}", hint)


def head(approvals: Sequence[Approval]) -> str | None:
    """The digest of a branch's newest approval: the one on which no other rests; None if there is none."""
    rested = {approval.previous for approval in approvals}
    return next((approval.digest for approval in approvals if approval.digest not in rested), None)
