"""Find alterations since the approval in a month's roll and in the meaning of its words (四1)."""

from collections.abc import Iterator

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval, ValidLedger
from generator.core.model.roster import Member, Roster, Span
from generator.core.sealing.digests import digest_resolved_lines, digest_roll
from generator.problems import Problem


def describe_approval(approval: Approval, description: str) -> str:
    """Return an approval in words: its approver, its day and the description of the approved file."""
    # Chinese text is set without spaces, but a date is set off from it.
    gap = " " if description[:1].isdigit() else ""
    return f"{approval.by}于 {approval.meeting} 审核的{gap}{description}"


def find_meaning_changes(approval: Approval, month: ValidLedger, description: str) -> Iterator[Problem]:
    """Find out whether a month's words now name other members or items than its newest approval sealed.

    The file is unaltered then, but the roster or the rulebook gives its words another meaning.
    """
    # Approvals written before this digest was introduced have none.
    if approval.counted not in {None, digest_resolved_lines(month)}:
        hint = (
            "请核对近来对规则里项目、档次的名称，名册里的姓名、区别字样（aka）和日期的改动，改错了的恢复原样；"
            "确需更正的，用 jifenbang correct 起草更正"
        )
        yield Problem(
            approval.where,
            "approval.counted",
            f"{describe_approval(approval, description)}现在读出来的人或项目变了",
            hint,
        )


_MOST_LISTED = 100  # a hint must stay readable on a terminal


def find_roll_changes(approval: Approval, roster: Roster, branch: str, month: Period) -> Iterator[Problem]:
    """Find out whether a month's roll differs from the roll that its newest approval sealed."""
    if approval.roll != digest_roll(roster, branch, month):
        description = f"{roster.branch_by_id[branch].name} {month} 台账"
        spans = roster.members_during(branch, month)
        listed = "、".join(_describe_span(member, span, month) for member, span in spans[:_MOST_LISTED])
        listed += f"等 {len(spans)} 人" if len(spans) > _MOST_LISTED else ""
        hint = (
            "请核对 ledgers/roster.yaml 里涉及该月的改动，改错了的恢复原样；确属更正名册的，"
            f"用 jifenbang correct 起草更正，经支委会审核。现在该月在册的是：{listed}"
        )
        yield Problem(
            approval.where, "approval.roll", f"{describe_approval(approval, description)}所依据的名册变了", hint
        )


def _describe_span(member: Member, span: Span, month: Period) -> str:
    since = f"，{span.first} 起" if span.first > month.first else ""
    until = f"，{span.until} 止" if span.until <= month.last else ""
    return f"{member.name}（{member.id}{since}{until}）"
