"""A scored ledger or correction → the form that the branch committee signs 台账 (四1); it is the committee's alone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.numbers import ZERO
from generator.core.model import corrections
from generator.core.model.ledger import Activity, Correction, Entry, Ledger, ValidLedger, WrittenName
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import ScoreLine
from generator.core.page_data import boards
from generator.core.scoring import results as scored
from generator.core.scoring.results import Results
from generator.core.scoring.values import OBVIOUS_REASONS, score_lines


class LedgerFormRow(Struct, frozen=True):
    """A member's row: what counted by item id, its sum, and the cycle total at the month's end.

    ``capped``: a ceiling cut something.
    """

    member: Member
    cells: Mapping[str, Decimal]
    points: Decimal
    total: Decimal
    vetoed: bool
    capped: bool


class LineChange(Struct, frozen=True):
    """A line that a correction changes, by its label; in words, None where it was not there or no longer is."""

    label: str
    before: str | None
    after: str | None


class PointsShift(Struct, frozen=True):
    """A member's points of the month before a correction and after it."""

    member: Member
    before: Decimal
    after: Decimal


class CorrectionEffect(Struct, frozen=True):
    """What a correction, the ``number``-th of its month, changes."""

    number: int
    correction: Correction
    lines: tuple[LineChange, ...]
    shifts: tuple[PointsShift, ...]


class LedgerForm(Struct, frozen=True):
    """A printable ledger form 台账: one row a member, one column an item of the rulebook.

    ``notes`` are the lines that a figure alone does not tell: entries, absences, exemptions. ``amended`` makes it the
    form of a correction 更正, the rows being what the month comes to.
    """

    ledger: ValidLedger
    rulebook: Rulebook
    rows: tuple[LedgerFormRow, ...]
    notes: tuple[tuple[Member, ScoreLine], ...]
    amended: CorrectionEffect | None = None


def build_ledger_form(results: Results, ledger: ValidLedger) -> LedgerForm:
    """The form of a scored ledger: everyone on the branch's roll in that month, and whoever a line names."""
    month, tallies = ledger.month, results.tallies[ledger.month.year]
    roll = {member.id for member, _ in results.roster.members_during(ledger.branch, month)}
    rows = []
    notes: list[tuple[Member, ScoreLine]] = []
    for member in results.roster.members_ever_in[ledger.branch]:  # a ledger names nobody else
        lines = [one for one in tallies[member.id].lines if one.month == month and one.branch == ledger.branch]
        if lines or member.id in roll:
            notes += [(member, line) for line in lines if line.reason.partition("；")[0] not in OBVIOUS_REASONS]
            cells: dict[str, Decimal] = {}
            for line in lines:
                cells[line.item.id] = cells.get(line.item.id, ZERO) + line.points
            capped = any(line.points != line.earned for line in lines)
            score = scored.score_member(results, member.id, month)
            rows.append(LedgerFormRow(member, cells, sum(cells.values(), ZERO), score.total, score.vetoed, capped))
    return LedgerForm(ledger, results.rulebooks[month.year], tuple(rows), tuple(notes))


# --- a correction ----------------------------------------------------------------------------------------------------


def build_correction_form(before: Results, after: Results, document: Ledger, ledger: ValidLedger) -> LedgerForm:
    """The form of a month's newest correction; ``document`` is the month's ledger as written."""
    whole, month = build_ledger_form(after, ledger), ledger.month
    shifts = (
        PointsShift(
            one, scored.score_member(before, one.id, month).points, scored.score_member(after, one.id, month).points
        )
        for one in after.roster.members
    )
    words = _Words(after.roster, whole.rulebook, ledger.branch)
    *_, old, new = (lines.by_label for lines in corrections.replay_corrections(document, ledger.corrections))
    amended = CorrectionEffect(
        number=len(ledger.corrections),
        correction=ledger.corrections[-1],
        lines=tuple(
            LineChange(label, words.say(old.get(label)), words.say(new[label])) for label in _differing(old, new)
        ),
        shifts=tuple(one for one in shifts if one.before != one.after),
    )
    return replace(whole, amended=amended)


_Lines = Mapping[str, Activity | Entry | None]


def _differing(old: _Lines, new: _Lines) -> list[str]:
    return [label for label, line in new.items() if old.get(label) is not line]


class _Words(Struct, frozen=True):
    """Lines as written, told to people: items by their titles, members by their names."""

    roster: Roster
    rulebook: Rulebook
    branch: str

    def say(self, line: Activity | Entry | None) -> str | None:
        """A line in a phrase with all that it says."""
        if line is None:
            return None
        words = self._activity(line) if isinstance(line, Activity) else self._entry(line)
        proofs = [f"{self.rulebook.proofs.get(kind, kind)} {'、'.join(files)}" for kind, files in line.evidence.items()]
        late = [f"补登（{line.late}）"] if line.late else []
        return "；".join([*words, *(["佐证：" + "，".join(proofs)] if proofs else []), *late])

    def _activity(self, line: Activity) -> Iterator[str]:
        title = self._item(line.item)
        yield f"{_day(line.date)} {title}" + (f"（{line.title}）" if line.title not in {"", title} else "")
        lists = [("参加", line.present or ()), ("请假", line.leave), ("缺席", line.absent), ("免计", line.exempt)]
        named = [f"{word}：{'、'.join(self._name(one, line.date) for one in names)}" for word, names in lists if names]
        yield from named
        if line.present is None:
            yield "其余全部参加" if named else "全体参加"

    def _entry(self, line: Entry) -> Iterator[str]:
        yield f"{self._name(line.member, line.date)} {_day(line.date)} {self._item(line.item)}"
        item = self.rulebook.items_by_name.get(line.item.text)
        for level in item.levels if item and line.level else ():
            if line.level and line.level.text in {level.id, level.title}:
                yield level.title
        if line.times > 1:
            yield f"{line.times} 次"
        if line.note:
            yield line.note

    def _item(self, name: WrittenName) -> str:
        item = self.rulebook.items_by_name.get(name.text)
        return item.title if item else name.text

    def _name(self, name: WrittenName, day: date) -> str:
        called = self.roster.members_by_name.get(name.text, ())
        here = [member for member in called if member.branch_on(day) == self.branch]
        return boards.member_label(here[0]) if len(here) == 1 else name.text


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


class CorrectedLine(Struct, frozen=True):
    """A member's own line that a correction, the ``number``-th of its month, changed; None where there is none."""

    number: int
    correction: Correction
    before: ScoreLine | None
    after: ScoreLine | None


def find_corrected_lines(
    document: Ledger, versions: Sequence[ValidLedger], rulebook: Rulebook, member: str
) -> Iterator[CorrectedLine]:
    """What the corrections of a month struck or restated of a member's lines; ``versions`` are the states."""
    states = (lines.by_label for lines in corrections.replay_corrections(document, versions[-1].corrections))
    for number, (old, new) in enumerate(pairwise(states), start=1):
        for label in _differing(old, new):
            before = _own(versions[number - 1], old.get(label), rulebook, member)
            after = _own(versions[number], new[label], rulebook, member)
            if label in old and _said(before) != _said(after):
                yield CorrectedLine(number, versions[number].corrections[-1], before, after)


def _own(ledger: ValidLedger, line: Activity | Entry | None, rulebook: Rulebook, member: str) -> ScoreLine | None:
    """What a line of a month earned the member, ceilings apart."""
    held = tuple(one for one in ledger.held if line and one.where == line.where)
    credited = tuple(one for one in ledger.credits if line and one.where == line.where)
    lines = score_lines(replace(ledger, held=held, credits=credited), rulebook)
    return next((one for one in lines if one.member == member), None)


def _said(line: ScoreLine | None) -> object:
    """A line apart from where it is written."""
    return line and (line.item.id, line.date, line.earned, line.what, line.reason, line.evidence)
