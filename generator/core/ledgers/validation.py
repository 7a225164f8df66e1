"""Check a ledger against rulebook and roster: the result is a valid ledger, or every problem in it.

Names are resolved first; then each rule in ``RULES`` checks the resolved lines. A new rule is one function and one
name in that tuple.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from generator.core.basics.periods import Period, PeriodKind, enclosing_period
from generator.core.ledgers import name_resolution
from generator.core.ledgers.name_resolution import CheckContext, ProblemCollector
from generator.core.model.cycle_term import CycleBound
from generator.core.model.ledger import (
    UNREAD_EVIDENCE,
    AttendanceStatus,
    Document,
    Ledger,
    ResolvedActivity,
    ResolvedEntry,
    ValidLedger,
)
from generator.core.model.roster import Member, Roster, member_label
from generator.core.model.rulebook import Item, Rulebook, Window
from generator.problems import PLACES, Cause, Location, Problem, Severity


def validate_ledger(ledger: Ledger, context: CheckContext) -> tuple[ValidLedger | None, list[Problem]]:
    """Resolve every name and apply every rule; the ledger is valid if no error was found."""
    resolved, problems = resolve_ledger(ledger, context)
    return (None if any(problem.is_error for problem in problems) else resolved), problems


def resolve_ledger(ledger: Ledger, context: CheckContext) -> tuple[ValidLedger, list[Problem]]:
    """Resolve names and apply the rules; the ledger has every line that could be resolved, even if there are errors."""
    collector = ProblemCollector()
    activities = tuple(
        filter(None, (name_resolution.resolve_activity(activity, context, collector) for activity in ledger.activities))
    )
    entries = tuple(
        filter(None, (name_resolution.resolve_entry(entry, context, collector) for entry in ledger.entries))
    )
    valid = ValidLedger(
        branch=context.branch,
        month=context.month,
        recorder=ledger.recorder,
        held=activities,
        credits=entries,
        where=ledger.where,
        keys=ledger.keys,
        approval=ledger.approval,
    )
    rule_problems = (problem for rule in RULES for problem in rule(valid, context))
    placement = list(check_placement(ledger, context))
    problems = collector.problems
    if any(problem.code == "ledger.path-branch" for problem in placement):
        # Its people are of course not on the roll of the branch whose folder it is in.
        problems = [problem for problem in problems if problem.code not in _UNKNOWN_PEOPLE]
    return valid, [*problems, *placement, *rule_problems]


_UNKNOWN_PEOPLE = ("ledger.not-on-roster", "ledger.unknown-member")


def check_placement(document: Document, context: CheckContext) -> Iterator[Problem]:
    """Find a branch or month in a file that differs from those of its path."""
    branch, keys = context.roster.branch_by_id[context.branch], document.keys
    if not context.roster.is_branch_word(document.branch.text, branch.id, context.month):
        message = f"文件放在 {branch.id}（{branch.name}）的文件夹里，里面写的支部却是“{document.branch.text}”"
        hint = (
            f"请改成 {keys.type_key('branch')}: {branch.name if keys.chinese else branch.id}，或把文件移到正确的文件夹"
        )
        yield Problem(document.branch.where, "ledger.path-branch", message, hint)
    if document.month.text != str(context.month):
        message = f"按路径应是 {context.month} 的台账，里面写的月份却是 {document.month.text}"
        hint = f"请改成 {keys.type_key('month')}: {context.month}，或把文件移到正确的位置"
        yield Problem(document.month.where, "ledger.path-month", message, hint)


def _check_month(ledger: ValidLedger, context: CheckContext) -> Iterator[Problem]:
    """Find a month that has not begun, or that is outside the cycle (R21); warn of an approval before its end."""
    if bound := context.rulebook.term.bound_beside(ledger.month):
        yield _outside_cycle_problem(ledger, bound, context.roster.branch_by_id[ledger.branch].name)
    if ledger.month.first > context.today:
        message = f"{ledger.month} 还没有到（今天是 {context.today.isoformat()}）"
        yield Problem(ledger.where, "ledger.future-month", message, "请核对月份；电脑日期不对时请先校正")
    elif ledger.approval and ledger.month.last >= context.today:
        message = f"{ledger.month} 还没有结束（今天是 {context.today.isoformat()}），却已有审核"
        hint = "请核对电脑日期；该月按缺台账处理"
        yield Problem(ledger.where, "ledger.future-month", message, hint, Severity.WARNING)


def _outside_cycle_problem(ledger: ValidLedger, bound: CycleBound, branch_name: str) -> Problem:
    """Return the problem of a draft outside the cycle, or that of a bound which leaves out an approved ledger."""
    starts = bound.month.first > ledger.month.first
    key, range_in_words = ("from", f"自 {bound.month} 起") if starts else ("until", f"到 {bound.month} 为止")
    if ledger.approval:
        message = f"{branch_name} {ledger.month} 的台账已经审核，{key} 却把它排除在外"
        hint = f"请改成不{'晚' if starts else '早'}于 {ledger.month} 的月份"
        cause = Cause(f"这些月份的台账已经审核，{key} 却把它们排除在外", "请改到包括这些月份", bound.where)
        return Problem(bound.where, "cycle.sealed-month", message, hint, cause=cause, subject=("", str(ledger.month)))
    message = f"{ledger.month.year} 年{range_in_words}计分，{ledger.month} 不在其内"
    hint = f"不必记的，请删去这份草稿；也要计分的，请改 {bound.where.file} 里的 {key}"
    cause = Cause(f"{ledger.month.year} 年{range_in_words}计分，这些月份的草稿不在其内", hint, bound.where)
    subject = branch_name, str(ledger.month)
    return Problem(ledger.where, "ledger.outside-cycle", message, hint, cause=cause, subject=subject)


def _check_dates(ledger: ValidLedger, context: CheckContext) -> Iterator[Problem]:
    """Find dates after the month, and dates before it without a stated reason (R8)."""
    for part in ledger.parts:
        if context.month.first <= part.date <= context.month.last:
            continue
        is_later = part.date > context.month.last
        if part.late and not is_later:
            continue
        message = f"{part.date.isoformat()} 不在 {context.month} 之内"
        reason = f"加上 {context.keys.type_key('late')}: 原因" if part.where.line else "在“补登”里写原因"
        advice = f"{part.date:%Y-%m} 的事请记在那个月的台账里" if is_later else f"确属补登的，请{reason}"
        hint = f"请核对日期；{advice}"
        # Each cell of a workbook has a problem of its own.
        cause = Cause(f"这些日期不在 {context.month} 之内", hint, unit=PLACES) if part.where.line else None
        subject = "", f"{part.date}（{part.where.within_file}）"
        yield Problem(part.where, "ledger.date-outside", message, hint, cause=cause, subject=subject)


def _check_evidence(ledger: ValidLedger, context: CheckContext) -> Iterator[Problem]:
    """Find lines without a kind of proof that their item demands; the kind may be written by id or title."""
    for part in ledger.parts:
        for kind in part.item.evidence if part.evidence != UNREAD_EVIDENCE else ():
            names = part.evidence.get(kind) or part.evidence.get(context.rulebook.proofs.get(kind, kind)) or ()
            if not set(names) - _PLACEHOLDERS:
                yield _missing_evidence(part, kind, context)


MISSING_EVIDENCE = "ledger.missing-evidence"
# Words that people write where a proof is missing.
_PLACEHOLDERS = {"", "无", "没有", "暂无", "待补", "待定", "-", "/"}


def _missing_evidence(part: ResolvedActivity | ResolvedEntry, kind: str, context: CheckContext) -> Problem:
    rulebook, keys = context.rulebook, context.keys
    title = rulebook.proofs.get(kind, kind)
    message = f"“{part.item.title}”缺少佐证：{title}（{part.item.clause}）"
    known_kinds = {*rulebook.proofs, *rulebook.proofs.values(), *part.item.evidence}
    unknown_kinds = [key for key in part.evidence if key not in known_kinds]
    hint = f"请在“佐证：{title}”里写文件名"  # in a workbook
    if part.where.line:
        hint = f"请在{keys.name_key('evidence')}里加上 {title if keys.chinese else kind}: 文件名"
    if unknown_kinds:
        hint += f"；现有的“{'、'.join(unknown_kinds)}”不是规定的写法"
    if part.where.file not in context.sealed_files:
        return Problem(part.where, MISSING_EVIDENCE, message, hint)
    cause = name_resolution.blame_rulebook(
        rulebook, f"《{rulebook.title}》要求的佐证，已审核的台账里没有", "请恢复规则里这些项目的 evidence 和 proofs"
    )
    subject = f"“{part.item.title}” {context.roster.branch_by_id[context.branch].name}", str(context.month)
    return Problem(part.where, MISSING_EVIDENCE, message, cause.hint, cause=cause, subject=subject)


def _check_repetition(ledger: ValidLedger, _context: CheckContext) -> Iterator[Problem]:
    """Warn of lines that are written twice: they earn twice, which is seldom intended."""
    seen: dict[object, Location] = {}
    for part in ledger.parts:
        text = (part.title,) if isinstance(part, ResolvedActivity) else (part.note, part.member, part.level)
        before = seen.setdefault((part.item.id, part.date, text), part.where)
        if before is not part.where:
            message = f"这条“{part.item.title}”和{before.within_file}的日期、内容相同，会重复计分"
            hint = "重复登记的请删去一条；确是两次的，请在主题或备注里写明区别"
            yield Problem(part.where, "ledger.repeated", message, hint, Severity.WARNING)
    # An entry may repeat an activity. Attendance lists are long, and few activities share item and date with an entry:
    # only theirs are searched.
    entry_keys = {(entry.item.id, entry.date, entry.member) for entry in ledger.credits}
    entry_days = {(entry.item.id, entry.date) for entry in ledger.credits}
    activities: dict[object, Location] = {}
    for activity in ledger.held:
        for attended in activity.attendance if (activity.item.id, activity.date) in entry_days else ():
            if (
                attended.how is AttendanceStatus.PRESENT
                and (key := (activity.item.id, activity.date, attended.member)) in entry_keys
            ):
                activities.setdefault(key, activity.where)
    for entry in ledger.credits:
        if where := activities.get((entry.item.id, entry.date, entry.member)):
            message = f"{where.within_file}的“{entry.item.title}”已给这名党员计分，这条记录会再计一次"
            yield Problem(entry.where, "ledger.repeated", message, "重复登记的请删去一条", Severity.WARNING)


RULES: tuple[Callable[[ValidLedger, CheckContext], Iterator[Problem]], ...] = (
    _check_month,
    _check_dates,
    _check_evidence,
    _check_repetition,
)


# --- expected numbers of activities ----------------------------------------------------------------------------------

# Of the windows over which activities are expected.
PERIOD_KINDS = {
    Window.MONTH: PeriodKind.MONTH,
    Window.QUARTER: PeriodKind.QUARTER,
    Window.HALF: PeriodKind.HALF,
    Window.CYCLE: PeriodKind.YEAR,
}


def check_expectations(ledgers: tuple[ValidLedger, ...], rulebook: Rulebook, today: date) -> Iterator[Problem]:
    """Warn of activities that are held too rarely or too often in a branch's ledgers of a year, in order of months.

    Too few are reported once the period is over and its last month has a ledger, unless the cycle cuts it short (R21);
    too many at once.
    """
    counts_by_ledger = [(ledger, Counter([activity.item.id for activity in ledger.held])) for ledger in ledgers]
    for item in rulebook.items:
        if item.expect is None:
            continue
        counts, entry_counts = Counter[Period](), Counter[Period]()
        for ledger, ledger_counts in counts_by_ledger:
            period = enclosing_period(PERIOD_KINDS[item.expect.per], ledger.month)
            in_month = ledger_counts[item.id]
            counts[period] += in_month
            entry_counts[period] += sum(entry.item.id == item.id for entry in ledger.credits)
            is_over = ledger.month.last == period.last < today and rulebook.term.has_all_of(period)
            if (in_month and counts[period] > item.expect.times) or (is_over and counts[period] < item.expect.times):
                yield _unexpected_count(ledger, item, period, (counts[period], entry_counts[period]))


def _unexpected_count(ledger: ValidLedger, item: Item, period: Period, counts: tuple[int, int]) -> Problem:
    """Return the problem of an item with the wrong count of activities in a period, or with entries instead."""
    assert item.expect is not None
    count, entry_count = counts
    too_few = count < item.expect.times
    places = [activity.where for activity in ledger.held if activity.item.id == item.id]
    list_place = ledger.keys.places.get("activities") or ledger.keys.places.get("month") or ledger.where
    message = f"“{item.title}”{period} 应有 {item.expect.times} 次，台账里有 {count} 次"
    hint = "如已开展请补记；没有开展可以不理" if too_few else "请核对是否重复登记；确已开展的可以不理"
    if too_few and entry_count:
        entries, activities = ledger.keys.name_key("entries"), ledger.keys.name_key("activities")
        message += f"，另有 {entry_count} 条写在{entries}里，不算开展的次数"
        hint = f"是活动的，请改写在{activities}里；不是活动的，请机关党委删去下一周期规则里这个项目的 expect"
    code = "ledger.expected-missing" if too_few else "ledger.expected-too-many"
    return Problem(places[-1] if places else list_place, code, message, hint, Severity.WARNING)


def check_movers(
    ledgers: Iterable[ValidLedger], roster: Roster, rulebooks: Mapping[int, Rulebook]
) -> Iterator[Problem]:
    """Warn of members who moved and were present in several branches more often than an activity is expected.

    Each branch's ledgers are in order by themselves, and so no other rule finds it. ``ledgers`` are those of all
    branches and years.
    """
    movers = {member.id: member for member in roster.members if len({span.branch for span in member.spans}) > 1}
    branches = {span.branch for member in movers.values() for span in member.spans}
    by_key: dict[tuple[Period, str, str], list[tuple[ValidLedger, ResolvedActivity]]] = defaultdict(list)
    for ledger in ledgers:
        for activity in ledger.held if ledger.branch in branches and ledger.month.year in rulebooks else ():
            if activity.item.expect is not None:
                period = enclosing_period(PERIOD_KINDS[activity.item.expect.per], ledger.month)
                for attended in activity.attendance:
                    if attended.how is AttendanceStatus.PRESENT and attended.member in movers:
                        by_key[period, activity.item.id, attended.member].append((ledger, activity))
    for (period, _, member), times in by_key.items():
        item = times[0][1].item
        if item.expect and len(times) > item.expect.times and len({ledger.branch for ledger, _ in times}) > 1:
            yield _counted_in_several_branches(movers[member], item, period, times, roster)


def _counted_in_several_branches(
    member: Member, item: Item, period: Period, times: Sequence[tuple[ValidLedger, ResolvedActivity]], roster: Roster
) -> Problem:
    assert item.expect is not None
    by_day = sorted(times, key=lambda pair: (pair[1].date, pair[1].where))
    places = (
        f"{activity.date} {roster.branch_by_id[ledger.branch].name}（{activity.where.file}:{activity.where.line}）"
        for ledger, activity in by_day
    )
    name, expected = member_label(member), item.expect.times
    message = (
        f"{name}的“{item.title}”{period} 在几个支部一共记了 {len(times)} 次（应有 {expected} 次）：{'、'.join(places)}"
    )
    hint = "重复计分的，请在其中一次写进 exempt（免计），已审核的用 jifenbang correct 更正；确实都参加了的可以不理"
    return Problem(by_day[-1][1].where, "ledger.counted-twice", message, hint, Severity.WARNING)
