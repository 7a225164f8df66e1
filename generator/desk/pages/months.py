"""The overview of all branches' months, and the page of one month with its editor."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from generator.core.basics.periods import Period, PeriodKind, enclosing_period, get_period, parse_period
from generator.core.page_data.dashboard import (
    DashboardCell,
    Duty,
    DutyKind,
    MonthProgress,
    StepKind,
    waits_for_signature,
)
from generator.desk import board_tables, text_files
from generator.desk.desk import Desk, State
from generator.desk.page import DeskPage, PageError
from generator.loader.load import LoadedProject
from generator.problems import Problem
from generator.queries import sheet, status
from generator.render.export import month_form
from generator.workflow import reservations

_PROGRESS = {
    MonthProgress.NONE: "",
    MonthProgress.AHEAD: "未到",
    MonthProgress.MISSING: "没有台账",
    MonthProgress.DRAFT: "草稿有误",
    MonthProgress.READY: "待审核",
    MonthProgress.APPROVED: "已审核",
    MonthProgress.CORRECTED: "已更正",
}
_STEPS = {
    StepKind.FILL: "登记",
    StepKind.MEND: "改正",
    StepKind.APPROVE: "审核",
    StepKind.SIGN: "收答复",
    StepKind.PUBLISH: "公布",
    StepKind.FILE: "备案",
}
_DUTIES = {
    DutyKind.APPROVE: "审核台账",
    DutyKind.CORRECTION: "审核更正",
    DutyKind.FILE: "备案",
    DutyKind.OBJECTION: "公示期满",
    DutyKind.REVIEWS: "审核民主评议得分",
    DutyKind.DRAFT: "审核草稿",
    DutyKind.SIGN: "待签名",
}


def build_overview(desk: Desk, state: State, year: str = "") -> DeskPage:
    """Build the table of a year's months by branch, with what falls due."""
    period = get_period(PeriodKind.YEAR, int(year)) if year else None
    result = status.view_status(state.load_result, period, None)
    if result.value is None:
        return DeskPage("problems.html", "总览", {"problems": state.problems, "unreadable": True})
    view = result.value
    loaded = state.load_result.loaded
    assert loaded is not None
    shown_year, rows = view.years[0] if view.years else (desk.today().year, ())
    table = [
        {"branch": row.branch, "cells": [_describe_cell(row.branch.id, cell) for cell in row.cells]} for row in rows
    ]
    duties = [_describe_duty(duty, loaded, view.today) for duty in view.dues]
    years = sorted(loaded.rulebooks, reverse=True)
    waiting = reservations.find_waiting(loaded)
    data = {
        "year": shown_year,
        "years": years,
        "rows": table,
        "duties": duties,
        "waiting": len(waiting),
        "drafts": sum(not file.sealed for file in loaded.files_by_name.values()),
    }
    return DeskPage("overview.html", "总览", data)


def _describe_cell(branch: str, cell: DashboardCell) -> dict[str, Any]:
    is_waiting = waits_for_signature(cell)
    marks = [
        "逾期" if cell.overdue else "",
        ("更正待签名" if is_waiting else "更正待审") if cell.pending else "",
        "已备案" if cell.filed else "",
        "已公布" if cell.published and cell.progress in {MonthProgress.APPROVED, MonthProgress.CORRECTED} else "",
    ]
    return {
        "month": cell.month,
        "progress": cell.progress.value,
        "words": "待签名" if is_waiting and cell.progress is MonthProgress.READY else _PROGRESS[cell.progress],
        "marks": [mark for mark in marks if mark],
        "link": f"month/{branch}/{cell.month}" if cell.progress is not MonthProgress.NONE else "",
        "due": cell.due,
        "overdue": cell.overdue,
        "step": _STEPS[cell.step.action] if cell.step else "",
    }


def _describe_duty(duty: Duty, loaded: LoadedProject, today: date) -> dict[str, Any]:
    branch = loaded.roster.branch_by_id[duty.branch].name if duty.branch else "机关党委"
    link = ""
    if duty.branch and duty.period and duty.period.kind is PeriodKind.MONTH:
        link = f"month/{duty.branch}/{duty.period}"
    elif duty.file:
        link = text_files.find_link(duty.file)
    return {
        "what": _DUTIES[duty.duty],
        "branch": branch,
        "period": "、".join(map(str, duty.months)) or duty.period or duty.file,
        "day": duty.day,
        "left": (duty.day - today).days if duty.day else None,
        "overdue": duty.overdue,
        "link": link,
    }


def build_month(desk: Desk, state: State, branch: str, month_name: str) -> DeskPage:
    """Build the page of a branch's month: its editor, its files, and what can be done next."""
    loaded, month = _find_month(state, branch, month_name)
    files = loaded.ledger_files.list_month(branch, month)
    is_sealed = bool(files and files[0].sealed)
    drafts = [file for file in files if not file.sealed]
    problems = [problem for problem in state.problems if problem.where.file in {file.name for file in files}]
    quarter = enclosing_period(PeriodKind.QUARTER, month)
    data: dict[str, Any] = {
        "branch": loaded.roster.branch_by_id[branch],
        "month": month,
        "files": files,
        "draft": drafts[-1] if drafts else None,
        "is_sealed": is_sealed,
        "problems": problems,
        "has_errors": any(problem.is_error for problem in problems),
        "today": desk.today(),
        "has_secretary": loaded.roster.branch_by_id[branch].secretary_on(desk.today()) is not None,
        "quarter": quarter,
        "is_signed": loaded.approver_lists.current is not None,
        "request": reservations.find_requests_by_name(loaded).get(drafts[-1].name) if drafts else None,
        "is_filed": desk.project.filing_path(branch, str(quarter)).exists(),
        "print_page": f"preview/committee/ledgers/{branch}/{month}.html",
    }
    return DeskPage("month.html", f"{data['branch'].named_on(month.last).name} {month}", data)


def build_moves(desk: Desk, state: State, path: str) -> DeskPage:
    """Build the part of a page that shows whose points and ranks move once the drafts of months are approved."""
    branches, month_names = path.split("/")[1::2], path.split("/")[2::2]
    keys = [(branch, _find_month(state, branch, name)[1]) for branch, name in zip(branches, month_names, strict=True)]
    loaded = state.load_result.loaded
    assert loaded
    if not loaded.draft_ledgers.keys() >= set(keys):
        raise PageError
    boards = board_tables.list_board_tables(loaded.roster, desk.scores.diff_drafts(loaded, keys))
    return DeskPage("moves.html", "积分和名次的变动", {"boards": boards})


def build_editor(_: Desk, state: State, branch: str, month_name: str, kind: str) -> DeskPage:
    """Build the editor of a branch's month: of its draft, or of a correction of what is sealed."""
    loaded, month = _find_month(state, branch, month_name)
    table, problems = build_editor_table(state, loaded, branch, month, corrects=kind == "correct")
    title = f"{loaded.roster.branch_by_id[branch].named_on(month.last).name} {month}"
    files = loaded.ledger_files.list_month(branch, month)
    data = {
        "branch": loaded.roster.branch_by_id[branch],
        "month": month,
        "kind": kind,
        "table": table,
        "number": len(files) - (not files[-1].sealed) if files else 0,
    }
    return DeskPage("editor.html", title, {**data, "problems": problems})


def build_editor_table(
    state: State, loaded: LoadedProject, branch: str, month: Period, *, corrects: bool
) -> tuple[Any, Sequence[Problem]]:
    """Return what the editor's script knows, None if there are problems, and these."""
    key = (branch, month, corrects)
    if key not in state.editor_tables:
        made_sheet, problems = sheet.make_editor_sheet(loaded, branch, month, corrects=corrects)
        table = month_form.list_choices(made_sheet, "更正" if corrects else "台账") if made_sheet else None
        state.editor_tables[key] = table, problems
    return state.editor_tables[key]


def name_month_file(state: State, branch: str, month_name: str, suffix: str) -> str:
    """Return what ``sheet`` calls the file of a branch's month; empty where there is no such month."""
    try:
        loaded, month = _find_month(state, branch, month_name)
    except PageError:
        return ""
    return f"{month} {loaded.roster.branch_by_id[branch].named_on(month.last).name}{suffix}"


def _find_month(state: State, branch: str, month_name: str) -> tuple[LoadedProject, Period]:
    loaded, month = state.load_result.loaded, parse_period(month_name)
    if loaded is None:
        raise PageError
    if month is None or month.kind is not PeriodKind.MONTH or branch not in loaded.roster.branch_by_id:
        raise PageError
    if month.year not in loaded.rulebooks:
        raise PageError
    return loaded, month
