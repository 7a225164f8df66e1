"""The words of a ledger → the members, items and levels they name; what names nothing is a problem."""

from datetime import date

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.model.ledger import (
    Activity,
    Attendance,
    AttendanceStatus,
    Entry,
    ResolvedActivity,
    ResolvedEntry,
    WrittenName,
)
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Item, Level, Rulebook
from generator.problems import Location, Problem, suggest_known_word


class CheckContext(Struct, frozen=True):
    """What a ledger is checked against: the branch and month its path names, that year's rulebook, the day."""

    roster: Roster
    rulebook: Rulebook
    branch: str
    month: Period
    today: date


class ProblemCollector(Struct):
    """Problems met while names are resolved."""

    problems: list[Problem] = field(default_factory=list)

    def add_error(self, where: Location, code: str, message: str, hint: str) -> None:
        """Note an error."""
        self.problems.append(Problem(where, code, message, hint))


def resolve_activity(activity: Activity, setting: CheckContext, findings: ProblemCollector) -> ResolvedActivity | None:
    """An activity with its item known and its attendance written out; None if its item is unknown or is none."""
    item = _item(activity.item, setting, findings)
    if item is None:
        return None
    if not item.is_activity:
        message = f"“{item.title}”不是活动项目，不能写在 activities 里"
        findings.add_error(activity.item.where, "ledger.not-an-activity", message, _instead(item, setting.rulebook))
        return None
    if activity.present is None and not item.roll:
        message = f"“{item.title}”没有写明参加人员"
        findings.add_error(activity.where, "ledger.present-missing", message, "请加一行 present: [姓名, 姓名]（参加）")
    attendance = _attendance(activity, item, setting, findings)
    return ResolvedActivity(
        item, activity.date, activity.title, attendance, activity.evidence, activity.late, activity.where
    )


def _instead(item: Item, rulebook: Rulebook) -> str:
    """Where what is no activity belongs."""
    if any(item.id == other.leave for other in rulebook.items):
        return "请假的人写进该次活动的 leave（请假）名单"
    if any(item.id == other.absent for other in rulebook.items):
        return "缺席的人写进该次活动的 absent（缺席）名单"
    return "请改写在 entries（记录）里，逐人登记"


def _attendance(
    activity: Activity, item: Item, setting: CheckContext, findings: ProblemCollector
) -> tuple[Attendance, ...]:
    """Write the roll out: everyone on the branch's roster that day is present unless a list says otherwise."""
    lists = (
        (AttendanceStatus.PRESENT, activity.present or ()),
        (AttendanceStatus.LEAVE, activity.leave),
        (AttendanceStatus.ABSENT, activity.absent),
        (AttendanceStatus.EXEMPT, activity.exempt),
    )
    named: dict[str, Attendance] = {}
    for how, names in lists:
        for name in names:
            member = _member(name, activity.date, setting, findings)
            if member is None:
                continue
            if before := named.get(member.id):
                findings.add_error(name.where, *_twice(member, before.how, how))
            named[member.id] = Attendance(member.id, how, name.where)
    if activity.present is not None or not item.roll:
        return tuple(named.values())
    here = setting.roster.members_on(setting.branch, activity.date)
    return (
        *named.values(),
        *(Attendance(one.id, AttendanceStatus.PRESENT, activity.where) for one in here if one.id not in named),
    )


_LISTS = {
    AttendanceStatus.PRESENT: "参加",
    AttendanceStatus.LEAVE: "请假",
    AttendanceStatus.ABSENT: "缺席",
    AttendanceStatus.EXEMPT: "免计",
}


def _twice(member: Member, one: AttendanceStatus, other: AttendanceStatus) -> tuple[str, str, str]:
    if one is other:
        return "ledger.listed-twice", f"“{member.name}”在{_LISTS[one]}名单里写了两次", "请删去一处"
    message = f"“{member.name}”既在{_LISTS[one]}名单里，又在{_LISTS[other]}名单里"
    return "ledger.two-lists", message, "同一次活动每人只能在一个名单里，请删去一处"


def resolve_entry(entry: Entry, setting: CheckContext, findings: ProblemCollector) -> ResolvedEntry | None:
    """An entry with its member, item and level known; None if one of them is not."""
    item = _item(entry.item, setting, findings)
    member = _member(entry.member, entry.date, setting, findings)
    if item is None:
        return None
    level = _level(entry, item, findings)
    if member is None:
        return None
    return ResolvedEntry(
        member=member.id,
        item=item,
        level=level,
        date=entry.date,
        times=entry.times,
        note=entry.note,
        evidence=entry.evidence,
        late=entry.late,
        where=entry.where,
    )


def _item(name: WrittenName, setting: CheckContext, findings: ProblemCollector) -> Item | None:
    called = setting.rulebook.items_by_name
    if name.text not in called:
        message = f"《{setting.rulebook.title}》里没有“{name.text}”这个项目"
        findings.add_error(name.where, "ledger.unknown-item", message, suggest_known_word(name.text, called))
    return called.get(name.text)


def _level(entry: Entry, item: Item, findings: ProblemCollector) -> Level | None:
    if entry.level is None:
        if item.levels:
            choices = "、".join(f"{level.id}（{level.title}）" for level in item.levels)
            message = f"“{item.title}”没有写档次"
            findings.add_error(entry.where, "ledger.level-missing", message, f"请加 level（档次），可以写：{choices}")
        return None
    if not item.levels:
        message = f"“{item.title}”不分档次"
        findings.add_error(entry.level.where, "ledger.level-not-needed", message, "请删去 level（档次）")
        return None
    named = {level.title: level for level in item.levels} | {level.id: level for level in item.levels}
    if entry.level.text not in named:
        message = f"“{item.title}”没有“{entry.level.text}”这一档次"
        findings.add_error(
            entry.level.where, "ledger.level-unknown", message, suggest_known_word(entry.level.text, named)
        )
    return named.get(entry.level.text)


def _member(name: WrittenName, day: date, setting: CheckContext, findings: ProblemCollector) -> Member | None:
    """The member of that id, or of that name if only one member of the branch bears it that day."""
    called = setting.roster.members_by_name.get(name.text, ())
    here = [member for member in called if member.branch_on(day) == setting.branch]
    if len(here) == 1:
        return here[0]
    branch = setting.roster.branch_by_id[setting.branch].name
    if here:
        ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in here)
        message = f"{branch}有 {len(here)} 名党员叫“{name.text}”"
        findings.add_error(name.where, "ledger.ambiguous-member", message, f"请改写编号：{ids}")
    elif called:
        message = f"“{name.text}”{day.isoformat()} 不在{branch}的名册上"
        findings.add_error(name.where, "ledger.not-on-roster", message, _whereabouts(called, day, setting.roster))
    else:
        findings.add_error(
            name.where, "ledger.unknown-member", f"名册里没有“{name.text}”", _who(name.text, day, setting)
        )
    return None


def _whereabouts(called: tuple[Member, ...], day: date, roster: Roster) -> str:
    facts = []
    for member in called:
        home = member.branch_on(day)
        if home is not None:
            facts.append(f"{member.name}（{member.id}）当日属于{roster.branch_by_id[home].name}")
        elif day < member.since:
            facts.append(f"{member.name}（{member.id}）{member.since.isoformat()} 才进入名册")
        else:
            facts.append(f"{member.name}（{member.id}）{member.until.isoformat()} 已离开")
    return "；".join(facts) + "。请核对日期和名单，或在 ledgers/roster.yaml 里补记变动"


def _who(text: str, day: date, setting: CheckContext) -> str:
    squeezed = "".join(text.split())
    if squeezed in setting.roster.members_by_name:
        return f"您是不是要写“{squeezed}”，中间不要空格"
    if any(mark in text for mark in "，、；,; \u3000"):
        return "好像是几个名字连在了一起，请用半角逗号加空格分开，例如 [李强, 王芳]"
    here = setting.roster.members_on(setting.branch, day)
    return suggest_known_word(text, [member.name for member in here] + [member.id for member in here])
