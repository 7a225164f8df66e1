"""Bytes to text: UTF-8, with or without a BOM, and no character that no one can see."""

import re
from itertools import islice

from generator.problems import Location, Problem

# Control characters, line separators that editors do not count, and characters without a shape of their own: marks of
# writing direction, joiners and spaces of no width. They could make one name look like another.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)

_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n\r"  # most of a file, which need not be searched for them

_MOST_HIDDEN = 20


def decode_text(raw: bytes, file: str) -> tuple[str, list[Problem]]:
    """Read UTF-8, with or without a BOM; say so if it is something else or holds characters no one can see."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        where = Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        return "", [Problem(where, "file.encoding", _encoding(raw), "请用记事本打开，另存为时编码选“UTF-8”")]
    if not _HIDDEN.search(raw.translate(None, _PLAIN).decode("utf-8")):
        return text, []
    found = [match.start() for match in islice(_HIDDEN.finditer(text), _MOST_HIDDEN + 1)]
    if len(found) > _MOST_HIDDEN or "\0" in text:
        return "", [
            Problem(Location(file), "file.encoding", "这不是纯文本文件", "请用记事本把内容另存为纯文本，编码选“UTF-8”")
        ]
    return text, [_hidden(text, index, file) for index in found]


def find_hidden_character(text: str) -> str | None:
    """What to call the first character that no one can see, if there is one: ``U+202E``."""
    match = _HIDDEN.search(text)
    return f"U+{ord(match.group()):04X}" if match else None


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "文件是 UTF-16（Unicode）编码，不是 UTF-8"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "文件不是 UTF-8 编码，也可能已损坏"
    return "文件是 GBK（ANSI）编码，不是 UTF-8"


def _hidden(text: str, index: int, file: str) -> Problem:
    before = text[:index]
    where = Location(file, len(before.splitlines()) + before.endswith(("\n", "\r")) or 1, index - before.rfind("\n"))
    message = f"这里有一个看不见的字符 {find_hidden_character(text[index])}"
    return Problem(where, "file.hidden-character", message, "请删去后重新输入这个词")
