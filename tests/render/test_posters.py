"""The sheet for the wall: how many rows it takes, on which paper, and that none is lost or moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.basics.numbers import ZERO
from generator.core.page_data.boards import BoardRow, Movement, MovementKind
from generator.render.site.posters import build_poster

ROW = BoardRow(
    1, "王五", "wang", "jia", ZERO, ZERO, Movement(MovementKind.NONE), None, partial=False, order=1, seat=1, number=1
)


def rows(count: int) -> list[BoardRow]:
    return [replace(ROW, rank=rank) for rank in range(1, count + 1)]


SHEETS = [
    # rows, paper, sheets, rows of each column
    (0, "a4", [[0]]),
    (1, "a4", [[1]]),
    (12, "a4", [[6, 6]]),
    (16, "a4", [[8, 8]]),
    (17, "a4", [[6, 6, 5]]),
    (46, "a4", [[16, 16, 14]]),
    (60, "a4", [[20, 20, 20]]),
    (61, "a3", [[16, 16, 16, 13]]),
    (200, "a3", [[40] * 5]),
    (201, "a3", [[21, 21, 21, 21, 17], [20] * 5]),
]


@pytest.mark.parametrize(("count", "paper", "expected"), SHEETS)
def test_columns_are_even_and_paper_grows_with_the_board(count: int, paper: str, expected: list[list[int]]):
    poster = build_poster(rows(count))
    assert poster.layout.paper == paper
    assert [[len(column) for column in sheet] for sheet in poster.sheets] == expected


@pytest.mark.parametrize(
    ("count", "name", "paper", "columns"),
    [
        (48, "第三派驻纪检监察组党支部", "a4", [16, 16, 16]),
        (49, "第三派驻纪检监察组党支部", "a3", [13, 13, 13, 10]),
        (60, "机关第三支部", "a4", [20, 20, 20]),
    ],
)
def test_names_of_branches_on_two_lines_leave_room_for_fewer_rows(
    count: int, name: str, paper: str, columns: list[int]
):
    poster = build_poster(rows(count), [name])
    assert poster.layout.paper == paper
    assert [len(column) for column in poster.sheets[0]] == columns


@given(st.integers(0, 700))
def test_every_row_is_there_once_and_in_order_and_no_column_is_too_long(count: int):
    poster = build_poster(rows(count))
    columns = [column for sheet in poster.sheets for column in sheet]
    assert [row for column in columns for row in column] == rows(count)
    assert max(len(sheet) for sheet in poster.sheets) <= poster.layout.columns
    assert max(map(len, columns)) <= poster.layout.lines
    assert count > 200 or len(poster.sheets) == 1
