"""A scored ledger → the form that the branch committee signs 台账 (四1); it is the committee's alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from generator.core import results as scored
from generator.core.model import Line, Member, Rulebook, ValidLedger
from generator.core.numbers import ZERO
from generator.core.results import Results
from generator.core.scoring import PLAIN


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A member's row: what counted by item id, its sum, and the cycle total at the month's end.

    ``capped``: a ceiling cut something.
    """

    member: Member
    cells: Mapping[str, Decimal]
    points: Decimal
    total: Decimal
    vetoed: bool
    capped: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A printable ledger form 台账: one row a member, one column an item of the rulebook.

    ``notes`` are the lines that a figure alone does not tell: entries, absences, exemptions.
    """

    ledger: ValidLedger
    rulebook: Rulebook
    rows: tuple[SheetRow, ...]
    notes: tuple[tuple[Member, Line], ...]


def sheet(results: Results, ledger: ValidLedger) -> Sheet:
    """The form of a scored ledger: everyone on the branch's roll in that month, and whoever a line names."""
    month, tallies = ledger.month, results.tallies[ledger.month.year]
    roll = {member.id for member, _ in results.roster.during(ledger.branch, month)}
    rows = []
    notes: list[tuple[Member, Line]] = []
    for member in results.roster.members:
        lines = [one for one in tallies[member.id].lines if one.month == month and one.branch == ledger.branch]
        if lines or member.id in roll:
            notes += [(member, line) for line in lines if line.reason.partition("；")[0] not in PLAIN]
            cells: dict[str, Decimal] = {}
            for line in lines:
                cells[line.item.id] = cells.get(line.item.id, ZERO) + line.points
            capped = any(line.points != line.earned for line in lines)
            score = scored.score(results, member.id, month)
            rows.append(SheetRow(member, cells, sum(cells.values(), ZERO), score.total, score.vetoed, capped))
    return Sheet(ledger, results.rulebooks[month.year], tuple(rows), tuple(notes))
