"""Resolve the words of a ledger to the members, items and levels they name; an unresolved word is a problem."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics import characters, name_signs
from generator.core.basics.name_spellings import normalize_text
from generator.core.basics.periods import Period
from generator.core.model.ledger import (
    NO_KEYS,
    Activity,
    Attendance,
    AttendanceStatus,
    Entry,
    ResolvedActivity,
    ResolvedEntry,
    WrittenKeys,
    WrittenName,
)
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Item, Level, Rulebook
from generator.problems import (
    PLACES,
    Cause,
    Location,
    Problem,
    find_close_words,
    list_words,
    suggest_known_word,
    suggest_words,
)


class CheckContext(Struct, frozen=True):
    """The context in which a ledger is checked: the branch and month of its path, the year's rulebook, the day.

    ``sealed_files`` are those of the month's files that are approved; ``late_renamings`` are the problems of changes of
    names that were dated into the month after its approval. ``keys`` are those of the month's newest file.
    """

    roster: Roster
    rulebook: Rulebook
    branch: str
    month: Period
    today: date
    sealed_files: frozenset[str] = frozenset()
    late_renamings: Sequence[Problem] = ()
    keys: WrittenKeys = NO_KEYS


class ProblemCollector(Struct):
    """The problems found while names are resolved."""

    problems: list[Problem] = field(default_factory=list)

    def add_error(self, where: Location, code: str, message: str, hint: str) -> None:
        """Add an error."""
        self.problems.append(Problem(where, code, message, hint))

    def add_word_error(self, name: WrittenName, problem: Problem, sealed_cause: Cause, context: CheckContext) -> None:
        """Add the error of a word that can't be read; in a sealed file, what it named was changed since."""
        if name.where.file in context.sealed_files:
            subject = f"“{name.text}” {context.roster.branch_by_id[context.branch].name}", str(context.month)
            problem = replace(problem, hint=sealed_cause.hint, cause=sealed_cause, subject=subject)
        self.problems.append(problem)


def blame_roster(message: str, hint: str) -> Cause:
    """Return the cause of words in sealed files that the roster gives no meaning any more."""
    return Cause(
        message, f"已审核的台账不要改，{hint}；台账改动过的，请恢复原文件", Location("ledgers/roster.yaml"), PLACES
    )


def blame_rulebook(rulebook: Rulebook, message: str, hint: str) -> Cause:
    """Return the cause of words in sealed files that the rulebook gives no meaning any more."""
    where = Location(f"ledgers/rulebooks/{rulebook.id}.yaml")
    return Cause(message, f"已审核的台账不要改，{hint}；台账改动过的，请恢复原文件", where, PLACES)


def resolve_activity(activity: Activity, context: CheckContext, collector: ProblemCollector) -> ResolvedActivity | None:
    """Resolve an activity's item and write out its attendance; return None if its item is unknown or no activity."""
    item = _resolve_item(activity.item, context, collector)
    if item is None:
        return None
    if not item.is_activity:
        message = f"“{item.title}”不是活动项目，不能写在{context.keys.name_key('activities')}里"
        collector.add_error(activity.item.where, "ledger.not-an-activity", message, _advise_place(item, context))
        return None
    if activity.present is None and not item.roll:
        message = f"“{item.title}”没有写明参加人员"
        hint = "请给到会的人标“到”"  # in a workbook
        if activity.where.line:
            hint = f"请加上 {context.keys.type_key('present')}: [姓名, 姓名]"
        problem = Problem(activity.where, "ledger.present-missing", message, hint)
        cause = blame_rulebook(
            context.rulebook,
            f"《{context.rulebook.title}》里不再是全员参加的项目，已审核的台账没有写明参加人员",
            "请恢复规则里这些项目的 roll",
        )
        collector.add_word_error(activity.item, problem, cause, context)
    attendance = _resolve_attendance(activity, item, context, collector)
    return ResolvedActivity(
        item, activity.date, activity.title, attendance, activity.evidence, activity.late, activity.where
    )


def _advise_place(item: Item, context: CheckContext) -> str:
    """Advise where to write an item that is no activity."""
    if any(item.id == activity.leave for activity in context.rulebook.items):
        return f"请假的人写进该次活动的{context.keys.name_key('leave')}名单"
    if any(item.id == activity.absent for activity in context.rulebook.items):
        return f"缺席的人写进该次活动的{context.keys.name_key('absent')}名单"
    return f"请改写在{context.keys.name_key('entries')}里，逐人登记"


def _resolve_attendance(
    activity: Activity, item: Item, context: CheckContext, collector: ProblemCollector
) -> tuple[Attendance, ...]:
    """Resolve the lists and write the roll out: members of the branch that day who are in no list are present.

    The roll is written out only if the item has one and the activity has no list ``present``.
    """
    lists = (
        (AttendanceStatus.PRESENT, activity.present or ()),
        (AttendanceStatus.LEAVE, activity.leave),
        (AttendanceStatus.ABSENT, activity.absent),
        (AttendanceStatus.EXEMPT, activity.exempt),
    )
    listed: dict[str, Attendance] = {}
    for status, names in lists:
        for name in names:
            member = resolve_member(name, activity.date, context, collector)
            if member is None:
                continue
            if before := listed.get(member.id):
                collector.add_error(name.where, *_listed_twice(member, before.how, status))
            listed[member.id] = Attendance(member.id, status, name.where)
    if activity.present is not None or not item.roll:
        return tuple(listed.values())
    roll = context.roster.members_on(context.branch, activity.date)
    return (
        *listed.values(),
        *(
            Attendance(member.id, AttendanceStatus.PRESENT, activity.where)
            for member in roll
            if member.id not in listed
        ),
    )


_LIST_NAMES = {
    AttendanceStatus.PRESENT: "参加",
    AttendanceStatus.LEAVE: "请假",
    AttendanceStatus.ABSENT: "缺席",
    AttendanceStatus.EXEMPT: "免计",
}


def _listed_twice(member: Member, first: AttendanceStatus, second: AttendanceStatus) -> tuple[str, str, str]:
    """Return code, message and hint for a member in two lists, or twice in one."""
    if first is second:
        return "ledger.listed-twice", f"“{member.name}”在{_LIST_NAMES[first]}名单里写了两次", "请删去一处"
    message = f"“{member.name}”既在{_LIST_NAMES[first]}名单里，又在{_LIST_NAMES[second]}名单里"
    return "ledger.two-lists", message, "同一次活动每人只能在一个名单里，请删去一处"


def resolve_entry(entry: Entry, context: CheckContext, collector: ProblemCollector) -> ResolvedEntry | None:
    """Resolve an entry's member, item and level; return None if the member or the item is unknown."""
    item = _resolve_item(entry.item, context, collector)
    member = resolve_member(entry.member, entry.date, context, collector, in_list=False)
    if item is None:
        return None
    # Before an unknown member ends it, so that the problems of all three words are reported at once.
    level = _resolve_level(entry, item, context, collector)
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


def _resolve_item(name: WrittenName, context: CheckContext, collector: ProblemCollector) -> Item | None:
    items = context.rulebook.items_by_name
    if name.text not in items:
        rulebook = context.rulebook
        message = f"《{rulebook.title}》里没有“{name.text}”这个项目"
        problem = Problem(name.where, "ledger.unknown-item", message, suggest_known_word(name.text, items))
        hint = "请恢复规则里这些项目的编号和名称；名称确要改的，在项目的 also 里写上旧名称"
        cause = blame_rulebook(rulebook, f"《{rulebook.title}》里没有已审核的台账写到的项目了", hint)
        collector.add_word_error(name, problem, cause, context)
    return items.get(name.text)


def _resolve_level(entry: Entry, item: Item, context: CheckContext, collector: ProblemCollector) -> Level | None:
    keys = context.keys
    if entry.level is None:
        if item.levels:
            choices = (level.title if keys.chinese else f"{level.id}（{level.title}）" for level in item.levels)
            typed = f"加上 {keys.type_key('level')}: …，" if entry.where.line else "在“档次”里选一个，"
            hint = f"请{typed}可以写：{'、'.join(choices)}"
            collector.add_error(entry.where, "ledger.level-missing", f"“{item.title}”没有写档次", hint)
        return None
    if not item.levels:
        message = f"“{item.title}”不分档次"
        collector.add_error(entry.level.where, "ledger.level-not-needed", message, f"请删去{keys.name_key('level')}")
        return None
    levels = {level.title: level for level in item.levels} | {level.id: level for level in item.levels}
    if entry.level.text not in levels:
        message = f"“{item.title}”没有“{entry.level.text}”这一档次"
        close = find_close_words(entry.level.text, levels)
        named_levels = [level.title if keys.chinese else f"{level.id}（{level.title}）" for level in item.levels]
        hint = suggest_words(close) if close else list_words(named_levels)
        problem = Problem(entry.level.where, "ledger.level-unknown", message, hint)
        cause = blame_rulebook(
            context.rulebook,
            f"《{context.rulebook.title}》里没有已审核的台账写到的档次了",
            "请恢复规则里这些档次的编号和名称",
        )
        collector.add_word_error(entry.level, problem, cause, context)
    return levels.get(entry.level.text)


def find_members(name: WrittenName, day: date, context: CheckContext) -> Sequence[Member]:
    """Return the members of the branch whom a word may mean on a day."""
    return context.roster.find_namesakes(
        name.text,
        day,
        lambda member: member.branch_on(day) == context.branch,
        sealed=name.where.file in context.sealed_files,
    )


def resolve_member(
    name: WrittenName, day: date, context: CheckContext, collector: ProblemCollector, *, in_list: bool = True
) -> Member | None:
    """Find the member of that id, or whom that name means that day if it means one member of the branch.

    ``in_list`` is false where only one may be written.
    """
    eligible = find_members(name, day, context)
    if len(eligible) == 1:
        return eligible[0]
    branch_name = context.roster.branch_by_id[context.branch].name
    if eligible:
        ids = context.roster.describe_candidates(eligible)
        message = f"{branch_name}有 {len(eligible)} 名党员叫“{name.text}”"
        problem = Problem(name.where, "ledger.ambiguous-member", message, f"请改写编号：{ids}")
        cause = blame_roster("已审核的台账写到的姓名，名册里那时不止一人叫了", "后加的人请写明 since（进入名册之日）")
    elif namesakes := context.roster.members_by_name.get(name.text, ()):
        message = f"“{name.text}”{day.isoformat()} 不在{branch_name}的名册上"
        hint = explain_absence(namesakes, day, context.roster)
        # Each cell of a workbook has a problem of its own.
        days = Cause(f"“{name.text}”这些天不在{branch_name}的名册上", hint, unit=PLACES) if name.where.line else None
        subject = branch_name, f"{day}（{name.where.within_file}）"
        problem = Problem(name.where, "ledger.not-on-roster", message, hint, cause=days, subject=subject)
        cause = blame_roster("已审核的台账写到的人，那时不在支部的名册上了", "请恢复名册里这些人的起止日期、支部和变动")
    else:
        hint = _suggest_member(name.text, day, context, in_list=in_list)
        problem = Problem(name.where, "ledger.unknown-member", f"名册里没有“{name.text}”", hint)
        cause = blame_roster(
            "名册里没有已审核的台账写到的人了",
            "请恢复名册里这些人的编号和姓名；改了姓名的，用 jifenbang roster rename 记在 changes 里",
        )
    collector.add_word_error(name, problem, cause, context)
    return None


def explain_absence(namesakes: tuple[Member, ...], day: date, roster: Roster) -> str:
    """Explain where each member of a name was that day, if not in the branch."""
    facts = []
    for member in namesakes:
        branch = member.branch_on(day)
        if branch is not None:
            facts.append(f"{member.name}（{member.id}）当日属于{roster.branch_by_id[branch].name}")
        elif day < member.since:
            facts.append(f"{member.name}（{member.id}）{member.since.isoformat()} 才进入名册")
        else:
            facts.append(f"{member.name}（{member.id}）{member.until.isoformat()} 已离开")
    return "；".join(facts) + "。请核对日期和名单，或在 ledgers/roster.yaml 里补记变动"


def _suggest_member(text: str, day: date, context: CheckContext, *, in_list: bool) -> str:
    """Suggest how to correct a name that is not on the roster."""
    without_spaces = "".join(text.split())  # a name of two characters is often typed with a space between them
    if without_spaces in context.roster.members_by_name:
        return f"您是不是要写“{without_spaces}”，中间不要空格"
    members = context.roster.members_on(context.branch, day)
    spelled = [member.name for member in members if normalize_text(text) in member.spellings and text.isascii()]
    if len(spelled) == 1:
        return suggest_words(spelled)
    written = [member.name for member in members if member.name in text and characters.is_sound_name(member.name)]
    is_joined = len(written) > 1 and len("".join(written)) == len(without_spaces)
    if is_joined or any(mark in text for mark in "，、；,; \u3000"):
        remedy = "请用半角逗号加空格分开，例如 [李强, 王芳]" if in_list else "这里只写一名，几个人的请一人写一条"
        return f"好像是几个名字连在了一起，{remedy}"
    if len(written) == 1:
        return _suggest_plain_name(text, members) or suggest_words(written)
    return suggest_member_name(text, members)


def suggest_member_name(text: str, members: Iterable[Member]) -> str:
    """Return a hint with the names and ids that are close to a text; a name that can't be right is never among them."""
    named = list(members)
    sound = [member.name for member in named if characters.is_sound_name(member.name)]
    standard = characters.standardize_characters(text)
    if standard != text and standard in sound:
        return f"您是不是要写“{standard}”"
    if characters.find_lost_character(standard):
        meant = [name for name in sound if characters.might_be(standard, name)]
        return "有一个字丢了：" + (f"您是不是要写“{meant[0]}”" if len(meant) == 1 else "请照名册重新输入，或写编号")
    if hint := _suggest_plain_name(text, named):
        return hint
    for member in named:
        if member.name not in sound and characters.might_be(member.name, text):
            return f"名册里 {member.id} 的姓名有一个字丢了，请先改正名册；这里可以写编号 {member.id}"
        if text in {"".join(member.name.split()), _plain_name(member.name)} and member.name not in sound:
            return f"名册里写的是“{member.name}”，请先改正名册；这里可以写编号 {member.id}"
    return suggest_known_word(text, sound + [member.id for member in named])


def _plain_name(text: str) -> str:
    """Return the name in a text without what no name has; blank if only its writer knows."""
    word = name_signs.drop_stray_marks(text)
    sign = name_signs.find_name_sign(word)
    return sign.name if sign else word


def _suggest_plain_name(text: str, members: Sequence[Member]) -> str:
    """Suggest members whose name was written with a sign or a distinguishing word too much; blank if there are none."""
    plain = _plain_name(text)
    namesakes = [member for member in members if member.name == plain] if plain != text else []
    distinction = re.sub(r"[\W_]", "", text.replace(plain, ""))
    meant = [
        f"{member.name}（{member.aka}）"
        for member in members
        if member.aka and (text == member.name + member.aka or (member in namesakes and member.aka == distinction))
    ]
    if len(meant) == 1 or len(namesakes) == 1:
        mark = name_signs.find_stray_mark(text)
        too_much = f"；“{mark[1]}”上多了一个附加符号" if mark and mark[1] else ""
        return f"您是不是要写“{meant[0] if meant else plain}”{too_much}"
    labels = [f"{plain}（{member.aka}）" if member.aka else member.id for member in namesakes]
    return f"叫“{plain}”的有 {len(namesakes)} 名，请写：{'、'.join(labels)}" if namesakes else ""
