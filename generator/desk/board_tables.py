"""Boards that change by an act, as tables of whose points and ranks move."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from generator.core.basics.numbers import format_decimal
from generator.core.model.roster import Member, Roster, member_label
from generator.core.model.tally import Ranking
from generator.core.scoring.board_diff import BoardDiff, PointsChange, RankChange
from generator.queries import board_changes
from generator.queries.draft_changes import DraftChanges

_MAX_ROWS = 60


class BoardTableRow(Struct, frozen=True):
    """A member's points in the period, total and rank, before and after; empty for those that don't move."""

    name: str
    points: str
    total: str
    rank: str


class BoardTable(Struct, frozen=True):
    """A board by its name; ``more`` members are not listed, of whom only ranks move."""

    name: str
    is_new: bool
    rows: Sequence[BoardTableRow]
    more: int


def list_board_tables(roster: Roster, changes: DraftChanges) -> Sequence[BoardTable]:
    """Return the tables of boards that differ; of a new one all that is on it."""
    return [
        _list_ranking(board_changes.name_board(roster, board), changes.rankings[board.period, board.branch])
        if board.is_new
        else _list_changes(board_changes.name_board(roster, board), board)
        for board in changes.boards
    ]


def _list_ranking(name: str, ranking: Ranking) -> BoardTable:
    rows = [
        BoardTableRow(
            member_label(standing.member),
            format_decimal(standing.score.points),
            format_decimal(standing.score.total),
            str(standing.rank or "未列入"),
        )
        for standing in ranking.standings[:_MAX_ROWS]
    ]
    return BoardTable(name, True, rows, len(ranking.standings) - len(rows))  # noqa: FBT003  as its fields


def _list_changes(name: str, board: BoardDiff) -> BoardTable:
    points = {change.member: change for change in board.points_changes}
    ranks = {change.member: change for change in board.rank_changes}
    members = list(dict.fromkeys([*points, *ranks]))
    count = max(len(points), _MAX_ROWS)
    rows = [_make_row(member, points.get(member), ranks.get(member)) for member in members[:count]]
    return BoardTable(name, False, rows, len(members) - len(rows))  # noqa: FBT003  as its fields


def _make_row(member: Member, points: PointsChange | None, rank: RankChange | None) -> BoardTableRow:
    return BoardTableRow(
        member_label(member),
        _describe_move(points.before.points, points.after.points) if points else "",
        _describe_move(points.before.total, points.after.total) if points else "",
        f"{rank.before or '未列入'} → {rank.after or '未列入'}" if rank else "",
    )


def _describe_move(before: Decimal, after: Decimal) -> str:
    return f"{format_decimal(before)} → {format_decimal(after)}" if before != after else ""
