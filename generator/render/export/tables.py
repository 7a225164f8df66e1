"""What reports of the command line are made of: JSON, CSV, tables flush for the terminal; and problems."""

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
    """Readable JSON, Chinese as it is."""
    return json.format(json.encode(value), indent=2).decode()


def problems_to_json(found: Sequence[Problem]) -> str:
    """Problems as JSON, with the keys of ``check --format json``."""
    return to_json(
        [
            {
                "file": one.where.file,
                "line": one.where.line,
                "column": one.where.column,
                "code": one.code,
                "severity": one.severity,
                "message": one.message,
                "hint": one.hint,
            }
            for one in found
        ]
    )


# --- tables -----------------------------------------------------------------------------------------------------------


Cell: TypeAlias = str | int | Decimal | date | None
"""A cell of a table: a figure stays a figure, so that a spreadsheet can reckon with it."""


def cell_text(cell: Cell) -> str:
    """A cell in words: exact, without trailing zeros; an empty one is nothing."""
    if isinstance(cell, Decimal):
        return format_decimal(cell)
    return "" if cell is None else str(cell)


class Table(Struct, frozen=True):
    """A table with its head; ``notes`` stand below it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def to_csv(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV that a spreadsheet takes for words and figures, never for formulas."""
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows([*map(_harmless, row)] for row in rows)
    return sheet.getvalue().removesuffix("\n")


# As a spreadsheet begins to read: after blanks and quotation marks, the signs in full width too.
_FORMULA = re.compile(r"[\s\"'＂＇]*[=+\-@＝＋－＠]|[\t\r\n]")


def _harmless(cell: str) -> str:
    """A word that a spreadsheet would take for a formula is led by an apostrophe; a figure is left alone."""
    figure = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)
    return f"'{cell}" if _FORMULA.match(cell) and not figure else cell


def align_columns(rows: Sequence[Sequence[str]], right_aligned: set[int]) -> str:
    """Columns set flush; a Chinese character takes two places."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            " " * (room - display_width(cell)) + cell
            if column in right_aligned
            else cell + " " * (room - display_width(cell))
            for column, (cell, room) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
