"""A ranking as JSON, CSV or a table for the terminal."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from generator.core.basics.numbers import format_decimal
from generator.core.model.roster import member_label
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Ranking, Standing
from generator.render.export.tables import Cell, Table, align_columns, cell_text, to_csv, to_json


def _ranking_json(ranking: Ranking, rulebook: Rulebook, _branches: Mapping[str, str]) -> str:
    return to_json(
        {
            "period": str(ranking.period),
            "branch": ranking.branch,
            "provisional": ranking.provisional,
            "missing": list(ranking.missing),
            **({"cut_short": True} if rulebook.term.cuts(ranking.period) else {}),
            "rows": [_standing_fields(standing) for standing in ranking.standings],
        }
    )


def _standing_fields(standing: Standing) -> dict[str, Any]:
    return {
        "rank": standing.rank,
        "member": standing.member.id,
        "name": standing.member.name,
        "label": member_label(standing.member),
        "branch": standing.branch,
        "points": format_decimal(standing.score.points),
        "total": format_decimal(standing.score.total),
        "groups": {group: format_decimal(points) for group, points in standing.score.groups.items()},
        "vetoed": standing.score.vetoed,
        "partial": standing.partial,
        "last": standing.last,
    }


def ranking_rows(ranking: Ranking, rulebook: Rulebook, branches: Mapping[str, str]) -> list[list[Cell]]:
    """Return the head, then a row for each standing; ``branches`` are names by id."""
    titles = [group.title for group in rulebook.groups]
    head: list[Cell] = ["名次", "编号", "姓名", "支部", "积分", "年度累计", *titles, "说明"]
    return [head, *(_standing_cells(standing, branches) for standing in ranking.standings)]


def _standing_cells(standing: Standing, branches: Mapping[str, str]) -> list[Cell]:
    marks = {"一票否决": standing.score.vetoed, "新进": standing.partial, "最后一名": standing.last}
    figures = [standing.score.points, standing.score.total, *standing.score.groups.values()]
    words = "、".join(word for word, applies in marks.items() if applies)
    branch = branches.get(standing.branch, standing.branch)
    return [standing.rank, standing.member.id, member_label(standing.member), branch, *figures, words]


def _text_rows(ranking: Ranking, rulebook: Rulebook, branches: Mapping[str, str]) -> list[list[str]]:
    return [[*map(cell_text, row)] for row in ranking_rows(ranking, rulebook, branches)]


def _ranking_csv(ranking: Ranking, rulebook: Rulebook, branches: Mapping[str, str]) -> str:
    return to_csv(_text_rows(ranking, rulebook, branches))


def _describe(ranking: Ranking, rulebook: Rulebook, branches: Mapping[str, str]) -> str:
    state = f"暂计，缺：{_list_missing(ranking.missing, branches)}" if ranking.provisional else "台账齐全"
    cut = rulebook.term.describe_cut(ranking.period)
    return "　".join(filter(None, (str(ranking.period), branches.get(ranking.branch or "", "全机关"), state, cut)))


def _list_missing(missing: Iterable[str], branches: Mapping[str, str]) -> str:
    """List the months that are missing by branch."""
    months: dict[str, list[str]] = {}
    for name in missing:
        branch, _, month = name.partition("/")
        months.setdefault(branch, []).append(month)
    return "；".join(f"{branches.get(branch, branch)} {'、'.join(listed)}" for branch, listed in months.items())


def _ranking_table(ranking: Ranking, rulebook: Rulebook, branches: Mapping[str, str]) -> str:
    rows = _text_rows(ranking, rulebook, branches)
    return f"{_describe(ranking, rulebook, branches)}\n\n{align_columns(rows, right_aligned={0, 4, 5, 6, 7, 8})}"


def build_ranking_table(ranking: Ranking, rulebook: Rulebook, branches: Mapping[str, str]) -> Table:
    """Return a ranking as the table of a workbook."""
    head, *rows = ranking_rows(ranking, rulebook, branches)
    return Table(_describe(ranking, rulebook, branches), tuple(map(cell_text, head)), tuple(map(tuple, rows)))


RANKING_FORMATS: dict[str, Callable[[Ranking, Rulebook, Mapping[str, str]], str]] = {
    "table": _ranking_table,
    "json": _ranking_json,
    "csv": _ranking_csv,
}
