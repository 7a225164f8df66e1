"""What an approval seals: canonical forms, their digests, and the chain of a branch's approvals (四1).

A digest is ``sha256:`` and the hex sha256 of plain data as JSON: UTF-8, keys sorted, no spaces.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import TypeAlias

from generator.core.model import (
    Appraisal,
    Approval,
    Ballot,
    Consequence,
    Credit,
    Document,
    Effect,
    Grade,
    Held,
    How,
    Item,
    Member,
    Poll,
    Reviews,
    Roster,
    Rulebook,
    Span,
    ValidLedger,
    Window,
)
from generator.core.numbers import show
from generator.core.periods import Period
from generator.problems import Problem

Plain: TypeAlias = "str | bool | Sequence[Plain] | Mapping[str, Plain] | None"


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


_DAY = timedelta(days=1)


def digest(value: Plain) -> str:
    """The digest of plain data."""
    return _hashed(_CANONICAL.encode(value))


def _hashed(canonical: str) -> str:
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


@lru_cache(maxsize=4096)  # who is in a branch stands in all its months
def _word(text: str) -> str:
    """A text as canonical JSON, for the two digests that are taken of every month and so are composed at once."""
    return _CANONICAL.encode(text)


def document(written: Mapping[str, Plain], without: Container[str] = ("digest",)) -> str:
    """The digest of a whole ledger or correction as written, less these keys of its approval block."""
    sealed = dict(written)
    for key in ("approval", "审核"):
        block = sealed.get(key)
        if isinstance(block, Mapping):
            sealed[key] = {name: value for name, value in block.items() if name not in without}
    return digest(sealed)


def record(written: Mapping[str, Plain]) -> str:
    """The digest of a whole filing or withdrawal as written, less its own."""
    return digest({name: value for name, value in written.items() if name != "digest"})


def roll(roster: Roster, branch: str, month: Period) -> str:
    """The digest of who was on a branch's roster in a month.

    Ids, names, first day, first day off, both cut to the month, and the status on the last of these days: all of a
    roster that bears on points, ranks and what they decide.
    """
    stays = sorted(roster.during(branch, month), key=lambda row: (row[0].id, row[1].first))
    return _hashed(f"[{','.join([_stayed(member, span) for member, span in stays])}]")


def _stayed(member: Member, span: Span) -> str:
    first, until = span.first, span.until
    status = member.status_on(until - _DAY)
    return (
        f'{{"from":"{first.isoformat()}","id":{_word(member.id)},"name":{_word(member.name)},'
        f'"status":"{status}","until":"{until.isoformat()}"}}'
    )


def counted(month: ValidLedger) -> str:
    """The digest of what a month's words came to: items, members and levels by id, in the order in which they count."""
    held, credited = ",".join([_held(part) for part in month.held]), ",".join([_credited(one) for one in month.credits])
    return _hashed(f"[[{held}],[{credited}]]")


def _held(part: Held) -> str:
    took_part = [_took_part(one.member, one.how) for one in sorted(part.attendance, key=attrgetter("member"))]
    return f'[{_word(part.item.id)},"{part.date.isoformat()}",[{",".join(took_part)}]]'


@lru_cache(maxsize=4096)
def _took_part(member: str, how: How) -> str:
    return f'[{_word(member)},"{how}"]'


def _credited(one: Credit) -> str:
    level = _word(one.level.id) if one.level else "null"
    return f'[{_word(one.item.id)},"{one.date.isoformat()}",{_word(one.member)},{level},"{one.times}"]'


def approvers(listed: str) -> str:
    """The digest of a list of allowed signers; comments and blank lines may change."""
    lines = (line.strip() for line in listed.splitlines())
    return digest([line for line in lines if line and not line.startswith("#")])


@lru_cache(maxsize=16)  # each approval of a year asks for that of the same rulebook
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


def appraisal(rules: Rulebook) -> str:
    """The digest of all in a rulebook that weighs and grades: weights, thresholds, rules that fix or bar a grade."""
    graded = [one for one in rules.consequences if one.effect in {Effect.GRADE, Effect.BAR}]
    boards = {condition.board for one in graded for condition in one.when}
    return digest(
        {
            "weights": _weights(rules.appraisal) if rules.appraisal else None,
            "rules": [_condition(one) for one in graded],
            "boards": {board: _board(rules, board) for board in boards},
        }
    )


def awarding(rules: Rulebook) -> str:
    """The digest of how a rulebook sets votes and ranking side by side."""
    rule = rules.awarding
    return digest({"board": _board(rules, rule.board), "order": list(rule.order)} if rule else None)


def relied_on(document: Document | Ballot, rules: Rulebook) -> str:
    """The digest of the part of a rulebook that decides what becomes of such a file."""
    if isinstance(document, Reviews):
        return appraisal(rules)
    return awarding(rules) if isinstance(document, Poll) else rulebook(rules)


def _weights(rule: Appraisal) -> Plain:
    return {
        "points": show(rule.points),
        "review": show(rule.review),
        "scale": rule.scale,
        "rounding": [rule.rounding.rule, show(rule.rounding.step)],
        "grades": [_grade(one) for one in rule.grades],
    }


def _grade(one: Grade) -> Plain:
    return {
        "title": one.title,
        "from": None if one.at_least is None else show(one.at_least),
        "above": None if one.above is None else show(one.above),
        "share": None if one.share is None else str(one.share),
        "edge": one.edge,
    }


def _condition(one: Consequence) -> Plain:
    when: list[Plain] = [
        [each.board, each.place, str(each.among), str(each.times), each.consecutive] for each in one.when
    ]
    return {"effect": one.effect, "grade": one.grade, "members": one.members, "within": one.within, "when": when}


def _board(rules: Rulebook, board: str) -> Plain:
    return [rules.board[board].period, rules.board[board].scope]


def in_words(approval: Approval, what: str) -> str:
    """An approval in words: who approved what, and when."""
    gap = " " if what[:1].isdigit() else ""
    return f"{approval.by}于 {approval.meeting} 审核的{gap}{what}"


def reread(approval: Approval, month: ValidLedger, what: str) -> Iterator[Problem]:
    """Find whether a month's words have come to mean other people or items than they meant to its newest approval."""
    if approval.counted not in {None, counted(month)}:
        hint = (
            "请核对近来对规则里项目、档次的名称，名册里的姓名、区别字样（aka）和日期的改动，改错了的恢复原样；"
            "确需更正的，用 jifenbang correct 起草更正"
        )
        yield Problem(approval.where, "approval.counted", f"{in_words(approval, what)}现在读出来的人或项目变了", hint)


_MOST_LISTED = 100


def moved(approval: Approval, roster: Roster, branch: str, month: Period) -> Iterator[Problem]:
    """Find whether a month's roll is no longer as its newest approval sealed it."""
    if approval.roll != roll(roster, branch, month):
        what = f"{roster.branch[branch].name} {month} 台账"
        stays = roster.during(branch, month)
        listed = "、".join(_stay(member, span, month) for member, span in stays[:_MOST_LISTED])
        listed += f"等 {len(stays)} 人" if len(stays) > _MOST_LISTED else ""
        hint = (
            "请核对 ledgers/roster.yaml 里涉及该月的改动，改错了的恢复原样；确属更正名册的，"
            f"用 jifenbang correct 起草更正，经支委会审核。现在该月在册的是：{listed}"
        )
        yield Problem(approval.where, "approval.roll", f"{in_words(approval, what)}所依据的名册变了", hint)


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


def disordered(chained: Sequence[Approval], papers: Sequence[tuple[str, Approval]]) -> Iterator[Problem]:
    """Find papers of one month that were approved in another order than their numbers tell; given by number."""
    place = {approval.digest: position for position, approval in enumerate(chained)}
    for (earlier, before), (later, after) in pairwise(papers):
        if place.get(before.digest, -1) > place.get(after.digest, len(chained)):
            yield _break(after, f"早于{earlier}的审核，{later}的文件名被调换过")


def _break(approval: Approval, what: str) -> Problem:
    hint = "有文件被删除、改回草稿或调换过；请从备份中找回原文件"
    return Problem(approval.where, "approval.chain", f"{approval.by}于 {approval.meeting} 的审核{what}", hint)


def chain(approvals: Sequence[Approval]) -> tuple[Approval, ...]:
    """A branch's approvals in the order in which they rest on each other; those of a broken chain are left out."""
    after = {approval.previous: approval for approval in approvals}
    linked: list[Approval] = []
    digest: str | None = None
    while (approval := after.pop(digest, None)) is not None:
        linked.append(approval)
        digest = approval.digest
    return tuple(linked)


def head(approvals: Sequence[Approval]) -> str | None:
    """The digest of a branch's newest approval; None if there is none."""
    linked = chain(approvals)
    return linked[-1].digest if linked else None
