"""Explain a member's points of a period, as JSON or a table for the terminal."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from generator.core.basics.numbers import ZERO, format_decimal
from generator.core.basics.periods import Period
from generator.core.model.roster import Member, member_label
from generator.core.model.tally import ScoreLine
from generator.core.page_data.ledger_forms import CorrectedLine
from generator.render.export.tables import align_columns, to_json
from generator.render.html import filters


def _explain_as_json(
    member: Member, period: Period, points: Decimal, lines: Sequence[ScoreLine], _corrected: Sequence[CorrectedLine]
) -> str:
    return to_json(
        {
            "member": member.id,
            "period": str(period),
            "points": format_decimal(points),
            "lines": [
                {
                    "file": line.where.file,
                    "line": line.where.line,
                    "date": line.date.isoformat(),
                    "branch": line.branch,
                    "item": line.item.id,
                    "clause": line.item.clause,
                    "earned": format_decimal(line.earned),
                    "points": format_decimal(line.points),
                    "reason": f"{line.what}，{line.reason}" if line.reason else line.what,
                }
                for line in lines
            ],
        }
    )


def _explain_as_text(
    member: Member, period: Period, points: Decimal, lines: Sequence[ScoreLine], corrected: Sequence[CorrectedLine]
) -> str:
    rows = [["日期", "条款", "事由", "应得", "计入", "说明", "出处"]]
    for line in lines:
        order = filters.correction_number(line.where)
        place = f"{line.where.file}:{line.where.line}" + (f"（更正{order}）" if order else "")
        figures = format_decimal(line.earned), format_decimal(line.points)
        rows.append([line.date.isoformat(), line.item.clause, line.what, *figures, line.reason, place])
    rows.append(
        ["", "", "合计", format_decimal(sum((line.earned for line in lines), ZERO)), format_decimal(points), "", ""]
    )
    changes = "".join(f"\n{_format_change(change)}" for change in corrected)
    head = f"{member_label(member)}（{member.id}）　{period}　{format_decimal(points)} 分"
    return f"{head}\n\n{align_columns(rows, right_aligned={3, 4})}" + (f"\n{changes}" if changes else "")


def _format_change(line: CorrectedLine) -> str:
    """Format a corrected line as 更正1（误记）：2026-05-14 学习教育，请假 -0.5 → 2026-05-14 学习教育，参加 2."""
    file = line.correction.where.file
    change = f"{_format_line(line.before)} → {_format_line(line.after)}"
    return f"更正{line.number}（{line.correction.kind}）：{change}　{file}"


def _format_line(line: ScoreLine | None) -> str:
    if line is None:
        return "不计"
    text = f"{line.what}，{line.reason}" if line.reason else line.what
    return f"{line.date.isoformat()} {text} {format_decimal(line.earned)} 分"


EXPLANATION_FORMATS: dict[
    str, Callable[[Member, Period, Decimal, Sequence[ScoreLine], Sequence[CorrectedLine]], str]
] = {
    "text": _explain_as_text,
    "json": _explain_as_json,
}
