"""Find alterations since the approval in a month's roll and in the meaning of its words (四1)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise

from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.ledger import Approval, ValidLedger
from generator.core.model.roster import Member, Roster, Span
from generator.core.sealing.digests import digest_resolved_lines, digest_roll
from generator.problems import Cause, Location, Problem


def describe_approval(approval: Approval, description: str) -> str:
    """Return an approval in words: its approver, its day and the description of the approved file."""
    # Chinese text is set without spaces, but a date is set off from it.
    gap = " " if description[:1].isdigit() else ""
    return f"{approval.by}于 {approval.meeting} 审核的{gap}{description}"


def split_description(description: str) -> tuple[str, str]:
    """Return the description of a sealed file as its branch, if it has one, and what it is of the branch."""
    owner, _, subject = description.partition(" ")
    return (owner, subject) if subject and not owner.isdigit() else ("", description)


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
        message = f"{describe_approval(approval, description)}现在读出来的人或项目变了"
        cause = Cause("这些台账审核以后，现在读出来的人或项目变了", hint)
        subject = split_description(description)
        yield Problem(approval.where, "approval.counted", message, hint, cause=cause, subject=subject)


_DAY = timedelta(days=1)
_MOST_LISTED = 100  # a hint must stay readable on a terminal
_MOST_RENAMED = 8  # in one month's roll; all combinations of them are tried


def find_roll_changes(approval: Approval, roster: Roster, branch: str, month: Period) -> Iterator[Problem]:
    """Find out whether a month's roll differs from the roll that its newest approval sealed."""
    if approval.roll != digest_roll(roster, branch, month):
        branch_name = roster.branch_by_id[branch].name
        description = f"{branch_name} {month} 台账"
        spans = roster.members_during(branch, month)
        listed = "、".join(_describe_span(member, span, month) for member, span in spans[:_MOST_LISTED])
        listed += f"等 {len(spans)} 人" if len(spans) > _MOST_LISTED else ""
        hint = (
            "请核对 ledgers/roster.yaml 里涉及该月的改动，改错了的恢复原样；确属更正名册的，"
            f"用 jifenbang correct 起草更正，经支委会审核。现在该月在册的是：{listed}"
        )
        cause = Cause("名册改动过，已审核的台账所依据的名册变了", _ROLLS_HINT, Location("ledgers/roster.yaml"))
        subject = branch_name, f"{month} 台账"
        message = f"{describe_approval(approval, description)}所依据的名册变了"
        yield Problem(approval.where, "approval.roll", message, hint, cause=cause, subject=subject)


_ROLLS_HINT = (
    "请核对名册里涉及这些月份的改动，改错了的恢复原样；确属更正名册的，用 jifenbang correct 逐月起草更正；"
    "只看一份台账用 jifenbang check 文件名，会列出该月现在在册的人"
)


def _describe_span(member: Member, span: Span, month: Period) -> str:
    since = f"，{span.first} 起" if span.first > month.first else ""
    until = f"，{span.until} 止" if span.until <= month.last else ""
    return f"{member.named_on(span.until - _DAY).name}（{member.id}{since}{until}）"


def find_late_renamings(
    newest_approvals: Mapping[Period, Approval], roster: Roster, branch: str
) -> Mapping[Period, Sequence[Problem]]:
    """Find the changes of names that were dated into months approved before, by month.

    ``newest_approvals`` are those of a branch's months. A change that concerns several months is one problem. Months
    whose roll differs in anything else as well are left out.
    """
    if not any(member.names for member in roster.members_ever_in.get(branch, ())):
        return {}
    renamed = {
        month: _find_renamed(approval.roll, roster, branch, month)
        for month, approval in newest_approvals.items()
        if approval.roll and approval.roll != digest_roll(roster, branch, month)
    }
    newest_month: dict[tuple[str, date], Period] = {}
    for month in sorted(renamed, key=lambda month: month.first):
        newest_month |= {(member.id, since): month for member, since in renamed[month]}
    return {
        month: [_late_renaming_problem(member, since, newest_month[member.id, since]) for member, since in renamings]
        for month, renamings in renamed.items()
    }


def _find_renamed(sealed_roll: str, roster: Roster, branch: str, month: Period) -> Sequence[tuple[Member, date]]:
    """Return the members whose newest name alone makes the roll another than was sealed, each with its first day."""
    renamings: dict[str, tuple[Member, date]] = {}
    for member, span in roster.members_during(branch, month):
        names = [(since, name.name) for since, name in member.names if since < span.until]
        changed = [since for (_, before), (since, name) in pairwise(names) if name != before]
        if changed:
            renamings[member.id] = member, changed[-1]
    candidates = list(renamings.values())[:_MOST_RENAMED]
    for count in range(1, len(candidates) + 1):
        for undone in combinations(candidates, count):
            if digest_roll(_undo_renamings(roster, undone), branch, month) == sealed_roll:
                return undone
    return ()


def _undo_renamings(roster: Roster, renamings: Iterable[tuple[Member, date]]) -> Roster:
    """Return the roster without the names that these members have since these days."""
    undone = {
        member.id: replace(member, names=tuple((since, name) for since, name in member.names if since != day))
        for member, day in renamings
    }
    return replace(roster, members=tuple(undone.get(member.id, member) for member in roster.members))


def _late_renaming_problem(member: Member, since: date, month: Period) -> Problem:
    before, name = member.named_on(since - _DAY).name, dict(member.names)[since]
    message = f"{before}（{member.id}）从 {since} 起改名“{name.name}”，但到 {month} 为止的台账已按原来的姓名审核"
    hint = f"请把 from 改为 {month.last + _DAY} 或以后；已审核的月份保留原来的姓名"
    return Problem(name.where, "roster.sealed-name", message, hint)
