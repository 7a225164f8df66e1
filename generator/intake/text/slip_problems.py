"""Problems of a file in the words of its slips: libyaml notices most of them late, at another place or not at all."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from msgspec.structs import replace

from generator.intake.text import slips, yaml_nodes
from generator.intake.text.problem_list import MAX_PROBLEMS
from generator.intake.text.slips import Slip
from generator.problems import Location, Problem

# Errors of libyaml's, which stop the reading of a file, and those of fields, which a slip may have brought about.
SYNTAX_CODES = frozenset({"yaml.syntax", "yaml.tab", "yaml.blank"})
_FOLLOWING = re.compile(r"field\.(?!doubled-key).*")
_FRONT_MATTER = re.compile(r"---[^\S\n]*\n(.*?)^---[^\S\n]*$", re.DOTALL | re.MULTILINE)


def split_yaml(text: str, file: str) -> tuple[str, str, str]:
    """Return the part of a file that is YAML, with what is before and behind: an article has it at its beginning."""
    if not file.endswith(".md"):
        return "", text, ""
    match = _FRONT_MATTER.match(text)
    return (text[: match.start(1)], match[1], text[match.end(1) :]) if match else (text, "", "")


def explain_by_slips(raw: bytes, file: str, problems: Sequence[Problem], *, sealed: bool = False) -> Sequence[Problem]:
    """Return the problems of a file as read, where a slip is the reason of some of them the slip in their place."""
    if not any(problem.code in SYNTAX_CODES or _is_following(problem) for problem in problems):
        return problems
    try:
        before, text, _ = split_yaml(raw.decode("utf-8-sig"), file)
    except UnicodeDecodeError:
        return problems
    file_slips = slips.drop_repeats(slips.find_slips(text))
    places = _Places(text, file, before.count("\n") + 1)
    if any(problem.code in SYNTAX_CODES for problem in problems):
        other_problems = [problem for problem in problems if problem.code not in SYNTAX_CODES]
        lines = {places.locate(slip.index).line for slip in file_slips}
        # Of what libyaml still objects to, the lines of slips without a remedy of their own are no news.
        other_problems += [error for error in _find_syntax_errors(file_slips, places) if error.where.line not in lines]
    else:
        reaches = [places.list_lines(slip) for slip in file_slips]
        dropped = {
            problem.where.line
            for problem in problems
            if _is_following(problem) and any(problem.where.line in lines for lines in reaches)
        }
        other_problems = [
            problem for problem in problems if not (_is_following(problem) and problem.where.line in dropped)
        ]
        file_slips = [slip for slip, lines in zip(file_slips, reaches, strict=True) if not dropped.isdisjoint(lines)]
    explained = [
        Problem(places.locate(slip.index), slip.code, slip.reason, slip.hint) for slip in file_slips[: MAX_PROBLEMS + 1]
    ]
    mendable = next((number for number, slip in enumerate(file_slips[: MAX_PROBLEMS + 1]) if slip.edits), None)
    if mendable is not None and not sealed:
        explained[mendable] = replace(explained[mendable], hint=explained[mendable].hint + advise_tidy(file))
    return sorted([*other_problems, *explained], key=lambda problem: problem.where)


def _is_following(problem: Problem) -> bool:
    return problem.is_error and _FOLLOWING.fullmatch(problem.code) is not None


_TIDIED = re.compile(
    r"content/(site\.yaml|(notices|pages)/[^/]+\.md)|ledgers/(roster\.yaml|rulebooks/[^/]+\.yaml|\d{4}/(cycle|reviews|honours)\.yaml"
    r"|\d{4}/votes/[^/.]+\.yaml|\d{4}/(?!votes/|filings/)[^/]+/\d\d(\.c\d+)?\.yaml)"
)


def advise_tidy(file: str) -> str:
    """Return the end of a hint for a mistake that the program can mend; empty for files that it doesn't."""
    return f"；也可以运行 jifenbang tidy {file} 代为改好" if _TIDIED.fullmatch(file) else ""


class _Places:
    """The lines of a text that is part of a file."""

    def __init__(self, text: str, file: str, first_line: int) -> None:
        self.text, self.file, self.first_line = text, file, first_line
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def locate(self, index: int) -> Location:
        """Return the location of an index."""
        row = bisect_right(self.starts, index) - 1
        return Location(self.file, row + self.first_line, index - self.starts[row] + 1)

    def list_lines(self, slip: Slip) -> range:
        """Return the lines on which a slip may mislead: those of the brackets around it, up to itself."""
        last = self.locate(slip.index).line
        return range(last if slip.scope < 0 else self.locate(slip.scope).line, last + 1)


def _find_syntax_errors(file_slips: Sequence[Slip], places: _Places) -> list[Problem]:
    """Return what libyaml objects to once the slips are mended, at its place in the text as it is."""
    edits = [edit for slip in file_slips for edit in slip.edits]
    mended = slips.apply_edits(places.text, edits)
    _, problems = yaml_nodes.parse_yaml(mended, places.file, places.first_line)
    errors = [problem for problem in problems if problem.code in SYNTAX_CODES]
    if not edits:
        return errors
    starts = _Places(mended, places.file, places.first_line).starts
    indexes = [
        starts[min(error.where.line - places.first_line, len(starts) - 1)] + error.where.column - 1 for error in errors
    ]
    return [
        replace(error, where=places.locate(slips.original_index(index, edits)))
        for error, index in zip(errors, indexes, strict=True)
    ]
