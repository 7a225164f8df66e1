"""Changes of boards in words."""

from collections.abc import Collection

from generator.core.basics.numbers import format_decimal
from generator.core.model.roster import Roster, member_label
from generator.core.scoring.board_diff import BoardDiff, PointsChange, RankChange
from generator.render.html import filters

_MAX_NAMES = 10  # names in one line


def join_names(names: Collection[str], unit: str) -> str:
    """Return names for one line, the first of many."""
    return "、".join(list(names)[:_MAX_NAMES]) + (f"等 {len(names)} {unit}" if len(names) > _MAX_NAMES else "")


def describe_board(roster: Roster, difference: BoardDiff) -> str:
    """Return a line that says whose points and ranks change on a board."""
    parts = [name_board(roster, difference)]
    parts += ["新榜"] if difference.is_new else []
    points_changes, rank_changes = (
        [_describe_points_change(change) for change in difference.points_changes],
        [_describe_rank_change(change) for change in difference.rank_changes],
    )
    parts += [f"{len(points_changes)} 人积分变动：{join_names(points_changes, '人')}"] if points_changes else []
    parts += [f"{len(rank_changes)} 人名次变动：{join_names(rank_changes, '人')}"] if rank_changes else []
    return "　".join(parts)


def name_board(roster: Roster, difference: BoardDiff) -> str:
    """Return the name of a board: whose it is, and of which period."""
    branches = roster.named_on(difference.period.last).branch_by_id
    owner = "全机关" if difference.branch is None else branches[difference.branch].name
    return f"{owner}{filters.format_period(difference.period)}榜"


def _describe_points_change(change: PointsChange) -> str:
    name = member_label(change.member)
    if change.is_total_only:
        return f"{name} 累计 {format_decimal(change.before.total)}→{format_decimal(change.after.total)}"
    return f"{name} {format_decimal(change.before.points)}→{format_decimal(change.after.points)}"


def _describe_rank_change(change: RankChange) -> str:
    return f"{member_label(change.member)} {change.before or '未列入'}→{change.after or '未列入'}"
