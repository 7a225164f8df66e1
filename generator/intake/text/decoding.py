"""Bytes to text: UTF-8, with or without a BOM, and without invisible characters."""

import re
from itertools import islice

from generator.intake.text import conflict_markers, file_kinds
from generator.problems import Location, Problem

# Control characters, line separators that editors do not count, and characters without a visible shape: marks of
# writing direction, joiners and spaces of no width. They could make one name look like another.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)


# Visible ASCII. Deleting it first leaves the regex little to search, as keys, ids and digests make up most of a file.
_VISIBLE_ASCII = bytes(range(0x20, 0x7F)) + b"\t\n\r"

# With more of them a file is no text: one problem says so better than one for each character.
_MAX_HIDDEN = 20


def decode_text(raw: bytes, file: str) -> tuple[str, list[Problem]]:
    """Decode UTF-8, with or without a BOM; report another encoding, and invisible characters.

    The text is empty if it could not be decoded or is no plain text.
    """
    if kind := file_kinds.describe_binary(raw):
        hint = "登记人填好的工作簿请用 jifenbang import 导入；别的请换成文本文件"
        return "", [Problem(Location(file), "file.encoding", f"这是{kind}，不是文本文件", hint)]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        where = Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        return "", [Problem(where, "file.encoding", _describe_encoding(raw), "请用记事本打开，另存为时编码选“UTF-8”")]
    if conflict := conflict_markers.find_conflict(text, file):
        return "", [conflict]
    if not _HIDDEN.search(raw.translate(None, _VISIBLE_ASCII).decode("utf-8")):
        return text, []
    indexes = [match.start() for match in islice(_HIDDEN.finditer(text), _MAX_HIDDEN + 1)]
    if len(indexes) > _MAX_HIDDEN or "\0" in text:
        return "", [
            Problem(Location(file), "file.encoding", "这不是纯文本文件", "请用记事本把内容另存为纯文本，编码选“UTF-8”")
        ]
    return text, [_hidden_character_problem(text, index, file) for index in indexes]


def find_hidden_character(text: str) -> str | None:
    """Return the code point of the first invisible character, such as ``U+202E``; None if there is none."""
    match = _HIDDEN.search(text)
    return f"U+{ord(match.group()):04X}" if match else None


def _describe_encoding(raw: bytes) -> str:
    """Return the message for bytes that are not UTF-8: UTF-16, GBK, or neither."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "文件是 UTF-16（Unicode）编码，不是 UTF-8"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "文件不是 UTF-8 编码，也可能已损坏"
    return "文件是 GBK（ANSI）编码，不是 UTF-8"


def _hidden_character_problem(text: str, index: int, file: str) -> Problem:
    before = text[:index]
    where = Location(file, len(before.splitlines()) + before.endswith(("\n", "\r")) or 1, index - before.rfind("\n"))
    message = f"这里有一个看不见的字符 {find_hidden_character(text[index])}"
    return Problem(where, "file.hidden-character", message, "请删去后重新输入这个词")
