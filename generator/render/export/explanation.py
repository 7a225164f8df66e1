"""Why a member has the points of a period, as JSON or a table for the terminal."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from generator.core.basics.numbers import ZERO, show
from generator.core.basics.periods import Period
from generator.core.model.roster import Member
from generator.core.model.tally import Line
from generator.core.page_data.ledger_forms import Redone
from generator.render.export.tables import aligned, to_json
from generator.render.html import filters


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
        order = filters.correction(line.where)
        place = f"{line.where.file}:{line.where.line}" + (f"（更正{order}）" if order else "")
        figures = show(line.earned), show(line.points)
        rows.append([line.date.isoformat(), line.item.clause, line.what, *figures, line.reason, place])
    rows.append(["", "", "合计", show(sum((line.earned for line in lines), ZERO)), show(points), "", ""])
    changed = "".join(f"\n{_changed(one)}" for one in redone)
    head = f"{member.name}（{member.id}）　{period}　{show(points)} 分"
    return f"{head}\n\n{aligned(rows, right={3, 4})}" + (f"\n{changed}" if changed else "")


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
