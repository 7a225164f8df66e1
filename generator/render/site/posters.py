"""The sheet for the wall 张贴版 of a board: all rows in columns on landscape A4, or on A3 if A4 has no room."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.core.page_data.boards import BoardRow


class PosterLayout(Struct, frozen=True):
    """Rows in ``columns`` of at most ``lines`` each, on landscape ``paper``; ``size`` names its type, from xl to s."""

    paper: str
    size: str
    columns: int
    lines: int

    @property
    def capacity(self) -> int:
        """The number of rows that fit on a sheet."""
        return self.columns * self.lines


LAYOUTS = (
    PosterLayout("a4", "xl", columns=2, lines=8),
    PosterLayout("a4", "l", columns=3, lines=11),
    PosterLayout("a4", "m", columns=3, lines=20),
    PosterLayout("a3", "m", columns=4, lines=32),
    PosterLayout("a3", "s", columns=5, lines=40),
)


class Poster(Struct, frozen=True):
    """A board's rows by sheet, then by column."""

    layout: PosterLayout
    sheets: tuple[tuple[tuple[BoardRow, ...], ...], ...]


_LONGEST_ON_A_LINE = 6  # characters of a branch's name: a longer one takes two lines, and so a taller row


def build_poster(rows: Sequence[BoardRow], branch_names: Iterable[str] = ()) -> Poster:
    """Arrange rows in columns as even as can be, in the largest type that leaves them on one sheet, if any does.

    ``branch_names`` are those that rows show.
    """
    is_tall = any(len(name) > _LONGEST_ON_A_LINE for name in branch_names)
    layouts = [replace(layout, lines=layout.lines * 4 // 5) for layout in LAYOUTS] if is_tall else LAYOUTS
    layout = next((layout for layout in layouts if len(rows) <= layout.capacity), layouts[-1])
    of_sheets = _split_evenly(rows, -(-len(rows) // layout.capacity) or 1)
    return Poster(layout, tuple(_split_evenly(of_sheet, layout.columns) for of_sheet in of_sheets))


T = TypeVar("T")


def _split_evenly(items: Sequence[T], count: int) -> tuple[tuple[T, ...], ...]:
    """Return the items in at most so many parts of one length, the last of which may be shorter."""
    length = -(-len(items) // count) or 1
    return tuple(tuple(items[start : start + length]) for start in range(0, len(items), length)) or ((),)
