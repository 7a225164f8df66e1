"""Convert a filing pack, the papers that a branch files for a quarter, into tables, one for each sheet (四2)."""

from collections.abc import Iterator, Sequence

from generator.core.model.roster import member_label
from generator.core.model.rulebook import Item
from generator.core.page_data.filing_packs import FilingPack
from generator.core.page_data.ledger_forms import LedgerForm, LedgerFormRow
from generator.render.export import ranking_table
from generator.render.export.tables import Cell, Table
from generator.render.html import filters


def pack_tables(packs: Sequence[FilingPack]) -> Iterator[Table]:
    """Yield the board, approvals, proofs and ledger forms of each pack; empty tables but for the board are left out."""
    for pack in packs:
        yield _board_table(pack)
        forms = (_form_table(pack, form) for form in pack.forms)
        tables = (_approvals_table(pack), _proofs_table(pack), _missing_evidence_table(pack), *forms)
        yield from (table for table in tables if table.rows)


def _board_table(pack: FilingPack) -> Table:
    filed = f"{pack.filing.on} 备案，{pack.filing.by}" if pack.filing else "未备案"
    notes = (
        f"台账：{filters.format_missing_months(pack.ranking.missing)}。备案：{filed}。",
        f"规则：《{pack.rulebook.title}》。",
        *([f"{pack.cut_short}。"] if pack.cut_short else []),
    )
    head, *rows = ranking_table.ranking_rows(pack.ranking, pack.rulebook, {pack.branch.id: pack.branch.name})
    title = f"{pack.branch.name}{filters.format_period(pack.quarter)}积分榜"
    return Table(title, tuple(map(str, head)), tuple(map(tuple, rows)), notes)


def _approvals_table(pack: FilingPack) -> Table:
    rows = tuple(
        (
            filters.format_period(approval.month),
            approval.revision or None,
            approval.meeting,
            f"{approval.by}（代行：{approval.acting}）" if approval.acting else approval.by,
            approval.digest,
        )
        for approval in pack.approvals
    )
    return Table(f"{pack.branch.name}支委会审核", ("月份", "更正", "支委会日期", "主持人", "摘要"), rows)


def _proofs_table(pack: FilingPack) -> Table:
    rows = tuple(
        (proof.date, member_label(proof.member) if proof.member else "", proof.what, kind, "、".join(files))
        for proof in pack.proofs
        for kind, files in proof.files
    )
    return Table(f"{pack.branch.name}佐证", ("日期", "党员", "事项", "种类", "材料"), rows)


def _missing_evidence_table(pack: FilingPack) -> Table:
    rows = tuple((problem.where.file, problem.where.line, problem.message) for problem in pack.lacking)
    return Table(f"{pack.branch.name}草稿缺的佐证", ("台账", "行", "缺什么"), rows)


def _form_table(pack: FilingPack, form: LedgerForm) -> Table:
    items = form.rulebook.items
    head = ("姓名", *(item.title for item in items), "本月合计", "年度累计", "备注")
    rows = tuple(
        (member_label(row.member), *(_form_cell(row, item) for item in items), row.points, row.total, row.remark)
        for row in form.rows
    )
    notes = tuple(f"合计说明：{filters.format_adjusted_sum(row)}。" for row in form.rows if row.adjustments)
    return Table(f"{pack.branch.name}{filters.format_period(form.ledger.month)}台账", head, rows, notes)


def _form_cell(row: LedgerFormRow, item: Item) -> Cell:
    return "否决" if item.veto and item.id in row.cells else row.cells.get(item.id)
