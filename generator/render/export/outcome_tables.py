"""What a year's results decide as JSON, CSV or tables."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import PeriodKind, get_period
from generator.core.model.ledger import CorrectionKind
from generator.core.model.roster import Branch
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
            "rows": [_outcome(one) for one in year.decided],
            "appraisal": [_composite(year.appraised, one) for one in year.appraised.composites]
            if year.appraised
            else [],
            "provisional": year.appraised is not None and year.appraised.provisional,
            "missing": list(year.appraised.missing) if year.appraised else [],
            "unreviewed": [member.id for member in year.appraised.unreviewed] if year.appraised else [],
            "lists": [_outcome(one) for one in year.suggested],
            "near": [{**_outcome(one), "next": str(one.next)} for one in year.near],
            "awards": [_award(one) for one in year.awards],
            "branches": [_keeping(one) for one in year.keeping],
        }
    )


def _outcome(one: Outcome) -> dict[str, Any]:
    because = [str(period) for period in one.because]
    boards = [{"period": str(period), "branch": branch} for period, branch in (place.board for place in one.places)]
    said = {"member": one.member.id, "rule": one.rule.id, "clause": one.rule.clause, "because": because}
    return {**said, "boards": boards}


def _composite(found: AppraisalResult, one: CompositeScore) -> dict[str, Any]:
    figures = {
        "points": format_decimal(one.points),
        "review": format_decimal(one.review),
        "composite": format_decimal(one.composite),
    }
    words = {"formula": filters.format_formula(found, one), "reason": filters.explain_grade(one)}
    return {"rank": one.rank, "member": one.member.id, **figures, "grade": one.grade, **words}


def _award(one: PollResult) -> dict[str, Any]:
    return {
        "award": one.award,
        "date": one.date.isoformat(),
        "electorate": one.electorate,
        "board": str(one.ranking.period) if one.ranking else None,
        "candidates": [
            {
                "position": each.position,
                "member": each.member.id,
                "votes": each.votes,
                "rank": each.rank,
                "points": None if each.points is None else format_decimal(each.points),
                "barred": [outcome.rule.id for outcome in each.barred],
            }
            for each in one.candidates
        ],
    }


def _keeping(one: BookkeepingRecord) -> dict[str, Any]:
    return {
        "branch": one.branch.id,
        "months": one.months,
        "late": [str(late.month) for late in one.late],
        "corrections": {kind.name.lower(): count for kind, count in one.corrected.items()},
        "struck": one.struck,
        "withdrawn": len(one.withdrawn),
    }


def outcome_tables(year: YearResults, branches: Mapping[str, Branch]) -> tuple[Table, ...]:
    """Section 五 of a year as tables; those that would be empty are left out, but for the first."""
    tables = (
        _outcome_table(year, branches),
        _appraisal_table(year.appraised, branches),
        *(_award_table(one, branches) for one in year.awards),
        _keeping_table(year),
    )
    return tuple(one for number, one in enumerate(tables) if one and (one.rows or not number))


def _outcome_table(year: YearResults, branches: Mapping[str, Branch]) -> Table:
    """Decisions, then who is one period away, then lists."""
    rows = [("决定", *_outcome_words(one, branches)) for one in year.decided]
    rows += [(f"预警：再有 {one.next} 一次", *_outcome_words(one, branches)) for one in year.near]
    rows += [("名单", *_outcome_words(one, branches)) for one in year.suggested]
    head = ("性质", "编号", "姓名", "结果", "条款", "依据", "党支部")
    note = "只依据齐全的榜单。一次就够上的规则不作预警。"
    return Table(f"{year.year}年度结果运用", head, tuple(rows), (note,))


def _outcome_words(one: Outcome, branches: Mapping[str, Branch]) -> tuple[str, ...]:
    """Whom a rule concerns, which one, and the boards; their branch where the member moved."""
    homes = list(dict.fromkeys(place.standing.branch for place in one.places))
    of = {place.period: f"（{branches[place.standing.branch].name}）" for place in one.places if place.board[1]}
    because = "、".join(f"{period}{of.get(period, '') if len(homes) > 1 else ''}" for period in one.because)
    return one.member.id, one.member.name, one.rule.title, one.rule.clause, because, branches[homes[-1]].name


def _appraisal_table(found: AppraisalResult | None, branches: Mapping[str, Branch]) -> Table | None:
    if found is None:
        return None
    head = ("序号", "编号", "姓名", "党支部", "年度积分", "评议得分", "综合得分", "算式", "等次", "说明")
    last = get_period(PeriodKind.YEAR, found.year).last
    rows = tuple(
        (
            one.rank,
            one.member.id,
            one.member.name,
            branches[one.member.branch_on(last) or one.member.spans[-1].branch].name,
            one.points,
            one.review,
            one.composite,
            filters.format_formula(found, one),
            one.grade or "",
            filters.explain_grade(one),
        )
        for one in found.composites
    )
    return Table(f"{found.year}年度民主评议", head, rows, tuple(filters.list_appraisal_notes(found)))


def award_tables(year: YearResults, branches: Mapping[str, Branch]) -> tuple[Table, ...]:
    """The polls of a year, a table each; without any, one that says so."""
    none = Table(f"{year.year}年度表彰投票", ("说明",), (("还没有经审核的表彰投票",),))
    return tuple(_award_table(one, branches) for one in year.awards) or (none,)


def _award_table(one: PollResult, branches: Mapping[str, Branch]) -> Table:
    head = ("次序", "编号", "姓名", "党支部", "票数", "名次", "积分", "说明")
    rows = tuple(
        (
            each.position,
            each.member.id,
            each.member.name,
            branches[each.branch].name if each.branch else "",
            each.votes,
            each.rank,
            each.points,
            filters.describe_candidate(one, each),
        )
        for each in one.candidates
    )
    return Table(f"{one.award} {one.date}", head, rows, tuple(filters.list_award_notes(one)))


def _keeping_table(year: YearResults) -> Table:
    head = ("编号", "党支部", "应审月份", "逾期月份", "补录", "误记", "剔除", "剔除条数", "撤回审核", "逾期明细")
    rows = []
    for one in year.keeping:
        corrected: list[Cell] = [one.corrected[kind] for kind in CorrectionKind]
        late = "、".join(filters.format_late_month(late) for late in one.late)
        counts = (one.months, len(one.late), *corrected, one.struck, len(one.withdrawn))
        rows.append((one.branch.id, one.branch.name, *counts, late))
    return Table(f"{year.year}年度党支部台账工作", head, tuple(rows))


def _outcomes_csv(year: YearResults, branches: Mapping[str, Branch]) -> str:
    """One table for all: each line says of what it tells, of whom, what came of it, by which clause and why."""
    first = _outcome_table(year, branches)
    rows: list[Sequence[str]] = [first.head, *([*map(cell_text, row)] for row in first.rows)]
    appraised = _appraisal_table(year.appraised, branches)
    for _, ident, name, home, _, _, composite, formula, grade, steps in appraised.rows if appraised else ():
        assert year.appraised
        what = "，".join(filter(None, [f"综合得分 {cell_text(composite)}", cell_text(grade)]))
        because = "；".join(filter(None, [cell_text(formula), cell_text(steps)]))
        rows.append(
            ["民主评议", cell_text(ident), cell_text(name), what, year.appraised.rule.clause, because, cell_text(home)]
        )
    for award in year.awards:
        for one in award.candidates:
            what = f"{one.votes} 票" + ("" if one.rank is None else f"，第 {one.rank} 名")
            because, home = filters.describe_candidate(award, one), branches[one.branch].name if one.branch else ""
            rows.append([award.award, one.member.id, one.member.name, what, award.rule.clause, because, home])
    clause = year.rulebook.bookkeeping.clause if year.rulebook.bookkeeping else ""
    for kept in year.keeping:
        what = f"逾期 {len(kept.late)} 个月，更正 {len(kept.amended)} 份，剔除 {kept.struck} 条"
        late = "、".join(map(filters.format_late_month, kept.late))
        rows.append(["支部台账", kept.branch.id, kept.branch.name, what, clause, late, kept.branch.name])
    return to_csv(rows)


def _outcomes_table(year: YearResults, branches: Mapping[str, Branch]) -> str:
    parts = []
    for table in outcome_tables(year, branches):
        figures = {n for n in range(len(table.head)) if any(isinstance(row[n], int | Decimal) for row in table.rows)}
        rows = [table.head, *(tuple(map(cell_text, row)) for row in table.rows)]
        parts.append("\n".join([table.title, "", align_columns(rows, right_aligned=figures), *table.notes]))
    return "\n\n".join(parts) + "\n\n供机关党委内部使用，不要张贴。"


OUTCOME_FORMATS: dict[str, Callable[[YearResults, Mapping[str, Branch]], str]] = {
    "table": _outcomes_table,
    "json": lambda year, _branches: _outcomes_json(year),
    "csv": _outcomes_csv,
}
