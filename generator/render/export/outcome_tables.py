"""The outcomes of a year's results as JSON, CSV or tables."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import PeriodKind, get_period
from generator.core.model.ledger import CorrectionKind
from generator.core.model.roster import Branch, member_label
from generator.core.outcomes.appraisal import AppraisalResult, CompositeScore
from generator.core.outcomes.awards import PollResult
from generator.core.outcomes.bookkeeping import BookkeepingRecord
from generator.core.outcomes.consequences import Outcome
from generator.core.outcomes.year_results import YearResults
from generator.render.export.tables import Cell, Table, align_columns, cell_text, to_csv, to_json
from generator.render.html import filters


def _outcomes_json(year: YearResults) -> str:
    return to_json(
        {
            "year": year.year,
            "rows": [_outcome_fields(outcome) for outcome in year.decided],
            "appraisal": [_composite_fields(year.appraised, score) for score in year.appraised.composites]
            if year.appraised
            else [],
            "provisional": year.appraised is not None and year.appraised.provisional,
            "missing": list(year.appraised.missing) if year.appraised else [],
            "unreviewed": [member.id for member in year.appraised.unreviewed] if year.appraised else [],
            "lists": [_outcome_fields(outcome) for outcome in year.suggested],
            "near": [{**_outcome_fields(outcome), "next": str(outcome.next)} for outcome in year.near],
            "awards": [_poll_fields(poll) for poll in year.awards],
            "branches": [_bookkeeping_fields(record) for record in year.keeping],
        }
    )


def _outcome_fields(outcome: Outcome) -> dict[str, Any]:
    keys = (position.board for position in outcome.places)
    return {
        "member": outcome.member.id,
        "rule": outcome.rule.id,
        "clause": outcome.rule.clause,
        "because": [str(period) for period in outcome.because],
        "boards": [{"period": str(period), "branch": branch} for period, branch in keys],
    }


def _composite_fields(result: AppraisalResult, score: CompositeScore) -> dict[str, Any]:
    return {
        "rank": score.rank,
        "member": score.member.id,
        "points": format_decimal(score.points),
        "review": format_decimal(score.review),
        "composite": format_decimal(score.composite),
        "grade": score.grade,
        "formula": filters.format_formula(result, score),
        "reason": filters.explain_grade(score),
    }


def _poll_fields(poll: PollResult) -> dict[str, Any]:
    return {
        "award": poll.award,
        "date": poll.date.isoformat(),
        "electorate": poll.electorate,
        "board": str(poll.ranking.period) if poll.ranking else None,
        "candidates": [
            {
                "position": candidate.position,
                "member": candidate.member.id,
                "votes": candidate.votes,
                "rank": candidate.rank,
                "points": None if candidate.points is None else format_decimal(candidate.points),
                "barred": [outcome.rule.id for outcome in candidate.barred],
            }
            for candidate in poll.candidates
        ],
    }


def _bookkeeping_fields(record: BookkeepingRecord) -> dict[str, Any]:
    return {
        "branch": record.branch.id,
        "months": record.months,
        "late": [str(late.month) for late in record.late],
        "corrections": {kind.name.lower(): count for kind, count in record.corrected.items()},
        "struck": record.struck,
        "withdrawn": len(record.withdrawn),
    }


def outcome_tables(year: YearResults, branches: Mapping[str, Branch]) -> tuple[Table, ...]:
    """Return section 五 of a year as tables; empty tables are left out, but for the first."""
    tables = (
        _outcome_table(year, branches),
        _appraisal_table(year.appraised, branches),
        *(_poll_table(poll, branches) for poll in year.awards),
        _bookkeeping_table(year),
    )
    return tuple(table for number, table in enumerate(tables) if table and (table.rows or not number))


def _outcome_table(year: YearResults, branches: Mapping[str, Branch]) -> Table:
    """Return decisions, then outcomes that are one period away, then lists."""
    rows = [("决定", *_outcome_cells(outcome, branches)) for outcome in year.decided]
    rows += [(f"临界提醒：再有 {outcome.next} 一次", *_outcome_cells(outcome, branches)) for outcome in year.near]
    rows += [("名单", *_outcome_cells(outcome, branches)) for outcome in year.suggested]
    head = ("性质", "编号", "姓名", "结果", "条款", "依据", "党支部")
    note = "只依据齐全的榜单。一次即符合的规定不作临界提醒。"
    return Table(f"{year.year}年度结果运用", head, tuple(rows), (note,))


def _outcome_cells(outcome: Outcome, branches: Mapping[str, Branch]) -> tuple[str, ...]:
    """Return the member, the rule and the boards of an outcome; the boards' branches if the member moved."""
    branch_ids = list(dict.fromkeys(position.standing.branch for position in outcome.places))
    of_branch = {
        position.period: f"（{branches[position.standing.branch].name}）"
        for position in outcome.places
        if position.board[1]
    }
    because = "、".join(
        f"{period}{of_branch.get(period, '') if len(branch_ids) > 1 else ''}" for period in outcome.because
    )
    member, rule = outcome.member, outcome.rule
    return member.id, member_label(member), rule.title, rule.clause, because, branches[branch_ids[-1]].name


def _appraisal_table(result: AppraisalResult | None, branches: Mapping[str, Branch]) -> Table | None:
    if result is None:
        return None
    head = ("序号", "编号", "姓名", "党支部", "年度积分", "评议得分", "综合得分", "算式", "等次", "说明")
    last = get_period(PeriodKind.YEAR, result.year).last
    rows = tuple(
        (
            score.rank,
            score.member.id,
            member_label(score.member),
            branches[score.member.branch_on(last) or score.member.spans[-1].branch].name,
            score.points,
            score.review,
            score.composite,
            filters.format_formula(result, score),
            score.grade or "",
            filters.explain_grade(score),
        )
        for score in result.composites
    )
    return Table(f"{result.year}年度民主评议", head, rows, tuple(filters.list_appraisal_notes(result)))


def award_tables(year: YearResults, branches: Mapping[str, Branch]) -> tuple[Table, ...]:
    """Return the polls of a year, a table each; without any, one table that says so."""
    placeholder = Table(f"{year.year}年度表彰投票", ("说明",), (("还没有经审核的表彰投票",),))
    return tuple(_poll_table(poll, branches) for poll in year.awards) or (placeholder,)


def _poll_table(poll: PollResult, branches: Mapping[str, Branch]) -> Table:
    head = ("次序", "编号", "姓名", "党支部", "票数", "名次", "积分", "说明")
    rows = tuple(
        (
            candidate.position,
            candidate.member.id,
            member_label(candidate.member),
            branches[candidate.branch].name if candidate.branch else "",
            candidate.votes,
            candidate.rank,
            candidate.points,
            filters.describe_candidate(poll, candidate),
        )
        for candidate in poll.candidates
    )
    return Table(f"{poll.award} {poll.date}", head, rows, tuple(filters.list_award_notes(poll)))


def _bookkeeping_table(year: YearResults) -> Table:
    head = ("编号", "党支部", "应审月份", "逾期月份", "补录", "误记", "剔除", "剔除条数", "撤回审核", "逾期明细")
    rows = []
    for record in year.keeping:
        corrections: list[Cell] = [record.corrected[kind] for kind in CorrectionKind]
        late = "、".join(map(filters.format_late_month, record.late))
        counts = (record.months, len(record.late), *corrections, record.struck, len(record.withdrawn))
        rows.append((record.branch.id, record.branch.name, *counts, late))
    return Table(f"{year.year}年度党支部台账工作", head, tuple(rows))


def _outcomes_csv(year: YearResults, branches: Mapping[str, Branch]) -> str:
    """Return one table for all: the kind of each line, the member or branch, the result, the clause and the reason."""
    first = _outcome_table(year, branches)
    rows: list[Sequence[str]] = [first.head, *([*map(cell_text, row)] for row in first.rows)]
    appraisal = _appraisal_table(year.appraised, branches)
    for _, ident, name, branch_name, _, _, composite, formula, grade, steps in appraisal.rows if appraisal else ():
        assert year.appraised
        result = "，".join(filter(None, [f"综合得分 {cell_text(composite)}", cell_text(grade)]))
        because = "；".join(filter(None, [cell_text(formula), cell_text(steps)]))
        rows.append(
            [
                "民主评议",
                cell_text(ident),
                cell_text(name),
                result,
                year.appraised.rule.clause,
                because,
                cell_text(branch_name),
            ]
        )
    for poll in year.awards:
        for candidate in poll.candidates:
            result = f"{candidate.votes} 票" + ("" if candidate.rank is None else f"，第 {candidate.rank} 名")
            because = filters.describe_candidate(poll, candidate)
            branch_name = branches[candidate.branch].name if candidate.branch else ""
            member = candidate.member
            rows.append([poll.award, member.id, member_label(member), result, poll.rule.clause, because, branch_name])
    clause = year.rulebook.bookkeeping.clause if year.rulebook.bookkeeping else ""
    for record in year.keeping:
        result = f"逾期 {len(record.late)} 个月，更正 {len(record.amended)} 份，剔除 {record.struck} 条"
        late = "、".join(map(filters.format_late_month, record.late))
        rows.append(["支部台账", record.branch.id, record.branch.name, result, clause, late, record.branch.name])
    return to_csv(rows)


def _outcomes_table(year: YearResults, branches: Mapping[str, Branch]) -> str:
    parts = []
    for table in outcome_tables(year, branches):
        figures = {
            number
            for number in range(len(table.head))
            if any(isinstance(row[number], int | Decimal) for row in table.rows)
        }
        rows = [table.head, *(tuple(map(cell_text, row)) for row in table.rows)]
        parts.append("\n".join([table.title, "", align_columns(rows, right_aligned=figures), *table.notes]))
    return "\n\n".join(parts) + "\n\n供机关党委内部使用，不要张贴。"


OUTCOME_FORMATS: dict[str, Callable[[YearResults, Mapping[str, Branch]], str]] = {
    "table": _outcomes_table,
    "json": lambda year, _branches: _outcomes_json(year),
    "csv": _outcomes_csv,
}
