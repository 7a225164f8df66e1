"""A ledger, the rulebook and the roster → a valid ledger, or every problem in it.

Names are resolved first; then each rule in ``RULES`` looks at what was resolved. A new rule is one function and one
name in that tuple.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from generator.core.basics.periods import Period, PeriodKind, enclosing_period
from generator.core.ledgers import name_resolution
from generator.core.ledgers.name_resolution import CheckContext, ProblemCollector
from generator.core.model.ledger import AttendanceStatus, Document, Ledger, ResolvedActivity, ResolvedEntry, ValidLedger
from generator.core.model.rulebook import Item, Rulebook, Window
from generator.problems import Location, Problem, Severity


def validate_ledger(ledger: Ledger, setting: CheckContext) -> tuple[ValidLedger | None, list[Problem]]:
    """Resolve every name and apply every rule; the ledger is valid if no error was found."""
    resolved, problems = resolve_ledger(ledger, setting)
    return (None if any(problem.is_error for problem in problems) else resolved), problems


def resolve_ledger(ledger: Ledger, setting: CheckContext) -> tuple[ValidLedger, list[Problem]]:
    """The same, with whatever could be resolved even where something is wrong."""
    findings = ProblemCollector()
    held = tuple(
        filter(None, (name_resolution.resolve_activity(activity, setting, findings) for activity in ledger.activities))
    )
    credited = tuple(
        filter(None, (name_resolution.resolve_entry(entry, setting, findings) for entry in ledger.entries))
    )
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
    return valid, [*findings.problems, *check_placement(ledger, setting), *ruled]


def check_placement(document: Document, setting: CheckContext) -> Iterator[Problem]:
    """Find where a file says another branch or month than its path does."""
    branch = setting.roster.branch_by_id[setting.branch]
    if document.branch.text not in {branch.id, branch.name}:
        message = f"文件放在 {branch.id}（{branch.name}）的文件夹里，里面写的支部却是“{document.branch.text}”"
        hint = f"请改成 branch: {branch.id}，或把文件移到正确的文件夹"
        yield Problem(document.branch.where, "ledger.path-branch", message, hint)
    if document.month.text != str(setting.month):
        message = f"按路径应是 {setting.month} 的台账，里面写的月份却是 {document.month.text}"
        hint = f"请改成 month: {setting.month}，或把文件移到正确的位置"
        yield Problem(document.month.where, "ledger.path-month", message, hint)


def _future(ledger: ValidLedger, setting: CheckContext) -> Iterator[Problem]:
    if ledger.month.first > setting.today:
        message = f"{ledger.month} 还没有到（今天是 {setting.today.isoformat()}）"
        yield Problem(ledger.where, "ledger.future-month", message, "请核对月份；电脑日期不对时请先校正")
    elif ledger.approval and ledger.month.last >= setting.today:
        message = f"{ledger.month} 还没有结束（今天是 {setting.today.isoformat()}），却已有审核"
        hint = "请核对电脑日期；该月按缺台账处理"
        yield Problem(ledger.where, "ledger.future-month", message, hint, Severity.WARNING)


def _dates(ledger: ValidLedger, setting: CheckContext) -> Iterator[Problem]:
    """A date outside the month needs a stated reason, and can only lie before it (R8)."""
    for part in ledger.parts:
        if setting.month.first <= part.date <= setting.month.last:
            continue
        message = f"{part.date.isoformat()} 不在 {setting.month} 之内"
        if part.date > setting.month.last:
            yield Problem(part.where, "ledger.date-outside", message, "以后的事请记在当月的台账里")
        elif not part.late:
            yield Problem(part.where, "ledger.date-outside", message, "请核对日期；确属补登的，请加 late: 原因（补登）")


def _evidence(ledger: ValidLedger, setting: CheckContext) -> Iterator[Problem]:
    for part in ledger.parts:
        for kind in part.item.evidence:
            names = part.evidence.get(kind) or part.evidence.get(setting.rulebook.proofs.get(kind, kind)) or ()
            if not set(names) - _NO_PROOF:
                yield _unproved(part, kind, setting.rulebook)


MISSING_EVIDENCE = "ledger.missing-evidence"
_NO_PROOF = {"", "无", "没有", "暂无", "待补", "待定", "-", "/"}


def _unproved(part: ResolvedActivity | ResolvedEntry, kind: str, rulebook: Rulebook) -> Problem:
    title = rulebook.proofs.get(kind, kind)
    message = f"“{part.item.title}”缺少佐证：{title}（{part.item.clause}）"
    near = [
        key for key in part.evidence if key not in {*rulebook.proofs, *rulebook.proofs.values(), *part.item.evidence}
    ]
    hint = f"请在 evidence（佐证）里加上 {kind}: 文件名"
    if near:
        hint += f"；现有的“{'、'.join(near)}”不是规定的写法"
    return Problem(part.where, MISSING_EVIDENCE, message, hint)


def _repeated(ledger: ValidLedger, _setting: CheckContext) -> Iterator[Problem]:
    """The same thing written twice earns twice, which is seldom meant."""
    seen: dict[object, Location] = {}
    for part in ledger.parts:
        said = (part.title,) if isinstance(part, ResolvedActivity) else (part.note, part.member, part.level)
        before = seen.setdefault((part.item.id, part.date, said), part.where)
        if before is not part.where:
            message = f"这条“{part.item.title}”和第 {before.line} 行的日期、内容相同，会重复计分"
            hint = "重复登记的请删去一条；确是两次的，请在主题或备注里写明区别"
            yield Problem(part.where, "ledger.repeated", message, hint, Severity.WARNING)
    known = {(credit.item.id, credit.date, credit.member) for credit in ledger.credits}
    alike = {(credit.item.id, credit.date) for credit in ledger.credits}
    given: dict[object, Location] = {}
    for held in ledger.held:
        for one in held.attendance if (held.item.id, held.date) in alike else ():
            if one.how is AttendanceStatus.PRESENT and (key := (held.item.id, held.date, one.member)) in known:
                given.setdefault(key, held.where)
    for credit in ledger.credits:
        if there := given.get((credit.item.id, credit.date, credit.member)):
            message = f"第 {there.line} 行的“{credit.item.title}”已给这名党员计分，这条记录会再计一次"
            yield Problem(credit.where, "ledger.repeated", message, "重复登记的请删去一条", Severity.WARNING)


RULES: tuple[Callable[[ValidLedger, CheckContext], Iterator[Problem]], ...] = (
    _future,
    _dates,
    _evidence,
    _repeated,
)


# --- what is expected ------------------------------------------------------------------------------------------------

_SPANS = {
    Window.MONTH: PeriodKind.MONTH,
    Window.QUARTER: PeriodKind.QUARTER,
    Window.HALF: PeriodKind.HALF,
    Window.CYCLE: PeriodKind.YEAR,
}


def check_expectations(ledgers: tuple[ValidLedger, ...], rulebook: Rulebook, today: date) -> Iterator[Problem]:
    """Warn where a branch-year's ledgers, given by month, hold an activity too rarely or too often.

    Too rarely is told once the stretch is over and its last month is there; too often at once.
    """
    held = [(ledger, Counter([one.item.id for one in ledger.held])) for ledger in ledgers]
    for item in rulebook.items:
        if item.expect is None:
            continue
        counts: Counter[Period] = Counter()
        for ledger, times in held:
            stretch = enclosing_period(_SPANS[item.expect.per], ledger.month)
            here = times[item.id]
            counts[stretch] += here
            ends = ledger.month.last == stretch.last < today
            if (here and counts[stretch] > item.expect.times) or (ends and counts[stretch] < item.expect.times):
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
