"""The digests of everything an approval seals (四1): documents, rolls, resolved lines, the relevant rules.

Approvals on record contain these digests: another key or form here would make all of them look altered.
"""

from collections.abc import Container, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import Period
from generator.core.model.ledger import (
    AttendanceStatus,
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
    """Return the digest of a whole document as written, without these keys of its approval block."""
    sealed = dict(written)
    # The block contains this digest itself, which cannot be part of what it is computed from.
    for key in ("approval", "审核"):
        block = sealed.get(key)
        if isinstance(block, Mapping):
            sealed[key] = {name: value for name, value in block.items() if name not in excluded_keys}
    return digest_plain_data(sealed)


def digest_record(written: Mapping[str, PlainData]) -> str:
    """Return the digest of a whole filing or withdrawal as written, without its own."""
    return digest_plain_data({name: value for name, value in written.items() if name != "digest"})


def digest_roll(roster: Roster, branch: str, month: Period) -> str:
    """Return the digest of a branch's roll in a month.

    It covers ids, first day, first day off, both cut to the month, name and status on the last of these days:
    everything in a roster that affects points, ranks and their consequences.
    """
    # Sorted by id: the order of members in the roster does not alter a roll.
    spans = sorted(roster.members_during(branch, month), key=lambda row: (row[0].id, row[1].first))
    return digest_canonical_text(f"[{','.join([_encode_span(member, span) for member, span in spans])}]")


def _encode_span(member: Member, span: Span) -> str:
    """Encode a member's days as canonical JSON: written out, keys sorted, since this runs for all months."""
    first, until = span.first, span.until
    last = until - _DAY
    name, status = member.named_on(last).name, member.status_on(last)
    return (
        f'{{"from":"{first.isoformat()}","id":{encode_text(member.id)},"name":{encode_text(name)},'
        f'"status":"{status}","until":"{until.isoformat()}"}}'
    )


def digest_resolved_lines(month: ValidLedger) -> str:
    """Return the digest of a month's resolved lines: items, members and levels by id, in counting order."""
    activities = ",".join([_encode_activity(activity) for activity in month.held])
    entries = ",".join([_encode_entry(entry) for entry in month.credits])
    return digest_canonical_text(f"[[{activities}],[{entries}]]")


def _encode_activity(activity: ResolvedActivity) -> str:
    # Sorted by member: the order of the lists, and of members in the roster, does not change the meaning.
    attendance = sorted(activity.attendance, key=attrgetter("member"))
    encoded = ",".join([_encode_attendance(attended.member, attended.how) for attended in attendance])
    return f'[{encode_text(activity.item.id)},"{activity.date.isoformat()}",[{encoded}]]'


@lru_cache(maxsize=4096)
def _encode_attendance(member: str, status: AttendanceStatus) -> str:
    return f'[{encode_text(member)},"{status}"]'


def _encode_entry(entry: ResolvedEntry) -> str:
    item, member = encode_text(entry.item.id), encode_text(entry.member)
    level = encode_text(entry.level.id) if entry.level else "null"
    return f'[{item},"{entry.date.isoformat()}",{member},{level},"{entry.times}"]'


def digest_approvers(allowed_signers: str) -> str:
    """Return the digest of a list of allowed signers; comments and blank lines may change."""
    lines = (line.strip() for line in allowed_signers.splitlines())
    return digest_plain_data([line for line in lines if is_approver_line(line)])


def is_approver_line(line: str) -> bool:
    """Return whether a stripped line of a list of allowed signers is neither blank nor a comment."""
    return bool(line) and not line.startswith("#")


@lru_cache(maxsize=16)  # all approvals of a year are compared with the same rulebook
def digest_scoring_rules(rulebook: Rulebook) -> str:
    """Return the digest of everything in a rulebook that decides points and ranks.

    Titles, clauses and proofs are left out, so that they can be mended after an approval.
    """
    return digest_plain_data(
        {
            "cycle": "year",
            "floor": None if rulebook.floor is None else format_decimal(rulebook.floor),
            "ties": rulebook.ties,
            "groups": {group.id: _caps_as_data(group.cap) for group in rulebook.groups},
            "items": {item.id: _item_as_data(item) for item in rulebook.items},
        }
    )


def _item_as_data(item: Item) -> PlainData:
    return {
        "group": item.group,
        "points": None if item.points is None else format_decimal(item.points),
        "levels": {level.id: format_decimal(level.points) for level in item.levels},
        "veto": item.veto,
        "cap": _caps_as_data(item.cap),
        "roll": item.roll,
        "leave": item.leave,
        "absent": item.absent,
    }


def _caps_as_data(caps: Mapping[Window, Decimal]) -> PlainData:
    return {window: format_decimal(cap) for window, cap in caps.items()}


def digest_appraisal_rules(rulebook: Rulebook, year: int) -> str:
    """Return the digest of everything in a rulebook that weighs and grades in a year.

    It covers weights, thresholds, and the rules that fix a grade or bar from it, with the boards that they name: those
    in force as the year begins, and their changes within it.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    states = [_grading_rules(rulebook.state_on(first))]
    changes: list[PlainData] = []
    for change in rulebook.changes:
        grading = _grading_rules(rulebook.state_on(change.since))
        if first < change.since <= last and grading != states[-1]:
            states.append(grading)
            changes.append([change.since.isoformat(), [consequence_as_data(rule) for rule in grading]])
    # No other boards: a rulebook may get one more without an effect on reviews that are approved.
    boards = {condition.board for grading in states for rule in grading for condition in rule.when}
    data: dict[str, PlainData] = {
        "weights": _appraisal_as_data(rulebook.appraisal) if rulebook.appraisal else None,
        "rules": [consequence_as_data(rule) for rule in states[0]],
        "boards": {board: _board_as_data(rulebook, board) for board in boards},
    }
    # Left out where there are none: reviews were sealed before there could be any.
    return digest_plain_data({**data, "changes": changes} if changes else data)


def _grading_rules(rulebook: Rulebook) -> list[Consequence]:
    return [rule for rule in rulebook.consequences if rule.effect in {Effect.GRADE, Effect.BAR}]


def digest_award_rule(rulebook: Rulebook) -> str:
    """Return the digest of a rulebook's rule for comparing votes with the ranking."""
    rule = rulebook.awarding
    board_and_order = {"board": _board_as_data(rulebook, rule.board), "order": list(rule.order)} if rule else None
    return digest_plain_data(board_and_order)


def digest_relevant_rules(document: Document | Reviews | Poll, rulebook: Rulebook, year: int) -> str:
    """Return the digest of the part of a year's rulebook that decides the effect of such a file."""
    if isinstance(document, Reviews):
        return digest_appraisal_rules(rulebook, year)
    return digest_award_rule(rulebook) if isinstance(document, Poll) else digest_scoring_rules(rulebook)


def _appraisal_as_data(rule: AppraisalRule) -> PlainData:
    return {
        "points": format_decimal(rule.points),
        "review": format_decimal(rule.review),
        "scale": rule.scale,
        "rounding": [rule.rounding.rule, format_decimal(rule.rounding.step)],
        "grades": [_grade_as_data(grade) for grade in rule.grades],
    }


def _grade_as_data(grade: Grade) -> PlainData:
    return {
        "title": grade.title,
        "from": None if grade.at_least is None else format_decimal(grade.at_least),
        "above": None if grade.above is None else format_decimal(grade.above),
        "share": None if grade.share is None else str(grade.share),
        "edge": grade.edge,
    }


def consequence_as_data(rule: Consequence) -> PlainData:
    """Return the part of a consequence that decides, as plain data."""
    when: list[PlainData] = [
        [condition.board, condition.place, str(condition.among), str(condition.times), condition.consecutive]
        for condition in rule.when
    ]
    return {"effect": rule.effect, "grade": rule.grade, "members": rule.members, "within": rule.within, "when": when}


def _board_as_data(rulebook: Rulebook, board: str) -> PlainData:
    return [rulebook.board[board].period, rulebook.board[board].scope]
