"""Lines that git leaves in a file of which two versions were not merged: all of them, or those that were overlooked."""

import re
from collections.abc import Sequence

from generator.problems import Location, Problem

_SIGNS = ("<<<<<<<", ">>>>>>>", "|||||||", "=======")
_MARKER = re.compile(r"^(?:(?:<{7}|>{7}|\|{7})(?: .*)?|={7} *)\r?$", re.MULTILINE)
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_QUOTATION = re.compile(r"^>(?!>{6} )", re.MULTILINE)

_Marker = re.Match[str]


def find_conflict(text: str, file: str) -> Problem | None:
    """Find the markers that can be nothing else; of YAML that can't be read ``find_remnant`` finds those left over."""
    markers = _find_markers(text)
    if file.endswith(".md"):
        return _explain(markers, text, file) if _is_certain(markers, text) else None
    is_labelled = any(marker[0].startswith(("<<<<<<< ", ">>>>>>> ")) for marker in markers)
    return _explain(markers, text, file) if is_labelled else None


def find_remnant(text: str, file: str, first_line: int) -> Problem | None:
    """Find the markers in YAML that can't be read: in a text in quotation marks such a line would be no mistake."""
    return _explain(_find_markers(text), text, file, first_line)


def _find_markers(text: str) -> Sequence[_Marker]:
    return list(_MARKER.finditer(text)) if any(sign in text for sign in _SIGNS) else []


def _is_certain(markers: Sequence[_Marker], text: str) -> bool:
    """Return whether markers in an article can't be its own: = makes a heading of the line above, > begins a quotation.

    What is fenced in shows how something is written.
    """
    fenced = [match.span() for match in _FENCED.finditer(text)] if markers else []
    outside = (marker for marker in markers if not any(first <= marker.start() < end for first, end in fenced))
    kinds = [marker[0][0] for marker in outside if marker[0].startswith("=") or " " in marker[0]]
    return (
        "<" in kinds
        or ("=" in kinds and not {"|", ">"}.isdisjoint(kinds))
        or (">" in kinds and not _QUOTATION.search(text))
    )


def _explain(markers: Sequence[_Marker], text: str, file: str, first_line: int = 1) -> Problem | None:
    if not markers:
        return None
    where = Location(file, text.count("\n", 0, markers[0].start()) + first_line)
    if len(markers) == 1:
        message = "这一行是版本管理（git）合并两个版本时留下的冲突标记"
        hint = f"请看上下是不是同一处的两个版本，留下对的，再删去“{markers[0][0].strip()}”这一行"
    else:
        message = "这里是版本管理（git）留下的冲突标记，两个版本还没有合并"
        signs = "、".join(dict.fromkeys(marker[0][:7] for marker in markers))
        hint = f"请留下对的那几行，删去 {signs} 开头的各行"
    return Problem(where, "file.conflict", message, hint)
