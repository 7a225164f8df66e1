"""The roster file: branches, members, and all dated changes of members."""

from collections.abc import Iterable
from datetime import date
from itertools import chain

from msgspec import Struct

from generator.core.model.ledger import WrittenName
from generator.core.model.roster import Branch, Member, MembershipStatus, Roster, Span
from generator.core.model.settings import NameOrder
from generator.intake.text import name_order, yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    choice_of,
    list_of,
    read_day,
    read_name,
    read_slug,
    read_text,
    record_of,
)
from generator.problems import Location, Problem, Severity, suggest_known_word


class _ChangeEntry(Struct, frozen=True):
    """A dated change of a member as written; ``since`` is written ``from``, a keyword of Python's."""

    since: date
    where: Location
    branch: WrittenName | None = None
    status: MembershipStatus | None = None
    left: str | None = None


class _MemberEntry(Struct, frozen=True):
    """A member as written."""

    id: str
    name: str
    branch: WrittenName
    status: MembershipStatus
    where: Location
    since: date = date.min
    pinyin: str | None = None
    aka: str | None = None
    changes: tuple[_ChangeEntry, ...] = ()


class _BranchEntry(Struct, frozen=True):
    """A branch as written."""

    id: str
    name: str
    where: Location
    secretary: WrittenName | None = None
    since: date = date.min
    until: date = date.max


def _make_change_entry(**values: object) -> _ChangeEntry:
    return _ChangeEntry(since=values.pop("from"), **values)  # type: ignore[arg-type]


_CHANGE = record_of(
    _make_change_entry,
    Field("from", read_day, required=True),
    Field("branch", read_name),
    Field("status", choice_of(MembershipStatus, {"full": "正式", "probationary": "预备"})),
    Field("left", read_text),
    with_where=True,
)

_BRANCH = record_of(
    _BranchEntry,
    Field("id", read_slug, required=True),
    Field("name", read_text, required=True),
    Field("secretary", read_name),
    Field("since", read_day),
    Field("until", read_day),
    with_where=True,
)

_MEMBER = record_of(
    _MemberEntry,
    Field("id", read_slug, required=True),
    Field("name", read_text, required=True),
    Field("branch", read_name, required=True),
    Field("status", choice_of(MembershipStatus, {"full": "正式", "probationary": "预备"}), required=True),
    Field("since", read_day),
    Field("pinyin", read_text),
    Field("aka", read_text),
    Field("changes", list_of(_CHANGE)),
    with_where=True,
)


class _RosterText(Struct, frozen=True):
    """A roster as written."""

    branches: tuple[_BranchEntry, ...]
    members: tuple[_MemberEntry, ...]


_ROSTER = record_of(
    _RosterText,
    Field("branches", list_of(_BRANCH), required=True),
    Field("members", list_of(_MEMBER), required=True),
)


def read_roster(raw: bytes, file: str, order: NameOrder) -> tuple[Roster | None, list[Problem]]:
    """Read the roster; no roster if it has an error. ``order`` decides how members with equal points are listed."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    written = _ROSTER(node, report)
    if written is None:
        return None, report.problems
    checks = (
        _find_duplicate_ids(written.branches),
        _find_duplicate_ids(written.members),
        _find_look_alikes(written),
        _find_same_names(written),
    )
    report.problems += report.iterate_until_full(chain(*checks))
    if not written.branches:
        report.add_error(node, "roster.no-branch", "名册里没有党支部", "请在 branches 里至少写一个支部")
    branches = tuple(_make_branch(entry) for entry in written.branches)
    ids = {member.id for member in written.members}
    for branch in report.iterate_until_full(written.branches):
        report.problems += _check_branch(branch, ids, written.members)
    by_id = {branch.id: branch for branch in branches}
    for member in report.iterate_until_full(written.members):
        report.problems += _check_member(member, by_id)
    if report.has_errors:
        return None, report.problems
    return Roster(branches, tuple(_make_member(member, order) for member in written.members)), report.problems


def _find_duplicate_ids(entries: Iterable[_BranchEntry | _MemberEntry]) -> Iterable[Problem]:
    seen: dict[str, Location] = {}
    for entry in entries:
        before = seen.setdefault(entry.id, entry.where)
        if before is not entry.where:
            message = f"编号“{entry.id}”第 {before.line} 行已经用过"
            yield Problem(entry.where, "roster.duplicate-id", message, "请换一个编号；已用过的编号不能转给别人")


def _find_look_alikes(written: _RosterText) -> Iterable[Problem]:
    """Find names with look-alike characters: such a name would not match the same name typed elsewhere."""
    branches = [(branch.name, branch.where) for branch in written.branches]
    members = [(name, member.where) for member in written.members for name in (member.name, member.aka) if name]
    for name, where in branches + members:
        if name_order.is_common_chinese(name):
            continue
        if name != (normalized := name_order.normalize_name(name)):
            message = f"“{name}”里有看上去一样、其实不同的字符"
            yield Problem(where, "roster.look-alike", message, f"请改写成“{normalized}”")
        elif name_order.has_mixed_scripts(name):
            hint = "请用中文或拼音输入法重新输入这个名字"
            yield Problem(where, "roster.look-alike", f"“{name}”里混有另一种文字的字符", hint)


def _find_same_names(written: _RosterText) -> Iterable[Problem]:
    """Find branches of the same name, and members of the same name in one branch that no ``aka`` distinguishes."""
    branches: dict[str, Location] = {}
    for branch in written.branches:
        before = branches.setdefault(branch.name, branch.where)
        if before is not branch.where:
            message = f"“{branch.name}”第 {before.line} 行已经有了"
            yield Problem(branch.where, "roster.same-name", message, "两个支部不能同名，请改名")
    members: dict[tuple[str, str, str | None], Location] = {}
    for member in written.members:
        before = members.setdefault((member.name, member.branch.text, member.aka), member.where)
        if before is not member.where:
            message = f"“{member.name}”与第 {before.line} 行的党员同在一个支部，又同名"
            yield Problem(
                member.where, "roster.same-name", message, "请给其中一人加 aka，例如 aka: 办公室", Severity.WARNING
            )


def _make_branch(entry: _BranchEntry) -> Branch:
    return Branch(entry.id, entry.name, entry.since, entry.until)


def _suggest_id(word: str, entries: Iterable[_BranchEntry | _MemberEntry | Branch]) -> str:
    """Return a hint with the id that belongs to a name, or with ids that look like the word."""
    ids = {entry.name: entry.id for entry in entries}
    return f"这里要写编号：{ids[word]}" if word in ids else suggest_known_word(word, ids.values())


def _check_branch(branch: _BranchEntry, ids: set[str], members: tuple[_MemberEntry, ...]) -> Iterable[Problem]:
    if branch.secretary is not None and branch.secretary.text not in ids:
        message = f"{branch.name}的书记“{branch.secretary.text}”不是名册里的编号"
        hint = _suggest_id(branch.secretary.text, members)
        yield Problem(branch.secretary.where, "roster.unknown-secretary", message, hint)
    if branch.since >= branch.until:
        message = f"{branch.name}的撤销日期不晚于成立日期"
        yield Problem(branch.where, "roster.branch-days", message, "请核对 since 和 until")


def _check_member(member: _MemberEntry, branches: dict[str, Branch]) -> Iterable[Problem]:
    """Find dated changes of a member that are empty or impossible."""
    yield from _check_order(member)
    for change in member.changes:
        if change.branch is None and change.status is None and change.left is None:
            message = f"{member.name} {change.since} 的变动没有内容"
            yield Problem(change.where, "roster.empty-change", message, "请写明 branch、status 或 left")
    yield from _check_statuses(member)
    yield from _check_branches(member, branches)


def _check_order(member: _MemberEntry) -> Iterable[Problem]:
    """Check that changes are in order, each later than the one before, and that none follows leaving."""
    previous, left = member.since, False
    for change in member.changes:
        if left:
            message = f"{member.name}已经离开，后面不能再有变动"
            yield Problem(change.where, "roster.after-left", message, "重新转入的，请用新编号另记一人，并写 aka 区别")
        elif change.since <= previous:
            message = f"{member.name} {change.since} 的变动不晚于前一项（{previous}）"
            yield Problem(change.where, "roster.change-order", message, "请按日期先后排列，同一天的变动写在一项里")
        previous, left = change.since, left or change.left is not None


def _check_statuses(member: _MemberEntry) -> Iterable[Problem]:
    """Check that a status changes once at most, from probationary to full."""
    status = member.status
    for change in member.changes:
        if change.status is not None:
            if change.status is status or status is MembershipStatus.FULL:
                message = f"{member.name} {change.since} 的身份变动不可能：之前已是 {status}"
                hint = "身份只能由 probationary（预备）变为 full（正式）一次"
                yield Problem(change.where, "roster.status", message, hint)
            status = change.status


def _check_branches(member: _MemberEntry, branches: dict[str, Branch]) -> Iterable[Problem]:
    """Check that branches exist on all days that the member spends in them, and that moves lead to another branch."""
    for span, where in zip(_make_spans(member), (branch.where for branch in _list_branches(member)), strict=True):
        branch = branches.get(span.branch)
        if branch is None:
            message = f"{member.name}的支部“{span.branch}”不是名册里的支部编号"
            yield Problem(where, "roster.unknown-branch", message, _suggest_id(span.branch, branches.values()))
        elif span.first < span.until and (span.first < branch.since or span.until > branch.until):
            message = f"{member.name}在{branch.name}的日子超出了该支部的起止日期"
            hint = "请核对该支部的 since、until；这名党员要写明 since，或用 changes 补记变动"
            yield Problem(where, "roster.branch-days", message, hint)
    branch_ids = [branch.text for branch in _list_branches(member)] if member.changes else []
    for change, before in zip(_list_moves(member), branch_ids, strict=False):
        if change.branch and change.branch.text == before:
            message = f"{member.name} {change.since} 转入的还是原来的支部"
            yield Problem(change.where, "roster.same-branch", message, "请改正支部或删去这项变动")


def _list_moves(member: _MemberEntry) -> list[_ChangeEntry]:
    return [change for change in member.changes if change.branch is not None]


def _list_branches(member: _MemberEntry) -> list[WrittenName]:
    """Return the branches that a member belonged to, in order, as written."""
    return [member.branch, *(change.branch for change in member.changes if change.branch is not None)]


def _make_spans(member: _MemberEntry) -> tuple[Span, ...]:
    if not member.changes:
        return (Span(member.branch.text, member.since, date.max),)
    days = [member.since, *(change.since for change in _list_moves(member))]
    starts = [(branch.text, since) for branch, since in zip(_list_branches(member), days, strict=True)]
    end = next((change.since for change in member.changes if change.left is not None), date.max)
    ends = [*(since for _, since in starts[1:]), end]
    return tuple(Span(branch, first, until) for (branch, first), until in zip(starts, ends, strict=True))


def _make_member(member: _MemberEntry, order: NameOrder) -> Member:
    statuses = [(member.since, member.status)]
    statuses += [(change.since, change.status) for change in member.changes if change.status is not None]
    reading = name_order.name_syllables(member.name, member.pinyin)
    key = name_order.sort_key(member.name, reading, order)
    return Member(member.id, member.name, _make_spans(member), tuple(statuses), member.aka, key, reading)
