"""The roster: branches, members, and every dated change of a member."""

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


class _Change(Struct, frozen=True):
    """A dated change as written; ``from`` is a word of Python's, hence the mapping."""

    since: date
    where: Location
    branch: WrittenName | None = None
    status: MembershipStatus | None = None
    left: str | None = None


class _Entry(Struct, frozen=True):
    """A member as written."""

    id: str
    name: str
    branch: WrittenName
    status: MembershipStatus
    where: Location
    since: date = date.min
    pinyin: str | None = None
    aka: str | None = None
    changes: tuple[_Change, ...] = ()


class _BranchEntry(Struct, frozen=True):
    """A branch as written."""

    id: str
    name: str
    where: Location
    secretary: WrittenName | None = None
    since: date = date.min
    until: date = date.max


def _change(**values: object) -> _Change:
    return _Change(since=values.pop("from"), **values)  # type: ignore[arg-type]


_CHANGE = record_of(
    _change,
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
    _Entry,
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


class _Written(Struct, frozen=True):
    branches: tuple[_BranchEntry, ...]
    members: tuple[_Entry, ...]


_ROSTER = record_of(
    _Written,
    Field("branches", list_of(_BRANCH), required=True),
    Field("members", list_of(_MEMBER), required=True),
)


def read_roster(raw: bytes, file: str, order: NameOrder) -> tuple[Roster | None, list[Problem]]:
    """Read the roster; members who level on points will be listed in the given order."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    written = _ROSTER(node, report)
    if written is None:
        return None, report.problems
    checks = (_doubled(written.branches), _doubled(written.members), _alike(written), _same_names(written))
    report.problems += report.iterate_until_full(chain(*checks))
    if not written.branches:
        report.add_error(node, "roster.no-branch", "名册里没有党支部", "请在 branches 里至少写一个支部")
    branches = tuple(_branch_of(one) for one in written.branches)
    ids = {member.id for member in written.members}
    for one in report.iterate_until_full(written.branches):
        report.problems += _branch(one, ids, written.members)
    known = {branch.id: branch for branch in branches}
    for member in report.iterate_until_full(written.members):
        report.problems += _member(member, known)
    if report.has_errors:
        return None, report.problems
    return Roster(branches, tuple(_resolved(member, order) for member in written.members)), report.problems


def _doubled(entries: Iterable[_BranchEntry | _Entry]) -> Iterable[Problem]:
    seen: dict[str, Location] = {}
    for one in entries:
        before = seen.setdefault(one.id, one.where)
        if before is not one.where:
            message = f"编号“{one.id}”第 {before.line} 行已经用过"
            yield Problem(one.where, "roster.duplicate-id", message, "请换一个编号；已用过的编号不能转给别人")


def _alike(written: _Written) -> Iterable[Problem]:
    """A name that looks like another, but is made of other characters, would be somebody else's."""
    branches = [(branch.name, branch.where) for branch in written.branches]
    members = [(said, one.where) for one in written.members for said in (one.name, one.aka) if said]
    for said, where in branches + members:
        if name_order.is_common_chinese(said):
            continue
        if said != (plain := name_order.normalize_name(said)):
            message = f"“{said}”里有看上去一样、其实不同的字符"
            yield Problem(where, "roster.look-alike", message, f"请改写成“{plain}”")
        elif name_order.has_mixed_scripts(said):
            hint = "请用中文或拼音输入法重新输入这个名字"
            yield Problem(where, "roster.look-alike", f"“{said}”里混有另一种文字的字符", hint)


def _same_names(written: _Written) -> Iterable[Problem]:
    """Two branches can't share a name; two members of a branch can, if something tells them apart."""
    branches: dict[str, Location] = {}
    for branch in written.branches:
        before = branches.setdefault(branch.name, branch.where)
        if before is not branch.where:
            message = f"“{branch.name}”第 {before.line} 行已经有了"
            yield Problem(branch.where, "roster.same-name", message, "两个支部不能同名，请改名")
    people: dict[tuple[str, str, str | None], Location] = {}
    for member in written.members:
        before = people.setdefault((member.name, member.branch.text, member.aka), member.where)
        if before is not member.where:
            message = f"“{member.name}”与第 {before.line} 行的党员同在一个支部，又同名"
            yield Problem(
                member.where, "roster.same-name", message, "请给其中一人加 aka，例如 aka: 办公室", Severity.WARNING
            )


def _branch_of(one: _BranchEntry) -> Branch:
    return Branch(one.id, one.name, one.since, one.until)


def _instead(said: str, known: Iterable[_BranchEntry | _Entry | Branch]) -> str:
    """The id of what was called by its name, or ids that look alike."""
    ids = {one.name: one.id for one in known}
    return f"这里要写编号：{ids[said]}" if said in ids else suggest_known_word(said, ids.values())


def _branch(one: _BranchEntry, ids: set[str], members: tuple[_Entry, ...]) -> Iterable[Problem]:
    if one.secretary is not None and one.secretary.text not in ids:
        message = f"{one.name}的书记“{one.secretary.text}”不是名册里的编号"
        hint = _instead(one.secretary.text, members)
        yield Problem(one.secretary.where, "roster.unknown-secretary", message, hint)
    if one.since >= one.until:
        message = f"{one.name}的撤销日期不晚于成立日期"
        yield Problem(one.where, "roster.branch-days", message, "请核对 since 和 until")


def _member(one: _Entry, branches: dict[str, Branch]) -> Iterable[Problem]:
    """Find what cannot have happened to a member."""
    yield from _order(one)
    for change in one.changes:
        if change.branch is None and change.status is None and change.left is None:
            message = f"{one.name} {change.since} 的变动没有内容"
            yield Problem(change.where, "roster.empty-change", message, "请写明 branch、status 或 left")
    yield from _statuses(one)
    yield from _homes(one, branches)


def _order(one: _Entry) -> Iterable[Problem]:
    """Changes come in order, each on a later day than the one before, and end with leaving."""
    previous, left = one.since, False
    for change in one.changes:
        if left:
            message = f"{one.name}已经离开，后面不能再有变动"
            yield Problem(change.where, "roster.after-left", message, "重新转入的，请用新编号另记一人，并写 aka 区别")
        elif change.since <= previous:
            message = f"{one.name} {change.since} 的变动不晚于前一项（{previous}）"
            yield Problem(change.where, "roster.change-order", message, "请按日期先后排列，同一天的变动写在一项里")
        previous, left = change.since, left or change.left is not None


def _statuses(one: _Entry) -> Iterable[Problem]:
    """A probationary member becomes full, once; never the other way."""
    status = one.status
    for change in one.changes:
        if change.status is not None:
            if change.status is status or status is MembershipStatus.FULL:
                message = f"{one.name} {change.since} 的身份变动不可能：之前已是 {status}"
                hint = "身份只能由 probationary（预备）变为 full（正式）一次"
                yield Problem(change.where, "roster.status", message, hint)
            status = change.status


def _homes(one: _Entry, branches: dict[str, Branch]) -> Iterable[Problem]:
    """Every branch exists, on all days spent in it; a move goes somewhere else."""
    for span, where in zip(_spans(one), (home.where for home in _homes_named(one)), strict=True):
        branch = branches.get(span.branch)
        if branch is None:
            message = f"{one.name}的支部“{span.branch}”不是名册里的支部编号"
            yield Problem(where, "roster.unknown-branch", message, _instead(span.branch, branches.values()))
        elif span.first < span.until and (span.first < branch.since or span.until > branch.until):
            message = f"{one.name}在{branch.name}的日子超出了该支部的起止日期"
            hint = "请核对该支部的 since、until；这名党员要写明 since，或用 changes 补记变动"
            yield Problem(where, "roster.branch-days", message, hint)
    homes = [home.text for home in _homes_named(one)] if one.changes else []
    for change, before in zip(_moves(one), homes, strict=False):
        if change.branch and change.branch.text == before:
            message = f"{one.name} {change.since} 转入的还是原来的支部"
            yield Problem(change.where, "roster.same-branch", message, "请改正支部或删去这项变动")


def _moves(one: _Entry) -> list[_Change]:
    return [change for change in one.changes if change.branch is not None]


def _homes_named(one: _Entry) -> list[WrittenName]:
    """The branches a member belonged to, in order."""
    return [one.branch, *(change.branch for change in one.changes if change.branch is not None)]


def _spans(one: _Entry) -> tuple[Span, ...]:
    if not one.changes:
        return (Span(one.branch.text, one.since, date.max),)
    days = [one.since, *(change.since for change in _moves(one))]
    starts = [(home.text, since) for home, since in zip(_homes_named(one), days, strict=True)]
    end = next((change.since for change in one.changes if change.left is not None), date.max)
    ends = [*(since for _, since in starts[1:]), end]
    return tuple(Span(branch, first, until) for (branch, first), until in zip(starts, ends, strict=True))


def _resolved(one: _Entry, order: NameOrder) -> Member:
    statuses = [(one.since, one.status)]
    statuses += [(change.since, change.status) for change in one.changes if change.status is not None]
    reading = name_order.name_syllables(one.name, one.pinyin)
    key = name_order.sort_key(one.name, reading, order)
    return Member(one.id, one.name, _spans(one), tuple(statuses), one.aka, key, reading)
