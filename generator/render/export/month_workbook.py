"""The workbook of a branch's month, from its lines and choices: the same bytes for the same content.

Only what Excel, WPS and LibreOffice have in common: nothing is merged, computed or drawn, and choices are ranges of a
hidden sheet.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from generator.core.page_data.month_sheets import (
    ACTIVITY_HEADS,
    ATTENDANCE,
    CHOICES,
    COVER,
    COVER_HEADS,
    ENTRIES,
    ENTRY_HEADS,
    EVIDENCE_PREFIX,
    HEADS,
    KINDS,
    LABEL,
    MARKS,
    MEMBER_PREFIX,
    ORIGIN,
    ROLL_WORDS,
    RULES,
    SHEET_TITLES,
    MonthSheet,
)
from generator.problems import display_width
from generator.render.export.xlsx import fit_to_width, open_workbook

_COLUMN_WIDTH = 13  # in characters
_SPARE_ACTIVITIES, _SPARE_MEMBERS, _SPARE_ENTRIES = 12, 6, 40
_PROTECTION = dict.fromkeys(
    ("insert_rows", "insert_columns", "delete_rows", "delete_columns", "sort", "format_cells", "format_rows"), True
) | {"format_columns": True}
_COVER_WIDTH, _LINE_HEIGHT = 70, 18  # in characters and points
_STEPS = (
    "1. 核对支部和月份，在下面填登记人。",
    "2. 在“考勤”里一列一次活动：填项目、日期、主题，没到会的标假、缺或免；在“逐条登记”里一行一条，写个人加分、扣分。",
    "3. 保存，原样交回机关党委，由经办人运行 jifenbang import。不要改动灰色的格子；不够用的，插入行或列。",
)
_PROOF_NOTE = "几份佐证写在一格里，每份一行（按 Alt 加回车换行）。"
_CORRECTION_STEP = "这个月已经审核：这里改动的各处会成为一份更正的草稿，请写明性质和原因；删去一条，就是剔除它。"


def month_sheet_to_xlsx(sheet: MonthSheet) -> bytes:
    """Return the bytes of the workbook."""
    stream = io.BytesIO()
    # A day that follows from the content, as all bytes do.
    created = datetime.strptime(sheet.origin.month, "%Y-%m").replace(tzinfo=UTC)
    book = open_workbook(stream, f"{sheet.branch_name} {sheet.origin.month}", created)
    _MonthWriter(book, sheet).write()
    book.close()
    return stream.getvalue()


class _MonthWriter:
    """A writer of one workbook, sheet by sheet."""

    def __init__(self, book: Workbook, sheet: MonthSheet) -> None:
        self.sheet = sheet
        font = {"font_name": "宋体", "font_size": 11}
        boxed = {**font, "border": 1, "border_color": "#999999", "text_wrap": True, "valign": "top", "num_format": "@"}
        self.title: Format = book.add_format({**font, "font_size": 16, "bold": True})
        self.text: Format = book.add_format({**font, "text_wrap": True, "valign": "top"})
        self.head: Format = book.add_format({**boxed, "bold": True, "bg_color": "#EEEEEE"})
        self.fill: Format = book.add_format({**boxed, "locked": False})
        # Names and keys are not meant to be changed, but sorting and deleting need cells that may be.
        self.name: Format = book.add_format({**boxed, "locked": False, "bg_color": "#EEEEEE"})
        titles = [SHEET_TITLES[COVER], SHEET_TITLES[ATTENDANCE], SHEET_TITLES[ENTRIES], RULES, CHOICES]
        self.pages: dict[str, Worksheet] = {title: book.add_worksheet(title) for title in titles}
        self.pages[SHEET_TITLES[ORIGIN]] = book.add_worksheet(SHEET_TITLES[ORIGIN])
        self.choice_count = 0

    def write(self) -> None:
        """Write every sheet."""
        self._write_cover(self.pages[SHEET_TITLES[COVER]])
        self._write_attendance(self.pages[SHEET_TITLES[ATTENDANCE]])
        self._write_entries(self.pages[SHEET_TITLES[ENTRIES]])
        self._write_rules(self.pages[RULES])
        self._write_origin(self.pages[SHEET_TITLES[ORIGIN]])
        self.pages[CHOICES].hide()
        self.pages[SHEET_TITLES[ORIGIN]].hide()
        for page in self.pages.values():
            page.protect("", _PROTECTION)
            fit_to_width(page)

    def _write_cover(self, page: Worksheet) -> None:
        origin = self.sheet.origin
        title = "更正" if origin.corrects else "台账"
        _set_up(page, (COVER, LABEL), ["value"])
        page.set_column(1, 1, 14)
        page.set_column(2, 2, _COVER_WIDTH)
        page.write_string(1, 1, f"{self.sheet.branch_name} {origin.month} {title}", self.title)
        page.write_string(2, 1, origin.organ, self.text)
        row = 4
        steps = [*_STEPS, _PROOF_NOTE, *([_CORRECTION_STEP] if origin.corrects else [])]
        for step in steps:
            # Not every program makes a row as high as its text.
            page.set_row(row, _LINE_HEIGHT * -(-display_width(step) // (_COVER_WIDTH - 4)))
            page.write_string(row, 2, step, self.text)
            page.set_row(row, _row_height(step, 70))
            row += 1
        row += 1
        for name, head in COVER_HEADS.items():
            if name in self.sheet.cover:
                page.write_string(row, 0, name)
                page.write_string(row, 1, head, self.head)
                self._fill(page, row, 2, self.sheet.cover[name])
                if name == "kind":
                    self._offer(page, (row, 2, row, 2), KINDS)
                row += 1

    def _write_attendance(self, page: Worksheet) -> None:
        sheet, heads = self.sheet, _with_kinds(ACTIVITY_HEADS, self.sheet.activity_kinds)
        columns = list(sheet.activities)
        columns += [("", {})] * _SPARE_ACTIVITIES
        rows = [(name, title, self.head) for name, title in heads.items()]
        rows += [(f"{MEMBER_PREFIX}{member}", label, self.name) for member, label in sheet.members.items()]
        rows += [("", "", self.name)] * _SPARE_MEMBERS
        last_row, last_column = len(rows), 1 + len(columns)
        _set_up(page, (ATTENDANCE, LABEL), [label for label, _ in columns])
        page.set_column(1, 1, max(12, *(display_width(title) + 2 for _, title, _ in rows)))
        page.set_column(2, last_column, _COLUMN_WIDTH)
        for row, (key, title, style) in enumerate(rows, start=1):
            page.write_string(row, 0, key)
            page.write_string(row, 1, title, style)
            if key in heads:
                page.set_row(row, max(_row_height(cells.get(key, ""), _COLUMN_WIDTH) for _, cells in columns))
            for column, (_, cells) in enumerate(columns, start=2):
                self._fill(page, row, column, cells.get(key, ""))
        page.freeze_panes(len(heads) + 1, 2)
        names = ["", *heads]
        self._offer(page, (names.index("item"), 2, names.index("item"), last_column), sheet.activity_items)
        self._offer(page, (names.index("is_roll"), 2, names.index("is_roll"), last_column), ROLL_WORDS.values())
        self._offer(page, (len(heads) + 1, 2, last_row, last_column), MARKS.values())

    def _write_entries(self, page: Worksheet) -> None:
        sheet, heads = self.sheet, _with_kinds(ENTRY_HEADS, self.sheet.entry_kinds)
        rows = [*sheet.entries, *[("", {})] * _SPARE_ENTRIES]
        _set_up(page, (ENTRIES,), list(heads))
        page.set_column(1, len(heads), 14)
        page.write_string(1, 0, HEADS)
        for column, title in enumerate(heads.values(), start=1):
            page.write_string(1, column, title, self.head)
        for row, (label, cells) in enumerate(rows, start=2):
            page.write_string(row, 0, label)
            for column, name in enumerate(heads, start=1):
                self._fill(page, row, column, cells.get(name, ""))
        page.freeze_panes(2, 1)
        choices = {"member": sheet.members.values(), "item": sheet.entry_items, "level": sheet.levels}
        for column, name in enumerate(heads, start=1):
            if name in choices:
                self._offer(page, (2, column, len(rows) + 1, column), choices[name])

    def _write_rules(self, page: Worksheet) -> None:
        heads = {"分类": 12, "项目": 22, "分值": 20, "佐证": 18, "登记在": 16, "条款": 14, "说明": 40}
        for column, (title, width) in enumerate(heads.items()):
            page.set_column(column, column, width)
            page.write_string(0, column, title, self.head)
        for row, rule in enumerate(self.sheet.rules, start=1):
            cells = (rule.group, rule.title, rule.points, rule.evidence, rule.sheet, rule.clause, rule.note)
            page.set_row(row, max(_row_height(*pair) for pair in zip(cells, heads.values(), strict=True)))
            for column, text in enumerate(cells):
                page.write_string(row, column, text, self.text)
        page.freeze_panes(1, 0)

    def _write_origin(self, page: Worksheet) -> None:
        page.write_string(0, 0, ORIGIN)
        origin = self.sheet.origin
        for row, name in enumerate(origin.__struct_fields__, start=1):
            page.write_string(row, 0, name)
            page.write_string(row, 1, getattr(origin, name))

    def _fill(self, page: Worksheet, row: int, column: int, text: str) -> None:
        """Write a cell to fill in: text, unlocked."""
        if text:
            page.write_string(row, column, text, self.fill)
        else:
            page.write_blank(row, column, None, self.fill)

    def _offer(self, page: Worksheet, area: tuple[int, int, int, int], choices: Iterable[str]) -> None:
        """Offer a choice in an area; another text is let through after a question, since the import judges it."""
        listed, column = [choice for choice in choices if choice], self.choice_count
        if not listed:
            return
        self.choice_count += 1
        for row, choice in enumerate(listed):
            self.pages[CHOICES].write_string(row, column, choice)
        letter = xl_col_to_name(column)
        page.data_validation(
            *area,
            {
                "validate": "list",
                "source": f"='{CHOICES}'!${letter}$1:${letter}${len(listed)}",
                "error_type": "warning",
                "error_title": "不在下拉的几种里",
                "error_message": "仍要这样写吗？导入的时候会逐格核对。",
            },
        )


def _row_height(text: str, width: int) -> float:
    """Return the height of a row whose cell of that width has a text; some programs don't find it by themselves."""
    return _LINE_HEIGHT * sum(max(1, -(-display_width(line) // (width - 1))) for line in text.split("\n"))


def _with_kinds(heads: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, str]:
    return {**heads, **{f"{EVIDENCE_PREFIX}{kind}": f"佐证：{title}" for kind, title in kinds.items()}}


def _set_up(page: Worksheet, corner: Sequence[str], keys: Sequence[str]) -> None:
    """Hide the row and the column of keys, and write the row."""
    page.set_column(0, 0, None, None, {"hidden": True})
    page.set_row(0, None, None, {"hidden": True})
    for column, key in enumerate([*corner, *keys]):
        page.write_string(0, column, key)
