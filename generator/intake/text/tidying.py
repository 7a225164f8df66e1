"""Mend the slips of a file where only one reading is possible; all else stays byte for byte.

A mending is kept only if the file then reads better: what remains unclear is left to its writer.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from generator.core.sealing.canonical import PlainData
from generator.intake.text import fields, slip_problems, slips, yaml_nodes
from generator.intake.text.slips import Edit, Slip
from generator.intake.text.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.problems import Problem

# The problems of a file of this text, by the reader of its kind.
FindProblems = Callable[[str], Sequence[Problem]]
# The problems of a text in the words of its slips: what YAML takes for one text may hide many.
ExplainProblems = Callable[[str, Sequence[Problem]], Sequence[Problem]]

_MAX_ROWS = 20  # with errors, that are mended one by one
_MAX_ROUNDS = 100  # a round mends one line's indent, or all slips that can be mended together
_SYNTAX_CODES = slip_problems.SYNTAX_CODES
# What shows that a line is at the wrong indent; that a file is incomplete shows nothing.
_MISPLACED = ("yaml.", "field.unknown-key", "field.doubled-key", "field.wrong-type")


def tidy_text(text: str, file: str, find_problems: FindProblems) -> str:
    """Return the text of a file with its slips mended."""
    before, yaml_text, after = slip_problems.split_yaml(text, file)

    def explain(part: str, problems: Sequence[Problem]) -> Sequence[Problem]:
        return slip_problems.explain_by_slips((before + part + after).encode(), file, problems)

    tidier = _Tidier(file, before.count("\n") + 1, lambda part: find_problems(before + part + after), explain)
    return before + tidier.tidy(yaml_text) + after


class _Tidier:
    """The mending of the YAML part of one file."""

    def __init__(self, file: str, first_line: int, find_problems: FindProblems, explain: ExplainProblems) -> None:
        self.file = file
        self.first_line = first_line
        self.find_problems = find_problems
        self.explain = explain

    def tidy(self, text: str) -> str:
        """Mend round by round, as long as each makes the file read better."""
        for _ in range(_MAX_ROUNDS):
            errors = self._count_errors(text)
            proposed = (self._mend_days(new) for new in self._propose(text, errors) if new != text)
            mended = next((new for new in proposed if self._count_errors(new) < errors), None)
            if mended is None:
                break
            text = mended
        joined = [edit for slip in slips.find_slips(text) if slip.joins_names for edit in slip.edits]
        separated = slips.apply_edits(text, joined)
        return separated if self._count_errors(separated) <= self._count_errors(text) else text

    def _propose(self, text: str, errors: tuple[int, int, int]) -> Iterator[str]:
        """Yield texts that may read better, the most thorough first; nothing if there is nothing wrong."""
        if errors == (0, 0, 0):
            return
        file_slips = slips.find_slips(text)
        problems = [problem for problem in self.find_problems(text) if problem.is_error]
        rows = sorted({problem.where.line - self.first_line for problem in problems})
        is_syntax = any(problem.code in _SYNTAX_CODES for problem in problems)
        if not is_syntax:
            yield _mend(text, [slip for row in rows for slip in _list_slips_of_row(text, file_slips, row)])
            yield self._mend_days(text)
            for row in rows[:_MAX_ROWS]:
                row_slips = _list_slips_of_row(text, file_slips, row)
                mended = _mend(text, row_slips)
                yield mended
                for slip in row_slips:
                    if slip.doubtful:  # a key that went on with the text above
                        yield from self._realign(mended, text.count("\n", 0, slip.index))
                if any(slip.code != "yaml.syntax" for slip in row_slips):  # the blanks before a key are part of it
                    yield from self._realign(text, row)
            return
        mended = _mend(text, file_slips)
        if self._count_errors(mended)[0] == 0:
            yield mended
        yield _mend(text, [slip for slip in file_slips if not slip.doubtful])
        indented = [text.count("\n", 0, slip.index) for slip in file_slips if slip.code != "yaml.syntax"]
        for row in [*indented[:_MAX_ROWS], rows[0], rows[0] - 1]:
            yield from self._realign(text, row)

    def _count_errors(self, text: str) -> tuple[int, int, int]:
        """Return figures that are the smaller the better a text reads.

        Of a text that YAML can't read they are the slips in it, and the place where it fails: the farther, the better.
        """
        problems = self.find_problems(text)
        errors = [problem for problem in problems if problem.is_error]
        syntax_lines = [problem.where.line for problem in errors if problem.code in _SYNTAX_CODES]
        if syntax_lines:
            return 1, len(slips.find_slips(text)), -min(syntax_lines)
        return 0, sum(problem.is_error for problem in self.explain(text, problems)), 0

    # --- days --------------------------------------------------------------------------------------------------------

    def _mend_days(self, text: str) -> str:
        """Return the text with the days and months that can only mean one."""
        places = {(problem.where.line, problem.where.column): problem.code for problem in self.find_problems(text)}
        node, _ = yaml_nodes.parse_yaml(text, self.file, self.first_line)
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        edits = []
        for scalar in _list_scalars(node) if node else ():
            day = _read_written_day(scalar.text or "", places.get((scalar.line, scalar.column), ""), self.file)
            if day and scalar.text:
                place = starts[scalar.line - self.first_line] + scalar.column - 1
                start = text.find(scalar.text, place, place + len(scalar.text) + 1)  # one on, behind a quotation mark
                edits += [Edit(start, start + len(scalar.text), day)] if start >= 0 else []
        return slips.apply_edits(text, edits)

    # --- indents -----------------------------------------------------------------------------------------------------

    def _realign(self, text: str, row: int) -> Iterator[str]:
        """Yield the text with a line at the only indent that makes sense of it."""
        lines = text.split("\n")
        content = lines[row].strip() if 0 <= row < len(lines) else ""
        if not content:
            return
        ending = "\r" if lines[row].endswith("\r") else ""
        in_brackets = _list_lines_in_brackets(lines[row:])
        readings: dict[str, str] = {}
        for column in _list_columns(lines[:row]):
            line = " " * column + content + ending
            reading = self._read_beginning([*lines[:row], line, *in_brackets])
            if reading is not None:
                readings.setdefault(repr(reading), line)
        if len(readings) == 1:
            yield "\n".join([*lines[:row], *readings.values(), *lines[row + 1 :]])

    def _read_beginning(self, lines: Sequence[str]) -> "PlainData | None":
        """Return what the beginning of a file says; None if its last line makes no sense."""
        text = "\n".join(lines)
        node, _ = yaml_nodes.parse_yaml(text, self.file, self.first_line)
        if node is None:
            return None
        last = len(lines) - 1 + self.first_line
        misplaced = (problem for problem in self.find_problems(text) if problem.code.startswith(_MISPLACED))
        if any(problem.where.line >= last for problem in misplaced):
            return None
        return yaml_nodes.to_plain_data(node)


def _mend(text: str, file_slips: Sequence[Slip]) -> str:
    return slips.apply_edits(text, [edit for slip in file_slips for edit in slip.edits])


def _list_slips_of_row(text: str, file_slips: Sequence[Slip], row: int) -> list[Slip]:
    """Return the slips on a line, counted from 0, and in brackets that begin on it."""
    rows = [
        (text.count("\n", 0, slip.scope if slip.scope >= 0 else slip.index), text.count("\n", 0, slip.index))
        for slip in file_slips
    ]
    return [slip for slip, (first, last) in zip(file_slips, rows, strict=True) if first <= row <= last]


def _read_written_day(word: str, code: str, file: str) -> str | None:
    """Return a day or month as it should be written, if a word that was reported as none can only mean that."""
    if code == fields.BAD_DAY:
        reading = fields.read_loose_day(word, file)
        return reading.day.isoformat() if reading and reading.certain else None
    if code == fields.BAD_MONTH:
        month = fields.read_whole_month(word)
        return str(month) if month else None
    return None


def _list_scalars(node: Node) -> Iterator[ScalarNode]:
    """Yield the texts of a file, keys excepted."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, MappingNode):
            pending += [value for _, value in current.pairs]
        elif isinstance(current, SequenceNode):
            pending += current.items
        else:
            yield current


def _list_lines_in_brackets(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines after the first up to the one that closes its brackets; none if there are none to close."""
    opened = 0
    for number, line in enumerate(lines[:_MAX_LINES_IN_BRACKETS]):
        opened += sum(line.count(sign) for sign in "{[") - sum(line.count(sign) for sign in "}]")
        if opened <= 0:
            return lines[1 : number + 1]
    return ()


_MAX_LINES_IN_BRACKETS = 20
_MAX_LINES_ABOVE = 60  # of which the indents are tried


def _list_columns(lines: Sequence[str]) -> list[int]:
    """Return the columns at which the line after these may begin: those of their keys and dashes, and one deeper."""
    columns = {0}
    for line in lines[-_MAX_LINES_ABOVE:]:
        match = re.match(r"( *)((?:- +)*)", line)
        if match and line.strip() and not line.lstrip().startswith("#"):
            columns |= {len(match[1]), match.end()}
            if line.split(" #")[0].rstrip().endswith(":"):
                columns |= {match.end() + 2}
    return sorted(columns)
