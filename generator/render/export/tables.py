"""Parts of the command line's reports: JSON, CSV, aligned tables for the terminal; and problems."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct, json

from generator.core.basics.numbers import format_decimal
from generator.problems import Problem, display_width


def to_json(value: object) -> str:
    """Return indented JSON, with Chinese unescaped."""
    return json.format(json.encode(value), indent=2).decode()


def problems_to_json(problems: Sequence[Problem]) -> str:
    """Return problems as JSON, with the keys of ``check --format json``."""
    return to_json(
        [
            {
                "file": _encodable(problem.where.file),
                "line": problem.where.line,
                "column": problem.where.column,
                "code": problem.code,
                "severity": problem.severity,
                "message": _encodable(problem.message),
                "hint": problem.hint,
                "also": [_encodable(file) for file in problem.also],
            }
            for problem in problems
        ]
    )


def _encodable(text: str) -> str:
    """Return a text with question marks for what a file's name has that is no character."""
    return text.encode(errors="replace").decode()


# --- tables -----------------------------------------------------------------------------------------------------------


Cell: TypeAlias = str | int | Decimal | date | None
"""A cell of a table: a figure stays a figure, so that a spreadsheet can calculate with it."""


def cell_text(cell: Cell) -> str:
    """Return a cell as text: exact, without trailing zeros; empty for None."""
    if isinstance(cell, Decimal):
        return format_decimal(cell)
    return "" if cell is None else str(cell)


class Table(Struct, frozen=True):
    """A table with its head, and ``notes`` below it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def to_csv(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV that a spreadsheet reads as text and figures, never as formulas."""
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows([*map(_defuse_formula, row)] for row in rows)
    return sheet.getvalue().removesuffix("\n")


# Beginnings of formulas: spreadsheets skip blanks and quotation marks, and accept the signs in full width too.
_FORMULA = re.compile(r"[\s\"'＂＇]*[=+\-@＝＋－＠]|[\t\r\n]")


def _defuse_formula(cell: str) -> str:
    """Put an apostrophe before text that a spreadsheet would read as a formula; a figure is unchanged."""
    figure = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)
    return f"'{cell}" if _FORMULA.match(cell) and not figure else cell


def align_columns(rows: Sequence[Sequence[str]], right_aligned: set[int]) -> str:
    """Return rows as lines of aligned columns; a Chinese character is two columns wide."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            " " * (column_width - display_width(cell)) + cell
            if column in right_aligned
            else cell + " " * (column_width - display_width(cell))
            for column, (cell, column_width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
