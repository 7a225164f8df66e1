"""Make the workbooks in which recorders fill in a month, or change a sealed one."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.ledgers import plain_lines
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import PlacedLine
from generator.core.model.ledger import Activity, CorrectionKind, Entry, Ledger
from generator.core.page_data import month_sheets
from generator.core.page_data.month_sheets import MonthSheet
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import ledger_file
from generator.intake.imports import month_form, month_workbook, workbook, written_draft
from generator.intake.imports.workbook import Sheet
from generator.intake.imports.written_draft import WrittenDraft
from generator.loader import arguments, load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, Severity
from generator.project import Project
from generator.render.export import month_workbook as month_workbook_writer
from generator.workflow import correct


class SheetFormat(StrEnum):
    """The kind of file in which a month is filled in: a workbook, or a page in a browser."""

    WORKBOOK = "xlsx"
    FORM = "html"


class SheetRequest(Struct, frozen=True):
    """A request to fill in a month of one branch, or with None of every branch that has members then.

    Months that are sealed are left out unless it ``corrects``, and then those that are not.
    """

    month: Period
    branch: str | None
    file_format: SheetFormat = SheetFormat.WORKBOOK
    corrects: bool = False


class MonthFile(Struct, frozen=True):
    """The workbook or form of a branch's month, and the branch's id and name."""

    branch: str
    branch_name: str
    raw: bytes


def make_month_files(project: Project, today: date, request: SheetRequest) -> CommandResult[Sequence[MonthFile]]:
    """Make the workbooks or forms that are requested."""
    month, corrects = request.month, request.corrects
    load_result = load.load_project(project, today)
    loaded = load_result.loaded
    if loaded is None:
        return CommandResult(problems=tuple(problem for problem in load_result.problems if problem.is_error))
    selected = arguments.find_branch(loaded.roster, request.branch)
    usage_error = arguments.month_usage_error(loaded.rulebooks, month)
    if usage_error or isinstance(selected, str):
        return CommandResult(usage_error=usage_error or str(selected))
    branches = (
        [selected]
        if selected
        else [entry for entry in loaded.roster.branches if loaded.roster.has_members_in(entry.id, month)]
    )
    files_made, problems = list[MonthFile](), list[Problem]()
    for done, branch_to_fill in enumerate(branches, 1):
        project.progress("导出 文件", done, len(branches), 0)
        files = loaded.ledger_files.list_month(branch_to_fill.id, month)
        name = branch_to_fill.named_on(month.last).name
        if bool(files and files[0].sealed) != corrects:
            problems.append(_describe_skipped(loaded, branch_to_fill.id, month, corrects=corrects))
            continue
        context = CheckContext(loaded.roster, loaded.rulebooks[month.year], branch_to_fill.id, month, today)
        maker = _SheetMaker(loaded, context, files, request.file_format)
        made_sheet, sheet_problems = maker.make()
        problems += sheet_problems
        files_made += [_make_file(made_sheet, name)] if made_sheet else []
    if not files_made:  # what was left out is then the reason
        problems = [replace(problem, severity=Severity.ERROR) for problem in problems]
    return CommandResult(files_made, tuple(problems))


def _describe_skipped(loaded: LoadedProject, branch: str, month: Period, *, corrects: bool) -> Problem:
    where = Location(loaded.project.file_name(loaded.project.ledger_path(branch, str(month))), 0)
    if corrects:
        hint = "还没有审核的请去掉 --correct，直接填"
        return Problem(where, "sheet.not-sealed", f"{month} 的台账没有审核过，没有可更正的", hint, Severity.WARNING)
    hint = f"要更正的，请运行 jifenbang sheet {month} --branch {branch} --correct"
    return Problem(where, "sheet.sealed", f"{month} 的台账已经审核，没有导出", hint, Severity.WARNING)


def make_editor_sheet(
    loaded: LoadedProject, branch: str, month: Period, *, corrects: bool
) -> tuple[MonthSheet | None, Sequence[Problem]]:
    """Make what an editor shows of a branch's month, of which there is a rulebook; None if there are problems."""
    files = loaded.ledger_files.list_month(branch, month)
    if bool(files and files[0].sealed) != corrects:
        return None, [_describe_skipped(loaded, branch, month, corrects=corrects)]
    context = CheckContext(loaded.roster, loaded.rulebooks[month.year], branch, month, loaded.today)
    made_sheet, problems = _SheetMaker(loaded, context, files, SheetFormat.FORM).make()
    return (made_sheet.sheet if made_sheet else None), problems


class _MadeSheet(Struct, frozen=True):
    """A month to fill in, and its workbook; None of a form, which is drawn where it is wanted."""

    sheet: MonthSheet
    workbook: bytes | None


def _make_file(made_sheet: _MadeSheet, branch_name: str) -> MonthFile:
    raw, sheet = made_sheet.workbook, made_sheet.sheet
    if raw is None:
        from generator.render.export import month_form as month_form_writer  # noqa: PLC0415  workbooks need no templates

        raw = month_form_writer.month_sheet_to_html(sheet)
    return MonthFile(sheet.origin.branch, branch_name, raw)


class _SheetMaker:
    """A maker of one branch's workbook or form."""

    def __init__(
        self, loaded: LoadedProject, context: CheckContext, files: Sequence[LedgerFile], file_format: SheetFormat
    ) -> None:
        self.loaded = loaded
        self.files = files
        self.file_format = file_format
        self.sealed = [file for file in files if file.sealed]
        self.draft = next((file for file in files if not file.sealed), None)
        self.context = replace(context, sealed_files=frozenset(file.name for file in self.sealed))

    def make(self) -> tuple[_MadeSheet | None, Sequence[Problem]]:
        """Make the sheet, and read it again as it will be handed in: it must say what the ledger says."""
        if problems := list(correct.find_obstacles(self.sealed)):
            return None, problems
        current = self._list_lines()
        if ambiguous := [line for line in current.values() if self._has_member_twice(line)]:
            hint = "请先运行 jifenbang check，改好再导出"
            return None, [
                Problem(line.where, "sheet.cannot-hold", "有人在这次活动里写了两处", hint) for line in ambiguous
            ]
        by_label = {label: plain_lines.plain_line(line, self.context) for label, line in current.items()}
        written = self._read_draft()
        if self.draft and written is None and not (self.draft.clean and not self.draft.number):
            return None, [self._unreadable(self.draft)]
        if self.draft and written and self.draft.number:
            by_label = {**written.amend(by_label)}
        elif written:
            by_label = {**written.lines}
        where = Location(self.draft.name if self.draft else "", 0)
        lines = [PlacedLine(label, line, {"": where}) for label, line in by_label.items()]
        organ = self.loaded.settings.organ
        origin = month_sheets.make_origin(self.context, organ, self._find_digest(), corrects=bool(self.sealed))
        cover = self._fill_cover(written)
        sheet = month_sheets.build_month_sheet(self.context, origin, cover, lines, self._count_held())
        is_form = self.file_format is SheetFormat.FORM
        raw = None if is_form else month_workbook_writer.month_sheet_to_xlsx(sheet)
        read = (
            month_form.make_untouched_sheets(sheet) if raw is None else workbook.read_workbook(raw, sheet.branch_name)
        )
        if not self._is_read_back(*read, sheet, lines):
            return None, [self._cannot_hold()]
        return _MadeSheet(sheet, raw), ()

    def _read_draft(self) -> WrittenDraft | None:
        """Return the draft as it is written: a correction, or a ledger that has errors; None for any other."""
        draft = self.draft
        if draft is None or (draft.clean and not draft.number):
            return None
        raw = (self.loaded.project.root / draft.name).read_bytes()
        return written_draft.read_written_draft(raw, draft.name, self.context, draft.number)

    def _unreadable(self, file: LedgerFile) -> Problem:
        hint = "请先运行 jifenbang check，改好再导出"
        return Problem(Location(file.name, 0), "sheet.unreadable", "这份草稿里有读不出的地方，没有导出", hint)

    def _list_lines(self) -> Mapping[str, Activity | Entry]:
        """Return the lines that count now; of a draft without errors its own."""
        files = self.sealed or [file for file in self.files if file.clean]
        current = correct.list_current_lines(files).by_label if files else {}
        return {label: line for label, line in current.items() if line}

    def _has_member_twice(self, line: Activity | Entry) -> bool:
        if isinstance(line, Entry):
            return False
        names = [*(line.present or ()), *line.leave, *line.absent, *line.exempt]
        members = {plain_lines.find_member_id(name, line.date.isoformat(), self.context) for name in names}
        return len(members) < len(names)

    def _find_digest(self) -> str:
        """Return the digest of the approval that a correction would correct, or of the draft."""
        if self.draft:
            raw = (self.loaded.project.root / self.draft.name).read_bytes()
            return ledger_file.digest_draft(raw, self.draft.name)
        approval = self.sealed[-1].approval if self.sealed else None
        return approval.digest if approval else ""

    def _fill_cover(self, written: WrittenDraft | None) -> Mapping[str, str]:
        ledger = self.files[0].document if self.files else None
        recorder = ledger.recorder if isinstance(ledger, Ledger) else ""
        more = {"kind": CorrectionKind.MISTAKEN.value, "reason": ""} if self.sealed else {}
        return {"recorder": recorder, **more, **(written.cover if written else {})}

    def _count_held(self) -> Mapping[str, int]:
        ledgers = {**self.loaded.draft_ledgers, **self.loaded.approved_ledgers}
        months = {
            month: [activity.item.id for activity in ledger.held]
            for (branch, month), ledger in ledgers.items()
            if branch == self.context.branch
        }
        return month_sheets.count_held_before(self.context, months)

    def _is_read_back(
        self, sheets: Sequence[Sheet], problems: Sequence[Problem], sheet: MonthSheet, lines: Sequence[PlacedLine]
    ) -> bool:
        month, more = month_workbook.read_month(sheets, sheet.branch_name, sheet.origin, self.context)
        if month is None:
            return False
        read = [(placed.label, plain_lines.settle_line(placed.line, self.context)) for placed in month.lines]
        cover = {name: field.text for name, field in month.cover.items()}
        is_sound = not any(problem.is_error for problem in (*problems, *more))
        return is_sound and cover == sheet.cover and read == [(placed.label, placed.line) for placed in lines]

    def _cannot_hold(self) -> Problem:
        hint = "请看看有没有空白的姓名或少见的符号；这份请直接改台账文件"
        where = Location(self.files[0].name if self.files else self.context.branch, 0)
        held_by = "填报页" if self.file_format is SheetFormat.FORM else "工作簿"
        return Problem(where, "sheet.cannot-hold", f"这份台账里有{held_by}写不下的内容，没有导出", hint)
