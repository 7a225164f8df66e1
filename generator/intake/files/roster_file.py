"""The roster file: branches, members, and all dated changes of members."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import chain, pairwise
from typing import Any, TypeVar

from msgspec import Struct

from generator.core.basics.dated import DayMend
from generator.core.basics.periods import Period
from generator.core.model.ledger import WrittenName
from generator.core.model.namesakes import mark_namesakes
from generator.core.model.roster import Branch, Member, MemberName, MembershipStatus, Roster, Span
from generator.core.model.settings import NameOrder
from generator.intake.text import dated_fields, doubtful_names, name_order, yaml_nodes
from generator.intake.text.dated_fields import WrittenDay
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
from generator.problems import Cause, Location, Problem, Severity, suggest_id

NameT = TypeVar("NameT")


class _ChangeEntry(Struct, frozen=True):
    """A dated change of a member as written; ``since`` is written ``from``, a keyword of Python's."""

    since: date
    where: Location
    branch: WrittenName | None = None
    status: MembershipStatus | None = None
    name: str | None = None
    pinyin: str | None = None
    aka: str | None = None
    left: str | None = None
    reason: str | None = None

    @property
    def renames(self) -> bool:
        """True if the change is of the name, its reading or the word that distinguishes namesakes."""
        return bool(self.name or self.pinyin or self.aka)


class _MemberEntry(Struct, frozen=True):
    """A member as written."""

    id: str
    name: str
    branch: WrittenName
    status: MembershipStatus
    where: Location
    since: date = date.min
    since_mends: tuple[DayMend, ...] = ()
    pinyin: str | None = None
    aka: str | None = None
    changes: tuple[_ChangeEntry, ...] = ()


class _BranchChangeEntry(Struct, frozen=True):
    """A dated change of a branch as written."""

    since: date
    where: Location
    name: str | None = None
    secretary: WrittenName | None = None
    reason: str | None = None


class _BranchEntry(Struct, frozen=True):
    """A branch as written."""

    id: str
    name: str
    where: Location
    secretary: WrittenName | None = None
    since: date = date.min
    until: date = date.max
    changes: tuple[_BranchChangeEntry, ...] = ()


CHINESE_STATUSES = {"full": "正式", "probationary": "预备"}
_read_status = choice_of(MembershipStatus, CHINESE_STATUSES, with_titles=True)


def _make_change_entry(**values: object) -> _ChangeEntry:
    return _ChangeEntry(since=values.pop("from"), **values)  # type: ignore[arg-type]


def _make_branch_change_entry(**values: object) -> _BranchChangeEntry:
    return _BranchChangeEntry(since=values.pop("from"), **values)  # type: ignore[arg-type]


_CHANGE_FIELDS = (
    Field("from", read_day, "起", required=True),
    Field("branch", read_name, "支部"),
    Field("status", _read_status, "身份"),
    Field("name", read_text, "姓名"),
    Field("pinyin", read_text, "拼音"),
    Field("aka", read_text, "区别"),
    Field("left", read_text, "离开"),
    Field("reason", read_text, "原因"),
)
_CHANGE = record_of(
    _make_change_entry,
    *_CHANGE_FIELDS,
    with_where=True,
)

_BRANCH_CHANGE_FIELDS = (
    Field("from", read_day, "起", required=True),
    Field("name", read_text, "名称"),
    Field("secretary", read_name, "书记"),
    Field("reason", read_text, "原因"),
)
_BRANCH_CHANGE = record_of(
    _make_branch_change_entry,
    *_BRANCH_CHANGE_FIELDS,
    with_where=True,
)

_BRANCH_FIELDS = (
    Field("id", read_slug, "编号", required=True),
    Field("name", read_text, "名称", required=True),
    Field("secretary", read_name, "书记"),
    Field("since", read_day, "成立"),
    Field("until", read_day, "撤销"),
    Field("changes", list_of(_BRANCH_CHANGE), "变动"),
)
_BRANCH = record_of(
    _BranchEntry,
    *_BRANCH_FIELDS,
    with_where=True,
)


def _make_member_entry(since: WrittenDay | None = None, **values: Any) -> _MemberEntry:
    return _MemberEntry(since=since.day, since_mends=since.mends, **values) if since else _MemberEntry(**values)


_PRIVATE = dict.fromkeys(
    ("phone", "tel", "mobile", "电话", "手机", "手机号", "联系电话", "联系方式", "身份证", "身份证号"),
    "请删去它：名册不记电话和证件号码",
)
_NOT_HELD = dict.fromkeys(
    (
        "sex",
        "gender",
        "性别",
        "民族",
        "birthday",
        "birth",
        "出生日期",
        "出生年月",
        "年龄",
        "学历",
        "职务",
        "岗位",
        "部门",
    ),
    "请删去它：名册只记支部、身份和进出的日期；用来区别同名的写在 aka（区别）里",
)
_ENDS = dict.fromkeys(
    ("until", "end", "离开日期", "转出日期", "调离", "退休", "转出"),
    "离开的人写一项变动：changes: [{from: 日期, left: 去向}]",
)
_MEMBER_FIELDS = (
    Field("id", read_slug, "编号", required=True),
    Field("name", read_text, "姓名", required=True),
    Field("branch", read_name, "支部", required=True),
    Field("status", _read_status, "身份", required=True),
    Field("since", dated_fields.mended_day(with_reason=False, may_lack=True), "进入"),
    Field("pinyin", read_text, "拼音"),
    Field("aka", read_text, "区别"),
    Field("changes", list_of(_CHANGE), "变动"),
)
_MEMBER = record_of(
    _make_member_entry,
    *_MEMBER_FIELDS,
    with_where=True,
    refused={**_PRIVATE, **_NOT_HELD, **_ENDS},
)


class _OrderEntry(Struct, frozen=True):
    """A dated change of the order of branches as written; those left out follow in their order before it."""

    since: date
    where: Location
    branches: tuple[WrittenName, ...] = ()
    reason: str | None = None


def _make_order_entry(**values: Any) -> _OrderEntry:
    return _OrderEntry(since=values.pop("from"), **values)


_ORDER = record_of(
    _make_order_entry,
    Field("from", read_day, "起", required=True),
    Field("branches", list_of(read_name), "支部", required=True),
    Field("reason", read_text, "原因"),
    with_where=True,
)


class _RosterText(Struct, frozen=True):
    """A roster as written."""

    branches: tuple[_BranchEntry, ...]
    members: tuple[_MemberEntry, ...]
    changes: tuple[_OrderEntry, ...] = ()


_ROSTER_FIELDS = (
    Field("branches", list_of(_BRANCH), "支部", required=True),
    Field("members", list_of(_MEMBER), "党员", required=True),
    Field("changes", list_of(_ORDER), "变动"),
)
ROSTER = record_of(_RosterText, *_ROSTER_FIELDS)


def _list_aliases(*fields: Field[Any]) -> Mapping[str, str]:
    return {field.key: field.alias for field in fields}


# The Chinese spellings of keys: of the roster, of its entries by their list, and of their dated changes.
CHINESE_KEYS = _list_aliases(*_ROSTER_FIELDS)
CHINESE_ENTRY_KEYS = {"branches": _list_aliases(*_BRANCH_FIELDS), "members": _list_aliases(*_MEMBER_FIELDS)}
CHINESE_CHANGE_KEYS = {
    "branches": _list_aliases(*_BRANCH_CHANGE_FIELDS),
    "members": _list_aliases(*_CHANGE_FIELDS),
}


# Returns the last sealed month whose roll has any of these days of a roster; None if there is none.
FindSealedMonth = Callable[[Roster, Sequence[Span]], Period | None]


def _find_no_sealed_month(_roster: Roster, _spans: Sequence[Span]) -> None:
    return None


def read_roster(
    raw: bytes, file: str, order: NameOrder, find_sealed_month: FindSealedMonth = _find_no_sealed_month
) -> tuple[Roster | None, list[Problem]]:
    """Read the roster; no roster if it has an error.

    ``order`` decides how members with equal points are listed; ``find_sealed_month`` is called only for names that
    can't be right.
    """
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    written = ROSTER(node, report)
    if written is None:
        return None, report.problems
    checks = (
        _find_duplicate_ids(written.branches),
        _find_duplicate_ids(written.members),
        _find_same_names(written),
    )
    report.problems += report.iterate_until_full(chain(*checks))
    # An id that seems unknown may be that of an entry that can't be read.
    following = _UNKNOWN if report.has_errors else frozenset()
    if not written.branches:
        report.add_error(node, "roster.no-branch", "名册里没有党支部", "请在 branches 里至少写一个支部")
    branches = tuple(_make_branch(entry) for entry in written.branches)
    ids = {member.id for member in written.members}
    for branch in report.iterate_until_full(written.branches):
        problems = list(_check_branch(branch, ids, written.members))
        report.problems += [problem for problem in problems if problem.code not in following]
    by_id = {branch.id: branch for branch in branches}
    for member in report.iterate_until_full(written.members):
        problems = [problem for problem in _check_member(member, by_id) if problem.code not in following]
        report.problems += [problem for problem in problems if problem.where not in report.broken]
    report.problems += _check_orders(written.changes, by_id)
    if report.has_errors:
        report.problems += report.iterate_until_full(_find_doubtful_words(written, lambda _spans: None))
        return None, report.problems
    members = mark_namesakes([_make_member(member, order) for member in written.members], branches)
    orders = _list_orders(written.changes, tuple(by_id))
    branches = tuple(by_id[branch_id] for branch_id in orders[-1][1])
    roster = Roster(branches, members, orders=tuple(orders) if written.changes else ())
    report.problems += _find_doubtful_words(written, partial(find_sealed_month, roster))
    return (None if report.has_errors else roster), report.problems


_UNKNOWN = frozenset({"roster.unknown-secretary", "roster.unknown-branch"})


def _check_orders(changes: Sequence[_OrderEntry], branches: dict[str, Branch]) -> Iterator[Problem]:
    """Find changes of the order out of time, of unknown branches, with a branch twice or without an effect."""
    yield from dated_fields.find_misplaced_changes(changes, "党支部次序")
    unknown = [name for change in changes for name in change.branches if name.text not in branches]
    for name in unknown:
        message = f"“{name.text}”不是名册里的支部编号"
        yield Problem(name.where, "roster.unknown-branch", message, _suggest_id(name.text, branches.values()))
    orders = [] if unknown else _list_orders(changes, tuple(branches))
    for change, (_, before), (_, after) in zip(changes, orders, orders[1:], strict=False):
        words = [name.text for name in change.branches]
        if twice := sorted({word for word in words if words.count(word) > 1}):
            message = f"“{twice[0]}”在党支部次序里写了两次"
            yield Problem(change.where, "roster.duplicate-id", message, "请删去一处")
        elif before == after:
            yield dated_fields.unchanged_problem(change, "党支部次序", "branches")


def _list_orders(changes: Iterable[_OrderEntry], ids: tuple[str, ...]) -> list[tuple[date, tuple[str, ...]]]:
    """List the order of branches from the beginning and after each change, with its first day."""
    orders = [(date.min, ids)]
    for change in changes:
        words = [name.text for name in change.branches]
        orders.append((change.since, tuple(dict.fromkeys([*words, *orders[-1][1]]))))
    return orders


def _find_duplicate_ids(entries: Iterable[_BranchEntry | _MemberEntry]) -> Iterable[Problem]:
    seen: dict[str, Location] = {}
    for entry in entries:
        before = seen.setdefault(entry.id, entry.where)
        if before is not entry.where:
            message = f"编号“{entry.id}”第 {before.line} 行已经用过"
            yield Problem(entry.where, "roster.duplicate-id", message, "请换一个编号；已用过的编号不能转给别人")


class _WrittenWord(Struct, frozen=True):
    """A name or distinguishing word that holds today, the days on which it does, and how ``changes`` would mend it."""

    text: str
    key: str
    where: Location
    spans: tuple[Span, ...]
    is_personal: bool = False


def _list_written_words(written: _RosterText) -> Iterator[_WrittenWord]:
    """Yield the newest names and distinguishing words in the roster, those of branches first.

    An older one was followed by another from a day on: nothing more is to be mended.
    """
    for branch in written.branches:
        names = [(branch.since, branch.name, branch.where)]
        names += [(change.since, change.name, change.where) for change in branch.changes if change.name]
        since, name, where = names[-1]
        yield _WrittenWord(name, "name", where, (Span(branch.id, since, branch.until),))
    for member in written.members:
        newest = _list_namings(member)[-1]
        spans = tuple(span for span in _make_spans(member) if span.until > newest.since)
        spans = tuple(Span(span.branch, max(span.first, newest.since), span.until) for span in spans)
        yield _WrittenWord(newest.name, "name", newest.where, spans, is_personal=True)
        if newest.aka:
            yield _WrittenWord(newest.aka, "aka", newest.where, spans)


def _find_doubtful_words(
    written: _RosterText, find_sealed_month: Callable[[Sequence[Span]], Period | None]
) -> Iterable[Problem]:
    """Find names that can't be right: they would not match the same name typed elsewhere, or can't be read.

    A name that sealed months have is a warning, and is mended by a dated change.
    """
    for word in _list_written_words(written):
        doubt = doubtful_names.find_doubt(word.text, is_personal=word.is_personal)
        if doubt is None:
            continue
        month = find_sealed_month(word.spans)
        if month is None:
            yield Problem(word.where, doubt.code, doubt.message, doubt.hint, doubt.severity)
        else:
            day = date.fromordinal(month.last.toordinal() + 1)
            hint = (
                f"到 {month} 为止的台账已按这个写法审核，不能直接改；"
                f"请加一项变动：changes: [{{from: {day}, {word.key}: {doubt.meant or '正确的写法'}}}]"
            )
            yield Problem(word.where, doubt.code, doubt.message, hint, Severity.WARNING)


class _NameSpan(Struct, frozen=True):
    """The days of a name's bearer: from ``first``, up to but without ``until``, and where the name is written."""

    first: date
    until: date
    where: Location


def _find_same_names(written: _RosterText) -> Iterable[Problem]:
    """Find branches of the same name, and members of the same name in one branch that no ``aka`` distinguishes.

    Names that changed are the same only if two bear them on one day.
    """
    branches: dict[str, list[_NameSpan]] = defaultdict(list)
    for branch in written.branches:
        for name, span in _list_branch_names(branch).items():
            branches[name].append(span)
    for name, spans in branches.items():
        for before, after in _find_overlaps(spans):
            message = f"“{name}”第 {before.line} 行已经有了"
            yield Problem(after, "roster.same-name", message, "两个支部不能同名，请改名")
    members: dict[tuple[str, str | None, str], list[_NameSpan]] = defaultdict(list)
    for member in written.members:
        for (name, aka), span in _list_member_names(member).items():
            members[name, aka, member.branch.text].append(span)
    for (name, *_), spans in members.items():
        for before, after in _find_overlaps(spans):
            message = f"“{name}”与第 {before.line} 行的党员同在一个支部，又同名"
            yield Problem(after, "roster.same-name", message, "请给其中一人加 aka，例如 aka: 办公室", Severity.WARNING)


def _find_overlaps(spans: Sequence[_NameSpan]) -> Iterator[tuple[Location, Location]]:
    """Yield the places of two bearers of a name on the same days, in the order of the file."""
    in_order = sorted(spans, key=lambda span: span.first)
    longest = in_order[0]
    for span in in_order[1:]:
        if span.first < longest.until:
            yield min(longest.where, span.where), max(longest.where, span.where)
        if span.until > longest.until:
            longest = span


def _merge_spans(starts: Iterable[tuple[NameT, date, Location]], end: date) -> dict[NameT, _NameSpan]:
    """Return the days of each name of one bearer, given by the day from which it holds; a name may come back."""
    in_order = list(starts)
    spans: dict[NameT, _NameSpan] = {}
    for (name, first, where), until in zip(in_order, [*(first for _, first, _ in in_order[1:]), end], strict=True):
        before = spans.get(name)
        spans[name] = _NameSpan(before.first, until, before.where) if before else _NameSpan(first, until, where)
    return spans


def _list_branch_names(branch: _BranchEntry) -> dict[str, _NameSpan]:
    names: list[tuple[str, date, Location]] = [(branch.name, branch.since, branch.where)]
    names += [(change.name, change.since, change.where) for change in branch.changes if change.name]
    return _merge_spans(names, branch.until)


def _list_member_names(member: _MemberEntry) -> dict[tuple[str, str | None], _NameSpan]:
    namings = _list_namings(member)
    return _merge_spans((((naming.name, naming.aka), naming.since, naming.where) for naming in namings), date.max)


class _WrittenNaming(Struct, frozen=True):
    """A member's name with what goes with it, from a day on."""

    since: date
    name: str
    pinyin: str | None
    aka: str | None
    where: Location


def _list_namings(member: _MemberEntry) -> list[_WrittenNaming]:
    """List the names that a member had, the first from the beginning; what a change leaves out goes on."""
    namings = [_WrittenNaming(date.min, member.name, member.pinyin, member.aka, member.where)]
    for change in member.changes:
        if change.renames:
            before = namings[-1]
            # A new name is not read as the old one.
            pinyin = change.pinyin if change.name else change.pinyin or before.pinyin
            aka = None if change.aka in dated_fields.NO_VALUES else change.aka or before.aka
            name = change.name or before.name
            namings.append(_WrittenNaming(change.since, name, pinyin, aka, change.where))
    return namings


def _make_branch(entry: _BranchEntry) -> Branch:
    names = [(date.min, entry.name), *((change.since, change.name) for change in entry.changes if change.name)]
    secretaries = [(date.min, entry.secretary), *((change.since, change.secretary) for change in entry.changes)]
    return Branch(
        entry.id,
        names[-1][1],
        entry.since,
        entry.until,
        tuple(names) if len(names) > 1 else (),
        tuple((since, secretary.text) for since, secretary in secretaries if secretary),
    )


def _suggest_id(word: str, entries: Iterable[_BranchEntry | _MemberEntry | Branch]) -> str:
    """Return a hint with the id that belongs to a name, or with ids that look like the word."""
    return suggest_id(word, {entry.id: entry.name for entry in entries})


def _check_branch(branch: _BranchEntry, ids: set[str], members: tuple[_MemberEntry, ...]) -> Iterable[Problem]:
    for secretary in (branch.secretary, *(change.secretary for change in branch.changes)):
        if secretary is not None and secretary.text not in ids:
            message = f"{branch.name}的书记“{secretary.text}”不是名册里的编号"
            yield Problem(secretary.where, "roster.unknown-secretary", message, _suggest_id(secretary.text, members))
    if branch.since >= branch.until:
        message = f"{branch.name}的撤销日期不晚于成立日期"
        yield Problem(branch.where, "roster.branch-days", message, "请核对 since 和 until")
    yield from _check_branch_changes(branch)


def _check_branch_changes(branch: _BranchEntry) -> Iterable[Problem]:
    """Find dated changes of a branch that are empty, misplaced, or change nothing."""
    previous = branch.since
    name, secretary = branch.name, branch.secretary and branch.secretary.text
    for change in branch.changes:
        subject = f"{branch.name} {change.since} 的变动"
        if change.since <= previous:
            hint = "请按日期先后排列，同一天的变动写在一项里"
            yield Problem(change.where, "roster.change-order", f"{subject}不晚于前一项（{previous}）", hint)
        elif change.since >= branch.until:
            message = f"{subject}不早于撤销日期（{branch.until}）"
            yield Problem(change.where, "roster.branch-days", message, "支部撤销以后不能再有变动，请核对")
        before = name, secretary
        name, secretary = change.name or name, change.secretary.text if change.secretary else secretary
        if change.name is None and change.secretary is None:
            yield Problem(change.where, "roster.empty-change", f"{subject}没有内容", "请写明 name 或 secretary")
        elif (name, secretary) == before:
            yield _unchanged_problem(change.where, subject)
        previous = change.since


def _unchanged_problem(where: Location, subject: str) -> Problem:
    return Problem(where, "roster.unchanged", f"{subject}写的还是原来的", "请改正，或删去这项变动")


def _check_member(member: _MemberEntry, branches: dict[str, Branch]) -> Iterable[Problem]:
    """Find dated changes of a member that are empty or impossible."""
    yield from _check_order(member)
    for change in member.changes:
        if change.branch is None and change.status is None and change.left is None and not change.renames:
            message = f"{member.name} {change.since} 的变动没有内容"
            hint = "请写明 branch、status、name、pinyin、aka 或 left"
            yield Problem(change.where, "roster.empty-change", message, hint)
    for before, naming in pairwise(_list_namings(member)):
        if (before.name, before.pinyin, before.aka) == (naming.name, naming.pinyin, naming.aka):
            yield _unchanged_problem(naming.where, f"{member.name} {naming.since} 的姓名变动")
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
            hint = _suggest_id(span.branch, branches.values())
            cause = Cause(f"“{span.branch}”不是名册里的支部编号，却有党员的支部写着它", hint, unit="人")
            subject = "", member.name
            yield Problem(where, "roster.unknown-branch", message, hint, cause=cause, subject=subject)
        elif span.first < span.until and (span.first < branch.since or span.until > branch.until):
            message = f"{member.name}在{branch.name}的日子超出了该支部的起止日期"
            hint = "请核对该支部的 since、until；这名党员要写明 since，或用 changes 补记变动"
            common_hint = "请核对该支部的 since、until；起止日期没有错的，这些党员要写明 since，或用 changes 补记变动"
            cause = Cause(f"有党员在{branch.name}的日子超出了该支部的起止日期", common_hint, unit="人")
            yield Problem(where, "roster.branch-days", message, hint, cause=cause, subject=("", member.name))
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
    names = [(naming.since, _make_name(naming, order)) for naming in _list_namings(member)]
    newest = names[-1][1]
    return Member(
        member.id,
        newest.name,
        _make_spans(member),
        tuple(statuses),
        newest.aka,
        newest.order,
        newest.reading,
        tuple(names) if len(names) > 1 else (),
        member.since_mends,
    )


def _make_name(naming: _WrittenNaming, order: NameOrder) -> MemberName:
    reading = name_order.name_syllables(naming.name, naming.pinyin)
    key = name_order.sort_key(naming.name, reading, order)
    return MemberName(naming.name, naming.aka, key, reading, naming.where)
