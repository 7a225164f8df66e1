"""Describe in words what the approval of a draft will seal, as far as committees decide it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from generator.core.basics.numbers import format_decimal
from generator.core.model.ledger import AttendanceStatus, ResolvedActivity, ResolvedEntry, ValidLedger
from generator.core.model.roster import member_label
from generator.core.page_data.month_sheets import MARKS
from generator.core.scoring import results
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.loader import load
from generator.loader.load import LoadedProject


def describe_draft(loaded: LoadedProject, file: SealedFile) -> Sequence[str]:
    """Return the lines of a draft: of a ledger all, of a correction those that it changes, of ballots their text."""
    if not isinstance(file, LedgerFile):
        text = (loaded.project.root / file.name).read_text(encoding="utf-8-sig", errors="replace")
        return [line for line in text.splitlines() if line.strip()]
    before, after = _find_states(loaded, file)
    if after is None:
        return []
    lines = [_describe_line(line, loaded) for line in after.parts]
    if before is None:
        return lines
    earlier_lines = [_describe_line(line, loaded) for line in before.parts]
    removed = [f"原来：{line}" for line in earlier_lines if line not in lines]
    return [*removed, *(f"更正后：{line}" for line in lines if line not in earlier_lines)]


def list_moved_points(loaded: LoadedProject, file: LedgerFile) -> Iterator[str]:
    """Yield whose points of the month the approval of a draft changes, as far as the branch's own ledgers decide it."""
    before, after = _find_states(loaded, file)
    if after is None:
        return
    key = file.branch, file.month
    approved = {
        approved_key: ledger
        for approved_key, ledger in loaded.approved_ledgers.items()
        if approved_key[0] == file.branch and approved_key[1].year == file.month.year and approved_key != key
    }
    scores = [
        load.score_ledgers(loaded, {**approved, **({key: state} if state else {})}, frozenset())
        for state in (before, after)
    ]
    members = {member.id: member for member, _ in loaded.roster.members_during(file.branch, file.month)}
    for member in members.values():
        earlier, later = (results.score_member(scored, member.id, file.month).points for scored in scores)
        if earlier != later:
            yield f"{member_label(member)} {format_decimal(earlier)} → {format_decimal(later)}"


def count_lines(loaded: LoadedProject, file: LedgerFile) -> str:
    """Return how many activities and entries a month has once the draft is approved."""
    _, after = _find_states(loaded, file)
    counts = Counter(isinstance(line, ResolvedActivity) for line in after.parts) if after else Counter[bool]()
    return f"活动 {counts[True]} 项，个人事项 {counts[False]} 条"


def _find_states(loaded: LoadedProject, file: LedgerFile) -> tuple[ValidLedger | None, ValidLedger | None]:
    """Return the month before and after a draft's approval; None if there is none, or it can't be evaluated."""
    effective = loaded.effective_ledgers
    month_files = loaded.ledger_files.list_month(file.branch, file.month)
    earlier = [draft.name for draft in month_files if not draft.sealed and draft.number < file.number]
    before = effective.approved.get((file.branch, file.month))
    for name in earlier:
        before = effective.if_approved.get(name, before)
    return before, effective.if_approved.get(file.name)


def _describe_line(line: ResolvedActivity | ResolvedEntry, loaded: LoadedProject) -> str:
    if isinstance(line, ResolvedActivity):
        names: dict[AttendanceStatus, list[str]] = defaultdict(list)
        for attendance in line.attendance:
            names[attendance.how].append(_name_member(attendance.member, line, loaded))
        marks = [
            f"{MARKS[how]} {len(members)} 人" + ("" if how is AttendanceStatus.PRESENT else f"（{'、'.join(members)}）")
            for how, members in names.items()
        ]
        return "，".join(filter(None, [str(line.date), line.item.title, line.title, "、".join(marks)]))
    name = _name_member(line.member, line, loaded)
    return "，".join(
        filter(None, [str(line.date), name, line.item.title, line.level.title if line.level else None, line.note])
    )


def _name_member(member: str, line: ResolvedActivity | ResolvedEntry, loaded: LoadedProject) -> str:
    return member_label(loaded.roster.member_by_id[member].named_on(line.date))
