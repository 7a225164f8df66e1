"""Make drafts of ledgers 台账 from a table of another system: all of what it holds, or nothing."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import PlacedLine
from generator.core.model.ledger import BranchMonth
from generator.core.model.table_formats import TITLES, TableColumns, TableFormat, TableFormats
from generator.core.page_data import month_sheets
from generator.intake.imports import activity_columns, mapped_table
from generator.intake.imports.mapped_table import HeadMatch, RowReport
from generator.intake.imports.month_workbook import CoverField, FilledMonth
from generator.intake.imports.tables import TableSheet
from generator.loader.load import LoadedProject
from generator.problems import Location, Problem
from generator.workflow import table_lines
from generator.workflow.table_lines import RecordReader, TableRecord
from generator.workflow.workbook_drafts import DraftMaker, MadeDraft

_MAX_SAMPLES = 3  # rows that are shown before anything is written
_HEADS_HINT = "列名写在各行上面；叫法不同的，请在 content/import.yaml 里写明哪一列是什么"


class TableOptions(Struct, frozen=True):
    """The options of an import: the only branch to be read, the recorder of new drafts, whether drafts may change.

    A workbook or form may be ``unfinished``: its draft is written with what is wrong in it, too. Nothing is written
    unless it ``writes``: then the result says only what would be.
    """

    branch: str | None = None
    recorder: str = ""
    update: bool = False
    unfinished: bool = False
    writes: bool = True


class ReadTable(Struct, frozen=True):
    """A table as understood: what its first rows mean, what of it is not read, and the drafts that it makes."""

    file: str
    samples: Sequence[str]
    unread: Sequence[str]
    warnings: Sequence[Problem]
    drafts: Sequence[MadeDraft]


def read_table(
    loaded: LoadedProject, formats: TableFormats, sheets: Sequence[TableSheet], file: str, options: TableOptions
) -> tuple[ReadTable | None, Sequence[Problem]]:
    """Make the drafts that a table means; if there is an error in any row, return the problems instead."""
    report, unread = RowReport(file), list[str]()
    records = list[TableRecord]()
    kinds = [_has_mere_people(sheet, formats.formats) for sheet in sheets]
    for sheet, has_mere_people in zip(sheets, kinds, strict=True):
        is_beside_others = has_mere_people and False in kinds
        choice = None if is_beside_others else choose_format(sheet, formats.formats, file)
        if choice is None:
            unread += [f"“{sheet.name}”表"] if sheet.rows else []
            continue
        if isinstance(choice, Problem):
            return None, [choice]
        table_format, match = choice
        columns = set(match.columns)
        if table_format.across:
            match = activity_columns.read_activities(sheet, match, table_format, report)
            columns |= {*table_format.across, "attendance"}
        unread += mapped_table.list_unread_columns(sheet, match)
        required = [key for key in ("member", "date", "item") if key in match.columns]
        rows = mapped_table.read_rows(sheet, match, table_format.columns, required, report)
        reader = RecordReader(loaded, table_format, columns, options.branch, report)
        records += [record for row in report.iterate_until_full(rows) if (record := reader.read_record(row))]
        if options.branch is None and "branch" not in match.columns:
            _check_one_branch(loaded, [record for record in records if record.row.sheet == sheet.name], report)
    lines = table_lines.group_by_month(records, file, report)
    problems = list(report.list_problems())
    if not records and not problems:
        problems.append(no_people_problem(file))
    drafts, draft_problems = _make_drafts(loaded, lines, file, options) if not report.error_count else ([], [])
    problems += draft_problems
    if any(problem.is_error for problem in problems):
        return None, problems
    samples = [record.describe(loaded.roster) for record in records[:_MAX_SAMPLES]]
    return ReadTable(file, samples, unread, problems, drafts), ()


def _has_mere_people(sheet: TableSheet, formats: Sequence[TableFormat]) -> bool | None:
    """Return whether a sheet has people, and nothing of what they took part in; None if it has no people."""
    matches = _match_formats(sheet, formats)
    if not matches:
        return None
    return all(
        match.columns.keys() <= {"member", "branch"} and (not chosen.across or _lacks_activities(sheet, chosen, match))
        for chosen, match in matches
    )


def _match_formats(sheet: TableSheet, formats: Sequence[TableFormat]) -> list[tuple[TableFormat, HeadMatch]]:
    matches = ((table_format, mapped_table.match_heads(sheet, table_format.columns)) for table_format in formats)
    return [(table_format, match) for table_format, match in matches if match]


def choose_format(
    sheet: TableSheet, formats: Sequence[TableFormat], file: str
) -> tuple[TableFormat, HeadMatch] | Problem | None:
    """Return the format of which most columns are there, of complete ones first; None if no one's name has a column."""
    matches = _match_formats(sheet, formats)
    if not matches:
        return None
    ranks = [
        (not (match.lacks(chosen.columns) or _lacks_activities(sheet, chosen, match)), len(match.columns))
        for chosen, match in matches
    ]
    best = max(ranks)
    table_format, match = matches[ranks.index(best)]
    if ranks.count(best) > 1:
        titles = "、".join(
            choice.title or f"第 {formats.index(choice) + 1} 种"
            for (choice, _), rank in zip(matches, ranks, strict=True)
            if rank == best
        )
        hint = "请在 content/import.yaml 里删去一种，或写上各自独有的一列"
        return Problem(Location(file, 0), "import.unclear-format", f"分不清是哪一种格式：{titles}", hint)
    if problem := check_heads(sheet, table_format.columns, match, file):
        return problem
    if _lacks_activities(sheet, table_format, match):
        message = f"“{sheet.name}”表里没有横排的日期" if sheet.name else "表里没有横排的日期"
        hint = "日期写在各列上面，例如 3月5日；年月写在列名的上面"
        return Problem(Location(file, 0), "table.no-column", message, hint)
    return table_format, match


def _lacks_activities(sheet: TableSheet, table_format: TableFormat, match: HeadMatch) -> bool:
    return bool(table_format.across) and not activity_columns.has_days(sheet, match, table_format)


def _check_one_branch(loaded: LoadedProject, records: Sequence[TableRecord], report: RowReport) -> None:
    """Report rows of several branches in a table that doesn't say whose it is."""
    branches = {record.branch for record in records}
    for record in records if len(branches) > 1 else ():
        name = loaded.roster.branch_by_id[record.branch].named_on(record.day).name
        message = f"表里没有支部一列，人却分属 {len(branches)} 个支部；这里是{name}的"
        hint = "请加上 --branch 支部，别的支部的人就不读；或给表加上支部一列"
        report.add_error(record.row, "import.no-branch", message, hint)


def _make_drafts(
    loaded: LoadedProject, lines: Mapping[BranchMonth, Sequence[PlacedLine]], file: str, options: TableOptions
) -> tuple[Sequence[MadeDraft], Sequence[Problem]]:
    drafts, problems = list[MadeDraft](), list[Problem]()
    for (branch, month), placed_lines in lines.items():
        context = CheckContext(loaded.roster, loaded.rulebooks[month.year], branch, month, loaded.today)
        name = loaded.project.file_name(loaded.project.ledger_path(branch, str(month)))
        is_new = name not in loaded.ledger_files.by_name
        if is_new and not options.recorder:
            message, hint = f"{name} 是新写的台账，要有登记人", "请加上 --recorder 姓名"
            problems.append(Problem(Location(file, 0), "import.no-recorder", message, hint))
            continue
        cover = {"recorder": CoverField(options.recorder, Location(file, 0))} if is_new else {}
        origin = month_sheets.make_origin(context, loaded.settings.organ, "", corrects=False)
        maker = DraftMaker(loaded, file, origin, context, FilledMonth(cover, tuple(placed_lines)))
        draft, draft_problems = maker.make_draft(update=options.update)
        drafts += [draft] if draft else []
        problems += [*table_lines.find_unlisted(placed_lines, context, file), *draft_problems]
    return drafts, problems


def check_heads(sheet: TableSheet, expected: TableColumns, match: HeadMatch, file: str) -> Problem | None:
    """Return what is wrong with the heads of a sheet: of two columns for the same, or of none."""
    where, place = Location(file, 0), f"“{sheet.name}”表" if sheet.name else "表"
    for key, heads in match.doubled.items():
        message = f"{place}里有几列都像是“{TITLES[key]}”：{'、'.join(heads)}"
        hint = "名称不同的，请在 content/import.yaml 里写明用哪一列；名称一样的，请在表里改掉或删去一列"
        return Problem(where, "import.head-twice", message, hint)
    if missing := match.lacks(expected):
        names = "、".join(f"“{TITLES[key]}”（{expected.heads[key][0]}）" for key in missing)
        return Problem(where, "table.no-column", f"{place}里没有这些列：{names}", _HEADS_HINT)
    return None


def no_people_problem(file: str) -> Problem:
    """Return the problem of a table without people."""
    return Problem(Location(file, 0), "table.no-column", "表里没有“姓名”一列，或者没有人", _HEADS_HINT)
