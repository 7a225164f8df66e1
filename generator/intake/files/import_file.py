"""The file ``content/import.yaml``: how tables of other systems are read. It bears on no page."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from generator.core.model.ledger import AttendanceStatus
from generator.core.model.table_formats import DEFAULT_FORMATS, TITLES, TableColumns, TableFormat, TableFormats
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    choice_of,
    list_of,
    mapping_of,
    read_text,
    record_of,
    set_of,
)
from generator.intake.text.reader import ProjectReader
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node
from generator.problems import Problem
from generator.project import Project

_LEFT_OUT = {"none", "不计"}
_MARKS = {
    AttendanceStatus.PRESENT.value: "到",
    AttendanceStatus.LEAVE.value: "假",
    AttendanceStatus.ABSENT.value: "缺",
    AttendanceStatus.EXEMPT.value: "免",
}


class ActivityHead(StrEnum):
    """A head of columns with an activity each."""

    DATE = "date"
    ITEM = "item"
    TITLE = "title"


_ACROSS = {column.value: TITLES[column.value] for column in ActivityHead}


def _column(key: str, *, required: bool = False) -> Field[str]:
    return Field(key, read_text, TITLES[key], required=required)


def _columns_of(*fields: Field[str]) -> Any:
    return record_of(lambda **heads: TableColumns({key: (head,) for key, head in heads.items()}), *fields)


_read_words = mapping_of(read_text, read_text, "请写成 {表里的词: 这里的词}，不要的写 none")
_FORMAT = record_of(
    lambda **values: values,
    Field("title", read_text, "名称"),
    Field(
        "columns",
        _columns_of(
            _column("member", required=True),
            *map(_column, ("date", "end", "item", "title", "attendance", "branch", "level", "times", "note")),
        ),
        "各列",
        required=True,
    ),
    Field("item", read_text, "项目"),
    Field("across", list_of(choice_of(ActivityHead, _ACROSS, with_titles=True)), "横排"),
    Field("blank", choice_of(AttendanceStatus, _MARKS, with_titles=True), "空格"),
    Field("items", _read_words, "项目对照"),
    Field("branches", _read_words, "支部对照"),
    Field("attendance", mapping_of(read_text, choice_of(AttendanceStatus, _MARKS, with_titles=True)), "出勤对照"),
    Field("skip", set_of(read_text), "不读的人"),
)


@shaped(lambda: shape_of(_FORMAT))
def _read_format(node: Node, report: FileReport) -> TableFormat | None:
    """Read a format: each thing is in one place, and the item may be the same for all rows."""
    values = _FORMAT(node, report)
    if values is None:
        return None
    across = [column.value for column in values.get("across", ())]
    columns = values["columns"].heads.keys()
    if fault := _find_misplaced(across, columns):
        report.add_error(node, FORMAT_PROBLEM, *fault)
        return None
    values["across"] = tuple(across)
    has_column = "item" in {*columns, *across}
    if has_column == ("item" in values):
        message = "项目既写了是哪一列，又写了都是哪一项" if has_column else "没有写项目是哪一列"
        hint = "有这一列的，在 columns（各列）里写 item（项目），横着排的写在 across（横排）里"
        hint = f"{hint}；没有的，写 item: 项目名称，表示都是这一项"
        report.add_error(node, FORMAT_PROBLEM, message, hint)
        return None
    for key in ("items", "branches"):
        words: Mapping[str, str] = values.get(key, {})
        values[key] = {word: None if meant in _LEFT_OUT else meant for word, meant in words.items()}
    return TableFormat(**values)


def _find_misplaced(across: Sequence[str], columns: Collection[str]) -> tuple[str, str] | None:
    """Return what is wrong with where things are, and the remedy."""
    if not across and "date" not in columns:
        return "没有写日期是哪一列", "请在 columns（各列）里写 date（日期）；横着排的写 across: [date]"
    twice = [key for key in dict.fromkeys(across) if key in columns or across.count(key) > 1]
    if twice:
        return f"“{TITLES[twice[0]]}”写了两处", "columns（各列）和 across（横排）里只写一处"
    if across and "date" not in across:
        return "横排的各列没有日期", "请在 across（横排）里写上 date（日期）"
    if across and {"attendance", "level", "times", "note", "end"}.intersection(columns):
        return "横排的各列，格子里是出勤，不另有出勤、档次、次数、备注、结束这些列", "请从 columns（各列）里删去"
    return None


FORMAT_PROBLEM = "import.format"


IMPORT = record_of(
    lambda formats=(), **values: (formats, values),
    Field("formats", list_of(_read_format), "格式"),
    Field(
        "reviews",
        _columns_of(_column("member", required=True), _column("score", required=True), _column("branch")),
        "评议表",
    ),
    Field(
        "votes",
        _columns_of(_column("member", required=True), _column("votes", required=True), _column("branch")),
        "投票表",
    ),
)


def read_formats(raw: bytes, file: str) -> tuple[TableFormats | None, list[Problem]]:
    """Read ``content/import.yaml``; what it leaves out is read by common heads."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    written = IMPORT(node, report)
    if written is None:
        return None, report.problems
    formats, values = written
    _check_distinct(formats, node, report)
    columns = {"reviews": DEFAULT_FORMATS.reviews, "votes": DEFAULT_FORMATS.votes, **values}
    return (None if report.has_errors else TableFormats(formats or DEFAULT_FORMATS.formats, **columns)), report.problems


def _check_distinct(formats: Sequence[TableFormat], node: Node, report: FileReport) -> None:
    """Report formats that no table distinguishes."""
    for number, later in enumerate(formats, start=1):
        heads = set(later.columns.heads.values())
        if any(heads == set(earlier.columns.heads.values()) for earlier in formats[: number - 1]):
            message = f"第 {number} 种格式的各列与前面的一种一样，分不清一张表是哪一种"
            report.add_error(node, FORMAT_PROBLEM, message, "请合并成一种，或加上各自独有的一列")


def load_formats(project: Project) -> tuple[TableFormats | None, Sequence[Problem]]:
    """Return the formats of a site project, the common ones where it has no file; None if that has errors."""
    if not project.import_path.exists():
        return DEFAULT_FORMATS, ()
    reader = ProjectReader(project)
    formats = reader.read_file(project.import_path, read_formats)
    return formats, tuple(reader.problems)
