"""The digests of all that an approval seals (四1): documents, rolls, what words came to, the rules relied on."""

from collections.abc import Container, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import Period
from generator.core.model.ledger import (
    AttendanceStatus,
    Ballot,
    Document,
    Poll,
    ResolvedActivity,
    ResolvedEntry,
    Reviews,
    ValidLedger,
)
from generator.core.model.roster import Member, Roster, Span
from generator.core.model.rulebook import AppraisalRule, Consequence, Effect, Grade, Item, Rulebook, Window
from generator.core.sealing.canonical import PlainData, digest_canonical_text, digest_plain_data, encode_text

_DAY = timedelta(days=1)


def digest_document(written: Mapping[str, PlainData], excluded_keys: Container[str] = ("digest",)) -> str:
    """The digest of a whole ledger or correction as written, less these keys of its approval block."""
    sealed = dict(written)
    for key in ("approval", "审核"):
        block = sealed.get(key)
        if isinstance(block, Mapping):
            sealed[key] = {name: value for name, value in block.items() if name not in excluded_keys}
    return digest_plain_data(sealed)


def digest_record(written: Mapping[str, PlainData]) -> str:
    """The digest of a whole filing or withdrawal as written, less its own."""
    return digest_plain_data({name: value for name, value in written.items() if name != "digest"})


def digest_roll(roster: Roster, branch: str, month: Period) -> str:
    """The digest of who was on a branch's roster in a month.

    Ids, names, first day, first day off, both cut to the month, and the status on the last of these days: all of a
    roster that bears on points, ranks and what they decide.
    """
    stays = sorted(roster.members_during(branch, month), key=lambda row: (row[0].id, row[1].first))
    return digest_canonical_text(f"[{','.join([_stayed(member, span) for member, span in stays])}]")


def _stayed(member: Member, span: Span) -> str:
    first, until = span.first, span.until
    status = member.status_on(until - _DAY)
    return (
        f'{{"from":"{first.isoformat()}","id":{encode_text(member.id)},"name":{encode_text(member.name)},'
        f'"status":"{status}","until":"{until.isoformat()}"}}'
    )


def digest_resolved_lines(month: ValidLedger) -> str:
    """The digest of what a month's words came to: items, members and levels by id, in the order in which they count."""
    held, credited = ",".join([_held(part) for part in month.held]), ",".join([_credited(one) for one in month.credits])
    return digest_canonical_text(f"[[{held}],[{credited}]]")


def _held(part: ResolvedActivity) -> str:
    took_part = [_took_part(one.member, one.how) for one in sorted(part.attendance, key=attrgetter("member"))]
    return f'[{encode_text(part.item.id)},"{part.date.isoformat()}",[{",".join(took_part)}]]'


@lru_cache(maxsize=4096)
def _took_part(member: str, how: AttendanceStatus) -> str:
    return f'[{encode_text(member)},"{how}"]'


def _credited(one: ResolvedEntry) -> str:
    level = encode_text(one.level.id) if one.level else "null"
    return f'[{encode_text(one.item.id)},"{one.date.isoformat()}",{encode_text(one.member)},{level},"{one.times}"]'


def digest_approvers(listed: str) -> str:
    """The digest of a list of allowed signers; comments and blank lines may change."""
    lines = (line.strip() for line in listed.splitlines())
    return digest_plain_data([line for line in lines if line and not line.startswith("#")])


@lru_cache(maxsize=16)  # each approval of a year asks for that of the same rulebook
def digest_scoring_rules(rules: Rulebook) -> str:
    """The digest of all in a rulebook that decides points and ranks; titles, clauses and proofs may be mended."""
    return digest_plain_data(
        {
            "cycle": "year",
            "floor": None if rules.floor is None else format_decimal(rules.floor),
            "ties": rules.ties,
            "groups": {group.id: _figures(group.cap) for group in rules.groups},
            "items": {item.id: _scoring(item) for item in rules.items},
        }
    )


def _scoring(item: Item) -> PlainData:
    return {
        "group": item.group,
        "points": None if item.points is None else format_decimal(item.points),
        "levels": {level.id: format_decimal(level.points) for level in item.levels},
        "veto": item.veto,
        "cap": _figures(item.cap),
        "roll": item.roll,
        "leave": item.leave,
        "absent": item.absent,
    }


def _figures(caps: Mapping[Window, Decimal]) -> PlainData:
    return {window: format_decimal(cap) for window, cap in caps.items()}


def digest_appraisal_rules(rules: Rulebook) -> str:
    """The digest of all in a rulebook that weighs and grades: weights, thresholds, rules that fix or bar a grade."""
    graded = [one for one in rules.consequences if one.effect in {Effect.GRADE, Effect.BAR}]
    boards = {condition.board for one in graded for condition in one.when}
    return digest_plain_data(
        {
            "weights": _weights(rules.appraisal) if rules.appraisal else None,
            "rules": [_condition(one) for one in graded],
            "boards": {board: _board(rules, board) for board in boards},
        }
    )


def digest_award_rule(rules: Rulebook) -> str:
    """The digest of how a rulebook sets votes and ranking side by side."""
    rule = rules.awarding
    return digest_plain_data({"board": _board(rules, rule.board), "order": list(rule.order)} if rule else None)


def digest_relevant_rules(document: Document | Ballot, rules: Rulebook) -> str:
    """The digest of the part of a rulebook that decides what becomes of such a file."""
    if isinstance(document, Reviews):
        return digest_appraisal_rules(rules)
    return digest_award_rule(rules) if isinstance(document, Poll) else digest_scoring_rules(rules)


def _weights(rule: AppraisalRule) -> PlainData:
    return {
        "points": format_decimal(rule.points),
        "review": format_decimal(rule.review),
        "scale": rule.scale,
        "rounding": [rule.rounding.rule, format_decimal(rule.rounding.step)],
        "grades": [_grade(one) for one in rule.grades],
    }


def _grade(one: Grade) -> PlainData:
    return {
        "title": one.title,
        "from": None if one.at_least is None else format_decimal(one.at_least),
        "above": None if one.above is None else format_decimal(one.above),
        "share": None if one.share is None else str(one.share),
        "edge": one.edge,
    }


def _condition(one: Consequence) -> PlainData:
    when: list[PlainData] = [
        [each.board, each.place, str(each.among), str(each.times), each.consecutive] for each in one.when
    ]
    return {"effect": one.effect, "grade": one.grade, "members": one.members, "within": one.within, "when": when}


def _board(rules: Rulebook, board: str) -> PlainData:
    return [rules.board[board].period, rules.board[board].scope]
