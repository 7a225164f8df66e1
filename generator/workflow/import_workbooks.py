"""Make drafts of ledgers 台账 and corrections 更正 from filled workbooks, and of ledgers from tables of other systems.

The files are only read, and no sealed file is touched.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import PeriodKind, parse_period
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.page_data import month_sheets
from generator.core.page_data.month_sheets import SheetOrigin
from generator.intake.files import import_file
from generator.intake.imports import month_form, month_workbook, tables, workbook
from generator.intake.imports.tables import TableSheet
from generator.intake.imports.workbook import Sheet
from generator.intake.text import reader
from generator.intake.text.problem_list import MAX_PROBLEMS
from generator.loader import arguments, load
from generator.loader.load import LoadedProject, LoadProject
from generator.problems import CommandResult, Location, Problem, Severity
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import editor_schemas, import_tables, record_text
from generator.workflow.import_tables import ReadTable, TableOptions
from generator.workflow.workbook_drafts import DraftMaker, ImportedWorkbook, MadeDraft


class ImportedFiles(Struct, frozen=True):
    """The drafts that files made; ``is_refused`` if those of tables were not to be written after all."""

    imported: Sequence[ImportedWorkbook] = ()
    is_refused: bool = False


Confirm = Callable[[Sequence[ReadTable]], bool]


class _FilledFile(Struct, frozen=True):
    """A workbook or form, with the month that it was made for, None if it can't be read.

    ``saved`` is the time at which a form was saved; a workbook has none. ``tables`` are those of another system.
    """

    name: str
    sheets: Sequence[Sheet]
    origin: SheetOrigin | None
    problems: Sequence[Problem]
    saved: str = ""
    tables: Sequence[TableSheet] | None = None


class _Attempt(Struct, frozen=True):
    """The drafts of a file, if it has no errors, and its problems; ``table``, with its warnings, of another system."""

    drafts: Sequence[MadeDraft]
    problems: Sequence[Problem]
    table: ReadTable | None = None


def import_files(  # noqa: PLR0913, PLR0917  the last only for a caller that has loaded the project already
    project: Project,
    today: date,
    names: Mapping[Path, str],
    options: TableOptions,
    confirm: Confirm,
    load_project: LoadProject = load.load_project,
) -> CommandResult[ImportedFiles]:
    """Write the drafts of those files that have no errors; ``confirm`` sees tables before anything of them is written.

    ``names`` are those by which people know the files. An existing draft is changed only to ``update`` it.
    """
    with lock_project(project):
        load_result = load_project(project, today)
        loaded = load_result.loaded
        if loaded is None:
            return CommandResult(problems=tuple(problem for problem in load_result.problems if problem.is_error))
        branch = arguments.find_branch(loaded.roster, options.branch)
        if isinstance(branch, str):
            return CommandResult(usage_error=branch)
        options = replace(options, branch=branch.id if branch else None)
        files, problems = _drop_older_forms([_read_file(path, name) for path, name in names.items()])
        attempts = list[_Attempt]()
        for file in files:
            attempts.append(_import_file(loaded, file, options))
            project.progress("导入 文件", len(attempts), len(files), 0)
        attempts = _drop_rivals(attempts)
        problems += [problem for attempt in attempts for problem in attempt.problems]
        shown_tables = [attempt.table for attempt in attempts if attempt.table]
        is_agreed = not shown_tables or confirm(shown_tables)
        drafts = [draft for attempt in attempts for draft in attempt.drafts if is_agreed or not attempt.table]
        if options.writes:
            write_drafts(project, drafts)
    return CommandResult(ImportedFiles([draft.imported for draft in drafts], not is_agreed), tuple(problems))


def write_drafts(project: Project, drafts: Sequence[MadeDraft]) -> None:
    """Write the drafts that say something new, and the schemas that they name; the project is locked by the caller."""
    files = {draft.path: draft.raw for draft in drafts if draft.imported.is_written}
    if files:
        editor_schemas.refresh_schemas(project)
        record_text.write_files(files)


def _drop_rivals(attempts: Sequence[_Attempt]) -> list[_Attempt]:
    """Return the attempts without the drafts of files that make the same one."""
    counts = Counter(draft.path for attempt in attempts for draft in attempt.drafts)
    remaining = []
    for attempt in attempts:
        rivals = [draft for draft in attempt.drafts if counts[draft.path] > 1]
        problems = [
            Problem(
                Location(draft.imported.workbook, 0),
                "workbook.month-twice",
                f"有 {counts[draft.path]} 份是同一个支部、同一个月的，都没有导入",
                "请只导入其中一份；要合并的，先导入一份，再用 --update 导入另一份",
            )
            for draft in rivals
        ]
        warnings = attempt.table.warnings if attempt.table else ()
        remaining.append(_Attempt((), [*attempt.problems, *warnings, *problems]) if rivals else attempt)
    return remaining


def _read_file(path: Path, name: str) -> _FilledFile:
    raw = reader.read_bounded(path, workbook.MAX_BYTES)
    if month_form.is_form(raw):
        form, problems = month_form.read_form(raw, name)
        return (
            _FilledFile(name, month_form.make_sheets(form, name), form.origin, problems, form.saved)
            if form
            else _FilledFile(name, (), None, problems)
        )
    if not (raw.startswith(b"PK") or path.suffix.lower() in {".xlsx", ".json"}):
        table_sheets, problems = tables.read_tables(raw, name)
        return _FilledFile(name, (), None, problems, tables=None if problems else table_sheets)
    sheets, problems = workbook.read_workbook(raw, name)
    if sheets and not month_workbook.is_of_program(sheets):
        return _FilledFile(name, (), None, (), tables=tables.make_tables(sheets))
    origin, origin_problems = month_workbook.read_origin(sheets, name) if not problems else (None, [])
    return _FilledFile(name, sheets, origin, [*problems, *origin_problems])


def _drop_older_forms(files: Sequence[_FilledFile]) -> tuple[Sequence[_FilledFile], list[Problem]]:
    """Leave out forms of which a later state is there, too: each time that a form is saved makes one more file."""
    newest: dict[tuple[str, str, str], _FilledFile] = {}
    for file in files:
        if file.origin and file.saved:
            key = (file.origin.branch, file.origin.month, file.origin.draft)
            newest[key] = max(newest.get(key, file), file, key=lambda form: form.saved)
    current, problems = list[_FilledFile](), list[Problem]()
    for file in files:
        later = newest[file.origin.branch, file.origin.month, file.origin.draft] if file.origin and file.saved else file
        if later.saved == file.saved:
            current.append(file)
        else:
            message = f"这份是 {_format_time(file.saved)} 保存的，{later.name} 是 {_format_time(later.saved)} 保存的"
            hint = "只导入了后一份；要用这一份的，请单独导入它"
            problems.append(Problem(Location(file.name, 0), "form.older", message, hint, Severity.WARNING))
    return current, problems


def _format_time(saved: str) -> str:
    return saved.replace("T", " ")


def _import_table(loaded: LoadedProject, sheets: Sequence[TableSheet], file: str, options: TableOptions) -> _Attempt:
    formats, problems = import_file.load_formats(loaded.project)
    if formats is None:
        return _Attempt((), problems)
    table, problems = import_tables.read_table(loaded, formats, sheets, file, options)
    return _Attempt(table.drafts if table else (), _bound(problems), table)


def _import_file(loaded: LoadedProject, filled: _FilledFile, options: TableOptions) -> _Attempt:
    file, sheets, origin = filled.name, filled.sheets, filled.origin
    if filled.tables is not None:
        return _import_table(loaded, filled.tables, file, options)
    if origin is None:
        return _Attempt((), filled.problems)
    context = _find_context(loaded, origin)
    if context is None:
        organ = f"“{origin.organ}”{origin.branch} {origin.month}"
        hint = "请核对站点文件夹和这一年的规则；名册、规则改动过的，请重新导出工作簿"
        message = f"这份工作簿是{organ}的，这里没有这个支部或这一年"
        return _Attempt((), [Problem(Location(file, 0), "workbook.other-organ", message, hint)])
    month, problems = month_workbook.read_month(sheets, file, origin, context)
    problems += _find_stale_inputs(origin, context, loaded, file)
    if month is None:
        return _Attempt((), _bound(problems))
    maker = DraftMaker(loaded, file, origin, context, month, options.unfinished)
    draft, more_problems = maker.make_correction() if origin.corrects else maker.make_draft(update=options.update)
    has_errors = any(problem.is_error for problem in problems)
    return _Attempt([draft] if draft and not has_errors else (), _bound([*problems, *more_problems]))


def _bound(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Return the first hundred problems, one of each cell and severity: what is wrong with a cell may have effects."""
    by_place: dict[object, Problem] = {}
    for problem in problems:
        is_of_file = "!" not in problem.where.file
        by_place.setdefault((problem.where, problem.severity, is_of_file and problem.message), problem)
    return list(by_place.values())[:MAX_PROBLEMS]


def _find_context(loaded: LoadedProject, origin: SheetOrigin) -> CheckContext | None:
    """Return the context of a workbook's month; None if it is of another organ."""
    month = parse_period(origin.month)
    if month is None or month.kind is not PeriodKind.MONTH or origin.organ != loaded.settings.organ:
        return None
    rulebook = loaded.rulebooks.get(month.year)
    if rulebook is None or origin.branch not in loaded.roster.branch_by_id:
        return None
    return CheckContext(loaded.roster, rulebook, origin.branch, month, loaded.today)


def _find_stale_inputs(origin: SheetOrigin, context: CheckContext, loaded: LoadedProject, file: str) -> list[Problem]:
    """Warn of a rulebook or roster that changed after the workbook was made."""
    now = month_sheets.make_origin(context, loaded.settings.organ, "", corrects=False)
    changed = [
        title
        for title, name in (("规则", "rulebook"), ("名册", "roster"))
        if getattr(origin, name) != getattr(now, name)
    ]
    if not changed:
        return []
    message = f"这份工作簿 {origin.day} 导出以后，{'和'.join(changed)}改动过"
    hint = "已按现在的核对；请看看有没有要补的人和项目"
    return [Problem(Location(file, 0), "workbook.stale", message, hint, Severity.WARNING)]
