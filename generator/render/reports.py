"""A ranking, an explanation or what results decide as JSON, CSV or a table for the terminal."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from generator.core.model import Line, Member, Ranking, Rulebook, Standing
from generator.core.numbers import ZERO, show
from generator.core.outcomes import Near, Outcome
from generator.core.periods import Period
from generator.core.sheets import Redone
from generator.problems import Problem, width
from generator.render import wording


def to_json(value: object) -> str:
    """Readable JSON, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def problems(found: Sequence[Problem]) -> str:
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


# --- a ranking -------------------------------------------------------------------------------------------------------


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
        "points": show(one.score.points),
        "total": show(one.score.total),
        "groups": {group: show(points) for group, points in one.score.groups.items()},
        "vetoed": one.score.vetoed,
        "partial": one.partial,
        "last": one.last,
    }


def _cells(ranking: Ranking, rulebook: Rulebook) -> list[list[str]]:
    head = ["名次", "编号", "姓名", "支部", "积分", "年度累计", *(group.title for group in rulebook.groups), "说明"]
    return [head, *(_standing_cells(standing) for standing in ranking.standings)]


def _standing_cells(one: Standing) -> list[str]:
    marks = {"一票否决": one.score.vetoed, "新进": one.partial, "最后一名": one.last}
    figures = [one.score.points, one.score.total, *one.score.groups.values()]
    said = "、".join(word for word, applies in marks.items() if applies)
    return [str(one.rank), one.member.id, one.member.name, one.branch, *map(show, figures), said]


def _ranking_csv(ranking: Ranking, rulebook: Rulebook) -> str:
    return _csv(_cells(ranking, rulebook))


def _csv(rows: Sequence[Sequence[str]]) -> str:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows([*map(_harmless, row)] for row in rows)
    return sheet.getvalue().removesuffix("\n")


# As a spreadsheet begins to read: after blanks and quotation marks, the signs in full width too.
_FORMULA = re.compile(r"[\s\"'＂＇]*[=+\-@＝＋－＠]|[\t\r\n]")


def _harmless(cell: str) -> str:
    """A word that a spreadsheet would take for a formula is led by an apostrophe; a figure is left alone."""
    figure = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell)
    return f"'{cell}" if _FORMULA.match(cell) and not figure else cell


def _ranking_table(ranking: Ranking, rulebook: Rulebook) -> str:
    state = f"暂计，缺：{'、'.join(ranking.missing)}" if ranking.provisional else "台账齐全"
    head = f"{ranking.period}　{ranking.branch or '全机关'}　{state}"
    return f"{head}\n\n{_aligned(_cells(ranking, rulebook), right={0, 4, 5, 6, 7, 8})}"


RANKINGS: dict[str, Callable[[Ranking, Rulebook], str]] = {
    "table": _ranking_table,
    "json": _ranking_json,
    "csv": _ranking_csv,
}


# --- an explanation --------------------------------------------------------------------------------------------------


def _explained_json(
    member: Member, period: Period, points: Decimal, lines: Sequence[Line], _redone: Sequence[Redone]
) -> str:
    return to_json(
        {
            "member": member.id,
            "period": str(period),
            "points": show(points),
            "lines": [
                {
                    "file": line.where.file,
                    "line": line.where.line,
                    "date": line.date.isoformat(),
                    "branch": line.branch,
                    "item": line.item.id,
                    "clause": line.item.clause,
                    "earned": show(line.earned),
                    "points": show(line.points),
                    "reason": f"{line.what}，{line.reason}" if line.reason else line.what,
                }
                for line in lines
            ],
        }
    )


def _explained_text(
    member: Member, period: Period, points: Decimal, lines: Sequence[Line], redone: Sequence[Redone]
) -> str:
    rows = [["日期", "条款", "事由", "应得", "计入", "说明", "出处"]]
    for line in lines:
        order = wording.correction(line.where)
        place = f"{line.where.file}:{line.where.line}" + (f"（更正{order}）" if order else "")
        figures = show(line.earned), show(line.points)
        rows.append([line.date.isoformat(), line.item.clause, line.what, *figures, line.reason, place])
    rows.append(["", "", "合计", show(sum((line.earned for line in lines), ZERO)), show(points), "", ""])
    changed = "".join(f"\n{_changed(one)}" for one in redone)
    head = f"{member.name}（{member.id}）　{period}　{show(points)} 分"
    return f"{head}\n\n{_aligned(rows, right={3, 4})}" + (f"\n{changed}" if changed else "")


def _changed(one: Redone) -> str:
    """What a correction made of a line: 更正1（误记）：2026-05-14 学习教育，请假 -0.5 → 2026-05-14 学习教育，参加 2."""
    file = one.correction.where.file
    return f"更正{one.number}（{one.correction.kind}）：{_line(one.before)} → {_line(one.after)}　{file}"


def _line(line: Line | None) -> str:
    if line is None:
        return "不计"
    what = f"{line.what}，{line.reason}" if line.reason else line.what
    return f"{line.date.isoformat()} {what} {show(line.earned)} 分"


EXPLANATIONS: dict[str, Callable[[Member, Period, Decimal, Sequence[Line], Sequence[Redone]], str]] = {
    "text": _explained_text,
    "json": _explained_json,
}


# --- what results decide ---------------------------------------------------------------------------------------------


def _outcomes_json(year: int, found: Sequence[Outcome], near: Sequence[Near]) -> str:
    decided = [one for one in found if one.rule.effect and one.rule.effect.decides]
    return to_json(
        {
            "year": year,
            "rows": [_outcome(one) for one in decided],
            "lists": [_outcome(one) for one in found if one not in decided],
            "near": [{**_outcome(one), "next": str(one.next)} for one in near],
        }
    )


def _outcome(one: Outcome | Near) -> dict[str, Any]:
    because = [str(period) for period in one.because]
    return {"member": one.member.id, "rule": one.rule.id, "clause": one.rule.clause, "because": because}


def outcome_cells(found: Sequence[Outcome], near: Sequence[Near]) -> list[list[str]]:
    """Decisions and lists, then who is one period away, under a line of heads."""
    rows = [["性质", "编号", "姓名", "结果", "条款", "依据"]]
    for one in found:
        what = "决定" if one.rule.effect and one.rule.effect.decides else "名单"
        rows.append([what, *_outcome_words(one)])
    rows += [[f"预警：再有 {one.next} 一次", *_outcome_words(one)] for one in near]
    return rows


def _outcome_words(one: Outcome | Near) -> list[str]:
    because = "、".join(str(period) for period in one.because)
    return [one.member.id, one.member.name, one.rule.title, one.rule.clause, because]


def _outcomes_csv(_year: int, found: Sequence[Outcome], near: Sequence[Near]) -> str:
    return _csv(outcome_cells(found, near))


def _outcomes_table(year: int, found: Sequence[Outcome], near: Sequence[Near]) -> str:
    head = f"{year} 年度结果运用（只依据齐全的榜单；供机关党委内部使用，不要张贴）"
    return f"{head}\n\n{_aligned(outcome_cells(found, near), right=set())}"


OUTCOMES: dict[str, Callable[[int, Sequence[Outcome], Sequence[Near]], str]] = {
    "table": _outcomes_table,
    "json": _outcomes_json,
    "csv": _outcomes_csv,
}


def _aligned(rows: Sequence[Sequence[str]], right: set[int]) -> str:
    """Columns set flush; a Chinese character takes two places."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            " " * (room - width(cell)) + cell if column in right else cell + " " * (room - width(cell))
            for column, (cell, room) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
