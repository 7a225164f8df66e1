"""Tables with a column for each activity: the days, items and titles above the columns, and the marks below them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from generator.core.basics import written_days
from generator.core.model.ledger import AttendanceStatus
from generator.core.model.table_formats import TITLES, TableFormat
from generator.intake.imports import mapped_table, tables
from generator.intake.imports.attendance_marks import MARK_WORDS
from generator.intake.imports.mapped_table import (
    HEADING_ROWS,
    ActivityColumn,
    HeadMatch,
    MappedRow,
    RowReport,
    normalize_word,
)
from generator.intake.imports.tables import TableCell, TableSheet

_CLOCK_TIMES = re.compile(r"(?:[01]?[0-9]|2[0-3])(?::[0-5][0-9]){1,2}")

_Heads = Mapping[int, Mapping[int, TableCell]]
"""The cells above columns that are not known by one head, from top to bottom by the index of their row."""


def list_marks(table_format: TableFormat) -> Mapping[str, AttendanceStatus]:
    """Return the attendance that each word means in a table, as ``normalize_word`` writes it."""
    return {normalize_word(word): mark for word, mark in {**MARK_WORDS, **table_format.attendance}.items()}


def read_mark(text: str, marks: Mapping[str, AttendanceStatus]) -> AttendanceStatus | None:
    """Return the attendance that a cell means; None if that is not known. Times of the day are those of coming."""
    mark = marks.get(normalize_word(text))
    is_time = all(map(_CLOCK_TIMES.fullmatch, text.replace("：", ":").split()))
    return mark or (AttendanceStatus.PRESENT if text.strip() and is_time else None)


def has_days(sheet: TableSheet, match: HeadMatch, table_format: TableFormat) -> bool:
    """Return whether there are days above the columns that are not known by one head."""
    heads, _ = _list_heads(sheet, match, table_format)
    return any(written_days.find_day(cell.text or "") for cells in heads.values() for cell in cells.values())


def read_activities(sheet: TableSheet, match: HeadMatch, table_format: TableFormat, report: RowReport) -> HeadMatch:
    """Find the columns with an activity each; report heads that leave a doubt, with their columns."""
    heads, bounds = _list_heads(sheet, match, table_format)
    used = {number for row in sheet.rows[bounds.stop :] for number in row}
    above = [cell.text or "" for row in sheet.rows[: bounds.start] for cell in row.values()]
    year, month = written_days.find_year_and_month([*above, sheet.name])
    activities = []
    for number, cells in sorted(heads.items()):
        days = [(cell, day) for cell in cells.values() if (day := written_days.find_day(cell.text or ""))]
        if not days or number not in used:  # a column without a mark is of no activity
            continue
        place = MappedRow(sheet.name, days[0][0].row_number, {})
        letters = f"{tables.column_letters(number)} 列"
        count, words = report.error_count, list(_list_words(cells, sheet.name, report))
        if report.error_count != count:
            continue
        meant = {day.complete(year, month) for _, day in days}
        if len(meant) > 1 or None in meant:
            _report_day(place, letters, days, report)
            continue
        texts = _name_words(words, [key for key in table_format.across if key != "date"])
        if "item" in table_format.across and "item" not in texts:
            report.add_error(place, "table.bad-cell", f"{letters}上面没有写“{TITLES['item']}”", mapped_table.BLANK_HINT)
            continue
        activities.append(ActivityColumn(number, {**texts, "date": str(next(iter(meant)))}))
    with_blanks = table_format.blank is not None
    return replace(match, top=bounds.start, first=bounds.stop, activities=activities, with_blanks=with_blanks)


def _report_day(
    place: MappedRow, letters: str, days: list[tuple[TableCell, written_days.DayInText]], report: RowReport
) -> None:
    written = "、".join(dict.fromkeys(f"“{cell.text}”" for cell, _ in days))
    message = f"{letters}上面的{written}看不准是哪一天"
    hint = "请写成 2026-03-05 的样子，或在列名的上面只写一个年月，例如 2026年3月"
    report.add_error(place, "field.bad-date", message, hint)


def _list_words(cells: Mapping[int, TableCell], sheet: str, report: RowReport) -> Iterator[str]:
    """Yield the words above a column besides its day, from top to bottom."""
    for cell in cells.values():
        text = mapped_table.read_cell(MappedRow(sheet, cell.row_number, {}), "title", cell, report)
        day = written_days.find_day(text or "")
        if words := day.words if day else text:
            yield words


def _name_words(words: list[str], keys: list[str]) -> dict[str, str]:
    """Return words by what they are; those that are left over belong to the last."""
    texts = dict(zip(keys, words, strict=False))
    if keys and len(words) > len(keys):
        texts[keys[-1]] = " ".join(words[len(keys) - 1 :])
    return texts


def _list_heads(sheet: TableSheet, match: HeadMatch, table_format: TableFormat) -> tuple[_Heads, range]:
    """Return the cells above each other column, and the indexes of the rows with heads.

    A head that was merged over several columns is that of each which has another below it.
    """
    mapped_numbers, marks = set(match.columns.values()), list_marks(table_format)
    top, first = match.top, match.first
    while first < min(len(sheet.rows), HEADING_ROWS) and _is_head(sheet.rows[first], mapped_numbers, marks):
        first += 1
    # Above the known heads a title begins further to the left.
    while top > 0 and min(sheet.rows[top - 1]) > max(mapped_numbers):
        top -= 1
    heads: dict[int, dict[int, TableCell]] = defaultdict(dict)
    head_rows = sheet.rows[top:first]
    for number in sorted({number for row in head_rows for number in row} - mapped_numbers):
        filled = [index for index, row in enumerate(head_rows) if number in row]
        for index, row in enumerate(head_rows):
            left = max((column for column in row if column <= number), default=0)
            if left == number or (index < filled[0] and left and left not in mapped_numbers):
                heads[number][index] = row[left]
    return heads, range(top, first)


def _is_head(row: Mapping[int, TableCell], mapped_numbers: set[int], marks: Mapping[str, AttendanceStatus]) -> bool:
    """Return whether a row below known heads has more of them: nothing in their columns, and no mark."""
    return not mapped_numbers & row.keys() and not any(read_mark(cell.text or "", marks) for cell in row.values())
