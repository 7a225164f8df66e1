"""A ledger, the rulebook and the roster → a valid ledger, or every problem in it.

Names are resolved first; then each rule in ``RULES`` looks at what was resolved. A new rule is one function and one
name in that tuple.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from generator.core.model import (
    Activity,
    Attendance,
    Credit,
    Entry,
    Held,
    How,
    Item,
    Ledger,
    Level,
    Member,
    Name,
    Roster,
    Rulebook,
    ValidLedger,
    Window,
)
from generator.core.periods import Kind, Period, around
from generator.problems import Problem, Severity, Where, suggest


@dataclass(frozen=True, slots=True)
class Setting:
    """What a ledger is checked against: the branch and month its path names, that year's rulebook, the day."""

    roster: Roster
    rulebook: Rulebook
    branch: str
    month: Period
    today: date


@dataclass(slots=True)
class _Findings:
    """Problems met while names are resolved."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, where: Where, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(where, code, message, hint))


def validate(ledger: Ledger, setting: Setting) -> tuple[ValidLedger | None, list[Problem]]:
    """Resolve every name and apply every rule; the ledger is valid if no error was found."""
    findings = _Findings()
    held = tuple(filter(None, (_hold(activity, setting, findings) for activity in ledger.activities)))
    credited = tuple(filter(None, (_credit(entry, setting, findings) for entry in ledger.entries)))
    valid = ValidLedger(
        branch=setting.branch,
        month=setting.month,
        recorder=ledger.recorder,
        held=held,
        credits=credited,
        where=ledger.where,
        approval=ledger.approval,
    )
    ruled = (problem for rule in RULES for problem in rule(valid, setting))
    problems = [*findings.problems, *_path(ledger, setting), *ruled]
    return (None if any(problem.is_error for problem in problems) else valid), problems


# --- names -----------------------------------------------------------------------------------------------------------


def _hold(activity: Activity, setting: Setting, findings: _Findings) -> Held | None:
    item = _item(activity.item, setting, findings)
    if item is None:
        return None
    if not item.is_activity:
        message = f"“{item.title}”不是活动项目，不能写在 activities 里"
        findings.add(activity.item.where, "ledger.not-an-activity", message, _instead(item, setting.rulebook))
        return None
    if activity.present is None and not item.roll:
        message = f"“{item.title}”没有写明参加人员"
        findings.add(activity.where, "ledger.present-missing", message, "请加一行 present: [姓名, 姓名]（参加）")
    attendance = _attendance(activity, item, setting, findings)
    return Held(item, activity.date, activity.title, attendance, activity.evidence, activity.late, activity.where)


def _instead(item: Item, rulebook: Rulebook) -> str:
    """Where what is no activity belongs."""
    if any(item.id == other.leave for other in rulebook.items):
        return "请假的人写进该次活动的 leave（请假）名单"
    if any(item.id == other.absent for other in rulebook.items):
        return "缺席的人写进该次活动的 absent（缺席）名单"
    return "请改写在 entries（记录）里，逐人登记"


def _attendance(activity: Activity, item: Item, setting: Setting, findings: _Findings) -> tuple[Attendance, ...]:
    """Write the roll out: everyone on the branch's roster that day is present unless a list says otherwise."""
    lists = (
        (How.PRESENT, activity.present or ()),
        (How.LEAVE, activity.leave),
        (How.ABSENT, activity.absent),
        (How.EXEMPT, activity.exempt),
    )
    named: dict[str, Attendance] = {}
    for how, names in lists:
        for name in names:
            member = _member(name, activity.date, setting, findings)
            if member is None:
                continue
            if before := named.get(member.id):
                findings.add(name.where, *_twice(member, before.how, how))
            named[member.id] = Attendance(member.id, how, name.where)
    if activity.present is None and item.roll:
        for member in setting.roster.on(setting.branch, activity.date):
            named.setdefault(member.id, Attendance(member.id, How.PRESENT, activity.where))
    return tuple(named.values())


_LISTS = {How.PRESENT: "参加", How.LEAVE: "请假", How.ABSENT: "缺席", How.EXEMPT: "免计"}


def _twice(member: Member, one: How, other: How) -> tuple[str, str, str]:
    if one is other:
        return "ledger.listed-twice", f"“{member.name}”在{_LISTS[one]}名单里写了两次", "请删去一处"
    message = f"“{member.name}”既在{_LISTS[one]}名单里，又在{_LISTS[other]}名单里"
    return "ledger.two-lists", message, "同一次活动每人只能在一个名单里，请删去一处"


def _credit(entry: Entry, setting: Setting, findings: _Findings) -> Credit | None:
    item = _item(entry.item, setting, findings)
    member = _member(entry.member, entry.date, setting, findings)
    if item is None:
        return None
    level = _level(entry, item, findings)
    if member is None:
        return None
    return Credit(
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


def _item(name: Name, setting: Setting, findings: _Findings) -> Item | None:
    called = setting.rulebook.called
    if name.text not in called:
        message = f"《{setting.rulebook.title}》里没有“{name.text}”这个项目"
        findings.add(name.where, "ledger.unknown-item", message, suggest(name.text, called))
    return called.get(name.text)


def _level(entry: Entry, item: Item, findings: _Findings) -> Level | None:
    if entry.level is None:
        if item.levels:
            choices = "、".join(f"{level.id}（{level.title}）" for level in item.levels)
            message = f"“{item.title}”没有写档次"
            findings.add(entry.where, "ledger.level-missing", message, f"请加 level（档次），可以写：{choices}")
        return None
    if not item.levels:
        message = f"“{item.title}”不分档次"
        findings.add(entry.level.where, "ledger.level-not-needed", message, "请删去 level（档次）")
        return None
    named = {level.title: level for level in item.levels} | {level.id: level for level in item.levels}
    if entry.level.text not in named:
        message = f"“{item.title}”没有“{entry.level.text}”这一档次"
        findings.add(entry.level.where, "ledger.level-unknown", message, suggest(entry.level.text, named))
    return named.get(entry.level.text)


def _member(name: Name, day: date, setting: Setting, findings: _Findings) -> Member | None:
    """The member of that id, or of that name if only one member of the branch bears it that day."""
    called = setting.roster.named.get(name.text, ())
    here = [member for member in called if member.branch_on(day) == setting.branch]
    if len(here) == 1:
        return here[0]
    branch = setting.roster.branch[setting.branch].name
    if here:
        ids = "、".join(f"{member.id}{f'（{member.aka}）' if member.aka else ''}" for member in here)
        message = f"{branch}有 {len(here)} 名党员叫“{name.text}”"
        findings.add(name.where, "ledger.ambiguous-member", message, f"请改写编号：{ids}")
    elif called:
        message = f"“{name.text}”{day.isoformat()} 不在{branch}的名册上"
        findings.add(name.where, "ledger.not-on-roster", message, _whereabouts(called, day, setting.roster))
    else:
        findings.add(name.where, "ledger.unknown-member", f"名册里没有“{name.text}”", _who(name.text, day, setting))
    return None


def _whereabouts(called: tuple[Member, ...], day: date, roster: Roster) -> str:
    facts = []
    for member in called:
        home = member.branch_on(day)
        if home is not None:
            facts.append(f"{member.name}（{member.id}）当日属于{roster.branch[home].name}")
        elif day < member.since:
            facts.append(f"{member.name}（{member.id}）{member.since.isoformat()} 才进入名册")
        else:
            facts.append(f"{member.name}（{member.id}）{member.until.isoformat()} 已离开")
    return "；".join(facts) + "。请核对日期和名单，或在 ledgers/roster.yaml 里补记变动"


def _who(text: str, day: date, setting: Setting) -> str:
    squeezed = "".join(text.split())
    if squeezed in setting.roster.named:
        return f"您是不是要写“{squeezed}”，中间不要空格"
    if any(mark in text for mark in "，、；,; \u3000"):
        return "好像是几个名字连在了一起，请用半角逗号加空格分开，例如 [李强, 王芳]"
    here = setting.roster.on(setting.branch, day)
    return suggest(text, [member.name for member in here] + [member.id for member in here])


# --- rules -----------------------------------------------------------------------------------------------------------


def _path(ledger: Ledger, setting: Setting) -> Iterator[Problem]:
    """The file's path names its branch and month, and so does the file."""
    branch = setting.roster.branch[setting.branch]
    if ledger.branch.text not in {branch.id, branch.name}:
        message = f"文件放在 {branch.id}（{branch.name}）的文件夹里，里面写的支部却是“{ledger.branch.text}”"
        hint = f"请改成 branch: {branch.id}，或把文件移到正确的文件夹"
        yield Problem(ledger.branch.where, "ledger.path-branch", message, hint)
    if ledger.month.text != str(setting.month):
        message = f"按路径应是 {setting.month} 的台账，里面写的月份却是 {ledger.month.text}"
        hint = f"请改成 month: {setting.month}，或把文件移到正确的位置"
        yield Problem(ledger.month.where, "ledger.path-month", message, hint)


def _future(ledger: ValidLedger, setting: Setting) -> Iterator[Problem]:
    if ledger.month.first > setting.today:
        message = f"{ledger.month} 还没有到（今天是 {setting.today.isoformat()}）"
        yield Problem(ledger.where, "ledger.future-month", message, "请核对月份；电脑日期不对时请先校正")
    elif ledger.approval and ledger.month.last >= setting.today:
        message = f"{ledger.month} 还没有结束（今天是 {setting.today.isoformat()}），却已有审核"
        yield Problem(ledger.where, "ledger.future-month", message, "请核对电脑日期")


def _dates(ledger: ValidLedger, setting: Setting) -> Iterator[Problem]:
    """A date outside the month needs a stated reason, and can only lie before it (R8)."""
    for part in ledger.parts:
        if setting.month.first <= part.date <= setting.month.last:
            continue
        message = f"{part.date.isoformat()} 不在 {setting.month} 之内"
        if part.date > setting.month.last:
            yield Problem(part.where, "ledger.date-outside", message, "以后的事请记在当月的台账里")
        elif not part.late:
            yield Problem(part.where, "ledger.date-outside", message, "请核对日期；确属补登的，请加 late: 原因（补登）")


def _evidence(ledger: ValidLedger, setting: Setting) -> Iterator[Problem]:
    for part in ledger.parts:
        for kind in part.item.evidence:
            names = part.evidence.get(kind) or part.evidence.get(setting.rulebook.proofs.get(kind, kind)) or ()
            if not any(names):
                yield _unproved(part, kind, setting.rulebook)


def _unproved(part: Held | Credit, kind: str, rulebook: Rulebook) -> Problem:
    title = rulebook.proofs.get(kind, kind)
    message = f"“{part.item.title}”缺少佐证：{title}（{part.item.clause}）"
    near = [key for key in part.evidence if key not in part.item.evidence]
    hint = f"请在 evidence（佐证）里加上 {kind}: 文件名"
    if near:
        hint += f"；现有的“{'、'.join(near)}”不是规定的写法"
    return Problem(part.where, "ledger.missing-evidence", message, hint)


# Eighteen figures with an optional X: an identity card; eleven from 1: a mobile telephone; area code and number.
_PRIVATE = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9Xx]|1[3-9][0-9](?:[ -]?[0-9]{4}){2}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9])")


def private(text: str) -> str | None:
    """What in a text looks like an identity-card or telephone number, if anything."""
    match = _PRIVATE.search(unicodedata.normalize("NFKC", text))
    return match.group() if match else None


def _privacy(ledger: ValidLedger, _setting: Setting) -> Iterator[Problem]:
    texts = [(ledger.where, ledger.recorder)]
    for part in ledger.parts:
        said = part.title if isinstance(part, Held) else part.note
        proofs = (name for names in part.evidence.values() for name in names)
        texts += [(part.where, text) for text in (said, part.late or "", *proofs)]
    for where, text in texts:
        if number := private(text):
            message = f"“{number}”像是身份证号或电话号码，而这里的文字会公布"
            yield Problem(where, "text.private-number", message, "请删去号码")


def _repeated(ledger: ValidLedger, _setting: Setting) -> Iterator[Problem]:
    """The same thing written twice earns twice, which is seldom meant."""
    seen: dict[object, Where] = {}
    for part in ledger.parts:
        said = (part.title,) if isinstance(part, Held) else (part.note, part.member, part.level)
        before = seen.setdefault((part.item.id, part.date, said), part.where)
        if before is not part.where:
            message = f"这条“{part.item.title}”和第 {before.line} 行的日期、内容相同，会重复计分"
            hint = "重复登记的请删去一条；确是两次的，请在主题或备注里写明区别"
            yield Problem(part.where, "ledger.repeated", message, hint, Severity.WARNING)
    for credit in ledger.credits:
        for held in ledger.held:
            there = any(one.member == credit.member and one.how is How.PRESENT for one in held.attendance)
            if there and (held.item, held.date) == (credit.item, credit.date):
                message = f"第 {held.where.line} 行的“{held.item.title}”已给这名党员计分，这条记录会再计一次"
                yield Problem(credit.where, "ledger.repeated", message, "重复登记的请删去一条", Severity.WARNING)


RULES: tuple[Callable[[ValidLedger, Setting], Iterator[Problem]], ...] = (
    _future,
    _dates,
    _evidence,
    _privacy,
    _repeated,
)


# --- what is expected ------------------------------------------------------------------------------------------------

_SPANS = {Window.MONTH: Kind.MONTH, Window.QUARTER: Kind.QUARTER, Window.HALF: Kind.HALF, Window.CYCLE: Kind.YEAR}


def expected(ledgers: tuple[ValidLedger, ...], rulebook: Rulebook, today: date) -> Iterator[Problem]:
    """Warn where a branch-year's ledgers, given by month, hold an activity too rarely or too often.

    Too rarely is told once the stretch is over and its last month is there; too often at once.
    """
    for item in rulebook.items:
        if item.expect is None:
            continue
        counts: Counter[Period] = Counter()
        for ledger in ledgers:
            stretch = around(_SPANS[item.expect.per], ledger.month)
            counts[stretch] += sum(held.item.id == item.id for held in ledger.held)
            ends = ledger.month.last == stretch.last < today
            if counts[stretch] > item.expect.times or (ends and counts[stretch] < item.expect.times):
                yield _unexpected(ledger, item, stretch, counts[stretch])


def _unexpected(ledger: ValidLedger, item: Item, stretch: Period, count: int) -> Problem:
    assert item.expect is not None
    few = count < item.expect.times
    message = f"“{item.title}”{stretch} 应有 {item.expect.times} 次，台账里有 {count} 次"
    return Problem(
        ledger.where,
        "ledger.expected-missing" if few else "ledger.expected-too-many",
        message,
        "如已开展请补记；没有开展可以不理" if few else "请核对是否重复登记；确已开展的可以不理",
        Severity.WARNING,
    )
