"""A month and its corrections → the month that counts.

A line keeps its label for ever: a1 is the ledger's first activity, e1 its first entry, c1.e1 the first entry that
correction 1 added. A restated line keeps its place, a struck one leaves a gap, added ones follow (R4).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.core.model.ledger import Activity, Correction, CorrectionKind, Entry, Ledger, WrittenName
from generator.problems import Problem, suggest_known_word

T = TypeVar("T", Activity, Entry)


class LabelledLines(Struct, frozen=True):
    """The lines of a month by label, in the order in which they count; None where a line was struck."""

    activities: Mapping[str, Activity | None]
    entries: Mapping[str, Entry | None]

    @property
    def by_label(self) -> Mapping[str, Activity | Entry | None]:
        """Activities, then entries."""
        return {**self.activities, **self.entries}


def label_lines(ledger: Ledger) -> LabelledLines:
    """The lines of a ledger before any correction."""
    return LabelledLines(_labelled("a", ledger.activities), _labelled("e", ledger.entries))


def _labelled(letter: str, lines: Iterable[T]) -> dict[str, T | None]:
    return {f"{letter}{position}": line for position, line in enumerate(lines, start=1)}


def amend_lines(lines: LabelledLines, correction: Correction, number: int) -> tuple[LabelledLines, list[Problem]]:
    """The lines after a month's correction of that number, and what in it makes no sense."""
    restated = {name.text: line for name, line in correction.restate}
    struck = {name.text for name in correction.strike} | (lines.by_label.keys() if correction.whole else set())
    return LabelledLines(
        activities=_amended(lines.activities, struck, restated) | _labelled(f"c{number}.a", correction.activities),
        entries=_amended(lines.entries, struck, restated) | _labelled(f"c{number}.e", correction.entries),
    ), [*_references(lines, correction), *_cause(correction)]


def replay_corrections(ledger: Ledger, corrections: Sequence[Correction]) -> Iterator[LabelledLines]:
    """The lines of a month before any of its corrections, given in their order, and after each."""
    lines = label_lines(ledger)
    yield lines
    for number, correction in enumerate(corrections, start=1):
        lines, _ = amend_lines(lines, correction, number)
        yield lines


def _amended(
    lines: Mapping[str, T | None], struck: set[str], restated: Mapping[str, Activity | Entry]
) -> dict[str, T | None]:
    """A struck line stays struck; a restated one is of the same sort, which intake has seen to."""
    return {
        name: None if line is None or name in struck else restated.get(name, line)  # type: ignore[misc]
        for name, line in lines.items()
    }


def replace_lines(ledger: Ledger, lines: LabelledLines) -> Ledger:
    """The ledger as if it had been written with these lines."""
    return replace(
        ledger,
        activities=tuple(line for line in lines.activities.values() if line),
        entries=tuple(line for line in lines.entries.values() if line),
    )


def _references(lines: LabelledLines, correction: Correction) -> Iterator[Problem]:
    seen: dict[str, WrittenName] = {}
    for name in (*correction.strike, *(name for name, _ in correction.restate)):
        if name.text not in lines.by_label:
            hint = suggest_known_word(name.text, [one for one, line in lines.by_label.items() if line])
            yield Problem(name.where, "correction.unknown-line", f"这个月没有“{name.text}”这一条", hint)
        elif lines.by_label[name.text] is None:
            hint = "要重新计入的，请写进 activities 或 entries"
            yield Problem(name.where, "correction.struck-line", f"“{name.text}”这一条已经剔除", hint)
        elif name.text in seen:
            message = f"“{name.text}”这一条第 {seen[name.text].where.line} 行已经写过"
            yield Problem(name.where, "correction.line-twice", message, "一条只能剔除或改写一次，请删去一处")
        seen.setdefault(name.text, name)


def _cause(correction: Correction) -> Iterator[Problem]:
    """What a correction does agrees with the kind it says it is."""
    adds = bool(correction.activities or correction.entries)
    strikes = bool(correction.strike or correction.whole)
    if correction.kind is CorrectionKind.OMITTED and (strikes or correction.restate):
        hint = "请改写 kind: 误记，或删去 strike 和 restate"
        yield _unlike(correction, "性质（kind）是补录的更正，只能增加，不能剔除或改写", hint)
    if correction.kind is CorrectionKind.FALSIFIED and (adds or correction.restate or not strikes):
        hint = "请只写 strike；另有增加或改写的，另作一份更正"
        yield _unlike(correction, "性质（kind）是剔除的更正，只能剔除，不能增加或改写", hint)
    if correction.whole and correction.kind is not CorrectionKind.FALSIFIED:
        hint = "请改写 kind: 剔除，或在 strike 里逐条写明"
        yield _unlike(correction, "整月剔除（strike: all）的更正，性质（kind）只能是剔除", hint)


def _unlike(correction: Correction, message: str, hint: str) -> Problem:
    return Problem(correction.where, "correction.kind", message, hint)
