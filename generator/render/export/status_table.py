"""The dashboard as JSON or a table for the terminal, with the next command to type about each month."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from generator.core.basics.periods import PeriodKind, enclosing_period
from generator.core.model.roster import Branch
from generator.core.page_data.dashboard import (
    UNAPPROVED,
    Dashboard,
    DashboardCell,
    DashboardRow,
    Duty,
    DutyKind,
    MonthProgress,
    StepKind,
    waits_for_signature,
)
from generator.render.export.tables import align_columns, to_json
from generator.render.html import filters

_HEAD = ["党支部", "月份", "情况", "审核期限", "下一步"]
_WORDS = {
    MonthProgress.AHEAD: "没有台账",
    MonthProgress.MISSING: "没有台账",
    MonthProgress.DRAFT: "草稿有误",
    MonthProgress.READY: "待审核",
    MonthProgress.APPROVED: "已审核",
    MonthProgress.CORRECTED: "已更正",
}
_TAKE_ANSWER = "jifenbang approve --answer 答复.zip"
_COMMANDS = {
    StepKind.FILL: "jifenbang sheet {month} --branch {branch}",
    StepKind.MEND: "jifenbang check {file}",
    StepKind.APPROVE: "jifenbang approve {file} --meeting 开会日期",
    StepKind.SIGN: _TAKE_ANSWER,
    StepKind.PUBLISH: "jifenbang build",
    StepKind.FILE: "jifenbang file {quarter} --branch {branch} --on 备案日期 --by 备案人",
}
_NOTHING_DUE = "没有要办的：这些月份还没有到，或者不计分（见 ledgers/年份/cycle.yaml 的 from、until）。"
# What the months don't say already.
_OTHER_DUTIES = {DutyKind.OBJECTION, DutyKind.REVIEWS, DutyKind.DRAFT, DutyKind.SIGN}


def _format_command(branch: Branch, cell: DashboardCell) -> str:
    """Return the next command to type about a month; empty if there is none."""
    if cell.step is None:
        return ""
    quarter = enclosing_period(PeriodKind.QUARTER, cell.month)
    words = {"month": cell.month, "branch": branch.id, "file": cell.step.file, "quarter": quarter}
    # What was filed is corrected with the organ committee's consent.
    needs_consent = cell.filed and cell.step.action is StepKind.APPROVE
    return _COMMANDS[cell.step.action].format(**words) + (" --consent 同意人" if needs_consent else "")


def _list_cells(view: Dashboard) -> Iterator[tuple[Branch, DashboardCell]]:
    """Yield every month of every branch that is expected, by branch."""
    for _, rows in view.years:
        for row in rows:
            yield from ((row.branch, cell) for cell in row.cells if cell.progress is not MonthProgress.NONE)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _status_json(view: Dashboard) -> str:
    return to_json(
        {
            "today": view.today.isoformat(),
            "months": [_cell_fields(branch, cell) for branch, cell in _list_cells(view)],
            "duties": [_duty_fields(duty) for duty in view.dues],
        }
    )


def _cell_fields(branch: Branch, cell: DashboardCell) -> dict[str, Any]:
    return {
        "branch": branch.id,
        "month": str(cell.month),
        "state": cell.progress,
        "overdue": cell.overdue,
        "due": cell.due and cell.due.isoformat(),
        "correction": cell.pending,
        "filed": cell.filed,
        "published": cell.published,
        "next": _format_command(branch, cell) or None,
    }


def _duty_fields(duty: Duty) -> dict[str, Any]:
    return {
        "duty": duty.duty,
        "branch": duty.branch,
        "period": duty.period and str(duty.period),
        "months": [str(month) for month in duty.months],
        "day": duty.day and duty.day.isoformat(),
        "overdue": duty.overdue,
        "file": duty.file or None,
    }


# --- the table -------------------------------------------------------------------------------------------------------


def _status_table(view: Dashboard) -> str:
    """Return a line for each month that has cells.

    All months that a branch lacks share one, and so do months in a row of which the same is to be said.
    """
    groups = [group for _, rows in view.years for row in rows for group in _group_months(row, view.today)]
    rows = [_HEAD, *(_group_cells(branch, cells) for branch, cells in groups)]
    lines = [f"截至 {view.today}", "", align_columns(rows, right_aligned=set()) if groups else _NOTHING_DUE]
    if duties := [duty for duty in view.dues if duty.duty in _OTHER_DUTIES]:
        lines += ["", "另有：", *(f"  {_describe_duty(duty)}" for duty in duties)]
    if any(cell.step and cell.step.action is StepKind.FILL for _, cells in groups for cell in cells):
        lines += ["", "工作簿填好以后运行：jifenbang import 文件"]
    return "\n".join(lines)


def _group_months(row: DashboardRow, today: date) -> Iterator[tuple[Branch, Sequence[DashboardCell]]]:
    """Yield the months of each line of a branch, in the order of their first ones."""
    cells = [cell for cell in row.cells if cell.progress is not MonthProgress.NONE and cell.month.first <= today]
    missing = [cell for cell in cells if cell.progress is MonthProgress.MISSING]
    with_files = [cell for cell in cells if cell.progress is not MonthProgress.MISSING]
    groups = [
        list(group)
        for _, group in groupby(with_files, key=lambda cell: (_describe(cell), _format_command(row.branch, cell)))
    ]
    # Months between which one is missing are no row.
    parts = [part for group in groups for part in _split_at(group, missing)]
    yield from ((row.branch, group) for group in sorted(filter(None, [missing, *parts]), key=_first_month))


def _first_month(cells: Sequence[DashboardCell]) -> date:
    return cells[0].month.first


def _split_at(cells: Sequence[DashboardCell], missing: Sequence[DashboardCell]) -> Iterator[list[DashboardCell]]:
    """Yield the parts of a row of months between those that are missing."""
    for _, part in groupby(cells, key=lambda cell: sum(gap.month.first < cell.month.first for gap in missing)):
        yield list(part)


def _group_cells(branch: Branch, cells: Sequence[DashboardCell]) -> list[str]:
    """Return the cells of the line of a branch's months; due day and command are the first month's."""
    first = cells[0]
    due = first.due.isoformat() if first.due and first.progress in UNAPPROVED else ""
    return [branch.name, _list_months(cells), _describe_group(cells), due, _format_command(branch, first)]


def _list_months(cells: Sequence[DashboardCell]) -> str:
    """Return months as 2026-01 至 03、05."""
    runs: list[list[int]] = []
    for cell in cells:
        if runs and runs[-1][-1] + 1 == cell.month.number:
            runs[-1].append(cell.month.number)
        else:
            runs.append([cell.month.number])
    words = (f"{run[0]:02} 至 {run[-1]:02}" if len(run) > 1 else f"{run[0]:02}" for run in runs)
    return f"{cells[0].month.year}-{'、'.join(words)}"


def _describe_group(cells: Sequence[DashboardCell]) -> str:
    overdue = sum(cell.overdue for cell in cells)
    if 0 < overdue < len(cells):
        return f"{_WORDS[cells[0].progress]}，{overdue} 个月逾期"
    return _describe(cells[0])


def _describe(cell: DashboardCell) -> str:
    """Describe a month as 已审核，已公布，已备案."""
    waits = waits_for_signature(cell)
    words = ["待签名" if waits and cell.progress in UNAPPROVED else _WORDS[cell.progress]]
    if cell.overdue:
        words.append("逾期")
    if cell.pending:
        words.append("更正待签名" if waits and cell.progress not in UNAPPROVED else "更正待审核")
    if cell.progress not in UNAPPROVED:
        words.append("已公布" if cell.published else "未公布")
        words += ["已备案"] if cell.filed else []
    return "，".join(words)


def _describe_duty(duty: Duty) -> str:
    day = f"（{filters.format_day(duty.day)}）" if duty.day else ""
    commands = {
        DutyKind.DRAFT: f"：jifenbang approve {duty.file} --meeting 开会日期",
        DutyKind.SIGN: f"：{_TAKE_ANSWER}",
    }
    return f"{filters.format_duty(duty)}{day}{commands.get(duty.duty, '')}"


STATUS_FORMATS: dict[str, Callable[[Dashboard], str]] = {"table": _status_table, "json": _status_json}
