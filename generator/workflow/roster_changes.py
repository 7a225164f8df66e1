"""Dated changes of a roster from the words of a command or the rows of a table; nothing is written here.

A function returns the changes, or in words why there are none.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.privacy import find_private_number
from generator.core.model.roster import Branch, Member, MembershipStatus, Roster
from generator.intake.imports import member_table
from generator.intake.imports.member_table import MemberRow, MemberTable
from generator.intake.text import name_order, new_ids
from generator.loader import arguments
from generator.workflow import roster_text
from generator.workflow.roster_text import BRANCHES, MEMBERS, ChangeToAdd, EntryToAdd, KeyToSet, RosterChange

Changes = Sequence[RosterChange] | str


class NewMember(Struct, frozen=True):
    """A new member as typed; ``branch`` is a word for the branch."""

    name: str
    branch: str
    status: MembershipStatus
    since: date
    aka: str | None = None
    pinyin: str | None = None


def add_member(roster: Roster, new: NewMember) -> Changes:
    """Add a member from a day on, with an unused id of pinyin."""
    branch = _find_branch(roster, new.branch)
    if isinstance(branch, str):
        return branch
    name, aka = member_table.split_name(new.name)
    aka = new.aka or aka
    if error := _check_words(name, *filter(None, (aka, new.pinyin))):
        return error
    used_ids = {member.id for member in roster.members}
    fields = {
        "id": new_ids.make_member_id(name, new.pinyin, used_ids),
        "name": name,
        "branch": branch.id,
        "status": new.status.value,
        "since": new.since.isoformat(),
        "pinyin": new.pinyin or "",
        "aka": aka or "",
    }
    return [EntryToAdd(MEMBERS, {key: value for key, value in fields.items() if value})]


def change_member(roster: Roster, word: str, since: date, fields: Mapping[str, str | None]) -> Changes:
    """Change a member from a day on; a branch among the fields is a word for it, and None one that stays."""
    member = arguments.find_member(roster, word)
    if isinstance(member, str):
        return member
    values = {key: value.strip() for key, value in fields.items() if value is not None}
    if error := _check_words(*values.values()):
        return error
    if "branch" in values:
        branch = _find_branch(roster, values["branch"])
        if isinstance(branch, str):
            return branch
        values["branch"] = branch.id
    if "name" in values:
        values["name"] = tidy_name(values["name"])
    named = member.named_on(since)
    branch_id = member.branch_on(since)
    already = {
        "branch": (branch_id, f"在{roster.branch_by_id[branch_id].name}" if branch_id else ""),
        "status": (member.status_on(since).value, "是正式党员"),
        "name": (named.name, f"叫“{named.name}”"),
    }
    return _refuse_unchanged(named.name, since, values, already) or [ChangeToAdd(MEMBERS, member.id, since, values)]


def add_branch(roster: Roster, name: str, since: date | None, secretary: str | None) -> Changes:
    """Add a branch at the end of the list, from a day on or from the beginning."""
    name = name_order.normalize_name(name.strip())
    if error := _check_words(name):
        return error
    member = arguments.find_member(roster, secretary) if secretary else None
    if isinstance(member, str):
        return member
    fields = {"id": new_ids.make_branch_id(name, roster.branch_by_id), "name": name}
    fields |= {"since": since.isoformat()} if since else {}
    return [EntryToAdd(BRANCHES, fields | ({"secretary": member.id} if member else {}))]


def change_branch(roster: Roster, word: str, since: date, fields: Mapping[str, str | None]) -> Changes:
    """Change a branch from a day on; a secretary among the fields is a word for a member, and None what stays."""
    branch = _find_branch(roster, word)
    if isinstance(branch, str):
        return branch
    values = {key: value.strip() for key, value in fields.items() if value is not None}
    if error := _check_words(*values.values()):
        return error
    if "name" in values:
        values["name"] = name_order.normalize_name(values["name"])
    if "secretary" in values:
        member = arguments.find_member(roster, values["secretary"])
        if isinstance(member, str):
            return member
        values["secretary"] = member.id
    named = branch.named_on(since)
    secretary = roster.member_by_id.get(branch.secretary_on(since) or "")
    already = {
        "name": (named.name, f"叫“{named.name}”"),
        "secretary": (secretary.id if secretary else None, f"由{secretary.name}任书记" if secretary else ""),
    }
    return _refuse_unchanged(named.name, since, values, already) or [ChangeToAdd(BRANCHES, branch.id, since, values)]


def _refuse_unchanged(
    owner: str, since: date, values: Mapping[str, str], already: Mapping[str, tuple[str | None, str]]
) -> str:
    """Return why nothing is changed if all values but the reason are those of that day; empty if something is.

    ``already`` has the value of that day by its key, and how it is said.
    """
    keys = values.keys() - {"reason"}
    if not keys or any(key not in already or already[key][0] != values[key] for key in keys):
        return ""
    return f"{owner} {since} 已经{'、'.join(already[key][1] for key in sorted(keys))}，没有改动"


def set_secretary(
    roster: Roster, word: str, since: date | None, today: date, fields: Mapping[str, str | None]
) -> Changes:
    """Give a branch another secretary from a day on; the first of all, without a day, from the beginning."""
    changes = change_branch(roster, word, since or today, fields)
    if isinstance(changes, str) or since is not None:
        return changes
    (change,) = changes
    assert isinstance(change, ChangeToAdd)
    if roster.branch_by_id[change.id].secretaries:
        return changes
    return [KeyToSet(BRANCHES, change.id, "secretary", change.fields["secretary"])]


def close_branch(roster: Roster, word: str, until: date) -> Changes:
    """End a branch: ``until`` is the first day on which it no longer exists."""
    branch = _find_branch(roster, word)
    if isinstance(branch, str):
        return branch
    if branch.until != date.max:
        return f"{branch.name}已经写着 {branch.until} 撤销"
    return [KeyToSet(BRANCHES, branch.id, "until", until.isoformat())]


def tidy_name(name: str) -> str:
    """Return a person's name in common characters, without blanks within it."""
    return name_order.close_blanks(name_order.normalize_name(" ".join(name.split())))


def _find_branch(roster: Roster, word: str) -> Branch | str:
    branch = arguments.find_branch(roster, word)
    assert branch is not None  # which it is for no word
    return branch


def _check_words(*words: str) -> str:
    """Return why words can't be in the roster; empty if they can."""
    for word in words:
        if not word:
            return "姓名、名称等不能空着"
        if not word.isprintable():
            return "姓名等请只写文字，不要有换行和看不见的字符"
        if find_private_number(word):
            return "这里像是写了身份证号或电话号码；名册不记号码，请只写姓名、名称或原因"
    return ""


# --- a table of members ----------------------------------------------------------------------------------------------


def merge_table(roster: Roster, table: MemberTable, since: date) -> Changes:
    """Return what a table of members changes from a day on: new members, moves, and probation that ended.

    Members are known by name, and where several have it also by branch; those whom the table lacks stay as they are.
    """
    counts = Counter((row.name, row.aka) for row in table.rows)
    changes = list[RosterChange]()
    used_ids = {member.id for member in roster.members}
    for row in table.rows:
        branch = _find_branch(roster, row.branch)
        if isinstance(branch, str):
            return f"{row.place}：{branch}；新的支部先用 jifenbang roster branch add 登记"
        namesakes = [member for member in roster.members if _is_of_row(member, row, since)]
        member = _pick_member(namesakes, branch.id, since, alone=counts[row.name, row.aka] == 1)
        if isinstance(member, str):
            return f"{row.place}：{member}"
        if member is None:
            member_id = new_ids.make_member_id(row.name, None, used_ids)
            used_ids.add(member_id)
            dated_row = replace(row, since=row.since or since)
            changes.append(EntryToAdd(MEMBERS, roster_text.list_member_fields(member_id, dated_row, branch.id)))
        elif member.status_on(since) is MembershipStatus.FULL is not row.status:
            return f"{row.place}：{row.name}在名册里已经是正式党员，名单里写的是预备，请核对"
        elif fields := _list_differences(member, row, branch.id, since):
            changes.append(ChangeToAdd(MEMBERS, member.id, since, fields))
    return changes


def _is_of_row(member: Member, row: MemberRow, day: date) -> bool:
    """Return whether a member on the roster has a row's name on a day, and the word behind it if there is one."""
    named = member.named_on(day)
    return member.until > day and named.name == row.name and row.aka in {None, named.aka}


def _branch_on(member: Member, day: date) -> str | None:
    """Return a member's branch on a day, or the first one if the member comes later."""
    return member.branch_on(max(day, member.since))


def _pick_member(namesakes: Collection[Member], branch: str, day: date, *, alone: bool) -> Member | str | None:
    """Return the member whom a row means: of several of the name, the only one in the branch; None for a new one."""
    if len(namesakes) == 1 and alone:
        return next(iter(namesakes))
    in_branch = [member for member in namesakes if _branch_on(member, day) == branch]
    if len(in_branch) > 1 or (namesakes and not in_branch):
        return (
            "名册里有同名的人，分不清是哪一个；请在姓名后面写上区别，如 李静（办公室），或用 jifenbang roster 逐个登记"
        )
    return in_branch[0] if in_branch else None


def _list_differences(member: Member, row: MemberRow, branch: str, day: date) -> dict[str, str]:
    fields = {"branch": branch} if _branch_on(member, day) != branch else {}
    return fields | ({"status": row.status.value} if member.status_on(day) is not row.status else {})
