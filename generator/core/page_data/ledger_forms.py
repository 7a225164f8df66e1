"""A scored ledger or correction → the form 台账 that the branch committee signs (四1), for the committee alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.numbers import ZERO, format_decimal
from generator.core.basics.periods import Period
from generator.core.model import corrections
from generator.core.model.ledger import Activity, Correction, Entry, Ledger, ValidLedger, WrittenName
from generator.core.model.roster import Member, Roster, member_label
from generator.core.model.rulebook import Rulebook, Veto
from generator.core.model.tally import ScoreLine
from generator.core.scoring import results as scoring_results
from generator.core.scoring.results import Results
from generator.core.scoring.values import OBVIOUS_REASONS, score_lines


class SumAdjustment(Struct, frozen=True):
    """Points of a member's month that are in no cell of the form, and why: another branch's ledger, veto or floor."""

    reason: str
    points: Decimal


class LedgerFormRow(Struct, frozen=True):
    """A member's row: the points that counted by item id, the month's points, and the cycle total at its end.

    ``points`` and ``total`` are those of the boards. ``cells`` are of this ledger alone; with ``adjustments`` they add
    up to ``points``. ``vetoed`` is set if a veto zeroes or wipes the month, ``capped`` if a ceiling cut any cell.
    """

    member: Member
    cells: Mapping[str, Decimal]
    points: Decimal
    total: Decimal
    vetoed: bool
    capped: bool
    adjustments: tuple[SumAdjustment, ...]

    @property
    def cell_sum(self) -> Decimal:
        """The sum of all cells."""
        return sum(self.cells.values(), ZERO)

    @property
    def remark(self) -> str:
        """Short words beside the row; empty if there is nothing to remark."""
        remarks = ["已达上限"] if self.capped else []
        remarks += ["见说明"] if self.adjustments else []
        return "一票否决" if self.vetoed else "，".join(remarks)


class LineChange(Struct, frozen=True):
    """A line that a correction changes, by its label; in words, None where the line did not or no longer exists."""

    label: str
    before: str | None
    after: str | None


class PointsShift(Struct, frozen=True):
    """A member's points of the month before a correction and after it."""

    member: Member
    before: Decimal
    after: Decimal


class CorrectionEffect(Struct, frozen=True):
    """Changes made by a correction, the ``number``-th of its month."""

    number: int
    correction: Correction
    lines: tuple[LineChange, ...]
    shifts: tuple[PointsShift, ...]


class LedgerForm(Struct, frozen=True):
    """A printable ledger form 台账: one row per member, one column per item of the rulebook.

    ``notes`` are the lines that a figure alone does not explain: entries, absences, exemptions. ``amended`` makes it
    the form of a correction 更正, with the rows of the corrected month.
    """

    ledger: ValidLedger
    rulebook: Rulebook
    rows: tuple[LedgerFormRow, ...]
    notes: tuple[tuple[Member, ScoreLine], ...]
    amended: CorrectionEffect | None = None


def build_ledger_form(results: Results, ledger: ValidLedger) -> LedgerForm:
    """Build the form of a scored ledger: all on the branch's roll in that month, and all whom a line names."""
    month, tallies = ledger.month, results.tallies[ledger.month.year]
    roster = results.roster.named_on(month.last)
    roll = {member.id for member, _ in roster.members_during(ledger.branch, month)}
    rows = []
    notes: list[tuple[Member, ScoreLine]] = []
    for member in roster.members_ever_in[ledger.branch]:  # a ledger can name no others
        of_month = [line for line in tallies[member.id].lines if line.month == month]
        lines = [line for line in of_month if line.branch == ledger.branch]
        if lines or member.id in roll:
            notes += [(member, line) for line in lines if line.reason.partition("；")[0] not in OBVIOUS_REASONS]
            elsewhere = [line for line in of_month if line.branch != ledger.branch]
            rows.append(_build_row(results, member, month, lines, elsewhere))
    return LedgerForm(ledger, results.rulebooks[month.year], tuple(rows), tuple(notes))


def _build_row(
    results: Results, member: Member, month: Period, lines: Sequence[ScoreLine], elsewhere: Sequence[ScoreLine]
) -> LedgerFormRow:
    """Build the row of a member from the month's lines in this ledger and those in other branches' ledgers."""
    cells: dict[str, Decimal] = {}
    for line in lines:
        cells[line.item.id] = cells.get(line.item.id, ZERO) + line.points
    score = scoring_results.score_member(results, member.id, month)
    by_rule = scoring_results.explain_score_adjustments(results, member.id, month)
    floor = results.rulebooks[month.year].floor
    adjustments = [
        *_adjust_for_branches(results.roster, elsewhere),
        *(SumAdjustment(_explain_rule(line, floor), line.points) for line in by_rule),
    ]
    return LedgerFormRow(
        member=member,
        cells=cells,
        points=score.points,
        total=score.total,
        vetoed=any(line.item.veto for line in by_rule),
        capped=any(line.points != line.earned for line in lines),
        adjustments=tuple(adjustment for adjustment in adjustments if adjustment.points),
    )


def _adjust_for_branches(roster: Roster, lines: Iterable[ScoreLine]) -> Iterator[SumAdjustment]:
    """Yield the points that other branches' ledgers gave a member who moved."""
    by_branch: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_branch[line.branch] += line.points
    for branch, points in by_branch.items():
        yield SumAdjustment(f"{roster.branch_by_id[branch].name}台账登记", points)


def _explain_rule(line: ScoreLine, floor: Decimal | None) -> str:
    """Return why the line of a veto or of the floor changes a month's sum."""
    if line.item.veto is Veto.RESET:
        return "一票否决，本年度截至当月的分清零"
    if line.item.veto or floor is None:
        return "一票否决"
    return f"总分下限（年度累计不低于 {format_decimal(floor)} 分）"


# --- a correction ----------------------------------------------------------------------------------------------------


def build_correction_form(before: Results, after: Results, document: Ledger, ledger: ValidLedger) -> LedgerForm:
    """Build the form of a month's newest correction.

    ``before`` and ``after`` are the results without and with it, ``document`` is the month's ledger as written and
    ``ledger`` the corrected month.
    """
    form, month, roster = build_ledger_form(after, ledger), ledger.month, after.roster.named_on(ledger.month.last)
    shifts = (
        PointsShift(
            member,
            scoring_results.score_member(before, member.id, month).points,
            scoring_results.score_member(after, member.id, month).points,
        )
        for member in roster.members
    )
    describer = _LineDescriber(roster, form.rulebook, ledger.branch)
    *_, old, new = (lines.by_label for lines in corrections.replay_corrections(document, ledger.corrections))
    effect = CorrectionEffect(
        number=len(ledger.corrections),
        correction=ledger.corrections[-1],
        lines=tuple(
            LineChange(label, describer.describe(old.get(label)), describer.describe(new[label]))
            for label in _list_changed_labels(old, new)
        ),
        shifts=tuple(shift for shift in shifts if shift.before != shift.after),
    )
    return replace(form, amended=effect)


_LinesByLabel = Mapping[str, Activity | Entry | None]


def _list_changed_labels(old: _LinesByLabel, new: _LinesByLabel) -> list[str]:
    # Identity is enough: replaying corrections passes a line on as the same object unless it is struck or restated.
    return [label for label, line in new.items() if old.get(label) is not line]


class _LineDescriber(Struct, frozen=True):
    """A writer of lines in words, as written, with the titles of items and the names of members instead of ids."""

    roster: Roster
    rulebook: Rulebook
    branch: str

    def describe(self, line: Activity | Entry | None) -> str | None:
        """Return a phrase with the full content of a line."""
        if line is None:
            return None
        words = self._describe_activity(line) if isinstance(line, Activity) else self._describe_entry(line)
        proofs = [f"{self.rulebook.proofs.get(kind, kind)} {'、'.join(files)}" for kind, files in line.evidence.items()]
        late = [f"补登（{line.late}）"] if line.late else []
        return "；".join([*words, *(["佐证：" + "，".join(proofs)] if proofs else []), *late])

    def _describe_activity(self, line: Activity) -> Iterator[str]:
        title = self._item_title(line.item)
        yield f"{_format_day(line.date)} {title}" + (f"（{line.title}）" if line.title not in {"", title} else "")
        lists = [("参加", line.present or ()), ("请假", line.leave), ("缺席", line.absent), ("免计", line.exempt)]
        named = [
            f"{word}：{'、'.join(self._member_label(name, line.date) for name in names)}"
            for word, names in lists
            if names
        ]
        yield from named
        if line.present is None:
            yield "其余全部参加" if named else "全体参加"

    def _describe_entry(self, line: Entry) -> Iterator[str]:
        yield f"{self._member_label(line.member, line.date)} {_format_day(line.date)} {self._item_title(line.item)}"
        item = self.rulebook.items_by_name.get(line.item.text)
        for level in item.levels if item and line.level else ():
            if line.level and line.level.text in {level.id, level.title}:
                yield level.title
        if line.times > 1:
            yield f"{line.times} 次"
        if line.note:
            yield line.note

    def _item_title(self, name: WrittenName) -> str:
        item = self.rulebook.items_by_name.get(name.text)
        return item.title if item else name.text

    def _member_label(self, name: WrittenName, day: date) -> str:
        in_branch = self.roster.find_namesakes(name.text, day, lambda member: member.branch_on(day) == self.branch)
        return member_label(in_branch[0]) if len(in_branch) == 1 else name.text


def _format_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


class CorrectedLine(Struct, frozen=True):
    """A member's line before and after a correction, the ``number``-th of its month; None where there is none."""

    number: int
    correction: Correction
    before: ScoreLine | None
    after: ScoreLine | None


def find_corrected_lines(
    document: Ledger, versions: Sequence[ValidLedger], rulebook: Rulebook, member: str
) -> Iterator[CorrectedLine]:
    """Yield the member's lines that a month's corrections struck or restated.

    ``versions`` are the month before any correction and after each, ``document`` is its ledger as written.
    """
    states = (lines.by_label for lines in corrections.replay_corrections(document, versions[-1].corrections))
    for number, (old, new) in enumerate(pairwise(states), start=1):
        for label in _list_changed_labels(old, new):
            before = _score_line(versions[number - 1], old.get(label), rulebook, member)
            after = _score_line(versions[number], new[label], rulebook, member)
            if label in old and _without_location(before) != _without_location(after):
                yield CorrectedLine(number, versions[number].corrections[-1], before, after)


def _score_line(
    ledger: ValidLedger, line: Activity | Entry | None, rulebook: Rulebook, member: str
) -> ScoreLine | None:
    """Return a line's score for the member, before ceilings; None if the line is not about the member."""
    # Only this line is scored; the resolved form of a written line is the part of the ledger at the same location.
    activities = tuple(activity for activity in ledger.held if line and activity.where == line.where)
    entries = tuple(entry for entry in ledger.credits if line and entry.where == line.where)
    lines = score_lines(replace(ledger, held=activities, credits=entries), rulebook)
    return next((scored for scored in lines if scored.member == member), None)


def _without_location(line: ScoreLine | None) -> object:
    """Return a line's content without its location in the file."""
    return line and (line.item.id, line.date, line.earned, line.what, line.reason, line.evidence)
