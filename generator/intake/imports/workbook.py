"""Workbooks (.xlsx) as cells: bounded before they are parsed, and nothing in them is guessed."""

import io
import re
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from msgspec import Struct, field
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_WINDOWS_1900, from_excel
from openpyxl.workbook import Workbook as ParsedWorkbook
from openpyxl.worksheet.worksheet import Worksheet

from generator.intake.text import decoding, file_kinds, yaml_nodes
from generator.problems import Location, Problem, Severity

EPOCH = CALENDAR_WINDOWS_1900  # where a file doesn't say from which day it counts
MAX_BYTES = 5_000_000
_MAX_UNPACKED_BYTES = 30_000_000
_MAX_PARTS = 100
_MAX_CELLS = 300_000  # cells and rows, empty ones too: each costs time and memory
_MAX_AMBIGUITIES = 5  # that are reported of one part

_CELL = re.compile(rb"<(?:\w+:)?(?:c|row)[\s/>]")
_REFERENCE = re.compile(rb"""<(?:\w+:)?(c|row)\s(?:[^<>]*?\s)?r=["']([A-Za-z]*[0-9]+)["']""")


class CellValue(Struct, frozen=True):
    """The value of a cell: text, a number, a truth value, a day or a time.

    ``formula`` if it was computed; then it is None where the file has no result.
    """

    value: object
    formula: bool = False


class _ErrorValue(Struct, frozen=True):
    """An error that a spreadsheet shows, such as #N/A."""

    text: str


class Sheet(Struct, frozen=True):
    """A sheet's filled cells by row and column, from 1. ``merged`` are the places of ranges merged into one cell."""

    file: str
    title: str
    cells: Mapping[tuple[int, int], CellValue]
    merged: Sequence[tuple[int, int]]
    epoch: datetime

    def place_of(self, row: int, column: int) -> Location:
        """Return the place of a cell, named as people name cells."""
        return Location(f"{self.file} {self.title}!{get_column_letter(column)}{row}", 0)

    def day_of_serial(self, serial: float) -> date | None:
        """Return the day that a number means in this workbook; None if it means none."""
        try:
            day = from_excel(serial, self.epoch)
        except (OverflowError, ValueError):
            return None
        return day.date() if isinstance(day, datetime) and day.time() == time() else None


def read_workbook(raw: bytes, file: str) -> tuple[Sequence[Sheet], list[Problem]]:
    """Read a workbook's sheets; none of them if it can't be trusted."""
    if len(raw) > MAX_BYTES:
        return (), [_too_large(file, f"工作簿超过 {MAX_BYTES:,} 字节，没有读")]
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            problem = _find_excess(archive, file)
            problems = [problem] if problem else list(_find_ambiguities(archive, file))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        return (), [_unreadable(file, raw)]
    if problems:
        return (), problems
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in English, of extensions that bear on no value
            parsed = load_workbook(io.BytesIO(raw), keep_links=False)
            has_formulas = any(cell.data_type == "f" for sheet in parsed.worksheets for cell in _list_cells(sheet))
            computed = load_workbook(io.BytesIO(raw), keep_links=False, data_only=True) if has_formulas else parsed
        return [_make_sheet(file, sheet, computed) for sheet in parsed.worksheets], []
    except Exception:  # noqa: BLE001  openpyxl lets pass whatever a damaged part makes Python raise
        return (), [_unreadable(file, raw)]


def _unreadable(file: str, raw: bytes) -> Problem:
    hint = "请用 Excel 或 WPS 打开，另存为 .xlsx 工作簿，去掉密码；打不开的请重新导出"
    kind = file_kinds.describe_no_table(raw)
    message = f"这是{kind}" if kind else "这不是读得出的 .xlsx 工作簿"
    return Problem(Location(file, 0), "workbook.unreadable", message, hint)


def _find_excess(archive: zipfile.ZipFile, file: str) -> Problem | None:
    """Return the problem of a workbook that is too large, by its directory alone."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked <= _MAX_UNPACKED_BYTES and len(parts) <= _MAX_PARTS:
        return None
    return _too_large(file, f"工作簿太大（展开 {unpacked:,} 字节，{len(parts)} 个部分），没有读")


def _too_large(file: str, message: str) -> Problem:
    hint = "请删去空行、空列的格式和图片，或重新导出一份，把填好的内容抄过去"
    return Problem(Location(file, 0), "workbook.too-large", message, hint)


def _find_ambiguities(archive: zipfile.ZipFile, file: str) -> Iterator[Problem]:
    """Yield what two programs could read differently: parts or cells of one name, and definitions of entities."""
    names = Counter(part.filename for part in archive.infolist())
    doubled = next((name for name, count in names.items() if count > 1), None)
    if doubled:
        yield _ambiguous(file, f"“{doubled}”在文件里有两份")
        return
    cell_count = 0
    for name in names:
        if not name.endswith((".xml", ".rels")):
            continue
        part = archive.read(name)
        if b"<!DOCTYPE" in part.replace(b"\0", b""):
            yield _ambiguous(file, f"“{name}”里有 DOCTYPE，工作簿里不该有")
        if not name.startswith("xl/worksheets/"):
            continue
        cell_count += (count := len(_CELL.findall(part)))
        if cell_count > _MAX_CELLS:
            yield _too_large(file, f"工作簿里的格子太多（超过 {_MAX_CELLS:,}），没有读")
            return
        references = Counter((match[1], match[2].upper()) for match in _REFERENCE.finditer(part))
        if sum(references.values()) < count:
            yield _ambiguous(file, f"“{name}”里有的格子没有写明是哪一格")
        doubled_cells = [(*key, times) for key, times in references.items() if times > 1]
        for kind, reference, times in doubled_cells[:_MAX_AMBIGUITIES]:
            where = f"第 {reference.decode()} 行" if kind == b"row" else f" {reference.decode()} 格"
            yield _ambiguous(file, f"“{name}”里{where}写了 {times} 次")


def _ambiguous(file: str, message: str) -> Problem:
    hint = "请用 Excel 或 WPS 打开，核对以后另存为 .xlsx，再导入"
    return Problem(Location(file, 0), "workbook.ambiguous", message, hint)


def _list_cells(sheet: Worksheet) -> Sequence[Any]:
    # Private: to go through rows and columns makes every cell between the first and one at XFD1048576.
    return list(sheet._cells.values())  # noqa: SLF001


def _make_sheet(file: str, sheet: Worksheet, computed: ParsedWorkbook) -> Sheet:
    values = computed[sheet.title]._cells  # noqa: SLF001  as above
    cells: dict[tuple[int, int], CellValue] = {}
    for place, cell in sorted(sheet._cells.items()):  # noqa: SLF001  as above
        is_formula = cell.data_type == "f"
        source = values[place] if is_formula else cell
        value = _ErrorValue(str(source.value)) if source.data_type == "e" else source.value
        if is_formula or not (value is None or (isinstance(value, str) and not value.strip())):
            cells[place] = CellValue(_make_plain(value), is_formula)
    merged = [(merge.min_row, merge.min_col) for merge in sheet.merged_cells.ranges]
    return Sheet(file, sheet.title, cells, merged, computed.epoch)


def _make_plain(value: object) -> object:
    """Return a day without a time as a day, and a whole number as such."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return int(value) if isinstance(value, float) and value.is_integer() else value


# --- cells as text ---------------------------------------------------------------------------------------------------


class CellReader(Struct):
    """A reader of the cells of a workbook that collects their problems."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def read_text(self, sheet: Sheet, row: int, column: int) -> str:
        """Return a cell's text on one line."""
        return " ".join(self.read_lines(sheet, row, column))

    def read_lines(self, sheet: Sheet, row: int, column: int) -> tuple[str, ...]:
        """Return the lines of a cell's text, trimmed; none and a problem if it isn't text that a ledger can hold."""
        value = self._read_value(sheet, row, column)
        where = sheet.place_of(row, column)
        if isinstance(value, str):
            value = value.replace("_x000D_\n", "\n")  # as Excel writes a line break of Windows
            hidden = decoding.find_hidden_character("".join(value.split())) or _find_escape(value)
            if hidden:
                message = f"这一格里有一个看不见的字符 {hidden}"
                self.add_error(where, "file.hidden-character", message, "请清空这一格，重新输入")
            elif len(value) > yaml_nodes.MAX_TEXT_LENGTH:
                message = f"这一格有 {len(value):,} 个字，最多 {yaml_nodes.MAX_TEXT_LENGTH:,} 个"
                self.add_error(where, "yaml.too-long", message, "请写短一些")
            else:
                return tuple(filter(None, (line.strip() for line in value.splitlines())))
        elif value is not None:
            hint = "请把这一格设成文本格式，再照样输入一遍"
            message = f"这一格不是文本，表格程序把它变成了{_describe(value)}，原来写的看不出来"
            self.add_error(where, "workbook.not-text", message, hint)
        return ()

    def read_figure(self, sheet: Sheet, row: int, column: int) -> str:
        """Return a cell's whole number or text."""
        value = self.peek(sheet, row, column)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(self._read_value(sheet, row, column))
        return self.read_text(sheet, row, column)

    def read_day(self, sheet: Sheet, row: int, column: int) -> str | int | date:
        """Return a cell's day, a number that may be one, or text."""
        value = self.peek(sheet, row, column)
        if (isinstance(value, int) and not isinstance(value, bool)) or type(value) is date:
            self._read_value(sheet, row, column)
            return value
        return self.read_text(sheet, row, column)

    def peek(self, sheet: Sheet, row: int, column: int) -> object:
        """Return the value of a cell; None if it is blank."""
        cell = sheet.cells.get((row, column))
        return cell.value if cell else None

    def _read_value(self, sheet: Sheet, row: int, column: int) -> object:
        cell = sheet.cells.get((row, column))
        if cell and cell.formula:
            where = sheet.place_of(row, column)
            if cell.value is None:
                hint = "请在 Excel 或 WPS 里复制这一格，选择性粘贴为数值，保存以后再导入"
                self.add_error(where, "workbook.formula", "这一格是公式，没有算出的值", hint)
            else:
                message = f"这一格是公式，按算出的“{cell.value}”读"
                hint = "请核对；不该是公式的，请选择性粘贴为数值"
                self.problems.append(Problem(where, "workbook.formula", message, hint, Severity.WARNING))
        return cell.value if cell else None

    def add_error(self, where: Location, code: str, message: str, hint: str) -> None:
        """Add an error."""
        self.problems.append(Problem(where, code, message, hint))


def _find_escape(text: str) -> str | None:
    """Return the control character that a spreadsheet wrote by its number; openpyxl leaves it so."""
    match = re.search(r"_x(00[01][0-9A-Fa-f])_", text)
    return f"U+{match[1].upper()}" if match else None


def _describe(value: object) -> str:
    if isinstance(value, bool):
        return "逻辑值"
    if isinstance(value, _ErrorValue):
        return f"错误值 {value.text}"
    if isinstance(value, date):  # also one with a time
        return f"日期 {value}"
    return f"数字 {value}" if isinstance(value, int | float) else f"“{value}”"
