"""A ranking as JSON, CSV or a table for the terminal."""

from collections.abc import Callable
from typing import Any

from generator.core.basics.numbers import format_decimal
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Ranking, Standing
from generator.render.export.tables import Cell, align_columns, cell_text, to_csv, to_json


def _ranking_json(ranking: Ranking, _rulebook: Rulebook) -> str:
    return to_json(
        {
            "period": str(ranking.period),
            "branch": ranking.branch,
            "provisional": ranking.provisional,
            "missing": list(ranking.missing),
            "rows": [_row(standing) for standing in ranking.standings],
        }
    )


def _row(one: Standing) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "member": one.member.id,
        "name": one.member.name,
        "branch": one.branch,
        "points": format_decimal(one.score.points),
        "total": format_decimal(one.score.total),
        "groups": {group: format_decimal(points) for group, points in one.score.groups.items()},
        "vetoed": one.score.vetoed,
        "partial": one.partial,
        "last": one.last,
    }


def ranking_rows(ranking: Ranking, rulebook: Rulebook) -> list[list[Cell]]:
    """The head, then a row for each standing."""
    titles = [group.title for group in rulebook.groups]
    head: list[Cell] = ["名次", "编号", "姓名", "支部", "积分", "年度累计", *titles, "说明"]
    return [head, *(_standing_cells(standing) for standing in ranking.standings)]


def _standing_cells(one: Standing) -> list[Cell]:
    marks = {"一票否决": one.score.vetoed, "新进": one.partial, "最后一名": one.last}
    figures = [one.score.points, one.score.total, *one.score.groups.values()]
    words = "、".join(word for word, applies in marks.items() if applies)
    return [one.rank, one.member.id, one.member.name, one.branch, *figures, words]


def _cells(ranking: Ranking, rulebook: Rulebook) -> list[list[str]]:
    return [[*map(cell_text, row)] for row in ranking_rows(ranking, rulebook)]


def _ranking_csv(ranking: Ranking, rulebook: Rulebook) -> str:
    return to_csv(_cells(ranking, rulebook))


def _ranking_table(ranking: Ranking, rulebook: Rulebook) -> str:
    state = f"暂计，缺：{'、'.join(ranking.missing)}" if ranking.provisional else "台账齐全"
    head = f"{ranking.period}　{ranking.branch or '全机关'}　{state}"
    return f"{head}\n\n{align_columns(_cells(ranking, rulebook), right_aligned={0, 4, 5, 6, 7, 8})}"


RANKING_FORMATS: dict[str, Callable[[Ranking, Rulebook], str]] = {
    "table": _ranking_table,
    "json": _ranking_json,
    "csv": _ranking_csv,
}
