"""Apply corrections to a month's lines, as written: the result is the month that counts.

A line keeps its label for ever: a1 is the ledger's first activity, e1 its first entry, c1.e1 the first entry that
correction 1 added. A restated line keeps its place, a struck one leaves a gap, added ones follow (R4).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.core.model.ledger import Activity, Correction, CorrectionKind, Entry, Ledger, WrittenName
from generator.problems import Problem, suggest_known_word

LineT = TypeVar("LineT", Activity, Entry)


class LabelledLines(Struct, frozen=True):
    """The lines of a month by label, in the order in which they count; None where a line was struck."""

    activities: Mapping[str, Activity | None]
    entries: Mapping[str, Entry | None]

    @property
    def by_label(self) -> Mapping[str, Activity | Entry | None]:
        """Activities, then entries, by label."""
        return {**self.activities, **self.entries}


def label_lines(ledger: Ledger) -> LabelledLines:
    """Return the lines of a ledger before any correction."""
    return LabelledLines(_with_labels("a", ledger.activities), _with_labels("e", ledger.entries))


def _with_labels(prefix: str, lines: Iterable[LineT]) -> dict[str, LineT | None]:
    """Number lines from 1, each label beginning with this prefix."""
    return {f"{prefix}{position}": line for position, line in enumerate(lines, start=1)}


def amend_lines(lines: LabelledLines, correction: Correction, number: int) -> tuple[LabelledLines, list[Problem]]:
    """Return the lines after the month's correction of that number, and the problems in it."""
    restated = {name.text: line for name, line in correction.restate}
    struck = {name.text for name in correction.strike} | (lines.by_label.keys() if correction.whole else set())
    return LabelledLines(
        activities=_amend_part(lines.activities, struck, restated)
        | _with_labels(f"c{number}.a", correction.activities),
        entries=_amend_part(lines.entries, struck, restated) | _with_labels(f"c{number}.e", correction.entries),
    ), [*_check_references(lines, correction), *_check_kind(correction)]


def replay_corrections(ledger: Ledger, corrections: Sequence[Correction]) -> Iterator[LabelledLines]:
    """Yield the lines of a month before its corrections, and after each; these are in the order of their numbers."""
    lines = label_lines(ledger)
    yield lines
    for number, correction in enumerate(corrections, start=1):
        lines, _ = amend_lines(lines, correction, number)
        yield lines


def _amend_part(
    lines: Mapping[str, LineT | None], struck: set[str], restated: Mapping[str, Activity | Entry]
) -> dict[str, LineT | None]:
    """Strike and restate lines; a line once struck remains struck."""
    # Intake has checked that a restated line is of the same type, which the type checker can't know.
    return {
        name: None if line is None or name in struck else restated.get(name, line)  # type: ignore[misc]
        for name, line in lines.items()
    }


def replace_lines(ledger: Ledger, lines: LabelledLines) -> Ledger:
    """Return the ledger as if it had been written with these lines."""
    return replace(
        ledger,
        activities=tuple(line for line in lines.activities.values() if line),
        entries=tuple(line for line in lines.entries.values() if line),
    )


def _check_references(lines: LabelledLines, correction: Correction) -> Iterator[Problem]:
    """Find labels that name no line, a struck line, or a line that was named before."""
    seen: dict[str, WrittenName] = {}
    for name in (*correction.strike, *(name for name, _ in correction.restate)):
        if name.text not in lines.by_label:
            hint = suggest_known_word(name.text, [label for label, line in lines.by_label.items() if line])
            yield Problem(name.where, "correction.unknown-line", f"这个月没有“{name.text}”这一条", hint)
        elif lines.by_label[name.text] is None:
            activities, entries = correction.keys.name_key("activities"), correction.keys.name_key("entries")
            hint = f"要重新计入的，请写进{activities}或{entries}"
            yield Problem(name.where, "correction.struck-line", f"“{name.text}”这一条已经剔除", hint)
        elif name.text in seen:
            message = f"“{name.text}”这一条第 {seen[name.text].where.line} 行已经写过"
            yield Problem(name.where, "correction.line-twice", message, "一条只能剔除或改写一次，请删去一处")
        seen.setdefault(name.text, name)


def _check_kind(correction: Correction) -> Iterator[Problem]:
    """Find changes that don't agree with the kind that a correction states (五6)."""
    adds = bool(correction.activities or correction.entries)
    strikes = bool(correction.strike or correction.whole)
    keys = correction.keys
    kind, strike = keys.type_key("kind"), keys.type_key("strike")
    if correction.kind is CorrectionKind.OMITTED and (strikes or correction.restate):
        hint = f"请改写 {kind}: 误记，或删去 {strike} 和 {keys.type_key('restate')}"
        yield _kind_problem(correction, "性质是补录的更正，只能增加，不能剔除或改写", hint)
    if correction.kind is CorrectionKind.FALSIFIED and (adds or correction.restate or not strikes):
        hint = f"请只写 {strike}；另有增加或改写的，另作一份更正"
        yield _kind_problem(correction, "性质是剔除的更正，只能剔除，不能增加或改写", hint)
    if correction.whole and correction.kind is not CorrectionKind.FALSIFIED:
        hint = f"请改写 {kind}: 剔除，或在 {strike} 里逐条写明"
        whole_word = "全部" if keys.chinese else "all"
        yield _kind_problem(correction, f"整月剔除（{strike}: {whole_word}）的更正，性质只能是剔除", hint)


def _kind_problem(correction: Correction, message: str, hint: str) -> Problem:
    return Problem(correction.where, "correction.kind", message, hint)
