"""Boards that change by an act, as tables of whose points and ranks move."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.numbers import format_decimal
from generator.core.model.roster import Member, Roster, member_label
from generator.core.scoring.board_diff import BoardDiff, PointsChange, RankChange
from generator.queries import board_changes

_MAX_ROWS = 60


class BoardTableRow(Struct, frozen=True):
    """A member's points in the period, total and rank before and after; empty for those that don't move."""

    name: str
    points: str
    total: str
    rank: str


class BoardTable(Struct, frozen=True):
    """A board by its name, without rows if it is new; ``more`` members are not listed, of whom only ranks move."""

    name: str
    rows: Sequence[BoardTableRow]
    more: int


def list_board_tables(roster: Roster, boards: Iterable[BoardDiff]) -> Sequence[BoardTable]:
    """Return the tables of boards that differ."""
    return [_make_table(board_changes.name_board(roster, board), board) for board in boards]


def _make_table(name: str, board: BoardDiff) -> BoardTable:
    points = {change.member: change for change in board.points_changes}
    ranks = {change.member: change for change in board.rank_changes}
    members = list(dict.fromkeys([*points, *ranks]))
    count = max(len(points), _MAX_ROWS)
    rows = [_make_row(member, points.get(member), ranks.get(member)) for member in members[:count]]
    return BoardTable(name, rows, len(members) - len(rows))


def _make_row(member: Member, points: PointsChange | None, rank: RankChange | None) -> BoardTableRow:
    return BoardTableRow(
        member_label(member),
        _describe_move(points.before.points, points.after.points) if points else "",
        _describe_move(points.before.total, points.after.total) if points else "",
        f"{rank.before or '未列入'} → {rank.after or '未列入'}" if rank else "",
    )


def _describe_move(before: Decimal, after: Decimal) -> str:
    return f"{format_decimal(before)} → {format_decimal(after)}" if before != after else ""
